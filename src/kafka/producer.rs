//! Sending: idempotent, acks=all, murmur2, bounded; a delivery result for every record.

use crate::error::Error;
use crate::kafka::Cluster;
use crate::model::record::{Record, Timestamp};

/// How a record's sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Stored and acknowledged.
    Stored,
    /// Surely not stored, and why.
    NotStored(String),
    /// It may be stored or not, and why.
    InDoubt(String),
}

/// The result of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The number `send` was given.
    pub id: u64,
    /// Where it went; −1 never reaches here.
    pub partition: Option<i32>,
    /// Its offset, if stored.
    pub offset: Option<i64>,
    /// Its time as stored.
    pub timestamp: Option<Timestamp>,
    /// How it ended.
    pub fate: Fate,
}

/// An idempotent producer with bounded memory.
pub struct Producer {}

impl Producer {
    /// Opens a producer on the cluster.
    pub fn open(_cluster: &Cluster) -> Result<Self, Error> {
        todo!()
    }
    /// Hands over a copy of the record; waits while the queue is full (back-pressure). `Err` if it can never be sent
    /// (or on interrupt while waiting); then no delivery follows.
    pub fn send(&mut self, _record: &Record<'_>, _id: u64) -> Result<(), Error> {
        todo!()
    }
    /// The deliveries since the last call, without waiting.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        todo!()
    }
    /// Waits for every record in flight (each ends by the deadline); the last deliveries.
    pub fn finish(self) -> Vec<Delivery> {
        todo!()
    }
}
