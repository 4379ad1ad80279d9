//! The sentences: a cause, a refusal, a silence, and what to do about each.

use super::Failure;
use super::cause::{self, Cause};
use crate::error::Error;
use crate::kafka::ffi::Code;

/// A cause in a clause: ``nobody listens at `x` ``.
pub(super) fn cause(cause: &Cause, broker: &str, advertised: Option<i32>) -> String {
    let address = cause::address(broker);
    let what = match cause {
        Cause::Credentials => format!("`{address}` does not accept the user name and password"),
        Cause::Mechanism(None) => format!("`{address}` does not accept this SASL mechanism"),
        Cause::Mechanism(Some(offered)) => {
            format!("`{address}` does not accept this SASL mechanism; it offers {offered}")
        }
        Cause::Certificate => format!("the certificate of `{address}` cannot be verified"),
        Cause::ClientCertificate => format!("`{address}` asks for a client certificate"),
        Cause::NoTls => format!("`{address}` does not speak TLS"),
        Cause::MayLackTls => {
            format!(
                "`{address}` closes the connection in the TLS handshake: it may not speak TLS, or be starting still"
            )
        }
        Cause::WantsTls => {
            format!("`{address}` closes the connection at once: it may want TLS, or be starting still")
        }
        Cause::WantsSasl => format!("`{address}` wants a sign-in (SASL)"),
        Cause::NoSasl => format!("`{address}` knows no sign-in (SASL)"),
        Cause::Unresolved => format!("the host name of `{address}` does not resolve"),
        Cause::Refused => format!("connection refused, nobody listens at `{address}`"),
        Cause::NoRoute => format!("there is no route to `{address}`"),
        Cause::Stuck(state) if state == "CONNECT" => format!("`{address}` does not take the connection"),
        Cause::Stuck(state) if state.starts_with("SSL") => {
            format!("`{address}` does not answer the TLS handshake")
        }
        Cause::Stuck(_) => format!("`{address}` takes the connection but does not answer"),
        Cause::Closed => format!("`{address}` closed the connection"),
        Cause::AllDown | Cause::Other if address.is_empty() => "the connection failed".to_owned(),
        Cause::AllDown | Cause::Other => format!("the connection to `{address}` failed"),
    };
    match advertised {
        Some(id) => format!("broker {id} advertises the address `{address}`, and {}", because(cause, &what)),
        None => what,
    }
}

/// The clause once the address has been named.
fn because<'a>(cause: &Cause, what: &'a str) -> &'a str {
    match cause {
        Cause::Unresolved => "that host name does not resolve",
        Cause::Refused => "nobody listens there (connection refused)",
        Cause::NoRoute => "there is no route to it",
        _ => what,
    }
}

/// Adds what to do next.
pub(super) fn hints(error: Error, cause: &Cause, broker: &str, advertised: Option<i32>) -> Error {
    let address = cause::address(broker);
    if advertised.is_some() && !matches!(cause, Cause::Credentials | Cause::Mechanism(_)) {
        return error
            .hint("the first address answered; clients then use the one that the broker advertises")
            .hint(format!(
                "set `advertised.listeners` of the broker to an address that this machine reaches, or run where \
                 `{address}` is known (inside the same container network)"
            ));
    }
    match cause {
        Cause::Credentials => error.hint("check `sasl.username` and `sasl.password` (`rdvctl config show`)"),
        Cause::Mechanism(_) => error.hint("set `sasl.mechanisms` to one that the listener offers"),
        Cause::Certificate => error.hint(
            "set `ssl.ca.location` to the CA that signed the broker's certificate, and use a host name that the \
             certificate has",
        ),
        Cause::ClientCertificate => error.hint("set `ssl.certificate.location` and `ssl.key.location`"),
        Cause::NoTls | Cause::MayLackTls => {
            error.hint("set `security.protocol` to `plaintext` or `sasl_plaintext`, or use the TLS port")
        }
        Cause::WantsTls => error.hint("set `security.protocol` to `ssl` or `sasl_ssl`, or check the port"),
        Cause::WantsSasl => error.hint(
            "set `security.protocol` to `sasl_ssl` or `sasl_plaintext`, with `sasl.mechanisms`, `sasl.username` and \
             `sasl.password`",
        ),
        Cause::NoSasl => error.hint("set `security.protocol` to `plaintext` or `ssl`, or check the port"),
        Cause::Unresolved => error.hint("check the host name in `--brokers`"),
        Cause::Refused | Cause::NoRoute => {
            error.hint("is Kafka running there? check `--brokers`, or start one with `rdvctl sandbox`")
        }
        Cause::Stuck(state) if state == "CONNECT" => {
            error.hint("a firewall may drop the packets; check `--brokers`")
        }
        Cause::Stuck(_) => error.hint("is it Kafka that listens on this port? check `security.protocol` too"),
        Cause::Closed | Cause::AllDown | Cause::Other => {
            error.hint("`--debug` shows what librdkafka sees on the way")
        }
    }
}

/// A failure that the broker itself explained by its code.
pub(super) fn refusal(failure: &Failure<'_>) -> Option<Error> {
    let doing = failure.doing;
    let topic = failure.topic.unwrap_or("<topic>");
    let error = match failure.code {
        Code::TOPIC_AUTHORIZATION_FAILED => Error::unavailable(format!("{doing}: access to topic `{topic}` is denied"))
            .hint(format!(
                "an administrator can grant it: `kafka-acls --add --allow-principal User:NAME --operation OP --topic \
                 {topic}`, with Describe to look, Read to read, Write to write, Create to create"
            )),
        Code::GROUP_AUTHORIZATION_FAILED => Error::unavailable(format!("{doing}: access to the group is denied"))
            .hint("it needs the operation Read or Describe on the group"),
        Code::CLUSTER_AUTHORIZATION_FAILED => Error::unavailable(format!("{doing}: access to the cluster is denied"))
            .hint("creating topics needs Create on the cluster or the topic; brokers before 2.8 want IdempotentWrite on the cluster for writing"),
        Code::UNKNOWN_TOPIC_OR_PART | Code::LOCAL_UNKNOWN_TOPIC => {
            Error::unavailable(format!("{doing}: the topic or partition is not there"))
                .hint("`rdvctl topics list` shows what is there")
        }
        Code::LOCAL_UNKNOWN_PARTITION => Error::unavailable(format!("{doing}: the partition is not there"))
            .hint("`rdvctl topics describe` shows the partitions"),
        Code::LEADER_NOT_AVAILABLE | Code::NOENT => Error::unavailable(format!("{doing}: a partition has no leader"))
            .hint("the brokers that hold it are down or starting; try again"),
        Code::TOPIC_ALREADY_EXISTS => Error::unavailable(format!("{doing}: it exists already")),
        Code::INVALID_TOPIC => Error::unavailable(format!("{doing}: the name is not valid"))
            .hint("topic names have up to 249 letters, digits, `.`, `_` and `-`"),
        Code::INVALID_PARTITIONS | Code::INVALID_REPLICATION_FACTOR | Code::INVALID_CONFIG | Code::POLICY_VIOLATION => {
            Error::unavailable(format!("{doing}: the broker does not take these settings"))
        }
        Code::NON_EMPTY_GROUP | Code::UNKNOWN_MEMBER_ID => {
            Error::unavailable(format!("{doing}: the group has members"))
                .hint("stop its consumers first; `rdvctl groups describe` names them")
        }
        Code::GROUP_ID_NOT_FOUND => Error::unavailable(format!("{doing}: there is no such group"))
            .hint("`rdvctl groups list` shows the groups there are"),
        Code::COORDINATOR_LOAD_IN_PROGRESS | Code::COORDINATOR_NOT_AVAILABLE | Code::NOT_COORDINATOR => {
            Error::unavailable(format!("{doing}: its coordinator is not ready"))
                .hint("the broker is starting, or the group is moving to another; try again")
        }
        Code::UNSUPPORTED_FEATURE => Error::unavailable(format!("{doing}: the broker cannot do this")),
        _ => return None,
    };
    Some(error)
}

/// A failure that nothing explains: mostly nobody answered.
pub(super) fn silence(failure: &Failure<'_>) -> Error {
    let doing = failure.doing;
    let timeout = matches!(
        failure.code,
        Code::TIMED_OUT
            | Code::TIMED_OUT_QUEUE
            | Code::TRANSPORT
            | Code::MSG_TIMED_OUT
            | Code::ALL_BROKERS_DOWN
    );
    if !timeout {
        return Error::unavailable(doing).hint("`--debug` shows what librdkafka sees on the way");
    }
    let message = match failure.waited {
        Some(waited) => format!("{doing}: no answer within {}", span(waited)),
        None => format!("{doing}: no answer"),
    };
    Error::unavailable(message).hint("give it longer with `--connect-timeout`, or see more with `--debug`")
}

/// A duration as people write it: `10s`, `1.5s`, `300ms`.
fn span(duration: std::time::Duration) -> String {
    if duration.as_millis() < 1000 {
        format!("{}ms", duration.as_millis())
    } else {
        format!("{}s", (duration.as_secs_f64() * 10.0).round() / 10.0)
    }
}
