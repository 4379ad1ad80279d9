//! What is needed to reach a cluster, with its secrets.

use std::fmt;
use std::time::Duration;

use super::files::SANDBOX_CONTEXT;
use super::property::PropertyValue;
use super::settings::Settings;
use crate::Env;
use crate::error::Error;
use crate::terminal::Terminal;

/// What is needed to reach a cluster; secrets are resolved. Its `Debug` shows no property's value.
#[derive(Clone)]
pub struct Connection {
    /// `host:port[,host:port]`.
    pub brokers: String,
    /// How long to try to reach a broker.
    pub timeout: Duration,
    /// How long a record may take to be delivered.
    pub deadline: Duration,
    /// `client.id`.
    pub client_id: String,
    /// Raw librdkafka properties, secrets resolved; never shown.
    pub properties: Vec<(String, String)>,
    /// librdkafka's debug contexts, when its log is wanted on stderr.
    pub debug: Option<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.properties.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Connection")
            .field("brokers", &self.brokers)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("client_id", &self.client_id)
            .field("properties", &names)
            .field("debug", &self.debug)
            .finish()
    }
}

impl Settings {
    /// What is needed to reach the cluster; resolves secrets and may ask for one on a terminal. An error of kind
    /// `Unavailable` if the context is the sandbox and none is running.
    pub fn connection(&self, env: &Env, terminal: &Terminal) -> Result<Connection, Error> {
        if self.context.value == SANDBOX_CONTEXT && env.var("RDVCTL_BROKERS").is_some() {
            terminal
                .warn("`RDVCTL_BROKERS` does not count in the context `sandbox`, which has its own address");
        }
        let brokers = self.brokers.get()?.value;
        let mut properties = Vec::with_capacity(self.properties.len());
        for property in self.properties.values() {
            let value = match &property.value {
                PropertyValue::Plain(text) => text.clone(),
                PropertyValue::Secret(kept) => {
                    kept.resolve(&property.name, env, terminal)?.expose().to_owned()
                }
            };
            properties.push((property.name.clone(), value));
        }
        Ok(Connection {
            brokers,
            timeout: self.timeout.value,
            deadline: self.deadline.value,
            client_id: self.client_id.value.clone(),
            properties,
            debug: self.debug.as_ref().map(|debug| debug.value.clone()),
        })
    }
}
