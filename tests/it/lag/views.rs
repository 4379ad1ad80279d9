//! Many groups and many partitions; totals, metrics, watching.

use std::time::Duration;

use super::actors::{commit, now_ms, records};
use crate::support::{Kafka, unique};

#[test]
#[ignore = "needs real Kafka: groups"]
fn totals_and_metrics_are_of_the_same_rows() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(2), unique("totals"));
    kafka.write(&topic, &records(0, 10, now_ms() - 60_000, 0));
    commit(&kafka, &group, &topic, &[(0, 4), (1, 0)]);
    let total =
        kafka.rdvctl().args(["lag", &group, "--by", "topic", "-o", "ndjson"]).run().expect(0).ndjson();
    assert_eq!((total[0]["topic"].as_str(), total[0]["lag"].as_i64()), (Some(topic.as_str()), Some(6)));
    assert_eq!((total[0]["partitions"].as_i64(), total[0]["lagging"].as_i64()), (Some(2), Some(1)));
    let metrics = kafka.rdvctl().args(["lag", &group, "-o", "prometheus"]).run().expect(0);
    let sample = format!("rdvctl_group_lag{{group=\"{group}\",topic=\"{topic}\",partition=\"0\"}} 6\n");
    assert!(metrics.out().contains(&sample), "{}", metrics.transcript());
    let only = kafka.rdvctl().args(["lag", &group, "--only-lagging", "-o", "ndjson"]).run().expect(0);
    assert_eq!(only.ndjson().len(), 1);
    let other = kafka.rdvctl().args(["topics", "list", "-o", "prometheus"]).run().expect(2);
    assert!(other.err().contains("only `lag`"), "{}", other.transcript());
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_watch_shows_the_trend_and_ends_well_with_ctrl_c() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("watched"));
    kafka.write(&topic, &records(0, 10, now_ms(), 0));
    commit(&kafka, &group, &topic, &[(0, 2)]);
    let mut watching = kafka.rdvctl().args(["lag", &group, "--watch", "300ms", "-o", "ndjson"]).spawn();
    watching.wait_until_it_says("\"lag\":8");
    commit(&kafka, &group, &topic, &[(0, 6)]);
    watching.wait_until_it_says("\"lag\":4");
    watching.interrupt();
    let rows = watching.wait().expect(0).ndjson();
    let last = rows.last().unwrap();
    assert!(last["out_per_second"].as_f64().unwrap() > 0.0, "{last}");
    assert!(last["eta_seconds"].as_f64().unwrap() > 0.0, "{last}");
    let table = kafka.rdvctl().args(["lag", &group, "--watch", "200ms"]).spawn();
    std::thread::sleep(Duration::from_millis(1500));
    table.interrupt();
    let run = table.wait().expect(0);
    assert!(run.out().matches("LAG OVER TIME").count() > 1, "{}", run.transcript());
    assert!(!run.out().contains('\u{1b}'), "no control sequences off a terminal");
}

#[test]
#[ignore = "needs real Kafka: a broker of its own with 200 groups on 1,000 partitions"]
fn two_hundred_groups_on_a_thousand_partitions_stay_readable() {
    let kafka = Kafka::own();
    let topic = kafka.topic(1000);
    kafka.write(&topic, &records(0, 5, now_ms(), 0));
    let offsets: Vec<(i32, i64)> = (0..1000).map(|partition| (partition, 0)).collect();
    for _ in 0..200 {
        commit(&kafka, &unique("many"), &topic, &offsets);
    }
    let table = kafka.rdvctl().args(["lag", "--all"]).run().expect(0);
    assert!(table.err().contains("200,000 rows, added up by group"), "{}", table.err());
    assert_eq!(table.out().lines().count(), 201, "a header and a line for each group");
    let all = kafka.rdvctl().args(["lag", "--all", "--by", "partition", "--no-age"]).run().expect(0);
    assert_eq!(all.out().lines().count(), 200_001);
    let width = all.out().lines().next().unwrap().find("STATUS").unwrap();
    let last = all.out().lines().last().unwrap();
    assert_eq!(&last[width..width + 2], "ok", "blocks are aligned: {last}");
}
