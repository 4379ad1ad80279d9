//! What may be shown is shown; what may not does not get through, wherever it stands.

use std::sync::Arc;

use base64::Engine as _;
use proptest::prelude::*;
use serde_json::Value;

use super::plan::{Leaf, Node};
use super::*;
use crate::model::shown::Shower;
use crate::output::records::{Renderer, Style};

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::builtin().unwrap())
}

fn shower() -> Shower {
    let catalogue = catalogue();
    let masker = Arc::new(Masker::new(b"a test's key", &catalogue));
    Shower::new(catalogue, Some(masker))
}

fn record<'a>(topic: &'a str, key: Option<&'a [u8]>, value: Option<&'a [u8]>) -> Record<'a> {
    Record {
        topic: topic.into(),
        partition: Some(0),
        offset: Some(7),
        timestamp: None,
        key: key.map(Into::into),
        headers: Vec::new(),
        value: value.map(Into::into),
    }
}

fn example(topic: &str) -> Value {
    let catalogue = catalogue();
    let (event, _) = catalogue.of_topic(topic).unwrap();
    event.schema["examples"][0].clone()
}

fn value_of(topic: &str, value: &str) -> String {
    let record = record(topic, None, Some(value.as_bytes()));
    let shower = shower();
    let shown = shower.show(&record);
    shown.value.as_text().unwrap().to_owned()
}

fn pseudonym(text: &str) -> String {
    shower().masker().unwrap().pseudonym(text.as_bytes()).to_string()
}

#[test]
fn a_known_event_keeps_its_ids_times_and_constants_and_loses_its_names() {
    let json = r#"{"patientId": "patient-123", "name":"Camille Exemple","email":"c@example.org","phone":"+33639980001","registeredAt":"2024-01-09T14:00:00.000Z"}"#;
    let masked = value_of("patient.registered", json);
    let expected = format!(
        r#"{{"patientId": "patient-123", "name":"{}","email":"{}","phone":"{}","registeredAt":"2024-01-09T14:00:00.000Z"}}"#,
        pseudonym("Camille Exemple"),
        pseudonym("c@example.org"),
        pseudonym("+33639980001"),
    );
    assert_eq!(masked, expected);
}

#[test]
fn an_envelope_shows_all_but_its_title() {
    let json = example("appointment.created").to_string();
    let expected = json.replace("Consultation cardiologie", &pseudonym("Consultation cardiologie"));
    assert_eq!(value_of("appointment.created", &json), expected);
    assert_eq!(value_of("appointment.created.dlq", &json), expected);
}

#[test]
fn an_event_without_personal_data_is_not_touched() {
    let json = example("appointment.confirmed").to_string();
    let record = record("appointment.confirmed", Some(b"k3j9x0q2z"), Some(json.as_bytes()));
    let shower = shower();
    let shown = shower.show(&record);
    assert!(!shown.masked);
    assert_eq!(shown.value, Content::Json(Cow::Borrowed(json.as_str())));
    assert!(matches!(shown.value, Content::Json(Cow::Borrowed(_))));
    assert_eq!(shown.key, Content::Text("k3j9x0q2z".into()));
}

#[test]
fn what_the_contract_does_not_know_is_masked_with_its_name() {
    let masked =
        value_of("calendar.slot.freed", r#"{"doctorId":"doctor-1","note":{"a":["Marie"]},"startTime":5}"#);
    let expected = format!(
        r#"{{"doctorId":"doctor-1","{}":"{}","startTime":"{}"}}"#,
        pseudonym("note"),
        pseudonym(r#"{"a":["Marie"]}"#),
        pseudonym("5"),
    );
    assert_eq!(masked, expected);
}

#[test]
fn a_value_of_the_wrong_form_is_masked() {
    let cases = [
        r#"{"doctorId":"Marie"}"#,
        r#"{"doctorId":"0612345678"}"#,
        r#"{"doctorId":{"x":1}}"#,
        r#"{"doctorId":["doctor-1"]}"#,
        r#"{"doctorId":true}"#,
        r#"{"startTime":"tomorrow"}"#,
        r#"{"doctorId":"doctor\u002d1"}"#,
        r#"["doctor-1"]"#,
    ];
    for json in cases {
        let masked = value_of("calendar.slot.freed", json);
        let inner = masked.trim_start_matches(r#"{"doctorId":"#).trim_start_matches(r#"{"startTime":"#);
        assert!(inner.starts_with("\"masked:"), "{json}: {masked}");
    }
    assert_eq!(value_of("calendar.slot.freed", r#"{"doctorId":null}"#), r#"{"doctorId":null}"#);
}

#[test]
fn duplicate_members_are_all_masked_and_all_kept() {
    let masked =
        value_of("patient.registered", r#"{"name":"A","name":"B","patientId":"p-1","patientId":"p-2"}"#);
    let (a, b) = (pseudonym("A"), pseudonym("B"));
    assert_eq!(masked, format!(r#"{{"name":"{a}","name":"{b}","patientId":"p-1","patientId":"p-2"}}"#));
}

#[test]
fn an_escaped_and_a_plain_spelling_have_one_pseudonym() {
    let masked = value_of("patient.registered", r#"{"name":"Zo\u00e9","email":"Zoé"}"#);
    let name = pseudonym("Zoé");
    assert_eq!(masked, format!(r#"{{"name":"{name}","email":"{name}"}}"#));
}

#[test]
fn a_key_is_shown_if_the_payload_shows_it() {
    let cases: &[(&str, Option<&str>, &str, bool)] = &[
        ("calendar.slot.freed", Some(r#"{"doctorId":"doctor-1"}"#), "doctor-1", true),
        ("calendar.slot.freed.dlq", Some(r#"{"doctorId":"doctor-1"}"#), "doctor-1", true),
        ("calendar.slot.freed", Some(r#"{"doctorId":"doctor-1"}"#), "doctor-2", false),
        ("calendar.slot.freed", Some(r#"{"doctorId":"Marie"}"#), "Marie", false),
        ("calendar.slot.freed", Some(r#"{"doctorId":"d-1","doctorId":"d-2"}"#), "d-1", false),
        ("calendar.slot.freed", Some(r#"{"doctorId":"d-1","doctorId":7}"#), "d-1", false),
        ("calendar.slot.freed", Some("{}"), "doctor-1", false),
        ("calendar.slot.freed", None, "doctor-1", true),
        ("calendar.slot.freed", Some("{broken"), "doctor-1", true),
        ("calendar.slot.freed", None, "Marie", false),
        ("calendar.slot.freed", Some(r#"{"doctorId":"qwkzjxvbn"}"#), "qwkzjxvbn", true),
        ("calendar.slot.freed", None, "catherine", false),
        ("unknown.topic", Some(r#"{"doctorId":"doctor-1"}"#), "doctor-1", false),
        ("unknown.topic", None, "doctor-1", false),
    ];
    for (topic, value, key, is_shown) in cases {
        let record = record(topic, Some(key.as_bytes()), value.map(str::as_bytes));
        let shower = shower();
        let shown = shower.show(&record);
        let expected = if *is_shown { (*key).to_owned() } else { pseudonym(key) };
        assert_eq!(shown.key, Content::Text(expected.into()), "{topic} {value:?} {key}");
        assert!(shown.masked || *is_shown);
    }
}

#[test]
fn unknown_and_undecodable_values_are_one_pseudonym_and_nothing_is_left_of_them() {
    let bytes: &[&[u8]] = &[b"{\"a\":1}", b"text", b"42", b"\xff\xfe", b"\0\0\0\0\x2aZoe", b"{\"broken"];
    for value in bytes {
        let record = record("unknown.topic", None, Some(value));
        let shower = shower();
        let shown = shower.show(&record);
        assert_eq!(shown.value, Content::Text(shower.masker().unwrap().pseudonym(value).as_str().into()));
        assert!(shown.masked);
    }
    for value in [None, Some(&b""[..])] {
        let record = record("unknown.topic", None, value);
        assert!(!shower().show(&record).masked);
    }
}

#[test]
fn headers_are_shown_by_name_and_form() {
    let mut record = record("patient.registered", None, None);
    let header =
        |name: &'static str, value: &'static [u8]| Header { name: name.into(), value: Some(value.into()) };
    record.headers = vec![
        header("kafka_correlationId", b"1a2b3c4d5e6f7g8h9i0jk"),
        header("kafka_nest-err", b"{\"message\":\"Marie\"}"),
        header("x-patient", b"Marie"),
        Header { name: "x-null".into(), value: None },
        header("kafka_dlt-original-partition", &[0, 0, 0, 2]),
    ];
    let shower = shower();
    let shown = shower.show(&record);
    let text = |text: &str| Content::Text(text.to_owned().into());
    let expected: Vec<(Cow<'_, str>, Content<'_>)> = vec![
        ("kafka_correlationId".into(), text("1a2b3c4d5e6f7g8h9i0jk")),
        ("kafka_nest-err".into(), text(&pseudonym("{\"message\":\"Marie\"}"))),
        (pseudonym("x-patient").into(), text(&pseudonym("Marie"))),
        (pseudonym("x-null").into(), Content::Null),
        ("kafka_dlt-original-partition".into(), Content::Binary(vec![0, 0, 0, 2].into())),
    ];
    assert_eq!(shown.headers, expected);
}

#[test]
fn a_pattern_that_takes_anything_shows_nothing() {
    let mut catalogue = Catalogue::builtin().unwrap();
    for (pattern, is_shown) in
        [("^.*$", false), ("^[A-Za-z]+$", false), ("", false), ("^v[0-9]+$", true), ("(", false)]
    {
        let event = catalogue.events.iter_mut().find(|e| e.name == "doctor.available").unwrap();
        event.schema["properties"]["specialty"] = serde_json::json!({"type": "string", "pattern": pattern});
        let catalogue = Arc::new(catalogue.clone());
        let masker = Arc::new(Masker::new(b"k", &catalogue));
        let record = record("doctor.available", None, Some(br#"{"specialty":"v1"}"#));
        let shower = Shower::new(catalogue, Some(masker));
        assert_eq!(!shower.show(&record).masked, is_shown, "{pattern}");
    }
}

// A name no rule may let through: a blank, an accent, and a part that is found again in any spelling.
const CANARY: &str = "Zoé Qanarybird";
const PART: &str = "Qanarybird";

/// Whether any of the ways to spell the canary is in the output.
fn sings(output: &str) -> Option<&'static str> {
    let lower = output.to_lowercase();
    let hex: String = PART.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat();
    let spaced = PART.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ");
    if lower.contains(&PART.to_lowercase()) {
        return Some("plain");
    }
    if lower.contains(&hex) || lower.contains(&spaced) {
        return Some("hex");
    }
    for pad in 0..3 {
        let bytes = [vec![b'x'; pad], PART.as_bytes().to_vec()].concat();
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
        // What the neighbours decide is cut off.
        if output.contains(&base64[[0, 2, 3][pad]..base64.len() - 2]) {
            return Some("base64");
        }
    }
    let escaped: String = PART.bytes().map(|b| format!("\\u{b:04x}")).collect::<Vec<_>>().concat();
    lower.contains(&escaped).then_some("escaped")
}

#[test]
fn the_search_for_the_canary_finds_it_in_every_spelling() {
    let bytes = |pad: usize| [vec![b' '; pad], CANARY.as_bytes().to_vec()].concat();
    let base64 = |pad| base64::engine::general_purpose::STANDARD.encode(bytes(pad));
    for output in [CANARY.to_owned(), CANARY.to_uppercase(), base64(0), base64(1), base64(2)] {
        assert!(sings(&output).is_some(), "{output}");
    }
    let escaped: String = CANARY.encode_utf16().map(|b| format!("\\u{b:04X}")).collect::<Vec<_>>().concat();
    assert_eq!(sings(&escaped), Some("escaped"));
    assert_eq!(sings("Zoe"), None);
}

fn renderings(record: &Record<'_>, shower: &Shower) -> Vec<String> {
    let shown = shower.show(record);
    let catalogue = catalogue();
    let mut outputs = Vec::new();
    for bits in 0..16 {
        let style = Style {
            colour: bits & 1 > 0,
            terminal: bits & 2 > 0,
            verbose: bits & 4 > 0,
            headers_only: bits & 8 > 0,
        };
        for mut renderer in [Renderer::readable(&catalogue, style), Renderer::ndjson(style)] {
            let mut out = Vec::new();
            renderer.write(&mut out, &shown);
            outputs.push(String::from_utf8(out).unwrap());
        }
    }
    outputs
}

/// Every pointer into a value.
fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, v)| pointers(v, format!("{at}/{name}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| pointers(v, format!("{at}/{i}"), all));
        }
        _ => {}
    }
    all.push(at);
}

/// A payload of an event with the canary somewhere in it.
fn sung_payload(topic: &str, place: usize, way: usize) -> String {
    let mut value = example(topic);
    let mut all = Vec::new();
    pointers(&value, String::new(), &mut all);
    let pointer = &all[place % all.len()];
    let target = value.pointer_mut(pointer).unwrap();
    let canary = Value::from(CANARY);
    *target = match (way % 8, target.take()) {
        (0, _) => canary,
        (1, Value::String(text)) => Value::from(format!("{text}{CANARY}")),
        (2, Value::String(text)) => Value::from(format!("{CANARY}{text}")),
        (3, Value::Object(mut members)) => {
            members.insert(CANARY.to_owned(), Value::from(1));
            Value::Object(members)
        }
        (4, Value::Object(mut members)) => {
            members.insert("note".to_owned(), serde_json::json!([{"deep": canary}]));
            Value::Object(members)
        }
        (5, Value::Array(mut items)) => {
            items.push(canary);
            Value::Array(items)
        }
        (6, _) => serde_json::json!({"x": [canary], CANARY: null}),
        (_, other) => serde_json::json!([canary, other]),
    };
    value.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_canary_never_gets_through(
        topic in prop_oneof![
            Just("appointment.created"), Just("appointment.cancelled"), Just("patient.registered"),
            Just("doctor.available"), Just("calendar.slot.freed"), Just("appointment.completed"),
        ],
        suffix in prop_oneof![3 => Just(""), 1 => Just(".dlq"), 1 => Just(".unknown")],
        place in any::<usize>(),
        way in any::<usize>(),
        spelling in 0..4,
        cut in proptest::option::weighted(0.2, 1usize..30),
        key in 0usize..4,
        header in (0..4, any::<prop::sample::Index>()),
    ) {
        let mut text = sung_payload(topic, place, way);
        if spelling == 1 {
            let escaped: Vec<String> = CANARY.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            text = text.replace(CANARY, &escaped.concat());
        }
        if let Some(cut) = cut {
            text.truncate(text.floor_char_boundary(text.len().saturating_sub(cut)));
        }
        let mut bytes = text.into_bytes();
        if spelling == 2 {
            bytes.insert(0, 0);
        } else if spelling == 3 {
            bytes.push(0xff);
        }
        let binary = [&b"\0"[..], CANARY.as_bytes()].concat();
        let keys: [Option<Vec<u8>>; 4] = [None, Some(CANARY.into()), Some(b"k3j9x0q2z".to_vec()), Some(binary)];
        let topic = format!("{topic}{suffix}");
        let mut record = record(&topic, keys[key].as_deref(), Some(&bytes));
        let known: Vec<&str> = super::headers::names().collect();
        let canary = CANARY.as_bytes().to_vec();
        record.headers = match header.0 {
            0 => vec![],
            1 => vec![Header { name: CANARY.into(), value: Some(canary.into()) }],
            2 => vec![Header { name: header.1.get(&known).to_string().into(), value: Some(canary.into()) }],
            _ => vec![Header { name: "x-note".into(), value: Some(format!("{{\"a\":\"{CANARY}\"}}").into_bytes().into()) }],
        };
        for output in renderings(&record, &shower()) {
            prop_assert_eq!(sings(&output), None, "{}", output);
        }
        // Each would be seen if it were shown: the canary really is in the record.
        if header.0 == 1 {
            let revealed = Shower::new(catalogue(), None);
            prop_assert!(renderings(&record, &revealed).iter().any(|output| sings(output).is_some()));
        }
    }

    #[test]
    fn the_walk_masks_as_a_plain_walk_over_values_does(
        topic in prop_oneof![Just("appointment.created"), Just("doctor.available"), Just("patient.registered")],
        places in proptest::collection::vec((any::<usize>(), any::<usize>()), 0..4),
    ) {
        let mut value = example(topic);
        for (place, way) in places {
            let mut all = Vec::new();
            pointers(&value, String::new(), &mut all);
            let target = value.pointer_mut(&all[place % all.len()]).unwrap();
            *target = [
                Value::Null, Value::from("doctor-1"), Value::from("2024-01-10T09:00:00Z"), Value::from(CANARY),
                Value::from(12), Value::from(true), serde_json::json!({"a": {"b": 1}}), serde_json::json!(["a-1", 2]),
            ][way % 8].clone();
        }
        // Other values alone are text to NestJS, and masked whole.
        prop_assume!(value.is_object() || value.is_array());
        let catalogue = catalogue();
        let event = catalogue.events.iter().find(|e| e.topic == topic).unwrap();
        let expected = plainly(&plan::compile(event), &value);
        let masked: Value = serde_json::from_str(&value_of(topic, &value.to_string())).unwrap();
        prop_assert_eq!(masked, expected);
    }

    #[test]
    fn what_came_before_changes_nothing(
        records in proptest::collection::vec((one_of_two(), proptest::option::weighted(0.4, change())), 1..20),
    ) {
        let used = shower();
        for (topic, change) in records {
            let value = changed(topic, change);
            let record = record(topic, Some(b"k3j9x0q2z"), Some(value.as_bytes()));
            let (fresh, seen) = (shower(), used.show(&record));
            let expected = fresh.show(&record);
            prop_assert_eq!(seen.value.as_text(), expected.value.as_text(), "{}", value);
            prop_assert_eq!(seen.key.as_text(), expected.key.as_text(), "{}", value);
            prop_assert_eq!((seen.masked, seen.problems), (expected.masked, expected.problems), "{}", value);
        }
    }
}

fn one_of_two() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("appointment.created"), 1 => Just("patient.registered")]
}

/// A place in a payload, and what is written there: over some bytes, or between two.
fn change() -> impl Strategy<Value = (usize, usize, &'static str)> {
    let text = prop_oneof![
        4 => Just("x"), 2 => Just("1"), 1 => Just("\""), 1 => Just(" "), 1 => Just(","), 1 => Just("é"), 1 => Just("\\n"),
        1 => Just("null"), 1 => Just("[]"), 1 => Just("{}"), 1 => Just("\"a\":\"Zoé\","), 1 => Just(""),
    ];
    (any::<usize>(), 0..3_usize, text)
}

fn changed(topic: &str, change: Option<(usize, usize, &str)>) -> String {
    let mut text = example(topic).to_string();
    if let Some((place, over, by)) = change {
        let start = text.floor_char_boundary(place % (text.len() + 1));
        let end = text.floor_char_boundary(start + over).max(start);
        text.replace_range(start..end, by);
    }
    text
}

#[test]
fn a_payload_of_which_only_values_differ_fits_and_others_do_not() {
    let catalogue = catalogue();
    let (event, _) = catalogue.of_topic("appointment.created").unwrap();
    let (key, plan) = (Key::new(b"k"), plan::compile(event));
    let first = example("appointment.created").to_string();
    let fits = |next: &str| {
        let mut cache = Cache::default();
        walk::mask(&key, &mut cache, (0, &plan), &first).unwrap();
        walk::fit(&key, &mut cache, 0, next).is_some()
    };
    assert!(fits(&first));
    for (from, to) in [("Consultation cardiologie", r"Zo\u00e9"), ("doctor-", "Zoé "), ("2024-", "24-")] {
        let next = first.replace(from, to);
        assert!(next != first && fits(&next), "{next}");
    }
    let others = [
        ("\"title\"", "\"titre\""),
        ("{", "{ "),
        (",", " ,"),
        ("}", "} "),
        ("}", ""),
        ("AppointmentCreated", "X"),
    ];
    for (from, to) in others {
        let next = first.replacen(from, to, 1);
        assert!(next != first && !fits(&next), "{next}");
    }
}

#[test]
fn payloads_that_never_fit_are_not_tried_for_ever() {
    let catalogue = catalogue();
    let (event, _) = catalogue.of_topic("appointment.created").unwrap();
    let (key, plan, mut cache) = (Key::new(b"k"), plan::compile(event), Cache::default());
    let usual = example("appointment.created").to_string();
    let mut fitted_after = |text: &str| {
        walk::mask(&key, &mut cache, (0, &plan), text).unwrap();
        walk::fit(&key, &mut cache, 0, text).is_some()
    };
    assert!(fitted_after("{}") && fitted_after(&usual));
    for _ in 0..20 {
        walk::mask(&key, &mut cache, (0, &plan), "{}").unwrap();
        walk::mask(&key, &mut cache, (0, &plan), &usual).unwrap();
    }
    assert!(walk::fit(&key, &mut cache, 0, &usual).is_none());
}

#[test]
fn payloads_that_can_be_no_mold_count_as_not_fitting() {
    let catalogue = catalogue();
    let (event, _) = catalogue.of_topic("appointment.created").unwrap();
    let (key, plan, mut cache) = (Key::new(b"k"), plan::compile(event), Cache::default());
    let usual = example("appointment.created").to_string();
    walk::mask(&key, &mut cache, (0, &plan), &usual).unwrap();
    assert!(walk::fit(&key, &mut cache, 0, &usual).is_some());
    for _ in 0..20 {
        walk::mask(&key, &mut cache, (0, &plan), r#"{"unknown":1}"#).unwrap();
    }
    assert!(walk::fit(&key, &mut cache, 0, &usual).is_none());
}

/// Masking as one would write it down: over values, name by name.
fn plainly(node: &Node, value: &Value) -> Value {
    let hidden = |value: &Value| {
        Value::from(match value {
            Value::String(text) => pseudonym(text),
            other => pseudonym(&other.to_string()),
        })
    };
    match (node, value) {
        (Node::Object(names, nodes), Value::Object(members)) => {
            let known = |name: &str| names.iter().zip(nodes).find(|(known, _)| *known == name);
            let masked = members.iter().map(|(name, value)| match known(name) {
                Some((_, node)) => (name.clone(), plainly(node, value)),
                None => (pseudonym(name), hidden(value)),
            });
            Value::Object(masked.collect())
        }
        (Node::Array(node), Value::Array(items)) => items.iter().map(|item| plainly(node, item)).collect(),
        (Node::Leaf(leaf), value) if shows(leaf, value) => value.clone(),
        (_, Value::Null) => Value::Null,
        (_, value) => hidden(value),
    }
}

fn shows(leaf: &Leaf, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => leaf.booleans,
        Value::Number(_) => leaf.numbers,
        Value::String(text) => leaf.strings.shows(text),
        Value::Array(_) | Value::Object(_) => false,
    }
}
