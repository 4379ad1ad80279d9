//! From a plan to offsets: where each partition is read from, and up to where.

use std::sync::Arc;

use crate::error::Error;
use crate::kafka::ffi::{At, PartitionRef};
use crate::kafka::offsets::Question;
use crate::kafka::reader::{Isolation, ReadPlan, Span};
use crate::kafka::{Cluster, TopicInfo};
use crate::model::position::Position;

/// What is known about one partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bounds {
    /// The first offset there is.
    low: i64,
    /// One past the last that may be read.
    end: i64,
    /// The offset at the plan's start time; −1 when no record is that late.
    from: i64,
    /// The offset at the plan's end time; −1 when no record is that late.
    until: i64,
}

impl Cluster {
    /// Pins the plan to offsets: `ListOffsets` for times, the last stable offset (or high watermark) for ends. Spans with
    /// nothing in them are left out, but for `follow` without `until`. Sorted by topic and partition. An offset that is
    /// not in the log is moved to its nearer end, with a word in [`Cluster::notes`].
    pub fn spans(&self, plan: &ReadPlan) -> Result<Vec<Span>, Error> {
        let mut partitions = Vec::new();
        for topic in &plan.topics {
            match plan.there.iter().find(|there| there.name == *topic) {
                Some(there) => chosen(there, &plan.partitions, &mut partitions)?,
                None => chosen(&self.required(topic)?, &plan.partitions, &mut partitions)?,
            }
        }
        let bounds = self.bounds(plan, &partitions)?;
        let spans = partitions.into_iter().zip(bounds).map(|((topic, partition), bounds)| {
            let (start, end) = pin(plan, bounds);
            if let Some(note) = moved(plan.from, bounds) {
                self.note(format!("partition {partition} of `{topic}` {note}"));
            }
            Span { topic, partition, start, end }
        });
        Ok(spans.filter(|span| span.end.is_none_or(|end| span.start < end)).collect())
    }

    /// A position as an offset of each of these partitions, in their order, within what is there.
    pub fn offsets_at(
        &self,
        partitions: &[(Arc<str>, i32)],
        position: Position,
        now_ms: i64,
    ) -> Result<Vec<i64>, Error> {
        let plan = ReadPlan {
            topics: Vec::new(),
            there: Vec::new(),
            partitions: Vec::new(),
            from: position,
            until: None,
            follow: false,
            isolation: Isolation::ReadCommitted,
            now_ms,
        };
        let bounds = self.bounds(&plan, partitions)?;
        Ok(bounds.into_iter().map(|bounds| pin(&plan, bounds).0).collect())
    }

    fn required(&self, name: &str) -> Result<TopicInfo, Error> {
        self.topic(name)?.ok_or_else(|| {
            Error::usage(format!("topic `{name}` does not exist"))
                .hint("`rdvctl topics list` shows the topics there are")
        })
    }

    /// Asks for all that the plan needs, in calls that are under way at once.
    fn bounds(&self, plan: &ReadPlan, partitions: &[(Arc<str>, i32)]) -> Result<Vec<Bounds>, Error> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let refs: Vec<_> =
            partitions.iter().map(|(topic, id)| PartitionRef { topic, partition: *id }).collect();
        let link = &self.link;
        let committed = plan.isolation == Isolation::ReadCommitted;
        let ask = |at: At| Question::ask(link, &refs, at, committed);
        let low = ask(At::Earliest);
        let end = ask(At::Latest);
        let from = time(plan.from, plan.now_ms).map(|at| ask(At::Time(at)));
        let until = plan.until.and_then(|until| time(until, plan.now_ms)).map(|at| ask(At::Time(at)));
        let (low, end) = (low.answer()?, end.answer()?);
        let from = from.map(Question::answer).transpose()?;
        let until = until.map(Question::answer).transpose()?;
        let at = |list: &Option<Vec<i64>>, index: usize| list.as_ref().map_or(-1, |list| list[index]);
        let bounds = (0..refs.len()).map(|index| Bounds {
            low: low[index],
            end: end[index],
            from: at(&from, index),
            until: at(&until, index),
        });
        Ok(bounds.collect())
    }
}

/// Adds a topic's partitions; all must be there and have a leader.
fn chosen(info: &TopicInfo, only: &[i32], list: &mut Vec<(Arc<str>, i32)>) -> Result<(), Error> {
    let name = &info.name;
    let topic: Arc<str> = name.as_str().into();
    if let Some(missing) = only.iter().find(|id| info.partitions.iter().all(|p| p.id != **id)) {
        let highest = info.partitions.len().saturating_sub(1);
        return Err(Error::usage(format!("topic `{name}` has no partition {missing}"))
            .hint(format!("its partitions are 0 to {highest}")));
    }
    for partition in info.partitions.iter().filter(|p| only.is_empty() || only.contains(&p.id)) {
        if partition.leader.is_none() {
            let message = format!("partition {} of topic `{name}` has no leader", partition.id);
            return Err(Error::unavailable(message).hint(format!(
                "its copies are on brokers {:?}; one of them must be up",
                partition.replicas
            )));
        }
        list.push((Arc::clone(&topic), partition.id));
    }
    Ok(())
}

/// The time of a position that is one, in milliseconds since 1970.
fn time(position: Position, now_ms: i64) -> Option<i64> {
    match position {
        Position::Time(at) => Some(at.as_millisecond()),
        Position::Ago(ago) => Some(now_ms.saturating_sub(ago)),
        Position::Start | Position::End | Position::Offset(_) | Position::Last(_) => None,
    }
}

/// What to say when the start is an offset that the log does not have.
fn moved(from: Position, bounds: Bounds) -> Option<String> {
    let Bounds { low, end, .. } = bounds;
    match from {
        Position::Offset(at) if at < low => {
            Some(format!("starts at offset {low}, what is before it has been deleted"))
        }
        Position::Offset(at) if at > end => Some(format!("ends at offset {end}, before {at}")),
        _ => None,
    }
}

/// The first offset wanted and one past the last.
fn pin(plan: &ReadPlan, bounds: Bounds) -> (i64, Option<i64>) {
    let Bounds { low, end, .. } = bounds;
    let start = offset(plan.from, bounds.from, bounds);
    let stop = match plan.until {
        Some(Position::End) | None if plan.follow => None,
        // A plan that follows may wait for an offset or a time that is not there yet.
        Some(Position::Offset(at)) if plan.follow => Some(at),
        Some(until) => Some(offset(until, bounds.until, bounds)),
        None => Some(end),
    };
    (start.max(low), stop)
}

/// A position as an offset, within what is there.
fn offset(position: Position, at_time: i64, bounds: Bounds) -> i64 {
    let Bounds { low, end, .. } = bounds;
    match position {
        Position::Start => low,
        Position::End => end,
        Position::Offset(at) => at.clamp(low, end.max(low)),
        Position::Last(count) => end.saturating_sub(count).max(low),
        Position::Time(_) | Position::Ago(_) if at_time < 0 => end,
        // Under read_committed a record may be later than the last stable offset.
        Position::Time(_) | Position::Ago(_) => at_time.min(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { low: 10, end: 100, from: -1, until: -1 };

    fn plan(from: Position, until: Option<Position>, follow: bool) -> ReadPlan {
        ReadPlan {
            topics: Vec::new(),
            there: Vec::new(),
            partitions: Vec::new(),
            from,
            until,
            follow,
            isolation: Isolation::ReadCommitted,
            now_ms: 1_000_000,
        }
    }

    #[test]
    fn positions_become_offsets_within_what_is_there() {
        use Position::{Ago, End, Last, Offset, Start};
        let cases = [
            (Start, None, false, (10, Some(100))),
            (End, None, false, (100, Some(100))),
            (End, None, true, (100, None)),
            (Offset(3), None, false, (10, Some(100))),
            (Offset(50), Some(Offset(60)), false, (50, Some(60))),
            (Offset(500), None, false, (100, Some(100))),
            (Last(10), None, false, (90, Some(100))),
            (Last(1000), None, false, (10, Some(100))),
            (Start, Some(Last(5)), false, (10, Some(95))),
            (Start, Some(Offset(500)), false, (10, Some(100))),
            (Start, Some(Offset(500)), true, (10, Some(500))),
            (Ago(5), None, false, (100, Some(100))),
            (Start, Some(Ago(5)), false, (10, Some(100))),
            (Start, Some(End), true, (10, None)),
        ];
        for (from, until, follow, expected) in cases {
            assert_eq!(pin(&plan(from, until, follow), BOUNDS), expected, "{from:?} {until:?} {follow}");
        }
    }

    #[test]
    fn an_offset_that_is_not_in_the_log_is_told() {
        assert_eq!(moved(Position::Offset(10), BOUNDS), None);
        assert_eq!(moved(Position::Offset(100), BOUNDS), None);
        assert!(moved(Position::Offset(9), BOUNDS).unwrap().contains("starts at offset 10"));
        assert!(moved(Position::Offset(101), BOUNDS).unwrap().contains("ends at offset 100"));
    }

    #[test]
    fn a_time_after_the_last_stable_offset_is_the_end() {
        let bounds = Bounds { from: 120, until: 40, ..BOUNDS };
        assert_eq!(pin(&plan(Position::Ago(1), None, false), bounds), (100, Some(100)));
        assert_eq!(pin(&plan(Position::Start, Some(Position::Ago(1)), false), bounds), (10, Some(40)));
    }
}
