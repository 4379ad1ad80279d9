//! Reading ranges, on a real Kafka: transactions, deletions, times, ends.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdvctl::kafka::reader::{Isolation, Polled, ReadPlan, Reader, Span};
use rdvctl::model::position::Position;
use rdvctl::model::record::{Record, Timestamp, TimestampType};

use super::{Topic, cluster, plan, read, read_spans, real_kafka, record, send_well, unique, values};

/// A transactional producer, which rdvctl's own layer does not have.
fn transactional() -> BaseProducer {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", real_kafka())
        .set("transactional.id", unique("tx"))
        .create()
        .unwrap();
    producer.init_transactions(Duration::from_secs(20)).unwrap();
    producer
}

fn in_transaction(producer: &BaseProducer, topic: &str, values: &[&str]) {
    producer.begin_transaction().unwrap();
    for value in values {
        let record = BaseRecord::<str, str>::to(topic).partition(0).key("k").payload(value);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(Duration::from_secs(20)).unwrap();
}

const WAIT: Duration = Duration::from_secs(20);

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn a_committed_read_skips_aborted_records_and_ends_before_open_ones() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "tx", 1, &[]);
    let producer = transactional();
    in_transaction(&producer, &topic.name, &["c1", "c2"]);
    producer.commit_transaction(WAIT).unwrap();
    in_transaction(&producer, &topic.name, &["a1", "a2", "a3"]);
    producer.abort_transaction(WAIT).unwrap();
    // The last offset is now a control record, and the ones before it are invisible.
    assert_eq!(values(&read(&cluster, &plan(&topic.name))), ["c1", "c2"]);

    in_transaction(&producer, &topic.name, &["o1"]);
    let committed = plan(&topic.name);
    let uncommitted = ReadPlan { isolation: Isolation::ReadUncommitted, ..committed.clone() };
    assert_eq!(cluster.spans(&committed).unwrap()[0].end, Some(7));
    assert_eq!(cluster.spans(&uncommitted).unwrap()[0].end, Some(8));
    assert_eq!(values(&read(&cluster, &committed)), ["c1", "c2"]);
    assert_eq!(values(&read(&cluster, &uncommitted)), ["c1", "c2", "a1", "a2", "a3", "o1"]);
    // `-N` counts offsets, control records included, from the end that may be read.
    let last = ReadPlan { from: Position::Last(6), ..committed };
    assert_eq!(values(&read(&cluster, &last)), ["c2"]);
    producer.abort_transaction(WAIT).unwrap();
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn a_range_that_ends_within_invisible_records_ends() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "inside", 1, &[]);
    let producer = transactional();
    in_transaction(&producer, &topic.name, &["c1"]);
    producer.commit_transaction(WAIT).unwrap();
    in_transaction(&producer, &topic.name, &["a1", "a2", "a3"]);
    producer.abort_transaction(WAIT).unwrap();
    let span = |end| [Span { topic: topic.name.as_str().into(), partition: 0, start: 0, end: Some(end) }];
    for end in 1..=6 {
        assert_eq!(values(&read_spans(&cluster, &span(end), Isolation::ReadCommitted)), ["c1"], "{end}");
    }
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn empty_partitions_and_emptied_ones_are_read_at_once() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "empty", 3, &[]);
    assert_eq!(cluster.spans(&plan(&topic.name)).unwrap(), []);
    let records: Vec<_> = (0..10).map(|_| record(&topic.name, 1, "k", "v")).collect();
    send_well(&cluster, &records);
    let all = [Span { topic: topic.name.as_str().into(), partition: 1, start: 10, end: None }];
    cluster.delete_records_before(&all).unwrap();
    assert_eq!(cluster.spans(&plan(&topic.name)).unwrap(), []);
    assert_eq!(read(&cluster, &plan(&topic.name)), []);
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn positions_are_pinned_by_offset_count_and_time() {
    use Position::{Ago, End, Last, Offset, Start};
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "positions", 2, &[("retention.ms", "-1")]);
    let at = |millis| Some(Timestamp { millis, kind: TimestampType::CreateTime });
    let values_of = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let records: Vec<_> = (1..)
        .zip(values_of)
        .map(|(n, value)| Record { timestamp: at(n * 1000), ..record(&topic.name, 0, "k", value) })
        .collect();
    send_well(&cluster, &records);
    let one = Span { topic: topic.name.as_str().into(), partition: 0, start: 2, end: None };
    cluster.delete_records_before(&[one]).unwrap();
    let time = |millis| Position::Time(jiff::Timestamp::from_millisecond(millis).unwrap());
    let cases = [
        (Start, None, "23456789"),
        (End, None, ""),
        (Offset(0), None, "23456789"),
        (Offset(7), None, "789"),
        (Offset(70), None, ""),
        (Offset(4), Some(Offset(6)), "45"),
        (Last(3), None, "789"),
        (Last(300), None, "23456789"),
        (Start, Some(Last(3)), "23456"),
        (time(5000), None, "456789"),
        (time(5001), None, "56789"),
        (time(500), None, "23456789"),
        (time(99_000), None, ""),
        (Start, Some(time(5000)), "23"),
        (Start, Some(time(99_000)), "23456789"),
        (Ago(3000), Some(Ago(1000)), "67"),
    ];
    for (from, until, expected) in cases {
        let plan = ReadPlan { from, until, now_ms: 10_000, ..plan(&topic.name) };
        assert_eq!(values(&read(&cluster, &plan)).concat(), expected, "{from:?} to {until:?}");
    }
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn a_partition_that_is_not_there_is_named() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "part", 2, &[]);
    let error = cluster.spans(&ReadPlan { partitions: vec![5], ..plan(&topic.name) }).unwrap_err();
    assert!(
        error.render().contains("no partition 5") && error.render().contains("0 to 1"),
        "{}",
        error.render()
    );
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn following_goes_on_with_what_comes() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "follow", 3, &[]);
    let follow = ReadPlan { follow: true, from: Position::End, ..plan(&topic.name) };
    let spans = cluster.spans(&follow).unwrap();
    assert_eq!(spans.len(), 3);
    let mut reader = Reader::open(&cluster, &spans, follow.isolation, false).unwrap();
    assert!(matches!(reader.poll(Duration::from_millis(300)).unwrap(), Polled::Idle));
    for round in 0..3 {
        send_well(&cluster, &[record(&topic.name, round, "k", "v")]);
        let deadline = Instant::now() + Duration::from_secs(10);
        let records = loop {
            assert!(Instant::now() < deadline);
            if let Polled::Batch(batch) = reader.poll(Duration::from_millis(500)).unwrap() {
                break batch.len();
            }
        };
        assert_eq!(records, 1);
    }
    assert_eq!(reader.progress().iter().map(|p| (p.next, p.records)).collect::<Vec<_>>(), [(1, 1); 3]);
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn records_deleted_before_they_are_read_are_a_warning_that_names_them() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "lost", 1, &[]);
    let records: Vec<_> = (0..20).map(|_| record(&topic.name, 0, "k", "v")).collect();
    send_well(&cluster, &records);
    let spans = cluster.spans(&plan(&topic.name)).unwrap();
    let gone = Span { start: 15, ..spans[0].clone() };
    cluster.delete_records_before(&[gone]).unwrap();
    let mut reader = Reader::open(&cluster, &spans, Isolation::ReadCommitted, false).unwrap();
    let (mut count, deadline) = (0, Instant::now() + Duration::from_secs(20));
    loop {
        assert!(Instant::now() < deadline);
        match reader.poll(Duration::from_millis(100)).unwrap() {
            Polled::Batch(batch) => count += batch.len(),
            Polled::Idle => {}
            Polled::Ended => break,
        }
    }
    assert_eq!(count, 5);
    let warnings = reader.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("offsets 0 to 14"), "{warnings:?}");
}

#[test]
#[ignore = "needs real Kafka: ranges, transactions, deletions"]
fn reading_leaves_no_group_and_no_topic_behind() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "trace", 1, &[]);
    send_well(&cluster, &[record(&topic.name, 0, "k", "v")]);
    let client: rdkafka::consumer::BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", real_kafka()).create().unwrap();
    let groups = || {
        use rdkafka::consumer::Consumer as _;
        let list = client.fetch_group_list(None, Duration::from_secs(10)).unwrap();
        list.groups().iter().filter(|group| group.name().contains("rdvctl")).count()
    };
    assert_eq!(read(&cluster, &plan(&topic.name)).len(), 1);
    assert_eq!(groups(), 0);
}
