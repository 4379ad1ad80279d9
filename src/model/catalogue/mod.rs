//! The catalogue of events: which topics, whose payloads, what is personal in them.
//!
//! It is data (`fixtures/catalogue.toml` and what is beside it), compiled in or read from a file of the user's, so
//! that another bounded context needs no line of Rust. Reading files is `crate::catalogue_files`; this parses text.

pub mod builtin;
mod findings;
mod parse;

use std::collections::BTreeMap;

pub use findings::Finding;
pub use parse::retention_text;

use crate::error::Error;

/// Whether the service reads or writes a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Other contexts → the service.
    Inbound,
    /// The service → others.
    Outbound,
}

impl Direction {
    /// `inbound`, `outbound`.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        }
    }
}

/// One event: its topic and its contract. Pointers are JSON pointers (RFC 6901); `*` stands for every array item.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What users call it, `appointment.created`.
    pub name: String,
    /// Its topic.
    pub topic: String,
    /// Read or written by the service.
    pub direction: Direction,
    /// `eventType` on the wire, for enveloped events.
    pub event_type: Option<String>,
    /// Whether the payload is `{eventType, occurredOn, data, metadata}` or flat.
    pub envelope: bool,
    /// Where in the payload the key is.
    pub key: String,
    /// Correlation ids by name (`appointmentId`, `patientId`, `doctorId`), each where it is in the payload.
    pub correlation: BTreeMap<String, String>,
    /// Fields that hold ids: shown when they have the form of an id. The correlation ids are among them.
    pub ids: Vec<String>,
    /// Fields that hold personal data.
    pub personal: Vec<String>,
    /// The fields a readable line shows, in order.
    pub facts: Vec<String>,
    /// Its dead letter queue.
    pub dlq: String,
    /// Wanted partitions.
    pub partitions: i32,
    /// Wanted `retention.ms`.
    pub retention_ms: i64,
    /// The payload's JSON Schema (draft 2020-12).
    pub schema: serde_json::Value,
}

/// All events, in the file's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The events.
    pub events: Vec<Event>,
}

impl Catalogue {
    /// The compiled-in catalogue of the appointment service.
    pub fn builtin() -> Result<Self, Error> {
        Self::parse(&builtin::path(builtin::CATALOGUE), builtin::text(builtin::CATALOGUE)?, &|schema| {
            builtin::text(schema).map(str::to_owned)
        })
    }

    /// Parses a catalogue and refuses one that contradicts itself. `file` is its name in errors; `read_schema` is
    /// given a schema's path relative to the catalogue.
    pub fn parse(file: &str, text: &str, read_schema: &ReadText<'_>) -> Result<Self, Error> {
        let catalogue = Self::parse_unchecked(file, text, read_schema)?;
        match catalogue.contradictions(text).into_iter().next() {
            None => Ok(catalogue),
            Some(finding) => Err(Error::input(format!("{file}:{}: {}", finding.line, finding.message))
                .hint("`rdvctl catalogue check FILE` lists everything that is wrong in a catalogue")),
        }
    }

    /// Parses a catalogue as [`Catalogue::parse`] does, but leaves contradictions to [`Catalogue::findings`].
    pub fn parse_unchecked(file: &str, text: &str, read_schema: &ReadText<'_>) -> Result<Self, Error> {
        parse::catalogue(file, text, read_schema)
    }

    /// The event called `name`.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.name == name)
    }

    /// The event called `name`, or an input error that names what is near.
    pub fn require(&self, name: &str) -> Result<&Event, Error> {
        self.event(name).ok_or_else(|| {
            let error = Error::input(format!("there is no event `{name}` in the catalogue"));
            match self.near(name).as_slice() {
                [] => error.hint("`rdvctl catalogue list` shows the events"),
                near => error.hint(format!("did you mean {}?", quoted(near))),
            }
        })
    }

    /// The event of a topic; `true` if the topic is its dead letter queue.
    pub fn of_topic(&self, topic: &str) -> Option<(&Event, bool)> {
        self.events.iter().find_map(|e| {
            if e.topic == topic {
                Some((e, false))
            } else if e.dlq == topic {
                Some((e, true))
            } else {
                None
            }
        })
    }

    /// At most three event names that look like `name`, the likeliest first.
    pub fn near(&self, name: &str) -> Vec<String> {
        near(name, self.events.iter().map(|e| e.name.as_str()))
    }
}

/// Gives the text of a file by its path relative to the catalogue.
pub type ReadText<'a> = dyn Fn(&str) -> Result<String, Error> + 'a;

/// At most three of `known` that look like `name`, the likeliest first; for "did you mean".
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let alike = strsim::normalized_damerau_levenshtein(&wanted, &lower);
            let within = wanted.len() >= 3 && (lower.contains(&wanted) || wanted.contains(&lower));
            (alike >= 0.6 || within).then_some((alike, candidate))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// `` `a`, `b` ``.
pub fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
