//! What a filter asks for, read off jq's parse tree: members of the record to build, and fields to warn about.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::Part;

use super::machine::{bad, reaches_out};
use super::value::ROOTS;
use crate::error::Error;
use crate::model::catalogue::Catalogue;
use crate::model::headers;
use crate::model::mask;

/// What a filter asks for.
pub(super) struct Found {
    /// The members of the record it needs: a bit each, in the order of `ROOTS`; all if that cannot be told.
    pub(super) roots: u32,
    /// The fields it names, from the root, sorted: `.value.data.title`; `[]` is any item.
    pub(super) paths: Vec<String>,
}

/// All members.
pub(super) const ALL: u32 = u32::MAX;

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
    let mut search = Search { text, what, known, roots: 0, paths: Vec::new(), refused: None };
    match jaq_core::load::parse(text, |p| p.term()) {
        Some(term) => {
            search.term(&term, &Place::Known(Vec::new()));
        }
        None => search.roots = ALL,
    }
    if let Some(error) = search.refused {
        return Err(error);
    }
    search.paths.sort();
    search.paths.dedup();
    Ok(Found { roots: search.roots, paths: search.paths })
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
    roots: u32,
    paths: Vec<String>,
    refused: Option<Error>,
}

impl Search<'_> {
    /// Notes what a term needs at a place; the place its outputs are at.
    fn term(&mut self, term: &Term<&str>, at: &Place) -> Place {
        match term {
            Term::Id => self.whole(at),
            Term::Recurse => {
                self.whole(at);
                Place::Unknown
            }
            Term::Num(_) | Term::Break(_) => Place::Unknown,
            Term::Str(_, parts) => {
                for part in parts {
                    if let StrPart::Term(term) = part {
                        self.term(term, at);
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
                        (Some(name), None) => drop(self.field(at, &name)),
                        _ => drop(self.term(name, at)),
                    }
                    if let Some(value) = value {
                        self.term(value, at);
                    }
                }
                Place::Unknown
            }
            Term::BinOp(left, op, right) => self.binary(left, op, right, at),
            Term::Fold(_, source, pattern, rest) => {
                self.term(source, at);
                self.pattern(pattern, at);
                self.all(rest.iter(), &Place::Unknown)
            }
            Term::TryCatch(inner, catch) => {
                let place = self.term(inner, at);
                if let Some(catch) = catch {
                    self.term(catch, &Place::Unknown);
                    return Place::Unknown;
                }
                place
            }
            Term::IfThenElse(branches, otherwise) => {
                for (test, then) in branches {
                    self.term(test, at);
                    self.term(then, at);
                }
                match otherwise {
                    Some(otherwise) => self.term(otherwise, at),
                    None => self.whole(at),
                };
                Place::Unknown
            }
            Term::Def(defs, rest) => {
                for def in defs {
                    self.term(&def.body, &Place::Unknown);
                }
                // What a definition does to its input is not followed.
                self.whole(at);
                self.term(rest, at);
                Place::Unknown
            }
            Term::Call(name, args) => self.call(name, args, at),
            Term::Path(head, path) => self.path(head, path, at),
        }
    }

    fn all<'t, 's: 't>(&mut self, terms: impl IntoIterator<Item = &'t Term<&'s str>>, at: &Place) -> Place {
        for term in terms {
            self.term(term, at);
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
                self.term(left, at);
                self.pattern(pattern, at);
                self.term(right, at)
            }
            _ => {
                self.term(left, at);
                self.term(right, at);
                Place::Unknown
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern<&str>, at: &Place) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(inner) => inner.iter().for_each(|p| self.pattern(p, at)),
            Pattern::Obj(members) => {
                // Members of what is taken apart, not of `.`: which is not followed.
                self.roots = ALL;
                for (name, inner) in members {
                    self.term(name, at);
                    self.pattern(inner, at);
                }
            }
        }
    }

    fn call(&mut self, name: &str, args: &[Term<&str>], at: &Place) -> Place {
        self.name(name);
        match (name, args) {
            ("select", [test]) => {
                self.term(test, at);
                self.whole(at)
            }
            ("any" | "all", [items, test]) => {
                let items = self.term(items, at);
                self.term(test, &items);
                Place::Unknown
            }
            ("any" | "all" | "map", [test]) => {
                let items = self.field(at, "[]");
                self.term(test, &items);
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
                        self.term(index, at);
                        self.field(&place, "[]")
                    }
                }
                Part::Range(from, until) => {
                    self.all(from.iter().chain(until), at);
                    self.field(&place, "[]")
                }
            };
        }
        self.whole(&place)
    }

    /// One step on. The paths of the record are noted when they end, in `whole`.
    fn field(&mut self, at: &Place, name: &str) -> Place {
        match at {
            Place::Known(path) => {
                if path.is_empty() {
                    match self.known.iter().position(|root| *root == name) {
                        Some(root) => self.roots |= 1 << root,
                        None if name == "[]" => self.roots = ALL,
                        // `.vlaue` is null for jq; here it is a slip.
                        None => self.refuse(
                            name,
                            &format!("{} has no `.{name}`; it has .{}", self.what, self.known.join(", .")),
                        ),
                    }
                }
                Place::Known(path.iter().cloned().chain([name.to_owned()]).collect())
            }
            Place::Unknown => {
                self.roots = ALL;
                Place::Unknown
            }
        }
    }

    /// The value at this place is used.
    fn whole(&mut self, at: &Place) -> Place {
        match at {
            Place::Known(path) if path.is_empty() => self.roots = ALL,
            Place::Known(path) => self.paths.push(display(path)),
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
