//! `--watch`: the table again and again, with trends, until Ctrl-C.

use std::time::{Duration, Instant};

use super::args::LagArgs;
use super::survey::Survey;
use super::view::{Line, View};
use crate::commands::Ctx;
use crate::error::{Error, Kind, Outcome};
use crate::model::lag::trend::Trends;
use crate::output::Format;

/// Home, and clear to the end of the screen.
const REDRAW: &str = "\x1b[H\x1b[2J";

/// Watches.
pub(super) fn run(
    args: &LagArgs,
    ctx: &mut Ctx,
    survey: &mut Survey<'_>,
    view: View,
    every: Duration,
) -> Result<Outcome, Error> {
    let began = Instant::now();
    let mut trends = Trends::default();
    let mut first = true;
    while !ctx.interrupt.is_set() {
        let next = Instant::now() + every;
        match super::look(args, survey) {
            Ok(reading) => {
                if first {
                    reading.scope.all_there()?;
                }
                let trends = trends.see(began.elapsed(), &reading.rows);
                let line = |(row, trend)| Line { row, verdict: None, trend: Some(trend) };
                let lines = reading.rows.iter().zip(&trends).map(line).collect();
                redraw(ctx, first)?;
                super::tell(ctx, survey, &reading);
                view.show(&mut ctx.out, &ctx.term, lines)?;
                first = false;
            }
            Err(error) if error.kind() == Kind::Interrupted => break,
            // The last table stays; the cluster may come back.
            Err(error) if error.kind() == Kind::Unavailable && !first => ctx.term.error(error.render()),
            Err(error) => return Err(error),
        }
        ctx.interrupt.sleep_until(next);
    }
    Ok(Outcome::Done)
}

/// A terminal gets the new table in the place of the old one; anything else an empty line between them.
fn redraw(ctx: &mut Ctx, first: bool) -> Result<(), Error> {
    match ctx.out.format {
        Format::Table if ctx.out.terminal => ctx.out.text(REDRAW),
        Format::Table if !first => ctx.out.text("\n"),
        _ => Ok(()),
    }
}
