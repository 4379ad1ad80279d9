//! Admin calls over FFI. Each has a queue of its own: rdkafka's admin client casts whatever arrives on its queue.

use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t as Op;

use super::{Code, ERRSTR, Handle, Queue, c_string, millis, text, written};

/// A partition by topic and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartitionRef<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
}

/// Which offset of a partition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The first there is.
    Earliest,
    /// After the last: the last stable offset under read_committed, else the high watermark.
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

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: ours, destroyed once.
        unsafe { sys::rd_kafka_topic_partition_list_destroy(self.0.as_ptr()) }
    }
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
