//! A librdkafka client: its life, its news, its metadata.

use std::mem;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka_sys as sys;

use super::loans::Loans;
use super::log::{Line, LogPrinter};
use super::produce::{RawDelivery, collect};
use super::queue::Topic;
use super::{Code, Conf, ERRSTR, millis, text, written};

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reading, metadata, administration.
    Consumer,
    /// Sending.
    Producer,
}

/// Something that went wrong in the client, as its error events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Its code.
    pub(crate) code: Code,
    /// librdkafka's words; mostly `host:port/id: reason`.
    pub(crate) text: String,
    /// Whether the client cannot go on (idempotence).
    pub(crate) fatal: bool,
}

/// Which metadata to ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Want<'a> {
    /// Every topic.
    All,
    /// One topic; the client's `allow.auto.create.topics` goes with the request.
    Topic(&'a str),
}

/// A cluster's metadata.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metadata {
    pub(crate) topics: Vec<TopicMeta>,
}

/// A topic of the metadata.
#[derive(Debug, Clone)]
pub(crate) struct TopicMeta {
    pub(crate) name: String,
    pub(crate) code: Code,
    pub(crate) partitions: Vec<PartitionMeta>,
}

/// A partition of the metadata; the leader is −1 while there is none.
#[derive(Debug, Clone)]
pub(crate) struct PartitionMeta {
    pub(crate) id: i32,
    pub(crate) leader: i32,
    pub(crate) replicas: Vec<i32>,
    pub(crate) in_sync: Vec<i32>,
}

/// A client. Everything made from it holds it, so that it is destroyed last.
pub(crate) struct Handle {
    client: NonNull<sys::rd_kafka_t>,
    main: NonNull<sys::rd_kafka_queue_t>,
    /// Where a printed log leaves its failures; without printing they come through the main queue.
    printed: Option<LogPrinter>,
    /// What the client may still read: dropped after it.
    loans: Mutex<Loans>,
}

// SAFETY: librdkafka's client is thread-safe by its documentation (INTRODUCTION.md, "Threads and callbacks"), and no
// callback of ours runs on its threads.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    /// Makes a client; `log` sends its log to stderr, with these secrets blotted out.
    pub(crate) fn new(role: Role, mut conf: Conf, log: Option<Vec<String>>) -> Result<Arc<Self>, String> {
        let events = sys::RD_KAFKA_EVENT_ERROR | sys::RD_KAFKA_EVENT_DR | sys::RD_KAFKA_EVENT_LOG;
        conf.prepare(events);
        // By default librdkafka's log goes to stderr.
        conf.set("log.queue", "true")?;
        let oauth = conf.get("sasl.mechanisms").is_some_and(|name| name == "OAUTHBEARER");
        if oauth {
            conf.queue_sasl();
        }
        let kind = match role {
            Role::Consumer => sys::rd_kafka_type_t::RD_KAFKA_CONSUMER,
            Role::Producer => sys::rd_kafka_type_t::RD_KAFKA_PRODUCER,
        };
        let mut errstr = [0_u8; ERRSTR];
        // SAFETY: the configuration is ours; on success the client owns it (forgotten below), on failure we do.
        let client =
            unsafe { sys::rd_kafka_new(kind, conf.as_ptr(), errstr.as_mut_ptr().cast(), errstr.len()) };
        let client = NonNull::new(client).ok_or_else(|| written(&errstr))?;
        mem::forget(conf);
        // SAFETY: the client is alive; the reference to its main queue is given back in `drop`.
        let main = unsafe { sys::rd_kafka_queue_get_main(client.as_ptr()) };
        let main = NonNull::new(main).expect("every client has a main queue");
        if oauth {
            // SAFETY: the client is alive. An error means that no token refresh is due, which is no harm.
            unsafe {
                let error = sys::rd_kafka_sasl_background_callbacks_enable(client.as_ptr());
                sys::rd_kafka_error_destroy(error);
            }
        }
        if log.is_none() {
            // SAFETY: the client is alive; null stands for its main queue.
            unsafe { sys::rd_kafka_set_log_queue(client.as_ptr(), ptr::null_mut()) };
        }
        let printed = log.map(|secrets| LogPrinter::start(client, secrets));
        Ok(Arc::new(Self { client, main, printed, loans: Mutex::default() }))
    }

    pub(super) fn loans(&self) -> MutexGuard<'_, Loans> {
        self.loans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::rd_kafka_t {
        self.client.as_ptr()
    }

    /// Takes the news off the main queue: waits up to `wait` for the first, then takes what is there. Returns
    /// whether there was any.
    pub(crate) fn serve(
        &self,
        wait: Duration,
        troubles: &mut Vec<Trouble>,
        deliveries: &mut Vec<RawDelivery>,
    ) -> bool {
        if let Some(printer) = &self.printed {
            printer.troubles(troubles);
        }
        let mut wait = millis(wait);
        let mut any = false;
        loop {
            // SAFETY: the queue lives as long as we do; the event is ours until destroyed below.
            let event = unsafe { sys::rd_kafka_queue_poll(self.main.as_ptr(), wait) };
            let Some(event) = NonNull::new(event) else { return any };
            any = true;
            wait = 0;
            // SAFETY: the event is alive; texts are copied before it is destroyed, which happens exactly once.
            unsafe {
                match sys::rd_kafka_event_type(event.as_ptr()) {
                    sys::RD_KAFKA_EVENT_ERROR => troubles.push(Trouble {
                        code: sys::rd_kafka_event_error(event.as_ptr()).into(),
                        text: text(sys::rd_kafka_event_error_string(event.as_ptr())),
                        fatal: sys::rd_kafka_event_error_is_fatal(event.as_ptr()) != 0,
                    }),
                    sys::RD_KAFKA_EVENT_DR => collect(event, deliveries, &mut self.loans()),
                    sys::RD_KAFKA_EVENT_LOG => troubles.extend(Line::of(event).and_then(Line::into_trouble)),
                    _ => {}
                }
                sys::rd_kafka_event_destroy(event.as_ptr());
            }
        }
    }

    /// Whether a broker has told us about its cluster, which every connection asks for first; waits up to `wait` for it.
    pub(crate) fn reached(&self, wait: Duration) -> bool {
        // SAFETY: the client is alive; the answer is ours, freed by librdkafka's allocator.
        unsafe {
            let id = sys::rd_kafka_clusterid(self.as_ptr(), millis(wait));
            if !id.is_null() {
                sys::rd_kafka_mem_free(self.as_ptr(), id.cast());
                return true;
            }
            // A cluster without an id has a controller at least.
            sys::rd_kafka_controllerid(self.as_ptr(), 0) >= 0
        }
    }

    /// Asks a broker for metadata; blocks up to `within`.
    pub(crate) fn metadata(self: &Arc<Self>, want: Want<'_>, within: Duration) -> Result<Metadata, Code> {
        let topic = match want {
            Want::Topic(name) => Some(Topic::new(self, name)?),
            Want::All => None,
        };
        let mut answer = ptr::null();
        // SAFETY: client and topic are alive during the call; the answer is ours until destroyed below.
        let code = unsafe {
            sys::rd_kafka_metadata(
                self.as_ptr(),
                i32::from(matches!(want, Want::All)),
                topic.as_ref().map_or(ptr::null_mut(), Topic::as_ptr),
                &raw mut answer,
                millis(within),
            )
        };
        if Code::from(code).is_error() || answer.is_null() {
            return Err(code.into());
        }
        // SAFETY: librdkafka filled the answer; it is copied, then destroyed exactly once.
        unsafe {
            let metadata = copy(&*answer);
            sys::rd_kafka_metadata_destroy(answer);
            Ok(metadata)
        }
    }

    /// The error after which an idempotent producer cannot go on.
    pub(crate) fn fatal(&self) -> Option<Trouble> {
        let mut errstr = [0_u8; ERRSTR];
        // SAFETY: the client is alive; at most `len` bytes are written.
        let code =
            unsafe { sys::rd_kafka_fatal_error(self.as_ptr(), errstr.as_mut_ptr().cast(), errstr.len()) };
        let code = Code::from(code);
        code.is_error().then(|| Trouble { code, text: written(&errstr), fatal: true })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        drop(self.printed.take());
        // SAFETY: whatever was made from the client holds an `Arc` of it, so nothing is left; the main queue's
        // reference goes first, as librdkafka asks. No group was joined, so there is none to leave.
        unsafe {
            sys::rd_kafka_queue_destroy(self.main.as_ptr());
            sys::rd_kafka_destroy_flags(self.client.as_ptr(), sys::RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
    }
}

/// # Safety
/// `raw` is an answer of `rd_kafka_metadata`, not yet destroyed.
unsafe fn copy(raw: &sys::rd_kafka_metadata) -> Metadata {
    // SAFETY: librdkafka gives pointers to as many elements as the counts beside them say.
    unsafe {
        let topics = slice(raw.topics, raw.topic_cnt)
            .iter()
            .map(|topic| TopicMeta {
                name: text(topic.topic),
                code: topic.err.into(),
                partitions: slice(topic.partitions, topic.partition_cnt)
                    .iter()
                    .map(|partition| PartitionMeta {
                        id: partition.id,
                        leader: partition.leader,
                        replicas: slice(partition.replicas, partition.replica_cnt).to_vec(),
                        in_sync: slice(partition.isrs, partition.isr_cnt).to_vec(),
                    })
                    .collect(),
            })
            .collect();
        Metadata { topics }
    }
}

/// # Safety
/// `first` points to `count` elements that outlive `'a`, or `count` is 0.
unsafe fn slice<'a, T>(first: *const T, count: i32) -> &'a [T] {
    match usize::try_from(count) {
        // SAFETY: the caller's promise.
        Ok(count) if count > 0 && !first.is_null() => unsafe { std::slice::from_raw_parts(first, count) },
        _ => &[],
    }
}
