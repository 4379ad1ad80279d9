//! Whether a payload is clean, told from its bytes in one pass, where that is certain.
//!
//! Most payloads are right, and building their values to ask the validator costs several times as much. A schema with
//! a word that is not understood here has no quick pass, and a payload that is in any way unusual (an escape, a
//! duplicate or unknown field, a leap second) is left to the validator: it alone says that something is wrong.

use std::ops::Range;

use memchr::memmem::Finder;
use serde_json::{Map, Value};

use crate::model::date_time;
use crate::model::json::{Constants, Cursor, Member, Names, Path, Place, Span, Step};
use crate::model::pattern::Pattern;

/// Words that say nothing about which payloads are right.
const ANNOTATIONS: &[&str] = &["$schema", "$comment", "title", "description", "examples"];
/// So many fields of an object have a bit each.
const FIELDS: usize = 64;
/// No number this short is out of anybody's range.
const DIGITS: usize = 15;

/// A schema, as far as it is plain.
pub(super) struct Quick {
    node: Node,
    /// The name of the record's key, in its quotes.
    key: Option<Finder<'static>>,
}

pub(super) enum Node {
    /// An object of these fields and no others.
    Object(Fields),
    Array(Box<Node>),
    /// A string of at least so many characters; whether it is the record's key.
    String(Form, usize, bool),
    Number,
}

pub(super) struct Fields {
    names: Names,
    nodes: Vec<Node>,
    /// A bit for each that must be there.
    required: u64,
}

/// What a string looks like, beside its least length.
pub(super) enum Form {
    Any,
    OneOf(Constants),
    DateTime,
    Email,
    Pattern(Pattern),
}

impl Quick {
    /// `None` for a schema that is not plain. `key` is where the record's key is.
    pub(super) fn new(schema: &Value, key: Option<&Path>) -> Option<Self> {
        let node = compile(schema, key.map(|path| &path.0[..]))?;
        let name = key.and_then(|path| match path.0.last()? {
            Step::Name(name) => Some(Finder::new(&format!("\"{name}\"")).into_owned()),
            Step::Index(_) => None,
        });
        Some(Self { node, key: name })
    }

    /// A payload that is surely clean. `None` says nothing.
    pub(super) fn clean<'a>(&self, payload: &'a [u8]) -> Option<Clean<'a>> {
        let (text, mut key) = (simdutf8::basic::from_utf8(payload).ok()?, None);
        self.pass(text, &mut key)?;
        Some(self.told(text, key))
    }

    /// What is known of a text that is clean and has its key there.
    pub(super) fn told<'a>(&self, text: &'a str, key: Option<Span>) -> Clean<'a> {
        let key = key.map(|span| &text[span.start..span.end]);
        Clean { key, is_first: self.first_key(text.as_bytes()) == key.map(str::as_bytes) }
    }

    /// Passes the whole of a text that is surely clean.
    pub(super) fn pass<'q>(&'q self, text: &str, seen: &mut impl Seen<'q>) -> Option<()> {
        let mut cursor = Cursor::new(text);
        self.node.pass(&mut cursor, seen)?;
        cursor.end().ok()
    }

    /// The name of the record's key, in its quotes.
    pub(super) fn key_name(&self) -> Option<&[u8]> {
        self.key.as_ref().map(Finder::needle)
    }

    /// The string after the first place of the key's name, whatever that is.
    pub(super) fn first_key<'a>(&self, payload: &'a [u8]) -> Option<&'a [u8]> {
        let name = self.key.as_ref()?;
        let after = payload[name.find(payload)? + name.needle().len()..].trim_ascii_start();
        let text = after.strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
        text.get(..memchr::memchr(b'"', text)?)
    }
}

/// A payload that has no problem, not even a warning, and no member twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clean<'a> {
    /// The text of the string that is the record's key, if it is there.
    pub key: Option<&'a str>,
    /// Whether it is what stands after the first place of the key's name.
    pub is_first: bool,
}

impl Node {
    /// `None` as soon as it is not certain.
    pub(super) fn pass<'q>(&'q self, cursor: &mut Cursor<'_>, seen: &mut impl Seen<'q>) -> Option<()> {
        let start = cursor.at();
        match self {
            Node::Object(fields) => return fields.pass(cursor, seen),
            Node::Array(items) => {
                let mut first = true;
                cursor.take(b'[').then_some(())?;
                while cursor.item(first).ok()? {
                    first = false;
                    items.pass(cursor, seen)?;
                }
                return Some(());
            }
            Node::String(form, least, is_key) => {
                if self.hurry(cursor) {
                    if !form.is_constant() {
                        seen.value(start..cursor.at(), self);
                    }
                    return Some(());
                }
                let span = cursor.string().ok()?;
                let text = cursor.slice(span);
                if *is_key {
                    seen.key(span);
                }
                let long = text.len() >= *least && (*least <= 1 || text.chars().count() >= *least);
                (!span.escaped && long && form.takes(text)).then_some(())?;
            }
            Node::Number => {
                cursor.peek();
                let from = cursor.at();
                cursor.scalar().ok()?;
                let text = &cursor.text()[from..cursor.at()];
                (text.len() <= DIGITS && text.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
            }
        }
        seen.value(start..cursor.at(), self);
        Some(())
    }

    /// Whether a string, not the record's key, takes long enough to be told that it is first compared with one that was.
    #[inline]
    pub(super) fn is_slow(&self) -> bool {
        matches!(self, Node::String(Form::Pattern(_), _, false))
    }

    /// Passes a string that is told without looking for its end.
    #[inline]
    pub(super) fn hurry(&self, cursor: &mut Cursor<'_>) -> bool {
        matches!(self, Node::String(form, 0, false) if form.hurry(cursor))
    }
}

/// Who is told of a payload's values as they are passed.
pub(super) trait Seen<'q> {
    /// The string that is the record's key.
    fn key(&mut self, text: Span);
    /// A value that may be another, by its bytes with the blanks before it, and what it must be.
    fn value(&mut self, bytes: Range<usize>, node: &'q Node);
}

/// The key alone.
impl Seen<'_> for Option<Span> {
    fn key(&mut self, text: Span) {
        *self = Some(text);
    }

    fn value(&mut self, _: Range<usize>, _: &Node) {}
}

impl Fields {
    fn pass<'q>(&'q self, cursor: &mut Cursor<'_>, seen: &mut impl Seen<'q>) -> Option<()> {
        let (mut place, mut there) = (Place::default(), 0_u64);
        cursor.take(b'{').then_some(())?;
        while let Some(member) = self.names.next(cursor, &mut place).ok()? {
            let Member::Known(at) = member else { return None };
            if there >> at & 1 == 1 {
                return None;
            }
            there |= 1 << at;
            self.nodes[at].pass(cursor, seen)?;
        }
        (there & self.required == self.required).then_some(())
    }
}

impl Form {
    /// Passes what is told without looking for its end.
    fn hurry(&self, cursor: &mut Cursor<'_>) -> bool {
        match self {
            Form::DateTime => cursor.quoted(date_time::USUAL, date_time::is_plain),
            Form::OneOf(known) => known.pass(cursor),
            Form::Any | Form::Email | Form::Pattern(_) => false,
        }
    }

    /// Whether there is only one of it.
    fn is_constant(&self) -> bool {
        matches!(self, Form::OneOf(known) if known.is_one())
    }

    fn takes(&self, text: &str) -> bool {
        match self {
            Form::Any => true,
            Form::OneOf(known) => known.has(text),
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
    let known = |values: &[Value]| {
        let texts = values.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
        Constants::new(texts).map(Form::OneOf)
    };
    let mut forms = Vec::new();
    if let Some(one) = schema.get("const") {
        forms.push(known(std::slice::from_ref(one))?);
    }
    if let Some(many) = schema.get("enum") {
        forms.push(known(many.as_array()?)?);
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
fn plain_pattern(pattern: &str) -> Option<Pattern> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "^$[].+*?-_".contains(c);
    let words = pattern.replace("\\.", "");
    let plain = words.chars().all(plain) && !words.contains("--") && !words.contains("[[");
    plain.then(|| Pattern::new(pattern)).flatten()
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
