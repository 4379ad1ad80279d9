//! What was found in the records of a source: what is to be sent, and what is wrong with it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use super::draft::{Known, Origin};
use crate::commands::Ctx;
use crate::error::Error;
use crate::model::record::{Record, Timestamp};
use crate::model::schema::Problem;
use crate::terminal::count;

/// Problems that are told one by one; the rest is counted.
const TOLD: usize = 20;

/// What is about to be sent.
#[derive(Debug, Default, Clone)]
pub(super) struct Plan {
    pub(super) records: u64,
    /// Of all records: keys, values and headers.
    pub(super) bytes: u64,
    pub(super) topics: BTreeMap<String, PlannedTopic>,
    /// What is known of every payload that has its record's key in it.
    pub(super) known: Known,
    /// Whether a record comes from a line that is not tight.
    pub(super) loose: bool,
    /// Unknown fields, and how often each was seen.
    unknown: BTreeMap<String, u64>,
}

/// What goes to one topic.
#[derive(Debug, Default, Clone)]
pub(super) struct PlannedTopic {
    records: u64,
    pub(super) largest: usize,
    pub(super) largest_at: String,
    pub(super) highest_partition: Option<i32>,
}

/// A plan, and the problems that forbid it.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) plan: Plan,
    problems: Vec<String>,
    /// Problems that are not told one by one.
    more: u64,
}

impl Plan {
    /// Warns of unknown fields, each once, with how often it was seen.
    pub(super) fn tell(&self, ctx: &Ctx) {
        for (what, times) in &self.unknown {
            let times = if *times > 1 { format!(" ({})", count(*times, "record")) } else { String::new() };
            ctx.term.warn(format!("{what}{times}"));
        }
    }

    /// One record more.
    pub(super) fn note(&mut self, record: &Record<'_>, origin: Origin<'_>) {
        let size = record.size();
        self.records += 1;
        self.bytes += size as u64;
        // Looked up by borrowed name first: this runs for every record.
        match self.topics.get_mut(record.topic.as_ref()) {
            Some(planned) => planned.note(record, size, origin),
            None => self.topics.entry(record.topic.to_string()).or_default().note(record, size, origin),
        }
    }

    fn join(&mut self, later: Self) {
        self.records += later.records;
        self.bytes += later.bytes;
        self.known = self.known.min(later.known);
        self.loose |= later.loose;
        for (topic, planned) in later.topics {
            match self.topics.entry(topic) {
                Entry::Vacant(entry) => {
                    entry.insert(planned);
                }
                Entry::Occupied(entry) => entry.into_mut().join(planned),
            }
        }
        for (what, times) in later.unknown {
            *self.unknown.entry(what).or_default() += times;
        }
    }
}

impl PlannedTopic {
    fn note(&mut self, record: &Record<'_>, size: usize, origin: Origin<'_>) {
        self.records += 1;
        self.highest_partition = self.highest_partition.max(record.partition);
        if size > self.largest {
            self.largest = size;
            self.largest_at.clear();
            let _ = write!(self.largest_at, "{origin}");
        }
    }

    fn join(&mut self, later: Self) {
        self.records += later.records;
        self.highest_partition = self.highest_partition.max(later.highest_partition);
        if later.largest > self.largest {
            (self.largest, self.largest_at) = (later.largest, later.largest_at);
        }
    }
}

impl Findings {
    /// Adds what was found in records that come after these.
    pub(super) fn join(&mut self, later: Self) {
        self.plan.join(later.plan);
        self.problems.extend(later.problems);
        self.more += later.more + self.problems.len().saturating_sub(TOLD) as u64;
        self.problems.truncate(TOLD);
    }

    /// A field that is not in the contract of `event`; its name is data, and told only if it may be.
    pub(super) fn unknown_field(&mut self, event: &str, problem: &Problem, reveal: bool) {
        let field = match (&problem.unknown, reveal) {
            (Some(name), true) => format!("`{}/{name}`", problem.pointer),
            (_, _) if problem.pointer.is_empty() => "a field of the payload".to_owned(),
            (_, _) => format!("a field under `{}`", problem.pointer),
        };
        let what = format!("{field} is not in the contract of `{event}`");
        *self.plan.unknown.entry(what).or_default() += 1;
    }

    /// A time that cannot be sent.
    pub(super) fn timestamp(&mut self, origin: Origin<'_>, timestamp: Option<Timestamp>) {
        match timestamp.map(|time| time.millis) {
            Some(0) => self.problem(
                origin,
                "timestamp 0 cannot be sent: Kafka's client turns it into the time of sending",
            ),
            Some(..0) => self.problem(origin, "a timestamp before 1970 cannot be sent"),
            _ => {}
        }
    }

    /// What is wrong with a record's payload.
    pub(super) fn problem_at(&mut self, origin: Origin<'_>, problem: &Problem) {
        let at = if problem.pointer.is_empty() { String::new() } else { format!("`{}` ", problem.pointer) };
        self.problem(origin, &format!("{at}{}", problem.message));
    }

    /// What is wrong with a record.
    pub(super) fn problem(&mut self, origin: Origin<'_>, message: &str) {
        if self.problems.len() < TOLD {
            self.problems.push(format!("{origin}: {message}"));
        } else {
            self.more += 1;
        }
    }

    /// The plan, or an error that lists what is wrong.
    pub(super) fn verdict(self) -> Result<Plan, Error> {
        let Self { plan, mut problems, more } = self;
        if problems.is_empty() {
            return Ok(plan);
        }
        let total = problems.len() as u64 + more;
        if more > 0 {
            problems.push(format!("… and {more} more"));
        }
        Err(Error::input(format!("{} in what was to be sent", count(total, "problem")))
            .caused_by(problems.join("\n  "))
            .hint("`rdvctl catalogue show EVENT` shows the contract; `--no-validate` sends what breaks it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: std::ops::Range<u64>) -> Findings {
        let mut findings = Findings::default();
        for line in lines {
            findings.problem(Origin::Line("f", line), "is wrong");
        }
        findings
    }

    #[test]
    fn joined_findings_are_those_of_all_the_records_in_order() {
        for (first, second) in [(3, 10), (3, 45), (19, 21), (25, 50), (1, 1)] {
            let mut joined = found(1..first);
            joined.join(found(first..second));
            let whole = found(1..second);
            assert_eq!((joined.problems, joined.more), (whole.problems, whole.more), "{first} {second}");
        }
    }

    #[test]
    fn the_largest_record_of_all_is_the_first_of_its_size() {
        let record = |value: &'static [u8]| Record {
            topic: "t".into(),
            partition: None,
            offset: None,
            timestamp: None,
            key: None,
            headers: Vec::new(),
            value: Some(value.into()),
        };
        let plans = [(1, &b"abc"[..]), (2, b"abcd"), (3, b"wxyz"), (4, b"")].map(|(line, value)| {
            let mut plan = Plan::default();
            plan.note(&record(value), Origin::Line("f", line));
            plan
        });
        let mut all = Plan::default();
        for plan in plans {
            all.join(plan);
        }
        let topic = &all.topics["t"];
        assert_eq!((all.records, topic.records, topic.largest), (4, 4, record(b"abcd").size()));
        assert_eq!(topic.largest_at, "f:2");
        assert_eq!(all.bytes, [3, 4, 4, 0].iter().sum::<u64>());
    }
}
