//! The integration tests: the real binary against the embedded broker and a real Kafka.
