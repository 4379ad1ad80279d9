//! Lines as they are read, and what is wrong with them.

use super::*;

fn refused(line: &str) -> String {
    read(line.as_bytes(), None).unwrap_err().to_string()
}

#[test]
fn what_is_left_out_is_filled_in() {
    let line = read(br#"{"value":{"json":{"a":1}}}"#, Some("t")).unwrap();
    assert_eq!(line.record.topic, "t");
    assert_eq!(line.record.value.as_deref(), Some(&b"{\"a\":1}"[..]));
    assert_eq!((line.record.key, line.record.timestamp, line.record.partition), (None, None, None));
    let line = read(br#"{"topic":"own","timestamp":5,"value":null}"#, Some("t")).unwrap();
    assert_eq!(line.record.topic, "own");
    assert_eq!(line.record.value, None);
    let time = Timestamp { millis: 5, kind: TimestampType::CreateTime };
    assert_eq!(line.record.timestamp, Some(time));
}

#[test]
fn blanks_between_do_not_matter_and_within_json_they_stay() {
    let line = read(b" { \"topic\" : \"t\" , \"value\" : { \"json\" : { \"a\" : 1 } } } \r\n", None).unwrap();
    assert_eq!(line.record.value.as_deref(), Some(&b"{ \"a\" : 1 }"[..]));
    assert!(matches!(line.record.value, Some(Cow::Borrowed(_))));
}

#[test]
fn a_masked_line_says_so() {
    assert!(read(br#"{"topic":"t","value":null,"masked":true,"problems":["x"]}"#, None).unwrap().masked);
    assert!(!read(br#"{"topic":"t","value":null,"masked":false}"#, None).unwrap().masked);
}

#[test]
fn what_is_wrong_is_said_with_its_column_and_without_the_content() {
    let cases = [
        ("", "expected a record: `{\"topic\": …, \"value\": …}` at column 1"),
        ("[]", "expected a record: `{\"topic\": …, \"value\": …}` at column 1"),
        (r#"{"value":null}"#, "the record has no `topic` at column 15"),
        (r#"{"topic":"t"}"#, "the record has no `value` (a tombstone is `\"value\": null`) at column 14"),
        (r#"{"topic":"t","vlaue":null}"#, "unknown field; did you mean `value`? at column 15"),
        (r#"{"topic":"t","topic":"t"}"#, "`topic` is there twice at column 15"),
        (r#"{"topic":5}"#, "`topic` must be a string at column 10"),
        (r#"{"partition":-1}"#, "`partition` must be a whole number or null at column 14"),
        (r#"{"partition":1.5}"#, "`partition` must be a whole number or null at column 14"),
        (r#"{"partition":3000000000}"#, "`partition` must be a whole number or null at column 14"),
        (r#"{"timestamp":"Marie"}"#, "`timestamp` must be a whole number or null at column 14"),
        (
            r#"{"timestamp_type":"Marie"}"#,
            "`timestamp_type` must be \"CreateTime\" or \"LogAppendTime\" at column 19",
        ),
        (
            r#"{"key":"Marie"}"#,
            "`key` must be null or one of `{\"json\": …}`, `{\"text\": …}`, `{\"base64\": …}` at column 8",
        ),
        (
            r#"{"key":{}}"#,
            "`key` must be null or one of `{\"json\": …}`, `{\"text\": …}`, `{\"base64\": …}` at column 8",
        ),
        (
            r#"{"key":{"Marie":1}}"#,
            "`key` must be null or one of `{\"json\": …}`, `{\"text\": …}`, `{\"base64\": …}` at column 10",
        ),
        (r#"{"key":{"text":"a","json":1}}"#, "`key` has more than one tag at column 19"),
        (r#"{"key":{"base64":"Marie"}}"#, "`base64` is not standard base64 with its padding at column 18"),
        (r#"{"key":{"base64":"QQ"}}"#, "`base64` is not standard base64 with its padding at column 18"),
        (
            r#"{"key":{"text":"\ud800"}}"#,
            "`text` holds half of a surrogate pair, which no text can at column 17",
        ),
        (r#"{"key":{"json":}}"#, "expected a JSON value at column 16"),
        (r#"{"headers":{}}"#, "`headers` must be an array of [name, value] pairs at column 12"),
        (r#"{"headers":[["a"]]}"#, "`headers` must be an array of [name, value] pairs at column 17"),
        (r#"{"headers":[[1,null]]}"#, "a header's name must be a string at column 14"),
        (r#"{"masked":1}"#, "`masked` must be true or false at column 11"),
        (r#"{"topic":"t","value":null} x"#, "expected the end of the JSON text at column 28"),
        (r#"{"topic":"t","value":{"json":{"a":1}}"#, "the JSON text ends too early at column 38"),
    ];
    for (line, message) in cases {
        assert_eq!(refused(line), message, "{line}");
    }
    assert_eq!(read(b"{\"topic\":\"\xff", None).unwrap_err().to_string(), "not UTF-8 at column 11");
}

#[test]
fn a_line_is_tight_when_its_value_in_json_comes_right_before_its_end() {
    for (line, tight) in [
        (r#"{"value":{"json":1}}"#, true),
        (r#"{ "topic" : "t" , "value" : { "json" : [ {} ]}}"#, true),
        (r#"{"value":{"json":1} }"#, false),
        (r#"{"value":{"json":1 }}"#, false),
        (r#"{"value":{"json":1}} "#, false),
        (r#"{"value":{"json":1},"key":{"json":1}}"#, false),
        (r#"{"value":{"json":1},"key":{"text":"1"}}"#, false),
        (r#"{"key":{"json":1},"value":{"text":"{}"}}"#, false),
        (r#"{"key":{"json":1},"value":null}"#, false),
        (r#"{"value":{"json":1},"masked":false}"#, false),
    ] {
        let read = read(line.as_bytes(), Some("t")).unwrap();
        assert_eq!(read.tight, tight, "{line}");
        if tight {
            assert_eq!(read_tight(line.as_bytes(), Some("t")).unwrap(), read, "{line}");
        }
    }
}

#[test]
fn a_line_that_is_not_what_it_was_is_no_panic() {
    for line in ["", "{", "}}", r#"{"value":{"json":é"#, r#"{"value":{"json":"#, r#"{"value":{"json":1,2}}"#]
    {
        let _ = read_tight(line.as_bytes(), Some("t"));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_line_taken_to_be_tight_is_what_it_is_or_its_value_is_no_json(
        value in r#"\{"(json|text)": ?([0-9]{0,2}|null|\{("a":[0-9]?)?\}|"[a}]?"|é)[ }]{0,3}\}?"#,
        end in r#"(,"masked":true|,"key":\{"json":1\}|,"value":null)?\}?[ }\n]?"#,
    ) {
        let line = format!("{{\"topic\":\"t\",\"value\":{value}{end}");
        let guessed = read_tight(line.as_bytes(), None);
        if let Ok(guessed) = guessed {
            let value = guessed.record.value.as_deref().map(|bytes| std::str::from_utf8(bytes).unwrap());
            if !guessed.tight || value.is_some_and(|text| crate::model::json::check(text).is_ok()) {
                proptest::prop_assert_eq!(read(line.as_bytes(), None), Ok(guessed));
            }
        } else if let Ok(whole) = read(line.as_bytes(), None) {
            proptest::prop_assert!(!whole.tight);
        }
    }
}
