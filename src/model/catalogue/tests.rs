//! Catalogues parse, and say what is wrong with them.

use serde_json::json;

use super::*;
use crate::error::Kind;

fn parse(text: &str) -> Result<Catalogue, Error> {
    Catalogue::parse("other/catalogue.toml", text, &|path| match path {
        "schemas/a.json" => Ok(r#"{"properties":{"id":{"type":"string"}}}"#.to_owned()),
        "broken.json" => Ok("{\n nothing".to_owned()),
        _ => Err(Error::input(format!("{path}: no such file"))),
    })
}

fn event(more: &str) -> String {
    format!("[[event]]\nname = \"a\"\ndirection = \"inbound\"\nkey = \"/id\"\n{more}\n")
}

#[test]
fn the_builtin_catalogue_has_the_seven_events_of_the_contract() {
    let catalogue = Catalogue::builtin().unwrap();
    let all: Vec<_> =
        catalogue.events.iter().map(|e| (e.name.as_str(), e.direction.name(), e.key.as_str())).collect();
    assert_eq!(
        all,
        [
            ("appointment.created", "outbound", "/data/appointmentId"),
            ("appointment.confirmed", "outbound", "/data/appointmentId"),
            ("appointment.cancelled", "outbound", "/data/appointmentId"),
            ("appointment.completed", "outbound", "/data/appointmentId"),
            ("patient.registered", "inbound", "/patientId"),
            ("doctor.available", "inbound", "/doctorId"),
            ("calendar.slot.freed", "inbound", "/doctorId"),
        ]
    );
    for event in &catalogue.events {
        assert_eq!(event.topic, event.name);
        assert_eq!(event.dlq, format!("{}.dlq", event.name));
        assert_eq!((event.partitions, event.retention_ms), (3, 7 * 86_400_000));
        assert_eq!(event.envelope, event.direction == Direction::Outbound, "{}", event.name);
        assert_eq!(event.event_type.is_some(), event.envelope);
        assert!(event.ids.contains(&event.key), "{}", event.name);
    }
    assert_eq!(
        catalogue.of_topic("doctor.available.dlq").map(|(e, dlq)| (e.name.as_str(), dlq)),
        Some(("doctor.available", true))
    );
    assert_eq!(catalogue.findings(builtin::text(builtin::CATALOGUE).unwrap()), []);
}

#[test]
fn what_is_not_said_has_its_usual_value() {
    let catalogue = parse(&event("correlation = { id = \"/id\" }\nids = [\"/id\", \"/other\"]")).unwrap();
    let event = &catalogue.events[0];
    assert_eq!((event.topic.as_str(), event.dlq.as_str()), ("a", "a.dlq"));
    assert_eq!((event.partitions, event.retention_ms, event.envelope), (3, 604_800_000, false));
    assert_eq!(event.ids, ["/id", "/other"]);
    assert_eq!(event.schema, json!({"properties": {"id": {"type": "string"}}}));
}

#[test]
fn a_broken_catalogue_names_file_line_and_key() {
    let twice = format!("{}{}", event(""), event("schema = \"schemas/a.json\""));
    let dlq = format!(
        "{}{}",
        event(""),
        event("topic = \"a.dlq\"").replace("name = \"a\"", "name = \"b\"\nschema = \"schemas/a.json\"")
    );
    let cases = [
        (event("nope = 1"), "other/catalogue.toml:5:1: unknown field `nope`, expected one of"),
        (event("").replace("inbound", "sideways"), "other/catalogue.toml:3:13: unknown variant `sideways`"),
        (event("").replace("key", "yek"), "other/catalogue.toml:4:1: unknown field `yek`"),
        ("[[event]]\nname = \"a".to_owned(), "other/catalogue.toml:2:"),
        (String::new(), "other/catalogue.toml:1:1: missing field `event`"),
        (event("retention = \"soon\""), "other/catalogue.toml:5: `retention`: `soon` is not a duration"),
        (
            event("schema = \"gone.json\""),
            "other/catalogue.toml:5: `schema`: the schema `gone.json` cannot be read",
        ),
        (event("schema = \"broken.json\""), "broken.json:2:2: the schema is not JSON"),
        (event("partitions = 0"), "other/catalogue.toml:5: a topic cannot have 0 partitions"),
        (event("topic = \"a b\""), "other/catalogue.toml:5: `a b` cannot be a topic"),
        (twice, "other/catalogue.toml:7: the event `a` is there twice"),
        (dlq, "the topic `a.dlq` belongs to `a` already"),
    ];
    for (text, wanted) in cases {
        let error = parse(&text).unwrap_err();
        assert_eq!(error.kind(), Kind::Input);
        assert!(error.to_string().contains(wanted), "{error}\nwanted: {wanted}");
    }
}

#[test]
fn findings_name_pointers_into_nowhere_and_broken_schemas() {
    let text = event("facts = [\"/id\", \"/none\"]").replace("/id\"\n", "/di\"\n");
    let catalogue = Catalogue::parse_unchecked("c", &text, &|_| {
        Ok(r#"{"properties":{"id":{"type":"string"}},"examples":[{"id":1}]}"#.to_owned())
    });
    let findings: Vec<_> =
        catalogue.unwrap().findings(&text).into_iter().map(|f| (f.line, f.key, f.message)).collect();
    assert_eq!(
        findings,
        [
            (
                1,
                "schema",
                "the schema's example at `/examples/0/id`: must be a string, is a number".to_owned()
            ),
            (4, "key", "the schema has no field at `/di`".to_owned()),
            (5, "facts", "the schema has no field at `/none`".to_owned()),
        ]
    );
    let mut broken = Catalogue::builtin().unwrap();
    broken.events[0].schema = json!({"type": "strin"});
    let findings = broken.findings("");
    assert!(findings.iter().any(|f| f.key == "schema" && f.message.contains("strin")), "{findings:?}");
}

#[test]
fn a_retention_reads_back_as_it_is_written() {
    for (text, ms, shown) in [
        ("7d", 604_800_000, "7d"),
        ("36h", 129_600_000, "36h"),
        ("1d 30s", 86_430_000, "86430s"),
        ("-1", -1, "for ever"),
    ] {
        let catalogue = parse(&event(&format!("retention = \"{text}\""))).unwrap();
        assert_eq!(catalogue.events[0].retention_ms, ms);
        assert_eq!(retention_text(ms), shown);
    }
}

#[test]
fn near_names_come_likeliest_first() {
    let catalogue = Catalogue::builtin().unwrap();
    assert_eq!(catalogue.near("apointment.creatd")[0], "appointment.created");
    assert_eq!(catalogue.near("slot.freed"), ["calendar.slot.freed"]);
    assert_eq!(catalogue.near("zzzzzz"), Vec::<String>::new());
    let error = catalogue.require("patient.registred").unwrap_err();
    assert!(error.hints()[0].starts_with("did you mean `patient.registered`"), "{:?}", error.hints());
}
