//! Made-up people: French names, addresses at example.org (RFC 2606), numbers nobody has.

use fake::Fake as _;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::FR_FR;
use minijinja::{Error, State};
use rand::RngExt as _;

use crate::model::template::run::live;

pub(super) fn first_name(state: &State<'_, '_>) -> Result<&'static str, Error> {
    Ok(FirstName(FR_FR).fake_with_rng(&mut *live(state)?.rng()))
}

pub(super) fn last_name(state: &State<'_, '_>) -> Result<&'static str, Error> {
    Ok(LastName(FR_FR).fake_with_rng(&mut *live(state)?.rng()))
}

pub(super) fn name(state: &State<'_, '_>) -> Result<String, Error> {
    Ok(format!("{} {}", first_name(state)?, last_name(state)?))
}

pub(super) fn email(state: &State<'_, '_>, of: Option<String>) -> Result<String, Error> {
    let name = match of {
        Some(name) => name,
        None => name(state)?,
    };
    let words =
        name.split(|c: char| c.is_whitespace() || c == '-').map(ascii).filter(|word| !word.is_empty());
    let mut local = words.collect::<Vec<_>>().join(".");
    // RFC 5321 allows 64 bytes; a name in another script leaves none.
    local.truncate(48);
    let local = match local.trim_end_matches('.') {
        "" => "someone",
        local => local,
    };
    let number = live(state)?.rng().random_range(1..1000);
    Ok(format!("{local}{number}@example.org"))
}

/// `+33 6 39 98 xx xx` is kept for works of fiction (ARCEP, decision 2018-0881).
pub(super) fn phone(state: &State<'_, '_>) -> Result<String, Error> {
    Ok(format!("+3363998{:04}", live(state)?.rng().random_range(0..10_000)))
}

/// A word in lower-case ASCII letters and digits; accents of the names that `fake` knows are dropped.
fn ascii(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => out.push('a'),
            'ç' => out.push('c'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ñ' | 'ń' => out.push('n'),
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' | 'ø' => out.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => out.push('u'),
            'ÿ' | 'ý' => out.push('y'),
            'ł' => out.push('l'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            _ => {}
        }
    }
    out
}
