//! Rules of the house that no compiler holds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::support::{files, read, root};

/// The folder or file → what of the crate it may name. `Env` is the process's surroundings, handed down by `commands`.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &["model", "error"]),
    ("kafka", &["kafka", "model", "config", "error", "interrupt"]),
    ("output", &["output", "model", "error", "Env", "env"]),
    ("terminal.rs", &["error", "output", "Env", "env"]),
    ("config", &["config", "model", "error", "terminal", "output", "Env", "env"]),
    ("sandbox", &["sandbox", "model", "config", "error", "interrupt", "Env", "env"]),
    ("error.rs", &[]),
    ("env.rs", &["error"]),
    ("interrupt.rs", &["error"]),
];

/// A crate or module → the only places that may name it.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("rdkafka", &["kafka"]),
    ("rdkafka_sys", &["kafka"]),
    ("noida", &["sandbox"]),
    ("dialoguer", &["terminal.rs"]),
    ("indicatif", &["terminal.rs"]),
    ("comfy_table", &["output"]),
    ("std::env", &["env.rs", "main.rs"]),
];

/// What the model must not touch: it is pure.
const NOT_IN_MODEL: &[&str] = &[
    "tokio",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "async fn",
];

/// Beside the commands in their folder: what several of them share.
const SHARED_BY_COMMANDS: &[&str] = &["names", "scope", "view"];

const MOST_LINES: usize = 400;

#[test]
fn each_folder_names_only_what_it_may() {
    let mut wrong = Vec::new();
    for (place, allowed) in MAY_NAME {
        for (path, code) in sources(place) {
            for name in named_modules(&code) {
                if !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{}: `{place}` may not name `crate::{name}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_place_names_each_outside_thing() {
    let mut wrong = Vec::new();
    for (name, places) in ONLY_IN {
        let used = Regex::new(&format!(r"(^|[^\w:]){name}::")).unwrap();
        for (path, code) in sources("") {
            let inside = places.iter().any(|place| path.starts_with(Path::new("src").join(place)));
            if !inside && used.is_match(&code) {
                wrong.push(format!("{}: only {} may name `{name}`", path.display(), places.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_model_is_pure() {
    let mut wrong = Vec::new();
    for (path, code) in sources("model") {
        wrong.extend(
            NOT_IN_MODEL
                .iter()
                .filter(|word| code.contains(*word))
                .map(|word| format!("{}: {word}", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn commands_do_not_call_each_other() {
    let names = Regex::new(r"crate::commands::([a-z_]+)").unwrap();
    let mut wrong = Vec::new();
    for (path, code) in sources("commands") {
        let own = path.strip_prefix("src/commands").unwrap().with_extension("");
        let own = own.iter().next().unwrap().to_str().unwrap().to_owned();
        if own == "mod" {
            continue;
        }
        wrong.extend(
            names
                .captures_iter(&code)
                .map(|found| found[1].to_owned())
                .filter(|name| *name != own && !SHARED_BY_COMMANDS.contains(&name.as_str()))
                .map(|name| format!("{}: names the command `{name}`", path.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long_and_none_is_unfinished() {
    let mut wrong = Vec::new();
    for (path, code) in sources("") {
        let lines = code.lines().count();
        // Tables of tests may be longer: nobody reads them from top to bottom.
        if lines > MOST_LINES && !path.ends_with("tests.rs") {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        if ["todo!(", "unimplemented!("].iter().any(|word| code.contains(word)) {
            wrong.push(format!("{}: unfinished", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<String> = files("src")
        .into_iter()
        .chain(files("tests/it"))
        .filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs"))
        .filter(|path| !std::fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|path| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no `//!` at the head of\n{}", silent.join("\n"));
}

#[test]
fn no_test_file_is_forgotten() {
    let declared = Regex::new(r"(?m)^\s*(?:pub\(crate\) )?mod (\w+);").unwrap();
    for file in files("tests/it") {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = file.parent().unwrap();
        // `x/mod.rs` is declared beside the folder `x`, `x/y.rs` in `x/mod.rs`.
        let (name, folder) = match name.as_str() {
            "main" => continue,
            "mod" => (folder.file_name().unwrap().to_str().unwrap().to_owned(), folder.parent().unwrap()),
            _ => (name, folder),
        };
        let parent = ["mod.rs", "main.rs"].iter().map(|file| folder.join(file)).find(|path| path.exists());
        let parent = parent.unwrap_or_else(|| panic!("no mod.rs beside {}", file.display()));
        let code = std::fs::read_to_string(&parent).unwrap();
        assert!(
            declared.captures_iter(&code).any(|found| found[1] == name),
            "{} is not a module of {}",
            file.display(),
            parent.display()
        );
    }
}

#[test]
fn the_readme_lists_the_exit_codes() {
    let constants = Regex::new(r"pub const [A-Z_]+: u8 = (\d+);").unwrap();
    let code = read("src/error.rs");
    let known: BTreeSet<u8> = constants.captures_iter(&code).map(|found| found[1].parse().unwrap()).collect();
    assert!(known.len() >= 7, "the pattern finds the constants of error::exit: {known:?}");

    let readme = read("README.md");
    let table = readme.lines().skip_while(|line| !line.starts_with("| code |")).skip(2);
    let listed: BTreeSet<u8> = table
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').nth(1).unwrap().trim().trim_matches('`'))
        .map(|code| code.parse().unwrap_or_else(|_| panic!("`{code}` is no exit code")))
        .collect();
    // 101 is a panic: Rust's own, no constant of ours.
    let listed: BTreeSet<u8> = listed.into_iter().filter(|code| *code != 101).collect();
    assert_eq!(listed, known, "README's table of exit codes and error::exit");
}

/// Files below `src/PLACE` (a folder or a file), relative to the repository, with comments and tests taken out
/// (`mod tests { … }` at the end of a file, and files `tests.rs`).
fn sources(place: &str) -> Vec<(PathBuf, String)> {
    let path = Path::new("src").join(place);
    let found = if root().join(&path).is_file() { vec![root().join(&path)] } else { files(&path) };
    found
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs"))
        .map(|path| {
            let code = std::fs::read_to_string(&path).unwrap();
            let code = code.split("#[cfg(test)]\nmod ").next().unwrap();
            let code = code.lines().map(without_comment).collect::<Vec<_>>().join("\n");
            (path.strip_prefix(root()).unwrap().to_owned(), code)
        })
        .collect()
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line }
}

/// The first names after `crate::`, also in `crate::{a, b::c}`.
fn named_modules(code: &str) -> BTreeSet<String> {
    let single = Regex::new(r"\bcrate::(\w+)").unwrap();
    let list = Regex::new(r"\bcrate::\{").unwrap();
    let mut names: BTreeSet<String> = single.captures_iter(code).map(|found| found[1].to_owned()).collect();
    for found in list.find_iter(code) {
        let mut depth = 1;
        let mut item = String::new();
        for c in code[found.end()..].chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (depth == 1 && c == ',') {
                names.extend(
                    item.trim().split([':', ' ', '{']).next().filter(|n| !n.is_empty()).map(str::to_owned),
                );
                item.clear();
            } else {
                item.push(c);
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

#[test]
fn the_layer_test_sees_names_in_lists() {
    let code = "use crate::{model::record::{Record, Header}, error, kafka};\nfn f() { crate::config::x() }";
    let expected = ["config", "error", "kafka", "model"].map(str::to_owned);
    assert_eq!(named_modules(code), BTreeSet::from(expected));
}
