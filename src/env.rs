//! What the process was given: the environment, the terminal's facts, the clock. Read here and nowhere else.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use crate::error::Error;

/// The process's surroundings, so that a test can pass its own.
#[derive(Clone)]
pub struct Env {
    /// Environment variables that are valid UTF-8.
    pub vars: BTreeMap<String, String>,
    /// The working directory.
    pub cwd: PathBuf,
    /// Whether somebody can answer a question.
    pub stdin_is_terminal: bool,
    /// Whether data goes to a person: colour, width, control characters.
    pub stdout_is_terminal: bool,
    /// Whether talk goes to a person: colour and progress.
    pub stderr_is_terminal: bool,
    /// The clock.
    pub now: fn() -> jiff::Timestamp,
}

/// Without the values of variables: secrets are among them.
impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env").field("vars", &self.vars.keys()).field("cwd", &self.cwd).finish_non_exhaustive()
    }
}

impl Env {
    /// The surroundings of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment and the clock")]
    pub fn of_process() -> Self {
        Self {
            vars: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            cwd: std::env::current_dir().unwrap_or_default(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
            now: jiff::Timestamp::now,
        }
    }

    /// An environment variable, if set and not empty.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// This program's own file, to start more of it.
    pub fn program(&self) -> Result<PathBuf, Error> {
        std::env::current_exe()
            .map_err(|e| Error::usage("this program's own file cannot be found").caused_by(e))
    }

    /// The user's home directory.
    pub fn home(&self) -> Option<PathBuf> {
        self.var("HOME").map(PathBuf::from)
    }

    /// The folder of the user's settings: `$XDG_CONFIG_HOME/rdvctl` or `~/.config/rdvctl`.
    pub fn config_dir(&self) -> Option<PathBuf> {
        let base = self.var("XDG_CONFIG_HOME").map(PathBuf::from);
        Some(base.or_else(|| Some(self.home()?.join(".config")))?.join("rdvctl"))
    }

    /// Where a running sandbox says its address: `$XDG_RUNTIME_DIR/rdvctl/sandbox.json`, else
    /// `~/.cache/rdvctl/sandbox.json` (`$XDG_CACHE_HOME` respected).
    pub fn sandbox_file(&self) -> Option<PathBuf> {
        let base = self
            .var("XDG_RUNTIME_DIR")
            .or_else(|| self.var("XDG_CACHE_HOME"))
            .map(PathBuf::from)
            .or_else(|| Some(self.home()?.join(".cache")))?;
        Some(base.join("rdvctl").join("sandbox.json"))
    }

    /// Colour on stdout: a terminal, and `NO_COLOR` not set (no-color.org).
    pub fn colour(&self) -> bool {
        self.stdout_is_terminal && self.var("NO_COLOR").is_none()
    }
}
