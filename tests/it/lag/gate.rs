//! The gate: what passes, what does not, and how each end is told.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::actors::{Behaviour, Member, commit, now_ms, records};
use crate::support::kafka::End;
use crate::support::process::Run;
use crate::support::{Kafka, unique};

/// The gate's own line on stderr.
#[track_caller]
fn verdict(run: &Run) -> Value {
    let line = run.err().lines().find(|line| line.starts_with("{\"gate\"")).unwrap_or_else(|| {
        panic!("no verdict\n{}", run.transcript());
    });
    serde_json::from_str::<Value>(line).unwrap()["gate"].clone()
}

#[track_caller]
fn gate(kafka: &Kafka, group: &str, args: &[&str], code: i32) -> Value {
    verdict(&kafka.rdvctl().args(["lag", group, "-o", "ndjson"]).args(args).run().expect(code))
}

fn filled(kafka: &Kafka, partitions: i32, count: i64) -> String {
    let topic = kafka.topic(partitions);
    for partition in 0..partitions {
        kafka.write(&topic, &records(partition, count, now_ms() - 600_000, 0));
    }
    topic
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn limits_pass_and_fail_with_the_offending_rows_on_stderr() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 2, 10), unique("limits"));
    commit(&kafka, &group, &topic, &[(0, 4), (1, 10)]);
    assert_eq!(gate(&kafka, &group, &["--max-lag", "6"], 0)["verdict"], "ok");
    let over = gate(&kafka, &group, &["--max-lag", "5"], 1);
    assert_eq!((&over["verdict"], over["offending"].as_array().unwrap().len()), (&json!("over"), 1));
    assert_eq!(over["offending"][0]["partition"], 0);
    assert_eq!(gate(&kafka, &group, &["--max-age", "5m"], 1)["verdict"], "over");
    assert_eq!(gate(&kafka, &group, &["--max-age", "1h"], 0)["verdict"], "ok");
    let people = kafka.rdvctl().args(["lag", &group, "--max-lag", "0"]).run().expect(1);
    let said = format!("over: group `{group}`, `{topic}` partition 0, committed 4 of 10, lag 6");
    assert!(people.err().contains(&said), "{}", people.transcript());
    // What is shown does not change what is judged.
    assert_eq!(gate(&kafka, &group, &["--max-lag", "6", "--only-lagging"], 0)["verdict"], "ok");
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn what_is_not_known_never_passes() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 1, 3), unique("unknown"));
    let _member =
        Member::join(&kafka, &group, &topic, Behaviour { reads: 0, ..Behaviour::default() }).ready();
    assert_eq!(gate(&kafka, &group, &["--max-lag", "1000"], 1)["verdict"], "unknown");
    let nobody = unique("nobody");
    let missing = gate(&kafka, &nobody, &["--max-lag", "1000"], 1);
    assert_eq!((&missing["verdict"], &missing["offending"][0]["group"]), (&json!("unknown"), &json!(nobody)));
    let waited = gate(&kafka, &nobody, &["--wait", "--timeout", "1s"], 1);
    assert_eq!(waited["verdict"], "unknown");
    let glob = format!("{nobody}*");
    assert_eq!(gate(&kafka, &glob, &["--max-lag", "1000"], 1)["verdict"], "unknown");
    assert_eq!(gate(&kafka, &group, &["--where", ".lag == -1", "--max-lag", "9"], 1)["rows"], 0);
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_consumer_that_stands_still_is_not_draining() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 1, 10), unique("stopped"));
    let _member =
        Member::join(&kafka, &group, &topic, Behaviour { reads: 3, ..Behaviour::default() }).ready();
    wait_for_commit(&kafka, &group, 3);
    let began = Instant::now();
    let told = gate(&kafka, &group, &["--wait", "--timeout", "5s"], 1);
    assert_eq!(told["verdict"], "not_draining");
    assert!(told["waited_seconds"].as_f64().unwrap() >= 5.0);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_consumer_that_is_too_slow_is_over_and_one_that_stopped_on_the_way_is_told_by_stall() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 1, 200), unique("slow"));
    commit(&kafka, &group, &topic, &[(0, 1)]);
    let slow = Behaviour { pause: Duration::from_millis(150), ..Behaviour::default() };
    let member = Member::join(&kafka, &group, &topic, slow).ready();
    wait_for_commit(&kafka, &group, 3);
    assert_eq!(gate(&kafka, &group, &["--wait", "--timeout", "3s"], 1)["verdict"], "over");
    drop(member);
    // Commits while waiting, then none for a second and more.
    let brief = Behaviour { reads: 5, ..Behaviour::default() };
    let _member = Member::join(&kafka, &group, &topic, brief);
    assert_eq!(
        gate(&kafka, &group, &["--wait", "--timeout", "8s", "--stall", "1s"], 1)["verdict"],
        "not_draining"
    );
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_slow_start_is_waited_for_and_the_end_is_seen_at_once() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 1, 20), unique("late"));
    let behaviour = Behaviour { after: Duration::from_secs(3), ..Behaviour::default() };
    let _member = Member::join(&kafka, &group, &topic, behaviour);
    let run = kafka
        .rdvctl()
        .args(["lag", &group, "--topic", &topic, "-o", "ndjson", "--wait", "--timeout", "30s"])
        .run()
        .expect(0);
    assert_eq!(verdict(&run)["verdict"], "ok");
    let waited = verdict(&run)["waited_seconds"].as_f64().unwrap();
    assert!((2.0..12.0).contains(&waited), "no commit for three seconds, then all of them: {waited}");
    assert_eq!(run.ndjson()[0]["committed"], 20);
}

#[test]
#[ignore = "needs real Kafka: transactions"]
fn the_wait_ends_soon_after_the_last_commit_though_control_records_are_left() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("drain"));
    kafka.write_in_transaction(&topic, &records(0, 5, now_ms(), 0), End::Commit);
    commit(&kafka, &group, &topic, &[(0, 2)]);
    let waiting = kafka.rdvctl().args(["lag", &group, "-o", "ndjson", "--wait", "--timeout", "30s"]).spawn();
    std::thread::sleep(Duration::from_millis(1500));
    commit(&kafka, &group, &topic, &[(0, 5)]);
    let committed = Instant::now();
    let run = waiting.wait().expect(0);
    let after = committed.elapsed();
    assert!(after < Duration::from_secs(2), "{after:?}\n{}", run.transcript());
    assert_eq!((&run.ndjson()[0]["lag"], &run.ndjson()[0]["drained"]), (&json!(1), &json!(true)));
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn records_that_come_while_waiting_need_not_be_read() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 1, 5), unique("pinned"));
    commit(&kafka, &group, &topic, &[(0, 2)]);
    let waiting = kafka.rdvctl().args(["lag", &group, "-o", "ndjson", "--wait", "--timeout", "30s"]).spawn();
    std::thread::sleep(Duration::from_millis(1500));
    kafka.write(&topic, &records(0, 100, now_ms(), 0));
    commit(&kafka, &group, &topic, &[(0, 5)]);
    let run = waiting.wait().expect(0);
    assert_eq!(run.ndjson()[0]["lag"], 100);
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_start_that_is_the_end_is_drained_whatever_the_commit() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(2), unique("empty"));
    kafka.write(&topic, &records(0, 3, now_ms(), 0));
    commit(&kafka, &group, &topic, &[(0, 3)]);
    assert_eq!(gate(&kafka, &group, &["--topic", &topic, "--wait", "--timeout", "5s"], 0)["rows"], 2);
}

#[test]
#[ignore = "needs real Kafka: a broker of its own, which dies"]
fn a_dead_broker_is_four_at_the_start_and_in_the_middle() {
    let kafka = Kafka::own();
    let (topic, group) = (filled(&kafka, 1, 5), unique("dead"));
    commit(&kafka, &group, &topic, &[(0, 2)]);
    let waiting = kafka.rdvctl().args(["lag", &group, "--wait", "--timeout", "6s"]).spawn();
    std::thread::sleep(Duration::from_millis(1500));
    kafka.kill();
    let run = waiting.wait().expect(4);
    assert!(run.err().contains("error: "), "{}", run.transcript());
    for args in [
        &["--wait", "--timeout", "3s"][..],
        &["--max-lag", "5", "--connect-timeout", "2s"],
        &["--connect-timeout", "2s"],
    ] {
        kafka.rdvctl().args(["lag", &group]).args(args).run().expect(4);
    }
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn ctrl_c_ends_a_wait_without_an_answer() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka, 1, 5), unique("interrupted"));
    commit(&kafka, &group, &topic, &[(0, 2)]);
    let waiting = kafka.rdvctl().args(["lag", &group, "--wait", "--timeout", "60s"]).spawn();
    std::thread::sleep(Duration::from_secs(1));
    waiting.interrupt();
    waiting.wait().expect(130);
}

#[track_caller]
fn wait_for_commit(kafka: &Kafka, group: &str, at: i64) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let run = kafka.rdvctl().args(["lag", group, "-o", "ndjson", "--no-age"]).run();
        let rows = if run.code == 0 { run.ndjson() } else { Vec::new() };
        if rows.iter().any(|row| row["committed"].as_i64() >= Some(at)) {
            return;
        }
        assert!(Instant::now() < deadline, "no commit at {at} in time\n{}", run.transcript());
        std::thread::sleep(Duration::from_millis(100));
    }
}
