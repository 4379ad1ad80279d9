//! Topics: create, wait for leaders, read their configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::Error;
use crate::kafka::Cluster;

/// A topic to create.
#[derive(Debug, Clone)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// Copies; −1 leaves it to the broker's default.
    pub replication: i32,
    /// Topic configuration.
    pub config: Vec<(String, String)>,
}

impl Cluster {
    /// Creates topics; a result for each, in order. One that exists already is an error of its own.
    pub fn create_topics(&self, _topics: &[NewTopic]) -> Result<Vec<Result<(), Error>>, Error> {
        todo!()
    }
    /// Waits until every partition of these topics has a leader.
    pub fn await_leaders(&self, _topics: &[String], _within: Duration) -> Result<(), Error> {
        todo!()
    }
    /// The configuration of each topic: name → value.
    pub fn topic_configs(&self, _topics: &[String]) -> Result<Vec<BTreeMap<String, String>>, Error> {
        todo!()
    }
}
