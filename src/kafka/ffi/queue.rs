//! Topics and queues: what hangs on a client.

use std::ptr::{self, NonNull};
use std::sync::Arc;

use rdkafka_sys as sys;

use super::{Code, Handle, c_string};

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

    /// Its client.
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
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

    /// Goes on at another offset of a partition that is being fetched; what was fetched and not yet taken is dropped. Does
    /// not wait for it: what was already taken may be of before.
    pub(crate) fn seek(&self, partition: i32, offset: i64) -> Result<(), Code> {
        // SAFETY: the topic is alive; without a timeout there is no answer to wait for.
        let code = Code::from(unsafe { sys::rd_kafka_seek(self.as_ptr(), partition, offset, 0) });
        if code.is_error() { Err(code) } else { Ok(()) }
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
