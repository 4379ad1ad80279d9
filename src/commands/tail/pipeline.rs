//! One record's way: decoded and masked, filtered, checked, rendered.

use std::sync::Arc;

use crate::commands::Ctx;
use crate::commands::view::RecordView;
use crate::error::Error;
use crate::kafka::reader::{Batch, Span};
use crate::model::catalogue::Catalogue;
use crate::model::record::Record;
use crate::model::schema::Checkers;
use crate::model::shown::{Shower, Shown};

use super::args::TailArgs;
use super::rendered::{Rendered, Row};
use super::select::Select;

/// From bytes to rendered lines. One a thread.
pub(super) struct Pipeline {
    shower: Shower,
    select: Select,
    checkers: Option<Arc<Checkers>>,
    view: RecordView,
    /// No condition needs the record decoded, so a raw value need not be looked at.
    bytes_will_do: bool,
    /// No more records of one batch are wanted.
    most: u64,
}

impl Pipeline {
    /// What the flags ask for.
    pub(super) fn new(args: &TailArgs, ctx: &Ctx, shower: Shower, select: Select) -> Result<Self, Error> {
        let checkers = args.validate.then(|| Checkers::new(shower.catalogue())).transpose()?.map(Arc::new);
        let bytes_will_do = select.is_empty() && checkers.is_none();
        let view = ctx.record_view(&shower, args.headers_only)?;
        Ok(Self { shower, select, checkers, view, bytes_will_do, most: args.most() })
    }

    /// Another of its kind, for another thread.
    pub(super) fn another(&self) -> Self {
        Self {
            shower: self.shower.another(),
            select: self.select.clone(),
            checkers: self.checkers.clone(),
            view: self.view.clone(),
            ..*self
        }
    }

    /// Makes ready for what is read.
    pub(super) fn prepare(&self, spans: &[Span]) {
        for span in spans {
            self.shower.prepare(&span.topic);
        }
    }

    /// Renders the records of a batch that pass the filters.
    pub(super) fn render(&mut self, batch: &Batch, mut into: Rendered) -> Rendered {
        for record in batch.records() {
            into.read += 1;
            let Some(broken) = self.one(&record, &mut into.text) else { continue };
            let millis = record.timestamp.map_or(i64::MIN, |time| time.millis);
            into.rows.push(Row { end: into.text.len(), millis, broken });
            if into.rows.len() as u64 >= self.most {
                break;
            }
        }
        into.failures = self.select.take_failures();
        into
    }

    /// Renders a record that passes the filters at the end of `out`, and whether it breaks its contract; `None` if it does
    /// not pass.
    fn one(&mut self, record: &Record<'_>, out: &mut Vec<u8>) -> Option<bool> {
        if !self.select.may_pass(record) {
            return None;
        }
        if let (true, RecordView::Raw(revealed)) = (self.bytes_will_do, &self.view) {
            crate::output::records::raw(out, record, *revealed);
            return Some(false);
        }
        let mut shown = self.shower.show(record);
        if !self.select.passes(&shown) {
            return None;
        }
        let broken = self
            .checkers
            .as_ref()
            .is_some_and(|checkers| broken(checkers, self.shower.catalogue(), record, &mut shown));
        self.view.write(out, &shown, record);
        Some(broken)
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
