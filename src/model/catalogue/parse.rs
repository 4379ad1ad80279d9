//! catalogue.toml → [`Catalogue`]: every error names file, line and key.

use std::collections::BTreeMap;

use jiff::{Span, SpanRelativeTo, Unit};
use serde::Deserialize;
use serde_json::Value;

use super::findings::line_of_key;
use super::{Catalogue, Direction, Event, ReadText};
use crate::error::Error;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    defaults: Defaults,
    event: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Defaults {
    partitions: i32,
    retention: String,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { partitions: 3, retention: "7d".to_owned() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    topic: Option<String>,
    direction: Direction,
    event_type: Option<String>,
    envelope: Option<bool>,
    key: String,
    #[serde(default)]
    correlation: BTreeMap<String, String>,
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    personal: Vec<String>,
    #[serde(default)]
    facts: Vec<String>,
    dlq: Option<String>,
    partitions: Option<i32>,
    retention: Option<String>,
    schema: Option<String>,
}

pub(super) fn catalogue(file: &str, text: &str, read_schema: &ReadText<'_>) -> Result<Catalogue, Error> {
    let parsed: File = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let (line, column) = position(text, start);
        // The first line says it; the rest of toml's own rendering repeats the file.
        let message = error.message().lines().next().unwrap_or("not TOML").to_owned();
        Error::input(format!("{file}:{line}:{column}: {message}"))
    })?;
    let mut events = Vec::with_capacity(parsed.event.len());
    for (index, entry) in parsed.event.into_iter().enumerate() {
        let place = |key: &str| format!("{file}:{}: `{key}`", line_of_key(text, index, key));
        events.push(event(entry, &parsed.defaults, &place, read_schema)?);
    }
    Ok(Catalogue { events })
}

fn event(
    entry: Entry,
    defaults: &Defaults,
    place: &dyn Fn(&str) -> String,
    read_schema: &ReadText<'_>,
) -> Result<Event, Error> {
    let topic = entry.topic.unwrap_or_else(|| entry.name.clone());
    let retention = entry.retention.as_ref().unwrap_or(&defaults.retention);
    let retention_ms = retention_ms(retention).ok_or_else(|| {
        Error::input(format!("{}: `{retention}` is not a duration", place("retention")))
            .hint("write `7d`, `12h` or `-1` for ever")
    })?;
    let mut ids: Vec<String> = Vec::new();
    for pointer in entry.correlation.values().chain(&entry.ids) {
        if !ids.contains(pointer) {
            ids.push(pointer.clone());
        }
    }
    Ok(Event {
        schema: schema(
            entry.schema.unwrap_or_else(|| format!("schemas/{}.json", entry.name)),
            place,
            read_schema,
        )?,
        envelope: entry.envelope.unwrap_or(entry.event_type.is_some()),
        dlq: entry.dlq.unwrap_or_else(|| format!("{topic}.dlq")),
        partitions: entry.partitions.unwrap_or(defaults.partitions),
        name: entry.name,
        topic,
        direction: entry.direction,
        event_type: entry.event_type,
        key: entry.key,
        correlation: entry.correlation,
        ids,
        personal: entry.personal,
        facts: entry.facts,
        retention_ms,
    })
}

fn schema(path: String, place: &dyn Fn(&str) -> String, read: &ReadText<'_>) -> Result<Value, Error> {
    let text = read(&path).map_err(|error| {
        Error::input(format!("{}: the schema `{path}` cannot be read", place("schema"))).caused_by(error)
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Error::input(format!("{path}:{}:{}: the schema is not JSON", error.line(), error.column()))
            .caused_by(error.to_string())
    })
}

/// `7d`, `12h 30m` in milliseconds; `-1` is for ever, as in Kafka's `retention.ms`.
fn retention_ms(text: &str) -> Option<i64> {
    if text == "-1" {
        return Some(-1);
    }
    let span: Span = text.parse().ok()?;
    let ms = span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())).ok()?;
    (1.0..9e15).contains(&ms).then_some(ms as i64)
}

/// A retention for people: `7d`, `12h`, `90s`, `for ever`.
pub fn retention_text(ms: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    if ms < 0 {
        return "for ever".to_owned();
    }
    let unit = UNITS.iter().find(|(size, _)| ms >= *size && ms % size == 0);
    unit.map_or_else(|| format!("{ms}ms"), |(size, name)| format!("{}{name}", ms / size))
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
