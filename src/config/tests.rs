//! What the settings promise, without a process: precedence, secrets, the redaction key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::Env;
use crate::error::{Error, Kind};
use crate::terminal::Terminal;

const CANARY: &str = "canary-7f3a";

struct Place {
    dir: tempfile::TempDir,
    env: Env,
}

impl Place {
    fn new(vars: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = dir.path().join("project");
        fs::create_dir_all(dir.path().join(".config/rdvctl")).unwrap();
        fs::create_dir(&project).unwrap();
        let home = ("HOME", dir.path().to_str().unwrap());
        let vars =
            vars.iter().copied().chain([home]).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let env = Env {
            vars: vars.collect(),
            cwd: project,
            stdin_is_terminal: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            now: || jiff::Timestamp::UNIX_EPOCH,
        };
        Self { dir, env }
    }

    fn user(self, text: &str) -> Self {
        fs::write(self.dir.path().join(".config/rdvctl/config.toml"), text).unwrap();
        self
    }

    fn project(self, text: &str) -> Self {
        fs::write(self.env.cwd.join("rdvctl.toml"), text).unwrap();
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.env.cwd.join(name), text).unwrap();
        self
    }

    fn settings(&self, args: &GlobalArgs) -> Settings {
        Settings::resolve(args, &self.env).unwrap_or_else(|e| panic!("{}", e.render()))
    }

    fn connection(&self, properties: &[&str]) -> Result<Connection, Error> {
        self.settings(&with(properties)).connection(&self.env, &Terminal::new(&self.env, false))
    }

    fn redaction_key(&self) -> Result<Vec<u8>, Error> {
        self.settings(&GlobalArgs::default()).redaction_key(&self.env, &Terminal::new(&self.env, true))
    }
}

fn with(properties: &[&str]) -> GlobalArgs {
    GlobalArgs {
        properties: properties.iter().map(|&text| RawProperty::from(text)).collect(),
        ..GlobalArgs::default()
    }
}

#[test]
fn both_files_give_a_context_setting_by_setting() {
    let place = Place::new(&[])
        .user("default_context = 'a'\n[context.a]\nbrokers = 'user:1'\ntimeout = '3s'\nkafka.linger.ms = 1\nkafka.client.rack = 'r'")
        .project("[context.a]\nbrokers = 'project:1'\ndeadline = '1m 30s'\nkafka.\"queue.buffering.max.ms\" = 2");
    let connection = place.connection(&["client.id=me"]).unwrap();
    assert_eq!(connection.brokers, "project:1");
    assert_eq!(connection.timeout, Duration::from_secs(3));
    assert_eq!(connection.deadline, Duration::from_secs(90));
    assert_eq!(connection.client_id, "me");
    let properties = connection.properties.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>();
    assert_eq!(properties, [("client.rack", "r"), ("queue.buffering.max.ms", "2")]);
}

#[test]
fn the_services_own_names_are_a_fallback_only() {
    let vars = [("KAFKA_BROKERS", "ci:1"), ("KAFKA_CLIENT_ID", "service"), ("KAFKA_CONSUMER_GROUP_ID", "g")];
    let place = Place::new(&vars);
    let settings = place.settings(&GlobalArgs::default());
    let connection = settings.connection(&place.env, &Terminal::new(&place.env, false)).unwrap();
    assert_eq!((connection.brokers.as_str(), connection.client_id.as_str()), ("ci:1", "service"));
    assert_eq!(settings.group(), Some("g"));
    let place = Place::new(&vars).project("[context.default]\nbrokers = 'file:1'\n");
    assert_eq!(place.connection(&[]).unwrap().brokers, "file:1");
}

#[test]
fn a_raw_property_stands_for_the_typed_setting() {
    let place = Place::new(&[]);
    let raw = ["metadata.broker.list=raw:1", "delivery.timeout.ms=1500", "debug=broker"];
    let connection = place.connection(&raw).unwrap();
    assert_eq!(connection.brokers, "raw:1");
    assert_eq!(connection.deadline, Duration::from_millis(1500));
    assert_eq!(connection.debug.as_deref(), Some("broker"));
    assert!(connection.properties.is_empty());
}

#[test]
fn secrets_are_read_where_they_are_kept_and_not_shown() {
    let place = Place::new(&[("PASSWORD", CANARY)])
        .file("key", &format!("{CANARY}\n\n"))
        .project("[context.default.kafka]\nssl.key.password = 'file:key'");
    let connection = place.connection(&["sasl.password=env:PASSWORD", "sasl.username=env:PASSWORD"]).unwrap();
    let value = |name: &str| connection.properties.iter().find(|(key, _)| key == name).unwrap().1.clone();
    assert_eq!(value("sasl.password"), CANARY);
    assert_eq!(value("sasl.username"), CANARY);
    assert_eq!(value("ssl.key.password"), format!("{CANARY}\n"), "one line break is trimmed, not two");
    let settings = place.settings(&with(&["sasl.password=env:PASSWORD"]));
    let entries = settings.entries(&place.env).unwrap();
    let shown = format!("{connection:?} {settings:?} {entries:?} {:?}", Secret::new(CANARY));
    assert!(!shown.contains(CANARY), "{shown}");
    let typed = format!("{:?}", with(&[&format!("sasl.password={CANARY}")]));
    assert!(!typed.contains(CANARY), "{typed}");
}

#[test]
fn a_secret_that_is_not_there_is_named_by_its_place() {
    let place = Place::new(&[]).file("empty", "\n");
    for (property, message) in [
        (
            "sasl.password=env:NOWHERE",
            "`sasl.password` comes from the environment variable `NOWHERE`, which is not set",
        ),
        ("sasl.password=file:nowhere", "cannot read `sasl.password` from"),
        ("sasl.password=file:empty", "of `sasl.password` is empty"),
        ("sasl.password=prompt", "`sasl.password` is to be asked for, and there is nobody to ask"),
    ] {
        let error = place.connection(&[property]).expect_err(property);
        assert_eq!(error.kind(), Kind::Usage, "{property}");
        assert!(error.to_string().contains(message), "{property}: {error}");
    }
}

#[test]
fn the_sandbox_is_found_by_its_file_while_it_runs() {
    let args = GlobalArgs { context: Some("sandbox".to_owned()), ..GlobalArgs::default() };
    let place = Place::new(&[("RDVCTL_BROKERS", "elsewhere:1"), ("KAFKA_BROKERS", "elsewhere:2")]);
    let connect = || place.settings(&args).connection(&place.env, &Terminal::new(&place.env, true));
    let error = connect().unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(error.hints(), ["start one with `rdvctl sandbox`"]);
    let file = place.env.sandbox_file().unwrap();
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, format!(r#"{{"address":"127.0.0.1:4242","pid":{}}}"#, std::process::id())).unwrap();
    assert_eq!(connect().unwrap().brokers, "127.0.0.1:4242");
    fs::write(&file, r#"{"address":"127.0.0.1:4242","pid":4294967295}"#).unwrap();
    assert_eq!(connect().unwrap_err().kind(), Kind::Unavailable);
    fs::write(&file, "{").unwrap();
    assert_eq!(connect().unwrap_err().kind(), Kind::Unavailable);
}

#[test]
fn a_child_of_the_sandbox_uses_the_address_it_was_given() {
    let place = Place::new(&[
        ("RDVCTL_CONTEXT", "sandbox"),
        ("KAFKA_BROKERS", "127.0.0.1:7"),
        ("RDVCTL_BROKERS", "x:1"),
    ]);
    assert_eq!(place.connection(&[]).unwrap().brokers, "127.0.0.1:7");
}

#[test]
fn the_redaction_key_is_made_once_and_for_the_user_alone() {
    let place = Place::new(&[]);
    let key = place.redaction_key().unwrap();
    assert_eq!(key.len(), 64);
    assert_eq!(place.redaction_key().unwrap(), key);
    let folder = place.env.config_dir().unwrap();
    let path = folder.join("redaction.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = place.redaction_key().unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.hints()[0].contains("chmod 600"), "{:?}", error.hints());
}

#[test]
fn runs_at_the_same_time_agree_on_one_redaction_key() {
    let place = Place::new(&[]);
    let keys = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| place.redaction_key().unwrap())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn a_key_that_cannot_be_kept_holds_for_the_run() {
    let place = Place::new(&[]);
    let folder = place.env.config_dir().unwrap();
    fs::remove_dir(&folder).unwrap();
    fs::write(&folder, "a file where the folder should be").unwrap();
    let (first, second) = (place.redaction_key().unwrap(), place.redaction_key().unwrap());
    assert_eq!(first.len(), 64);
    assert_ne!(first, second);
}

#[test]
fn a_redaction_key_comes_from_the_environment_or_the_context() {
    let key = "0123456789abcdef0123";
    assert_eq!(Place::new(&[("RDVCTL_REDACTION_KEY", key)]).redaction_key().unwrap(), key.as_bytes());
    let place = Place::new(&[("RDVCTL_REDACTION_KEY", "file:key")]).file("key", &format!("{key}\n"));
    assert_eq!(place.redaction_key().unwrap(), key.as_bytes());
    let place = Place::new(&[("K", key)]).project("[context.default]\nredaction_key = 'env:K'");
    assert_eq!(place.redaction_key().unwrap(), key.as_bytes());
    let error = Place::new(&[("RDVCTL_REDACTION_KEY", CANARY)]).redaction_key().unwrap_err();
    assert!(error.to_string().contains("too short"), "{error}");
    assert!(!error.render().contains(CANARY));
}

#[test]
fn paths_are_relative_to_the_file_that_names_them() {
    let place = Place::new(&[]).project("[context.default]\ncatalogue = 'c.json'");
    let mut env = place.env.clone();
    env.cwd = env.cwd.join("deep/er");
    fs::create_dir_all(&env.cwd).unwrap();
    let settings = Settings::resolve(&GlobalArgs::default(), &env).unwrap();
    assert_eq!(settings.catalogue(), Some(place.env.cwd.join("c.json").as_path()));
    env.vars.insert("RDVCTL_CATALOGUE".to_owned(), "d.json".to_owned());
    let settings = Settings::resolve(&GlobalArgs::default(), &env).unwrap();
    assert_eq!(settings.catalogue(), Some(env.cwd.join("d.json").as_path()));
    assert_eq!(secret::resolve_path("~/x", Path::new("/base"), &env), place.dir.path().join("x"));
}
