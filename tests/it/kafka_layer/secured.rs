//! A listener with TLS, SASL and ACLs: each way not to be let in is told apart.

use std::time::Duration;

use rdvctl::config::Connection;
use rdvctl::error::{Error, Kind};
use rdvctl::interrupt::Interrupt;
use rdvctl::kafka::Cluster;
use rdvctl::kafka::reader::ReadPlan;

use super::{Topic, cluster, connection, plan, real_kafka};
use crate::support::Kafka;

/// Signs in as `denied`, who may do nothing, with some properties changed or (empty) left out.
fn connect(change: &[(&str, &str)]) -> Result<Cluster, Error> {
    let kafka = Kafka::shared();
    let (address, ca, password) = (kafka.fact("SASL"), kafka.fact("CA"), kafka.fact("PASSWORD"));
    let mut properties = vec![
        ("security.protocol", "sasl_ssl"),
        ("ssl.ca.location", ca),
        ("sasl.mechanisms", "SCRAM-SHA-512"),
        ("sasl.username", "denied"),
        ("sasl.password", password),
    ];
    properties.retain(|(key, _)| change.iter().all(|(changed, _)| changed != key));
    properties.extend(change.iter().filter(|(_, value)| !value.is_empty()));
    let properties = properties.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let timeout = Duration::from_secs(5);
    Cluster::connect(&Connection { timeout, properties, ..connection(address) }, &Interrupt::default())
}

fn refused(change: &[(&str, &str)]) -> String {
    let error = connect(change).err().unwrap();
    assert_eq!(error.kind(), Kind::Unavailable);
    error.render()
}

#[test]
#[ignore = "needs real Kafka: a listener with TLS, SASL and ACLs"]
fn each_way_not_to_be_let_in_is_named() {
    let text = refused(&[("sasl.password", "not-the-pass")]);
    assert!(text.contains("does not accept the user name and password"), "{text}");
    assert!(text.contains("Authentication failed") && !text.contains("not-the-pass"), "{text}");
    // Without a CA of its own the client looks into the system's, where this one is not.
    let text = refused(&[("ssl.ca.location", "")]);
    assert!(text.contains("cannot be verified") && text.contains("certificate verify failed"), "{text}");
    let text = refused(&[("sasl.mechanisms", "SCRAM-SHA-256")]);
    assert!(text.contains("it offers") && text.contains("SCRAM-SHA-512"), "{text}");
    let text = refused(&[("security.protocol", "ssl")]);
    assert!(text.contains("wants a sign-in"), "{text}");
    let text = refused(&[("security.protocol", "plaintext")]);
    assert!(text.contains("may want TLS"), "{text}");
}

#[test]
#[ignore = "needs real Kafka: a listener with TLS, SASL and ACLs"]
fn a_topic_that_may_not_be_seen_is_denied_with_a_way_out() {
    let admin = cluster(&real_kafka());
    let topic = Topic::new(&admin, "secret", 1, &[]);
    let cluster = connect(&[]).unwrap();
    for error in [
        cluster.topic(&topic.name).err().unwrap(),
        cluster.spans(&ReadPlan { ..plan(&topic.name) }).unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Unavailable);
        let text = error.render();
        assert!(text.contains("is denied") && text.contains("kafka-acls"), "{text}");
    }
    assert_eq!(cluster.topics().unwrap(), []);
}
