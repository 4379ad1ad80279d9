//! Reading a line: strict, borrowed, and without a word of the content in its errors.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::usual;
use crate::model::json::{Cursor, JsonError, Member, Names, Place, Unescaped, unescape};
use crate::model::record::{Header, Record, Timestamp, TimestampType};

/// The fields of a line, as they are told to who misspells one.
const FIELDS: &[&str] = &[
    "topic",
    "partition",
    "offset",
    "timestamp",
    "timestamp_type",
    "key",
    "headers",
    "value",
    "masked",
    "problems",
];

/// What closes a tight line after its value: the tag's brace and the record's.
const BRACES: usize = 2;

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::new(FIELDS.iter().copied()));

/// A line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The record, borrowing from the line. `partition` is a hint; `offset` is where it was.
    pub record: Record<'a>,
    /// Whether it says that it is masked: its bytes are not the record's, so it must not be sent.
    pub masked: bool,
    /// Whether its last member is a value in JSON, right before the closing braces. It is, in lines that we wrote.
    pub tight: bool,
}

/// What is wrong with a line; never holds a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The byte of the line where it is noticed, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at column {}", self.message, self.column)
    }
}

impl std::error::Error for LineError {}

impl From<JsonError> for LineError {
    fn from(error: JsonError) -> Self {
        Self::new(error.at, error.what)
    }
}

impl LineError {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { column: at + 1, message: message.into() }
    }
}

/// Reads one record from a line (with or without its line break). A line without a topic goes to `topic`.
pub fn read<'a>(line: &'a [u8], topic: Option<&'a str>) -> Result<Line<'a>, LineError> {
    read_as(line, topic, false)
}

/// Reads a line that is taken to be [tight](Line::tight): the value's end is not looked for. The line is what [`read`] makes of
/// it if it comes out as not tight, or if its value's bytes are JSON. Else nothing is known of it, nor where this fails.
pub fn read_tight<'a>(line: &'a [u8], topic: Option<&'a str>) -> Result<Line<'a>, LineError> {
    match usual::record(line) {
        Some(record) => Ok(Line { record, masked: false, tight: true }),
        None => read_as(line, topic, true),
    }
}

fn read_as<'a>(line: &'a [u8], topic: Option<&'a str>, tight: bool) -> Result<Line<'a>, LineError> {
    let text = simdutf8::compat::from_utf8(line).map_err(|e| LineError::new(e.valid_up_to(), "not UTF-8"))?;
    let value_end = text.len().checked_sub(BRACES).filter(|_| tight);
    let mut reader = Reader { cursor: Cursor::new(text), seen: 0, value_end, json_end: 0 };
    let mut parts = Parts::default();
    if reader.cursor.peek() != Some(b'{') {
        return Err(reader.error("expected a record: `{\"topic\": …, \"value\": …}`"));
    }
    reader.cursor.take(b'{');
    let mut place = Place::default();
    while let Some(member) = NAMES.next(&mut reader.cursor, &mut place)? {
        match member {
            Member::Known(index) => reader.field(index, &mut parts)?,
            Member::Other(name) => {
                return Err(LineError::new(name.start, unknown_field(reader.cursor.slice(name))));
            }
        }
    }
    reader.cursor.end()?;
    parts.finish(topic, text.len())
}

/// A line's fields as they come in.
#[derive(Default)]
struct Parts<'a> {
    topic: Option<Cow<'a, str>>,
    partition: Option<i32>,
    offset: Option<i64>,
    timestamp: Option<i64>,
    kind: Option<TimestampType>,
    key: Option<Cow<'a, [u8]>>,
    headers: Vec<Header<'a>>,
    value: Option<Cow<'a, [u8]>>,
    has_value: bool,
    /// Where the value's JSON ends, if that is what it is.
    value_end: usize,
    masked: bool,
}

impl<'a> Parts<'a> {
    fn finish(self, topic: Option<&'a str>, end: usize) -> Result<Line<'a>, LineError> {
        let topic = self.topic.or(topic.map(Cow::Borrowed));
        let topic = topic.ok_or_else(|| LineError::new(end, "the record has no `topic`"))?;
        // A tombstone is written out: a forgotten value must not delete anything.
        if !self.has_value {
            return Err(LineError::new(end, "the record has no `value` (a tombstone is `\"value\": null`)"));
        }
        let kind = self.kind.unwrap_or(TimestampType::CreateTime);
        let record = Record {
            topic,
            partition: self.partition,
            offset: self.offset,
            timestamp: self.timestamp.map(|millis| Timestamp { millis, kind }),
            key: self.key,
            headers: self.headers,
            value: self.value,
        };
        Ok(Line { record, masked: self.masked, tight: self.value_end + BRACES == end })
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    /// A bit for each field that was there.
    seen: u16,
    /// Where the value ends, if that is known and it is JSON.
    value_end: Option<usize>,
    /// Where the last JSON content ended.
    json_end: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, message: impl Into<String>) -> LineError {
        LineError::new(self.cursor.at(), message)
    }

    /// The field of this index, whose name and colon have been passed.
    fn field(&mut self, index: usize, parts: &mut Parts<'a>) -> Result<(), LineError> {
        let name = FIELDS[index];
        if self.seen & 1 << index != 0 {
            let at = self.cursor.text()[..self.cursor.at()].rfind(name).unwrap_or(self.cursor.at());
            return Err(LineError::new(at, format!("`{name}` is there twice")));
        }
        self.seen |= 1 << index;
        match name {
            "topic" => parts.topic = self.optional_string("`topic`")?,
            "partition" => parts.partition = self.whole_number("`partition`", 0)?,
            "offset" => parts.offset = self.whole_number("`offset`", i64::MIN)?,
            "timestamp" => parts.timestamp = self.whole_number("`timestamp`", i64::MIN)?,
            "timestamp_type" => parts.kind = self.timestamp_type()?,
            "key" => parts.key = self.content("`key`", None)?,
            "headers" => parts.headers = self.headers()?,
            "value" => {
                self.json_end = 0;
                parts.value = self.content("`value`", self.value_end)?;
                parts.value_end = self.json_end;
                parts.has_value = true;
            }
            "masked" => parts.masked = self.boolean("`masked`")?,
            _ => {
                self.cursor.skip_value()?;
            }
        }
        Ok(())
    }

    fn null(&mut self) -> Result<bool, LineError> {
        let null = self.cursor.peek() == Some(b'n');
        if null {
            self.cursor.scalar()?;
        }
        Ok(null)
    }

    fn optional_string(&mut self, what: &str) -> Result<Option<Cow<'a, str>>, LineError> {
        if self.null()? { Ok(None) } else { self.string(what).map(Some) }
    }

    fn string(&mut self, what: &str) -> Result<Cow<'a, str>, LineError> {
        if self.cursor.peek() != Some(b'"') {
            return Err(self.error(format!("{what} must be a string")));
        }
        let span = self.cursor.string()?;
        match unescape(self.cursor.slice(span)) {
            Unescaped::Text(text) => Ok(text),
            Unescaped::Broken(_) => Err(LineError::new(
                span.start,
                format!("{what} holds half of a surrogate pair, which no text can"),
            )),
        }
    }

    fn whole_number<T: TryFrom<i64>>(&mut self, what: &str, least: i64) -> Result<Option<T>, LineError> {
        if self.null()? {
            return Ok(None);
        }
        self.cursor.peek();
        let at = self.cursor.at();
        let span = self.cursor.skip_value()?;
        let number = self.cursor.slice(span).parse::<i64>().ok().filter(|n| *n >= least);
        match number.and_then(|n| T::try_from(n).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(LineError::new(at, format!("{what} must be a whole number or null"))),
        }
    }

    fn timestamp_type(&mut self) -> Result<Option<TimestampType>, LineError> {
        self.cursor.peek();
        let at = self.cursor.at();
        match self.optional_string("`timestamp_type`")?.as_deref() {
            None => Ok(None),
            Some("CreateTime") => Ok(Some(TimestampType::CreateTime)),
            Some("LogAppendTime") => Ok(Some(TimestampType::LogAppendTime)),
            Some(_) => {
                Err(LineError::new(at, "`timestamp_type` must be \"CreateTime\" or \"LogAppendTime\""))
            }
        }
    }

    fn boolean(&mut self, what: &str) -> Result<bool, LineError> {
        let yes = match self.cursor.peek() {
            Some(b't') => true,
            Some(b'f') => false,
            _ => return Err(self.error(format!("{what} must be true or false"))),
        };
        self.cursor.scalar()?;
        Ok(yes)
    }

    fn headers(&mut self) -> Result<Vec<Header<'a>>, LineError> {
        const FORM: &str = "`headers` must be an array of [name, value] pairs";
        let mut headers = Vec::new();
        if self.null()? {
            return Ok(headers);
        }
        self.cursor.peek();
        if !self.cursor.take(b'[') {
            return Err(self.error(FORM));
        }
        while self.cursor.item(headers.is_empty())? {
            self.cursor.peek();
            if !self.cursor.take(b'[') {
                return Err(self.error(FORM));
            }
            let name = self.string("a header's name")?;
            self.cursor.expect(b',', FORM)?;
            let value = self.content("a header's value", None)?;
            self.cursor.expect(b']', FORM)?;
            headers.push(Header { name, value });
        }
        Ok(headers)
    }

    /// Null, or an object with one of the three tags. JSON whose end is known is not read.
    fn content(&mut self, what: &str, json_end: Option<usize>) -> Result<Option<Cow<'a, [u8]>>, LineError> {
        if self.null()? {
            return Ok(None);
        }
        self.cursor.peek();
        let at = self.cursor.at();
        let form = || {
            format!("{what} must be null or one of `{{\"json\": …}}`, `{{\"text\": …}}`, `{{\"base64\": …}}`")
        };
        if !self.cursor.take(b'{') {
            return Err(self.error(form()));
        }
        let Some(tag) = self.cursor.member(true)? else { return Err(LineError::new(at, form())) };
        let bytes = match self.cursor.slice(tag) {
            "json" => {
                let span = match json_end {
                    Some(end) => self.cursor.jump(end)?,
                    None => self.cursor.skip_value()?,
                };
                self.json_end = span.end;
                Cow::Borrowed(self.cursor.slice(span).as_bytes())
            }
            "text" => match self.string("`text`")? {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            "base64" => self.base64()?,
            _ => return Err(LineError::new(tag.start, form())),
        };
        if !self.cursor.take(b'}') {
            let second = self.cursor.peek() == Some(b',');
            let message =
                if second { format!("{what} has more than one tag") } else { "expected `}`".to_owned() };
            return Err(self.error(message));
        }
        Ok(Some(bytes))
    }

    fn base64(&mut self) -> Result<Cow<'a, [u8]>, LineError> {
        self.cursor.peek();
        let at = self.cursor.at();
        let text = self.string("`base64`")?;
        let bytes = STANDARD.decode(&*text);
        bytes
            .map(Cow::Owned)
            .map_err(|_| LineError::new(at, "`base64` is not standard base64 with its padding"))
    }
}

/// The name may be content (of a line that is no record), so it is only compared.
fn unknown_field(raw: &str) -> String {
    let near = FIELDS.iter().find(|field| strsim::osa_distance(field, raw) <= 2);
    match near {
        Some(field) => format!("unknown field; did you mean `{field}`?"),
        None => format!("unknown field; a record has {}", FIELDS.join(", ")),
    }
}

#[cfg(test)]
mod tests;
