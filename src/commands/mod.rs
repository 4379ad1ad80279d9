//! One file per subcommand; this lists them and dispatches.

pub mod catalogue;
pub mod completions;
pub mod config;
pub mod demo;
pub mod fixtures;
pub mod groups;
pub mod lag;
pub mod man;
pub mod names;
pub mod publish;
pub mod sandbox;
mod scope;
pub mod tail;
pub mod topics;
pub mod version;
mod view;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::Env;
use crate::config::{GlobalArgs, Settings};
use crate::error::{Error, Kind, Outcome, exit};
use crate::interrupt::Interrupt;
use crate::kafka::Cluster;
use crate::kafka::reader::Isolation;
use crate::model::catalogue::Catalogue;
use crate::output::{Format, Out};
use crate::terminal::Terminal;

/// Administer and smoke-test the Kafka integration of an appointment service.
#[derive(Debug, Parser)]
#[command(name = "rdvctl", version, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Publish(publish::PublishArgs),
    Tail(tail::TailArgs),
    Topics(topics::TopicsArgs),
    Lag(lag::LagArgs),
    Groups(groups::GroupsArgs),
    Catalogue(catalogue::CatalogueArgs),
    Fixtures(fixtures::FixturesArgs),
    Sandbox(sandbox::SandboxArgs),
    Demo(demo::DemoArgs),
    Config(config::ConfigArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
}

/// What every command is given.
pub struct Ctx {
    /// The process's surroundings.
    pub env: Env,
    /// The flags of every command.
    pub global: GlobalArgs,
    /// stdout.
    pub out: Out,
    /// stderr and stdin.
    pub term: Terminal,
    /// Ctrl-C.
    pub interrupt: Interrupt,
}

impl Ctx {
    /// The settings, resolved now; commands that need none never read a file.
    pub fn settings(&self) -> Result<Settings, Error> {
        Settings::resolve(&self.global, &self.env)?.check_properties(crate::kafka::client::check_property)
    }

    /// The file of the catalogue in use, if it is not the built-in one.
    pub fn catalogue_file(&self) -> Result<Option<std::path::PathBuf>, Error> {
        Ok(self.settings()?.catalogue().map(std::path::Path::to_owned))
    }

    /// The catalogue of events: the settings' file, or the built-in one.
    pub fn catalogue(&self, settings: &Settings) -> Result<Catalogue, Error> {
        crate::catalogue_files::catalogue(settings.catalogue())
    }

    /// The cluster of the settings, reached.
    pub fn cluster(&self, settings: &Settings) -> Result<Cluster, Error> {
        Cluster::connect(&settings.connection(&self.env, &self.term)?, &self.interrupt)
    }

    /// The same, to read records from; being reached.
    pub fn cluster_to_read(&self, settings: &Settings, isolation: Isolation) -> Result<Cluster, Error> {
        let connection = settings.connection(&self.env, &self.term)?;
        Cluster::connect_to_read(&connection, &self.interrupt, isolation)
    }

    /// Now.
    pub fn now(&self) -> jiff::Timestamp {
        (self.env.now)()
    }
}

/// Parses and runs one command, reports how it ended, and says the exit code.
pub fn run(args: Vec<OsString>, env: Env) -> u8 {
    if let Some(answered) = completions::answer(&args, &env) {
        return answered.err().map_or(exit::DONE, |error| error.kind().code());
    }
    let matches = match Cli::command().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            // Help goes to stdout, a usage error to stderr; a closed pipe is not worth a word.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(exit::USAGE);
        }
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return exit::USAGE;
        }
    };
    let term = Terminal::new(&env, cli.global.quiet);
    let format = cli.global.output;
    match start(cli, env, term.clone()) {
        Ok(outcome) => outcome.code(),
        Err(error) => {
            report(&error, format, &term);
            error.kind().code()
        }
    }
}

fn start(cli: Cli, env: Env, term: Terminal) -> Result<Outcome, Error> {
    if cli.global.output == Format::Raw && !matches!(cli.command, Command::Tail(_)) {
        return Err(Error::usage("`-o raw` is for the values of records: only `tail` has it"));
    }
    if cli.global.output == Format::Prometheus && !matches!(cli.command, Command::Lag(_)) {
        return Err(Error::usage("`-o prometheus` is for metrics: only `lag` has it"));
    }
    let out = Out::stdout(&env, cli.global.output);
    let mut ctx = Ctx { env, global: cli.global, out, term, interrupt: Interrupt::listen()? };
    let outcome = dispatch(cli.command, &mut ctx)?;
    ctx.out.flush()?;
    Ok(outcome)
}

fn dispatch(command: Command, ctx: &mut Ctx) -> Result<Outcome, Error> {
    match command {
        Command::Publish(args) => publish::run(args, ctx),
        Command::Tail(args) => tail::run(args, ctx),
        Command::Topics(args) => topics::run(args, ctx),
        Command::Lag(args) => lag::run(args, ctx),
        Command::Groups(args) => groups::run(args, ctx),
        Command::Catalogue(args) => catalogue::run(args, ctx),
        Command::Fixtures(args) => fixtures::run(args, ctx),
        Command::Sandbox(args) => sandbox::run(args, ctx),
        Command::Demo(args) => demo::run(args, ctx),
        Command::Config(args) => config::run(args, ctx),
        Command::Completions(args) => completions::run(args, ctx),
        Command::Man(args) => man::run(args, ctx),
        Command::Version(args) => version::run(args, ctx),
    }
}

fn report(error: &Error, format: Format, term: &Terminal) {
    if error.kind() == Kind::OutputClosed {
        return;
    }
    match format {
        Format::Ndjson => term.raw(&error.to_json().to_string()),
        Format::Table | Format::Raw | Format::Prometheus => term.error(error.render()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
