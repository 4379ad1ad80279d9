//! One settings file: TOML with the line and column of whatever is wrong. No error holds a value of the file.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::context::Context;
use super::origin::{Origin, Sourced};
use super::property::{Property, canonical, literal_secret};
use super::secret::{SecretRef, resolve_path};
use crate::Env;
use crate::error::Error;
use crate::model::duration::parse_duration;

const TOP_FIELDS: [&str; 2] = ["default_context", "context"];
const CONTEXT_FIELDS: [&str; 7] =
    ["brokers", "protected", "catalogue", "redaction_key", "timeout", "deadline", "kafka"];

/// A settings file's content.
#[derive(Debug)]
pub(super) struct File {
    /// The context to use when none is named.
    pub(super) default_context: Option<Sourced<String>>,
    /// Its contexts, by name.
    pub(super) contexts: BTreeMap<String, Context>,
}

impl File {
    /// Reads a file's text.
    pub(super) fn parse(path: &Path, text: &str, env: &Env) -> Result<Self, Error> {
        let reader = Reader { path, text, env };
        let table = DeTable::parse(text).map_err(|e| reader.syntax(&e))?;
        let mut file = Self { default_context: None, contexts: BTreeMap::new() };
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "default_context" => {
                    file.default_context = Some(reader.string(key, value)?.map(str::to_owned));
                }
                "context" => reader.contexts(value, &mut file.contexts)?,
                _ => return Err(reader.unknown(key, "field", &TOP_FIELDS)),
            }
        }
        Ok(file)
    }
}

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
type Value<'i> = Spanned<DeValue<'i>>;

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    env: &'a Env,
}

impl Reader<'_> {
    fn contexts(&self, value: &Value<'_>, contexts: &mut BTreeMap<String, Context>) -> Result<(), Error> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self
                .wrong(value.span().start, "`context` is the table of all contexts")
                .hint("choose one with `default_context = \"NAME\"`, describe one in `[context.NAME]`"));
        };
        for (name, value) in table {
            let at = name.span().start;
            if name.get_ref().as_ref() == super::files::SANDBOX_CONTEXT {
                return Err(self
                    .wrong(at, "the context `sandbox` is built in and has no settings")
                    .hint("give this context another name"));
            }
            let what = format!("`context.{}`", name.get_ref());
            let Some(table) = value.get_ref().as_table() else { return Err(self.not(at, &what, "a table")) };
            let mut context = Context { origins: vec![self.origin(at)], ..Context::default() };
            for (key, value) in table {
                self.setting(&mut context, key, value)?;
            }
            contexts.insert(name.get_ref().to_string(), context);
        }
        Ok(())
    }

    fn setting(&self, context: &mut Context, key: &Key<'_>, value: &Value<'_>) -> Result<(), Error> {
        let origin = self.origin(key.span().start);
        match key.get_ref().as_ref() {
            "brokers" => context.brokers = Some(self.string(key, value)?.map(str::to_owned)),
            "protected" => {
                let Some(protected) = value.get_ref().as_bool() else {
                    return Err(self.not(value.span().start, "`protected`", "`true` or `false`"));
                };
                context.protected = Some(Sourced::new(protected, origin));
            }
            "catalogue" => {
                let path = self.string(key, value)?;
                context.catalogue = Some(path.map(|path| resolve_path(path, self.folder(), self.env)));
            }
            "redaction_key" => {
                let text = self.string(key, value)?;
                let reference = SecretRef::parse(text.value, self.folder(), self.env)
                    .ok_or_else(|| literal_secret("redaction_key", &text.origin))?;
                context.redaction_key = Some(Sourced::new(reference, origin));
            }
            "timeout" => context.timeout = Some(self.duration(key, value)?),
            "deadline" => context.deadline = Some(self.duration(key, value)?),
            "kafka" => {
                let Some(table) = value.get_ref().as_table() else {
                    return Err(self.not(value.span().start, "`kafka`", "a table of librdkafka properties"));
                };
                self.properties("", table, &mut context.properties)?;
            }
            _ => return Err(self.unknown(key, "setting", &CONTEXT_FIELDS)),
        }
        Ok(())
    }

    /// `"sasl.username" = …` and `sasl.username = …` are the same here, though TOML takes the second as tables.
    fn properties(
        &self,
        prefix: &str,
        table: &DeTable<'_>,
        properties: &mut BTreeMap<String, Property>,
    ) -> Result<(), Error> {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let text = match value.get_ref() {
                DeValue::Table(table) => {
                    self.properties(&format!("{name}."), table, properties)?;
                    continue;
                }
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
                DeValue::Float(number) => number.as_str().to_owned(),
                DeValue::Boolean(yes) => yes.to_string(),
                _ => {
                    let what = format!("the property `{name}`");
                    return Err(self.not(value.span().start, &what, "a string, a number, `true` or `false`"));
                }
            };
            let origin = self.origin(key.span().start);
            let property = Property::parse(&name, &text, origin, (self.folder(), self.env))?;
            if let Some(other) = properties.insert(canonical(&name).to_owned(), property) {
                let message = format!("`{name}` and `{}` are the same property", other.name);
                return Err(self.wrong(key.span().start, &message).hint("keep one of the two"));
            }
        }
        Ok(())
    }

    fn string<'v>(&self, key: &Key<'_>, value: &'v Value<'_>) -> Result<Sourced<&'v str>, Error> {
        match value.get_ref().as_str() {
            Some(text) => Ok(Sourced::new(text, self.origin(key.span().start))),
            None => Err(self.not(value.span().start, &format!("`{}`", key.get_ref()), "a string")),
        }
    }

    fn duration(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Sourced<std::time::Duration>, Error> {
        let name = key.get_ref();
        if let Some(number) = value.get_ref().as_integer() {
            return Err(self
                .not(value.span().start, &format!("`{name}`"), "a duration: it has no unit")
                .hint(format!("add a unit, such as `{name} = \"{}s\"`", number.as_str())));
        }
        let text = self.string(key, value)?;
        let duration = parse_duration(text.value).map_err(|e| {
            let error = self.wrong(value.span().start, &format!("`{name}` is not a duration"));
            let error = error.caused_by(e.causes().first().cloned().unwrap_or_else(|| e.to_string()));
            e.hints().iter().fold(error, Error::hint)
        })?;
        super::settings::bounded(name, duration, &text.origin)?;
        Ok(Sourced::new(duration, text.origin))
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn origin(&self, offset: usize) -> Origin {
        Origin::File { path: self.path.to_owned(), line: line_and_column(self.text, offset).0 }
    }

    fn wrong(&self, offset: usize, message: &str) -> Error {
        let (line, column) = line_and_column(self.text, offset);
        Error::usage(format!("{}:{line}:{column}: {message}", self.path.display()))
    }

    fn not(&self, offset: usize, what: &str, wanted: &str) -> Error {
        self.wrong(offset, &format!("{what} is not {wanted}"))
    }

    fn unknown(&self, key: &Key<'_>, noun: &str, known: &[&str]) -> Error {
        let name = key.get_ref();
        let error = self.wrong(key.span().start, &format!("there is no {noun} `{name}`"));
        match super::near::did_you_mean(name, known.iter().copied()) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// The parser's own rendering quotes the line, which may hold a secret; its message alone does not.
    fn syntax(&self, error: &toml::de::Error) -> Error {
        let at = error.span().map_or(0, |span| span.start);
        self.wrong(at, "this is not TOML").caused_by(error.message().to_owned())
    }
}

/// Line and column, both from 1, the column in characters.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
