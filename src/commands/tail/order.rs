//! The order of what is shown: as it comes, or merged by time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::{ControlFlow, Range};
use std::time::Duration;

use super::rendered::Rendered;
use crate::crew::Crew;
use crate::error::Error;
use crate::kafka::reader::{Batch, Polled, Reader};

/// Batches of a span that are made ready while another is shown: with one the workers wait for the slowest span.
const AHEAD: usize = 2;

/// Workers that render: a batch, and the room for what becomes of it.
pub(super) type Workers<'w> = Crew<'w, (Batch, Rendered), Rendered>;

/// Shows some rows of a batch, one after the other; breaks when no more are wanted.
pub(super) type Show<'s> = dyn FnMut(&Rendered, Range<usize>) -> Result<ControlFlow<()>, Error> + 's;

/// Which batches are asked for, and in which order their records are shown.
pub(super) trait Order {
    /// Gives the workers what they have room for; waits at most `wait` for it. Whether every span has ended.
    fn feed(&mut self, reader: &mut Reader, workers: &mut Workers<'_>, wait: Duration)
    -> Result<bool, Error>;
    /// Takes a batch that has been rendered.
    fn put(&mut self, rendered: Rendered);
    /// Shows what is next, as far as that is known.
    fn show(&mut self, show: &mut Show<'_>) -> Result<ControlFlow<()>, Error>;
}

/// As it comes: in order within each partition.
#[derive(Default)]
pub(super) struct AsItComes {
    ready: Option<Rendered>,
    spare: Vec<Rendered>,
}

impl Order for AsItComes {
    fn feed(
        &mut self,
        reader: &mut Reader,
        workers: &mut Workers<'_>,
        wait: Duration,
    ) -> Result<bool, Error> {
        let mut wait = wait;
        while workers.has_room() {
            match reader.poll(std::mem::take(&mut wait))? {
                Polled::Batch(batch) => {
                    workers.give((batch, self.spare.pop().unwrap_or_default().emptied(0)));
                }
                Polled::Idle => return Ok(false),
                Polled::Ended => return Ok(true),
            }
        }
        Ok(false)
    }

    fn put(&mut self, rendered: Rendered) {
        self.ready = Some(rendered);
    }

    fn show(&mut self, show: &mut Show<'_>) -> Result<ControlFlow<()>, Error> {
        let Some(ready) = self.ready.take() else { return Ok(ControlFlow::Continue(())) };
        let flow = show(&ready, 0..ready.rows.len())?;
        self.spare.push(ready);
        Ok(flow)
    }
}

/// Merged by time. Of each span one batch is being shown and [`AHEAD`] are made ready, so memory stays bounded.
pub(super) struct ByTime {
    lanes: Vec<Lane>,
    /// The time of each lane's next row, and the lane; the earliest is on top, lanes in order among equals.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    spare: Vec<Rendered>,
}

/// One span.
#[derive(Default)]
struct Lane {
    ready: VecDeque<Rendered>,
    /// The next row of the first that is ready.
    next: usize,
    /// Batches under way.
    under_way: usize,
    ended: bool,
}

impl ByTime {
    /// A merge of this many spans of a reader that keeps them apart.
    pub(super) fn new(spans: usize) -> Self {
        let lanes = (0..spans).map(|_| Lane::default()).collect();
        Self { lanes, heads: BinaryHeap::new(), spare: Vec::new() }
    }
}

impl Lane {
    /// Whether its next row is known, or that there is none.
    fn is_settled(&self) -> bool {
        !self.ready.is_empty() || self.ended && self.under_way == 0
    }
}

impl Order for ByTime {
    fn feed(
        &mut self,
        reader: &mut Reader,
        workers: &mut Workers<'_>,
        wait: Duration,
    ) -> Result<bool, Error> {
        let mut wait = wait;
        for (place, lane) in self.lanes.iter_mut().enumerate() {
            if lane.ended || lane.under_way + lane.ready.len() > AHEAD {
                continue;
            }
            // One wait a round, and only for what holds up the others.
            let patience = if lane.ready.is_empty() { std::mem::take(&mut wait) } else { Duration::ZERO };
            match reader.poll_span(place, patience)? {
                Polled::Batch(batch) => {
                    lane.under_way += 1;
                    workers.give((batch, self.spare.pop().unwrap_or_default().emptied(place)));
                }
                Polled::Idle => {}
                Polled::Ended => lane.ended = true,
            }
        }
        Ok(self.lanes.iter().all(|lane| lane.ended))
    }

    fn put(&mut self, rendered: Rendered) {
        let lane = &mut self.lanes[rendered.lane];
        lane.under_way -= 1;
        match rendered.rows.first() {
            None => return self.spare.push(rendered),
            Some(first) if lane.ready.is_empty() => self.heads.push(Reverse((first.millis, rendered.lane))),
            Some(_) => {}
        }
        lane.ready.push_back(rendered);
    }

    fn show(&mut self, show: &mut Show<'_>) -> Result<ControlFlow<()>, Error> {
        let mut settled = self.lanes.iter().all(Lane::is_settled);
        while settled && let Some(Reverse((_, place))) = self.heads.pop() {
            let lane = &mut self.lanes[place];
            let Some(ready) = lane.ready.front() else { continue };
            let flow = show(ready, lane.next..lane.next + 1)?;
            lane.next += 1;
            if lane.next == ready.rows.len() {
                lane.next = 0;
                self.spare.extend(lane.ready.pop_front());
                settled = lane.is_settled();
            }
            if let Some(ready) = lane.ready.front() {
                self.heads.push(Reverse((ready.rows[lane.next].millis, place)));
            }
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
