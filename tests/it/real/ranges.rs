//! Where a bounded read begins and ends on a real log.

use std::time::Duration;

use crate::support::Kafka;
use crate::support::kafka::{End, Raw, bytes};
use crate::support::peers::tool;

/// A bounded read that hangs is the failure: much shorter than the harness's own limit.
const SOON: Duration = Duration::from_secs(15);

fn numbered(range: std::ops::Range<i64>) -> Vec<Raw> {
    let record = |number: i64| Raw {
        key: bytes("k"),
        value: bytes(format!("{number}")),
        timestamp: Some(1_704_877_200_000 + number * 1000),
        ..Raw::default()
    };
    range.map(record).collect()
}

/// The values that a bounded tail shows, in order.
#[track_caller]
fn values(kafka: &Kafka, topic: &str, args: &[&str]) -> Vec<i64> {
    let run = kafka
        .rdvctl()
        .args(["tail", topic, "--reveal", "-o", "ndjson"])
        .args(args)
        .limit(SOON)
        .run()
        .expect(0);
    let value = |record: serde_json::Value| {
        let value = &record["value"];
        value["json"]
            .as_i64()
            .or_else(|| value["text"].as_str()?.parse().ok())
            .unwrap_or_else(|| panic!("{record}"))
    };
    run.ndjson().into_iter().map(value).collect()
}

#[test]
#[ignore = "needs real Kafka: transactions"]
fn a_log_that_ends_in_a_control_record_is_read_to_its_end() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    kafka.write_in_transaction(&topic, &numbered(0..5), End::Commit);
    assert_eq!(values(&kafka, &topic, &["--from", "start"]), [0, 1, 2, 3, 4]);
    assert_eq!(values(&kafka, &topic, &["--from", "2", "--until", "4"]), [2, 3]);
}

#[test]
#[ignore = "needs real Kafka: transactions"]
fn an_aborted_transaction_is_hidden_unless_asked_for() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    kafka.write(&topic, &numbered(0..2));
    kafka.write_in_transaction(&topic, &numbered(2..4), End::Abort);
    kafka.write(&topic, &numbered(4..6));
    kafka.write_in_transaction(&topic, &numbered(6..8), End::Abort);
    assert_eq!(values(&kafka, &topic, &["--from", "start"]), [0, 1, 4, 5]);
    let all = ["--from", "start", "--isolation", "read_uncommitted"];
    assert_eq!(values(&kafka, &topic, &all), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
#[ignore = "needs real Kafka: transactions"]
fn an_open_transaction_does_not_hang_a_bounded_read() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    kafka.write(&topic, &numbered(0..2));
    let open = kafka.write_in_transaction(&topic, &numbered(2..4), End::StayOpen);
    kafka.write(&topic, &numbered(4..6));
    assert_eq!(values(&kafka, &topic, &["--from", "start"]), [0, 1]);
    drop(open);
}

#[test]
#[ignore = "needs real Kafka: offsets by time"]
fn times_and_offsets_bound_a_read() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    kafka.write(&topic, &numbered(0..10));
    // Record n was written at 09:00:00 plus n seconds.
    assert_eq!(values(&kafka, &topic, &["--from", "2024-01-10T09:00:07Z"]), [7, 8, 9]);
    assert_eq!(values(&kafka, &topic, &["--from", "start", "--until", "2024-01-10T09:00:02Z"]), [0, 1]);
    assert_eq!(values(&kafka, &topic, &["--from", "-3"]), [7, 8, 9]);
    assert_eq!(values(&kafka, &topic, &["--from", "4", "--until", "6"]), [4, 5]);
    assert_eq!(values(&kafka, &topic, &["--from", "end"]), [0i64; 0]);
    assert_eq!(values(&kafka, &topic, &["--from", "-1h"]), [0i64; 0]);
    assert_eq!(values(&kafka, &topic, &["--from", "start", "--limit", "3"]), [0, 1, 2]);
    assert_eq!(values(&kafka, &topic, &[]), (0..10).collect::<Vec<i64>>());
}

#[test]
#[ignore = "needs real Kafka: its tool deletes records"]
fn a_log_whose_beginning_is_deleted_starts_where_it_starts() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    kafka.write(&topic, &numbered(0..6));
    let file = tempfile::NamedTempFile::new().unwrap();
    let plan =
        serde_json::json!({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": 4}]});
    std::fs::write(file.path(), plan.to_string()).unwrap();
    let path = file.path().to_str().unwrap();
    let args = ["--bootstrap-server", kafka.address(), "--offset-json-file", path];
    tool("org.apache.kafka.tools.DeleteRecordsCommand", args).expect(0);
    assert_eq!(values(&kafka, &topic, &["--from", "start"]), [4, 5]);
    assert_eq!(values(&kafka, &topic, &["--from", "-10"]), [4, 5]);
    for (from, told) in
        [("2", "starts at offset 4, what is before it has been deleted"), ("7", "ends at offset 6, before 7")]
    {
        let run = kafka.rdvctl().args(["tail", &topic, "--from", from]).limit(SOON).run().expect(0);
        assert!(run.err().contains(told), "{}", run.err());
    }
}
