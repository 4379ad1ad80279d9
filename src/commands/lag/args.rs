//! The flags of `rdvctl lag`.

use std::time::Duration;

use crate::kafka::reader::Isolation;
use crate::model::duration::parse_duration;
use crate::model::lag::Uncommitted;
use crate::model::lag::gate::Limits;
use crate::model::lag::totals::By;

/// Show how far consumer groups are behind, in records and in seconds; wait until they are not.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  rdvctl lag                                          the groups on the catalogue's topics
  rdvctl lag 'appointment-*' --only-lagging
  rdvctl lag appointment-consumer-group --max-lag 100 --max-age 30s
  rdvctl lag appointment-consumer-group --wait --timeout 2m
  rdvctl lag --all --by group --watch

Lag is end - committed, in offsets. A partition without a commit has the status `none` and no lag; a commit that
retention has overtaken is `expired`. `drained` is true when nothing readable is left, though control records or gaps
of compaction may keep the lag above 0. The gates (--max-lag, --max-age, --wait) exit 1 for `over`, `not_draining`,
`unknown` and `lost`; what is not known never passes.")]
pub struct LagArgs {
    /// Groups or globs; without, the groups with offsets or members on the catalogue's topics.
    #[arg(value_name = "GROUP|GLOB")]
    pub groups: Vec<String>,
    /// Every group of the cluster.
    #[arg(long, conflicts_with = "groups")]
    pub all: bool,
    /// Only these topics: events, topics or globs.
    #[arg(long = "topic", value_name = "EVENT|TOPIC|GLOB", value_delimiter = ',')]
    pub topics: Vec<String>,
    /// Add partitions up [default: partition; group in tables of more than 2,000 rows].
    #[arg(long, value_enum, value_name = "WHAT")]
    pub by: Option<By>,
    /// Only what has, or may have, something to read.
    #[arg(long)]
    pub only_lagging: bool,
    /// Do not read records for their age.
    #[arg(long, conflicts_with = "max_age")]
    pub no_age: bool,
    /// How long ages may be looked for; what is not found by then is unknown.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = parse_duration)]
    pub age_deadline: Duration,
    /// A jq expression over the row as `-o ndjson` shows it, `.lag > 100 and .state == "Empty"`.
    #[arg(long = "where", value_name = "JQ")]
    pub filter: Option<String>,
    /// The end: the last stable offset, or the high watermark.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub isolation: Isolation,
    /// From where a partition without a commit counts.
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub uncommitted: Uncommitted,
    /// Again and again, with trend and time to zero, until Ctrl-C.
    #[arg(long, value_name = "EVERY", num_args = 0..=1, default_missing_value = "2s", value_parser = parse_duration, conflicts_with_all = ["wait", "max_lag", "max_age"])]
    pub watch: Option<Duration>,
    /// The gate.
    #[command(flatten)]
    pub gate: GateArgs,
}

/// What makes the exit code.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Gate")]
pub struct GateArgs {
    /// Exit 1 if a partition is more records behind.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub max_lag: Option<i64>,
    /// Exit 1 if a partition's first unread record is older.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub max_age: Option<Duration>,
    /// Wait until the ends as they are now have been read, or until the limits hold.
    #[arg(long)]
    pub wait: bool,
    /// The longest wait.
    #[arg(long = "timeout", id = "run-timeout", value_name = "DURATION", default_value = "60s", value_parser = parse_duration)]
    pub timeout: Duration,
    /// At the timeout, a group that has not committed for this long is `not_draining` [default: the whole wait].
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, requires = "wait")]
    pub stall: Option<Duration>,
}

impl GateArgs {
    /// The limits.
    pub(super) fn limits(&self) -> Limits {
        let age_ms = self.max_age.map(|age| i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        Limits { lag: self.max_lag, age_ms }
    }
}
