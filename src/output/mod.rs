//! stdout: views as tables or NDJSON, and the records of `tail`. Renderers take `Shown`, never raw records.

pub mod escape;
pub mod grid;
pub mod prometheus;
pub mod records;
pub mod table;

use std::io::{BufWriter, Write};

use crate::error::Error;

/// `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON object a line.
    Ndjson,
    /// The values' bytes, a line each (`tail` only; needs `--reveal`).
    Raw,
    /// Metrics for Prometheus (`lag` only).
    Prometheus,
}

/// What a command shows: one struct feeds every format.
pub trait View {
    /// The column names, in capitals.
    fn header(&self) -> Vec<&'static str>;
    /// The cells; `None` prints `-`. A column that is `None` in every row is left out if `optional` names it.
    fn rows(&self) -> Vec<Vec<Option<String>>>;
    /// Columns (by name) that are left out when no row has them.
    fn optional(&self) -> &'static [&'static str] {
        &[]
    }
    /// Columns (by name) whose cells are numbers, aligned to the right.
    fn numeric(&self) -> &'static [&'static str] {
        &[]
    }
    /// One JSON object a line.
    fn lines(&self) -> Vec<serde_json::Value>;
}

/// What a pipe holds, in bytes; 64 kB unless told otherwise.
#[cfg(target_os = "linux")]
const PIPE: usize = 1024 * 1024;

/// stdout, buffered; every write is checked.
pub struct Out {
    writer: BufWriter<Box<dyn Write + Send>>,
    /// The format asked for.
    pub format: Format,
    /// Whether colour may be used.
    pub colour: bool,
    /// Whether a terminal reads it: control characters must be neutralised.
    pub terminal: bool,
}

impl Out {
    /// The process's stdout.
    pub fn stdout(env: &crate::Env, format: Format) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that opens stdout")]
        let stdout = std::io::stdout();
        // A file over descriptor 1 saves the line buffer of `Stdout`: 26 M lines/s to a pipe against 2 M.
        let writer: Box<dyn Write + Send> = match raw_stdout(&stdout) {
            Some(file) => Box::new(file),
            None => Box::new(stdout),
        };
        Self {
            writer: BufWriter::with_capacity(64 * 1024, writer),
            format,
            colour: env.colour(),
            terminal: env.stdout_is_terminal,
        }
    }

    /// Shows a view in the format asked for.
    pub fn show(&mut self, view: &impl View) -> Result<(), Error> {
        match self.format {
            Format::Ndjson => {
                for line in view.lines() {
                    self.json(&line)?;
                }
            }
            Format::Table | Format::Raw | Format::Prometheus => {
                let text = table::render(view, self.terminal);
                self.writer.write_all(text.as_bytes())?;
            }
        }
        self.flush()
    }

    /// One JSON object, and a line break; not handed over yet.
    pub fn json(&mut self, line: &impl serde::Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.writer, line).map_err(std::io::Error::from)?;
        Ok(self.writer.write_all(b"\n")?)
    }

    /// Text for people that is not a table (a plan, a page); its control characters are the caller's.
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        Ok(self.writer.write_all(text.as_bytes())?)
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.writer.write_all(bytes)?)
    }

    /// Hands what is buffered to the reader.
    pub fn flush(&mut self) -> Result<(), Error> {
        Ok(self.writer.flush()?)
    }
}

fn raw_stdout(stdout: &std::io::Stdout) -> Option<std::fs::File> {
    use std::os::fd::AsFd as _;
    let file = std::fs::File::from(stdout.as_fd().try_clone_to_owned().ok()?);
    // Of a pipe: so that we and who reads it need not take turns so often. Only a pipe can be told this.
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&file, PIPE);
    Some(file)
}
