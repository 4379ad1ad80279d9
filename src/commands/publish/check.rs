//! Everything that can be known to be wrong before the first byte is sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Overrides;
use super::draft::{Origin, Source, over};
use crate::commands::names;
use crate::error::Error;
use crate::kafka::Cluster;
use crate::model::catalogue::Catalogue;
use crate::model::record::Record;
use crate::model::schema::{Checkers, Problem};
use crate::terminal::count;

/// Problems that are told one by one; the rest is counted.
const TOLD: usize = 20;
/// Bytes a batch of one record adds to its key, value and headers at most (record batch v2: 61, record: up to 36).
const BATCH_OVERHEAD: usize = 100;

/// What is about to be sent.
#[derive(Debug, Default, Clone)]
pub(super) struct Plan {
    pub(super) records: u64,
    pub(super) topics: BTreeMap<String, PlannedTopic>,
}

/// What goes to one topic.
#[derive(Debug, Default, Clone)]
pub(super) struct PlannedTopic {
    records: u64,
    largest: usize,
    largest_at: String,
    highest_partition: Option<i32>,
}

/// Checks records and remembers what is wrong.
pub(super) struct Checks<'a> {
    catalogue: &'a Catalogue,
    checkers: Checkers,
    validate: bool,
    reveal: bool,
    problems: Vec<String>,
    more: u64,
    unknown: BTreeMap<String, u64>,
    plan: Plan,
}

impl<'a> Checks<'a> {
    /// `validate` off keeps only what cannot be sent at all; `reveal` lets problems name unknown fields.
    pub(super) fn new(catalogue: &'a Catalogue, validate: bool, reveal: bool) -> Result<Self, Error> {
        Ok(Self {
            catalogue,
            checkers: Checkers::new(catalogue)?,
            validate,
            reveal,
            problems: Vec::new(),
            more: 0,
            unknown: BTreeMap::new(),
            plan: Plan::default(),
        })
    }

    /// Checks every record of a source; what is to be sent, or an error that lists what is wrong.
    pub(super) fn whole(&mut self, source: &mut dyn Source, overrides: &Overrides) -> Result<Plan, Error> {
        self.plan = Plan::default();
        source.each(&mut |draft| {
            match draft.record {
                Ok(record) => self.one(&over(record, overrides), draft.origin, draft.event),
                Err(message) => self.problem(draft.origin, &message),
            }
            Ok(true)
        })?;
        self.verdict()?;
        Ok(std::mem::take(&mut self.plan))
    }

    /// What to warn of: unknown fields, each once, with how often it was seen.
    pub(super) fn warnings(&mut self) -> Vec<String> {
        let told = std::mem::take(&mut self.unknown).into_iter();
        told.map(
            |(what, times)| if times > 1 { format!("{what} ({})", count(times, "record")) } else { what },
        )
        .collect()
    }

    /// Whether the cluster can take the plan: every topic is there, with the partitions asked for, its leaders are
    /// within reach, and it takes records this large. Creates nothing.
    pub(super) fn preflight(cluster: &Cluster, plan: &Plan) -> Result<(), Error> {
        for (name, planned) in &plan.topics {
            let Some(topic) = cluster.topic(name)? else {
                return Err(names::unknown(name, &cluster.topics()?));
            };
            if let Some(partition) = planned.highest_partition
                && !topic.partitions.iter().any(|p| p.id == partition)
            {
                return Err(Error::input(format!("topic `{name}` has no partition {partition}"))
                    .hint(format!("it has partitions 0 to {}", topic.partitions.len().saturating_sub(1))));
            }
        }
        cluster.reach_leaders(&plan.topics.keys().cloned().collect::<Vec<_>>())?;
        Self::fits(cluster, plan)
    }

    /// Holds the largest record of each topic against the topic's `max.message.bytes`.
    fn fits(cluster: &Cluster, plan: &Plan) -> Result<(), Error> {
        let names: Vec<String> = plan.topics.keys().cloned().collect();
        // A codec may make it fit; and without leave to read the configuration the broker judges, record by record.
        let configs = if cluster.compresses() { return Ok(()) } else { cluster.topic_configs(&names) };
        for ((name, planned), config) in plan.topics.iter().zip(configs.unwrap_or_default()) {
            let limit = config.get("max.message.bytes").and_then(|limit| limit.parse::<usize>().ok());
            if let Some(limit) = limit.filter(|limit| planned.largest + BATCH_OVERHEAD > *limit) {
                let (at, size) = (&planned.largest_at, planned.largest);
                return Err(Error::input(format!(
                    "{at}: the record is too large for topic `{name}`: {size} bytes, and max.message.bytes is {limit}"
                ))
                .hint("raise the topic's `max.message.bytes`, or send with `-X compression.type=zstd`"));
            }
        }
        Ok(())
    }

    fn one(&mut self, record: &Record<'_>, origin: Origin<'_>, event: Option<&str>) {
        self.note(record, origin);
        if record.timestamp.is_some_and(|t| t.millis == 0) {
            self.problem(
                origin,
                "timestamp 0 cannot be sent: Kafka's client turns it into the time of sending",
            );
        } else if record.timestamp.is_some_and(|t| t.millis < 0) {
            self.problem(origin, "a timestamp before 1970 cannot be sent");
        }
        if !self.validate {
            return;
        }
        let event = event.or_else(|| match self.catalogue.of_topic(&record.topic)? {
            (event, false) => Some(&event.name),
            // A dead letter may well be dead because it breaks the contract.
            (_, true) => None,
        });
        let Some((event, checker)) = event.and_then(|event| Some((event, self.checkers.of(event)?))) else {
            return;
        };
        if checker.is_clean(record.value.as_deref()) {
            return;
        }
        for problem in checker.check(record.value.as_deref()) {
            if problem.warning { self.warn(event, &problem) } else { self.problem_at(origin, &problem) }
        }
    }

    fn note(&mut self, record: &Record<'_>, origin: Origin<'_>) {
        self.plan.records += 1;
        // Looked up by borrowed name first: this runs for every record.
        if !self.plan.topics.contains_key(record.topic.as_ref()) {
            self.plan.topics.insert(record.topic.to_string(), PlannedTopic::default());
        }
        let Some(planned) = self.plan.topics.get_mut(record.topic.as_ref()) else { return };
        planned.records += 1;
        planned.highest_partition = planned.highest_partition.max(record.partition);
        let size = record.size();
        if size > planned.largest {
            planned.largest = size;
            planned.largest_at.clear();
            let _ = write!(planned.largest_at, "{origin}");
        }
    }

    fn warn(&mut self, event: &str, problem: &Problem) {
        let field = match (&problem.unknown, self.reveal) {
            (Some(name), true) => format!("`{}/{name}`", problem.pointer),
            (_, _) if problem.pointer.is_empty() => "a field of the payload".to_owned(),
            (_, _) => format!("a field under `{}`", problem.pointer),
        };
        *self.unknown.entry(format!("{field} is not in the contract of `{event}`")).or_default() += 1;
    }

    fn problem_at(&mut self, origin: Origin<'_>, problem: &Problem) {
        let at = if problem.pointer.is_empty() { String::new() } else { format!("`{}` ", problem.pointer) };
        self.problem(origin, &format!("{at}{}", problem.message));
    }

    fn problem(&mut self, origin: Origin<'_>, message: &str) {
        if self.problems.len() < TOLD {
            self.problems.push(format!("{origin}: {message}"));
        } else {
            self.more += 1;
        }
    }

    fn verdict(&mut self) -> Result<(), Error> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let total = self.problems.len() as u64 + self.more;
        let mut error = Error::input(format!("{} in what was to be sent", count(total, "problem")));
        let mut lines = std::mem::take(&mut self.problems);
        if self.more > 0 {
            lines.push(format!("… and {} more", std::mem::take(&mut self.more)));
        }
        error = error.caused_by(lines.join("\n  "));
        Err(error
            .hint("`rdvctl catalogue show EVENT` shows the contract; `--no-validate` sends what breaks it"))
    }
}
