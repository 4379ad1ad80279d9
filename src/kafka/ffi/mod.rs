//! The one place that calls librdkafka's C interface, and the one that may be `unsafe`.
//!
//! Everything above it sees safe, owned types: a [`Handle`] is a client, a [`Topic`] and a [`Queue`] keep their
//! handle alive, [`Messages`] own what they borrow from. No callbacks are registered: librdkafka's news come as
//! events off queues, on the thread that asks (`rd_kafka_conf_set_events`).
#![expect(unsafe_code, reason = "librdkafka is a C library; each unsafe block states why it is sound")]

mod admin;
mod code;
mod conf;
mod handle;
mod loans;
mod log;
mod messages;
mod produce;
mod queue;
mod together;

use std::ffi::{CStr, CString, c_char};

pub(crate) use admin::{
    At, Call, GroupDescribed, GroupListed, OffsetAnswer, OffsetOf, PartitionRef, TopicAnswer, TopicOrder,
};
pub(crate) use code::Code;
pub(crate) use conf::Conf;
pub(crate) use handle::{Handle, Metadata, Role, TopicMeta, Trouble, Want};
pub(crate) use messages::{Message, Messages};
pub(crate) use produce::{Outgoing, RawDelivery, Status, murmur2};
pub(crate) use queue::{Queue, Topic};
pub(crate) use together::Together;

/// Bytes that librdkafka wants for an error text.
const ERRSTR: usize = 512;

/// librdkafka's version, `2.12.1`.
pub(crate) fn version() -> String {
    // SAFETY: takes nothing, returns a static string.
    unsafe { text(rdkafka_sys::rd_kafka_version_str()) }
}

/// A C string as text; null is empty, bytes that are not UTF-8 are replaced.
///
/// # Safety
/// `pointer` is null or a NUL-terminated string that lives during the call.
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// Text as a C string; a NUL inside ends it (no name or setting of Kafka's holds one).
fn c_string(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// The error text that librdkafka wrote into `buffer`.
fn written(buffer: &[u8]) -> String {
    let end = buffer.iter().position(|&byte| byte == 0).unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

/// A wait as librdkafka counts it; it never means "for ever".
fn millis(wait: std::time::Duration) -> i32 {
    i32::try_from(wait.as_millis()).unwrap_or(i32::MAX)
}
