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
    read(line.strip_suffix(b"}}")?).ok()
}

/// It is not in our form.
struct Unusual;

fn read(line: &[u8]) -> Result<Record<'_>, Unusual> {
    let mut rest = Rest(line);
    rest.pass(b"{\"topic\":\"")?;
    let topic = Cow::Borrowed(rest.text()?);
    rest.pass(b",\"partition\":")?;
    let partition = rest.number()?.map(i32::try_from).transpose().map_err(|_| Unusual)?;
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
    // No blanks around it.
    let (Some(b'!'..), Some(b'!'..)) = (value.first(), value.last()) else { return Err(Unusual) };
    let timestamp = millis.map(|millis| Timestamp { millis, kind });
    let value = Some(Cow::Borrowed(value));
    Ok(Record { topic, partition, offset, timestamp, key, headers, value })
}

/// What has not been read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Passes what must come next. Of a known length, it is compared in place.
    #[inline]
    fn pass<const N: usize>(&mut self, text: &[u8; N]) -> Result<(), Unusual> {
        if self.comes(text) { Ok(()) } else { Err(Unusual) }
    }

    /// The same for what may come.
    #[inline]
    fn comes<const N: usize>(&mut self, text: &[u8; N]) -> bool {
        match self.0.split_first_chunk::<N>() {
            Some((next, rest)) if next == text => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// The rest of a string that stands as it is, and its quote.
    #[inline]
    fn text(&mut self) -> Result<&'a str, Unusual> {
        let (text, rest) = self.0.split_at(plain_run(self.0, 0));
        self.0 = rest;
        self.pass(b"\"")?;
        std::str::from_utf8(text).map_err(|_| Unusual)
    }

    /// A whole number that is not negative, or null.
    #[inline]
    fn number(&mut self) -> Result<Option<i64>, Unusual> {
        if self.comes(b"null") {
            return Ok(None);
        }
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(digits);
        if digits.is_empty() || digits.len() > DIGITS || digits.len() > 1 && digits[0] == b'0' {
            return Err(Unusual);
        }
        self.0 = rest;
        Ok(Some(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))))
    }

    fn kind(&mut self) -> Result<TimestampType, Unusual> {
        if self.comes(b"null") || self.comes(b"\"CreateTime\"") {
            return Ok(TimestampType::CreateTime);
        }
        self.pass(b"\"LogAppendTime\"").map(|()| TimestampType::LogAppendTime)
    }

    /// Null, or text.
    #[inline]
    fn content(&mut self) -> Result<Option<Cow<'a, [u8]>>, Unusual> {
        if self.comes(b"null") {
            return Ok(None);
        }
        self.pass(b"{\"text\":\"")?;
        let text = self.text()?;
        self.pass(b"}")?;
        Ok(Some(Cow::Borrowed(text.as_bytes())))
    }

    /// What follows the array's bracket, and its end.
    fn headers(&mut self) -> Result<Vec<Header<'a>>, Unusual> {
        let mut headers = Vec::new();
        while !self.comes(b"]") {
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
        Ok(headers)
    }
}
