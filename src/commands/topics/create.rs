//! `rdvctl topics create`: create what the catalogue wants and the cluster lacks.

use std::time::Duration;

use super::Wanted;
use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::admin::NewTopic;
use crate::output::View;
use crate::terminal::count;

/// Create the catalogue's topics that are missing.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// Only these events; all without.
    #[arg(value_name = "EVENT")]
    events: Vec<String>,
    /// Copies of each partition; the broker's default without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    replication: Option<i32>,
    /// Only show the plan.
    #[arg(long)]
    dry_run: bool,
    /// Go ahead without a question.
    #[arg(short = 'y', long)]
    yes: bool,
}

/// Plans, shows, confirms, creates, waits for leaders, reports.
pub fn run(args: CreateArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let wanted = super::wanted(&ctx.catalogue(&settings)?, &args.events)?;
    let cluster = ctx.cluster(&settings)?;
    let there = cluster.topics()?;
    let missing: Vec<NewTopic> = wanted
        .iter()
        .filter(|w| !there.iter().any(|t| t.name == w.topic))
        .map(|w| new_topic(w, args.replication.unwrap_or(-1)))
        .collect();
    if missing.is_empty() {
        ctx.term.note(format!(
            "nothing to create: the cluster has all {} of the catalogue",
            count(wanted.len() as u64, "topic")
        ));
        return Ok(Outcome::Done);
    }
    if args.dry_run {
        ctx.out.show(&Created::new(&missing, |_| ("planned", None)))?;
        return Ok(Outcome::Done);
    }
    let what = count(missing.len() as u64, "topic");
    for topic in &missing {
        ctx.term.note(format!(
            "will create `{}` ({})",
            topic.name,
            count(topic.partitions as u64, "partition")
        ));
    }
    if !ctx.term.confirm(&format!("Create {what} on context `{}`?", settings.context_name()), args.yes)? {
        ctx.term.note("nothing was created");
        return Ok(Outcome::No);
    }
    ctx.interrupt.check()?;
    let results = cluster.create_topics(&missing)?;
    let created: Vec<String> =
        missing.iter().zip(&results).filter(|(_, r)| r.is_ok()).map(|(t, _)| t.name.clone()).collect();
    cluster
        .await_leaders(&created, Duration::from_secs(30))
        .map_err(|e| e.with_kind(crate::error::Kind::Partial))?;
    ctx.out.show(&Created::new(&missing, |i| match &results[i] {
        Ok(()) => ("created", None),
        Err(error) => ("failed", Some(whole(error))),
    }))?;
    Ok(match (created.len(), missing.len()) {
        (done, all) if done == all => Outcome::Done,
        (0, _) => Outcome::Unavailable,
        _ => Outcome::Partial,
    })
}

fn whole(error: &Error) -> String {
    let mut text = error.to_string();
    for cause in error.causes() {
        text = format!("{text}: {cause}");
    }
    text
}

fn new_topic(wanted: &Wanted, replication: i32) -> NewTopic {
    let config = [("retention.ms", wanted.retention_ms.to_string()), ("cleanup.policy", "delete".to_owned())];
    NewTopic {
        name: wanted.topic.clone(),
        partitions: wanted.partitions,
        replication,
        config: config.map(|(key, value)| (key.to_owned(), value)).to_vec(),
    }
}

struct Created {
    rows: Vec<Row>,
}

#[derive(serde::Serialize)]
struct Row {
    topic: String,
    partitions: i32,
    config: String,
    status: &'static str,
    error: Option<String>,
}

impl Created {
    fn new(topics: &[NewTopic], status: impl Fn(usize) -> (&'static str, Option<String>)) -> Self {
        let row = |(i, topic): (usize, &NewTopic)| {
            let (status, error) = status(i);
            let config = topic.config.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
            Row {
                topic: topic.name.clone(),
                partitions: topic.partitions,
                config: config.join(" "),
                status,
                error,
            }
        };
        Self { rows: topics.iter().enumerate().map(row).collect() }
    }
}

impl View for Created {
    fn header(&self) -> Vec<&'static str> {
        vec!["TOPIC", "PARTITIONS", "CONFIG", "STATUS", "ERROR"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |row: &Row| {
            vec![
                Some(row.topic.clone()),
                Some(row.partitions.to_string()),
                Some(row.config.clone()),
                Some(row.status.to_owned()),
                row.error.clone(),
            ]
        };
        self.rows.iter().map(cells).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["ERROR"]
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PARTITIONS"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.rows.iter().map(|row| serde_json::json!(row)).collect()
    }
}
