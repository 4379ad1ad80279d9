//! Templates keep types, draw on the run, and say what is wrong with them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn run_with(env: &[(&str, &str)]) -> Run {
    let env: BTreeMap<String, String> = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Run::new(5, "2026-03-01T12:34:56.789Z".parse().unwrap(), env)
}

fn render(json: &Json) -> Result<Json, Fault> {
    let mut engine = Engine::default();
    let template = engine.compile("/value", json, &["word", "count", "list", "object"])?;
    let scope = Scope::new(&run_with(&[("SITE", "nord")]), 3);
    scope.set("word", &json!("mot"));
    scope.set("count", &json!(7));
    scope.set("list", &json!([1, "two", null]));
    scope.set("object", &json!({"z": 1, "a": {"y": 2.5, "b": false}}));
    engine.render(&template, &scope)
}

#[test]
fn a_string_that_is_one_expression_keeps_its_type_and_others_become_text() {
    let cases = [
        ("{{ count }}", json!(7)),
        ("{{count}}", json!(7)),
        ("{{ count + 1 }}", json!(8)),
        ("{{ count / 2 }}", json!(3.5)),
        (" {{ count }}", json!(" 7")),
        ("n° {{ count }}", json!("n° 7")),
        ("{{ count }}{{ word }}", json!("7mot")),
        ("{{ count }}, {{ count }}", json!("7, 7")),
        ("{{ word }}", json!("mot")),
        ("{{ list }}", json!([1, "two", null])),
        ("{{ object }}", json!({"z": 1, "a": {"y": 2.5, "b": false}})),
        ("{{ object.a.y }}", json!(2.5)),
        ("{{ list[1] }}", json!("two")),
        ("{{ none }}", Json::Null),
        ("{{ count > 3 }}", json!(true)),
        ("{{ list }} {{ none }} {{ true }}", json!("[1,\"two\",null] null true")),
        ("{{ '}} {{' }}", json!("}} {{")),
        ("{% if count > 3 %}many{% else %}few{% endif %}", json!("many")),
        ("{% for i in range(3) %}{{ i }}{% endfor %}", json!("012")),
        ("{# nothing #}", json!("")),
        ("{{ word | upper }}\n", json!("MOT\n")),
        ("<b>{{ '<&>' }}</b>", json!("<b><&></b>")),
        ("{{ seq }}", json!(3)),
        ("{{ int(4, 4) }}", json!(4)),
        ("{{ env('SITE') }}", json!("nord")),
        ("{{ env('NONE', 12) }}", json!(12)),
        ("{{ now() }}", json!("2026-03-01T12:34:56.789Z")),
        ("{{ now('+1h') }}", json!("2026-03-01T13:34:56.789Z")),
        ("{{ now('-2d') }}", json!("2026-02-27T12:34:56.789Z")),
        ("{{ now('-1mo 1d') }}", json!("2026-01-31T12:34:56.789Z")),
        ("{{ now(at='08:30') }}", json!("2026-03-01T08:30:00.000Z")),
        ("{{ now('+14d', at='23:59:59.5') }}", json!("2026-03-15T23:59:59.500Z")),
        ("{{ shift('2024-02-29T23:00:00+01:00', '1y') }}", json!("2025-02-28T22:00:00.000Z")),
        ("{{ choice(['x']) }}{{ choice('y') }}", json!("xy")),
    ];
    for (template, wanted) in cases {
        assert_eq!(render(&json!(template)), Ok(wanted), "{template}");
    }
}

#[test]
fn what_is_unknown_or_fails_is_told_with_its_place_and_what_there_is() {
    let cases = [
        ("{{ wrd }}", "there is no variable or function `wrd`"),
        ("{{ uid() }}", "there is no variable or function `uid`"),
        ("{{ debug() }}", "there is no variable or function `debug`"),
        ("{% if nope %}x{% endif %}", "there is no variable or function `nope`"),
        ("{{ count", "the template fails: unexpected end of input, expected end of variable block"),
        ("{{ word | uper }}", "the template fails: filter uper is unknown"),
        ("{{ object.none }}", "the template fails: a field that is not there was used"),
        ("{{ 'x' if false }}", "the expression has no value"),
        ("{{ now('soon') }}", "the template fails: `soon` is not an offset such as `+1h`, `-2d` or `1d 12h`"),
        (
            "{{ now('99999y') }}",
            "the template fails: `99999y` is not an offset such as `+1h`, `-2d` or `1d 12h`",
        ),
        ("{{ now('9999y') }}", "the template fails: `9999y` leads out of the calendar"),
        ("{{ now(at='noon') }}", "the template fails: `at` is a time of day, such as '10:00'"),
        ("{{ shift(word, '1h') }}", "the template fails: the first argument of `shift` is not a date-time"),
        ("{{ int(2, 1) }}", "the template fails: the first argument of `int` is above the second"),
        ("{{ choice([]) }}", "the template fails: `choice` has nothing to choose from"),
        (
            "{{ env('HOME') }}",
            "the template fails: the environment variable `HOME` is not given (`--env HOME`)",
        ),
        ("{{ 1 / 0 }}", "the template fails: "),
    ];
    for (template, wanted) in cases {
        let fault = render(&json!({"a": [0, template]})).expect_err(template);
        assert_eq!(fault.pointer, "/value/a/1", "{template}");
        assert!(fault.message.starts_with(wanted), "{template}: {}", fault.message);
    }
    let hints = render(&json!("{{ wrd }}")).unwrap_err().hints.join("\n");
    assert!(hints.contains("did you mean `word`"), "{hints}");
    assert!(hints.contains("variables here: `word`, `count`, `list`, `object`, `seq`"), "{hints}");
    for function in functions::FUNCTIONS {
        assert!(hints.contains(&format!("`{}`", function.signature)), "{} is not listed", function.name);
    }
}

#[test]
fn every_function_is_registered_and_made_up_data_has_its_form() {
    let engine = Engine::default();
    let mut registered: Vec<String> = engine.env.globals().map(|(name, _)| name.to_owned()).collect();
    registered.retain(|name| !["range", "dict", "namespace"].contains(&name.as_str()));
    let mut listed: Vec<String> = functions::FUNCTIONS.iter().map(|f| f.name.to_owned()).collect();
    registered.sort();
    listed.sort();
    assert_eq!(registered, listed);

    let mut engine = Engine::default();
    let json = json!([
        "{{ uuid() }}",
        "{{ short_id() }}",
        "{{ name() }}",
        "{{ first_name() }}",
        "{{ last_name() }}",
        "{{ email() }}",
        "{{ email('Zoé-Ångström d\\'Exemple-Łódź') }}",
        "{{ email('李') }}",
        "{{ phone() }}",
        "{{ int(-3, 3) }}"
    ]);
    let template = engine.compile("", &json, &[]).unwrap();
    let run = run_with(&[]);
    let forms = [
        "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        "^[0-9a-z]{9}$",
        "^.+ .+$",
        "^.+$",
        "^.+$",
        r"^[a-z0-9.]+@example\.org$",
        r"^zoe\.angstrom\.dexemple\.lodz[0-9]+@example\.org$",
        r"^someone[0-9]+@example\.org$",
        r"^\+3363998[0-9]{4}$",
    ]
    .map(|form| regex::Regex::new(form).unwrap());
    let mut numbers = std::collections::BTreeSet::new();
    for seq in 0..300 {
        let values = engine.render(&template, &Scope::new(&run, seq)).unwrap();
        for (value, form) in values.as_array().unwrap().iter().zip(&forms) {
            assert!(form.is_match(value.as_str().unwrap()), "{value} against {form}");
        }
        numbers.insert(values[9].as_i64().unwrap());
    }
    assert_eq!(numbers, (-3..=3).collect());
}

fn any_json() -> impl Strategy<Value = Json> {
    // Text with braces that open no template: `{{`, `{%` and `{#` do.
    let text = "[^{]*|[{]?[ -z]*"
        .prop_filter("opens a template", |text| !["{{", "{%", "{#"].iter().any(|open| text.contains(open)));
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        text.prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((".*", inner), 0..6)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_without_templates_renders_as_itself(json in any_json()) {
        let rendered = render(&json).map(|rendered| rendered.to_string());
        prop_assert_eq!(rendered, Ok(json.to_string()));
    }

    #[test]
    fn no_text_makes_the_engine_panic(text in ".*|[{}%#|'a-z() .,0-9\\[\\]-]{0,40}") {
        let _ = render(&json!(text));
    }
}
