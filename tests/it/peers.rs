//! Other hands on the other end: what kafkajs and NestJS write is read by tail; what publish writes is read by kafkajs,
//! NestJS, kcat and Kafka's console consumer.
//!
//! `tests/golden/peers/CASE.json` holds what tail makes of each case of `tests/peers/produce.mjs`
//! (`UPDATE_GOLDEN=1` writes them anew), `tests/golden/partitions.csv` where kafkajs puts 10,000 keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::kafka::Raw;
use crate::support::{Kafka, read};

/// The bytes of a tagged field of an NDJSON record.
fn tagged(field: &Value) -> Option<Vec<u8>> {
    let Value::Object(tags) = field else {
        assert!(field.is_null(), "neither null nor tagged: {field}");
        return None;
    };
    let (tag, content) = tags.iter().next().expect("a tag");
    match tag.as_str() {
        "text" => Some(content.as_str().unwrap().as_bytes().to_vec()),
        "base64" => Some(STANDARD.decode(content.as_str().unwrap()).unwrap()),
        "json" => Some(content.to_string().into_bytes()),
        _ => panic!("an unknown tag: {field}"),
    }
}

/// What publish is given: records of many shapes, and what must be on the broker then.
fn records() -> (String, Vec<Raw>) {
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let cases = [
        (json!({"text": "k"}), json!([]), json!({"json": {"a": 1}}), text("k"), vec![], text("{\"a\":1}")),
        (json!(null), json!([]), json!({"text": "été"}), None, vec![], text("été")),
        (json!({"text": ""}), json!([]), json!({"text": ""}), text(""), vec![], text("")),
        (json!({"text": "k"}), json!([]), json!(null), text("k"), vec![], None),
        (
            json!({"base64": "/wA="}),
            json!([]),
            json!({"base64": "AAH/"}),
            Some(vec![255, 0]),
            vec![],
            Some(vec![0, 1, 255]),
        ),
        (
            json!({"text": "h"}),
            json!([["b", {"text": "2"}], ["a", {"base64": "AAAAAg=="}], ["c", {"text": ""}]]),
            json!({"text": "v"}),
            text("h"),
            vec![("b", text("2")), ("a", Some(vec![0, 0, 0, 2])), ("c", text(""))],
            text("v"),
        ),
    ];
    let mut lines = String::new();
    let mut raws = Vec::new();
    for (number, (key, headers, value, raw_key, raw_headers, raw_value)) in cases.into_iter().enumerate() {
        let timestamp = 1_704_877_200_000 + number as i64;
        lines += &json!({"topic": "x", "partition": 0, "timestamp": timestamp, "key": key, "headers": headers, "value": value}).to_string();
        lines.push('\n');
        raws.push(Raw {
            key: raw_key,
            value: raw_value,
            headers: raw_headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            timestamp: Some(timestamp),
            partition: 0,
        });
    }
    (lines, raws)
}

/// A topic with these records in it, written by publish.
fn published(kafka: &Kafka) -> (String, Vec<Raw>) {
    let topic = kafka.topic(1);
    let (lines, raws) = records();
    kafka.rdvctl().args(["publish", "-", "--topic", &topic]).stdin(lines).run().expect(0);
    (topic, raws)
}

/// The keys of the golden file, and kafkajs's partition of 3 and of 24.
fn golden_partitions() -> Vec<(Vec<u8>, i32, i32)> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        (STANDARD.decode(fields[0]).unwrap(), fields[1].parse().unwrap(), fields[2].parse().unwrap())
    };
    read("tests/golden/partitions.csv").lines().filter(|text| !text.starts_with('#')).map(line).collect()
}

#[test]
#[ignore = "needs real Kafka: it is where the records end up that counts"]
fn partitions_are_those_of_kafkajs_for_ten_thousand_keys() {
    let kafka = Kafka::shared();
    let golden = golden_partitions();
    assert_eq!(golden.len(), 10_000);
    for partitions in [3, 24] {
        let topic = kafka.topic(partitions);
        let mut lines = String::new();
        for (number, (key, ..)) in golden.iter().enumerate() {
            let key = STANDARD.encode(key);
            lines += &json!({"topic": "x", "key": {"base64": key}, "headers": [], "value": {"text": number.to_string()}}).to_string();
            lines.push('\n');
        }
        kafka.rdvctl().args(["publish", "-", "--topic", &topic]).stdin(lines).run().expect(0);
        let records = kafka.read(&topic);
        assert_eq!(records.len(), golden.len());
        for raw in records {
            let number: usize = String::from_utf8(raw.value.unwrap()).unwrap().parse().unwrap();
            let (key, of_three, of_twenty_four) = &golden[number];
            assert_eq!(raw.key.as_deref(), Some(key.as_slice()), "key {number}");
            let expected = if partitions == 3 { of_three } else { of_twenty_four };
            assert_eq!(raw.partition, *expected, "key {number} of {partitions} partitions");
        }
    }
}

#[test]
#[ignore = "needs real Kafka: and its spread of null keys"]
fn null_keys_are_spread_over_the_partitions() {
    let kafka = Kafka::shared();
    let topic = kafka.topic(3);
    // More than fits in one batch: the sticky partitioner of librdkafka changes partition with the batch.
    let line = "{\"topic\":\"x\",\"key\":null,\"headers\":[],\"value\":{\"text\":\"v\"}}\n";
    for _ in 0..20 {
        kafka.rdvctl().args(["publish", "-", "--topic", &topic]).stdin(line).run().expect(0);
    }
    let partitions: std::collections::BTreeSet<i32> =
        kafka.read(&topic).iter().map(|raw| raw.partition).collect();
    assert!(partitions.len() > 1, "all null keys went to {partitions:?}");
}

#[test]
#[ignore = "needs real Kafka: its own console consumer reads"]
fn kafkas_console_consumer_sees_what_publish_wrote() {
    let kafka = Kafka::shared();
    let (topic, raws) = published(&kafka);
    let mut args =
        vec!["--bootstrap-server", kafka.address(), "--topic", &topic, "--from-beginning", "--max-messages"];
    let count = raws.len().to_string();
    args.push(&count);
    for property in [
        "print.key=true",
        "print.headers=true",
        "print.timestamp=true",
        "null.literal=<null>",
        "headers.separator=;",
    ] {
        args.extend(["--formatter-property", property]);
    }
    let seen = crate::support::peers::tool("org.apache.kafka.tools.consumer.ConsoleConsumer", args).expect(0);
    let mut expected = Vec::new();
    for raw in &raws {
        let null = || b"<null>".to_vec();
        let headers: Vec<Vec<u8>> = raw
            .headers
            .iter()
            .map(|(name, value)| [name.as_bytes(), b":", &value.clone().unwrap_or_else(null)].concat())
            .collect();
        let headers = if headers.is_empty() { b"NO_HEADERS".to_vec() } else { headers.join(&b';') };
        let time = format!("CreateTime:{}", raw.timestamp.unwrap()).into_bytes();
        let (key, value) = (raw.key.clone().unwrap_or_else(null), raw.value.clone().unwrap_or_else(null));
        expected.extend([time, headers, key, value].join(&b'\t'));
        expected.push(b'\n');
    }
    assert!(
        seen.stdout == expected,
        "expected\n{}\nseen\n{}",
        String::from_utf8_lossy(&expected),
        String::from_utf8_lossy(&seen.stdout)
    );
}

mod with_kcat {
    use super::{json, published};
    use crate::support::peers::kcat;
    use crate::support::{Home, Kafka};

    #[test]
    #[ignore = "needs real Kafka: kcat reads from it"]
    fn kcat_sees_what_publish_wrote() {
        let kafka = Kafka::shared();
        let (topic, raws) = published(&kafka);
        // Lengths in front, so that null (-1) is not empty (0) and binary stays binary.
        let format = "%T %K %S %k%s %h\n";
        let args = ["-b", kafka.address(), "-C", "-t", &topic, "-o", "beginning", "-e", "-q", "-f", format];
        let seen = kcat(args, None).expect(0);
        let mut expected = Vec::new();
        for raw in &raws {
            let length = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
            expected.extend(
                format!("{} {} {} ", raw.timestamp.unwrap(), length(&raw.key), length(&raw.value))
                    .into_bytes(),
            );
            expected.extend(raw.key.iter().flatten());
            expected.extend(raw.value.iter().flatten());
            expected.push(b' ');
            // kcat prints a header as a C string: up to its first zero byte.
            let text = |bytes: &Vec<u8>| bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
            let header = |(name, value): &(String, Option<Vec<u8>>)| {
                [name.as_bytes(), b"=", &text(value.as_ref().unwrap())].concat()
            };
            let headers: Vec<Vec<u8>> = raw.headers.iter().map(header).collect();
            expected.extend(headers.join(&b','));
            expected.push(b'\n');
        }
        let (expected, seen) = (String::from_utf8_lossy(&expected), String::from_utf8_lossy(&seen.stdout));
        assert_eq!(expected, seen);
    }

    #[test]
    #[ignore = "needs real Kafka: kcat writes to it"]
    fn what_kcat_writes_is_read_by_tail() {
        let kafka = Kafka::shared();
        let topic = kafka.topic(1);
        let produce = [
            "-b",
            kafka.address(),
            "-P",
            "-t",
            &topic,
            "-K",
            "|",
            "-Z",
            "-H",
            "a=1",
            "-H",
            "a=2",
            "-H",
            "null",
        ];
        kcat(produce, Some(b"key|{\"a\":1}\nkey|\n".to_vec())).expect(0);
        let tailed = kafka
            .rdvctl()
            .args(["tail", &topic, "--from", "start", "--reveal", "-o", "ndjson"])
            .run()
            .expect(0);
        let records = tailed.ndjson();
        let headers = json!([["a", {"text": "1"}], ["a", {"text": "2"}], ["null", null]]);
        assert_eq!(records[0]["key"], json!({"text": "key"}));
        assert_eq!(records[0]["value"], json!({"json": {"a": 1}}));
        assert_eq!(records[0]["headers"], headers);
        assert_eq!(records[1]["value"], json!(null), "an empty field is a null with -Z");
    }

    #[test]
    #[ignore = "needs real Kafka: fixtures of the inbound events, as kcat sees them"]
    fn the_first_thing_one_does_with_publish_arrives_in_the_inbound_topics() {
        let kafka = Kafka::shared();
        let home = Home::new();
        kafka.rdvctl_at(&home).args(["topics", "create", "--yes"]).run();
        let events = [
            ("patient.registered", "patientId"),
            ("doctor.available", "doctorId"),
            ("calendar.slot.freed", "doctorId"),
        ];
        let run = kafka
            .rdvctl_at(&home)
            .args([
                "publish",
                "patient.registered",
                "doctor.available",
                "calendar.slot.freed",
                "-o",
                "ndjson",
            ])
            .run()
            .expect(0);
        let mut reports = run.ndjson();
        // As they were delivered; `record` tells which it was.
        reports.sort_by_key(|report| report["record"].as_u64());
        assert_eq!(reports.len(), 3, "{}", run.transcript());
        for ((topic, key_field), report) in events.iter().zip(&reports) {
            assert_eq!(report["topic"], *topic);
            let (partition, offset) = (report["partition"].to_string(), report["offset"].to_string());
            let args = [
                "-b",
                kafka.address(),
                "-C",
                "-t",
                topic,
                "-p",
                &partition,
                "-o",
                &offset,
                "-c",
                "1",
                "-q",
                "-f",
                "%k %s",
            ];
            let seen = kcat(args, None).expect(0);
            let (key, value) = seen.out().split_once(' ').unwrap();
            let value: serde_json::Value = serde_json::from_str(value).expect("the value is JSON");
            assert_eq!(value[*key_field], key, "the key is the contract's: {value}");
        }
    }
}

mod with_node {
    use std::path::PathBuf;

    use super::{STANDARD, Value, golden_partitions, json, published, tagged};
    use crate::support::peers::node;
    use crate::support::{Kafka, read, root, variable};
    use base64::Engine as _;

    #[test]
    #[ignore = "needs real Kafka: and Node.js, which makes the golden file anew"]
    fn the_golden_partitions_are_kafkajs_own() {
        let made = node("partition.mjs", [""; 0]).expect(0);
        assert!(
            made.out() == read("tests/golden/partitions.csv"),
            "tests/golden/partitions.csv is not what kafkajs says"
        );
        assert_eq!(golden_partitions().len(), 10_000);
    }

    #[test]
    #[ignore = "needs real Kafka: and kafkajs and NestJS, which write to it"]
    fn what_kafkajs_and_nestjs_write_is_read_by_tail() {
        let kafka = Kafka::shared();
        let topic = kafka.topic(1);
        let names = node("produce.mjs", [kafka.address(), &topic]).expect(0);
        let names: Vec<&str> = names.out().lines().collect();
        let raws = kafka.read(&topic);
        assert_eq!(raws.len(), names.len());
        let args = ["tail", &topic, "--from", "start", "--reveal", "-o", "ndjson"];
        let records = kafka.rdvctl().args(args).run().expect(0).ndjson();
        assert_eq!(records.len(), names.len());
        let mut wrong = Vec::new();
        for ((name, record), raw) in names.iter().zip(&records).zip(&raws) {
            assert_eq!(tagged(&record["key"]), raw.key, "{name}: the key's bytes");
            assert_eq!(tagged(&record["value"]), raw.value, "{name}: the value's bytes");
            let headers = record["headers"].as_array().unwrap().iter();
            let headers: Vec<_> =
                headers.map(|h| (h[0].as_str().unwrap().to_owned(), tagged(&h[1]))).collect();
            assert_eq!(headers, raw.headers, "{name}: the headers");
            let seen = json!({"key": record["key"], "headers": record["headers"], "value": record["value"]});
            let file = golden(name);
            if variable("UPDATE_GOLDEN").is_some() {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(&file, format!("{}\n", serde_json::to_string_pretty(&seen).unwrap())).unwrap();
            }
            let expected: Value = serde_json::from_str(&read(&file)).unwrap();
            if seen != expected {
                wrong.push(format!("{name}\nexpected {expected}\nseen     {seen}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn golden(name: &str) -> PathBuf {
        root().join("tests/golden/peers").join(name).with_extension("json")
    }

    #[test]
    #[ignore = "needs real Kafka: and NestJS, which asks and answers"]
    fn a_nestjs_request_and_its_replies_are_read() {
        let kafka = Kafka::shared();
        let topic = kafka.topic(1);
        let reply = format!("{topic}.reply");
        kafka.create(&reply, 1, &[]);
        node("request.mjs", [kafka.address(), &topic]).expect(0);
        let tail = |topic: &str| {
            kafka
                .rdvctl()
                .args(["tail", topic, "--from", "start", "--reveal", "-o", "ndjson"])
                .run()
                .expect(0)
                .ndjson()
        };
        let header = |record: &Value, name: &str| -> Value {
            let headers = record["headers"].as_array().unwrap();
            headers.iter().find(|header| header[0] == name).map_or(Value::Null, |header| header[1].clone())
        };
        let (requests, replies) = (tail(&topic), tail(&reply));
        assert_eq!((requests.len(), replies.len()), (2, 2));
        assert_eq!(header(&requests[0], "kafka_replyTopic"), json!({"text": reply}));
        assert_eq!(header(&requests[0], "kafka_replyPartition"), json!({"text": "0"}));
        assert_eq!(header(&requests[0], "kafka_correlationId"), header(&replies[0], "kafka_correlationId"));
        assert_eq!(replies[0]["value"], json!({"json": {"ok": true, "doctorId": "doctor-7"}}));
        assert_eq!(tagged(&header(&replies[0], "kafka_nest-is-disposed")), Some(vec![0]), "one zero byte");
        assert_eq!(
            header(&replies[1], "kafka_nest-err"),
            json!({"json": {"status": "error", "message": "no such doctor"}})
        );
        assert_eq!(replies[1]["value"], json!(null));
    }

    #[test]
    #[ignore = "needs real Kafka: and kafkajs, which reads from it"]
    fn kafkajs_sees_what_publish_wrote() {
        let kafka = Kafka::shared();
        let (topic, raws) = published(&kafka);
        let seen = node("consume.mjs", [kafka.address(), &topic, &raws.len().to_string()]).expect(0).ndjson();
        let encode = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| STANDARD.encode(bytes));
        for (number, (seen, raw)) in seen.iter().zip(&raws).enumerate() {
            let headers: Vec<_> =
                raw.headers.iter().map(|(name, value)| json!([name, encode(value)])).collect();
            let expected = json!({
                "partition": 0,
                "offset": number.to_string(),
                "timestamp": raw.timestamp.unwrap().to_string(),
                "key": encode(&raw.key),
                "headers": headers,
                "value": encode(&raw.value),
            });
            assert_eq!(*seen, expected);
        }
        assert_eq!(seen.len(), raws.len());
    }

    #[test]
    #[ignore = "needs real Kafka: and a NestJS service, which reads from it"]
    fn the_services_handler_is_given_the_event_that_publish_wrote() {
        let kafka = Kafka::shared();
        let topic = kafka.topic(1);
        let publish = ["publish", "patient.registered", "--topic", &topic, "--set", "patientId=patient-77"];
        kafka.rdvctl().args(publish).run().expect(0);
        let seen = node("service.mjs", [kafka.address(), &topic, "1"]).expect(0).ndjson();
        assert_eq!(seen[0]["type"], "object", "the payload is parsed: {}", seen[0]);
        assert_eq!(seen[0]["payload"]["patientId"], "patient-77");
        assert_eq!(seen[0]["key"], "patient-77");
        for field in ["name", "email", "phone", "registeredAt"] {
            assert!(seen[0]["payload"][field].is_string(), "{field}: {}", seen[0]);
        }
    }
}
