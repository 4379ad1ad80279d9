//! What a trouble of a broker connection comes down to, told by its code and librdkafka's words.

use crate::kafka::ffi::Code;

/// What stands between us and a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// Wrong user or password.
    Credentials,
    /// The SASL mechanism is not enabled; those that are, if the broker said so.
    Mechanism(Option<String>),
    /// The broker's certificate does not check out.
    Certificate,
    /// The broker wants a certificate of ours.
    ClientCertificate,
    /// TLS to a listener that does not speak it.
    NoTls,
    /// No TLS to a listener that speaks it (or something that is not Kafka).
    WantsTls,
    /// No SASL to a listener that asks for it.
    WantsSasl,
    /// The host name is unknown.
    Unresolved,
    /// Nobody listens.
    Refused,
    /// No way there.
    NoRoute,
    /// Connected or not, no answer; the state that it got stuck in.
    Stuck(String),
    /// The broker closed the connection.
    Closed,
    /// "All brokers down": says nothing by itself.
    AllDown,
    /// Anything else.
    Other,
}

impl Cause {
    /// How much it explains; the higher wins.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Cause::Credentials | Cause::Mechanism(_) => 9,
            Cause::Certificate | Cause::ClientCertificate => 8,
            Cause::NoTls | Cause::WantsTls | Cause::WantsSasl => 7,
            Cause::Unresolved => 6,
            Cause::Stuck(_) => 5,
            Cause::Refused | Cause::NoRoute => 4,
            Cause::Closed => 2,
            Cause::Other => 1,
            Cause::AllDown => 0,
        }
    }

    /// After how many times it will not change by itself.
    pub(super) fn hopeless_after(&self) -> u32 {
        match self {
            Cause::Credentials | Cause::Mechanism(_) | Cause::Certificate | Cause::ClientCertificate => 1,
            // A broker that is going down closes connections too, but not again and again.
            Cause::NoTls | Cause::WantsTls | Cause::WantsSasl => 3,
            _ => u32::MAX,
        }
    }
}

/// `host:port/id: reason` → (`host:port/id`, `reason`); the first is empty when no broker is named.
pub(super) fn split(text: &str) -> (&str, &str) {
    match text.split_once(": ") {
        Some((broker, reason)) if broker.contains('/') && !broker.contains(' ') => (broker, reason),
        _ => ("", text),
    }
}

/// `sasl_ssl://host:port/id` → `host:port`.
pub(super) fn address(broker: &str) -> &str {
    let rest = broker.split_once("://").map_or(broker, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(address, _)| address)
}

/// The cause behind a trouble. The words are librdkafka 2.12's (`rdkafka_broker.c`, `rdkafka_ssl.c`, `rdkafka_sasl.c`);
/// words that change only make an answer less exact.
pub(super) fn of(code: Code, reason: &str) -> Cause {
    let has = |part: &str| reason.contains(part);
    match code {
        Code::ALL_BROKERS_DOWN => return Cause::AllDown,
        Code::RESOLVE => return Cause::Unresolved,
        _ => {}
    }
    if has("mechanism handshake failed") || has("nsupported SASL mechanism") {
        let offered = reason.split_once("supported mechanisms: ");
        return Cause::Mechanism(offered.map(|(_, list)| until_parenthesis(list).to_owned()));
    }
    if code == Code::AUTHENTICATION {
        return Cause::Credentials;
    }
    if has("certificate required") || has("alert bad certificate") || has("alert handshake failure") {
        return Cause::ClientCertificate;
    }
    if has("certificate verify failed") || has("certificate could not be verified") {
        return Cause::Certificate;
    }
    if has("PLAINTEXT broker listener") || has("wrong version number") || has("packet length too long") {
        return Cause::NoTls;
    }
    if has("connecting to a SSL listener") || has("Invalid response size") {
        return Cause::WantsTls;
    }
    if has("might require SASL authentication") {
        return Cause::WantsSasl;
    }
    if has("Failed to resolve") {
        return Cause::Unresolved;
    }
    if has("Connection refused") {
        return Cause::Refused;
    }
    if has("No route to host") || has("Network is unreachable") {
        return Cause::NoRoute;
    }
    if let Some((_, state)) = reason.split_once("Connection setup timed out in state ") {
        return Cause::Stuck(until_parenthesis(state).to_owned());
    }
    if has("ApiVersionRequest failed") || has("timed out") || has("Timed out") {
        return Cause::Stuck(String::new());
    }
    if has("Disconnected") || has("Connection reset") || has("Receive failed") || has("Broken pipe") {
        return Cause::Closed;
    }
    Cause::Other
}

fn until_parenthesis(text: &str) -> &str {
    text.split(" (").next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_split_off_their_reasons() {
        let (broker, reason) = split("sasl_ssl://kafka:29092/1: Failed to resolve 'kafka:29092': x");
        assert_eq!((broker, reason), ("sasl_ssl://kafka:29092/1", "Failed to resolve 'kafka:29092': x"));
        assert_eq!(address(broker), "kafka:29092");
        assert_eq!(split("1/1 brokers are down"), ("", "1/1 brokers are down"));
    }
}
