//! The shells' scripts, as they are committed and as bash runs them; the manual.

#![expect(clippy::unwrap_used, reason = "a test that cannot start its command has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn rdvctl(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdvctl"));
    command.env_clear().env("HOME", home).current_dir(home);
    command
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_committed_scripts_are_what_the_binary_writes() {
    let home = tempfile::tempdir().unwrap();
    for (shell, file) in
        [("bash", "rdvctl.bash"), ("zsh", "_rdvctl"), ("fish", "rdvctl.fish"), ("powershell", "rdvctl.ps1")]
    {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let committed = std::fs::read_to_string(&path).unwrap();
        let written = text(&rdvctl(home.path()).args(["completions", shell]).output().unwrap());
        assert_eq!(committed, written, "make it again: rdvctl completions {shell} > completions/{file}");
        let asked = text(&rdvctl(home.path()).env("COMPLETE", shell).output().unwrap());
        assert_eq!(committed, asked, "COMPLETE={shell} rdvctl");
        let folder = Path::new(env!("CARGO_BIN_EXE_rdvctl")).parent().unwrap().to_str().unwrap();
        assert!(!committed.contains(folder), "{file} names this machine's path");
    }
}

/// What bash offers for the last of `words`, with the committed script and `rdvctl` in the PATH.
fn bash_offers(home: &Path, words: &[&str]) -> Vec<String> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("completions/rdvctl.bash");
    let bin = Path::new(env!("CARGO_BIN_EXE_rdvctl")).parent().unwrap();
    let tab = r#"source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
        _clap_complete_rdvctl rdvctl "${@: -1}" "${@: -2:1}"; printf '%s\n' "${COMPREPLY[@]}""#;
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", tab, "bash"])
        .arg(script)
        .args(words)
        .env_clear()
        .env("HOME", home)
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .current_dir(home)
        .output()
        .unwrap();
    text(&output).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_and_contexts() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("rdvctl.toml"), "[context.staging]\n[context.stable]\n[context.dev]\n")
        .unwrap();
    assert_eq!(bash_offers(home.path(), &["rdvctl", "conf"]), ["config"]);
    assert_eq!(bash_offers(home.path(), &["rdvctl", "config", "s"]), ["show"]);
    assert_eq!(bash_offers(home.path(), &["rdvctl", "--context", "sta"]), ["stable", "staging"]);
    assert_eq!(bash_offers(home.path(), &["rdvctl", "config", "show", "--context", "sa"]), ["sandbox"]);
    std::fs::write(home.path().join("other.toml"), "[context.other]\n").unwrap();
    let words = ["rdvctl", "--config", "other.toml", "config", "show", "--context", "o"];
    assert_eq!(bash_offers(home.path(), &words), ["other"]);
}

#[test]
fn bash_completes_events_fixtures_and_stories() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(bash_offers(home.path(), &["rdvctl", "publish", "patient.reg"]), ["patient.registered"]);
    assert_eq!(
        bash_offers(home.path(), &["rdvctl", "publish", "doctor.available", "calendar.s"]),
        ["calendar.slot.freed"]
    );
    let words = ["rdvctl", "publish", "patient.registered", "--fixture", "unus"];
    assert_eq!(bash_offers(home.path(), &words), ["unusual-name"]);
    assert_eq!(bash_offers(home.path(), &["rdvctl", "publish", "--story", "comp"]), ["completed"]);
    let words = ["rdvctl", "tail", "appointment.created.d"];
    assert_eq!(bash_offers(home.path(), &words), ["appointment.created.dlq"]);
}

#[test]
fn a_settings_file_that_cannot_be_read_does_not_disturb_a_tab() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("rdvctl.toml"), "broken = [").unwrap();
    assert_eq!(bash_offers(home.path(), &["rdvctl", "--context", "s"]), [""]);
}

#[test]
fn a_foreign_variable_of_that_name_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let output = rdvctl(home.path()).args(["version"]).env("COMPLETE", "1").output().unwrap();
    assert!(text(&output).contains("librdkafka"));
}

#[test]
fn the_manual_has_a_page_for_each_subcommand() {
    let home = tempfile::tempdir().unwrap();
    let main = text(&rdvctl(home.path()).arg("man").output().unwrap());
    assert!(main.contains(".TH rdvctl 1"), "{main}");
    let output = rdvctl(home.path()).args(["man", "--dir", "pages/man1"]).output().unwrap();
    assert_eq!(text(&output), "", "the pages are the data");
    let folder = home.path().join("pages/man1");
    assert_eq!(std::fs::read_to_string(folder.join("rdvctl.1")).unwrap(), main);
    for page in ["rdvctl-config.1", "rdvctl-config-show.1", "rdvctl-version.1", "rdvctl-completions.1"] {
        assert!(folder.join(page).is_file(), "{page}");
    }
    let output = rdvctl(home.path()).args(["man", "--dir", "pages/man1/rdvctl.1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
