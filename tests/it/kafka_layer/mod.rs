//! `rdvctl::kafka` without the binary around it. Tests on a real Kafka use its plaintext listener, which may do everything.

mod ages;
mod causes;
mod misled;
mod on_mock;
mod reading;
mod secured;
mod writing;

use std::time::{Duration, Instant};

use rdvctl::config::Connection;
use rdvctl::interrupt::Interrupt;
use rdvctl::kafka::Cluster;
use rdvctl::kafka::admin::NewTopic;
use rdvctl::kafka::producer::{Delivery, Fate, Load, Producer};
use rdvctl::kafka::reader::{Isolation, Polled, ReadPlan, Reader, Span};
use rdvctl::model::position::Position;
use rdvctl::model::record::{Header, Record};

use crate::support::{Kafka, unique};

fn real_kafka() -> String {
    Kafka::shared().address().to_owned()
}

fn connection(brokers: &str) -> Connection {
    Connection {
        brokers: brokers.to_owned(),
        timeout: Duration::from_secs(10),
        deadline: Duration::from_secs(30),
        client_id: "rdvctl-test".to_owned(),
        properties: Vec::new(),
        debug: None,
    }
}

fn cluster(brokers: &str) -> Cluster {
    Cluster::connect(&connection(brokers), &Interrupt::default()).unwrap()
}

/// A topic that is deleted at the end of its test.
struct Topic<'a> {
    cluster: &'a Cluster,
    name: String,
}

impl<'a> Topic<'a> {
    fn new(cluster: &'a Cluster, what: &str, partitions: i32, config: &[(&str, &str)]) -> Self {
        let config = config.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let name = unique(what);
        let order = NewTopic { name: name.clone(), partitions, replication: 1, config };
        for result in cluster.create_topics(&[order]).unwrap() {
            result.unwrap();
        }
        cluster.await_leaders(std::slice::from_ref(&name), Duration::from_secs(20)).unwrap();
        Self { cluster, name }
    }
}

impl Drop for Topic<'_> {
    fn drop(&mut self) {
        let _ = self.cluster.delete_topics(std::slice::from_ref(&self.name));
    }
}

fn plan(topic: &str) -> ReadPlan {
    ReadPlan {
        topics: vec![topic.to_owned()],
        there: Vec::new(),
        partitions: Vec::new(),
        from: Position::Start,
        until: None,
        follow: false,
        isolation: Isolation::ReadCommitted,
        now_ms: 0,
    }
}

fn record<'a>(topic: &'a str, partition: i32, key: &'a str, value: &'a str) -> Record<'a> {
    Record {
        topic: topic.into(),
        partition: Some(partition),
        offset: None,
        timestamp: None,
        key: Some(key.as_bytes().into()),
        headers: Vec::new(),
        value: Some(value.as_bytes().into()),
    }
}

fn header<'a>(name: &'a str, value: Option<&'a [u8]>) -> Header<'a> {
    Header { name: name.into(), value: value.map(Into::into) }
}

/// Sends all and waits for their fates.
fn send(cluster: &Cluster, records: &[Record<'_>]) -> Vec<Delivery> {
    let mut producer = Producer::open(cluster, &Load::default()).unwrap();
    for (id, record) in (0..).zip(records) {
        producer.send(record, id).unwrap();
    }
    let mut deliveries = producer.finish();
    deliveries.sort_by_key(|delivery| delivery.id);
    assert_eq!(deliveries.len(), records.len());
    deliveries
}

fn send_well(cluster: &Cluster, records: &[Record<'_>]) -> Vec<Delivery> {
    let deliveries = send(cluster, records);
    assert!(deliveries.iter().all(|delivery| delivery.fate == Fate::Stored), "{deliveries:?}");
    deliveries
}

/// Reads a plan to its end.
fn read(cluster: &Cluster, plan: &ReadPlan) -> Vec<Record<'static>> {
    let spans = cluster.spans(plan).unwrap();
    read_spans(cluster, &spans, plan.isolation)
}

fn read_spans(cluster: &Cluster, spans: &[Span], isolation: Isolation) -> Vec<Record<'static>> {
    let mut reader = Reader::open(cluster, spans, isolation, false).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut records = Vec::new();
    loop {
        assert!(Instant::now() < deadline, "the read does not end: {:?}", reader.progress());
        match reader.poll(Duration::from_millis(100)).unwrap() {
            Polled::Batch(batch) => records.extend(batch.records().map(Record::into_owned)),
            Polled::Idle => {}
            Polled::Ended => return records,
        }
    }
}

fn values(records: &[Record<'_>]) -> Vec<String> {
    let text = |record: &Record<'_>| String::from_utf8_lossy(record.value.as_deref().unwrap_or(b"-")).into();
    records.iter().map(text).collect()
}
