//! How far a span has been read, and when it has ended. Pure: the reader feeds it offsets.

use crate::kafka::ffi::PartitionRef;
use crate::kafka::reader::Span;

/// How far a span has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is read.
    pub span: Span,
    /// The next offset: `span.start..next` has been looked at, whether it holds records or not.
    pub next: i64,
    /// How many records came out of it.
    pub records: u64,
    /// Whether it has been read to its end.
    pub ended: bool,
    /// Which of the reader's topics it is of.
    pub(super) handle: usize,
}

/// What an offset is to a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// To be handed out.
    Inside,
    /// Not asked for.
    Outside,
}

impl Progress {
    pub(super) fn new(span: &Span, handle: usize) -> Self {
        let ended = span.end.is_some_and(|end| span.start >= end);
        Self { span: span.clone(), next: span.start, records: 0, ended, handle }
    }

    /// A record came. An offset at or past the end ends the span even if the one before it never came: it may be a
    /// control record, or compacted away.
    pub(super) fn see(&mut self, offset: i64) -> Seen {
        let inside = !self.ended && offset >= self.next && self.span.end.is_none_or(|end| offset < end);
        self.see_end(offset + 1);
        if inside {
            self.records += 1;
            Seen::Inside
        } else {
            Seen::Outside
        }
    }

    /// All before `next` is done: the end of the partition, or the client's position.
    pub(super) fn see_end(&mut self, next: i64) -> Seen {
        self.next = self.next.max(self.span.end.map_or(next, |end| next.min(end)));
        self.ended = self.ended || self.span.end.is_some_and(|end| self.next >= end);
        Seen::Outside
    }

    pub(super) fn partition_ref(&self) -> PartitionRef<'_> {
        PartitionRef { topic: &self.span.topic, partition: self.span.partition }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(start: i64, end: Option<i64>) -> Progress {
        Progress::new(&Span { topic: "t".into(), partition: 0, start, end }, 0)
    }

    #[test]
    fn a_span_ends_with_its_last_offset() {
        let mut span = progress(5, Some(7));
        assert_eq!(span.see(4), Seen::Outside);
        assert_eq!(span.see(5), Seen::Inside);
        assert!(!span.ended);
        assert_eq!(span.see(6), Seen::Inside);
        assert!(span.ended);
        assert_eq!(span.see(7), Seen::Outside);
        assert_eq!((span.next, span.records), (7, 2));
    }

    #[test]
    fn a_span_whose_last_offsets_hold_no_records_ends_with_what_comes_after() {
        let mut by_record = progress(0, Some(10));
        assert_eq!(by_record.see(12), Seen::Outside);
        assert!(by_record.ended);
        let mut by_end = progress(0, Some(10));
        by_end.see_end(9);
        assert!(!by_end.ended);
        by_end.see_end(10);
        assert!(by_end.ended);
        assert_eq!((by_record.next, by_end.next), (10, 10));
    }

    #[test]
    fn no_record_is_handed_out_twice() {
        let mut span = progress(0, None);
        assert_eq!(span.see(3), Seen::Inside);
        assert_eq!(span.see(3), Seen::Outside);
        assert_eq!(span.see(2), Seen::Outside);
        assert_eq!(span.see(4), Seen::Inside);
        assert!(!span.ended);
    }

    #[test]
    fn an_empty_span_has_ended_before_it_is_read() {
        assert!(progress(5, Some(5)).ended);
        assert!(!progress(5, None).ended);
    }
}
