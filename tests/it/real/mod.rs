//! What only a real broker decides.

/// A canary in every place where personal data may be is shown by nothing.
mod canary;
/// Topic to topic through `tail | publish -`, byte for byte.
pub(crate) mod copy;
/// The harness itself: its writer and reader, a broker that is killed, Kafka's own tools.
mod harness;
/// The C interface under valgrind.
mod leaks;
/// Each partition's order, whichever way its records take.
mod order;
/// Where a bounded read begins and ends: transactions, times, deleted records.
mod ranges;
/// The broker dies in the middle of a publish.
mod restart;
/// TLS, SASL and ACLs.
pub(crate) mod sign_in;
/// Reading leaves no trace.
mod trace;
