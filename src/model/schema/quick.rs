//! Whether a payload is clean, told from its bytes in one pass, where that is certain.
//!
//! Most payloads are right, and building their values to ask the validator costs several times as much. A schema with
//! a word that is not understood here has no quick pass, and a payload that is in any way unusual (an escape, a
//! duplicate or unknown field, a leap second) is left to the validator: it alone says that something is wrong.

use regex::Regex;
use serde_json::{Map, Value};

use crate::model::json::Cursor;

/// Words that say nothing about which payloads are right.
const ANNOTATIONS: &[&str] = &["$schema", "$comment", "title", "description", "examples"];
/// So many fields of an object have a bit each.
const FIELDS: usize = 64;
/// No number this short is out of anybody's range.
const DIGITS: usize = 15;

/// A schema, as far as it is plain.
pub(super) struct Quick(Node);

enum Node {
    /// An object of these fields and no others; a bit for each that must be there.
    Object(Vec<(Box<str>, Node)>, u64),
    Array(Box<Node>),
    String(Form, usize),
    Number,
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
    /// `None` for a schema that is not plain.
    pub(super) fn new(schema: &Value) -> Option<Self> {
        compile(schema).map(Self)
    }

    /// Whether the payload is surely clean. `false` says nothing.
    pub(super) fn is_clean(&self, payload: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(payload) else { return false };
        let mut cursor = Cursor::new(text);
        self.0.pass(&mut cursor).is_some() && cursor.end().is_ok()
    }
}

impl Node {
    /// `None` as soon as it is not certain.
    fn pass(&self, cursor: &mut Cursor<'_>) -> Option<()> {
        match self {
            Node::Object(fields, required) => object(fields, *required, cursor),
            Node::Array(items) => {
                let mut first = true;
                cursor.take(b'[').then_some(())?;
                while cursor.item(first).ok()? {
                    first = false;
                    items.pass(cursor)?;
                }
                Some(())
            }
            Node::String(form, least) => {
                let span = cursor.string().ok()?;
                let text = cursor.slice(span);
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

fn object(fields: &[(Box<str>, Node)], required: u64, cursor: &mut Cursor<'_>) -> Option<()> {
    // Fields mostly come in the schema's order, so the search starts after the last one found.
    let (mut likely, mut seen, mut first) = (0, 0_u64, true);
    cursor.take(b'{').then_some(())?;
    while let Some(name) = cursor.member(first).ok()? {
        first = false;
        let raw = cursor.slice(name);
        let found = (likely..fields.len()).chain(0..likely).find(|&i| *fields[i].0 == *raw)?;
        if name.escaped || seen >> found & 1 == 1 {
            return None;
        }
        seen |= 1 << found;
        likely = found + 1;
        fields[found].1.pass(cursor)?;
    }
    (seen & required == required).then_some(())
}

impl Form {
    fn takes(&self, text: &str) -> bool {
        match self {
            Form::Any => true,
            Form::OneOf(known) => known.iter().any(|one| **one == *text),
            Form::DateTime => is_plain_date_time(text.as_bytes()),
            Form::Email => is_plain_email(text),
            Form::Pattern(pattern) => text.is_ascii() && pattern.is_match(text),
        }
    }
}

fn compile(schema: &Value) -> Option<Node> {
    let schema = schema.as_object()?;
    let only =
        |words: &[&str]| schema.keys().all(|key| words.contains(&&**key) || ANNOTATIONS.contains(&&**key));
    match schema.get("type").map(Value::as_str) {
        Some(Some("object")) if only(&["type", "properties", "required"]) => compile_object(schema),
        Some(Some("array")) if only(&["type", "items"]) => {
            Some(Node::Array(Box::new(compile(schema.get("items")?)?)))
        }
        Some(Some("string")) if only(&["type", "const", "enum", "format", "pattern", "minLength"]) => {
            compile_string(schema)
        }
        Some(Some("integer" | "number")) if only(&["type"]) => Some(Node::Number),
        None if ["const", "enum"].iter().any(|word| schema.contains_key(*word) && only(&[word])) => {
            compile_string(schema)
        }
        _ => None,
    }
}

fn compile_object(schema: &Map<String, Value>) -> Option<Node> {
    let properties = schema.get("properties")?.as_object()?;
    if properties.is_empty() || properties.len() > FIELDS {
        return None;
    }
    let field = |(name, schema): (&String, &Value)| Some((name.as_str().into(), compile(schema)?));
    let fields: Vec<(Box<str>, Node)> = properties.iter().map(field).collect::<Option<_>>()?;
    let names = schema.get("required").map_or(Some(&[][..]), |names| names.as_array().map(Vec::as_slice))?;
    let bit = |name: &Value| Some(1_u64 << properties.keys().position(|key| Some(&**key) == name.as_str())?);
    let required = names.iter().map(bit).try_fold(0, |all, bit| Some(all | bit?))?;
    Some(Node::Object(fields, required))
}

/// At most one word may say what a string looks like.
fn compile_string(schema: &Map<String, Value>) -> Option<Node> {
    let text = |value: &Value| value.as_str().map(Into::into);
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
    forms.is_empty().then_some(Node::String(form, usize::try_from(least).ok()?))
}

/// A pattern in words that mean the same to everybody, on ASCII at least.
fn plain_pattern(pattern: &str) -> Option<Regex> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "^$[].+*?-_".contains(c);
    let words = pattern.replace("\\.", "");
    let plain = words.chars().all(plain) && !words.contains("--") && !words.contains("[[");
    plain.then(|| Regex::new(pattern).ok()).flatten()
}

/// RFC 3339 in UTC as everybody writes it; other forms may be right as well.
fn is_plain_date_time(text: &[u8]) -> bool {
    let number = |at: usize| match text[at..at + 2] {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => (a - b'0') * 10 + (b - b'0'),
        _ => u8::MAX,
    };
    let [.., b'Z'] = text else { return false };
    if text.len() < 20 || [text[4], text[7], text[10], text[13], text[16]] != *b"--T::" {
        return false;
    }
    let fraction = &text[19..text.len() - 1];
    let digits = match fraction {
        [] => true,
        [b'.', digits @ ..] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    // 29 February is left to the validator.
    let days = match number(5) {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    let date = number(0) < 100 && number(2) < 100 && (1..=days).contains(&number(8));
    digits && date && number(11) < 24 && number(14) < 60 && number(17) < 60
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
