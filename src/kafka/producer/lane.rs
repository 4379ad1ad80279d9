//! One client that sends, and what it holds.

use std::sync::Arc;
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant};

use super::{Delivery, fate};
use crate::error::{Error, Kind};
use crate::kafka::Cluster;
use crate::kafka::explain::{Causes, Failure};
use crate::kafka::ffi::{Code, Outgoing, RawDelivery, Together, Topic, Want};
use crate::kafka::link::Link;
use crate::kafka::settings::{Batching, LARGEST_RECORD, Purpose};
use crate::model::record::Record;

/// Deliveries are looked for after so many records: they hold memory until then.
const LOOK_EVERY: u32 = 128;

/// Beyond its deadline a record is given up by librdkafka within a second or so; this is for the case it is not.
const GRACE: Duration = Duration::from_secs(30);

/// An idempotent client with bounded memory.
pub(super) struct Lane {
    topics: Vec<(String, Arc<Topic>)>,
    /// The place of the topic that was sent to last.
    last: usize,
    /// Records that are handed over together with the next.
    waiting: Together,
    /// What has ended and was not taken yet.
    raw: Vec<RawDelivery>,
    /// Records that were taken over, and whose deliveries were not taken yet.
    untaken: u64,
    unseen: u32,
    /// Why nothing can be sent any more.
    broken: Option<String>,
    /// Whether batches wait for more records.
    lingers: bool,
    link: Link,
}

impl Lane {
    /// Starts a client; it connects meanwhile.
    pub(super) fn open(cluster: &Cluster, batching: Batching) -> Result<Self, Error> {
        let link = Link::open(&cluster.link.connection, &cluster.link.interrupt, Purpose::Send(batching))?;
        link.causes(Causes::welcome);
        Ok(Self {
            topics: Vec::new(),
            last: 0,
            waiting: Together::default(),
            raw: Vec::new(),
            untaken: 0,
            unseen: 0,
            broken: None,
            lingers: batching.linger > 0,
            link,
        })
    }

    /// Waits until it can send.
    pub(super) fn get_ready(&self) {
        // librdkafka looks for a broker that gives it a producer id whenever metadata come in, and twice a second. The
        // first may come over the bootstrap connection, which it closes then and there; the second cannot. Without them the
        // first record would wait for half a second. If they fail, the sending says why.
        let within = self.link.connection.timeout;
        let ask = |_| self.link.metadata(Want::All, within, "cannot open a producer").is_ok();
        let _ = (0..2).all(ask);
    }

    /// Hands over the record; waits while the queue is full (back-pressure). `Err` if it can never be sent (or on interrupt
    /// while waiting); then no delivery follows. The error may be of one before it, which was to be handed over together with
    /// others: that one has a delivery.
    pub(super) fn send(&mut self, outgoing: Outgoing<'_>) -> Result<(), Error> {
        check(outgoing.record)?;
        self.whole()?;
        self.turn_to(&outgoing.record.topic)?;
        while !self.waiting.add(&self.topics[self.last].1, outgoing) {
            // In the order in which they came: what waits goes first.
            if self.waiting.is_empty() {
                self.send_alone(outgoing)?;
                break;
            }
            self.hand_over()?;
        }
        self.untaken += 1;
        self.unseen += 1;
        if self.unseen >= LOOK_EVERY {
            self.look(Duration::ZERO);
        }
        Ok(())
    }

    fn send_alone(&mut self, outgoing: Outgoing<'_>) -> Result<(), Error> {
        loop {
            self.whole()?;
            let (_, topic) = &self.topics[self.last];
            match self.link.handle.produce(topic, outgoing) {
                Ok(()) => return Ok(()),
                Err((Code::QUEUE_FULL, _)) => {
                    self.link.interrupt.check()?;
                    self.look(Duration::from_millis(50));
                }
                Err((Code::FATAL | Code::FENCED, _)) => self.look(Duration::ZERO),
                Err((code, text)) => return Err(self.refused(&outgoing.record.topic, code, &text)),
            }
        }
    }

    /// Hands over all that waits, and waits until there is room for it. What can never be sent has its delivery, and is an error.
    fn hand_over(&mut self) -> Result<(), Error> {
        loop {
            if let Some(code) = self.hand_over_some() {
                self.whole()?;
                let topic = self.topics[self.last].0.clone();
                return Err(self.refused(&topic, code, ""));
            }
            if self.waiting.is_empty() {
                return Ok(());
            }
            self.link.interrupt.check()?;
            self.look(Duration::from_millis(50));
        }
    }

    /// Hands over what there is room for; why one of them can never be sent.
    fn hand_over_some(&mut self) -> Option<Code> {
        let before = self.raw.len();
        self.waiting.hand_over(&mut self.raw);
        let code = self.raw.get(before).map(|failed| failed.code);
        if let Some(Code::FATAL | Code::FENCED) = code {
            self.look(Duration::ZERO);
        }
        code
    }

    fn whole(&self) -> Result<(), Error> {
        match &self.broken {
            Some(why) => Err(Error::partial("sending cannot go on").caused_by(why.clone())),
            None => Ok(()),
        }
    }

    /// Looks up a topic, or makes it.
    fn turn_to(&mut self, name: &str) -> Result<(), Error> {
        if self.topics.get(self.last).is_some_and(|(last, _)| last == name) {
            return Ok(());
        }
        // While it is still known what they are for.
        self.hand_over()?;
        let known = self.topics.iter().position(|(known, _)| known == name);
        if known.is_none() {
            let made = Topic::new(&self.link.handle, name);
            let topic = made.map_err(|code| self.refused(name, code, ""))?;
            self.topics.push((name.to_owned(), Arc::new(topic)));
        }
        self.last = known.unwrap_or(self.topics.len() - 1);
        Ok(())
    }

    /// The deliveries since the last call, without waiting.
    pub(super) fn deliveries(&mut self) -> Vec<Delivery> {
        self.hand_over_some();
        self.look(Duration::ZERO);
        self.take()
    }

    /// Records that were handed over and have no result yet.
    pub(super) fn in_flight(&self) -> u64 {
        self.untaken - self.raw.len() as u64
    }

    /// From now on, for as long as something is in flight, no batch waits for more records. Without the thread they would wait,
    /// and that is all.
    pub(super) fn hurry<'s>(&mut self, scope: &'s Scope<'s, '_>) {
        self.hand_over_some();
        if self.lingers && self.in_flight() > 0 {
            let (handle, within) = (Arc::clone(&self.link.handle), self.patience() + GRACE);
            let _ = Builder::new().name("flush".to_owned()).spawn_scoped(scope, move || handle.flush(within));
        }
    }

    /// Within this each record in flight has its result.
    fn patience(&self) -> Duration {
        self.link.connection.deadline + GRACE
    }

    /// Waits until nothing is in flight; the last deliveries.
    pub(super) fn see_off(&mut self) -> Vec<Delivery> {
        let give_up = Instant::now() + self.patience();
        let mut purged = false;
        while self.in_flight() > 0 {
            self.hand_over_some();
            self.look(Duration::from_millis(100));
            if !purged && Instant::now() > give_up {
                purged = true;
                self.give_up();
            }
            if Instant::now() > give_up + GRACE {
                break;
            }
        }
        self.take()
    }

    /// Takes the client's news.
    fn look(&mut self, wait: Duration) {
        self.unseen = 0;
        self.link.serve(wait, &mut self.raw);
        if self.broken.is_none()
            && self.link.causes(|causes| causes.fatal())
            && let Some(trouble) = self.link.handle.fatal()
        {
            // Nothing of what is left can be sent in order any more: let each have its result.
            self.broken = Some(trouble.text);
            self.give_up();
        }
    }

    /// Gives up what is waiting, queued and in flight.
    fn give_up(&mut self) {
        self.waiting.give_up(&mut self.raw);
        self.link.handle.purge();
    }

    fn take(&mut self) -> Vec<Delivery> {
        let raw = std::mem::take(&mut self.raw);
        self.untaken -= raw.len() as u64;
        let mut why = fate::Reasons::new(&self.link, self.broken.as_deref());
        raw.into_iter().map(|raw| why.delivery(raw)).collect()
    }

    fn refused(&mut self, topic: &str, code: Code, text: &str) -> Error {
        let doing = format!("cannot send to topic `{topic}`");
        let failure = Failure { doing: &doing, code, text, topic: Some(topic), waited: None };
        if code == Code::MSG_SIZE_TOO_LARGE {
            return too_large();
        }
        // The cause may be among the news, and so are deliveries.
        self.look(Duration::ZERO);
        self.link.causes(|causes| causes.explain(&failure))
    }
}

/// What can never be sent as it is.
fn check(record: &Record<'_>) -> Result<(), Error> {
    if record.timestamp.is_some_and(|time| time.millis <= 0) {
        return Err(Error::input(
            "Kafka's client cannot write a timestamp of 1970-01-01T00:00:00Z or before",
        )
        .hint("it would turn timestamp 0 into the present time; leave it out or set a later one"));
    }
    if record.size() > LARGEST_RECORD {
        return Err(too_large());
    }
    if record.partition.is_some_and(|partition| partition < 0) {
        return Err(Error::new(Kind::Input, "a partition has no negative number"));
    }
    Ok(())
}

fn too_large() -> Error {
    Error::input(format!("a record of more than {} MB cannot be sent", LARGEST_RECORD / 1_000_000))
        .hint("brokers take 1 MB by default (`max.message.bytes` of the topic)")
}
