//! What to read: a plan in people's positions, spans in offsets.

use std::sync::Arc;

use crate::kafka::TopicInfo;
use crate::model::position::Position;

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

impl Isolation {
    /// Kafka's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Isolation::ReadCommitted => "read_committed",
            Isolation::ReadUncommitted => "read_uncommitted",
        }
    }
}

/// What to read.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// Topics that exist.
    pub topics: Vec<String>,
    /// What is known of topics; of those that are not among them the cluster is asked.
    pub there: Vec<TopicInfo>,
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

impl Span {
    /// How many offsets these have, all together; the highest number if one reads on.
    pub fn offsets(spans: &[Self]) -> u64 {
        let offsets =
            |span: &Self| span.end.map_or(u64::MAX, |end| end.saturating_sub(span.start).max(0) as u64);
        spans.iter().map(offsets).fold(0, u64::saturating_add)
    }
}
