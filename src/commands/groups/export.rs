//! `rdvctl groups export`: what groups have committed, as `groups reset --file` reads it.

use crate::commands::{Ctx, names};
use crate::error::{Error, Outcome};
use crate::terminal::count;

/// Write what groups have committed, NDJSON that `groups reset --file` reads.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// Names or globs.
    #[arg(value_name = "GROUP|GLOB", required = true)]
    groups: Vec<String>,
    /// Only these topics: events, topics or globs.
    #[arg(long = "topic", value_name = "EVENT|TOPIC|GLOB", value_delimiter = ',')]
    topics: Vec<String>,
}

/// Exports.
pub fn run(args: ExportArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = ctx.catalogue(&settings)?;
    let cluster = ctx.cluster(&settings)?;
    let groups = super::named(&args.groups, &cluster, ctx)?;
    let only = names::topics(&args.topics, &catalogue, &cluster, &cluster.topics()?)?;
    let asked: Vec<&str> = groups.iter().map(String::as_str).collect();
    let mut written = 0;
    for (group, commits) in groups.iter().zip(cluster.commits(&asked)?) {
        let mut commits = commits?;
        commits.retain(|at| only.is_empty() || only.iter().any(|topic| **topic == *at.topic));
        commits.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
        for at in commits.iter().filter(|at| at.offset.is_some()) {
            let line = serde_json::json!({
                "group": group,
                "topic": &*at.topic,
                "partition": at.partition,
                "offset": at.offset,
            });
            ctx.out.text(&format!("{line}\n"))?;
            written += 1;
        }
    }
    ctx.term.note(format!(
        "exported {} of {}",
        count(written, "offset"),
        count(groups.len() as u64, "group")
    ));
    Ok(Outcome::Done)
}
