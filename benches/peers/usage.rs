//! Waits for processes and says what each has used.

use std::process::Child;
use std::time::Duration;

/// Started processes; those not waited for are killed when something fails.
pub(crate) struct Children(pub(crate) Vec<Child>);

/// What a process has used, and how it ended.
pub(crate) struct Usage {
    /// Ended by itself, with 0.
    pub(crate) ok: bool,
    /// As `wait(2)` tells it.
    pub(crate) status: i32,
    /// User CPU.
    pub(crate) user: Duration,
    /// System CPU.
    pub(crate) system: Duration,
    /// Peak resident memory in bytes.
    pub(crate) rss: u64,
}

impl Children {
    /// Waits for each; what they have used, in order.
    pub(crate) fn wait(&mut self) -> std::io::Result<Vec<Usage>> {
        std::mem::take(&mut self.0).iter().map(wait).collect()
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[expect(unsafe_code, reason = "std waits without the process's usage, and rustix has no wait4 with one")]
fn wait(child: &Child) -> std::io::Result<Usage> {
    let pid = libc::pid_t::try_from(child.id()).map_err(std::io::Error::other)?;
    let mut status = 0;
    // SAFETY: all zeroes is a valid rusage, a struct of integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals; `pid` is a child of ours that nobody has waited for.
        if unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) } == pid {
            break;
        }
        let error = std::io::Error::last_os_error();
        if error.kind() != std::io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    // Linux counts kilobytes, macOS bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Ok(Usage {
        ok: libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        status,
        user: time(usage.ru_utime),
        system: time(usage.ru_stime),
        rss: usage.ru_maxrss as u64 * unit,
    })
}
