//! A running `rdvctl sandbox`, ended when the test ends, however that ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A sandbox of its own: free port, own home.
pub(crate) struct Sandbox {
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    /// The topics it has.
    pub(crate) topics: Vec<String>,
    child: Child,
    lines: BufReader<ChildStdout>,
    home: tempfile::TempDir,
}

impl Sandbox {
    /// Starts one and waits until it is ready.
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), &[])
    }

    /// Starts one with more arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), arguments)
    }

    /// Starts one with this home and more arguments.
    pub(crate) fn start_in(home: tempfile::TempDir, arguments: &[&str]) -> Self {
        let mut command = bare(home.path());
        // The sandbox ends when this process does, be it by SIGKILL: the other end of its stdin is gone then.
        command.args(["sandbox", "--while-stdin", "--output", "ndjson"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("rdvctl starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a ready line");
        let ready: serde_json::Value = serde_json::from_str(&line).expect("a ready line in JSON");
        assert_eq!(ready["pid"], child.id());
        let topics = ready["topics"].as_array().expect("topics");
        Self {
            address: ready["address"].as_str().expect("an address").to_owned(),
            topics: topics.iter().map(|topic| topic.as_str().expect("a name").to_owned()).collect(),
            child,
            lines,
            home,
        }
    }

    /// A command of rdvctl that finds this sandbox, in an environment that has nothing else.
    pub(crate) fn rdvctl(&self, arguments: &[&str]) -> Command {
        let mut command = bare(self.home.path());
        command.args(arguments).env("RDVCTL_CONTEXT", "sandbox").env("KAFKA_BROKERS", &self.address);
        command
    }

    /// Where it says its address.
    pub(crate) fn file(&self) -> PathBuf {
        self.home.path().join(".cache/rdvctl/sandbox.json")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it by a signal; how it ended and what it said last on stdout.
    pub(crate) fn end_by(mut self, signal: Signal) -> (ExitStatus, String, tempfile::TempDir) {
        send(&self.child, signal);
        let status = wait(&mut self.child);
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("the rest of stdout");
        let home = std::mem::replace(&mut self.home, tempfile::tempdir().expect("a temporary folder"));
        (status, rest, home)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `rdvctl` with nothing in its environment but a home.
#[expect(clippy::disallowed_methods, reason = "commands under test need the PATH")]
pub(crate) fn bare(home: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdvctl"));
    command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Sends a signal to a child that was not waited for yet.
pub(crate) fn send(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(pid, signal).expect("the child is there");
}

/// Waits for a child's end, 20 seconds at the most.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("the child does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
