//! The payload that was found clean before, as a mold for the next.

use std::ops::Range;

use super::quick::{Clean, Node, Quick, Seen};
use crate::model::json::{self, Cursor, Span};

/// The last clean payload. For one thread and records that come one after the other.
#[derive(Default)]
pub struct Mold<'q>(json::Mold<&'q Node>);

/// The values that may be others, in order. A text in which nothing else differs is as clean as they are.
#[derive(Default)]
struct Values<'q> {
    all: json::Values<&'q Node>,
    key: Option<Span>,
}

impl<'q> Seen<'q> for Values<'q> {
    fn key(&mut self, text: Span) {
        self.key = Some(text);
    }

    fn value(&mut self, bytes: Range<usize>, node: &'q Node) {
        self.all.push((bytes, node));
    }
}

impl<'q> Mold<'q> {
    /// What [`Quick::clean`] says of a payload.
    pub(super) fn clean<'a>(&mut self, quick: &'q Quick, payload: &'a [u8]) -> Option<Clean<'a>> {
        if !self.0.is_wanted() {
            return quick.clean(payload);
        }
        let text = simdutf8::basic::from_utf8(payload).ok()?;
        if let Some(clean) = self.fit(quick, text) {
            self.0.fitted();
            return Some(clean);
        }
        self.0.missed();
        let mut values = Values::default();
        quick.pass(text, &mut values)?;
        let clean = quick.told(text, values.key);
        // Where the key's name is found before the key, or without it, each payload has to be searched.
        if clean.is_first && clean.key.is_some() == quick.key_name().is_some() {
            self.0.cast(which(quick), text, values.all);
        }
        Some(clean)
    }

    /// A payload that fits.
    fn fit<'a>(&self, quick: &Quick, text: &'a str) -> Option<Clean<'a>> {
        self.0.is_of(which(quick)).then_some(())?;
        let (mut cursor, mut key, name) = (Cursor::new(text), None, quick.key_name());
        for piece in self.0.values() {
            cursor.pass(piece.before).then_some(())?;
            let (start, node) = (cursor.at(), piece.kind);
            let same = node.is_slow() && cursor.pass(piece.text);
            if !same && !node.hurry(&mut cursor) {
                node.pass(&mut cursor, &mut key)?;
            }
            // The key's name, before it.
            if key.is_none() && name == Some(text[start..cursor.at()].trim_start().as_bytes()) {
                return None;
            }
        }
        let key = key.map(|span| cursor.slice(span));
        (cursor.rest() == self.0.end()).then_some(Clean { key, is_first: true })
    }
}

/// Tells schemas apart that live at the same time, as those of a mold do.
fn which(quick: &Quick) -> usize {
    std::ptr::from_ref(quick).addr()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::json::Path;

    fn quick(key: Option<&str>) -> Quick {
        let (text, time) = (json!({"type": "string"}), json!({"type": "string", "format": "date-time"}));
        let within = json!({"type": "object", "properties": {"k": text, "t": time, "c": {"const": "one"}}});
        let schema = json!({"type": "object", "required": ["s"], "properties": {
            "s": {"type": "string", "minLength": 1},
            "in": within,
            "kind": {"enum": ["k", "other"]},
            "v": {"type": "string", "pattern": "^[0-9]+$"},
            "list": {"type": "array", "items": {"type": "integer"}},
            "n": {"type": "number"},
        }});
        Quick::new(&schema, key.map(|key| Path::from_pointer(key).unwrap()).as_ref()).unwrap()
    }

    #[test]
    fn a_payload_of_which_only_values_differ_fits() {
        let quick = quick(Some("/in/k"));
        let mut mold = Mold::default();
        let first = br#"{"s":"a","in":{"k":"1","t":"2024-01-01T00:00:00Z","c":"one"},"list":[1, 2],"n":7}"#;
        assert_eq!(mold.clean(&quick, first), quick.clean(first));
        let fits = |payload: &str| mold.fit(&quick, payload).and_then(|clean| clean.key.map(str::to_owned));
        let next =
            r#"{"s":"Zürich","in":{"k":"22","t":"2025-12-31T23:59:59Z","c":"one"},"list":[30, 4],"n":123}"#;
        let key = |text: &str| Some(text.to_owned());
        assert_eq!(fits(next), key("22"));
        assert_eq!(fits(&next.replace("22", "k")), key("k"));
        assert_eq!(fits(&next.replace(":\"22", ": \"22")), key("22"));
        for (from, to) in [
            ("one", "two"),
            ("2025", "202"),
            ("4]", "4,5]"),
            ("\"list\"", " \"list\""),
            ("123", "1e3"),
            ("Zürich", ""),
            ("Zürich", "k"),
            ("Zürich", "\\n"),
            ("123}", "123} "),
            ("123}", "123"),
            ("\"22\"", "22"),
        ] {
            assert_eq!(fits(&next.replace(from, to)), None, "{from} {to}");
        }
    }

    #[test]
    fn payloads_that_never_fit_are_not_tried_for_ever() {
        let (one, other) = (quick(None), quick(Some("/s")));
        let mut mold = Mold::default();
        for turn in 0..32 {
            let of = if turn % 2 == 0 { &one } else { &other };
            assert!(mold.clean(of, br#"{"s":"a"}"#).is_some());
        }
        assert!(!mold.0.is_wanted());
    }

    fn payload() -> impl Strategy<Value = String> {
        let value = || {
            let odd =
                prop_oneof![Just(r#" "x""#), Just(r#""\u006b""#), Just("7"), Just(r#""é""#), Just(r#""t""#)];
            prop_oneof![2 => Just("\"k\"".to_owned()), 4 => "\"[a-c]{1,2}\"", 1 => odd.prop_map(str::to_owned)]
        };
        let time = prop_oneof![
            6 => r#""202[0-9]-0[1-9]-1[0-9]T1[0-9]:00:00Z""#,
            1 => prop_oneof![Just(r#""2024-13-01T00:00:00Z""#), Just(r#""k""#)].prop_map(str::to_owned),
        ];
        let kind = prop_oneof![4 => Just("\"k\""), 4 => Just("\"other\""), 1 => Just("\"x\"")];
        let version =
            prop_oneof![4 => Just("\"1\""), 2 => Just("\"12\""), 1 => Just("\"1"), 1 => Just("\"x\"")];
        let odd = prop_oneof![Just("1.5"), Just("-1"), Just("01"), Just("1e400"), Just(" 3"), Just("\"k\"")];
        let number = prop_oneof![6 => "[1-9][0-9]{0,3}", 1 => odd.prop_map(str::to_owned)];
        let end = prop_oneof![8 => Just("}"), 1 => Just("} "), 1 => Just(r#","s":"a"}"#), 1 => Just("")];
        (value(), value(), time, kind, number, version, end, 0..3_usize).prop_map(
            |(s, k, t, kind, n, v, end, form)| {
                let within = format!(r#""in":{{"k":{k},"t":{t},"c":"one"}}"#);
                match form {
                    0 => format!(r#"{{"s":{s},{within},"kind":{kind},"list":[{n}],"n":{n}{end}"#),
                    1 => format!(r#"{{{within},"s":{s},"kind":{kind},"list":[{n},{n}]{end}"#),
                    _ => format!(r#"{{"s":{s},"v":{v},"kind":{kind},"n":{n}{end}"#),
                }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn a_mold_says_what_the_quick_pass_says(
            payloads in proptest::collection::vec(payload(), 1..12),
            key in prop_oneof![Just(None), Just(Some("/in/k")), Just(Some("/s")), Just(Some("/kind"))],
        ) {
            let quick = quick(key);
            let mut mold = Mold::default();
            for payload in &payloads {
                let payload = payload.as_bytes();
                prop_assert_eq!(mold.clean(&quick, payload), quick.clean(payload), "{:?}", payloads);
            }
        }
    }
}
