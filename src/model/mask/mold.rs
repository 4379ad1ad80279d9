//! The payload that was masked before, as a mold for the next.
//!
//! Payloads of one origin differ in some values only: where names, constants, order and blanks are the same, what stands between
//! two values is one comparison, and the values are masked as on the walk. Half of the walk was names.

use std::ops::Range;
use std::sync::Arc;

use super::plan::Leaf;

/// After so many payloads in a row that do not fit, no more are tried.
const PATIENCE: u8 = 16;

/// Values of a text, in order, and what may be shown of each.
pub(super) type Values = Vec<(Range<usize>, Arc<Leaf>)>;

/// The last payload that could be a mold. For one thread and records that come one after the other.
pub(super) struct Mold {
    /// The event whose payload it is.
    of: Option<usize>,
    text: String,
    values: Values,
    patience: u8,
}

impl Default for Mold {
    fn default() -> Self {
        Self { of: None, text: String::new(), values: Values::new(), patience: PATIENCE }
    }
}

impl Mold {
    pub(super) fn is_of(&self, event: usize) -> bool {
        self.of == Some(event)
    }

    /// Whether it is worth while to make one.
    pub(super) fn is_wanted(&self) -> bool {
        self.patience > 0
    }

    pub(super) fn has_fitted(&mut self) {
        self.patience = PATIENCE;
    }

    /// One more that does not fit; after the last there is no mold any more.
    pub(super) fn has_not_fitted(&mut self) {
        self.patience = self.patience.saturating_sub(1);
        self.of = self.of.filter(|_| self.patience > 0);
    }

    /// Made anew.
    pub(super) fn cast(&mut self, event: usize, text: &str, values: Values) {
        self.of = Some(event);
        text.clone_into(&mut self.text);
        self.values = values;
    }

    /// Each value's place: what comes before it, from the end of the one before, and what may be shown of it.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &Leaf)> {
        let mut from = 0;
        self.values.iter().map(move |(value, leaf)| {
            let before = &self.text[std::mem::replace(&mut from, value.end)..value.start];
            (before, &**leaf)
        })
    }

    /// What comes after the last value.
    pub(super) fn end(&self) -> &str {
        &self.text[self.values.last().map_or(0, |(value, _)| value.end)..]
    }
}
