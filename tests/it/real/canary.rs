//! A canary in value, key, header name and header value is in no output without `--reveal`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::kafka::{Raw, bytes};
use crate::support::process::Run;
use crate::support::{Home, Kafka, Rdvctl};

const CANARY: &str = "Kanarienvogel";

/// The same bytes in another dress are shown as well.
fn shapes() -> Vec<String> {
    let hex = CANARY.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let mut shapes = vec![CANARY.to_owned(), CANARY.to_lowercase(), CANARY.to_uppercase(), hex];
    // Base64 of a text that holds it differs by where it begins: the middle of each of the three.
    for shift in 0..3 {
        let encoded = STANDARD.encode(format!("{}{CANARY}", &"..."[..shift]));
        shapes.push(encoded[4..encoded.len() - 4].to_owned());
    }
    shapes
}

#[track_caller]
fn expect_no_canary(run: &Run) {
    let shown = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    for shape in shapes() {
        assert!(!shown.contains(&shape), "`{shape}` is shown\n{}", run.transcript());
    }
}

fn records() -> Vec<Raw> {
    let record = |value: String| Raw { key: bytes("k"), value: bytes(value), ..Raw::default() };
    let header = |name: &str, value: &str| Raw {
        headers: vec![(name.to_owned(), bytes(value))],
        ..record("{}".to_owned())
    };
    vec![
        record(format!(
            r#"{{"patientId":"patient-1","name":"{CANARY}","email":"{CANARY}@example.test","phone":"+33 {CANARY}","registeredAt":"2024-01-09T08:00:00.000Z"}}"#
        )),
        // Where the contract says an id, a date or a number, and something else stands there.
        record(format!(
            r#"{{"patientId":{{"name":"{CANARY}"}},"name":["{CANARY}"],"email":{{"{CANARY}":1}},"registeredAt":"{CANARY}"}}"#
        )),
        // A field that the contract does not know; a member's name.
        record(format!(
            r#"{{"patientId":"patient-1","note":"{CANARY}","deep":{{"er":[{{"still":"{CANARY}"}}]}}}}"#
        )),
        record(format!(r#"{{"{CANARY}":true}}"#)),
        record(format!(r#"{{"name":"first","name":"{CANARY}"}}"#)),
        record(format!(
            r#"{{"eventType":"{CANARY}","occurredOn":"{CANARY}","data":{{"title":"{CANARY}","reason":"{CANARY}"}},"metadata":{{"source":"{CANARY}"}}}}"#
        )),
        record(format!(r#"["{CANARY}",{{"a":"{CANARY}"}}]"#)),
        record(format!("\"{CANARY}\"")),
        // Not JSON: text, broken JSON, bytes, schema registry's wire format.
        record(CANARY.to_owned()),
        record(format!("{{\"name\":\"{CANARY}\"")),
        Raw { value: bytes([b"\xff\xfe", CANARY.as_bytes()].concat()), ..record(String::new()) },
        Raw { value: bytes([b"\0\0\0\0\x07", CANARY.as_bytes()].concat()), ..record(String::new()) },
        // Keys.
        Raw { key: bytes(CANARY), ..record("{}".to_owned()) },
        Raw { key: bytes(format!("{{\"name\":\"{CANARY}\"}}")), ..record("{}".to_owned()) },
        Raw { key: bytes([b"\xff", CANARY.as_bytes()].concat()), ..record("{}".to_owned()) },
        // Headers: the name, the value, and those of NestJS and of dead letters, whose messages quote payloads.
        header(CANARY, "x"),
        header("x-patient", CANARY),
        header("kafka_nest-err", &format!("{{\"message\":\"{CANARY}\"}}")),
        header("kafka_dlt-exception-message", &format!("cannot parse {CANARY}")),
        header("kafka_correlationId", CANARY),
        header("kafka_replyTopic", CANARY),
    ]
}

#[test]
#[ignore = "needs real Kafka: the canary is in topics of the catalogue and in others"]
fn a_canary_is_shown_by_no_view() {
    let kafka = Kafka::own();
    let home = Home::new();
    kafka.rdvctl_at(&home).args(["topics", "create", "--yes"]).run().expect(0);
    kafka.create("unknown.topic", 1, &[]);
    let topics = [
        "patient.registered",
        "doctor.available",
        "appointment.created",
        "unknown.topic",
        "patient.registered.dlq",
    ];
    for topic in topics {
        kafka.write(topic, &records());
    }
    let views: &[&[&str]] = &[
        &[],
        &["-v"],
        &["-o", "ndjson"],
        &["-o", "ndjson", "-v"],
        &["--headers-only"],
        &["--headers-only", "-o", "ndjson"],
        &["--validate"],
        &["--validate", "-o", "ndjson"],
        &["--sort", "time", "-o", "ndjson"],
        &["--debug"],
        &["--where", ".value.name | error"],
        &["--where", ".key | tonumber"],
        &["--where", "error(.headers)"],
        &["--grep", "a"],
        &["--patient", "patient-1"],
        &["--expect", "100000", "--timeout", "3s"],
    ];
    for topic in topics {
        for view in views {
            expect_no_canary(
                &kafka.rdvctl_at(&home).args(["tail", topic, "--from", "start"]).args(*view).run(),
            );
        }
    }
    // The test can fail: with --reveal it is there.
    let revealed =
        kafka.rdvctl_at(&home).args(["tail", topics[0], "--from", "start", "--reveal"]).run().expect(0);
    assert!(revealed.out().contains(CANARY), "{}", revealed.transcript());
}

#[test]
fn a_canary_is_shown_by_no_error_of_publish() {
    let home = Home::new();
    let record = |value: &str| {
        format!(
            "{{\"topic\":\"patient.registered\",\"key\":{{\"text\":\"{CANARY}\"}},\"headers\":[[\"{CANARY}\",{{\"text\":\"{CANARY}\"}}]],\"value\":{value}}}\n"
        )
    };
    let inputs = [
        record(&format!("{{\"json\":{{\"name\":\"{CANARY}\"}}}}")),
        record(&format!(
            "{{\"json\":{{\"patientId\":\"p\",\"name\":\"{CANARY}\",\"email\":\"{CANARY}\",\"phone\":7,\"registeredAt\":\"{CANARY}\"}}}}"
        )),
        record(&format!("{{\"base64\":\"{CANARY}!\"}}")),
        record(&format!("{{\"what\":\"{CANARY}\"}}")),
        record(&format!("\"{CANARY}\"")),
        format!("{{\"topic\":\"patient.registered\",\"{CANARY}\":1,\"value\":null}}\n"),
        format!("{{\"name\":\"{CANARY}\n"),
        format!("{CANARY}\n"),
    ];
    for input in inputs {
        for format in [&["-o", "ndjson"][..], &[][..]] {
            // Nobody listens there: had it been accepted, the code would be 4.
            let publish =
                Rdvctl::at(&home).args(["-b", "127.0.0.1:1", "--connect-timeout", "1s", "publish", "-"]);
            let run = publish.args(format).stdin(input.clone()).run().expect(3);
            expect_no_canary(&run);
            let bare = Rdvctl::at(&home).args([
                "-b",
                "127.0.0.1:1",
                "--connect-timeout",
                "1s",
                "publish",
                "patient.registered",
                "-",
            ]);
            expect_no_canary(&bare.args(format).stdin(input.clone()).run().expect(3));
        }
    }
}
