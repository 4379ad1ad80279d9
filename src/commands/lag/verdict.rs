//! The gate's answer: the rows with their verdicts, what offends on stderr, and the exit code.

use std::time::Duration;

use super::survey::Reading;
use super::view::{Line, View};
use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::model::lag::gate::{Verdict, worst};
use crate::model::lag::{Row, Status, seconds};
use crate::output::Format;
use crate::terminal::{count, group_digits};

/// Offending rows that people are told of one by one.
const TOLD: usize = 20;

/// Groups that are not there as rows of their own: a gate does not pass over them.
pub(super) fn with_missing(mut reading: Reading) -> Reading {
    for (name, near) in &reading.scope.missing {
        let mut row = Row::of_group(name.as_str().into(), Status::Unknown);
        row.notes.push("there is no such group".to_owned());
        row.notes.extend(near.clone());
        reading.rows.push(row);
    }
    reading
}

/// Shows rows and verdicts; `waited` is how long.
pub(super) fn report(
    ctx: &mut Ctx,
    view: View,
    rows: &[Row],
    verdicts: &[Verdict],
    waited: Option<Duration>,
) -> Result<Outcome, Error> {
    view.show(&mut ctx.out, &ctx.term, Line::judged(rows, verdicts))?;
    let answer = worst(verdicts.iter().copied());
    let offending: Vec<(&Row, Verdict)> =
        rows.iter().zip(verdicts.iter().copied()).filter(|(_, verdict)| *verdict != Verdict::Ok).collect();
    if ctx.out.format == Format::Ndjson {
        ctx.term.raw(&for_programs(answer, rows.len(), &offending, waited).to_string());
    } else {
        for_people(ctx, answer, rows.len(), &offending, waited);
    }
    Ok(if answer == Verdict::Ok { Outcome::Done } else { Outcome::No })
}

fn for_programs(
    answer: Verdict,
    rows: usize,
    offending: &[(&Row, Verdict)],
    waited: Option<Duration>,
) -> serde_json::Value {
    let lines = offending.iter().map(|&(row, verdict)| Line { row, verdict: Some(verdict), trend: None });
    serde_json::json!({"gate": {
        "verdict": answer.name(),
        "rows": rows,
        "waited_seconds": waited.map(|waited| (waited.as_secs_f64() * 1000.0).round() / 1000.0),
        "offending": lines.collect::<Vec<_>>(),
    }})
}

fn for_people(
    ctx: &Ctx,
    answer: Verdict,
    rows: usize,
    offending: &[(&Row, Verdict)],
    waited: Option<Duration>,
) {
    let after = waited.map_or(String::new(), |waited| {
        format!(" after {}", seconds(i64::try_from(waited.as_millis()).unwrap_or(i64::MAX)))
    });
    if answer == Verdict::Ok {
        ctx.term.note(format!("ok: {}{after}", count(rows as u64, "partition")));
        return;
    }
    let of = if rows == 0 {
        "no group with offsets or partitions to read was found".to_owned()
    } else {
        format!("{} of {}", group_digits(offending.len() as u64), count(rows as u64, "partition"))
    };
    ctx.term.warn(format!("{}{after}: {of}", answer.name()));
    for (row, verdict) in offending.iter().take(TOLD) {
        ctx.term.warn(format!("{}: {}", verdict.name(), sentence(row)));
    }
    if offending.len() > TOLD {
        let more = group_digits((offending.len() - TOLD) as u64);
        ctx.term.warn(format!("and {more} more; the table has them all"));
    }
}

/// What is wrong with a row, in a line.
fn sentence(row: &Row) -> String {
    let mut parts = vec![format!("group `{}`", row.group)];
    if let (Some(topic), Some(partition)) = (&row.topic, row.partition) {
        parts.push(format!("`{topic}` partition {partition}"));
    }
    match (row.committed, row.log) {
        (Some(committed), Some(log)) => parts.push(format!("committed {committed} of {}", log.end)),
        (None, Some(log)) => parts.push(format!("nothing committed of {}", log.end)),
        _ => {}
    }
    parts.extend(row.lag().map(|lag| format!("lag {lag}")));
    parts.extend(row.age_ms().map(|age| format!("age {}", seconds(age))));
    let lost = |lost: i64| format!("{} lost to retention", count(lost.unsigned_abs(), "record"));
    parts.extend(row.lost().map(lost));
    let facts = parts.join(", ");
    std::iter::once(&facts).chain(&row.notes).map(String::as_str).collect::<Vec<_>>().join("; ")
}
