//! A Kafka record as it is on the wire, borrowed or owned.

use std::borrow::Cow;

/// What a record's timestamp means (KIP-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampType {
    /// Set by the producer.
    CreateTime,
    /// Set by the broker.
    LogAppendTime,
}

impl TimestampType {
    /// Kafka's own name of it, as in Spring's `kafka_dlt-original-timestamp-type`.
    pub fn name(self) -> &'static str {
        match self {
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        }
    }
}

/// Bytes that hold the values of several records; who has a part of them for longer than a call keeps them all.
pub type Shared = std::sync::Arc<Vec<u8>>;

/// A record's time: milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub millis: i64,
    /// Who set it.
    pub kind: TimestampType,
}

/// One header. Names may repeat, order counts, and a null value is not an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its bytes; `None` is a null value.
    pub value: Option<Cow<'a, [u8]>>,
}

/// A record with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// The topic it is in, or goes to.
    pub topic: Cow<'a, str>,
    /// The partition; `None` lets the key decide.
    pub partition: Option<i32>,
    /// The offset in its partition, once it has one.
    pub offset: Option<i64>,
    /// Its time; `None` where the broker has none (message format 0) or the producer is to set it.
    pub timestamp: Option<Timestamp>,
    /// The key's bytes; `None` is a null key.
    pub key: Option<Cow<'a, [u8]>>,
    /// The headers in order.
    pub headers: Vec<Header<'a>>,
    /// The value's bytes; `None` is a tombstone, which is not an empty value.
    pub value: Option<Cow<'a, [u8]>>,
}

impl Record<'_> {
    /// The same record, holding its own bytes.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            topic: Cow::Owned(self.topic.into_owned()),
            partition: self.partition,
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.key.map(|bytes| Cow::Owned(bytes.into_owned())),
            headers: self.headers.into_iter().map(Header::into_owned).collect(),
            value: self.value.map(|bytes| Cow::Owned(bytes.into_owned())),
        }
    }

    /// Bytes of key, value and headers: what it costs to hold it.
    pub fn size(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|h| h.name.len() + h.value.as_ref().map_or(0, |v| v.len())).sum();
        self.key.as_ref().map_or(0, |k| k.len()) + self.value.as_ref().map_or(0, |v| v.len()) + headers
    }
}

impl Header<'_> {
    /// The same header, holding its own bytes.
    pub fn into_owned(self) -> Header<'static> {
        Header {
            name: Cow::Owned(self.name.into_owned()),
            value: self.value.map(|bytes| Cow::Owned(bytes.into_owned())),
        }
    }
}
