//! Known headers: what shows and what does not.

use super::*;

fn shows(name: &str, value: &[u8]) -> bool {
    class(name).is_some_and(|class| class.shows(value, &["patient.registered".into()]))
}

#[test]
fn the_table_is_sorted_and_every_name_is_found() {
    assert!(TABLE.is_sorted_by(|(a, _), (b, _)| a < b));
    assert_eq!(class("kafka_dlt-original-offset"), Some(Class::Offset));
    assert_eq!(class("x-patient-name"), None);
}

#[test]
fn harmless_values_of_known_headers_are_shown() {
    let cases: &[(&str, &[u8])] = &[
        ("kafka_correlationId", b"1a2b3c4d5e6f7g8h9i0jk"),
        ("kafka_replyTopic", b"patient.registered.reply"),
        ("kafka_replyPartition", b"0"),
        ("kafka_nest-is-disposed", b"\0"),
        ("kafka_dlt-original-topic", b"patient.registered"),
        ("x-original-topic", b"patient.registered-retry-2"),
        ("kafka_dlt-original-partition", &[0, 0, 0, 2]),
        ("x-original-partition", b"2"),
        ("kafka_dlt-original-offset", &[0, 0, 0, 0, 0, 0, 4, 210]),
        ("x-original-offset", b"1234"),
        ("kafka_dlt-original-timestamp", &1_704_877_200_005_i64.to_be_bytes()),
        ("x-failed-at", b"2024-01-10T09:00:00.005Z"),
        ("kafka_dlt-original-timestamp-type", b"CreateTime"),
        ("kafka_dlt-exception-fqcn", b"org.springframework.kafka.listener.ListenerExecutionFailedException"),
        ("error-type", b"TypeError"),
        ("kafka_dlt-original-consumer-group", b"appointment-consumer-group-server"),
        ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("retry_topic-attempts", &[0, 0, 0, 3]),
    ];
    for (name, value) in cases {
        assert!(shows(name, value), "{name}");
    }
}

#[test]
fn values_that_could_say_something_of_a_person_are_not() {
    let cases: &[(&str, &[u8])] = &[
        ("kafka_nest-err", b"{\"status\":\"error\",\"message\":\"Marie\"}"),
        ("kafka_correlationId", b"Marie Curie"),
        ("kafka_correlationId", b"0612345678"),
        ("kafka_replyTopic", b"marie.curie"),
        ("x-original-topic", "patient.registered.zoé".as_bytes()),
        ("kafka_dlt-original-partition", b"Zoe!"),
        ("kafka_dlt-original-offset", b"Zoe Yu!!"),
        ("kafka_dlt-original-timestamp", b"\0\0Zoe Yu"),
        ("x-original-offset", b"+33 6 12"),
        ("kafka_dlt-exception-message", b"no patient Marie"),
        ("error-type", b"Marie Error"),
        ("kafka_groupId", b"marie"),
        ("traceparent", b"00-Marie"),
        ("content-type", b"application/json; name=Marie"),
        ("kafka_nest-is-disposed", b"M"),
        ("x-patient-name", b"1"),
    ];
    for (name, value) in cases {
        assert!(!shows(name, value), "{name}");
    }
}
