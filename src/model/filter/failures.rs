//! On how many records or rows a filter failed, and why on the first.

use super::lower::Failure;

/// What a filter could not judge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    count: u64,
    first: Option<String>,
}

impl Failures {
    /// One more; `filter` is the filter's text, whose words may be repeated.
    pub(super) fn note(&mut self, failure: &Failure, filter: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| failure.describe(filter));
    }

    /// Adds those that came after these.
    pub fn join(&mut self, later: Self) {
        self.count += later.count;
        self.first = self.first.take().or(later.first);
    }

    /// How many, and the first, without content of records; `None` if there are none.
    pub fn told(&self) -> Option<(u64, &str)> {
        Some((self.count, self.first.as_deref()?))
    }
}
