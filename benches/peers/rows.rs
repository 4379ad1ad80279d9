//! What is compared with what, and the bar each row is to meet.

use std::time::Duration;

use rdvctl::error::Error;

use crate::args::Args;
use crate::crowd::Crowd;
use crate::data::{Batch, Form};
use crate::field::{Entry, Field};
use crate::report::MB;
use crate::stage::Stage;

/// A peer's wall time over ours is at least this; or ours alone stays within limits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bar {
    /// The peer's median wall time over ours.
    AtLeast(f64),
    /// Ours, by itself.
    Within(Duration, u64),
}

/// What a run does to its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Reads a topic that is there.
    Reads,
    /// Fills a new one.
    Writes,
    /// Looks at the groups that read one.
    Looks(Crowd),
}

/// What a run must print, or it did not do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prints {
    /// Every value and a line break after each, to the byte.
    Values,
    /// A line a record.
    Records,
    /// A line a match: some, and everybody the same number.
    Matches,
    /// One line.
    One,
    /// This many lines that name the topic: a line a position.
    Positions(u64),
    /// Whatever it likes.
    Anything,
}

/// One comparison; the first entry is rdvctl's.
pub(crate) struct Row<'s> {
    /// What is done.
    pub(crate) name: &'static str,
    /// To a topic.
    pub(crate) deed: Deed,
    /// On stdout.
    pub(crate) prints: Prints,
    /// How often in a round: short ones often.
    pub(crate) repeat: u32,
    /// How often before the first round.
    pub(crate) warming: u32,
    /// What is in the topic.
    pub(crate) batch: Batch,
    /// The topic's partitions.
    pub(crate) partitions: i32,
    /// Whether the whole topic goes through it: then it has a rate, and memory that must not grow.
    pub(crate) bulk: bool,
    /// What rdvctl may hold, in bytes.
    pub(crate) memory: Option<u64>,
    /// Who takes part.
    pub(crate) entries: Vec<Entry<'s>>,
}

/// So often a Kafka that was just started is asked until it counts as a warm one: Java compiles what was called some thousand times.
/// After 200 both took half as long again, and after 1000 rdvctl, which makes more requests, still a tenth.
const WARM: u32 = 3000;

/// The rows that were asked for, with the peers that are here.
pub(crate) fn chosen<'s>(stage: &'s Stage<'_>, args: &Args) -> Result<Vec<Row<'s>>, Error> {
    let field = Field { stage };
    // Groups come first: Kafka's console consumer leaves some behind, which kcl lists with everybody's positions.
    let mut rows = groups(&field, args.quick);
    rows.append(&mut records(&field, Batch::new(args.size, args.records()), args.partitions));
    if !args.rows.is_empty() {
        let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
        // A whole name means this row alone, though others begin with it.
        let meant =
            |asked: &str, name: &str| name == asked || !names.contains(&asked) && name.contains(asked);
        if let Some(unknown) = args.rows.iter().find(|asked| !names.iter().any(|name| meant(asked, name))) {
            return Err(Error::usage(format!("there is no row `{unknown}`"))
                .hint(format!("the rows are: {}", names.join("; "))));
        }
        rows.retain(|row| args.rows.iter().any(|asked| meant(asked, row.name)));
    }
    Ok(rows)
}

impl<'s> Row<'s> {
    fn by(mut self, entry: Entry<'s>) -> Self {
        self.entries.push(entry);
        self
    }

    /// Does nothing if the peer is not on this machine.
    fn against(mut self, peer: Option<Entry<'s>>) -> Self {
        self.entries.extend(peer);
        self
    }
}

/// What goes through topics.
fn records<'s>(field: &Field<'s>, batch: Batch, partitions: i32) -> Vec<Row<'s>> {
    use Deed::{Reads, Writes};
    let row = |name, deed, prints| Row {
        name,
        deed,
        prints,
        repeat: 1,
        warming: 0,
        batch,
        partitions,
        bulk: true,
        memory: Some(100 * MB),
        entries: Vec::new(),
    };
    // Single runs differ by half and more, by what Java compiles meanwhile and where Kafka's memory comes from: of five the median
    // is a matter of luck.
    let writing = |name| Row { repeat: 3, warming: 2, ..row(name, Writes, Prints::Anything) };
    // On a topic of one partition, so that all read the same last record.
    let short = |name, prints, repeat| {
        let batch = batch.tenth();
        Row { repeat, batch, partitions: 1, bulk: false, ..row(name, Reads, prints) }
    };
    let (one, compound) = (batch.shape.one_doctor(), batch.shape.compound());
    let (where_one, where_compound) = (format!(".value{one}"), format!(".value | {compound}"));
    let least = |times| Some(Bar::AtLeast(times));
    let tiny = Some(Bar::Within(Duration::from_millis(10), 15 * 1024 * 1024));
    vec![
        writing("publish payloads")
            .by(field.publish(Form::Payloads))
            .against(field.kcat_writes(least(1.0)))
            .against(field.console_producer()),
        writing("publish records").by(field.publish(Form::Records)).against(field.kcat_writes(least(1.0))),
        row("tail raw", Reads, Prints::Values)
            .by(field.tail(&["-o", "raw", "--reveal"]))
            .against(field.kcat_reads(&[], least(0.9)))
            .against(field.console_consumer())
            .against(field.kcl())
            .against(field.kafkactl()),
        row("tail ndjson, masked", Reads, Prints::Records)
            .by(field.tail(&["-o", "ndjson"]))
            .against(field.kcat_reads(&["-J"], least(4.0))),
        row("tail ndjson, where on one field", Reads, Prints::Matches)
            .by(field.tail(&["-o", "ndjson", "--where", &where_one]))
            .against(field.kcat_into_jq(one, least(5.0))),
        row("tail readable", Reads, Prints::Records)
            .by(field.tail(&[]))
            .against(field.kcat_reads(&["-J"], least(2.0))),
        row("tail readable, where on any, test, arithmetic", Reads, Prints::Matches)
            .by(field.tail(&["--where", &where_compound]))
            .against(field.kcat_into_jq(compound, least(2.0))),
        Row { memory: None, ..short("version", Prints::Anything, 20) }
            .by(field.version(tiny))
            .against(field.kcat_version()),
        Row { warming: WARM, ..short("first record", Prints::One, 10) }
            .by(field.first())
            .against(field.kcat_first(least(1.0))),
    ]
}

/// What is seen of groups.
fn groups<'s>(field: &Field<'s>, quick: bool) -> Vec<Row<'s>> {
    let row = |name, records, size, batch| {
        let crowd = Crowd { groups: 100, partitions: 100, records, size, batch };
        let crowd = if quick { crowd.quick() } else { crowd };
        Row {
            name,
            deed: Deed::Looks(crowd),
            prints: Prints::Positions(crowd.positions()),
            repeat: 1,
            warming: 0,
            batch: Batch::new(size, crowd.total()),
            partitions: crowd.partitions,
            bulk: false,
            memory: Some(60 * MB),
            entries: Vec::new(),
        }
    };
    let least = |times| Some(Bar::AtLeast(times));
    let aged = |name, records, size, batch| {
        row(name, records, size, batch).by(field.lag(true)).against(field.console_groups(least(4.0)))
    };
    vec![
        row("lag, no ages", 100, 450, 100)
            .by(field.lag(false))
            .against(field.kcl_groups(least(2.0)))
            .against(field.console_groups(least(20.0))),
        aged("lag with ages, few large batches", 2000, 450, 1000),
        aged("lag with ages, a batch a position", 100, 450, 1),
        aged("lag with ages, 10 kB records", 100, 10_000, 100),
    ]
}
