//! Everything that can be known to be wrong before the first byte is sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Overrides;
use super::draft::{Draft, Known, Source, key_at, over};
use super::findings::Plan;
use crate::commands::names;
use crate::error::Error;
use crate::kafka::Cluster;
use crate::model::catalogue::Catalogue;
use crate::model::json;
use crate::model::record::Record;
use crate::model::schema::{Checker, Checkers, Clean};

pub(super) use super::findings::Findings;

/// Bytes a batch of one record adds to its key, value and headers at most (record batch v2: 61, record: up to 36).
const BATCH_OVERHEAD: usize = 100;

/// What records are held against.
pub(super) struct Checks<'a> {
    catalogue: &'a Catalogue,
    checkers: Checkers,
    validate: bool,
    reveal: bool,
}

impl<'a> Checks<'a> {
    /// `validate` off keeps only what cannot be sent at all; `reveal` lets problems name unknown fields.
    pub(super) fn new(catalogue: &'a Catalogue, validate: bool, reveal: bool) -> Result<Self, Error> {
        Ok(Self { catalogue, checkers: Checkers::new(catalogue)?, validate, reveal })
    }

    /// Checks every record of a source; what is to be sent, or an error that lists what is wrong.
    pub(super) fn plan(&self, source: &mut dyn Source, overrides: &Overrides) -> Result<Plan, Error> {
        source.examine(self, overrides)?.verdict()
    }

    /// What is found in the records of a source, one after the other.
    pub(super) fn look_at(
        &self,
        source: &mut (impl Source + ?Sized),
        overrides: &Overrides,
    ) -> Result<Findings, Error> {
        let mut findings = Findings::default();
        source.each(&mut |draft| {
            self.one(draft, overrides, &mut findings);
            Ok(true)
        })?;
        Ok(findings)
    }

    /// Whether the cluster can take the plan: every topic is there, with the partitions asked for, its leaders are
    /// within reach, and it takes records this large. Creates nothing. The largest batch that all of the topics take, if known.
    pub(super) fn preflight(cluster: &Cluster, plan: &Plan) -> Result<Option<usize>, Error> {
        let mut there = Vec::new();
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
            there.push(topic);
        }
        cluster.reach_leaders(&there)?;
        let names: Vec<String> = plan.topics.keys().cloned().collect();
        let limits = cluster.batch_limits(&names)?;
        // A codec may make it fit; and where the limit is not known the broker judges, record by record.
        if !cluster.compresses() {
            Self::fits(plan, &limits)?;
        }
        Ok(limits.into_values().min())
    }

    /// Holds the largest record of each topic against what the topic takes.
    fn fits(plan: &Plan, limits: &BTreeMap<String, usize>) -> Result<(), Error> {
        for (name, planned) in &plan.topics {
            let (at, size) = (&planned.largest_at, planned.largest);
            if let Some(limit) = limits.get(name)
                && size + BATCH_OVERHEAD > *limit
            {
                return Err(Error::input(format!(
                    "{at}: the record is too large for topic `{name}`: {size} bytes, and max.message.bytes is {limit}"
                ))
                .hint("raise the topic's `max.message.bytes`, or send with `-X compression.type=zstd`"));
            }
        }
        Ok(())
    }

    /// The record of a draft as it will be sent. `known` is what was found of all payloads.
    pub(super) fn record<'d>(
        &self,
        draft: Draft<'d>,
        known: Known,
        overrides: &'d Overrides,
    ) -> Result<Record<'d>, String> {
        let record = over(draft.record?, overrides);
        let path = draft.key.filter(|_| overrides.key.is_none());
        let (Some(path), Some(payload)) = (path, borrowed(&record)) else { return Ok(record) };
        let first = || self.checkers.of(draft.event?)?.key(payload);
        let key = match known {
            Known::Clean => first().map(Cow::Borrowed),
            known => key_at(path, payload, known),
        };
        Ok(Record { key, ..record })
    }

    fn one<'d>(&'d self, draft: Draft<'d>, overrides: &'d Overrides, findings: &mut Findings) {
        let Draft { origin, key, .. } = draft;
        let (seen, tight) = self.see(draft, overrides);
        findings.plan.loose |= !tight;
        let Seen { record, contract, clean } = match seen {
            Ok(seen) => seen,
            Err(message) => return findings.problem(origin, &message),
        };
        let record = match (key.filter(|_| overrides.key.is_none()), clean) {
            (None, _) => record,
            (Some(_), Some(clean)) => {
                let known = if clean.is_first { Known::Clean } else { Known::Valid };
                findings.plan.known = findings.plan.known.min(known);
                Record { key: clean.key.map(|key| key.as_bytes().into()), ..record }
            }
            (Some(path), None) => {
                let known = if contract.is_some() { Known::Valid } else { Known::Nothing };
                findings.plan.known = findings.plan.known.min(known);
                let key = borrowed(&record).and_then(|value| key_at(path, value, Known::Nothing));
                Record { key, ..record }
            }
        };
        findings.plan.note(&record, origin);
        findings.timestamp(origin, record.timestamp);
        if let Some((event, checker)) = contract.filter(|_| clean.is_none())
            && !checker.is_clean(record.value.as_deref())
        {
            for problem in checker.check(record.value.as_deref()) {
                if problem.warning {
                    findings.unknown_field(event, &problem, self.reveal);
                } else {
                    findings.problem_at(origin, &problem);
                }
            }
        }
    }

    /// What a draft's record is, and whether its line is tight. A value that a glance shows to be clean is JSON, so it need not
    /// be read as such before: that was an eighth of the CPU.
    fn see<'d>(&'d self, draft: Draft<'d>, overrides: &'d Overrides) -> (Result<Seen<'d>, String>, bool) {
        let Draft { record, event, guess, .. } = draft;
        let seen = |record: Record<'d>| {
            let record = over(record, overrides);
            let contract = self.contract(&record, event);
            let clean =
                contract.zip(borrowed(&record)).and_then(|((_, checker), value)| checker.glance(value));
            Seen { record, contract, clean }
        };
        let Some(line) = guess else { return (record.map(seen), false) };
        match record.map(seen) {
            Ok(seen) if seen.clean.is_some() || borrowed(&seen.record).is_some_and(is_json) => {
                (Ok(seen), true)
            }
            Ok(_) | Err(_) => match line.read() {
                Ok((record, tight)) => (Ok(seen(record)), tight),
                Err(why) => (Err(why), false),
            },
        }
    }

    /// The event that a record is held against, if it is to be held against one.
    fn contract<'c>(&'c self, record: &Record<'_>, event: Option<&'c str>) -> Option<(&'c str, &'c Checker)> {
        let event = event.or_else(|| match self.catalogue.of_topic(&record.topic)? {
            (event, false) => Some(&event.name),
            // A dead letter may well be dead because it breaks the contract.
            (_, true) => None,
        });
        let event = event.filter(|_| self.validate)?;
        Some((event, self.checkers.of(event)?))
    }
}

/// A record, the event that it is held against, and whether it is known to be clean.
struct Seen<'a> {
    record: Record<'a>,
    contract: Option<(&'a str, &'a Checker)>,
    clean: Option<Clean<'a>>,
}

/// The record's value, if it lies in what the record was read from.
fn borrowed<'d>(record: &Record<'d>) -> Option<&'d [u8]> {
    match &record.value {
        Some(Cow::Borrowed(bytes)) => Some(*bytes),
        Some(Cow::Owned(_)) | None => None,
    }
}

fn is_json(value: &[u8]) -> bool {
    simdutf8::basic::from_utf8(value).is_ok_and(|text| json::check(text).is_ok())
}

#[cfg(test)]
mod tests;
