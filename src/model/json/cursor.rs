//! The cursor: where the reading is in a JSON text, and the steps it can make.

use std::fmt;

/// What is wrong with a JSON text. Holds a place and what was wanted there, never a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonError {
    /// The byte where it is noticed.
    pub at: usize,
    /// What is wrong there: "expected `:`".
    pub what: &'static str,
}

impl JsonError {
    /// The same with line and column (both from 1, columns in bytes) of the text it was found in.
    pub fn describe(&self, text: &str) -> String {
        let before = &text.as_bytes()[..self.at.min(text.len())];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = 1 + before.iter().rev().take_while(|&&b| b != b'\n').count();
        format!("{} at line {line}, column {column}", self.what)
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at + 1)
    }
}

/// A place in the text: `start..end` in bytes. Of a string: between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Whether it is a string with a backslash in it.
    pub escaped: bool,
}

/// Reads JSON text from front to back; every step checks what it passes.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Where it is, in bytes.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text from here on.
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &'a str {
        &self.text[span.start..span.end]
    }

    /// An error here.
    pub fn error(&self, what: &'static str) -> JsonError {
        JsonError { at: self.at, what }
    }

    /// Passes blanks and tells the next byte.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if byte > b' ' || !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Passes `byte` if it comes next (after blanks).
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    /// Passes `text` if it comes next (blanks are not passed).
    #[inline]
    pub fn pass(&mut self, text: &str) -> bool {
        let next = starts_with(&self.text.as_bytes()[self.at..], text.as_bytes());
        self.at += if next { text.len() } else { 0 };
        next
    }

    /// Passes a string of `len` bytes that `takes` takes; it takes none with a quote, a backslash or a control character.
    #[inline]
    pub fn quoted(&mut self, len: usize, takes: impl Fn(&[u8]) -> bool) -> bool {
        let next = match self.text.as_bytes()[self.at..].get(..len + 2) {
            Some([b'"', inner @ .., b'"']) => takes(inner),
            _ => false,
        };
        self.at += if next { len + 2 } else { 0 };
        next
    }

    /// Passes `byte`, which must come next.
    #[inline]
    pub fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(what)) }
    }

    /// Only blanks may follow.
    pub fn end(&mut self) -> Result<(), JsonError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.error("expected the end of the JSON text")) }
    }

    /// Inside an object, at its start (`first`) or after a member: the next name, or `None` after passing `}`.
    #[inline]
    pub fn member(&mut self, first: bool) -> Result<Option<Span>, JsonError> {
        if self.take(b'}') {
            return Ok(None);
        }
        if !first {
            self.expect(b',', "expected `,` or `}`")?;
        }
        self.name().map(Some)
    }

    /// Inside an array, at its start (`first`) or after an item: whether another follows; passes `]` if not.
    #[inline]
    pub fn item(&mut self, first: bool) -> Result<bool, JsonError> {
        if self.take(b']') {
            return Ok(false);
        }
        if !first {
            self.expect(b',', "expected `,` or `]`")?;
        }
        Ok(true)
    }

    /// A string, which must come next.
    #[inline]
    pub fn string(&mut self) -> Result<Span, JsonError> {
        self.expect(b'"', "expected a string")?;
        self.rest_of_string()
    }

    /// Passes one value of any kind and any depth, without recursion. The span is the value's whole text.
    pub fn skip_value(&mut self) -> Result<Span, JsonError> {
        self.peek();
        let start = self.at;
        let mut open = Nesting::default();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.rest_of_string()?;
                }
                Some(b'{') => {
                    self.at += 1;
                    if !self.take(b'}') {
                        open.push(true);
                        self.name()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    if !self.take(b']') {
                        open.push(false);
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            loop {
                let Some(object) = open.last() else {
                    return Ok(Span { start, end: self.at, escaped: false });
                };
                if self.take(b',') {
                    if object {
                        self.name()?;
                    }
                    break;
                }
                if !self.take(if object { b'}' } else { b']' }) {
                    let what = if object { "expected `,` or `}`" } else { "expected `,` or `]`" };
                    return Err(self.unexpected(what));
                }
                open.pop();
            }
        }
    }

    /// Passes a value that is taken to end there, without a look at it; an error where none can end. The span is its whole text.
    #[inline]
    pub fn jump(&mut self, end: usize) -> Result<Span, JsonError> {
        self.peek();
        let start = self.at;
        if end <= start || self.text.as_bytes()[end - 1] <= b' ' || !self.text.is_char_boundary(end) {
            return Err(self.unexpected("expected a JSON value"));
        }
        self.at = end;
        Ok(Span { start, end, escaped: false })
    }

    /// Passes a number, `true`, `false` or `null`.
    #[inline]
    pub fn scalar(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.unexpected("expected a JSON value")),
        }
    }

    /// A member's name and its colon.
    #[inline]
    fn name(&mut self) -> Result<Span, JsonError> {
        self.expect(b'"', "expected a member name in quotes")?;
        let name = self.rest_of_string()?;
        self.expect(b':', "expected `:`")?;
        Ok(name)
    }

    #[inline]
    fn rest_of_string(&mut self) -> Result<Span, JsonError> {
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at = plain_run(self.text.as_bytes(), self.at);
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Span { start, end: self.at - 1, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape_sequence()?;
                }
                Some(_) => return Err(self.error("a control character in a string")),
                None => return Err(self.error("a string without its end")),
            }
        }
    }

    fn escape_sequence(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let len = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.len() > 4 && rest[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(self.error("a bad escape in a string")),
        };
        self.at += len;
        Ok(())
    }

    fn literal(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.error("expected a JSON value"))
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.error("a bad number")),
        }
        if matches!(self.byte(), Some(b'0'..=b'9')) {
            return Err(self.error("a bad number"));
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("a bad number")) } else { Ok(()) }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What was wanted, or that the text ends too early.
    #[cold]
    fn unexpected(&self, what: &'static str) -> JsonError {
        let what = if self.at >= self.text.len() { "the JSON text ends too early" } else { what };
        self.error(what)
    }
}

/// Whether a text stands in JSON as it is, between quotes.
pub fn is_plain(text: &str) -> bool {
    plain_run(text.as_bytes(), 0) == text.len()
}

/// Eight bytes at a time, the last eight again: a name is too short to be worth a call of `memcmp`.
#[inline]
fn starts_with(bytes: &[u8], start: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..start.len()) else { return false };
    let (Some(last), Some(own_last)) = (start.last_chunk::<8>(), bytes.last_chunk::<8>()) else {
        return bytes == start;
    };
    let mut words = start.as_chunks::<8>().0.iter().zip(bytes.as_chunks::<8>().0);
    words.all(|(word, own)| word == own) && last == own_last
}

/// The first byte from `from` that ends a plain part of a string: a quote, a backslash or a control character.
///
/// Eight bytes at a time: the borrow of each subtraction only runs upwards, so the lowest mark is exact.
#[inline]
pub(crate) fn plain_run(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let mut at = from;
    while let Some(chunk) = bytes.get(at..at + 8).and_then(|c| <[u8; 8]>::try_from(c).ok()) {
        let word = u64::from_le_bytes(chunk);
        let quote = word ^ (ONES * 0x22);
        let backslash = word ^ (ONES * 0x5c);
        let marks = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let marks = marks & HIGH;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        at += 1;
    }
    at
}

/// Which of the open brackets are objects: a stack of bits, whose first 64 cost nothing.
#[derive(Default)]
struct Nesting {
    depth: usize,
    bits: u64,
    below: Vec<u64>,
}

impl Nesting {
    fn push(&mut self, object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.below.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(object);
        self.depth += 1;
    }

    fn last(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.bits & 1 == 1)
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.bits = self.below.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests;
