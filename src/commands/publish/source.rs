//! Where the records come from: fixtures, a story, a file (each can be read twice), or stdin (blocks).

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::generate::Generated;
use super::stdin::{Block, Blocks, Stdin};
use super::{Overrides, PublishArgs};
use crate::commands::Ctx;
use crate::config::Settings;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::model::catalogue::{Catalogue, Event};
use crate::model::json::{self, Path as JsonPath};
use crate::model::line;
use crate::model::record::{Record, Timestamp, TimestampType};

/// The longest line that is read, in bytes: what bounds the memory. Brokers take 1 MB a record unless told otherwise.
pub(super) const MAX_LINE: usize = 64 * 1024 * 1024;

/// A record on its way, or why a line is none; `origin` is told lazily, since most records never need it.
pub(super) struct Draft<'a> {
    pub(super) record: Result<Record<'a>, String>,
    pub(super) origin: Origin<'a>,
    /// The event it was said to be, if one was named: checked as such, whatever topic it goes to.
    pub(super) event: Option<&'a str>,
}

/// Where a record comes from, for people.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// A line of a file or of stdin, counted from 1.
    Line(&'a str, u64),
    /// A fixture's how-manieth record.
    Fixture(&'a str, u64),
}

impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Line(name, line) => write!(f, "{name}:{line}"),
            Origin::Fixture(name, number) => write!(f, "{name} (record {number})"),
        }
    }
}

/// Takes each record; `false` ends.
pub(super) type Take<'t> = dyn FnMut(Draft<'_>) -> Result<bool, Error> + 't;

/// Records that can be read again from the start, the same each time.
pub(super) trait Source {
    /// Hands over each record in order.
    fn each(&mut self, take: &mut Take<'_>) -> Result<(), Error>;
}

/// What is to be published.
pub(super) enum Input {
    /// Checked whole before the first byte is sent.
    Whole(Box<dyn Source>),
    /// Checked and sent block by block; the first block has been read, so that nothing is asked of a broker for
    /// input that is bad from the start.
    Stream(Block, Blocks),
}

/// Chooses the source the arguments name.
pub(super) fn open(
    args: &PublishArgs,
    ctx: &Ctx,
    settings: &Settings,
    catalogue: &Catalogue,
) -> Result<Input, Error> {
    let dash = args.events.iter().any(|e| e == "-") || args.file.as_deref() == Some(Path::new("-"));
    let named: Vec<&String> = args.events.iter().filter(|e| *e != "-").collect();
    if args.story.is_none() && args.file.is_none() && !dash && named.is_empty() {
        return Err(Error::usage("nothing to publish is named").hint(
            "name an event (`rdvctl catalogue list`), `--story NAME`, `--file FILE` or `-` for stdin",
        ));
    }
    if args.file.is_none() && !dash {
        let set = crate::catalogue_files::fixtures(settings.catalogue(), catalogue)?;
        let events = named.into_iter().cloned().collect();
        return Ok(Input::Whole(Box::new(Generated::open(args, events, set, &ctx.env)?)));
    }
    let unusable = [
        ("--fixture", args.fixture.is_some()),
        ("--count", args.count > 1),
        ("--set", !args.set.is_empty() || !args.set_json.is_empty()),
        ("--seed", args.seed.is_some()),
    ];
    if let Some((flag, _)) = unusable.iter().find(|(_, given)| *given) {
        return Err(Error::usage(format!(
            "`{flag}` goes with fixtures, not with records from a file or stdin"
        )));
    }
    let event = match named.as_slice() {
        [] => None,
        [name] => Some(catalogue.require(name)?.clone()),
        _ => return Err(Error::usage("bare payloads are of one event: name one, or none for records")),
    };
    let lines = LineFormat::new(event, args.topic.clone());
    match &args.file {
        Some(path) if !dash => {
            let meta = std::fs::metadata(path).map_err(|e| unreadable(path, e))?;
            if meta.is_file() {
                return Ok(Input::Whole(Box::new(FileLines::open(path, lines)?)));
            }
            let file = File::open(path).map_err(|e| unreadable(path, e))?;
            stream(Stdin::read(Box::new(file), path.display().to_string())?, lines, &ctx.interrupt)
        }
        _ => stream(Stdin::read(Box::new(std::io::stdin()), "stdin".to_owned())?, lines, &ctx.interrupt),
    }
}

fn stream(stdin: Stdin, lines: LineFormat, interrupt: &Interrupt) -> Result<Input, Error> {
    let mut blocks = Blocks::new(stdin, lines);
    match blocks.next(interrupt)? {
        Some(first) => Ok(Input::Stream(first, blocks)),
        None => interrupt.check().and(Err(nothing())),
    }
}

/// Input without a record: most likely a mistake upstream.
pub(super) fn nothing() -> Error {
    Error::input("there is no record to publish")
}

fn unreadable(path: &Path, cause: std::io::Error) -> Error {
    Error::input(format!("cannot read `{}`", path.display())).caused_by(cause)
}

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

    /// A line's record. `None` for a blank line. The text of an error holds nothing of the line's content.
    pub(super) fn parse<'a>(&'a self, line: &'a [u8]) -> Option<Result<Record<'a>, String>> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        Some(match &self.event {
            Some(event) => Ok(bare(event, self.key.as_ref(), line)),
            None => self.record(line),
        })
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

/// The key is what the payload says it is; a payload that says nothing has a null key.
fn bare<'a>(event: &'a Event, at: Option<&JsonPath>, payload: &'a [u8]) -> Record<'a> {
    let text = std::str::from_utf8(payload).ok().filter(|text| json::check(text).is_ok());
    let key = text.and_then(|text| key_of(at?.find(text)?));
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

/// A key from its JSON: a string's text, else (numbers) its JSON text.
fn key_of(found: &str) -> Option<Cow<'_, [u8]>> {
    match found.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(raw) if memchr::memchr(b'\\', raw.as_bytes()).is_none() => Some(Cow::Borrowed(raw.as_bytes())),
        Some(raw) => Some(Cow::Owned(json::unescape(raw).as_bytes().to_vec())),
        None if found == "null" => None,
        None => Some(Cow::Borrowed(found.as_bytes())),
    }
}

/// The lines of a regular file, read twice: once to check, once to send.
struct FileLines {
    path: PathBuf,
    name: String,
    lines: LineFormat,
    seen: (u64, Option<SystemTime>),
}

impl FileLines {
    fn open(path: &Path, lines: LineFormat) -> Result<Self, Error> {
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

/// The record as it will be sent: what the command line says goes over what the record says.
pub(super) fn over<'a>(mut record: Record<'a>, overrides: &'a Overrides) -> Record<'a> {
    if let Some(topic) = &overrides.topic {
        record.topic = Cow::Borrowed(topic);
    }
    if let Some(key) = &overrides.key {
        record.key = Some(Cow::Borrowed(key));
    }
    record.headers.extend(overrides.headers.iter().cloned());
    record.partition = overrides.partition.or(record.partition.filter(|_| overrides.keep_partition));
    if let Some(millis) = overrides.timestamp {
        record.timestamp = Some(Timestamp { millis, kind: TimestampType::CreateTime });
    }
    record
}
