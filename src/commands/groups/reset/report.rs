//! What a reset plans, or has done.

use serde_json::json;

use crate::model::reset::Move;
use crate::output::View;
use crate::terminal::count;

/// Moves, with the status of each and what went wrong.
pub(super) struct Report<'a> {
    group: &'a str,
    rows: Vec<(&'static str, Option<String>, Move)>,
}

impl<'a> Report<'a> {
    /// By topic and partition.
    pub(super) fn new(group: &'a str, mut rows: Vec<(&'static str, Option<String>, Move)>) -> Self {
        rows.sort_by(|a, b| (&a.2.topic, a.2.partition).cmp(&(&b.2.topic, b.2.partition)));
        Self { group, rows }
    }
}

/// What a move means for the records.
pub(super) fn effect(m: &Move) -> Option<String> {
    match (m.skipped(), m.read_again()) {
        (0, 0) => None,
        (skipped, 0) => Some(format!("skips {}", count(skipped.unsigned_abs(), "record"))),
        (_, again) => Some(format!("reads {} again", count(again.unsigned_abs(), "record"))),
    }
}

impl View for Report<'_> {
    fn header(&self) -> Vec<&'static str> {
        vec!["GROUP", "TOPIC", "PARTITION", "FROM", "TO", "EFFECT", "STATUS", "ERROR"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |(status, error, m): &(&'static str, Option<String>, Move)| {
            vec![
                Some(self.group.to_owned()),
                Some(m.topic.to_string()),
                Some(m.partition.to_string()),
                m.from.map(|from| from.to_string()),
                Some(m.to.to_string()),
                effect(m),
                Some((*status).to_owned()),
                error.clone(),
            ]
        };
        self.rows.iter().map(cells).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["ERROR"]
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PARTITION", "FROM", "TO"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        let line = |(status, error, m): &(&'static str, Option<String>, Move)| {
            json!({
                "group": self.group,
                "topic": &*m.topic,
                "partition": m.partition,
                "from": m.from,
                "to": m.to,
                "skipped": m.skipped(),
                "read_again": m.read_again(),
                "status": status,
                "error": error,
            })
        };
        self.rows.iter().map(line).collect()
    }
}
