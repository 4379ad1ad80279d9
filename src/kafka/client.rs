//! Connection → librdkafka client; what topics there are.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::config::Connection;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::kafka::explain::Failure;
use crate::kafka::ffi::{self, Code, Metadata, TopicMeta, Want};
use crate::kafka::link::{Link, SLICE};
use crate::kafka::reader::Isolation;
use crate::kafka::settings::{Few, Purpose};

pub use crate::kafka::settings::check_property;

/// A cluster.
pub struct Cluster {
    pub(super) link: Arc<Link>,
    /// How the client reads records, if it does.
    pub(super) few: Few,
    notes: Mutex<Vec<String>>,
}

/// A topic as the cluster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicInfo {
    /// Its name.
    pub name: String,
    /// Its partitions, by id.
    pub partitions: Vec<PartitionInfo>,
}

/// A partition as the cluster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionInfo {
    /// Its number.
    pub id: i32,
    /// The leader's broker id; `None` while there is none.
    pub leader: Option<i32>,
    /// Broker ids that hold a copy.
    pub replicas: Vec<i32>,
    /// Broker ids whose copy is in sync.
    pub in_sync: Vec<i32>,
}

impl TopicInfo {
    /// One of Kafka's own (`__consumer_offsets` …).
    pub fn is_internal(&self) -> bool {
        self.name.starts_with("__")
    }
}

impl Cluster {
    /// Whether the settings compress what is sent.
    pub fn compresses(&self) -> bool {
        let codec = |(key, value): &(String, String)| {
            matches!(key.as_str(), "compression.type" | "compression.codec") && value != "none"
        };
        self.link.connection.properties.iter().any(codec)
    }

    /// Reaches a broker within `connection.timeout`, or names what stands in the way. The client is a consumer without
    /// a group: it looks for no coordinator, and its questions create no topic.
    pub fn connect(connection: &Connection, interrupt: &Interrupt) -> Result<Self, Error> {
        let few = Few { isolation: Isolation::ReadCommitted, strict: false };
        let cluster = Self::start(connection, interrupt, few)?;
        cluster.link.reach(connection.timeout)?;
        Ok(cluster)
    }

    /// The same, to read from: a [`Reader`](super::reader::Reader) of a few records needs no other client. Connects while
    /// the caller does something else; the first question about topics waits for a broker. One about a single topic is
    /// answered while the connection to who has its records is being made: a record was there after 5.86 ms, not 6.13.
    pub fn connect_to_read(
        connection: &Connection,
        interrupt: &Interrupt,
        isolation: Isolation,
    ) -> Result<Self, Error> {
        Self::start(connection, interrupt, Few { isolation, strict: true })
    }

    fn start(connection: &Connection, interrupt: &Interrupt, few: Few) -> Result<Self, Error> {
        let link = Link::open(&Arc::new(connection.clone()), interrupt, Purpose::Ask(few))?;
        Ok(Self { link: Arc::new(link), few, notes: Mutex::default() })
    }

    /// An error of kind `Interrupted` if Ctrl-C was pressed.
    pub fn check(&self) -> Result<(), Error> {
        self.link.interrupt.check()
    }

    /// What `spans` has to say about positions, since the last call.
    pub fn notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn note(&self, text: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    /// Every topic that may be seen, internal ones (`__…`) included, sorted by name. Creates none.
    pub fn topics(&self) -> Result<Vec<TopicInfo>, Error> {
        let metadata = self.metadata(Want::All, "cannot list the topics")?;
        let mut topics: Vec<_> = metadata.topics.into_iter().map(topic_info).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Asks about topics. Where no broker is reached yet, it is waited for.
    fn metadata(&self, want: Want<'_>, doing: &str) -> Result<Metadata, Error> {
        let (link, within) = (&self.link, self.link.connection.timeout);
        if !link.handle.reached(Duration::ZERO) {
            // The connection of the start is soon closed, perhaps before the answer: all topics are too much to ask for twice.
            if matches!(want, Want::Topic(_))
                && let Ok(metadata) = link.handle.metadata(want, SLICE.min(within))
            {
                return Ok(metadata);
            }
            link.reach(within)?;
        }
        link.metadata(want, within, doing)
    }

    /// One topic; `None` if it is not there. Creates none, also where the broker creates topics by itself.
    pub fn topic(&self, name: &str) -> Result<Option<TopicInfo>, Error> {
        let doing = format!("cannot look up topic `{name}`");
        let metadata = self.metadata(Want::Topic(name), &doing)?;
        let Some(meta) = metadata.topics.into_iter().find(|topic| topic.name == name) else {
            return Ok(None);
        };
        match meta.code {
            Code::OK | Code::LEADER_NOT_AVAILABLE => Ok(Some(topic_info(meta))),
            Code::UNKNOWN_TOPIC_OR_PART | Code::INVALID_TOPIC => Ok(None),
            code => Err(self.link.explain(&Failure {
                doing: &doing,
                code,
                text: "",
                topic: Some(name),
                waited: None,
            })),
        }
    }
}

fn topic_info(meta: TopicMeta) -> TopicInfo {
    let mut partitions: Vec<_> = meta
        .partitions
        .into_iter()
        .map(|partition| PartitionInfo {
            id: partition.id,
            leader: (partition.leader >= 0).then_some(partition.leader),
            replicas: partition.replicas,
            in_sync: partition.in_sync,
        })
        .collect();
    partitions.sort_by_key(|partition| partition.id);
    TopicInfo { name: meta.name, partitions }
}

/// librdkafka's own version, `2.12.1`.
pub fn library_version() -> String {
    ffi::version()
}

/// What librdkafka was built with: `gzip`, `ssl`, `sasl_scram`, …
pub fn library_features() -> Vec<String> {
    let features = ffi::Conf::new().get("builtin.features").unwrap_or_default();
    features.split(',').map(str::to_owned).collect()
}
