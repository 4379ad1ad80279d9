//! Topics over FFI: create, delete, delete records, describe.

use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::call::{Call, List, Options, PartitionRef};
use super::{Code, ERRSTR, Handle, Queue, c_string, text, written};

/// A topic to create.
#[derive(Debug)]
pub(crate) struct TopicOrder<'a> {
    pub(crate) name: &'a str,
    pub(crate) partitions: i32,
    pub(crate) replication: i32,
    pub(crate) config: &'a [(String, String)],
}

/// What became of one topic.
#[derive(Debug, Clone)]
pub(crate) struct TopicAnswer {
    pub(crate) name: String,
    pub(crate) code: Code,
    pub(crate) text: String,
}

/// The configuration of one topic: name, value.
#[derive(Debug, Clone)]
pub(crate) struct ConfigAnswer {
    pub(crate) name: String,
    pub(crate) code: Code,
    pub(crate) text: String,
    pub(crate) entries: Vec<(String, String)>,
}

impl Handle {
    /// Creates topics and waits until the controller has done so.
    pub(crate) fn create_topics<E>(
        self: &Arc<Self>,
        orders: &[TopicOrder<'_>],
        wait: Duration,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<TopicAnswer>, (Code, String)>, E> {
        let mut topics = Vec::new();
        let mut refused = None;
        for order in orders {
            match new_topic(order) {
                Ok(topic) => topics.push(topic),
                Err(words) => refused = Some((Code::INVALID_CONFIG, words)),
            }
        }
        let call = refused.is_none().then(|| {
            let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_CREATETOPICS, wait);
            let queue = Queue::new(self);
            // SAFETY: all objects are alive; librdkafka copies them.
            unsafe {
                sys::rd_kafka_CreateTopics(
                    self.as_ptr(),
                    topics.as_mut_ptr(),
                    topics.len(),
                    options.0.as_ptr(),
                    queue.as_ptr(),
                );
            }
            Call { queue, deadline: Instant::now() + wait }
        });
        for topic in topics {
            // SAFETY: ours, destroyed once.
            unsafe { sys::rd_kafka_NewTopic_destroy(topic) }
        }
        let Some(call) = call else { return Ok(Err(refused.unwrap_or((Code::OK, String::new())))) };
        Ok(call.answer(tick)?.map(|answer| {
            // SAFETY: the result belongs to the answer, which lives until the copies are made.
            unsafe {
                let result = sys::rd_kafka_event_CreateTopics_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_CreateTopics_result_topics(result, &raw mut count);
                topic_answers(list, count)
            }
        }))
    }

    /// Deletes topics and waits until the controller has done so.
    pub(crate) fn delete_topics<E>(
        self: &Arc<Self>,
        names: &[String],
        wait: Duration,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<TopicAnswer>, (Code, String)>, E> {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_DELETETOPICS, wait);
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies them, and each is destroyed once after the call.
        unsafe {
            let mut topics: Vec<_> =
                names.iter().map(|name| sys::rd_kafka_DeleteTopic_new(c_string(name).as_ptr())).collect();
            sys::rd_kafka_DeleteTopics(
                self.as_ptr(),
                topics.as_mut_ptr(),
                topics.len(),
                options.0.as_ptr(),
                queue.as_ptr(),
            );
            for topic in topics {
                sys::rd_kafka_DeleteTopic_destroy(topic);
            }
        }
        let call = Call { queue, deadline: Instant::now() + wait };
        Ok(call.answer(tick)?.map(|answer| {
            // SAFETY: as in `create_topics`.
            unsafe {
                let result = sys::rd_kafka_event_DeleteTopics_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_DeleteTopics_result_topics(result, &raw mut count);
                topic_answers(list, count)
            }
        }))
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
                let list = &*sys::rd_kafka_DeleteRecords_result_offsets(result);
                (0..usize::try_from(list.cnt).unwrap_or(0))
                    .map(|at| Code(ptr::addr_of!((*list.elems.add(at)).err).cast::<i32>().read()))
                    .find(|code| code.is_error())
            };
            failed.map_or(Ok(()), |code| Err((code, code.text())))
        }))
    }

    /// The configuration of topics.
    pub(crate) fn describe_topics<E>(
        self: &Arc<Self>,
        names: &[String],
        wait: Duration,
        tick: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<Vec<ConfigAnswer>, (Code, String)>, E> {
        let options = Options::new(self, Op::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, wait);
        let queue = Queue::new(self);
        // SAFETY: all objects are alive; librdkafka copies them, and each is destroyed once after the call.
        unsafe {
            let kind = sys::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC;
            let mut resources: Vec<_> = names
                .iter()
                .map(|name| sys::rd_kafka_ConfigResource_new(kind, c_string(name).as_ptr()))
                .collect();
            sys::rd_kafka_DescribeConfigs(
                self.as_ptr(),
                resources.as_mut_ptr(),
                resources.len(),
                options.0.as_ptr(),
                queue.as_ptr(),
            );
            for resource in resources {
                sys::rd_kafka_ConfigResource_destroy(resource);
            }
        }
        let call = Call { queue, deadline: Instant::now() + wait };
        Ok(call.answer(tick)?.map(|answer| {
            // SAFETY: the result belongs to the answer, which lives until the copies are made.
            unsafe {
                let result = sys::rd_kafka_event_DescribeConfigs_result(answer.0.as_ptr());
                let mut count = 0;
                let list = sys::rd_kafka_DescribeConfigs_result_resources(result, &raw mut count);
                (0..count).map(|at| config_answer(*list.add(at))).collect()
            }
        }))
    }
}

fn new_topic(order: &TopicOrder<'_>) -> Result<*mut sys::rd_kafka_NewTopic_t, String> {
    let mut errstr = [0_u8; ERRSTR];
    let name = c_string(order.name);
    // SAFETY: strings are copied; at most `len` bytes of error text are written.
    unsafe {
        let topic = sys::rd_kafka_NewTopic_new(
            name.as_ptr(),
            order.partitions,
            order.replication,
            errstr.as_mut_ptr().cast(),
            errstr.len(),
        );
        if topic.is_null() {
            return Err(written(&errstr));
        }
        for (key, value) in order.config {
            sys::rd_kafka_NewTopic_set_config(topic, c_string(key).as_ptr(), c_string(value).as_ptr());
        }
        Ok(topic)
    }
}

/// # Safety
/// `list` has `count` results that are alive.
unsafe fn topic_answers(list: *mut *const sys::rd_kafka_topic_result_t, count: usize) -> Vec<TopicAnswer> {
    // SAFETY: the caller's promise.
    unsafe {
        (0..count)
            .map(|at| {
                let one = *list.add(at);
                TopicAnswer {
                    name: text(sys::rd_kafka_topic_result_name(one)),
                    code: sys::rd_kafka_topic_result_error(one).into(),
                    text: text(sys::rd_kafka_topic_result_error_string(one)),
                }
            })
            .collect()
    }
}

/// # Safety
/// `one` is alive.
unsafe fn config_answer(one: *const sys::rd_kafka_ConfigResource_t) -> ConfigAnswer {
    // SAFETY: the caller's promise; entries belong to the resource and are copied.
    unsafe {
        let mut count = 0;
        let list = sys::rd_kafka_ConfigResource_configs(one, &raw mut count);
        let entries = (0..count)
            .map(|at| {
                let entry = *list.add(at);
                (text(sys::rd_kafka_ConfigEntry_name(entry)), text(sys::rd_kafka_ConfigEntry_value(entry)))
            })
            .collect();
        ConfigAnswer {
            name: text(sys::rd_kafka_ConfigResource_name(one)),
            code: sys::rd_kafka_ConfigResource_error(one).into(),
            text: text(sys::rd_kafka_ConfigResource_error_string(one)),
            entries,
        }
    }
}
