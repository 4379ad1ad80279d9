//! Patterns of schemas, told quickly: most texts that they are asked of are short.

use regex::Regex;
use regex_automata::Input;
use regex_automata::dfa::{Automaton as _, dense};
use regex_automata::util::syntax;

/// A table has no more bytes than this.
const TABLE: usize = 1 << 18;

/// A regular expression.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// The same for ASCII, as a table: one look at each byte, and no memory to be found for it first, which is most of
    /// what a short text costs.
    table: Option<Box<dense::DFA<Vec<u32>>>>,
}

impl Pattern {
    /// `None` if Rust does not know its syntax.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let limits = dense::Config::new().dfa_size_limit(Some(TABLE)).determinize_size_limit(Some(TABLE));
        // What is special about Unicode makes no difference to ASCII texts; what needs it has no table.
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let table = dense::Builder::new().configure(limits).syntax(syntax).build(pattern).ok();
        Some(Self { regex: Regex::new(pattern).ok()?, table: table.map(Box::new) })
    }

    /// Whether it takes some part of the text.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let table = self.table.as_ref().filter(|_| text.is_ascii());
        match table.map(|table| table.try_search_fwd(&Input::new(text).earliest(true))) {
            Some(Ok(found)) => found.is_some(),
            Some(Err(_)) | None => self.regex.is_match(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_contracts_patterns_have_tables_and_large_ones_have_none() {
        assert!(Pattern::new(r"^[0-9]+\.[0-9]+\.[0-9]+$").unwrap().table.is_some());
        let large = Pattern::new("[a-q][^u-z]{13}x").unwrap();
        assert!(large.table.is_none());
        assert!(large.is_match("abbbbbbbbbbbbbx"));
        assert!(Pattern::new(r"^\p{L}+$").unwrap().table.is_none());
        assert!(Pattern::new("(").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_table_says_what_the_regular_expression_says(
            pattern in prop_oneof![
                Just(r"^(?:\w+-\d{1,3})$"), Just(r"\bdoctor\b"), Just("(?i)^[k-s]+$"), Just("^.*é$"), Just("a|^$"),
                Just(r"^\S+\s"), Just(r"\Bx"), Just("(?m)^b$"),
            ],
            text in prop_oneof!["[a-cx0-9 .k-s-]{0,8}", Just("doctor x".to_owned()), any::<String>(), "[KS\u{212a}ſé\n]{0,3}"],
        ) {
            let pattern = Pattern::new(pattern).unwrap();
            prop_assert_eq!(pattern.is_match(&text), pattern.regex.is_match(&text));
        }
    }
}
