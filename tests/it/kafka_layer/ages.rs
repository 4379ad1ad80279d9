//! The first record at or after a position, on a real Kafka; where a leader is away, on the mock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::mocking::MockCluster;
use rdvctl::error::Kind;
use rdvctl::interrupt::Interrupt;
use rdvctl::kafka::Cluster;
use rdvctl::kafka::ages::{Next, Position};
use rdvctl::kafka::reader::{Isolation, ReadPlan, Span};
use rdvctl::model::record::{Record, Timestamp, TimestampType};

use super::{Topic, cluster, connection, plan, read, real_kafka, record, send_well, unique};
use crate::support::Kafka;
use crate::support::kafka::{End, Raw, bytes};

fn positions(topic: &str, of: &[(i32, i64, i64)]) -> Vec<Position> {
    let topic: Arc<str> = topic.into();
    of.iter()
        .map(|&(partition, offset, end)| Position { topic: Arc::clone(&topic), partition, offset, end })
        .collect()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn next(cluster: &Cluster, positions: &[Position], isolation: Isolation) -> Vec<Next> {
    cluster.next_records(positions, isolation, soon()).unwrap()
}

/// Their offsets: `None` for nothing.
fn offsets(answers: &[Next]) -> Vec<Option<i64>> {
    let offset = |answer: &Next| match answer {
        Next::Record { offset, .. } => Some(*offset),
        Next::Nothing => None,
        Next::Unknown(why) => panic!("unknown: {why}"),
    };
    answers.iter().map(offset).collect()
}

/// Records in partition 0 of which only the number counts.
fn raws(count: usize) -> Vec<Raw> {
    vec![Raw { value: bytes("v"), ..Raw::default() }; count]
}

const COMMITTED: Isolation = Isolation::ReadCommitted;
const UNCOMMITTED: Isolation = Isolation::ReadUncommitted;

#[test]
#[ignore = "needs real Kafka: transactions, deletions"]
fn the_first_record_is_found_with_its_time() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "first", 2, &[("retention.ms", "-1")]);
    let timed = |millis| Record {
        timestamp: Some(Timestamp { millis, kind: TimestampType::CreateTime }),
        ..record(&topic.name, 1, "k", "v")
    };
    send_well(&cluster, &(1..=5).map(|n| timed(n * 1000)).collect::<Vec<_>>());
    let asked = positions(
        &topic.name,
        &[(1, 4, 5), (1, 0, 5), (0, 0, 0), (1, 2, 5), (1, 2, 2), (1, 5, 5), (0, 0, 9)],
    );
    let found = |offset: i64| Next::Record { offset, millis: Some((offset + 1) * 1000) };
    let expected = [found(4), found(0), Next::Nothing, found(2), Next::Nothing, Next::Nothing, Next::Nothing];
    assert_eq!(next(&cluster, &asked, COMMITTED), expected);
    assert_eq!(next(&cluster, &asked, UNCOMMITTED), expected);
    // The client that has read goes on to do so, and all else.
    assert_eq!(next(&cluster, &asked, COMMITTED), expected);
    assert!(cluster.topic(&topic.name).unwrap().is_some());
    assert_eq!(next(&cluster, &[], COMMITTED), []);
}

#[test]
#[ignore = "needs real Kafka: transactions, deletions"]
fn control_records_aborted_and_open_ones_are_nothing_to_those_who_read_what_is_committed() {
    let kafka = Kafka::shared();
    let cluster = cluster(kafka.address());
    let topic = Topic::new(&cluster, "tx", 1, &[]);
    let ends = [End::Commit, End::Abort, End::StayOpen];
    let _open: Vec<_> =
        ends.into_iter().map(|end| kafka.write_in_transaction(&topic.name, &raws(2), end)).collect();
    // 0 and 1 are committed by 2, 3 and 4 aborted by 5, 6 and 7 open.
    let asked = positions(
        &topic.name,
        &[(0, 1, 6), (0, 2, 3), (0, 2, 6), (0, 3, 6), (0, 4, 5), (0, 5, 6), (0, 5, 8), (0, 6, 8), (0, 7, 8)],
    );
    let none = None;
    let committed = [Some(1), none, none, none, none, none, none, none, none];
    assert_eq!(offsets(&next(&cluster, &asked, COMMITTED)), committed);
    let all = [Some(1), none, Some(3), Some(3), Some(4), none, Some(6), Some(6), Some(7)];
    assert_eq!(offsets(&next(&cluster, &asked, UNCOMMITTED)), all);
    // After the last stable offset there is no end of the partition to be told of.
    assert_eq!(offsets(&next(&cluster, &asked[8..], COMMITTED)), [none]);
}

#[test]
#[ignore = "needs real Kafka: transactions, deletions"]
fn what_has_been_deleted_is_skipped() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "gone", 2, &[]);
    let records: Vec<_> = (0..40).map(|n| record(&topic.name, n % 2, "k", "v")).collect();
    send_well(&cluster, &records);
    let before = |partition, start| Span { topic: topic.name.as_str().into(), partition, start, end: None };
    cluster.delete_records_before(&[before(0, 15), before(1, 20)]).unwrap();
    let asked =
        positions(&topic.name, &[(0, 3, 20), (0, 3, 15), (0, 15, 20), (0, 17, 20), (1, 0, 20), (0, 99, 100)]);
    let expected = [Some(15), None, Some(15), Some(17), None, None];
    assert_eq!(offsets(&next(&cluster, &asked, COMMITTED)), expected);
}

/// A small generator: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

#[test]
#[ignore = "needs real Kafka: transactions, deletions"]
fn a_sweep_finds_what_reading_everything_finds() {
    let kafka = Kafka::shared();
    let cluster = cluster(kafka.address());
    let topic = Topic::new(&cluster, "sweep", 3, &[]);
    let mut dice = Dice(7);
    for _ in 0..12 {
        let count = 1 + dice.below(300);
        let size = 10 + usize::try_from(dice.below(3000)).unwrap();
        let raw = |dice: &mut Dice| Raw {
            value: Some(vec![b'v'; size]),
            partition: i32::try_from(dice.below(3)).unwrap(),
            ..Raw::default()
        };
        let records: Vec<_> = (0..count).map(|_| raw(&mut dice)).collect();
        match dice.below(3) {
            0 => kafka.write(&topic.name, &records),
            1 => drop(kafka.write_in_transaction(&topic.name, &records, End::Commit)),
            _ => drop(kafka.write_in_transaction(&topic.name, &records, End::Abort)),
        }
    }
    for isolation in [COMMITTED, UNCOMMITTED] {
        let mut random = || {
            let (a, b) = (dice.below(900), dice.below(900));
            (i32::try_from(dice.below(3)).unwrap(), a.min(b).cast_signed(), a.max(b).cast_signed())
        };
        let spans: Vec<_> = (0..25).map(|_| random()).collect();
        let all = read(&cluster, &ReadPlan { isolation, ..plan(&topic.name) });
        let naive = spans.iter().map(|&(partition, start, end)| {
            let of = all.iter().filter(|record| record.partition == Some(partition));
            of.filter_map(|record| record.offset).find(|offset| (start..end).contains(offset))
        });
        let naive: Vec<_> = naive.collect();
        let asked = positions(&topic.name, &spans);
        assert_eq!(offsets(&next(&cluster, &asked, isolation)), naive, "{isolation:?} {spans:?}");
    }
}

#[test]
#[ignore = "needs real Kafka: transactions, deletions"]
fn many_positions_are_shared_by_two_clients() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "many", 10, &[]);
    let records: Vec<_> = (0..10_000).map(|n| record(&topic.name, n % 10, "k", "v")).collect();
    send_well(&cluster, &records);
    let of: Vec<_> = (0..10).flat_map(|partition| (0..300).map(move |n| (partition, n * 3, 1000))).collect();
    let expected: Vec<_> = of.iter().map(|(_, offset, _)| Some(*offset)).collect();
    assert_eq!(offsets(&next(&cluster, &positions(&topic.name, &of), COMMITTED)), expected);
}

#[test]
#[ignore = "needs real Kafka: transactions, deletions"]
fn what_cannot_be_told_is_unknown_and_nothing_is_created() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "partly", 1, &[]);
    send_well(&cluster, &[record(&topic.name, 0, "k", "v")]);
    let ghost = unique("ghost");
    let mut asked = positions(&topic.name, &[(0, 0, 1), (7, 0, 1)]);
    asked.extend(positions(&ghost, &[(0, 0, 1)]));
    let deadline = Instant::now() + Duration::from_secs(3);
    let answers = cluster.next_records(&asked, COMMITTED, deadline).unwrap();
    assert!(matches!(answers[0], Next::Record { offset: 0, .. }), "{answers:?}");
    let unknown = |answer: &Next| matches!(answer, Next::Unknown(why) if why.contains("not exist"));
    assert!(unknown(&answers[1]) && unknown(&answers[2]), "{answers:?}");
    assert!(cluster.topics().unwrap().iter().all(|topic| topic.name != ghost));
    let late = cluster.next_records(&asked[..1], COMMITTED, Instant::now()).unwrap();
    assert!(matches!(&late[0], Next::Unknown(why) if why.contains("in time")), "{late:?}");
    let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", real_kafka()).create().unwrap();
    let groups = client.fetch_group_list(None, Duration::from_secs(10)).unwrap();
    // The tests' own peers have groups as well.
    let ours = |name: &str| name.contains("rdvctl") && !name.starts_with("rdvctl-tests-");
    assert!(!groups.groups().iter().any(|group| ours(group.name())));
}

#[test]
fn a_leader_that_does_not_answer_leaves_its_partitions_unknown() {
    let mock = MockCluster::new(2).unwrap();
    mock.create_topic("led", 2, 1).unwrap();
    mock.partition_leader("led", 0, Some(1)).unwrap();
    mock.partition_leader("led", 1, Some(2)).unwrap();
    let cluster = cluster(&mock.bootstrap_servers());
    send_well(&cluster, &[record("led", 0, "k", "v"), record("led", 1, "k", "v")]);
    let asked = positions("led", &[(0, 0, 1), (1, 0, 1)]);
    assert_eq!(offsets(&next(&cluster, &asked, COMMITTED)), [Some(0), Some(0)]);
    // Not `broker_down`: it binds its port anew, and ends the process when another socket has taken it meanwhile.
    mock.broker_round_trip_time(2, Duration::from_secs(30)).unwrap();
    let begun = Instant::now();
    let deadline = begun + Duration::from_millis(1500);
    let answers = cluster.next_records(&asked, COMMITTED, deadline).unwrap();
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
    assert!(matches!(answers[0], Next::Record { offset: 0, .. }), "{answers:?}");
    assert!(matches!(answers[1], Next::Unknown(_)), "{answers:?}");
}

#[test]
fn an_interrupt_ends_the_search() {
    let mock = MockCluster::new(1).unwrap();
    mock.create_topic("slow", 1, 1).unwrap();
    let interrupt = Interrupt::default();
    let cluster = Cluster::connect(&connection(&mock.bootstrap_servers()), &interrupt).unwrap();
    interrupt.set();
    let error = cluster.next_records(&positions("slow", &[(0, 0, 1)]), COMMITTED, soon()).unwrap_err();
    assert_eq!(error.kind(), Kind::Interrupted);
}
