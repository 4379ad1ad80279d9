//! A record on its way to be checked and sent, and where it comes from.

use std::borrow::Cow;

use super::Overrides;
use crate::error::Error;
use crate::model::record::{Record, Timestamp, TimestampType};

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
