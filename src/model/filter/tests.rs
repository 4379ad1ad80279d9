//! What filters see and say; lowered ones say what the jq machine says.

use std::borrow::Cow;
use std::sync::Arc;

use proptest::prelude::*;

use super::machine::Machine;
use super::wanted::Wanted;
use super::*;
use crate::model::mask::Masker;
use crate::model::record::{Header, Timestamp, TimestampType};
use crate::model::shown::Shower;

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::builtin().unwrap())
}

fn filter(text: &str) -> Filter {
    Filter::compile(text, &catalogue()).unwrap_or_else(|error| panic!("{text}: {}", error.render()))
}

fn record() -> Record<'static> {
    let value = br#"{"doctorId":"doctor-7","n":5,"big":12345678901234567890,"f":1.50,"yes":true,"no":false,"nil":null,
        "slots":[{"startTime":"2024-02-15T10:00:00.000Z"},{"startTime":"x"}],"d":{"a":1},"d":{"b":"c\u00e9"}}"#;
    Record {
        topic: "calendar.slot.freed".into(),
        partition: Some(2),
        offset: Some(41),
        timestamp: Some(Timestamp { millis: 1_704_877_200_005, kind: TimestampType::CreateTime }),
        key: Some(b"doctor-7".into()),
        headers: vec![
            Header { name: "a".into(), value: Some(b"1".into()) },
            Header { name: "j".into(), value: Some(b"{\"x\":[1,2]}".into()) },
            Header { name: "a".into(), value: None },
            Header { name: "b".into(), value: Some(b"\0\x01".into()) },
        ],
        value: Some(value.into()),
    }
}

/// How many, and the first.
fn failures(filter: &mut Filter) -> (u64, String) {
    let failures = filter.take_failures();
    failures.told().map_or_else(Default::default, |(count, first)| (count, first.to_owned()))
}

fn passes(text: &str, record: &Record<'_>) -> (bool, u64) {
    let shower = Shower::new(catalogue(), None);
    let mut filter = filter(text);
    let passes = filter.matches(&shower.show(record));
    (passes, failures(&mut filter).0)
}

#[test]
fn a_filter_sees_the_decoded_record() {
    let record = record();
    for (text, expected) in [
        (r#".topic == "calendar.slot.freed""#, true),
        (r#".event == "calendar.slot.freed""#, true),
        (".partition == 2 and .offset == 41", true),
        (".timestamp == 1704877200005", true),
        (".timestamp >= 1704877200006", false),
        (r#".timestamp_type == "CreateTime""#, true),
        (r#".key == "doctor-7""#, true),
        (r#".value.doctorId == "doctor-7""#, true),
        (r#".value.doctorId != "doctor-7""#, false),
        (r#".value.d.b == "cé""#, true),
        (".value.d.a == null", true),
        (r#".headers.a[0] == "1" and .headers.a[1] == null"#, true),
        (".headers.j[0].x[1] == 2", true),
        (r#".headers["b"][0] == "AAE=""#, true),
        (".headers.none == null", true),
        (".headers.none[0]", false),
        (r#"any(.value.slots[]; .startTime | startswith("2024"))"#, true),
        (r#".value.slots[].startTime | test("^2024-")"#, true),
        (".value.n * 2 == 10", true),
        (".value.f == 1.5", true),
        (".value.big == 12345678901234567890", true),
        (".value.no", false),
        (".value.nil", false),
        (".value.yes, false", true),
        ("false, .value.yes", true),
        ("empty", false),
        (". | has(\"value\")", true),
        ("(. | tostring | length) > 100", true),
        ("{topic} == {topic: \"calendar.slot.freed\"}", true),
        ("if .offset > 40 then .value.yes else false end", true),
        (r#"[.value.slots[] | select(.startTime == "x")] | length == 1"#, true),
        (".value as $v | $v.n == 5", true),
        (". as {value: {n: $n}} | $n == 5", true),
        ("def f: .value.n; f == 5", true),
        (".. | numbers == 1.5", true),
        ("[.partition, .offset] == [2, 41]", true),
        (".value?.n? == 5", true),
        (".value[\"n\"] == 5", true),
        (r#""doctor-7" == .key"#, true),
        ("5 < .value.n", false),
        ("(.value.n == 5) | not", false),
    ] {
        assert_eq!(passes(text, &record), (expected, 0), "{text}");
    }
}

#[test]
fn text_binary_tombstones_and_json_keys_are_what_they_are() {
    let mut record = record();
    for (value, text, expected) in [
        (Some(&b"hello"[..]), r#".value == "hello""#, true),
        (Some(b"42"), r#".value == "42""#, true),
        (Some(b"42"), ".value == 42", false),
        (Some(b""), r#".value == """#, true),
        (None, ".value == null", true),
        (None, ".value.a.b == null", true),
        (Some(b"\0\x01"), r#".value == "AAE=""#, true),
        (Some(b"[1]"), ".value[0] == 1", true),
    ] {
        record.value = value.map(Cow::Borrowed);
        assert_eq!(passes(text, &record), (expected, 0), "{text} of {value:?}");
    }
    record.key = Some(b"{\"id\":7}".into());
    assert_eq!(passes(".key.id == 7", &record), (true, 0));
}

#[test]
fn a_failure_is_no_match_and_is_told_without_content() {
    let mut record = record();
    record.value = Some(br#"{"name":"Marie","n":"Curie"}"#.into());
    let shower = Shower::new(catalogue(), None);
    for (text, message) in [
        (r#".value.name.first == "x""#, "cannot index a string"),
        (".value.name.first", "cannot index a string"),
        (".value.name[0] == 1", "cannot index a string"),
        (".value.name.first + 1 == 2", "cannot index a string"),
        (r#".value | startswith("x")"#, "cannot use an object as string"),
        (r#"[.value] | startswith("x")"#, "cannot use an array as string"),
        (".value.name - 1 == 0", "cannot calculate a string"),
        (".value.name | error", "an error of its own"),
        (r#"error("no luck")"#, "no luck"),
    ] {
        let mut filter = filter(text);
        assert!(!filter.matches(&shower.show(&record)), "{text}");
        assert!(!filter.matches(&shower.show(&record)), "{text}");
        assert_eq!(failures(&mut filter), (2, message.to_owned()), "{text}");
    }
}

#[test]
fn a_deep_value_is_a_failure_and_not_the_end() {
    let mut record = record();
    record.value = Some(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes().into());
    let shower = Shower::new(catalogue(), None);
    let mut deep = filter("[.value] | length == 1");
    assert!(!deep.matches(&shower.show(&record)));
    assert_eq!(failures(&mut deep), (1, "nested too deep for a filter".to_owned()));
}

#[test]
fn a_filter_that_is_not_jq_is_refused_with_the_place() {
    let cases = [
        (".value ==", "`--where` is not valid jq: expected term at column 10\n  .value ==\n           ^"),
        ("", "`--where` is not valid jq: expected term at column 1\n  \n  ^"),
        (
            ".value.a = = 1",
            "`--where` is not valid jq: expected term at column 12\n  .value.a = = 1\n             ^",
        ),
        ("(.a", "`--where` is not valid jq: expected closing parenthesis at column 4\n  (.a\n     ^"),
        (
            ".value | nope",
            "`--where` is not valid jq: there is no filter `nope` at column 10\n  .value | nope\n           ^",
        ),
        ("$x", "`--where` is not valid jq: there is no variable `$x` at column 1\n  $x\n  ^"),
        (".é == \"a", "`--where` is not valid jq: expected"),
    ];
    for (text, message) in cases {
        let error = Filter::compile(text, &catalogue()).err().unwrap();
        assert_eq!(error.kind().code(), 2);
        assert!(error.to_string().starts_with(message), "{text}: {error}");
    }
}

#[test]
fn a_filter_cannot_reach_out_and_slips_are_told() {
    for (text, message) in [
        ("env.HOME", "`env` is not available in a filter"),
        ("$ENV.HOME", "`$ENV` is not available in a filter"),
        ("halt", "`halt` is not available in a filter"),
        ("def f: halt_error; f", "`halt_error` is not available in a filter"),
        (".value | debug", "`debug` is not available in a filter"),
        ("input", "`input` is not available in a filter"),
        (".timestamp > now", "`now` is not available in a filter"),
        (".vlaue.a == 1", "a record has no `.vlaue`; it has .topic"),
    ] {
        let error = Filter::compile(text, &catalogue()).err().unwrap();
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
}

#[test]
fn fields_are_named_and_the_masked_ones_known() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (r#".value.data.title == "x""#, &[".value.data.title"], &[".value.data.title"]),
        (r#".value.data.doctorId == "x""#, &[".value.data.doctorId"], &[]),
        (r#".value | .data | .title | startswith("x")"#, &[".value.data.title"], &[".value.data.title"]),
        (r#"any(.value.availableSlots[]; .startTime > "2")"#, &[".value.availableSlots[].startTime"], &[]),
        (
            r#".headers["x-name"][0] == "x" or .key == "a""#,
            &[".headers[\"x-name\"][]", ".key"],
            &[".headers[\"x-name\"][]"],
        ),
        (".headers.kafka_correlationId[0]", &[".headers.kafka_correlationId[]"], &[]),
        (".value.name", &[".value.name"], &[".value.name"]),
        (".value.no_such", &[".value.no_such"], &[".value.no_such"]),
        (
            "select(.value.email) | .value.phone",
            &[".value.email", ".value.phone"],
            &[".value.email", ".value.phone"],
        ),
        (".offset > 5", &[".offset"], &[]),
    ];
    for (text, paths, masked) in cases {
        let filter = filter(text);
        assert_eq!(filter.touches_masked(&catalogue()), *masked, "{text}");
        for path in *paths {
            assert!(filter.paths().iter().any(|p| p == path), "{text}: {:?} lacks {path}", filter.paths());
        }
    }
}

#[test]
fn filters_see_what_is_shown() {
    let catalogue = catalogue();
    let masker = Arc::new(Masker::new(b"k", &catalogue));
    let pseudonym = masker.pseudonym(b"Marie");
    let shower = Shower::new(Arc::clone(&catalogue), Some(masker));
    let record = Record {
        topic: "patient.registered".into(),
        value: Some(br#"{"patientId":"p-1","name":"Marie"}"#.into()),
        ..record()
    };
    let shown = shower.show(&record);
    assert!(!filter(r#".value.name == "Marie""#).matches(&shown));
    assert!(filter(&format!(".value.name == \"{pseudonym}\"")).matches(&shown));
    assert!(filter(r#".value.patientId == "p-1""#).matches(&shown));
}

#[test]
fn a_pseudonym_is_found_though_no_record_holds_it() {
    let catalogue = catalogue();
    let masker = Arc::new(Masker::new(b"k", &catalogue));
    let pseudonym = masker.pseudonym(b"Marie").to_string();
    let shower = Shower::new(Arc::clone(&catalogue), Some(masker));
    let record = Record {
        topic: "patient.registered".into(),
        value: Some(br#"{"patientId":"p-1","name":"Marie"}"#.into()),
        ..record()
    };
    for text in [
        format!(".value.name == \"{pseudonym}\""),
        format!(".value.name | startswith(\"{}\")", &pseudonym[..10]),
        ".value.name | startswith(\"mask\")".to_owned(),
        format!(".value.name | endswith(\"{}\")", &pseudonym[9..]),
        format!(".value.name | endswith(\"{}\")", &pseudonym[2..]),
    ] {
        let mut filter = filter(&text);
        assert!(
            filter.is_lowered() && filter.may_match(&record) && filter.matches(&shower.show(&record)),
            "{text}"
        );
    }
    assert!(!filter(".value.name == \"Marion\"").may_match(&record));
}

#[test]
fn a_fold_starts_from_the_whole_record() {
    assert_eq!(passes("reduce 1 as $x (.; .) | length == 9", &record()), (true, 0));
}

#[test]
fn plain_predicates_run_without_the_machine() {
    for (text, is_lowered) in [
        (r#".value.data.doctorId == "doctor-7""#, true),
        (r#".key == "a" and (.value.a.b != null or .offset >= 5)"#, true),
        (r#".value.a | startswith("x")"#, true),
        (r#".headers.a[0] == "1" | not"#, true),
        (".value.a[0]", true),
        (".value.a[-1] == 1", false),
        (".value.a? == 1", false),
        (".value.a == .value.b", false),
        (r#".value.a | test("x")"#, false),
        (".value.n + 1 == 2", false),
    ] {
        assert_eq!(filter(text).is_lowered(), is_lowered, "{text}");
    }
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("\"x\""),
        Just("\"xy\""),
        Just("\"\\u0078\""),
        Just("\"é\""),
        Just("\"\\ud800\""),
        Just("5"),
        Just("5.0"),
        Just("50e-1"),
        Just("-5"),
        Just("12345678901234567890"),
        Just("1e400"),
        Just("true"),
        Just("false"),
        Just("null"),
        Just("[]"),
        Just("{}"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name = prop_oneof![Just("a"), Just("b"), Just("\\u0061"), Just("c")];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            proptest::collection::vec((name, inner), 1..4).prop_map(|members| {
                let members: Vec<String> = members.into_iter().map(|(n, v)| format!("\"{n}\":{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn bytes() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop_oneof![
        6 => json().prop_map(|json| Some(json.into_bytes())),
        1 => Just(None),
        1 => prop_oneof![Just("x"), Just(""), Just("5"), Just("\0x"), Just("{\"a\"")].prop_map(|b| Some(b.into())),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let place = prop_oneof![
        4 => Just(".value.a"), 2 => Just(".value.a.b"), 1 => Just(".value"), 1 => Just(".value.a[0]"), 1 => Just(".value.b[1].a"),
        1 => Just(".value[0]"), 1 => Just(".key"), 1 => Just(".key.a"), 1 => Just(".topic"), 1 => Just(".topic.a"), 1 => Just(".offset"),
        1 => Just(".partition"), 1 => Just(".timestamp"), 1 => Just(".timestamp_type"), 1 => Just(".event"), 1 => Just(".event.a"),
        1 => Just(".headers.a[0]"), 1 => Just(".headers.a[1].b"), 1 => Just(".headers[\"b\"][0]"),
    ];
    let constant = prop_oneof![
        Just("\"x\""),
        Just("\"é\""),
        Just("\"xyz\""),
        Just("\"t\""),
        Just("5"),
        Just("0"),
        Just("true"),
        Just("false"),
        Just("null"),
    ];
    let cmp = prop_oneof![Just("=="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let simple = prop_oneof![
        4 => (place.clone(), cmp.clone(), constant.clone()).prop_map(|(p, op, c)| format!("{p} {op} {c}")),
        1 => (constant, cmp, place.clone()).prop_map(|(c, op, p)| format!("{c} {op} {p}")),
        1 => place.clone().prop_map(str::to_owned),
        1 => place.clone().prop_map(|p| format!("({p} | startswith(\"x\"))")),
        1 => place.prop_map(|p| format!("({p} | endswith(\"y\"))")),
    ];
    simple.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} and {r})")),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("({l} or {r})")),
            inner.prop_map(|i| format!("({i} | not)")),
        ]
    })
}

/// jq of every kind, over `.value`.
fn anything() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => Just(".value"), 2 => Just("."), 3 => Just(".a"), 2 => Just(".b"), 1 => Just(".c.a"), 1 => Just(".value.a.b"),
        1 => Just(".value.b[0]"), 1 => Just(".[]"), 1 => Just(".a[]"), 1 => Just(".a[1:]"), 1 => Just(".a?"), 1 => Just(".."),
        1 => Just("length"), 1 => Just("keys"), 1 => Just("tostring"), 1 => Just("type"), 1 => Just("not"), 1 => Just("has(\"a\")"),
        1 => Just("to_entries"), 1 => Just("5"), 1 => Just("\"x\""), 1 => Just("null"), 1 => Just("del(.a)"), 1 => Just("add"),
        1 => Just("getpath([\"value\", \"a\"])"), 1 => Just("paths"), 1 => Just("first"), 1 => Just("isempty(.a[])"),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 12, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        let op = prop_oneof![
            Just("=="),
            Just("<"),
            Just("and"),
            Just("or"),
            Just("+"),
            Just("//"),
            Just(","),
            Just("|="),
            Just("="),
            Just("//=")
        ];
        prop_oneof![
            4 => two.clone().prop_map(|(l, r)| format!("({l} | {r})")),
            3 => (inner.clone(), op, inner.clone()).prop_map(|(l, op, r)| format!("({l} {op} {r})")),
            1 => two.clone().prop_map(|(l, r)| format!("any({l}; {r})")),
            1 => two.clone().prop_map(|(l, r)| format!("(if {l} then {r} else .a end)")),
            1 => two.clone().prop_map(|(l, r)| format!("({l} as $x | {r} | $x)")),
            1 => two.clone().prop_map(|(l, r)| format!("({l} as {{a: $x}} | $x == {r})")),
            1 => two.clone().prop_map(|(l, r)| format!("(try {l} catch {r})")),
            1 => two.clone().prop_map(|(l, r)| format!("(reduce {l} as $x (.; {r}))")),
            1 => two.prop_map(|(l, r)| format!("(def f: {l}; {r} | f)")),
            1 => inner.clone().prop_map(|i| format!("select({i})")),
            1 => inner.clone().prop_map(|i| format!("map({i})")),
            1 => inner.clone().prop_map(|i| format!("[{i}]")),
            1 => inner.clone().prop_map(|i| format!("{{a: {i}, value}}")),
            1 => inner.clone().prop_map(|i| format!("limit(1; {i})")),
            1 => inner.prop_map(|i| format!("({i})?.a")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_lowered_filter_says_what_the_machine_says(
        text in expression(),
        records in proptest::collection::vec((bytes(), bytes(), bytes(), any::<bool>()), 12),
    ) {
        let mut lowered = filter(&text);
        prop_assert!(lowered.is_lowered());
        let machine = Machine::compile(&text, Wanted::Whole).unwrap();
        let catalogue = catalogue();
        for (value, key, header, masked) in records {
            let headers = ["a", "b", "a"].map(|name| Header { name: name.into(), value: header.clone().map(Cow::Owned) });
            let record = Record {
                topic: if masked { "t".into() } else { "patient.registered".into() },
                value: value.map(Cow::Owned),
                key: key.map(Cow::Owned),
                headers: headers.into(),
                partition: None,
                ..record()
            };
            let masker = masked.then(|| Arc::new(Masker::new(b"k", &catalogue)));
            let shower = Shower::new(Arc::clone(&catalogue), masker);
            let shown = shower.show(&record);
            let event = shown.event.map(|at| catalogue.events[at].name.as_str());
            let passes = lowered.matches(&shown);
            let answer = machine.ask(&shown, event);
            prop_assert_eq!(passes, answer == Answer::Yes, "{} on {:?}", text, shown);
            prop_assert_eq!(failures(&mut lowered).0 > 0, matches!(answer, Answer::Failed(_)), "{} on {:?}", text, shown);
            prop_assert!(!passes || lowered.may_match(&record), "{} on {:?}", text, shown);
        }
    }

    #[test]
    fn what_is_not_wanted_makes_no_difference(
        text in anything(),
        values in proptest::collection::vec(bytes(), 12),
    ) {
        let Ok(asked) = paths::read(&text) else { return Ok(()) };
        let Ok(sparing) = Machine::compile(&text, asked.wanted.clone()) else { return Ok(()) };
        let whole = Machine::compile(&text, Wanted::Whole).unwrap();
        let shower = Shower::new(catalogue(), None);
        for value in values {
            let record = Record { value: value.map(Cow::Owned), ..record() };
            let shown = shower.show(&record);
            // Errors quote values: the kind is what is told of them.
            let told = |answer: Answer| match answer {
                Answer::Failed(failure) => failure.describe(&text),
                other => format!("{other:?}"),
            };
            let (sparing, whole) = (told(sparing.ask(&shown, None)), told(whole.ask(&shown, None)));
            prop_assert_eq!(sparing, whole, "{} wants {:?} on {:?}", text, asked.wanted, shown.value);
        }
    }

    #[test]
    fn no_text_makes_the_compiler_panic(text in "[.a-z\\[\\]{}()|,=<>!\"\\\\ $0-9:;?/*+-]{0,24}") {
        let _ = Filter::compile(&text, &catalogue());
    }
}
