//! Admin calls over FFI. Each has a queue of its own: rdkafka's admin client casts whatever arrives on its queue.

mod commits;
mod configs;
mod groups;
mod offsets;
mod topics;

use std::ptr::{self, NonNull};
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::{Code, ERRSTR, Handle, Queue, c_string, millis, text};
pub(crate) use commits::OffsetOf;
pub(crate) use groups::{GroupDescribed, GroupListed};
pub(crate) use offsets::{At, OffsetAnswer};
pub(crate) use topics::{TopicAnswer, TopicOrder};

/// A partition by topic and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartitionRef<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
}

/// A call under way: its queue, and how long the answer may take.
pub(crate) struct Call {
    queue: Queue,
    deadline: Instant,
}

/// The answer to a call; freed on drop.
struct Answer(NonNull<sys::rd_kafka_event_t>);

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once.
        unsafe { sys::rd_kafka_event_destroy(self.0.as_ptr()) }
    }
}

impl Call {
    /// Waits for the answer; `tick` is called between waits and may give up.
    fn answer<E>(
        &self,
        mut tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Answer, (Code, String)>, E> {
        loop {
            tick()?;
            // SAFETY: the queue is alive; the event becomes ours.
            let event = unsafe { sys::rd_kafka_queue_poll(self.queue.as_ptr(), 20) };
            if let Some(event) = NonNull::new(event) {
                let answer = Answer(event);
                // SAFETY: the event is alive; the text is copied.
                let (code, words) = unsafe {
                    let code = Code::from(sys::rd_kafka_event_error(event.as_ptr()));
                    (code, text(sys::rd_kafka_event_error_string(event.as_ptr())))
                };
                return Ok(if code.is_error() { Err((code, words)) } else { Ok(answer) });
            }
            // librdkafka ends every call by its request timeout; the margin is for a client that is being torn down.
            if Instant::now() > self.deadline + Duration::from_secs(2) {
                return Ok(Err((Code::TIMED_OUT, Code::TIMED_OUT.text())));
            }
        }
    }
}

/// Options of one call; freed on drop.
struct Options(NonNull<sys::rd_kafka_AdminOptions_t>);

impl Options {
    fn new(handle: &Handle, op: Op, wait: Duration) -> Self {
        let mut errstr = [0_u8; ERRSTR];
        // SAFETY: the client is alive; values out of range are only an error text, and the default stays.
        unsafe {
            let options = sys::rd_kafka_AdminOptions_new(handle.as_ptr(), op);
            let options = NonNull::new(options).expect("librdkafka knows its own admin calls");
            let (buffer, size) = (errstr.as_mut_ptr().cast(), errstr.len());
            sys::rd_kafka_AdminOptions_set_request_timeout(options.as_ptr(), millis(wait), buffer, size);
            if matches!(op, Op::RD_KAFKA_ADMIN_OP_CREATETOPICS | Op::RD_KAFKA_ADMIN_OP_DELETETOPICS) {
                sys::rd_kafka_AdminOptions_set_operation_timeout(
                    options.as_ptr(),
                    millis(wait),
                    buffer,
                    size,
                );
            }
            Self(options)
        }
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once; librdkafka copied what it needs when the call was made.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0.as_ptr()) }
    }
}

/// A list of partitions, with an offset each; freed on drop.
struct List(NonNull<sys::rd_kafka_topic_partition_list_t>);

impl List {
    fn new<'a>(items: impl IntoIterator<Item = (PartitionRef<'a>, i64)>) -> Self {
        // SAFETY: the list is ours; names are copied; each added element is valid until the next add.
        unsafe {
            let list = NonNull::new(sys::rd_kafka_topic_partition_list_new(16))
                .expect("librdkafka allocates or aborts");
            for (at, offset) in items {
                let name = c_string(at.topic);
                let added =
                    sys::rd_kafka_topic_partition_list_add(list.as_ptr(), name.as_ptr(), at.partition);
                (*added).offset = offset;
            }
            Self(list)
        }
    }

    fn offsets(&self) -> Vec<i64> {
        // SAFETY: the list is alive and has `cnt` elements.
        unsafe {
            let list = self.0.as_ref();
            (0..usize::try_from(list.cnt).unwrap_or(0)).map(|at| (*list.elems.add(at)).offset).collect()
        }
    }
}

/// The partitions of a list of librdkafka's, copied.
///
/// # Safety
/// `list` is null or alive.
unsafe fn partitions(list: *const sys::rd_kafka_topic_partition_list_t) -> Vec<OffsetOf> {
    // SAFETY: the caller's promise; a list has `cnt` elements. The code is read as a number: the broker may send one that
    // the bindings do not know.
    unsafe {
        let Some(list) = list.as_ref() else { return Vec::new() };
        (0..usize::try_from(list.cnt).unwrap_or(0))
            .map(|at| list.elems.add(at))
            .map(|at| OffsetOf {
                topic: text((*at).topic),
                partition: (*at).partition,
                offset: (*at).offset,
                code: Code(ptr::addr_of!((*at).err).cast::<i32>().read()),
            })
            .collect()
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once.
        unsafe { sys::rd_kafka_topic_partition_list_destroy(self.0.as_ptr()) }
    }
}
