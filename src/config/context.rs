//! A context's settings, each with its origin.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::origin::{Origin, Sourced};
use super::property::{Property, PropertyValue};
use super::secret::SecretRef;

/// What the files say of a context; `None` where they say nothing.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Where its tables are, the strongest file first; none for a built-in one.
    pub origins: Vec<Origin>,
    /// `host:port[,host:port]`.
    pub brokers: Option<Sourced<String>>,
    /// Whether writing commands ask first.
    pub protected: Option<Sourced<bool>>,
    /// The catalogue's file.
    pub catalogue: Option<Sourced<PathBuf>>,
    /// Where the key of the pseudonyms is kept.
    pub redaction_key: Option<Sourced<SecretRef>>,
    /// How long to try to reach a broker.
    pub timeout: Option<Sourced<Duration>>,
    /// How long a record may take to be delivered.
    pub deadline: Option<Sourced<Duration>>,
    /// Raw librdkafka properties, by canonical name.
    pub properties: BTreeMap<String, Property>,
}

impl Context {
    /// Its brokers, by whichever name.
    pub fn brokers(&self) -> Option<&str> {
        let raw = || match &self.properties.get("bootstrap.servers")?.value {
            PropertyValue::Plain(text) => Some(text.as_str()),
            PropertyValue::Secret(_) => None,
        };
        self.brokers.as_ref().map(|brokers| brokers.value.as_str()).or_else(raw)
    }

    /// This context's settings, and `weaker`'s where it has none.
    #[must_use]
    pub(super) fn over(mut self, weaker: Self) -> Self {
        self.origins.extend(weaker.origins);
        let mut properties = weaker.properties;
        properties.extend(self.properties);
        Self {
            origins: self.origins,
            brokers: self.brokers.or(weaker.brokers),
            protected: self.protected.or(weaker.protected),
            catalogue: self.catalogue.or(weaker.catalogue),
            redaction_key: self.redaction_key.or(weaker.redaction_key),
            timeout: self.timeout.or(weaker.timeout),
            deadline: self.deadline.or(weaker.deadline),
            properties,
        }
    }
}
