//! Paths into a JSON text, followed without building a value.

use super::cursor::{Cursor, Span};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Into an object, by name.
    Name(Box<str>),
    /// Into an array, from 0.
    Index(usize),
}

/// A path from the root of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// From a JSON pointer (RFC 6901); `None` if it has a `*` (every item) in it.
    pub fn from_pointer(pointer: &str) -> Option<Self> {
        let steps = pointer.split('/').skip(1).map(|part| {
            if part == "*" {
                return None;
            }
            let index = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
            Some(match index {
                Some(index) => Step::Index(index),
                None => Step::Name(part.replace("~1", "/").replace("~0", "~").into()),
            })
        });
        steps.collect::<Option<Vec<_>>>().map(Self)
    }

    /// The text of the value at this path, quotes and all. `text` is valid JSON.
    pub fn find<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self.follow(text) {
            Followed::Found(text) => Some(text),
            Followed::Missing | Followed::Mismatch { .. } => None,
        }
    }

    /// Where this path leads, as jq has it: of members with one name the last counts (`JSON.parse` agrees), null and
    /// what is missing lead to null, and text, numbers and booleans have no members. `text` is valid JSON.
    pub fn follow<'a>(&self, text: &'a str) -> Followed<'a> {
        let mut text = text;
        for (at, step) in self.0.iter().enumerate() {
            let next = match (step, text.trim_start().as_bytes().first()) {
                (Step::Name(name), Some(b'{')) => member(text, name),
                (Step::Index(index), Some(b'[')) => item(text, *index),
                (Step::Index(_), Some(b'{')) | (_, Some(b'n')) => None,
                _ => return Followed::Mismatch { text, step: at },
            };
            match next {
                Some(inner) => text = inner,
                None => return Followed::Missing,
            }
        }
        Followed::Found(text)
    }

    /// What is at this path, if it is a string without escapes.
    pub fn find_plain<'a>(&self, text: &'a str) -> Option<&'a str> {
        let raw = self.find(text)?.strip_prefix('"')?.strip_suffix('"')?;
        (memchr::memchr(b'\\', raw.as_bytes()).is_none()).then_some(raw)
    }
}

/// Where a path led.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed<'a> {
    /// To this text.
    Found(&'a str),
    /// To nothing: jq's null.
    Missing,
    /// To a value that has no such parts.
    Mismatch {
        /// The value.
        text: &'a str,
        /// The index of the step that cannot be made.
        step: usize,
    },
}

fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut cursor = Cursor::new(text);
    if !cursor.take(b'{') {
        return None;
    }
    let mut found = None;
    let mut first = true;
    while let Some(span) = cursor.member(first).ok()? {
        first = false;
        let value = cursor.skip_value().ok()?;
        if is_named(&cursor, span, name) {
            found = Some(cursor.slice(value));
        }
    }
    found
}

fn is_named(cursor: &Cursor<'_>, span: Span, name: &str) -> bool {
    let raw = cursor.slice(span);
    if span.escaped { super::unescape(raw).as_bytes() == name.as_bytes() } else { raw == name }
}

fn item(text: &str, index: usize) -> Option<&str> {
    let mut cursor = Cursor::new(text);
    if !cursor.take(b'[') {
        return None;
    }
    let mut at = 0;
    while cursor.item(at == 0).ok()? {
        let value = cursor.skip_value().ok()?;
        if at == index {
            return Some(cursor.slice(value));
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_the_last_of_equal_names_and_reads_escaped_ones() {
        let text = r#"{"a":{"b":1},"x":[1,{"y":"z"}], "\u0061" : {"b" : "last"} }"#;
        let find = |pointer: &str| Path::from_pointer(pointer).unwrap().find(text);
        assert_eq!(find("/a/b"), Some("\"last\""));
        assert_eq!(find("/x/1/y"), Some("\"z\""));
        assert_eq!(find("/x/2"), None);
        assert_eq!(find("/a/b/c"), None);
        assert_eq!(find(""), Some(text));
        assert_eq!(Path::from_pointer("/a/b").unwrap().find_plain(text), Some("last"));
        assert_eq!(Path::from_pointer("/a/*/b"), None);
        assert_eq!(Path::from_pointer("/a~1b~0").unwrap(), Path(vec![Step::Name("a/b~".into())]));
    }
}
