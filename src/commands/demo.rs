//! `rdvctl demo`: the loop by itself, with a sandbox of its own and this program's own commands.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::Ctx;
use super::sandbox::surroundings;
use crate::error::{Error, Outcome};
use crate::output::{Format, View};
use crate::sandbox::process;

/// Show the whole loop on a sandbox of its own: publish fixture events and a story, read everything back.
///
/// Each step is a command of rdvctl, shown before it runs. Nothing is kept: the sandbox ends with the demo.
/// Exits with 0 only if every step did and as many records were read back as were published.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {}

const FIXTURES: [&str; 4] = ["publish", "patient.registered", "doctor.available", "calendar.slot.freed"];
const STORY: [&str; 3] = ["publish", "--story", "completed"];
const READ: [&str; 4] = ["tail", "*", "--from", "start"];

/// Runs the steps.
pub fn run(_args: DemoArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let program = ctx.env.program()?;
    let mut demo = Demo::start(ctx, program)?;
    for step in [&FIXTURES[..], &STORY, &READ] {
        let mut child = demo.step(ctx, step, Stdio::inherit())?;
        if let Some(outcome) = failed(ctx, &mut child, step)? {
            return Ok(outcome);
        }
    }
    let (mut account, failed) = demo.count(ctx)?;
    if let Some(outcome) = failed {
        return Ok(outcome);
    }
    account.published = demo.stop()?;
    ctx.out.show(&account)?;
    if account.read == account.published && account.published > 0 {
        return Ok(Outcome::Done);
    }
    ctx.term.warn("the records read back are not as many as the sandbox took in");
    Ok(Outcome::No)
}

fn cannot_run(what: &str, cause: std::io::Error) -> Error {
    Error::unavailable(format!("cannot run `{what}`")).caused_by(cause)
}

/// The running sandbox; dropping it ends it.
struct Demo {
    program: PathBuf,
    address: String,
    sandbox: Child,
    lines: BufReader<ChildStdout>,
}

impl Demo {
    fn start(ctx: &Ctx, program: PathBuf) -> Result<Self, Error> {
        let mut command = Command::new(&program);
        // Unannounced: a sandbox that runs already stays the one that `--context sandbox` finds.
        command.args(["sandbox", "--unannounced", "--while-stdin", "--quiet", "--output", "ndjson"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        ctx.term.note("$ rdvctl sandbox &");
        let mut sandbox = command.spawn().map_err(|e| cannot_run("rdvctl sandbox", e))?;
        let lines = sandbox.stdout.take().map(BufReader::new);
        let lines = lines.ok_or_else(|| Error::unavailable("cannot read what the sandbox says"))?;
        let mut demo = Self { program, address: String::new(), sandbox, lines };
        let ready = demo.line()?;
        ready["address"].as_str().unwrap_or_default().clone_into(&mut demo.address);
        Ok(demo)
    }

    /// What the sandbox says next.
    fn line(&mut self) -> Result<serde_json::Value, Error> {
        let mut line = String::new();
        self.lines.read_line(&mut line).map_err(|e| cannot_run("rdvctl sandbox", e))?;
        serde_json::from_str(&line)
            .map_err(|e| Error::unavailable("the sandbox ended unexpectedly").caused_by(e))
    }

    /// Starts a command of ours against the sandbox.
    fn step(&self, ctx: &mut Ctx, step: &[&str], stdout: Stdio) -> Result<Child, Error> {
        ctx.out.flush()?;
        ctx.interrupt.check()?;
        let mut command = Command::new(&self.program);
        command.args(["--context", "sandbox"]).args(step).stdin(Stdio::null()).stdout(stdout);
        if ctx.out.format == Format::Ndjson {
            command.args(["--output", "ndjson"]);
        }
        for (name, value) in surroundings(&self.address) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        ctx.term.note(format!("\n$ rdvctl --context sandbox {}", shown(step)));
        command.spawn().map_err(|e| cannot_run("rdvctl", e))
    }

    /// Reads everything once more, for programs, and counts.
    fn count(&self, ctx: &mut Ctx) -> Result<(Account, Option<Outcome>), Error> {
        let mut step = READ.to_vec();
        if ctx.out.format != Format::Ndjson {
            step.extend(["--output", "ndjson"]);
        }
        let mut child = self.step(ctx, &step, Stdio::piped())?;
        let mut account = Account::default();
        for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines) {
            let line = line.map_err(|e| cannot_run("rdvctl tail", e))?;
            account.add(&serde_json::from_str(&line).unwrap_or_default());
        }
        let failed = failed(ctx, &mut child, &step)?;
        Ok((account, failed))
    }

    /// Ends the sandbox; how many records it took in.
    fn stop(&mut self) -> Result<u64, Error> {
        self.sandbox.stdin = None;
        Ok(self.line()?["records"].as_u64().unwrap_or(0))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It ends with its stdin; a signal on top of that would be the second one, which cuts it short.
        self.sandbox.stdin = None;
        let _ = process::wait_until(&mut self.sandbox, Instant::now() + Duration::from_secs(5));
        process::end(&mut self.sandbox);
    }
}

/// Waits for a step; how the demo ends if it did not go well.
fn failed(ctx: &Ctx, child: &mut Child, step: &[&str]) -> Result<Option<Outcome>, Error> {
    loop {
        let soon = Instant::now() + Duration::from_millis(100);
        match process::wait_until(child, soon).map_err(|e| cannot_run("rdvctl", e))? {
            _ if ctx.interrupt.is_set() => {
                // Ctrl-C reached it as well, being of the terminal's group.
                let _ = process::wait_until(child, Instant::now() + Duration::from_secs(2));
                process::end(child);
                return Ok(Some(Outcome::Interrupted));
            }
            Some(status) if status.success() => return Ok(None),
            Some(status) => {
                let code = process::exit_code(status);
                ctx.term.warn(format!("`rdvctl {}` ended with exit code {code}", shown(step)));
                return Ok(Some(Outcome::Child(code)));
            }
            None => {}
        }
    }
}

/// A command line as one would type it.
fn shown(step: &[&str]) -> String {
    let quoted =
        step.iter().map(|word| if word.contains('*') { format!("'{word}'") } else { (*word).to_owned() });
    quoted.collect::<Vec<_>>().join(" ")
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Account {
    published: u64,
    read: u64,
    decoded: u64,
    masked: u64,
}

impl Account {
    fn add(&mut self, record: &serde_json::Value) {
        self.read += 1;
        self.decoded += u64::from(record.is_object() && record.get("problems").is_none());
        self.masked += u64::from(record.get("masked").is_some_and(|masked| masked == true));
    }
}

impl View for Account {
    fn header(&self) -> Vec<&'static str> {
        vec!["PUBLISHED", "READ BACK", "DECODED", "MASKED"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        vec![[self.published, self.read, self.decoded, self.masked].map(|n| Some(n.to_string())).to_vec()]
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PUBLISHED", "READ BACK", "DECODED", "MASKED"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        vec![serde_json::json!({
            "published": self.published, "read": self.read, "decoded": self.decoded, "masked": self.masked,
        })]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_counts_what_was_read_decoded_and_masked() {
        let mut account = Account::default();
        for line in [r#"{"masked":true}"#, r#"{"problems":["x"]}"#, r"{}", "null"] {
            account.add(&serde_json::from_str(line).unwrap());
        }
        assert_eq!(account, Account { published: 0, read: 4, decoded: 2, masked: 1 });
    }
}
