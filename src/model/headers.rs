//! The headers that are known by name: what each holds, and hence what of it may be shown.
//!
//! NestJS 11's `KafkaHeaders`, and the dead letter dialects of Spring, Spring Cloud Stream, Kafka Connect, Kafka Streams,
//! share groups (KIP-1191), SmallRye, Karafka, Laravel and of kafkajs and NestJS code in the field. A name that is not
//! here may hold anything: it is masked, and so is its value.

use super::mask::{is_id, is_uuid};

/// What a known header holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A topic's name.
    Topic,
    /// A partition, an attempt, a count: decimal text, or big-endian of 1 or 4 bytes.
    Small,
    /// An offset: decimal text, or big-endian of 8 bytes.
    Offset,
    /// Milliseconds since 1970 as decimal text or big-endian of 8 bytes, or RFC 3339.
    Time,
    /// `CreateTime`, `LogAppendTime`.
    TimestampType,
    /// An id.
    Id,
    /// The name of an error's class.
    ErrorClass,
    /// The name of a consumer group, a client or a connector.
    Group,
    /// NestJS's `kafka_nest-is-disposed`: one zero byte.
    Flag,
    /// W3C trace context.
    TraceParent,
    /// A media type.
    MediaType,
    /// Messages, stack traces, reasons: anything, so never shown.
    Free,
}

/// What the header called `name` holds; `None` if nobody knows.
pub fn class(name: &str) -> Option<Class> {
    TABLE.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| TABLE[at].1)
}

/// Every known name.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

impl Class {
    /// Whether a value that is not empty may be shown; `topics` are those of the catalogue.
    pub fn shows(self, bytes: &[u8], topics: &[Box<str>]) -> bool {
        let text = std::str::from_utf8(bytes).ok();
        let is = |test: fn(&str) -> bool| text.is_some_and(test);
        let below = |limit: i64| number(bytes).is_some_and(|n| (0..limit).contains(&n));
        match self {
            Class::Topic => text.is_some_and(|name| names_known_topic(name, topics)),
            Class::Small => below(1_000_000),
            // The limits leave no room for six letters in the eight bytes of a number.
            Class::Offset => below(1 << 40) || (is(is_decimal) && bytes.len() <= 19),
            Class::Time => below(YEAR_2100) || is(super::mask::is_date_time),
            Class::TimestampType => matches!(text, Some("CreateTime" | "LogAppendTime" | "NoTimestampType")),
            Class::Id => is(|id| is_id(id) || is_uuid(id)),
            Class::ErrorClass => is(is_error_class),
            Class::Group => is(is_group),
            Class::Flag => bytes == [0],
            Class::TraceParent => is(is_trace_parent),
            Class::MediaType => is(is_media_type),
            Class::Free => false,
        }
    }

    /// The number in a numeric header's value: of decimal text or big-endian bytes.
    pub fn number_in(self, bytes: &[u8]) -> Option<i64> {
        matches!(self, Class::Small | Class::Offset | Class::Time).then(|| number(bytes)).flatten()
    }
}

const YEAR_2100: i64 = 4_102_444_800_000;

/// Node writes decimal text, Spring big-endian bytes, under the same names: ASCII digits are text.
fn number(bytes: &[u8]) -> Option<i64> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && is_decimal(text)
    {
        return text.parse().ok();
    }
    match bytes.len() {
        // Letters are no count.
        1 if bytes[0] >= b' ' => None,
        // 6: Java's `BigInteger` of a time of ours (Spring's retry topics). Below eight bytes nothing is negative:
        // what such numbers count never is.
        1 | 4 | 6 | 8 => {
            let mut wide = [0; 8];
            wide[8 - bytes.len()..].copy_from_slice(bytes);
            Some(i64::from_be_bytes(wide))
        }
        _ => None,
    }
}

fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A topic of the catalogue, or a dead letter, retry or reply topic named after one.
fn names_known_topic(name: &str, topics: &[Box<str>]) -> bool {
    const SUFFIXES: &[&str] = &[
        "",
        ".reply",
        ".dlq",
        ".DLQ",
        "-dlq",
        "-dlt",
        ".dlt",
        ".DLT",
        "-DLT",
        ".dead-letter",
        ".dead_letter",
        ".dead-letters",
        ".dlq.v1",
        ".invalid",
        "-retry",
        ".retry",
    ];
    topics.iter().any(|topic| {
        let name = name.strip_prefix("dlq.").unwrap_or(name);
        let Some(rest) = name.strip_prefix(&**topic) else { return false };
        let retry = || rest.strip_prefix("-retry-").or_else(|| rest.strip_prefix(".retry."));
        SUFFIXES.contains(&rest)
            || retry().is_some_and(|n| is_decimal(n.trim_end_matches('s')) && n.len() < 9)
    })
}

/// `org.apache.kafka.common.errors.TimeoutException`, `TypeError`: words and dots up to one that says "error".
fn is_error_class(name: &str) -> bool {
    let ends = ["Error", "Exception", "Throwable"].iter().any(|end| name.ends_with(end));
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.');
    ends && name.len() <= 200 && !name.starts_with(|c: char| c.is_ascii_digit()) && name.bytes().all(word)
}

/// Of a group only a form is known; a word that says what it is keeps the names of people out.
fn is_group(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "group",
        "consumer",
        "service",
        "server",
        "client",
        "worker",
        "processor",
        "handler",
        "connect",
        "app",
    ];
    let form = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    name.len() <= 100 && name.bytes().all(form) && WORDS.iter().any(|word| name.contains(word))
}

/// <https://www.w3.org/TR/trace-context/#traceparent-header>, version 00.
fn is_trace_parent(text: &str) -> bool {
    let hex = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], ["00", trace, span, flags] if hex(trace, 32) && hex(span, 16) && hex(flags, 2))
}

fn is_media_type(text: &str) -> bool {
    matches!(
        text.split(';').next(),
        Some("application/json" | "application/octet-stream" | "application/cloudevents+json" | "text/plain")
    ) && matches!(
        text.split_once(';').map(|(_, rest)| rest.trim()),
        None | Some("charset=utf-8" | "charset=UTF-8")
    )
}

/// Sorted by name, for the binary search; a test holds that.
#[rustfmt::skip]
const TABLE: &[(&str, Class)] = &[
    ("__connect.errors.class.name", Class::Free),
    ("__connect.errors.connector.name", Class::Group),
    ("__connect.errors.exception.class.name", Class::ErrorClass),
    ("__connect.errors.exception.message", Class::Free),
    ("__connect.errors.exception.stacktrace", Class::Free),
    ("__connect.errors.offset", Class::Offset),
    ("__connect.errors.partition", Class::Small),
    ("__connect.errors.stage", Class::Free),
    ("__connect.errors.task.id", Class::Small),
    ("__connect.errors.topic", Class::Topic),
    ("__dlq.errors.delivery.count", Class::Small),
    ("__dlq.errors.group", Class::Group),
    ("__dlq.errors.message", Class::Free),
    ("__dlq.errors.offset", Class::Offset),
    ("__dlq.errors.partition", Class::Small),
    ("__dlq.errors.topic", Class::Topic),
    ("__streams.errors.exception", Class::ErrorClass),
    ("__streams.errors.message", Class::Free),
    ("__streams.errors.offset", Class::Offset),
    ("__streams.errors.partition", Class::Small),
    ("__streams.errors.stacktrace", Class::Free),
    ("__streams.errors.topic", Class::Topic),
    ("asyncRetry", Class::Free),
    ("content-type", Class::MediaType),
    ("contentType", Class::MediaType),
    ("correlation-id", Class::Id),
    ("correlationId", Class::Id),
    ("dead-letter-cause", Class::Free),
    ("dead-letter-cause-class-name", Class::ErrorClass),
    ("dead-letter-exception-class-name", Class::ErrorClass),
    ("dead-letter-offset", Class::Offset),
    ("dead-letter-partition", Class::Small),
    ("dead-letter-reason", Class::Free),
    ("dead-letter-topic", Class::Topic),
    ("delay", Class::Small),
    ("delayed-retry-cause", Class::Free),
    ("delayed-retry-cause-class-name", Class::ErrorClass),
    ("delayed-retry-count", Class::Small),
    ("delayed-retry-exception-class-name", Class::ErrorClass),
    ("delayed-retry-first-processing-timestamp", Class::Time),
    ("delayed-retry-offset", Class::Offset),
    ("delayed-retry-original-timestamp", Class::Time),
    ("delayed-retry-partition", Class::Small),
    ("delayed-retry-reason", Class::Free),
    ("delayed-retry-topic", Class::Topic),
    ("dlq-consumer-group", Class::Group),
    ("dlq-error", Class::Free),
    ("dlq-error-message", Class::Free),
    ("dlq-error-stack", Class::Free),
    ("dlq-failed-at", Class::Time),
    ("dlq-original-offset", Class::Offset),
    ("dlq-original-partition", Class::Small),
    ("dlq-original-topic", Class::Topic),
    ("dlq-reason", Class::Free),
    ("dlq-retry-count", Class::Small),
    ("dlq-timestamp", Class::Time),
    ("error", Class::Free),
    ("error-message", Class::Free),
    ("error-stack", Class::Free),
    ("error-type", Class::ErrorClass),
    ("failed-at", Class::Time),
    ("isCompleted", Class::Free),
    ("kafka_", Class::Free),
    ("kafka_acknowledgment", Class::Free),
    ("kafka_batchConvertedHeaders", Class::Free),
    ("kafka_consumer", Class::Free),
    ("kafka_correlationId", Class::Id),
    ("kafka_data", Class::Free),
    ("kafka_deliveryAttempt", Class::Small),
    ("kafka_dlt-exception-cause-fqcn", Class::ErrorClass),
    ("kafka_dlt-exception-fqcn", Class::ErrorClass),
    ("kafka_dlt-exception-message", Class::Free),
    ("kafka_dlt-exception-stacktrace", Class::Free),
    ("kafka_dlt-key-exception-fqcn", Class::ErrorClass),
    ("kafka_dlt-key-exception-message", Class::Free),
    ("kafka_dlt-key-exception-stacktrace", Class::Free),
    ("kafka_dlt-original-consumer-group", Class::Group),
    ("kafka_dlt-original-offset", Class::Offset),
    ("kafka_dlt-original-partition", Class::Small),
    ("kafka_dlt-original-timestamp", Class::Time),
    ("kafka_dlt-original-timestamp-type", Class::TimestampType),
    ("kafka_dlt-original-topic", Class::Topic),
    ("kafka_exception-cause-fqcn", Class::ErrorClass),
    ("kafka_exception-fqcn", Class::ErrorClass),
    ("kafka_exception-message", Class::Free),
    ("kafka_exception-stacktrace", Class::Free),
    ("kafka_groupId", Class::Group),
    ("kafka_key-exception-fqcn", Class::ErrorClass),
    ("kafka_key-exception-message", Class::Free),
    ("kafka_key-exception-stacktrace", Class::Free),
    ("kafka_messageKey", Class::Free),
    ("kafka_nativeHeaders", Class::Free),
    ("kafka_nest-err", Class::Free),
    ("kafka_nest-is-disposed", Class::Flag),
    ("kafka_offset", Class::Offset),
    ("kafka_original-offset", Class::Offset),
    ("kafka_original-partition", Class::Small),
    ("kafka_original-timestamp", Class::Time),
    ("kafka_original-timestamp-type", Class::TimestampType),
    ("kafka_original-topic", Class::Topic),
    ("kafka_partitionId", Class::Small),
    ("kafka_received", Class::Free),
    ("kafka_receivedMessageKey", Class::Free),
    ("kafka_receivedPartitionId", Class::Small),
    ("kafka_receivedTimestamp", Class::Time),
    ("kafka_receivedTopic", Class::Topic),
    ("kafka_recordMetadata", Class::Free),
    ("kafka_replyPartition", Class::Small),
    ("kafka_replyTopic", Class::Topic),
    ("kafka_throwable_class_name", Class::ErrorClass),
    ("kafka_throwable_code", Class::Small),
    ("kafka_throwable_message", Class::Free),
    ("kafka_timestamp", Class::Time),
    ("kafka_timestampType", Class::TimestampType),
    ("kafka_topic", Class::Topic),
    ("last-error", Class::Free),
    ("original-offset", Class::Offset),
    ("original-partition", Class::Small),
    ("original-topic", Class::Topic),
    ("retry-count", Class::Small),
    ("retry-timestamp", Class::Time),
    ("retryCount", Class::Small),
    ("retry_topic-attempts", Class::Small),
    ("retry_topic-backoff-timestamp", Class::Time),
    ("retry_topic-original-timestamp", Class::Time),
    ("source_attempts", Class::Small),
    ("source_consumer_group", Class::Group),
    ("source_offset", Class::Offset),
    ("source_partition", Class::Small),
    ("source_topic", Class::Topic),
    ("source_trace_id", Class::Id),
    ("total-retries", Class::Small),
    ("traceparent", Class::TraceParent),
    ("tracestate", Class::Free),
    ("tried", Class::Small),
    ("x-attempts", Class::Small),
    ("x-consumer-group-id", Class::Group),
    ("x-correlation-id", Class::Id),
    ("x-dlq-attempts", Class::Small),
    ("x-dlq-error", Class::Free),
    ("x-dlq-reason", Class::Free),
    ("x-dlq-timestamp", Class::Time),
    ("x-error", Class::Free),
    ("x-error-message", Class::Free),
    ("x-error-name", Class::ErrorClass),
    ("x-error-stack", Class::Free),
    ("x-exception-fqcn", Class::ErrorClass),
    ("x-exception-message", Class::Free),
    ("x-exception-stacktrace", Class::Free),
    ("x-failed-at", Class::Time),
    ("x-failed-by", Class::Group),
    ("x-handler-id", Class::Id),
    ("x-original-offset", Class::Offset),
    ("x-original-partition", Class::Small),
    ("x-original-timestamp", Class::Time),
    ("x-original-timestamp-type", Class::TimestampType),
    ("x-original-topic", Class::Topic),
    ("x-replay-count", Class::Small),
    ("x-request-id", Class::Id),
    ("x-retry-count", Class::Small),
];

#[cfg(test)]
mod tests;
