//! Secrets: named by where they are kept, read only when they are needed, never shown.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::Env;
use crate::error::Error;
use crate::terminal::Terminal;

/// A secret's text. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text from being shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret is kept. Its `Display` is what the user writes: `env:NAME`, `file:PATH`, `prompt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file's content, without one trailing line break.
    File(PathBuf),
    /// A question on the terminal.
    Prompt,
}

impl SecretRef {
    /// Reads `env:NAME`, `file:PATH` (relative to `base`) or `prompt`; `None` for anything else.
    pub(super) fn parse(text: &str, base: &Path, env: &Env) -> Option<Self> {
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Some(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Some(Self::File(resolve_path(path, base, env))),
            _ if text == "prompt" => Some(Self::Prompt),
            _ => None,
        }
    }

    /// Reads or asks for the secret of the setting `what`.
    pub(super) fn resolve(&self, what: &str, env: &Env, terminal: &Terminal) -> Result<Secret, Error> {
        match self {
            Self::Env(name) => env.var(name).map(Secret::new).ok_or_else(|| {
                Error::usage(format!(
                    "`{what}` comes from the environment variable `{name}`, which is not set"
                ))
                .hint(format!("set `{name}`, or change where `{what}` comes from"))
            }),
            Self::File(path) => read(path, what),
            Self::Prompt => terminal.ask_secret(what)?.map(Secret).ok_or_else(|| {
                Error::usage(format!("`{what}` is to be asked for, and there is nobody to ask"))
                    .hint(format!("without a terminal, take `{what}` from `env:NAME` or `file:PATH`"))
            }),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Prompt => f.write_str("prompt"),
        }
    }
}

fn read(path: &Path, what: &str) -> Result<Secret, Error> {
    let mut text = std::fs::read_to_string(path).map_err(|e| {
        // The decoder's error names a position only; nothing of the content gets into it.
        Error::usage(format!("cannot read `{what}` from `{}`", path.display()))
            .caused_by(e)
            .hint("name a text file that you may read after `file:`")
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(Error::usage(format!("the file `{}` of `{what}` is empty", path.display())));
    }
    Ok(Secret(text))
}

/// A path as somebody wrote it: `~/` is the home directory, anything else is relative to `base`.
pub(super) fn resolve_path(text: &str, base: &Path, env: &Env) -> PathBuf {
    match (text.strip_prefix("~/"), env.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => base.join(text),
    }
}
