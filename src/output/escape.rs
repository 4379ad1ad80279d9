//! Text from records must not drive the terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Control characters (C0 but tab and newline, DEL, C1) and bidirectional overrides as `\u{…}`.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same inside JSON text, as JSON escapes (`\u009b`); `None` if there is nothing to escape. Blanks between values
/// are tabs and line breaks at most, so every unsafe character stands in a string.
pub fn in_json(text: &str) -> Option<String> {
    if !text.chars().any(is_unsafe) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Some(out)
}

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_neutralised_and_text_is_kept() {
        assert_eq!(for_terminal("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(for_terminal("é\u{9b}\r"), "é\\u{9b}\\u{d}");
        assert_eq!(for_terminal("plain\ttext\n"), "plain\ttext\n");
        assert!(matches!(for_terminal("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_json_with_the_same_meaning() {
        let json = "{\"a\":\"\u{9b}31m\u{202e}\"}\n";
        let escaped = in_json(json).unwrap();
        assert_eq!(escaped, "{\"a\":\"\\u009b31m\\u202e\"}\n");
        let value = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&escaped), value(json));
        assert_eq!(in_json("{\"a\":1}\n"), None);
    }
}
