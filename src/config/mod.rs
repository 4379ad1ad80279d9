//! Settings: flags over `RDVCTL_*` over the project's `rdvctl.toml` over the user's file, each with its origin.

use std::path::PathBuf;
use std::time::Duration;

use crate::Env;
use crate::error::Error;
use crate::terminal::Terminal;

/// Flags of every command.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Named settings from the configuration files; `sandbox` is the running sandbox.
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Brokers to start from, `host:port[,host:port]`.
    #[arg(long, short = 'b', global = true, value_name = "HOST:PORT")]
    pub brokers: Option<String>,
    /// A librdkafka property, `key=value`; secrets as `key=env:NAME` or `key=file:PATH`.
    #[arg(short = 'X', long = "property", global = true, value_name = "KEY=VALUE")]
    pub properties: Vec<String>,
    /// A settings file to use instead of the project's and the user's.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A catalogue of events to use instead of the built-in one.
    #[arg(long, global = true, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
    /// How long to try to reach a broker (default 10s).
    #[arg(long = "connect-timeout", global = true, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// How long a record may take to be delivered (default 60s).
    #[arg(long, global = true, value_name = "DURATION")]
    pub deadline: Option<String>,
    /// `table` for people, `ndjson` for programs.
    #[arg(short = 'o', long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: crate::output::Format,
    /// Only errors and warnings on stderr.
    #[arg(short = 'q', long, global = true)]
    pub quiet: bool,
    /// Show more: headers and full payloads, every record of a report.
    #[arg(short = 'v', long, global = true)]
    pub verbose: bool,
    /// librdkafka's own log on stderr, for these contexts (`broker,security,…`).
    #[arg(long, global = true, value_name = "CONTEXTS", num_args = 0..=1, default_missing_value = "generic,broker,security")]
    pub debug: Option<String>,
}

/// What is needed to reach a cluster; secrets are resolved. Its `Debug` shows no property's value.
#[derive(Clone)]
pub struct Connection {
    /// `host:port[,host:port]`.
    pub brokers: String,
    /// How long to try to reach a broker.
    pub timeout: Duration,
    /// How long a record may take to be delivered.
    pub deadline: Duration,
    /// `client.id`.
    pub client_id: String,
    /// Raw librdkafka properties, secrets resolved; never shown.
    pub properties: Vec<(String, String)>,
    /// librdkafka's debug contexts, when its log is wanted on stderr.
    pub debug: Option<String>,
}

/// All settings, resolved once; secrets only when they are needed.
pub struct Settings {}

impl Settings {
    /// Resolves flags, environment and files.
    pub fn resolve(_args: &GlobalArgs, _env: &Env) -> Result<Settings, Error> {
        todo!()
    }
    /// What is needed to reach the cluster; resolves secrets and may ask for one on a terminal.
    pub fn connection(&self, _env: &Env, _terminal: &Terminal) -> Result<Connection, Error> {
        todo!()
    }
    /// Whether writing commands ask first.
    pub fn protected(&self) -> bool {
        todo!()
    }
    /// The context's name, for questions and reports.
    pub fn context_name(&self) -> &str {
        todo!()
    }
    /// The catalogue file, if not the built-in one.
    pub fn catalogue(&self) -> Option<&std::path::Path> {
        todo!()
    }
    /// The key of the pseudonyms: from the context, else the user's 0600 file, made when it is not there.
    pub fn redaction_key(&self, _env: &Env, _terminal: &Terminal) -> Result<Vec<u8>, Error> {
        todo!()
    }
}
