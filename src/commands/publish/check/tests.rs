//! What is found in records, however they are read.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::lines::{Block, LineFormat};
use super::*;

const CREATED: &str = include_str!("../../../../fixtures/events/appointment.created/contract.json");

fn looked_at(lines: &str, tight: bool) -> Findings {
    let catalogue = Catalogue::builtin().unwrap();
    let checks = Checks::new(&catalogue, true, true).unwrap();
    let lines_of = Arc::new(LineFormat::new(None, None));
    let chunk = lines.as_bytes().to_vec().into();
    let mut block = Block { chunk, first_line: 1, name: "f".into(), lines: lines_of, tight };
    let overrides = Overrides {
        topic: None,
        key: None,
        headers: Vec::new(),
        partition: None,
        keep_partition: false,
        timestamp: None,
    };
    checks.look_at(&mut block, &overrides).unwrap()
}

proptest! {
    #[test]
    fn what_is_found_does_not_depend_on_the_guess_that_lines_are_tight(
        picked in prop::collection::vec(0..10_usize, 1..4),
        topic in prop_oneof![Just("appointment.created"), Just("other")],
    ) {
        let event: serde_json::Value = serde_json::from_str(CREATED).unwrap();
        let clean = event["value"].to_string();
        let values = [
            format!(r#"{{"json":{clean}}}}}"#),
            format!(r#"{{"json":{clean} }}}}"#),
            format!(r#"{{"json":{clean}}}}} "#),
            format!(r#"{{"json":{clean}}}, "masked":true}}"#),
            format!(r#"{{"json":{clean}}}"#),
            format!(r#"{{"json":{}}}}}"#, clean.replace("\"1.0.0\"", "\"x\"")),
            r#"{"json":{"unknown":{}}}}"#.to_owned(),
            r#"{"json":{"unknown":}}}"#.to_owned(),
            "null}".to_owned(),
            r#"{"text":"Marie {}"}}"#.to_owned(),
        ];
        let line = |at: &usize| format!("{{\"topic\":\"{topic}\",\"value\":{}\n", values[*at]);
        let lines: String = picked.iter().map(line).collect();
        let (guessed, read) = (looked_at(&lines, true), looked_at(&lines, false));
        let loose = picked.iter().any(|at| matches!(at, 1 | 2 | 3 | 4 | 7 | 8 | 9));
        prop_assert_eq!(guessed.plan.loose, loose);
        prop_assert_eq!(guessed.plan.known, read.plan.known);
        let (guessed, read) = (guessed.verdict(), read.verdict());
        let told = |verdict: Result<Plan, Error>| verdict.map(|p| format!("{:?}", p.topics)).map_err(|e| e.render());
        prop_assert_eq!(told(guessed), told(read));
    }
}
