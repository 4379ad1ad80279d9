//! `rdvctl fixtures` through the binary.

use serde_json::json;

use crate::catalogue::shop;
use crate::support::{Home, Rdvctl, root};

const NOW: &str = "2026-03-01T12:00:00Z";

#[test]
fn fixtures_and_stories_are_listed() {
    let run = Rdvctl::new().args(["fixtures", "list"]).run().expect(0);
    assert!(run.out().starts_with("EVENT"), "{}", run.out());
    for wanted in ["appointment.cancelled  with-reason", "slot-taken-over", "(6 records)"] {
        assert!(run.out().contains(wanted), "{}", run.out());
    }
    let lines = Rdvctl::new().args(["fixtures", "list", "-o", "ndjson"]).run().expect(0).ndjson();
    assert_eq!(lines[0]["fixture"], "default");
    assert_eq!(lines.last().unwrap()["events"].as_array().unwrap().len(), 6);
    let one = Rdvctl::new().args(["fixtures", "list", "calendar.slot.freed"]).run().expect(0);
    assert_eq!(one.out().lines().count(), 3, "{}", one.out());
    assert!(!one.out().contains("STORY"));
    Rdvctl::new().args(["fixtures", "list", "calendar"]).run().expect(3);
}

#[test]
fn a_seed_and_a_time_show_the_same_bytes_each_time() {
    let show = |seed: &str| {
        let args = ["fixtures", "show", "first-visit", "--now", NOW, "--seed", seed, "-o", "ndjson"];
        Rdvctl::new().args(args).run().expect(0).stdout
    };
    assert_eq!(show("1"), show("1"));
    assert_ne!(show("1"), show("2"));
    let free = || Rdvctl::new().args(["fixtures", "show", "patient.registered"]).run().expect(0).stdout;
    assert_ne!(free(), free(), "without a seed the data is new each time");
}

#[test]
fn the_contract_example_is_shown_as_the_contract_has_it() {
    let args = ["fixtures", "show", "appointment.created", "--fixture", "contract"];
    let run = Rdvctl::new().args(args).run().expect(0);
    let golden = r#"{"eventType":"AppointmentCreatedEvent","occurredOn":"2024-01-10T09:00:00.000Z","data":{"occurredOn":"2024-01-10T09:00:00.000Z","appointmentId":"k3j9x0q2z","title":"Consultation cardiologie","startDate":"2024-02-15T10:00:00.000Z","endDate":"2024-02-15T11:00:00.000Z","patientId":"patient-123","doctorId":"doctor-456","eventType":"AppointmentCreatedEvent"},"metadata":{"source":"appointment-service","version":"1.0.0","timestamp":"2024-01-10T09:00:00.005Z"}}"#;
    assert!(run.out().contains(golden), "{}", run.out());
    let ndjson = Rdvctl::new().args(args).args(["-o", "ndjson"]).run().expect(0);
    let line = format!(
        "{{\"topic\":\"appointment.created\",\"key\":{{\"text\":\"k3j9x0q2z\"}},\"headers\":[],\"value\":{{\"json\":{golden}}}}}\n"
    );
    assert_eq!(ndjson.out(), line);
}

#[test]
fn fields_are_set_and_mistakes_in_flags_are_usage_errors_that_repeat_no_value() {
    let show = || Rdvctl::new().args(["fixtures", "show", "doctor.available", "-o", "ndjson"]);
    let args = ["--set", "doctorId=doctor-7", "--set-json", "availableSlots=[]", "--set", "/name=A=B"];
    let record = show().args(args).run().expect(0).ndjson().remove(0);
    assert_eq!(record["key"]["text"], "doctor-7");
    assert_eq!(record["value"]["json"]["availableSlots"], json!([]));
    assert_eq!(record["value"]["json"]["name"], "A=B");
    for args in [
        ["--set", "canary"],
        ["--set", "=canary"],
        ["--set-json", "name=canary"],
        ["--set-json", "name="],
        ["--set", "name.x=canary"],
        ["--set", "availableSlots.7.startTime=canary"],
        ["--seed", "many"],
        ["--now", "today"],
        ["--env", "NOT_THERE"],
    ] {
        let run = show().args(args).run().expect(2);
        assert!(run.out().is_empty() && !run.err().contains("canary"), "{args:?}: {}", run.err());
    }
}

#[test]
fn an_environment_variable_is_read_only_when_it_is_named() {
    let home = shop();
    let fixture = r#"{"event": "order.placed", "key": "{{ env('REGION') }}", "value": {"order": {"id": "{{ uuid() }}", "total": 1}}}"#;
    home.file("shop/events/order.placed/region.json", fixture);
    let show = || Rdvctl::at(&home).env("REGION", "nord").args(["--catalogue", "shop", "-o", "ndjson"]);
    let args = ["fixtures", "show", "order.placed", "--fixture", "region"];
    let run = show().args(args).run().expect(3);
    assert!(
        run.err().contains("the environment variable `REGION` is not given (`--env REGION`)"),
        "{}",
        run.err()
    );
    let run = show().args(args).args(["--env", "REGION"]).run().expect(0);
    assert_eq!(run.ndjson()[0]["key"]["text"], "nord");
    show().args(["fixtures", "check"]).run().expect(1);
    show().args(["fixtures", "check", "--env", "REGION"]).run().expect(0);
}

#[test]
fn the_built_in_fixtures_hold_and_are_the_ones_of_the_repository() {
    let said = "18 fixtures and 4 stories rendered: nothing wrong\n";
    let run = Rdvctl::new().args(["fixtures", "check"]).run().expect(0);
    assert_eq!((run.out(), run.err()), ("", said));
    let run = Rdvctl::new().args(["fixtures", "check"]).arg(root().join("fixtures")).run().expect(0);
    assert_eq!((run.out(), run.err()), ("", said));
    let story = root().join("fixtures/stories/completed.json");
    Rdvctl::new().args(["fixtures", "check"]).arg(story).run().expect(0);
    let fixture = root().join("fixtures/events/appointment.created/default.json");
    let run = Rdvctl::new().args(["fixtures", "check"]).arg(fixture).run().expect(0);
    assert_eq!(run.err(), "1 fixture and 0 stories rendered: nothing wrong\n");
}

#[test]
fn every_problem_of_every_file_is_told_with_its_place() {
    let home = Home::new();
    home.file(
        "f/schema.json",
        r#"{"event": "patient.registered", "value": {"patientId": "p", "name": "n", "email": "nobody",
"phone": 1, "registeredAt": "{{ now() }}", "extra": true}}"#,
    );
    home.file(
        "f/template.json",
        "{\"event\": \"patient.registered\",\n\"vars\": {\"when\": 1},\n\"value\": \"{{ wen }}\"}",
    );
    home.file("f/event.json", r#"{"event": "patient.registred", "value": 1}"#);
    let run = Rdvctl::at(&home).args(["fixtures", "check", "f", "-o", "ndjson"]).run().expect(1);
    let mut told: Vec<String> = run
        .ndjson()
        .iter()
        .map(|line| {
            format!(
                "{}:{} {} {}",
                line["file"].as_str().unwrap(),
                line["line"],
                line["pointer"].as_str().unwrap(),
                line["problem"].as_str().unwrap()
            )
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "f/event.json:1 /event there is no event `patient.registred` in the catalogue",
            "f/schema.json:1 /value the schema does not know the field `extra`",
            "f/schema.json:1 /value/email is not an e-mail address",
            "f/schema.json:2 /value/phone must be a string, is a number",
            "f/template.json:3 /value there is no variable or function `wen`",
        ]
    );
    assert_eq!(run.err(), "1 fixture and 0 stories rendered: 4 problems\n");
    let table = Rdvctl::at(&home).args(["fixtures", "check", "f"]).run().expect(1);
    for wanted in [
        "warning: the schema does not know",
        "did you mean `when`?",
        "did you mean `patient.registered`?",
        "functions: `now('+1h', at='10:00')`",
    ] {
        assert!(table.out().contains(wanted), "{}", table.out());
    }
}

#[test]
fn a_warning_alone_is_not_a_no() {
    let home = Home::new();
    let file = home.file(
        "one.json",
        r#"{"event": "calendar.slot.freed", "value": {"doctorId": "d", "startTime": "{{ now() }}",
        "endTime": "{{ now() }}", "freedAt": "{{ now() }}", "room": 4}}"#,
    );
    let run = Rdvctl::at(&home).args(["fixtures", "check"]).arg(file).run().expect(0);
    assert!(run.out().contains("warning: the schema does not know the field `room`"), "{}", run.out());
}

#[test]
fn what_cannot_be_read_or_is_no_fixture_is_bad_input() {
    let home = Home::new();
    home.file("broken.json", "{\n \"event\": canary}");
    home.file("latin1.json", b"{\"event\": \"\xe9\"}");
    home.file("misspelt.json", "{\"event\": \"patient.registered\", \"valeu\": 1}");
    std::fs::create_dir(home.path().join("empty")).unwrap();
    for (path, wanted) in [
        ("none.json", "error: cannot read `none.json`\ncaused by: No such file"),
        ("empty", "error: there are no fixtures in `empty`\nhint: "),
        ("broken.json", "error: broken.json:2:11: not a fixture: expected value\n"),
        ("latin1.json", "error: `latin1.json` is not UTF-8 at byte 11\n"),
        ("misspelt.json", "error: misspelt.json:1:39: not a fixture: unknown field `valeu`, expected one of"),
    ] {
        let run = Rdvctl::at(&home).args(["fixtures", "check", path]).run().expect(3);
        assert!(run.err().starts_with(wanted) && run.out().is_empty(), "{}\nwanted: {wanted}", run.err());
        assert!(!run.err().contains("canary"));
    }
}

#[test]
fn unknown_names_are_bad_input_with_the_ones_there_are() {
    for (args, wanted) in [
        (vec!["patient.registred"], "hint: did you mean `patient.registered`?\n"),
        (
            vec!["patient.registered", "--fixture", "none"],
            "hint: it has `default`, `imported`, `unusual-name`\n",
        ),
    ] {
        let run = Rdvctl::new().args(["fixtures", "show"]).args(args).run().expect(3);
        assert!(run.err().ends_with(wanted), "{}", run.err());
    }
}
