//! The first unread records of rows: each position is read once, and remembered while a group stays there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::ages::{Next, Position};
use crate::kafka::reader::Isolation;
use crate::model::lag::{Row, Unread};

/// What has been read.
pub(super) struct UnreadRecords {
    isolation: Isolation,
    patience: Duration,
    /// What is at a position: topic, partition, offset; and up to where that was looked for.
    known: HashMap<(Arc<str>, i32, i64), (Unread, i64)>,
}

impl UnreadRecords {
    /// Nothing yet; a look may take as long as `patience`.
    pub(super) fn new(isolation: Isolation, patience: Duration) -> Self {
        Self { isolation, patience, known: HashMap::new() }
    }

    /// Fills in the first unread record of the rows that may have one and that `wanted` picks.
    pub(super) fn find(
        &mut self,
        cluster: &Cluster,
        rows: &mut [Row],
        wanted: impl Fn(&Row) -> bool,
    ) -> Result<(), Error> {
        let mut asked: Vec<Position> = Vec::new();
        let mut places: HashMap<Position, usize> = HashMap::new();
        let mut of_row: Vec<Option<usize>> = vec![None; rows.len()];
        let mut kept = HashMap::new();
        for (row, place) in rows.iter_mut().zip(&mut of_row) {
            let Some(position) = position(row).filter(|_| wanted(row)) else { continue };
            let key = (Arc::clone(&position.topic), position.partition, position.offset);
            if let Some(known) = self.known.get(&key).copied()
                && (known.0 != Unread::Nothing || known.1 >= position.end)
            {
                row.found(known.0, None);
                kept.insert(key, known);
                continue;
            }
            *place = Some(*places.entry(position.clone()).or_insert_with(|| {
                asked.push(position);
                asked.len() - 1
            }));
        }
        let found = if asked.is_empty() {
            Vec::new()
        } else {
            cluster.next_records(&asked, self.isolation, Instant::now() + self.patience)?
        };
        for (row, place) in rows.iter_mut().zip(of_row) {
            let Some(place) = place else { continue };
            let (unread, why_not) = unread(&found[place]);
            row.found(unread, why_not);
        }
        for (position, next) in asked.into_iter().zip(&found) {
            let known = unread(next).0;
            if known != Unread::Unknown {
                kept.insert((position.topic, position.partition, position.offset), (known, position.end));
            }
        }
        self.known = kept;
        Ok(())
    }
}

fn position(row: &Row) -> Option<Position> {
    let (offset, end) = row.wants_reading()?;
    Some(Position { topic: row.topic.clone()?, partition: row.partition?, offset, end })
}

fn unread(next: &Next) -> (Unread, Option<&str>) {
    match next {
        Next::Record { offset, millis } => (Unread::Record(*offset, *millis), None),
        Next::Nothing => (Unread::Nothing, None),
        Next::Unknown(why) => (Unread::Unknown, Some(why)),
    }
}
