//! The embedded broker, its front end, its life as a process.
//!
//! What a broker remembers (topics, logs, groups, transactions) is noida-db's [`EngineState`]; the front end of this
//! module is what clients talk to. It differs from noida-db's own server where that would spoil the use:
//! - a Fetch waits for data up to its `max_wait_ms`, woken by the next Produce: idle consumers cost nothing;
//! - a Fetch respects its byte limits and starts at the batch it wants; noida-db's hands out the whole rest of the log;
//! - topics are never created by a metadata request, and nothing vanishes by age or size (see [`Broker::start`]);
//! - a request's length is believed only as its bytes arrive.
//!
//! Bytes that are no Kafka request can still make a decoder ask for more memory than there is and abort the process:
//! that is why the broker listens on loopback only and is a process of its own.
//!
//! [`EngineState`]: noida::kafka::engine::EngineState

mod broker;
mod fetch;
mod group;
mod requests;
mod state;
mod tidy;
mod wire;

pub mod address;
pub mod process;

pub use broker::{Broker, Topic};
