//! A record on its way to be checked and sent, and where it comes from.

use std::borrow::Cow;

use super::Overrides;
use super::check::{Checks, Findings};
use super::lines::RecordLine;
use crate::error::Error;
use crate::model::json::{self, Path as JsonPath};
use crate::model::record::{Record, Shared, Timestamp, TimestampType};

/// A record on its way, or why a line is none; `origin` is told lazily, since most records never need it.
pub(super) struct Draft<'a> {
    pub(super) record: Result<Record<'a>, String>,
    pub(super) origin: Origin<'a>,
    /// The event it was said to be, if one was named: checked as such, whatever topic it goes to.
    pub(super) event: Option<&'a str>,
    /// Where in its payload the record's key is, if it is to be found there.
    pub(super) key: Option<&'a JsonPath>,
    /// Its line, if it was only read as if it were tight: the record is another, or none, unless its value is JSON.
    pub(super) guess: Option<RecordLine<'a>>,
    /// What its bytes are a part of, if that can be kept.
    pub(super) shared: Option<&'a Shared>,
}

/// What is known of a payload's JSON before its key is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Known {
    /// Nothing, not even that it is JSON.
    Nothing,
    /// It is JSON.
    Valid,
    /// The quick pass of its contract found it clean, and its key where it looks first.
    #[default]
    Clean,
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
    /// Hands over each record in order; `false` if that was ended before the last.
    fn each(&mut self, take: &mut Take<'_>) -> Result<bool, Error>;

    /// What is found in all of them.
    fn examine(&mut self, checks: &Checks<'_>, overrides: &Overrides) -> Result<Findings, Error> {
        checks.look_at(self, overrides)
    }
}

/// The key that a payload has at a path, which may be no JSON at all; null if it has none there.
pub(super) fn key_at<'a>(path: &JsonPath, payload: &'a [u8], known: Known) -> Option<Cow<'a, [u8]>> {
    let text = std::str::from_utf8(payload).ok()?;
    if known == Known::Nothing && json::check(text).is_err() {
        return None;
    }
    key_of(path.find(text)?)
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

/// What the command line says goes over what the record says.
pub(super) fn over<'a>(record: &mut Record<'a>, overrides: &'a Overrides) {
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
}
