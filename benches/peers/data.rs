//! The records as files, in each program's own form; made once and kept under `target/`.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rdvctl::error::Error;
use rdvctl::model::catalogue::Catalogue;
use rdvctl::model::line;
use rdvctl::model::record::Record;
use rdvctl::model::shown::Shower;

use crate::event::Shape;

/// What kind of records, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The event.
    pub(crate) shape: Shape,
    /// Bytes of a value, about.
    pub(crate) size: usize,
    /// How many.
    pub(crate) records: u64,
}

/// How a file holds them: a line a record, each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The values alone: `publish EVENT --file`.
    Payloads,
    /// As `tail -o ndjson --reveal` prints them: `publish --file`.
    Records,
    /// Key, tab, value: `kcat -P -K`.
    Tabbed,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Form::Payloads => "payloads.ndjson",
            Form::Records => "records.ndjson",
            Form::Tabbed => "tabbed.txt",
        }
    }
}

impl Batch {
    /// Of this size.
    pub(crate) fn new(size: usize, records: u64) -> Self {
        Self { shape: Shape::of(size), size, records }
    }

    /// The same, a tenth of them.
    #[must_use]
    pub(crate) fn tenth(self) -> Self {
        Self { records: self.records.div_ceil(10), ..self }
    }

    fn path(&self, dir: &Path, form: Form) -> PathBuf {
        dir.join(format!("{}-{}-{}-{}", self.shape.event(), self.size, self.records, form.name()))
    }

    /// The file in this form, made when it is not there.
    pub(crate) fn file(&self, dir: &Path, form: Form) -> Result<PathBuf, Error> {
        let path = self.path(dir, form);
        if !path.exists() {
            // Under another name until it is whole.
            let draft = path.with_extension(format!("{}.tmp", std::process::id()));
            let written = self.write(&draft, form).and_then(|()| std::fs::rename(&draft, &path));
            written.map_err(|e| Error::partial(format!("cannot write `{}`", path.display())).caused_by(e))?;
        }
        Ok(path)
    }

    fn write(&self, path: &Path, form: Form) -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
        let shower = Shower::new(Arc::new(Catalogue { events: Vec::new() }), None);
        let (mut key, mut value, mut buffer) = (String::new(), String::new(), Vec::new());
        for number in 0..self.records {
            self.shape.write(number, self.size, &mut key, &mut value);
            match form {
                Form::Payloads => writeln!(file, "{value}")?,
                Form::Tabbed => writeln!(file, "{key}\t{value}")?,
                Form::Records => {
                    let record = Record {
                        topic: self.shape.event().into(),
                        partition: None,
                        offset: None,
                        timestamp: None,
                        key: Some(key.as_bytes().into()),
                        headers: Vec::new(),
                        value: Some(value.as_bytes().into()),
                    };
                    buffer.clear();
                    line::write(&mut buffer, &shower.show(&record));
                    file.write_all(&buffer)?;
                }
            }
        }
        file.into_inner()?.sync_all()
    }

    /// Reads all files of it that there are, so that they are in memory; the bytes of the largest.
    pub(crate) fn recall(&self, dir: &Path) -> std::io::Result<u64> {
        let mut largest = 0;
        for form in [Form::Payloads, Form::Records, Form::Tabbed] {
            match File::open(self.path(dir, form)) {
                Ok(mut file) => largest = largest.max(std::io::copy(&mut file, &mut std::io::sink())?),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(largest)
    }

    /// Bytes of all values, a line break after each: what a reader of values prints.
    pub(crate) fn value_bytes(&self, dir: &Path) -> Result<u64, Error> {
        let path = self.file(dir, Form::Payloads)?;
        let meta = std::fs::metadata(&path);
        meta.map(|m| m.len())
            .map_err(|e| Error::partial(format!("cannot read `{}`", path.display())).caused_by(e))
    }
}
