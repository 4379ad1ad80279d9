//! `rdvctl topics check`: does the cluster have what the catalogue wants?

use std::collections::BTreeMap;

use super::Wanted;
use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::TopicInfo;
use crate::output::View;

/// Compare the catalogue with the cluster; exits 1 on drift.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Only these events; all without.
    #[arg(value_name = "EVENT")]
    events: Vec<String>,
}

/// Checks.
pub fn run(args: CheckArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let wanted = super::wanted(&ctx.catalogue(&settings)?, &args.events)?;
    let cluster = ctx.cluster(&settings)?;
    let topics = cluster.topics()?;
    let present: Vec<String> =
        wanted.iter().filter(|w| topics.iter().any(|t| t.name == w.topic)).map(|w| w.topic.clone()).collect();
    let configs: BTreeMap<String, BTreeMap<String, String>> =
        present.iter().cloned().zip(cluster.topic_configs(&present)?).collect();
    let rows: Vec<Row> = wanted
        .iter()
        .map(|w| compare(w, topics.iter().find(|t| t.name == w.topic), configs.get(&w.topic)))
        .collect();
    let drift = rows.iter().filter(|row| row.status != "ok").count();
    ctx.out.show(&Check { rows })?;
    if drift == 0 {
        return Ok(Outcome::Done);
    }
    ctx.term.note(format!("not as the catalogue wants: {}", crate::terminal::count(drift as u64, "topic")));
    if present.len() < wanted.len() {
        ctx.term.note("hint: `rdvctl topics create` creates what is missing");
    }
    Ok(Outcome::No)
}

#[derive(serde::Serialize)]
struct Row {
    topic: String,
    status: &'static str,
    problems: Vec<String>,
}

fn compare(wanted: &Wanted, info: Option<&TopicInfo>, config: Option<&BTreeMap<String, String>>) -> Row {
    let Some(info) = info else {
        let problems = vec!["is not on the cluster".to_owned()];
        return Row { topic: wanted.topic.clone(), status: "missing", problems };
    };
    let mut problems = Vec::new();
    if info.partitions.len() != wanted.partitions as usize {
        problems.push(format!("partitions: {}, wanted {}", info.partitions.len(), wanted.partitions));
    }
    let leaderless = info.partitions.iter().filter(|p| p.leader.is_none()).count();
    if leaderless > 0 {
        problems.push(format!("partitions without a leader: {leaderless}"));
    }
    for (key, value) in
        [("retention.ms", wanted.retention_ms.to_string()), ("cleanup.policy", "delete".to_owned())]
    {
        match config.and_then(|config| config.get(key)) {
            Some(actual) if *actual == value => {}
            Some(actual) => problems.push(format!("{key}: {actual}, wanted {value}")),
            None => problems.push(format!("{key}: unknown, wanted {value}")),
        }
    }
    let status = if problems.is_empty() { "ok" } else { "drift" };
    Row { topic: wanted.topic.clone(), status, problems }
}

struct Check {
    rows: Vec<Row>,
}

impl View for Check {
    fn header(&self) -> Vec<&'static str> {
        vec!["TOPIC", "STATUS", "PROBLEMS"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |row: &Row| {
            let problems = (!row.problems.is_empty()).then(|| row.problems.join("; "));
            vec![Some(row.topic.clone()), Some(row.status.to_owned()), problems]
        };
        self.rows.iter().map(cells).collect()
    }
    fn optional(&self) -> &'static [&'static str] {
        &["PROBLEMS"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.rows.iter().map(|row| serde_json::json!(row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::PartitionInfo;

    fn topic(partitions: i32, leader: Option<i32>) -> TopicInfo {
        let partition = |id| PartitionInfo { id, leader, replicas: vec![1], in_sync: vec![1] };
        TopicInfo { name: "t".to_owned(), partitions: (0..partitions).map(partition).collect() }
    }

    #[test]
    fn every_difference_is_named() {
        let wanted = Wanted { topic: "t".to_owned(), partitions: 3, retention_ms: 604_800_000 };
        let config = |retention: &str| {
            BTreeMap::from(
                [("retention.ms", retention), ("cleanup.policy", "delete")]
                    .map(|(k, v)| (k.to_owned(), v.to_owned())),
            )
        };
        assert_eq!(compare(&wanted, Some(&topic(3, Some(1))), Some(&config("604800000"))).status, "ok");
        assert_eq!(compare(&wanted, None, None).status, "missing");
        let row = compare(&wanted, Some(&topic(1, None)), Some(&config("1")));
        assert_eq!(row.status, "drift");
        assert_eq!(
            row.problems,
            [
                "partitions: 1, wanted 3",
                "partitions without a leader: 1",
                "retention.ms: 1, wanted 604800000"
            ]
        );
    }
}
