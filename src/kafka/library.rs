//! What librdkafka and its wrapper are: versions, and what was built in.

/// The version of the rdkafka-sys crate, from the lock file this was built with.
pub fn crate_version() -> &'static str {
    const VERSION: LockedVersion = LockedVersion::of("rdkafka-sys", include_str!("../../Cargo.lock"));
    VERSION.text()
}

/// A version's text by value: a slice of the lock file would put the whole file into the binary.
struct LockedVersion {
    text: [u8; 16],
    len: usize,
}

impl LockedVersion {
    /// The version of a package; a build without it in its lock file fails.
    const fn of(package: &str, lock: &str) -> Self {
        const BEFORE: &[u8] = b"name = \"";
        const BETWEEN: &[u8] = b"\"\nversion = \"";
        let (lock, package) = (lock.as_bytes(), package.as_bytes());
        let mut at = 0;
        while at < lock.len() {
            let name = at + BEFORE.len();
            if starts_with(lock, at, BEFORE)
                && starts_with(lock, name, package)
                && starts_with(lock, name + package.len(), BETWEEN)
            {
                return Self::until_quote(lock, name + package.len() + BETWEEN.len());
            }
            at += 1;
        }
        panic!("the package is not in Cargo.lock")
    }

    const fn until_quote(lock: &[u8], start: usize) -> Self {
        let mut version = Self { text: [0; 16], len: 0 };
        while lock[start + version.len] != b'"' {
            version.text[version.len] = lock[start + version.len];
            version.len += 1;
        }
        version
    }

    const fn text(&'static self) -> &'static str {
        match std::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "unknown",
        }
    }
}

const fn starts_with(text: &[u8], at: usize, part: &[u8]) -> bool {
    let mut i = 0;
    while i < part.len() {
        if at + i >= text.len() || text[at + i] != part[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_the_packages_own() {
        let lock = "[[package]]\nname = \"ab\"\nversion = \"9.9.9\"\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n";
        let version = Box::leak(Box::new(LockedVersion::of("a", lock)));
        assert_eq!(version.text(), "1.2.3");
        assert!(crate_version().ends_with("2.12.1"));
    }

    #[test]
    fn tls_sasl_and_every_codec_are_built_in() {
        let features = crate::kafka::client::library_features();
        for wanted in ["ssl", "sasl_plain", "sasl_scram", "gzip", "snappy", "lz4", "zstd"] {
            assert!(features.iter().any(|name| name == wanted), "{wanted} is not in {features:?}");
        }
    }
}
