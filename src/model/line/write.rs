//! Writing a line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::json::escape;
use crate::model::shown::{Content, Shown};

/// Appends the record as one line with its line break. No value is built: text is copied where it can be.
pub fn write(out: &mut Vec<u8>, shown: &Shown<'_>) {
    head(out, shown);
    out.extend_from_slice(b",\"value\":");
    content(out, &shown.value);
    tail(out, shown);
}

/// The same without the field `value`: nobody can mistake it for a whole record, and `publish -` refuses it.
pub fn write_without_value(out: &mut Vec<u8>, shown: &Shown<'_>) {
    head(out, shown);
    tail(out, shown);
}

fn head(out: &mut Vec<u8>, shown: &Shown<'_>) {
    out.extend_from_slice(b"{\"topic\":");
    escape(out, &shown.topic);
    out.extend_from_slice(b",\"partition\":");
    number(out, shown.partition.map(i64::from));
    out.extend_from_slice(b",\"offset\":");
    number(out, shown.offset);
    out.extend_from_slice(b",\"timestamp\":");
    number(out, shown.timestamp.map(|t| t.millis));
    out.extend_from_slice(b",\"timestamp_type\":");
    match shown.timestamp {
        Some(timestamp) => escape(out, timestamp.kind.name()),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"key\":");
    content(out, &shown.key);
    out.extend_from_slice(b",\"headers\":[");
    for (at, (name, value)) in shown.headers.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"[" } else { b",[" });
        escape(out, name);
        out.push(b',');
        content(out, value);
        out.push(b']');
    }
    out.push(b']');
}

fn tail(out: &mut Vec<u8>, shown: &Shown<'_>) {
    if shown.masked {
        out.extend_from_slice(b",\"masked\":true");
    }
    if !shown.problems.is_empty() {
        out.extend_from_slice(b",\"problems\":[");
        for (at, problem) in shown.problems.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"" } else { b"," });
            escape(out, problem);
        }
        out.push(b']');
    }
    out.extend_from_slice(b"}\n");
}

fn content(out: &mut Vec<u8>, content: &Content<'_>) {
    match content {
        Content::Null => out.extend_from_slice(b"null"),
        Content::Json(text) if is_verbatim(text) => {
            out.extend_from_slice(b"{\"json\":");
            out.extend_from_slice(text.as_bytes());
            out.push(b'}');
        }
        Content::Json(text) | Content::Text(text) => {
            out.extend_from_slice(b"{\"text\":");
            escape(out, text);
            out.push(b'}');
        }
        Content::Binary(bytes) => {
            out.extend_from_slice(b"{\"base64\":\"");
            let start = out.len();
            out.resize(start + bytes.len().div_ceil(3) * 4, 0);
            // The room is exact, so this cannot fail; were it to, the line would still be read back as an error.
            let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
            out.truncate(start + written);
            out.extend_from_slice(b"\"}");
        }
    }
}

/// JSON text that can stand in a line as it is and be cut out again: no line break, no blanks behind it (a content
/// that is JSON has none before it).
fn is_verbatim(text: &str) -> bool {
    matches!(text.as_bytes().last(), Some(b'}' | b']'))
        && memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_none()
}

fn number(out: &mut Vec<u8>, number: Option<i64>) {
    match number {
        Some(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        for n in [0, 7, -7, 1_704_877_200_005, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            number(&mut out, Some(n));
            assert_eq!(out, n.to_string().into_bytes());
        }
    }
}
