//! For many positions, the first record at or after each: what ages of lags are made of. No group is joined.
//!
//! A *sweep* reads each partition once, upwards from the lowest position; one record answers every position up to its
//! offset, and gaps that are dearer to read than to jump over are sought over. All partitions are under way at once.

mod plan;
mod sweep;
mod track;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use plan::Plan;
use sweep::Sweep;
use track::Track;

use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::explain::Causes;
use crate::kafka::link::Link;
use crate::kafka::reader::Isolation;
use crate::kafka::settings::{Few, Purpose};

/// From so many distinct positions on, a second client shares the work: opening one takes as long as reading some
/// hundred positions.
const MANY: usize = 1000;

/// A position: the first record at or after `offset` and before `end` is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The first offset that counts.
    pub offset: i64,
    /// The first that does not count any more.
    pub end: i64,
}

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A record.
    Record {
        /// Its offset.
        offset: i64,
        /// Its time in milliseconds since 1970; `None` if it has none.
        millis: Option<i64>,
    },
    /// Nothing that can be read: control records, aborted records, gaps of compaction, or not even those.
    Nothing,
    /// It could not be told in time, or the partition cannot be read; why, in a short clause.
    Unknown(String),
}

impl Cluster {
    /// The first record of each position, in their order. Each distinct topic, partition and offset is read once. What is
    /// not known at `deadline` is unknown; the only error is Ctrl-C.
    pub fn next_records(
        &self,
        positions: &[Position],
        isolation: Isolation,
        deadline: Instant,
    ) -> Result<Vec<Next>, Error> {
        let (plan, mut tracks) = Plan::of(positions);
        let asks: usize = tracks.iter().map(|track| track.asks().len()).sum();
        if tracks.len() > 1 && asks >= MANY {
            let middle = tracks.len() / 2;
            let (half, other) = tracks.split_at_mut(middle);
            thread::scope(|scope| {
                let helper = scope.spawn(|| self.sweep_apart(other, isolation, deadline));
                let own = self.sweep(half, isolation, deadline);
                let helped = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                own.and(helped)
            })?;
        } else if !tracks.is_empty() {
            self.sweep(&mut tracks, isolation, deadline)?;
        }
        Ok(plan.answers(positions, &tracks))
    }

    /// By the client that is connected already, if it sees what is to be seen.
    fn sweep(&self, tracks: &mut [Track], isolation: Isolation, deadline: Instant) -> Result<(), Error> {
        if self.few == (Few { isolation, strict: false }) {
            Sweep::run(&self.link, tracks, isolation, deadline)
        } else {
            self.sweep_apart(tracks, isolation, deadline)
        }
    }

    /// By a client of its own.
    fn sweep_apart(
        &self,
        tracks: &mut [Track],
        isolation: Isolation,
        deadline: Instant,
    ) -> Result<(), Error> {
        let purpose = Purpose::Ask(Few { isolation, strict: false });
        match Link::open(&self.link.connection, &self.link.interrupt, purpose) {
            Ok(link) => {
                link.causes(Causes::welcome);
                Sweep::run(&link, tracks, isolation, deadline)
            }
            Err(error) => {
                for track in tracks {
                    track.note(error.to_string());
                }
                Ok(())
            }
        }
    }
}
