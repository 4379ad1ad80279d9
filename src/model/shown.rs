//! A record as it may be shown: decoded, and masked unless revealed. The one seam between bytes and people.

use std::borrow::Cow;

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
    pub timestamp: Option<super::record::Timestamp>,
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
}
