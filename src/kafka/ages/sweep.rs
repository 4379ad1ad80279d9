//! One client reads its share of the partitions: some at once, each from its lowest position on.

mod silence;
mod standing;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::track::{Step, Track};
use crate::error::Error;
use crate::kafka::ffi::{Code, Message, Messages, Queue, Topic};
use crate::kafka::link::Link;
use crate::kafka::reader::Isolation;

/// Partitions that are fetched at once: enough to fill a fetch, and each request names them all.
const WINDOW: usize = 128;

/// Messages taken off the queue at once.
const BATCH: usize = 2000;

/// Between two looks at Ctrl-C and the deadline.
const SLICE: Duration = Duration::from_millis(20);

/// When nothing has come for so long, the cluster is asked what is the matter.
const SILENCE: Duration = Duration::from_millis(250);

/// A sweep under way.
pub(super) struct Sweep<'a> {
    // Dropped in this order: the queue and the topics before their client.
    queue: Queue,
    topics: HashMap<Arc<str>, Topic>,
    link: &'a Link,
    tracks: &'a mut [Track],
    /// (topic's identity, partition) → place in `tracks`.
    places: HashMap<(usize, i32), usize>,
    /// The place that was looked up last: messages come in runs of one partition.
    last: ((usize, i32), usize),
    /// Whether the client sees committed records only.
    committed: bool,
    deadline: Instant,
    /// How many of the tracks have been started.
    started: usize,
    /// How many of those are being fetched.
    open: usize,
    /// How often messages have been taken.
    round: u64,
    begun: Instant,
}

impl<'a> Sweep<'a> {
    /// Reads until every track is answered, or until `deadline`. An error is Ctrl-C.
    pub(super) fn run(
        link: &'a Link,
        tracks: &'a mut [Track],
        isolation: Isolation,
        deadline: Instant,
    ) -> Result<(), Error> {
        let mut sweep = Self {
            queue: Queue::new(&link.handle),
            topics: HashMap::new(),
            link,
            places: HashMap::with_capacity(tracks.len()),
            tracks,
            committed: isolation == Isolation::ReadCommitted,
            deadline,
            last: ((0, -1), 0),
            started: 0,
            open: 0,
            round: 0,
            begun: Instant::now(),
        };
        let result = sweep.read();
        sweep.close();
        result
    }

    fn read(&mut self) -> Result<(), Error> {
        let mut heard = Instant::now();
        let mut asked = heard;
        loop {
            self.start();
            let left = self.left();
            if self.open == 0 || left.is_zero() {
                return Ok(());
            }
            self.link.tick()?;
            self.round += 1;
            let messages = Messages::take(&self.queue, BATCH, SLICE.min(left));
            if !messages.is_empty() {
                heard = Instant::now();
                messages.iter().for_each(|message| self.follow(message));
            } else if heard.elapsed() > SILENCE && asked.elapsed() > SILENCE {
                self.look_around()?;
                asked = Instant::now();
            }
        }
    }

    /// Starts as many tracks as there is room for.
    fn start(&mut self) {
        while self.open < WINDOW && self.started < self.tracks.len() {
            let place = self.started;
            self.started += 1;
            if let Err(code) = self.fetch(place) {
                self.tracks[place].note(code.text());
            } else {
                self.open += 1;
            }
        }
    }

    fn fetch(&mut self, place: usize) -> Result<(), Code> {
        let track = &self.tracks[place];
        if !self.topics.contains_key(&track.topic) {
            let topic = Topic::new(&self.link.handle, &track.topic)?;
            self.topics.insert(Arc::clone(&track.topic), topic);
        }
        let topic = &self.topics[&track.topic];
        self.places.insert((topic.identity(), track.partition), place);
        topic.fetch(track.partition, track.start(), &self.queue)
    }

    /// Does what a message calls for.
    fn follow(&mut self, message: Message<'_>) {
        let Some(place) = self.place(message) else { return };
        let track = &mut self.tracks[place];
        if track.wanted().is_none() {
            return;
        }
        let step = match message.code() {
            Code::OK => {
                let millis = message.timestamp().map(|time| time.millis);
                track.see(message.offset(), millis, message.size(), self.round)
            }
            Code::PARTITION_EOF => track.see_end(message.offset(), self.round),
            code => {
                track.note(message.error_text());
                if passing(code) { Step::On } else { Step::Done }
            }
        };
        match step {
            Step::On => {}
            Step::Seek(offset) => {
                let topic = &self.topics[&track.topic];
                if let Err(code) = topic.seek(track.partition, offset) {
                    track.note(code.text());
                    self.end(place);
                }
            }
            Step::Done => self.end(place),
        }
    }

    fn place(&mut self, message: Message<'_>) -> Option<usize> {
        let key = (message.topic(), message.partition());
        if self.last.0 != key {
            self.last = (key, *self.places.get(&key)?);
        }
        Some(self.last.1)
    }

    /// A track has ended: its partition need not be fetched any more.
    fn end(&mut self, place: usize) {
        let track = &self.tracks[place];
        let topic = &self.topics[&track.topic];
        if self.places.remove(&(topic.identity(), track.partition)).is_some() {
            self.last = ((0, -1), 0);
            self.open -= 1;
            topic.stop(track.partition);
        }
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// The tracks that are being fetched and are not answered.
    fn silent(&self) -> Vec<usize> {
        self.places.values().copied().collect()
    }

    /// Ends what is still being fetched, and says why it is.
    fn close(&mut self) {
        let causes = self.link.causes(|causes| causes.since(self.begun));
        let places: Vec<usize> = self.places.values().copied().collect();
        for place in places {
            if let (false, Some(cause)) = (self.tracks[place].has_reason(), causes.first()) {
                self.tracks[place].note(cause.clone());
            }
            self.end(place);
        }
    }
}

/// Whether librdkafka tries again by itself.
fn passing(code: Code) -> bool {
    matches!(
        code,
        Code::TRANSPORT
            | Code::TIMED_OUT
            | Code::LEADER_NOT_AVAILABLE
            | Code::NOT_LEADER
            | Code::ALL_BROKERS_DOWN
            | Code::OFFSET_NOT_AVAILABLE
            | Code::STORAGE_ERROR
    )
}
