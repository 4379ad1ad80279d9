//! Rows followed over time: records in and out a second, the time to zero, a sparkline.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::Row;

/// Readings kept of a row.
const KEPT: usize = 20;

/// Eighths of a line.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

type Key = (Arc<str>, Option<Arc<str>>, Option<i32>);

/// One reading of a row.
#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Duration,
    end: i64,
    position: i64,
    lag: i64,
}

/// What a row's readings say together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trend {
    /// Records written a second, over the readings kept.
    pub coming: Option<f64>,
    /// Records read a second.
    pub going: Option<f64>,
    /// Until the lag is zero, if it goes on like this; `None` if it does not shrink.
    pub eta: Option<Duration>,
    /// The lag over time.
    pub line: String,
}

/// The readings of all rows.
#[derive(Debug, Default)]
pub struct Trends(HashMap<Key, VecDeque<Reading>>);

impl Trends {
    /// Takes the rows of a reading at `at` (since the first); the trend of each, in order.
    pub fn see(&mut self, at: Duration, rows: &[Row]) -> Vec<Trend> {
        rows.iter().map(|row| self.see_one(at, row)).collect()
    }

    fn see_one(&mut self, at: Duration, row: &Row) -> Trend {
        let known = row.log.zip(row.position).zip(row.lag());
        let Some(((log, position), lag)) = known else { return Trend::default() };
        let readings = self.0.entry((row.group.clone(), row.topic.clone(), row.partition)).or_default();
        if readings.len() == KEPT {
            readings.pop_front();
        }
        readings.push_back(Reading { at, end: log.end, position, lag });
        trend(readings)
    }
}

fn trend(readings: &VecDeque<Reading>) -> Trend {
    let line = sparkline(readings.iter().map(|reading| reading.lag));
    let (Some(first), Some(last)) = (readings.front(), readings.back()) else { return Trend::default() };
    let span = last.at.saturating_sub(first.at).as_secs_f64();
    if span <= 0.0 {
        return Trend { line, ..Trend::default() };
    }
    let rate = |from: i64, to: i64| (to - from) as f64 / span;
    let (coming, going) = (rate(first.end, last.end), rate(first.position, last.position));
    let closing = going - coming;
    let eta = match last.lag {
        0 => Some(Duration::ZERO),
        lag if closing > 0.0 => Duration::try_from_secs_f64(lag as f64 / closing).ok(),
        _ => None,
    };
    Trend { coming: Some(coming), going: Some(going), eta, line }
}

fn sparkline(values: impl Iterator<Item = i64> + Clone) -> String {
    let most = values.clone().max().unwrap_or(0).max(1);
    // Zero is the lowest bar, anything else is above it.
    values.map(|value| BARS[((value * 7 + most - 1) / most).clamp(0, 7) as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Log, Uncommitted};
    use super::*;

    fn row(committed: i64, end: i64) -> Row {
        let log = Log { start: 0, end, high: end };
        Row::new("g".into(), ("t".into(), 0), Some(committed), Some(log), Uncommitted::Unknown)
    }

    #[test]
    fn rates_and_the_time_to_zero_come_from_the_readings() {
        let mut trends = Trends::default();
        let first = trends.see(Duration::ZERO, &[row(0, 100)]);
        assert_eq!((first[0].coming, first[0].eta), (None, None));
        let second = trends.see(Duration::from_secs(2), &[row(60, 120)]);
        assert_eq!((second[0].coming, second[0].going), (Some(10.0), Some(30.0)));
        assert_eq!(second[0].eta, Some(Duration::from_secs(3)));
        assert_eq!(second[0].line, "█▆");
        let third = trends.see(Duration::from_secs(4), &[row(60, 300)]);
        assert_eq!(third[0].eta, None, "the lag grows");
    }

    #[test]
    fn a_drained_row_is_done_and_an_unknown_one_has_no_trend() {
        let mut trends = Trends::default();
        trends.see(Duration::ZERO, &[row(5, 5)]);
        assert_eq!(trends.see(Duration::from_secs(1), &[row(5, 5)])[0].eta, Some(Duration::ZERO));
        let unknown = Row::new("g".into(), ("t".into(), 0), Some(1), None, Uncommitted::Unknown);
        assert_eq!(trends.see(Duration::from_secs(1), &[unknown])[0], Trend::default());
    }

    #[test]
    fn only_the_last_readings_are_kept() {
        let mut trends = Trends::default();
        for second in 0..50 {
            trends.see(Duration::from_secs(second), &[row(0, 10)]);
        }
        assert_eq!(trends.see(Duration::from_secs(50), &[row(0, 10)])[0].line.chars().count(), KEPT);
    }
}
