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
        if let Some(found) = self.hurry(text) {
            return Followed::Found(found);
        }
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

    /// The text of the first value at this path: what comes after it is not read.
    fn find_first<'a>(&self, text: &'a str) -> Option<&'a str> {
        let mut cursor = Cursor::new(text);
        for step in &self.0 {
            match step {
                Step::Name(name) => enter_member(&mut cursor, name)?,
                Step::Index(index) => enter_item(&mut cursor, *index)?,
            }
        }
        let found = cursor.skip_value().ok()?;
        Some(cursor.slice(found))
    }

    /// Where it leads if that is sure from the first members of these names: none of the names stands in quotes after
    /// what is found, and there is no escape that could spell it: then the rest need not be read as JSON.
    fn hurry<'a>(&self, text: &'a str) -> Option<&'a str> {
        let found = self.find_first(text)?;
        let end = found.as_ptr().addr() - text.as_ptr().addr() + found.len();
        let rest = &text.as_bytes()[end..];
        let again = |step: &Step| match step {
            Step::Name(name) => is_quoted_in(rest, name.as_bytes()),
            Step::Index(_) => false,
        };
        let sure = memchr::memchr(b'\\', rest).is_none() && !self.0.iter().any(again);
        sure.then_some(found)
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

/// To the value of the first member of this name.
fn enter_member(cursor: &mut Cursor<'_>, name: &str) -> Option<()> {
    let mut first = true;
    cursor.take(b'{').then_some(())?;
    while let Some(span) = cursor.member(first).ok()? {
        first = false;
        if is_named(cursor, span, name) {
            return Some(());
        }
        cursor.skip_value().ok()?;
    }
    None
}

/// To an item.
fn enter_item(cursor: &mut Cursor<'_>, index: usize) -> Option<()> {
    cursor.take(b'[').then_some(())?;
    for at in 0..=index {
        cursor.item(at == 0).ok()?.then_some(())?;
        if at < index {
            cursor.skip_value().ok()?;
        }
    }
    Some(())
}

fn is_quoted_in(bytes: &[u8], name: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, name).any(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        (before, bytes.get(at + name.len())) == (Some(&b'"'), Some(&b'"'))
    })
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
    enter_item(&mut cursor, index)?;
    let value = cursor.skip_value().ok()?;
    Some(cursor.slice(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON texts of few names, so that they come again, in the same object and elsewhere, plain and escaped.
    fn texts() -> impl Strategy<Value = String> {
        let leaf = prop_oneof!["1", "\"a\"", "\"b\\\\u0061\"", "null", "\"\"", "\"aba\""];
        leaf.prop_recursive(3, 24, 5, |inner| {
            let name = prop_oneof!["a", "b", "", "\\\\u0061", "ab"];
            let member = (name, inner.clone()).prop_map(|(name, value)| format!("\"{name}\" : {value}"));
            prop_oneof![
                proptest::collection::vec(member, 0..5).prop_map(|all| format!("{{{}}}", all.join(", "))),
                proptest::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(","))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn a_path_that_is_followed_in_a_hurry_leads_to_the_last_of_equal_names(
            text in texts(),
            pointer in "(/(a|b|ab|0|1)?){1,3}",
        ) {
            let path = Path::from_pointer(&pointer).unwrap();
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
            if let Some(found) = path.hurry(&text) {
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                let expected = value.pointer(&pointer).cloned();
                prop_assert_eq!(serde_json::from_str(found).ok(), expected, "{} {}", text, pointer);
            }
        }
    }

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
