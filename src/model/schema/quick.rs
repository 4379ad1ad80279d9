//! Whether a payload is clean, told from its bytes in one pass, where that is certain.
//!
//! Most payloads are right, and building their values to ask the validator costs several times as much. A schema with
//! a word that is not understood here has no quick pass, and a payload that is in any way unusual (an escape, a
//! duplicate or unknown field, a leap second) is left to the validator: it alone says that something is wrong.

use regex::Regex;
use serde_json::{Map, Value};

use crate::model::date_time;
use crate::model::json::{Cursor, Member, Names, Path, Place, Span, Step, is_plain};

/// Words that say nothing about which payloads are right.
const ANNOTATIONS: &[&str] = &["$schema", "$comment", "title", "description", "examples"];
/// So many fields of an object have a bit each.
const FIELDS: usize = 64;
/// No number this short is out of anybody's range.
const DIGITS: usize = 15;

/// A schema, as far as it is plain.
pub(super) struct Quick(Node);

enum Node {
    /// An object of these fields and no others.
    Object(Fields),
    Array(Box<Node>),
    /// A string of at least so many characters; whether it is the record's key.
    String(Form, usize, bool),
    Number,
}

struct Fields {
    names: Names,
    nodes: Vec<Node>,
    /// A bit for each that must be there.
    required: u64,
}

/// What a string looks like, beside its least length.
enum Form {
    Any,
    OneOf(Vec<Box<str>>),
    DateTime,
    Email,
    Pattern(Regex),
}

impl Quick {
    /// `None` for a schema that is not plain. `key` is where the record's key is.
    pub(super) fn new(schema: &Value, key: Option<&Path>) -> Option<Self> {
        compile(schema, key.map(|path| &path.0[..])).map(Self)
    }

    /// A payload that is surely clean. `None` says nothing.
    pub(super) fn clean<'a>(&self, payload: &'a [u8]) -> Option<Clean<'a>> {
        let mut cursor = Cursor::new(simdutf8::basic::from_utf8(payload).ok()?);
        let mut key = Key::default();
        self.0.pass(&mut cursor, &mut key)?;
        cursor.end().ok()?;
        Some(Clean { key: key.found.map(|span| cursor.slice(span)) })
    }

    /// The key of a payload that is known to be clean: what comes after it is not read.
    pub(super) fn key<'a>(&self, payload: &'a [u8]) -> Option<&'a str> {
        let mut cursor = Cursor::new(simdutf8::basic::from_utf8(payload).ok()?);
        let mut key = Key { found: None, is_all: true };
        // Ends with the key.
        let _ = self.0.pass(&mut cursor, &mut key);
        key.found.map(|span| cursor.slice(span))
    }
}

/// A payload that has no problem, not even a warning, and no member twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clean<'a> {
    /// The text of the string that is the record's key, if it is there.
    pub key: Option<&'a str>,
}

/// The record's key.
#[derive(Default)]
struct Key {
    found: Option<Span>,
    /// Nothing else is asked for.
    is_all: bool,
}

impl Node {
    /// `None` as soon as it is not certain.
    fn pass(&self, cursor: &mut Cursor<'_>, key: &mut Key) -> Option<()> {
        match self {
            Node::Object(fields) => fields.pass(cursor, key),
            Node::Array(items) => {
                let mut first = true;
                cursor.take(b'[').then_some(())?;
                while cursor.item(first).ok()? {
                    first = false;
                    items.pass(cursor, key)?;
                }
                Some(())
            }
            Node::String(form, least, is_key) => {
                if !is_key && *least == 0 && form.hurry(cursor) {
                    return Some(());
                }
                let span = cursor.string().ok()?;
                let text = cursor.slice(span);
                if *is_key {
                    key.found = Some(span);
                    if key.is_all {
                        return None;
                    }
                }
                let long = text.len() >= *least && (*least <= 1 || text.chars().count() >= *least);
                (!span.escaped && long && form.takes(text)).then_some(())
            }
            Node::Number => {
                cursor.peek();
                let from = cursor.at();
                cursor.scalar().ok()?;
                let text = &cursor.text()[from..cursor.at()];
                (text.len() <= DIGITS && text.bytes().all(|b| b.is_ascii_digit())).then_some(())
            }
        }
    }
}

impl Fields {
    fn pass(&self, cursor: &mut Cursor<'_>, key: &mut Key) -> Option<()> {
        let (mut place, mut seen) = (Place::default(), 0_u64);
        cursor.take(b'{').then_some(())?;
        while let Some(member) = self.names.next(cursor, &mut place).ok()? {
            let Member::Known(at) = member else { return None };
            if seen >> at & 1 == 1 {
                return None;
            }
            seen |= 1 << at;
            self.nodes[at].pass(cursor, key)?;
        }
        (seen & self.required == self.required).then_some(())
    }
}

impl Form {
    /// Passes what is told without looking for its end.
    fn hurry(&self, cursor: &mut Cursor<'_>) -> bool {
        match self {
            Form::DateTime => cursor.quoted(date_time::USUAL, date_time::is_plain),
            Form::OneOf(known) => cursor.quoted_one_of(known),
            Form::Any | Form::Email | Form::Pattern(_) => false,
        }
    }

    fn takes(&self, text: &str) -> bool {
        match self {
            Form::Any => true,
            Form::OneOf(known) => known.iter().any(|one| **one == *text),
            Form::DateTime => date_time::is_plain(text.as_bytes()),
            Form::Email => is_plain_email(text),
            Form::Pattern(pattern) => text.is_ascii() && pattern.is_match(text),
        }
    }
}

/// `key` is the rest of the way to the record's key, if it is in here.
fn compile(schema: &Value, key: Option<&[Step]>) -> Option<Node> {
    let schema = schema.as_object()?;
    let only =
        |words: &[&str]| schema.keys().all(|key| words.contains(&&**key) || ANNOTATIONS.contains(&&**key));
    match schema.get("type").map(Value::as_str) {
        Some(Some("object")) if only(&["type", "properties", "required"]) => {
            compile_object(schema, key).map(Node::Object)
        }
        // A key within an array is one of many.
        Some(Some("array")) if only(&["type", "items"]) && key.is_none() => {
            Some(Node::Array(Box::new(compile(schema.get("items")?, None)?)))
        }
        Some(Some("string")) if only(&["type", "const", "enum", "format", "pattern", "minLength"]) => {
            compile_string(schema, key)
        }
        Some(Some("integer" | "number")) if only(&["type"]) && key.is_none() => Some(Node::Number),
        None if ["const", "enum"].iter().any(|word| schema.contains_key(*word) && only(&[word])) => {
            compile_string(schema, key)
        }
        _ => None,
    }
}

fn compile_object(schema: &Map<String, Value>, key: Option<&[Step]>) -> Option<Fields> {
    let properties = schema.get("properties")?.as_object()?;
    if properties.is_empty() || properties.len() > FIELDS {
        return None;
    }
    let within = |name: &str| match key {
        Some([Step::Name(step), rest @ ..]) if **step == *name => Some(rest),
        _ => None,
    };
    if key.is_some() && !properties.keys().any(|name| within(name).is_some()) {
        // The key is no string of it.
        return None;
    }
    let node = |(name, schema): (&String, &Value)| compile(schema, within(name));
    let nodes: Vec<Node> = properties.iter().map(node).collect::<Option<_>>()?;
    let names = schema.get("required").map_or(Some(&[][..]), |names| names.as_array().map(Vec::as_slice))?;
    let bit = |name: &Value| Some(1_u64 << properties.keys().position(|key| Some(&**key) == name.as_str())?);
    let required = names.iter().map(bit).try_fold(0, |all, bit| Some(all | bit?))?;
    Some(Fields { names: Names::new(properties.keys().map(String::as_str)), nodes, required })
}

/// At most one word may say what a string looks like.
fn compile_string(schema: &Map<String, Value>, key: Option<&[Step]>) -> Option<Node> {
    let text = |value: &Value| value.as_str().filter(|text| is_plain(text)).map(Into::into);
    let mut forms = Vec::new();
    if let Some(one) = schema.get("const") {
        forms.push(Form::OneOf(vec![text(one)?]));
    }
    if let Some(many) = schema.get("enum") {
        forms.push(Form::OneOf(many.as_array()?.iter().map(text).collect::<Option<_>>()?));
    }
    if let Some(format) = schema.get("format") {
        forms.push(match format.as_str()? {
            "date-time" => Form::DateTime,
            "email" => Form::Email,
            _ => return None,
        });
    }
    if let Some(pattern) = schema.get("pattern") {
        forms.push(Form::Pattern(plain_pattern(pattern.as_str()?)?));
    }
    let least = schema.get("minLength").map_or(Some(0), Value::as_u64)?;
    let form = forms.pop().unwrap_or(Form::Any);
    let whole = forms.is_empty() && key.is_none_or(<[Step]>::is_empty);
    whole.then_some(Node::String(form, usize::try_from(least).ok()?, key.is_some()))
}

/// A pattern in words that mean the same to everybody, on ASCII at least.
fn plain_pattern(pattern: &str) -> Option<Regex> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "^$[].+*?-_".contains(c);
    let words = pattern.replace("\\.", "");
    let plain = words.chars().all(plain) && !words.contains("--") && !words.contains("[[");
    plain.then(|| Regex::new(pattern).ok()).flatten()
}

/// Words of letters and digits with single signs between them, on both sides of the one `@`.
fn is_plain_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let words = |text: &str, between: &[char]| {
        text.split(between).all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    local.len() <= 64
        && domain.len() <= 63
        && words(local, &['.', '-', '_', '+'])
        && words(domain, &['.', '-'])
}
