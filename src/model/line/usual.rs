//! Reading a line in the very form that we write: what must be there is compared, and only what may vary is read.
//!
//! Half of what publishing a file of records took was the reading of lines member by member, twice each.

use std::borrow::Cow;

use crate::model::json::plain_run;
use crate::model::record::{Header, Record, Timestamp, TimestampType};

/// Longer numbers are left to who can tell whether they are too long.
const DIGITS: usize = 15;

/// The record of a line that is tight and whose names, keys and header values are plain text; `None` says nothing. The value is
/// not looked at but for its ends, as in [`super::read_tight`].
pub(super) fn record(line: &[u8]) -> Option<Record<'_>> {
    let mut rest = Rest(line.strip_suffix(b"}}")?);
    rest.pass(b"{\"topic\":\"")?;
    let topic = Cow::Borrowed(rest.text()?);
    rest.pass(b",\"partition\":")?;
    let partition = rest.number()?.map(i32::try_from).transpose().ok()?;
    rest.pass(b",\"offset\":")?;
    let offset = rest.number()?;
    rest.pass(b",\"timestamp\":")?;
    let millis = rest.number()?;
    rest.pass(b",\"timestamp_type\":")?;
    let kind = rest.kind()?;
    rest.pass(b",\"key\":")?;
    let key = rest.content()?;
    rest.pass(b",\"headers\":[")?;
    let headers = rest.headers()?;
    rest.pass(b",\"value\":{\"json\":")?;
    let value = rest.0;
    let bare = value.first()? > &b' ' && value.last()? > &b' ';
    let timestamp = millis.map(|millis| Timestamp { millis, kind });
    bare.then_some(Record {
        topic,
        partition,
        offset,
        timestamp,
        key,
        headers,
        value: Some(Cow::Borrowed(value)),
    })
}

/// What has not been read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Passes what must come next. Of a known length, it is compared in place.
    #[inline]
    fn pass<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        let (next, rest) = self.0.split_first_chunk::<N>()?;
        (next == text).then_some(())?;
        self.0 = rest;
        Some(())
    }

    #[inline]
    fn null(&mut self) -> bool {
        self.pass(b"null").is_some()
    }

    /// The rest of a string that stands as it is, and its quote.
    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(plain_run(self.0, 0))?;
        self.0 = rest.strip_prefix(b"\"")?;
        std::str::from_utf8(text).ok()
    }

    /// A whole number that is not negative, or null.
    #[inline]
    fn number(&mut self) -> Option<Option<i64>> {
        if self.null() {
            return Some(None);
        }
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(digits);
        if digits.is_empty() || digits.len() > DIGITS || digits.len() > 1 && digits[0] == b'0' {
            return None;
        }
        self.0 = rest;
        Some(Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))))
    }

    fn kind(&mut self) -> Option<TimestampType> {
        if self.null() || self.pass(b"\"CreateTime\"").is_some() {
            return Some(TimestampType::CreateTime);
        }
        self.pass(b"\"LogAppendTime\"").map(|()| TimestampType::LogAppendTime)
    }

    /// Null, or text.
    #[inline]
    fn content(&mut self) -> Option<Option<Cow<'a, [u8]>>> {
        if self.null() {
            return Some(None);
        }
        self.pass(b"{\"text\":\"")?;
        let text = self.text()?;
        self.pass(b"}")?;
        Some(Some(Cow::Borrowed(text.as_bytes())))
    }

    /// What follows the array's bracket, and its end.
    fn headers(&mut self) -> Option<Vec<Header<'a>>> {
        let mut headers = Vec::new();
        while self.pass(b"]").is_none() {
            if !headers.is_empty() {
                self.pass(b",")?;
            }
            self.pass(b"[\"")?;
            let name = Cow::Borrowed(self.text()?);
            self.pass(b",")?;
            let value = self.content()?;
            self.pass(b"]")?;
            headers.push(Header { name, value });
        }
        Some(headers)
    }
}
