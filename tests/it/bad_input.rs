//! What is refused: each case names its cause, ends within its timeout with its code, and has sent nothing.

use std::net::TcpListener;
use std::time::Duration;

use crate::real::sign_in::signed_in;
use crate::support::{Home, Kafka, Rdvctl};

/// A case that needs no particular broker.
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    stdin: &'static [u8],
    code: i32,
    /// All of these are in what it says.
    says: &'static [&'static str],
}

const GOOD: &[u8] = br#"{"patientId":"p-1","name":"n","email":"n@example.test","phone":"1","registeredAt":"2024-01-09T08:00:00.000Z"}"#;
/// The second of three lines is cut off.
const LAST_LINE_BROKEN: &[u8] = br#"{"patientId":"p-1","name":"n","email":"n@example.test","phone":"1","registeredAt":"2024-01-09T08:00:00.000Z"}
{"patientId":"p-2","name":"n","email":"n@example.test","phone":"1","registeredAt":"2024-01-09T08:00:00.000Z"}
{"patientId":"p-3","name"
"#;

const CASES: &[Case] = &[
    Case {
        name: "a missing field",
        args: &["publish", "patient.registered", "-"],
        stdin: br#"{"patientId":"p-1","name":"n","phone":"1","registeredAt":"2024-01-09T08:00:00.000Z"}"#,
        code: 3,
        says: &["email", "stdin:1"],
    },
    Case {
        name: "a wrong type",
        args: &["publish", "patient.registered", "-"],
        stdin: br#"{"patientId":"p-1","name":"n","email":"n@example.test","phone":1,"registeredAt":"2024-01-09T08:00:00.000Z"}"#,
        code: 3,
        says: &["/phone", "string"],
    },
    Case {
        name: "a bad date",
        args: &["publish", "patient.registered", "-"],
        stdin: br#"{"patientId":"p-1","name":"n","email":"n@example.test","phone":"1","registeredAt":"9 January"}"#,
        code: 3,
        says: &["/registeredAt", "date-time"],
    },
    Case {
        name: "a field made wrong on the command line",
        args: &["publish", "patient.registered", "--set-json", "patientId=7"],
        stdin: b"",
        code: 3,
        says: &["/patientId", "string"],
    },
    Case {
        name: "bad JSON in the last line of a file",
        args: &["publish", "patient.registered", "--file", "broken.ndjson"],
        stdin: b"",
        code: 3,
        says: &["broken.ndjson", "3"],
    },
    Case {
        name: "invalid UTF-8",
        args: &["publish", "patient.registered", "--file", "latin1.ndjson"],
        stdin: b"",
        code: 3,
        says: &["latin1.ndjson", "UTF-8"],
    },
    Case {
        name: "invalid UTF-8 in a record",
        args: &["publish", "-"],
        stdin: b"{\"topic\":\"patient.registered\",\"key\":{\"text\":\"\xff\"},\"headers\":[],\"value\":null}\n",
        code: 3,
        says: &["UTF-8"],
    },
    Case {
        name: "an empty file",
        args: &["publish", "patient.registered", "--file", "empty.ndjson"],
        stdin: b"",
        code: 3,
        says: &["empty.ndjson"],
    },
    Case {
        name: "a file that is not there",
        args: &["publish", "patient.registered", "--file", "missing.ndjson"],
        stdin: b"",
        code: 3,
        says: &["missing.ndjson", "No such file"],
    },
    Case {
        name: "a folder instead of a file",
        args: &["publish", "patient.registered", "--file", "folder"],
        stdin: b"",
        code: 3,
        says: &["folder", "directory"],
    },
    Case {
        name: "an unknown event",
        args: &["publish", "patient.registred"],
        stdin: b"",
        code: 3,
        says: &["patient.registred", "patient.registered"],
    },
    Case {
        name: "an unknown fixture",
        args: &["publish", "patient.registered", "--fixture", "nosuch"],
        stdin: b"",
        code: 3,
        says: &["nosuch"],
    },
    Case {
        name: "an unknown story",
        args: &["publish", "--story", "nosuch"],
        stdin: b"",
        code: 3,
        says: &["nosuch"],
    },
    Case {
        name: "a masked record",
        args: &["publish", "-"],
        stdin: br#"{"topic":"patient.registered","key":null,"headers":[],"value":{"json":{}},"masked":true}"#,
        code: 3,
        says: &["masked", "--reveal"],
    },
    Case {
        name: "a record with an unknown member",
        args: &["publish", "-"],
        stdin: br#"{"topic":"patient.registered","key":null,"headers":[],"vlaue":{"json":{}}}"#,
        code: 3,
        says: &["stdin:1"],
    },
    Case {
        name: "base64 that is none",
        args: &["publish", "-"],
        stdin: br#"{"topic":"patient.registered","key":{"base64":"%"},"headers":[],"value":null}"#,
        code: 3,
        says: &["base64"],
    },
    Case {
        name: "a topic that is not there",
        args: &["publish", "-", "--topic", "patient.registred"],
        stdin: br#"{"topic":"x","key":null,"headers":[],"value":{"text":"x"}}"#,
        code: 3,
        says: &["patient.registred", "patient.registered"],
    },
    Case {
        name: "a partition that is not there",
        args: &["publish", "patient.registered", "--partition", "99"],
        stdin: b"",
        code: 3,
        says: &["99", "partition"],
    },
    Case {
        name: "a bad flag",
        args: &["publish", "patient.registered", "--cuont", "3"],
        stdin: b"",
        code: 2,
        says: &["--cuont", "--count"],
    },
    Case {
        name: "a bad number",
        args: &["publish", "patient.registered", "--count", "many"],
        stdin: b"",
        code: 2,
        says: &["many", "--count"],
    },
    Case {
        name: "a bad filter",
        args: &["tail", "patient.registered", "--where", ".value.("],
        stdin: b"",
        code: 2,
        says: &["filter", "jq"],
    },
    Case {
        name: "a bad pattern",
        args: &["tail", "patient.registered", "--grep", "("],
        stdin: b"",
        code: 2,
        says: &["--grep"],
    },
    Case {
        name: "a bad position",
        args: &["tail", "patient.registered", "--from", "yesterdayish"],
        stdin: b"",
        code: 2,
        says: &["--from", "yesterdayish"],
    },
    Case {
        name: "an unknown property",
        args: &["-X", "no.such.property=1", "tail", "patient.registered"],
        stdin: b"",
        code: 2,
        says: &["no.such.property"],
    },
    Case {
        name: "a secret on the command line",
        args: &["-X", "sasl.password=hunter2", "tail", "patient.registered"],
        stdin: b"",
        code: 2,
        says: &["sasl.password", "env:"],
    },
    Case {
        name: "an unknown context",
        args: &["--context", "nosuch", "tail", "patient.registered"],
        stdin: b"",
        code: 2,
        says: &["nosuch"],
    },
    Case {
        name: "raw bytes without --reveal",
        args: &["tail", "patient.registered", "-o", "raw"],
        stdin: b"",
        code: 2,
        says: &["--reveal"],
    },
    Case {
        name: "a topic that tail cannot find",
        args: &["tail", "patient.registred", "--from", "start"],
        stdin: b"",
        code: 3,
        says: &["patient.registred", "patient.registered"],
    },
];

#[test]
fn what_is_refused_names_its_cause_and_sends_nothing() {
    let home = Home::new();
    home.file("broken.ndjson", LAST_LINE_BROKEN);
    home.file("latin1.ndjson", [GOOD, b"\n", GOOD, b" \xe9\n"].concat());
    home.file("empty.ndjson", "");
    std::fs::create_dir(home.path().join("folder")).unwrap();
    let mut sandbox =
        Rdvctl::at(&home).args(["sandbox", "--port", "0"]).limit(Duration::from_secs(300)).spawn();
    sandbox.wait_until_it_says("127.0.0.1:");
    let mut wrong = Vec::new();
    for case in CASES {
        let run = Rdvctl::at(&home).env("RDVCTL_CONTEXT", "sandbox").args(case.args).stdin(case.stdin).run();
        let said = run.err().to_lowercase();
        let silent: Vec<_> = case.says.iter().filter(|text| !said.contains(&text.to_lowercase())).collect();
        if run.code != case.code || !silent.is_empty() || said.contains("hunter2") {
            wrong.push(format!(
                "{}: expected exit {} and {silent:?} in\n{}",
                case.name,
                case.code,
                run.transcript()
            ));
        }
    }
    let tail = ["tail", "patient.registered", "doctor.available", "--from", "start", "-o", "ndjson"];
    let stored = Rdvctl::at(&home).env("RDVCTL_CONTEXT", "sandbox").args(tail).run().expect(0);
    if !stored.out().is_empty() {
        wrong.push(format!("something was sent\n{}", stored.transcript()));
    }
    sandbox.interrupt();
    sandbox.wait().expect(0);
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

/// Commands that must reach a broker, and how they end when none can be reached.
const REACHING: &[&[&str]] = &[
    &["publish", "patient.registered"],
    &["tail", "patient.registered", "--from", "start"],
    &["topics", "list"],
    &["topics", "create", "--yes"],
];

const TIMEOUT: Duration = Duration::from_secs(2);
/// The timeout, the start of a process of a debug build on a busy machine, and the end of its threads.
const PATIENCE: Duration = Duration::from_secs(6);

#[track_caller]
fn expect_unreachable(brokers: &str, says: &[&str]) {
    for args in REACHING {
        let run = Rdvctl::new()
            .args(["-b", brokers, "--connect-timeout", "2s", "--deadline", "3s"])
            .args(*args)
            .run()
            .expect(4);
        for text in says {
            assert!(
                run.err().to_lowercase().contains(&text.to_lowercase()),
                "nothing of `{text}`\n{}",
                run.transcript()
            );
        }
        assert!(run.took < TIMEOUT + PATIENCE, "too long\n{}", run.transcript());
    }
}

#[test]
fn a_dead_broker_is_named() {
    let port = free_port();
    expect_unreachable(&format!("127.0.0.1:{port}"), &[&format!("127.0.0.1:{port}"), "refused"]);
}

#[test]
fn a_silent_socket_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    expect_unreachable(&address, &[&address]);
}

#[test]
fn an_unresolvable_host_is_named() {
    expect_unreachable("kafka.invalid:9092", &["kafka.invalid", "resolve"]);
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
#[ignore = "needs real Kafka: a listener advertised under a name that does not resolve"]
fn an_unreachable_advertised_listener_is_named() {
    let kafka = Kafka::shared();
    kafka.rdvctl().args(["topics", "create", "--yes"]).run();
    for args in &REACHING[..2] {
        let run = Rdvctl::new()
            .args(["-b", kafka.fact("ADVERTISED"), "--connect-timeout", "2s", "--deadline", "3s"])
            .args(*args)
            .run()
            .expect(4);
        for text in ["kafka.invalid:29092", "advertise"] {
            assert!(run.err().contains(text), "nothing of `{text}`\n{}", run.transcript());
        }
        assert!(run.took < TIMEOUT + PATIENCE, "too long\n{}", run.transcript());
    }
}

#[test]
#[ignore = "needs real Kafka: it is the broker's limit"]
fn a_record_over_the_brokers_limit_is_refused_by_name() {
    let kafka = Kafka::shared();
    let topic = kafka.topic_with("small", 1, &[("max.message.bytes", "2000")]);
    let line = format!(
        "{{\"topic\":\"t\",\"key\":null,\"headers\":[],\"value\":{{\"text\":\"{}\"}}}}\n",
        "x".repeat(5000)
    );
    let run = kafka.rdvctl().args(["publish", "-", "--topic", &topic]).stdin(line).run().expect(3);
    assert!(run.transcript().to_lowercase().contains("max.message.bytes"), "{}", run.transcript());
    assert_eq!(kafka.count(&topic), 0);
}

#[test]
#[ignore = "needs real Kafka: it is the broker's limit"]
fn small_records_of_stdin_are_stored_whatever_the_brokers_limit() {
    let kafka = Kafka::shared();
    let topic = kafka.topic_with("small", 1, &[("max.message.bytes", "2000")]);
    let lines = format!("{{\"value\":{{\"text\":\"{}\"}}}}\n", "x".repeat(500)).repeat(200);
    kafka.rdvctl().args(["publish", "-", "--topic", &topic]).stdin(lines).run().expect(0);
    assert_eq!(kafka.count(&topic), 200);
}

/// A command signed in as somebody, with a change, must end with 4 and say all of this.
#[track_caller]
fn expect_refused(command: Rdvctl, says: &[&str], secret: &str) {
    let run = command.args(["--connect-timeout", "3s", "--deadline", "4s"]).run().expect(4);
    let said = run.err().to_lowercase();
    for text in says {
        assert!(said.contains(&text.to_lowercase()), "nothing of `{text}`\n{}", run.transcript());
    }
    assert!(!run.transcript().contains(secret), "the password is shown\n{}", run.transcript());
    assert!(run.took < Duration::from_secs(3) + PATIENCE, "too long\n{}", run.transcript());
}

#[test]
#[ignore = "needs real Kafka: a listener with TLS"]
fn a_wrong_ca_is_named() {
    let kafka = Kafka::shared();
    for args in [&["tail", "x"][..], &["publish", "patient.registered"], &["topics", "list"]] {
        let ca = format!("ssl.ca.location={}", kafka.fact("WRONG_CA"));
        let command = Rdvctl::new()
            .env("RDVCTL_BROKERS", kafka.fact("SASL"))
            .env("SECRET", kafka.fact("PASSWORD"))
            .args(["-X", "security.protocol=SASL_SSL", "-X", "sasl.password=env:SECRET", "-X", &ca])
            .args(["-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=rdvctl"])
            .args(args);
        expect_refused(command, &["certificate", "ssl.ca.location"], kafka.fact("PASSWORD"));
    }
}

#[test]
#[ignore = "needs real Kafka: a listener with SASL"]
fn a_wrong_password_is_named() {
    let kafka = Kafka::shared();
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        for args in [&["tail", "x"][..], &["publish", "patient.registered"], &["topics", "list"]] {
            let command = signed_in(&kafka, "rdvctl", mechanism).env("SECRET", "not-the-password").args(args);
            expect_refused(command, &["authentication"], "not-the-password");
        }
    }
}

#[test]
#[ignore = "needs real Kafka: ACLs"]
fn a_denied_acl_is_named() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(1);
    let args: [&[&str]; 2] =
        [&["tail", &topic, "--from", "start"], &["publish", "patient.registered", "--topic", &topic]];
    for args in args {
        let command = signed_in(&kafka, "denied", "PLAIN").args(args);
        expect_refused(command, &["authoriz", &topic], kafka.fact("PASSWORD"));
    }
    assert_eq!(kafka.count(&topic), 0);
}
