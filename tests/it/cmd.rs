//! Command lines without a broker: `tests/cmd` holds what is typed and what is answered.
//! `TRYCMD=overwrite cargo test --test it cmd` writes the answers anew.

use crate::support::{Home, Rdvctl};

#[test]
fn command_lines_answer_as_recorded() {
    let home = Home::new();
    let path = home.path().display().to_string();
    trycmd::TestCases::new()
        .env("HOME", &path)
        .env("XDG_CONFIG_HOME", &path)
        .env("XDG_RUNTIME_DIR", &path)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "110")
        .case("tests/cmd/*.trycmd");
}

#[test]
fn version_names_rdvctl_and_librdkafka() {
    let run = Rdvctl::new().arg("version").run();
    insta::assert_snapshot!(run.snapshot(), @r"
    exit 0
    --- stdout
    COMPONENT        VERSION  BUILT IN
    rdvctl           [VERSION]    -
    librdkafka       [VERSION]   gzip snappy ssl sasl regex lz4 sasl_plain sasl_scram plugins zstd sasl_oauthbearer
    rdkafka-sys (crate)  [VERSION]   -
    --- stderr
    ");
    let run = Rdvctl::new().args(["version", "-o", "ndjson"]).run().expect(0);
    assert_eq!(run.ndjson()[0]["rdvctl"], env!("CARGO_PKG_VERSION"));
}
