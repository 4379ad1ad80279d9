//! Settings: flags over `RDVCTL_*` over the project's `rdvctl.toml` over the user's file, each with its origin.
//!
//! ```toml
//! default_context = "staging"
//!
//! [context.staging]
//! brokers = "kafka-1:9092,kafka-2:9092"
//! protected = true
//! catalogue = "events/catalogue.json"
//! redaction_key = "env:STAGING_REDACTION_KEY"
//! timeout = "10s"
//! deadline = "1m"
//!
//! [context.staging.kafka]
//! "security.protocol" = "SASL_SSL"
//! "sasl.password" = "file:~/.secrets/staging"
//! ```

mod args;
mod brokers;
mod connection;
mod context;
mod file;
mod files;
mod near;
mod origin;
mod property;
mod redaction;
mod secret;
mod settings;
mod show;

pub use args::{GlobalArgs, RawProperty};
pub use connection::Connection;
pub use context::Context;
pub use files::{Files, Looked};
pub use near::did_you_mean;
pub use origin::{Origin, Sourced};
pub use property::{Property, PropertyValue};
pub use secret::{Secret, SecretRef};
pub use settings::Settings;
pub use show::Entry;

#[cfg(test)]
mod tests;
