//! The flags of `rdvctl tail`.

use std::time::Duration;

use crate::error::Error;
use crate::kafka::reader::Isolation;
use crate::model::duration::parse_duration;
use crate::model::position::Position;
use crate::output::Format;

/// Show the records of topics, decoded; leaves no trace on the cluster.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  rdvctl tail                                         the last 10 of each outbound partition
  rdvctl tail -f appointment.created
  rdvctl tail --appointment k3j9x0q2z                 one appointment's life across all topics
  rdvctl tail appointment.* --from -1h --where '.value.data.doctorId == \"doctor-7\"'
  rdvctl tail appointment.confirmed --from end --expect 1 --timeout 30s")]
pub struct TailArgs {
    /// Events, topics or globs; the outbound topics without.
    #[arg(value_name = "EVENT|TOPIC|GLOB")]
    pub names: Vec<String>,
    /// Go on past the end, until Ctrl-C.
    #[arg(short = 'f', long)]
    pub follow: bool,
    /// Where to start: `start`, `end`, an offset, `-N` (the last N), a time, or relative (`-1h`) [default: -10; start
    /// with --until, --appointment, --patient or --doctor].
    #[arg(long, value_name = "POSITION", allow_hyphen_values = true)]
    pub from: Option<Position>,
    /// Where to stop (exclusive), in the same forms [default: the end as it is now].
    #[arg(long, value_name = "POSITION", allow_hyphen_values = true, conflicts_with = "follow")]
    pub until: Option<Position>,
    /// Only these partitions.
    #[arg(long = "partition", value_name = "P", value_delimiter = ',', value_parser = clap::value_parser!(i32).range(0..))]
    pub partitions: Vec<i32>,
    /// Which records of transactional topics are seen.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub isolation: Isolation,
    /// The order: as they come, or merged by time (tables of reads that end are merged without being asked).
    #[arg(long, value_enum, value_name = "ORDER")]
    pub sort: Option<Sort>,
    /// End after this many records.
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// End after this long in all.
    #[arg(long = "timeout", id = "run-timeout", value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// End after this long without a record.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub idle: Option<Duration>,
    /// Exit 1 unless at least N records come; ends on the Nth. With --timeout or --idle it waits past the end.
    #[arg(long, value_name = "N", conflicts_with_all = ["none", "limit"], value_parser = clap::value_parser!(u64).range(1..))]
    pub expect: Option<u64>,
    /// Exit 1 if a record comes. With --timeout or --idle it waits past the end.
    #[arg(long)]
    pub none: bool,
    /// Which records.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// Mark events that break their contract, and exit 1 at the end if one did.
    #[arg(long)]
    pub validate: bool,
    /// Headers but no payload.
    #[arg(long)]
    pub headers_only: bool,
    /// Show personal data.
    #[arg(long)]
    pub reveal: bool,
}

/// Which records are shown; all conditions must hold.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Filters")]
pub struct FilterArgs {
    /// A jq expression over the record, `.value.data.doctorId == "doctor-7"`.
    #[arg(long = "where", value_name = "JQ")]
    pub filter: Option<String>,
    /// The key is this.
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A header is this, `name=value`; may be given often.
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
    /// The key, a header or the value matches this regular expression.
    #[arg(long, value_name = "REGEX")]
    pub grep: Option<String>,
    /// Of this appointment, across all topics.
    #[arg(long, value_name = "ID")]
    pub appointment: Option<String>,
    /// Of this patient, across all topics.
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
    /// Of this doctor, across all topics.
    #[arg(long, value_name = "ID")]
    pub doctor: Option<String>,
}

/// `--sort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sort {
    /// As they come: in order within each partition.
    None,
    /// By timestamp across partitions.
    Time,
}

impl FilterArgs {
    /// The ids that records must carry, by the catalogue's name of the id.
    pub(super) fn ids(&self) -> Vec<(&'static str, &str)> {
        [("appointmentId", &self.appointment), ("patientId", &self.patient), ("doctorId", &self.doctor)]
            .into_iter()
            .filter_map(|(name, id)| Some((name, id.as_deref()?)))
            .collect()
    }
}

impl TailArgs {
    /// Whether the read goes on past the end: asked for, or a gate that is given time to wait.
    pub(super) fn follows(&self) -> bool {
        let gate = self.expect.is_some() || self.none;
        self.follow || (self.until.is_none() && gate && (self.timeout.is_some() || self.idle.is_some()))
    }

    /// Whether records are merged by time. That needs an end: of a partition that goes on, an older one may still come.
    pub(super) fn merged(&self, format: Format) -> Result<bool, Error> {
        match self.sort {
            Some(Sort::Time) if self.follows() => Err(Error::usage(
                "`--sort time` needs a read that ends: of each partition an older record may still come",
            )
            .hint("leave out `--follow`, or end a gate's read with `--until end`")),
            Some(sort) => Ok(sort == Sort::Time),
            None => Ok(format == Format::Table && !self.follows()),
        }
    }

    /// More records than this are not wanted.
    pub(super) fn most(&self) -> u64 {
        if self.none { 1 } else { self.limit.or(self.expect).unwrap_or(u64::MAX) }
    }

    /// Where to start.
    pub(super) fn start(&self) -> Position {
        let whole = self.until.is_some() || !self.filters.ids().is_empty();
        self.from.unwrap_or(if whole { Position::Start } else { Position::Last(10) })
    }
}
