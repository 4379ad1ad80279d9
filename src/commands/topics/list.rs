//! `rdvctl topics list`: what the cluster has.

use crate::commands::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::TopicInfo;
use crate::model::catalogue::Catalogue;
use crate::output::View;

/// List the cluster's topics.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Kafka's own topics (`__consumer_offsets` …) as well.
    #[arg(long)]
    internal: bool,
}

/// Lists.
pub fn run(args: ListArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = ctx.catalogue(&settings)?;
    let topics = ctx.cluster(&settings)?.topics()?;
    let rows =
        topics.iter().filter(|t| args.internal || !t.is_internal()).map(|t| row(t, &catalogue)).collect();
    ctx.out.show(&Topics { rows })?;
    Ok(Outcome::Done)
}

struct Topics {
    rows: Vec<Row>,
}

#[derive(serde::Serialize)]
struct Row {
    topic: String,
    event: Option<String>,
    role: Option<&'static str>,
    partitions: usize,
    replication: Option<usize>,
}

fn row(topic: &TopicInfo, catalogue: &Catalogue) -> Row {
    let event = catalogue.of_topic(&topic.name);
    Row {
        topic: topic.name.clone(),
        event: event.map(|(event, _)| event.name.clone()),
        role: event.map(|(event, dlq)| if dlq { "dlq" } else { event.direction.name() }),
        partitions: topic.partitions.len(),
        replication: topic.partitions.iter().map(|p| p.replicas.len()).min(),
    }
}

impl View for Topics {
    fn header(&self) -> Vec<&'static str> {
        vec!["TOPIC", "EVENT", "ROLE", "PARTITIONS", "REPLICATION"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let cells = |row: &Row| {
            vec![
                Some(row.topic.clone()),
                row.event.clone(),
                row.role.map(str::to_owned),
                Some(row.partitions.to_string()),
                row.replication.map(|n| n.to_string()),
            ]
        };
        self.rows.iter().map(cells).collect()
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PARTITIONS", "REPLICATION"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.rows.iter().map(|row| serde_json::json!(row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_the_catalogue_does_not_know_has_no_event() {
        let topic = TopicInfo { name: "other".to_owned(), partitions: Vec::new() };
        let row = row(&topic, &Catalogue { events: Vec::new() });
        let view = Topics { rows: vec![row] };
        assert_eq!(view.rows(), [[Some("other".to_owned()), None, None, Some("0".to_owned()), None]]);
        assert_eq!(view.lines()[0]["event"], serde_json::Value::Null);
    }
}
