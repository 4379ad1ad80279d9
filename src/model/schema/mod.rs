//! Checks of payloads against their contract.
//!
//! No problem ever holds a value of the payload, nor the name of a field that the schema does not know: both are
//! data of somebody's. A null value (a tombstone) deletes its key and has no payload to check, so it is no problem.

pub mod fields;
mod mold;
mod names;
mod quick;
mod shape;
mod wording;

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::Value;

pub use self::mold::Mold;
use self::names::Names;
pub use self::quick::Clean;
use self::quick::Quick;
pub use shape::subschema;

use crate::error::Error;
use crate::model::catalogue::{Catalogue, Event};
use crate::model::json::Path;

/// One thing wrong with a payload. Its text never holds a value of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON pointer into the payload, `""` for the whole. Names the schema does not know are `*`.
    pub pointer: String,
    /// What: `"email" is required`, `is not a date-time`.
    pub message: String,
    /// A warning only (an unknown field).
    pub warning: bool,
    /// The name of an unknown field of the object at `pointer`. It is data: the caller decides whether it may be shown.
    pub unknown: Option<String>,
}

/// A compiled JSON Schema, formats (date-time, email) enforced.
pub struct Checker {
    validator: Validator,
    names: Names,
    quick: Option<Quick>,
}

impl Checker {
    /// Compiles the event's schema; an input error if it is none.
    pub fn new(event: &Event) -> Result<Self, Error> {
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&event.schema)
            .map_err(|error| {
                let place = error.instance_path().to_string();
                let at = if place.is_empty() { String::new() } else { format!(" at `{place}`") };
                Error::input(format!("the schema of `{}` is not a JSON Schema{at}", event.name))
                    .caused_by(error.to_string())
            })?;
        Ok(Self {
            validator,
            names: Names::new(&event.schema),
            quick: Quick::new(&event.schema, Path::from_pointer(&event.key).as_ref()),
        })
    }

    /// Every problem of a payload's bytes: not UTF-8, not JSON (with line and column), broken schema, unknown fields.
    pub fn check(&self, value: Option<&[u8]>) -> Vec<Problem> {
        match value {
            Some(bytes) if !self.is_plain(bytes) => self.slowly(bytes),
            _ => Vec::new(),
        }
    }

    fn slowly(&self, bytes: &[u8]) -> Vec<Problem> {
        match parse(bytes) {
            Ok(json) => self.check_json(&json),
            Err(problem) => vec![problem],
        }
    }

    /// The quick pass, which finds most payloads clean. `None` says nothing.
    pub fn glance<'a>(&self, bytes: &'a [u8]) -> Option<Clean<'a>> {
        self.quick.as_ref()?.clean(bytes)
    }

    /// The same of payloads that come one after the other, and are mostly like the one before.
    pub fn glance_at_next<'q, 'a>(&'q self, bytes: &'a [u8], mold: &mut Mold<'q>) -> Option<Clean<'a>> {
        mold.clean(self.quick.as_ref()?, bytes)
    }

    /// The same key of a payload of which [`Checker::glance`] has found that [it is the first](Clean::is_first).
    pub fn key<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        self.quick.as_ref()?.first_key(bytes)
    }

    fn is_plain(&self, bytes: &[u8]) -> bool {
        self.glance(bytes).is_some()
    }

    /// Every problem of a parsed payload.
    pub fn check_json(&self, json: &Value) -> Vec<Problem> {
        let problem = |error: jsonschema::ValidationError<'_>| Problem {
            pointer: self.names.pointer(json, error.instance_path()),
            message: wording::message(&error),
            warning: false,
            unknown: None,
        };
        // Most payloads are right, and saying so costs a third of looking for errors.
        let mut problems: Vec<Problem> = if self.validator.is_valid(json) {
            Vec::new()
        } else {
            self.validator.iter_errors(json).map(problem).collect()
        };
        self.names.unknown(json, &mut |pointer, name| {
            problems.push(Problem {
                pointer: pointer.to_owned(),
                message: "has a field that the schema does not know".to_owned(),
                warning: true,
                unknown: Some(name.to_owned()),
            });
        });
        problems
    }

    /// Whether the payload has no problem but warnings; the fast path.
    pub fn is_valid(&self, value: Option<&[u8]>) -> bool {
        let Some(bytes) = value else { return true };
        self.is_plain(bytes) || serde_json::from_slice(bytes).is_ok_and(|json| self.validator.is_valid(&json))
    }

    /// Whether [`Checker::check`] has nothing to say, not even a warning; as fast as [`Checker::is_valid`].
    pub fn is_clean(&self, value: Option<&[u8]>) -> bool {
        let Some(bytes) = value else { return true };
        if self.is_plain(bytes) {
            return true;
        }
        let Ok(json) = serde_json::from_slice(bytes) else { return false };
        let mut unknown = false;
        self.names.unknown(&json, &mut |_, _| unknown = true);
        !unknown && self.validator.is_valid(&json)
    }
}

/// The checkers of a whole catalogue, by event; what publish, `tail --validate` and `fixtures check` share.
pub struct Checkers(BTreeMap<String, Checker>);

impl Checkers {
    /// Compiles every event's schema.
    pub fn new(catalogue: &Catalogue) -> Result<Self, Error> {
        let compile = |event: &Event| Ok((event.name.clone(), Checker::new(event)?));
        catalogue.events.iter().map(compile).collect::<Result<_, Error>>().map(Self)
    }

    /// The checker of an event.
    pub fn of(&self, event: &str) -> Option<&Checker> {
        self.0.get(event)
    }
}

fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let whole = |message: String| Problem { pointer: String::new(), message, warning: false, unknown: None };
    if bytes.is_empty() {
        return Err(whole("is empty, which is not a null value".to_owned()));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(whole(format!("is not UTF-8 at byte {}", error.valid_up_to())));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        // serde_json's syntax errors name what was expected, never what was there.
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        whole(format!("is not JSON: {what} (line {line}, column {column})"))
    })
}

#[cfg(test)]
mod tests;
