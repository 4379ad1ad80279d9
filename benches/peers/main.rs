//! `cargo bench --bench peers`: rdvctl beside the field, on one Kafka, on the same bytes, in one run.
//!
//! It starts a real Apache Kafka as the tests do, makes its records (seeded, kept under `target/`), lets rdvctl and each
//! peer on PATH do the same work in turn, checks that every run read or wrote what it should, and prints medians with
//! the ratio to the peer and the bar that is to be met. What a run prints goes through a pipe that is drained and
//! counted here, for everybody alike.
//!
//! [`rows`] says what is compared, [`field`] with which commands, [`data`] makes the records, [`crowd`] the groups, [`broker`] and
//! [`admin`] are the Kafka, [`measure`] runs a pipeline and says what it cost, [`contest`] takes the turns, [`report`] is the table; [`scale`] is `--scale`.

mod admin;
mod args;
mod broker;
mod contest;
mod crowd;
mod data;
mod event;
mod field;
mod measure;
mod report;
mod rows;
mod scale;
mod stage;
mod tools;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;
use rdvctl::Env;
use rdvctl::error::Error;
use rdvctl::interrupt::Interrupt;
use rdvctl::output::{Format, Out};
use rdvctl::terminal::Terminal;

use args::Args;
use contest::Contest;
use stage::Stage;

fn main() -> ExitCode {
    // The benchmark starts itself again for what needs a Kafka client: see `admin`.
    let asked = admin::asked(std::env::args().skip(1));
    let env = Env::of_process();
    let args = if asked.is_some() { Args::default() } else { Args::parse() };
    let term = Terminal::new(&env, false);
    let ended = match asked {
        Some(request) => admin::answer(&request, &mut Out::stdout(&env, Format::Table)),
        None => run(&args, &env, &term),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            term.error(error.render());
            ExitCode::from(error.kind().code())
        }
    }
}

fn run(args: &Args, env: &Env, term: &Terminal) -> Result<(), Error> {
    let interrupt = Interrupt::listen()?;
    let mut out = Out::stdout(env, args.output);
    let stage = Stage::set(args, env, term, interrupt)?;
    if args.scale {
        return out.show(&scale::run(&stage, args)?);
    }
    let rows = rows::chosen(&stage, args)?;
    out.show(&Contest { stage: &stage, args }.run(&rows)?)
}
