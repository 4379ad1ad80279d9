//! Brokers that cannot be reached: the cause is named, within the timeout, and Ctrl-C is heard.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rdkafka::mocking::MockCluster;
use rdvctl::config::Connection;
use rdvctl::error::Kind;
use rdvctl::interrupt::Interrupt;
use rdvctl::kafka::Cluster;

use super::{connection, misled, plan};

fn fails(brokers: &str, properties: &[(&str, &str)]) -> String {
    let timeout = Duration::from_secs(3);
    let properties = properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let connection = Connection { timeout, properties, ..connection(brokers) };
    let started = Instant::now();
    let error = Cluster::connect(&connection, &Interrupt::default()).err().unwrap();
    assert!(started.elapsed() < timeout + Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    error.render()
}

/// Takes connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[test]
fn a_closed_port_is_connection_refused() {
    let (listener, address) = silent();
    drop(listener);
    let text = fails(&address, &[]);
    assert!(text.contains("nobody listens") && text.contains("Connection refused"), "{text}");
    assert!(text.contains("hint: is Kafka running there?"), "{text}");
}

#[test]
fn a_socket_that_stays_silent_is_named_so() {
    let (_listener, address) = silent();
    let text = fails(&address, &[]);
    assert!(text.contains("takes the connection but does not answer"), "{text}");
    let text = fails(&address, &[("security.protocol", "ssl")]);
    assert!(text.contains("does not answer the TLS handshake"), "{text}");
}

#[test]
fn a_host_that_is_not_known_does_not_resolve() {
    let text = fails("kafka.invalid:9092", &[]);
    assert!(text.contains("the host name of `kafka.invalid:9092` does not resolve"), "{text}");
}

#[test]
fn a_listener_that_does_not_speak_tls_is_named_so() {
    let mock = MockCluster::new(1).unwrap();
    let text = fails(&mock.bootstrap_servers(), &[("security.protocol", "ssl")]);
    assert!(text.contains("closes the connection in the TLS handshake: it may not speak TLS"), "{text}");
    assert!(text.contains("hint: set `security.protocol` to `plaintext`"), "{text}");
}

#[test]
fn a_listener_that_answers_tls_with_something_else_does_not_speak_it() {
    let (listener, address) = silent();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        connection.read_to_end(&mut Vec::new()).ok();
    });
    let text = fails(&address, &[("security.protocol", "ssl")]);
    assert!(text.contains("does not speak TLS"), "{text}");
    server.join().unwrap();
}

/// Everything that needs the leader fails within the timeout and names the address that the broker gave.
fn misled(host: &'static str, port: u16, why: &str) {
    let connection =
        Connection { timeout: Duration::from_secs(3), ..connection(&misled::broker(host, port)) };
    let cluster = Cluster::connect(&connection, &Interrupt::default());
    let errors = match cluster {
        Ok(cluster) => {
            let there = |name| cluster.topic(name).map(Vec::from_iter);
            let reached = there("t").and_then(|topics| cluster.reach_leaders(&topics));
            vec![reached.unwrap_err(), cluster.spans(&plan("t")).unwrap_err()]
        }
        Err(error) => vec![error],
    };
    for error in errors {
        let text = error.render();
        assert!(text.contains(&format!("broker 7 advertises the address `{host}:{port}`")), "{text}");
        assert!(text.contains(why) && text.contains("advertised.listeners"), "{text}");
    }
}

#[test]
fn an_advertised_address_that_does_not_resolve_is_named() {
    misled("kafka.invalid", 29092, "that host name does not resolve");
}

#[test]
fn an_advertised_address_where_nobody_listens_is_named() {
    let (listener, _) = silent();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    misled("127.0.0.1", port, "nobody listens there");
}

#[test]
fn an_interrupt_ends_the_waiting_for_a_broker() {
    let (_listener, address) = silent();
    let interrupt = Interrupt::default();
    let (flag, started) = (interrupt.clone(), Instant::now());
    let setter = std::thread::spawn(move || flag.set());
    let error = Cluster::connect(&connection(&address), &interrupt).err().unwrap();
    setter.join().unwrap();
    assert_eq!(error.kind(), Kind::Interrupted);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn properties_that_do_not_work_are_a_usage_error() {
    let properties = [("security.protocol", "ssl"), ("ssl.ca.location", "/nowhere/ca.pem")];
    let properties = properties.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec();
    let connection = Connection { properties, ..connection("127.0.0.1:1") };
    let error = Cluster::connect(&connection, &Interrupt::default()).err().unwrap();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.render().contains("ssl.ca.location"), "{}", error.render());
}
