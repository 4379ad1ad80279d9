//! README's examples are run: what a reader copies works, and shows what is shown.
//!
//! A ```` ```console ```` block holds `$ command` lines and what they print. Each command ends with 0 unless its line ends
//! with `# exit N`. In the output `[..]` stands for anything within a line and a line `...` for any lines; a command
//! without output shown may print what it likes. All run in one shell's surroundings, against one sandbox, in order.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::process::{Run, Running};
use crate::support::{Home, Rdvctl, read};

struct Example {
    line: usize,
    command: String,
    code: i32,
    shown: Vec<String>,
}

#[test]
fn the_examples_of_the_readme_do_what_they_show() {
    let examples = examples(&read("README.md"));
    assert!(examples.len() >= 5, "README has {} examples", examples.len());
    let home = Home::new();
    let mut sandbox =
        Rdvctl::at(&home).args(["sandbox", "--port", "0"]).limit(Duration::from_secs(300)).spawn();
    sandbox.wait_until_it_says("127.0.0.1:");
    let mut wrong = Vec::new();
    for example in &examples {
        let run = shell(&home, &example.command);
        let at = format!("README.md:{}: $ {}", example.line, example.command);
        if run.code != example.code {
            wrong.push(format!("{at}\nexpected exit {}\n{}", example.code, run.transcript()));
        } else if !example.shown.is_empty()
            && !matches(&example.shown, &run.out().lines().collect::<Vec<_>>())
        {
            wrong.push(format!("{at}\nexpected\n{}\n{}", example.shown.join("\n"), run.transcript()));
        }
    }
    sandbox.interrupt();
    sandbox.wait().expect(0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_readmes_first_command_shows_the_loop() {
    assert!(read("README.md").contains("cargo run --release -- demo\n"), "the first command runs the demo");
    let run = Rdvctl::new().arg("demo").run().expect(0);
    for topic in ["patient.registered", "doctor.available", "calendar.slot.freed", "appointment.created"] {
        assert!(
            run.out().contains(topic) || run.err().contains(topic),
            "nothing of {topic}\n{}",
            run.transcript()
        );
    }
}

/// Runs one line of the README in a shell that finds the binary and the sandbox of `home`.
fn shell(home: &Home, line: &str) -> Run {
    let binary = Path::new(env!("CARGO_BIN_EXE_rdvctl")).parent().unwrap();
    let inner = Rdvctl::at(home).env("RDVCTL_CONTEXT", "sandbox").command();
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(home.path()).env_clear();
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let path = crate::support::variable("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", binary.display()));
    Running::start(command, None, Duration::from_secs(60)).wait()
}

fn examples(readme: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    for (number, line) in readme.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            if let Some(command) = line.strip_prefix("$ ") {
                let code = command.rsplit_once("# exit ").map_or(0, |(_, code)| code.trim().parse().unwrap());
                found.push(Example {
                    line: number + 1,
                    command: command.to_owned(),
                    code,
                    shown: Vec::new(),
                });
            } else if let Some(example) = found.last_mut() {
                example.shown.push(line.to_owned());
            }
        }
    }
    found
}

/// Whether lines are as shown: `...` is any lines, `[..]` anything within one.
fn matches(shown: &[String], lines: &[&str]) -> bool {
    match (shown.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "..." => {
            (0..=lines.len()).any(|skip| matches(rest, &lines[skip..]))
        }
        (Some((first, rest)), Some((line, others))) => matches_line(first, line) && matches(rest, others),
        _ => false,
    }
}

fn matches_line(shown: &str, line: &str) -> bool {
    let (shown, line) = (shown.trim_end(), line.trim_end());
    let Some((head, rest)) = shown.split_once("[..]") else { return shown == line };
    let Some(mut line) = line.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split("[..]").collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = line.find(part) else { return false };
        line = &line[at + part.len()..];
    }
    line.ends_with(last)
}

#[test]
fn the_example_test_can_fail() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&shown("a [..] c\n...\nz"), &["a b c", "x", "y", "z"]));
    assert!(matches(&shown("...\nz"), &["z"]));
    assert!(!matches(&shown("a [..] c"), &["a b d"]));
    assert!(!matches(&shown("a"), &["a", "b"]));
    assert!(!matches(&shown("a\nb"), &["a"]));
    assert!(matches_line("[..]b[..]d", "a b c d"));
    assert!(!matches_line("[..]b[..]d", "a d c b"));
    let examples = examples("```sh\n$ no\n```\n```console\n$ rdvctl x # exit 2\n$ rdvctl y\nout\n```\n");
    let read: Vec<_> = examples.iter().map(|e| (e.line, e.command.as_str(), e.code, e.shown.len())).collect();
    assert_eq!(read, [(5, "rdvctl x # exit 2", 2, 0), (6, "rdvctl y", 0, 1)]);
}
