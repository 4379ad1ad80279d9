//! `rdvctl topics`: the catalogue's topics against the cluster's.

pub mod check;
pub mod create;
pub mod describe;
pub mod list;

use clap::Subcommand;

use super::Ctx;
use crate::error::{Error, Outcome};
use crate::model::catalogue::Catalogue;

/// List, describe, check and create topics.
#[derive(Debug, clap::Args)]
pub struct TopicsArgs {
    #[command(subcommand)]
    command: TopicsCommand,
}

#[derive(Debug, Subcommand)]
enum TopicsCommand {
    List(list::ListArgs),
    Describe(describe::DescribeArgs),
    Check(check::CheckArgs),
    Create(create::CreateArgs),
}

/// Dispatches.
pub fn run(args: TopicsArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    match args.command {
        TopicsCommand::List(args) => list::run(args, ctx),
        TopicsCommand::Describe(args) => describe::run(args, ctx),
        TopicsCommand::Check(args) => check::run(args, ctx),
        TopicsCommand::Create(args) => create::run(args, ctx),
    }
}

/// A topic that the catalogue wants.
struct Wanted {
    topic: String,
    partitions: i32,
    retention_ms: i64,
}

/// The catalogue's topics and their dead letter queues, in its order; only those of `events` if any are named.
fn wanted(catalogue: &Catalogue, events: &[String]) -> Result<Vec<Wanted>, Error> {
    for name in events {
        catalogue.require(name)?;
    }
    let chosen = catalogue.events.iter().filter(|e| events.is_empty() || events.contains(&e.name));
    Ok(chosen
        .flat_map(|e| [&e.topic, &e.dlq].map(|topic| (topic.clone(), e)))
        .map(|(topic, e)| Wanted { topic, partitions: e.partitions, retention_ms: e.retention_ms })
        .collect())
}
