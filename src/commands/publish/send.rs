//! Checked records → the producer, with a result for every one.

use std::time::{Duration, Instant};

use super::check::Checks;
use super::draft::{Draft, Known, Source};
use super::report::Report;
use super::source::Input;
use super::stdin::Blocks;
use super::{Overrides, PublishArgs};
use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::Cluster;
use crate::kafka::producer::Producer;
use crate::model::record::{Record, Shared};
use crate::terminal::Progress;

/// Deliveries are collected this often at the latest, in records.
const COLLECT_EVERY: u64 = 512;

/// The sending of one command.
pub(super) struct Sending<'a> {
    ctx: &'a mut Ctx,
    overrides: &'a Overrides,
    producer: Producer,
    report: Report,
    bar: Progress,
    pace: Option<Pace>,
    started: Instant,
}

impl<'a> Sending<'a> {
    /// Of so many records, if that is known.
    pub(super) fn new(
        args: &PublishArgs,
        ctx: &'a mut Ctx,
        producer: Producer,
        overrides: &'a Overrides,
        records: Option<u64>,
    ) -> Self {
        let bar = ctx.term.progress(records, "publishing");
        let pace = args.rate.map(Pace::new);
        Self { ctx, overrides, producer, report: Report::default(), bar, pace, started: Instant::now() }
    }

    /// Sends every record of a checked source. An error is not the end: what was sent is still to be reported.
    fn all(&mut self, source: &mut dyn Source, checks: &Checks<'_>, known: Known) -> Result<(), Error> {
        let overrides = self.overrides;
        source.each(&mut |draft| {
            // As long as the overrides live, at most.
            let mut draft: Draft<'_> = draft;
            let (origin, shared) = (draft.origin, draft.shared);
            // Checked before: only a file that changed underneath can fail here.
            let record = checks.record(&mut draft, known, overrides);
            let record = record.map_err(|why| Error::input(format!("{origin}: {why}")))?;
            self.one(record, shared)?;
            Ok(!self.ctx.interrupt.is_set())
        })?;
        Ok(())
    }

    fn one(&mut self, record: &Record<'_>, shared: Option<&Shared>) -> Result<(), Error> {
        if let Some(pace) = &mut self.pace {
            let due = pace.next();
            if due > Instant::now() {
                self.collect()?;
                self.ctx.out.flush()?;
                self.ctx.interrupt.sleep_until(due);
                if self.ctx.interrupt.is_set() {
                    return Ok(());
                }
            }
        }
        let id = self.report.id(&record.topic);
        self.producer.send_of(record, id, shared)?;
        self.report.sent += 1;
        if self.report.sent.is_multiple_of(COLLECT_EVERY) {
            self.collect()?;
        }
        Ok(())
    }

    fn collect(&mut self) -> Result<(), Error> {
        let deliveries = self.producer.deliveries();
        self.bar.add(deliveries.len() as u64);
        for delivery in deliveries {
            self.report.take(delivery, self.ctx)?;
        }
        Ok(())
    }

    /// Checks and sends a stream block by block: a bad block stops it, and what came before is sent.
    fn blocks(&mut self, blocks: &mut Blocks, checks: &Checks<'_>, cluster: &Cluster) -> Result<(), Error> {
        let interrupt = self.ctx.interrupt.clone();
        while let Some(mut block) = blocks.next(&interrupt)? {
            let plan = checks.plan(&mut block, self.overrides)?;
            plan.tell(self.ctx);
            Checks::preflight(cluster, &plan)?;
            self.all(&mut block, checks, plan.known)?;
            self.collect()?;
            if interrupt.is_set() {
                break;
            }
        }
        Ok(())
    }

    /// Waits for what is in flight, reports, and says how it ended. Ctrl-C does not cut this short: what was handed
    /// over is accounted for.
    fn close(mut self, result: Result<(), Error>) -> Result<Outcome, Error> {
        let mut stopped = result.err();
        if let Err(error) = self.collect() {
            stopped.get_or_insert(error);
        }
        let Self { ctx, producer, mut report, bar, started, .. } = self;
        for delivery in producer.finish() {
            if let Err(error) = report.take(delivery, ctx) {
                stopped.get_or_insert(error);
            }
        }
        bar.finish();
        report.close(ctx, stopped, started.elapsed())
    }
}

/// Sends what the input holds. A whole input and a stream's first block have been checked before, with this outcome.
pub(super) fn run(
    mut sending: Sending<'_>,
    input: Input,
    checked: Known,
    checks: &Checks<'_>,
    cluster: &Cluster,
) -> Result<Outcome, Error> {
    let result = match input {
        Input::Whole(mut source) => sending.all(source.as_mut(), checks, checked),
        Input::Stream(mut first, mut blocks) => sending
            .all(&mut first, checks, checked)
            .and_then(|()| sending.blocks(&mut blocks, checks, cluster)),
    };
    sending.close(result)
}

/// An even pace: the n-th record is due n/rate seconds after the first.
struct Pace {
    started: Instant,
    rate: u32,
    sent: u64,
}

impl Pace {
    fn new(rate: u32) -> Self {
        Self { started: Instant::now(), rate, sent: 0 }
    }

    fn next(&mut self) -> Instant {
        let due = self.started + Duration::from_secs_f64(self.sent as f64 / f64::from(self.rate));
        self.sent += 1;
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_even_and_starts_at_once() {
        let mut pace = Pace::new(4);
        let first = pace.next();
        assert!(first <= Instant::now());
        assert_eq!(pace.next() - first, Duration::from_millis(250));
        assert_eq!(pace.next() - first, Duration::from_millis(500));
    }
}
