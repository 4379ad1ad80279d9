//! Where a setting comes from.

use std::fmt;
use std::path::PathBuf;

/// Where a setting comes from; shown by `config show` and named in errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, `--brokers`.
    Flag(&'static str),
    /// An environment variable.
    Env(&'static str),
    /// A line of a settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// What the running sandbox says of itself.
    Sandbox(PathBuf),
    /// Built in.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "flag {name}"),
            Origin::Env(name) => write!(f, "env {name}"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Sandbox(path) => write!(f, "sandbox {}", path.display()),
            Origin::Default => f.write_str("default"),
        }
    }
}

/// A setting's value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Another value with the same origin.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced::new(change(self.value), self.origin)
    }
}
