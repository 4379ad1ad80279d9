//! The key of the pseudonyms: whoever has it can test a guess, so it is a secret, and it must not change from run
//! to run, or one person would have many pseudonyms.

use std::fmt::Write as _;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::Env;
use crate::error::Error;
use crate::terminal::Terminal;

/// Below this a key could be guessed (bytes).
const SHORTEST: usize = 16;

impl Settings {
    /// The key of the pseudonyms: from the context, else the user's 0600 file, made when it is not there.
    /// When it cannot be made: a warning, and a key that only this run knows.
    pub fn redaction_key(&self, env: &Env, terminal: &Terminal) -> Result<Vec<u8>, Error> {
        if let Some(key) = &self.redaction_key {
            let secret = key.value.resolve("redaction_key", env, terminal)?;
            return long_enough(secret.expose().as_bytes().to_vec(), &key.value.to_string());
        }
        let Some(path) = key_file(env) else {
            terminal.warn(
                "there is no home directory to keep a redaction key in: pseudonyms hold for this run only",
            );
            return Ok(random_key());
        };
        match read_or_make(&path) {
            Ok(Kept::Key(key)) => long_enough(key, &path.display().to_string()),
            Ok(Kept::Exposed(mode)) => Err(Error::usage(format!(
                "others may read the redaction key `{}` (mode {mode:o})",
                path.display()
            ))
            .hint(format!("make it yours alone: `chmod 600 '{}'`", path.display()))),
            Err(cause) => {
                terminal.warn(format!(
                    "cannot keep a redaction key in `{}` ({cause}): pseudonyms hold for this run only",
                    path.display()
                ));
                Ok(random_key())
            }
        }
    }
}

/// Where the user's key is kept.
pub(super) fn key_file(env: &Env) -> Option<PathBuf> {
    Some(env.config_dir()?.join("redaction.key"))
}

enum Kept {
    Key(Vec<u8>),
    Exposed(u32),
}

fn read_or_make(path: &Path) -> std::io::Result<Kept> {
    match read(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            make(path)?;
            // Another process may have been faster: what is there now is everybody's key.
            read(path)
        }
        other => other,
    }
}

fn read(path: &Path) -> std::io::Result<Kept> {
    let mut file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Ok(Kept::Exposed(mode));
    }
    let mut key = Vec::new();
    file.read_to_end(&mut key)?;
    while key.last().is_some_and(u8::is_ascii_whitespace) {
        key.pop();
    }
    Ok(Kept::Key(key))
}

/// Writes a whole key beside the path, then links it there: nobody sees half of one, and nobody's is overwritten.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let draft = path.with_extension(format!("{:016x}.tmp", rand::random::<u64>()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written =
        file.write_all(&random_key()).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match std::fs::hard_link(&draft, path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = std::fs::remove_file(&draft);
    linked.and(removed)
}

fn random_key() -> Vec<u8> {
    let bytes: [u8; 32] = rand::random();
    let mut key = String::with_capacity(64);
    for byte in bytes {
        let _ = write!(key, "{byte:02x}");
    }
    key.into_bytes()
}

fn long_enough(key: Vec<u8>, place: &str) -> Result<Vec<u8>, Error> {
    if key.len() < SHORTEST {
        return Err(Error::usage(format!(
            "the redaction key of `{place}` is too short to keep anything secret"
        ))
        .caused_by(format!("it has {} of at least {SHORTEST} bytes", key.len()))
        .hint("make one with `head -c 32 /dev/urandom | base64`"));
    }
    Ok(key)
}
