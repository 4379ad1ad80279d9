//! Flags over `RDVCTL_*` over the project's file over the user's file over defaults, setting by setting.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::GlobalArgs;
use super::brokers::Brokers;
use super::context::Context;
use super::files::Files;
use super::origin::{Origin, Sourced};
use super::property::{Property, PropertyValue, canonical};
use super::secret::SecretRef;
use crate::Env;
use crate::error::Error;
use crate::model::duration::parse_duration;

/// How long to try to reach a broker, if nobody says.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a record may take to be delivered, if nobody says.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);
/// librdkafka holds milliseconds in 31 bits.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// All settings, resolved once; secrets only when they are needed.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) context: Sourced<String>,
    pub(super) brokers: Brokers,
    pub(super) protected: Sourced<bool>,
    pub(super) catalogue: Option<Sourced<PathBuf>>,
    pub(super) redaction_key: Option<Sourced<SecretRef>>,
    pub(super) timeout: Sourced<Duration>,
    pub(super) deadline: Sourced<Duration>,
    pub(super) client_id: Sourced<String>,
    pub(super) group: Option<Sourced<String>>,
    pub(super) debug: Option<Sourced<String>>,
    pub(super) properties: BTreeMap<String, Property>,
}

impl Settings {
    /// Resolves flags, environment and files. Secrets stay where they are, and a sandbox need not run yet.
    /// [`check_properties`](Self::check_properties) is the second half.
    pub fn resolve(args: &GlobalArgs, env: &Env) -> Result<Settings, Error> {
        let files = Files::load(args, env)?;
        let chosen = files.chosen(args, env);
        let mut context = files.context_or_error(&chosen)?;
        flag_properties(&mut context.properties, args, env)?;
        Ok(Settings {
            brokers: Brokers::choose(args, env, &chosen, &mut context)?,
            deadline: deadline(args, env, &mut context)?,
            timeout: timeout(args, env, &context)?,
            catalogue: catalogue(args, env, &context),
            redaction_key: redaction_key(env, &context),
            client_id: client_id(env, &mut context),
            debug: debug(args, &mut context)?,
            group: var(env, "KAFKA_CONSUMER_GROUP_ID"),
            protected: context.protected.unwrap_or(Sourced::new(false, Origin::Default)),
            properties: context.properties,
            context: chosen,
        })
    }

    /// Asks librdkafka, which `check(name, value)` stands for, whether it knows every property and takes its value.
    pub fn check_properties(self, check: impl Fn(&str, &str) -> Result<(), String>) -> Result<Self, Error> {
        self.properties.values().try_for_each(|property| property.check(&check))?;
        Ok(self)
    }

    /// Whether writing commands ask first.
    pub fn protected(&self) -> bool {
        self.protected.value
    }

    /// The context's name, for questions and reports.
    pub fn context_name(&self) -> &str {
        &self.context.value
    }

    /// The catalogue file, if not the built-in one.
    pub fn catalogue(&self) -> Option<&Path> {
        self.catalogue.as_ref().map(|catalogue| catalogue.value.as_path())
    }

    /// The service's consumer group, from `KAFKA_CONSUMER_GROUP_ID`; reading never joins it.
    pub fn group(&self) -> Option<&str> {
        self.group.as_ref().map(|group| group.value.as_str())
    }
}

/// `-X`, over what the files say; of a key given twice the last counts.
fn flag_properties(
    properties: &mut BTreeMap<String, Property>,
    args: &GlobalArgs,
    env: &Env,
) -> Result<(), Error> {
    for (i, raw) in args.properties.iter().enumerate() {
        // The text is not repeated: it may be a secret whose key was forgotten.
        let (name, value) = raw.parts().ok_or_else(|| {
            Error::usage(format!("`-X` number {} is not `key=value`", i + 1))
                .hint("write it as `-X security.protocol=SASL_SSL`")
        })?;
        let property = Property::parse(name, value, Origin::Flag("-X"), (&env.cwd, env))?;
        properties.insert(canonical(name).to_owned(), property);
    }
    Ok(())
}

fn deadline(args: &GlobalArgs, env: &Env, context: &mut Context) -> Result<Sourced<Duration>, Error> {
    let typed = duration("deadline", args.deadline.as_deref(), ("--deadline", "RDVCTL_DEADLINE"), env)?;
    let typed = typed.or_else(|| context.deadline.clone());
    match (typed, raw(&mut context.properties, "message.timeout.ms")) {
        (Some(typed), Some((name, raw))) => Err(twice("deadline", &typed.origin, &name, &raw.origin)),
        (Some(typed), None) => Ok(typed),
        (None, Some((name, raw))) => {
            let milliseconds = raw.value.parse().map_err(|_| {
                Error::usage(format!("`{name}` ({}) is not a number of milliseconds", raw.origin))
            })?;
            let deadline = Duration::from_millis(milliseconds);
            bounded(&name, deadline, &raw.origin)?;
            Ok(Sourced::new(deadline, raw.origin))
        }
        (None, None) => Ok(Sourced::new(DEFAULT_DEADLINE, Origin::Default)),
    }
}

fn timeout(args: &GlobalArgs, env: &Env, context: &Context) -> Result<Sourced<Duration>, Error> {
    let names = ("--connect-timeout", "RDVCTL_TIMEOUT");
    let typed = duration("timeout", args.timeout.as_deref(), names, env)?;
    let typed = typed.or_else(|| context.timeout.clone());
    Ok(typed.unwrap_or(Sourced::new(DEFAULT_TIMEOUT, Origin::Default)))
}

fn duration(
    what: &str,
    flag: Option<&str>,
    (flag_name, var_name): (&'static str, &'static str),
    env: &Env,
) -> Result<Option<Sourced<Duration>>, Error> {
    let given = match flag {
        Some(text) => Some(Sourced::new(text.to_owned(), Origin::Flag(flag_name))),
        None => var(env, var_name),
    };
    let Some(Sourced { value, origin }) = given else { return Ok(None) };
    let duration = parse_duration(&value).map_err(|e| {
        let error = Error::usage(format!("the {what} ({origin}) is not a duration")).caused_by(e.to_string());
        e.hints().iter().fold(error, Error::hint)
    })?;
    bounded(what, duration, &origin)?;
    Ok(Some(Sourced::new(duration, origin)))
}

/// A wait must end, and librdkafka must be able to hold it.
pub(super) fn bounded(what: &str, duration: Duration, origin: &Origin) -> Result<(), Error> {
    if duration < Duration::from_millis(1) || duration > LONGEST {
        return Err(Error::usage(format!(
            "`{what}` ({origin}) must be longer than nothing and shorter than 24 days"
        )));
    }
    Ok(())
}

fn catalogue(args: &GlobalArgs, env: &Env, context: &Context) -> Option<Sourced<PathBuf>> {
    let flag =
        args.catalogue.as_ref().map(|path| Sourced::new(env.cwd.join(path), Origin::Flag("--catalogue")));
    let var = || var(env, "RDVCTL_CATALOGUE").map(|var| Sourced::new(env.cwd.join(var.value), var.origin));
    flag.or_else(var).or_else(|| context.catalogue.clone())
}

/// `RDVCTL_REDACTION_KEY` is the key itself, or says where it is kept.
fn redaction_key(env: &Env, context: &Context) -> Option<Sourced<SecretRef>> {
    let var = var(env, "RDVCTL_REDACTION_KEY").map(|var| {
        let elsewhere = SecretRef::parse(&var.value, &env.cwd, env);
        let key = elsewhere.unwrap_or_else(|| SecretRef::Env("RDVCTL_REDACTION_KEY".to_owned()));
        Sourced::new(key, var.origin)
    });
    var.or_else(|| context.redaction_key.clone())
}

fn client_id(env: &Env, context: &mut Context) -> Sourced<String> {
    raw(&mut context.properties, "client.id")
        .map(|(_, raw)| raw)
        .or_else(|| var(env, "KAFKA_CLIENT_ID"))
        .unwrap_or_else(|| Sourced::new("rdvctl".to_owned(), Origin::Default))
}

fn debug(args: &GlobalArgs, context: &mut Context) -> Result<Option<Sourced<String>>, Error> {
    let flag = args.debug.clone().map(|debug| Sourced::new(debug, Origin::Flag("--debug")));
    match (flag, raw(&mut context.properties, "debug")) {
        (Some(flag), Some((name, raw))) => Err(twice("--debug", &flag.origin, &name, &raw.origin)),
        (flag, raw) => Ok(flag.or_else(|| raw.map(|(_, raw)| raw))),
    }
}

fn var(env: &Env, name: &'static str) -> Option<Sourced<String>> {
    env.var(name).map(|text| Sourced::new(text.to_owned(), Origin::Env(name)))
}

/// Takes a property that is a typed setting as well: its name as it was written, and its value.
pub(super) fn raw(
    properties: &mut BTreeMap<String, Property>,
    canonical: &str,
) -> Option<(String, Sourced<String>)> {
    let Property { name, value, origin } = properties.remove(canonical)?;
    match value {
        PropertyValue::Plain(text) => Some((name, Sourced::new(text, origin))),
        // `Property::parse` takes these as they are; see its list of typed names.
        PropertyValue::Secret(_) => None,
    }
}

/// A typed setting and a raw property that mean the same.
pub(super) fn twice(typed: &str, typed_origin: &Origin, raw: &str, raw_origin: &Origin) -> Error {
    Error::usage(format!("`{typed}` ({typed_origin}) and `{raw}` ({raw_origin}) are the same setting"))
        .hint(format!("leave `{raw}` out"))
}
