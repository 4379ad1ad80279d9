//! The binary, in surroundings that hold nothing but what the test gave.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::process::{Run, Running};
use super::variable;

/// A home folder for one test: settings, the redaction key and a sandbox's address live there. Shared by clones, gone with the last.
#[derive(Clone)]
pub(crate) struct Home(Arc<TempDir>);

impl Home {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self(Arc::new(tempfile::Builder::new().prefix("rdvctl-home-").tempdir().expect("a temporary folder")))
    }

    /// Its path; also the working directory of the commands.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file in it and tells its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// One command line of rdvctl.
#[derive(Clone)]
pub(crate) struct Rdvctl {
    home: Home,
    args: Vec<OsString>,
    vars: Vec<(String, OsString)>,
    stdin: Option<Vec<u8>>,
    limit: Duration,
}

impl Rdvctl {
    /// In a home of its own.
    pub(crate) fn new() -> Self {
        Self::at(&Home::new())
    }

    /// In a home that other commands share.
    pub(crate) fn at(home: &Home) -> Self {
        Self {
            home: home.clone(),

            args: Vec::new(),
            vars: Vec::new(),
            stdin: None,
            limit: Duration::from_secs(60),
        }
    }

    /// One more argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// An environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.vars.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// What it reads; without this stdin is empty.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// How long it may run; a minute unless said. Longer fails the test.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Run {
        self.spawn().wait()
    }

    /// Starts it.
    #[track_caller]
    pub(crate) fn spawn(self) -> Running {
        let limit = self.limit;
        let stdin = self.stdin.clone();
        Running::start(self.command(), stdin, limit).in_home(self.home)
    }

    /// As a command of the standard library, for what this builder does not do.
    pub(crate) fn command(&self) -> Command {
        let home = self.home.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdvctl"));
        command.args(&self.args).current_dir(home).env_clear();
        // Without PATH `sandbox -- CMD` finds nothing; the rest must not depend on who runs the tests.
        command.envs(variable("PATH").map(|path| ("PATH", path)));
        command
            .env("HOME", home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_RUNTIME_DIR", home.join(".run"))
            .env("NO_COLOR", "1")
            .env("COLUMNS", "120")
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8");
        command.envs(self.vars.iter().map(|(name, value)| (name, value)));
        command
    }
}
