//! A text as a mold for the next.
//!
//! Payloads of one origin differ in some values only: where names, constants, order and blanks are the same, what stands between
//! two values is one comparison, and only the values are looked at.

use std::ops::Range;

/// After so many texts in a row that do not fit, no more are tried.
const PATIENCE: u8 = 16;

/// Values of a text, in order, by their bytes, and what is to be known of each.
pub type Values<V> = Vec<(Range<usize>, V)>;

/// The last text that could be a mold. For one thread and texts that come one after the other.
#[derive(Debug)]
pub struct Mold<V> {
    /// Whose text it is, by a number that tells them apart.
    of: Option<usize>,
    text: String,
    values: Values<V>,
    patience: u8,
}

/// One value of a mold.
#[derive(Debug)]
pub struct Piece<'m, V> {
    /// What comes before it, from the end of the one before.
    pub before: &'m str,
    /// The value itself.
    pub text: &'m str,
    /// What is known of it.
    pub kind: &'m V,
}

impl<V> Default for Mold<V> {
    fn default() -> Self {
        Self { of: None, text: String::new(), values: Values::new(), patience: PATIENCE }
    }
}

impl<V> Mold<V> {
    /// Whether it is one for the texts of `of`.
    pub fn is_of(&self, of: usize) -> bool {
        self.of == Some(of)
    }

    /// Whether it is worth while to make one.
    pub fn is_wanted(&self) -> bool {
        self.patience > 0
    }

    /// A text was the same but for its values.
    pub fn fitted(&mut self) {
        self.patience = PATIENCE;
    }

    /// One more was not; after the last there is no mold any more.
    pub fn missed(&mut self) {
        self.patience = self.patience.saturating_sub(1);
        self.of = self.of.filter(|_| self.patience > 0);
    }

    /// Made anew.
    pub fn cast(&mut self, of: usize, text: &str, values: Values<V>) {
        self.of = Some(of);
        text.clone_into(&mut self.text);
        self.values = values;
    }

    /// Its values, in order.
    pub fn values(&self) -> impl Iterator<Item = Piece<'_, V>> {
        let mut from = 0;
        self.values.iter().map(move |(value, kind)| {
            let before = &self.text[std::mem::replace(&mut from, value.end)..value.start];
            Piece { before, text: &self.text[value.clone()], kind }
        })
    }

    /// What comes after the last value.
    pub fn end(&self) -> &str {
        &self.text[self.values.last().map_or(0, |(value, _)| value.end)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mold_is_its_text_in_pieces() {
        let mut mold = Mold::default();
        assert!(!mold.is_of(3));
        mold.cast(3, "{\"a\":1,\"b\":22}", vec![(5..6, 'x'), (11..13, 'y')]);
        assert!(mold.is_of(3) && !mold.is_of(4));
        let pieces: Vec<_> = mold.values().map(|at| (at.before, at.text, *at.kind)).collect();
        assert_eq!(pieces, [("{\"a\":", "1", 'x'), (",\"b\":", "22", 'y')]);
        assert_eq!(mold.end(), "}");
    }

    #[test]
    fn what_never_fits_is_not_tried_for_ever() {
        let mut mold = Mold::default();
        mold.cast(0, "1", vec![(0..1, ())]);
        for _ in 1..PATIENCE {
            mold.missed();
        }
        assert!(mold.is_wanted() && mold.is_of(0));
        mold.fitted();
        for _ in 0..PATIENCE {
            mold.missed();
        }
        assert!(!mold.is_wanted() && !mold.is_of(0));
    }
}
