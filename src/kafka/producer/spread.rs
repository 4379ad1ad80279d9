//! A record → its partition, and the client that sends there.

use crate::kafka::client::TopicInfo;
use crate::kafka::ffi::murmur2;
use crate::model::record::Record;

/// The partitions of some topics, dealt out to clients. They are those of the start: a topic that gets more meanwhile has its keys
/// placed as before until the command ends, as by a librdkafka that has not looked again (it does every five minutes).
pub(super) struct Spread {
    topics: Vec<Dealt>,
    /// The place of the topic that was asked for last.
    last: usize,
    lanes: usize,
    /// Records without a key that were placed.
    keyless: usize,
}

struct Dealt {
    name: String,
    /// One at least.
    partitions: i32,
    /// Partitions of the topics before it.
    before: usize,
}

/// Where a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// A partition that is there.
    pub(super) partition: i32,
    /// Which client sends to it.
    pub(super) lane: usize,
}

impl Spread {
    /// Deals the partitions out to so many clients.
    pub(super) fn new(topics: &[TopicInfo], lanes: usize) -> Self {
        let mut before = 0;
        let dealt = topics.iter().filter(|topic| !topic.partitions.is_empty()).map(|topic| {
            let dealt = Dealt { name: topic.name.clone(), partitions: topic.partitions.len() as i32, before };
            before += topic.partitions.len();
            dealt
        });
        Self { topics: dealt.collect(), last: 0, lanes, keyless: 0 }
    }

    /// As librdkafka's `murmur2_random` does, but that records without a key take turns. `None` if its topic is none of these,
    /// or does not have the partition it names.
    pub(super) fn place(&mut self, record: &Record<'_>) -> Option<Place> {
        if self.topics.get(self.last).is_none_or(|topic| topic.name != record.topic) {
            self.last = self.topics.iter().position(|topic| topic.name == record.topic)?;
        }
        let topic = &self.topics[self.last];
        let partition = match (record.partition, record.key.as_deref()) {
            (Some(named), _) => Some(named).filter(|named| (0..topic.partitions).contains(named))?,
            (None, Some(key)) => murmur2(key, topic.partitions),
            (None, None) => {
                self.keyless = self.keyless.wrapping_add(1);
                (self.keyless % topic.partitions as usize) as i32
            }
        };
        Some(Place { partition, lane: (topic.before + partition as usize) % self.lanes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::client::PartitionInfo;

    fn topic(name: &str, partitions: i32) -> TopicInfo {
        let partition = |id| PartitionInfo { id, leader: Some(1), replicas: vec![1], in_sync: vec![1] };
        TopicInfo { name: name.to_owned(), partitions: (0..partitions).map(partition).collect() }
    }

    fn record<'a>(topic: &'a str, partition: Option<i32>, key: Option<&'a [u8]>) -> Record<'a> {
        Record {
            topic: topic.into(),
            partition,
            offset: None,
            timestamp: None,
            key: key.map(Into::into),
            headers: Vec::new(),
            value: None,
        }
    }

    /// The hashes of Kafka's own test (`UtilsTest.testMurmur2`), as partitions of a topic that has one for each.
    #[test]
    fn keys_are_placed_as_java_places_them() {
        let hashes: [(&[u8], i32); 7] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            (b"abc", 479_470_107),
            (b"", 275_646_681),
        ];
        for (key, hash) in hashes {
            for partitions in [1, 3, 24, i32::MAX] {
                assert_eq!(murmur2(key, partitions), (hash & i32::MAX) % partitions);
            }
        }
    }

    #[test]
    fn each_partition_is_one_clients_and_each_client_has_its_share() {
        let mut spread = Spread::new(&[topic("a", 1), topic("none", 0), topic("b", 1), topic("c", 4)], 3);
        let mut all: Vec<usize> = Vec::new();
        for (name, count) in [("a", 1), ("b", 1), ("c", 4)] {
            for partition in 0..count {
                let named = spread.place(&record(name, Some(partition), Some(b"k"))).unwrap();
                assert_eq!(named.partition, partition);
                all.push(named.lane);
                // Whoever is sent there otherwise goes by the same client.
                for key in 0..50_u8 {
                    let place = spread.place(&record(name, None, Some(&[key]))).unwrap();
                    assert!(place.partition != partition || place == named);
                    let place = spread.place(&record(name, None, None)).unwrap();
                    assert!(place.partition != partition || place == named);
                }
            }
        }
        assert_eq!(all, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn records_without_a_key_go_everywhere() {
        let mut spread = Spread::new(&[topic("t", 5)], 2);
        let mut counts = [0; 5];
        for _ in 0..100 {
            counts[spread.place(&record("t", None, None)).unwrap().partition as usize] += 1;
        }
        assert_eq!(counts, [20; 5]);
    }

    #[test]
    fn what_is_not_there_has_no_place() {
        let mut spread = Spread::new(&[topic("t", 3), topic("empty", 0)], 2);
        for (name, partition) in [("other", None), ("empty", None), ("t", Some(3)), ("t", Some(-1))] {
            assert_eq!(spread.place(&record(name, partition, Some(b"k"))), None, "{name} {partition:?}");
        }
    }
}
