//! `--where`: jq over records as they are shown.
//!
//! The record a filter sees has `.topic`, `.partition`, `.offset`, `.timestamp` (milliseconds), `.timestamp_type`,
//! `.event` (the catalogue's name or null), `.key` (text, or what its JSON is), `.value` (its JSON, text, null for a
//! tombstone, base64 of binary) and `.headers` (name → values: `.headers.name[0]`).
//!
//! A record passes if any output is neither `false` nor `null`. An error on a record is no match, and is counted.
//! Plain predicates are lowered (`lower.rs`): they read the record's text in place. The jq machine does the rest, and all of
//! a record on which a lowered predicate is not sure.

mod failures;
mod lower;
mod machine;
mod paths;
mod regexes;
mod rows;
mod value;
mod wanted;

use std::sync::Arc;

use super::catalogue::Catalogue;
use super::record::Record;
use super::shown::Shown;
use crate::error::Error;

pub use failures::Failures;
use lower::{Answer, Test};
use machine::Machine;
pub use rows::RowFilter;

/// A compiled filter. One per thread: each counts its own failures.
#[derive(Clone)]
pub struct Filter {
    text: Arc<str>,
    catalogue: Arc<Catalogue>,
    plan: Arc<Plan>,
    paths: Arc<[String]>,
    failures: Failures,
}

/// How a filter is run.
enum Plan {
    /// On the text in place; the machine where that is not sure.
    Lowered(Test, Machine),
    /// By jq.
    Machine(Machine),
}

impl Filter {
    /// Compiles jq; an error (exit 2) shows the place.
    pub fn compile(text: &str, catalogue: &Arc<Catalogue>) -> Result<Self, Error> {
        let compiled =
            paths::read(text).and_then(|asked| Ok((Machine::compile(text, asked.wanted)?, asked.paths)));
        let (machine, paths) = compiled.map_err(|error| {
            error.hint(
                "a filter is a jq expression over the record, such as `.value.data.doctorId == \"doctor-7\"` or \
                 `.key == \"a\"`",
            )
        })?;
        let plan = match lower::lower(text) {
            Some(predicate) => Plan::Lowered(predicate, machine),
            None => Plan::Machine(machine),
        };
        Ok(Self {
            text: text.into(),
            catalogue: Arc::clone(catalogue),
            plan: Arc::new(plan),
            paths: paths.into(),
            failures: Failures::default(),
        })
    }

    /// Whether a record passes.
    pub fn matches(&mut self, shown: &Shown<'_>) -> bool {
        let event = shown.event.and_then(|at| self.catalogue.events.get(at)).map(|event| event.name.as_str());
        let answer = match &*self.plan {
            Plan::Lowered(test, machine) => match test.ask(shown, event) {
                Answer::Unsure => machine.ask(shown, event),
                answer => answer,
            },
            Plan::Machine(machine) => machine.ask(shown, event),
        };
        match answer {
            Answer::Yes => true,
            Answer::No | Answer::Unsure => false,
            Answer::Failed(error) => {
                self.failures.note(&error, &self.text);
                false
            }
        }
    }

    /// Whether a record could pass, told from its bytes: `false` is sure and saves decoding and masking it.
    /// On records that are passed over here no errors are counted.
    pub fn may_match(&self, record: &Record<'_>) -> bool {
        match &*self.plan {
            Plan::Lowered(test, _) => test.may_match(record),
            Plan::Machine(_) => true,
        }
    }

    /// The records it failed on since the last call.
    pub fn take_failures(&mut self) -> Failures {
        std::mem::take(&mut self.failures)
    }

    /// The fields it names, as far as they can be told: `.value.data.title`.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Those of the fields it names that are masked in every event that has them (and fields no event has):
    /// what the filter sees there is a pseudonym, or nothing.
    pub fn touches_masked(&self, catalogue: &Catalogue) -> Vec<String> {
        let masked = |path: &&String| paths::is_masked(path, catalogue);
        self.paths.iter().filter(masked).cloned().collect()
    }

    /// Whether it runs without the machine, for tests and benchmarks.
    pub fn is_lowered(&self) -> bool {
        matches!(*self.plan, Plan::Lowered(..))
    }
}

#[cfg(test)]
mod tests;
