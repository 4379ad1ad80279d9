//! A real Kafka: the one of this run, or a broker of the test's own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Message as _, Offset, TopicPartitionList};
use tempfile::TempDir;

use super::rdvctl::{Home, Rdvctl};
use super::{root, unique, variable};

/// A broker and its addresses.
pub(crate) struct Kafka {
    vars: BTreeMap<String, String>,
    own: Option<TempDir>,
}

/// A record as bytes, independent of the crate's own types.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Raw {
    /// The key.
    pub(crate) key: Option<Vec<u8>>,
    /// The value.
    pub(crate) value: Option<Vec<u8>>,
    /// Names and values, in order.
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
    /// Milliseconds since 1970; `None` lets the producer say now.
    pub(crate) timestamp: Option<i64>,
    /// The partition.
    pub(crate) partition: i32,
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Its records count.
    Commit,
    /// Its records are hidden from those who read what is committed.
    Abort,
    /// It goes on: what comes after it is hidden as well.
    StayOpen,
}

/// Bytes that are there, for a key or value that might be null.
#[expect(clippy::unnecessary_wraps, reason = "it stands beside `None` in tables of records")]
pub(crate) fn bytes(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    Some(text.as_ref().to_vec())
}

const WITHIN: Duration = Duration::from_secs(30);

impl Kafka {
    /// The broker of this run (`tests/run` starts it); shared with the other tests.
    #[track_caller]
    pub(crate) fn shared() -> Self {
        let names = ["", "_SASL", "_CA", "_WRONG_CA", "_ADVERTISED", "_USER", "_PASSWORD"];
        let vars: BTreeMap<String, String> = names
            .iter()
            .map(|name| format!("RDVCTL_TEST_KAFKA{name}"))
            .filter_map(|name| Some((name.clone(), variable(&name)?)))
            .collect();
        assert!(
            vars.contains_key("RDVCTL_TEST_KAFKA"),
            "no real Kafka: run `tests/run`, or first `eval \"$(tests/services/kafka start)\"`"
        );
        Self { vars, own: None }
    }

    /// A broker of the test's own, for what would disturb others. Dropped, it is stopped.
    #[track_caller]
    pub(crate) fn own() -> Self {
        let folder = tempfile::Builder::new().prefix("rdvctl-kafka-").tempdir().expect("a temporary folder");
        let said = service("start", &folder.path().join("broker"));
        let vars = said
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect();
        Self { vars, own: Some(folder) }
    }

    /// SIGKILL; only a broker of the test's own.
    #[track_caller]
    pub(crate) fn kill(&self) {
        service("kill", &self.folder());
    }

    /// Starts it again after `kill`, on the same ports, and waits until it answers.
    #[track_caller]
    pub(crate) fn resume(&self) {
        service("resume", &self.folder());
    }

    fn folder(&self) -> PathBuf {
        self.own.as_ref().expect("a broker of the test's own").path().join("broker")
    }

    /// The plaintext listener, `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.vars["RDVCTL_TEST_KAFKA"]
    }

    /// Another fact by the end of its variable's name: `SASL`, `CA`, `WRONG_CA`, `ADVERTISED`, `USER`, `PASSWORD`.
    #[track_caller]
    pub(crate) fn fact(&self, name: &str) -> &str {
        let name = format!("RDVCTL_TEST_KAFKA_{name}");
        self.vars.get(&name).unwrap_or_else(|| panic!("{name} is not set: this test needs it"))
    }

    /// rdvctl with `--brokers` of this one.
    pub(crate) fn rdvctl(&self) -> Rdvctl {
        self.rdvctl_at(&Home::new())
    }

    /// The same in a home that other commands share.
    pub(crate) fn rdvctl_at(&self, home: &Home) -> Rdvctl {
        Rdvctl::at(home).env("RDVCTL_BROKERS", self.address())
    }

    /// A new topic with a name of its own.
    #[track_caller]
    pub(crate) fn topic(&self, partitions: i32) -> String {
        self.topic_with("t", partitions, &[])
    }

    /// A new topic whose name starts with `name`, with topic configuration.
    #[track_caller]
    pub(crate) fn topic_with(&self, name: &str, partitions: i32, config: &[(&str, &str)]) -> String {
        let name = unique(name);
        self.create(&name, partitions, config);
        name
    }

    /// A new topic of exactly this name.
    #[track_caller]
    pub(crate) fn create(&self, name: &str, partitions: i32, config: &[(&str, &str)]) {
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("an admin client");
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        for (key, value) in config {
            topic = topic.set(key, value);
        }
        let options = AdminOptions::new().operation_timeout(Some(WITHIN));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let made = runtime.block_on(admin.create_topics([&topic], &options)).expect("an answer");
        made.into_iter()
            .next()
            .expect("one result")
            .unwrap_or_else(|(_, code)| panic!("cannot create {name}: {code}"));
    }

    /// Writes records as they are, in order, and waits until the broker has them.
    #[track_caller]
    pub(crate) fn write(&self, topic: &str, records: &[Raw]) {
        let producer: BaseProducer = self
            .client()
            .set("enable.idempotence", "true")
            .set("allow.auto.create.topics", "false")
            .set("linger.ms", "1")
            .create()
            .expect("a producer");
        send(&producer, topic, records);
        producer.flush(WITHIN).expect("all delivered");
    }

    /// Writes records in a transaction that then ends as asked. One left open lives as long as its producer, which is returned.
    #[track_caller]
    pub(crate) fn write_in_transaction(&self, topic: &str, records: &[Raw], end: End) -> BaseProducer {
        let producer: BaseProducer = self
            .client()
            .set("transactional.id", unique("tx"))
            .set("linger.ms", "1")
            .create()
            .expect("a producer");
        producer.init_transactions(WITHIN).expect("a transactional id");
        producer.begin_transaction().expect("begun");
        send(&producer, topic, records);
        producer.flush(WITHIN).expect("all delivered");
        match end {
            End::Commit => producer.commit_transaction(WITHIN).expect("committed"),
            End::Abort => producer.abort_transaction(WITHIN).expect("aborted"),
            End::StayOpen => return producer,
        }
        self.await_the_markers(topic);
        producer
    }

    /// A transaction's end is answered before its markers are in the partitions: until then nobody reads past its start.
    #[track_caller]
    fn await_the_markers(&self, topic: &str) {
        let [stable, high] = ["read_committed", "read_uncommitted"].map(|isolation| {
            let consumer: BaseConsumer =
                self.client().set("isolation.level", isolation).create().expect("a consumer");
            consumer
        });
        let metadata = high.fetch_metadata(Some(topic), WITHIN).expect("metadata");
        let until = Instant::now() + WITHIN;
        for partition in metadata.topics()[0].partitions() {
            let end = |consumer: &BaseConsumer| {
                consumer.fetch_watermarks(topic, partition.id(), WITHIN).expect("watermarks").1
            };
            while end(&stable) != end(&high) {
                assert!(
                    Instant::now() < until,
                    "the transaction on {topic} has ended, and its markers do not come"
                );
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Every record of a topic, partition by partition in order of offsets.
    #[track_caller]
    pub(crate) fn read(&self, topic: &str) -> Vec<Raw> {
        let consumer: BaseConsumer = self
            .client()
            .set("group.id", unique("reader"))
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("allow.auto.create.topics", "false")
            .create()
            .expect("a consumer");
        let metadata = consumer.fetch_metadata(Some(topic), WITHIN).expect("metadata");
        let partitions: Vec<i32> =
            metadata.topics()[0].partitions().iter().map(rdkafka::metadata::MetadataPartition::id).collect();
        let mut assignment = TopicPartitionList::new();
        for partition in &partitions {
            assignment.add_partition_offset(topic, *partition, Offset::Beginning).expect("an offset");
        }
        consumer.assign(&assignment).expect("assigned");
        let (mut read, mut ended) = (Vec::new(), 0);
        while ended < partitions.len() {
            match consumer.poll(WITHIN).expect("a record or an end in time") {
                Ok(message) => read.push((message.offset(), raw(&message))),
                Err(rdkafka::error::KafkaError::PartitionEOF(_)) => ended += 1,
                Err(error) => panic!("cannot read {topic}: {error}"),
            }
        }
        read.sort_by_key(|(offset, raw)| (raw.partition, *offset));
        read.into_iter().map(|(_, raw)| raw).collect()
    }

    /// How many records a topic holds, by its watermarks.
    #[track_caller]
    pub(crate) fn count(&self, topic: &str) -> i64 {
        let consumer: BaseConsumer = self.client().create().expect("a consumer");
        let metadata = consumer.fetch_metadata(Some(topic), WITHIN).expect("metadata");
        let ends = metadata.topics()[0].partitions().iter().map(|partition| {
            let (low, high) = consumer.fetch_watermarks(topic, partition.id(), WITHIN).expect("watermarks");
            high - low
        });
        ends.sum()
    }

    /// The topics that exist, by name.
    #[track_caller]
    pub(crate) fn topics(&self) -> Vec<String> {
        let consumer: BaseConsumer = self.client().create().expect("a consumer");
        let metadata = consumer.fetch_metadata(None, WITHIN).expect("metadata");
        let mut names: Vec<String> = metadata.topics().iter().map(|topic| topic.name().to_owned()).collect();
        names.sort();
        names
    }

    fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address());
        config
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        if self.own.is_some() {
            // Not a panic in a panic: what cannot be stopped is told by the script itself.
            let _ = Command::new(root().join("tests/services/kafka")).arg("stop").arg(self.folder()).status();
        }
    }
}

#[track_caller]
fn send(producer: &BaseProducer, topic: &str, records: &[Raw]) {
    for raw in records {
        let mut headers = OwnedHeaders::new();
        for (key, value) in &raw.headers {
            headers = headers.insert(Header { key, value: value.as_deref() });
        }
        let mut record: BaseRecord<'_, [u8], [u8]> =
            BaseRecord::to(topic).partition(raw.partition).headers(headers);
        record.key = raw.key.as_deref();
        record.payload = raw.value.as_deref();
        record.timestamp = raw.timestamp;
        producer.send(record).unwrap_or_else(|(error, _)| panic!("cannot write to {topic}: {error}"));
        producer.poll(Duration::ZERO);
    }
}

fn raw(message: &rdkafka::message::BorrowedMessage<'_>) -> Raw {
    let headers = message.headers().map(|headers| {
        headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
    });
    Raw {
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers.unwrap_or_default(),
        timestamp: message.timestamp().to_millis(),
        partition: message.partition(),
    }
}

#[track_caller]
fn service(command: &str, folder: &std::path::Path) -> String {
    let done = Command::new(root().join("tests/services/kafka"))
        .arg(command)
        .arg(folder)
        .output()
        .expect("python3 is there");
    assert!(
        done.status.success(),
        "tests/services/kafka {command}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).expect("text")
}
