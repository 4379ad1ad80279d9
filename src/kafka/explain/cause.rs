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
    /// TLS to a listener that does not speak it: it answered something else.
    NoTls,
    /// TLS to a listener that closes the connection in the handshake: perhaps it does not speak it.
    MayLackTls,
    /// No TLS to a listener that speaks it (or something that is not Kafka).
    WantsTls,
    /// No SASL to a listener that asks for it.
    WantsSasl,
    /// SASL to a listener that has none.
    NoSasl,
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
            Cause::NoTls | Cause::MayLackTls | Cause::WantsTls | Cause::WantsSasl | Cause::NoSasl => 7,
            Cause::Unresolved => 6,
            Cause::Stuck(_) => 5,
            Cause::Refused | Cause::NoRoute => 4,
            Cause::Closed => 2,
            Cause::Other => 1,
            Cause::AllDown => 0,
        }
    }

    /// Whether it is concluded from a connection that was closed, and from nothing else.
    pub(super) fn guessed(&self) -> bool {
        matches!(self, Cause::MayLackTls | Cause::WantsTls | Cause::WantsSasl)
    }

    /// Whether it will not change by itself. A connection that is closed at once may: the forwarder of a container's port
    /// does that until Kafka is up.
    pub(super) fn lasting(&self) -> bool {
        matches!(
            self,
            Cause::Credentials
                | Cause::Mechanism(_)
                | Cause::Certificate
                | Cause::ClientCertificate
                | Cause::NoSasl
        )
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

/// The broker's number once the cluster has told it: `host:port/1`, as against `host:port/bootstrap`.
pub(super) fn id(broker: &str) -> Option<i32> {
    broker.rsplit_once('/')?.1.parse().ok()
}

/// The cause behind a trouble. The words are librdkafka 2.12's (`rdkafka_broker.c`, `rdkafka_ssl.c`, `rdkafka_sasl.c`);
/// words that change only make an answer less exact.
pub(super) fn of(code: Code, broker: &str, reason: &str) -> Cause {
    let has = |part: &str| reason.contains(part);
    match code {
        Code::ALL_BROKERS_DOWN => return Cause::AllDown,
        Code::RESOLVE => return Cause::Unresolved,
        _ => {}
    }
    if has("not valid in current SASL state") {
        return Cause::NoSasl;
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
    if has("wrong version number") || has("packet length too long") {
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
    let cut = has("Connection reset") || has("Receive failed") || has("Broken pipe");
    // That a plaintext listener is likely, librdkafka says only where the answer was not there at once.
    if (cut || has("Disconnected")) && has("in state SSL_HANDSHAKE") {
        return Cause::MayLackTls;
    }
    if has("Disconnected") {
        return disconnected(broker, reason);
    }
    if cut { Cause::Closed } else { Cause::Other }
}

/// A connection closed while something was to be negotiated: `… (after 3ms in state APIVERSION_QUERY, …)`. librdkafka 2.12
/// means to say what that suggests, but looks for it in the wrong string.
fn disconnected(broker: &str, reason: &str) -> Cause {
    let tls = broker.contains("ssl://");
    let sasl = broker.starts_with("sasl_");
    let state = reason.rsplit_once("(after ").and_then(|(_, rest)| rest.split_once("ms in state "));
    match state {
        Some((_, state)) if state.starts_with("APIVERSION_QUERY") && !tls => Cause::WantsTls,
        Some((after, state)) if state.starts_with("UP") && !sasl => {
            // A listener with SASL answers which versions it speaks, and hangs up at the first other request.
            if after.parse().is_ok_and(|after: u32| after < 2000) { Cause::WantsSasl } else { Cause::Closed }
        }
        _ => Cause::Closed,
    }
}

fn until_parenthesis(text: &str) -> &str {
    text.split(" (").next().unwrap_or(text).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_by_librdkafkas_words() {
        let plain = "127.0.0.1:9092/bootstrap";
        let cases = [
            (
                plain,
                "Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)",
                Cause::Refused,
            ),
            (
                plain,
                "Failed to resolve 'kafka:9092': Name or service not known (after 0ms in state CONNECT)",
                Cause::Unresolved,
            ),
            (
                plain,
                "ApiVersionRequest failed: Local: Timed out: probably due to (…) (after 3003ms in state APIVERSION_QUERY)",
                Cause::Stuck(String::new()),
            ),
            (
                "ssl://a:1/1",
                "Connection setup timed out in state SSL_HANDSHAKE (after 3003ms in state SSL_HANDSHAKE)",
                Cause::Stuck("SSL_HANDSHAKE".to_owned()),
            ),
            (
                plain,
                "Disconnected: connection closed by peer: receive 0 after POLLIN (after 1ms in state APIVERSION_QUERY, 1 identical error(s) suppressed)",
                Cause::WantsTls,
            ),
            (
                "ssl://a:1/1",
                "Disconnected: SSL connection closed by peer (after 0ms in state UP)",
                Cause::WantsSasl,
            ),
            (plain, "Disconnected: connection closed by peer (after 60000ms in state UP)", Cause::Closed),
            (
                "ssl://a:1/1",
                "SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener? (after 1ms in state SSL_HANDSHAKE)",
                Cause::MayLackTls,
            ),
            (
                "ssl://a:1/1",
                "Disconnected: connection reset by peer (after 0ms in state SSL_HANDSHAKE, 1 identical error(s) suppressed)",
                Cause::MayLackTls,
            ),
            (
                "ssl://a:1/1",
                "SSL transport error: Broken pipe (after 0ms in state SSL_HANDSHAKE)",
                Cause::MayLackTls,
            ),
            (
                "ssl://a:1/1",
                "SSL handshake failed: error:0A00010B:SSL routines::wrong version number (after 0ms in state SSL_HANDSHAKE)",
                Cause::NoTls,
            ),
            (
                "ssl://a:1/1",
                "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified (after 1ms in state SSL_HANDSHAKE)",
                Cause::Certificate,
            ),
            (
                "sasl_ssl://a:1/1",
                "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-512,PLAIN (after 3ms in state AUTH_HANDSHAKE)",
                Cause::Mechanism(Some("SCRAM-SHA-512,PLAIN".to_owned())),
            ),
            (
                "sasl_plaintext://a:1/1",
                "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms:  (after 4ms in state AUTH_HANDSHAKE)",
                Cause::NoSasl,
            ),
        ];
        for (broker, reason, expected) in cases {
            assert_eq!(of(Code::TRANSPORT, broker, reason), expected, "{reason}");
        }
        let reason = "SASL authentication error: Authentication failed: Invalid username or password (after 3ms in state AUTH_REQ)";
        assert_eq!(of(Code::AUTHENTICATION, "sasl_ssl://a:1/1", reason), Cause::Credentials);
    }

    #[test]
    fn brokers_are_split_off_their_reasons() {
        let (broker, reason) = split("sasl_ssl://kafka:29092/1: Failed to resolve 'kafka:29092': x");
        assert_eq!((broker, reason), ("sasl_ssl://kafka:29092/1", "Failed to resolve 'kafka:29092': x"));
        assert_eq!(address(broker), "kafka:29092");
        assert_eq!((id(broker), id("kafka:29092/bootstrap")), (Some(1), None));
        assert_eq!(split("1/1 brokers are down"), ("", "1/1 brokers are down"));
    }
}
