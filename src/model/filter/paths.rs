//! What a filter asks for, read off jq's parse tree: members of the record to build, and fields to warn about.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::Part;

use super::machine::{bad, reaches_out};
use super::value::ROOTS;
use super::wanted::Wanted;
use crate::error::Error;
use crate::model::catalogue::Catalogue;
use crate::model::headers;
use crate::model::mask;

/// What a filter asks for.
pub(super) struct Found {
    /// What of the record it looks at; all if that cannot be told.
    pub(super) wanted: Wanted,
    /// The fields it names, from the root, sorted: `.value.data.title`; `[]` is any item.
    pub(super) paths: Vec<String>,
}

/// Reads the text of a filter over records. What does not parse is left for the machine to complain about.
pub(super) fn read(text: &str) -> Result<Found, Error> {
    read_of(text, "a record", ROOTS)
}

/// The same over `what`, which has the members `known`.
pub(super) fn read_of(
    text: &str,
    what: &'static str,
    known: &'static [&'static str],
) -> Result<Found, Error> {
    let mut search =
        Search { text, what, known, wanted: Wanted::nothing(), paths: Vec::new(), refused: None };
    match jaq_core::load::parse(text, |p| p.term()) {
        Some(term) => {
            search.used(&term, &Place::Known(Vec::new()));
        }
        None => search.wanted = Wanted::Whole,
    }
    if let Some(error) = search.refused {
        return Err(error);
    }
    search.paths.sort();
    search.paths.dedup();
    Ok(Found { wanted: search.wanted, paths: search.paths })
}

/// What `.` is at some place of the filter.
#[derive(Clone)]
enum Place {
    /// The record's part at this path (`[]` for any item).
    Known(Vec<String>),
    /// Something else.
    Unknown,
}

struct Search<'a> {
    text: &'a str,
    what: &'static str,
    known: &'static [&'static str],
    wanted: Wanted,
    paths: Vec<String>,
    refused: Option<Error>,
}

impl Search<'_> {
    /// Notes what a term needs at a place, and that its outputs are looked at whole.
    fn used(&mut self, term: &Term<&str>, at: &Place) -> Place {
        let place = self.term(term, at);
        self.whole(&place)
    }

    /// Notes what a term needs at a place; the place its outputs are at, which nobody has looked at yet.
    fn term(&mut self, term: &Term<&str>, at: &Place) -> Place {
        match term {
            Term::Id => at.clone(),
            Term::Recurse => {
                self.whole(at);
                Place::Unknown
            }
            Term::Num(_) | Term::Break(_) => Place::Unknown,
            Term::Str(_, parts) => {
                for part in parts {
                    if let StrPart::Term(term) = part {
                        self.used(term, at);
                    }
                }
                Place::Unknown
            }
            Term::Var(name) => self.name(name),
            Term::Arr(inner) => self.all(inner.iter().map(|t| &**t), at),
            Term::Neg(inner) | Term::Label(_, inner) => self.all([&**inner], at),
            Term::Obj(members) => {
                for (name, value) in members {
                    match (literal(name), value) {
                        // `{topic}` is `{topic: .topic}`.
                        (Some(name), None) => {
                            let place = self.field(at, &name);
                            self.whole(&place);
                        }
                        _ => drop(self.used(name, at)),
                    }
                    if let Some(value) = value {
                        self.used(value, at);
                    }
                }
                Place::Unknown
            }
            Term::BinOp(left, op, right) => self.binary(left, op, right, at),
            Term::Fold(_, source, pattern, rest) => {
                self.used(source, at);
                self.pattern(pattern, at);
                // The first of the rest starts from `.`, the others from what came of it.
                self.whole(at);
                self.all(rest.iter(), &Place::Unknown)
            }
            Term::TryCatch(inner, catch) => {
                let place = self.term(inner, at);
                if let Some(catch) = catch {
                    self.whole(&place);
                    self.used(catch, &Place::Unknown);
                    return Place::Unknown;
                }
                place
            }
            Term::IfThenElse(branches, otherwise) => {
                for (test, then) in branches {
                    self.used(test, at);
                    self.used(then, at);
                }
                match otherwise {
                    Some(otherwise) => self.used(otherwise, at),
                    None => self.whole(at),
                };
                Place::Unknown
            }
            Term::Def(defs, rest) => {
                for def in defs {
                    self.used(&def.body, &Place::Unknown);
                }
                // What a definition does to its input is not followed.
                self.whole(at);
                self.used(rest, at);
                Place::Unknown
            }
            Term::Call(name, args) => self.call(name, args, at),
            Term::Path(head, path) => self.path(head, path, at),
        }
    }

    fn all<'t, 's: 't>(&mut self, terms: impl IntoIterator<Item = &'t Term<&'s str>>, at: &Place) -> Place {
        for term in terms {
            self.used(term, at);
        }
        Place::Unknown
    }

    fn binary(&mut self, left: &Term<&str>, op: &BinaryOp<&str>, right: &Term<&str>, at: &Place) -> Place {
        match op {
            BinaryOp::Pipe(None) => {
                let between = self.term(left, at);
                self.term(right, &between)
            }
            BinaryOp::Pipe(Some(pattern)) => {
                self.used(left, at);
                self.pattern(pattern, at);
                self.term(right, at)
            }
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateMath(_) | BinaryOp::UpdateAlt => {
                // All of `.` comes out, changed at a place.
                self.whole(at);
                self.all([left, right], at)
            }
            _ => self.all([left, right], at),
        }
    }

    fn pattern(&mut self, pattern: &Pattern<&str>, at: &Place) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(inner) => inner.iter().for_each(|p| self.pattern(p, at)),
            Pattern::Obj(members) => {
                // Members of what is taken apart, not of `.`: which is not followed.
                self.wanted = Wanted::Whole;
                for (name, inner) in members {
                    self.used(name, at);
                    self.pattern(inner, at);
                }
            }
        }
    }

    fn call(&mut self, name: &str, args: &[Term<&str>], at: &Place) -> Place {
        self.name(name);
        match (name, args) {
            ("select", [test]) => {
                self.used(test, at);
                at.clone()
            }
            ("any" | "all", [items, test]) => {
                let items = self.term(items, at);
                self.used(test, &items);
                Place::Unknown
            }
            ("any" | "all" | "map", [test]) => {
                let items = self.field(at, "[]");
                self.used(test, &items);
                Place::Unknown
            }
            ("true" | "false" | "null" | "empty", []) => Place::Unknown,
            (
                "not" | "length" | "ascii_downcase" | "ascii_upcase" | "tostring" | "tonumber" | "type"
                | "trim" | "fromdate" | "fromdateiso8601" | "fromjson" | "floor" | "abs" | "keys" | "any"
                | "all" | "tojson",
                [],
            ) => {
                self.whole(at);
                Place::Unknown
            }
            (
                "test" | "startswith" | "endswith" | "contains" | "inside" | "has" | "ltrimstr" | "rtrimstr"
                | "split" | "index" | "match" | "join" | "in" | "IN",
                args,
            ) => {
                self.whole(at);
                self.all(args, at)
            }
            _ => {
                self.whole(at);
                self.all(args, &Place::Unknown)
            }
        }
    }

    fn path(&mut self, head: &Term<&str>, path: &jaq_core::path::Path<Term<&str>>, at: &Place) -> Place {
        // `.a.b` needs `.a.b`, not all of `.`.
        let mut place = if matches!(head, Term::Id) { at.clone() } else { self.term(head, at) };
        for (part, _) in &path.0 {
            place = match part {
                Part::Index(index) => {
                    if let Some(name) = literal(index) {
                        self.field(&place, &name)
                    } else {
                        self.used(index, at);
                        self.field(&place, "[]")
                    }
                }
                Part::Range(from, until) => {
                    self.all(from.iter().chain(until), at);
                    self.field(&place, "[]")
                }
            };
        }
        place
    }

    /// One step on: what is there must be there, though nobody may look into it.
    fn field(&mut self, at: &Place, name: &str) -> Place {
        match at {
            Place::Known(path) => {
                if path.is_empty() {
                    match self.known.iter().find(|root| **root == name) {
                        Some(_) => {}
                        None if name == "[]" => self.wanted = Wanted::Whole,
                        // `.vlaue` is null for jq; here it is a slip.
                        None => self.refuse(
                            name,
                            &format!("{} has no `.{name}`; it has .{}", self.what, self.known.join(", .")),
                        ),
                    }
                }
                let path: Vec<String> = path.iter().cloned().chain([name.to_owned()]).collect();
                self.wanted.part_at(&path);
                Place::Known(path)
            }
            Place::Unknown => {
                self.wanted = Wanted::Whole;
                Place::Unknown
            }
        }
    }

    /// The value at this place is used.
    fn whole(&mut self, at: &Place) -> Place {
        match at {
            Place::Known(path) if path.is_empty() => self.wanted = Wanted::Whole,
            Place::Known(path) => {
                *self.wanted.part_at(path) = Wanted::Whole;
                self.paths.push(display(path));
            }
            Place::Unknown => {}
        }
        at.clone()
    }

    fn name(&mut self, name: &str) -> Place {
        if reaches_out(name) {
            self.refuse(name, &format!("`{name}` is not available in a filter"));
        }
        Place::Unknown
    }

    fn refuse(&mut self, name: &str, why: &str) {
        let at = self.text.find(name).map_or("", |at| &self.text[at..]);
        self.refused.get_or_insert_with(|| bad(self.text, at, why));
    }
}

/// A string without interpolation.
pub(super) fn literal(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else { return None };
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(c) => text.push(*c),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

fn display(path: &[String]) -> String {
    let mut text = String::new();
    for name in path {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        if name == "[]" {
            text.push_str("[]");
        } else if plain && !name.is_empty() {
            text.push('.');
            text.push_str(name);
        } else {
            text.push_str("[\"");
            text.push_str(name);
            text.push_str("\"]");
        }
    }
    text
}

/// Whether what is at a path (as [`display`]ed) is masked in all events.
pub(super) fn is_masked(path: &str, catalogue: &Catalogue) -> bool {
    let steps = steps(path);
    match steps.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["value", ref rest @ ..] if !rest.is_empty() => {
            !catalogue.events.iter().any(|event| mask::shows_some(event, rest))
        }
        ["headers", name, ..] if name != "[]" => {
            headers::class(name).is_none_or(|class| class == headers::Class::Free)
        }
        _ => false,
    }
}

/// [`display`], undone.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, len) = if let Some(quoted) = rest.strip_prefix("[\"") {
            let end = quoted.find("\"]").unwrap_or(quoted.len());
            (quoted[..end].to_owned(), (end + 4).min(rest.len()))
        } else if rest.starts_with("[]") {
            ("[]".to_owned(), 2)
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len()).max(1).min(name.len());
            (name[..end].to_owned(), end + rest.len() - name.len())
        };
        steps.push(step);
        rest = &rest[len..];
    }
    steps
}
