//! The integration tests: the real binary against the embedded broker and a real Kafka.

// What the shells are offered, and the manual.
mod completions;
// Settings: precedence, mistakes, secrets.
mod config;
// What the tests share.
mod support;

// `rdvctl demo`.
mod demo;
// `rdvctl sandbox`: its process, its broker as clients see it.
mod sandbox;
