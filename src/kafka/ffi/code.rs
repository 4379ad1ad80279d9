//! librdkafka's error codes: the broker's are positive, the client's own negative.

use rdkafka_sys::rd_kafka_resp_err_t as Raw;

/// An error code; a number, because a newer broker may send one that the bindings do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Code(pub(crate) i32);

macro_rules! codes {
    ($($name:ident = $raw:ident,)*) => {
        impl Code {
            $(#[doc = concat!("`", stringify!($raw), "`")]
            pub(crate) const $name: Code = Code(Raw::$raw as i32);)*
        }
    };
}

codes! {
    OK = RD_KAFKA_RESP_ERR_NO_ERROR,
    TRANSPORT = RD_KAFKA_RESP_ERR__TRANSPORT,
    RESOLVE = RD_KAFKA_RESP_ERR__RESOLVE,
    MSG_TIMED_OUT = RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
    TIMED_OUT = RD_KAFKA_RESP_ERR__TIMED_OUT,
    TIMED_OUT_QUEUE = RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
    PARTITION_EOF = RD_KAFKA_RESP_ERR__PARTITION_EOF,
    LOCAL_UNKNOWN_TOPIC = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
    LOCAL_UNKNOWN_PARTITION = RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
    ALL_BROKERS_DOWN = RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
    QUEUE_FULL = RD_KAFKA_RESP_ERR__QUEUE_FULL,
    AUTHENTICATION = RD_KAFKA_RESP_ERR__AUTHENTICATION,
    FATAL = RD_KAFKA_RESP_ERR__FATAL,
    FENCED = RD_KAFKA_RESP_ERR__FENCED,
    AUTO_OFFSET_RESET = RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET,
    PURGE_QUEUE = RD_KAFKA_RESP_ERR__PURGE_QUEUE,
    PURGE_INFLIGHT = RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
    UNSUPPORTED_FEATURE = RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
    OFFSET_OUT_OF_RANGE = RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
    UNKNOWN_TOPIC_OR_PART = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
    LEADER_NOT_AVAILABLE = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
    MSG_SIZE_TOO_LARGE = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
    LOCAL_MSG_SIZE = RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
    RECORD_LIST_TOO_LARGE = RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
    INVALID_TOPIC = RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
    NOT_ENOUGH_REPLICAS = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    TOPIC_AUTHORIZATION_FAILED = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
    GROUP_AUTHORIZATION_FAILED = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
    CLUSTER_AUTHORIZATION_FAILED = RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
    INVALID_TIMESTAMP = RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP,
    TOPIC_ALREADY_EXISTS = RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS,
    INVALID_PARTITIONS = RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
    INVALID_REPLICATION_FACTOR = RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
    INVALID_CONFIG = RD_KAFKA_RESP_ERR_INVALID_CONFIG,
    POLICY_VIOLATION = RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
    INVALID_RECORD = RD_KAFKA_RESP_ERR_INVALID_RECORD,
}

impl Code {
    /// Whether it is an error at all.
    pub(crate) fn is_error(self) -> bool {
        self != Code::OK
    }

    /// librdkafka's own words, for `caused by`.
    pub(crate) fn text(self) -> String {
        match Raw::try_from(self.0) {
            // SAFETY: takes a known code, returns a static string.
            Ok(raw) => unsafe { super::text(rdkafka_sys::rd_kafka_err2str(raw)) },
            Err(_) => format!("error code {}", self.0),
        }
    }
}

impl From<Raw> for Code {
    fn from(raw: Raw) -> Self {
        Code(raw as i32)
    }
}
