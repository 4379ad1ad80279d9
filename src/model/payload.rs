//! Bytes as the service sees them: the decoding rules of NestJS (`kafka-parser.js` of @nestjs/microservices 11).
//!
//! Null stays null; a first byte of 0x00 means binary; the rest is text, and JSON only if its first character is
//! `{` or `[` and it is valid. So `42`, `true` and JSON behind a blank are text, and broken JSON is text too: NestJS
//! does not complain, we say so in a problem. A problem never holds a part of the content.

use super::json;
use super::shown::Content;

/// Why bytes are not what one would expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It starts like JSON and is not; where and why.
    BrokenJson(String),
    /// Not UTF-8; how many bytes were good.
    NotUtf8(usize),
    /// Confluent wire format: 0x00, the schema's id, at least one byte more.
    Confluent(u32),
}

impl Problem {
    /// For people; `what` is the part of the record: `the value`.
    pub fn describe(&self, what: &str) -> String {
        match self {
            Problem::BrokenJson(why) => format!("{what} is not valid JSON: {why}"),
            Problem::NotUtf8(good) => format!("{what} is not UTF-8 from byte {}", good + 1),
            Problem::Confluent(id) => format!("{what}: Confluent wire format, schema id {id}, not decoded"),
        }
    }
}

/// Decodes a key, a header's value or a value.
pub fn decode(bytes: Option<&[u8]>) -> (Content<'_>, Option<Problem>) {
    match classify(bytes) {
        Raw::Null => (Content::Null, None),
        Raw::Binary(bytes, problem) => (Content::Binary(bytes.into()), problem),
        Raw::Text(text) => (Content::Text(text.into()), None),
        Raw::JsonLike(text) => match json::check(text) {
            Ok(()) => (Content::Json(text.into()), None),
            Err(error) => (Content::Text(text.into()), Some(Problem::BrokenJson(error.describe(text)))),
        },
    }
}

/// Bytes before their JSON is checked.
pub(super) enum Raw<'a> {
    /// Null.
    Null,
    /// Not text.
    Binary(&'a [u8], Option<Problem>),
    /// Text that NestJS does not try to parse.
    Text(&'a str),
    /// Text that starts with `{` or `[`.
    JsonLike(&'a str),
}

/// All of decoding but the JSON check, which masking does on its way.
#[inline]
pub(super) fn classify(bytes: Option<&[u8]>) -> Raw<'_> {
    let Some(bytes) = bytes else { return Raw::Null };
    if bytes.first() == Some(&0) {
        return Raw::Binary(bytes, confluent(bytes));
    }
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) if matches!(bytes.first(), Some(b'{' | b'[')) => Raw::JsonLike(text),
        Ok(text) => Raw::Text(text),
        Err(error) => Raw::Binary(bytes, Some(Problem::NotUtf8(error.valid_up_to()))),
    }
}

/// One zero byte alone is NestJS's `kafka_nest-is-disposed`, four are a big-endian number: neither is Confluent's.
fn confluent(bytes: &[u8]) -> Option<Problem> {
    // Eight bytes from zero are a number too (Spring's offsets and times), but a value hardly is one.
    let id = bytes.get(1..5)?;
    (bytes.len() > 5).then(|| Problem::Confluent(u32::from_be_bytes([id[0], id[1], id[2], id[3]])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Content<'_> {
        Content::Json(text.into())
    }

    fn text(text: &str) -> Content<'_> {
        Content::Text(text.into())
    }

    #[test]
    fn bytes_are_decoded_as_nestjs_decodes_them() {
        let cases: &[(&str, Content)] = &[
            ("{}", json("{}")),
            ("[1,2]", json("[1,2]")),
            ("{\"a\":1,\"a\":1e400}\n", json("{\"a\":1,\"a\":1e400}\n")),
            ("", text("")),
            ("42", text("42")),
            ("true", text("true")),
            ("null", text("null")),
            ("\"quoted\"", text("\"quoted\"")),
            (" {}", text(" {}")),
            ("\u{feff}{}", text("\u{feff}{}")),
            ("Wed Jan 10 2024 09:00:00 GMT+0000", text("Wed Jan 10 2024 09:00:00 GMT+0000")),
        ];
        for (bytes, content) in cases {
            assert_eq!(decode(Some(bytes.as_bytes())), (content.clone(), None), "{bytes:?}");
        }
        assert_eq!(decode(None), (Content::Null, None));
    }

    #[test]
    fn what_cannot_be_decoded_has_a_problem_without_content() {
        let (content, problem) = decode(Some(b"{\"name\":\"Zoe\""));
        assert_eq!(content, text("{\"name\":\"Zoe\""));
        assert_eq!(
            problem.unwrap().describe("the value"),
            "the value is not valid JSON: the JSON text ends too early at line 1, column 14"
        );
        let (content, problem) = decode(Some(b"abc\xff"));
        assert_eq!(content, Content::Binary(b"abc\xff".into()));
        assert_eq!(problem.unwrap().describe("the key"), "the key is not UTF-8 from byte 4");
    }

    #[test]
    fn confluents_wire_format_is_recognised_by_its_first_byte_and_a_body() {
        let problem = decode(Some(b"\0\0\0\0\x2aX")).1.unwrap();
        assert_eq!(
            problem.describe("the value"),
            "the value: Confluent wire format, schema id 42, not decoded"
        );
        for short in [&b"\0"[..], b"\0\0\0\x02", b"\0\0\0\0\x2a"] {
            assert_eq!(decode(Some(short)), (Content::Binary(short.into()), None));
        }
    }
}
