//! The records around a commit: the last before it, the first after it. Offsets may be missing on both sides (control
//! records, compaction), so the reach grows until enough is found or the log ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::reader::{Isolation, Polled, Reader, Span};
use crate::model::lag::Log;
use crate::model::record::Record;
use crate::model::shown::{Shower, Shown};

/// The reach, in offsets, is never greater on either side.
const FARTHEST: i64 = 100_000;

/// A partition in which something is left after the commit.
#[derive(Debug, Clone)]
pub(super) struct Stuck {
    pub(super) topic: Arc<str>,
    pub(super) partition: i32,
    pub(super) committed: i64,
    pub(super) log: Log,
}

/// What is around a commit.
pub(super) struct Around {
    pub(super) stuck: Stuck,
    /// The first record at or after the commit.
    pub(super) next: Option<i64>,
    /// In order.
    pub(super) records: Vec<Kept>,
}

/// A record as it may be shown.
pub(super) struct Kept {
    pub(super) at: Option<i64>,
    pub(super) millis: Option<i64>,
    pub(super) shown: Shown<'static>,
}

/// What was found on one side of each commit.
struct Side {
    before: VecDeque<Kept>,
    after: Vec<Kept>,
}

impl Around {
    /// Reads around all commits at once.
    pub(super) fn read(
        cluster: &Cluster,
        stuck: Vec<Stuck>,
        around: usize,
        isolation: Isolation,
        shower: &Shower,
    ) -> Result<Vec<Around>, Error> {
        let mut found: Vec<Option<Side>> = stuck.iter().map(|_| None).collect();
        let mut reach = around as i64 + 2;
        loop {
            let open: Vec<usize> = (0..stuck.len()).filter(|&at| found[at].is_none()).collect();
            if open.is_empty() {
                break;
            }
            let spans: Vec<Span> = open.iter().map(|&at| stuck[at].span(reach)).collect();
            let sides = sides(
                cluster,
                &spans,
                &open.iter().map(|&at| &stuck[at]).collect::<Vec<_>>(),
                around,
                isolation,
                shower,
            )?;
            for (at, side) in open.into_iter().zip(sides) {
                if stuck[at].enough(&side, around, reach) {
                    found[at] = Some(side);
                }
            }
            reach *= 16;
        }
        let whole = |(stuck, side): (Stuck, Option<Side>)| {
            let side = side.unwrap_or(Side { before: VecDeque::new(), after: Vec::new() });
            let next = side.after.first().and_then(|record| record.at);
            Around { stuck, next, records: side.before.into_iter().chain(side.after).collect() }
        };
        Ok(stuck.into_iter().zip(found).map(whole).collect())
    }
}

impl Stuck {
    fn span(&self, reach: i64) -> Span {
        let reach = reach.min(FARTHEST);
        let position = self.committed.max(self.log.start);
        Span {
            topic: Arc::clone(&self.topic),
            partition: self.partition,
            start: (position - reach).max(self.log.start),
            end: Some((position + reach).min(self.log.end)),
        }
    }

    /// Whether a side has what was asked for, or all there is within reach.
    fn enough(&self, side: &Side, around: usize, reach: i64) -> bool {
        let span = self.span(reach);
        let before = side.before.len() == around || span.start <= self.log.start;
        let after = side.after.len() == around + 1 || span.end.is_none_or(|end| end >= self.log.end);
        (before && after) || reach >= FARTHEST
    }
}

fn sides(
    cluster: &Cluster,
    spans: &[Span],
    stuck: &[&Stuck],
    around: usize,
    isolation: Isolation,
    shower: &Shower,
) -> Result<Vec<Side>, Error> {
    let mut sides: Vec<Side> =
        spans.iter().map(|_| Side { before: VecDeque::new(), after: Vec::new() }).collect();
    let mut reader = Reader::open(cluster, spans, isolation, false)?;
    loop {
        match reader.poll(Duration::from_millis(100))? {
            Polled::Ended => return Ok(sides),
            Polled::Idle => cluster.check()?,
            Polled::Batch(batch) => {
                for record in batch.records() {
                    let place = spans.iter().position(|span| {
                        *span.topic == *record.topic && Some(span.partition) == record.partition
                    });
                    if let Some(place) = place {
                        sides[place].take(&record, stuck[place].committed, around, shower);
                    }
                }
            }
        }
    }
}

impl Side {
    fn take(&mut self, record: &Record<'_>, committed: i64, around: usize, shower: &Shower) {
        let after = record.offset.is_some_and(|offset| offset >= committed);
        if after && self.after.len() > around || !after && around == 0 {
            return;
        }
        let kept = Kept {
            at: record.offset,
            millis: record.timestamp.map(|time| time.millis),
            shown: shower.show(record).into_owned(),
        };
        if after {
            return self.after.push(kept);
        }
        if self.before.len() == around {
            self.before.pop_front();
        }
        self.before.push_back(kept);
    }
}
