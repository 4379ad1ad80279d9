//! `rdvctl lag`: groups → commits → logs → first unread records → rows, shown or judged. Joins no group, commits nothing.

mod args;
mod standing;
mod survey;
mod unread;
mod verdict;
mod view;
mod wait;
mod watch;

pub use args::LagArgs;

use super::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::Cluster;
use crate::model::lag::gate::Verdict;
use crate::model::lag::{Row, Status};
use crate::terminal::count;
use survey::{Reading, Survey};
use view::{Line, View};

/// Looks, and shows or judges.
pub fn run(args: LagArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = ctx.catalogue(&settings)?;
    let mut connection = settings.connection(&ctx.env, &ctx.term)?;
    if args.gate.wait {
        // No single question may outlast the wait.
        connection.timeout = connection.timeout.min(args.gate.timeout);
    }
    let cluster = Cluster::connect(&connection, &ctx.interrupt)?;
    let mut survey = Survey::new(&args, ctx, &catalogue, &cluster)?;
    let view = View { by: args.by, only_lagging: args.only_lagging };
    if args.gate.wait {
        return wait::run(&args, ctx, &mut survey, view);
    }
    if let Some(every) = args.watch {
        return watch::run(&args, ctx, &mut survey, view, every);
    }
    let reading = look(&args, &mut survey)?;
    let limits = args.gate.limits();
    if limits.any() {
        let reading = verdict::with_missing(reading);
        let verdicts: Vec<Verdict> = reading.rows.iter().map(|row| limits.judge(row)).collect();
        tell(ctx, &survey, &reading);
        return verdict::report(ctx, view, &reading.rows, &verdicts, None);
    }
    reading.scope.all_there()?;
    tell(ctx, &survey, &reading);
    view.show(&mut ctx.out, &ctx.term, Line::plain(&reading.rows))?;
    if reading.rows.is_empty() {
        ctx.term.note(nothing(&args));
    }
    Ok(outcome(ctx, &reading.rows))
}

/// Looks, with ages unless they are not wanted.
fn look(args: &LagArgs, survey: &mut Survey<'_>) -> Result<Reading, Error> {
    let mut reading = survey.look()?;
    if !args.no_age {
        survey.read(&mut reading.rows, |_| true)?;
    }
    survey.filter(&mut reading.rows);
    Ok(reading)
}

/// What is to be said besides the rows.
fn tell(ctx: &Ctx, survey: &Survey<'_>, reading: &Reading) {
    for note in &reading.scope.notes {
        ctx.term.warn(note);
    }
    if let Some((errors, first)) = survey.filter_errors() {
        ctx.term.warn(format!("the filter failed on {}: {first}", count(errors, "row")));
    }
}

fn nothing(args: &LagArgs) -> &'static str {
    if args.filter.is_some() {
        "no row passes the filter"
    } else if args.all || !args.groups.is_empty() || !args.topics.is_empty() {
        "there is no group with offsets or partitions to read"
    } else {
        "no group has to do with the catalogue's topics; `--all` shows every group"
    }
}

/// Without a gate, what the cluster did not say is not a success.
fn outcome(ctx: &Ctx, rows: &[Row]) -> Outcome {
    let unknown = rows.iter().filter(|row| row.status == Status::Unknown).count();
    if unknown == 0 {
        return Outcome::Done;
    }
    ctx.term.warn(format!("the cluster did not answer for {}", count(unknown as u64, "row")));
    Outcome::Partial
}
