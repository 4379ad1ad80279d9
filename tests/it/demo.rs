//! `rdvctl demo`: the whole loop by itself.

use crate::support::sandbox::bare;

#[test]
fn the_demo_publishes_reads_back_and_accounts_for_every_record() {
    let home = tempfile::tempdir().unwrap();
    let output = bare(home.path()).args(["demo", "-o", "ndjson"]).output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stdout}\n{stderr}");
    let account: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    let count = |name: &str| account[name].as_u64().unwrap();
    assert!(count("published") > 3, "three fixtures and a story: {account}");
    assert_eq!(count("read"), count("published"));
    assert_eq!(count("decoded"), count("published"));
    assert!(count("masked") > 0, "a patient has a name: {account}");
    for line in
        ["$ rdvctl --context sandbox publish patient.registered", "$ rdvctl --context sandbox tail '*'"]
    {
        assert!(stderr.contains(line), "{stderr}");
    }
    assert!(!home.path().join(".cache/rdvctl/sandbox.json").exists());
}
