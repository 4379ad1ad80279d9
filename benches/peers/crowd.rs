//! Groups that stand at different places of one topic: what `lag` looks at. Made in the process of [`crate::admin`].

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use rdvctl::error::Error;

use crate::event::Shape;

/// The first record's time, 2024 UTC, and from one to the next of a partition.
const BEGAN_MS: i64 = 1_704_067_200_000;
const PACE_MS: i64 = 1000;

/// A topic's records, and how many groups have read how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// How many groups; each has committed another offset, the same on every partition.
    pub(crate) groups: u32,
    /// The topic's partitions.
    pub(crate) partitions: i32,
    /// Records a partition.
    pub(crate) records: u32,
    /// Bytes of a value, about.
    pub(crate) size: usize,
    /// Records a batch, as far as a megabyte holds them.
    pub(crate) batch: u32,
}

impl Crowd {
    /// The same for a smoke run: a hundredth of the positions.
    #[must_use]
    pub(crate) fn quick(self) -> Self {
        Self { groups: self.groups / 10, partitions: self.partitions / 10, ..self }
    }

    /// Groups times partitions: what `lag` has to tell.
    pub(crate) fn positions(&self) -> u64 {
        u64::from(self.groups) * self.partitions as u64
    }

    /// All records.
    pub(crate) fn total(&self) -> u64 {
        u64::from(self.records) * self.partitions as u64
    }

    /// As arguments of the process that makes it.
    pub(crate) fn args(&self) -> [String; 5] {
        let Self { groups, partitions, records, size, batch } = self;
        [groups.to_string(), partitions.to_string(), records.to_string(), size.to_string(), batch.to_string()]
    }

    /// From those arguments.
    pub(crate) fn read(args: &[&str]) -> Option<Self> {
        let [groups, partitions, records, size, batch] = args else { return None };
        Some(Self {
            groups: groups.parse().ok()?,
            partitions: partitions.parse().ok()?,
            records: records.parse().ok()?,
            size: size.parse().ok()?,
            batch: batch.parse().ok()?,
        })
    }

    /// The groups' names; none holds the topic's, so that a line about a position is known by that.
    pub(crate) fn names(&self, topic: &str) -> impl Iterator<Item = String> {
        let prefix = topic.replacen("bench", "group", 1);
        (0..self.groups).map(move |group| format!("{prefix}.{group}"))
    }

    /// Fills the topic, and commits.
    pub(crate) fn gather(&self, broker: &str, topic: &str) -> Result<(), KafkaError> {
        self.fill(broker, topic)?;
        for (group, name) in self.names(topic).enumerate() {
            let offset = Offset::Offset(group as i64 * i64::from(self.records) / i64::from(self.groups));
            let mut commit = TopicPartitionList::with_capacity(self.partitions as usize);
            for partition in 0..self.partitions {
                commit.add_partition_offset(topic, partition, offset)?;
            }
            let consumer: BaseConsumer =
                ClientConfig::new().set("bootstrap.servers", broker).set("group.id", &name).create()?;
            consumer.commit(&commit, CommitMode::Sync)?;
        }
        Ok(())
    }

    /// Partition by partition, so that each batch is as full as it may be.
    fn fill(&self, broker: &str, topic: &str) -> Result<(), KafkaError> {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", broker)
            .set("enable.idempotence", "true")
            .set("batch.num.messages", self.batch.to_string())
            .set("linger.ms", "500")
            .create()?;
        let (mut key, mut value) = (String::new(), String::new());
        for number in 0..self.total() {
            let (partition, place) = (number / u64::from(self.records), number % u64::from(self.records));
            Shape::of(self.size).write(number, self.size, &mut key, &mut value);
            let mut record = BaseRecord::to(topic)
                .partition(partition as i32)
                .timestamp(BEGAN_MS + place as i64 * PACE_MS)
                .key(&key)
                .payload(&value);
            while let Err((error, again)) = producer.send(record) {
                if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                    return Err(error);
                }
                producer.poll(Duration::from_millis(10));
                record = again;
            }
        }
        producer.flush(crate::admin::PATIENCE)
    }
}

/// What the process was asked for, if it can be read.
pub(crate) fn asked(args: &[&str]) -> Result<Crowd, Error> {
    Crowd::read(args).ok_or_else(|| Error::usage("a crowd is GROUPS PARTITIONS RECORDS SIZE BATCH"))
}
