//! `rdvctl sandbox`: its process, its address file, and its broker as librdkafka sees it.

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders, OwnedMessage};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use rustix::process::Signal;

use crate::support::sandbox::{Sandbox, bare, send, wait};

const CATALOGUE: &str = r#"
[[event]]
name = "stock.moved"
direction = "inbound"
key = "/sku"
dlq = "stock.failed"
schema = "any.json"
partitions = 1
"#;

const WITHIN: Duration = Duration::from_secs(20);

#[test]
fn the_ready_line_names_the_address_and_every_topic_with_its_dead_letter_queue() {
    let sandbox = Sandbox::start();
    assert!(sandbox.address.starts_with("127.0.0.1:"));
    assert_eq!(sandbox.topics.len(), 14);
    for topic in ["appointment.created", "appointment.created.dlq", "calendar.slot.freed.dlq"] {
        assert!(sandbox.topics.iter().any(|name| name == topic), "{topic}");
    }
    let consumer = consumer(&sandbox, &[]);
    let metadata = consumer.fetch_metadata(None, WITHIN).unwrap();
    assert_eq!(metadata.brokers().len(), 1);
    let broker = &metadata.brokers()[0];
    assert_eq!(format!("{}:{}", broker.host(), broker.port()), sandbox.address);
    for name in &sandbox.topics {
        let topic = metadata.topics().iter().find(|topic| topic.name() == name).expect(name);
        assert_eq!(topic.partitions().len(), 3, "{name}");
    }
}

#[test]
fn people_get_one_line_on_stdout_and_the_advice_on_stderr() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bare(home.path());
    command
        .args(["sandbox", "--while-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin = None;
    let status = wait(&mut child);
    let output = child.wait_with_output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(status.success(), "{stderr}");
    assert!(
        stdout.starts_with("sandbox ready on 127.0.0.1:") && stdout.ends_with(" (14 topics)\n"),
        "{stdout}"
    );
    assert_eq!(stdout.lines().count(), 1);
    assert!(stderr.contains("`--context sandbox`") && stderr.contains("it held 0 records"), "{stderr}");
}

#[test]
fn ctrl_c_and_sigterm_end_it_well_and_take_the_address_file_away() {
    for signal in [Signal::INT, Signal::TERM] {
        let sandbox = Sandbox::start();
        let file: serde_json::Value =
            serde_json::from_slice(&std::fs::read(sandbox.file()).unwrap()).unwrap();
        assert_eq!(file, serde_json::json!({"address": sandbox.address, "pid": sandbox.pid()}));
        let path = sandbox.file();
        let (status, last, home) = sandbox.end_by(signal);
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert_eq!(last, "{\"ended\":true,\"records\":0}\n");
        assert!(!path.exists());
        drop(home);
    }
}

#[test]
fn clients_that_wait_do_not_keep_it_from_ending() {
    let sandbox = Sandbox::start();
    let consumer = consumer(&sandbox, &[("fetch.wait.max.ms", "60000")]);
    assign(&consumer, "doctor.available", 0, 0);
    assert!(consumer.poll(Duration::from_millis(300)).is_none());
    let (status, ..) = sandbox.end_by(Signal::INT);
    assert_eq!(status.code(), Some(0));
}

#[test]
fn of_two_sandboxes_the_context_finds_the_newer_and_the_older_leaves_it_alone() {
    let home = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = bare(home.path());
        command
            .args(["sandbox", "--while-stdin", "-o", "ndjson"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = Vec::new();
        let stdout = child.stdout.as_mut().unwrap();
        while line.last() != Some(&b'\n') {
            let mut byte = [0];
            stdout.read_exact(&mut byte).unwrap();
            line.push(byte[0]);
        }
        (child, serde_json::from_slice::<serde_json::Value>(&line).unwrap()["address"].clone())
    };
    let found = || {
        let file = std::fs::read(home.path().join(".cache/rdvctl/sandbox.json")).ok()?;
        Some(serde_json::from_slice::<serde_json::Value>(&file).unwrap()["address"].clone())
    };
    let (mut older, first) = start();
    assert_eq!(found(), Some(first.clone()));
    let (mut newer, second) = start();
    assert_eq!(found(), Some(second.clone()));
    older.stdin = None;
    assert!(wait(&mut older).success());
    assert_eq!(found(), Some(second));
    newer.stdin = None;
    assert!(wait(&mut newer).success());
    assert_eq!(found(), None);
    let said = String::from_utf8(newer.wait_with_output().unwrap().stderr).unwrap();
    assert!(said.contains(&format!("another sandbox runs on {}", first.as_str().unwrap())), "{said}");
}

#[test]
fn a_port_in_use_is_refused_with_its_cause_and_a_next_step() {
    let sandbox = Sandbox::start();
    let port = sandbox.address.rsplit(':').next().unwrap();
    let output = sandbox.rdvctl(&["sandbox", "--port", port]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(output.stdout, b"");
    assert!(
        stderr.starts_with(&format!("error: cannot listen on 127.0.0.1:{port}\ncaused by: ")),
        "{stderr}"
    );
    assert!(stderr.contains("hint: another program listens there"), "{stderr}");
}

#[test]
fn the_wanted_port_is_taken() {
    // A port that was free a moment ago: the only way to name one.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let sandbox = Sandbox::start_with(&["--port", &port.to_string()]);
    assert_eq!(sandbox.address, format!("127.0.0.1:{port}"));
}

#[test]
fn a_command_finds_its_own_sandbox_and_its_code_is_the_end() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bare(home.path());
    let script = r#"echo "$KAFKA_BROKERS $RDVCTL_CONTEXT $RDVCTL_BROKERS"; exit 7"#;
    command.args(["sandbox", "--", "sh", "-c", script]).env("RDVCTL_BROKERS", "production:9092");
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7));
    let address = stdout.strip_suffix(" sandbox \n").expect("nothing that would win over the context");
    assert!(String::from_utf8(output.stderr).unwrap().contains(&format!("sandbox ready on {address}")));
    assert!(!home.path().join(".cache").exists(), "a sandbox of its own, found by no other command");
}

#[test]
fn the_topics_are_those_of_the_catalogue_in_use() {
    let home = tempfile::tempdir().unwrap();
    let catalogue = home.path().join("catalogue.toml");
    std::fs::write(&catalogue, CATALOGUE).unwrap();
    std::fs::write(home.path().join("any.json"), r#"{"type":"object"}"#).unwrap();
    let sandbox = Sandbox::start_in(home, &["--catalogue", catalogue.to_str().unwrap()]);
    assert_eq!(sandbox.topics, ["stock.moved", "stock.failed"]);
}

#[test]
fn a_command_that_is_killed_or_not_there_has_its_code() {
    let home = tempfile::tempdir().unwrap();
    let run =
        |command: &[&str]| bare(home.path()).args(["-q", "sandbox", "--"]).args(command).output().unwrap();
    assert_eq!(run(&["sh", "-c", "kill -KILL $$"]).status.code(), Some(137));
    let missing = run(&["no-such-program"]);
    assert_eq!(missing.status.code(), Some(2));
    let stderr = String::from_utf8(missing.stderr).unwrap();
    assert!(stderr.starts_with("error: cannot start `no-such-program`\ncaused by: "), "{stderr}");
}

#[test]
fn sigterm_is_handed_on_to_the_command() {
    let home = tempfile::tempdir().unwrap();
    let mut command = bare(home.path());
    let script = "trap 'exit 9' TERM; echo started; while :; do sleep 0.05; done";
    command.args(["-q", "sandbox", "--", "sh", "-c", script]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut started = [0; 8];
    child.stdout.as_mut().unwrap().read_exact(&mut started).unwrap();
    send(&child, Signal::TERM);
    let status = wait(&mut child);
    assert_eq!((status.code(), status.signal()), (Some(9), None));
}

#[test]
fn a_misspelt_topic_is_never_created() {
    let sandbox = Sandbox::start();
    // A producer's metadata request asks for the topic to be created.
    let producer: BaseProducer =
        client(&sandbox, &[("allow.auto.create.topics", "true"), ("message.timeout.ms", "5000")])
            .create()
            .unwrap();
    let _ = producer.send(BaseRecord::<(), str>::to("doctor.availabel").payload("x"));
    let _ = producer.flush(WITHIN);
    let metadata = producer.client().fetch_metadata(Some("doctor.availabel"), WITHIN).unwrap();
    assert_eq!(metadata.topics()[0].partitions().len(), 0);
    let all = consumer(&sandbox, &[]).fetch_metadata(None, WITHIN).unwrap();
    assert!(all.topics().iter().all(|topic| topic.name() != "doctor.availabel"));
}

/// Key, value, timestamp.
type Case<'a> = (Option<&'a [u8]>, Option<&'a [u8]>, i64);

#[test]
fn records_come_back_byte_for_byte_however_old() {
    let sandbox = Sandbox::start();
    let producer: BaseProducer = client(&sandbox, &[("enable.idempotence", "true")]).create().unwrap();
    let headers = || {
        OwnedHeaders::new()
            .insert(Header { key: "a", value: Some(b"1".as_slice()) })
            .insert(Header { key: "null", value: None::<&[u8]> })
            .insert(Header { key: "a", value: Some(b"".as_slice()) })
            .insert(Header { key: "\u{e9}", value: Some([0, 255].as_slice()) })
    };
    let cases: [Case; 5] = [
        (Some(b"key"), Some(b"{\"a\":1,\"a\":1e400}"), 1_700_000_000_000),
        (None, Some(b""), 1),
        (Some(b""), None, 86_400_000),
        (Some(&[0, 159, 146, 150]), Some(&[255, 0, 254]), 1_700_000_000_001),
        (None, None, 1_795_000_000_000),
    ];
    for (key, value, timestamp) in cases {
        let mut record = BaseRecord::<[u8], [u8]>::to("patient.registered").partition(1).headers(headers());
        record.key = key;
        record.payload = value;
        producer.send(record.timestamp(timestamp)).map_err(|(error, _)| error).unwrap();
        producer.flush(WITHIN).unwrap();
    }
    let consumer = consumer(&sandbox, &[]);
    assign(&consumer, "patient.registered", 1, 0);
    for (offset, (key, value, timestamp)) in cases.into_iter().enumerate() {
        let record = next(&consumer);
        assert_eq!(usize::try_from(record.offset()).unwrap(), offset);
        assert_eq!((record.key(), record.payload()), (key, value));
        assert_eq!(record.timestamp(), rdkafka::Timestamp::CreateTime(timestamp));
        let got: Vec<_> = record
            .headers()
            .unwrap()
            .iter()
            .map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec)))
            .collect();
        let want: Vec<_> =
            headers().iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect();
        assert_eq!(got, want);
    }
    let admin: AdminClient<_> = client(&sandbox, &[]).create().unwrap();
    let asked =
        admin.describe_configs([&ResourceSpecifier::Topic("patient.registered")], &AdminOptions::new());
    let configs =
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(asked).unwrap();
    let retention = configs[0].as_ref().unwrap().get("retention.ms").unwrap().value.clone();
    assert_eq!(
        retention.as_deref(),
        Some("604800000"),
        "what the catalogue wants, so that `topics check` agrees"
    );
}

#[test]
fn an_aborted_transaction_hides_its_own_records_and_no_others() {
    let sandbox = Sandbox::start();
    let producer: BaseProducer = client(&sandbox, &[("transactional.id", "mover")]).create().unwrap();
    producer.init_transactions(WITHIN).unwrap();
    let send = |value: &str| {
        producer.begin_transaction().unwrap();
        let record = BaseRecord::<(), str>::to("doctor.available").partition(0).payload(value);
        producer.send(record).map_err(|(error, _)| error).unwrap();
        producer.flush(WITHIN).unwrap();
    };
    send("aborted");
    producer.abort_transaction(WITHIN).unwrap();
    send("committed");
    producer.commit_transaction(WITHIN).unwrap();
    send("open");
    let reader =
        consumer(&sandbox, &[("isolation.level", "read_committed"), ("enable.partition.eof", "true")]);
    // 0 aborted, 1 its marker, 2 committed, 3 its marker, 4 open.
    for from in [0, 1, 2] {
        assign(&reader, "doctor.available", 0, from);
        assert_eq!(next(&reader).payload(), Some(b"committed".as_slice()), "from {from}");
        assert!(at_end(&reader), "from {from}");
    }
    producer.commit_transaction(WITHIN).unwrap();
    assert_eq!(next(&reader).payload(), Some(b"open".as_slice()));
}

#[test]
fn what_is_no_kafka_request_ends_its_own_connection_only() {
    use std::io::Write as _;
    let sandbox = Sandbox::start();
    for bytes in
        [&b"GET / HTTP/1.1\r\nHost: sandbox\r\n\r\n"[..], &[0xff; 64], &[0, 0, 0, 0], &[0, 0, 0, 2, 0, 3]]
    {
        let mut stream = std::net::TcpStream::connect(&sandbox.address).unwrap();
        stream.set_read_timeout(Some(WITHIN)).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // Ended well or reset, but ended.
        let ended = stream.read_to_end(&mut answer);
        assert!(!matches!(&ended, Err(e) if e.kind() == std::io::ErrorKind::WouldBlock), "{bytes:?}");
        assert!(answer.is_empty(), "{bytes:?}");
    }
    consumer(&sandbox, &[]).fetch_metadata(None, WITHIN).unwrap();
}

fn client(sandbox: &Sandbox, properties: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &sandbox.address);
    for (name, value) in properties {
        config.set(*name, *value);
    }
    config
}

fn consumer(sandbox: &Sandbox, properties: &[(&str, &str)]) -> BaseConsumer {
    let mut config = client(sandbox, properties);
    config.set("group.id", "tests").set("enable.auto.commit", "false");
    config.create().expect("a consumer")
}

fn assign(consumer: &BaseConsumer, topic: &str, partition: i32, offset: i64) {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("an offset");
    consumer.assign(&list).expect("an assignment");
}

fn next(consumer: &BaseConsumer) -> OwnedMessage {
    let deadline = Instant::now() + WITHIN;
    while Instant::now() < deadline {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => return message.detach(),
            Some(Err(KafkaError::PartitionEOF(_))) | None => {}
            Some(Err(error)) => panic!("{error}"),
        }
    }
    panic!("no record within {WITHIN:?}");
}

fn at_end(consumer: &BaseConsumer) -> bool {
    let deadline = Instant::now() + WITHIN;
    while Instant::now() < deadline {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Err(KafkaError::PartitionEOF(0))) => return true,
            Some(Err(error)) if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) => {
                return false;
            }
            Some(Ok(_)) => return false,
            _ => {}
        }
    }
    false
}
