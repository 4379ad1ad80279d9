//! Everything that can be known to be wrong before the first byte is sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Overrides;
use super::draft::{Draft, Known, Source, key_at, over};
use super::findings::Plan;
use crate::commands::names;
use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::producer::Load;
use crate::model::catalogue::Catalogue;
use crate::model::json;
use crate::model::record::Record;
use crate::model::schema::{Checker, Checkers, Clean, Mold};

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
        let (mut findings, mut mold) = (Findings::default(), Mold::default());
        source.each(&mut |draft| {
            self.one(draft, overrides, &mut mold, &mut findings);
            Ok(true)
        })?;
        Ok(findings)
    }

    /// Whether the cluster can take the plan: every topic is there, with the partitions asked for, its leaders are
    /// within reach, and it takes records this large. Creates nothing. What is known of the load, but for how much it is.
    pub(super) fn preflight(cluster: &Cluster, plan: &Plan) -> Result<Load, Error> {
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
        Ok(Load { topics: there, limit: limits.into_values().min(), ..Load::default() })
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

    /// Makes a draft's record what will be sent. `known` is what was found of all payloads.
    pub(super) fn record<'r, 'd>(
        &self,
        draft: &'r mut Draft<'d>,
        known: Known,
        overrides: &'d Overrides,
    ) -> Result<&'r Record<'d>, String> {
        let record = draft.record.as_mut().map_err(std::mem::take)?;
        over(record, overrides);
        if let Some(path) = draft.key.filter(|_| overrides.key.is_none())
            && let Some(payload) = borrowed(record)
        {
            let first = || self.checkers.of(draft.event?)?.key(payload);
            record.key = match known {
                Known::Clean => first().map(Cow::Borrowed),
                known => key_at(path, payload, known),
            };
        }
        Ok(record)
    }

    fn one<'s: 'd, 'd>(
        &'s self,
        mut draft: Draft<'d>,
        overrides: &'s Overrides,
        mold: &mut Mold<'s>,
        findings: &mut Findings,
    ) {
        let Seen { contract, clean, tight } = self.see(&mut draft, overrides, mold);
        findings.plan.loose |= !tight;
        let origin = draft.origin;
        let record = match &mut draft.record {
            Ok(record) => record,
            Err(message) => return findings.problem(origin, message),
        };
        if let Some(path) = draft.key.filter(|_| overrides.key.is_none()) {
            let known = match clean {
                Some(Clean { is_first: true, .. }) => Known::Clean,
                _ if contract.is_some() => Known::Valid,
                _ => Known::Nothing,
            };
            findings.plan.known = findings.plan.known.min(known);
            record.key = match clean {
                Some(clean) => clean.key.map(|key| key.as_bytes().into()),
                None => borrowed(record).and_then(|value| key_at(path, value, Known::Nothing)),
            };
        }
        findings.plan.note(record, origin);
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

    /// Makes a draft's record what will be sent, but for its key, and looks at it. A value that a glance shows to be clean is JSON,
    /// so a line need not be read as such before: that was an eighth of the CPU.
    fn see<'s: 'd, 'd>(
        &'s self,
        draft: &mut Draft<'d>,
        overrides: &'s Overrides,
        mold: &mut Mold<'s>,
    ) -> Seen<'s, 'd> {
        let seen = self.glance(draft, overrides, mold);
        let Some(line) = draft.guess else { return seen };
        let value = draft.record.as_ref().ok().and_then(borrowed);
        if seen.clean.is_some() || value.is_some_and(is_json) {
            return Seen { tight: true, ..seen };
        }
        let tight;
        (draft.record, tight) = match line.read() {
            Ok((record, tight)) => (Ok(record), tight),
            Err(why) => (Err(why), false),
        };
        Seen { tight, ..self.glance(draft, overrides, mold) }
    }

    fn glance<'s: 'd, 'd>(
        &'s self,
        draft: &mut Draft<'d>,
        overrides: &'s Overrides,
        mold: &mut Mold<'s>,
    ) -> Seen<'s, 'd> {
        let Ok(record) = &mut draft.record else { return Seen { contract: None, clean: None, tight: false } };
        over(record, overrides);
        let contract = self.contract(record, draft.event);
        let value = contract.zip(borrowed(record));
        let clean = value.and_then(|((_, checker), value)| checker.glance_at_next(value, mold));
        Seen { contract, clean, tight: false }
    }

    /// The event that a record is held against, if it is to be held against one.
    fn contract<'s: 'd, 'd>(
        &'s self,
        record: &Record<'_>,
        event: Option<&'d str>,
    ) -> Option<(&'d str, &'s Checker)> {
        let event = event.or_else(|| match self.catalogue.of_topic(&record.topic)? {
            (event, false) => Some(&event.name),
            // A dead letter may well be dead because it breaks the contract.
            (_, true) => None,
        });
        let event = event.filter(|_| self.validate)?;
        Some((event, self.checkers.of(event)?))
    }
}

/// What a look at a record has shown.
struct Seen<'s, 'd> {
    /// The event that it is held against.
    contract: Option<(&'d str, &'s Checker)>,
    /// What is known of it if it is clean.
    clean: Option<Clean<'d>>,
    /// Whether its line is tight.
    tight: bool,
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
