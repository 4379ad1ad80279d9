//! Reading leaves no trace: Kafka's own tools see the same cluster before and after.

use crate::support::kafka::Raw;
use crate::support::peers::start_tool;
use crate::support::{Home, Kafka, root};

/// Commands that only read; `T` is a topic with records.
const READING: &[&[&str]] = &[
    &["tail", "T", "--from", "start"],
    &["tail", "T"],
    &["tail", "T", "--from", "-5", "--until", "end", "-v", "-o", "ndjson", "--reveal"],
    &["tail", "T", "--from", "-1h", "--isolation", "read_uncommitted", "--sort", "time", "-o", "ndjson"],
    &["tail", "T", "--expect", "1", "--timeout", "5s", "--from", "start"],
    &["tail", "T", "--none", "--where", ".key == \"nobody\"", "--from", "start"],
    &["tail", "--from", "start"],
    &["tail", "T*", "--from", "start"],
    &["topics", "list"],
    &["topics", "describe", "T"],
    &["topics", "check"],
    &["lag", "--all"],
    &["lag", "the-service", "--max-age", "1s"],
    &["lag", "the-service", "--wait", "--timeout", "1s"],
    &["lag", "the-servise", "--max-lag", "0"],
    &["groups", "list"],
    &["groups", "describe", "the-service"],
    &["groups", "peek", "the-service", "--reveal"],
    &["groups", "export", "the-service"],
    &["groups", "reset", "the-service", "--to", "start", "--dry-run"],
    &["groups", "delete", "the-service", "--dry-run"],
    &["publish", "patient.registered", "--dry-run"],
    &["catalogue", "list"],
    &["fixtures", "list"],
    &["config", "show"],
];

/// The same on what does not exist: a misspelt name must not become a topic, though the broker would make one.
const MISSPELT: &[&[&str]] = &[
    &["tail", "no.such.topic", "--from", "start"],
    &["tail", "no.such.topic", "-f", "--timeout", "2s"],
    &["topics", "describe", "no.such.topic"],
    &["publish", "patient.registered", "--topic", "no.such.topic", "--yes"],
    &["publish", "-", "--topic", "no.such.topic", "--yes"],
];

#[test]
#[ignore = "needs real Kafka: a broker of its own, looked at by Kafka's own tools"]
fn reading_leaves_topics_groups_and_offsets_as_they_were() {
    let kafka = Kafka::own();
    let home = Home::new();
    kafka.rdvctl_at(&home).args(["topics", "create", "--yes"]).run().expect(0);
    let topic = kafka.topic(3);
    let records: Vec<Raw> = (0..30)
        .map(|n| Raw {
            key: Some(vec![n]),
            value: Some(b"{}".to_vec()),
            partition: i32::from(n) % 3,
            ..Raw::default()
        })
        .collect();
    kafka.write(&topic, &records);
    // A group with a committed offset, so that there is something to disturb.
    start_tool(
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        [
            "--bootstrap-server",
            kafka.address(),
            "--topic",
            &topic,
            "--group",
            "the-service",
            "--from-beginning",
            "--max-messages",
            "7",
        ],
    )
    .wait()
    .expect(0);

    let before = Cluster::look(&kafka);
    assert!(before.groups.contains("the-service"), "{}", before.groups);
    for args in READING {
        let args: Vec<String> = args.iter().map(|arg| arg.replace('T', &topic)).collect();
        let run = kafka.rdvctl_at(&home).args(&args).run();
        assert!([0, 1].contains(&run.code), "{}", run.transcript());
    }
    let after = Cluster::look(&kafka);
    if before != after {
        // Which one it was, only when there is something to find.
        name_the_culprit(&kafka, &home, &topic, after);
    }

    let line = "{\"topic\":\"x\",\"key\":null,\"headers\":[],\"value\":{\"text\":\"x\"}}\n";
    for args in MISSPELT {
        let run = kafka.rdvctl_at(&home).args(*args).stdin(line).run();
        assert!([2, 3, 4].contains(&run.code), "{}", run.transcript());
        assert!(run.err().contains("no.such.topic"), "{}", run.transcript());
        assert!(
            !kafka.topics().contains(&"no.such.topic".to_owned()),
            "it was created by\n{}",
            run.transcript()
        );
    }
    before.expect_equal(&Cluster::look(&kafka), "commands on a topic that does not exist");
}

fn name_the_culprit(kafka: &Kafka, home: &Home, topic: &str, mut before: Cluster) -> ! {
    for args in READING {
        let args: Vec<String> = args.iter().map(|arg| arg.replace('T', topic)).collect();
        kafka.rdvctl_at(home).args(&args).run();
        let after = Cluster::look(kafka);
        before.expect_equal(&after, &args.join(" "));
        before = after;
    }
    panic!("the cluster changed once, and does not change again: {before:?}");
}

/// What Kafka's own tools say of a cluster.
#[derive(Debug, PartialEq, Eq)]
struct Cluster {
    topics: String,
    groups: String,
    offsets: String,
}

impl Cluster {
    fn look(kafka: &Kafka) -> Self {
        let broker = kafka.address();
        let topics =
            start_tool("org.apache.kafka.tools.TopicCommand", ["--bootstrap-server", broker, "--describe"]);
        let groups = start_tool(
            "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            ["--bootstrap-server", broker, "--describe", "--all-groups", "--offsets"],
        );
        let names = start_tool(
            "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
            ["--bootstrap-server", broker, "--list"],
        );
        let offsets = start_tool(
            "org.apache.kafka.tools.GetOffsetShell",
            ["--bootstrap-server", broker, "--time", "-1"],
        );
        let said = |running: crate::support::process::Running| -> String {
            let run = running.wait().expect(0);
            let mut lines: Vec<&str> = run.out().lines().filter(|line| !line.trim().is_empty()).collect();
            lines.sort_unstable();
            lines.join("\n")
        };
        Self {
            topics: said(topics),
            groups: format!("{}\n{}", said(names), said(groups)),
            offsets: said(offsets),
        }
    }

    #[track_caller]
    fn expect_equal(&self, after: &Self, command: &str) {
        assert!(self == after, "`{command}` left a trace\n--- before\n{self:#?}\n--- after\n{after:#?}");
    }
}

#[test]
#[ignore = "needs real Kafka: the script that starts it is the one under test"]
fn the_brokers_auto_create_is_on_so_that_a_typo_would_show() {
    let script = std::fs::read_to_string(root().join("tests/services/kafka")).unwrap();
    assert!(script.contains("auto.create.topics.enable=true"));
}
