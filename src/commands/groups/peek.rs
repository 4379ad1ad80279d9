//! `rdvctl groups peek`: the record that a group is stuck on in each partition, and those around it.

mod around;

use std::sync::Arc;

use around::{Around, Stuck};

use crate::commands::view::RecordView;
use crate::commands::{Ctx, names};
use crate::error::{Error, Outcome};
use crate::kafka::Cluster;
use crate::kafka::reader::Isolation;
use crate::model::lag::seconds;
use crate::model::shown::Shower;
use crate::output::Format;

/// Show the record that a group is stuck on in each partition, decoded and masked, with those around it.
#[derive(Debug, clap::Args)]
pub struct PeekArgs {
    /// The group.
    #[arg(value_name = "GROUP")]
    group: String,
    /// Only these topics: events, topics or globs.
    #[arg(long = "topic", value_name = "EVENT|TOPIC|GLOB", value_delimiter = ',')]
    topics: Vec<String>,
    /// Only these partitions.
    #[arg(long = "partition", value_name = "P", value_delimiter = ',', value_parser = clap::value_parser!(i32).range(0..))]
    partitions: Vec<i32>,
    /// How many records to show before and after.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=1000))]
    around: u16,
    /// Which records of transactional topics are seen.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    isolation: Isolation,
    /// Show personal data.
    #[arg(long)]
    reveal: bool,
}

/// Finds where the group stands, reads around there, shows.
pub fn run(args: PeekArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = Arc::new(ctx.catalogue(&settings)?);
    let shower = ctx.shower(&settings, &catalogue, args.reveal)?;
    let cluster = ctx.cluster(&settings)?;
    let groups = super::named(std::slice::from_ref(&args.group), &cluster, ctx)?;
    let only = names::topics(&args.topics, &catalogue, &cluster, &cluster.topics()?)?;
    let mut shown = 0;
    for group in &groups {
        let stuck = stuck(&args, group, &only, &cluster, ctx)?;
        let around = Around::read(&cluster, stuck, usize::from(args.around), args.isolation, &shower)?;
        for place in around {
            shown += 1;
            show(ctx, group, &place, &shower)?;
        }
    }
    if shown == 0 {
        ctx.term
            .note(format!("group `{}` has nothing left to read where it has committed", groups.join("`, `")));
    }
    Ok(Outcome::Done)
}

/// The partitions in which something is left after the commit.
fn stuck(
    args: &PeekArgs,
    group: &str,
    only: &[String],
    cluster: &Cluster,
    ctx: &Ctx,
) -> Result<Vec<Stuck>, Error> {
    let mut commits = cluster.commits(&[group])?.remove(0)?;
    commits.retain(|at| {
        (only.is_empty() || only.iter().any(|topic| **topic == *at.topic))
            && (args.partitions.is_empty() || args.partitions.contains(&at.partition))
    });
    commits.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    let partitions: Vec<_> = commits.iter().map(|at| (Arc::clone(&at.topic), at.partition)).collect();
    let logs = cluster.logs(&partitions, &cluster.topics()?, args.isolation)?;
    let mut stuck = Vec::new();
    for (at, log) in commits.into_iter().zip(logs) {
        let Some(committed) = at.offset else { continue };
        match log {
            Ok(log) if committed < log.end => {
                stuck.push(Stuck { topic: at.topic, partition: at.partition, committed, log });
            }
            Ok(_) => {}
            Err(why) => ctx.term.warn(format!("partition {} of `{}`: {why}", at.partition, at.topic)),
        }
    }
    Ok(stuck)
}

fn show(ctx: &mut Ctx, group: &str, place: &Around, shower: &Shower) -> Result<(), Error> {
    match ctx.out.format {
        Format::Ndjson => show_lines(ctx, group, place, shower),
        _ => show_text(ctx, group, place, shower),
    }
}

fn show_text(ctx: &mut Ctx, group: &str, place: &Around, shower: &Shower) -> Result<(), Error> {
    let Stuck { topic, partition, committed, log } = &place.stuck;
    let mut view = ctx.record_view(shower, false)?;
    let now = ctx.now().as_millisecond();
    let age = place.records.iter().find(|record| record.at == place.next).and_then(|record| record.millis);
    let age = age.map_or(String::new(), |millis| format!(", the record is {} old", seconds(now - millis)));
    ctx.out.text(&format!(
        "group {group} is at offset {committed} of {topic} partition {partition}, {} before the end{age}\n",
        log.end - committed
    ))?;
    if *committed < log.start {
        ctx.out
            .text(&format!("  offsets {committed} to {} are gone: retention took them\n", log.start - 1))?;
    }
    if place.next.is_none() {
        ctx.out
            .text("  nothing readable follows: what is left are control records, aborted ones or gaps\n")?;
    }
    for record in &place.records {
        let mark = if record.at == place.next { "> " } else { "  " };
        let text = rendered(&mut view, record);
        let text = String::from_utf8_lossy(&text).replace('\n', "\n  ");
        ctx.out.text(&format!("{mark}{}\n", text.trim_end()))?;
    }
    ctx.out.flush()
}

fn show_lines(ctx: &mut Ctx, group: &str, place: &Around, shower: &Shower) -> Result<(), Error> {
    let mut view = ctx.record_view(shower, false)?;
    for record in &place.records {
        let role = match (record.at, place.next) {
            (at, next) if at == next => "stuck",
            (at, Some(next)) if at > Some(next) => "after",
            _ => "before",
        };
        let head = serde_json::json!({
            "group": group,
            "committed": place.stuck.committed,
            "lag": place.stuck.log.end - place.stuck.committed,
            "role": role,
        });
        // The record's own text goes in as it is: no tree of it is built, nothing in it changes.
        let head = head.to_string();
        let text = rendered(&mut view, record);
        ctx.out.text(head.trim_end_matches('}'))?;
        ctx.out.text(",\"record\":")?;
        ctx.out.bytes(text.trim_ascii_end())?;
        ctx.out.text("}\n")?;
    }
    ctx.out.flush()
}

fn rendered(view: &mut RecordView, record: &around::Kept) -> Vec<u8> {
    let mut text = Vec::new();
    if let RecordView::Shown(renderer) = view {
        renderer.write(&mut text, &record.shown);
    }
    text
}
