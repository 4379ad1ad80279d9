//! `rdvctl groups reset`: a group without members reads on from elsewhere.

mod plan;
mod report;

use std::path::PathBuf;

use crate::commands::{Ctx, names};
use crate::error::{Error, Kind, Outcome};
use crate::kafka::Cluster;
use crate::kafka::groups::NewCommit;
use crate::model::position::Position;
use crate::model::reset::Move;
use crate::terminal::count;
use report::Report;

/// Moves that people are shown one by one before they are asked.
const SHOWN: usize = 50;

/// Move a group that has no members to other offsets.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rdvctl groups reset appointment-consumer-group-server --to start --dry-run
  rdvctl groups reset appointment-consumer-group-server --topic patient.registered --to -1h
  rdvctl groups reset appointment-consumer-group-server --topic patient.registered --partition 0 --shift 1
  rdvctl groups export g > before.ndjson; …; rdvctl groups reset g --file before.ndjson")]
pub struct ResetArgs {
    /// The group.
    #[arg(value_name = "GROUP")]
    group: String,
    /// Where to: `start`, `end`, an offset, `-N` (N before the end), a time, or relative (`-1h`).
    #[arg(long, value_name = "POSITION", allow_hyphen_values = true, required_unless_present_any = ["shift", "file"], conflicts_with_all = ["shift", "file"])]
    to: Option<Position>,
    /// So many records on (`+N`) or back (`-N`) from what is committed.
    #[arg(long, value_name = "N", allow_hyphen_values = true, conflicts_with = "file", value_parser = shift)]
    shift: Option<i64>,
    /// To what a file of `groups export` says; its lines must be this group's.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only these topics (events, topics or globs), committed on or not; without, what the group has committed on.
    #[arg(long = "topic", value_name = "EVENT|TOPIC|GLOB", value_delimiter = ',')]
    topics: Vec<String>,
    /// Only these partitions.
    #[arg(long = "partition", value_name = "P", value_delimiter = ',', value_parser = clap::value_parser!(i32).range(0..))]
    partitions: Vec<i32>,
    /// Only show the plan.
    #[arg(long)]
    dry_run: bool,
    /// Go ahead without a question.
    #[arg(short = 'y', long)]
    yes: bool,
}

fn shift(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.parse().map_err(|_| "a number of records, such as `+1` or `-100`".to_owned())
}

/// Plans, shows, confirms, sets, reads back, reports.
pub fn run(args: ResetArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = ctx.catalogue(&settings)?;
    let exported = plan::exported(&args)?;
    let cluster = ctx.cluster(&settings)?;
    let group = one_group(&args.group, &cluster, ctx)?;
    super::refuse_members(&super::described(std::slice::from_ref(&group), &cluster)?, "reset")?;
    let there = cluster.topics()?;
    let topics = names::topics(&args.topics, &catalogue, &cluster, &there)?;
    let plan = plan::plan(&args, &group, exported, &topics, &there, (&cluster, ctx))?;
    let (moves, still): (Vec<Move>, Vec<Move>) = plan.into_iter().partition(|m| !m.changes_nothing());
    if args.dry_run || moves.is_empty() {
        let status = |m: &Move| if m.changes_nothing() { "unchanged" } else { "planned" };
        let rows = moves.into_iter().chain(still).map(|m| (status(&m), None, m)).collect();
        ctx.out.show(&Report::new(&group, rows))?;
        return Ok(Outcome::Done);
    }
    show(ctx, &group, &moves);
    let what = format!("Move group `{group}` on {}", count(moves.len() as u64, "partition"));
    if !ctx.term.confirm(&format!("{what} on context `{}`?", settings.context_name()), args.yes)? {
        ctx.term.note("nothing was changed");
        return Ok(Outcome::No);
    }
    ctx.interrupt.check()?;
    apply(ctx, &cluster, &group, moves, still)
}

/// The one group that a name stands for.
fn one_group(name: &str, cluster: &Cluster, ctx: &Ctx) -> Result<String, Error> {
    let mut groups = super::named(&[name.to_owned()], cluster, ctx)?;
    match groups.pop() {
        Some(group) if groups.is_empty() => Ok(group),
        _ => Err(Error::input(format!("`{name}` stands for more than one group"))
            .hint("name the one that is to be moved in full")),
    }
}

fn show(ctx: &Ctx, group: &str, moves: &[Move]) {
    for m in moves.iter().take(SHOWN) {
        let from = m.from.map_or("nothing".to_owned(), |from| from.to_string());
        ctx.term.note(format!(
            "will move `{group}` on partition {} of `{}` from {from} to {}{}",
            m.partition,
            m.topic,
            m.to,
            report::effect(m).map_or(String::new(), |effect| format!(" ({effect})"))
        ));
    }
    if moves.len() > SHOWN {
        ctx.term.note(format!("and {} more; `--dry-run` shows all", moves.len() - SHOWN));
    }
}

fn apply(
    ctx: &mut Ctx,
    cluster: &Cluster,
    group: &str,
    moves: Vec<Move>,
    still: Vec<Move>,
) -> Result<Outcome, Error> {
    let commits: Vec<NewCommit> = moves
        .iter()
        .map(|m| NewCommit { topic: m.topic.clone(), partition: m.partition, offset: m.to })
        .collect();
    let set = cluster.set_commits(group, &commits);
    // What counts is what the group has now; an answer that got lost may have been a yes.
    let after = match (cluster.commits(&[group]).map(|mut all| all.remove(0)), &set) {
        (Ok(Ok(after)), _) => after,
        (Ok(Err(error)) | Err(error), Ok(_)) => return Err(error.with_kind(Kind::Partial)),
        (Ok(Err(_)) | Err(_), Err(_)) => {
            return set.map(|_| Outcome::Done).map_err(|e| e.with_kind(Kind::Partial));
        }
    };
    let now = |m: &Move| {
        after.iter().find(|at| at.topic == m.topic && at.partition == m.partition).and_then(|at| at.offset)
    };
    let whole = set.as_ref().err().map(ToString::to_string);
    let each = set.unwrap_or_default();
    let mut rows = Vec::new();
    for (at, m) in moves.into_iter().enumerate() {
        let error = each
            .get(at)
            .and_then(|one| one.as_ref().err().map(ToString::to_string))
            .or_else(|| whole.clone());
        let status = match now(&m) {
            is if is == Some(m.to) => "set",
            is if is == m.from => "failed",
            _ => "differs",
        };
        rows.push((status, error.filter(|_| status != "set"), m));
    }
    let done = rows.iter().filter(|row| row.0 == "set").count();
    let failed = rows.iter().filter(|row| row.0 == "failed").count();
    let outcome = match () {
        () if done == rows.len() => Outcome::Done,
        () if failed == rows.len() => Outcome::Unavailable,
        () => Outcome::Partial,
    };
    rows.extend(still.into_iter().map(|m| ("unchanged", None, m)));
    ctx.out.show(&Report::new(group, rows))?;
    Ok(outcome)
}
