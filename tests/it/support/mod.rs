//! What the tests stand on: the binary in clean surroundings, a real Kafka, and the other hands on its topics.

pub(crate) mod filters;
pub(crate) mod kafka;
pub(crate) mod peers;
pub(crate) mod process;
pub(crate) mod rdvctl;
pub(crate) mod sandbox;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(crate) use kafka::Kafka;
pub(crate) use rdvctl::{Home, Rdvctl};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository, as text.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// Every file below a folder of the repository, sorted.
pub(crate) fn files(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A name that no other test uses, in this run or another one on the same broker.
pub(crate) fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let millis = now().as_millisecond();
    format!("{name}-{:x}-{}-{number}", millis & 0xff_ffff, std::process::id())
}

/// The clock.
#[expect(clippy::disallowed_methods, reason = "tests have no Env to be given")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// An environment variable of the test run.
#[expect(clippy::disallowed_methods, reason = "tests have no Env to be given")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Asks again and again until the answer is something; panics with `what` when `within` has passed.
pub(crate) fn wait_for<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < within, "waited {within:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
