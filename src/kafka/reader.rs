//! Reading without a trace: assign, positions, pinned ends; batches off librdkafka's queue.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::kafka::Cluster;
use crate::model::position::Position;
use crate::model::record::Record;

/// Which records of a transactional topic are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Isolation {
    /// Committed ones, up to the last stable offset.
    #[default]
    #[value(name = "read_committed")]
    ReadCommitted,
    /// All, up to the high watermark.
    #[value(name = "read_uncommitted")]
    ReadUncommitted,
}

/// What to read.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// Topics that exist.
    pub topics: Vec<String>,
    /// Only these partitions; empty is all.
    pub partitions: Vec<i32>,
    /// Where to start.
    pub from: Position,
    /// Where to stop (exclusive); `None` with `follow` reads on for ever, without it stops at the pinned end.
    pub until: Option<Position>,
    /// Go on past the end.
    pub follow: bool,
    /// Committed records only, or all.
    pub isolation: Isolation,
    /// The clock's reading, for relative positions: milliseconds since 1970.
    pub now_ms: i64,
}

/// The part of one partition that is read: offsets `start..end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its topic.
    pub topic: Arc<str>,
    /// Its partition.
    pub partition: i32,
    /// The first offset wanted.
    pub start: i64,
    /// One past the last offset wanted; `None` reads on.
    pub end: Option<i64>,
}

impl Cluster {
    /// Pins the plan to offsets: ListOffsets for times, the last stable offset (or high watermark) for ends.
    pub fn spans(&self, _plan: &ReadPlan) -> Result<Vec<Span>, Error> {
        todo!()
    }
}

/// What a poll brought.
pub enum Polled {
    /// Records, all within their spans; of any partitions, in order within each.
    Batch(Batch),
    /// Nothing within the wait.
    Idle,
    /// Every span has been read to its end.
    Ended,
}

/// Records that librdkafka holds until this is dropped; may be sent to another thread.
pub struct Batch {}

impl Batch {
    /// How many.
    pub fn len(&self) -> usize {
        todo!()
    }
    /// The records, borrowing their bytes.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        std::iter::empty()
    }
}

/// A group-less reader of spans.
pub struct Reader {}

impl Reader {
    /// Starts to fetch.
    pub fn open(_cluster: &Cluster, _spans: &[Span], _isolation: Isolation) -> Result<Self, Error> {
        todo!()
    }
    /// Waits up to `wait` for records.
    pub fn poll(&mut self, _wait: Duration) -> Result<Polled, Error> {
        todo!()
    }
    /// Warnings since the last call (a broker that went away and is tried again).
    pub fn warnings(&mut self) -> Vec<String> {
        todo!()
    }
}
