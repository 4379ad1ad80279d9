//! A record as the value jq works on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jaq_json::{Map, Num, Rc, Val};

use super::wanted::Wanted;
use crate::model::json::{Cursor, JsonError, Span, unescape};
use crate::model::shown::{Content, Shown};

/// Deeper JSON is not given to jq, which works recursively.
const DEPTH: usize = 256;

/// The members of a record that a filter can ask for.
pub(super) const ROOTS: &[&str] =
    &["topic", "partition", "offset", "timestamp", "timestamp_type", "event", "key", "headers", "value"];

/// What is wanted of the record.
pub(super) fn of_record(shown: &Shown<'_>, event: Option<&str>, wanted: &Wanted) -> Result<Val, JsonError> {
    let mut members = Map::default();
    for name in ROOTS {
        let Some(wanted) = wanted.member(name) else { continue };
        let value = match *name {
            "topic" => text(&shown.topic),
            "partition" => number(shown.partition.map(i64::from)),
            "offset" => number(shown.offset),
            "timestamp" => number(shown.timestamp.map(|t| t.millis)),
            "timestamp_type" => shown.timestamp.map_or(Val::Null, |t| text(t.kind.name())),
            "event" => event.map_or(Val::Null, text),
            "key" => of_content(&shown.key, wanted)?,
            "headers" => headers(shown)?,
            _ => of_content(&shown.value, wanted)?,
        };
        members.insert(Val::utf8_str(name.as_bytes()), value);
    }
    Ok(Val::obj(members))
}

/// A JSON text that is known to be one.
pub(super) fn of_text(json: &str) -> Result<Val, JsonError> {
    of_json(&mut Cursor::new(json), &Wanted::Whole, DEPTH)
}

fn headers(shown: &Shown<'_>) -> Result<Val, JsonError> {
    let mut names: Map<Val, Vec<Val>> = Map::default();
    for (name, value) in &shown.headers {
        names.entry(text(name)).or_default().push(of_content(value, &Wanted::Whole)?);
    }
    Ok(Val::obj(names.into_iter().map(|(name, values)| (name, Val::Arr(Rc::new(values)))).collect()))
}

fn of_content(content: &Content<'_>, wanted: &Wanted) -> Result<Val, JsonError> {
    Ok(match content {
        Content::Null => Val::Null,
        Content::Text(content) => text(content),
        Content::Binary(bytes) => text(&STANDARD.encode(bytes)),
        Content::Json(json) => {
            let mut cursor = Cursor::new(json);
            of_json(&mut cursor, wanted, DEPTH)?
        }
    })
}

fn text(text: &str) -> Val {
    Val::utf8_str(text.as_bytes().to_vec())
}

fn number(number: Option<i64>) -> Val {
    number.map_or(Val::Null, |n| Val::Num(Num::from_integral(n)))
}

/// jaq's own reader is strict about halves of surrogate pairs, and knows no limit of depth.
fn of_json(cursor: &mut Cursor<'_>, wanted: &Wanted, depth: usize) -> Result<Val, JsonError> {
    let Some(depth) = depth.checked_sub(1) else { return Err(cursor.error("nested too deep for a filter")) };
    Ok(match cursor.peek() {
        Some(b'"') => {
            let span = cursor.string()?;
            string(cursor, span)
        }
        Some(b'{') => object(cursor, wanted.of_object(), depth)?,
        Some(b'[') => {
            cursor.take(b'[');
            let wanted = wanted.of_items();
            let mut items = Vec::new();
            while cursor.item(items.is_empty())? {
                items.push(of_json(cursor, wanted, depth)?);
            }
            Val::Arr(Rc::new(items))
        }
        _ => {
            let span = cursor.skip_value()?;
            scalar(cursor.slice(span))
        }
    })
}

fn object(cursor: &mut Cursor<'_>, wanted: &Wanted, depth: usize) -> Result<Val, JsonError> {
    let mut members = Map::default();
    let mut first = true;
    cursor.take(b'{');
    while let Some(span) = cursor.member(first)? {
        first = false;
        let raw = cursor.slice(span);
        // A name with an escape may be any: it is looked at.
        let within = if span.escaped { Some(&Wanted::Whole) } else { wanted.member(raw) };
        match within {
            Some(wanted) => {
                let name = string(cursor, span);
                members.insert(name, of_json(cursor, wanted, depth)?);
            }
            None => drop(cursor.skip_value()?),
        }
    }
    Ok(Val::obj(members))
}

fn string(cursor: &Cursor<'_>, span: Span) -> Val {
    let raw = cursor.slice(span);
    if !span.escaped {
        return text(raw);
    }
    text(&String::from_utf8_lossy(unescape(raw).as_bytes()))
}

fn scalar(raw: &str) -> Val {
    match raw {
        "null" => Val::Null,
        "true" => Val::Bool(true),
        "false" => Val::Bool(false),
        _ => Val::Num(Num::from_str_radix(raw, 10).unwrap_or_else(|| Num::Dec(Rc::new(raw.to_owned())))),
    }
}
