//! Moving a group to other offsets: the plan, and what a file of `groups export` says.

use std::sync::Arc;

use super::lag::Log;
use crate::error::Error;

/// Where a group is moved on a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// What is committed; `None` if nothing is.
    pub from: Option<i64>,
    /// What is to be committed.
    pub to: i64,
    /// What the log holds.
    pub log: Log,
}

impl Move {
    /// Offsets that will not be read: they are in the log, and after what has been read.
    pub fn skipped(&self) -> i64 {
        self.from.map_or(0, |from| (self.to - from.max(self.log.start)).max(0))
    }

    /// Offsets that will be read again, of those that are in the log.
    pub fn read_again(&self) -> i64 {
        self.from.map_or(0, |from| (from.min(self.log.high) - self.to).max(0))
    }

    /// Whether the group is there already.
    pub fn changes_nothing(&self) -> bool {
        self.from == Some(self.to)
    }
}

/// An offset brought into its log; whether it had to be.
pub fn within(log: Log, offset: i64) -> (i64, bool) {
    let inside = offset.clamp(log.start, log.high);
    (inside, inside != offset)
}

/// A line of `groups export`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exported {
    /// The group it was exported from.
    pub group: String,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

/// Reads a file of `groups export`; errors name the line. Each partition of a group may be there once.
pub fn read_export(text: &str) -> Result<Vec<Exported>, Error> {
    let mut lines: Vec<Exported> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let at = number + 1;
        let bad = |why: String| {
            Error::input(format!("line {at} is not an offset of a group: {why}"))
                .hint("`rdvctl groups export GROUP` writes such files")
        };
        let line: Exported = serde_json::from_str(line).map_err(|e| bad(e.to_string()))?;
        if line.offset < 0 || line.partition < 0 {
            return Err(bad("numbers are not negative".to_owned()));
        }
        let same = |other: &Exported| {
            (&other.group, &other.topic, other.partition) == (&line.group, &line.topic, line.partition)
        };
        if lines.iter().any(same) {
            return Err(bad(format!("partition {} of `{}` is there twice", line.partition, line.topic)));
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(Error::input("the file has no offsets"));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: Option<i64>, to: i64) -> (i64, i64) {
        let log = Log { start: 10, end: 100, high: 100 };
        let moved = Move { topic: "t".into(), partition: 0, from, to, log };
        (moved.skipped(), moved.read_again())
    }

    #[test]
    fn a_move_skips_or_reads_again_what_is_in_the_log() {
        assert_eq!(moved(Some(20), 50), (30, 0));
        assert_eq!(moved(Some(50), 20), (0, 30));
        assert_eq!(moved(Some(50), 50), (0, 0));
        assert_eq!(moved(None, 50), (0, 0));
        assert_eq!(moved(Some(3), 50), (40, 0), "what retention took is not skipped");
        assert_eq!(moved(Some(500), 20), (0, 80));
    }

    #[test]
    fn offsets_are_brought_into_their_log() {
        let log = Log { start: 10, end: 90, high: 100 };
        assert_eq!(within(log, 3), (10, true));
        assert_eq!(within(log, 95), (95, false));
        assert_eq!(within(log, 300), (100, true));
    }

    #[test]
    fn an_export_is_read_line_by_line() {
        let line = r#"{"group":"g","topic":"t","partition":1,"offset":7}"#;
        assert_eq!(read_export(&format!("{line}\n\n")).unwrap()[0].offset, 7);
        for (text, part) in [
            ("", "no offsets"),
            ("{\"group\":\"g\"}", "line 1"),
            (&format!("{line}\n{line}"), "line 2"),
            (r#"{"group":"g","topic":"t","partition":1,"offset":-7}"#, "not negative"),
        ] {
            let error = read_export(text).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
