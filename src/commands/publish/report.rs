//! What became of every record.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::producer::{Delivery, Fate};
use crate::output::{Format, View};
use crate::terminal::count;

/// Up to this many records a table has a line for each.
const LISTED: usize = 20;

/// Bits of a delivery's id that hold the record's number; the others hold its topic's place.
const NUMBER_BITS: u32 = 40;

/// Counts, and the lines that are kept.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// In the order in which they were first sent to.
    topics: Vec<Tally>,
    listed: Vec<Row<'static>>,
    /// Records handed to the producer.
    pub(super) sent: u64,
    stored: u64,
    not_stored: u64,
    in_doubt: u64,
    /// The first failure, for the exit's words.
    first_failure: Option<String>,
    buffer: String,
}

#[derive(Debug, Default, Clone)]
struct Tally {
    topic: String,
    stored: u64,
    not_stored: u64,
    in_doubt: u64,
    partitions: BTreeMap<i32, (i64, i64)>,
}

/// A delivery as it is shown.
#[derive(Debug, Clone, serde::Serialize)]
struct Row<'a> {
    record: u64,
    topic: Cow<'a, str>,
    partition: Option<i32>,
    offset: Option<i64>,
    timestamp: Option<i64>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Report {
    /// What the delivery of the next record is to carry, since it carries nothing else back: its number, and its topic's place.
    pub(super) fn id(&mut self, topic: &str) -> u64 {
        let place = self.topics.iter().position(|tally| tally.topic == topic).unwrap_or_else(|| {
            self.topics.push(Tally { topic: topic.to_owned(), ..Tally::default() });
            self.topics.len() - 1
        });
        (place as u64) << NUMBER_BITS | (self.sent + 1)
    }

    /// Takes a delivery: counts it, and shows it at once where every record is to be shown.
    pub(super) fn take(&mut self, delivery: Delivery, ctx: &mut Ctx) -> Result<(), Error> {
        let place = (delivery.id >> NUMBER_BITS) as usize;
        let row = self.count(place, delivery);
        let topic = &self.topics[place].topic;
        match ctx.out.format {
            Format::Ndjson => {
                let row = Row { topic: Cow::Borrowed(topic), ..row };
                let mut line = serde_json::to_vec(&row).map_err(std::io::Error::from)?;
                line.push(b'\n');
                ctx.out.bytes(&line)?;
            }
            _ if ctx.global.verbose => {
                self.buffer.clear();
                let place = row.partition.zip(row.offset).map_or(String::new(), |(p, o)| format!("/{p}@{o}"));
                let error = row.error.as_deref().unwrap_or_default();
                let _ = writeln!(self.buffer, "{topic}{place}  {}  {error}", row.status);
                ctx.out.text(&self.buffer)?;
            }
            _ if self.listed.len() <= LISTED || row.status != "stored" && self.listed.len() < 10 * LISTED => {
                self.listed.push(Row { topic: topic.clone().into(), ..row });
            }
            _ => {}
        }
        Ok(())
    }

    /// Its row, without the topic's name: most are not shown.
    fn count(&mut self, place: usize, delivery: Delivery) -> Row<'static> {
        let tally = &mut self.topics[place];
        let (status, error) = match delivery.fate {
            Fate::Stored => {
                self.stored += 1;
                tally.stored += 1;
                if let (Some(partition), Some(offset)) = (delivery.partition, delivery.offset) {
                    let range = tally.partitions.entry(partition).or_insert((offset, offset));
                    *range = (range.0.min(offset), range.1.max(offset));
                }
                ("stored", None)
            }
            Fate::NotStored(why) => {
                self.not_stored += 1;
                tally.not_stored += 1;
                ("not_stored", Some(why))
            }
            Fate::InDoubt(why) => {
                self.in_doubt += 1;
                tally.in_doubt += 1;
                ("in_doubt", Some(why))
            }
        };
        if let (Some(why), None) = (&error, &self.first_failure) {
            self.first_failure = Some(why.clone());
        }
        let timestamp = delivery.timestamp.map(|t| t.millis);
        let (partition, offset) = (delivery.partition, delivery.offset);
        let record = delivery.id & ((1 << NUMBER_BITS) - 1);
        Row { record, topic: Cow::Borrowed(""), partition, offset, timestamp, status, error }
    }

    /// Shows what is left to show, says the sum, and how the command ends.
    pub(super) fn close(
        mut self,
        ctx: &mut Ctx,
        stopped: Option<Error>,
        took: std::time::Duration,
    ) -> Result<Outcome, Error> {
        if ctx.out.format != Format::Ndjson && !ctx.global.verbose {
            self.listed.sort_by_key(|row| row.record);
            self.topics.sort_by(|a, b| a.topic.cmp(&b.topic));
            if self.sent == 0 {
                // Nothing to list: what stopped it says why.
            } else if self.sent as usize <= LISTED {
                ctx.out.show(&Listed { rows: &self.listed })?;
            } else {
                ctx.out.show(&Summary { topics: &self.topics })?;
                self.listed.retain(|row| row.status != "stored");
                if !self.listed.is_empty() {
                    ctx.out.show(&Listed { rows: &self.listed })?;
                }
            }
        }
        ctx.out.flush()?;
        if self.sent > 0 {
            self.say(ctx, took);
        }
        self.outcome(ctx, stopped)
    }

    fn say(&self, ctx: &Ctx, took: std::time::Duration) {
        let mut text = format!("published {} in {}", count(self.stored, "record"), human(took));
        for (n, what) in [(self.not_stored, "not stored"), (self.in_doubt, "in doubt (stored or not)")] {
            if n > 0 {
                let _ = write!(text, "; {} {what}", count(n, "record"));
            }
        }
        ctx.term.note(text);
    }

    fn outcome(&self, ctx: &Ctx, stopped: Option<Error>) -> Result<Outcome, Error> {
        let nothing_stored = self.stored == 0 && self.in_doubt == 0;
        if let Some(error) = stopped {
            if error.kind() == crate::error::Kind::OutputClosed {
                return Err(error);
            }
            let kind = if nothing_stored { error.kind() } else { crate::error::Kind::Partial };
            return Err(error.with_kind(kind));
        }
        if self.not_stored > 0 || self.in_doubt > 0 {
            let why = self.first_failure.as_deref().unwrap_or("no reason was given");
            ctx.term.error(format!("error: not every record was stored\ncaused by: {why}"));
            if self.in_doubt > 0 {
                ctx.term.error("hint: a record in doubt may be stored: look for it with `rdvctl tail` before sending it again");
            }
        }
        Ok(if ctx.interrupt.is_set() {
            ctx.term.note("interrupted");
            Outcome::Interrupted
        } else if self.not_stored == 0 && self.in_doubt == 0 {
            Outcome::Done
        } else if nothing_stored {
            Outcome::Unavailable
        } else {
            Outcome::Partial
        })
    }
}

fn human(took: std::time::Duration) -> String {
    if took.as_secs() < 10 { format!("{}ms", took.as_millis()) } else { format!("{}s", took.as_secs()) }
}

struct Listed<'a> {
    rows: &'a [Row<'static>],
}

impl View for Listed<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["TOPIC", "PARTITION", "OFFSET", "TIMESTAMP", "STATUS", "ERROR"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |row: &Row<'_>| {
            let time = row.timestamp.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            vec![
                Some(row.topic.to_string()),
                row.partition.map(|p| p.to_string()),
                row.offset.map(|o| o.to_string()),
                time.map(|t| format!("{t:.3}")),
                Some(row.status.replace('_', " ")),
                row.error.clone(),
            ]
        };
        self.rows.iter().map(cells).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["TIMESTAMP", "ERROR"]
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PARTITION", "OFFSET"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.rows.iter().map(|row| serde_json::json!(row)).collect()
    }
}

struct Summary<'a> {
    topics: &'a [Tally],
}

impl View for Summary<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["TOPIC", "STORED", "NOT STORED", "IN DOUBT", "PARTITION@OFFSETS"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let some = |n: u64| (n > 0).then(|| n.to_string());
        let row = |tally: &Tally| {
            let ranges = tally.partitions.iter().map(|(p, (first, last))| format!("{p}@{first}-{last}"));
            vec![
                Some(tally.topic.clone()),
                Some(tally.stored.to_string()),
                some(tally.not_stored),
                some(tally.in_doubt),
                Some(ranges.collect::<Vec<_>>().join(" ")),
            ]
        };
        self.topics.iter().map(row).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["NOT STORED", "IN DOUBT"]
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["STORED", "NOT STORED", "IN DOUBT"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }
}
