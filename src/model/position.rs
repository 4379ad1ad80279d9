//! Where to start and stop reading: `start`, `end`, an offset, `-N`, a time, or relative (`-1h`).

use std::str::FromStr;

use crate::error::Error;

/// A position in a partition. `Display` prints what `FromStr` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The first record there is.
    Start,
    /// After the last record there is.
    End,
    /// An absolute offset.
    Offset(i64),
    /// `-N`: N offsets before the end.
    Last(i64),
    /// The first record at or after this time.
    Time(jiff::Timestamp),
    /// `-1h`: this long before now, in milliseconds.
    Ago(i64),
}

impl FromStr for Position {
    type Err = Error;
    fn from_str(_text: &str) -> Result<Self, Error> {
        todo!()
    }
}
