//! Reading without a trace: no group, explicit offsets, pinned ends; batches off librdkafka's queue.
//!
//! It uses the "simple consumer" (`rd_kafka_consume_start_queue`), which needs no `group.id`: so no coordinator is
//! looked for, no `__consumer_offsets` comes into being, and no permission on a group is needed.

mod batch;
mod plan;
mod progress;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use batch::Batch;
pub use plan::{Isolation, ReadPlan, Span};
pub use progress::Progress;
use progress::Seen;

use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::explain::{Causes, Failure};
use crate::kafka::ffi::{At, Code, Message, Messages, PartitionRef, Queue, Topic};
use crate::kafka::link::Link;
use crate::kafka::offsets::Question;
use crate::kafka::settings::{Few, Purpose};

/// Messages a batch has at most; they keep the fetched buffers alive, so not too many …
const BATCH: usize = 500;
/// … and of large ones as many as make this many bytes.
const BATCH_BYTES: usize = 512 * 1024;

/// What a poll brought.
pub enum Polled {
    /// Records, all within their spans; of any partitions, in order within each.
    Batch(Batch),
    /// Nothing within the wait.
    Idle,
    /// Every span has been read to its end.
    Ended,
}

/// So few records are read by the client that has asked for the offsets: another takes 20 ms to connect.
const FEW: u64 = 500;

/// A group-less reader of spans.
pub struct Reader {
    // Dropped in this order: the queue and the topics before their client.
    /// One for all spans, or one for each.
    queues: Vec<Queue>,
    topics: Vec<Topic>,
    names: Arc<HashMap<usize, Arc<str>>>,
    list: Vec<Progress>,
    /// (topic's identity, partition) → place in `list`.
    places: HashMap<(usize, i32), usize>,
    /// The place that was looked up last: messages come in runs of one partition.
    last: ((usize, i32), usize),
    /// Spans that have not ended.
    open: usize,
    /// How many messages the next batch may have.
    most: usize,
    warnings: Vec<String>,
    warned: HashSet<String>,
    /// When a message last came.
    alive: Instant,
    link: Arc<Link>,
}

impl Reader {
    /// Starts to fetch. `apart` keeps the spans apart, to be read with [`Self::poll_span`]; else use [`Self::poll`]. Spans that
    /// are kept apart have ends: what waits at the end of a log is asked for 50 times a second then.
    pub fn open(cluster: &Cluster, spans: &[Span], isolation: Isolation, apart: bool) -> Result<Self, Error> {
        let queues = if apart { spans.len() } else { 1 };
        let shared = cluster.few == (Few { isolation, strict: true }) && Span::offsets(spans) <= FEW;
        let link = if shared {
            Arc::clone(&cluster.link)
        } else {
            let purpose = Purpose::Read { isolation, queues };
            let link = Link::open(&cluster.link.connection, &cluster.link.interrupt, purpose)?;
            link.causes(Causes::welcome);
            Arc::new(link)
        };
        let mut reader = Self {
            queues: (0..queues).map(|_| Queue::new(&link.handle)).collect(),
            topics: Vec::new(),
            names: Arc::default(),
            list: Vec::with_capacity(spans.len()),
            places: HashMap::with_capacity(spans.len()),
            last: ((0, -1), 0),
            open: 0,
            most: BATCH / queues.clamp(1, 10),
            warnings: Vec::new(),
            warned: HashSet::new(),
            alive: Instant::now(),
            link,
        };
        let mut names = HashMap::new();
        for span in spans {
            reader.add(span, &mut names)?;
        }
        reader.names = Arc::new(names);
        Ok(reader)
    }

    fn add(&mut self, span: &Span, names: &mut HashMap<usize, Arc<str>>) -> Result<(), Error> {
        let known = self.list.iter().find(|known| known.span.topic == span.topic).map(|known| known.handle);
        let handle = if let Some(handle) = known {
            handle
        } else {
            let topic = Topic::new(&self.link.handle, &span.topic)
                .map_err(|code| self.failed(&span.topic, span.partition, code, ""))?;
            names.insert(topic.identity(), Arc::clone(&span.topic));
            self.topics.push(topic);
            self.topics.len() - 1
        };
        let place = self.list.len();
        let progress = Progress::new(span, handle);
        if !progress.ended {
            self.places.insert((self.topics[handle].identity(), span.partition), place);
            self.fetch(place, handle, span.partition, span.start)?;
            self.open += 1;
        }
        self.list.push(progress);
        Ok(())
    }

    fn fetch(&self, place: usize, handle: usize, partition: i32, offset: i64) -> Result<(), Error> {
        let name = self.names.get(&self.topics[handle].identity()).map_or("", |name| name);
        self.topics[handle]
            .fetch(partition, offset, &self.queues[place.min(self.queues.len() - 1)])
            .map_err(|code| self.failed(name, partition, code, ""))
    }

    /// Waits up to `wait` for records. An error ends the read; what can be tried again is a warning instead. A read
    /// that has ends gives up after `connection.timeout` of broken connections; one that follows never does.
    pub fn poll(&mut self, wait: Duration) -> Result<Polled, Error> {
        self.poll_queue(0, wait, |reader| reader.open == 0)
    }

    /// The same for one span of a reader that keeps them apart; `place` counts the spans given to `open`.
    pub fn poll_span(&mut self, place: usize, wait: Duration) -> Result<Polled, Error> {
        self.poll_queue(place, wait, |reader| reader.list[place].ended)
    }

    fn poll_queue(
        &mut self,
        queue: usize,
        wait: Duration,
        ended: impl Fn(&Self) -> bool,
    ) -> Result<Polled, Error> {
        let deadline = Instant::now() + wait;
        while !ended(self) {
            self.link.serve(Duration::ZERO, &mut Vec::new());
            let left = deadline.saturating_duration_since(Instant::now());
            let mut messages = Messages::take(&self.queues[queue], self.most, left);
            if messages.is_empty() {
                self.quiet()?;
                return Ok(if ended(self) { Polled::Ended } else { Polled::Idle });
            }
            self.alive = Instant::now();
            self.sort_out(&mut messages)?;
            if !messages.is_empty() {
                let bytes: usize = messages.iter().map(Message::size).sum();
                let each = (bytes / messages.len()).max(1);
                self.most = (BATCH_BYTES / self.queues.len().clamp(1, 8) / each).clamp(1, BATCH);
                self.warned.clear();
                return Ok(Polled::Batch(Batch { messages, names: Arc::clone(&self.names) }));
            }
        }
        Ok(Polled::Ended)
    }

    /// Keeps the records that are within their spans, and follows up on the rest.
    fn sort_out(&mut self, messages: &mut Messages) -> Result<(), Error> {
        let mut trouble: Option<(usize, Code, String)> = None;
        let mut ended: Vec<usize> = Vec::new();
        messages.retain(|message| {
            let Some(place) = self.place(message) else { return false };
            let progress = &mut self.list[place];
            let before = progress.ended;
            let seen = match message.code() {
                Code::OK => progress.see(message.offset()),
                Code::PARTITION_EOF => progress.see_end(message.offset()),
                code => {
                    trouble.get_or_insert((place, code, message.error_text()));
                    Seen::Outside
                }
            };
            if progress.ended && !before {
                ended.push(place);
            }
            seen == Seen::Inside
        });
        for place in ended {
            self.end(place);
        }
        match trouble {
            Some((place, code, text)) => self.follow_up(place, code, &text),
            None => Ok(()),
        }
    }

    fn place(&mut self, message: Message<'_>) -> Option<usize> {
        let key = (message.topic(), message.partition());
        if self.last.0 != key {
            self.last = (key, *self.places.get(&key)?);
        }
        Some(self.last.1)
    }

    /// A span has been read: its partition need not be fetched any more.
    fn end(&mut self, place: usize) {
        self.open -= 1;
        // The last one goes with the client.
        if self.open > 0 || self.is_shared() {
            self.stop(place);
        }
    }

    /// Whether others use the client as well.
    fn is_shared(&self) -> bool {
        Arc::strong_count(&self.link) > 1
    }

    fn stop(&self, place: usize) {
        let progress = &self.list[place];
        self.topics[progress.handle].stop(progress.span.partition);
    }

    /// An error of one partition.
    fn follow_up(&mut self, place: usize, code: Code, text: &str) -> Result<(), Error> {
        let (topic, partition) = (Arc::clone(&self.list[place].span.topic), self.list[place].span.partition);
        match code {
            Code::AUTO_OFFSET_RESET | Code::OFFSET_OUT_OF_RANGE => self.find_again(place),
            Code::TRANSPORT | Code::TIMED_OUT | Code::LEADER_NOT_AVAILABLE | Code::ALL_BROKERS_DOWN => {
                self.warn(format!("partition {partition} of `{topic}` cannot be read just now: {text}"));
                Ok(())
            }
            _ => Err(self.failed(&topic, partition, code, text)),
        }
    }

    /// The position is no longer in the log: retention or a deletion took it. Says what is lost and reads on.
    fn find_again(&mut self, place: usize) -> Result<(), Error> {
        let Progress { span, next, handle, ended, .. } = self.list[place].clone();
        if ended {
            return Ok(());
        }
        let (low, high) = (self.offset(&span, At::Earliest)?, self.offset(&span, At::Latest)?);
        let of = format!("partition {} of `{}`", span.partition, span.topic);
        if next > high {
            let message = format!("{of} ends at offset {high} now, before {next}, which is to be read next");
            return Err(Error::unavailable(message).hint(
                "the topic was deleted and created again, or lost records to an unclean leader election",
            ));
        }
        if low > next {
            let gone = low.min(span.end.unwrap_or(low));
            self.warn(format!("offsets {next} to {} of {of} were deleted before they were read", gone - 1));
            self.list[place].see_end(low);
        }
        if self.list[place].ended {
            self.end(place);
            return Ok(());
        }
        self.topics[handle].stop(span.partition);
        self.fetch(place, handle, span.partition, low.max(next))
    }

    fn offset(&self, span: &Span, at: At) -> Result<i64, Error> {
        let refs = [PartitionRef { topic: &span.topic, partition: span.partition }];
        let offsets = Question::ask(&self.link, &refs, at, false).answer()?;
        offsets
            .first()
            .copied()
            .ok_or_else(|| self.failed(&span.topic, span.partition, Code::OFFSET_OUT_OF_RANGE, ""))
    }

    /// Nothing came: perhaps only control records are left, or the connection is broken.
    fn quiet(&mut self) -> Result<(), Error> {
        self.look_at_positions();
        let since = self.alive;
        for sentence in self.link.causes(|causes| causes.since(since)) {
            self.warn(format!("{sentence}; trying again"));
        }
        let bounded = self.list.iter().any(|progress| !progress.ended && progress.span.end.is_some());
        let patience = self.link.connection.timeout;
        let broken = self.link.causes(|causes| !causes.since(since).is_empty());
        if bounded && broken && since.elapsed() > patience {
            let failure = Failure {
                doing: "the read cannot go on",
                code: Code::TIMED_OUT,
                text: "",
                topic: None,
                waited: Some(patience),
            };
            return Err(self.link.explain(&failure));
        }
        Ok(())
    }

    /// Control records are never handed out, but they move the position.
    fn look_at_positions(&mut self) {
        let waiting: Vec<usize> = (0..self.list.len())
            .filter(|&place| !self.list[place].ended && self.list[place].span.end.is_some())
            .collect();
        if waiting.is_empty() {
            return;
        }
        let refs: Vec<_> = waiting.iter().map(|&place| self.list[place].partition_ref()).collect();
        let positions = self.link.handle.positions(&refs);
        for (place, position) in waiting.into_iter().zip(positions) {
            self.list[place].see_end(position);
            if self.list[place].ended {
                self.end(place);
            }
        }
    }

    /// Notes a warning, once until records come again.
    fn warn(&mut self, text: String) {
        if self.warned.insert(text.clone()) {
            self.warnings.push(text);
        }
    }

    fn failed(&self, topic: &str, partition: i32, code: Code, text: &str) -> Error {
        let doing = format!("cannot read partition {partition} of `{topic}`");
        self.link.explain(&Failure { doing: &doing, code, text, topic: Some(topic), waited: None })
    }

    /// Warnings since the last call (a broker that went away and is tried again, records that retention took).
    pub fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// The end, of the process too: no group is left and nothing committed, and the system takes back threads, sockets and
    /// memory at once. librdkafka asks its threads to end, one after the other: with that a record took 5.86 ms, without 5.59.
    pub fn leave(self) {
        // What was logged is printed by a thread, which is waited for.
        if self.link.connection.debug.is_none() {
            std::mem::forget(self);
        }
    }

    /// How far each span has been read, in the order given to `open`.
    pub fn progress(&self) -> &[Progress] {
        &self.list
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.is_shared() {
            let unread = (0..self.list.len()).filter(|&place| !self.list[place].ended);
            unread.for_each(|place| self.stop(place));
        }
    }
}
