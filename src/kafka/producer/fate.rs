//! librdkafka's delivery result → what became of the record, in our words.

use crate::kafka::ffi::{Code, RawDelivery, Status};
use crate::kafka::link::Link;
use crate::kafka::producer::{Delivery, Fate};

/// Reasons of a batch of deliveries. Records fail in crowds: a reason is worded once for each code.
pub(super) struct Reasons<'a> {
    link: &'a Link,
    broken: Option<&'a str>,
    worded: Vec<(Code, String)>,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(link: &'a Link, broken: Option<&'a str>) -> Self {
        Self { link, broken, worded: Vec::new() }
    }

    /// The delivery of one record.
    pub(super) fn delivery(&mut self, raw: RawDelivery) -> Delivery {
        let fate = match (raw.status, raw.code) {
            (Status::Persisted, _) | (_, Code::OK) => Fate::Stored,
            (Status::NotPersisted, code) => Fate::NotStored(self.reason(code)),
            (Status::PossiblyPersisted, code) => Fate::InDoubt(self.reason(code)),
        };
        let stored = fate == Fate::Stored;
        Delivery {
            id: raw.id,
            partition: (raw.partition >= 0).then_some(raw.partition),
            offset: (stored && raw.offset >= 0).then_some(raw.offset),
            timestamp: raw.timestamp.filter(|_| stored),
            fate,
        }
    }

    fn reason(&mut self, code: Code) -> String {
        if let Some((_, words)) = self.worded.iter().find(|(known, _)| *known == code) {
            return words.clone();
        }
        let words = self.words(code);
        self.worded.push((code, words.clone()));
        words
    }

    fn words(&self, code: Code) -> String {
        let words = match code {
            Code::MSG_TIMED_OUT | Code::TIMED_OUT | Code::TIMED_OUT_QUEUE => {
                let deadline = self.link.connection.deadline.as_secs_f64();
                return match self.link.causes(|causes| causes.likely()) {
                    Some(cause) => format!("not acknowledged within {deadline}s: {cause}"),
                    None => format!("not acknowledged within {deadline}s"),
                };
            }
            Code::MSG_SIZE_TOO_LARGE | Code::LOCAL_MSG_SIZE | Code::RECORD_LIST_TOO_LARGE => {
                "larger than the broker takes (`max.message.bytes` of the topic, `message.max.bytes` of the broker)"
            }
            Code::UNKNOWN_TOPIC_OR_PART | Code::LOCAL_UNKNOWN_TOPIC => "the topic is not there",
            Code::LOCAL_UNKNOWN_PARTITION => "the partition is not there",
            Code::INVALID_TOPIC => "the topic's name is not valid",
            Code::TOPIC_AUTHORIZATION_FAILED => {
                "writing to the topic is denied (it needs Write on the topic)"
            }
            Code::CLUSTER_AUTHORIZATION_FAILED => {
                "writing is denied (brokers before 2.8 want IdempotentWrite on the cluster)"
            }
            Code::INVALID_TIMESTAMP => {
                "the broker does not take its timestamp: by default none more than an hour ahead \
                 (`message.timestamp.after.max.ms` and `message.timestamp.before.max.ms` of the topic)"
            }
            Code::NOT_ENOUGH_REPLICAS | Code::NOT_ENOUGH_REPLICAS_AFTER_APPEND => {
                "too few copies are in sync (`min.insync.replicas` of the topic)"
            }
            Code::INVALID_RECORD => "the broker does not take it; a compacted topic wants a key",
            Code::PURGE_QUEUE | Code::PURGE_INFLIGHT | Code::FATAL | Code::FENCED => {
                return match self.broken {
                    Some(why) => format!("given up after an error that ended the producer: {why}"),
                    None => "given up, no answer came".to_owned(),
                };
            }
            other => return other.text(),
        };
        words.to_owned()
    }
}
