//! `--where` over rows of a table: jq over the row as `-o ndjson` prints it.

use super::lower::Answer;
use super::machine::Machine;
use super::wanted::Wanted;
use super::{Failures, paths, value};
use crate::error::Error;

/// A compiled filter over rows.
pub struct RowFilter {
    text: String,
    machine: Machine,
    failures: Failures,
}

impl RowFilter {
    /// Compiles jq; an error (exit 2) shows the place. `known` are the fields that rows have, `such_as` an example.
    pub fn compile(text: &str, known: &'static [&'static str], such_as: &str) -> Result<Self, Error> {
        let compiled = paths::read_of(text, "a row", known);
        let machine = compiled.and_then(|_| Machine::compile(text, Wanted::Whole)).map_err(|error| {
            error.hint(format!(
                "a filter is a jq expression over the row as `-o ndjson` shows it, such as `{such_as}`"
            ))
        })?;
        Ok(Self { text: text.to_owned(), machine, failures: Failures::default() })
    }

    /// Whether a row passes: any output is neither `false` nor `null`. An error is no match, and is counted.
    pub fn matches(&mut self, row: &impl serde::Serialize) -> bool {
        let row = serde_json::to_string(row).unwrap_or_default();
        let answer = match value::of_text(&row) {
            Ok(row) => self.machine.ask_of(row),
            Err(_) => Answer::No,
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

    /// The rows it failed on.
    pub fn failures(&self) -> &Failures {
        &self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["group", "lag", "drained"];

    fn matches(text: &str) -> bool {
        let row = serde_json::json!({"group": "appointments", "lag": 12, "drained": null});
        let mut filter = RowFilter::compile(text, KNOWN, ".lag > 10").unwrap();
        filter.matches(&row)
    }

    #[test]
    fn rows_are_filtered_as_programs_see_them() {
        assert!(matches(".lag > 10 and (.group | startswith(\"app\"))"));
        assert!(!matches(".lag > 100"));
        assert!(!matches(".drained"));
        assert!(matches(".drained == null"));
    }

    #[test]
    fn a_slip_in_a_field_and_a_failure_are_told() {
        let error = RowFilter::compile(".lga > 1", KNOWN, ".lag > 10").err().unwrap();
        assert!(error.to_string().contains("a row has no `.lga`; it has .group, .lag"), "{error}");
        assert!(error.hints()[0].contains(".lag > 10"));
        let mut failing = RowFilter::compile(".group | length | error", KNOWN, ".lag > 10").unwrap();
        assert!(!failing.matches(&serde_json::json!({})));
        assert_eq!(failing.failures().told().unwrap().0, 1);
    }
}
