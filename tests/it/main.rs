//! The integration tests: the real binary against the embedded broker and a real Kafka.

// What the shells are offered, and the manual.
mod completions;
// Settings: precedence, mistakes, secrets.
mod config;
