//! From where to where: the partitions that are meant, and the offset of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ResetArgs;
use crate::commands::Ctx;
use crate::error::Error;
use crate::kafka::reader::Isolation;
use crate::kafka::{Cluster, TopicInfo};
use crate::model::reset::{Exported, Move, read_export, within};

type Partition = (Arc<str>, i32);

/// What the file says, if there is one.
pub(super) fn exported(args: &ResetArgs) -> Result<Option<Vec<Exported>>, Error> {
    let Some(path) = &args.file else { return Ok(None) };
    let text = std::fs::read_to_string(path)
        .map_err(|e| Error::input(format!("cannot read `{}`", path.display())).caused_by(e))?;
    read_export(&text).map(Some)
}

/// The moves, by topic and partition. Nothing is changed; what cannot be planned whole is not planned at all.
pub(super) fn plan(
    args: &ResetArgs,
    group: &str,
    exported: Option<Vec<Exported>>,
    topics: &[String],
    there: &[TopicInfo],
    (cluster, ctx): (&Cluster, &Ctx),
) -> Result<Vec<Move>, Error> {
    let commits = cluster.commits(&[group])?.remove(0)?;
    let committed: BTreeMap<Partition, Option<i64>> =
        commits.into_iter().map(|at| ((at.topic, at.partition), at.offset)).collect();
    let wanted = match exported {
        Some(lines) => of_file(lines, group)?,
        None => of_group(&committed, topics, there),
    };
    let chosen = |at: &Partition| {
        (topics.is_empty() || topics.iter().any(|topic| **topic == *at.0))
            && (args.partitions.is_empty() || args.partitions.contains(&at.1))
    };
    let wanted: BTreeMap<Partition, Option<i64>> = wanted.into_iter().filter(|(at, _)| chosen(at)).collect();
    if wanted.is_empty() {
        return Err(Error::input(format!("there is nothing to move: group `{group}` has no such offsets"))
            .hint("name the topics with `--topic` to set offsets where the group has none"));
    }
    let partitions: Vec<Partition> = wanted.keys().cloned().collect();
    let mut moves = Vec::with_capacity(partitions.len());
    let logs = cluster.logs(&partitions, there, Isolation::ReadCommitted)?;
    let targets = targets(args, &partitions, &wanted, &committed, (cluster, ctx))?;
    for ((at, log), target) in partitions.into_iter().zip(logs).zip(targets) {
        let of = format!("partition {} of `{}`", at.1, at.0);
        let log = log.map_err(|why| Error::unavailable(format!("cannot plan {of}: {why}")))?;
        let Some(target) = target else {
            return Err(Error::input(format!("group `{group}` has nothing committed on {of} to shift from"))
                .hint("use `--to`, or leave it out with `--topic` and `--partition`"));
        };
        let (to, moved) = within(log, target);
        if moved {
            ctx.term.warn(format!("{of} has no offset {target}: {to} is the nearest"));
        }
        let from = committed.get(&at).copied().flatten();
        moves.push(Move { topic: at.0, partition: at.1, from, to, log });
    }
    Ok(moves)
}

/// The offset wanted on each partition; `None` where there is nothing to shift from.
fn targets(
    args: &ResetArgs,
    partitions: &[Partition],
    wanted: &BTreeMap<Partition, Option<i64>>,
    committed: &BTreeMap<Partition, Option<i64>>,
    (cluster, ctx): (&Cluster, &Ctx),
) -> Result<Vec<Option<i64>>, Error> {
    if let Some(position) = args.to {
        let offsets = cluster.offsets_at(partitions, position, ctx.now().as_millisecond())?;
        return Ok(offsets.into_iter().map(Some).collect());
    }
    let one = |at: &Partition| match args.shift {
        Some(shift) => committed.get(at).copied().flatten().map(|from| from.saturating_add(shift)),
        None => wanted[at],
    };
    Ok(partitions.iter().map(one).collect())
}

/// The partitions the group has committed on; of topics that are named, all.
fn of_group(
    committed: &BTreeMap<Partition, Option<i64>>,
    topics: &[String],
    there: &[TopicInfo],
) -> BTreeMap<Partition, Option<i64>> {
    let mut wanted = committed.clone();
    for info in there.iter().filter(|info| topics.contains(&info.name)) {
        let topic: Arc<str> = info.name.as_str().into();
        for partition in &info.partitions {
            wanted.entry((Arc::clone(&topic), partition.id)).or_default();
        }
    }
    wanted
}

/// The lines of the file; a group is not moved by another's offsets.
fn of_file(lines: Vec<Exported>, group: &str) -> Result<BTreeMap<Partition, Option<i64>>, Error> {
    if let Some(other) = lines.iter().find(|line| line.group != group) {
        return Err(Error::input(format!(
            "the file has offsets of group `{}`, not of `{group}`",
            other.group
        ))
        .hint("pick the lines of the group, or export it alone"));
    }
    Ok(lines.into_iter().map(|line| ((line.topic.into(), line.partition), Some(line.offset))).collect())
}
