//! Queues, topics, and the log printer: what hangs on a client.

use std::ffi::c_char;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rdkafka_sys as sys;

use super::{Code, Handle, c_string, text};

/// A topic of one client, by name. Making one asks the broker nothing.
pub(crate) struct Topic {
    topic: NonNull<sys::rd_kafka_topic_t>,
    handle: Arc<Handle>,
}

// SAFETY: topics are reference-counted and locked by librdkafka itself.
unsafe impl Send for Topic {}
// SAFETY: as above.
unsafe impl Sync for Topic {}

impl Topic {
    /// The topic of this name.
    pub(crate) fn new(handle: &Arc<Handle>, name: &str) -> Result<Self, Code> {
        let c_name = c_string(name);
        // SAFETY: the client is alive, the name copied; a null configuration takes the client's defaults.
        let topic = unsafe { sys::rd_kafka_topic_new(handle.as_ptr(), c_name.as_ptr(), ptr::null_mut()) };
        match NonNull::new(topic) {
            Some(topic) => Ok(Self { topic, handle: Arc::clone(handle) }),
            // SAFETY: reads this thread's last error, set by the call above.
            None => Err(unsafe { sys::rd_kafka_last_error() }.into()),
        }
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_topic_t {
        self.topic.as_ptr()
    }

    /// What tells this topic from others of the same client, as messages name it.
    pub(crate) fn identity(&self) -> usize {
        self.topic.as_ptr() as usize
    }

    /// Starts to fetch a partition at an offset, into a queue.
    pub(crate) fn fetch(&self, partition: i32, offset: i64, queue: &Queue) -> Result<(), Code> {
        // SAFETY: topic and queue are alive; librdkafka takes its own references.
        let result =
            unsafe { sys::rd_kafka_consume_start_queue(self.as_ptr(), partition, offset, queue.as_ptr()) };
        // SAFETY: reads this thread's last error.
        if result == 0 { Ok(()) } else { Err(unsafe { sys::rd_kafka_last_error() }.into()) }
    }

    /// Ends the fetching of a partition; what was fetched and not yet taken is dropped.
    pub(crate) fn stop(&self, partition: i32) {
        // SAFETY: the topic is alive; a partition that is not being fetched is only an error code.
        unsafe { sys::rd_kafka_consume_stop(self.as_ptr(), partition) };
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        // SAFETY: our one reference, given back once; the client is still alive (`handle`).
        unsafe { sys::rd_kafka_topic_destroy(self.topic.as_ptr()) };
        let _ = &self.handle;
    }
}

/// A queue of our own: for fetched messages, or for the answer to one admin call.
pub(crate) struct Queue {
    queue: NonNull<sys::rd_kafka_queue_t>,
    handle: Arc<Handle>,
}

// SAFETY: queues are locked by librdkafka itself.
unsafe impl Send for Queue {}
// SAFETY: as above.
unsafe impl Sync for Queue {}

impl Queue {
    /// An empty queue.
    pub(crate) fn new(handle: &Arc<Handle>) -> Self {
        // SAFETY: the client is alive; librdkafka allocates or aborts.
        let queue = unsafe { sys::rd_kafka_queue_new(handle.as_ptr()) };
        let queue = NonNull::new(queue).expect("librdkafka allocates or aborts");
        Self { queue, handle: Arc::clone(handle) }
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_queue_t {
        self.queue.as_ptr()
    }

    pub(super) fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: our one reference, given back once.
        unsafe { sys::rd_kafka_queue_destroy(self.queue.as_ptr()) }
    }
}

/// Prints a client's log to stderr, from a thread of its own so that it is seen while a call blocks.
pub(super) struct LogPrinter {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A queue that moves to the printer's thread, which alone uses and destroys it.
struct LogQueue(NonNull<sys::rd_kafka_queue_t>);

// SAFETY: moved once, used by one thread.
unsafe impl Send for LogQueue {}

impl LogPrinter {
    /// Redirects the client's log. Called while the client is being made; `drop` joins the thread before the
    /// client is destroyed.
    pub(super) fn start(client: NonNull<sys::rd_kafka_t>, secrets: Vec<String>) -> Self {
        // SAFETY: the client is alive; the queue is destroyed by the thread, before the client.
        let queue = unsafe {
            let queue = sys::rd_kafka_queue_new(client.as_ptr());
            sys::rd_kafka_set_log_queue(client.as_ptr(), queue);
            LogQueue(NonNull::new(queue).expect("librdkafka allocates or aborts"))
        };
        let stop = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("librdkafka-log".to_owned())
            .spawn(move || print(&queue, &until, &secrets))
            .ok();
        Self { stop, thread }
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

#[expect(clippy::print_stderr, reason = "librdkafka's own log, asked for with --debug")]
fn print(queue: &LogQueue, stop: &AtomicBool, secrets: &[String]) {
    let mut last = false;
    while !last {
        // One more round after the stop, for what was logged until then.
        last = stop.load(Ordering::Relaxed);
        loop {
            // SAFETY: the queue is alive until the end of this function; the event is destroyed below.
            let event = unsafe { sys::rd_kafka_queue_poll(queue.0.as_ptr(), if last { 0 } else { 50 }) };
            let Some(event) = NonNull::new(event) else { break };
            let (mut facility, mut message): (*const c_char, *const c_char) = (ptr::null(), ptr::null());
            let mut level = 0;
            // SAFETY: the event is alive; its strings are copied before it is destroyed.
            let line = unsafe {
                let none = sys::rd_kafka_event_log(
                    event.as_ptr(),
                    &raw mut facility,
                    &raw mut message,
                    &raw mut level,
                );
                let line = (none == 0).then(|| format!("{}: {}", text(facility), text(message)));
                sys::rd_kafka_event_destroy(event.as_ptr());
                line
            };
            if let Some(line) = line {
                eprintln!("librdkafka {level} {}", blot(line, secrets));
            }
        }
    }
    // SAFETY: the last use; the client is alive, for its drop waits for this thread.
    unsafe { sys::rd_kafka_queue_destroy(queue.0.as_ptr()) }
}

/// Replaces every secret in a text. librdkafka does not print them; this is the second lock.
fn blot(mut line: String, secrets: &[String]) -> String {
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        line = line.replace(secret.as_str(), "***");
    }
    line
}
