//! The reader against `serde_json`, and where it says what is wrong.

use proptest::prelude::*;

use super::super::check;
use super::*;

fn serde_takes(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[test]
fn odd_json_is_judged_as_serde_json_judges_it() {
    let cases = [
        "{}",
        "[]",
        " [1 , 2 ]\n",
        "{\"a\":1,\"a\":2}",
        "[1e400,-0,-0.0E+1,123456789012345678901234567890]",
        "[\"\\ud800\"]",
        "[\"\\u00e9\\\"\"]",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[\"\t\"]",
        "[\"\\x\"]",
        "[\"\\u12\"]",
        "[tru]",
        "[nul",
        "[truex]",
        "[1 2]",
        "",
        " ",
        "{",
        "[",
        "\"",
        "\"a",
        "nullx",
        "[]]",
        "[-]",
        "[1e]",
        "[1e+]",
        "{\"a\":1 \"b\":2}",
        "{1:2}",
        "[\u{feff}]",
        "\u{feff}[]",
        "[\"\u{7f}\u{80}\u{2028}\"]",
        "{\"a\":[{\"b\":[[]]}]}",
    ];
    for text in cases {
        assert_eq!(check(text).is_ok(), serde_takes(text), "{text:?}: {:?}", check(text));
    }
}

#[test]
fn nesting_has_no_limit() {
    for depth in [1, 63, 64, 65, 128, 129, 100_000] {
        let text = format!("{}{}", "[{\"a\":".repeat(depth), "1}]".repeat(0));
        assert!(check(&text).is_err());
        let text = format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        check(&text).unwrap();
        let text = format!("{}1{}]", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        assert!(check(&text).is_err());
    }
}

#[test]
fn errors_say_the_line_and_the_column() {
    let text = "{\n \"a\" 1}";
    assert_eq!(check(text).unwrap_err().describe(text), "expected `:` at line 2, column 6");
    assert_eq!(check("[1").unwrap_err().describe("[1"), "the JSON text ends too early at line 1, column 3");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_reader_takes_what_serde_json_takes(text in "[\\[\\]{}:,\"\\\\ /btrufalsen01.eE+\\-\u{1}é]{0,12}") {
        prop_assert_eq!(check(&text).is_ok(), serde_takes(&text));
    }

    #[test]
    fn a_plain_run_ends_where_a_slow_search_ends(bytes in proptest::collection::vec(prop_oneof![
        8 => 0x20u8..=0xff, 1 => Just(b'"'), 1 => Just(b'\\'), 1 => 0u8..0x20], 0..40)) {
        let slow = bytes.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(bytes.len());
        prop_assert_eq!(plain_run(&bytes, 0), slow);
    }
}
