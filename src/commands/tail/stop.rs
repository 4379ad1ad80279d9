//! When a tail ends, and what its answer is.

use std::time::{Duration, Instant};

use crate::error::Outcome;

/// The longest wait for records, so that Ctrl-C and timeouts are seen soon.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// The end conditions of one run.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// More records than this are not wanted.
    pub(super) most: u64,
    /// The answer is yes when this many came.
    pub(super) expect: Option<u64>,
    /// The answer is yes when none came.
    pub(super) none: bool,
    /// When the whole run ends.
    pub(super) deadline: Option<Instant>,
    /// The run ends after this long without a record.
    pub(super) idle: Option<Duration>,
    /// When the last record came (or the run began).
    pub(super) last: Instant,
    /// Records that passed the filters.
    pub(super) matched: u64,
}

impl Stop {
    /// Counts records that passed the filters, as many of these as are wanted; how many that is.
    pub(super) fn take(&mut self, count: usize) -> usize {
        let taken = (count as u64).min(self.most.saturating_sub(self.matched));
        self.matched += taken;
        taken as usize
    }

    /// Whether nothing more is needed.
    pub(super) fn is_done(&self) -> bool {
        self.matched >= self.most
    }

    /// Whether the time is up.
    pub(super) fn due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|end| now >= end)
            || self.idle.is_some_and(|idle| now.saturating_duration_since(self.last) >= idle)
    }

    /// How long to wait for records at most.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let until = |end: Instant| end.saturating_duration_since(now);
        let ends = [self.deadline.map(until), self.idle.map(|idle| until(self.last + idle))];
        ends.into_iter().flatten().fold(LONGEST_WAIT, Duration::min)
    }

    /// The answer.
    pub(super) fn verdict(&self, interrupted: bool, follow: bool) -> Outcome {
        let gate = self.expect.is_some() || self.none;
        let answered = match self.expect {
            Some(wanted) => self.matched >= wanted,
            None => self.none && self.matched > 0,
        };
        if interrupted && !answered {
            // Ctrl-C is how one ends a follower, but not an answer.
            return if follow && !gate { Outcome::Done } else { Outcome::Interrupted };
        }
        let yes = self.expect.is_none_or(|wanted| self.matched >= wanted) && !(self.none && self.matched > 0);
        if yes { Outcome::Done } else { Outcome::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop() -> Stop {
        let last = Instant::now();
        Stop { most: u64::MAX, expect: None, none: false, deadline: None, idle: None, last, matched: 0 }
    }

    #[test]
    fn a_limit_and_an_expectation_end_on_the_nth() {
        let mut limited = Stop { most: 2, ..stop() };
        assert_eq!((limited.take(1), limited.is_done()), (1, false));
        assert_eq!((limited.take(5), limited.is_done()), (1, true));
        assert_eq!(limited.verdict(false, false), Outcome::Done);
        let mut expecting = Stop { most: 1, expect: Some(1), ..stop() };
        assert_eq!(expecting.verdict(false, true), Outcome::No);
        assert_eq!((expecting.take(3), expecting.is_done()), (1, true));
        assert_eq!(expecting.verdict(false, true), Outcome::Done);
    }

    #[test]
    fn none_is_refuted_by_the_first_record() {
        let mut none = Stop { most: 1, none: true, ..stop() };
        assert_eq!(none.verdict(false, false), Outcome::Done);
        assert_eq!((none.take(1), none.is_done()), (1, true));
        assert_eq!(stop().take(7), 7);
        assert_eq!(none.verdict(false, false), Outcome::No);
        assert_eq!(none.verdict(true, true), Outcome::No);
    }

    #[test]
    fn an_interrupt_ends_a_follower_well_and_a_gate_without_an_answer() {
        assert_eq!(stop().verdict(true, true), Outcome::Done);
        assert_eq!(stop().verdict(true, false), Outcome::Interrupted);
        assert_eq!(Stop { expect: Some(1), ..stop() }.verdict(true, true), Outcome::Interrupted);
        assert_eq!(Stop { none: true, ..stop() }.verdict(true, true), Outcome::Interrupted);
    }

    #[test]
    fn waits_end_with_the_nearest_of_timeout_and_idle() {
        let now = Instant::now();
        let timed = Stop {
            deadline: Some(now + Duration::from_millis(30)),
            idle: Some(Duration::from_millis(10)),
            last: now,
            ..stop()
        };
        assert_eq!(timed.wait(now), Duration::from_millis(10));
        assert!(!timed.due(now));
        assert!(timed.due(now + Duration::from_millis(10)));
    }
}
