//! `--wait`: until the ends as they were at the start have been read, or the time is up.

use std::time::{Duration, Instant};

use super::args::LagArgs;
use super::survey::{Reading, Survey};
use super::verdict;
use super::view::View;
use crate::commands::Ctx;
use crate::error::{Error, Kind, Outcome};
use crate::model::lag::gate::{Verdict, Wait};

/// Between two looks: the end of a wait is seen well within a second of the commit.
const PAUSE: Duration = Duration::from_millis(200);

/// Waits.
pub(super) fn run(
    args: &LagArgs,
    ctx: &mut Ctx,
    survey: &mut Survey<'_>,
    view: View,
) -> Result<Outcome, Error> {
    let began = Instant::now();
    let deadline = began + args.gate.timeout;
    let mut wait = Wait::new(args.gate.limits(), args.gate.stall);
    // Pinned before any group is looked at: a group that comes later has these ends to reach as well.
    for ((topic, partition), end) in survey.ends()? {
        wait.pin(&topic, partition, end);
    }
    let mut told = false;
    loop {
        ctx.interrupt.check()?;
        let at = began.elapsed();
        let look = look(args, survey, &wait);
        let done = match &look {
            Ok(reading) => wait.see(at, &reading.rows) && reading.scope.missing.is_empty(),
            // Whatever is wrong with the connection may be over before the wait is.
            Err(error) if error.kind() == Kind::Unavailable => false,
            Err(_) => return look.map(|_| Outcome::Done),
        };
        if done || Instant::now() >= deadline {
            return close(ctx, survey, view, look?, &wait, began);
        }
        if let (Ok(reading), false) = (&look, told) {
            told = true;
            super::tell(ctx, survey, reading);
        }
        ctx.interrupt.sleep_until((Instant::now() + PAUSE).min(deadline));
    }
}

/// Looks; records are read for the age, and to see whether what is left of a log can be read at all: where a commit
/// moves it is not worth the while.
fn look(args: &LagArgs, survey: &mut Survey<'_>, wait: &Wait) -> Result<Reading, Error> {
    let mut reading = survey.look()?;
    let ages = args.gate.max_age.is_some();
    survey.read(&mut reading.rows, |row| ages || wait.stands_still(row))?;
    survey.filter(&mut reading.rows);
    Ok(reading)
}

fn close(
    ctx: &mut Ctx,
    survey: &mut Survey<'_>,
    view: View,
    mut reading: Reading,
    wait: &Wait,
    began: Instant,
) -> Result<Outcome, Error> {
    let waited = began.elapsed();
    // For the report every age is looked for.
    survey.read(&mut reading.rows, |_| true)?;
    let mut verdicts = wait.verdicts(waited, &reading.rows);
    let known = reading.rows.len();
    let reading = verdict::with_missing(reading);
    verdicts.resize(known.max(reading.rows.len()), Verdict::Unknown);
    verdict::report(ctx, view, &reading.rows, &verdicts, Some(waited))
}
