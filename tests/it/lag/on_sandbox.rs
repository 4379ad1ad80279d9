//! On the embedded broker: a CI job without Kafka has the gate as well.

use crate::support::Home;
use crate::support::Rdvctl;
use crate::support::sandbox::Sandbox;

use super::actors::commit_at;

#[test]
fn lag_gate_reset_and_delete_work_on_the_sandbox() {
    let sandbox = Sandbox::start();
    let home = Home::new();
    let rdvctl = |args: &[&str]| Rdvctl::at(&home).env("RDVCTL_BROKERS", &sandbox.address).args(args);
    rdvctl(&["publish", "doctor.available", "--count", "6", "--partition", "0", "--quiet"]).run().expect(0);
    let none = rdvctl(&["lag"]).run().expect(0);
    assert!(none.err().contains("no group has to do with the catalogue's topics"), "{}", none.transcript());
    rdvctl(&["lag", "service", "--wait", "--timeout", "300ms"]).run().expect(1);

    commit_at(&sandbox.address, "service", "doctor.available", &[(0, 2), (1, 0)]);
    let rows = rdvctl(&["lag", "-o", "ndjson"]).run().expect(0).ndjson();
    assert_eq!((rows[0]["group"].as_str(), rows[0]["lag"].as_i64()), (Some("service"), Some(4)));
    assert!(rows[0]["age_seconds"].as_f64().is_some(), "{}", rows[0]);
    rdvctl(&["lag", "service", "--max-lag", "3"]).run().expect(1);
    rdvctl(&["groups", "reset", "service", "--to", "end", "--yes"]).run().expect(0);
    rdvctl(&["lag", "service", "--wait", "--timeout", "5s"]).run().expect(0);
    rdvctl(&["groups", "delete", "service", "--yes"]).run().expect(0);
    rdvctl(&["groups", "describe", "service"]).run().expect(3);
}
