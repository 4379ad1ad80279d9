//! The flags of every command.

use std::fmt;
use std::path::PathBuf;

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
    /// A librdkafka property, `key=value`; secrets as `key=env:NAME`, `key=file:PATH` or `key=prompt`.
    #[arg(short = 'X', long = "property", global = true, value_name = "KEY=VALUE")]
    pub properties: Vec<RawProperty>,
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

/// A `key=value` of `-X`, as it was typed. Somebody may have typed a secret, so `Debug` shows none of it.
#[derive(Clone)]
pub struct RawProperty(String);

impl RawProperty {
    /// The key and the value; `None` without `=` or without a key.
    pub(super) fn parts(&self) -> Option<(&str, &str)> {
        let (key, value) = self.0.split_once('=')?;
        let key = key.trim();
        (!key.is_empty()).then_some((key, value))
    }
}

impl From<String> for RawProperty {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for RawProperty {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for RawProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
