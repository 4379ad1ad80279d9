//! The peers that are on this machine, and their commands.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use rdvctl::Env;

use crate::measure::Pipeline;

/// Where each is; `None` where it is not.
pub(crate) struct Tools {
    /// rdvctl, installed for this run.
    pub(crate) rdvctl: PathBuf,
    /// Debian's kcat.
    pub(crate) kcat: Option<PathBuf>,
    /// jq.
    pub(crate) jq: Option<PathBuf>,
    /// github.com/twmb/kcl.
    pub(crate) kcl: Option<PathBuf>,
    /// github.com/deviceinsight/kafkactl.
    pub(crate) kafkactl: Option<PathBuf>,
    /// Java, for the tools that come with Kafka.
    java: Option<PathBuf>,
    /// Kafka's jars.
    libs: Option<PathBuf>,
}

impl Tools {
    /// Looks for the peers along PATH.
    pub(crate) fn find(env: &Env, libs: Option<PathBuf>, rdvctl: PathBuf) -> Self {
        let find = |name: &str| {
            let paths = env.var("PATH").into_iter().flat_map(|path| path.split(':'));
            paths.map(|dir| Path::new(dir).join(name)).find(|path| path.is_file())
        };
        Self {
            rdvctl,
            kcat: find("kcat").or_else(|| find("kafkacat")),
            jq: find("jq"),
            kcl: find("kcl"),
            kafkactl: find("kafkactl"),
            java: find("java"),
            libs,
        }
    }

    /// Kafka's own tools; `None` without Java or the jars.
    pub(crate) fn console(&self) -> Option<Console> {
        Some(Console { java: self.java.clone()?, jars: self.libs.as_ref()?.join("*") })
    }

    /// What is here and what is not, in words.
    pub(crate) fn text(&self) -> String {
        let all = [
            ("rdvctl", Some(&self.rdvctl), "--version"),
            ("kcat", self.kcat.as_ref(), "-V"),
            ("jq", self.jq.as_ref(), "--version"),
            ("kcl", self.kcl.as_ref(), "--version"),
            ("kafkactl", self.kafkactl.as_ref(), "version"),
            ("Kafka's console tools", self.java.as_ref().filter(|_| self.libs.is_some()), "-version"),
        ];
        let here = all.iter().filter_map(|(name, path, flag)| Some((*name, version(path.as_ref()?, flag))));
        let here: Vec<String> = here.map(|(name, version)| format!("{name} ({version})")).collect();
        let missing: Vec<&str> =
            all.iter().filter(|(_, path, _)| path.is_none()).map(|(name, _, _)| *name).collect();
        let missing =
            if missing.is_empty() { String::new() } else { format!("; not on PATH: {}", missing.join(", ")) };
        format!("{}{missing}", here.join(", "))
    }
}

/// Kafka's own tools.
pub(crate) struct Console {
    java: PathBuf,
    jars: PathBuf,
}

impl Console {
    /// One of them, as `kafka-run-class.sh` starts it.
    pub(crate) fn tool(&self, class: &str, args: Vec<String>) -> Pipeline {
        let start = ["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp"].map(OsString::from);
        let class = format!("org.apache.kafka.tools.{class}").into();
        let args = args.into_iter().map(OsString::from);
        Pipeline::default()
            .then(&self.java, start.into_iter().chain([self.jars.clone().into(), class]).chain(args))
    }
}

/// Puts rdvctl, the one that was built for this run unless another is given, into a folder as the peers are: written in one go. A
/// linker writes here and there, and each start of what it leaves in the page cache takes up to a millisecond longer.
pub(crate) fn install(env: &Env, rdvctl: Option<&Path>, dir: &Path) -> std::io::Result<PathBuf> {
    let built = rdvctl.unwrap_or(Path::new(env!("CARGO_BIN_EXE_rdvctl")));
    let installed = dir.join("rdvctl");
    std::fs::copy(env.cwd.join(built), &installed)?;
    Ok(installed)
}

/// The line in which a program names its version.
fn version(path: &Path, flag: &str) -> String {
    let Ok(output) = Command::new(path).arg(flag).output() else { return "?".to_owned() };
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let line = said.lines().find(|line| line.contains(|c: char| c.is_ascii_digit()) && !line.contains("(c)"));
    let line = line.unwrap_or("?");
    line.split_once(" builtin").map_or(line, |(line, _)| line).trim().to_owned()
}
