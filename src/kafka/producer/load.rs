//! What is to be sent → when a batch is sent.

use crate::kafka::settings::{BATCH, BATCH_RECORDS, Batching, QUEUE_RECORDS};

/// Nobody shall wait for a batch to fill, least of all for a few records …
const LINGER: u32 = 5;
const FEW: u64 = 100;
/// … but where there are many, the batches do fill. librdkafka's thread does not sleep any more once a record is older than the
/// linger, though it cannot be sent yet: with 25 ms that was a tenth to a fifth of all CPU.
const LINGER_OF_MANY: u32 = 500;
const MANY: u64 = 10_000;
/// With more partitions batches that fill while the queue does are small, which are more work for Kafka: there they wait this long.
const MOST_PARTITIONS: usize = 8;
const LINGER_OF_SMALL: u32 = 25;

/// What is on its way, in bytes: enough for batches that are nearly full, of which Kafka needs half as many (a tenth of its CPU),
/// and not so much that it leaves the processor's cache before it is acknowledged (a fifth of ours with three times as much) …
const ON_THE_WAY: u64 = 10 << 20;
/// … of which the client takes so many for itself for every record …
const OF_A_RECORD: u64 = 300;
/// … but so many records at least.
const LEAST: usize = 64;

/// What is to be sent, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Load {
    /// How many records.
    pub records: Option<u64>,
    /// Bytes of all of them: keys, values and headers.
    pub bytes: Option<u64>,
    /// To how many partitions.
    pub partitions: Option<usize>,
    /// The largest batch that all of the topics take, in bytes (`max.message.bytes`). The broker judges a batch, not a record,
    /// and librdkafka splits none.
    pub limit: Option<usize>,
}

impl Load {
    pub(super) fn batching(&self) -> Batching {
        let bytes = self.limit.map_or(BATCH, |limit| limit.min(BATCH));
        let usual = |linger| Batching { bytes, records: BATCH_RECORDS, queue: QUEUE_RECORDS, linger };
        match (self.records, self.partitions) {
            (Some(..FEW), _) => usual(0),
            (Some(records @ MANY..), Some(partitions @ 1..=MOST_PARTITIONS)) => {
                let average = self.bytes.map_or(0, |bytes| bytes / records);
                let queue = (ON_THE_WAY / (average + OF_A_RECORD)) as usize;
                let queue = queue.clamp(LEAST, QUEUE_RECORDS);
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
    use crate::kafka::settings::QUEUE_KBYTES;

    #[test]
    fn few_records_wait_for_nothing_and_of_many_some_batch_is_full_when_the_queue_is() {
        let batching = |records, partitions| {
            Load { records, partitions, bytes: records.map(|n| n * 450), limit: None }.batching()
        };
        assert_eq!(batching(Some(99), Some(3)).linger, 0);
        assert_eq!(batching(Some(100), Some(3)).linger, LINGER);
        assert_eq!(batching(None, Some(3)).linger, LINGER);
        assert_eq!(batching(Some(MANY), Some(1000)).linger, LINGER_OF_SMALL);
        assert_eq!(batching(Some(MANY), Some(0)).linger, LINGER_OF_SMALL);
        for partitions in 1..=MOST_PARTITIONS {
            let Batching { bytes, records, queue, linger } = batching(Some(MANY), Some(partitions));
            assert_eq!(linger, LINGER_OF_MANY);
            assert!(records * partitions <= queue / 2, "{records} {partitions}");
            assert!(bytes * partitions <= QUEUE_KBYTES * 1024 / 2, "{bytes} {partitions}");
            assert!(records >= 300 && bytes == BATCH, "{records} {bytes}");
        }
    }

    #[test]
    fn the_larger_the_records_the_fewer_are_on_their_way() {
        let queue = |size| {
            let load =
                Load { records: Some(MANY), bytes: Some(MANY * size), partitions: Some(3), limit: None };
            (load.batching().queue, load.batching().records)
        };
        let (small, usual, large) = (queue(0), queue(450), queue(10_000));
        assert!(small.0 <= QUEUE_RECORDS && small > usual && usual > large, "{small:?} {usual:?} {large:?}");
        assert!((8_000_000..=12_000_000).contains(&(large.0 * 10_000)), "{large:?}");
        assert_eq!(queue(40_000_000), (LEAST, LEAST / 2 / 3));
        let unknown = Load { records: Some(MANY), partitions: Some(3), ..Load::default() };
        assert_eq!(unknown.batching().queue, small.0);
    }

    #[test]
    fn no_batch_is_larger_than_the_topics_take() {
        let bytes =
            |limit, partitions| Load { records: Some(MANY), partitions, limit, bytes: None }.batching().bytes;
        assert_eq!(bytes(Some(20_000), Some(3)), 20_000);
        assert_eq!(bytes(Some(20_000), None), 20_000);
        assert_eq!(bytes(None, Some(3)), BATCH);
    }
}
