//! The names that an object is known to have, told apart as they come; and the strings that a value is known to be.

use super::cursor::{Cursor, JsonError, Span, is_plain};

/// Names in the order in which members mostly come.
#[derive(Debug, Default)]
pub struct Names(Vec<Name>);

#[derive(Debug)]
struct Name {
    name: Box<str>,
    /// `,"name":` as it stands in compact JSON: one comparison in place of reading the name and looking it up.
    lead: Option<Box<str>>,
}

/// How far an object has been read.
#[derive(Debug, Default)]
pub struct Place {
    /// The name that comes next if nothing is left out.
    likely: usize,
    begun: bool,
}

/// A member whose name was passed; its value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// Of this name, by its index.
    Known(usize),
    /// Another, or one that is spelt with escapes.
    Other(Span),
}

impl Names {
    /// These names.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let name = |name: &str| Name {
            name: name.into(),
            lead: is_plain(name).then(|| format!(",\"{name}\":").into()),
        };
        Self(names.into_iter().map(name).collect())
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| &*name.name)
    }

    /// After the `{` or a member: passes the next name and its colon, or the `}`.
    #[inline]
    pub fn next(&self, cursor: &mut Cursor<'_>, place: &mut Place) -> Result<Option<Member>, JsonError> {
        let begun = std::mem::replace(&mut place.begun, true);
        let lead = self.0.get(place.likely).and_then(|name| name.lead.as_deref());
        if lead.is_some_and(|lead| cursor.pass(&lead[usize::from(!begun)..])) {
            place.likely += 1;
            return Ok(Some(Member::Known(place.likely - 1)));
        }
        let Some(span) = cursor.member(!begun)? else { return Ok(None) };
        let raw = cursor.slice(span);
        let known = if span.escaped { None } else { self.search(raw, place.likely) };
        Ok(Some(match known {
            Some(at) => {
                place.likely = at + 1;
                Member::Known(at)
            }
            None => Member::Other(span),
        }))
    }

    /// The search starts after the last one found.
    fn search(&self, raw: &str, likely: usize) -> Option<usize> {
        let likely = likely.min(self.0.len());
        (likely..self.0.len()).chain(0..likely).find(|&at| *self.0[at].name == *raw)
    }
}

/// Strings of which a value is one, plain all of them (see [`is_plain`]).
#[derive(Debug, Default)]
pub struct Constants(Vec<Box<str>>);

impl Constants {
    /// These strings; `None` if one is not plain.
    pub fn new<'s>(strings: impl IntoIterator<Item = &'s str>) -> Option<Self> {
        let quoted = |text: &str| is_plain(text).then(|| format!("\"{text}\"").into());
        strings.into_iter().map(quoted).collect::<Option<_>>().map(Self)
    }

    /// Passes a string that is one of them, in a comparison each.
    #[inline]
    pub fn pass(&self, cursor: &mut Cursor<'_>) -> bool {
        self.0.iter().any(|quoted| cursor.pass(quoted))
    }

    /// Whether there is only one.
    pub fn is_one(&self) -> bool {
        self.0.len() == 1
    }

    /// Whether there is only one, and this, between its quotes, is it.
    pub fn are_only(&self, quoted: &str) -> bool {
        matches!(&self.0[..], [only] if **only == *quoted)
    }

    /// Whether the text is one of them.
    pub fn has(&self, text: &str) -> bool {
        self.0.iter().any(|quoted| quoted[1..quoted.len() - 1] == *text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<String> {
        let names = Names::new(["a", "b", "c\"", ""]);
        let mut cursor = Cursor::new(json);
        let (mut place, mut found) = (Place::default(), Vec::new());
        assert!(cursor.take(b'{'));
        while let Some(member) = names.next(&mut cursor, &mut place).unwrap() {
            found.push(match member {
                Member::Known(at) => names.iter().nth(at).unwrap().to_owned(),
                Member::Other(span) => format!("other {}", cursor.slice(span)),
            });
            cursor.skip_value().unwrap();
        }
        cursor.end().unwrap();
        found
    }

    #[test]
    fn names_are_known_in_any_order_and_form() {
        assert_eq!(read(r#"{"a":1,"b":2,"":3}"#), ["a", "b", ""]);
        assert_eq!(read(r#"{"b":2,"a":1}"#), ["b", "a"]);
        assert_eq!(read(r#" { "a" : 1 , "b" : [] } "#), ["a", "b"]);
        assert_eq!(read(r#"{"a":1,"a":2,"a":3,"b":4}"#), ["a", "a", "a", "b"]);
        assert_eq!(read(r#"{"x":1,"a":2,"x":3,"b":4}"#), ["other x", "a", "other x", "b"]);
        assert_eq!(read(r#"{"\u0061":1,"c\"":2}"#), [r"other \u0061", r#"other c\""#]);
        assert_eq!(read("{}"), [""; 0]);
    }

    #[test]
    fn a_comma_or_a_colon_that_is_not_there_is_missed() {
        let names = Names::new(["a", "b"]);
        for json in [r#"{,"a":1}"#, r#"{"a":1"b":2}"#, r#"{"a" 1}"#, r#"{"a":1,}"#, r#"{"a":1,,"b":2}"#] {
            let mut cursor = Cursor::new(json);
            let mut place = Place::default();
            cursor.take(b'{');
            let end = loop {
                match names.next(&mut cursor, &mut place) {
                    Ok(Some(_)) => assert!(cursor.skip_value().is_ok()),
                    end => break end,
                }
            };
            assert!(end.is_err(), "{json}");
        }
    }
}
