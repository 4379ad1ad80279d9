//! librdkafka's errors → ours, with the real cause.
//!
//! A call that fails mostly says "timed out" or "transport failure"; what is behind it came earlier, as an event of
//! some broker connection. [`Causes`] keeps those, and [`Causes::explain`] picks the one that tells most.

mod cause;
mod words;

use std::time::{Duration, Instant};

use cause::Cause;

use crate::error::Error;
use crate::kafka::ffi::{Code, Trouble};

/// Troubles older than this explain nothing any more.
const MEMORY: Duration = Duration::from_secs(90);

/// As many troubles are kept; a cluster that is away repeats itself.
const MOST: usize = 64;

/// What failed, as its caller knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'a> {
    /// The start of the message: ``cannot reach broker `x` ``.
    pub(super) doing: &'a str,
    /// The code that the call returned.
    pub(super) code: Code,
    /// librdkafka's words with it, if it had any.
    pub(super) text: &'a str,
    /// The topic it was about.
    pub(super) topic: Option<&'a str>,
    /// How long it was tried.
    pub(super) waited: Option<Duration>,
}

/// One trouble, and when it was last seen.
#[derive(Debug)]
struct Seen {
    cause: Cause,
    broker: String,
    text: String,
    last: Instant,
}

/// What went wrong lately with a client's connections.
pub(super) struct Causes {
    bootstrap: Vec<String>,
    secrets: Vec<String>,
    seen: Vec<Seen>,
    fatal: bool,
    welcomed: bool,
}

impl Causes {
    /// Nothing yet, of a client that starts from these brokers.
    pub(super) fn new(brokers: &str, secrets: Vec<String>) -> Self {
        let bootstrap = brokers.split(',').map(|broker| broker.trim().to_owned()).collect();
        Self { bootstrap, secrets, seen: Vec::new(), fatal: false, welcomed: false }
    }

    /// These settings have been answered before: a connection that is closed is no longer a sign that they are wrong.
    pub(super) fn welcome(&mut self) {
        self.welcomed = true;
    }

    /// Takes note of a trouble.
    pub(super) fn note(&mut self, trouble: Trouble) {
        self.fatal |= trouble.fatal;
        let (broker, reason) = cause::split(&trouble.text);
        let cause = cause::of(trouble.code, broker, reason);
        let cause = if self.welcomed && cause.guessed() { Cause::Closed } else { cause };
        let text = self.clean(&trouble.text);
        let broker = broker.to_owned();
        let now = Instant::now();
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.broker == broker && seen.cause == cause) {
            seen.last = now;
            seen.text = text;
            return;
        }
        if self.seen.len() == MOST {
            self.seen.remove(0);
        }
        self.seen.push(Seen { cause, broker, text, last: now });
    }

    /// Whether trying longer cannot help: every address we start from refuses us for who we are.
    pub(super) fn hopeless(&self) -> bool {
        self.seen.iter().filter(|seen| seen.cause.lasting()).count() >= self.bootstrap.len()
    }

    /// The troubles since `mark`, one sentence each, for warnings.
    pub(super) fn since(&self, mark: Instant) -> Vec<String> {
        // Brokers close idle connections; that a connection was closed is worth a word only in a failure.
        let told = |cause: &Cause| !matches!(cause, Cause::AllDown | Cause::Closed);
        let fresh = self.seen.iter().filter(|seen| seen.last > mark && told(&seen.cause));
        fresh.map(|seen| words::cause(&seen.cause, &seen.broker, self.advertised(&seen.broker))).collect()
    }

    /// Whether the client said that it cannot go on.
    pub(super) fn fatal(&self) -> bool {
        self.fatal
    }

    /// The cause that tells most of what went wrong lately, as a clause.
    pub(super) fn likely(&self) -> Option<String> {
        let seen = self.telling()?;
        Some(words::cause(&seen.cause, &seen.broker, self.advertised(&seen.broker)))
    }

    fn telling(&self) -> Option<&Seen> {
        let now = Instant::now();
        let fresh = self.seen.iter().filter(|seen| now.duration_since(seen.last) < MEMORY);
        fresh.filter(|seen| seen.cause != Cause::AllDown).max_by_key(|seen| (seen.cause.rank(), seen.last))
    }

    /// The error for a failure.
    pub(super) fn explain(&self, failure: &Failure<'_>) -> Error {
        if let Some(error) = words::refusal(failure) {
            return error.caused_by(self.clean(&own_words(failure)));
        }
        let Some(seen) = self.telling() else {
            return words::silence(failure).caused_by(self.clean(&own_words(failure)));
        };
        let advertised = self.advertised(&seen.broker);
        let message = format!("{}: {}", failure.doing, words::cause(&seen.cause, &seen.broker, advertised));
        let error = Error::unavailable(message).caused_by(seen.text.clone());
        words::hints(error, &seen.cause, &seen.broker, advertised)
    }

    /// The broker's number, if the trouble is with an address that the cluster gave and we did not.
    fn advertised(&self, broker: &str) -> Option<i32> {
        let id = cause::id(broker)?;
        let address = cause::address(broker);
        (!self.bootstrap.iter().any(|bootstrap| bootstrap == address)).then_some(id)
    }

    /// librdkafka does not put secrets into its texts; this is the second lock.
    fn clean(&self, text: &str) -> String {
        let secrets = self.secrets.iter().filter(|secret| secret.len() > 2);
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

fn own_words(failure: &Failure<'_>) -> String {
    if failure.text.is_empty() { failure.code.text() } else { failure.text.to_owned() }
}
