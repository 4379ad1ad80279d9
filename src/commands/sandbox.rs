//! `rdvctl sandbox`: a broker in this process, for as long as it runs.

use std::ffi::OsString;
use std::io::Read as _;
use std::time::Duration;

use super::Ctx;
use crate::catalogue_files;
use crate::error::{Error, Outcome};
use crate::interrupt::Interrupt;
use crate::model::catalogue::Catalogue;
use crate::output::{Format, View};
use crate::sandbox::address::{AddressFile, Running};
use crate::sandbox::{Broker, Topic, process};
use crate::terminal::count;

/// Run a Kafka broker on this machine, with the catalogue's topics and their dead letter queues.
///
/// It listens on loopback only, keeps everything in memory and ends with Ctrl-C. `--context sandbox` finds it from
/// other terminals; of several, the one started last. Topics are not created by use, and no record vanishes by age or
/// size: `retention.ms` is shown but not acted upon. Bytes that are not Kafka's protocol may end it.
///
/// With a command after `--`, runs that against a sandbox of its own, which only the command finds: with
/// `KAFKA_BROKERS` and `RDVCTL_CONTEXT=sandbox` in its environment. Ends with the command's exit code (128 + n if signal n
/// ended it).
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {
    /// The port to listen on; a free one if left out.
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// End when stdin ends: whoever started this holds the other end, and nothing is left behind if it dies.
    #[arg(long, hide = true, conflicts_with = "command")]
    while_stdin: bool,
    /// Write no address file: whoever started this reads the ready line.
    #[arg(long, hide = true, conflicts_with = "command")]
    unannounced: bool,
    /// A command to run against the sandbox.
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Makes a command's `rdvctl` and service use the sandbox at `address`, and no other cluster.
///
/// The settings take `KAFKA_BROKERS` for the sandbox's address when both are set; so no address file is needed, and two
/// builds on one machine do not meet.
pub(super) fn surroundings(address: &str) -> [(&'static str, Option<&str>); 3] {
    // `RDVCTL_BROKERS` would be for another cluster.
    [("KAFKA_BROKERS", Some(address)), ("RDVCTL_CONTEXT", Some("sandbox")), ("RDVCTL_BROKERS", None)]
}

/// Serves until Ctrl-C, or for as long as the command runs.
pub fn run(args: SandboxArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let topics = topics(&catalogue_files::catalogue(ctx.settings()?.catalogue())?);
    let broker = Broker::start(args.port, &topics).map_err(|e| cannot_start(args.port, e))?;
    match args.command.split_first() {
        Some((program, rest)) => run_command(ctx, &broker, program, rest),
        None => serve(ctx, &broker, &topics, &args),
    }
}

/// Every event's topic and dead letter queue, once each: events may share them.
fn topics(catalogue: &Catalogue) -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for event in &catalogue.events {
        for name in [&event.topic, &event.dlq] {
            if !topics.iter().any(|topic| topic.name == *name) {
                topics.push(Topic {
                    name: name.clone(),
                    partitions: event.partitions,
                    retention_ms: event.retention_ms,
                });
            }
        }
    }
    topics
}

fn cannot_start(port: u16, cause: std::io::Error) -> Error {
    if cause.kind() == std::io::ErrorKind::InvalidInput {
        return Error::input("the catalogue's topics cannot be created")
            .caused_by(cause)
            .hint("see `rdvctl catalogue check`");
    }
    let error = Error::unavailable(format!("cannot listen on 127.0.0.1:{port}"));
    let hint = match cause.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "ports below 1024 are reserved: take another, or leave `--port` out"
        }
        _ => "another program listens there: take another port, or leave `--port` out for a free one",
    };
    error.caused_by(cause).hint(hint)
}

fn serve(ctx: &mut Ctx, broker: &Broker, topics: &[Topic], args: &SandboxArgs) -> Result<Outcome, Error> {
    let file = if args.unannounced { None } else { announce(ctx, broker) };
    let address = broker.address().to_string();
    match ctx.out.format {
        Format::Ndjson => ctx.out.show(&Ready { address, topics })?,
        Format::Table | Format::Raw | Format::Prometheus => {
            ctx.out
                .text(&format!("sandbox ready on {address} ({})\n", count(topics.len() as u64, "topic")))?;
            ctx.out.flush()?;
        }
    }
    ctx.term.note("find it from another terminal with `--context sandbox`; end it with Ctrl-C");
    if args.while_stdin {
        end_with_stdin(ctx.interrupt.clone())?;
    }
    while !ctx.interrupt.is_set() {
        // Long enough to cost nothing, short enough for a finger on Ctrl-C.
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(file);
    let records = broker.records();
    match ctx.out.format {
        Format::Ndjson => ctx.out.show(&Ended { records })?,
        Format::Table | Format::Raw | Format::Prometheus => {
            ctx.term.note(format!("sandbox ended; it held {}", count(records, "record")));
        }
    }
    Ok(Outcome::Done)
}

/// Writes the address file. Without one the sandbox runs as well, only `--context sandbox` does not find it.
fn announce(ctx: &Ctx, broker: &Broker) -> Option<AddressFile> {
    let Some(path) = ctx.env.sandbox_file() else {
        ctx.term.warn("`--context sandbox` will not find this sandbox: no home directory is known");
        return None;
    };
    if let Some(other) = Running::read(&path).filter(Running::answers) {
        ctx.term.note(format!(
            "another sandbox runs on {} (process {}); `--context sandbox` finds this one from now on",
            other.address, other.pid
        ));
    }
    let running = Running { address: broker.address().to_string(), pid: std::process::id() };
    match AddressFile::write(path.clone(), running) {
        Ok(file) => Some(file),
        Err(error) => {
            ctx.term.warn(format!(
                "`--context sandbox` will not find this sandbox: cannot write {}: {error}",
                path.display()
            ));
            None
        }
    }
}

fn end_with_stdin(interrupt: Interrupt) -> Result<(), Error> {
    let read = move || {
        let mut sink = [0; 256];
        while std::io::stdin().read(&mut sink).is_ok_and(|n| n > 0) {}
        interrupt.set();
    };
    let thread = std::thread::Builder::new().name("stdin".to_owned()).spawn(read);
    thread.map(drop).map_err(|e| Error::usage("cannot start a thread").caused_by(e))
}

fn run_command(ctx: &Ctx, broker: &Broker, program: &OsString, rest: &[OsString]) -> Result<Outcome, Error> {
    let address = broker.address().to_string();
    let mut command = tokio::process::Command::new(program);
    command.args(rest);
    for (name, value) in surroundings(&address) {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    ctx.term.note(format!("sandbox ready on {address}"));
    let code = process::run_to_end(command).map_err(|e| {
        Error::usage(format!("cannot start `{}`", program.display()))
            .caused_by(e)
            .hint("is it installed and on the PATH? Shell syntax needs a shell: `-- sh -c '…'`")
    })?;
    Ok(Outcome::Child(code))
}

struct Ready<'a> {
    address: String,
    topics: &'a [Topic],
}

impl View for Ready<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["ADDRESS"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        vec![vec![Some(self.address.clone())]]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        let topics: Vec<&str> = self.topics.iter().map(|topic| topic.name.as_str()).collect();
        vec![serde_json::json!({"address": self.address, "pid": std::process::id(), "topics": topics})]
    }
}

struct Ended {
    records: u64,
}

impl View for Ended {
    fn header(&self) -> Vec<&'static str> {
        vec!["RECORDS"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        vec![vec![Some(self.records.to_string())]]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        vec![serde_json::json!({"ended": true, "records": self.records})]
    }
}
