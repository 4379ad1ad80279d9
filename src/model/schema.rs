//! Checks of payloads against their contract.

use crate::error::Error;
use crate::model::catalogue::Event;

/// One thing wrong with a payload. Its text never holds a value of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON pointer into the payload, `""` for the whole.
    pub pointer: String,
    /// What: `"email" is required`, `is not a date-time`.
    pub message: String,
    /// A warning only (an unknown field).
    pub warning: bool,
}

/// A compiled JSON Schema, formats (date-time, email) enforced.
pub struct Checker {}

impl Checker {
    /// Compiles the event's schema.
    pub fn new(_event: &Event) -> Result<Self, Error> {
        todo!()
    }
    /// Every problem of a payload's bytes: not UTF-8, not JSON (with line and column), broken schema, unknown fields.
    pub fn check(&self, _value: Option<&[u8]>) -> Vec<Problem> {
        todo!()
    }
    /// Whether the payload has no problem but warnings; the fast path.
    pub fn is_valid(&self, _value: Option<&[u8]>) -> bool {
        todo!()
    }
}
