//! `publish --file` with a file of many blocks, which several threads check.

use crate::support::process::Run;
use crate::support::{Home, Rdvctl};

/// Of about 150 bytes: a megabyte and a half.
const LINES: usize = 10_000;

fn payload(number: usize) -> String {
    format!(
        r#"{{"patientId":"p-{number}","name":"n","email":"n@example.test","phone":"+33 6 {number}","registeredAt":"2024-01-09T08:00:00.000Z"}}"#
    )
}

fn dry_run(home: &Home, lines: &[String], flags: &[&str]) -> Run {
    let file = home.file("large.ndjson", lines.join("\n"));
    let args = ["publish", "patient.registered", "--dry-run", "-o", "ndjson", "--reveal", "--file"];
    Rdvctl::at(home).args(args).arg(file).args(flags).run()
}

#[test]
fn problems_come_in_the_order_of_their_lines_and_nothing_is_shown() {
    let mut lines: Vec<String> = (1..=LINES).map(payload).collect();
    let broken = [1, 2999, 3000, 9999, LINES];
    for line in broken {
        lines[line - 1] = lines[line - 1].replace("\"name\":\"n\",", "");
    }
    lines[4999] = r#"{"patientId":"p","#.to_owned();
    let home = Home::new();
    let run = dry_run(&home, &lines, &[]).expect(3);
    let places = run.err().split("large.ndjson:").skip(1);
    let said: Vec<usize> = places.filter_map(|place| place.split(':').next()?.parse().ok()).collect();
    assert_eq!(said, [1, 2999, 3000, 5000, 9999, LINES], "{}", run.err());
    assert_eq!(run.out(), "");
}

#[test]
fn of_very_many_problems_the_first_are_told_and_the_rest_counted() {
    let lines: Vec<String> = (1..=LINES).map(|n| payload(n).replace("\"phone\"", "\"fone\"")).collect();
    let home = Home::new();
    let run = dry_run(&home, &lines, &[]).expect(3);
    assert!(run.err().contains("10,000 problems"), "{}", run.err());
    assert!(
        run.err().contains("large.ndjson:20:") && !run.err().contains("large.ndjson:21:"),
        "{}",
        run.err()
    );
    assert!(run.err().contains("… and 9980 more"), "{}", run.err());
}

#[test]
fn keys_are_those_of_the_payloads_whatever_is_known_of_them() {
    let home = Home::new();
    let usual: Vec<String> = (1..=LINES).map(payload).collect();
    let mut unusual = usual.clone();
    // Twice, escaped, spaced: the last of equal names counts, as for `JSON.parse`.
    unusual[10] = unusual[10].replace("{\"patientId\"", "{\"patientId\":\"first\",\"patientId\"");
    unusual[6000] = unusual[6000].replace("\"patientId\"", "\"patient\\u0049d\"");
    unusual[9000] = unusual[9000].replace(':', " : ").replace("08 : 00 : 00", "08:00:00");
    for lines in [&usual, &unusual] {
        for flags in [&[][..], &["--no-validate"], &["--topic", "elsewhere"]] {
            let records = dry_run(&home, lines, flags).expect(0).ndjson();
            assert_eq!(records.len(), LINES);
            for (number, record) in (1..).zip(&records) {
                assert_eq!(record["key"]["text"], format!("p-{number}"), "{flags:?}");
            }
        }
    }
    let records = dry_run(&home, &usual, &["--key", "mine"]).expect(0).ndjson();
    assert!(records.iter().all(|record| record["key"]["text"] == "mine"));
}
