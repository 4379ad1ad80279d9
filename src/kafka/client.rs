//! Connection → librdkafka client; its errors → ours, with their real cause; what topics there are.

use crate::config::Connection;
use crate::error::Error;
use crate::interrupt::Interrupt;

/// A reached cluster.
pub struct Cluster {}

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

impl Cluster {
    /// Reaches a broker within `connection.timeout`, or names what stands in the way.
    pub fn connect(_connection: &Connection, _interrupt: &Interrupt) -> Result<Self, Error> {
        todo!()
    }
    /// Every topic, internal ones (`__…`) included, sorted by name. Creates none.
    pub fn topics(&self) -> Result<Vec<TopicInfo>, Error> {
        todo!()
    }
    /// One topic; `None` if it is not there. Creates none.
    pub fn topic(&self, _name: &str) -> Result<Option<TopicInfo>, Error> {
        todo!()
    }
}

/// librdkafka's own version, `2.12.1`.
pub fn library_version() -> String {
    rdkafka::util::get_rdkafka_version().1
}

/// Whether librdkafka has a property and takes this value; otherwise why not, without the value.
pub fn check_property(key: &str, value: &str) -> Result<(), String> {
    let mut config = rdkafka::ClientConfig::new();
    match config.set(key, value).create_native_config() {
        Ok(_) => Ok(()),
        Err(rdkafka::error::KafkaError::ClientConfig(_, reason, _, _)) => Err(reason),
        Err(other) => Err(other.to_string()),
    }
}
