//! Which settings files there are, and what they say together.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::args::GlobalArgs;
use super::context::Context;
use super::file::File;
use super::origin::{Origin, Sourced};
use crate::Env;
use crate::error::Error;

/// The name of a project's settings file.
pub(super) const PROJECT_FILE: &str = "rdvctl.toml";
/// The built-in contexts: one without settings of its own, and the running sandbox.
pub(super) const DEFAULT_CONTEXT: &str = "default";
/// See [`DEFAULT_CONTEXT`].
pub(super) const SANDBOX_CONTEXT: &str = "sandbox";

/// A settings file that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// `project`, `user`, or the flag or variable that names it.
    pub kind: &'static str,
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Whether it is there.
    pub found: bool,
}

/// The settings files, the strongest first.
#[derive(Debug)]
pub struct Files {
    looked: Vec<Looked>,
    files: Vec<File>,
}

impl Files {
    /// Which files are used: the one named by `--config` or `RDVCTL_CONFIG`, else the project's and the user's.
    pub fn look(args: &GlobalArgs, env: &Env) -> Vec<Looked> {
        let named = match (&args.config, env.var("RDVCTL_CONFIG")) {
            (Some(path), _) => Some(("flag --config", path.clone())),
            (None, Some(path)) => Some(("env RDVCTL_CONFIG", PathBuf::from(path))),
            (None, None) => None,
        };
        if let Some((kind, path)) = named {
            let path = env.cwd.join(path);
            return vec![Looked { kind, found: path.exists(), path }];
        }
        let project = env.cwd.ancestors().map(|dir| dir.join(PROJECT_FILE)).find(|path| path.exists());
        let mut looked = vec![Looked {
            kind: "project",
            found: project.is_some(),
            path: project.unwrap_or_else(|| env.cwd.join(PROJECT_FILE)),
        }];
        if let Some(dir) = env.config_dir() {
            let path = dir.join("config.toml");
            looked.push(Looked { kind: "user", found: path.exists(), path });
        }
        looked
    }

    /// Reads them. A file that is not there is no error unless it was named.
    pub fn load(args: &GlobalArgs, env: &Env) -> Result<Self, Error> {
        let looked = Self::look(args, env);
        let mut files = Vec::new();
        for Looked { kind, path, .. } in &looked {
            match std::fs::read_to_string(path) {
                Ok(text) => files.push(File::parse(path, &text, env)?),
                Err(e) if is_absent(&e) && matches!(*kind, "project" | "user") => {}
                Err(e) => return Err(unreadable(path, kind, e)),
            }
        }
        Ok(Self { looked, files })
    }

    /// The names of all contexts, built-in ones included, sorted.
    pub fn names(&self) -> Vec<&str> {
        let own = self.files.iter().flat_map(|file| file.contexts.keys().map(String::as_str));
        own.chain([DEFAULT_CONTEXT, SANDBOX_CONTEXT]).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// A context as all files together give it, setting by setting; `None` if nothing knows it.
    pub fn context(&self, name: &str) -> Option<Context> {
        let mut found: Option<Context> =
            matches!(name, DEFAULT_CONTEXT | SANDBOX_CONTEXT).then(Context::default);
        for file in &self.files {
            if let Some(context) = file.contexts.get(name) {
                let stronger = found.take().unwrap_or_default();
                found = Some(stronger.over(context.clone()));
            }
        }
        found
    }

    /// Which context is used, and who says so.
    pub fn chosen(&self, args: &GlobalArgs, env: &Env) -> Sourced<String> {
        if let Some(name) = &args.context {
            return Sourced::new(name.clone(), Origin::Flag("--context"));
        }
        if let Some(name) = env.var("RDVCTL_CONTEXT") {
            return Sourced::new(name.to_owned(), Origin::Env("RDVCTL_CONTEXT"));
        }
        let default = self.files.iter().find_map(|file| file.default_context.clone());
        default.unwrap_or_else(|| Sourced::new(DEFAULT_CONTEXT.to_owned(), Origin::Default))
    }

    /// The chosen context's settings, or an error that names those there are.
    pub(super) fn context_or_error(&self, chosen: &Sourced<String>) -> Result<Context, Error> {
        self.context(&chosen.value).ok_or_else(|| {
            let hint = super::near::did_you_mean(&chosen.value, self.names()).unwrap_or_default();
            let places: Vec<String> =
                self.looked.iter().map(|looked| format!("`{}`", looked.path.display())).collect();
            Error::usage(format!("there is no context `{}` ({})", chosen.value, chosen.origin))
                .hint(hint)
                .hint(format!("a context is a table `[context.NAME]` in {}", places.join(" or ")))
        })
    }
}

fn unreadable(path: &Path, kind: &str, cause: std::io::Error) -> Error {
    let missing = is_absent(&cause);
    let error = Error::usage(format!("cannot read the settings file `{}` ({kind})", path.display()));
    let error = error.caused_by(cause);
    if missing { error.hint("name a file that is there, or leave the name out") } else { error }
}

/// Also when what should be a folder is none.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
