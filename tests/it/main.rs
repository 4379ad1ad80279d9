//! The integration tests: the real binary against the embedded broker and a real Kafka.
//!
//! One binary, because each one links librdkafka. A test that needs a real Kafka is
//! `#[ignore = "needs real Kafka: …"]`; `tests/run` starts one and runs it. A test that needs kcat, Node.js or valgrind
//! as well is in a module `with_kcat`, `with_node` or `with_valgrind`, by which `tests/run` leaves it out (and says so) where they are missing.
#![allow(
    clippy::unwrap_used,
    reason = "a test may panic; helpers outside #[test] functions are not recognised as tests"
)]

/// What the tests stand on.
mod support;

/// `rdvctl catalogue`: the built-in events, and those of another bounded context.
mod catalogue;
/// Command lines without a broker: help, bad flags. The cases are in tests/cmd.
mod cmd;
/// What the shells are offered, and the manual.
mod completions;
/// Settings: precedence, mistakes, secrets.
mod config;
/// README's examples.
mod docs;
/// `rdvctl fixtures`: what can be published, and whether it holds.
mod fixtures;
/// Rules of the house: who depends on whom, exit codes, forgotten files.
mod layers;

/// `rdvctl demo`.
mod demo;
/// `rdvctl sandbox`: its process, its broker as clients see it.
mod sandbox;

/// What is refused, with which code and words, on the sandbox and on a real Kafka.
mod bad_input;
/// Ctrl-C, once and twice.
mod interrupt;
/// `rdvctl lag` and `rdvctl groups`.
mod lag;
/// `publish --file` with more lines than one thread checks.
mod large_file;
/// Records of kafkajs and NestJS; kcat, Kafka's console consumer and kafkajs on what publish writes.
mod peers;
/// What only a real broker decides.
mod real;

/// What `rdvctl::kafka` promises of brokers: on librdkafka's mock, and on a real Kafka what only that decides.
mod kafka_layer;
