//! rdvctl: administer and smoke-test the Kafka integration of an appointment service.
//!
//! # The house
//! `commands` holds one file per subcommand; each resolves its arguments, calls [`model`] (what things are:
//! pure, no I/O) and [`kafka`] (the only place that names rdkafka), and hands a view to [`output`].
//! [`terminal`] is stderr and stdin: notes, warnings, progress, questions. [`config`] resolves flags,
//! environment and files once. [`sandbox`] is the embedded broker. `crew` shares work out to threads. [`error`] owns
//! the exit codes.
//!
//! ```text
//! main → lib → commands → { kafka, sandbox, catalogue_files, model, config, output, terminal, crew, env, error }
//! kafka → model, config, interrupt, error     output → model, error     config → model, env, terminal, error
//! terminal → env, output (escaping), error     sandbox, catalogue_files → model, error     crew, env, model → error
//! ```
//!
//! A record travels as [`model::record::Record`] (bytes, borrowed from librdkafka where it can be). To be shown
//! it becomes a [`model::shown::Shown`], which is where masking happens; renderers and filters take nothing else.

pub mod catalogue_files;
pub mod commands;
pub mod config;
mod crew;
pub mod env;
pub mod error;
pub mod interrupt;
pub mod kafka;
pub mod model;
pub mod output;
pub mod sandbox;
pub mod terminal;

use std::ffi::OsString;

pub use env::Env;

/// Parses, runs, reports, and says the exit code. Nothing is read from the process but `args` and `env`.
pub fn run(args: Vec<OsString>, env: Env) -> u8 {
    commands::run(args, env)
}
