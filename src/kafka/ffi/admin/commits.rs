//! Offsets that groups have committed: read and set.

use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::groups::error;
use super::{Call, List, Options, PartitionRef, partitions};
use crate::kafka::ffi::{Code, Handle, Queue, c_string};

/// A partition with an offset, as librdkafka's lists have it; a negative offset is none.
#[derive(Debug, Clone)]
pub(crate) struct OffsetOf {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) code: Code,
}

impl Handle {
    /// Asks for all that a group has committed. One group a call (librdkafka); many calls may be under way at once.
    pub(crate) fn ask_commits(self: &Arc<Self>, group: &str, wait: Duration) -> Call {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, wait);
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies them, and the order is destroyed once after the call. A null
        // list stands for every partition.
        unsafe {
            let name = c_string(group);
            let mut order = sys::rd_kafka_ListConsumerGroupOffsets_new(name.as_ptr(), ptr::null());
            let (options, queue) = (options.0.as_ptr(), queue.as_ptr());
            sys::rd_kafka_ListConsumerGroupOffsets(self.as_ptr(), &raw mut order, 1, options, queue);
            sys::rd_kafka_ListConsumerGroupOffsets_destroy(order);
        }
        Call { queue, deadline: Instant::now() + wait }
    }

    /// Asks the coordinator to set a group's offsets; it refuses while the group has members.
    pub(crate) fn ask_commit(
        self: &Arc<Self>,
        group: &str,
        offsets: &[(PartitionRef<'_>, i64)],
        wait: Duration,
    ) -> Call {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, wait);
        let queue = Queue::new(self);
        let list = List::new(offsets.iter().cloned());
        // SAFETY: as in `ask_commits`.
        unsafe {
            let name = c_string(group);
            let mut order = sys::rd_kafka_AlterConsumerGroupOffsets_new(name.as_ptr(), list.0.as_ptr());
            let (options, queue) = (options.0.as_ptr(), queue.as_ptr());
            sys::rd_kafka_AlterConsumerGroupOffsets(self.as_ptr(), &raw mut order, 1, options, queue);
            sys::rd_kafka_AlterConsumerGroupOffsets_destroy(order);
        }
        Call { queue, deadline: Instant::now() + wait }
    }
}

impl Call {
    /// What the group has committed; the group's own error stands for the call's.
    pub(crate) fn commits<E>(
        &self,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<OffsetOf>, (Code, String)>, E> {
        Ok(self.answer(tick)?.and_then(|answer| {
            // SAFETY: the result belongs to the answer, which lives until the copies are made.
            unsafe {
                let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &raw mut count);
                of_group(list, count)
            }
        }))
    }

    /// What became of the offsets that were to be set.
    pub(crate) fn committed<E>(
        &self,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<OffsetOf>, (Code, String)>, E> {
        Ok(self.answer(tick)?.and_then(|answer| {
            // SAFETY: as in `commits`.
            unsafe {
                let result = sys::rd_kafka_event_AlterConsumerGroupOffsets_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &raw mut count);
                of_group(list, count)
            }
        }))
    }
}

/// # Safety
/// `list` has `count` results that are alive.
unsafe fn of_group(
    list: *const *const sys::rd_kafka_group_result_t,
    count: usize,
) -> Result<Vec<OffsetOf>, (Code, String)> {
    if count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the caller's promise; the partitions belong to the result and are copied.
    unsafe {
        let group = *list;
        let (code, words) = error(sys::rd_kafka_group_result_error(group));
        if code.is_error() {
            return Err((code, words));
        }
        Ok(partitions(sys::rd_kafka_group_result_partitions(group)))
    }
}
