//! Problems are told, with their place and without the payload's content.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const CANARY: &str = "canary-9f2c";

fn event(name: &str) -> Event {
    Catalogue::builtin().unwrap().event(name).unwrap().clone()
}

fn with_schema(schema: Value) -> Event {
    Event { schema, ..event("patient.registered") }
}

fn patient() -> Value {
    json!({"patientId": "p-1", "name": "Camille Exemple", "email": "c@example.org", "phone": "+33639980001",
        "registeredAt": "2024-01-09T14:00:00.000Z"})
}

fn told(checker: &Checker, bytes: &[u8]) -> Vec<String> {
    checker.check(Some(bytes)).into_iter().map(|p| format!("{} {}", p.pointer, p.message)).collect()
}

#[test]
fn each_problem_is_told_with_its_place() {
    let checker = Checker::new(&event("patient.registered")).unwrap();
    let cases = [
        ("/email", None, " \"email\" is required"),
        ("/email", Some(json!(7)), "/email must be a string, is a number"),
        ("/email", Some(Value::Null), "/email must be a string, is null"),
        ("/email", Some(json!("nobody")), "/email is not an e-mail address"),
        ("/email", Some(json!("zoé@example.org")), "/email is not an e-mail address"),
        (
            "/registeredAt",
            Some(json!("2024-02-30T10:00:00Z")),
            "/registeredAt is not a date-time (`2024-02-15T10:00:00Z`)",
        ),
        (
            "/registeredAt",
            Some(json!("2024-02-15")),
            "/registeredAt is not a date-time (`2024-02-15T10:00:00Z`)",
        ),
        (
            "/registeredAt",
            Some(json!("2024-02-15T10:00:00")),
            "/registeredAt is not a date-time (`2024-02-15T10:00:00Z`)",
        ),
        ("/registeredAt", Some(json!(true)), "/registeredAt must be a string, is a boolean"),
        ("/patientId", Some(json!("")), "/patientId must have at least 1 character"),
        ("/name", Some(json!(["x"])), "/name must be a string, is an array"),
    ];
    for (pointer, replacement, wanted) in cases {
        let mut payload = patient();
        match replacement {
            None => drop(payload.as_object_mut().unwrap().remove(&pointer[1..])),
            Some(value) => *payload.pointer_mut(pointer).unwrap() = value,
        }
        let bytes = payload.to_string().into_bytes();
        assert_eq!(told(&checker, &bytes), [wanted]);
        assert!(!checker.is_valid(Some(&bytes)) && !checker.is_clean(Some(&bytes)), "{payload}");
    }
    assert_eq!(told(&checker, b"[]"), [" must be an object, is an array"]);
    let created = Checker::new(&event("appointment.created")).unwrap();
    let mut example = event("appointment.created").schema["examples"][0].clone();
    example["eventType"] = json!("AppointmentConfirmedEvent");
    example["metadata"]["version"] = json!("one");
    assert_eq!(
        told(&created, example.to_string().as_bytes()),
        [
            "/eventType must be \"AppointmentCreatedEvent\"",
            "/metadata/version does not match the pattern `^[0-9]+\\.[0-9]+\\.[0-9]+$`"
        ]
    );
    let slots = Checker::new(&event("doctor.available")).unwrap();
    let payload = br#"{"doctorId":"d","name":"n","specialty":"s","availableAt":"2024-01-09T14:00:00+02:00","availableSlots":[{"startTime":"2024-01-09T14:00:00Z","endTime":"2024-01-09T15:00:00Z"},{"startTime":1}]}"#;
    assert_eq!(
        told(&slots, payload),
        [
            "/availableSlots/1 \"endTime\" is required",
            "/availableSlots/1/startTime must be a string, is a number"
        ]
    );
}

#[test]
fn bytes_that_are_no_json_are_told_with_their_place_and_without_their_text() {
    let checker = Checker::new(&event("patient.registered")).unwrap();
    let cases: [(&[u8], &str); 8] = [
        (b"", " is empty, which is not a null value"),
        (b"{\"name\": \"canary-9f2c\xff\"}", " is not UTF-8 at byte 21"),
        (b"{\n  \"name\": canary-9f2c}", " is not JSON: expected value (line 2, column 11)"),
        (b"canary-9f2c", " is not JSON: expected value (line 1, column 1)"),
        (b"{\"name\": \"canary-9f2c", " is not JSON: EOF while parsing a string (line 1, column 21)"),
        (b"{} canary-9f2c", " is not JSON: trailing characters (line 1, column 4)"),
        (b"{\"canary-9f2c\": 1e999}", " is not JSON: number out of range (line 1, column 21)"),
        (b"\x00\x00\x00\x00\x01{}", " is not JSON: expected value (line 1, column 1)"),
    ];
    for (bytes, wanted) in cases {
        assert_eq!(told(&checker, bytes), [wanted]);
        assert!(!checker.is_valid(Some(bytes)) && !checker.is_clean(Some(bytes)));
    }
    let deep = "[".repeat(100_000);
    assert!(told(&checker, deep.as_bytes())[0].starts_with(" is not JSON: recursion limit exceeded"));
}

#[test]
fn a_tombstone_has_no_payload_to_check() {
    let checker = Checker::new(&event("patient.registered")).unwrap();
    assert_eq!(checker.check(None), []);
    assert!(checker.is_valid(None) && checker.is_clean(None));
    assert_eq!(told(&checker, b"null"), [" must be an object, is null"]);
}

#[test]
fn unknown_fields_are_warnings_at_their_object_and_named_apart() {
    let checker = Checker::new(&event("appointment.created")).unwrap();
    let mut payload = event("appointment.created").schema["examples"][0].clone();
    payload["data"][CANARY] = json!({"deep": 1});
    payload["data"]["reason"] = json!("x");
    payload["traceId"] = json!("x");
    let bytes = payload.to_string().into_bytes();
    let mut found: Vec<_> =
        checker.check(Some(&bytes)).into_iter().map(|p| (p.pointer, p.unknown, p.warning)).collect();
    found.sort();
    let unknown = |pointer: &str, name: &str| (pointer.to_owned(), Some(name.to_owned()), true);
    assert_eq!(found, [unknown("", "traceId"), unknown("/data", CANARY), unknown("/data", "reason")]);
    assert!(checker.is_valid(Some(&bytes)) && !checker.is_clean(Some(&bytes)));
    assert!(checker.check(Some(&bytes)).iter().all(|p| !p.message.contains(CANARY)));
}

#[test]
fn no_value_and_no_unknown_name_gets_into_a_problem() {
    let schema = json!({
        "properties": {
            "a": {"const": "fixed"}, "b": {"enum": ["x"]}, "c": {"pattern": "^x$"}, "d": {"format": "email"},
            "e": {"maxLength": 2}, "f": {"type": "array", "items": {"type": "integer"}, "uniqueItems": true},
            "g": {"not": {"type": "string"}}, "h": {"anyOf": [{"type": "null"}, {"minLength": 99}]},
            "i": {"oneOf": [{"type": "string"}, {"minLength": 1}]}, "j": {"additionalProperties": false},
            "k": {"additionalProperties": {"type": "integer"}}, "l": {"propertyNames": {"maxLength": 1}},
            "m": {"contains": {"const": 1}}, "n": false, "o": {"format": "uuid"}, "p": {"multipleOf": 7},
            "q": {"unevaluatedProperties": false}, "r": {"dependentRequired": {"canary-9f2c": ["z"]}},
        },
        "additionalProperties": {"type": "integer"},
    });
    let checker = Checker::new(&with_schema(schema)).unwrap();
    let map = json!({CANARY: CANARY, "33639980001": CANARY});
    let payload = json!({
        "a": CANARY, "b": CANARY, "c": CANARY, "d": CANARY, "e": CANARY, "f": [CANARY, CANARY], "g": CANARY,
        "h": CANARY, "i": CANARY, "j": map, "k": map, "l": map, "m": [CANARY], "n": CANARY, "o": CANARY, "p": 33_639_980_001_i64,
        "q": map, "r": map, CANARY: CANARY, "33639980001": CANARY,
    });
    let problems = checker.check_json(&payload);
    for name in "abcdefghijklmnopqr".chars() {
        let here = format!("/{name}");
        assert!(problems.iter().any(|p| p.pointer.starts_with(&here)), "nothing about {here}");
    }
    for problem in problems {
        let text = format!("{} {}", problem.pointer, problem.message);
        assert!(!text.contains(CANARY) && !text.contains("33639980001"), "{text}");
    }
}

#[test]
fn pointers_lead_through_references_arrays_and_combinations() {
    let schema = json!({
        "$defs": {"id": {"type": "string"}, "node": {"properties": {"next": {"$ref": "#/$defs/node"}, "id": {"$ref": "#/$defs/id"}}}},
        "allOf": [{"properties": {"list": {"items": {"$ref": "#/$defs/node"}}}}],
        "properties": {"a/b": {"type": "null"}},
    });
    for (pointer, there) in [
        ("", true),
        ("/a~1b", true),
        ("/list/*/id", true),
        ("/list/3/next/next/id", true),
        ("/list/x", false),
        ("/list/*/no", false),
        ("/a", false),
        ("list", false),
    ] {
        assert_eq!(subschema(&schema, pointer).is_some(), there, "{pointer}");
    }
    let checker = Checker::new(&with_schema(schema.clone())).unwrap();
    let payload = json!({"a/b": null, "list": [{"id": "x", "next": {"next": {"more": 1}}}], "other": 1});
    let unknown: Vec<_> =
        checker.check_json(&payload).into_iter().map(|p| (p.pointer, p.unknown.unwrap())).collect();
    assert_eq!(
        unknown,
        [("/list/0/next/next".to_owned(), "more".to_owned()), (String::new(), "other".to_owned())]
    );
    let fields: Vec<_> = fields::of(&schema).into_iter().map(|field| field.pointer).collect();
    assert_eq!(fields[0], "/a~1b");
    assert!(fields.contains(&"/list/*/next/next/id".to_owned()) && fields.len() < 60, "{}", fields.len());
}

#[test]
fn a_schema_that_is_none_is_an_error_that_names_the_event() {
    for schema in [
        json!({"type": "strin"}),
        json!(7),
        json!({"$ref": "#/nowhere"}),
        json!({"$ref": "https://example.org/s.json"}),
        json!({"properties": {"a": {"pattern": "("}}}),
    ] {
        let Err(error) = Checker::new(&with_schema(schema.clone())) else { panic!("{schema} compiles") };
        assert!(
            error.to_string().starts_with("the schema of `patient.registered` is not a JSON Schema"),
            "{error}"
        );
        assert!(!error.causes().is_empty());
    }
}

/// A payload of an event: its example, edited as text.
fn edited(event: &Event, edits: &[(usize, usize, String)]) -> String {
    let mut text = event.schema["examples"][0].to_string();
    for (at, length, put) in edits {
        let ends: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        let from = at % ends.len();
        let to = (from + length).min(ends.len() - 1);
        text.replace_range(ends[from]..ends[to], put);
    }
    text
}

/// A payload of an event: its example, with another value at one place.
fn with_value(event: &Event, place: usize, value: &Value) -> String {
    let mut payload = event.schema["examples"][0].clone();
    let mut places: Vec<&mut Value> = vec![&mut payload];
    let mut leaves = Vec::new();
    while let Some(at) = places.pop() {
        match at {
            Value::Object(fields) => places.extend(fields.values_mut()),
            Value::Array(items) => places.extend(items),
            leaf => leaves.push(leaf),
        }
    }
    let count = leaves.len();
    *leaves.swap_remove(place % count) = value.clone();
    payload.to_string()
}

fn agrees(event: &Event, payload: &str) -> Result<(), TestCaseError> {
    let checker = Checker::new(event).unwrap();
    let quick = checker.quick.as_ref().expect("the contract is plain");
    if let Some(quick::Clean { key, is_first }) = quick.clean(payload.as_bytes()) {
        prop_assert_eq!(checker.slowly(payload.as_bytes()), Vec::new(), "{}", payload);
        let found = Path::from_pointer(&event.key).unwrap().find_plain(payload);
        prop_assert_eq!(key, found, "{}", payload);
        let first = quick.first_key(payload.as_bytes());
        prop_assert_eq!(is_first, first == found.map(str::as_bytes), "{}", payload);
    }
    Ok(())
}

#[test]
fn the_contract_has_a_quick_pass_and_its_examples_pass_it() {
    for event in &Catalogue::builtin().unwrap().events {
        let quick = Checker::new(event).unwrap().quick.unwrap_or_else(|| panic!("{}", event.name));
        for example in event.schema["examples"].as_array().unwrap() {
            assert!(quick.clean(example.to_string().as_bytes()).is_some(), "{}: {example}", event.name);
        }
    }
}

#[test]
fn a_key_is_the_first_of_its_name_unless_the_name_comes_before() {
    let text = json!({"type": "string"});
    let object = |fields: Value| json!({"type": "object", "properties": fields});
    let schema = object(json!({"id": text, "k": text, "in": object(json!({"k": text})), "s": text}));
    let quick = quick::Quick::new(&schema, Path::from_pointer("/in/k").as_ref()).unwrap();
    for (payload, first) in [
        (r#"{"in":{"k":"a"},"k":"b"}"#, true),
        (r#"{ "in" : { "k" : "a" } }"#, true),
        (r#"{"s":"no \u0022k","in":{"k":"a"}}"#, false),
        (r#"{"k":"b","in":{"k":"a"}}"#, false),
        (r#"{"k":"a","in":{"k":"a"}}"#, true),
        (r#"{"s":"k","in":{"k":"a"}}"#, false),
        (r#"{"s":":","k":"b"}"#, false),
        (r#"{"s":"b"}"#, true),
    ] {
        let clean = quick.clean(payload.as_bytes());
        let key = payload.contains(r#""a""#).then_some("a");
        let expected = quick::Clean { key, is_first: first };
        assert_eq!(clean.unwrap_or(expected), expected, "{payload}");
        assert_eq!(clean.is_some(), !payload.contains('\\'), "{payload}");
    }
}

#[test]
fn a_schema_that_is_not_plain_has_no_quick_pass() {
    let plain =
        json!({"type": "object", "properties": {"n": {"type": "integer"}, "s": {"enum": ["a", "b"]}}});
    let clean = |key: Option<&str>| {
        let key = key.map(|pointer| Path::from_pointer(pointer).unwrap());
        quick::Quick::new(&plain, key.as_ref()).map(|quick| quick.clean(br#" {"n" : 12, "s":"b"} "#))
    };
    assert_eq!(clean(None), Some(Some(quick::Clean { key: None, is_first: true })));
    assert_eq!(clean(Some("/s")), Some(Some(quick::Clean { key: Some("b"), is_first: true })));
    // Keys that are no strings of the schema are left to those who can read them.
    assert_eq!(
        (clean(Some("/n")), clean(Some("/x")), clean(Some("/s/x")), clean(Some(""))),
        (None, None, None, None)
    );
    for field in [
        json!({}),
        json!(true),
        json!({"type": ["string", "null"]}),
        json!({"type": "string", "maxLength": 3}),
        json!({"type": "string", "format": "uuid"}),
        json!({"type": "string", "pattern": "^\\p{L}+$"}),
        json!({"type": "string", "format": "email", "pattern": "x"}),
        json!({"type": "integer", "minimum": 3}),
        json!({"enum": ["a", 1]}),
        json!({"const": "a\"b"}),
        json!({"$ref": "#/$defs/x"}),
        json!({"type": "object"}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}),
        json!({"type": "array"}),
    ] {
        assert!(
            quick::Quick::new(&json!({"type": "object", "properties": {"f": field}}), None).is_none(),
            "{field}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_the_quick_pass_takes_is_clean(
        event in 0..100_usize,
        edits in proptest::collection::vec(
            (any::<usize>(), 0..4_usize, r#"["\\,:{}\[\]0-9a-zé.TZ@ \t-]{0,3}|\\u0041|1e400|null|"x":1"#), 0..3),
    ) {
        let events = &Catalogue::builtin().unwrap().events;
        let event = &events[event % events.len()];
        agrees(event, &edited(event, &edits))?;
    }

    #[test]
    fn what_the_quick_pass_takes_for_a_value_is_clean(
        event in 0..100_usize,
        place in any::<usize>(),
        text in r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?Z|[a-z.+_-]{0,5}@[a-z0-9-]{0,4}(\.[a-z-]{0,3}){0,2}|[0-9.]{0,8}|.{0,4}",
    ) {
        let events = &Catalogue::builtin().unwrap().events;
        let event = &events[event % events.len()];
        agrees(event, &with_value(event, place, &Value::from(text)))?;
    }
}
