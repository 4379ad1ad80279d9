//! `rdvctl catalogue`: the events rdvctl knows, and whether a catalogue is in order.

mod views;

use std::path::PathBuf;

use self::views::{EventFields, EventSheet, Events, Findings};
use super::Ctx;
use crate::catalogue_files;
use crate::error::{Error, Outcome};

/// Show and check the events rdvctl knows.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct CatalogueArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the events: topic, direction, key, wanted partitions and retention.
    List,
    /// Show one event: its topic, and each field of its payload.
    Show {
        /// The event, for example `appointment.created`.
        event: String,
    },
    /// Check a catalogue: schemas compile, examples hold, pointers lead somewhere, no topic is there twice.
    ///
    /// Exits with 1 if something is wrong, with 3 if a file cannot be read.
    Check {
        /// The catalogue to check, or its folder; without one, the catalogue in use.
        file: Option<PathBuf>,
    },
}

/// Lists, shows or checks.
pub fn run(args: CatalogueArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    match args.action {
        Action::List => {
            let catalogue = catalogue_files::catalogue(ctx.catalogue_file()?.as_deref())?;
            ctx.out.show(&Events(&catalogue))?;
            Ok(Outcome::Done)
        }
        Action::Show { event } => {
            let catalogue = catalogue_files::catalogue(ctx.catalogue_file()?.as_deref())?;
            let event = catalogue.require(&event)?;
            ctx.out.show(&EventSheet(event))?;
            ctx.out.show(&EventFields(event))?;
            Ok(Outcome::Done)
        }
        Action::Check { file } => check(file, ctx),
    }
}

fn check(file: Option<PathBuf>, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let file = match file {
        Some(file) => Some(file),
        None => ctx.catalogue_file()?,
    };
    let (catalogue, text, name) = catalogue_files::catalogue_unchecked(file.as_deref())?;
    let findings = catalogue.findings(&text);
    let events = crate::terminal::count(catalogue.events.len() as u64, "event");
    if findings.is_empty() {
        ctx.term.note(format!("{name}: {events}, nothing wrong"));
        return Ok(Outcome::Done);
    }
    let wrong = crate::terminal::count(findings.len() as u64, "problem");
    ctx.out.show(&Findings { file: &name, findings: &findings })?;
    ctx.term.note(format!("{name}: {events}, {wrong}"));
    Ok(Outcome::No)
}
