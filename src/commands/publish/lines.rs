//! Records from lines: what a line holds, and lines in blocks.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use super::Overrides;
use super::check::{Checks, Findings};
use super::draft::{Draft, Origin, Source, Take};
use crate::error::Error;
use crate::model::catalogue::Event;
use crate::model::json::Path as JsonPath;
use crate::model::line;
use crate::model::record::{Record, Shared};

/// The longest line that is read, in bytes: what bounds the memory. Brokers take 1 MB a record unless told otherwise.
pub(super) const MAX_LINE: usize = 64 * 1024 * 1024;
/// What is read at once, in bytes: it shall still be in the cache when it is looked at. With half of it checking a file took a tenth
/// longer: its threads waited for each other more often.
pub(super) const CHUNK: usize = 256 * 1024;

/// What a line holds: a record, or with an event its bare payload.
pub(super) struct LineFormat {
    event: Option<Event>,
    /// Where the event's key is.
    key: Option<JsonPath>,
    topic: Option<String>,
}

impl LineFormat {
    /// Bare payloads of `event`, or records, those without a topic of their own to `topic`.
    pub(super) fn new(event: Option<Event>, topic: Option<String>) -> Self {
        let key = event.as_ref().and_then(|event| JsonPath::from_pointer(&event.key));
        Self { event, key, topic }
    }

    /// The event whose payloads the lines are.
    pub(super) fn event(&self) -> Option<&str> {
        self.event.as_ref().map(|event| event.name.as_str())
    }

    /// The draft of a line of a block, a bare payload's without its key. `None` for a blank line. The text of an error holds
    /// nothing of the line's content.
    fn draft<'a>(&'a self, line: &'a [u8], origin: Origin<'a>, block: &'a Block) -> Option<Draft<'a>> {
        let bytes = line.strip_suffix(b"\n").unwrap_or(line);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let mut guess = None;
        let record = match &self.event {
            _ if line.len() > MAX_LINE => Err(format!("is longer than {MAX_LINE} bytes")),
            Some(event) => Ok(bare(event, bytes)),
            None => {
                let line = RecordLine { bytes, topic: self.topic.as_deref() };
                let read = if block.tight { line.read_as_tight() } else { line.read() };
                guess = (block.tight && !matches!(read, Ok((_, false)))).then_some(line);
                read.map(|(record, _)| record)
            }
        };
        let (event, key, shared) = (self.event(), self.key.as_ref(), Some(&block.chunk.buffer));
        Some(Draft { record, origin, event, key, guess, shared })
    }
}

/// A line that holds a record; without a topic of its own it goes to `topic`.
#[derive(Clone, Copy)]
pub(super) struct RecordLine<'a> {
    bytes: &'a [u8],
    topic: Option<&'a str>,
}

impl<'a> RecordLine<'a> {
    /// Its record, and whether it is tight, [`line::Line::tight`].
    pub(super) fn read(self) -> Result<(Record<'a>, bool), String> {
        publishable(line::read(self.bytes, self.topic))
    }

    /// The same as [`line::read_tight`] says.
    fn read_as_tight(self) -> Result<(Record<'a>, bool), String> {
        publishable(line::read_tight(self.bytes, self.topic))
    }
}

fn publishable(read: Result<line::Line<'_>, line::LineError>) -> Result<(Record<'_>, bool), String> {
    let line = read.map_err(|e| e.to_string())?;
    if line.masked {
        return Err(
            "is masked: what `tail` hides cannot be published; read it with `tail --reveal`".to_owned()
        );
    }
    Ok((line.record, line.tight))
}

fn bare<'a>(event: &'a Event, payload: &'a [u8]) -> Record<'a> {
    Record {
        topic: Cow::Borrowed(&event.topic),
        partition: None,
        offset: None,
        timestamp: None,
        key: None,
        headers: Vec::new(),
        value: Some(Cow::Borrowed(payload)),
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

/// Whole lines of an input, in chunks.
pub(super) struct Chunks<R> {
    input: R,
    /// What is read at once, in bytes.
    size: usize,
    /// What was read of a line that goes on.
    rest: Vec<u8>,
}

/// The first bytes of a buffer, the rest of which is room.
#[derive(Default)]
pub(super) struct Chunk {
    buffer: Shared,
    len: usize,
}

impl<R: Read> Chunks<R> {
    /// Of this input, read so many bytes at a time.
    pub(super) fn new(input: R, size: usize) -> Self {
        Self { input, size, rest: Vec::new() }
    }

    /// The next lines, each with its end but perhaps the last of all; `None` at the end of the input. A line that is too
    /// long is handed over in parts, the first of them too long, to be refused as such. The room of `spent` is used again.
    pub(super) fn next(&mut self, spent: Chunk) -> std::io::Result<Option<Chunk>> {
        let mut buffer = Arc::try_unwrap(spent.buffer).unwrap_or_default();
        let mut len = self.rest.len();
        buffer.resize(buffer.len().max(len + self.size), 0);
        buffer[..len].copy_from_slice(&self.rest);
        loop {
            // What is there already is not zeroed again.
            buffer.resize(buffer.len().max(len + self.size), 0);
            let read = match self.input.read(&mut buffer[len..len + self.size]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                result => result?,
            };
            let new = len;
            len += read;
            let whole = memchr::memrchr(b'\n', &buffer[new..len]).map(|at| new + at + 1);
            let cut = if read == 0 || len > MAX_LINE { whole.or(Some(len)) } else { whole };
            if let Some(cut) = cut {
                self.rest.clear();
                self.rest.extend_from_slice(&buffer[cut..len]);
                return Ok((cut > 0).then(|| Chunk { buffer: buffer.into(), len: cut }));
            }
        }
    }
}

impl Chunk {
    /// The lines.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// Whether nobody else holds its buffer.
    pub(super) fn is_free(&self) -> bool {
        Arc::strong_count(&self.buffer) == 1
    }
}

impl From<Vec<u8>> for Chunk {
    fn from(buffer: Vec<u8>) -> Self {
        let len = buffer.len();
        Self { buffer: buffer.into(), len }
    }
}

/// Lines in memory.
pub(super) struct Block {
    pub(super) chunk: Chunk,
    /// The number of the first, from 1.
    pub(super) first_line: u64,
    /// What they are of.
    pub(super) name: Arc<str>,
    pub(super) lines: Arc<LineFormat>,
    /// Whether all of them are tight: a guess until they have been examined.
    pub(super) tight: bool,
}

impl Block {
    /// How many lines end in it.
    pub(super) fn count(&self) -> u64 {
        memchr::memchr_iter(b'\n', self.chunk.bytes()).count() as u64
    }

    /// Hands over each record in order; the number of the line after the last, or `None` if it was ended before.
    pub(super) fn take(&self, take: &mut Take<'_>) -> Result<Option<u64>, Error> {
        let mut rest = self.chunk.bytes();
        let mut number = self.first_line;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            if let Some(draft) = self.lines.draft(line, Origin::Line(&self.name, number), self)
                && !take(draft)?
            {
                return Ok(None);
            }
            (rest, number) = (after, number + 1);
        }
        Ok(Some(number))
    }
}

impl Source for Block {
    fn each(&mut self, take: &mut Take<'_>) -> Result<bool, Error> {
        Ok(self.take(take)?.is_some())
    }

    fn examine(&mut self, checks: &Checks<'_>, overrides: &Overrides) -> Result<Findings, Error> {
        let findings = checks.look_at(self, overrides)?;
        self.tight = !findings.plan.loose;
        Ok(findings)
    }
}
