//! What the other tests lean on: a harness that lost a byte itself would blame the product.

use super::copy::odd_records;
use crate::support::Kafka;
use crate::support::peers::tool;

#[test]
#[ignore = "needs real Kafka: the writer and the reader of the tests themselves"]
fn the_tests_own_writer_and_reader_keep_every_byte() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    let records = odd_records();
    kafka.write(&topic, &records);
    for (number, (written, read)) in records.iter().zip(&kafka.read(&topic)).enumerate() {
        assert_eq!(written, read, "record {number}");
    }
    assert_eq!(kafka.count(&topic), records.len() as i64);
    assert!(kafka.topics().contains(&topic));
}

#[test]
#[ignore = "needs real Kafka: a broker of its own that is killed"]
fn a_killed_broker_comes_back_with_its_data() {
    let kafka = Kafka::own();
    let topic = kafka.topic(2);
    let records = odd_records();
    kafka.write(&topic, &records);
    kafka.kill();
    kafka.resume();
    assert_eq!(kafka.read(&topic).len(), records.len());
    let listed =
        tool("org.apache.kafka.tools.TopicCommand", ["--bootstrap-server", kafka.address(), "--list"]);
    assert!(listed.expect(0).out().lines().any(|line| line == topic));
}
