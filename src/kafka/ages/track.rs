//! One partition's sweep: what is asked of it, and what each message that comes means for that. Pure.

use std::sync::Arc;

/// A gap of fewer records than this is read over: seeking costs as much as some hundreds of small records.
const NEAR: i64 = 500;

/// A gap of fewer bytes than this is read over: they mostly came with the same fetch (`fetch.message.max.bytes`).
const LITTLE: i64 = 250_000;

/// The size of a record that hardly counts, for tests.
#[cfg(test)]
pub(super) const SMALL: usize = 100;

/// Is there a record at or after `offset`?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    /// Where to look from.
    pub(super) offset: i64,
    /// What was found.
    pub(super) answer: Answer,
}

/// What was found for an ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Not looked at yet.
    Open,
    /// The first record at or after it.
    Record {
        /// Its offset.
        offset: i64,
        /// Its time.
        millis: Option<i64>,
    },
    /// No record up to the partition's end.
    Nothing,
}

/// What to do after a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Read on.
    On,
    /// Go to this offset.
    Seek(i64),
    /// All is answered, or never will be.
    Done,
}

/// The sweep over one partition.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) topic: Arc<str>,
    pub(super) partition: i32,
    /// By offset.
    asks: Vec<Ask>,
    /// The first that is open.
    next: usize,
    /// Where the fetch started that is under way.
    from: i64,
    /// The round in which that was ordered; its messages may be older than the order.
    ordered: u64,
    /// Records and bytes that came, for their average.
    records: i64,
    bytes: i64,
    /// Why it is not answered.
    reason: Option<String>,
}

impl Track {
    /// Of which nothing is asked yet.
    pub(super) fn new(topic: Arc<str>, partition: i32) -> Self {
        let (asks, reason) = (Vec::new(), None);
        Self { topic, partition, asks, next: 0, from: 0, ordered: 0, records: 0, bytes: 0, reason }
    }

    /// Asks for an offset, at or after the last one asked for; returns its place.
    pub(super) fn ask(&mut self, offset: i64) -> usize {
        if self.asks.last().is_none_or(|last| last.offset != offset) {
            self.asks.push(Ask { offset, answer: Answer::Open });
            self.from = self.asks[0].offset;
        }
        self.asks.len() - 1
    }

    /// What was asked, by offset.
    pub(super) fn asks(&self) -> &[Ask] {
        &self.asks
    }

    /// Where to start.
    pub(super) fn start(&self) -> i64 {
        self.from
    }

    /// The first offset that is not answered.
    pub(super) fn wanted(&self) -> Option<i64> {
        self.asks.get(self.next).map(|ask| ask.offset)
    }

    /// A record of `size` bytes came, in round `round` of taking messages (from 1).
    pub(super) fn see(&mut self, offset: i64, millis: Option<i64>, size: usize, round: u64) -> Step {
        let Some(wanted) = self.wanted() else { return Step::Done };
        self.records += 1;
        self.bytes += i64::try_from(size).unwrap_or(i64::MAX);
        if offset < self.from && round != self.ordered {
            return self.beyond_the_end();
        }
        if offset < wanted {
            return Step::On;
        }
        while let Some(ask) = self.asks.get_mut(self.next).filter(|ask| ask.offset <= offset) {
            ask.answer = Answer::Record { offset, millis };
            self.next += 1;
        }
        match self.wanted() {
            None => Step::Done,
            Some(wanted) if self.is_far(wanted - offset - 1) => {
                (self.from, self.ordered) = (wanted, round);
                Step::Seek(wanted)
            }
            Some(_) => Step::On,
        }
    }

    /// The partition ends before `offset`.
    pub(super) fn see_end(&mut self, offset: i64, round: u64) -> Step {
        if self.wanted().is_some() && offset < self.from && round == self.ordered {
            return Step::On;
        }
        self.beyond_the_end()
    }

    /// Nothing more can be read. It is also how a record before the one that was asked for is understood: the client
    /// started again from the log's beginning, because the log ends before the position (it was truncated, or its topic
    /// deleted and created again).
    fn beyond_the_end(&mut self) -> Step {
        for ask in &mut self.asks[self.next..] {
            ask.answer = Answer::Nothing;
        }
        self.next = self.asks.len();
        Step::Done
    }

    fn is_far(&self, gap: i64) -> bool {
        gap >= NEAR || gap.saturating_mul(self.bytes / self.records.max(1)) >= LITTLE
    }

    /// Why it is not answered, as far as is known.
    pub(super) fn note(&mut self, reason: String) {
        self.reason = Some(reason);
    }

    /// The last such note.
    pub(super) fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or("it was not read in time")
    }

    /// Whether a reason was noted.
    pub(super) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(offsets: &[i64]) -> Track {
        let mut track = Track::new("t".into(), 0);
        for &offset in offsets {
            track.ask(offset);
        }
        track
    }

    fn found(track: &Track) -> Vec<Option<i64>> {
        let offset = |ask: &Ask| match ask.answer {
            Answer::Record { offset, .. } => Some(offset),
            _ => None,
        };
        track.asks().iter().map(offset).collect()
    }

    #[test]
    fn one_record_answers_all_that_is_asked_before_it() {
        let mut track = track(&[5, 6, 9]);
        assert_eq!(track.see(8, Some(1), SMALL, 1), Step::On);
        assert_eq!(found(&track), [Some(8), Some(8), None]);
        assert_eq!(track.see(9, Some(1), SMALL, 1), Step::Done);
        assert_eq!(found(&track), [Some(8), Some(8), Some(9)]);
    }

    #[test]
    fn far_gaps_are_sought_over_by_records_or_by_bytes() {
        let mut few = track(&[0, NEAR, 2 * NEAR + 1]);
        assert_eq!(few.see(0, None, SMALL, 1), Step::On);
        assert_eq!(few.see(NEAR, None, SMALL, 1), Step::Seek(2 * NEAR + 1));
        let mut large = track(&[0, 60]);
        assert_eq!(large.see(0, None, 10_000, 1), Step::Seek(60));
    }

    #[test]
    fn what_is_left_of_before_a_seek_is_passed_over() {
        let mut track = track(&[0, 1000]);
        assert_eq!(track.see(0, None, SMALL, 3), Step::Seek(1000));
        assert_eq!(track.see(1, None, SMALL, 3), Step::On);
        assert_eq!(track.see_end(2, 3), Step::On);
        assert_eq!(track.see(1001, None, SMALL, 4), Step::Done);
        assert_eq!(found(&track), [Some(0), Some(1001)]);
    }

    #[test]
    fn a_log_that_starts_again_before_the_position_has_nothing_there() {
        let mut by_record = track(&[100, 200]);
        assert_eq!(by_record.see(3, None, SMALL, 1), Step::Done);
        let mut by_end = track(&[100]);
        assert_eq!(by_end.see_end(0, 1), Step::Done);
        assert_eq!(by_record.asks()[1].answer, Answer::Nothing);
        assert_eq!(by_end.asks()[0].answer, Answer::Nothing);
    }

    #[test]
    fn the_end_of_the_partition_answers_the_rest() {
        let mut track = track(&[1, 5, 7]);
        assert_eq!(track.see(1, None, SMALL, 1), Step::On);
        assert_eq!(track.see_end(9, 1), Step::Done);
        assert_eq!(found(&track), [Some(1), None, None]);
        assert_eq!(track.asks()[2].answer, Answer::Nothing);
        assert_eq!(track.see(20, None, SMALL, 2), Step::Done);
    }
}
