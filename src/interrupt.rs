//! Ctrl-C: the first asks the command to end in good order, the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::signal::unix::Signal;

use crate::error::{Error, Kind, exit};

/// Set by SIGINT or SIGTERM; cheap to clone and to ask.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Starts to listen for SIGINT and SIGTERM, on a thread of its own.
    pub fn listen() -> Result<Self, Error> {
        let interrupt = Self::default();
        let flag = interrupt.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(|e| Error::usage("cannot listen for signals").caused_by(e))?;
        // Before anything else is done: a signal that comes before the thread runs must not kill the process.
        let signals = {
            use tokio::signal::unix::{SignalKind, signal};
            let _context = runtime.enter();
            signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?)))
        };
        let signals = signals.map_err(|e| Error::usage("cannot listen for signals").caused_by(e))?;
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(flag.watch(signals)))
            .map_err(|e| Error::usage("cannot start the signal thread").caused_by(e))?;
        Ok(interrupt)
    }

    /// Whether the user wants the command to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks the command to end, as Ctrl-C does.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error of kind `Interrupted` if it is set.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_set() { Err(Error::new(Kind::Interrupted, "interrupted")) } else { Ok(()) }
    }

    /// Sleeps until `deadline` or the interrupt, whichever is first.
    pub fn sleep_until(&self, deadline: Instant) {
        while !self.is_set() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the second Ctrl-C must end a command that hangs")]
    async fn watch(self, (mut int, mut term): (Signal, Signal)) {
        loop {
            tokio::select! { _ = int.recv() => {}, _ = term.recv() => {} }
            if self.is_set() {
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
            self.set();
        }
    }
}
