//! Topics: created and deleted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::{Call, Options};
use crate::kafka::ffi::{Code, ERRSTR, Handle, Queue, c_string, text, written};

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
