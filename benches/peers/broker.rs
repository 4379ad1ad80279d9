//! The Kafka that everybody meets: the one of the tests, started and stopped here, or the one that is given.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rdvctl::Env;
use rdvctl::error::Error;

/// Starts and stops a broker of its own.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/services/kafka");

/// A running Kafka; one that was started here ends with this value.
pub(crate) struct Broker {
    /// `host:port`.
    pub(crate) address: String,
    /// The folder of Kafka's jars, for its console tools.
    pub(crate) libs: Option<PathBuf>,
    own: Option<PathBuf>,
}

impl Broker {
    /// `RDVCTL_TEST_KAFKA` when it is set, else one that lives in `dir`.
    pub(crate) fn start(env: &Env, dir: &Path) -> Result<Self, Error> {
        if let Some(address) = env.var("RDVCTL_TEST_KAFKA") {
            let libs = env.var("RDVCTL_TEST_KAFKA_LIBS").map(PathBuf::from);
            return Ok(Self { address: address.to_owned(), libs, own: None });
        }
        let mut broker = Self { address: String::new(), libs: None, own: Some(dir.to_owned()) };
        let started = Command::new(SCRIPT).arg("start").arg(dir).stderr(Stdio::inherit()).output();
        let started = started.map_err(|e| failed("start").caused_by(e))?;
        if !started.status.success() {
            return Err(failed("start").hint(
                "it needs Java 17, Maven and Python 3; `RDVCTL_TEST_KAFKA=host:port` uses a Kafka that runs already",
            ));
        }
        for line in String::from_utf8_lossy(&started.stdout).lines() {
            match line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
                Some(("RDVCTL_TEST_KAFKA", address)) => unquoted(address).clone_into(&mut broker.address),
                Some(("RDVCTL_TEST_KAFKA_LIBS", libs)) => broker.libs = Some(PathBuf::from(unquoted(libs))),
                _ => {}
            }
        }
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(dir) = &self.own {
            // Nobody is left to tell a failure to; it says so on stderr itself.
            let _ = Command::new(SCRIPT).arg("stop").arg(dir).status();
        }
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches('\'')
}

fn failed(what: &str) -> Error {
    Error::unavailable(format!("`tests/services/kafka {what}` failed"))
}
