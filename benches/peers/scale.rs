//! `--scale`: what rdvctl costs a record as the work grows, by records, partitions and bytes.

use rdvctl::error::Error;
use rdvctl::output::View;
use rdvctl::terminal::{count, group_digits};
use serde_json::json;

use crate::args::Args;
use crate::data::{Batch, Form};
use crate::measure::Cost;
use crate::report::megabytes;
use crate::stage::{Stage, Target};

const RECORDS: [u64; 3] = [100_000, 1_000_000, 5_000_000];
const PARTITIONS: [i32; 3] = [1, 3, 24];
const SIZES: [usize; 3] = [100, 450, 10_000];
/// More is left out: disks and patience have an end.
const MOST_BYTES: u64 = 3_000_000_000;

/// One line: a batch over some partitions, and what each job took.
pub(crate) struct Step {
    batch: Batch,
    partitions: i32,
    publish: Cost,
    ndjson: Cost,
    readable: Cost,
}

/// The whole table.
pub(crate) struct Scale(Vec<Step>);

/// Runs every combination that is not too large, once each; says which are left out.
pub(crate) fn run(stage: &Stage<'_>, args: &Args) -> Result<Scale, Error> {
    let mut steps = Vec::new();
    for size in SIZES {
        for records in RECORDS {
            let records = if args.quick { records / 100 } else { records };
            if records * size as u64 > MOST_BYTES {
                stage.term.note(format!("left out: {} of {size} B", count(records, "record")));
                continue;
            }
            for partitions in PARTITIONS {
                let step = step(stage, Batch::new(size, records), partitions)?;
                stage.term.note(format!("{} of {size} B over {partitions}: done", count(records, "record")));
                steps.push(step);
            }
        }
    }
    Ok(Scale(steps))
}

fn step(stage: &Stage<'_>, batch: Batch, partitions: i32) -> Result<Step, Error> {
    let target = stage.empty(batch, partitions)?;
    let done = jobs(stage, &target);
    stage.drop(&target)?;
    let [publish, ndjson, readable] = done?;
    Ok(Step { batch, partitions, publish, ndjson, readable })
}

fn jobs(stage: &Stage<'_>, target: &Target) -> Result<[Cost; 3], Error> {
    let publish = stage.run(&stage.publish(target, Form::Payloads)?)?;
    stage.holds(target)?;
    let tail = || stage.rdvctl(target, ["tail", &target.topic, "--from", "start"]);
    let ndjson = stage.run(&tail().with("-o").with("ndjson"))?;
    let readable = stage.run(&tail())?;
    for cost in [ndjson, readable] {
        if cost.lines != target.batch.records {
            return Err(Error::partial(format!(
                "{} of {} records were shown",
                cost.lines, target.batch.records
            )));
        }
    }
    Ok([publish, ndjson, readable])
}

impl Step {
    fn jobs(&self) -> [(&'static str, Cost); 3] {
        [("publish", self.publish), ("tail_ndjson", self.ndjson), ("tail_readable", self.readable)]
    }

    /// Microseconds of wall time a record.
    fn each(&self, cost: Cost) -> f64 {
        cost.wall.as_secs_f64() * 1e6 / self.batch.records as f64
    }
}

impl View for Scale {
    fn header(&self) -> Vec<&'static str> {
        vec![
            "RECORDS",
            "PARTITIONS",
            "BYTES",
            "PUBLISH µs",
            "MB",
            "TAIL NDJSON µs",
            "MB",
            "TAIL READABLE µs",
            "MB",
        ]
    }

    fn numeric(&self) -> &'static [&'static str] {
        &["RECORDS", "PARTITIONS", "BYTES", "PUBLISH µs", "TAIL NDJSON µs", "TAIL READABLE µs", "MB"]
    }

    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let row = |step: &Step| {
            let mut cells = vec![
                group_digits(step.batch.records),
                step.partitions.to_string(),
                step.batch.size.to_string(),
            ];
            for (_, cost) in step.jobs() {
                cells.extend([format!("{:.2}", step.each(cost)), megabytes(cost.rss)]);
            }
            cells.into_iter().map(Some).collect()
        };
        self.0.iter().map(row).collect()
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |step: &Step| {
            let mut line = json!({
                "records": step.batch.records, "partitions": step.partitions, "bytes": step.batch.size,
            });
            for (job, cost) in step.jobs() {
                line[job] = json!({
                    "wall_s": cost.wall.as_secs_f64(), "us_per_record": step.each(cost),
                    "user_s": cost.user.as_secs_f64(), "peak_rss_bytes": cost.rss,
                });
            }
            line
        };
        self.0.iter().map(line).collect()
    }
}
