//! The file by which `--context sandbox` finds a running sandbox.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What a running sandbox says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// `127.0.0.1:port`.
    pub address: String,
    /// Its process id.
    pub pid: u32,
}

impl Running {
    /// What the file says; `None` if there is none or it is no such file.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Whether somebody listens there. A sandbox that was killed leaves its file behind.
    pub fn answers(&self) -> bool {
        let address = self.address.parse().ok();
        address.is_some_and(|address| {
            std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(300)).is_ok()
        })
    }
}

/// A written address file; dropping it removes the file if no newer sandbox has replaced it.
#[derive(Debug)]
pub struct AddressFile {
    path: PathBuf,
    running: Running,
}

impl AddressFile {
    /// Writes the file as a whole (readers never see half of it), with its folder.
    ///
    /// # Errors
    /// If the folder or the file cannot be written.
    pub fn write(path: PathBuf, running: Running) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let draft = path.with_extension(format!("json.{}", running.pid));
        std::fs::write(&draft, serde_json::to_vec(&running)?)?;
        std::fs::rename(&draft, &path)?;
        Ok(Self { path, running })
    }
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        if Running::read(&self.path).as_ref() == Some(&self.running) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(pid: u32) -> Running {
        Running { address: format!("127.0.0.1:{pid}"), pid }
    }

    #[test]
    fn the_file_is_there_while_the_sandbox_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/sandbox.json");
        let file = AddressFile::write(path.clone(), running(1)).unwrap();
        assert_eq!(Running::read(&path), Some(running(1)));
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn an_older_sandbox_leaves_the_file_of_a_newer_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.json");
        let older = AddressFile::write(path.clone(), running(1)).unwrap();
        let newer = AddressFile::write(path.clone(), running(2)).unwrap();
        drop(older);
        assert_eq!(Running::read(&path), Some(running(2)));
        drop(newer);
        assert!(!path.exists());
    }
}
