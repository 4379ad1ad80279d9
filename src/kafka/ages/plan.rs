//! From positions to tracks: each partition once, each distinct offset once. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use super::track::{Answer, Ask, Track};
use super::{Next, Position};

/// Which ask answers which position.
pub(super) struct Plan {
    /// In the order of the positions: track and ask; `None` for one that has nothing before its end.
    places: Vec<Option<(usize, usize)>>,
}

impl Plan {
    /// The tracks that answer these positions, and which answers which.
    pub(super) fn of(positions: &[Position]) -> (Self, Vec<Track>) {
        let topics = numbers(positions);
        let key = |at: &Position| (topics[&*at.topic], at.partition, at.offset.max(0));
        let mut order: Vec<usize> = (0..positions.len()).filter(|&at| !empty(&positions[at])).collect();
        order.sort_unstable_by_key(|&at| key(&positions[at]));
        let mut places = vec![None; positions.len()];
        let mut tracks: Vec<Track> = Vec::new();
        let mut last = None;
        for at in order {
            let position = &positions[at];
            let (topic, partition, offset) = key(position);
            if last.replace((topic, partition)) != Some((topic, partition)) {
                tracks.push(Track::new(Arc::clone(&position.topic), partition));
            }
            let place = tracks.len() - 1;
            places[at] = Some((place, tracks[place].ask(offset)));
        }
        (Self { places }, tracks)
    }

    /// The answers, in the order of the positions; `tracks` as `of` gave them.
    pub(super) fn answers(&self, positions: &[Position], tracks: &[Track]) -> Vec<Next> {
        let of = |(position, place): (&Position, &Option<(usize, usize)>)| match *place {
            None => Next::Nothing,
            Some((track, ask)) => next(position, &tracks[track], tracks[track].asks()[ask]),
        };
        positions.iter().zip(&self.places).map(of).collect()
    }
}

fn next(position: &Position, track: &Track, ask: Ask) -> Next {
    match ask.answer {
        Answer::Open => Next::Unknown(track.reason().to_owned()),
        Answer::Record { offset, millis } if offset < position.end => Next::Record { offset, millis },
        // What comes at or after the end was not asked for.
        Answer::Record { .. } | Answer::Nothing => Next::Nothing,
    }
}

fn empty(position: &Position) -> bool {
    position.offset.max(0) >= position.end
}

/// A number for each topic, so that sorting compares no names.
fn numbers(positions: &[Position]) -> HashMap<&str, usize> {
    let mut numbers = HashMap::new();
    for position in positions {
        let next = numbers.len();
        numbers.entry(&*position.topic).or_insert(next);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::track::{SMALL, Step};
    use super::*;

    fn position(partition: i32, offset: i64, end: i64) -> Position {
        Position { topic: "t".into(), partition, offset, end }
    }

    #[test]
    fn each_partition_is_a_track_and_each_offset_asked_once() {
        let other = Position { topic: "u".into(), ..position(1, 5, 9) };
        let positions = [
            position(1, 5, 9),
            position(0, 7, 9),
            position(1, 3, 9),
            position(1, 5, 6),
            other,
            position(1, 9, 9),
        ];
        let (plan, tracks) = Plan::of(&positions);
        let offsets: Vec<Vec<i64>> =
            tracks.iter().map(|track| track.asks().iter().map(|ask| ask.offset).collect()).collect();
        assert_eq!(offsets, [vec![7], vec![3, 5], vec![5]]);
        assert_eq!(plan.places, [Some((1, 1)), Some((0, 0)), Some((1, 0)), Some((1, 1)), Some((2, 0)), None]);
    }

    #[test]
    fn one_read_answers_positions_of_different_ends() {
        let positions = [position(0, 5, 7), position(0, 5, 8)];
        let (plan, mut tracks) = Plan::of(&positions);
        assert_eq!(tracks[0].see(7, Some(70), 1, 1), Step::Done);
        let record = Next::Record { offset: 7, millis: Some(70) };
        assert_eq!(plan.answers(&positions, &tracks), [Next::Nothing, record]);
    }

    #[test]
    fn what_was_not_read_is_unknown_with_the_reason() {
        let positions = [position(0, 5, 7), position(0, 7, 7)];
        let (plan, mut tracks) = Plan::of(&positions);
        tracks[0].note("no leader".to_owned());
        let unknown = Next::Unknown("no leader".to_owned());
        assert_eq!(plan.answers(&positions, &tracks), [unknown, Next::Nothing]);
    }

    /// Reads a log as the client would: in batches, with records of before a seek left in the batch.
    fn read(track: &mut Track, log: &[i64], end: i64, batch: usize) {
        let mut at = track.start();
        for round in 1.. {
            let start = log.partition_point(|&offset| offset < at);
            let taken = &log[start..log.len().min(start + batch)];
            let mut next = taken.last().map_or(end, |last| last + 1);
            for &offset in taken {
                match track.see(offset, Some(offset * 10), SMALL, round) {
                    Step::Done => return,
                    Step::Seek(to) => next = to,
                    Step::On => {}
                }
            }
            if taken.is_empty() && track.see_end(end, round) == Step::Done {
                return;
            }
            at = next;
        }
    }

    proptest! {
        #[test]
        fn a_sweep_finds_what_a_search_finds(
            log in prop::collection::btree_set(0_i64..20_000, 0..400),
            asked in prop::collection::vec((0_i64..20_010, 0_i64..20_010), 1..40),
            batch in 1_usize..80,
        ) {
            let log: Vec<i64> = log.into_iter().collect();
            let positions: Vec<_> = asked.iter().map(|&(offset, end)| position(0, offset, end)).collect();
            let (plan, mut tracks) = Plan::of(&positions);
            for track in &mut tracks {
                read(track, &log, 20_010, batch);
            }
            let expected: Vec<_> = positions
                .iter()
                .map(|at| match log.iter().find(|&&offset| offset >= at.offset && offset < at.end) {
                    Some(&offset) => Next::Record { offset, millis: Some(offset * 10) },
                    None => Next::Nothing,
                })
                .collect();
            prop_assert_eq!(plan.answers(&positions, &tracks), expected);
        }
    }
}
