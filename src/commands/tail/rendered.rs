//! A batch as it is shown: its text, and where each record's part of it ends.

use std::ops::Range;

use crate::model::filter::Failures;

/// What became of one batch.
#[derive(Default)]
pub(super) struct Rendered {
    /// Which span it is of, where they are kept apart.
    pub(super) lane: usize,
    /// The records that pass, one after the other.
    pub(super) text: Vec<u8>,
    /// A row for each of them.
    pub(super) rows: Vec<Row>,
    /// Records that were read, whether they pass or not.
    pub(super) read: u64,
    /// Those that the filter could not judge.
    pub(super) failures: Failures,
}

/// One record that passes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Where its text ends.
    pub(super) end: usize,
    /// Its time in milliseconds since 1970; the lowest number if it has none.
    pub(super) millis: i64,
    /// Whether it is an event that breaks its contract.
    pub(super) broken: bool,
}

impl Rendered {
    /// The same room, empty, for a batch of this lane.
    pub(super) fn emptied(mut self, lane: usize) -> Self {
        self.text.clear();
        self.rows.clear();
        Self { lane, text: self.text, rows: self.rows, ..Self::default() }
    }

    /// The text of some rows, one after the other.
    pub(super) fn text_of(&self, rows: Range<usize>) -> &[u8] {
        let end_of = |row: usize| row.checked_sub(1).map_or(0, |before| self.rows[before].end);
        &self.text[end_of(rows.start)..end_of(rows.end)]
    }
}
