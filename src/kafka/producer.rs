//! Sending: idempotent, acks=all, murmur2, bounded; a delivery result for every record.

mod fate;
mod lane;
mod load;
mod spread;

pub use load::Load;

use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::ffi::Outgoing;
use crate::model::record::{Record, Shared, Timestamp};
use lane::Lane;
use spread::Spread;

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
    /// The number `send` was given; below 2^56.
    pub id: u64,
    /// Where it went; `None` if it never got as far as a partition.
    pub partition: Option<i32>,
    /// Its offset, if stored and known.
    pub offset: Option<i64>,
    /// Its time as stored.
    pub timestamp: Option<Timestamp>,
    /// How it ended.
    pub fate: Fate,
}

/// An idempotent producer with bounded memory.
pub struct Producer {
    /// Clients beside each other, each with partitions of its own: the order within a partition is that of one client.
    lanes: Vec<Lane>,
    spread: Spread,
}

impl Producer {
    /// Opens a producer.
    pub fn open(cluster: &Cluster, load: &Load) -> Result<Self, Error> {
        let count = load.lanes();
        let batching = load.batching(count);
        let lanes = (0..count).map(|_| Lane::open(cluster, batching)).collect::<Result<Vec<_>, _>>()?;
        // All of them connect at once.
        lanes.iter().for_each(Lane::get_ready);
        Ok(Self { lanes, spread: Spread::new(&load.topics, count) })
    }

    /// Hands over a copy of the record; waits while the queue is full (back-pressure). `Err` if it can never be sent
    /// (or on interrupt while waiting); then no delivery follows. `record.offset` means nothing here. The error may be of one
    /// before it, which was to be handed over together with others: that one has a delivery.
    pub fn send(&mut self, record: &Record<'_>, id: u64) -> Result<(), Error> {
        self.send_of(record, id, None)
    }

    /// The same without a copy of its value, where that is a part of `shared`: kept until the delivery.
    pub fn send_of(&mut self, record: &Record<'_>, id: u64, shared: Option<&Shared>) -> Result<(), Error> {
        let place = if self.lanes.len() > 1 { self.spread.place(record) } else { None };
        let (lane, partition) = place.map_or((0, None), |place| (place.lane, Some(place.partition)));
        self.lanes[lane].send(Outgoing { record, id, partition, shared })
    }

    /// The deliveries since the last call, without waiting.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        joined(self.lanes.iter_mut().map(Lane::deliveries))
    }

    /// Records that were handed over and have no result yet.
    pub fn in_flight(&self) -> u64 {
        self.lanes.iter().map(Lane::in_flight).sum()
    }

    /// Waits for every record in flight (each ends by the deadline); the last deliveries. Goes on under Ctrl-C: what
    /// was handed over is accounted for.
    pub fn finish(mut self) -> Vec<Delivery> {
        std::thread::scope(|scope| {
            self.lanes.iter_mut().for_each(|lane| lane.hurry(scope));
            joined(self.lanes.iter_mut().map(Lane::see_off))
        })
    }
}

/// All of them, those of the first as they are: there may be no others.
fn joined(mut of_lanes: impl Iterator<Item = Vec<Delivery>>) -> Vec<Delivery> {
    let mut all = of_lanes.next().unwrap_or_default();
    of_lanes.for_each(|mut more| all.append(&mut more));
    all
}
