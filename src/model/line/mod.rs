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
        fn no_line_makes_the_reading_panic(text in "[\\[\\]{}:,\" \\\\u0-9a-e]{0,40}", bytes in any::<Vec<u8>>()) {
            let _ = read(text.as_bytes(), Some("t"));
            let _ = read(&bytes, None);
            let _ = read(format!("{{\"topic\":\"t\",\"key\":{text}}}").as_bytes(), None);
        }
    }
}
