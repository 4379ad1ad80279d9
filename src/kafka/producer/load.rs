//! What is to be sent → when a batch is sent.

use std::collections::BTreeSet;

use crate::kafka::client::TopicInfo;
use crate::kafka::settings::{BATCH, BATCH_RECORDS, Batching, QUEUE_KBYTES, QUEUE_RECORDS};

/// Nobody shall wait for a batch to fill, least of all for a few records …
const LINGER: u32 = 5;
const FEW: u64 = 100;
/// … but where there are many, the batches do fill. librdkafka's thread does not sleep any more once a record is older than the
/// linger, though it cannot be sent yet: with 25 ms that was a tenth to a fifth of all CPU.
const LINGER_OF_MANY: u32 = 500;
const MANY: u64 = 10_000;
/// … unless they are small: they wait this long.
const LINGER_OF_SMALL: u32 = 25;

/// What the client takes for itself for every record, in bytes.
const OF_A_RECORD: u64 = 300;
/// So many records are on their way at least.
const LEAST: usize = 64;

/// What one client holds.
struct Share {
    /// On its way, in bytes: enough for batches that are nearly full, of which Kafka needs half as many (a tenth of its CPU), and
    /// not so much that it leaves the processor's cache before it is acknowledged (a fifth of ours with three times as much).
    on_the_way: u64,
    /// With more partitions batches that fill while the queue does are small, which are more work for Kafka.
    partitions: usize,
    /// Records at most …
    records: usize,
    /// … and their KiB.
    kbytes: usize,
}

const ALONE: Share =
    Share { on_the_way: 10 << 20, partitions: 8, records: QUEUE_RECORDS, kbytes: QUEUE_KBYTES };
/// Together they hold fewer records than one may: each has batches of its own on the wire besides.
const ONE_OF_SEVERAL: Share = Share {
    on_the_way: 5 << 20,
    partitions: 16,
    records: QUEUE_RECORDS * 2 / 3 / CLIENTS,
    kbytes: QUEUE_KBYTES / CLIENTS,
};

/// So many clients send to one broker. librdkafka gives each broker one connection, from which Kafka takes one batch after the
/// other, and one thread, which makes no batch while the last is not on the wire: 1,000,000 records of 450 B took 1.15 s with one
/// client, 1.03 s with two, 1.00 s with three or four. Brokers that share the partitions have a connection each as it is.
const CLIENTS: usize = 3;
/// … where there are so many bytes to send: with less nothing is gained.
const WORTH: u64 = 64 << 20;

/// What is to be sent, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Load {
    /// How many records.
    pub records: Option<u64>,
    /// Bytes of all of them: keys, values and headers.
    pub bytes: Option<u64>,
    /// Bytes of the largest.
    pub largest: Option<usize>,
    /// The topics they go to; none if they are not known.
    pub topics: Vec<TopicInfo>,
    /// The largest batch that all of the topics take, in bytes (`max.message.bytes`). The broker judges a batch, not a record,
    /// and librdkafka splits none.
    pub limit: Option<usize>,
}

impl Load {
    /// How many clients send them.
    pub(super) fn lanes(&self) -> usize {
        // Clients share the memory: what is larger than a batch might not fit into the share of one.
        let fits = self.largest.is_some_and(|most| most <= BATCH);
        if !fits || self.bytes.is_none_or(|bytes| bytes < WORTH) {
            return 1;
        }
        let leaders: BTreeSet<_> = self
            .topics
            .iter()
            .flat_map(|topic| &topic.partitions)
            .filter_map(|partition| partition.leader)
            .collect();
        (CLIENTS / leaders.len().max(1)).min(self.partitions()).max(1)
    }

    fn partitions(&self) -> usize {
        self.topics.iter().map(|topic| topic.partitions.len()).sum()
    }

    /// For each of so many clients.
    pub(super) fn batching(&self, lanes: usize) -> Batching {
        let share = if lanes > 1 { ONE_OF_SEVERAL } else { ALONE };
        let usual = |linger| Batching {
            bytes: self.limit.map_or(BATCH, |limit| limit.min(BATCH)),
            records: BATCH_RECORDS,
            queue: share.records,
            kbytes: share.kbytes,
            linger,
        };
        match (self.records, self.partitions().div_ceil(lanes)) {
            (Some(..FEW), _) => usual(0),
            (Some(records @ MANY..), partitions) if (1..=share.partitions).contains(&partitions) => {
                let average = self.bytes.map_or(0, |bytes| bytes / records);
                let queue = (share.on_the_way / (average + OF_A_RECORD)) as usize;
                let queue = queue.clamp(LEAST, share.records);
                // When the queue is full, half of it makes a batch for some partition: nobody waits for the linger.
                Batching { records: queue / 2 / partitions, queue, ..usual(LINGER_OF_MANY) }
            }
            (Some(MANY..), _) => usual(LINGER_OF_SMALL),
            (_, _) => usual(LINGER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::client::PartitionInfo;

    /// A topic whose partitions are dealt out to so many brokers.
    fn topic(partitions: usize, brokers: i32) -> TopicInfo {
        let partition = |id: i32| {
            let leader = id % brokers;
            PartitionInfo { id, leader: Some(leader), replicas: vec![leader], in_sync: vec![leader] }
        };
        TopicInfo { name: "t".to_owned(), partitions: (0..partitions as i32).map(partition).collect() }
    }

    /// Of so many records of this size to one broker.
    fn load(records: u64, size: u64, partitions: usize) -> Load {
        Load {
            records: Some(records),
            bytes: Some(records * size),
            largest: Some(size as usize),
            topics: vec![topic(partitions, 1)],
            limit: None,
        }
    }

    #[test]
    fn few_records_wait_for_nothing_and_of_many_some_batch_is_full_when_the_queue_is() {
        assert_eq!(load(99, 450, 3).batching(1).linger, 0);
        assert_eq!(load(100, 450, 3).batching(1).linger, LINGER);
        assert_eq!(Load { records: None, ..load(100, 450, 3) }.batching(1).linger, LINGER);
        assert_eq!(load(MANY, 450, 1000).batching(1).linger, LINGER_OF_SMALL);
        assert_eq!(load(MANY, 450, 0).batching(1).linger, LINGER_OF_SMALL);
        for (lanes, share) in [(1, ALONE), (CLIENTS, ONE_OF_SEVERAL)] {
            for partitions in 1..=share.partitions {
                let batching = |size| load(MANY, size as u64, lanes * partitions).batching(lanes);
                let usual = batching(450);
                assert!(usual.bytes == BATCH && usual.linger == LINGER_OF_MANY, "{usual:?}");
                assert!(usual.records * partitions >= 2400, "{usual:?} {partitions}");
                for size in [1, 450, 10_000, 100_000, 300_000, BATCH] {
                    let Batching { bytes, records, queue, kbytes, .. } = batching(size);
                    let (held, batch) = (queue.min(kbytes * 1024 / size), records.min(bytes.div_ceil(size)));
                    assert!(batch > 0 && batch * partitions <= held, "{size} {partitions}");
                }
            }
        }
    }

    #[test]
    fn the_larger_the_records_the_fewer_are_on_their_way() {
        let queue = |size| {
            let batching = load(MANY, size, 3).batching(1);
            (batching.queue, batching.records)
        };
        let (small, usual, large) = (queue(0), queue(450), queue(10_000));
        assert!(small.0 <= QUEUE_RECORDS && small > usual && usual > large, "{small:?} {usual:?} {large:?}");
        assert!((8_000_000..=12_000_000).contains(&(large.0 * 10_000)), "{large:?}");
        assert_eq!(queue(40_000_000), (LEAST, LEAST / 2 / 3));
        let unknown = Load { bytes: None, ..load(MANY, 0, 3) };
        assert_eq!(unknown.batching(1).queue, small.0);
    }

    #[test]
    fn no_batch_is_larger_than_the_topics_take() {
        let bytes = |limit, partitions| Load { limit, ..load(MANY, 450, partitions) }.batching(1).bytes;
        assert_eq!(bytes(Some(20_000), 3), 20_000);
        assert_eq!(bytes(Some(20_000), 0), 20_000);
        assert_eq!(bytes(None, 3), BATCH);
    }

    #[test]
    fn several_clients_send_much_to_one_broker_and_share_the_memory_of_one() {
        let much = |partitions| load(1_000_000, 450, partitions);
        assert_eq!([0, 1, 2, 3, 24, 1000].map(|partitions| much(partitions).lanes()), [1, 1, 2, 3, 3, 3]);
        let of_two = Load { topics: vec![topic(1, 1), topic(1, 1)], ..much(0) };
        assert_eq!(of_two.lanes(), 2);
        let on = |brokers| Load { topics: vec![topic(12, brokers)], ..much(0) }.lanes();
        assert_eq!([1, 2, 3, 4].map(on), [CLIENTS, 1, 1, 1]);
        assert_eq!(load(100_000, 450, 3).lanes(), 1, "little is gained");
        for unknown in [Load { bytes: None, ..much(3) }, Load { largest: None, ..much(3) }, Load::default()] {
            assert_eq!(unknown.lanes(), 1);
        }
        // What is larger than the share of one would wait for room for ever.
        assert_eq!(Load { largest: Some(BATCH + 1), ..much(3) }.lanes(), 1);
        for partitions in [3, 48, 1000] {
            let (one, each) = (much(partitions).batching(1), much(partitions).batching(CLIENTS));
            assert!(each.queue * CLIENTS <= QUEUE_RECORDS && each.queue <= one.queue, "{each:?}");
            assert!(each.kbytes * CLIENTS <= QUEUE_KBYTES && each.kbytes * 1024 > BATCH, "{each:?}");
            assert!(each.records > 0);
        }
    }
}
