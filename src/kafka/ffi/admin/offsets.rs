//! Offsets: asked for (`ListOffsets`), known (position), and the log's start moved (`DeleteRecords`).

use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::{Call, List, Options, PartitionRef, partitions};
use crate::kafka::ffi::{Code, Handle, Queue, text};

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The first there is.
    Earliest,
    /// After the last: the last stable offset under `read_committed`, else the high watermark.
    Latest,
    /// Of the first record at or after this time, in milliseconds since 1970.
    Time(i64),
}

/// The offset of one partition; −1 when no record is that late.
#[derive(Debug, Clone)]
pub(crate) struct OffsetAnswer {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) code: Code,
}

impl Handle {
    /// The next offset the application would see of each partition; −1 before the first. Asks nobody.
    pub(crate) fn positions(&self, partitions: &[PartitionRef<'_>]) -> Vec<i64> {
        let list = List::new(partitions.iter().map(|at| (at.clone(), -1)));
        // SAFETY: client and list are alive.
        unsafe { sys::rd_kafka_position(self.as_ptr(), list.0.as_ptr()) };
        list.offsets()
    }

    /// Asks for offsets, all partitions in one call. Several may be under way at once.
    pub(crate) fn ask_offsets(
        self: &Arc<Self>,
        partitions: &[PartitionRef<'_>],
        at: At,
        committed: bool,
        wait: Duration,
    ) -> Call {
        let spec = match at {
            At::Earliest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_EARLIEST as i64,
            At::Latest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_LATEST as i64,
            At::Time(millis) => millis.max(0),
        };
        let list = List::new(partitions.iter().map(|at| (at.clone(), spec)));
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_LISTOFFSETS, wait);
        let isolation = if committed {
            sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
        } else {
            sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
        };
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies list and options. An error is null here, and null is accepted.
        unsafe {
            let error = sys::rd_kafka_AdminOptions_set_isolation_level(options.0.as_ptr(), isolation);
            sys::rd_kafka_error_destroy(error);
            sys::rd_kafka_ListOffsets(self.as_ptr(), list.0.as_ptr(), options.0.as_ptr(), queue.as_ptr());
        }
        Call { queue, deadline: Instant::now() + wait }
    }

    /// Deletes the records before an offset of each partition.
    pub(crate) fn delete_records<E>(
        self: &Arc<Self>,
        before: &[(PartitionRef<'_>, i64)],
        wait: Duration,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<(), (Code, String)>, E> {
        let list = List::new(before.iter().cloned());
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_DELETERECORDS, wait);
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies them.
        unsafe {
            let mut order = sys::rd_kafka_DeleteRecords_new(list.0.as_ptr());
            let (options, queue) = (options.0.as_ptr(), queue.as_ptr());
            sys::rd_kafka_DeleteRecords(self.as_ptr(), &raw mut order, 1, options, queue);
            sys::rd_kafka_DeleteRecords_destroy(order);
        }
        let call = Call { queue, deadline: Instant::now() + wait };
        Ok(call.answer(tick)?.and_then(|answer| {
            // SAFETY: the result belongs to the answer.
            let failed = unsafe {
                let result = sys::rd_kafka_event_DeleteRecords_result(answer.0.as_ptr());
                let list = sys::rd_kafka_DeleteRecords_result_offsets(result);
                partitions(list).into_iter().map(|at| at.code).find(|code| code.is_error())
            };
            failed.map_or(Ok(()), |code| Err((code, code.text())))
        }))
    }
}

impl Call {
    /// The offsets that were asked for.
    pub(crate) fn offsets<E>(
        &self,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<OffsetAnswer>, (Code, String)>, E> {
        Ok(self.answer(tick)?.map(|answer| {
            // SAFETY: the result belongs to the answer, which lives until the copies are made.
            unsafe {
                let result = sys::rd_kafka_event_ListOffsets_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_ListOffsets_result_infos(result, &raw mut count);
                (0..count)
                    .map(|at| {
                        let at = sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*list.add(at));
                        let code = Code(ptr::addr_of!((*at).err).cast::<i32>().read());
                        // librdkafka 2.12 forgets the error of a leader that did not answer
                        // (`rd_kafka_ListOffsets_response_merge`) and leaves its "invalid" offset, −1001.
                        let silent = !code.is_error() && (*at).offset < -1;
                        OffsetAnswer {
                            topic: text((*at).topic),
                            partition: (*at).partition,
                            offset: (*at).offset,
                            code: if silent { Code::TIMED_OUT } else { code },
                        }
                    })
                    .collect()
            }
        }))
    }
}
