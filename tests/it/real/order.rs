//! Whatever way records take to the output, those of a partition come in the order of the log, none missing.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::support::Kafka;
use crate::support::kafka::{Raw, bytes};

/// The ways through `tail`: as they come, merged by time, through a filter in bytes, and one for the jq machine.
const WAYS: [&[&str]; 4] = [
    &[],
    &["--sort", "time"],
    &["--where", r#".value.kind == "odd""#],
    &["--where", r#"any(.value.kind; test("d$"))"#],
];

/// Partition, milliseconds, and how long the value is.
fn records() -> impl Strategy<Value = Vec<(i32, i64, usize)>> {
    proptest::collection::vec((0..4, 0..5000_i64, 0..600_usize), 1..3000)
}

fn written(records: &[(i32, i64, usize)]) -> Vec<Raw> {
    let raw = |(number, &(partition, millis, size)): (usize, &(i32, i64, usize))| {
        let kind = if number % 2 == 1 { "odd" } else { "even" };
        Raw {
            key: bytes(key(number)),
            value: bytes(format!(r#"{{"kind":"{kind}","pad":"{}"}}"#, "x".repeat(size))),
            // Neither rising nor falling: a merge by time must not sort within a partition.
            timestamp: Some(1_704_877_200_000 + millis),
            partition,
            ..Raw::default()
        }
    };
    records.iter().enumerate().map(raw).collect()
}

fn key(number: usize) -> String {
    format!("record-{number}")
}

/// Partition and key of each, partition by partition.
fn by_partition(all: impl Iterator<Item = (i64, String)>) -> BTreeMap<i64, Vec<String>> {
    let mut partitions: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (partition, key) in all {
        partitions.entry(partition).or_default().push(key);
    }
    partitions
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[ignore = "needs real Kafka: its batches and fetches"]
    fn every_way_keeps_the_order_of_each_partition(records in records()) {
        let kafka = Kafka::shared();
        let topic = kafka.topic(4);
        let raws = written(&records);
        kafka.write(&topic, &raws);
        for way in WAYS {
            let tail = ["tail", &topic, "--from", "start", "--reveal", "-o", "ndjson"];
            let lines = kafka.rdvctl().args(tail).args(way).run().expect(0).ndjson();
            let shown = lines.iter().map(|line| {
                (line["partition"].as_i64().unwrap(), line["key"]["text"].as_str().unwrap().to_owned())
            });
            let step = if way.first() == Some(&"--where") { 2 } else { 1 };
            let wanted = raws.iter().enumerate().skip(step - 1).step_by(step);
            let wanted = wanted.map(|(number, raw)| (i64::from(raw.partition), key(number)));
            prop_assert_eq!(by_partition(shown), by_partition(wanted), "{:?}", way);
        }
    }

    #[test]
    #[ignore = "needs real Kafka: its batches and fetches"]
    fn a_limit_cuts_what_is_shown_and_changes_nothing_before(records in records(), limit in 1..3000_usize) {
        let kafka = Kafka::shared();
        let topic = kafka.topic(4);
        kafka.write(&topic, &written(&records));
        let tail = |flags: &[&str]| {
            let tail = ["tail", &topic, "--from", "start", "--reveal", "-o", "ndjson"];
            kafka.rdvctl().args(tail).args(flags).run().expect(0).ndjson()
        };
        let most = limit.min(records.len());
        let cut = limit.to_string();
        let merged = tail(&["--sort", "time"]);
        prop_assert_eq!(tail(&["--sort", "time", "--limit", &cut]), &merged[..most]);
        let mut first = merged;
        first.sort_by_key(|record| (record["partition"].as_i64(), record["offset"].as_i64()));
        let some = tail(&["--limit", &cut]);
        prop_assert_eq!(some.len(), most);
        for partition in 0..4 {
            let of = |record: &&serde_json::Value| record["partition"] == partition;
            let (shown, all) = (some.iter().filter(of), first.iter().filter(of));
            prop_assert!(shown.zip(all).all(|(shown, first)| shown == first), "partition {}", partition);
        }
    }
}
