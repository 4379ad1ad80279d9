//! `rdvctl lag` and `rdvctl groups` on a real Kafka, held against what Kafka's own tools say.

pub(crate) use actors::commit;

/// Groups of all kinds for the tests: commits, members that read or stop.
mod actors;
/// The gate: limits, waiting, what is never a success.
mod gate;
/// `groups list|describe|export|reset|delete|peek`.
mod groups;
/// Every number against Kafka's own, and what is better than theirs.
mod numbers;
/// The same on the embedded broker.
mod on_sandbox;
/// Many groups, many partitions; watching.
mod views;
