//! Configuration of topics, as the broker has it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::{Call, Options};
use crate::kafka::ffi::{Code, Handle, Queue, c_string, text};

/// The configuration of one topic: name, value.
#[derive(Debug, Clone)]
pub(crate) struct ConfigAnswer {
    pub(crate) name: String,
    pub(crate) code: Code,
    pub(crate) text: String,
    pub(crate) entries: Vec<(String, String)>,
}

impl Handle {
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
