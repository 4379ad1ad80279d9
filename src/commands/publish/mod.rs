//! `rdvctl publish`: fixtures, stories and files → checked records → Kafka, with a result for every one.

mod check;
mod draft;
mod dry_run;
mod file;
mod findings;
mod generate;
mod lines;
mod report;
mod send;
mod source;
mod stdin;

use std::path::PathBuf;
use std::sync::Arc;

use super::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::producer::{Load, Producer};
use crate::model::record::Header;
use crate::terminal::count;
use check::Checks;
use findings::Plan;
use send::Sending;
use source::Input;

/// Publish fixtures, a story, or records from a file or stdin.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  rdvctl publish patient.registered doctor.available
  rdvctl publish appointment.created --set data.title='Bilan annuel' --count 100 --rate 10
  rdvctl publish --story completed
  rdvctl tail appointment.created --reveal -o ndjson | rdvctl publish - --topic copy")]
pub struct PublishArgs {
    /// Events to publish a fixture of; `-` reads records from stdin (bare payloads if an event is named too).
    #[arg(value_name = "EVENT|-")]
    pub events: Vec<String>,
    /// Records (NDJSON as `tail -o ndjson --reveal` prints them), or with an EVENT its bare payloads, one a line.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// An ordered set of fixtures.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["events", "file"])]
    pub story: Option<String>,
    /// The fixture of the event (`rdvctl fixtures list` shows them).
    #[arg(long, value_name = "NAME")]
    pub fixture: Option<String>,
    /// Set a field of the payload to a string, `data.title=Bilan`.
    #[arg(long = "set", value_name = "PATH=STRING")]
    pub set: Vec<String>,
    /// Set a field of the payload to a JSON value, `availableSlots=[]`.
    #[arg(long = "set-json", value_name = "PATH=JSON")]
    pub set_json: Vec<String>,
    /// How many records of each event.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub count: u64,
    /// At most this many records a second.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// The same made-up values in every run.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// An environment variable that templates may read with `env("NAME")`.
    #[arg(long = "env", value_name = "NAME")]
    pub env: Vec<String>,
    /// The key, instead of the payload's.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A header to add, `name=value`; may be given often.
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
    /// The partition, instead of the key's.
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(i32).range(0..))]
    pub partition: Option<i32>,
    /// Send records that carry a partition to it.
    #[arg(long, conflicts_with = "partition")]
    pub keep_partition: bool,
    /// The records' time, ISO 8601 or milliseconds since 1970.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub timestamp: Option<String>,
    /// The topic, instead of the event's or the record's.
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Send what breaks its contract, on purpose.
    #[arg(long)]
    pub no_validate: bool,
    /// Check everything and print the records as `tail` would; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// With `--dry-run`: show personal data.
    #[arg(long, requires = "dry_run")]
    pub reveal: bool,
    /// Go ahead without a question (contexts marked `protected` ask).
    #[arg(short = 'y', long)]
    pub yes: bool,
}

/// What is given on the command line and goes over each record's own.
pub(crate) struct Overrides {
    pub(crate) topic: Option<String>,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) headers: Vec<Header<'static>>,
    pub(crate) partition: Option<i32>,
    pub(crate) keep_partition: bool,
    pub(crate) timestamp: Option<i64>,
}

/// Checks everything, then shows or sends it.
pub fn run(args: PublishArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = Arc::new(ctx.catalogue(&settings)?);
    let overrides = overrides(&args)?;
    let mut input = source::open(&args, ctx, &settings, &catalogue)?;
    let checks = Checks::new(&catalogue, !args.no_validate, args.reveal)?;
    // Fixtures and files are checked whole before a broker is asked for anything.
    let checked = match &mut input {
        Input::Whole(source) => checks.plan(source.as_mut(), &overrides)?,
        Input::Stream(first, _) => checks.plan(first, &overrides)?,
    };
    let planned = matches!(input, Input::Whole(_)).then_some(&checked);
    checked.tell(ctx);
    if args.dry_run {
        let shower = ctx.shower(&settings, &catalogue, args.reveal)?;
        return dry_run::run(ctx, &shower, input, &overrides, &checks, checked.known);
    }
    if planned.is_some_and(|plan| plan.records == 0) {
        return Err(lines::nothing());
    }
    if settings.protected() && !confirm(&args, ctx, settings.context_name(), planned)? {
        ctx.term.note("nothing was sent");
        return Ok(Outcome::No);
    }
    let cluster = ctx.cluster(&settings)?;
    let load = Checks::preflight(&cluster, &checked)?;
    let records = planned.map(|plan| plan.records);
    // At a pace of their own records wait for no others.
    let planned = planned.filter(|_| args.rate.is_none());
    let load = match planned {
        Some(plan) => Load {
            records: Some(plan.records),
            bytes: Some(plan.bytes),
            largest: plan.topics.values().map(|topic| topic.largest).max(),
            ..load
        },
        None => load,
    };
    let producer = Producer::open(&cluster, &load)?;
    let sending = Sending::new(&args, ctx, producer, &overrides, records);
    send::run(sending, input, checked.known, &checks, &cluster)
}

fn confirm(args: &PublishArgs, ctx: &Ctx, context: &str, plan: Option<&Plan>) -> Result<bool, Error> {
    let what = match plan {
        Some(plan) => {
            let topics: Vec<String> = plan.topics.keys().map(|topic| format!("`{topic}`")).collect();
            format!("{} to {}", count(plan.records, "record"), topics.join(", "))
        }
        None => "the records of stdin".to_owned(),
    };
    ctx.term.confirm(&format!("Publish {what} on the protected context `{context}`?"), args.yes)
}

fn overrides(args: &PublishArgs) -> Result<Overrides, Error> {
    let mut headers = Vec::new();
    for text in &args.headers {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Error::usage("`--header` takes NAME=VALUE").hint("an empty value is `NAME=`"));
        };
        let value = Some(value.as_bytes().to_vec().into());
        headers.push(Header { name: name.to_owned().into(), value });
    }
    Ok(Overrides {
        topic: args.topic.clone(),
        key: args.key.as_ref().map(|key| key.as_bytes().to_vec()),
        headers,
        partition: args.partition,
        keep_partition: args.keep_partition,
        timestamp: args.timestamp.as_deref().map(timestamp).transpose()?,
    })
}

fn timestamp(text: &str) -> Result<i64, Error> {
    let millis = match text.parse::<i64>() {
        Ok(millis) => millis,
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .map_err(|e| {
                Error::usage("`--timestamp` takes ISO 8601 with a zone or milliseconds since 1970")
                    .caused_by(e)
                    .hint("for example `--timestamp 2024-02-15T10:00:00Z`")
            })?
            .as_millisecond(),
    };
    if millis <= 0 {
        return Err(Error::usage("a record's timestamp must be after 1970-01-01T00:00:00Z")
            .hint("Kafka's client turns timestamp 0 into the time of sending"));
    }
    Ok(millis)
}
