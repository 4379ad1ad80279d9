//! jq's `test` with its regular expressions kept: jaq compiles them anew in every call, which was half of the time of a
//! filter with two of them.

use std::cell::RefCell;

use jaq_core::native::{Fun, bome, run, v};
use jaq_core::{DataT, Error, ValR};
use jaq_json::Val;
use jaq_std::ValT as _;
use regex_bites::bytes::{Regex, RegexBuilder};

/// So many are kept by each thread: filters have few, unless they make them from the records.
const KEPT: usize = 16;

/// One that is kept.
struct Kept {
    pattern: Box<str>,
    flags: Box<str>,
    regex: Regex,
}

thread_local! {
    /// The one used last is the first.
    static REGEXES: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// `test(re; flags)`, in place of the definition in jaq's `defs.jq`: `matches(re; flags) | any`.
pub(super) fn test<D>() -> Fun<D>
where
    D: for<'a> DataT<V<'a> = Val>,
{
    run(("test", v(2), |mut cv| {
        let flags = cv.0.pop_var();
        let pattern = cv.0.pop_var();
        bome(holds(&cv.1, &pattern, &flags))
    }))
}

/// Errors are those of jaq's `matches`, in its order.
fn holds(text: &Val, pattern: &Val, flags: &Val) -> ValR<Val> {
    let (flags, pattern) = (str_of(flags)?, str_of(pattern));
    if let Some(unknown) = flags.chars().find(|flag| !"gnimslxp".contains(*flag)) {
        return Err(Error::str(format_args!("invalid regex flag: {unknown}")));
    }
    let pattern = pattern?;
    REGEXES.with_borrow_mut(|kept| {
        if let Some(at) = kept.iter().position(|one| *one.pattern == *pattern && *one.flags == *flags) {
            kept[..=at].rotate_right(1);
        } else {
            let regex =
                compile(pattern, flags).map_err(|why| Error::str(format_args!("invalid regex: {why}")))?;
            kept.truncate(KEPT - 1);
            kept.insert(0, Kept { pattern: pattern.into(), flags: flags.into(), regex });
        }
        let bytes = text.as_utf8_bytes().ok_or_else(|| Error::typ(text.clone(), "string"))?;
        // The flag `n` passes over empty matches.
        let found = if flags.contains('n') {
            kept[0].regex.find_iter(bytes).any(|found| !found.is_empty())
        } else {
            kept[0].regex.is_match(bytes)
        };
        Ok(Val::from(found))
    })
}

fn str_of(value: &Val) -> Result<&str, Error<Val>> {
    let bytes = value.as_utf8_bytes().ok_or_else(|| Error::typ(value.clone(), "string"))?;
    std::str::from_utf8(bytes).map_err(Error::str)
}

fn compile(pattern: &str, flags: &str) -> Result<Regex, regex_bites::Error> {
    let is = |flag| flags.contains(flag);
    RegexBuilder::new(pattern)
        .case_insensitive(is('i'))
        .multi_line(is('m') || is('p'))
        .dot_matches_new_line(is('s') || is('p'))
        .swap_greed(is('l'))
        .ignore_whitespace(is('x'))
        .build()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::model::filter::machine::Machine;
    use crate::model::filter::value;
    use crate::model::filter::wanted::Wanted;

    /// What a program says of a JSON text.
    fn ask(program: &str, json: &str) -> String {
        let machine = Machine::compile(program, Wanted::Whole).map_err(|error| error.render()).unwrap();
        format!("{:?}", machine.ask_of(value::of_text(json).unwrap()))
    }

    proptest! {
        #[test]
        fn test_is_what_jaq_defines_it_to_be(
            text in prop_oneof!["[ab\\n é]{0,6}".prop_map(|s| serde_json::json!(s)), Just(serde_json::json!(7))],
            pattern in prop_oneof!["[ab.*+?^$|() \\[]{0,5}", Just("^a".to_owned()), Just("B$".to_owned()), Just("b*".to_owned())],
            flags in prop_oneof!["[gnimslxpq]{0,2}", Just(String::new())],
        ) {
            let (json, pattern, flags) = (text.to_string(), serde_json::json!(pattern), serde_json::json!(flags));
            let ours = ask(&format!("test({pattern}; {flags})"), &json);
            let defined = ask(&format!("matches({pattern}; {flags}) | any"), &json);
            prop_assert_eq!(&ours, &defined, "{} {} {}", json, pattern, flags);
            prop_assert_eq!(&ours, &ask(&format!("test({pattern}; {flags})"), &json), "again");
        }
    }

    #[test]
    fn every_pattern_and_every_set_of_flags_is_tried() {
        let both = r#"[test("a", "b"; "", "i")] == [matches("a", "b"; "", "i") | any]"#;
        assert_eq!(ask(both, "\"AB\""), "Yes");
        assert_eq!(ask(r#"[range(40) as $n | "x\($n)" | test("x\($n)$")] | all"#, "null"), "Yes");
        assert_eq!(ask(r#"test("b")"#, "\"abc\""), ask(r#"test("b"; "")"#, "\"abc\""));
    }
}
