//! One look at the groups: members and commits, then the logs, then the first unread records.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::args::LagArgs;
use super::standing::{Logs, Partition, Standing};
use super::unread::UnreadRecords;
use crate::commands::scope::{self, Scope};
use crate::commands::{Ctx, names};
use crate::error::Error;
use crate::kafka::reader::Isolation;
use crate::kafka::{Cluster, TopicInfo};
use crate::model::catalogue::Catalogue;
use crate::model::filter::RowFilter;
use crate::model::lag::{Row, Status, Uncommitted};

/// The fields a `--where` may name, as `Row::to_json` gives them.
const FIELDS: &[&str] = &[
    "group",
    "topic",
    "partition",
    "committed",
    "start",
    "end",
    "lag",
    "age_seconds",
    "drained",
    "status",
    "member",
    "client_id",
    "host",
    "state",
    "lost",
    "notes",
];

/// What is looked at, again and again.
pub(super) struct Survey<'a> {
    cluster: &'a Cluster,
    asked: &'a [String],
    /// Only these topics.
    topics: Option<HashSet<String>>,
    /// Topics named in full: a named group has a row for each of their partitions.
    in_full: Vec<Arc<str>>,
    /// Only groups that have to do with one of these.
    catalogue: Option<HashSet<String>>,
    isolation: Isolation,
    uncommitted: Uncommitted,
    filter: Option<RowFilter>,
    unread: UnreadRecords,
    now: fn() -> jiff::Timestamp,
}

/// What one look showed.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// By group, topic and partition.
    pub(super) rows: Vec<Row>,
    /// The groups that were asked for.
    pub(super) scope: Scope,
}

impl<'a> Survey<'a> {
    /// Compiles the filter and finds the topics; groups are found anew at each look.
    pub(super) fn new(
        args: &'a LagArgs,
        ctx: &Ctx,
        catalogue: &Catalogue,
        cluster: &'a Cluster,
    ) -> Result<Self, Error> {
        let such_as = ".lag > 100 and .state == \"Empty\"";
        let filter =
            args.filter.as_deref().map(|text| RowFilter::compile(text, FIELDS, such_as)).transpose()?;
        let topics = if args.topics.is_empty() {
            None
        } else {
            Some(names::topics(&args.topics, catalogue, cluster, &cluster.topics()?)?)
        };
        let globs = args.topics.iter().any(|name| name.contains(['*', '?']));
        let in_full = topics.iter().flatten().filter(|_| !globs).map(|topic| topic.as_str().into()).collect();
        let all = args.all || !args.groups.is_empty() || topics.is_some();
        let of_catalogue = || catalogue.events.iter().map(|event| event.topic.clone()).collect();
        Ok(Self {
            cluster,
            asked: &args.groups,
            topics: topics.map(|topics| topics.into_iter().collect()),
            in_full,
            catalogue: (!all).then(of_catalogue),
            isolation: args.isolation,
            uncommitted: args.uncommitted,
            filter,
            unread: UnreadRecords::new(args.isolation, args.age_deadline),
            now: ctx.env.now,
        })
    }

    /// Looks, without reading records.
    pub(super) fn look(&mut self) -> Result<Reading, Error> {
        let scope = scope::find(self.asked, self.cluster)?;
        let groups: Vec<&str> = scope.groups.iter().map(String::as_str).collect();
        let surveyed = self.cluster.survey(&groups, &scope.listed)?;
        let topics = self.cluster.topics()?;
        let there = topics.iter().map(|topic| (topic.name.as_str(), topic)).collect();
        let mut standings: Vec<Standing> = Vec::with_capacity(groups.len());
        for (name, surveyed) in groups.iter().zip(surveyed) {
            let mut standing = Standing::new(name, surveyed, &there);
            if scope.stands_for_a_name(name) {
                for topic in &self.in_full {
                    standing.add_topic(topic, &there);
                }
            }
            if let Some(only) = &self.topics {
                standing.commits.retain(|at, _| only.contains(&*at.0));
            }
            if self.concerns(&standing) {
                standings.push(standing);
            }
        }
        let rows = self.rows(&standings, &scope, &topics)?;
        Ok(Reading { rows, scope })
    }

    /// Whether a group has to do with the catalogue, where it must.
    fn concerns(&self, standing: &Standing) -> bool {
        let mut topics = standing.commits.keys().map(|at| &*at.0);
        self.catalogue.as_ref().is_none_or(|only| topics.any(|topic| only.contains(topic)))
    }

    fn rows(&self, standings: &[Standing], scope: &Scope, topics: &[TopicInfo]) -> Result<Vec<Row>, Error> {
        let logs = self.logs(standings, topics)?;
        let seen_ms = (self.now)().as_millisecond();
        let mut rows = Vec::with_capacity(standings.iter().map(|standing| standing.commits.len()).sum());
        for standing in standings {
            rows.extend(standing.rows(&logs, self.uncommitted, seen_ms));
            let alone = standing.commits.is_empty() && standing.trouble.is_none();
            if alone
                && scope.nothing_but(&standing.name, standings.iter().map(|s| (&*s.name, s.commits.len())))
            {
                rows.push(standing.row_without_topic(Status::None));
            }
        }
        Ok(rows)
    }

    /// Keeps the rows that pass `--where`: after their ages are known.
    pub(super) fn filter(&mut self, rows: &mut Vec<Row>) {
        if let Some(filter) = &mut self.filter {
            rows.retain(|row| filter.matches(row));
        }
    }

    /// The logs of all partitions, each asked for once.
    fn logs(&self, standings: &[Standing], topics: &[TopicInfo]) -> Result<Logs, Error> {
        let partitions: HashSet<&Partition> = standings.iter().flat_map(|s| s.commits.keys()).collect();
        let partitions: Vec<Partition> = partitions.into_iter().cloned().collect();
        let logs = self.cluster.logs(&partitions, topics, self.isolation)?;
        Ok(partitions.into_iter().zip(logs).collect::<HashMap<_, _>>())
    }

    /// Reads the first unread record of the rows that `wanted` picks.
    pub(super) fn read(&mut self, rows: &mut [Row], wanted: impl Fn(&Row) -> bool) -> Result<(), Error> {
        self.unread.find(self.cluster, rows, wanted)
    }

    /// The ends of all logs in scope, for a wait to reach.
    pub(super) fn ends(&self) -> Result<Vec<(Partition, i64)>, Error> {
        let topics = self.cluster.topics()?;
        let wanted = |topic: &TopicInfo| match (&self.topics, &self.catalogue) {
            (Some(only), _) | (None, Some(only)) => only.contains(&topic.name),
            (None, None) => !topic.is_internal(),
        };
        let partitions: Vec<Partition> = topics
            .iter()
            .filter(|topic| wanted(topic))
            .flat_map(|topic| {
                let name: Arc<str> = topic.name.as_str().into();
                topic.partitions.iter().map(move |partition| (Arc::clone(&name), partition.id))
            })
            .collect();
        let logs = self.cluster.logs(&partitions, &topics, self.isolation)?;
        let ends = partitions.into_iter().zip(logs).filter_map(|(at, log)| Some((at, log.ok()?.end)));
        Ok(ends.collect())
    }

    /// On how many rows the filter failed, and the first failure.
    pub(super) fn filter_errors(&self) -> Option<(u64, &str)> {
        self.filter.as_ref()?.failures().told()
    }
}
