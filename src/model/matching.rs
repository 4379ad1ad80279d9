//! Plain matches on records as they are shown: `--key`, `--header`, `--grep`.
//!
//! Who asks for a key or a header's value knows it already, so a masked one is compared by its pseudonym.

use super::mask::Masker;
use super::shown::{Content, Shown};
use crate::error::Error;

/// A value that is looked for, as it is or as its pseudonym.
#[derive(Debug, Clone)]
pub struct Wanted {
    text: String,
    pseudonym: Option<String>,
}

impl Wanted {
    /// `text`, and what it is shown as by `masker`.
    pub fn new(masker: Option<&Masker>, text: &str) -> Self {
        let pseudonym = masker.map(|masker| masker.pseudonym(text.as_bytes()).as_str().to_owned());
        Self { text: text.to_owned(), pseudonym }
    }

    /// Whether it is what is shown.
    pub fn is(&self, shown: &[u8]) -> bool {
        shown == self.text.as_bytes() || self.pseudonym.as_ref().is_some_and(|p| shown == p.as_bytes())
    }

    /// Whether it is what is shown; null is nothing.
    pub fn is_content(&self, content: &Content<'_>) -> bool {
        content.as_text().is_some_and(|text| self.is(text.as_bytes()))
    }
}

/// One condition on a record.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// The key is this.
    Key(Wanted),
    /// A header of this name is there, with this value if one is given.
    Header(Wanted, Option<Wanted>),
    /// The text of the key, the value, or a header (name or value) matches.
    Grep(regex::Regex),
}

impl Matcher {
    /// `--key K`.
    pub fn key(masker: Option<&Masker>, key: &str) -> Self {
        Self::Key(Wanted::new(masker, key))
    }

    /// `--header K=V`, or `--header K` for any value.
    pub fn header(masker: Option<&Masker>, text: &str) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self::Header(Wanted::new(masker, name), Some(Wanted::new(masker, value))),
            None => Self::Header(Wanted::new(masker, text), None),
        }
    }

    /// `--grep REGEX`; a broken one is a usage error.
    pub fn grep(pattern: &str) -> Result<Self, Error> {
        let regex = regex::Regex::new(pattern).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Error::usage(format!("`--grep` is not a regular expression: {why}"))
                .hint("plain text works too; put a backslash before `. + * ? ( ) [ ] { } | ^ $ \\`")
        })?;
        Ok(Self::Grep(regex))
    }

    /// Whether a record meets it.
    pub fn matches(&self, shown: &Shown<'_>) -> bool {
        match self {
            Matcher::Key(wanted) => wanted.is_content(&shown.key),
            Matcher::Header(name, value) => shown.headers.iter().any(|(n, v)| {
                name.is(n.as_bytes()) && value.as_ref().is_none_or(|wanted| wanted.is_content(v))
            }),
            Matcher::Grep(regex) => {
                let finds =
                    |content: &Content<'_>| content.as_text().is_some_and(|text| regex.is_match(text));
                let in_header = |(name, value): &(_, _)| {
                    let name: &std::borrow::Cow<'_, str> = name;
                    regex.is_match(name) || finds(value)
                };
                finds(&shown.value) || finds(&shown.key) || shown.headers.iter().any(in_header)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::catalogue::Catalogue;
    use crate::model::record::{Header, Record};
    use crate::model::shown::Shower;

    fn record() -> Record<'static> {
        let header = |name: &'static str, value: Option<&'static [u8]>| Header {
            name: name.into(),
            value: value.map(Into::into),
        };
        Record {
            topic: "unknown.topic".into(),
            partition: None,
            offset: None,
            timestamp: None,
            key: Some(b"Marie Curie".into()),
            headers: vec![
                header("x-who", Some(b"Pierre")),
                header("x-null", None),
                header("x-eq", Some(b"a=b")),
            ],
            value: Some(br#"{"text":"radium"}"#.into()),
        }
    }

    #[test]
    fn keys_and_headers_are_found_masked_or_not() {
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let masker = Arc::new(Masker::new(b"k", &catalogue));
        let record = record();
        for masker in [None, Some(masker)] {
            let shower = Shower::new(Arc::clone(&catalogue), masker);
            let masker = shower.masker();
            for (matcher, expected) in [
                (Matcher::key(masker, "Marie Curie"), true),
                (Matcher::key(masker, "Marie"), false),
                (Matcher::header(masker, "x-who=Pierre"), true),
                (Matcher::header(masker, "x-who=Marie"), false),
                (Matcher::header(masker, "x-eq=a=b"), true),
                (Matcher::header(masker, "x-null"), true),
                (Matcher::header(masker, "x-null="), false),
                (Matcher::header(masker, "x-none"), false),
            ] {
                assert_eq!(matcher.matches(&shower.show(&record)), expected, "{matcher:?}");
            }
        }
    }

    #[test]
    fn grep_sees_what_is_shown_and_no_more() {
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let masker = Arc::new(Masker::new(b"k", &catalogue));
        let record = record();
        for (masker, pattern, expected) in [
            (None, "rad.um", true),
            (None, "^Marie", true),
            (None, "Pierre", true),
            (None, "x-who", true),
            (None, "polonium", false),
            (Some(Arc::clone(&masker)), "rad.um|Marie|Pierre|x-who", false),
            (Some(masker), "masked:", true),
        ] {
            let shower = Shower::new(Arc::clone(&catalogue), masker);
            let found = Matcher::grep(pattern).unwrap().matches(&shower.show(&record));
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn a_broken_pattern_is_refused() {
        let error = Matcher::grep("a(").unwrap_err();
        assert_eq!(error.kind().code(), 2);
        assert_eq!(error.to_string(), "`--grep` is not a regular expression: unclosed group");
    }
}
