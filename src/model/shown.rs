//! A record as it may be shown: decoded, and masked unless revealed. The one seam between bytes and people.
//!
//! Renderers and filters take [`Shown`], and [`Shower::show`] is the only place that makes one from a record: what is
//! not masked here cannot be shown anywhere.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::catalogue::{Catalogue, Event};
use super::mask::{Cache, Masker};
use super::payload::{self, Problem};
use super::record::{Record, Timestamp};

/// Bytes as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content<'a> {
    /// A null key, header value or value (a tombstone).
    Null,
    /// JSON text: an object or an array, valid, verbatim unless masked.
    Json(Cow<'a, str>),
    /// UTF-8 text; also empty bytes.
    Text(Cow<'a, str>),
    /// Bytes that are not UTF-8, or binary (first byte 0x00).
    Binary(Cow<'a, [u8]>),
}

impl Content<'_> {
    /// Text or JSON text, as one would read it; `None` for null and binary.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Content::Json(text) | Content::Text(text) => Some(text),
            Content::Null | Content::Binary(_) => None,
        }
    }
}

/// A record as it may be shown.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// Its topic.
    pub topic: Cow<'a, str>,
    /// Its partition.
    pub partition: Option<i32>,
    /// Its offset.
    pub offset: Option<i64>,
    /// Its time.
    pub timestamp: Option<Timestamp>,
    /// The key.
    pub key: Content<'a>,
    /// The headers, in order.
    pub headers: Vec<(Cow<'a, str>, Content<'a>)>,
    /// The value.
    pub value: Content<'a>,
    /// Whether anything in it is not as it is in the log.
    pub masked: bool,
    /// What could not be decoded or breaks the contract; without personal data.
    pub problems: Vec<String>,
    /// Its event, by the topic (a dead letter queue holds its topic's event): an index into the catalogue's events.
    pub event: Option<usize>,
}

impl Shown<'_> {
    /// The same, holding its own text: for views that must sort.
    pub fn into_owned(self) -> Shown<'static> {
        fn owned(content: Content<'_>) -> Content<'static> {
            match content {
                Content::Null => Content::Null,
                Content::Json(text) => Content::Json(text.into_owned().into()),
                Content::Text(text) => Content::Text(text.into_owned().into()),
                Content::Binary(bytes) => Content::Binary(bytes.into_owned().into()),
            }
        }
        Shown {
            topic: self.topic.into_owned().into(),
            partition: self.partition,
            offset: self.offset,
            timestamp: self.timestamp,
            key: owned(self.key),
            headers: self.headers.into_iter().map(|(n, v)| (n.into_owned().into(), owned(v))).collect(),
            value: owned(self.value),
            masked: self.masked,
            problems: self.problems,
            event: self.event,
        }
    }
}

/// The proof that `--reveal` was given: only [`Shower::revealed`] makes one. What prints raw bytes asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Revealed(());

/// Makes records showable. One per thread: it keeps the pseudonyms it made last, and the last topic's event.
pub struct Shower {
    catalogue: Arc<Catalogue>,
    masker: Option<Arc<Masker>>,
    cache: RefCell<Cache>,
    last_event: Cell<Option<usize>>,
}

impl Shower {
    /// With a masker, what is personal becomes pseudonyms; without, everything is shown (`--reveal`).
    pub fn new(catalogue: Arc<Catalogue>, masker: Option<Arc<Masker>>) -> Self {
        Self { catalogue, masker, cache: RefCell::default(), last_event: Cell::new(None) }
    }

    /// Whether (and the proof that) nothing is masked.
    pub fn revealed(&self) -> Option<Revealed> {
        self.masker.is_none().then_some(Revealed(()))
    }

    /// The masker, to compare what a user looks for with what is shown.
    pub fn masker(&self) -> Option<&Masker> {
        self.masker.as_deref()
    }

    /// The catalogue that says which topic holds which event.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Another of its kind, for another thread.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(Arc::clone(&self.catalogue), self.masker.clone())
    }

    /// Makes ready for a topic's records: the first of an event costs 0.1 ms more than the others.
    pub fn prepare(&self, topic: &str) {
        if let (Some(masker), Some(event)) = (&self.masker, self.event_of(topic)) {
            masker.prepare(event);
        }
    }

    /// The record as it may be shown.
    pub fn show<'a>(&self, record: &'a Record<'_>) -> Shown<'a> {
        let event = self.event_of(&record.topic);
        match &self.masker {
            Some(masker) => masker.show(record, event, &mut self.cache.borrow_mut()),
            None => decoded(record, event),
        }
    }

    /// Topics come in runs, so the last event is asked first.
    fn event_of(&self, topic: &str) -> Option<usize> {
        let is_of = |event: &Event| event.topic == topic || event.dlq == topic;
        let last = self.last_event.get().filter(|&i| is_of(&self.catalogue.events[i]));
        let event = last.or_else(|| self.catalogue.events.iter().position(is_of));
        self.last_event.set(event);
        event
    }
}

/// A record with nothing hidden.
fn decoded<'a>(record: &'a Record<'_>, event: Option<usize>) -> Shown<'a> {
    let mut problems = Vec::new();
    let (key, problem) = payload::decode(record.key.as_deref());
    note(&mut problems, "the key", problem);
    let (value, problem) = payload::decode(record.value.as_deref());
    note(&mut problems, "the value", problem);
    let headers = record.headers.iter();
    let headers = headers.map(|h| (Cow::Borrowed(&*h.name), payload::decode(h.value.as_deref()).0)).collect();
    frame(record, event, key, headers, value, problems)
}

/// What is never masked of a record, around what may be.
pub(super) fn frame<'a>(
    record: &'a Record<'_>,
    event: Option<usize>,
    key: Content<'a>,
    headers: Vec<(Cow<'a, str>, Content<'a>)>,
    value: Content<'a>,
    problems: Vec<String>,
) -> Shown<'a> {
    Shown {
        topic: Cow::Borrowed(&record.topic),
        partition: record.partition,
        offset: record.offset,
        timestamp: record.timestamp,
        key,
        headers,
        value,
        masked: false,
        problems,
        event,
    }
}

/// Broken JSON in a key is text like any other; bytes that are no text are worth a word.
pub(super) fn note(problems: &mut Vec<String>, what: &str, problem: Option<Problem>) {
    if let Some(problem) = problem {
        problems.push(problem.describe(what));
    }
}
