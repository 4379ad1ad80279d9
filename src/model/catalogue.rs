//! The catalogue of events: which topics, whose payloads, what is personal in them.

use std::collections::BTreeMap;

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

/// One event: its topic and its contract. Pointers are JSON pointers (RFC 6901); `*` stands for every array item.
#[derive(Debug, Clone)]
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
    /// Fields that hold ids: shown when they have the form of an id.
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
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The events.
    pub events: Vec<Event>,
}

impl Catalogue {
    /// The compiled-in catalogue of the appointment service.
    pub fn builtin() -> Result<Self, Error> {
        todo!()
    }
    /// The event called `name`.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.name == name)
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
}
