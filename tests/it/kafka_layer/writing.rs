//! Sending, on a real Kafka.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rdvctl::config::Connection;
use rdvctl::interrupt::Interrupt;
use rdvctl::kafka::Cluster;
use rdvctl::kafka::producer::{Delivery, Fate, Load, Producer};
use rdvctl::model::record::{Record, Shared, Timestamp, TimestampType};

use crate::support::wait_for;

use super::on_mock::{odd_records, same};
use super::{Topic, cluster, connection, plan, read, real_kafka, record, send, send_well, unique};

/// What is known of so many records for a topic, but for their bytes.
fn of(cluster: &Cluster, topic: &Topic<'_>, records: u64) -> Load {
    let there = cluster.topic(&topic.name).unwrap().unwrap();
    Load { records: Some(records), topics: vec![there], ..Load::default() }
}

/// The same of so many bytes that several clients send them.
fn much(load: &Load) -> Load {
    Load { bytes: Some(1 << 30), largest: Some(1000), ..load.clone() }
}

fn why(fate: &Fate) -> &str {
    match fate {
        Fate::NotStored(why) | Fate::InDoubt(why) => why,
        Fate::Stored => panic!("stored"),
    }
}

#[test]
#[ignore = "needs real Kafka: its limits and its log"]
fn a_real_broker_gives_back_the_same_bytes() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "odd", 1, &[("retention.ms", "-1")]);
    let records = odd_records(&topic.name);
    send_well(&cluster, &records);
    let read = read(&cluster, &plan(&topic.name));
    assert_eq!(read.len(), records.len());
    for (sent, read) in records.iter().zip(&read) {
        same(sent, read);
    }
}

#[test]
#[ignore = "needs real Kafka: its limits and its log"]
fn a_record_over_the_brokers_limit_fails_alone_and_says_so() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "limit", 1, &[("max.message.bytes", "20000")]);
    let (small, large) = ("s".repeat(1000), "l".repeat(30_000));
    let mut records: Vec<_> = (0..50).map(|_| record(&topic.name, 0, "k", &small)).collect();
    records.insert(25, record(&topic.name, 0, "k", &large));
    let limits = cluster.batch_limits(std::slice::from_ref(&topic.name)).unwrap();
    assert_eq!(limits, [(topic.name.clone(), 20_000)].into());
    let load = Load { limit: limits.into_values().min(), ..of(&cluster, &topic, 51) };
    let mut producer = Producer::open(&cluster, &load).unwrap();
    for (id, record) in (0..).zip(&records) {
        producer.send(record, id).unwrap();
    }
    let deliveries = producer.finish();
    let failed: Vec<_> = deliveries.iter().filter(|d| d.fate != Fate::Stored).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].id, 25);
    assert!(
        matches!(&failed[0].fate, Fate::NotStored(why) if why.contains("max.message.bytes")),
        "{failed:?}"
    );
    assert_eq!(read(&cluster, &plan(&topic.name)).len(), 50);
}

#[test]
#[ignore = "needs real Kafka: its limits and its log"]
fn what_the_broker_refuses_is_surely_not_stored() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "refused", 1, &[("cleanup.policy", "compact")]);
    let ahead = std::time::UNIX_EPOCH.elapsed().unwrap() + Duration::from_secs(3 * 3600);
    let timestamp = Timestamp { millis: ahead.as_millis() as i64, kind: TimestampType::CreateTime };
    let good = record(&topic.name, 0, "k", "v");
    let early = Record { timestamp: Some(timestamp), ..good.clone() };
    let fates = send(&cluster, &[early]);
    assert!(matches!(fates[0].fate, Fate::NotStored(_)), "{fates:?}");
    assert!(why(&fates[0].fate).contains("timestamp"), "{fates:?}");
    let fates = send(&cluster, &[Record { key: None, ..good.clone() }]);
    assert!(matches!(fates[0].fate, Fate::NotStored(_)) && why(&fates[0].fate).contains("key"), "{fates:?}");
    send_well(&cluster, &[good]);
}

#[test]
#[ignore = "needs real Kafka: its limits and its log"]
fn an_unknown_topic_is_never_created() {
    let mut quick = connection(&real_kafka());
    quick.timeout = Duration::from_secs(2);
    quick.deadline = Duration::from_secs(4);
    let cluster = Cluster::connect(&quick, &Interrupt::default()).unwrap();
    let name = unique("unknown");
    assert_eq!(cluster.topic(&name).unwrap(), None);
    assert!(cluster.spans(&plan(&name)).is_err());
    let mut producer = Producer::open(&cluster, &Load::default()).unwrap();
    let sent = producer.send(&Record { partition: None, ..record(&name, 0, "k", "v") }, 7);
    let deliveries = producer.finish();
    match sent {
        Ok(()) => assert!(matches!(deliveries[0].fate, Fate::NotStored(_)), "{deliveries:?}"),
        Err(error) => assert!(error.to_string().contains(&name), "{error}"),
    }
    assert_eq!(cluster.topic(&name).unwrap(), None);
    assert!(cluster.topics().unwrap().iter().all(|topic| topic.name != name));
}

#[test]
#[ignore = "needs real Kafka: its limits and its log"]
fn a_partition_that_is_not_there_is_an_error() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "nopart", 2, &[]);
    let mut producer = Producer::open(&cluster, &Load::default()).unwrap();
    let sent = producer.send(&record(&topic.name, 9, "k", "v"), 0);
    let fates = producer.finish();
    match sent {
        Ok(()) => assert!(why(&fates[0].fate).contains("partition"), "{fates:?}"),
        Err(error) => assert!(error.to_string().contains("partition"), "{error}"),
    }
}

#[test]
#[ignore = "needs real Kafka: its limits and its log"]
fn two_hundred_thousand_records_arrive_once_and_in_order_per_key_whoever_sends_them() {
    let cluster = cluster(&real_kafka());
    let (topic, others) = (Topic::new(&cluster, "many", 3, &[]), Topic::new(&cluster, "many", 3, &[]));
    let load = of(&cluster, &topic, 200_000);
    let by_one = two_hundred_thousand(&cluster, &topic.name, &load);
    let load = much(&of(&cluster, &others, 200_000));
    let by_several = two_hundred_thousand(&cluster, &others.name, &load);
    assert_eq!(by_one, by_several, "a key's partition depends on who sends it");
}

/// Sends them; the partition of each key.
fn two_hundred_thousand(cluster: &Cluster, topic: &str, load: &Load) -> HashMap<Vec<u8>, i32> {
    let mut producer = Producer::open(cluster, load).unwrap();
    let (mut stored, count) = (0, 200_000_u64);
    for id in 0..count {
        let (key, value) = (format!("key-{}", id % 1000), format!("{id:0450}"));
        let record = Record { partition: None, ..record(topic, 0, &key, &value) };
        producer.send(&record, id).unwrap();
        stored += producer.deliveries().iter().filter(|d| d.fate == Fate::Stored).count();
    }
    stored += producer.finish().iter().filter(|d| d.fate == Fate::Stored).count();
    assert_eq!(stored as u64, count);
    let read = read(cluster, &plan(topic));
    assert_eq!(read.len() as u64, count);
    let mut last: HashMap<Vec<u8>, (i32, u64)> = HashMap::new();
    for record in &read {
        let value: u64 = String::from_utf8_lossy(record.value.as_deref().unwrap()).parse().unwrap();
        let key = record.key.as_deref().unwrap().to_vec();
        let place = (record.partition.unwrap(), value);
        if let Some(before) = last.insert(key, place) {
            assert_eq!(before.0, place.0, "a key moved between partitions");
            assert!(before.1 < place.1, "{} came after {}", before.1, place.1);
        }
    }
    last.into_iter().map(|(key, (partition, _))| (key, partition)).collect()
}

/// A mock broker with a topic `t` of three partitions, and the load of it for several clients.
fn mocked(
    deadline: Duration,
) -> (rdkafka::mocking::MockCluster<'static, rdkafka::producer::DefaultProducerContext>, Cluster, Load) {
    let mock = rdkafka::mocking::MockCluster::new(1).unwrap();
    mock.create_topic("t", 3, 1).unwrap();
    let connection = Connection { deadline, ..connection(&mock.bootstrap_servers()) };
    let cluster = Cluster::connect(&connection, &Interrupt::default()).unwrap();
    let topics = vec![cluster.topic("t").unwrap().unwrap()];
    (mock, cluster, much(&Load { records: Some(20_000), topics, ..Load::default() }))
}

#[test]
fn whichever_client_sends_it_each_record_has_one_result_when_the_broker_goes_away() {
    let (mock, cluster, load) = mocked(Duration::from_secs(2));
    let mut producer = Producer::open(&cluster, &load).unwrap();
    let mut ended: Vec<u64> = Vec::new();
    for id in 0..6_000 {
        let key = id.to_string();
        producer.send(&Record { partition: None, ..record("t", 0, &key, "v") }, id).unwrap();
        if id == 3_000 {
            mock.broker_down(1).unwrap();
        }
        ended.extend(producer.deliveries().iter().map(|delivery| delivery.id));
        assert_eq!(producer.in_flight() + ended.len() as u64, id + 1);
    }
    let last = producer.finish();
    assert!(last.iter().any(|delivery| delivery.fate != Fate::Stored), "nothing was given up");
    for delivery in &last {
        let told = matches!(&delivery.fate, Fate::Stored) || why(&delivery.fate).contains("within 2s");
        assert!(told, "{delivery:?}");
    }
    ended.extend(last.iter().map(|delivery| delivery.id));
    ended.sort_unstable();
    assert!(ended.iter().copied().eq(0..6_000), "{} results", ended.len());
}

#[test]
fn every_partition_takes_what_names_it_and_what_has_no_key_whoever_sends_it() {
    let (_mock, cluster, load) = mocked(Duration::from_secs(20));
    let mut producer = Producer::open(&cluster, &load).unwrap();
    for id in 0..300 {
        let named = record("t", (id % 3) as i32, "the same key", "v");
        let record = if id < 150 { named } else { Record { key: None, partition: None, ..named } };
        producer.send(&record, id).unwrap();
    }
    // That one is not there; nobody waits for it for ever.
    let nowhere = producer.send(&record("t", 7, "k", "v"), 300);
    let mut deliveries = producer.finish();
    deliveries.sort_by_key(|delivery| delivery.id);
    if nowhere.is_ok() {
        assert!(why(&deliveries.pop().unwrap().fate).contains("partition"));
    }
    assert_eq!(deliveries.len(), 300);
    let mut keyless = [0; 3];
    for delivery in &deliveries {
        assert_eq!(delivery.fate, Fate::Stored);
        let partition = delivery.partition.unwrap();
        if delivery.id < 150 {
            assert_eq!(partition, (delivery.id % 3) as i32);
        } else {
            keyless[partition as usize] += 1;
        }
    }
    assert_eq!(keyless, [50; 3]);
}

#[test]
fn records_that_nobody_acknowledges_end_by_the_deadline_and_name_the_cause() {
    let mock = rdkafka::mocking::MockCluster::new(1).unwrap();
    mock.create_topic("t", 1, 1).unwrap();
    let deadline = Duration::from_secs(2);
    let connection = Connection { deadline, ..connection(&mock.bootstrap_servers()) };
    let cluster = Cluster::connect(&connection, &Interrupt::default()).unwrap();
    let mut producer = Producer::open(&cluster, &Load::default()).unwrap();
    mock.broker_down(1).unwrap();
    let started = std::time::Instant::now();
    for id in 0..10 {
        producer.send(&record("t", 0, "k", "v"), id).unwrap();
    }
    assert_eq!(producer.in_flight(), 10);
    let deliveries = producer.finish();
    assert_eq!(deliveries.len(), 10);
    assert!(started.elapsed() < deadline + Duration::from_secs(5), "{:?}", started.elapsed());
    for delivery in &deliveries {
        assert!(matches!(&delivery.fate, Fate::NotStored(why) if why.contains("within 2s")), "{delivery:?}");
    }
}

#[test]
fn a_refusal_takes_no_results_of_others_with_it() {
    let (_mock, cluster, _) = mocked(Duration::from_secs(20));
    let mut producer = Producer::open(&cluster, &Load::default()).unwrap();
    for id in 0..300 {
        producer.send(&record("t", 0, "k", "v"), id).unwrap();
        // Until the topic is known it is not known either that there is no such partition.
        if id == 0 {
            wait_for("the first", Duration::from_secs(10), || {
                Some(producer.deliveries()).filter(|ended| !ended.is_empty())
            });
        }
        // So that results come meanwhile.
        std::thread::sleep(Duration::from_millis(1));
        assert!(producer.send(&record("t", 7, "k", "v"), 5000 + id).is_err());
    }
    let ended: Vec<u64> = producer.finish().iter().map(|delivery| delivery.id).collect();
    assert!(ended.iter().copied().eq(1..300), "{} results", ended.len());
}

/// Records whose keys and values lie in one buffer, with its text.
fn shared(records: usize) -> Shared {
    let line = |n: usize| format!("key-{}={{\"n\":{n}}}", n % 50);
    let text = (0..records).map(line).collect::<Vec<_>>().join("\n");
    Arc::new(text.into_bytes())
}

fn in_lines<'a>(topic: &'a str, shared: &'a Shared) -> impl Iterator<Item = Record<'a>> {
    let lines = shared.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(move |line| {
        let at = line.iter().position(|byte| *byte == b'=').unwrap();
        Record {
            partition: None,
            key: Some(line[..at].into()),
            value: Some(line[at + 1..].into()),
            ..record(topic, 0, "", "")
        }
    })
}

#[test]
#[ignore = "needs real Kafka: its log"]
fn records_arrive_in_their_order_whether_they_are_handed_over_together_or_not() {
    let cluster = cluster(&real_kafka());
    for several in [false, true] {
        let topics = [Topic::new(&cluster, "together", 1, &[]), Topic::new(&cluster, "others", 1, &[])];
        let there = topics.iter().map(|topic| cluster.topic(&topic.name).unwrap().unwrap()).collect();
        let load = Load { records: Some(41_000), topics: there, ..Load::default() };
        arrive_in_their_order(&cluster, &topics, &if several { much(&load) } else { load });
    }
}

/// Each of two topics has one partition.
fn arrive_in_their_order(cluster: &Cluster, topics: &[Topic<'_>; 2], load: &Load) {
    let (first, second) = (shared(40_000), shared(1000));
    let long = "l".repeat(5000);
    let time = Timestamp { millis: 1_704_877_200_005, kind: TimestampType::CreateTime };
    let odd = |(n, mut record): (usize, Record<'static>)| {
        match n % 200 {
            3 => record.headers = vec![super::header("a", None)],
            4 => record.timestamp = Some(time),
            5 => record.key = Some(b"elsewhere"[..].into()),
            6 => record.value = Some(long.clone().into_bytes().into()),
            7 => record.value = None,
            8 => record.partition = Some(0),
            9 => record.key = None,
            10 => record.key = Some(b""[..].into()),
            _ => {}
        }
        record
    };
    // Runs of one topic, longer and shorter than what is handed over at once.
    let topic = |n: usize| &topics[usize::from(n / 300 % 7 == 3 || n % 1000 < 4)].name;
    let sent: Vec<Record<'_>> = [&first, &second]
        .into_iter()
        .flat_map(|shared| in_lines("", shared))
        .map(Record::into_owned)
        .enumerate()
        .map(odd)
        .collect();
    let mut producer = Producer::open(cluster, load).unwrap();
    let lines =
        [&first, &second].into_iter().flat_map(|shared| in_lines("", shared).map(move |r| (shared, r)));
    for (n, (shared, line)) in lines.enumerate() {
        // Of the line itself where nothing was changed: only then is it lent.
        let mut record = sent[n].clone();
        record.topic = topic(n).into();
        if record.key == line.key {
            record.key = line.key;
        }
        if record.value == line.value {
            record.value = line.value;
        }
        producer.send_of(&record, n as u64, Some(shared)).unwrap();
    }
    let mut stored = 0;
    let mut count = |deliveries: Vec<Delivery>| {
        stored += deliveries.iter().filter(|delivery| delivery.fate == Fate::Stored).count();
    };
    count(producer.deliveries());
    count(producer.finish());
    assert_eq!(stored, sent.len());
    for one in topics {
        let read = read(cluster, &plan(&one.name));
        let wanted: Vec<_> = (0..sent.len()).filter(|n| *topic(*n) == one.name).map(|n| &sent[n]).collect();
        assert_eq!(read.len(), wanted.len());
        for (read, sent) in read.iter().zip(wanted) {
            assert_eq!((&read.key, &read.value, &read.headers), (&sent.key, &sent.value, &sent.headers));
            assert!(sent.timestamp.is_none() || read.timestamp == sent.timestamp);
        }
    }
}

#[test]
#[ignore = "needs real Kafka: its log"]
fn many_records_arrive_in_many_partitions() {
    let cluster = cluster(&real_kafka());
    let topic = Topic::new(&cluster, "wide", 48, &[]);
    let load = of(&cluster, &topic, 100_000);
    for (times, load) in (1..).zip([load.clone(), much(&load)]) {
        hundred_thousand(&cluster, &topic.name, &load);
        assert_eq!(read(&cluster, &plan(&topic.name)).len(), times * 100_000);
    }
}

fn hundred_thousand(cluster: &Cluster, topic: &str, load: &Load) {
    let mut producer = Producer::open(cluster, load).unwrap();
    let (shared, mut stored) = (shared(1000), 0);
    for turn in 0..100 {
        for (n, record) in (0..).zip(in_lines(topic, &shared)) {
            producer.send_of(&record, turn * 1000 + n, Some(&shared)).unwrap();
        }
        stored += producer.deliveries().iter().filter(|delivery| delivery.fate == Fate::Stored).count();
    }
    stored += producer.finish().iter().filter(|delivery| delivery.fate == Fate::Stored).count();
    assert_eq!(stored, 100_000);
}

#[test]
fn records_that_cannot_be_handed_over_together_have_their_ends() {
    let mock = rdkafka::mocking::MockCluster::new(1).unwrap();
    mock.create_topic("there", 1, 1).unwrap();
    let timeout = Duration::from_secs(1);
    let connection =
        Connection { timeout, deadline: Duration::from_secs(4), ..connection(&mock.bootstrap_servers()) };
    let cluster = Cluster::connect(&connection, &Interrupt::default()).unwrap();
    let mut producer = Producer::open(&cluster, &Load::default()).unwrap();
    let shared = shared(1000);
    let mut records = (0..).zip(in_lines("nowhere", &shared));
    let mut send = |producer: &mut Producer| {
        let (id, record) = records.next().unwrap();
        producer.send_of(&record, id, Some(&shared)).map(|()| id)
    };
    // The first waits until it is known that there is no such topic; those after it are refused at once.
    let mut accepted = vec![send(&mut producer).unwrap()];
    let mut ended = wait_for("its end", Duration::from_secs(10), || {
        Some(producer.deliveries()).filter(|ended| !ended.is_empty())
    });
    assert_eq!(ended.len(), 1);
    let error = loop {
        match send(&mut producer) {
            Ok(id) => accepted.push(id),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("nowhere"), "{error}");
    // They are no reason not to send others.
    let good: Vec<_> = in_lines("there", &shared).take(5).collect();
    for (id, record) in (5000..).zip(&good) {
        producer.send_of(record, id, Some(&shared)).unwrap();
    }
    ended.extend(producer.finish());
    let (stored, failed): (Vec<_>, Vec<_>) = ended.iter().partition(|delivery| delivery.fate == Fate::Stored);
    let mut ids: Vec<u64> = failed.iter().map(|delivery| delivery.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, accepted);
    assert!(failed.iter().all(|delivery| why(&delivery.fate) == "the topic is not there"), "{failed:?}");
    assert_eq!(stored.len(), good.len());
    assert_eq!(Arc::strong_count(&shared), 1, "something is lent for ever");
}
