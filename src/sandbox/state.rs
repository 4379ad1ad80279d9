//! The broker's memory, shared by its connections, with a bell that rings when something changed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use noida::kafka::engine::EngineState;

/// What all connections share.
pub(super) struct State {
    engine: Mutex<EngineState>,
    changed: Condvar,
    stopping: AtomicBool,
}

impl State {
    pub(super) fn new(engine: EngineState) -> Self {
        Self { engine: Mutex::new(engine), changed: Condvar::new(), stopping: AtomicBool::new(false) }
    }

    /// The memory. A connection that panicked on malformed bytes does not take the others with it.
    pub(super) fn lock(&self) -> MutexGuard<'_, EngineState> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes everybody who waits for a change.
    pub(super) fn ring(&self) {
        self.changed.notify_all();
    }

    /// Waits for a change until `deadline` at the most.
    pub(super) fn wait<'a>(
        &self,
        engine: MutexGuard<'a, EngineState>,
        deadline: Instant,
    ) -> MutexGuard<'a, EngineState> {
        let left: Duration = deadline.saturating_duration_since(Instant::now());
        self.changed.wait_timeout(engine, left).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Ends every wait.
    pub(super) fn stop(&self) {
        // Under the lock, so that nobody is between looking at the flag and waiting for the bell.
        let engine = self.lock();
        self.stopping.store(true, Ordering::Release);
        drop(engine);
        self.ring();
    }

    /// Whether the broker is ending.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}
