//! TLS, SASL and ACLs, where the broker lets us in; what it refuses is in `bad_input`.

use crate::support::{Kafka, Rdvctl};

/// rdvctl signed in on the SASL listener.
pub(crate) fn signed_in(kafka: &Kafka, user: &str, mechanism: &str) -> Rdvctl {
    Rdvctl::new()
        .env("RDVCTL_BROKERS", kafka.fact("SASL"))
        .env("SECRET", kafka.fact("PASSWORD"))
        .args(["-X", "security.protocol=SASL_SSL", "-X", "sasl.password=env:SECRET"])
        .args(["-X", &format!("ssl.ca.location={}", kafka.fact("CA"))])
        .args(["-X", &format!("sasl.mechanism={mechanism}"), "-X", &format!("sasl.username={user}")])
}

#[test]
#[ignore = "needs real Kafka: a listener with TLS and SASL"]
fn plain_and_scram_sign_in_over_tls_to_write_and_read() {
    let kafka = Kafka::shared();
    let user = kafka.fact("USER").to_owned();
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let topic = kafka.topic(1);
        let line = "{\"topic\":\"t\",\"key\":null,\"headers\":[],\"value\":{\"text\":\"hello\"}}\n";
        let publish = ["publish", "-", "--topic", &topic];
        signed_in(&kafka, &user, mechanism).args(publish).stdin(line).run().expect(0);
        let read = ["tail", &topic, "--from", "start", "--reveal", "-o", "ndjson"];
        let tailed = signed_in(&kafka, &user, mechanism).args(read).run().expect(0);
        assert_eq!(tailed.ndjson()[0]["value"]["text"], "hello", "{mechanism}");
        let secret = kafka.fact("PASSWORD");
        assert!(!tailed.transcript().contains(secret), "the password is shown");
    }
}

#[test]
#[ignore = "needs real Kafka: ACLs"]
fn a_user_who_may_use_topics_but_no_group_can_read_and_write() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    let line = "{\"topic\":\"t\",\"key\":null,\"headers\":[],\"value\":{\"text\":\"hello\"}}\n";
    let publish = ["publish", "-", "--topic", &topic];
    signed_in(&kafka, "topics-only", "PLAIN").args(publish).stdin(line).run().expect(0);
    let read = ["tail", &topic, "--from", "start", "--reveal", "-o", "ndjson"];
    let tailed = signed_in(&kafka, "topics-only", "PLAIN").args(read).run().expect(0);
    assert_eq!(tailed.ndjson().len(), 1);
}
