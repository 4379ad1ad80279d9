//! The gate: does a group keep up? Rows against limits, and waiting until what was there at the start has been read.
//!
//! What is not known is never a yes. A log without records is drained, whatever the commit.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Row, Status};

/// Records whose time is this far ahead of our clock have no age worth judging (milliseconds); less is clock skew.
const SKEW_MS: i64 = 60_000;

/// The most that may be behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// In records.
    pub lag: Option<i64>,
    /// In milliseconds.
    pub age_ms: Option<i64>,
}

/// What the gate says of a row, or of all; in the order of how much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Within the limits, or read to the end.
    Ok,
    /// It cannot be told: no commit, no such group, no answer, no age.
    Unknown,
    /// Over the limits, or not at the end yet.
    Over,
    /// Not at the end, and nothing moves.
    NotDraining,
    /// Retention took what had not been read.
    Lost,
}

impl Verdict {
    /// `ok`, `unknown`, `over`, `not_draining`, `lost`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Unknown => "unknown",
            Verdict::Over => "over",
            Verdict::NotDraining => "not_draining",
            Verdict::Lost => "lost",
        }
    }
}

impl Limits {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.lag.is_some() || self.age_ms.is_some()
    }

    /// A row against the limits.
    pub fn judge(&self, row: &Row) -> Verdict {
        match (row.status, row.drained(), row.lag()) {
            (_, Some(true), _) => Verdict::Ok,
            (Status::Expired, ..) => Verdict::Lost,
            (Status::Unknown | Status::Ahead, ..) | (_, _, None) => Verdict::Unknown,
            (_, _, Some(lag)) if self.lag.is_some_and(|most| lag > most) => Verdict::Over,
            _ => match (self.age_ms, row.age_ms()) {
                (None, _) => Verdict::Ok,
                (Some(_), None) => Verdict::Unknown,
                (Some(_), Some(age)) if age < -SKEW_MS => Verdict::Unknown,
                (Some(most), Some(age)) => {
                    if age > most {
                        Verdict::Over
                    } else {
                        Verdict::Ok
                    }
                }
            },
        }
    }
}

/// The worst of the verdicts; none at all is not known.
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts.into_iter().max().unwrap_or(Verdict::Unknown)
}

type Key = (Arc<str>, Option<Arc<str>>, Option<i32>);

/// A commit, and when it last moved (since the wait began).
#[derive(Debug, Clone, Copy)]
struct Seen {
    committed: Option<i64>,
    moved: Option<Duration>,
}

/// Waiting until every row has reached the end that its log had at the start, or is within the limits.
#[derive(Debug, Default)]
pub struct Wait {
    limits: Limits,
    /// How long without a commit is not draining; the whole wait without.
    stall: Option<Duration>,
    pins: HashMap<(Arc<str>, i32), i64>,
    seen: HashMap<Key, Seen>,
}

impl Wait {
    /// A wait that has seen nothing yet.
    pub fn new(limits: Limits, stall: Option<Duration>) -> Self {
        Self { limits, stall, ..Self::default() }
    }

    /// The end to be reached on a partition; the first one stays.
    pub fn pin(&mut self, topic: &Arc<str>, partition: i32, end: i64) {
        self.pins.entry((Arc::clone(topic), partition)).or_insert(end);
    }

    /// The end that a row is to reach.
    pub fn pinned(&self, row: &Row) -> Option<i64> {
        self.pins.get(&(row.topic.clone()?, row.partition?)).copied()
    }

    /// Whether a row's commit is where it was at the last reading.
    pub fn stands_still(&self, row: &Row) -> bool {
        let key = (row.group.clone(), row.topic.clone(), row.partition);
        self.seen.get(&key).is_some_and(|seen| seen.committed == row.committed)
    }

    /// Takes note of a reading at `at` (since the wait began). Whether all rows (one at least) are where they should be.
    pub fn see(&mut self, at: Duration, rows: &[Row]) -> bool {
        for row in rows {
            if let (Some(topic), Some(partition), Some(log)) = (&row.topic, row.partition, row.log) {
                self.pin(topic, partition, log.end);
            }
            let key = (row.group.clone(), row.topic.clone(), row.partition);
            let seen = self.seen.entry(key).or_insert(Seen { committed: row.committed, moved: None });
            if seen.committed != row.committed {
                *seen = Seen { committed: row.committed, moved: Some(at) };
            }
        }
        !rows.is_empty() && rows.iter().all(|row| self.holds(row))
    }

    /// Whether a row is where it should be.
    fn holds(&self, row: &Row) -> bool {
        self.reached(row) || self.limits.any() && self.limits.judge(row) == Verdict::Ok
    }

    fn reached(&self, row: &Row) -> bool {
        if row.drained() == Some(true) {
            return true;
        }
        // An expired commit has reached nothing: what it stood before is gone.
        let usable = !matches!(row.status, Status::Expired | Status::Ahead | Status::Unknown);
        let next = match row.unread {
            super::Unread::Record(offset, _) => Some(offset),
            _ => None,
        };
        let at = row.position.max(next.filter(|_| row.position.is_some()));
        usable && at.zip(self.pinned(row)).is_some_and(|(at, pin)| at >= pin)
    }

    /// What to say of each row at the timeout, at `at` since the wait began.
    pub fn verdicts(&self, at: Duration, rows: &[Row]) -> Vec<Verdict> {
        let first: Vec<Verdict> = rows.iter().map(|row| self.verdict(row)).collect();
        let since = at.saturating_sub(self.stall.unwrap_or(at));
        let moves = |row: &Row| {
            let key = (row.group.clone(), row.topic.clone(), row.partition);
            self.seen.get(&key).and_then(|seen| seen.moved).is_some_and(|moved| moved >= since)
        };
        let draining = rows.iter().zip(&first).any(|(row, verdict)| *verdict == Verdict::Over && moves(row));
        let stalled =
            |verdict| if verdict == Verdict::Over && !draining { Verdict::NotDraining } else { verdict };
        first.into_iter().map(stalled).collect()
    }

    fn verdict(&self, row: &Row) -> Verdict {
        if self.holds(row) {
            return Verdict::Ok;
        }
        match (row.status, row.position) {
            (Status::Expired, _) => Verdict::Lost,
            (Status::Unknown | Status::Ahead, _) | (_, None) => Verdict::Unknown,
            _ => Verdict::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Log, Uncommitted, Unread};
    use super::*;

    fn row(committed: Option<i64>, start: i64, end: i64) -> Row {
        on(0, committed, start, end)
    }

    fn on(partition: i32, committed: Option<i64>, start: i64, end: i64) -> Row {
        let log = Log { start, end, high: end };
        Row::new("g".into(), ("t".into(), partition), committed, Some(log), Uncommitted::Unknown)
    }

    fn aged(mut row: Row, age_ms: i64) -> Row {
        row.seen_ms = 1_000_000;
        row.found(Unread::Record(row.position.unwrap(), Some(1_000_000 - age_ms)), None);
        row
    }

    fn unanswered() -> Row {
        Row::new("g".into(), ("t".into(), 0), Some(1), None, Uncommitted::Unknown)
    }

    #[test]
    fn limits_judge_what_is_known_and_nothing_else() {
        let lag = |most| Limits { lag: Some(most), age_ms: None };
        let age = |most| Limits { lag: None, age_ms: Some(most) };
        let cases = [
            (lag(5), row(Some(5), 0, 10), Verdict::Ok),
            (lag(4), row(Some(5), 0, 10), Verdict::Over),
            (lag(4), row(None, 0, 10), Verdict::Unknown),
            (lag(0), row(None, 10, 10), Verdict::Ok),
            (lag(0), row(Some(3), 10, 10), Verdict::Ok),
            (lag(100), row(Some(3), 5, 10), Verdict::Lost),
            (lag(100), row(Some(30), 5, 10), Verdict::Unknown),
            (lag(100), unanswered(), Verdict::Unknown),
            (lag(100), Row::of_group("g".into(), Status::None), Verdict::Unknown),
            (age(1000), aged(row(Some(5), 0, 10), 1000), Verdict::Ok),
            (age(1000), aged(row(Some(5), 0, 10), 1001), Verdict::Over),
            (age(1000), row(Some(5), 0, 10), Verdict::Unknown),
            (age(1000), aged(row(Some(5), 0, 10), -3_600_000), Verdict::Unknown),
            (age(0), aged(row(Some(5), 0, 10), -20), Verdict::Ok),
            (age(0), row(Some(10), 0, 10), Verdict::Ok),
        ];
        for (limits, row, expected) in cases {
            assert_eq!(limits.judge(&row), expected, "{limits:?} {row:?}");
        }
    }

    #[test]
    fn nothing_to_judge_is_unknown_and_the_worst_counts() {
        assert_eq!(worst([]), Verdict::Unknown);
        assert_eq!(worst([Verdict::Ok, Verdict::Ok]), Verdict::Ok);
        assert_eq!(worst([Verdict::Ok, Verdict::Unknown]), Verdict::Unknown);
        assert_eq!(worst([Verdict::Lost, Verdict::Over, Verdict::Unknown]), Verdict::Lost);
    }

    #[test]
    fn a_wait_is_over_when_the_ends_of_its_start_are_reached() {
        let mut wait = Wait::new(Limits::default(), None);
        assert!(!wait.see(Duration::ZERO, &[row(Some(5), 0, 10)]));
        assert!(!wait.see(Duration::from_secs(1), &[row(Some(9), 0, 50)]));
        assert!(wait.see(Duration::from_secs(2), &[row(Some(10), 0, 90)]));
    }

    #[test]
    fn no_rows_and_no_commits_are_waited_out() {
        let mut wait = Wait::new(Limits::default(), None);
        assert!(!wait.see(Duration::ZERO, &[]));
        assert!(!wait.see(Duration::ZERO, &[row(None, 0, 10)]));
        assert_eq!(wait.verdicts(Duration::from_secs(5), &[row(None, 0, 10)]), [Verdict::Unknown]);
        assert!(wait.see(Duration::ZERO, &[row(None, 10, 10)]), "an empty log is drained");
        assert!(wait.see(Duration::from_secs(1), &[row(Some(10), 0, 12)]));
    }

    #[test]
    fn records_that_cannot_be_read_are_not_waited_for() {
        let mut wait = Wait::new(Limits::default(), None);
        let mut control = row(Some(9), 0, 10);
        assert!(!wait.see(Duration::ZERO, &[control.clone()]));
        control.found(Unread::Nothing, None);
        assert!(wait.see(Duration::ZERO, &[control]));
        let mut later = row(Some(9), 0, 20);
        later.found(Unread::Record(12, Some(0)), None);
        assert!(wait.see(Duration::ZERO, &[later]), "the first unread record is after the pinned end");
    }

    #[test]
    fn at_the_timeout_what_stood_still_is_told_from_what_moved() {
        let second = Duration::from_secs(1);
        let mut wait = Wait::new(Limits::default(), None);
        wait.see(Duration::ZERO, &[row(Some(5), 0, 10)]);
        wait.see(second, &[row(Some(5), 0, 10)]);
        assert_eq!(wait.verdicts(5 * second, &[row(Some(5), 0, 10)]), [Verdict::NotDraining]);
        wait.see(2 * second, &[row(Some(6), 0, 10)]);
        assert_eq!(wait.verdicts(5 * second, &[row(Some(6), 0, 10)]), [Verdict::Over]);
        let mut impatient = Wait::new(Limits::default(), Some(2 * second));
        impatient.see(Duration::ZERO, &[row(Some(5), 0, 10)]);
        impatient.see(second, &[row(Some(6), 0, 10)]);
        assert_eq!(impatient.verdicts(5 * second, &[row(Some(6), 0, 10)]), [Verdict::NotDraining]);
    }

    #[test]
    fn one_partition_that_moves_is_draining_for_all_and_a_finished_one_does_not_count() {
        let second = Duration::from_secs(1);
        let mut wait = Wait::new(Limits::default(), None);
        wait.see(Duration::ZERO, &[on(0, Some(5), 0, 10), on(1, Some(5), 0, 10)]);
        let finished = [on(0, Some(10), 0, 10), on(1, Some(5), 0, 10)];
        wait.see(second, &finished);
        assert_eq!(wait.verdicts(5 * second, &finished), [Verdict::Ok, Verdict::NotDraining]);
        let moving = [on(0, Some(10), 0, 10), on(1, Some(6), 0, 10)];
        wait.see(2 * second, &moving);
        assert_eq!(wait.verdicts(5 * second, &moving), [Verdict::Ok, Verdict::Over]);
    }

    #[test]
    fn an_expired_commit_is_lost_until_the_group_has_read_on() {
        let mut wait = Wait::new(Limits::default(), None);
        assert!(!wait.see(Duration::ZERO, &[row(Some(3), 5, 10)]));
        assert_eq!(wait.verdicts(Duration::from_secs(5), &[row(Some(3), 5, 10)]), [Verdict::Lost]);
        assert!(wait.see(Duration::ZERO, &[row(Some(10), 5, 10)]));
    }

    #[test]
    fn limits_may_end_a_wait_before_the_end_is_reached() {
        let mut wait = Wait::new(Limits { lag: Some(3), age_ms: None }, None);
        assert!(!wait.see(Duration::ZERO, &[row(Some(5), 0, 10)]));
        assert!(wait.see(Duration::ZERO, &[row(Some(7), 0, 10)]));
        assert!(!wait.see(Duration::ZERO, &[row(None, 0, 10)]));
    }
}
