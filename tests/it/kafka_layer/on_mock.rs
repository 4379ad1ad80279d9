//! What librdkafka's mock decides as well as a real broker: bytes, metadata, batches.

use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use rdvctl::kafka::reader::{Isolation, Span};
use rdvctl::model::record::{Record, Timestamp, TimestampType};

use super::{cluster, header, read_spans, record, send_well};

/// Records that only differ in what is easily lost.
pub(super) fn odd_records(topic: &str) -> Vec<Record<'_>> {
    let base = Record { key: None, value: None, ..record(topic, 0, "", "") };
    let bytes: &[u8] = &[0, 159, 146, 150, 255];
    vec![
        Record { key: Some(b"tombstone".into()), ..base.clone() },
        Record { value: Some(b"".into()), ..base.clone() },
        Record { key: Some(b"".into()), value: Some(b"empty key".into()), ..base.clone() },
        Record { key: Some(bytes.into()), value: Some(bytes.into()), ..base.clone() },
        Record {
            headers: vec![
                header("a", Some(b"1")),
                header("b", None),
                header("a", Some(b"")),
                header("a", None),
                header("", Some(bytes)),
                header("dé", Some(b"2")),
            ],
            value: Some(br#"{"a":1,"a":1e400, "b" : 12345678901234567890}"#.into()),
            ..base.clone()
        },
        Record {
            timestamp: Some(Timestamp { millis: 1, kind: TimestampType::CreateTime }),
            value: Some(b"old".into()),
            ..base
        },
    ]
}

/// Equal but for the place in the log, and for a time that the producer set.
pub(super) fn same(sent: &Record<'_>, read: &Record<'_>) {
    assert_eq!(sent.key, read.key);
    assert_eq!(sent.value, read.value);
    assert_eq!(sent.headers, read.headers);
    if sent.timestamp.is_some() {
        assert_eq!(sent.timestamp, read.timestamp);
    }
}

#[test]
fn bytes_nulls_and_headers_survive() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("odd", 1, 1).unwrap();
    let cluster = cluster(&mock.bootstrap_servers());
    let records = odd_records("odd");
    let deliveries = send_well(&cluster, &records);
    assert_eq!(deliveries.iter().map(|d| d.offset).collect::<Vec<_>>(), (0..6).map(Some).collect::<Vec<_>>());
    let spans = [Span { topic: "odd".into(), partition: 0, start: 0, end: Some(6) }];
    let read = read_spans(&cluster, &spans, Isolation::ReadCommitted);
    assert_eq!(read.len(), records.len());
    for (sent, read) in records.iter().zip(&read) {
        same(sent, read);
    }
}

#[test]
fn looking_for_a_topic_does_not_create_it() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("there", 3, 1).unwrap();
    let cluster = cluster(&mock.bootstrap_servers());
    assert_eq!(cluster.topic("not.there").unwrap(), None);
    let there = cluster.topic("there").unwrap().unwrap();
    assert_eq!(there.partitions.iter().map(|p| p.id).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(there.partitions.iter().all(|p| p.leader == Some(1)));
    let names: Vec<_> = cluster.topics().unwrap().into_iter().map(|topic| topic.name).collect();
    assert_eq!(names, ["there"]);
}

#[test]
fn only_the_span_is_read() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("span", 2, 1).unwrap();
    let cluster = cluster(&mock.bootstrap_servers());
    let values: Vec<_> = (0..100).map(|n| format!("{n}")).collect();
    let records: Vec<_> =
        values.iter().flat_map(|value| [0, 1].map(|p| record("span", p, "k", value))).collect();
    send_well(&cluster, &records);
    let spans = [
        Span { topic: "span".into(), partition: 0, start: 10, end: Some(20) },
        Span { topic: "span".into(), partition: 1, start: 99, end: Some(100) },
    ];
    let mut read = read_spans(&cluster, &spans, Isolation::ReadCommitted);
    read.sort_by_key(|record| (record.partition, record.offset));
    assert_eq!(super::values(&read), ["10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "99"]);
}

#[test]
fn timestamps_that_librdkafka_would_replace_are_refused() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("t", 1, 1).unwrap();
    let cluster = cluster(&mock.bootstrap_servers());
    let mut producer =
        rdvctl::kafka::producer::Producer::open(&cluster, &rdvctl::kafka::producer::Load::default()).unwrap();
    let timestamp = Some(Timestamp { millis: 0, kind: TimestampType::CreateTime });
    let error = producer.send(&Record { timestamp, ..record("t", 0, "k", "v") }, 0).unwrap_err();
    assert_eq!(error.kind(), rdvctl::error::Kind::Input);
    assert!(producer.finish().is_empty());
}

#[test]
fn a_leader_that_is_just_becoming_one_is_asked_again() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("new", 1, 1).unwrap();
    let cluster = cluster(&mock.bootstrap_servers());
    let topics = cluster.topics().unwrap();
    mock.request_errors(
        RDKafkaApiKey::ListOffsets,
        &[
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
        ],
    );
    cluster.reach_leaders(&topics).unwrap();
    mock.request_errors(
        RDKafkaApiKey::ListOffsets,
        &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED],
    );
    cluster.reach_leaders(&topics).unwrap_err();
}
