//! `groups`: looking, moving, deleting. What is planned is what comes out; members are never disturbed.

use std::time::Duration;

use serde_json::json;

use super::actors::{Behaviour, Member, commit, now_ms, records, we_say};
use crate::support::kafka::{Raw, bytes};
use crate::support::process::Running;
use crate::support::{Home, Kafka, unique};

fn filled(kafka: &Kafka) -> String {
    let topic = kafka.topic(2);
    for partition in 0..2 {
        kafka.write(&topic, &records(partition, 10, now_ms() - 10_000_000, 1000));
    }
    topic
}

#[track_caller]
fn committed(kafka: &Kafka, group: &str) -> Vec<Option<i64>> {
    we_say(kafka, group, &["--no-age"]).iter().map(|row| row["committed"].as_i64()).collect()
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_reset_does_what_its_plan_says() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka), unique("reset"));
    let an_hour = (now_ms() - 3_600_000).to_string();
    // The records are 1,000 s apart, the first 10,000 s old: the first of the last hour is the seventh.
    let cases: &[(&[&str], [i64; 2])] = &[
        (&["--to", "start"], [0, 0]),
        (&["--to", "end"], [10, 10]),
        (&["--to", "7"], [7, 7]),
        (&["--to", "-3"], [7, 7]),
        (&["--to", "-1h"], [7, 7]),
        (&["--to", &format!("@{an_hour}")], [7, 7]),
        (&["--shift", "+2"], [6, 8]),
        (&["--shift", "-3"], [1, 3]),
        (&["--shift", "-100"], [0, 0]),
        (&["--to", "start", "--partition", "1"], [4, 0]),
        (&["--to", "99"], [10, 10]),
    ];
    for (args, wanted) in cases {
        commit(&kafka, &group, &topic, &[(0, 4), (1, 6)]);
        let reset = || kafka.rdvctl().args(["groups", "reset", &group, "-o", "ndjson"]).args(*args);
        let plan = reset().arg("--dry-run").run().expect(0).ndjson();
        assert_eq!(committed(&kafka, &group), [Some(4), Some(6)], "a plan changes nothing: {args:?}");
        let done = reset().arg("--yes").run().expect(0).ndjson();
        let moves = |rows: &[serde_json::Value]| -> Vec<_> {
            rows.iter()
                .map(|row| ["partition", "from", "to", "skipped", "read_again"].map(|name| row[name].clone()))
                .collect()
        };
        assert_eq!(moves(&plan), moves(&done), "{args:?}");
        assert!(
            done.iter().all(|row| ["set", "unchanged"].contains(&row["status"].as_str().unwrap())),
            "{done:?}"
        );
        assert_eq!(committed(&kafka, &group), wanted.map(Some), "{args:?}");
    }
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_plan_tells_what_is_skipped_and_what_is_read_again() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka), unique("effect"));
    commit(&kafka, &group, &topic, &[(0, 4), (1, 6)]);
    let plan = kafka
        .rdvctl()
        .args(["groups", "reset", &group, "--to", "5", "--dry-run", "-o", "ndjson"])
        .run()
        .expect(0)
        .ndjson();
    assert_eq!((&plan[0]["skipped"], &plan[0]["read_again"]), (&json!(1), &json!(0)));
    assert_eq!((&plan[1]["skipped"], &plan[1]["read_again"]), (&json!(0), &json!(1)));
    let asked = kafka.rdvctl().args(["groups", "reset", &group, "--to", "5"]).run().expect(2);
    assert!(asked.err().contains("from 4 to 5 (skips 1 record)"), "{}", asked.transcript());
    assert_eq!(committed(&kafka, &group), [Some(4), Some(6)], "nobody could be asked");
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_crash_between_plan_and_answer_changes_nothing() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka), unique("crash"));
    commit(&kafka, &group, &topic, &[(0, 4), (1, 6)]);
    // `script` gives it a terminal, so that it asks.
    let reset = kafka.rdvctl().args(["groups", "reset", &group, "--to", "end"]);
    let inner = reset.command();
    let words: Vec<_> = inner.get_args().map(|arg| arg.to_str().unwrap()).collect();
    let line = format!("exec {} {}", inner.get_program().to_str().unwrap(), words.join(" "));
    let mut command = std::process::Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut asking = Running::start(command, None, Duration::from_secs(60));
    asking.wait_until_it_says("Move group");
    let children = format!("/proc/{0}/task/{0}/children", asking.id());
    let child: i32 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    let child = rustix::process::Pid::from_raw(child).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
    let run = asking.wait();
    assert!(run.out().contains("from 4 to 10"), "the plan was shown\n{}", run.transcript());
    assert_eq!(committed(&kafka, &group), [Some(4), Some(6)]);
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn an_export_takes_a_group_back_to_where_it_was() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka), unique("export"));
    commit(&kafka, &group, &topic, &[(0, 4), (1, 6)]);
    let export = kafka.rdvctl().args(["groups", "export", &group]).run().expect(0);
    let home = Home::new();
    let file = home.file("before.ndjson", export.out());
    let file = file.to_str().unwrap();
    kafka.rdvctl().args(["groups", "reset", &group, "--to", "end", "--yes"]).run().expect(0);
    assert_eq!(committed(&kafka, &group), [Some(10), Some(10)]);
    kafka.rdvctl().args(["groups", "reset", &group, "--file", file, "--yes"]).run().expect(0);
    assert_eq!(committed(&kafka, &group), [Some(4), Some(6)]);
    let other = unique("other");
    commit(&kafka, &other, &topic, &[(0, 1)]);
    let refused = kafka.rdvctl().args(["groups", "reset", &other, "--file", file, "--yes"]).run().expect(3);
    assert!(refused.err().contains(&group), "{}", refused.transcript());
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_group_with_members_is_neither_moved_nor_deleted_and_its_members_are_named() {
    let kafka = Kafka::shared();
    for protocol in ["classic", "consumer"] {
        let (topic, group) = (filled(&kafka), unique(protocol));
        let behaviour = Behaviour { protocol, reads: 0, ..Behaviour::default() };
        let member = Member::join(&kafka, &group, &topic, behaviour).ready();
        let before = committed(&kafka, &group);
        for args in [&["reset", &group, "--to", "end", "--yes"][..], &["delete", &group, "--yes"]] {
            let run = kafka.rdvctl().arg("groups").args(args).run().expect(4);
            assert!(run.err().contains("the-service at 127.0.0.1"), "{}", run.transcript());
        }
        assert_eq!(committed(&kafka, &group), before);
        let told =
            kafka.rdvctl().args(["groups", "describe", &group, "-o", "ndjson"]).run().expect(0).ndjson();
        assert_eq!(told[0]["members"][0]["client_id"], "the-service");
        assert_eq!(told[0]["members"][0]["partitions"].as_array().unwrap().len(), 2);
        assert_eq!((&told[0]["state"], &told[0]["protocol"]), (&json!("Stable"), &json!(protocol)));
        drop(member);
    }
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn a_group_is_deleted_only_when_somebody_says_so() {
    let kafka = Kafka::shared();
    let (topic, group) = (filled(&kafka), unique("deleted"));
    commit(&kafka, &group, &topic, &[(0, 4)]);
    kafka.rdvctl().args(["groups", "delete", &group]).run().expect(2);
    kafka.rdvctl().args(["groups", "delete", &group, "--dry-run"]).run().expect(0);
    assert_eq!(committed(&kafka, &group), [Some(4)]);
    let done = kafka.rdvctl().args(["groups", "delete", &group, "--yes", "-o", "ndjson"]).run().expect(0);
    assert_eq!(done.ndjson()[0]["status"], "deleted");
    kafka.rdvctl().args(["groups", "list", &group]).run().expect(3);
    let misspelt = kafka.rdvctl().args(["groups", "delete", "no-such-group", "--yes"]).run().expect(3);
    assert!(misspelt.err().contains("there is no group `no-such-group`"), "{}", misspelt.transcript());
}

#[test]
#[ignore = "needs real Kafka: groups"]
fn peek_shows_what_a_group_is_stuck_on_decoded_and_masked() {
    let kafka = Kafka::shared();
    let (topic, group) = (kafka.topic(1), unique("peek"));
    let mut all = records(0, 6, now_ms(), 0);
    all[3] = Raw { key: bytes("k3"), value: bytes("{\"name\":\"Ada Canary\"}"), ..Raw::default() };
    kafka.write(&topic, &all);
    commit(&kafka, &group, &topic, &[(0, 3)]);
    let rows = kafka.rdvctl().args(["groups", "peek", &group, "-o", "ndjson"]).run().expect(0).ndjson();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row["role"].as_str().unwrap(), row["record"]["offset"].as_i64().unwrap()))
        .collect();
    assert_eq!(seen, [("before", 1), ("before", 2), ("stuck", 3), ("after", 4), ("after", 5)]);
    let people = kafka.rdvctl().args(["groups", "peek", &group, "--around", "1", "-v"]).run().expect(0);
    assert!(
        people.out().contains(&format!("at offset 3 of {topic} partition 0, 3 before the end")),
        "{}",
        people.transcript()
    );
    assert!(
        !people.out().contains("Canary") && !rows[2].to_string().contains("Canary"),
        "{}",
        people.transcript()
    );
    let revealed = kafka.rdvctl().args(["groups", "peek", &group, "--reveal", "-v"]).run().expect(0);
    assert!(revealed.out().contains("Ada Canary"), "{}", revealed.transcript());
    commit(&kafka, &group, &topic, &[(0, 6)]);
    let nothing = kafka.rdvctl().args(["groups", "peek", &group]).run().expect(0);
    assert!(nothing.err().contains("nothing left to read"), "{}", nothing.transcript());
}
