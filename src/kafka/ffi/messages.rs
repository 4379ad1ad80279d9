//! Fetched messages: taken off a queue in batches, read in place, given back when dropped.

use std::borrow::Cow;
use std::ffi::{CStr, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Duration;

use rdkafka_sys as sys;

use super::{Code, Handle, Queue, millis};
use crate::model::record::{Header, Record, Timestamp, TimestampType};

/// Messages that librdkafka holds for us until this is dropped.
pub(crate) struct Messages {
    list: Vec<NonNull<sys::rd_kafka_message_t>>,
    /// The messages must be given back before their client is destroyed.
    _handle: Arc<Handle>,
}

// SAFETY: each message is owned by this list alone, and librdkafka lets any thread read and destroy it.
unsafe impl Send for Messages {}

/// One message of a batch: a record, or an error or end-of-partition of its partition.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a>(&'a sys::rd_kafka_message_t);

impl Messages {
    /// Takes up to `most` messages: those that are there, else the first that comes within `wait` and what came
    /// with it.
    pub(crate) fn take(queue: &Queue, most: usize, wait: Duration) -> Self {
        let mut list = Vec::with_capacity(most);
        take_into(queue, &mut list, most, Duration::ZERO);
        if list.is_empty() && !wait.is_zero() {
            // librdkafka waits for a *full* batch: so wait for one message, then take the rest.
            take_into(queue, &mut list, 1, wait);
            if !list.is_empty() {
                take_into(queue, &mut list, most - 1, Duration::ZERO);
            }
        }
        Self { list, _handle: Arc::clone(queue.handle()) }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Gives back those that `keep` does not want.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(Message<'_>) -> bool) {
        self.list.retain(|message| {
            // SAFETY: the message is ours until destroyed, and then leaves the list.
            unsafe {
                let kept = keep(Message(message.as_ref()));
                if !kept {
                    sys::rd_kafka_message_destroy(message.as_ptr());
                }
                kept
            }
        });
    }

    /// The message at `index`, which is below `len`.
    pub(crate) fn get(&self, index: usize) -> Message<'_> {
        // SAFETY: the messages are ours and outlive the borrow of `self`.
        Message(unsafe { self.list[index].as_ref() })
    }

    /// The messages in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Message<'_>> {
        // SAFETY: the messages are ours and outlive the borrow of `self`.
        self.list.iter().map(|message| Message(unsafe { message.as_ref() }))
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        for message in &self.list {
            // SAFETY: ours, given back once.
            unsafe { sys::rd_kafka_message_destroy(message.as_ptr()) }
        }
    }
}

fn take_into(queue: &Queue, list: &mut Vec<NonNull<sys::rd_kafka_message_t>>, most: usize, wait: Duration) {
    let room = list.spare_capacity_mut();
    let most = most.min(room.len());
    // SAFETY: the queue is alive; librdkafka writes at most `most` pointers, none of them null, into the room that
    // the list has. `NonNull` has the layout of the pointer. The length grows by what was written.
    unsafe {
        let taken =
            sys::rd_kafka_consume_batch_queue(queue.as_ptr(), millis(wait), room.as_mut_ptr().cast(), most);
        let taken = usize::try_from(taken).unwrap_or(0);
        list.set_len(list.len() + taken);
    }
}

impl<'a> Message<'a> {
    /// Its error: none for a record.
    pub(crate) fn code(self) -> Code {
        // SAFETY: an `i32` in memory; read as one because a broker may send a code that the enum does not know.
        Code(unsafe { ptr::addr_of!(self.0.err).cast::<i32>().read() })
    }

    /// The topic it is of; see [`super::Topic::identity`].
    pub(crate) fn topic(self) -> usize {
        self.0.rkt as usize
    }

    /// Its partition.
    pub(crate) fn partition(self) -> i32 {
        self.0.partition
    }

    /// Its offset; at the end of a partition the offset that comes next.
    pub(crate) fn offset(self) -> i64 {
        self.0.offset
    }

    /// Bytes of key and value.
    pub(crate) fn size(self) -> usize {
        self.0.key_len + self.0.len
    }

    /// An error's text.
    pub(crate) fn error_text(self) -> String {
        self.value().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    }

    fn key(self) -> Option<&'a [u8]> {
        // SAFETY: librdkafka's pointer and length of this message's key.
        unsafe { bytes(self.0.key, self.0.key_len) }
    }

    fn value(self) -> Option<&'a [u8]> {
        // SAFETY: librdkafka's pointer and length of this message's value.
        unsafe { bytes(self.0.payload, self.0.len) }
    }

    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        // SAFETY: reads the message.
        unsafe { timestamp(self.0) }
    }

    /// The headers, borrowed. librdkafka ends a name at a NUL, and gives no length of it.
    fn headers(self) -> Vec<Header<'a>> {
        let mut raw = ptr::null_mut();
        // SAFETY: the first call parses the headers and keeps them with the message: `Batch` hands out iterators by
        // shared reference, but is itself not `Sync`, so no two threads parse at once.
        let code = unsafe { sys::rd_kafka_message_headers(self.0, &raw mut raw) };
        if Code::from(code).is_error() {
            return Vec::new();
        }
        // SAFETY: the headers live as long as the message.
        unsafe {
            let count = sys::rd_kafka_header_cnt(raw);
            (0..count).map_while(|index| header(raw, index)).collect()
        }
    }

    /// The record, borrowing the message's bytes.
    pub(crate) fn record(self, topic: &'a str) -> Record<'a> {
        Record {
            topic: Cow::Borrowed(topic),
            partition: Some(self.partition()),
            offset: Some(self.offset()),
            timestamp: self.timestamp(),
            key: self.key().map(Cow::Borrowed),
            headers: self.headers(),
            value: self.value().map(Cow::Borrowed),
        }
    }
}

/// A message's time; the broker has none for message format 0.
///
/// # Safety
/// `message` is alive.
pub(super) unsafe fn timestamp(message: *const sys::rd_kafka_message_t) -> Option<Timestamp> {
    let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    // SAFETY: the caller's promise.
    let millis = unsafe { sys::rd_kafka_message_timestamp(message, &raw mut kind) };
    let kind = match kind {
        sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => return None,
        sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampType::CreateTime,
        sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampType::LogAppendTime,
    };
    (millis >= 0).then_some(Timestamp { millis, kind })
}

/// # Safety
/// `raw` is the header list of a message that lives for `'a`.
unsafe fn header<'a>(raw: *const sys::rd_kafka_headers_t, index: usize) -> Option<Header<'a>> {
    let (mut name, mut value, mut size) = (ptr::null(), ptr::null::<c_void>(), 0);
    // SAFETY: the caller's promise; an index past the end is only an error code.
    unsafe {
        let code = sys::rd_kafka_header_get_all(raw, index, &raw mut name, &raw mut value, &raw mut size);
        if Code::from(code).is_error() || name.is_null() {
            return None;
        }
        Some(Header {
            name: CStr::from_ptr(name).to_string_lossy(),
            value: bytes(value, size).map(Cow::Borrowed),
        })
    }
}

/// Bytes; null stays apart from empty.
///
/// # Safety
/// `first` is null or points to `size` bytes that live for `'a`.
unsafe fn bytes<'a>(first: *const c_void, size: usize) -> Option<&'a [u8]> {
    // SAFETY: the caller's promise.
    (!first.is_null()).then(|| unsafe { std::slice::from_raw_parts(first.cast(), size) })
}
