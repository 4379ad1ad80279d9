//! Records made from fixtures: rendered again for each pass from the same seed and time, so that what was checked is
//! what is sent, and no number of records needs memory.

use std::collections::BTreeMap;

use super::PublishArgs;
use super::draft::{Draft, Origin, Source, Take};
use crate::Env;
use crate::error::Error;
use crate::model::fixture::{Overrides, Rendered, Set};
use crate::model::record::{Header, Record, Timestamp, TimestampType};
use crate::model::template::Run;

/// What is rendered.
enum What {
    Events(Vec<String>),
    Story(String),
}

/// Fixtures or a story, a number of times.
pub(super) struct Generated {
    set: Set,
    what: What,
    fixture: Option<String>,
    overrides: Overrides,
    count: u64,
    seed: u64,
    now: jiff::Timestamp,
    env: BTreeMap<String, String>,
}

impl Generated {
    /// What the arguments name; unknown events and fixtures, and variables that are not set, are errors.
    pub(super) fn open(args: &PublishArgs, events: Vec<String>, set: Set, env: &Env) -> Result<Self, Error> {
        let mut allowed = BTreeMap::new();
        for name in &args.env {
            let Some(value) = env.vars.get(name) else {
                return Err(Error::usage(format!("`--env {name}`: this variable is not set")));
            };
            allowed.insert(name.clone(), value.clone());
        }
        let what = args.story.clone().map_or(What::Events(events), What::Story);
        Ok(Self {
            set,
            what,
            fixture: args.fixture.clone(),
            overrides: Overrides::parse(&args.set, &args.set_json)?,
            count: args.count,
            seed: args.seed.unwrap_or_else(rand::random),
            now: (env.now)(),
            env: allowed,
        })
    }

    /// How many records it makes.
    fn round(&self, run: &mut Run) -> Result<Vec<Rendered>, Error> {
        match &self.what {
            What::Story(name) => self.set.render_story(name, &self.overrides, run),
            What::Events(events) => events
                .iter()
                .map(|event| self.set.render(event, self.fixture.as_deref(), &self.overrides, run))
                .collect(),
        }
    }
}

impl Source for Generated {
    fn each(&mut self, take: &mut Take<'_>) -> Result<bool, Error> {
        let mut run = Run::new(self.seed, self.now, self.env.clone());
        let mut number = 0;
        for _ in 0..self.count {
            for rendered in self.round(&mut run)? {
                number += 1;
                let event = rendered.event.clone();
                if !take(Draft {
                    record: Ok(record(rendered)),
                    origin: Origin::Fixture(&event, number),
                    event: Some(&event),
                    key: None,
                    guess: None,
                    shared: None,
                })? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn record(rendered: Rendered) -> Record<'static> {
    let header =
        |(name, value): (String, Option<Vec<u8>>)| Header { name: name.into(), value: value.map(Into::into) };
    Record {
        topic: rendered.topic.into(),
        partition: rendered.partition,
        offset: None,
        timestamp: rendered.timestamp.map(|millis| Timestamp { millis, kind: TimestampType::CreateTime }),
        key: rendered.key.map(Into::into),
        headers: rendered.headers.into_iter().map(header).collect(),
        value: rendered.value.map(Into::into),
    }
}
