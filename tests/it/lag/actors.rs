//! Groups of all kinds: commits without members, members that read, commit, or only sit there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::{Message as _, Offset, TopicPartitionList};

use crate::support::Kafka;
use crate::support::kafka::{Raw, bytes};
use crate::support::peers::start_tool;

const WITHIN: Duration = Duration::from_secs(30);

/// Records without personal data, `seconds` apart, the first at `first_ms`; all in one partition.
pub(super) fn records(partition: i32, count: i64, first_ms: i64, seconds: i64) -> Vec<Raw> {
    let record = |n: i64| Raw {
        key: bytes(format!("k{n}")),
        value: bytes(format!("{{\"n\":{n}}}")),
        timestamp: Some(first_ms + n * seconds * 1000),
        partition,
        ..Raw::default()
    };
    (0..count).map(record).collect()
}

/// Now, in milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    crate::support::now().as_millisecond()
}

/// Commits offsets without ever being a member: what Kafka calls a simple consumer group.
#[track_caller]
pub(crate) fn commit(kafka: &Kafka, group: &str, topic: &str, offsets: &[(i32, i64)]) {
    commit_at(kafka.address(), group, topic, offsets);
}

/// The same on a broker at an address.
#[track_caller]
pub(super) fn commit_at(address: &str, group: &str, topic: &str, offsets: &[(i32, i64)]) {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset)).expect("an offset");
    }
    consumer.commit(&list, CommitMode::Sync).expect("committed");
}

/// How a member behaves.
#[derive(Debug, Clone)]
pub(super) struct Behaviour {
    /// `classic` or `consumer` (KIP-848).
    pub(super) protocol: &'static str,
    /// Records it reads and commits before it stops doing so; it stays a member.
    pub(super) reads: usize,
    /// Before the first.
    pub(super) after: Duration,
    /// Between two.
    pub(super) pause: Duration,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self { protocol: "classic", reads: usize::MAX, after: Duration::ZERO, pause: Duration::ZERO }
    }
}

/// A member of a group, on a thread of its own; gone when dropped.
pub(super) struct Member {
    stop: Arc<AtomicBool>,
    assigned: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Member {
    /// Joins a group on a topic.
    pub(super) fn join(kafka: &Kafka, group: &str, topic: &str, behaviour: Behaviour) -> Self {
        let (stop, assigned) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", kafka.address())
            .set("group.id", group)
            .set("client.id", "the-service")
            .set("group.protocol", behaviour.protocol)
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest");
        let consumer: BaseConsumer = config.create().expect("a consumer");
        consumer.subscribe(&[topic]).expect("subscribed");
        let (ends, has) = (Arc::clone(&stop), Arc::clone(&assigned));
        let thread = std::thread::spawn(move || live(&consumer, &behaviour, &ends, &has));
        Self { stop, assigned, thread: Some(thread) }
    }

    /// Waits until it has partitions.
    #[track_caller]
    pub(super) fn ready(self) -> Self {
        let deadline = Instant::now() + WITHIN;
        while !self.assigned.load(Ordering::Relaxed) {
            assert!(Instant::now() < deadline, "the member got no partitions");
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn live(consumer: &BaseConsumer, behaviour: &Behaviour, stop: &AtomicBool, assigned: &AtomicBool) {
    let began = Instant::now();
    let mut left = behaviour.reads;
    while !stop.load(Ordering::Relaxed) {
        let has = consumer.assignment().is_ok_and(|list| list.count() > 0);
        assigned.fetch_or(has, Ordering::Relaxed);
        if has && (left == 0 || began.elapsed() < behaviour.after) {
            // It reads no further, but goes on to be a member.
            let list = consumer.assignment().expect("assigned");
            consumer.pause(&list).expect("paused");
        } else if has {
            let list = consumer.assignment().expect("assigned");
            consumer.resume(&list).expect("resumed");
        }
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(20)) else { continue };
        if left == 0 || began.elapsed() < behaviour.after {
            let (topic, partition, offset) = (message.topic(), message.partition(), message.offset());
            consumer.seek(topic, partition, Offset::Offset(offset), WITHIN).expect("back");
            continue;
        }
        consumer.commit_message(&message, CommitMode::Sync).expect("committed");
        left -= 1;
        std::thread::sleep(behaviour.pause);
    }
}

/// A row of Kafka's own `kafka-consumer-groups --describe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Theirs {
    /// The topic.
    pub(super) topic: String,
    /// The partition.
    pub(super) partition: i64,
    /// Committed, end, lag; `None` for `-`.
    pub(super) numbers: [Option<i64>; 3],
    /// The member's id and client; `None` for `-`.
    pub(super) member: [Option<String>; 2],
}

/// What Kafka's own tool says of a group, by topic and partition.
#[track_caller]
pub(super) fn kafka_says(kafka: &Kafka, group: &str) -> Vec<Theirs> {
    let run = start_tool(
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
        ["--bootstrap-server", kafka.address(), "--describe", "--offsets", "--group", group],
    )
    .wait()
    .expect(0);
    let number = |text: &str| text.parse().ok();
    let name = |text: &str| (text != "-").then(|| text.to_owned());
    let mut rows: Vec<Theirs> = run
        .out()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|cells| cells.first() == Some(&group) && cells.len() >= 9)
        .map(|cells| Theirs {
            topic: cells[1].to_owned(),
            partition: cells[2].parse().expect("a partition"),
            numbers: [number(cells[3]), number(cells[4]), number(cells[5])],
            member: [name(cells[6]), name(cells[8])],
        })
        .collect();
    rows.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    rows
}

/// What `rdvctl lag GROUP` says, by topic and partition.
#[track_caller]
pub(super) fn we_say(kafka: &Kafka, group: &str, args: &[&str]) -> Vec<serde_json::Value> {
    kafka.rdvctl().args(["lag", group, "-o", "ndjson"]).args(args).run().expect(0).ndjson()
}

/// Ours in the form of theirs.
pub(super) fn as_theirs(rows: &[serde_json::Value]) -> Vec<Theirs> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    rows.iter()
        .map(|row| Theirs {
            topic: text(&row["topic"]).expect("a topic"),
            partition: row["partition"].as_i64().expect("a partition"),
            numbers: ["committed", "end", "lag"].map(|name| row[name].as_i64()),
            member: ["member", "client_id"].map(|name| text(&row[name])),
        })
        .collect()
}
