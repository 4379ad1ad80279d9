//! Medians, ratios and bars, as a table and as NDJSON.

use std::time::Duration;

use rdvctl::output::View;
use rdvctl::terminal::group_digits;
use serde_json::json;

use crate::field::Entry;
use crate::measure::Cost;
use crate::rows::{Bar, Row};

/// Bytes.
pub(crate) const MB: u64 = 1024 * 1024;
/// What ten times the records may add to it: the queues that a tenth of the default run does not fill.
const GROWTH: u64 = 32 * MB;

/// How one program did in one row.
pub(crate) struct Standing {
    row: &'static str,
    who: &'static str,
    bar: Option<Bar>,
    records: Option<u64>,
    /// What rdvctl may hold.
    memory: Option<u64>,
    /// Peak memory in bytes with a tenth of the records.
    pub(crate) tenth: Option<u64>,
    /// Every run.
    pub(crate) costs: Vec<Cost>,
    /// Its median wall time over rdvctl's.
    ratio: Option<f64>,
}

impl Standing {
    /// Before its first run.
    pub(crate) fn new(row: &Row<'_>, entry: &Entry<'_>) -> Self {
        Self {
            row: row.name,
            who: entry.who,
            bar: entry.bar,
            records: row.bulk.then_some(row.batch.records),
            memory: row.memory,
            tenth: None,
            costs: Vec::new(),
            ratio: None,
        }
    }

    /// One line of what is known so far.
    pub(crate) fn text(&self) -> String {
        format!(
            "{}: {}: {}",
            self.row,
            self.who,
            self.costs.iter().map(|c| time(c.wall)).collect::<Vec<_>>().join(" ")
        )
    }

    fn wall(&self) -> Duration {
        median(self.costs.iter().map(|c| c.wall).collect())
    }

    fn user(&self) -> Duration {
        median(self.costs.iter().map(|c| c.user).collect())
    }

    fn system(&self) -> Duration {
        median(self.costs.iter().map(|c| c.system).collect())
    }

    fn rss(&self) -> u64 {
        self.costs.iter().map(|c| c.rss).max().unwrap_or_default()
    }

    fn rate(&self) -> Option<f64> {
        Some(Cost { wall: self.wall(), ..Cost::default() }.rate(self.records?))
    }

    fn is_ours(&self) -> bool {
        self.who == "rdvctl"
    }

    /// What is asked of it, and whether it is so.
    fn bars(&self) -> Vec<(String, bool)> {
        let mut bars = Vec::new();
        match self.bar {
            Some(Bar::AtLeast(least)) => {
                bars.push((format!("≥ {least:.1} ×"), self.ratio.is_some_and(|ratio| ratio >= least)));
            }
            Some(Bar::Within(wall, rss)) => {
                bars.push((format!("≤ {} ms", wall.as_millis()), self.wall() <= wall));
                bars.push((format!("≤ {} MB", rss / MB), self.rss() <= rss));
            }
            None => {}
        }
        if let (true, Some(memory)) = (self.is_ours(), self.memory) {
            bars.push((format!("≤ {} MB", memory / MB), self.rss() <= memory));
        }
        if let (true, Some(tenth)) = (self.is_ours(), self.tenth) {
            bars.push(("flat".to_owned(), self.rss().saturating_sub(tenth) <= GROWTH));
        }
        bars
    }
}

/// All rows.
#[derive(Default)]
pub(crate) struct Report(Vec<Standing>);

impl Report {
    /// Adds a row; the first standing is rdvctl's.
    pub(crate) fn add(&mut self, mut standings: Vec<Standing>) {
        let ours = standings.first().map_or(Duration::ZERO, Standing::wall).as_secs_f64();
        for standing in standings.iter_mut().skip(1) {
            standing.ratio = Some(standing.wall().as_secs_f64() / ours);
        }
        self.0.append(&mut standings);
    }
}

impl View for Report {
    fn header(&self) -> Vec<&'static str> {
        vec!["ROW", "BY", "WALL", "USER CPU", "PEAK MB", "AT 1/10", "RECORDS/S", "OURS IS", "BAR"]
    }

    fn numeric(&self) -> &'static [&'static str] {
        &["WALL", "USER CPU", "PEAK MB", "AT 1/10", "RECORDS/S", "OURS IS"]
    }

    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let line = |s: &Standing| {
            let bars: Vec<String> =
                s.bars().iter().map(|(text, met)| format!("{text} {}", mark(*met))).collect();
            vec![
                Some(if s.is_ours() { s.row.to_owned() } else { String::new() }),
                Some(s.who.to_owned()),
                Some(time(s.wall())),
                Some(time(s.user())),
                Some(megabytes(s.rss())),
                s.tenth.map(megabytes),
                s.rate().map(|rate| group_digits(rate as u64)),
                s.ratio.map(|ratio| format!("{ratio:.2} ×")),
                (!bars.is_empty()).then(|| bars.join(", ")),
            ]
        };
        self.0.iter().map(line).collect()
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |s: &Standing| {
            let bars: Vec<_> = s.bars().iter().map(|(text, met)| json!({"bar": text, "met": met})).collect();
            json!({
                "row": s.row, "by": s.who, "records": s.records, "runs": s.costs.len(),
                "wall_s": s.wall().as_secs_f64(), "user_s": s.user().as_secs_f64(), "system_s": s.system().as_secs_f64(),
                "walls_s": s.costs.iter().map(|c| c.wall.as_secs_f64()).collect::<Vec<_>>(),
                "peak_rss_bytes": s.rss(), "peak_rss_bytes_at_a_tenth": s.tenth,
                "records_per_s": s.rate(), "ratio": s.ratio, "bars": bars,
            })
        };
        self.0.iter().map(line).collect()
    }
}

/// The middle one, or the mean of the two.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    match times.len() {
        0 => Duration::ZERO,
        n if n % 2 == 1 => times[n / 2],
        n => (times[n / 2 - 1] + times[n / 2]) / 2,
    }
}

fn mark(met: bool) -> char {
    if met { '✓' } else { '✗' }
}

/// `1.23 s`, `4.5 ms`.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

/// Bytes as megabytes, rounded.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / MB as f64)
}
