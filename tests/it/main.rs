//! The integration tests: the real binary against the embedded broker and a real Kafka.

// What the tests share.
mod support;

// What the shells are offered, and the manual.
mod completions;
// Settings: precedence, mistakes, secrets.
mod config;
// `rdvctl demo`.
mod demo;
// `rdvctl sandbox`: its process, its broker as clients see it.
mod sandbox;
