//! `rdvctl tail`: positions → spans → records → decoded, masked, filtered, shown. No group, no commit, no trace.

mod args;
mod merge;
mod pipeline;
mod select;
mod stop;
mod tell;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

pub use args::TailArgs;

use super::{Ctx, names};
use crate::error::{Error, Outcome};
use crate::kafka::reader::{Polled, ReadPlan, Reader, Span};
use crate::kafka::{Cluster, TopicInfo};
use crate::model::catalogue::{Catalogue, Direction};
use crate::model::record::Record;
use crate::output::Format;
use args::Sort;
use merge::Merge;
use pipeline::Pipeline;
use select::Select;
use stop::Stop;

/// Output is handed over at the latest when this much has been rendered.
const RENDERED: usize = 64 * 1024;

/// Reads and shows.
pub fn run(args: TailArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = Arc::new(ctx.catalogue(&settings)?);
    let shower = ctx.shower(&settings, &catalogue, args.reveal)?;
    let select = Select::compile(&args.filters, &catalogue, &shower)?;
    if let Some(note) = select.notes(&shower) {
        ctx.term.warn(note);
    }
    let pipeline = Pipeline::new(&args, ctx, shower, select)?;
    let cluster = ctx.cluster(&settings)?;
    let spans = spans(&args, ctx, &cluster, &catalogue)?;
    let mut tail = Tail::new(&args, ctx, pipeline);
    tail.read(&cluster, &spans)?;
    Ok(tail.close(&spans))
}

fn spans(args: &TailArgs, ctx: &Ctx, cluster: &Cluster, catalogue: &Catalogue) -> Result<Vec<Span>, Error> {
    let there = cluster.topics()?;
    let topics = if args.names.is_empty() {
        default_topics(args, ctx, catalogue, &there)?
    } else {
        names::topics(&args.names, catalogue, cluster, &there)?
    };
    cluster.spans(&ReadPlan {
        topics,
        partitions: args.partitions.clone(),
        from: args.start(),
        until: args.until,
        follow: args.follows(),
        isolation: args.isolation,
        now_ms: ctx.now().as_millisecond(),
    })
}

/// The outbound topics; for one life (`--appointment` …) all of the catalogue's, dead letters too.
fn default_topics(
    args: &TailArgs,
    ctx: &Ctx,
    catalogue: &Catalogue,
    there: &[TopicInfo],
) -> Result<Vec<String>, Error> {
    let life = !args.filters.ids().is_empty();
    let mut topics: Vec<&str> = Vec::new();
    let mut missing = Vec::new();
    for event in catalogue.events.iter().filter(|e| life || e.direction == Direction::Outbound) {
        let wanted = std::iter::once(&event.topic).chain(life.then_some(&event.dlq));
        for topic in wanted {
            if there.iter().any(|t| t.name == *topic) {
                topics.push(topic);
            } else if *topic == event.topic {
                missing.push(format!("`{topic}`"));
            }
        }
    }
    if topics.is_empty() {
        return Err(Error::unavailable("the cluster has none of the catalogue's topics")
            .hint("`rdvctl topics create` creates them, `rdvctl topics list` shows what is there"));
    }
    if !missing.is_empty() {
        ctx.term.warn(format!("not on the cluster: {}", missing.join(", ")));
    }
    Ok(topics.into_iter().map(str::to_owned).collect())
}

/// One run.
struct Tail<'a> {
    ctx: &'a mut Ctx,
    pipeline: Pipeline,
    stop: Stop,
    follow: bool,
    merged: bool,
    isolation: crate::kafka::reader::Isolation,
    read: u64,
    rendered: Vec<u8>,
}

impl<'a> Tail<'a> {
    fn new(args: &TailArgs, ctx: &'a mut Ctx, pipeline: Pipeline) -> Self {
        let now = Instant::now();
        let stop = Stop {
            limit: args.limit,
            expect: args.expect,
            none: args.none,
            deadline: args.timeout.map(|d| now + d),
            idle: args.idle,
            last: now,
            matched: 0,
        };
        let merged = match args.sort {
            Some(sort) => sort == Sort::Time,
            None => ctx.out.format == Format::Table && !args.follows(),
        };
        let follow = args.follows();
        Self {
            ctx,
            pipeline,
            stop,
            follow,
            merged,
            isolation: args.isolation,
            read: 0,
            rendered: Vec::with_capacity(2 * RENDERED),
        }
    }

    fn read(&mut self, cluster: &Cluster, spans: &[Span]) -> Result<(), Error> {
        if spans.is_empty() {
            return Ok(());
        }
        let mut reader = Reader::open(cluster, spans, self.isolation, self.merged)?;
        let mut merge = self.merged.then(|| Merge::new(spans.len()));
        loop {
            let now = Instant::now();
            if self.ctx.interrupt.is_set() || self.stop.due(now) {
                return self.hand_over();
            }
            let before = self.read;
            let wait = self.stop.wait(now);
            let flow = match &mut merge {
                Some(merge) => merge.poll(&mut reader, wait, &mut |record| self.take(record))?,
                None => self.poll(&mut reader, wait)?,
            };
            for warning in reader.warnings() {
                self.ctx.term.warn(warning);
            }
            if self.read > before {
                self.stop.last = Instant::now();
            }
            if self.read == before || self.follow || flow.is_break() {
                self.hand_over()?;
            }
            if flow.is_break() {
                return Ok(());
            }
        }
    }

    fn poll(&mut self, reader: &mut Reader, wait: std::time::Duration) -> Result<ControlFlow<()>, Error> {
        match reader.poll(wait)? {
            Polled::Batch(batch) => {
                for record in batch.records() {
                    if self.take(&record)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            }
            Polled::Idle => Ok(ControlFlow::Continue(())),
            Polled::Ended => Ok(ControlFlow::Break(())),
        }
    }

    fn take(&mut self, record: &Record<'_>) -> Result<ControlFlow<()>, Error> {
        self.read += 1;
        if !self.pipeline.take(record, &mut self.rendered) {
            return Ok(ControlFlow::Continue(()));
        }
        if self.rendered.len() >= RENDERED {
            self.ctx.out.bytes(&self.rendered)?;
            self.rendered.clear();
        }
        Ok(if self.stop.matched() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        self.ctx.out.bytes(&self.rendered)?;
        self.rendered.clear();
        self.ctx.out.flush()
    }

    /// Says what there is to say, and the answer.
    fn close(self, spans: &[Span]) -> Outcome {
        let interrupted = self.ctx.interrupt.is_set();
        if let Some((errors, first)) = self.pipeline.filter_errors() {
            self.ctx
                .term
                .warn(format!("the filter failed on {}: {first}", crate::terminal::count(errors, "record")));
        }
        if self.stop.matched == 0 {
            self.ctx.term.note(tell::nothing(self.read, spans));
        }
        if let Some(text) = tell::unmet(&self.stop) {
            self.ctx.term.note(text);
        }
        let answer = self.stop.verdict(interrupted, self.follow);
        if self.pipeline.invalid > 0 {
            let events = crate::terminal::count(self.pipeline.invalid, "event");
            self.ctx.term.note(format!("{events} shown here break their contract"));
            return if answer == Outcome::Done { Outcome::No } else { answer };
        }
        answer
    }
}
