//! Lag: where a group stands in a partition, against what the log holds.
//!
//! Lag is `end − committed`, in offsets, as Kafka's own tools count it; offsets of control records and of compacted
//! records count. What cannot be known is `None`, never 0: a partition without a commit has no lag, and one whose
//! broker does not answer has neither lag nor end. [`gate`] judges rows, [`totals`] adds them up, [`trend`] follows them.

pub mod gate;
pub mod totals;
pub mod trend;

use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::group::Member;

/// What a partition's log holds, by offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The first offset there is.
    pub start: i64,
    /// One past the last offset that the group can read: the last stable offset under `read_committed`.
    pub end: i64,
    /// The high watermark; above `end` while a transaction is open.
    pub high: i64,
}

/// How a commit stands to its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Within the log.
    Ok,
    /// Nothing is committed.
    None,
    /// Before the log's start: retention took what had not been read.
    Expired,
    /// After the log's end: the topic was created anew, or lost records.
    Ahead,
    /// The cluster did not say.
    Unknown,
}

impl Status {
    /// `ok`, `none`, `expired`, `ahead`, `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::None => "none",
            Status::Expired => "expired",
            Status::Ahead => "ahead",
            Status::Unknown => "unknown",
        }
    }
}

/// From where a group reads a partition on which it has committed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Uncommitted {
    /// Not known, so there is no lag.
    #[default]
    Unknown,
    /// From the start, as with `auto.offset.reset=earliest`.
    AsEarliest,
    /// From the end, as with `auto.offset.reset=latest`.
    AsLatest,
}

/// The first record that a group has not read yet, as far as it was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unread {
    /// Not looked for, or not found in time.
    #[default]
    Unknown,
    /// None: what is left are control records, aborted ones or gaps.
    Nothing,
    /// At this offset, of this time (milliseconds since 1970; `None` if it has none).
    Record(i64, Option<i64>),
}

/// One group on one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The group.
    pub group: Arc<str>,
    /// The topic; `None` in the row of a group that has neither commits nor partitions.
    pub topic: Option<Arc<str>>,
    /// The partition.
    pub partition: Option<i32>,
    /// The next offset the group will read, as it committed it.
    pub committed: Option<i64>,
    /// The log; `None` if the cluster did not say.
    pub log: Option<Log>,
    /// From where the group reads on; `None` if that is not known.
    pub position: Option<i64>,
    /// How the commit stands to the log.
    pub status: Status,
    /// The first record not yet read.
    pub unread: Unread,
    /// When this was seen: milliseconds since 1970.
    pub seen_ms: i64,
    /// Who reads the partition.
    pub member: Option<Arc<Member>>,
    /// The group's state.
    pub state: Option<Arc<str>>,
    /// What there is to say besides.
    pub notes: Vec<String>,
}

impl Row {
    /// Judges a commit against its log.
    pub fn new(
        group: Arc<str>,
        (topic, partition): (Arc<str>, i32),
        committed: Option<i64>,
        log: Option<Log>,
        uncommitted: Uncommitted,
    ) -> Self {
        let status = match (committed, log) {
            (_, None) => Status::Unknown,
            (None, Some(_)) => Status::None,
            (Some(at), Some(log)) if at < log.start => Status::Expired,
            (Some(at), Some(log)) if at > log.high => Status::Ahead,
            (Some(_), Some(_)) => Status::Ok,
        };
        let position = log.and_then(|log| match (status, uncommitted) {
            (Status::Ok, _) => committed,
            (Status::Expired, _) | (Status::None, Uncommitted::AsEarliest) => Some(log.start),
            (Status::None, Uncommitted::AsLatest) => Some(log.end),
            _ => None,
        });
        let mut row = Self::of_group(group, status);
        (row.topic, row.partition) = (Some(topic), Some(partition));
        (row.committed, row.log, row.position) = (committed, log, position);
        row.notes.extend(log.and_then(|log| row.about_the_log(log)));
        row
    }

    /// The row of a group that has neither commits nor partitions.
    pub fn of_group(group: Arc<str>, status: Status) -> Self {
        Self {
            group,
            topic: None,
            partition: None,
            committed: None,
            log: None,
            position: None,
            status,
            unread: Unread::Unknown,
            seen_ms: 0,
            member: None,
            state: None,
            notes: Vec::new(),
        }
    }

    fn about_the_log(&self, log: Log) -> Option<String> {
        match (self.status, self.committed) {
            (Status::Ahead, Some(at)) => Some(format!(
                "the commit {at} is past the log's end {}: the topic was created anew or lost records",
                log.high
            )),
            _ if log.high > log.end => Some(format!(
                "a transaction is open: offsets {} to {} cannot be read yet",
                log.end,
                log.high - 1
            )),
            _ => None,
        }
    }

    /// Records to be read, counted in offsets; `None` if the position is not known.
    pub fn lag(&self) -> Option<i64> {
        let log = self.log?;
        let from = if self.status == Status::Expired { self.committed? } else { self.position? };
        // Past the end: read uncommitted records of an open transaction.
        Some((log.end - from).max(0))
    }

    /// Offsets that retention took before they were read.
    pub fn lost(&self) -> Option<i64> {
        let (log, committed) = (self.log?, self.committed?);
        (self.status == Status::Expired).then_some(log.start - committed)
    }

    /// Whether nothing is left to be read. An empty log is drained, whatever the commit.
    pub fn drained(&self) -> Option<bool> {
        let log = self.log?;
        if log.start >= log.end || self.position.is_some_and(|at| at >= log.end) {
            return Some(true);
        }
        self.position?;
        match self.unread {
            Unread::Unknown => None,
            Unread::Nothing => Some(true),
            Unread::Record(offset, _) => Some(offset >= log.end),
        }
    }

    /// The age of the first record not yet read, in milliseconds, by its own time: 0 when drained, negative when that
    /// time is in the future.
    pub fn age_ms(&self) -> Option<i64> {
        match (self.drained(), self.unread) {
            (Some(true), _) if self.position.is_some() => Some(0),
            (Some(false), Unread::Record(_, Some(millis))) => Some(self.seen_ms - millis),
            _ => None,
        }
    }

    /// Whether the age is to be looked for by reading.
    pub fn wants_reading(&self) -> Option<(i64, i64)> {
        let (log, at) = (self.log?, self.position?);
        (self.drained().is_none() && at < log.end).then_some((at, log.end))
    }

    /// Whether it is not known that the group has read all.
    pub fn may_lag(&self) -> bool {
        self.drained() != Some(true)
    }

    /// Takes what reading found, or why it found nothing out.
    pub fn found(&mut self, unread: Unread, why_not: Option<&str>) {
        self.unread = unread;
        let note = match self.age_ms() {
            Some(age) if age < 0 => {
                Some(format!("the next record's time is {} ahead of this clock", seconds(-age)))
            }
            None if self.drained() == Some(false) => Some("the next record has no time".to_owned()),
            _ => why_not.map(|why| format!("the age is unknown: {why}")),
        };
        if let Some(note) = note.filter(|note| !self.notes.contains(note)) {
            self.notes.push(note);
        }
    }

    /// The row for programs, as a filter sees it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The fields for programs, in order; those at the end only where there is cause.
    pub fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("group", &*self.group)?;
        map.serialize_entry("topic", &self.topic.as_deref())?;
        map.serialize_entry("partition", &self.partition)?;
        map.serialize_entry("committed", &self.committed)?;
        map.serialize_entry("start", &self.log.map(|log| log.start))?;
        map.serialize_entry("end", &self.log.map(|log| log.end))?;
        map.serialize_entry("lag", &self.lag())?;
        map.serialize_entry("age_seconds", &self.age_ms().map(|ms| ms as f64 / 1000.0))?;
        map.serialize_entry("drained", &self.drained())?;
        map.serialize_entry("status", self.status.name())?;
        let member = self.member.as_deref();
        map.serialize_entry("member", &member.map(|member| &*member.id))?;
        map.serialize_entry("client_id", &member.map(|member| &*member.client_id))?;
        map.serialize_entry("host", &member.map(|member| &*member.host))?;
        map.serialize_entry("state", &self.state.as_deref())?;
        if let Some(lost) = self.lost() {
            map.serialize_entry("lost", &lost)?;
        }
        if !self.notes.is_empty() {
            map.serialize_entry("notes", &self.notes)?;
        }
        Ok(())
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.fields(&mut map)?;
        map.end()
    }
}

/// Milliseconds as people read them: `0s`, `340ms`, `12.5s`, `3m20s`, `2h05m`, `3d04h`.
pub fn seconds(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    let (s, m, h, d) = (ms / 1000, ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    let text = match ms {
        0 => "0s".to_owned(),
        1..1000 => format!("{ms}ms"),
        1000..60_000 => format!("{s}.{}s", ms % 1000 / 100),
        60_000..3_600_000 => format!("{m}m{:02}s", s % 60),
        3_600_000..86_400_000 => format!("{h}h{:02}m", m % 60),
        _ => format!("{d}d{:02}h", h % 24),
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests;
