//! A client with what it takes to use it: patience, Ctrl-C, and a memory of what went wrong.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Connection;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::kafka::explain::{Causes, Failure};
use crate::kafka::ffi::{Code, Handle, Metadata, RawDelivery, Role, Want};
use crate::kafka::settings::{self, Purpose};

/// Between two looks at Ctrl-C and at what went wrong, until a broker is reached.
pub(super) const SLICE: Duration = Duration::from_millis(100);

/// A client and its surroundings.
pub(super) struct Link {
    pub(super) handle: Arc<Handle>,
    pub(super) connection: Arc<Connection>,
    pub(super) interrupt: Interrupt,
    causes: Mutex<Causes>,
}

impl Link {
    /// Makes a client; nothing is asked of a broker yet.
    pub(super) fn open(
        connection: &Arc<Connection>,
        interrupt: &Interrupt,
        purpose: Purpose,
    ) -> Result<Self, Error> {
        let role = match purpose {
            Purpose::Send(_) => Role::Producer,
            Purpose::Ask(_) | Purpose::Read { .. } => Role::Consumer,
        };
        let conf = settings::conf(connection, purpose)?;
        let secrets = settings::secrets(connection);
        let log = connection.debug.as_ref().map(|_| secrets.clone());
        let handle = Handle::new(role, conf, log).map_err(|words| {
            Error::usage("the connection's properties do not work")
                .caused_by(words)
                .hint("check the files and values that the `ssl.*` and `sasl.*` properties name")
        })?;
        let causes = Mutex::new(Causes::new(&connection.brokers, secrets));
        Ok(Self { handle, connection: Arc::clone(connection), interrupt: interrupt.clone(), causes })
    }

    /// Runs `look` on what went wrong so far.
    pub(super) fn causes<T>(&self, look: impl FnOnce(&mut Causes) -> T) -> T {
        look(&mut self.causes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the client's news, waiting up to `wait` for some; deliveries go into `deliveries`.
    pub(super) fn serve(&self, wait: Duration, deliveries: &mut Vec<RawDelivery>) -> bool {
        let mut troubles = Vec::new();
        let any = self.handle.serve(wait, &mut troubles, deliveries);
        if !troubles.is_empty() {
            self.causes(|causes| troubles.into_iter().for_each(|trouble| causes.note(trouble)));
        }
        any
    }

    /// Takes the news of a client that has nothing in flight: a delivery would be lost.
    fn hear(&self) {
        let mut lost = Vec::new();
        self.serve(Duration::ZERO, &mut lost);
        debug_assert!(lost.is_empty(), "{lost:?}");
    }

    /// Between two waits: takes the news, and gives up on Ctrl-C. For a client that has nothing in flight.
    pub(super) fn tick(&self) -> Result<(), Error> {
        self.hear();
        self.interrupt.check()
    }

    /// Why something failed, in our words. For a client that has nothing in flight.
    pub(super) fn explain(&self, failure: &Failure<'_>) -> Error {
        self.hear();
        self.causes(|causes| causes.explain(failure))
    }

    /// Waits until a broker has answered, in slices so that Ctrl-C is heard. Gives up early where waiting cannot help.
    pub(super) fn reach(&self, within: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + within;
        loop {
            self.tick()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if self.handle.reached(SLICE.min(left)) {
                return Ok(());
            }
            self.tick()?;
            if left.is_zero() || self.causes(|causes| causes.hopeless()) {
                let doing = format!("cannot reach broker `{}`", self.connection.brokers);
                let (code, waited) = (Code::TRANSPORT, Some(within));
                return Err(self.explain(&Failure { doing: &doing, code, text: "", topic: None, waited }));
            }
        }
    }

    /// Asks for metadata, in growing slices so that Ctrl-C is heard, until `within` is over.
    pub(super) fn metadata(&self, want: Want<'_>, within: Duration, doing: &str) -> Result<Metadata, Error> {
        let deadline = Instant::now() + within;
        let mut slice = Duration::from_secs(1);
        loop {
            self.tick()?;
            let left = deadline.saturating_duration_since(Instant::now());
            let code = match self.handle.metadata(want, slice.min(left)) {
                Ok(metadata) => return Ok(metadata),
                Err(code) => code,
            };
            self.tick()?;
            let hopeless = self.causes(|causes| causes.hopeless());
            if hopeless || !transient(code) || Instant::now() >= deadline {
                let waited = Some(within);
                return Err(self.explain(&Failure { doing, code, text: "", topic: topic(want), waited }));
            }
            // Without any connection librdkafka fails at once.
            self.interrupt.sleep_until((Instant::now() + Duration::from_millis(50)).min(deadline));
            slice = (slice * 2).min(within);
        }
    }
}

fn topic(want: Want<'_>) -> Option<&str> {
    match want {
        Want::Topic(name) => Some(name),
        Want::All => None,
    }
}

/// Whether trying again may help.
fn transient(code: Code) -> bool {
    matches!(
        code,
        Code::TRANSPORT
            | Code::TIMED_OUT
            | Code::TIMED_OUT_QUEUE
            | Code::ALL_BROKERS_DOWN
            | Code::RESOLVE
            | Code::LEADER_NOT_AVAILABLE
    )
}
