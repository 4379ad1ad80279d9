//! `rdvctl topics describe`: partitions, leaders, offsets and configuration.

use std::collections::BTreeMap;

use crate::commands::Ctx;
use crate::commands::names;
use crate::error::{Error, Outcome};
use crate::kafka::reader::{Isolation, ReadPlan};
use crate::kafka::{Cluster, TopicInfo};
use crate::model::position::Position;
use crate::output::View;

/// Show a topic's partitions, offsets and configuration.
#[derive(Debug, clap::Args)]
pub struct DescribeArgs {
    /// Events, topics or globs.
    #[arg(required = true, value_name = "EVENT|TOPIC|GLOB")]
    names: Vec<String>,
}

/// Describes.
pub fn run(args: DescribeArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    let settings = ctx.settings()?;
    let catalogue = ctx.catalogue(&settings)?;
    let cluster = ctx.cluster(&settings)?;
    let topics = cluster.topics()?;
    let chosen = names::topics(&args.names, &catalogue, &cluster, &topics)?;
    let configs = cluster.topic_configs(&chosen)?;
    let mut described = Vec::new();
    for (name, config) in chosen.iter().zip(configs) {
        let info = topics.iter().find(|t| t.name == *name).expect("chosen among the cluster's topics");
        described.push(describe(&cluster, info, config, ctx.now().as_millisecond())?);
    }
    ctx.out.show(&Topics { described, verbose: ctx.global.verbose })?;
    Ok(Outcome::Done)
}

#[derive(serde::Serialize)]
struct Described {
    topic: String,
    partitions: Vec<Partition>,
    config: BTreeMap<String, String>,
}

#[derive(serde::Serialize)]
struct Partition {
    partition: i32,
    leader: Option<i32>,
    replicas: Vec<i32>,
    in_sync: Vec<i32>,
    start: Option<i64>,
    end: Option<i64>,
}

fn describe(
    cluster: &Cluster,
    info: &TopicInfo,
    config: BTreeMap<String, String>,
    now_ms: i64,
) -> Result<Described, Error> {
    let led: Vec<i32> = info.partitions.iter().filter(|p| p.leader.is_some()).map(|p| p.id).collect();
    let plan = ReadPlan {
        topics: vec![info.name.clone()],
        there: vec![info.clone()],
        partitions: led.clone(),
        from: Position::Start,
        until: None,
        follow: false,
        isolation: Isolation::ReadUncommitted,
        now_ms,
    };
    let spans = if led.is_empty() { Vec::new() } else { cluster.spans(&plan)? };
    let partitions = info.partitions.iter().map(|p| {
        let span = spans.iter().find(|span| span.partition == p.id);
        Partition {
            partition: p.id,
            leader: p.leader,
            replicas: p.replicas.clone(),
            in_sync: p.in_sync.clone(),
            start: span.map(|s| s.start),
            end: span.and_then(|s| s.end),
        }
    });
    Ok(Described { topic: info.name.clone(), partitions: partitions.collect(), config })
}

struct Topics {
    described: Vec<Described>,
    verbose: bool,
}

/// What a table shows of the configuration; `-v` and NDJSON have all of it.
const SHOWN: [&str; 3] = ["cleanup.policy", "retention.ms", "max.message.bytes"];

impl View for Topics {
    fn header(&self) -> Vec<&'static str> {
        vec!["TOPIC", "PARTITION", "LEADER", "REPLICAS", "IN-SYNC", "START", "END", "CONFIG"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        let list = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let config = |d: &Described| {
            let shown = d.config.iter().filter(|(key, _)| self.verbose || SHOWN.contains(&key.as_str()));
            shown.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        };
        let row = |d: &Described, p: &Partition| {
            vec![
                Some(d.topic.clone()),
                Some(p.partition.to_string()),
                p.leader.map(|id| id.to_string()),
                Some(list(&p.replicas)),
                Some(list(&p.in_sync)),
                p.start.map(|n| n.to_string()),
                p.end.map(|n| n.to_string()),
                (p.partition == 0).then(|| config(d)),
            ]
        };
        self.described.iter().flat_map(|d| d.partitions.iter().map(move |p| row(d, p))).collect()
    }
    fn numeric(&self) -> &'static [&'static str] {
        &["PARTITION", "START", "END"]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        self.described.iter().map(|d| serde_json::json!(d)).collect()
    }
}
