//! Other hands on the topics: kcat, Kafka's own tools, and the service's libraries on Node.js.

use std::process::Command;
use std::time::Duration;

use super::process::{Run, Running};
use super::{root, variable};

const LIMIT: Duration = Duration::from_secs(90);

/// Runs kcat; `stdin` is what it produces.
#[track_caller]
pub(crate) fn kcat<S: AsRef<std::ffi::OsStr>>(
    args: impl IntoIterator<Item = S>,
    stdin: Option<Vec<u8>>,
) -> Run {
    let mut command = Command::new("kcat");
    command.args(args);
    Running::start(command, stdin, LIMIT).wait()
}

/// Runs a script of tests/peers with Node.js.
#[track_caller]
pub(crate) fn node<S: AsRef<std::ffi::OsStr>>(script: &str, args: impl IntoIterator<Item = S>) -> Run {
    let mut command = Command::new("node");
    command.arg(root().join("tests/peers").join(script)).args(args);
    command.env("TZ", "UTC").env("KAFKAJS_NO_PARTITIONER_WARNING", "1").env("NO_COLOR", "1");
    Running::start(command, None, LIMIT).wait()
}

/// Runs one of Kafka's own tools by its main class.
#[track_caller]
pub(crate) fn tool<S: AsRef<std::ffi::OsStr>>(class: &str, args: impl IntoIterator<Item = S>) -> Run {
    start_tool(class, args).wait()
}

/// Starts one of Kafka's own tools by its main class.
#[track_caller]
pub(crate) fn start_tool<S: AsRef<std::ffi::OsStr>>(
    class: &str,
    args: impl IntoIterator<Item = S>,
) -> Running {
    let mut command;
    if let Some(libs) = variable("RDVCTL_TEST_KAFKA_LIBS") {
        command = Command::new("java");
        command.args([
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        ]);
        command.arg("-cp").arg(format!("{libs}/*"));
    } else {
        command = Command::new(root().join("tests/services/kafka"));
        command.arg("tool");
    }
    command.arg(class).args(args);
    Running::start(command, None, LIMIT)
}
