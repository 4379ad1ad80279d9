//! JSON text, read in place: one pass over borrowed text, no tree, nothing changed.
//!
//! `serde_json` builds values or skips them; masking and paths need the *places* of names and values, so that what is
//! shown can be copied verbatim (duplicate names, `1e400`, long integers, lone surrogates). A property test holds
//! that this reader takes exactly the texts that `serde_json`'s ignoring parser takes.

mod cursor;
mod escape;
mod mold;
mod names;
mod path;
mod pick;

pub(crate) use cursor::plain_run;
pub use cursor::{Cursor, JsonError, Span, is_plain};
pub use escape::{Unescaped, escape, unescape};
pub use mold::{Mold, Values};
pub use names::{Constants, Member, Names, Place};
pub use path::{Followed, Path, Step};
pub use pick::Picker;

/// Checks that `text` is one JSON value, with nothing but blanks around it.
pub fn check(text: &str) -> Result<(), JsonError> {
    let mut cursor = Cursor::new(text);
    cursor.skip_value()?;
    cursor.end()
}
