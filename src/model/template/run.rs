//! What templates draw on while a run lasts: a seeded generator, the time, the sequence number, the environment.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use minijinja::value::Object;
use minijinja::{Error, ErrorKind, Output, State, Value};
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use serde_json::Value as Json;

use super::functions::SEQ;

/// Where functions find the run in a scope; no template can say this name.
const RUN: &str = "\0run";

/// One run: the same seed, time and environment give the same bytes.
#[derive(Debug, Clone)]
pub struct Run(Arc<Live>);

#[derive(Debug)]
pub(super) struct Live {
    rng: Mutex<ChaCha8Rng>,
    now: Mutex<Timestamp>,
    records: AtomicU64,
    env: BTreeMap<String, String>,
    emitted: Mutex<Value>,
}

impl Object for Live {}

impl Run {
    /// A run from a seed; `now` is the templates' present, `env` what `env("NAME")` may read.
    pub fn new(seed: u64, now: Timestamp, env: BTreeMap<String, String>) -> Self {
        Self(Arc::new(Live {
            rng: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
            now: Mutex::new(now),
            records: AtomicU64::new(0),
            env,
            emitted: Mutex::new(Value::UNDEFINED),
        }))
    }

    /// The templates' present.
    pub fn now(&self) -> Timestamp {
        *lock(&self.0.now)
    }

    /// Moves the templates' present, for the records still to come.
    pub fn set_now(&mut self, now: Timestamp) {
        *lock(&self.0.now) = now;
    }

    /// Records rendered so far; `seq` of the next one is one more.
    pub fn records(&self) -> u64 {
        self.0.records.load(Ordering::Relaxed)
    }

    /// Counts a record and gives its `seq`.
    pub(in crate::model) fn next_record(&mut self) -> u64 {
        self.0.records.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Live {
    pub(super) fn rng(&self) -> MutexGuard<'_, ChaCha8Rng> {
        lock(&self.rng)
    }

    pub(super) fn now(&self) -> Timestamp {
        *lock(&self.now)
    }

    pub(super) fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }
}

/// The variables that a template sees.
#[derive(Debug, Clone)]
pub struct Scope(Arc<Variables>);

#[derive(Debug)]
struct Variables {
    live: Arc<Live>,
    seq: u64,
    named: Mutex<BTreeMap<String, Value>>,
}

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        match name {
            SEQ => Some(Value::from(self.seq)),
            RUN => Some(Value::from_dyn_object(self.live.clone())),
            _ => lock(&self.named).get(name).cloned(),
        }
    }
}

impl Scope {
    /// No variables but `seq`.
    pub fn new(run: &Run, seq: u64) -> Self {
        Self(Arc::new(Variables { live: run.0.clone(), seq, named: Mutex::default() }))
    }

    /// Sets a variable.
    pub fn set(&self, name: &str, value: &Json) {
        lock(&self.0.named).insert(name.to_owned(), Value::from(minijinja::value::Serde(value)));
    }

    pub(super) fn value(&self) -> Value {
        Value::from_dyn_object(self.0.clone())
    }

    pub(super) fn take_emitted(&self) -> Value {
        std::mem::replace(&mut *lock(&self.0.live.emitted), Value::UNDEFINED)
    }
}

/// The run a template is rendered in.
pub(super) fn live(state: &State<'_, '_>) -> Result<Arc<Live>, Error> {
    let run = state.lookup(RUN).and_then(|value| value.downcast_object::<Live>());
    run.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "there is no run to draw on"))
}

/// Writes an expression's value: strings as they are, anything else as JSON. The value itself is kept, so that a
/// string that is one expression keeps its type.
pub(super) fn emit(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) => out.write_str(text)?,
        None if value.is_undefined() => {}
        None => {
            let json = serde_json::to_string(value).map_err(|_| {
                Error::new(ErrorKind::BadSerialization, "the expression's value has no form in JSON")
            })?;
            out.write_str(&json)?;
        }
    }
    *lock(&live(state)?.emitted) = value.clone();
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
