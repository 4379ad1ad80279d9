//! What is shown of a look: rows or totals, as a table, NDJSON or metrics.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::Error;
use crate::model::lag::gate::Verdict;
use crate::model::lag::totals::{By, Total, totals};
use crate::model::lag::trend::Trend;
use crate::model::lag::{Row, seconds};
use crate::output::grid::Column;
use crate::output::prometheus::Family;
use crate::output::{Format, Out};
use crate::terminal::{Terminal, group_digits};

/// More rows than this are added up by group in a table, unless asked for one by one.
const READABLE: usize = 2000;

/// How to show.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// What is added up, if it was said.
    pub(super) by: Option<By>,
    /// Only what may have something to read.
    pub(super) only_lagging: bool,
}

/// A row with what is said of it.
pub(super) struct Line<'a> {
    pub(super) row: &'a Row,
    pub(super) verdict: Option<Verdict>,
    pub(super) trend: Option<&'a Trend>,
}

impl<'a> Line<'a> {
    /// Rows alone.
    pub(super) fn plain(rows: &'a [Row]) -> Vec<Self> {
        rows.iter().map(|row| Line { row, verdict: None, trend: None }).collect()
    }

    /// Rows with the gate's verdicts.
    pub(super) fn judged(rows: &'a [Row], verdicts: &[Verdict]) -> Vec<Self> {
        let line = |(row, verdict): (&'a Row, &Verdict)| Line { row, verdict: Some(*verdict), trend: None };
        rows.iter().zip(verdicts).map(line).collect()
    }
}

/// The line for programs.
impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.row.fields(&mut map)?;
        if let Some(verdict) = self.verdict {
            map.serialize_entry("verdict", verdict.name())?;
        }
        if let Some(trend) = self.trend {
            let rounded = |rate: f64| (rate * 10.0).round() / 10.0;
            map.serialize_entry("in_per_second", &trend.coming.map(rounded))?;
            map.serialize_entry("out_per_second", &trend.going.map(rounded))?;
            map.serialize_entry("eta_seconds", &trend.eta.map(|eta| rounded(eta.as_secs_f64())))?;
        }
        map.end()
    }
}

impl View {
    /// Shows.
    pub(super) fn show(self, out: &mut Out, term: &Terminal, mut lines: Vec<Line<'_>>) -> Result<(), Error> {
        if self.only_lagging {
            lines.retain(|line| line.row.may_lag());
        }
        match (out.format, self.by) {
            (Format::Prometheus, _) => metrics(out, &lines),
            (Format::Ndjson, None | Some(By::Partition)) => {
                for line in &lines {
                    out.json(line)?;
                }
                out.flush()
            }
            (Format::Ndjson, Some(by)) => {
                for total in sums(&lines, by) {
                    out.json(&total.to_json(by))?;
                }
                out.flush()
            }
            (_, None) if lines.len() > READABLE => {
                let rows = group_digits(lines.len() as u64);
                term.note(format!("{rows} rows, added up by group; `--by partition` shows each of them"));
                total_table(out, &sums(&lines, By::Group), By::Group)
            }
            (_, None | Some(By::Partition)) => out.grid(&columns(), &lines),
            (_, Some(by)) => total_table(out, &sums(&lines, by), by),
        }
    }
}

fn sums(lines: &[Line<'_>], by: By) -> Vec<Total> {
    totals(lines.iter().map(|line| line.row), by)
}

#[expect(clippy::unnecessary_wraps, reason = "a cell of a table is optional")]
fn some(text: impl ToString) -> Option<String> {
    Some(text.to_string())
}

fn columns<'a>() -> Vec<Column<Line<'a>>> {
    vec![
        Column::text("GROUP", |line| some(&line.row.group)),
        Column::text("TOPIC", |line| line.row.topic.as_ref().map(ToString::to_string)),
        Column::number("PARTITION", |line| line.row.partition.map(|n| n.to_string())),
        Column::number("COMMITTED", |line| line.row.committed.map(|n| n.to_string())),
        Column::number("START", |line| line.row.log.map(|log| log.start.to_string())),
        Column::number("END", |line| line.row.log.map(|log| log.end.to_string())),
        Column::number("LAG", |line| line.row.lag().map(|n| n.to_string())),
        Column::number("AGE", |line| line.row.age_ms().map(seconds)),
        Column::text("DRAINED", |line| line.row.drained().map(|drained| yes(drained).to_owned())),
        Column::text("STATUS", |line| some(status(line.row))),
        Column::text("VERDICT", |line: &Line<'a>| line.verdict.map(|verdict| verdict.name().to_owned()))
            .optional(),
        Column::number("IN/S", |line: &Line<'a>| rate(line.trend?.coming)).optional(),
        Column::number("OUT/S", |line: &Line<'a>| rate(line.trend?.going)).optional(),
        Column::number("ETA", |line: &Line<'a>| {
            let eta = line.trend?.eta?;
            Some(seconds(i64::try_from(eta.as_millis()).unwrap_or(i64::MAX)))
        })
        .optional(),
        Column::text("LAG OVER TIME", |line: &Line<'a>| line.trend.map(|trend| trend.line.clone()))
            .optional(),
        Column::text("STATE", |line| line.row.state.as_ref().map(ToString::to_string)),
        Column::text("MEMBER", |line: &Line<'a>| Some(line.row.member.as_ref()?.id.to_string())).optional(),
        Column::text("CLIENT", |line: &Line<'a>| Some(line.row.member.as_ref()?.client_id.to_string()))
            .optional(),
        Column::text("HOST", |line: &Line<'a>| Some(line.row.member.as_ref()?.host.to_string())).optional(),
        Column::text("NOTES", |line: &Line<'a>| {
            (!line.row.notes.is_empty()).then(|| line.row.notes.join("; "))
        })
        .optional(),
    ]
}

fn status(row: &Row) -> String {
    match row.lost() {
        Some(lost) => format!("{} ({} lost)", row.status.name(), group_digits(lost.unsigned_abs())),
        None => row.status.name().to_owned(),
    }
}

fn yes(drained: bool) -> &'static str {
    if drained { "yes" } else { "no" }
}

fn rate(rate: Option<f64>) -> Option<String> {
    rate.map(|rate| format!("{rate:.1}"))
}

fn total_table(out: &mut Out, totals: &[Total], by: By) -> Result<(), Error> {
    let mut columns: Vec<Column<Total>> = Vec::new();
    if by == By::Topic {
        columns.push(Column::text("TOPIC", |sum| sum.topic.as_ref().map(ToString::to_string)));
    } else {
        columns.push(Column::text("GROUP", |sum| sum.group.as_ref().map(ToString::to_string)));
    }
    if by == By::Member {
        columns.push(Column::text("MEMBER", |sum| Some(sum.member.as_ref()?.id.to_string())));
        columns.push(Column::text("CLIENT", |sum| Some(sum.member.as_ref()?.client_id.to_string())));
        columns.push(Column::text("HOST", |sum| Some(sum.member.as_ref()?.host.to_string())));
    }
    columns.extend([
        Column::number("PARTITIONS", |sum: &Total| some(sum.partitions)),
        Column::number("LAG", |sum: &Total| sum.lag.map(|n| n.to_string())),
        Column::number("OLDEST", |sum: &Total| sum.age_ms.map(seconds)),
        Column::number("LAGGING", |sum: &Total| some(sum.lagging)),
        Column::number("NONE", |sum: &Total| some(sum.none)),
        Column::number("EXPIRED", |sum: &Total| some(sum.expired)),
        Column::number("UNKNOWN", |sum: &Total| some(sum.unknown)),
        Column::text("STATE", |sum: &Total| sum.state.as_ref().map(ToString::to_string)).optional(),
    ]);
    out.grid(&columns, totals)
}

/// What is not known has no sample.
fn metrics(out: &mut Out, lines: &[Line<'_>]) -> Result<(), Error> {
    type Value = fn(&Row) -> Option<f64>;
    let families: [(&'static str, &str, Value); 6] = [
        ("rdvctl_group_lag", "Offsets between the commit and the end.", |row| row.lag().map(|n| n as f64)),
        ("rdvctl_group_lag_seconds", "Age of the first unread record.", |row| {
            row.age_ms().map(|ms| ms as f64 / 1000.0)
        }),
        ("rdvctl_group_committed_offset", "Next offset to be read.", |row| row.committed.map(|n| n as f64)),
        ("rdvctl_group_log_start_offset", "First offset of the log.", |row| Some(row.log?.start as f64)),
        ("rdvctl_group_log_end_offset", "End of what can be read.", |row| Some(row.log?.end as f64)),
        ("rdvctl_group_drained", "1 if nothing readable is left.", |row| {
            row.drained().map(|drained| f64::from(u8::from(drained)))
        }),
    ];
    for (name, help, value) in families {
        let mut family = Family::new(name, help);
        for line in lines {
            with_labels(line.row, &[], |labels| family.sample(labels, value(line.row)));
        }
        out.text(family.text())?;
    }
    let mut family =
        Family::new("rdvctl_group_status", "1 for the commit's status: ok, none, expired, ahead, unknown.");
    for line in lines {
        let status = ("status", line.row.status.name());
        with_labels(line.row, &[status], |labels| family.sample(labels, Some(1.0)));
    }
    out.text(family.text())?;
    out.flush()
}

fn with_labels(row: &Row, more: &[(&str, &str)], mut then: impl FnMut(&[(&str, &str)])) {
    let partition = row.partition.map(|n| n.to_string());
    let mut labels = vec![("group", &*row.group)];
    labels.extend(row.topic.as_deref().map(|topic| ("topic", topic)));
    labels.extend(partition.as_deref().map(|partition| ("partition", partition)));
    labels.extend_from_slice(more);
    then(&labels);
}
