//! Takes the turns: everybody does each row once a round, in a changing order, and every run is checked.

use rdvctl::error::{Error, Kind};

use crate::args::Args;
use crate::field::Entry;
use crate::measure::Cost;
use crate::report::{Report, Standing};
use crate::rows::{Deed, Prints, Row};
use crate::stage::{Stage, Target};

/// One benchmark.
pub(crate) struct Contest<'a> {
    /// What it stands on.
    pub(crate) stage: &'a Stage<'a>,
    /// What was asked for.
    pub(crate) args: &'a Args,
}

/// What the first of a row did, for the others to equal.
#[derive(Default)]
struct Agreed {
    lines: Option<u64>,
    counts: Option<Vec<i64>>,
}

impl Contest<'_> {
    /// Every row, in order.
    pub(crate) fn run(&self, rows: &[Row<'_>]) -> Result<Report, Error> {
        let mut report = Report::default();
        for row in rows {
            let standings = self.row(row)?;
            for standing in &standings {
                self.stage.term.note(standing.text());
            }
            report.add(standings);
        }
        Ok(report)
    }

    fn row(&self, row: &Row<'_>) -> Result<Vec<Standing>, Error> {
        let mut standings: Vec<Standing> =
            row.entries.iter().map(|entry| Standing::new(row, entry)).collect();
        let mut absent = Vec::new();
        if row.bulk {
            // A tenth of the records: it warms everybody up, and memory must not depend on how many there are.
            let mut agreed = Agreed::default();
            for (index, entry) in row.entries.iter().enumerate() {
                match self.turn(row, entry, true, &mut agreed) {
                    Ok(cost) => standings[index].tenth = Some(cost.rss),
                    Err(error) if entry.may_fail() && error.kind() != Kind::Interrupted => {
                        let why = error.render();
                        self.stage.term.warn(format!("{} is left out of `{}`: {why}", entry.who, row.name));
                        absent.push(index);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        let mut agreed = Agreed::default();
        if !self.args.quick {
            self.warm_up(row, &mut agreed)?;
        }
        // In turns each time, short as it may be: the machine's speed changes within seconds.
        for round in 0..(self.args.rounds() * row.repeat) as usize {
            for index in order(row.entries.len(), round).filter(|index| !absent.contains(index)) {
                let cost = self.turn(row, &row.entries[index], false, &mut agreed)?;
                standings[index].costs.push(cost);
            }
        }
        if let Deed::Looks(_) = row.deed {
            self.stage.disperse()?;
        }
        standings.retain(|standing| !standing.costs.is_empty());
        Ok(standings)
    }

    fn warm_up(&self, row: &Row<'_>, agreed: &mut Agreed) -> Result<(), Error> {
        for _ in 0..row.warming {
            for entry in &row.entries {
                self.turn(row, entry, false, agreed)?;
            }
        }
        Ok(())
    }

    fn turn(
        &self,
        row: &Row<'_>,
        entry: &Entry<'_>,
        tenth: bool,
        agreed: &mut Agreed,
    ) -> Result<Cost, Error> {
        let batch = if tenth { row.batch.tenth() } else { row.batch };
        let target = match row.deed {
            Deed::Reads => self.stage.filled(batch, row.partitions)?,
            Deed::Writes => self.stage.empty(batch, row.partitions)?,
            Deed::Looks(crowd) => self.stage.crowded(crowd)?,
        };
        let pipeline = (entry.build)(&target)?;
        if row.deed == Deed::Writes {
            self.stage.settle(batch)?;
        }
        let checked = self.stage.run(&pipeline).and_then(|cost| {
            self.check(row, &target, cost, agreed)?;
            Ok(cost)
        });
        if row.deed == Deed::Writes {
            self.stage.drop(&target)?;
        }
        checked.map_err(|error| error.hint(format!("it was `{}`", pipeline.text())))
    }

    /// Whether the run did its work: what it printed, and what is in the topic now.
    fn check(&self, row: &Row<'_>, target: &Target, cost: Cost, agreed: &mut Agreed) -> Result<(), Error> {
        let wrong = |what: &str| {
            let (lines, bytes) = (cost.lines, cost.bytes);
            Err(Error::partial(format!(
                "a run of `{}` printed {lines} lines, {bytes} bytes: {what}",
                row.name
            )))
        };
        let records = target.batch.records;
        match row.prints {
            Prints::Values => {
                let bytes = target.batch.value_bytes(&self.stage.data)?;
                if (cost.lines, cost.bytes) != (records, bytes) {
                    return wrong(&format!("not the {records} values of {bytes} bytes"));
                }
            }
            Prints::Records if cost.lines != records => return wrong(&format!("not {records} lines")),
            Prints::Matches if cost.lines == 0 => return wrong("nothing was found"),
            Prints::Matches if *agreed.lines.get_or_insert(cost.lines) != cost.lines => {
                return wrong(&format!("{:?} were found before", agreed.lines));
            }
            Prints::One if cost.lines != 1 => return wrong("not one record"),
            Prints::Positions(positions) if cost.lines != positions => {
                return wrong(&format!("not {positions} positions"));
            }
            Prints::Records | Prints::Matches | Prints::One | Prints::Positions(_) | Prints::Anything => {}
        }
        if row.deed == Deed::Writes {
            let counts = self.stage.holds(target)?;
            // Keys decide the partitions, and they are everybody's.
            if *agreed.counts.get_or_insert_with(|| counts.clone()) != counts {
                let before = &agreed.counts;
                return Err(Error::partial(format!("the partitions hold {counts:?}, and {before:?} before")));
            }
        }
        Ok(())
    }
}

/// Who takes the turns of a round: there and back, so that nobody always comes after the same.
fn order(entries: usize, round: usize) -> impl Iterator<Item = usize> {
    let place = move |place| if round.is_multiple_of(2) { place } else { entries - 1 - place };
    (0..entries).map(move |turn| (place(turn) + round / 2) % entries)
}
