//! Settings through the binary: which source wins, what each mistake is told, and that no secret is shown.

#![expect(clippy::unwrap_used, reason = "a test that cannot start its command has failed")]

use std::path::Path;
use std::process::{Command, Output};

const CANARY: &str = "canary-5d1e";

/// A home with a user's file, a project below it with its own, and what is run there.
struct Case<'a> {
    args: &'a [&'a str],
    vars: &'a [(&'a str, &'a str)],
    user: &'a str,
    project: &'a str,
}

const NONE: Case<'_> = Case { args: &[], vars: &[], user: "", project: "" };

impl Case<'_> {
    fn run(&self) -> (tempfile::TempDir, Output) {
        let home = tempfile::tempdir().unwrap();
        let project = home.path().join("project");
        std::fs::create_dir_all(home.path().join(".config/rdvctl")).unwrap();
        std::fs::create_dir_all(project.join("below")).unwrap();
        write(&home.path().join(".config/rdvctl/config.toml"), self.user);
        write(&project.join("rdvctl.toml"), self.project);
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdvctl"));
        command.env_clear().env("HOME", home.path()).envs(self.vars.iter().copied());
        let output = command.args(self.args).current_dir(project.join("below")).output().unwrap();
        (home, output)
    }

    /// Value and origin of a setting in `config show`; paths are shortened to what follows the home.
    fn setting(&self, name: &str) -> (String, String) {
        let args = [&["-o", "ndjson", "config", "show"], self.args].concat();
        let (home, output) = Case { args: &args, ..*self }.run();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let home = format!("{}/", home.path().display());
        let stdout = String::from_utf8(output.stdout).unwrap();
        let lines = stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let line = lines.into_iter().find(|line| line["setting"] == name).unwrap_or_default();
        let text = |field: &str| line[field].as_str().unwrap_or("-").replace(&home, "");
        (text("value"), text("origin"))
    }
}

fn write(path: &Path, text: &str) {
    if !text.is_empty() {
        std::fs::write(path, text).unwrap();
    }
}

const USER: &str = "default_context = 'u'\n[context.u]\nbrokers = 'user:1'\ntimeout = '1s'\n";
const PROJECT: &str =
    "default_context = 'p'\n[context.p]\nbrokers = 'project:1'\n[context.u]\ndeadline = '2m'\n";

/// A setting, what there is, and the value and origin it then has.
const PRECEDENCE: &[(&str, Case<'_>, &str, &str)] = &[
    ("brokers", NONE, "localhost:9092", "default"),
    ("context", NONE, "default", "default"),
    ("timeout", NONE, "10s", "default"),
    ("deadline", NONE, "1m", "default"),
    ("protected", NONE, "false", "default"),
    ("client_id", NONE, "rdvctl", "default"),
    ("brokers", Case { vars: &[("KAFKA_BROKERS", "k:1")], ..NONE }, "k:1", "env KAFKA_BROKERS"),
    ("client_id", Case { vars: &[("KAFKA_CLIENT_ID", "k")], ..NONE }, "k", "env KAFKA_CLIENT_ID"),
    (
        "client_id",
        Case { vars: &[("KAFKA_CLIENT_ID", "k")], args: &["-X", "client.id=x"], ..NONE },
        "x",
        "flag -X",
    ),
    (
        "consumer_group",
        Case { vars: &[("KAFKA_CONSUMER_GROUP_ID", "g")], ..NONE },
        "g",
        "env KAFKA_CONSUMER_GROUP_ID",
    ),
    ("context", Case { user: USER, ..NONE }, "u", ".config/rdvctl/config.toml:1"),
    ("brokers", Case { user: USER, ..NONE }, "user:1", ".config/rdvctl/config.toml:3"),
    ("context", Case { user: USER, project: PROJECT, ..NONE }, "p", "project/rdvctl.toml:1"),
    ("brokers", Case { user: USER, project: PROJECT, ..NONE }, "project:1", "project/rdvctl.toml:3"),
    (
        "brokers",
        Case { user: USER, project: PROJECT, vars: &[("KAFKA_BROKERS", "k:1")], ..NONE },
        "project:1",
        "project/rdvctl.toml:3",
    ),
    (
        "context",
        Case { user: USER, project: PROJECT, vars: &[("RDVCTL_CONTEXT", "u")], ..NONE },
        "u",
        "env RDVCTL_CONTEXT",
    ),
    (
        "context",
        Case { user: USER, vars: &[("RDVCTL_CONTEXT", "x")], args: &["--context", "u"], ..NONE },
        "u",
        "flag --context",
    ),
    (
        "brokers",
        Case { user: USER, vars: &[("KAFKA_BROKERS", "k:1")], args: &["--context", "u"], ..NONE },
        "user:1",
        ".config/rdvctl/config.toml:3",
    ),
    (
        "brokers",
        Case { user: USER, vars: &[("RDVCTL_BROKERS", "env:1")], ..NONE },
        "env:1",
        "env RDVCTL_BROKERS",
    ),
    (
        "brokers",
        Case { user: USER, vars: &[("RDVCTL_BROKERS", "env:1")], args: &["-b", "flag:1"], ..NONE },
        "flag:1",
        "flag --brokers",
    ),
    (
        "deadline",
        Case { user: USER, project: PROJECT, args: &["--context", "u"], ..NONE },
        "2m",
        "project/rdvctl.toml:5",
    ),
    (
        "timeout",
        Case { user: USER, project: PROJECT, args: &["--context", "u"], ..NONE },
        "1s",
        ".config/rdvctl/config.toml:4",
    ),
    ("timeout", Case { user: USER, vars: &[("RDVCTL_TIMEOUT", "7s")], ..NONE }, "7s", "env RDVCTL_TIMEOUT"),
    (
        "timeout",
        Case { vars: &[("RDVCTL_TIMEOUT", "7s")], args: &["--connect-timeout", "8s"], ..NONE },
        "8s",
        "flag --connect-timeout",
    ),
    ("deadline", Case { vars: &[("RDVCTL_DEADLINE", "7s")], ..NONE }, "7s", "env RDVCTL_DEADLINE"),
    ("deadline", Case { args: &["--deadline", "1h 30m"], ..NONE }, "1h 30m", "flag --deadline"),
    ("deadline", Case { args: &["-X", "message.timeout.ms=2500"], ..NONE }, "2s 500ms", "flag -X"),
    (
        "catalogue",
        Case { project: "[context.default]\ncatalogue = 'c/d.json'", ..NONE },
        "project/c/d.json",
        "project/rdvctl.toml:2",
    ),
    (
        "catalogue",
        Case { vars: &[("RDVCTL_CATALOGUE", "e.json")], ..NONE },
        "project/below/e.json",
        "env RDVCTL_CATALOGUE",
    ),
    (
        "catalogue",
        Case { args: &["--catalogue", "f.json"], ..NONE },
        "project/below/f.json",
        "flag --catalogue",
    ),
    (
        "brokers",
        Case { user: USER, project: PROJECT, vars: &[("RDVCTL_CONFIG", "../rdvctl.toml")], ..NONE },
        "project:1",
        "project/below/../rdvctl.toml:3",
    ),
    (
        "kafka.security.protocol",
        Case {
            user: "[context.default]\nkafka.security.protocol = 'SASL_SSL'",
            project: "[context.default.kafka]\n'security.protocol' = 'SSL'",
            ..NONE
        },
        "SSL",
        "project/rdvctl.toml:2",
    ),
    (
        "kafka.sasl.mechanism",
        Case {
            user: "[context.default.kafka]\n'sasl.mechanisms' = 'PLAIN'",
            args: &["-X", "sasl.mechanism=SCRAM-SHA-256"],
            ..NONE
        },
        "SCRAM-SHA-256",
        "flag -X",
    ),
    (
        "kafka.sasl.mechanisms",
        Case {
            user: "[context.default.kafka]\n'sasl.mechanisms' = 'PLAIN'",
            args: &["-X", "sasl.mechanism=SCRAM-SHA-256"],
            ..NONE
        },
        "-",
        "-",
    ),
    ("debug", Case { args: &["-X", "debug=broker"], ..NONE }, "broker", "flag -X"),
    (
        "brokers",
        Case {
            vars: &[
                ("RDVCTL_CONTEXT", "sandbox"),
                ("KAFKA_BROKERS", "127.0.0.1:1"),
                ("RDVCTL_BROKERS", "x:1"),
            ],
            ..NONE
        },
        "127.0.0.1:1",
        "env KAFKA_BROKERS",
    ),
];

#[test]
fn the_stronger_source_wins() {
    for (i, (setting, case, value, origin)) in PRECEDENCE.iter().enumerate() {
        assert_eq!(case.setting(setting), ((*value).to_owned(), (*origin).to_owned()), "row {i}: {setting}");
    }
}

/// Arguments, settings file, exit code, and parts of what is said.
const MISTAKES: &[(&[&str], &str, i32, &[&str])] = &[
    (
        &["--context", "stagin"],
        "[context.staging]",
        2,
        &["there is no context `stagin` (flag --context)", "did you mean `staging`?"],
    ),
    (
        &[],
        "default_context = 'nope'",
        2,
        &["there is no context `nope`", "rdvctl.toml:1", "known are `default`, `sandbox`"],
    ),
    (&["--context", "sandbox"], "", 4, &["no sandbox is running", "sandbox.json", "`rdvctl sandbox`"]),
    (&["--context", "sandbox", "-b", "a:1"], "", 2, &["`--context sandbox` and `--brokers` both say"]),
    (&[], "[context.sandbox]", 2, &["rdvctl.toml:1:10: the context `sandbox` is built in"]),
    (&["--config", "nope.toml"], "", 2, &["cannot read the settings file", "nope.toml", "(flag --config)"]),
    (
        &[],
        "broker = 1",
        2,
        &["rdvctl.toml:1:1: there is no field `broker`", "known are `default_context`, `context`"],
    ),
    (
        &[],
        "[context.a]\n  broker = 'x'",
        2,
        &["rdvctl.toml:2:3: there is no setting `broker`", "did you mean `brokers`?"],
    ),
    (&[], "context = 'a'", 2, &["rdvctl.toml:1:11: `context` is the table", "`default_context = \"NAME\"`"]),
    (&[], "[context]\na = 1", 2, &["rdvctl.toml:2:1: `context.a` is not a table"]),
    (&[], "[context.a\n", 2, &["rdvctl.toml:1:11: this is not TOML"]),
    (&[], "[context.a]\nbrokers = 1", 2, &["rdvctl.toml:2:11: `brokers` is not a string"]),
    (&[], "[context.a]\nprotected = 'yes'", 2, &["rdvctl.toml:2:13: `protected` is not `true` or `false`"]),
    (
        &[],
        "[context.a]\ntimeout = 5",
        2,
        &["rdvctl.toml:2:11: `timeout` is not a duration: it has no unit", "`timeout = \"5s\"`"],
    ),
    (&[], "[context.a]\ntimeout = 'soon'", 2, &["rdvctl.toml:2:11: `timeout` is not a duration", "`1h 30m`"]),
    (&[], "[context.a]\nkafka = 1", 2, &["rdvctl.toml:2:9: `kafka` is not a table"]),
    (
        &[],
        "[context.a]\nkafka.linger.ms = [1]",
        2,
        &["rdvctl.toml:2:19: the property `linger.ms` is not a string"],
    ),
    (&[], "[context.a.kafka]\nlinger.ms = 1\n'queue.buffering.max.ms' = 2", 2, &["are the same property"]),
    (
        &["--deadline", "5"],
        "",
        2,
        &["the deadline (flag --deadline) is not a duration", "add a unit, such as `5s`"],
    ),
    (
        &["--connect-timeout", "0s"],
        "",
        2,
        &["`timeout` (flag --connect-timeout) must be longer than nothing"],
    ),
    (&["--deadline", "30d"], "", 2, &["shorter than 24 days"]),
    (&["-b", "host:port"], "", 2, &["`host:port` (flag --brokers) is not a broker's address"]),
    (&["-X", "linger.ms"], "", 2, &["`-X` number 1 is not `key=value`"]),
    (&["-X", "=1"], "", 2, &["`-X` number 1 is not `key=value`"]),
    (
        &["-X", "sasl.mechanim=PLAIN"],
        "",
        2,
        &["`sasl.mechanim` (flag -X) cannot be used", "`sasl.mechanism`"],
    ),
    (&[], "[context.default.kafka]\nsasl.mechanim = 'PLAIN'", 2, &["`sasl.mechanim`", "rdvctl.toml:2"]),
    (&["-X", "linger.ms=abc"], "", 2, &["`linger.ms` (flag -X) cannot be used"]),
    (
        &["-X", "client.rack=a", "-X", "acks=1"],
        "",
        2,
        &["`acks` (flag -X) may not be set", "no record is lost"],
    ),
    (&["-X", "request.required.acks=1"], "", 2, &["may not be set", "no record is lost"]),
    (&["-X", "enable.idempotence=false"], "", 2, &["may not be set", "twice"]),
    (&["-X", "partitioner=random"], "", 2, &["may not be set", "murmur2"]),
    (&["-X", "enable.auto.commit=true"], "", 2, &["may not be set", "no trace"]),
    (&["-X", "group.id=g"], "", 2, &["may not be set", "joins no group"]),
    (&["-X", "allow.auto.create.topics=true"], "", 2, &["may not be set", "must not be created"]),
    (&["-X", "isolation.level=read_committed"], "", 2, &["may not be set", "`tail --isolation`"]),
    (&[], "[context.a.kafka]\nplugin.library.paths = 'x.so'", 2, &["rdvctl.toml:2", "foreign code"]),
    (
        &["-b", "a:1", "-X", "bootstrap.servers=b:1"],
        "",
        2,
        &["`brokers` (flag --brokers) and `bootstrap.servers` (flag -X) are the same"],
    ),
    (
        &["-X", "metadata.broker.list=b:1"],
        "[context.default]\nbrokers = 'a:1'",
        2,
        &["rdvctl.toml:2", "`metadata.broker.list` (flag -X)"],
    ),
    (
        &["--deadline", "5s", "-X", "delivery.timeout.ms=1"],
        "",
        2,
        &["`deadline` (flag --deadline) and `delivery.timeout.ms` (flag -X) are the same"],
    ),
    (
        &["-X", "message.timeout.ms=soon"],
        "",
        2,
        &["`message.timeout.ms` (flag -X) is not a number of milliseconds"],
    ),
    (
        &["--debug", "-X", "debug=all"],
        "",
        2,
        &["`--debug` (flag --debug) and `debug` (flag -X) are the same"],
    ),
    // Secrets in the open; what is in the open is never repeated.
    (&["-X", "sasl.password=canary-5d1e"], "", 2, &["`sasl.password` (flag -X) is a secret", "`env:NAME`"]),
    (&["-X", "ssl.key.password=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "ssl.keystore.password=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "ssl.key.pem=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "sasl.oauthbearer.config=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "sasl.oauthbearer.client.secret=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "sasl.oauthbearer.assertion.private.key.pem=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "sasl.oauthbearer.assertion.private.key.passphrase=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "sasl.jaas.config=canary-5d1e"], "", 2, &["is a secret"]),
    (&["-X", "sasl.pasword=canary-5d1e"], "", 2, &["cannot be used", "`sasl.password`"]),
    (&["-X", "canary-5d1e"], "", 2, &["`-X` number 1"]),
    (
        &[],
        "[context.a.kafka]\nsasl.password = 'canary-5d1e'",
        2,
        &["`sasl.password`", "rdvctl.toml:2", "is a secret"],
    ),
    (
        &[],
        "[context.a]\nredaction_key = 'canary-5d1e'",
        2,
        &["`redaction_key`", "rdvctl.toml:2", "is a secret"],
    ),
    (&[], "[context.a]\nkafka.'sasl.password' = 'canary-5d1e\n", 2, &["rdvctl.toml:2", "this is not TOML"]),
];

#[test]
fn each_mistake_names_its_cause_and_ends_with_its_code() {
    for (args, project, code, parts) in MISTAKES {
        for format in ["table", "ndjson"] {
            let args = [&["-o", format, "config", "show"], *args].concat();
            let (_home, output) = Case { args: &args, project, ..NONE }.run();
            let stderr = String::from_utf8_lossy(&output.stderr);
            let what = format!("{args:?} {project:?}\n{stderr}");
            assert_eq!(output.status.code(), Some(*code), "{what}");
            assert!(output.stdout.is_empty(), "{what}");
            assert!(!stderr.contains(CANARY), "{what}");
            let said = if format == "ndjson" { stderr.replace("\\\"", "\"") } else { stderr.to_string() };
            for part in *parts {
                assert!(said.contains(part), "`{part}` is not said: {what}");
            }
        }
    }
}

#[test]
fn no_secret_is_in_any_output() {
    let project = "[context.default]\nredaction_key = 'env:KEY'\n[context.default.kafka]\nsasl.password = 'env:PASSWORD'\nssl.key.password = 'file:secret'\n";
    let commands: &[&[&str]] = &[
        &["config", "show"],
        &["config", "show", "-v", "--debug"],
        &["config", "contexts"],
        &["config", "path"],
        &["version"],
        &["man"],
        &["completions", "bash"],
    ];
    for command in commands {
        for format in ["table", "ndjson"] {
            let args = [*command, &["-o", format, "-X", "ssl.keystore.password=env:PASSWORD"]].concat();
            let vars = [("KEY", CANARY), ("PASSWORD", CANARY), ("RDVCTL_REDACTION_KEY", CANARY)];
            let (home, output) = Case { args: &args, vars: &vars, project, ..NONE }.run();
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            let said = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&said).contains(CANARY), "{args:?}");
            let key = home.path().join(".config/rdvctl/redaction.key");
            assert!(!key.exists(), "showing settings makes no key");
        }
    }
}

#[test]
fn a_secret_is_shown_by_its_place() {
    let case = Case {
        args: &[
            "config",
            "show",
            "-X",
            "sasl.password=env:PW",
            "-X",
            "ssl.key.pem=file:k.pem",
            "-X",
            "ssl.key.password=prompt",
        ],
        vars: &[("RDVCTL_REDACTION_KEY", CANARY)],
        ..NONE
    };
    let (home, output) = case.run();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let pem = format!("*** (file:{}/project/below/k.pem)", home.path().display());
    for part in ["*** (env:PW)", &pem, "*** (prompt)", "*** (env:RDVCTL_REDACTION_KEY)"] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
}

#[test]
fn contexts_are_listed_with_where_they_are() {
    let case = Case { args: &["-o", "ndjson", "config", "contexts"], user: USER, project: PROJECT, ..NONE };
    let (home, output) = case.run();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let home = format!("{}/", home.path().display());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().replace(&home, ""),
        concat!(
            r#"{"name":"default","brokers":null,"protected":false,"current":false,"origins":["built in"]}"#,
            "\n",
            r#"{"name":"p","brokers":"project:1","protected":false,"current":true,"origins":["project/rdvctl.toml:2"]}"#,
            "\n",
            r#"{"name":"sandbox","brokers":null,"protected":false,"current":false,"origins":["built in"]}"#,
            "\n",
            r#"{"name":"u","brokers":"user:1","protected":false,"current":false,"origins":["project/rdvctl.toml:4",".config/rdvctl/config.toml:2"]}"#,
            "\n",
        )
    );
    let (_home, output) = Case { args: &["config", "contexts", "--context", "zz"], ..NONE }.run();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("warning: there is no context `zz`"),
        "{output:?}"
    );
}

#[test]
fn the_files_that_were_looked_for_are_shown() {
    let args = ["-o", "ndjson", "config", "path"];
    let (home, output) = Case { args: &args, project: PROJECT, ..NONE }.run();
    let home = format!("{}/", home.path().display());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().replace(&home, ""),
        concat!(
            r#"{"kind":"project","found":true,"path":"project/rdvctl.toml"}"#,
            "\n",
            r#"{"kind":"user","found":false,"path":".config/rdvctl/config.toml"}"#,
            "\n",
        )
    );
}

#[test]
fn the_version_names_all_parts() {
    let (_home, output) = Case { args: &["-o", "ndjson", "version"], ..NONE }.run();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["rdvctl"], env!("CARGO_PKG_VERSION"));
    assert!(said["librdkafka"].as_str().unwrap().starts_with("2."), "{said}");
    assert!(said["rdkafka_sys"].as_str().unwrap().starts_with("4."), "{said}");
    assert!(said["features"].as_array().unwrap().iter().any(|feature| feature == "ssl"), "{said}");
}
