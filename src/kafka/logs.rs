//! What the logs of partitions hold: first offset, last stable offset, high watermark.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Error;
use crate::kafka::ffi::{At, Code, PartitionRef};
use crate::kafka::offsets::Question;
use crate::kafka::reader::Isolation;
use crate::kafka::{Cluster, TopicInfo};
use crate::model::lag::Log;

impl Cluster {
    /// The logs of partitions, in their order; what stands in the way of one is its own error, a clause. Partitions that
    /// `there` does not have, or of which it knows no leader, are not asked for: librdkafka would wait for them.
    pub fn logs(
        &self,
        partitions: &[(Arc<str>, i32)],
        there: &[TopicInfo],
        isolation: Isolation,
    ) -> Result<Vec<Result<Log, String>>, Error> {
        let topics: HashMap<&str, &TopicInfo> =
            there.iter().map(|topic| (topic.name.as_str(), topic)).collect();
        let obstacles: Vec<Option<&str>> =
            partitions.iter().map(|at| obstacle(topics.get(&*at.0).copied(), at.1)).collect();
        let asked = partitions.iter().zip(&obstacles).filter(|(_, obstacle)| obstacle.is_none());
        let refs: Vec<PartitionRef<'_>> =
            asked.map(|((topic, id), _)| PartitionRef { topic, partition: *id }).collect();
        let mut logs = self.ask_logs(&refs, isolation)?.into_iter();
        let one = |obstacle: Option<&str>| match obstacle {
            Some(obstacle) => Err(obstacle.to_owned()),
            None => logs.next().unwrap_or_else(|| Err("the broker did not answer for it".to_owned())),
        };
        Ok(obstacles.into_iter().map(one).collect())
    }

    fn ask_logs(
        &self,
        refs: &[PartitionRef<'_>],
        isolation: Isolation,
    ) -> Result<Vec<Result<Log, String>>, Error> {
        if refs.is_empty() {
            return Ok(Vec::new());
        }
        let ask = |at, committed| Question::ask(&self.link, refs, at, committed);
        let (mut low, mut high) = (ask(At::Earliest, false), ask(At::Latest, false));
        let mut stable = (isolation == Isolation::ReadCommitted).then(|| ask(At::Latest, true));
        let (low, high) = (low.each()?, high.each()?);
        let stable = stable.as_mut().map(Question::each).transpose()?;
        let log = |at: usize| -> Result<Log, Code> {
            let (start, high) = (low[at]?, high[at]?);
            // Asked at the same moment, answered one after the other.
            let end = stable.as_ref().map_or(Ok(high), |stable| stable[at])?;
            Ok(Log { start, end, high: high.max(end) })
        };
        Ok((0..refs.len()).map(|at| log(at).map_err(Code::text)).collect())
    }
}

/// Why a partition cannot be asked for its offsets.
fn obstacle(topic: Option<&TopicInfo>, id: i32) -> Option<&'static str> {
    let Some(topic) = topic else { return Some("the topic is not there, or may not be seen") };
    match topic.partitions.iter().find(|partition| partition.id == id) {
        None => Some("the topic has no such partition"),
        Some(partition) if partition.leader.is_none() => Some("the partition has no leader"),
        Some(_) => None,
    }
}
