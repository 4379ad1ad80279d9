//! The records of `tail`: a readable line, all of it, NDJSON, or the values' bytes.

#[cfg(test)]
mod golden;
mod pretty;
mod readable;
mod time;

use std::sync::Arc;

use super::escape;
use crate::model::catalogue::Catalogue;
use crate::model::line;
use crate::model::record::Record;
use crate::model::shown::{Revealed, Shown};

pub use readable::Readable;
pub use time::write_time;

/// How records are shown to people.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four switches of the command line, in any combination")]
pub struct Style {
    /// ANSI colours.
    pub colour: bool,
    /// A terminal reads it: control characters are escaped.
    pub terminal: bool,
    /// Headers and the whole value follow the line.
    pub verbose: bool,
    /// Headers, and no value.
    pub headers_only: bool,
}

/// Writes records in one format. It takes records as they may be shown and nothing else.
#[derive(Clone)]
pub enum Renderer {
    /// For people.
    Readable(Readable),
    /// For programs, and for `publish -`.
    Ndjson(Style),
}

impl Renderer {
    /// For people.
    pub fn readable(catalogue: &Arc<Catalogue>, style: Style) -> Self {
        Self::Readable(Readable::new(catalogue, style))
    }

    /// For programs; of the style, `terminal` and `headers_only` count.
    pub fn ndjson(style: Style) -> Self {
        Self::Ndjson(style)
    }

    /// Appends a record, with a line break behind it.
    pub fn write(&mut self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        match self {
            Renderer::Readable(readable) => readable.write(out, shown),
            Renderer::Ndjson(style) => ndjson(out, shown, *style),
        }
    }
}

fn ndjson(out: &mut Vec<u8>, shown: &Shown<'_>, style: Style) {
    let start = out.len();
    if style.headers_only {
        line::write_without_value(out, shown);
    } else {
        line::write(out, shown);
    }
    if style.terminal {
        // Outside of its strings a line has no control characters, so all may be escaped as JSON does.
        if let Some(escaped) = std::str::from_utf8(&out[start..]).ok().and_then(escape::in_json) {
            out.truncate(start);
            out.extend_from_slice(escaped.as_bytes());
        }
    }
}

/// Appends a value's bytes and a line break; a tombstone is an empty line. Only with `--reveal`.
pub fn raw(out: &mut Vec<u8>, record: &Record<'_>, _: Revealed) {
    out.extend_from_slice(record.value.as_deref().unwrap_or_default());
    out.push(b'\n');
}
