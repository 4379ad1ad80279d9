//! `publish --dry-run`: the records as `tail` would show them; nothing is sent, and no broker is asked.

use super::Overrides;
use super::check::Checks;
use super::draft::{Draft, Known, Source};
use super::source::Input;
use crate::commands::Ctx;
use crate::commands::view::RecordView;
use crate::error::{Error, Outcome};
use crate::model::shown::Shower;
use crate::terminal::count;

/// Shows what would be sent.
pub(super) fn run(
    ctx: &mut Ctx,
    shower: &Shower,
    input: Input,
    overrides: &Overrides,
    checks: &Checks<'_>,
    checked: Known,
) -> Result<Outcome, Error> {
    let mut view = ctx.record_view(shower, false)?;
    let mut shown = 0;
    match input {
        Input::Whole(mut source) => {
            shown += show(ctx, shower, &mut view, source.as_mut(), overrides, (checks, checked))?;
        }
        Input::Stream(mut first, mut blocks) => {
            shown += show(ctx, shower, &mut view, &mut first, overrides, (checks, checked))?;
            while let Some(mut block) = blocks.next(&ctx.interrupt)? {
                let plan = checks.plan(&mut block, overrides)?;
                plan.tell(ctx);
                shown += show(ctx, shower, &mut view, &mut block, overrides, (checks, plan.known))?;
            }
        }
    }
    ctx.interrupt.check()?;
    ctx.term.note(format!("dry run: {} checked, nothing was sent", count(shown, "record")));
    Ok(Outcome::Done)
}

fn show(
    ctx: &mut Ctx,
    shower: &Shower,
    view: &mut RecordView,
    source: &mut dyn Source,
    overrides: &Overrides,
    (checks, known): (&Checks<'_>, Known),
) -> Result<u64, Error> {
    let mut buffer = Vec::new();
    let mut shown = 0;
    source.each(&mut |draft| {
        // As long as the overrides live, at most.
        let mut draft: Draft<'_> = draft;
        // Checked before; only a file that changed underneath can fail here.
        let record = checks.record(&mut draft, known, overrides).map_err(Error::input)?;
        buffer.clear();
        view.write(&mut buffer, &shower.show(record), record);
        ctx.out.bytes(&buffer)?;
        shown += 1;
        Ok(!ctx.interrupt.is_set())
    })?;
    ctx.out.flush()?;
    Ok(shown)
}
