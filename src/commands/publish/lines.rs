//! Records from lines: what a line holds, and the lines of a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::draft::{Draft, Origin, Source, Take};
use crate::error::Error;
use crate::model::catalogue::Event;
use crate::model::json::{self, Path as JsonPath};
use crate::model::line;
use crate::model::record::Record;

/// The longest line that is read, in bytes: what bounds the memory. Brokers take 1 MB a record unless told otherwise.
pub(super) const MAX_LINE: usize = 64 * 1024 * 1024;

/// What a line holds: a record, or with an event its bare payload.
pub(super) struct LineFormat {
    event: Option<Event>,
    /// Where the event's key is.
    key: Option<JsonPath>,
    topic: Option<String>,
    /// Payloads are held against their contract before they are sent.
    validated: bool,
}

impl LineFormat {
    /// Bare payloads of `event`, or records, those without a topic of their own to `topic`. What is `validated` need not
    /// be looked at here to see whether it is JSON at all.
    pub(super) fn new(event: Option<Event>, topic: Option<String>, validated: bool) -> Self {
        let key = event.as_ref().and_then(|event| JsonPath::from_pointer(&event.key));
        Self { event, key, topic, validated }
    }

    /// The event whose payloads the lines are.
    pub(super) fn event(&self) -> Option<&str> {
        self.event.as_ref().map(|event| event.name.as_str())
    }

    /// A line's record. `None` for a blank line. The text of an error holds nothing of the line's content.
    pub(super) fn parse<'a>(&'a self, line: &'a [u8]) -> Option<Result<Record<'a>, String>> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        Some(match &self.event {
            Some(event) => Ok(self.bare(event, line)),
            None => self.record(line),
        })
    }

    /// The key is what the payload says it is; a payload that says nothing has a null key.
    fn bare<'a>(&'a self, event: &'a Event, payload: &'a [u8]) -> Record<'a> {
        let text = std::str::from_utf8(payload).ok();
        let text = text.filter(|text| self.validated || json::check(text).is_ok());
        let key = text.and_then(|text| key_of(self.key.as_ref()?.find(text)?));
        Record {
            topic: Cow::Borrowed(&event.topic),
            partition: None,
            offset: None,
            timestamp: None,
            key,
            headers: Vec::new(),
            value: Some(Cow::Borrowed(payload)),
        }
    }

    fn record<'a>(&'a self, line: &'a [u8]) -> Result<Record<'a>, String> {
        let parsed = line::read(line, self.topic.as_deref()).map_err(|e| e.to_string())?;
        if parsed.masked {
            return Err(
                "is masked: what `tail` hides cannot be published; read it with `tail --reveal`".to_owned()
            );
        }
        Ok(parsed.record)
    }
}

/// A key from its JSON: a string's text, else (numbers) its JSON text.
fn key_of(found: &str) -> Option<Cow<'_, [u8]>> {
    match found.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(raw) if memchr::memchr(b'\\', raw.as_bytes()).is_none() => Some(Cow::Borrowed(raw.as_bytes())),
        Some(raw) => Some(Cow::Owned(json::unescape(raw).as_bytes().to_vec())),
        None if found == "null" => None,
        None => Some(Cow::Borrowed(found.as_bytes())),
    }
}

/// Input without a record: most likely a mistake upstream.
pub(super) fn nothing() -> Error {
    Error::input("there is no record to publish")
}

/// A file or stdin that cannot be read.
pub(super) fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::input(format!("cannot read `{}`", path.display())).caused_by(cause)
}

/// The lines of a regular file, read twice: once to check, once to send.
pub(super) struct FileLines {
    path: PathBuf,
    name: String,
    lines: LineFormat,
    seen: (u64, Option<SystemTime>),
}

impl FileLines {
    /// Opens a regular file; an empty one is an error.
    pub(super) fn open(path: &Path, lines: LineFormat) -> Result<Self, Error> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| unreadable(path, e))?;
        let seen = state(&file).map_err(|e| unreadable(path, e))?;
        if seen.0 == 0 {
            return Err(nothing().caused_by(format!("`{name}` is empty")));
        }
        Ok(Self { path: path.to_owned(), name, lines, seen })
    }
}

fn state(file: &File) -> std::io::Result<(u64, Option<SystemTime>)> {
    let meta = file.metadata()?;
    Ok((meta.len(), meta.modified().ok()))
}

impl Source for FileLines {
    fn each(&mut self, take: &mut Take<'_>) -> Result<(), Error> {
        let file = File::open(&self.path).map_err(|e| unreadable(&self.path, e))?;
        if state(&file).map_err(|e| unreadable(&self.path, e))? != self.seen {
            return Err(Error::input(format!("`{}` changed while it was read", self.name)));
        }
        let mut reader = BufReader::with_capacity(256 * 1024, file);
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let limit = MAX_LINE as u64 + 1;
            let read = (&mut reader)
                .take(limit)
                .read_until(b'\n', &mut line)
                .map_err(|e| unreadable(&self.path, e))?;
            if read == 0 {
                return Ok(());
            }
            number += 1;
            let origin = Origin::Line(&self.name, number);
            if read > MAX_LINE {
                let message = format!("is longer than {MAX_LINE} bytes");
                take(Draft { record: Err(message), origin, event: None })?;
                return Ok(());
            }
            if let Some(record) = self.lines.parse(&line)
                && !take(Draft { record, origin, event: self.lines.event() })?
            {
                return Ok(());
            }
        }
    }
}
