//! A client's log: mostly kept from sight, but for the failures in it, some of which come no other way.

use std::ffi::c_char;
use std::io::Write as _;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rdkafka_sys as sys;

use super::{Code, Trouble, text};

/// Syslog's "error": from here on up librdkafka sends an error event as well.
const LOG_ERR: i32 = 3;

/// One line of the log.
pub(super) struct Line {
    level: i32,
    facility: String,
    message: String,
}

impl Line {
    /// The line of a log event.
    ///
    /// # Safety
    /// `event` is alive.
    pub(super) unsafe fn of(event: NonNull<sys::rd_kafka_event_t>) -> Option<Self> {
        let (mut facility, mut message): (*const c_char, *const c_char) = (ptr::null(), ptr::null());
        let mut level = 0;
        // SAFETY: the event is alive; its strings are copied.
        unsafe {
            let none =
                sys::rd_kafka_event_log(event.as_ptr(), &raw mut facility, &raw mut message, &raw mut level);
            (none == 0).then(|| Self { level, facility: text(facility), message: text(message) })
        }
    }

    /// A connection's failure, where no error event tells of it: librdkafka logs a broker that closes the connection,
    /// or does not answer, as a warning only.
    pub(super) fn into_trouble(self) -> Option<Trouble> {
        if self.facility != "FAIL" || self.level <= LOG_ERR || self.level > 6 {
            return None;
        }
        // `[thrd:NAME]: host:port/id: reason`
        let message = self.message.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: "));
        let text = message.map_or(self.message.clone(), |(_, rest)| rest.to_owned());
        Some(Trouble { code: Code::TRANSPORT, text, fatal: false })
    }
}

/// Prints a client's log to stderr, from a thread of its own so that it is seen while a call blocks.
pub(super) struct LogPrinter {
    stop: Arc<AtomicBool>,
    troubles: Arc<Mutex<Vec<Trouble>>>,
    thread: Option<JoinHandle<()>>,
}

/// What moves to the printer's thread, which alone uses and destroys the queue.
struct Printer {
    queue: NonNull<sys::rd_kafka_queue_t>,
    stop: Arc<AtomicBool>,
    troubles: Arc<Mutex<Vec<Trouble>>>,
    secrets: Vec<String>,
}

// SAFETY: moved once, used by one thread.
unsafe impl Send for Printer {}

impl LogPrinter {
    /// Redirects the client's log. Called while the client is being made; `drop` joins the thread before the client is
    /// destroyed.
    pub(super) fn start(client: NonNull<sys::rd_kafka_t>, secrets: Vec<String>) -> Self {
        // SAFETY: the client is alive; the queue is destroyed by the thread, before the client.
        let queue = unsafe {
            let queue = sys::rd_kafka_queue_new(client.as_ptr());
            sys::rd_kafka_set_log_queue(client.as_ptr(), queue);
            NonNull::new(queue).expect("librdkafka allocates or aborts")
        };
        let (stop, troubles) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::default()));
        let printer = Printer { queue, stop: Arc::clone(&stop), troubles: Arc::clone(&troubles), secrets };
        let thread = std::thread::Builder::new().name("librdkafka-log".to_owned());
        Self { stop, troubles, thread: thread.spawn(move || printer.run()).ok() }
    }

    /// The failures of the log since the last call.
    pub(super) fn troubles(&self, into: &mut Vec<Trouble>) {
        into.append(&mut self.troubles.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for LogPrinter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Printer {
    fn run(self) {
        let mut last = false;
        while !last {
            // One more round after the stop, for what was logged until then.
            last = self.stop.load(Ordering::Relaxed);
            while let Some(line) = self.next(if last { 0 } else { 50 }) {
                self.print(&line);
                let trouble = line.into_trouble();
                self.troubles.lock().unwrap_or_else(PoisonError::into_inner).extend(trouble);
            }
        }
    }

    fn next(&self, wait: i32) -> Option<Line> {
        // SAFETY: the queue is alive as long as we are; the event is ours and destroyed once.
        unsafe {
            let event = NonNull::new(sys::rd_kafka_queue_poll(self.queue.as_ptr(), wait))?;
            let line = Line::of(event);
            sys::rd_kafka_event_destroy(event.as_ptr());
            line
        }
    }

    #[expect(clippy::disallowed_methods, reason = "librdkafka's own log, asked for with --debug")]
    fn print(&self, line: &Line) {
        let mut message = line.message.clone();
        // librdkafka prints no secrets; this is the second lock.
        for secret in self.secrets.iter().filter(|secret| secret.len() > 2) {
            message = message.replace(secret.as_str(), "***");
        }
        let _ = writeln!(std::io::stderr(), "librdkafka {} {}: {message}", line.level, line.facility);
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        // SAFETY: the last use; the client is alive, for its drop waits for this thread.
        unsafe { sys::rd_kafka_queue_destroy(self.queue.as_ptr()) }
    }
}
