//! `rdvctl catalogue` through the binary: the built-in events, and another bounded context's.

use serde_json::{Value, json};

use rdvctl::model::catalogue::builtin;

use crate::support::{Home, Rdvctl, files, root};

/// Somebody else's events: other topics, other fields, nothing of appointments.
const SHOP: &str = r#"
[defaults]
partitions = 6

[[event]]
name = "order.placed"
topic = "shop.orders"
direction = "outbound"
key = "/order/id"
correlation = { orderId = "/order/id" }
personal = ["/order/customer"]
facts = ["/order/total", "/order/lines/*/sku"]
retention = "12h"
schema = "contracts/order.json"
"#;

const ORDER: &str = r#"{
  "title": "An order was placed",
  "type": "object",
  "required": ["order"],
  "properties": {"order": {
    "type": "object",
    "required": ["id", "total"],
    "properties": {
      "id": {"type": "string", "format": "uuid"},
      "customer": {"type": "string"},
      "total": {"type": "integer"},
      "lines": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}}}
    }
  }},
  "examples": [{"order": {"id": "5f0c9e1e-3f4c-4d6a-9a51-1c0d5a3a8f00", "total": 1200}}]
}"#;

const DEFAULT: &str = r#"{
  "event": "order.placed",
  "description": "Two lines",
  "vars": {"id": "{{ uuid() }}"},
  "headers": [["source", "shop"]],
  "value": {"order": {"id": "{{ id }}", "customer": "{{ name() }}", "total": "{{ int(1, 9) * 100 }}",
    "lines": [{"sku": "A-{{ seq }}"}, {"sku": "B"}]}}
}"#;

/// Settings name files in full; without the home they read as they were typed.
fn relative(home: &Home, text: &str) -> String {
    text.replace(&format!("{}/", home.path().display()), "")
}

/// A home with the shop's catalogue, its schema, a fixture and a story.
pub(crate) fn shop() -> Home {
    let home = Home::new();
    home.file("shop/catalogue.toml", SHOP);
    home.file("shop/contracts/order.json", ORDER);
    home.file("shop/events/order.placed/default.json", DEFAULT);
    home.file(
        "shop/stories/two.json",
        r#"{"steps": [{"event": "order.placed"}, {"event": "order.placed"}]}"#,
    );
    home
}

#[test]
fn the_events_are_listed_for_people_and_for_programs() {
    let run = Rdvctl::new().args(["catalogue", "list"]).run().expect(0);
    let lines: Vec<&str> = run.out().lines().collect();
    assert_eq!(lines.len(), 8, "{}", run.out());
    assert!(lines[0].starts_with("EVENT"), "{}", run.out());
    let row: Vec<&str> = lines[6].split_whitespace().collect();
    assert_eq!(
        row,
        ["doctor.available", "doctor.available", "inbound", "/doctorId", "3", "7d", "doctor.available.dlq"]
    );

    let lines = Rdvctl::new().args(["catalogue", "list", "-o", "ndjson"]).run().expect(0).ndjson();
    assert_eq!(lines.len(), 7);
    assert_eq!(lines[0]["event"], "appointment.created");
    assert_eq!(lines[0]["correlation"]["patientId"], "/data/patientId");
    assert_eq!(lines[0]["retention_ms"], 604_800_000);
    assert_eq!(lines[6]["event_type"], Value::Null);
}

#[test]
fn an_event_is_shown_with_its_fields_and_for_programs_with_its_schema() {
    let run = Rdvctl::new().args(["catalogue", "show", "patient.registered"]).run().expect(0);
    for wanted in [
        "meaning     A patient was registered",
        "/email         email      yes       personal, shown in a line",
        "/patientId     string     yes       key, id",
    ] {
        assert!(run.out().contains(wanted), "{}", run.out());
    }
    let lines = Rdvctl::new()
        .args(["catalogue", "show", "patient.registered", "-o", "ndjson"])
        .run()
        .expect(0)
        .ndjson();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["personal"], json!(["/name", "/email", "/phone"]));
    assert_eq!(lines[0]["schema"]["properties"]["email"]["format"], "email");
}

#[test]
fn a_misspelt_event_is_told_what_is_near() {
    let run = Rdvctl::new().args(["catalogue", "show", "patient.registred"]).run().expect(3);
    assert_eq!(run.out(), "");
    assert_eq!(
        run.err(),
        "error: there is no event `patient.registred` in the catalogue\nhint: did you mean `patient.registered`?\n"
    );
}

#[test]
fn the_built_in_catalogue_is_in_order_and_is_the_one_of_the_repository() {
    let run = Rdvctl::new().args(["catalogue", "check"]).run().expect(0);
    assert_eq!((run.out(), run.err()), ("", "built-in fixtures/catalogue.toml: 7 events, nothing wrong\n"));
    Rdvctl::new().args(["catalogue", "check"]).arg(root().join("fixtures")).run().expect(0);
    Rdvctl::new().args(["catalogue", "check"]).arg(root().join("fixtures/catalogue.toml")).run().expect(0);
}

#[test]
fn another_bounded_context_needs_only_files() {
    let home = shop();
    let rdvctl = || Rdvctl::at(&home).args(["--catalogue", "shop/catalogue.toml", "-o", "ndjson"]);
    let line = rdvctl().args(["catalogue", "show", "order.placed"]).run().expect(0).ndjson().remove(0);
    assert_eq!((&line["topic"], &line["dlq"]), (&json!("shop.orders"), &json!("shop.orders.dlq")));
    assert_eq!((&line["partitions"], &line["retention_ms"]), (&json!(6), &json!(43_200_000)));
    assert_eq!((&line["envelope"], &line["ids"]), (&json!(false), &json!(["/order/id"])));
    rdvctl().args(["catalogue", "check"]).run().expect(0);

    let records = rdvctl().args(["fixtures", "show", "two"]).run().expect(0).ndjson();
    assert_eq!(records.len(), 2);
    for (record, sku) in records.iter().zip(["A-1", "A-2"]) {
        let order = &record["value"]["json"]["order"];
        assert_eq!(
            (&record["topic"], &record["headers"]),
            (&json!("shop.orders"), &json!([["source", {"text": "shop"}]]))
        );
        assert_eq!(record["key"]["text"], order["id"]);
        assert_eq!(order["lines"][0]["sku"], sku);
        assert_eq!(order["total"].as_i64().unwrap() % 100, 0);
    }
    let run = rdvctl().args(["fixtures", "check"]).run().expect(0);
    assert_eq!(run.err(), "1 fixture and 1 story rendered: nothing wrong\n");
    // The settings' catalogue counts as well, and `catalogue show` knows no appointments in it.
    home.file(
        "rdvctl.toml",
        "default_context = 's'\n[context.s]\nbrokers = 'x:1'\ncatalogue = 'shop/catalogue.toml'\n",
    );
    Rdvctl::at(&home).args(["catalogue", "show", "order.placed"]).run().expect(0);
    Rdvctl::at(&home).args(["catalogue", "show", "appointment.created"]).run().expect(3);
}

#[test]
fn what_is_wrong_in_a_catalogue_is_listed_and_other_commands_refuse_contradictions() {
    let home = shop();
    let second = "[[event]]\nname = \"order.paid\"\ntopic = \"shop.orders.dlq\"\ndirection = \"inbound\"\nkey = \"/order/nr\"\nschema = \"contracts/order.json\"\n";
    home.file("shop/catalogue.toml", format!("{SHOP}{second}"));
    home.file("shop/contracts/order.json", ORDER.replace("\"total\": 1200", "\"total\": \"dear\""));
    let run = Rdvctl::at(&home).args(["catalogue", "check", "shop", "-o", "ndjson"]).run().expect(1);
    let found: Vec<(u64, String)> = run
        .ndjson()
        .iter()
        .map(|line| (line["line"].as_u64().unwrap(), line["problem"].as_str().unwrap().to_owned()))
        .collect();
    let example = "the schema's example at `/examples/0/order/total`: must be an integer, is a string";
    let wanted = [
        (14, example),
        (17, "the topic `shop.orders.dlq` belongs to `order.placed` already"),
        (19, "the schema has no field at `/order/nr`"),
        (20, example),
    ];
    assert_eq!(found, wanted.map(|(line, text)| (line, text.to_owned())));
    assert_eq!(run.err(), "shop/catalogue.toml: 2 events, 4 problems\n");
    let table = Rdvctl::at(&home).args(["catalogue", "check", "shop"]).run().expect(1);
    assert!(table.out().contains("shop/catalogue.toml:17"), "{}", table.out());

    let run = Rdvctl::at(&home).args(["--catalogue", "shop", "catalogue", "list"]).run().expect(3);
    assert!(
        relative(&home, run.err())
            .starts_with("error: shop/catalogue.toml:17: the topic `shop.orders.dlq` belongs to"),
        "{}",
        run.err()
    );
    assert!(run.err().contains("hint: `rdvctl catalogue check FILE`"), "{}", run.err());
}

#[test]
fn a_catalogue_that_cannot_be_read_is_bad_input() {
    let home = shop();
    home.file("latin1.toml", b"name = \"\xe9\"");
    home.file("broken.toml", "[[event]]\nname = ");
    home.file("orphan.toml", SHOP);
    for (file, wanted) in [
        ("none.toml", "error: cannot read `none.toml`\ncaused by: No such file or directory"),
        ("latin1.toml", "error: `latin1.toml` is not UTF-8 at byte 8\n"),
        ("broken.toml", "error: broken.toml:2:8: "),
        (
            "orphan.toml",
            "error: orphan.toml:14: `schema`: the schema `contracts/order.json` cannot be read\ncaused by: cannot read `contracts/order.json`\n",
        ),
    ] {
        for args in [vec!["catalogue", "check", file], vec!["--catalogue", file, "fixtures", "list"]] {
            let run = Rdvctl::at(&home).args(args).run().expect(3);
            let said = relative(&home, run.err());
            assert!(said.starts_with(wanted), "{said}\nwanted: {wanted}");
            assert_eq!(run.out(), "");
        }
    }
}

#[test]
fn every_file_of_fixtures_is_compiled_in_and_short() {
    let folder = root().join("fixtures");
    let name =
        |path: std::path::PathBuf| path.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
    let mut found: Vec<String> = files("fixtures").into_iter().map(name).collect();
    found.sort();
    let listed: Vec<&str> = builtin::FILES.iter().map(|(path, _)| *path).collect();
    assert_eq!(found, listed, "`model::catalogue::builtin` lists the files of `fixtures/`");
    for (path, text) in builtin::FILES {
        assert!(text.lines().count() <= 60, "{path} is long");
    }
}
