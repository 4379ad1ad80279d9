//! Every setting with its origin, for `config show`; where a secret is kept, never the secret.

use super::property::PropertyValue;
use super::redaction::key_file;
use super::settings::Settings;
use super::{Origin, SecretRef, Sourced};
use crate::Env;
use crate::error::Error;
use crate::model::duration::show_duration;

/// One setting as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in a settings file.
    pub setting: String,
    /// Its value; `None` if it has none, or for a secret.
    pub value: Option<String>,
    /// Where a secret is kept, `env:NAME`.
    pub secret: Option<String>,
    /// Where the setting comes from.
    pub origin: Origin,
}

impl Settings {
    /// Every setting. An error of kind `Unavailable` if the context is the sandbox and none is running.
    pub fn entries(&self, env: &Env) -> Result<Vec<Entry>, Error> {
        let brokers = self.brokers.get()?;
        let catalogue = self.catalogue.clone().map(|path| path.map(|path| path.display().to_string()));
        let mut entries = vec![
            plain("context", Some(&self.context)),
            plain("brokers", Some(&brokers)),
            plain("protected", Some(&self.protected)),
            plain("catalogue", catalogue.as_ref()),
            self.redaction_entry(env),
            plain("timeout", Some(&self.timeout.clone().map(show_duration))),
            plain("deadline", Some(&self.deadline.clone().map(show_duration))),
            plain("client_id", Some(&self.client_id)),
            plain("consumer_group", self.group.as_ref()),
            plain("debug", self.debug.as_ref()),
        ];
        entries.extend(self.properties.values().map(|property| {
            let (value, secret) = match &property.value {
                PropertyValue::Plain(text) => (Some(text.clone()), None),
                PropertyValue::Secret(kept) => (None, Some(kept.to_string())),
            };
            let setting = format!("kafka.{}", property.name);
            Entry { setting, value, secret, origin: property.origin.clone() }
        }));
        Ok(entries)
    }

    fn redaction_entry(&self, env: &Env) -> Entry {
        let (secret, origin) = match &self.redaction_key {
            Some(key) => (Some(key.value.to_string()), key.origin.clone()),
            None => (key_file(env).map(|path| SecretRef::File(path).to_string()), Origin::Default),
        };
        Entry { setting: "redaction_key".to_owned(), value: None, secret, origin }
    }
}

fn plain<T: ToString>(setting: &str, value: Option<&Sourced<T>>) -> Entry {
    Entry {
        setting: setting.to_owned(),
        value: value.map(|sourced| sourced.value.to_string()),
        secret: None,
        origin: value.map_or(Origin::Default, |sourced| sourced.origin.clone()),
    }
}
