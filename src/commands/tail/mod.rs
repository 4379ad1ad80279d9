//! `rdvctl tail`: positions → spans → batches → decoded, masked, filtered and rendered by workers → shown in order. No
//! group, no commit, no trace.

mod args;
mod order;
mod pipeline;
mod rendered;
mod select;
mod stop;
mod tell;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

pub use args::TailArgs;

use super::{Ctx, names};
use crate::crew::{self, Crew};
use crate::error::{Error, Outcome};
use crate::kafka::reader::{Batch, Isolation, ReadPlan, Reader, Span};
use crate::kafka::{Cluster, TopicInfo};
use crate::model::catalogue::{Catalogue, Direction};
use crate::model::filter::Failures;
use crate::terminal::count;
use order::{AsItComes, ByTime, Order, Workers};
use pipeline::Pipeline;
use rendered::Rendered;
use select::Select;
use stop::Stop;

/// Records that keep a worker busy for longer than it takes to start.
const WORTH_A_WORKER: u64 = 500;

/// Reads and shows.
pub fn run(args: TailArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let merged = args.merged(ctx.out.format)?;
    let settings = ctx.settings()?;
    // The catalogue is read while the client connects.
    let cluster = ctx.cluster_to_read(&settings, args.isolation)?;
    let catalogue = Arc::new(ctx.catalogue(&settings)?);
    let shower = ctx.shower(&settings, &catalogue, args.reveal)?;
    let select = Select::compile(&args.filters, &catalogue, &shower)?;
    if let Some(note) = select.notes(&shower) {
        ctx.term.warn(note);
    }
    let pipeline = Pipeline::new(&args, ctx, shower, select)?;
    let spans = spans(&args, ctx, &cluster, &catalogue)?;
    let mut tail = Tail::new(&args, ctx, merged);
    tail.read(cluster, &spans, pipeline)?;
    Ok(tail.close(&spans))
}

fn spans(args: &TailArgs, ctx: &Ctx, cluster: &Cluster, catalogue: &Catalogue) -> Result<Vec<Span>, Error> {
    let there = names::there(&args.names, catalogue, cluster)?;
    let topics = if args.names.is_empty() {
        default_topics(args, ctx, catalogue, &there)?
    } else {
        names::topics(&args.names, catalogue, cluster, &there)?
    };
    let spans = cluster.spans(&ReadPlan {
        topics,
        there,
        partitions: args.partitions.clone(),
        from: args.start(),
        until: args.until,
        follow: args.follows(),
        isolation: args.isolation,
        now_ms: ctx.now().as_millisecond(),
    })?;
    cluster.notes().into_iter().for_each(|note| ctx.term.note(note));
    Ok(spans)
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
    stop: Stop,
    follow: bool,
    merged: bool,
    isolation: Isolation,
    /// Records that were read.
    read: u64,
    /// Events that were shown and break their contract.
    broken: u64,
    failures: Failures,
}

impl<'a> Tail<'a> {
    fn new(args: &TailArgs, ctx: &'a mut Ctx, merged: bool) -> Self {
        let now = Instant::now();
        let stop = Stop {
            most: args.most(),
            expect: args.expect,
            none: args.none,
            deadline: args.timeout.map(|d| now + d),
            idle: args.idle,
            last: now,
            matched: 0,
        };
        let (follow, isolation) = (args.follows(), args.isolation);
        Self { ctx, stop, follow, merged, isolation, read: 0, broken: 0, failures: Failures::default() }
    }

    fn read(&mut self, cluster: Cluster, spans: &[Span], pipeline: Pipeline) -> Result<(), Error> {
        if spans.is_empty() {
            return Ok(());
        }
        let mut reader = Reader::open(&cluster, spans, self.isolation, self.merged)?;
        // A reader that has the client for itself need stop nothing before it ends; one with a client of its own connects meanwhile.
        drop(cluster);
        // The first records are on their way meanwhile.
        pipeline.prepare(spans);
        let mut order: Box<dyn Order> =
            if self.merged { Box::new(ByTime::new(spans.len())) } else { Box::new(AsItComes::default()) };
        let worker =
            |mut pipeline: Pipeline| move |(batch, room): (Batch, Rendered)| pipeline.render(&batch, room);
        let others = crew::wanted(Span::offsets(spans) / WORTH_A_WORKER);
        let ended = thread::scope(|scope| {
            let mut workers = match others {
                0 => Crew::alone(worker(pipeline)),
                _ => Crew::start(scope, (0..others).map(|_| worker(pipeline.another())))?,
            };
            let mut result = Ok(ControlFlow::Continue(()));
            while let Ok(ControlFlow::Continue(())) = result
                && !self.ctx.interrupt.is_set()
                && !self.stop.due(Instant::now())
            {
                result = self.turn(&mut reader, order.as_mut(), &mut workers);
            }
            // What was read before an error is shown.
            let handed_over = self.ctx.out.flush();
            result.and(handed_over)
        });
        reader.leave();
        ended
    }

    /// Hands out what has come, and shows what is ready; breaks at the end.
    fn turn(
        &mut self,
        reader: &mut Reader,
        order: &mut dyn Order,
        workers: &mut Workers<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        let wait = if workers.is_idle() { self.stop.wait(Instant::now()) } else { Duration::ZERO };
        let ended = order.feed(reader, workers, wait)?;
        for warning in reader.warnings() {
            self.ctx.term.warn(warning);
        }
        let rendered = workers.take();
        let quiet = rendered.is_none();
        if let Some(mut rendered) = rendered {
            self.stop.last = Instant::now();
            self.read += rendered.read;
            self.failures.join(std::mem::take(&mut rendered.failures));
            order.put(rendered);
        }
        let flow = order.show(&mut |rendered, rows| {
            let wanted = rows.start..rows.start + self.stop.take(rows.len());
            self.broken += rendered.rows[wanted.clone()].iter().filter(|row| row.broken).count() as u64;
            self.ctx.out.bytes(rendered.text_of(wanted))?;
            Ok(if self.stop.is_done() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        if quiet || self.follow && workers.is_idle() {
            self.ctx.out.flush()?;
        }
        Ok(if ended && quiet { ControlFlow::Break(()) } else { flow })
    }

    /// Says what there is to say, and the answer.
    fn close(self, spans: &[Span]) -> Outcome {
        let interrupted = self.ctx.interrupt.is_set();
        if let Some((failed, first)) = self.failures.told() {
            self.ctx.term.warn(format!("the filter failed on {}: {first}", count(failed, "record")));
        }
        if self.stop.matched == 0 {
            self.ctx.term.note(tell::nothing(self.read, spans));
        }
        if let Some(text) = tell::unmet(&self.stop) {
            self.ctx.term.note(text);
        }
        let answer = self.stop.verdict(interrupted, self.follow);
        if self.broken > 0 {
            let events = count(self.broken, "event");
            self.ctx.term.note(format!("{events} shown here break their contract"));
            return if answer == Outcome::Done { Outcome::No } else { answer };
        }
        answer
    }
}
