//! How the partitions stand, by the cluster's metadata: what is missing or has no leader gives no records. Pure.

use std::collections::HashMap;

use crate::kafka::ffi::Metadata;

/// How a partition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A broker leads it.
    Led,
    /// No broker does, just now.
    Leaderless,
    /// It, or its topic, is not there, or not for us to see.
    Missing,
}

/// How all of them stand.
pub(super) struct Standings<'a>(HashMap<(&'a str, i32), i32>);

impl<'a> Standings<'a> {
    /// By metadata of all topics.
    pub(super) fn of(metadata: &'a Metadata) -> Self {
        let topics = metadata.topics.iter();
        let partitions =
            topics.flat_map(|topic| topic.partitions.iter().map(|one| (topic.name.as_str(), one)));
        Self(partitions.map(|(topic, one)| ((topic, one.id), one.leader)).collect())
    }

    /// That of one partition.
    pub(super) fn of_partition(&self, topic: &'a str, partition: i32) -> Standing {
        match self.0.get(&(topic, partition)) {
            None => Standing::Missing,
            Some(leader) if *leader < 0 => Standing::Leaderless,
            Some(_) => Standing::Led,
        }
    }
}
