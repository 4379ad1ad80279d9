//! The integration tests: the real binary against the embedded broker and a real Kafka.

/// What `rdvctl::kafka` promises of brokers: on librdkafka's mock, and on a real Kafka what only that decides.
mod kafka_layer;
