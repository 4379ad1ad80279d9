//! Raw librdkafka properties: which may be set, and which are secrets. The names and aliases are those of
//! librdkafka 2.12's `CONFIGURATION.md`.

use std::path::Path;

use super::origin::Origin;
use super::secret::SecretRef;
use crate::Env;
use crate::error::Error;

/// A property as it was given, checked so far as that needs no librdkafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The name as it was written.
    pub name: String,
    /// Its value.
    pub value: PropertyValue,
    /// Where it comes from.
    pub origin: Origin,
}

/// A property's value, or where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyValue {
    /// A value that may be shown.
    Plain(String),
    /// A value that may not be shown.
    Secret(SecretRef),
}

impl Property {
    /// Reads a property; paths after `file:` are relative to `base`. An error never holds the value.
    pub(super) fn parse(
        name: &str,
        value: &str,
        origin: Origin,
        (base, env): (&Path, &Env),
    ) -> Result<Self, Error> {
        if let Some(reason) = refusal(canonical(name)) {
            return Err(Error::usage(format!("the property `{name}` ({origin}) may not be set"))
                .caused_by(reason)
                .hint("leave it out"));
        }
        let value = match SecretRef::parse(value, base, env) {
            // Only a secret is asked for: elsewhere the word may be a value like any other.
            Some(SecretRef::Prompt) if !is_secret(name) => PropertyValue::Plain(value.to_owned()),
            Some(_) if TYPED.contains(&canonical(name)) => PropertyValue::Plain(value.to_owned()),
            Some(reference) => PropertyValue::Secret(reference),
            None if is_secret(name) => return Err(literal_secret(name, &origin)),
            None => PropertyValue::Plain(value.to_owned()),
        };
        Ok(Self { name: name.to_owned(), value, origin })
    }

    /// Asks librdkafka whether it has such a property and takes such a value. Secrets are not handed over.
    pub(super) fn check(&self, check: impl Fn(&str, &str) -> Result<(), String>) -> Result<(), Error> {
        let value = match &self.value {
            PropertyValue::Plain(value) => value,
            // Any text will do where the type is a string, which every secret's is.
            PropertyValue::Secret(_) => "x",
        };
        check(&self.name, value).map_err(|cause| {
            let error =
                Error::usage(format!("the property `{}` ({}) cannot be used", self.name, self.origin));
            let near = crate::model::catalogue::near(&self.name, COMMON.iter().copied());
            let known = near.first().filter(|near| **near != self.name && !cause.contains(*near));
            let hint = known.map(|near| format!("did you mean `{near}`?"));
            let error = error.caused_by(cause);
            if let Some(hint) = hint { error.hint(hint) } else { error }
        })
    }
}

/// A secret that was written out where anybody can read it.
pub(super) fn literal_secret(name: &str, origin: &Origin) -> Error {
    Error::usage(format!("`{name}` ({origin}) is a secret and may not be written out"))
        .hint("say where it is kept: `env:NAME`, `file:PATH`, or `prompt` to be asked")
}

/// Whether a property's value is a secret; misspelt names that sound like one are as well.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "secret", "passphrase", "jaas"].iter().any(|part| name.contains(part))
        || name.ends_with("key.pem")
        || matches!(name.as_str(), "sasl.oauthbearer.config" | "ssl_key")
}

/// One name for a property that has several, so that a stronger source overrides a weaker one's alias.
pub(super) fn canonical(name: &str) -> &str {
    match name {
        "metadata.broker.list" => "bootstrap.servers",
        "delivery.timeout.ms" => "message.timeout.ms",
        "sasl.mechanism" => "sasl.mechanisms",
        "request.required.acks" => "acks",
        "max.in.flight" => "max.in.flight.requests.per.connection",
        "retries" => "message.send.max.retries",
        "queue.buffering.max.ms" => "linger.ms",
        "compression.codec" => "compression.type",
        "max.partition.fetch.bytes" => "fetch.message.max.bytes",
        "sasl.oauthbearer.client.credentials.client.id" => "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.client.credentials.client.secret" => "sasl.oauthbearer.client.secret",
        "auto.commit.enable" => "enable.auto.commit",
        other => other,
    }
}

/// Canonical names of the properties that become typed settings, whose values are no secrets.
const TYPED: [&str; 4] = ["bootstrap.servers", "message.timeout.ms", "client.id", "debug"];

/// Why a property is not the user's to set.
fn refusal(canonical: &str) -> Option<&'static str> {
    Some(match canonical {
        "enable.idempotence" => "publish is always idempotent, so that no retry stores a record twice",
        "acks" => "publish always waits for all in-sync replicas, so that no record is lost",
        "message.send.max.retries" | "max.in.flight.requests.per.connection" => {
            "publish retries until the deadline and keeps the order of each key; this would break one of the two"
        }
        "partitioner" | "partitioner_cb" => {
            "the key decides the partition by murmur2, as it does for kafkajs and Java"
        }
        "transactional.id" | "transaction.timeout.ms" => "publish does not use transactions",
        "enable.auto.commit"
        | "auto.commit.interval.ms"
        | "enable.auto.offset.store"
        | "offset.store.method"
        | "offset.store.path"
        | "offset.store.sync.interval.ms" => "reading leaves no trace: rdvctl commits no offsets",
        "group.id"
        | "group.instance.id"
        | "group.protocol"
        | "group.protocol.type"
        | "group.remote.assignor"
        | "partition.assignment.strategy" => "reading leaves no trace: rdvctl joins no group",
        "allow.auto.create.topics" => "a misspelt topic must not be created",
        "auto.offset.reset" => "`tail --from` says where reading starts",
        "isolation.level" => "`tail --isolation` says which records are seen",
        "enable.partition.eof" => "rdvctl needs it to know where a range ends",
        "plugin.library.paths" | "ssl.engine.location" | "sasl.kerberos.kinit.cmd" => {
            "it would run foreign code, and a project's settings file must not be able to"
        }
        _ => return None,
    })
}

/// Names people set, to compare a misspelt one with.
const COMMON: [&str; 43] = [
    "bootstrap.servers",
    "broker.address.family",
    "client.id",
    "client.rack",
    "compression.level",
    "compression.type",
    "delivery.timeout.ms",
    "enable.ssl.certificate.verification",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.wait.max.ms",
    "linger.ms",
    "batch.size",
    "batch.num.messages",
    "message.max.bytes",
    "message.timeout.ms",
    "metadata.max.age.ms",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "receive.message.max.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retry.backoff.ms",
    "sasl.mechanism",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "socket.connection.setup.timeout.ms",
    "socket.timeout.ms",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.keystore.location",
    "ssl.keystore.password",
];
