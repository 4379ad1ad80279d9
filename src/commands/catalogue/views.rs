//! What `catalogue` shows.

use serde_json::{Value, json};

use crate::model::catalogue::{Catalogue, Event, Finding, retention_text};
use crate::model::schema::fields;
use crate::output::View;

/// All events, in the catalogue's order.
pub(super) struct Events<'a>(pub(super) &'a Catalogue);

impl View for Events<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["EVENT", "TOPIC", "DIRECTION", "KEY", "PARTITIONS", "RETENTION", "DLQ"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |event: &Event| {
            let cells = [
                event.name.clone(),
                event.topic.clone(),
                event.direction.name().to_owned(),
                event.key.clone(),
                event.partitions.to_string(),
                retention_text(event.retention_ms),
                event.dlq.clone(),
            ];
            cells.map(Some).to_vec()
        };
        self.0.events.iter().map(row).collect()
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PARTITIONS"]
    }
    fn lines(&self) -> Vec<Value> {
        self.0.events.iter().map(summary).collect()
    }
}

/// One event but for its payload's fields; for programs, all of it.
pub(super) struct EventSheet<'a>(pub(super) &'a Event);

impl View for EventSheet<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["SETTING", "VALUE"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let event = self.0;
        let title = event.schema.get("title").and_then(Value::as_str).map(str::to_owned);
        let envelope = if event.envelope { "enveloped" } else { "flat" };
        let rows = [
            ("event", Some(event.name.clone())),
            ("meaning", title),
            ("topic", Some(event.topic.clone())),
            ("direction", Some(event.direction.name().to_owned())),
            ("payload", Some(envelope.to_owned())),
            ("eventType", event.event_type.clone()),
            ("key", Some(event.key.clone())),
            ("dlq", Some(event.dlq.clone())),
            ("partitions", Some(event.partitions.to_string())),
            ("retention", Some(retention_text(event.retention_ms))),
        ];
        rows.map(|(name, value)| vec![Some(name.to_owned()), value]).to_vec()
    }
    fn lines(&self) -> Vec<Value> {
        let event = self.0;
        let mut line = summary(event);
        line["ids"] = json!(event.ids);
        line["personal"] = json!(event.personal);
        line["facts"] = json!(event.facts);
        line["schema"] = event.schema.clone();
        vec![line]
    }
}

/// The fields of an event's payload, for people; programs have the schema in [`EventSheet`].
pub(super) struct EventFields<'a>(pub(super) &'a Event);

impl View for EventFields<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["FIELD", "TYPE", "REQUIRED", "NOTES"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |field: fields::Field| {
            let notes = notes(self.0, &field.pointer);
            let required = if field.required { "yes" } else { "no" };
            vec![Some(field.pointer), Some(field.kind), Some(required.to_owned()), notes]
        };
        fields::of(&self.0.schema).into_iter().map(row).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["NOTES"]
    }
    fn lines(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// What is wrong in a catalogue.
pub(super) struct Findings<'a> {
    pub(super) file: &'a str,
    pub(super) findings: &'a [Finding],
}

impl View for Findings<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["FILE", "EVENT", "KEY", "PROBLEM"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |finding: &Finding| {
            let place = format!("{}:{}", self.file, finding.line);
            let cells = [place, finding.event.clone(), finding.key.to_owned(), finding.message.clone()];
            cells.map(Some).to_vec()
        };
        self.findings.iter().map(row).collect()
    }
    fn lines(&self) -> Vec<Value> {
        let line = |finding: &Finding| {
            json!({
                "file": self.file, "line": finding.line, "event": finding.event, "key": finding.key,
                "problem": finding.message,
            })
        };
        self.findings.iter().map(line).collect()
    }
}

fn summary(event: &Event) -> Value {
    json!({
        "event": event.name, "topic": event.topic, "direction": event.direction, "key": event.key,
        "event_type": event.event_type, "envelope": event.envelope, "correlation": event.correlation,
        "dlq": event.dlq, "partitions": event.partitions, "retention_ms": event.retention_ms,
    })
}

fn notes(event: &Event, pointer: &str) -> Option<String> {
    let has = |list: &[String]| list.iter().any(|p| p == pointer);
    let notes = [
        (event.key == pointer, "key"),
        (has(&event.ids), "id"),
        (has(&event.personal), "personal"),
        (has(&event.facts), "shown in a line"),
    ];
    let notes: Vec<&str> = notes.into_iter().filter_map(|(is, note)| is.then_some(note)).collect();
    (!notes.is_empty()).then(|| notes.join(", "))
}
