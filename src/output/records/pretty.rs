//! JSON text over several lines, every name, string and number as it stands.

use crate::output::escape::for_terminal;

/// Deeper levels are indented like this one, so that 10,000 brackets do not make a screen of blanks.
const DEEPEST: usize = 24;

const NAME: &str = "\x1b[34m";
const STRING: &str = "\x1b[32m";
const SCALAR: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

/// How JSON is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) colour: bool,
    pub(super) terminal: bool,
    /// Blanks before every line.
    pub(super) indent: usize,
}

/// Appends valid JSON text laid out, without a line break at its end.
pub(super) fn write(out: &mut Vec<u8>, json: &str, layout: Layout) {
    let mut printer = Printer { out, layout, open: Vec::new(), name: false };
    let bytes = json.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'"' => string_end(bytes, at),
            b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\n' | b'\r' => at + 1,
            _ => bytes[at..]
                .iter()
                .position(|b| b"{}[]:,\" \t\n\r".contains(b))
                .map_or(bytes.len(), |n| at + n),
        };
        match byte {
            b'{' | b'[' => {
                let rest = json[end..].trim_start();
                let empty = rest.starts_with(['}', ']']);
                at = if empty { json.len() - rest.len() + 1 } else { end };
                printer.open(byte, empty);
                continue;
            }
            b'}' | b']' => printer.close(byte),
            b',' => printer.comma(),
            b':' => printer.colon(),
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => printer.token(&json[at..end]),
        }
        at = end;
    }
}

/// One past the closing quote.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(hit) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        if bytes[at + hit] == b'"' {
            return at + hit + 1;
        }
        at += hit + 2;
    }
    bytes.len()
}

struct Printer<'o> {
    out: &'o mut Vec<u8>,
    layout: Layout,
    /// The open brackets: whether each is an object.
    open: Vec<bool>,
    /// A name comes next.
    name: bool,
}

impl Printer<'_> {
    fn open(&mut self, byte: u8, empty: bool) {
        self.out.push(byte);
        if empty {
            self.out.push(byte + 2);
            return;
        }
        self.open.push(byte == b'{');
        self.name = byte == b'{';
        self.line_break();
    }

    fn close(&mut self, byte: u8) {
        self.open.pop();
        self.line_break();
        self.out.push(byte);
    }

    fn comma(&mut self) {
        self.out.push(b',');
        self.name = self.open.last() == Some(&true);
        self.line_break();
    }

    fn colon(&mut self) {
        self.out.extend_from_slice(b": ");
        self.name = false;
    }

    fn token(&mut self, token: &str) {
        let colour = match (self.name, token.starts_with('"')) {
            (true, _) => NAME,
            (false, true) => STRING,
            (false, false) => SCALAR,
        };
        if self.layout.colour {
            self.out.extend_from_slice(colour.as_bytes());
        }
        if self.layout.terminal {
            self.out.extend_from_slice(for_terminal(token).as_bytes());
        } else {
            self.out.extend_from_slice(token.as_bytes());
        }
        if self.layout.colour {
            self.out.extend_from_slice(RESET.as_bytes());
        }
    }

    fn line_break(&mut self) {
        self.out.push(b'\n');
        let blanks = self.layout.indent + 2 * self.open.len().min(DEEPEST);
        self.out.resize(self.out.len() + blanks, b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(json: &str, colour: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, json, Layout { colour, terminal: true, indent: 0 });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_laid_out_and_kept_verbatim() {
        let json = r#"{"a":1e400,"a": [ ] ,"b\"":[1.50,{"c":"\u00e9, {\\"}],"d":{}}"#;
        let expected = r#"{
  "a": 1e400,
  "a": [],
  "b\"": [
    1.50,
    {
      "c": "\u00e9, {\\"
    }
  ],
  "d": {}
}"#;
        assert_eq!(pretty(json, false), expected);
        assert_eq!(pretty("[\"\u{9b}31m\"]", false), "[\n  \"\\u{9b}31m\"\n]");
    }

    #[test]
    fn names_strings_and_the_rest_have_colours() {
        let expected = "{\n  \x1b[34m\"a\"\x1b[0m: \x1b[32m\"b\"\x1b[0m,\n  \x1b[34m\"c\"\x1b[0m: \x1b[33mnull\x1b[0m\n}";
        assert_eq!(pretty(r#"{"a":"b","c":null}"#, true), expected);
    }

    #[test]
    fn depth_costs_no_stack_and_few_blanks() {
        let json = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(pretty(&json, false).len() < 20_000 * 2 * 60);
    }

    proptest::proptest! {
        #[test]
        fn the_layout_changes_blanks_only(items in proptest::collection::vec("[a-z{}\\[\\]:, ]{0,6}", 0..6)) {
            let json = serde_json::json!({"x": items, "y": {"z": items}}).to_string();
            let laid_out: serde_json::Value = serde_json::from_str(&pretty(&json, false)).unwrap();
            proptest::prop_assert_eq!(laid_out.to_string(), json);
        }
    }
}
