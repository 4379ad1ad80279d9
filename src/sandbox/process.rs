//! Other processes beside a sandbox: the command it was started for, and how one of ours is ended.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Runs a command to its end; its exit code as shells say it, 128 + n if signal n ended it.
///
/// Ctrl-C reaches the command by itself, being of the terminal's group. SIGTERM is handed on, since it is sent to this
/// process alone.
///
/// # Errors
/// If the command cannot be started.
pub fn run_to_end(mut command: tokio::process::Command) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let mut child = command.spawn()?;
        loop {
            tokio::select! {
                status = child.wait() => return status.map(exit_code),
                _ = terminate.recv() => terminate_process(child.id()),
            }
        }
    })
}

/// Asks a child of ours to end, gives it five seconds, then ends it.
pub fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        terminate_process(Some(child.id()));
    }
    if !matches!(wait_until(child, Instant::now() + Duration::from_secs(5)), Ok(Some(_))) {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Waits for a child until the deadline; `None` if it still runs.
///
/// # Errors
/// If the system cannot tell.
pub fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A process's end as shells say it.
pub fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Only for a child that was not waited for yet: its id cannot belong to anybody else then.
fn terminate_process(id: Option<u32>) {
    if let Some(pid) = id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        // It may have ended by itself just now.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_ends_with_its_own_code_or_128_and_its_signal() {
        for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)] {
            assert_eq!(run_to_end(shell(script)).unwrap(), code, "{script}");
        }
    }

    #[test]
    fn a_command_that_is_not_there_is_an_error() {
        let command = tokio::process::Command::new("no-such-program-anywhere");
        assert_eq!(run_to_end(command).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_child_of_ours_is_asked_to_end() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        end(&mut child);
        assert_eq!(child.try_wait().unwrap().map(exit_code), Some(143));
    }
}
