//! What a template may say.
//!
//! Variables: `seq`, the record's number in the run (from 1), and the fixture's own `vars`. Functions:
//! [`FUNCTIONS`]. Besides, minijinja's own filters, tests and `range`, `dict`, `namespace`.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use minijinja::value::{Kwargs, Rest};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::run::live;

mod person;

/// The record's number in the run, from 1.
pub const SEQ: &str = "seq";

/// A function of templates.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub signature: &'static str,
    /// What it gives.
    pub help: &'static str,
}

const fn function(name: &'static str, signature: &'static str, help: &'static str) -> Function {
    Function { name, signature, help }
}

/// Every function, in the order the help shows them.
pub const FUNCTIONS: &[Function] = &[
    function("now", "now('+1h', at='10:00')", "the run's time, moved by an offset, at a time of day (UTC)"),
    function("shift", "shift(time, '-30m')", "a time moved by an offset"),
    function("uuid", "uuid()", "a random UUID (version 4)"),
    function("short_id", "short_id()", "nine base-36 characters, as the service's own ids"),
    function("int", "int(1, 6)", "a random whole number, both ends possible"),
    function("choice", "choice([…])", "one of the items"),
    function("name", "name()", "a made-up person's first and last name"),
    function("first_name", "first_name()", "a first name"),
    function("last_name", "last_name()", "a last name"),
    function("email", "email(name)", "an address at example.org, of that name or a made-up one"),
    function("phone", "phone()", "a French mobile number of the range kept for fiction"),
    function("env", "env('NAME', 'default')", "an environment variable that `--env NAME` lets in"),
];

pub(super) fn register(env: &mut Environment<'static>) {
    // It would print every variable.
    env.remove_global("debug");
    env.add_function("now", now);
    env.add_function("shift", shift);
    env.add_function("uuid", uuid);
    env.add_function("short_id", short_id);
    env.add_function("int", int);
    env.add_function("choice", choice);
    env.add_function("name", person::name);
    env.add_function("first_name", person::first_name);
    env.add_function("last_name", person::last_name);
    env.add_function("email", person::email);
    env.add_function("phone", person::phone);
    env.add_function("env", env_variable);
}

fn now(state: &State<'_, '_>, offset: Option<String>, options: Kwargs) -> Result<String, Error> {
    let mut time = live(state)?.now();
    if let Some(offset) = offset {
        time = moved(time, &offset)?;
    }
    if let Some(at) = options.get::<Option<String>>("at")? {
        let at: Time = at.parse().map_err(|_| wrong("`at` is a time of day, such as '10:00'"))?;
        let day = time.to_zoned(TimeZone::UTC).date();
        time = day.to_datetime(at).to_zoned(TimeZone::UTC).map_err(|_| out_of_range())?.timestamp();
    }
    options.assert_all_used()?;
    Ok(iso(time))
}

fn shift(time: String, offset: String) -> Result<String, Error> {
    let time: Timestamp =
        time.parse().map_err(|_| wrong("the first argument of `shift` is not a date-time"))?;
    Ok(iso(moved(time, &offset)?))
}

fn uuid(state: &State<'_, '_>) -> Result<String, Error> {
    let bytes: [u8; 16] = live(state)?.rng().random();
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

fn short_id(state: &State<'_, '_>) -> Result<String, Error> {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let live = live(state)?;
    let mut rng = live.rng();
    Ok((0..9).map(|_| char::from(DIGITS[rng.random_range(0..DIGITS.len())])).collect())
}

fn int(state: &State<'_, '_>, min: i64, max: i64) -> Result<i64, Error> {
    if min > max {
        return Err(wrong("the first argument of `int` is above the second"));
    }
    Ok(live(state)?.rng().random_range(min..=max))
}

fn choice(state: &State<'_, '_>, items: Rest<Value>) -> Result<Value, Error> {
    let items: Vec<Value> = match items.as_slice() {
        [list] if list.as_str().is_none() => list.try_iter()?.collect(),
        items => items.to_vec(),
    };
    let chosen = items.choose(&mut *live(state)?.rng()).cloned();
    chosen.ok_or_else(|| wrong("`choice` has nothing to choose from"))
}

fn env_variable(state: &State<'_, '_>, name: String, default: Option<Value>) -> Result<Value, Error> {
    match (live(state)?.env(&name), default) {
        (Some(value), _) => Ok(Value::from(value)),
        (None, Some(default)) => Ok(default),
        (None, None) => {
            Err(wrong(format!("the environment variable `{name}` is not given (`--env {name}`)")))
        }
    }
}

/// A time moved by `+1h`, `-2d`, `1d 12h`: days of 24 hours, months and years by the calendar, UTC.
pub(in crate::model) fn offset_from(time: Timestamp, offset: &str) -> Result<Timestamp, String> {
    let span: Span = offset
        .parse()
        .map_err(|_| format!("`{offset}` is not an offset such as `+1h`, `-2d` or `1d 12h`"))?;
    let moved = time.to_zoned(TimeZone::UTC).checked_add(span);
    moved.map(|zoned| zoned.timestamp()).map_err(|_| format!("`{offset}` leads out of the calendar"))
}

fn moved(time: Timestamp, offset: &str) -> Result<Timestamp, Error> {
    offset_from(time, offset).map_err(wrong)
}

/// As the service writes it (`JSON.stringify` of a `Date`): milliseconds, `Z`.
fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}

fn out_of_range() -> Error {
    wrong("the time leads out of the calendar")
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
