//! What a sweep does when nothing comes.

use std::collections::HashMap;
use std::time::Duration;

use super::Sweep;
use super::standing::{Standing, Standings};
use crate::error::Error;
use crate::kafka::ffi::{At, PartitionRef, Want};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(1);

impl Sweep<'_> {
    /// Nothing comes. What stands in the way of a partition is often told only to those who ask; and a position after the
    /// last stable offset gets no end-of-partition event.
    pub(super) fn look_around(&mut self) -> Result<(), Error> {
        if let Ok(metadata) = self.link.handle.metadata(Want::All, PATIENCE.min(self.left())) {
            let standings = Standings::of(&metadata);
            for place in self.silent() {
                let track = &mut self.tracks[place];
                match standings.of_partition(&track.topic, track.partition) {
                    Standing::Led => {}
                    Standing::Leaderless => track.note("it has no leader".to_owned()),
                    Standing::Missing => {
                        track.note("it does not exist, or may not be seen".to_owned());
                        self.end(place);
                    }
                }
            }
        }
        self.look_at_ends()
    }

    fn look_at_ends(&mut self) -> Result<(), Error> {
        let silent = self.silent();
        let refs: Vec<_> = silent
            .iter()
            .map(|&place| &self.tracks[place])
            .map(|track| PartitionRef { topic: &track.topic, partition: track.partition })
            .collect();
        if refs.is_empty() {
            return Ok(());
        }
        let wait = PATIENCE.min(self.left());
        let call = self.link.handle.ask_offsets(&refs, At::Latest, self.committed, wait);
        // Without an answer the last reason stays.
        let Ok(answer) = call.offsets(|| self.link.tick())? else { return Ok(()) };
        let found: HashMap<(&str, i32), _> =
            answer.iter().map(|one| ((one.topic.as_str(), one.partition), one)).collect();
        for place in silent {
            let track = &mut self.tracks[place];
            match found.get(&(&*track.topic, track.partition)) {
                Some(end) if end.code.is_error() => track.note(end.code.text()),
                Some(end) if track.wanted().is_some_and(|wanted| wanted >= end.offset) => {
                    track.see_end(end.offset, self.round + 1);
                    self.end(place);
                }
                _ => {}
            }
        }
        Ok(())
    }
}
