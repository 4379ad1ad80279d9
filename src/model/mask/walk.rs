//! One pass over a payload: checks its JSON, copies what is shown, puts pseudonyms in place of the rest.

use std::borrow::Cow;
use std::sync::Arc;

use super::Cache;
use super::plan::{Leaf, Node};
use super::pseudonym::{Key, Pseudonyms};
use crate::model::json::{self, Cursor, JsonError, Member, Names, Place, Span, unescape};

/// The values that a mold is made of.
type Values = json::Values<Arc<Leaf>>;

/// A payload as it may be shown.
pub(super) struct Walked<'a> {
    /// Its text; borrowed if nothing had to be masked.
    pub(super) text: Cow<'a, str>,
    /// The text of the field that holds the record's key, if it is shown.
    pub(super) key: Option<&'a str>,
}

/// Masks a JSON text along the plan of an event; an error if it is not JSON.
pub(super) fn mask<'a>(
    key: &Key,
    cache: &mut Cache,
    (event, plan): (usize, &Node),
    text: &'a str,
) -> Result<Walked<'a>, JsonError> {
    if let Some(walked) = fit(key, cache, event, text) {
        return Ok(walked);
    }
    let Cache { pseudonyms, mold } = cache;
    mold.missed();
    let mut walk = Walk::new(key, pseudonyms, text, mold.is_wanted().then(Values::default));
    walk.node(plan)?;
    walk.cursor.end()?;
    if let Some(values) = walk.values.take() {
        mold.cast(event, text, values);
    }
    Ok(walk.done())
}

/// Masks a text that differs from the mold in values only.
pub(super) fn fit<'a>(key: &Key, cache: &mut Cache, event: usize, text: &'a str) -> Option<Walked<'a>> {
    let Cache { pseudonyms, mold } = cache;
    if !mold.is_of(event) {
        return None;
    }
    let mut walk = Walk::new(key, pseudonyms, text, None);
    for piece in mold.values() {
        walk.cursor.pass(piece.before).then_some(())?;
        walk.leaf(piece.kind).ok()?;
    }
    (walk.cursor.rest() == mold.end()).then_some(())?;
    let walked = walk.done();
    mold.fitted();
    Some(walked)
}

struct Walk<'m, 'a> {
    secret: &'m Key,
    pseudonyms: &'m mut Pseudonyms,
    cursor: Cursor<'a>,
    out: String,
    /// How much of the text is in `out`, as it is or replaced.
    copied: usize,
    key: Option<&'a str>,
    /// The values it came by, for a mold; `None` if that is not wanted, or the text cannot be one.
    values: Option<Values>,
}

impl<'m, 'a> Walk<'m, 'a> {
    fn new(secret: &'m Key, pseudonyms: &'m mut Pseudonyms, text: &'a str, values: Option<Values>) -> Self {
        Self {
            secret,
            pseudonyms,
            cursor: Cursor::new(text),
            out: String::new(),
            copied: 0,
            key: None,
            values,
        }
    }

    fn done(self) -> Walked<'a> {
        let Self { cursor, mut out, copied, key, .. } = self;
        // A pseudonym is never empty: something was put in place iff something was written.
        if out.is_empty() {
            return Walked { text: Cow::Borrowed(cursor.text()), key };
        }
        out.push_str(&cursor.text()[copied..]);
        Walked { text: Cow::Owned(out), key }
    }
}

impl Walk<'_, '_> {
    /// Recursion is as deep as the plan, never as the text.
    fn node(&mut self, node: &Node) -> Result<(), JsonError> {
        match (node, self.cursor.peek()) {
            (Node::Object(names, nodes), Some(b'{')) => self.object(names, nodes),
            (Node::Array(items), Some(b'[')) => self.array(items),
            (Node::Leaf(leaf), Some(_)) => {
                let start = self.cursor.at();
                self.leaf(leaf)?;
                let end = self.cursor.at();
                if let Some(values) = &mut self.values
                    && !leaf.is_only(&self.cursor.text()[start..end])
                {
                    values.push((start..end, Arc::clone(leaf)));
                }
                Ok(())
            }
            // Another type than the contract's.
            _ => {
                self.values = None;
                self.leaf(&Leaf::default())
            }
        }
    }

    fn object(&mut self, names: &Names, nodes: &[Node]) -> Result<(), JsonError> {
        self.cursor.take(b'{');
        let mut place = Place::default();
        while let Some(member) = names.next(&mut self.cursor, &mut place)? {
            match member {
                Member::Known(at) => self.node(&nodes[at])?,
                Member::Other(name) => {
                    self.values = None;
                    self.replace_string(name);
                    let value = self.value()?;
                    self.replace(value);
                }
            }
        }
        Ok(())
    }

    fn array(&mut self, items: &Node) -> Result<(), JsonError> {
        self.cursor.take(b'[');
        let mut first = true;
        while self.cursor.item(first)? {
            first = false;
            self.node(items)?;
        }
        Ok(())
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<(), JsonError> {
        let next = self.cursor.peek();
        if !leaf.is_key && leaf.strings.hurry(&mut self.cursor) {
            return Ok(());
        }
        if next == Some(b'"') {
            let span = self.cursor.string()?;
            let raw = self.cursor.slice(span);
            let shown = !span.escaped && leaf.strings.shows(raw);
            if leaf.is_key {
                self.key = shown.then_some(raw);
            }
            if !shown {
                self.replace_string(span);
            }
            return Ok(());
        }
        let shown = match next {
            Some(b'n') => true,
            Some(b't' | b'f') => leaf.booleans,
            Some(b'-' | b'0'..=b'9') => leaf.numbers,
            _ => false,
        };
        let value = self.value()?;
        if leaf.is_key {
            self.key = None;
        }
        if !shown {
            self.replace(value);
        }
        Ok(())
    }

    fn value(&mut self) -> Result<Span, JsonError> {
        self.cursor.skip_value()
    }

    /// A string by the pseudonym of what it means, so that an escaped and a plain spelling look the same.
    fn replace_string(&mut self, span: Span) {
        let raw = self.cursor.slice(span);
        let pseudonym = if span.escaped {
            self.pseudonyms.pseudonym(self.secret, unescape(raw).as_bytes())
        } else {
            self.pseudonyms.pseudonym(self.secret, raw.as_bytes())
        };
        self.put(span.start, span.end, pseudonym.as_str(), false);
    }

    /// Any value by the pseudonym of its text; of a string, without its quotes.
    fn replace(&mut self, span: Span) {
        let raw = self.cursor.slice(span);
        if raw.starts_with('"') {
            let escaped = memchr::memchr(b'\\', raw.as_bytes()).is_some();
            return self.replace_string(Span { start: span.start + 1, end: span.end - 1, escaped });
        }
        let pseudonym = self.pseudonyms.pseudonym(self.secret, raw.as_bytes());
        self.put(span.start, span.end, pseudonym.as_str(), true);
    }

    fn put(&mut self, start: usize, end: usize, pseudonym: &str, quoted: bool) {
        let text = self.cursor.text();
        if self.out.is_empty() {
            self.out.reserve(text.len() + 96);
        }
        self.out.push_str(&text[self.copied..start]);
        let quote = if quoted { "\"" } else { "" };
        self.out.push_str(quote);
        self.out.push_str(pseudonym);
        self.out.push_str(quote);
        self.copied = end;
    }
}
