//! What of an event's payload may be shown, compiled from its schema and its lists of ids and personal fields.

use std::sync::Arc;

use serde_json::Value;

use super::shape;
use crate::model::catalogue::Event;
use crate::model::date_time;
use crate::model::json::{Constants, Cursor, Names, is_plain};
use crate::model::pattern::Pattern;

/// `$ref`s are followed this deep; a schema that goes on is recursive, and masked from there.
const DEPTH: usize = 24;

/// Strings that no class may let through, to try patterns on: a pattern that takes one of them says "anything".
const PROBES: &[&str] = &[
    "Marie",
    "Jeanne Müller",
    "zoé",
    "jo@example.org",
    "+33 6 12 34 56 78",
    "0612345678",
    "Rue de la Paix 5",
    "x",
];

/// What may be shown at a place.
#[derive(Debug)]
pub(super) enum Node {
    /// An object: its known members, by name; others are masked, name and value.
    Object(Names, Vec<Node>),
    /// An array, all of whose items are alike.
    Array(Box<Node>),
    /// A value that has no parts, or none that are known.
    Leaf(Arc<Leaf>),
}

/// A value without known parts. Null is always shown: it says nothing.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    /// Which strings are shown.
    pub(super) strings: Strings,
    /// Whether numbers are shown.
    pub(super) numbers: bool,
    /// Whether `true` and `false` are shown.
    pub(super) booleans: bool,
    /// Whether the record's key stands here.
    pub(super) is_key: bool,
}

/// Which strings are shown.
#[derive(Debug, Default)]
pub(super) enum Strings {
    /// None.
    #[default]
    None,
    /// What has the form of an id.
    Ids,
    /// These.
    OneOf(Constants),
    /// RFC 3339 times.
    DateTimes,
    /// UUIDs.
    Uuids,
    /// What the schema's pattern takes, whole.
    Pattern(Pattern),
}

impl Leaf {
    /// Whether a value is the only one that is shown here, as it is mostly written.
    pub(super) fn is_only(&self, text: &str) -> bool {
        !self.is_key && matches!(&self.strings, Strings::OneOf(known) if known.are_only(text))
    }
}

impl Strings {
    /// Passes a string that is shown, where that is told without looking for its end.
    #[inline]
    pub(super) fn hurry(&self, cursor: &mut Cursor<'_>) -> bool {
        match self {
            Strings::DateTimes => cursor.quoted(date_time::USUAL, date_time::is_plain),
            Strings::OneOf(known) => known.pass(cursor),
            Strings::None | Strings::Ids | Strings::Uuids | Strings::Pattern(_) => false,
        }
    }

    /// Whether a string without escapes is shown.
    #[inline]
    pub(super) fn shows(&self, text: &str) -> bool {
        match self {
            Strings::None => false,
            Strings::Ids => shape::is_id_in_its_field(text),
            Strings::OneOf(known) => known.has(text),
            Strings::DateTimes => shape::is_date_time(text),
            Strings::Uuids => shape::is_uuid(text),
            Strings::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

/// The plan of an event's payload.
pub(super) fn compile(event: &Event) -> Node {
    Compiler { event }.node(&event.schema, "", 0)
}

struct Compiler<'a> {
    event: &'a Event,
}

impl Compiler<'_> {
    fn node(&self, schema: &Value, pointer: &str, depth: usize) -> Node {
        let Some(schema) = self.resolved(schema, depth) else { return Node::Leaf(Arc::default()) };
        if depth > DEPTH || self.event.personal.iter().any(|p| p == pointer) {
            return Node::Leaf(Arc::default());
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let member = |(name, schema): (&String, &Value)| {
                let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                self.node(schema, &pointer, depth + 1)
            };
            let names = Names::new(properties.keys().map(String::as_str));
            return Node::Object(names, properties.iter().map(member).collect());
        }
        match schema.get("items") {
            Some(items) => Node::Array(Box::new(self.node(items, &format!("{pointer}/*"), depth + 1))),
            None => Node::Leaf(Arc::new(self.leaf(schema, pointer))),
        }
    }

    fn leaf(&self, schema: &Value, pointer: &str) -> Leaf {
        let is_key = self.event.key == pointer;
        if let Some(known) = constants(schema) {
            return Leaf { strings: Strings::OneOf(known), is_key, ..Leaf::default() };
        }
        let has_type = |name: &str| match schema.get("type") {
            Some(Value::String(one)) => one == name,
            Some(Value::Array(many)) => many.iter().any(|t| t == name),
            _ => false,
        };
        let is_id = self.event.ids.iter().any(|p| p == pointer);
        let strings = match (schema.get("format").and_then(Value::as_str), schema.get("pattern")) {
            _ if !has_type("string") => Strings::None,
            _ if is_id => Strings::Ids,
            (Some("date-time"), _) => Strings::DateTimes,
            (Some("uuid"), _) => Strings::Uuids,
            (_, Some(Value::String(pattern))) => {
                closed_pattern(pattern).map_or(Strings::None, Strings::Pattern)
            }
            _ => Strings::None,
        };
        let numbers = has_type("number") || has_type("integer");
        Leaf { strings, numbers, booleans: has_type("boolean"), is_key }
    }

    /// Follows a local `$ref`; one that leads nowhere masks what it stands for.
    fn resolved<'s>(&'s self, schema: &'s Value, depth: usize) -> Option<&'s Value> {
        let mut schema = schema;
        for _ in depth..=DEPTH {
            match schema.get("$ref") {
                None => return Some(schema),
                Some(target) => schema = self.event.schema.pointer(target.as_str()?.strip_prefix('#')?)?,
            }
        }
        None
    }
}

/// The strings of `const` or `enum`; other constants are not shown, nor those that JSON cannot spell without an escape.
fn constants(schema: &Value) -> Option<Constants> {
    let known = match schema.get("const") {
        Some(one) => std::slice::from_ref(one),
        None => schema.get("enum")?.as_array()?,
    };
    Constants::new(known.iter().filter_map(Value::as_str).filter(|text| is_plain(text)))
}

/// The pattern, made to take whole strings only; `None` if Rust does not know its syntax or it takes what a person
/// could have written: `^.+$` is no reason to show a name.
fn closed_pattern(pattern: &str) -> Option<Pattern> {
    let whole = Pattern::new(&format!("^(?:{pattern})$"))?;
    let open = PROBES.iter().any(|probe| whole.is_match(probe));
    (!open).then_some(whole)
}

impl Node {
    /// Whether anything at a path is shown.
    pub(super) fn shows_some(&self, path: &[&str]) -> bool {
        match (self, path) {
            (Node::Object(names, nodes), [name, rest @ ..]) => names
                .iter()
                .zip(nodes)
                .any(|(known, node)| (known == *name || *name == "[]") && node.shows_some(rest)),
            (Node::Object(_, nodes), []) => nodes.iter().any(|node| node.shows_some(&[])),
            (Node::Array(items), [_, rest @ ..]) => items.shows_some(rest),
            (Node::Array(items), []) => items.shows_some(&[]),
            (Node::Leaf(leaf), []) => leaf.numbers || leaf.booleans || !matches!(leaf.strings, Strings::None),
            (Node::Leaf(_), _) => false,
        }
    }
}
