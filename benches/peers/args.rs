//! What the benchmark is asked for.

use std::path::PathBuf;

use clap::ValueEnum as _;
use rdvctl::output::Format;

/// rdvctl beside the field, on one Kafka, on the same bytes, in one run.
#[derive(Debug, Default, clap::Parser)]
#[command(name = "cargo bench --bench peers --", max_term_width = 100)]
pub(crate) struct Args {
    /// The rows to run (all without); a part of a row's name will do.
    #[arg(value_name = "ROW")]
    pub(crate) rows: Vec<String>,
    /// A smoke run: 20,000 records, one round, no warming up.
    #[arg(long)]
    pub(crate) quick: bool,
    /// How many records [default: 1,000,000].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(10..))]
    records: Option<u64>,
    /// Over how many partitions.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(i32).range(1..))]
    pub(crate) partitions: i32,
    /// Bytes of a value, about.
    #[arg(long, value_name = "BYTES", default_value_t = 450)]
    pub(crate) size: usize,
    /// How often each does each row [default: 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// rdvctl alone as the work grows: 100 k to 5 M records, 1 to 24 partitions, 100 B to 10 kB.
    #[arg(long, conflicts_with_all = ["records", "partitions", "size", "rounds", "rows"])]
    pub(crate) scale: bool,
    /// The rdvctl to measure [default: the one that cargo built for this run].
    #[arg(long, value_name = "FILE")]
    pub(crate) rdvctl: Option<PathBuf>,
    /// `table` for people, `ndjson` for programs.
    #[arg(short = 'o', long, default_value = "table", value_parser = format, value_name = "FORMAT")]
    pub(crate) output: Format,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    /// How many records.
    pub(crate) fn records(&self) -> u64 {
        self.records.unwrap_or(if self.quick { 20_000 } else { 1_000_000 })
    }

    /// How often each does each row.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 5 })
    }
}

fn format(text: &str) -> Result<Format, String> {
    match Format::from_str(text, false)? {
        Format::Raw => Err("`table` or `ndjson`".to_owned()),
        format => Ok(format),
    }
}
