//! Strings into and out of JSON.

use std::borrow::Cow;

use super::cursor::plain_run;

/// A string without its escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unescaped<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// It holds half a surrogate pair: text cannot. These bytes are WTF-8, good for comparing only.
    Broken(Vec<u8>),
}

impl Unescaped<'_> {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Unescaped::Text(text) => text.as_bytes(),
            Unescaped::Broken(bytes) => bytes,
        }
    }
}

/// What a JSON string means; `raw` is the text between the quotes of a string that has been checked.
pub fn unescape(raw: &str) -> Unescaped<'_> {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return Unescaped::Text(Cow::Borrowed(raw));
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let (unit, after) = one(rest);
        rest = after;
        match unit {
            // A pair of surrogates is one character.
            0xd800..=0xdbff => match low_half(rest) {
                Some((low, after)) => {
                    push(&mut out, 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                    rest = after;
                }
                None => push(&mut out, unit),
            },
            _ => push(&mut out, unit),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    match String::from_utf8(out) {
        Ok(text) => Unescaped::Text(Cow::Owned(text)),
        Err(error) => Unescaped::Broken(error.into_bytes()),
    }
}

/// Appends `text` between quotes, as JSON: quotes, backslashes and control characters are escaped, the rest is kept.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = plain_run(bytes, from);
        out.extend_from_slice(&bytes[from..at]);
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
        }
        from = at + 1;
    }
    out.push(b'"');
}

/// The code unit of the escape that starts `rest` (after its backslash), and what follows.
fn one(rest: &str) -> (u32, &str) {
    let Some(&byte) = rest.as_bytes().first() else { return (u32::from(b'\\'), rest) };
    let unit = match byte {
        b'b' => 8,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'u' => {
            let hex = rest.get(1..5).and_then(|h| u32::from_str_radix(h, 16).ok());
            return hex.map_or((u32::from(b'u'), &rest[1..]), |unit| (unit, &rest[5..]));
        }
        // `"`, `\` and `/` stand for themselves; nothing else passes the cursor.
        _ => {
            let c = rest.chars().next().unwrap_or('\\');
            return (u32::from(c), &rest[c.len_utf8()..]);
        }
    };
    (unit, &rest[1..])
}

fn low_half(rest: &str) -> Option<(u32, &str)> {
    let hex = rest.strip_prefix("\\u")?.get(..4)?;
    let unit = u32::from_str_radix(hex, 16).ok()?;
    (0xdc00..=0xdfff).contains(&unit).then(|| (unit, &rest[6..]))
}

/// Generalised UTF-8: like UTF-8, but halves of surrogate pairs pass too.
fn push(out: &mut Vec<u8>, unit: u32) {
    match char::from_u32(unit) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice(&[
            0xe0 | (unit >> 12) as u8,
            0x80 | (unit >> 6 & 0x3f) as u8,
            0x80 | (unit & 0x3f) as u8,
        ]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_a_surrogate_pair_is_not_text_and_does_not_panic() {
        assert_eq!(unescape("a\\ud83d\\ude00b"), Unescaped::Text("a\u{1f600}b".into()));
        assert_eq!(unescape("\\ud83d"), Unescaped::Broken(vec![0xed, 0xa0, 0xbd]));
        assert_eq!(unescape("\\ude00x"), Unescaped::Broken(vec![0xed, 0xb8, 0x80, b'x']));
        assert_eq!(unescape("\\ud83d\\u0041"), Unescaped::Broken(vec![0xed, 0xa0, 0xbd, b'A']));
        assert_eq!(unescape("\\/\\\\\\\"\\b\\f\\n\\r\\t"), Unescaped::Text("/\\\"\u{8}\u{c}\n\r\t".into()));
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_us_and_by_serde_json(text in any::<String>()) {
            let mut out = Vec::new();
            escape(&mut out, &text);
            let json = String::from_utf8(out).unwrap();
            prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
            prop_assert_eq!(unescape(&json[1..json.len() - 1]), Unescaped::Text(text.into()));
        }

        #[test]
        fn what_serde_json_escapes_is_read_alike(text in any::<String>()) {
            let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let json = units.concat();
            prop_assert_eq!(unescape(&json), Unescaped::Text(text.into()));
        }
    }
}
