//! A record as one line of JSON: what `tail -o ndjson` prints and `publish -` reads, byte for byte.
//!
//! ```text
//! {"topic":"t","partition":0,"offset":7,"timestamp":1704877200005,"timestamp_type":"CreateTime",
//!  "key":{"text":"k3j9x0q2z"},"headers":[["a",{"base64":"AAAAAg=="}],["a",null]],"value":{"json":{"n":1e400}}}
//! ```
//! A key, a header's value and the value are null or have one tag. `json` is the record's own text, verbatim, so it is
//! used only where the text has no line break and no blanks around it; other text is `text`, other bytes `base64`.
//! Where there is cause, `masked` (true) and `problems` (texts) follow.

mod read;
mod usual;
mod write;

pub use read::{Line, LineError, read, read_tight};
pub use write::{write, write_without_value};

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::model::catalogue::Catalogue;
    use crate::model::record::{Header, Record, Timestamp, TimestampType};
    use crate::model::shown::Shower;

    fn odd_bytes() -> impl Strategy<Value = Option<Cow<'static, [u8]>>> {
        let json = prop_oneof![
            Just("{}"),
            Just("[]"),
            Just("{\"a\":1,\"a\":1e400}"),
            Just("{\"n\":123456789012345678901234567890}"),
            Just("{ \"a\" : [ 1 , 2.50 ] }"),
            Just("{\"a\":1}\n"),
            Just("{\"a\":\n1}"),
            Just("{\"a\":1} "),
            Just("[\"\\ud800\"]"),
            Just("[\"\\u00e9é\u{2028}\u{1f600}\"]"),
            Just("{\"broken\""),
            Just(" {}"),
            Just("42"),
            Just("null"),
            Just(""),
            Just("\u{feff}{}"),
            Just("[\"\u{7f}\u{9b}\"]"),
        ];
        prop_oneof![
            Just(None),
            json.prop_map(|text| Some(Cow::Borrowed(text.as_bytes()))),
            any::<String>().prop_map(|text| Some(Cow::Owned(text.into_bytes()))),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Some(Cow::Owned(bytes))),
        ]
    }

    fn records() -> impl Strategy<Value = Record<'static>> {
        let kind = prop_oneof![Just(TimestampType::CreateTime), Just(TimestampType::LogAppendTime)];
        let timestamp = (any::<i64>(), kind).prop_map(|(millis, kind)| Timestamp { millis, kind });
        let name = prop_oneof![Just(String::new()), Just("a".to_owned()), any::<String>()];
        let header = (name, odd_bytes()).prop_map(|(name, value)| Header { name: name.into(), value });
        (
            any::<String>(),
            proptest::option::of(0..=i32::MAX),
            proptest::option::of(0..=i64::MAX),
            proptest::option::of(timestamp),
            odd_bytes(),
            proptest::collection::vec(header, 0..4),
            odd_bytes(),
        )
            .prop_map(|(topic, partition, offset, timestamp, key, headers, value)| Record {
                topic: topic.into(),
                partition,
                offset,
                timestamp,
                key,
                headers,
                value,
            })
    }

    #[test]
    fn lines_as_they_are_mostly_written_look_like_ours() {
        fn ours(line: &str) -> Option<Record<'_>> {
            let record = usual::record(line.as_bytes())?;
            let same = Line { record: record.clone(), masked: false, tight: true };
            assert_eq!(read(line.as_bytes(), None), Ok(same));
            Some(record)
        }
        let line = concat!(
            r#"{"topic":"t","partition":0,"offset":7,"timestamp":1704877200005,"timestamp_type":"LogAppendTime","#,
            r#""key":{"text":"k3é"},"headers":[["a",{"text":"é"}],["a",null],["",{"text":""}]],"value":{"json":{"n":1}}}"#,
        );
        let record = ours(line).unwrap();
        assert_eq!((record.partition, record.offset, record.headers.len()), (Some(0), Some(7), 3));
        assert_eq!(record.timestamp.unwrap().kind, TimestampType::LogAppendTime);
        let bare = concat!(
            r#"{"topic":"t","partition":null,"offset":null,"timestamp":null,"timestamp_type":null,"#,
            r#""key":null,"headers":[],"value":{"json":""}}"#,
        );
        assert!(ours(bare).is_some());
        for (from, to) in [
            ("k3", r"\u006b3"),
            (r#"{"text":"k3é"}"#, r#"{"base64":"AAAA"}"#),
            (":7,", ":07,"),
            (":7,", ":-7,"),
            (":7,", ":7.0,"),
            (":7,", ":1234567890123456,"),
            (":0,", ":3000000000,"),
            (r#"{"n":1}"#, r#" {"n":1}"#),
            (r#"{"n":1}"#, ""),
            ("}}}", r#"}},"masked":true}"#),
            (",\"offset\"", ", \"offset\""),
        ] {
            assert_eq!(ours(&line.replacen(from, to, 1)), None, "{from} {to}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn a_line_that_is_written_is_read_back_byte_for_byte(record in records()) {
            let shower = Shower::new(Arc::new(Catalogue { events: Vec::new() }), None);
            let mut line = Vec::new();
            write(&mut line, &shower.show(&record));
            let text = std::str::from_utf8(&line).unwrap().strip_suffix('\n').unwrap();
            prop_assert!(!text.contains(['\n', '\r']));
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
            let read = read(text.as_bytes(), None).unwrap();
            prop_assert!(!read.masked);
            let ends_in_it = !text.contains(r#","problems":["#);
            prop_assert_eq!(read.tight, text.contains(r#""value":{"json":"#) && ends_in_it);
            if read.tight {
                prop_assert_eq!(&read_tight(text.as_bytes(), None).unwrap(), &read);
            }
            prop_assert_eq!(read.record, record);
        }

        #[test]
        fn a_line_that_looks_like_ours_is_read_as_any_other(
            record in records(),
            edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..3_usize, r#"["\\\\,:{}\[\]0-9né ]{0,2}|null|\]\]|"a""#), 0..2),
        ) {
            let shower = Shower::new(Arc::new(Catalogue { events: Vec::new() }), None);
            let mut line = Vec::new();
            write(&mut line, &shower.show(&record));
            line.pop();
            for (at, cut, put) in edits {
                let from = at.index(line.len());
                line.splice(from..(from + cut).min(line.len()), put.into_bytes());
            }
            if let Some(record) = usual::record(&line) {
                let value = record.value.clone().unwrap();
                let is_json = std::str::from_utf8(&value).is_ok_and(|text| crate::model::json::check(text).is_ok());
                let ours = Line { record, masked: false, tight: true };
                prop_assert!(!is_json || read(&line, None) == Ok(ours), "{}", String::from_utf8_lossy(&line));
            }
        }

        #[test]
        fn no_line_makes_the_reading_panic(text in "[\\[\\]{}:,\" \\\\u0-9a-e]{0,40}", bytes in any::<Vec<u8>>()) {
            let _ = read(text.as_bytes(), Some("t"));
            let _ = read(&bytes, None);
            let _ = read(format!("{{\"topic\":\"t\",\"key\":{text}}}").as_bytes(), None);
        }
    }
}
