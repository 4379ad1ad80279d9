//! One line per record: time, event, key, the facts that matter, where it is.

use std::io::Write as _;
use std::sync::Arc;

use super::pretty::{self, Layout};
use super::{Style, write_time};
use crate::model::catalogue::{Catalogue, Event};
use crate::model::headers;
use crate::model::json::{Path, Picker, Unescaped, unescape};
use crate::model::shown::{Content, Shown};
use crate::output::escape::for_terminal;

/// Longer texts are cut in the one-line view; `-v` shows them whole.
const CUT: usize = 120;

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const EVENT: &str = "\x1b[36m";
const PROBLEM: &str = "\x1b[31m";

/// What of an event a line shows.
struct Facts {
    names: Vec<String>,
    /// Two places a fact: itself, and the list whose first item it is of (else itself again).
    picker: Picker,
}

/// Writes records for people.
#[derive(Clone)]
pub struct Readable {
    catalogue: Arc<Catalogue>,
    style: Style,
    /// Per event.
    facts: Arc<[Facts]>,
}

impl Readable {
    /// The catalogue says which facts of an event matter.
    pub fn new(catalogue: &Arc<Catalogue>, style: Style) -> Self {
        let facts = catalogue.events.iter().map(facts_of).collect();
        Self { catalogue: Arc::clone(catalogue), style, facts }
    }

    /// Appends a record: its line, and with `verbose` all of it.
    pub fn write(&mut self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        self.line(out, shown);
        if self.style.verbose || self.style.headers_only {
            self.headers(out, shown);
        }
        if self.style.verbose && !self.style.headers_only {
            self.whole_value(out, shown);
        }
    }

    fn line(&self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        match shown.timestamp {
            Some(timestamp) => write_time(out, timestamp.millis),
            None => out.extend_from_slice(b"-"),
        }
        out.extend_from_slice(b"  ");
        self.event(out, shown);
        out.extend_from_slice(b"  ");
        self.paint(out, BOLD, |out| self.key(out, &shown.key));
        if !self.style.headers_only {
            self.value(out, shown);
        }
        for problem in &shown.problems {
            out.extend_from_slice(b"  ");
            self.paint(out, PROBLEM, |out| {
                out.extend_from_slice(b"! ");
                self.text(out, problem);
            });
        }
        out.extend_from_slice(b"  ");
        self.paint(out, DIM, |out| self.place(out, shown));
        out.push(b'\n');
    }

    /// The catalogue's name; a dead letter says so, other topics stand for themselves.
    fn event(&self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        self.paint(out, EVENT, |out| match self.event_of(shown) {
            Some(event) if event.topic == shown.topic => out.extend_from_slice(event.name.as_bytes()),
            Some(event) => {
                out.extend_from_slice(event.name.as_bytes());
                out.extend_from_slice(b" (dead letter)");
            }
            None => self.text(out, &shown.topic),
        });
    }

    fn event_of(&self, shown: &Shown<'_>) -> Option<&Event> {
        self.catalogue.events.get(shown.event?)
    }

    fn key(&self, out: &mut Vec<u8>, key: &Content<'_>) {
        match key {
            Content::Null => out.extend_from_slice(b"-"),
            Content::Json(text) | Content::Text(text) if text.is_empty() => out.extend_from_slice(b"(empty)"),
            Content::Json(text) => self.text(out, cut(text)),
            Content::Text(text) => self.word(out, text),
            Content::Binary(bytes) => binary(out, bytes),
        }
    }

    fn value(&self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        let facts = shown.event.and_then(|event| self.facts.get(event));
        match (&shown.value, facts) {
            (Content::Json(json), Some(facts)) if !facts.names.is_empty() => {
                let mut found = Vec::with_capacity(2 * facts.names.len());
                facts.picker.pick(json, &mut found);
                for (name, found) in facts.names.iter().zip(found.chunks_exact(2)) {
                    self.fact(out, name, found[0], found[1]);
                }
            }
            (Content::Null, _) => out.extend_from_slice(b"  (tombstone)"),
            (Content::Text(text), _) if text.is_empty() => out.extend_from_slice(b"  (empty)"),
            (Content::Json(text) | Content::Text(text), _) => {
                out.extend_from_slice(b"  ");
                self.text(out, cut(text));
                if cut(text).len() < text.len() {
                    out.extend_from_slice("…".as_bytes());
                }
            }
            (Content::Binary(bytes), _) => {
                out.extend_from_slice(b"  ");
                binary(out, bytes);
            }
        }
    }

    /// `name=value`; of a list the first, and how many more.
    fn fact(&self, out: &mut Vec<u8>, name: &str, value: Option<&str>, list: Option<&str>) {
        let Some(json) = value else { return };
        out.extend_from_slice(b"  ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        let text = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(unescape);
        match text {
            Some(Unescaped::Text(text)) => self.word(out, &text),
            _ => self.text(out, cut(json)),
        }
        if list != value {
            let more = list.map_or(0, items).saturating_sub(1);
            if more > 0 {
                out.extend_from_slice(format!(" (+{more})").as_bytes());
            }
        }
    }

    fn headers(&self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        for (name, value) in &shown.headers {
            out.extend_from_slice(b"    ");
            self.paint(out, DIM, |out| {
                self.text(out, name);
                out.push(b':');
            });
            out.push(b' ');
            self.header_value(out, name, value);
            out.push(b'\n');
        }
    }

    fn header_value(&self, out: &mut Vec<u8>, name: &str, value: &Content<'_>) {
        match value {
            Content::Null => out.extend_from_slice(b"(null)"),
            Content::Text(text) if text.is_empty() => out.extend_from_slice(b"(empty)"),
            Content::Json(text) | Content::Text(text) => self.text(out, text),
            Content::Binary(bytes) => match headers::class(name).and_then(|class| class.number_in(bytes)) {
                Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
                None => binary(out, bytes),
            },
        }
    }

    fn whole_value(&self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        out.extend_from_slice(b"    ");
        match &shown.value {
            Content::Json(json) => {
                let layout = Layout { colour: self.style.colour, terminal: self.style.terminal, indent: 4 };
                pretty::write(out, json, layout);
            }
            Content::Null => out.extend_from_slice(b"(tombstone)"),
            Content::Text(text) if text.is_empty() => out.extend_from_slice(b"(empty)"),
            Content::Text(text) => self.text(out, text),
            Content::Binary(bytes) => hex(out, bytes),
        }
        out.push(b'\n');
    }

    fn place(&self, out: &mut Vec<u8>, shown: &Shown<'_>) {
        out.push(b'[');
        self.text(out, &shown.topic);
        out.push(b'/');
        or_dash(out, shown.partition.map(i64::from));
        out.push(b'@');
        or_dash(out, shown.offset);
        out.push(b']');
    }

    fn paint(&self, out: &mut Vec<u8>, colour: &str, write: impl FnOnce(&mut Vec<u8>)) {
        if !self.style.colour {
            return write(out);
        }
        out.extend_from_slice(colour.as_bytes());
        write(out);
        out.extend_from_slice(b"\x1b[0m");
    }

    /// Text that may have blanks in it stands between quotes.
    fn word(&self, out: &mut Vec<u8>, text: &str) {
        if text.is_empty() || has_blanks_or_quotes(text) {
            out.push(b'"');
            self.text(out, &cut(text).replace('"', "\\\""));
            out.push(b'"');
        } else {
            self.text(out, cut(text));
        }
    }

    /// Text on one line: its line breaks are escaped, and on a terminal all that could drive it.
    fn text(&self, out: &mut Vec<u8>, text: &str) {
        let mut rest = text;
        while let Some(at) = memchr::memchr3(b'\n', b'\r', b'\t', rest.as_bytes()) {
            self.plain(out, &rest[..at]);
            out.extend_from_slice(match rest.as_bytes()[at] {
                b'\n' => b"\\n",
                b'\r' => b"\\r",
                _ => b"\\t",
            });
            rest = &rest[at + 1..];
        }
        self.plain(out, rest);
    }

    fn plain(&self, out: &mut Vec<u8>, text: &str) {
        if self.style.terminal {
            out.extend_from_slice(for_terminal(text).as_bytes());
        } else {
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn facts_of(event: &Event) -> Facts {
    let mut names = Vec::new();
    let mut paths = Vec::new();
    for pointer in &event.facts {
        let name = pointer.rsplit('/').find(|part| *part != "*").unwrap_or_default();
        let value = Path::from_pointer(&pointer.replace("/*", "/0"));
        let list = pointer.split_once("/*").map_or(pointer.as_str(), |(list, _)| list);
        if let (Some(value), Some(list)) = (value, Path::from_pointer(list)) {
            names.push(name.replace("~1", "/").replace("~0", "~"));
            paths.extend([value, list]);
        }
    }
    Facts { names, picker: Picker::new(&paths) }
}

/// The start of a long text.
fn cut(text: &str) -> &str {
    if text.len() <= CUT {
        return text;
    }
    text.char_indices().nth(CUT).map_or(text, |(at, _)| &text[..at])
}

fn has_blanks_or_quotes(text: &str) -> bool {
    if text.is_ascii() {
        return text.bytes().any(|byte| matches!(byte, b'\t'..=b'\r' | b' ' | b'"'));
    }
    text.contains(|c: char| c.is_whitespace() || c == '"')
}

fn or_dash(out: &mut Vec<u8>, number: Option<i64>) {
    match number {
        Some(number) => drop(write!(out, "{number}")),
        None => out.push(b'-'),
    }
}

fn binary(out: &mut Vec<u8>, bytes: &[u8]) {
    let plural = if bytes.len() == 1 { "" } else { "s" };
    out.extend_from_slice(format!("(binary, {} byte{plural})", bytes.len()).as_bytes());
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(if at % 32 == 0 { b"\n    " } else { b" " });
        }
        out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// How many items an array's text has.
fn items(json: &str) -> usize {
    let mut cursor = crate::model::json::Cursor::new(json);
    let mut count = 0;
    if cursor.take(b'[') {
        while cursor.item(count == 0) == Ok(true) && cursor.skip_value().is_ok() {
            count += 1;
        }
    }
    count
}
