//! One record's way: decoded and masked, filtered, checked, rendered. What a run needs of it, one a thread.

use crate::commands::Ctx;
use crate::commands::view::RecordView;
use crate::error::Error;
use crate::model::catalogue::Catalogue;
use crate::model::record::Record;
use crate::model::schema::Checkers;
use crate::model::shown::{Shower, Shown};

use super::args::TailArgs;
use super::select::Select;

/// From bytes to a rendered line.
pub(super) struct Pipeline {
    shower: Shower,
    select: Select,
    checkers: Option<Checkers>,
    view: RecordView,
    /// No condition needs the record decoded, so a raw value need not be looked at.
    bytes_will_do: bool,
    /// Events that break their contract.
    pub(super) invalid: u64,
}

impl Pipeline {
    /// For these arguments.
    pub(super) fn new(args: &TailArgs, ctx: &Ctx, shower: Shower, select: Select) -> Result<Self, Error> {
        let checkers = args.validate.then(|| Checkers::new(shower.catalogue())).transpose()?;
        let view = ctx.record_view(&shower, args.headers_only)?;
        let bytes_will_do = select.is_empty() && checkers.is_none();
        Ok(Self { shower, select, checkers, view, bytes_will_do, invalid: 0 })
    }

    /// Renders a record that passes the filters at the end of `out`; `false` if it does not pass.
    pub(super) fn take(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> bool {
        if !self.select.may_pass(record) {
            return false;
        }
        if let (true, RecordView::Raw(revealed)) = (self.bytes_will_do, &self.view) {
            crate::output::records::raw(out, record, *revealed);
            return true;
        }
        let mut shown = self.shower.show(record);
        if !self.select.passes(&shown) {
            return false;
        }
        if let Some(checkers) = &self.checkers {
            self.invalid += u64::from(broken(checkers, self.shower.catalogue(), record, &mut shown));
        }
        self.view.write(out, &shown, record);
        true
    }

    /// Records that the filter could not judge, and the first reason.
    pub(super) fn filter_errors(&self) -> Option<(u64, &str)> {
        self.select.errors()
    }
}

fn broken(checkers: &Checkers, catalogue: &Catalogue, record: &Record<'_>, shown: &mut Shown<'_>) -> bool {
    let Some(event) = shown.event.map(|index| &catalogue.events[index]) else { return false };
    let Some(checker) = checkers.of(&event.name) else { return false };
    let problems = checker.check(record.value.as_deref());
    let before = shown.problems.len();
    for problem in problems.iter().filter(|problem| !problem.warning) {
        let at = if problem.pointer.is_empty() { String::new() } else { format!("{}: ", problem.pointer) };
        shown.problems.push(format!("{at}{}", problem.message));
    }
    shown.problems.len() > before
}
