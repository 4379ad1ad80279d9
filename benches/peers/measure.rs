//! Runs a pipeline and says what it cost: wall time, CPU and peak memory of every process in it, and what it printed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use memchr::memmem;
use rdvctl::error::Error;

use crate::usage::Children;

/// A run that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(900);
/// As much as a pipe holds.
const BUFFER: usize = 64 * 1024;

/// One program of a pipeline with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: PathBuf,
    args: Vec<OsString>,
}

/// Programs, each reading what the one before prints; the first may read a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pipeline {
    programs: Vec<Program>,
    input: Option<PathBuf>,
    about: Option<About>,
}

/// Lines that count.
#[derive(Debug, Clone)]
struct About {
    /// What they name.
    name: String,
    /// What they do not hold: it says that something is not known.
    gap: Option<&'static str>,
}

/// What a run cost and printed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// From the first start to the last end.
    pub(crate) wall: Duration,
    /// User CPU, all programs together.
    pub(crate) user: Duration,
    /// System CPU, all programs together.
    pub(crate) system: Duration,
    /// Peak resident memory in bytes, all programs together.
    pub(crate) rss: u64,
    /// Lines on stdout; only those that name what the pipeline is about, if it is about something.
    pub(crate) lines: u64,
    /// Bytes on stdout.
    pub(crate) bytes: u64,
}

/// What the processes are given: nothing of the user's own settings.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Where they run, `HOME`, and where their stderr is kept.
    pub(crate) dir: PathBuf,
    /// `PATH`.
    pub(crate) path: String,
}

impl Pipeline {
    /// A program as the next of the pipeline.
    #[must_use]
    pub(crate) fn then<S: Into<OsString>>(mut self, path: &Path, args: impl IntoIterator<Item = S>) -> Self {
        self.programs
            .push(Program { path: path.to_owned(), args: args.into_iter().map(Into::into).collect() });
        self
    }

    /// One more argument for the last program.
    #[must_use]
    pub(crate) fn with(mut self, arg: &str) -> Self {
        if let Some(last) = self.programs.last_mut() {
            last.args.push(arg.into());
        }
        self
    }

    /// A file for the first program's stdin.
    #[must_use]
    pub(crate) fn reading(mut self, file: &Path) -> Self {
        self.input = Some(file.to_owned());
        self
    }

    /// Only lines that name this count, and not those with the gap in them.
    #[must_use]
    pub(crate) fn about(mut self, name: &str, gap: Option<&'static str>) -> Self {
        self.about = Some(About { name: name.to_owned(), gap });
        self
    }

    /// The pipeline as one would type it.
    pub(crate) fn text(&self) -> String {
        let program = |p: &Program| {
            let name = p.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let args = p.args.iter().map(|a| quoted(&a.to_string_lossy()));
            std::iter::once(name).chain(args).collect::<Vec<_>>().join(" ")
        };
        self.programs.iter().map(program).collect::<Vec<_>>().join(" | ")
    }

    /// Runs it to its end; an error unless every program ends with 0.
    pub(crate) fn run(&self, around: &Surroundings) -> Result<Cost, Error> {
        let began = Instant::now();
        let mut children = Children(Vec::new());
        let stdout = self.start(around, &mut children)?;
        let (done, alarm) = channel();
        let pids: Vec<u32> = children.0.iter().map(Child::id).collect();
        let guard = std::thread::spawn(move || end_hanging(&pids, &alarm));
        let drained = match &self.about {
            Some(about) => drain_about(stdout, about),
            None => drain(stdout),
        };
        let ended = children.wait();
        stop(&done, guard);
        let wall = began.elapsed();
        let (lines, bytes) = drained.map_err(|e| failed("reading what it printed", e))?;
        let usages = ended.map_err(|e| failed("waiting for it", e))?;
        if let Some((index, usage)) = usages.iter().enumerate().find(|(_, usage)| !usage.ok) {
            return Err(self.explain(index, usage.status, around));
        }
        let mut cost = Cost { wall, lines, bytes, ..Cost::default() };
        for usage in usages {
            cost.user += usage.user;
            cost.system += usage.system;
            cost.rss += usage.rss;
        }
        Ok(cost)
    }

    fn start(&self, around: &Surroundings, children: &mut Children) -> Result<ChildStdout, Error> {
        let mut stdin = match &self.input {
            Some(path) => Stdio::from(File::open(path).map_err(|e| failed(&path.display().to_string(), e))?),
            None => Stdio::null(),
        };
        let mut last = None;
        for (index, program) in self.programs.iter().enumerate() {
            if let Some(stdout) = last.take() {
                stdin = Stdio::from(stdout);
            }
            let stderr = File::create(around.stderr(index)).map_err(|e| failed("its stderr", e))?;
            let mut child = Command::new(&program.path)
                .args(&program.args)
                .env_clear()
                .env("PATH", &around.path)
                .env("HOME", &around.dir)
                .current_dir(&around.dir)
                .stdin(std::mem::replace(&mut stdin, Stdio::null()))
                .stdout(Stdio::piped())
                .stderr(stderr)
                .spawn()
                .map_err(|e| failed(&program.path.display().to_string(), e))?;
            last = child.stdout.take();
            children.0.push(child);
        }
        last.ok_or_else(|| Error::partial("a pipeline without a program"))
    }

    fn explain(&self, index: usize, status: i32, around: &Surroundings) -> Error {
        let said = std::fs::read_to_string(around.stderr(index)).unwrap_or_default();
        let end: Vec<&str> = said.lines().rev().take(8).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        Error::partial(format!("`{}` failed (wait status {status})", self.text())).caused_by(end.join("\n"))
    }
}

impl Surroundings {
    fn stderr(&self, index: usize) -> PathBuf {
        self.dir.join(format!("stderr.{index}"))
    }
}

impl Cost {
    /// Records a second for this many records.
    pub(crate) fn rate(&self, records: u64) -> f64 {
        records as f64 / self.wall.as_secs_f64()
    }
}

/// Reads to the end; how many lines and bytes there were.
fn drain(mut stdout: ChildStdout) -> std::io::Result<(u64, u64)> {
    let (mut lines, mut bytes, mut buffer) = (0, 0, vec![0; BUFFER]);
    loop {
        match stdout.read(&mut buffer) {
            Ok(0) => return Ok((lines, bytes)),
            Ok(read) => {
                lines += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64;
                bytes += read as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads to the end; how many lines are about it, and how many bytes there were.
fn drain_about(stdout: ChildStdout, about: &About) -> std::io::Result<(u64, u64)> {
    let (mut lines, mut bytes, mut line) = (0, 0, Vec::new());
    let mut stdout = BufReader::with_capacity(BUFFER, stdout);
    let name = memmem::Finder::new(&about.name);
    let gap = about.gap.map(memmem::Finder::new);
    loop {
        line.clear();
        match stdout.read_until(b'\n', &mut line)? {
            0 => return Ok((lines, bytes)),
            read => bytes += read as u64,
        }
        let whole = gap.as_ref().is_none_or(|gap| gap.find(&line).is_none());
        lines += u64::from(whole && name.find(&line).is_some());
    }
}

fn end_hanging(pids: &[u32], alarm: &Receiver<()>) {
    if alarm.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout) {
        for pid in pids.iter().filter_map(|pid| rustix::process::Pid::from_raw(*pid as i32)) {
            // It may be the other one that hangs.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

fn stop(done: &Sender<()>, guard: std::thread::JoinHandle<()>) {
    // Gone if it has fired.
    let _ = done.send(());
    let _ = guard.join();
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{text}'") }
}

fn failed(what: &str, error: std::io::Error) -> Error {
    Error::partial(format!("cannot run the benchmark: {what}")).caused_by(error)
}
