//! Personal data is masked by default, failing closed: only what is known to be harmless is shown.
//!
//! What is masked becomes a pseudonym, `masked:` and 48 bits of a keyed hash: the same value has the same pseudonym
//! everywhere (in a key, a field, a header), so lives can still be followed; without the key nobody can guess values
//! and compare.
//!
//! A payload of a known event is read along a plan (`plan.rs`) made from its schema; a field of it is shown only if
//! its value passes the test of its class. All else (other fields and their names, other types, payloads of unknown
//! events or that do not parse, unknown headers) is masked whole.

mod plan;
mod pseudonym;
mod shape;
mod walk;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::catalogue::Catalogue;
use super::headers;
use super::json::Mold;
use super::payload::{Problem, Raw, classify};
use super::record::{Header, Record};
use super::shown::{Content, Shown, frame, note};

pub use pseudonym::Pseudonym;
pub use shape::{is_date_time, is_id, is_uuid};

use plan::{Leaf, Node};
use pseudonym::{Key, Pseudonyms};

/// Masks records. Shared by threads; each brings its own [`Cache`].
pub struct Masker {
    key: Key,
    catalogue: Arc<Catalogue>,
    /// One plan per event, in the catalogue's order; made with the first record of it, since few commands see them all.
    plans: Vec<OnceLock<Node>>,
    /// Topics of the catalogue, to judge headers that name one.
    topics: Vec<Box<str>>,
}

/// What a thread remembers of the records before, so that the next costs less; no answer depends on it. Of one [`Masker`].
#[derive(Default)]
pub struct Cache {
    pseudonyms: Pseudonyms,
    mold: Mold<Arc<Leaf>>,
}

/// Whether the payload gives the record's key away.
enum PayloadKey<'a> {
    /// It was read, and its key field is shown with this text.
    Shown(&'a str),
    /// It was read, and no key field is shown.
    Hidden,
    /// There is no payload to ask: a tombstone, or it could not be read.
    Absent,
}

impl Masker {
    /// `key` is the secret that makes pseudonyms; what of the catalogue's schemas is not understood is masked.
    pub fn new(key: &[u8], catalogue: &Arc<Catalogue>) -> Self {
        Self {
            key: Key::new(key),
            catalogue: Arc::clone(catalogue),
            plans: catalogue.events.iter().map(|_| OnceLock::new()).collect(),
            topics: catalogue.events.iter().map(|event| event.topic.as_str().into()).collect(),
        }
    }

    /// Makes ready for the records of an event.
    pub(super) fn prepare(&self, event: usize) {
        self.plan(event);
    }

    fn plan(&self, event: usize) -> Option<&Node> {
        Some(self.plans.get(event)?.get_or_init(|| plan::compile(&self.catalogue.events[event])))
    }

    /// What bytes are shown as, wherever they stand.
    pub fn pseudonym(&self, bytes: &[u8]) -> Pseudonym {
        self.key.pseudonym(bytes)
    }

    /// Masks a record of an event (an index into the catalogue), or of none.
    pub(super) fn show<'a>(
        &self,
        record: &'a Record<'_>,
        event: Option<usize>,
        cache: &mut Cache,
    ) -> Shown<'a> {
        let mut masking = Masking { masker: self, cache, masked: false, problems: Vec::new() };
        let plan = event.and_then(|event| Some((event, self.plan(event)?)));
        let (value, key) = masking.value(record.value.as_deref(), plan);
        let key = masking.key(record.key.as_deref(), plan.is_some(), &key);
        let headers = record.headers.iter().map(|header| masking.header(header)).collect();
        let Masking { masked, problems, .. } = masking;
        Shown { masked, ..frame(record, event, key, headers, value, problems) }
    }
}

/// The work on one record.
struct Masking<'m> {
    masker: &'m Masker,
    cache: &'m mut Cache,
    masked: bool,
    problems: Vec<String>,
}

impl Masking<'_> {
    fn value<'a>(
        &mut self,
        bytes: Option<&'a [u8]>,
        plan: Option<(usize, &Node)>,
    ) -> (Content<'a>, PayloadKey<'a>) {
        match classify(bytes) {
            Raw::Null => (Content::Null, PayloadKey::Absent),
            Raw::Binary(bytes, problem) => {
                note(&mut self.problems, "the value", problem);
                (self.hidden(bytes), PayloadKey::Absent)
            }
            Raw::Text("") => (Content::Text("".into()), PayloadKey::Absent),
            Raw::Text(text) => (self.hidden(text.as_bytes()), PayloadKey::Absent),
            Raw::JsonLike(text) => self.json(text, plan),
        }
    }

    fn json<'a>(&mut self, text: &'a str, plan: Option<(usize, &Node)>) -> (Content<'a>, PayloadKey<'a>) {
        let broken = match plan {
            Some(plan) => match walk::mask(&self.masker.key, self.cache, plan, text) {
                Ok(walked) => {
                    let key = walked.key.map_or(PayloadKey::Hidden, PayloadKey::Shown);
                    self.masked |= matches!(walked.text, Cow::Owned(_));
                    return (Content::Json(walked.text), key);
                }
                Err(error) => Some(error),
            },
            None => super::json::check(text).err(),
        };
        note(&mut self.problems, "the value", broken.map(|e| Problem::BrokenJson(e.describe(text))));
        (self.hidden(text.as_bytes()), PayloadKey::Absent)
    }

    /// The key is what the payload calls its key, if that is shown; a tombstone's must look like an id itself.
    fn key<'a>(&mut self, bytes: Option<&'a [u8]>, known: bool, payload: &PayloadKey<'_>) -> Content<'a> {
        let Some(bytes) = bytes else { return Content::Null };
        let raw = classify(Some(bytes));
        if let Raw::Binary(_, problem) = &raw {
            note(&mut self.problems, "the key", problem.clone());
        }
        match raw {
            Raw::Text("") => Content::Text("".into()),
            Raw::Text(text) if known && payload.shows(text) => Content::Text(text.into()),
            _ => self.hidden(bytes),
        }
    }

    fn header<'a>(&mut self, header: &'a Header<'_>) -> (Cow<'a, str>, Content<'a>) {
        let class = headers::class(&header.name);
        let name = match class {
            Some(_) => Cow::Borrowed(&*header.name),
            None => Cow::Owned(self.pseudonym(header.name.as_bytes())),
        };
        let value = match (header.value.as_deref(), class) {
            (None, _) => Content::Null,
            (Some([]), _) => Content::Text("".into()),
            (Some(bytes), Some(class)) if class.shows(bytes, &self.masker.topics) => {
                super::payload::decode(Some(bytes)).0
            }
            (Some(bytes), _) => self.hidden(bytes),
        };
        (name, value)
    }

    fn hidden(&mut self, bytes: &[u8]) -> Content<'static> {
        Content::Text(self.pseudonym(bytes).into())
    }

    fn pseudonym(&mut self, bytes: &[u8]) -> String {
        self.masked = true;
        self.cache.pseudonyms.pseudonym(&self.masker.key, bytes).as_str().to_owned()
    }
}

impl PayloadKey<'_> {
    fn shows(&self, key: &str) -> bool {
        match self {
            PayloadKey::Shown(shown) => *shown == key,
            PayloadKey::Hidden => false,
            PayloadKey::Absent => is_id(key),
        }
    }
}

/// Whether an event shows anything at a path of its payload (`[]` for any item): a field that is not masked, or has
/// such a field in it.
pub(super) fn shows_some(event: &super::catalogue::Event, path: &[&str]) -> bool {
    plan::compile(event).shows_some(path)
}

#[cfg(test)]
mod tests;
