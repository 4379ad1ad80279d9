//! The jq machine: jaq, without the parts that reach out of the record.

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Error as JqError, Exn, Native, ValT as _, Vars};
use jaq_json::Val;

use super::lower::{Answer, Failure};
use super::wanted::Wanted;
use super::{regexes, value};
use crate::error::Error;
use crate::model::shown::Shown;

type Data = JustLut<Val>;

/// What would read the environment or the clock, write to stderr, or end the process.
const REACHING_OUT: &[&str] = &[
    "env",
    "now",
    "halt",
    "halt_error",
    "debug",
    "stderr",
    "input",
    "inputs",
    "input_filename",
    "localtime",
    "mktime",
    "strflocaltime",
    "debug_empty",
    "stderr_empty",
    "$ENV",
];

/// A compiled jq program.
pub(super) struct Machine {
    filter: jaq_core::Filter<Data>,
    wanted: Wanted,
}

impl Machine {
    /// Compiles; `wanted` is what of the record it looks at.
    pub(super) fn compile(text: &str, wanted: Wanted) -> Result<Self, Error> {
        let standard = jaq_std::defs().filter(|def| (def.name, def.args.len()) != ("test", 2));
        let defs = jaq_core::defs().chain(standard).chain(jaq_json::defs());
        let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).map(tamed);
        let funs = funs.chain([regexes::test()]);
        let arena = Arena::default();
        let modules = Loader::new(defs)
            .load(&arena, File { code: text, path: () })
            .map_err(|errors| load_error(text, errors))?;
        let filter = Compiler::default()
            .with_funs(funs)
            .compile(modules)
            .map_err(|errors| compile_error(text, errors))?;
        Ok(Self { filter, wanted })
    }

    /// Runs until an output is truthy.
    pub(super) fn ask(&self, shown: &Shown<'_>, event: Option<&str>) -> Answer {
        let record = match value::of_record(shown, event, &self.wanted) {
            Ok(record) => record,
            Err(error) => return Answer::Failed(Failure::Value(error.what)),
        };
        self.ask_of(record)
    }

    /// The same on a value that is there.
    pub(super) fn ask_of(&self, value: Val) -> Answer {
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        for output in self.filter.id.run((context, value)) {
            match output.map_err(Exn::get_err) {
                Ok(value) if value.as_bool() => return Answer::Yes,
                Ok(_) => {}
                Err(Ok(error)) => return Answer::Failed(Failure::Jq(error.to_string())),
                Err(Err(_)) => return Answer::Failed(Failure::Value("the filter left its own program")),
            }
        }
        Answer::No
    }
}

/// The same function, or one that fails if it reaches out: the check of names in `paths` says so before, this holds it.
fn tamed(fun: jaq_core::native::Fun<Data>) -> jaq_core::native::Fun<Data> {
    let (name, arity, native) = fun;
    if !REACHING_OUT.contains(&name) {
        return (name, arity, native);
    }
    (name, arity, Native::new(|_| jaq_core::native::bome(Err(JqError::str("not available in a filter")))))
}

/// A name that a filter may not use.
pub(super) fn reaches_out(name: &str) -> bool {
    REACHING_OUT.contains(&name)
}

fn load_error(text: &str, errors: load::Errors<&str, ()>) -> Error {
    let first = errors.into_iter().next().map(|(_, error)| error);
    match first {
        Some(load::Error::Lex(errors)) => match errors.into_iter().next() {
            Some((expected, at)) => bad(text, at, &format!("expected {}", expected.as_str())),
            None => bad(text, "", "unreadable"),
        },
        Some(load::Error::Parse(errors)) => match errors.into_iter().next() {
            Some((expected, at)) => bad(text, at, &format!("expected {}", expected.as_str())),
            None => bad(text, "", "unreadable"),
        },
        Some(load::Error::Io(errors)) => match errors.into_iter().next() {
            Some((at, _)) => bad(text, at, "modules cannot be loaded"),
            None => bad(text, "", "modules cannot be loaded"),
        },
        None => bad(text, "", "unreadable"),
    }
}

fn compile_error(text: &str, errors: jaq_core::compile::Errors<&str, ()>) -> Error {
    let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
    match first {
        Some((name, undefined)) => bad(text, name, &format!("there is no {} `{name}`", undefined.as_str())),
        None => bad(text, "", "it does not compile"),
    }
}

/// The error of a filter that cannot be used, with a caret under `at` (a part of the text).
pub(super) fn bad(text: &str, at: &str, why: &str) -> Error {
    let inside = text.as_bytes().as_ptr_range();
    let start = at.as_ptr();
    let offset =
        if start >= inside.start && start <= inside.end { load::span(text, at).start } else { text.len() };
    // Filters on several lines are rare: the caret goes under their last line.
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let column = text[line_start..offset].chars().count();
    let caret = format!("{}^", " ".repeat(column));
    Error::usage(format!("`--where` is not valid jq: {why} at column {}\n  {line}\n  {caret}", column + 1))
}
