//! What is wrong in a catalogue that could be read: contradictions, pointers into nowhere, broken schemas.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, Event};
use crate::model::schema::{Checker, subschema};

/// One thing wrong in a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The event it is in.
    pub event: String,
    /// The key in the catalogue.
    pub key: &'static str,
    /// The line in the catalogue, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Catalogue {
    /// Everything that is wrong; `text` is the catalogue's own text, for the lines.
    pub fn findings(&self, text: &str) -> Vec<Finding> {
        let mut findings = self.contradictions(text);
        for (index, event) in self.events.iter().enumerate() {
            let mut add = |key, message| findings.push(finding(text, index, event, key, message));
            pointers_into_nowhere(event, &mut add);
            broken_schema(event, &mut add);
        }
        findings.sort_by_key(|finding| finding.line);
        findings
    }

    /// Two events for one topic, a dead letter queue that is a topic, numbers no cluster takes: with these, no
    /// command can say what belongs where.
    pub(super) fn contradictions(&self, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut names = BTreeSet::new();
        let mut topics = BTreeMap::new();
        for (index, event) in self.events.iter().enumerate() {
            let mut add = |key, message| findings.push(finding(text, index, event, key, message));
            if !names.insert(&event.name) {
                add("name", format!("the event `{}` is there twice", event.name));
            }
            for (key, topic) in [("topic", &event.topic), ("dlq", &event.dlq)] {
                if let Some(other) = topics.insert(topic, &event.name) {
                    add(key, format!("the topic `{topic}` belongs to `{other}` already"));
                }
                if let Some(why) = illegal_topic(topic) {
                    add(key, format!("`{topic}` cannot be a topic: {why}"));
                }
            }
            if event.partitions < 1 {
                add("partitions", format!("a topic cannot have {} partitions", event.partitions));
            }
        }
        findings
    }
}

/// Kafka's rules for topic names (`org.apache.kafka.common.internals.Topic`).
fn illegal_topic(topic: &str) -> Option<&'static str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match topic {
        "" => Some("it is empty"),
        "." | ".." => Some("it is `.` or `..`"),
        _ if topic.len() > 249 => Some("it is longer than 249 characters"),
        _ if !topic.chars().all(legal) => Some("only ASCII letters, digits, `.`, `_` and `-` are allowed"),
        _ => None,
    }
}

fn pointers_into_nowhere(event: &Event, add: &mut impl FnMut(&'static str, String)) {
    let all = std::iter::once(("key", &event.key))
        .chain(event.correlation.values().map(|pointer| ("correlation", pointer)))
        .chain(
            event.ids.iter().filter(|id| !event.correlation.values().any(|p| p == *id)).map(|p| ("ids", p)),
        )
        .chain(event.personal.iter().map(|pointer| ("personal", pointer)))
        .chain(event.facts.iter().map(|pointer| ("facts", pointer)));
    for (key, pointer) in all {
        if subschema(&event.schema, pointer).is_none() {
            add(key, format!("the schema has no field at `{pointer}`"));
        }
    }
}

fn broken_schema(event: &Event, add: &mut impl FnMut(&'static str, String)) {
    let checker = match Checker::new(event) {
        Ok(checker) => checker,
        Err(error) => return add("schema", error.causes().join(": ")),
    };
    let examples = event.schema.get("examples").and_then(serde_json::Value::as_array);
    for (index, example) in examples.into_iter().flatten().enumerate() {
        for problem in checker.check_json(example) {
            let place = format!("/examples/{index}{}", problem.pointer);
            add("schema", format!("the schema's example at `{place}`: {}", problem.message));
        }
    }
}

fn finding(text: &str, index: usize, event: &Event, key: &'static str, message: String) -> Finding {
    Finding { event: event.name.clone(), key, line: line_of_key(text, index, key), message }
}

/// The line of a key in the `index`-th `[[event]]`, else the line of its header, else 1. A scan for the lines that
/// TOML's usual form has; a catalogue written as one inline array still gets its messages, with line 1.
pub(super) fn line_of_key(text: &str, index: usize, key: &str) -> usize {
    let mut header = None;
    let mut seen = 0;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("[[event]]") {
            if header.is_some() {
                break;
            }
            if seen == index {
                header = Some(number + 1);
            }
            seen += 1;
        } else if header.is_some()
            && line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        {
            return number + 1;
        }
    }
    header.unwrap_or(1)
}
