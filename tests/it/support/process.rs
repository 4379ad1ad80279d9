//! A child process with a time limit, whose output is read while it runs.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::filters;
use super::rdvctl::Home;

/// How a process ended and what it said.
#[derive(Clone)]
pub(crate) struct Run {
    /// The command line, for messages.
    pub(crate) command: String,
    /// The exit code; 128 + the signal's number if it was ended by one.
    pub(crate) code: i32,
    /// Data.
    pub(crate) stdout: Vec<u8>,
    /// Talk.
    pub(crate) stderr: Vec<u8>,
    /// How long it ran.
    pub(crate) took: Duration,
}

impl Run {
    /// stdout as text; panics if it is not UTF-8.
    pub(crate) fn out(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("stdout is UTF-8")
    }

    /// stderr as text; panics if it is not UTF-8.
    pub(crate) fn err(&self) -> &str {
        std::str::from_utf8(&self.stderr).expect("stderr is UTF-8")
    }

    /// Panics with the whole transcript unless it ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert!(self.code == code, "expected exit {code}\n{}", self.transcript());
        self
    }

    /// stdout as NDJSON.
    #[track_caller]
    pub(crate) fn ndjson(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| {
            serde_json::from_str(line)
                .unwrap_or_else(|e| panic!("not JSON: {e}: {line}\n{}", self.transcript()))
        };
        self.out().lines().map(parse).collect()
    }

    /// Exit code, stdout and stderr as they are.
    pub(crate) fn transcript(&self) -> String {
        let out = String::from_utf8_lossy(&self.stdout);
        let err = String::from_utf8_lossy(&self.stderr);
        format!(
            "$ {}\nexit {} after {:?}\n--- stdout\n{out}--- stderr\n{err}",
            self.command, self.code, self.took
        )
    }

    /// Exit code, stdout and stderr with what changes from run to run replaced, for an inline snapshot.
    pub(crate) fn snapshot(&self) -> String {
        let out = String::from_utf8_lossy(&self.stdout);
        let err = String::from_utf8_lossy(&self.stderr);
        filters::stable(&format!("exit {}\n--- stdout\n{out}--- stderr\n{err}", self.code))
    }
}

/// A process that runs. Dropped, it is killed.
pub(crate) struct Running {
    command: String,
    child: Child,
    start: Instant,
    limit: Duration,
    stdout: Output,
    stderr: Output,
    stdin: Option<JoinHandle<()>>,
    /// Where it lives, there as long as the process is.
    home: Option<Home>,
}

type Shared = Arc<Mutex<Vec<u8>>>;

struct Output {
    bytes: Shared,
    reader: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts it. `limit` is for the whole life of the process; `stdin` is written by a thread, then closed.
    #[track_caller]
    pub(crate) fn start(mut command: Command, stdin: Option<Vec<u8>>, limit: Duration) -> Self {
        let shown = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|part| part.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" ");
        command
            .stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start `{shown}`: {error}"));
        let stdout = Output::of(child.stdout.take().expect("piped"));
        let stderr = Output::of(child.stderr.take().expect("piped"));
        let stdin = stdin.map(|bytes| {
            let mut pipe = child.stdin.take().expect("piped");
            // A child that ends without reading all of it is no error here.
            std::thread::spawn(move || drop(pipe.write_all(&bytes)))
        });
        Self { command: shown, child, start: Instant::now(), limit, stdout, stderr, stdin, home: None }
    }

    /// Keeps its home until it has ended.
    pub(crate) fn in_home(mut self, home: Home) -> Self {
        self.home = Some(home);
        self
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended yet.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_none()
    }

    /// What it has written to stdout so far.
    pub(crate) fn out_so_far(&self) -> String {
        self.stdout.so_far()
    }

    /// What it has written to stderr so far.
    pub(crate) fn err_so_far(&self) -> String {
        self.stderr.so_far()
    }

    /// Waits until stdout or stderr holds a text.
    #[track_caller]
    pub(crate) fn wait_until_it_says(&mut self, text: &str) {
        while !self.out_so_far().contains(text) && !self.err_so_far().contains(text) {
            let ended = self.child.try_wait().expect("it is our child");
            let both = || format!("--- stdout\n{}--- stderr\n{}", self.out_so_far(), self.err_so_far());
            assert!(ended.is_none(), "`{}` ended before it said `{text}`\n{}", self.command, both());
            assert!(self.start.elapsed() < self.limit, "`{}` did not say `{text}`\n{}", self.command, both());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.signal("INT");
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").args(["-s", name, &self.id().to_string()]).status().expect("kill is there");
        assert!(sent.success(), "cannot send SIG{name} to `{}`", self.command);
    }

    /// Waits for its end; past its limit it is killed and the test fails.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Run {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            if self.start.elapsed() > self.limit {
                let _ = self.child.kill();
                let _ = self.child.wait();
                let (out, err) = (self.out_so_far(), self.err_so_far());
                panic!(
                    "`{}` ran longer than {:?}\n--- stdout\n{out}--- stderr\n{err}",
                    self.command, self.limit
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let took = self.start.elapsed();
        if let Some(writer) = self.stdin.take() {
            writer.join().expect("the writer does not panic");
        }
        Run {
            command: std::mem::take(&mut self.command),
            code: code(status),
            stdout: self.stdout.finish(),
            stderr: self.stderr.finish(),
            took,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let bytes = Shared::default();
        let target = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut pipe = BufReader::with_capacity(64 * 1024, pipe);
            while let Ok(chunk) = pipe.fill_buf() {
                if chunk.is_empty() {
                    break;
                }
                target.lock().unwrap().extend_from_slice(chunk);
                let length = chunk.len();
                pipe.consume(length);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    fn finish(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader does not panic");
        }
        std::mem::take(&mut self.bytes.lock().unwrap())
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
