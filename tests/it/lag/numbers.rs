//! Every number equal to what Kafka's own kafka-consumer-groups says, or better and said why.

use std::time::Duration;

use serde_json::{Value, json};

use super::actors::{Behaviour, Member, as_theirs, commit, kafka_says, now_ms, records, we_say};
use crate::support::kafka::{End, Raw, bytes};
use crate::support::peers::start_tool;
use crate::support::{Kafka, unique};

#[track_caller]
fn seconds(row: &Value) -> f64 {
    row["age_seconds"].as_f64().unwrap_or_else(|| panic!("no age: {row}"))
}

#[test]
#[ignore = "needs real Kafka: groups, and Kafka's own tool"]
fn a_simple_group_has_kafkas_numbers_and_the_age_of_its_next_record() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(3), unique("simple"));
    let first = now_ms() - 3_600_000;
    for partition in 0..3 {
        kafka.write(&topic, &records(partition, 10, first, 60));
    }
    commit(&kafka, &group, &topic, &[(0, 4), (1, 10), (2, 0)]);
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!(as_theirs(&rows), kafka_says(&kafka, &group));
    for (time, name) in [("-2", "start"), ("-1", "end")] {
        let ours: Vec<_> = rows.iter().map(|row| row[name].as_i64().unwrap()).collect();
        assert_eq!(ours, get_offset_shell(&kafka, &topic, time), "{name}");
    }
    assert_eq!(rows.iter().map(|row| &row["drained"]).collect::<Vec<_>>(), [false, true, false]);
    // The record at offset 4 is 60 minutes less 4 minutes old.
    assert!((seconds(&rows[0]) - 3360.0).abs() < 60.0, "{}", rows[0]);
    assert!(rows[1]["age_seconds"] == json!(0.0), "{}", rows[1]);
    assert!((seconds(&rows[2]) - 3600.0).abs() < 60.0, "{}", rows[2]);
    assert!(rows.iter().all(|row| row["status"] == "ok" && row["state"] == "Empty"), "{rows:?}");
}

/// What Kafka's `GetOffsetShell` says of a topic, by partition.
#[track_caller]
fn get_offset_shell(kafka: &Kafka, topic: &str, time: &str) -> Vec<i64> {
    let args = ["--bootstrap-server", kafka.address(), "--topic", topic, "--time", time];
    let run = start_tool("org.apache.kafka.tools.GetOffsetShell", args).wait().expect(0);
    let mut offsets: Vec<(i64, i64)> = run
        .out()
        .lines()
        .filter_map(|line| line.strip_prefix(topic)?.strip_prefix(':')?.split_once(':'))
        .map(|(partition, offset)| (partition.parse().unwrap(), offset.parse().unwrap()))
        .collect();
    offsets.sort_unstable();
    offsets.into_iter().map(|(_, offset)| offset).collect()
}

#[test]
#[ignore = "needs real Kafka: groups, and Kafka's own tool"]
fn members_of_both_protocols_are_shown_with_kafkas_numbers() {
    let kafka = Kafka::shared();
    for protocol in ["classic", "consumer"] {
        let (topic, group) = (kafka.topic(2), unique(protocol));
        for partition in 0..2 {
            kafka.write(&topic, &records(partition, 5, now_ms(), 0));
        }
        let behaviour = Behaviour { protocol, reads: 4, ..Behaviour::default() };
        let _member = Member::join(&kafka, &group, &topic, behaviour).ready();
        wait_for(|| lag_of(&kafka, &group) == Some(6));
        let rows = we_say(&kafka, &group, &[]);
        assert_eq!(as_theirs(&rows), kafka_says(&kafka, &group), "{protocol}");
        for row in &rows {
            assert_eq!(row["client_id"], "the-service", "{row}");
            assert_eq!(row["state"], "Stable", "{row}");
            assert_eq!(row["host"], "127.0.0.1", "{row}");
        }
        let listed = kafka.rdvctl().args(["groups", "list", &group, "-o", "ndjson"]).run().expect(0).ndjson();
        assert_eq!(
            listed,
            [json!({"group": group, "state": "Stable", "protocol": protocol, "simple": false})]
        );
    }
}

/// The group's lag over all partitions, where a partition without a commit counts from the start.
fn lag_of(kafka: &Kafka, group: &str) -> Option<i64> {
    let args = ["lag", group, "-o", "ndjson", "--no-age", "--uncommitted", "as-earliest", "--by", "group"];
    let run = kafka.rdvctl().args(args).run();
    run.ndjson().first()?["lag"].as_i64()
}

#[track_caller]
fn wait_for(condition: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(std::time::Instant::now() < deadline, "it did not come true in time");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_member_that_never_committed_has_no_lag_and_not_the_whole_log() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(2), unique("silent"));
    kafka.write(&topic, &records(0, 5, now_ms(), 0));
    let behaviour = Behaviour { reads: 0, ..Behaviour::default() };
    let _member = Member::join(&kafka, &group, &topic, behaviour).ready();
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!(as_theirs(&rows), kafka_says(&kafka, &group));
    assert_eq!(rows[0]["status"], "none");
    assert_eq!(
        (&rows[0]["lag"], &rows[0]["drained"], &rows[0]["age_seconds"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    // Partition 1 is empty: drained, though nothing is committed there either.
    assert_eq!(
        (&rows[1]["status"], &rows[1]["lag"], &rows[1]["drained"]),
        (&json!("none"), &Value::Null, &json!(true))
    );
    let earliest = we_say(&kafka, &group, &["--uncommitted", "as-earliest"]);
    assert_eq!((&earliest[0]["lag"], &earliest[0]["committed"]), (&json!(5), &Value::Null));
    let latest = we_say(&kafka, &group, &["--uncommitted", "as-latest"]);
    assert_eq!((&latest[0]["lag"], &latest[0]["drained"]), (&json!(0), &json!(true)));
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn partitions_that_a_group_has_never_committed_on_are_not_left_out() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(2), unique("half"));
    kafka.write(&topic, &records(0, 3, now_ms(), 0));
    {
        let _member = Member::join(&kafka, &group, &topic, Behaviour::default()).ready();
        wait_for(|| lag_of(&kafka, &group) == Some(0));
    }
    kafka.write(&topic, &records(1, 7, now_ms(), 0));
    // Kafka's tool shows only partition 0 of an idle group; the seven records of partition 1 are read by nobody.
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!((&rows[1]["status"], &rows[1]["end"]), (&json!("none"), &json!(7)));
}

#[test]
#[ignore = "needs real Kafka: transactions"]
fn control_records_keep_the_lag_up_but_the_group_is_drained() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("tx"));
    kafka.write_in_transaction(&topic, &records(0, 5, now_ms(), 0), End::Commit);
    commit(&kafka, &group, &topic, &[(0, 5)]);
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!(as_theirs(&rows), kafka_says(&kafka, &group));
    assert_eq!(
        (&rows[0]["lag"], &rows[0]["drained"], &rows[0]["age_seconds"]),
        (&json!(1), &json!(true), &json!(0.0))
    );
    let unread = we_say(&kafka, &group, &["--no-age"]);
    assert_eq!(unread[0]["drained"], Value::Null, "not proved without reading");
}

#[test]
#[ignore = "needs real Kafka: transactions"]
fn an_open_transaction_ends_what_can_be_read_and_is_said() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("open"));
    kafka.write(&topic, &records(0, 3, now_ms(), 0));
    commit(&kafka, &group, &topic, &[(0, 3)]);
    let open = kafka.write_in_transaction(&topic, &records(0, 4, now_ms(), 0), End::StayOpen);
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!((&rows[0]["end"], &rows[0]["lag"], &rows[0]["drained"]), (&json!(3), &json!(0), &json!(true)));
    assert_eq!(rows[0]["notes"], json!(["a transaction is open: offsets 3 to 6 cannot be read yet"]));
    let all = we_say(&kafka, &group, &["--isolation", "read_uncommitted"]);
    assert_eq!((&all[0]["end"], &all[0]["lag"], &all[0]["drained"]), (&json!(7), &json!(4), &json!(false)));
    // Kafka's tool counts to the high watermark, which a consumer of committed records cannot reach.
    assert_eq!(kafka_says(&kafka, &group)[0].numbers, [Some(3), Some(7), Some(4)]);
    drop(open);
}

#[test]
#[ignore = "needs real Kafka: records deleted by Kafka's own tool"]
fn a_commit_that_retention_has_overtaken_is_expired_with_its_loss() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("expired"));
    kafka.write(&topic, &records(0, 10, now_ms() - 1_000_000, 1));
    commit(&kafka, &group, &topic, &[(0, 2)]);
    let wish = json!({"version": 1, "partitions": [{"topic": topic, "partition": 0, "offset": 6}]});
    let home = crate::support::Home::new();
    let file = home.file("delete.json", wish.to_string());
    start_tool(
        "org.apache.kafka.tools.DeleteRecordsCommand",
        ["--bootstrap-server", kafka.address(), "--offset-json-file", file.to_str().unwrap()],
    )
    .wait()
    .expect(0);
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!(as_theirs(&rows), kafka_says(&kafka, &group));
    let row = &rows[0];
    assert_eq!(
        (&row["status"], &row["lost"], &row["start"], &row["lag"]),
        (&json!("expired"), &json!(4), &json!(6), &json!(8))
    );
    // The age is that of the first record there still is.
    assert!((seconds(row) - 994.0).abs() < 60.0, "{row}");
}

#[test]
#[ignore = "needs real Kafka: compaction"]
fn offsets_that_compaction_took_are_lag_but_not_work() {
    let kafka = Kafka::shared();
    let config = [
        ("cleanup.policy", "compact"),
        ("min.cleanable.dirty.ratio", "0.01"),
        ("segment.ms", "100"),
        ("min.compaction.lag.ms", "0"),
        ("max.compaction.lag.ms", "200"),
        ("delete.retention.ms", "100"),
    ];
    let (topic, group) = (kafka.topic_with("compacted", 1, &config), unique("compacted"));
    let same_key: Vec<Raw> =
        (0..20).map(|n| Raw { key: bytes("k"), value: bytes(format!("{n}")), ..Raw::default() }).collect();
    kafka.write(&topic, &same_key);
    commit(&kafka, &group, &topic, &[(0, 5)]);
    // Compaction leaves the last segment alone, so another record closes the one before.
    let age_at = || we_say(&kafka, &group, &[]);
    wait_for(|| {
        kafka.write(&topic, &[Raw { key: bytes("k"), value: bytes("x"), ..Raw::default() }]);
        kafka.read(&topic).len() < 20
    });
    let rows = age_at();
    let numbers = &kafka_says(&kafka, &group)[0].numbers;
    assert_eq!(as_theirs(&rows)[0].numbers, *numbers);
    assert_eq!(rows[0]["drained"], json!(false), "the newest record of the key is still to be read");
    assert!(rows[0]["age_seconds"].as_f64().is_some(), "the gap is stepped over: {}", rows[0]);
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn empty_partitions_future_times_and_topics_created_anew() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(3), unique("odd"));
    // A quarter of an hour ahead: within what a broker takes.
    kafka.write(&topic, &records(1, 1, now_ms() + 900_000, 0));
    kafka.write(&topic, &records(2, 2, now_ms(), 0));
    commit(&kafka, &group, &topic, &[(0, 0), (1, 0), (2, 9)]);
    let rows = we_say(&kafka, &group, &[]);
    assert_eq!(
        (&rows[0]["lag"], &rows[0]["drained"], &rows[0]["age_seconds"]),
        (&json!(0), &json!(true), &json!(0.0))
    );
    assert!((seconds(&rows[1]) + 900.0).abs() < 60.0, "{}", rows[1]);
    assert!(rows[1]["notes"][0].as_str().unwrap().contains("ahead of this clock"), "{}", rows[1]);
    assert_eq!(
        (&rows[2]["status"], &rows[2]["lag"], &rows[2]["drained"]),
        (&json!("ahead"), &Value::Null, &Value::Null)
    );
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn groups_are_found_by_nestjs_names_globs_and_near_names() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("appointment-group"));
    kafka.write(&topic, &records(0, 2, now_ms(), 0));
    let server = format!("{group}-server");
    commit(&kafka, &server, &topic, &[(0, 1)]);
    let run = kafka.rdvctl().args(["lag", &group, "-o", "ndjson"]).run().expect(0);
    assert_eq!(run.ndjson()[0]["group"], json!(server));
    assert!(run.err().contains("NestJS") && run.err().contains(&server), "{}", run.transcript());
    let glob = format!("{group}*");
    assert_eq!(we_say(&kafka, &glob, &[]).len(), 1);
    let misspelt = format!("{server}x");
    let run = kafka.rdvctl().args(["lag", &misspelt]).run().expect(3);
    // On a broker that has seen these tests before there are others like it.
    assert!(run.err().contains(&format!("did you mean `{server}`")), "{}", run.transcript());
    let topic_only = we_say(&kafka, &server, &["--topic", &topic, "--where", ".lag == 1"]);
    assert_eq!(topic_only.len(), 1);
    let none = kafka.rdvctl().args(["lag", &server, "--where", ".lag > 5"]).run().expect(0);
    assert!(none.err().contains("no row passes the filter"), "{}", none.transcript());
}
