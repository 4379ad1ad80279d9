//! Partitions merged by time: each hands over its next record only when it is asked, so memory stays bounded.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::time::Duration;

use crate::error::Error;
use crate::kafka::reader::{Batch, Polled, Reader};
use crate::model::record::Record;

/// A merge over a reader that keeps its spans apart.
pub(super) struct Merge {
    lanes: Vec<Lane>,
    /// The time of each lane's next record, and the lane; the earliest is on top, lanes in order among equals.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
}

/// One span: what it has handed over, and how far that has been taken.
struct Lane {
    batch: Option<Batch>,
    next: usize,
    ended: bool,
}

impl Merge {
    /// A merge of this many spans.
    pub(super) fn new(spans: usize) -> Self {
        let lane = |_| Lane { batch: None, next: 0, ended: false };
        Self { lanes: (0..spans).map(lane).collect(), heads: BinaryHeap::new() }
    }

    /// Takes records in order of time for as long as every span has one to compare; then asks for more, waiting at
    /// most `wait`. Breaks at the end of all spans, or when `take` does.
    pub(super) fn poll(
        &mut self,
        reader: &mut Reader,
        wait: Duration,
        take: &mut dyn FnMut(&Record<'_>) -> Result<ControlFlow<()>, Error>,
    ) -> Result<ControlFlow<()>, Error> {
        let mut waits = wait;
        let mut complete = true;
        for index in 0..self.lanes.len() {
            if !self.fill(reader, index, waits)? {
                // One wait a round: the other lanes are only asked for what they have.
                waits = Duration::ZERO;
                complete = false;
            }
        }
        while complete && let Some(Reverse((_, index))) = self.heads.pop() {
            let lane = &mut self.lanes[index];
            let Some(batch) = &lane.batch else { continue };
            let flow = take(&batch.record(lane.next))?;
            lane.next += 1;
            if lane.next < batch.len() {
                self.heads.push(Reverse((batch.millis(lane.next), index)));
            } else {
                lane.batch = None;
                complete = self.fill(reader, index, Duration::ZERO)?;
            }
            if flow.is_break() {
                return Ok(flow);
            }
        }
        let ended = self.heads.is_empty() && self.lanes.iter().all(|lane| lane.ended);
        Ok(if ended { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Gives a lane its next batch; `false` if there is none yet.
    fn fill(&mut self, reader: &mut Reader, index: usize, wait: Duration) -> Result<bool, Error> {
        let lane = &mut self.lanes[index];
        if lane.batch.is_some() || lane.ended {
            return Ok(true);
        }
        match reader.poll_span(index, wait)? {
            Polled::Batch(batch) => {
                self.heads.push(Reverse((batch.millis(0), index)));
                lane.next = 0;
                lane.batch = Some(batch);
            }
            Polled::Idle => return Ok(false),
            Polled::Ended => lane.ended = true,
        }
        Ok(true)
    }
}
