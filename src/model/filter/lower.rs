//! Plain predicates, run on the text in place: `==`, `<`, `startswith`, `and`, `or`, `not` over paths and constants.
//!
//! Reading one path costs a fifth of building jq's value. What is not surely the same as in jq is `Unsure`, and
//! asked of the machine; a property test holds the rest equal.

use std::borrow::Cow;
use std::cmp::Ordering;

use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::Cmp;
use jaq_core::path::{Opt, Part};

use super::paths::literal;
use crate::model::json::{Followed, Path, Step, Unescaped, unescape};
use crate::model::record::Record;
use crate::model::shown::{Content, Shown};

/// What a filter says of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It passes.
    Yes,
    /// It does not.
    No,
    /// The filter failed on it.
    Failed(Failure),
    /// Ask the machine.
    Unsure,
}

/// Why a filter failed on a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A step was made into a value of this kind.
    Index(&'static str),
    /// A function was given a value of this kind in place of text.
    NoText(&'static str),
    /// The record cannot be given to jq.
    Value(&'static str),
    /// jq's own words, which quote the values they are about.
    Jq(String),
}

impl Failure {
    /// For people, without content of the record; `filter` is the filter's text, whose words may be repeated.
    pub(super) fn describe(&self, filter: &str) -> String {
        match self {
            Failure::Index(kind) => format!("cannot index {kind}"),
            Failure::NoText(kind) => format!("cannot use {kind} as string"),
            Failure::Value(what) => (*what).to_owned(),
            Failure::Jq(words) => without_content(words, filter),
        }
    }
}

/// jq's errors start with what was tried and go on with the value: its kind is told instead.
fn without_content(words: &str, filter: &str) -> String {
    for tried in ["cannot index ", "cannot use ", "cannot calculate "] {
        let Some(rest) = words.strip_prefix(tried) else { continue };
        let kind = kind_of(rest);
        let goal = words.rsplit_once(" as ").map(|(_, goal)| goal);
        let goal =
            goal.filter(|g| tried == "cannot use " && g.bytes().all(|b| b.is_ascii_lowercase() || b == b' '));
        return format!("{tried}{kind}{}", goal.map(|goal| format!(" as {goal}")).unwrap_or_default());
    }
    let own = words.trim_matches('"');
    if filter.contains(own) { own.to_owned() } else { "an error of its own".to_owned() }
}

/// A kind of value, by the start of its JSON text.
fn kind_of(json: &str) -> &'static str {
    match json.trim_start().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') | None => "null",
        _ => "a number",
    }
}

/// A predicate on a record.
#[derive(Debug)]
pub(super) enum Test {
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Not(Box<Test>),
    /// A place compared with a constant.
    Compare(Place, Cmp, Constant),
    /// A place's text starts (or ends) with this.
    Affix(Place, End, Text),
    /// A place is neither false nor null.
    Truthy(Place),
}

/// Where an affix stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Start,
    Last,
}

/// A text of the filter, and what finds it in bytes.
#[derive(Debug)]
pub(super) struct Text {
    text: Box<str>,
    finder: Box<memchr::memmem::Finder<'static>>,
}

impl Text {
    fn new(text: String) -> Self {
        let finder = memchr::memmem::Finder::new(text.as_bytes()).into_owned();
        Self { text: text.into(), finder: Box::new(finder) }
    }
}

/// Where a value is.
#[derive(Debug)]
pub(super) struct Place {
    root: Root,
    /// From there on.
    path: Path,
}

#[derive(Debug)]
enum Root {
    Topic,
    Partition,
    Offset,
    Timestamp,
    TimestampType,
    Event,
    Key,
    Value,
    /// The n-th value of a header.
    Header(Box<str>, usize),
}

/// What is compared with.
#[derive(Debug)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    /// Up to 15 digits, which every number format keeps.
    Int(i64),
    Text(Text),
}

/// A value found in a record.
enum Found<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Any other number, by its text.
    Number,
    Text(Cow<'a, str>),
    Array,
    Object,
}

/// The predicate of a filter, if it is plain.
pub(super) fn lower(text: &str) -> Option<Test> {
    test(&jaq_core::load::parse(text, |p| p.term())?)
}

fn test(term: &Term<&str>) -> Option<Test> {
    match term {
        Term::BinOp(left, BinaryOp::And, right) => Some(Test::And(test(left)?.into(), test(right)?.into())),
        Term::BinOp(left, BinaryOp::Or, right) => Some(Test::Or(test(left)?.into(), test(right)?.into())),
        Term::BinOp(left, BinaryOp::Cmp(cmp), right) => match (place(left), constant(right)) {
            (Some(place), Some(constant)) => Some(Test::Compare(place, *cmp, constant)),
            _ => Some(Test::Compare(place(right)?, turned(*cmp), constant(left)?)),
        },
        Term::BinOp(left, BinaryOp::Pipe(None), right) => match &**right {
            Term::Call("not", args) if args.is_empty() => Some(Test::Not(test(left)?.into())),
            Term::Call("startswith", args) => Some(affix(left, End::Start, args)?),
            Term::Call("endswith", args) => Some(affix(left, End::Last, args)?),
            _ => None,
        },
        _ => place(term).map(Test::Truthy),
    }
}

fn affix(of: &Term<&str>, end: End, args: &[Term<&str>]) -> Option<Test> {
    Some(Test::Affix(place(of)?, end, Text::new(literal(args.first()?)?)))
}

fn turned(cmp: Cmp) -> Cmp {
    match cmp {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        Cmp::Eq => Cmp::Eq,
        Cmp::Ne => Cmp::Ne,
    }
}

fn place(term: &Term<&str>) -> Option<Place> {
    let Term::Path(head, path) = term else { return None };
    if !matches!(**head, Term::Id) {
        return None;
    }
    let step = |(part, opt): &(Part<Term<&str>>, Opt)| match (part, opt) {
        (Part::Index(Term::Num(digits)), Opt::Essential) => Some(Step::Index(digits.parse().ok()?)),
        (Part::Index(index), Opt::Essential) => Some(Step::Name(literal(index)?.into())),
        _ => None,
    };
    let mut steps = path.0.iter().map(step).collect::<Option<Vec<_>>>()?.into_iter();
    let Some(Step::Name(root)) = steps.next() else { return None };
    let root = match &*root {
        "topic" => Root::Topic,
        "partition" => Root::Partition,
        "offset" => Root::Offset,
        "timestamp" => Root::Timestamp,
        "timestamp_type" => Root::TimestampType,
        "event" => Root::Event,
        "key" => Root::Key,
        "value" => Root::Value,
        "headers" => match (steps.next()?, steps.next()?) {
            (Step::Name(name), Step::Index(index)) => Root::Header(name, index),
            _ => return None,
        },
        _ => return None,
    };
    Some(Place { root, path: Path(steps.collect()) })
}

fn constant(term: &Term<&str>) -> Option<Constant> {
    match term {
        Term::Call("null", args) if args.is_empty() => Some(Constant::Null),
        Term::Call("true", args) if args.is_empty() => Some(Constant::Bool(true)),
        Term::Call("false", args) if args.is_empty() => Some(Constant::Bool(false)),
        Term::Num(digits) => small_int(digits).map(Constant::Int),
        term => Some(Constant::Text(Text::new(literal(term)?))),
    }
}

fn small_int(digits: &str) -> Option<i64> {
    (digits.len() <= 15).then(|| digits.parse().ok()).flatten()
}

impl Test {
    /// The predicate on a record, and whether it passes as a whole.
    pub(super) fn ask(&self, shown: &Shown<'_>, event: Option<&str>) -> Answer {
        match self.holds(shown, event) {
            Ok(true) => Answer::Yes,
            Ok(false) => Answer::No,
            Err(answer) => answer,
        }
    }

    fn holds(&self, shown: &Shown<'_>, event: Option<&str>) -> Result<bool, Answer> {
        match self {
            Test::And(left, right) => Ok(left.holds(shown, event)? && right.holds(shown, event)?),
            Test::Or(left, right) => Ok(left.holds(shown, event)? || right.holds(shown, event)?),
            Test::Not(inner) => Ok(!inner.holds(shown, event)?),
            Test::Compare(place, cmp, constant) => compare(&place.find(shown, event)?, *cmp, constant),
            Test::Truthy(place) => Ok(!matches!(place.find(shown, event)?, Found::Null | Found::Bool(false))),
            Test::Affix(place, end, affix) => match place.find(shown, event)? {
                Found::Text(text) if *end == End::Start => Ok(text.starts_with(&*affix.text)),
                Found::Text(text) => Ok(text.ends_with(&*affix.text)),
                found => Err(Answer::Failed(Failure::NoText(found.kind()))),
            },
        }
    }

    /// `false` only if no record with these bytes can pass.
    pub(super) fn may_match(&self, record: &Record<'_>) -> bool {
        match self {
            Test::And(left, right) => left.may_match(record) && right.may_match(record),
            Test::Or(left, right) => left.may_match(record) || right.may_match(record),
            Test::Compare(place, Cmp::Eq, Constant::Text(wanted)) => match place.root {
                Root::Topic if place.path.0.is_empty() => *record.topic == *wanted.text,
                Root::Value if !wanted.text.starts_with(PSEUDONYM) => {
                    may_hold(record.value.as_deref(), wanted)
                }
                _ => true,
            },
            Test::Affix(place, end, wanted) => match place.root {
                Root::Value if !ends_pseudonym(*end, &wanted.text) => {
                    may_hold(record.value.as_deref(), wanted)
                }
                _ => true,
            },
            Test::Not(_) | Test::Compare(..) | Test::Truthy(_) => true,
        }
    }
}

/// What stands before the digits of a pseudonym, and how long it is with them: such text is shown though no record
/// holds it.
const PSEUDONYM: &str = "masked:";
const PSEUDONYM_LEN: usize = PSEUDONYM.len() + 12;

/// Whether a pseudonym could start (or end) with this.
fn ends_pseudonym(end: End, text: &str) -> bool {
    match end {
        End::Start => text.starts_with(PSEUDONYM) || PSEUDONYM.starts_with(text),
        End::Last => text.len() <= PSEUDONYM_LEN,
    }
}

/// Text stands in JSON as it is, unless there is a backslash; binary is compared by its base64.
fn may_hold(bytes: Option<&[u8]>, wanted: &Text) -> bool {
    let Some(bytes) = bytes else { return false };
    wanted.finder.find(bytes).is_some()
        || memchr::memchr(b'\\', bytes).is_some()
        || !matches!(bytes.first(), Some(b'{' | b'['))
}

fn compare(found: &Found<'_>, cmp: Cmp, constant: &Constant) -> Result<bool, Answer> {
    let order = match (found, constant) {
        (Found::Bool(found), Constant::Bool(constant)) => found.cmp(constant),
        (Found::Int(found), Constant::Int(constant)) => found.cmp(constant),
        (Found::Number, Constant::Int(_)) => return Err(Answer::Unsure),
        (Found::Text(found), Constant::Text(constant)) => found.as_bytes().cmp(constant.text.as_bytes()),
        // Of different kinds: jq orders null < booleans < numbers < text < arrays < objects.
        (found, constant) => found.rank().cmp(&constant.rank()),
    };
    Ok(match cmp {
        Cmp::Lt => order == Ordering::Less,
        Cmp::Le => order != Ordering::Greater,
        Cmp::Gt => order == Ordering::Greater,
        Cmp::Ge => order != Ordering::Less,
        Cmp::Eq => order == Ordering::Equal,
        Cmp::Ne => order != Ordering::Equal,
    })
}

impl Constant {
    fn rank(&self) -> u8 {
        match self {
            Constant::Null => 0,
            Constant::Bool(_) => 1,
            Constant::Int(_) => 2,
            Constant::Text(_) => 3,
        }
    }
}

impl Found<'_> {
    fn rank(&self) -> u8 {
        match self {
            Found::Null => 0,
            Found::Bool(_) => 1,
            Found::Int(_) | Found::Number => 2,
            Found::Text(_) => 3,
            Found::Array => 4,
            Found::Object => 5,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Found::Null => "null",
            Found::Bool(_) => "a boolean",
            Found::Int(_) | Found::Number => "a number",
            Found::Text(_) => "a string",
            Found::Array => "an array",
            Found::Object => "an object",
        }
    }
}

impl Place {
    fn find<'a>(&self, shown: &'a Shown<'_>, event: Option<&'a str>) -> Result<Found<'a>, Answer> {
        let int = |n: Option<i64>| n.map_or(Found::Null, Found::Int);
        let text = |text: &'a str| Found::Text(Cow::Borrowed(text));
        let found = match &self.root {
            Root::Key => return self.within(&shown.key),
            Root::Value => return self.within(&shown.value),
            Root::Header(name, index) => {
                let mut values = shown.headers.iter().filter(|(n, _)| *n == **name).map(|(_, value)| value);
                match values.nth(*index) {
                    Some(value) => return self.within(value),
                    None => Found::Null,
                }
            }
            Root::Topic => text(&shown.topic),
            Root::TimestampType => shown.timestamp.map_or(Found::Null, |t| text(t.kind.name())),
            Root::Event => event.map_or(Found::Null, text),
            Root::Partition => int(shown.partition.map(i64::from)),
            Root::Offset => int(shown.offset),
            Root::Timestamp => int(shown.timestamp.map(|t| t.millis)),
        };
        self.no_further(found)
    }

    /// Null has every path and leads to null; text and numbers have none.
    fn no_further<'a>(&self, found: Found<'a>) -> Result<Found<'a>, Answer> {
        if self.path.0.is_empty() || matches!(found, Found::Null) {
            return Ok(found);
        }
        Err(Answer::Failed(Failure::Index(found.kind())))
    }

    fn within<'a>(&self, content: &'a Content<'_>) -> Result<Found<'a>, Answer> {
        match content {
            Content::Null => Ok(Found::Null),
            Content::Text(text) => self.no_further(Found::Text(Cow::Borrowed(text))),
            Content::Binary(_) => Err(Answer::Unsure),
            Content::Json(json) => match self.path.follow(json) {
                Followed::Missing => Ok(Found::Null),
                Followed::Mismatch { text, .. } => Err(Answer::Failed(Failure::Index(kind_of(text)))),
                Followed::Found(text) => scalar(text),
            },
        }
    }
}

fn scalar(json: &str) -> Result<Found<'_>, Answer> {
    Ok(match json.as_bytes().first() {
        Some(b'"') => match unescape(&json[1..json.len() - 1]) {
            Unescaped::Text(text) => Found::Text(text),
            Unescaped::Broken(_) => return Err(Answer::Unsure),
        },
        Some(b'{') => Found::Object,
        Some(b'[') => Found::Array,
        Some(b't') => Found::Bool(true),
        Some(b'f') => Found::Bool(false),
        Some(b'n') => Found::Null,
        _ => small_int(json).map_or(Found::Number, Found::Int),
    })
}
