//! Topics: create, wait for leaders, read their configuration.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::kafka::explain::Failure;
use crate::kafka::ffi::{At, Code, PartitionRef, TopicAnswer, TopicOrder};
use crate::kafka::offsets::Question;
use crate::kafka::reader::Span;
use crate::kafka::{Cluster, TopicInfo};

/// A topic to create.
#[derive(Debug, Clone)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// Copies; −1 leaves it to the broker's default.
    pub replication: i32,
    /// Topic configuration.
    pub config: Vec<(String, String)>,
}

impl Cluster {
    /// Creates topics; a result for each, in order. One that exists already is an error of its own.
    pub fn create_topics(&self, topics: &[NewTopic]) -> Result<Vec<Result<(), Error>>, Error> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let orders: Vec<_> = topics
            .iter()
            .map(|topic| TopicOrder {
                name: &topic.name,
                partitions: topic.partitions,
                replication: topic.replication,
                config: &topic.config,
            })
            .collect();
        let wait = self.link.connection.timeout;
        let answer = self.link.handle.create_topics(&orders, wait, || self.link.tick())?;
        let answer = answer.map_err(|failed| self.admin_failed("cannot create topics", None, failed))?;
        Ok(self.per_topic("cannot create", topics.iter().map(|topic| topic.name.as_str()), answer))
    }

    /// Deletes topics and their records; a result for each, in order.
    pub fn delete_topics(&self, topics: &[String]) -> Result<Vec<Result<(), Error>>, Error> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let wait = self.link.connection.timeout;
        let answer = self.link.handle.delete_topics(topics, wait, || self.link.tick())?;
        let answer = answer.map_err(|failed| self.admin_failed("cannot delete topics", None, failed))?;
        Ok(self.per_topic("cannot delete", topics.iter().map(String::as_str), answer))
    }

    /// Deletes the records of partitions before an offset: of each span those before its `start`.
    pub fn delete_records_before(&self, spans: &[Span]) -> Result<(), Error> {
        let before: Vec<_> = spans
            .iter()
            .map(|span| (PartitionRef { topic: &span.topic, partition: span.partition }, span.start))
            .collect();
        let wait = self.link.connection.timeout;
        let answer = self.link.handle.delete_records(&before, wait, || self.link.tick())?;
        answer.map_err(|failed| self.admin_failed("cannot delete records", None, failed))
    }

    /// Waits until every partition of these topics has a leader.
    pub fn await_leaders(&self, topics: &[String], within: Duration) -> Result<(), Error> {
        let deadline = Instant::now() + within;
        loop {
            let known = self.topics()?;
            let waiting: Vec<&str> = topics
                .iter()
                .filter(|name| !known.iter().any(|topic| topic.name == **name && led(topic)))
                .map(String::as_str)
                .collect();
            if waiting.is_empty() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Error::unavailable(format!(
                    "no leader for every partition of `{}` within {}s",
                    waiting.join("`, `"),
                    within.as_secs_f64()
                ))
                .hint("the brokers may still be starting; `rdvctl topics describe` shows the leaders"));
            }
            self.link.interrupt.sleep_until(Instant::now() + Duration::from_millis(50));
            self.link.interrupt.check()?;
        }
    }

    /// The configuration of each topic: name → value, defaults included.
    pub fn topic_configs(&self, topics: &[String]) -> Result<Vec<BTreeMap<String, String>>, Error> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let wait = self.link.connection.timeout;
        let doing = "cannot read the configuration of topics";
        let answer = self.link.handle.describe_topics(topics, wait, || self.link.tick())?;
        let answer = answer.map_err(|failed| self.admin_failed(doing, None, failed))?;
        let mut found = HashMap::new();
        for one in answer {
            if one.code.is_error() {
                let doing = format!("cannot read the configuration of topic `{}`", one.name);
                return Err(self.admin_failed(&doing, Some(&one.name), (one.code, one.text)));
            }
            found.insert(one.name, one.entries.into_iter().collect::<BTreeMap<_, _>>());
        }
        Ok(topics.iter().map(|name| found.remove(name).unwrap_or_default()).collect())
    }

    /// Makes sure that the leaders of these topics' partitions can be reached, within `connection.timeout`: the first
    /// address may answer while the advertised ones do not. Call it before the first record is sent.
    pub fn reach_leaders(&self, topics: &[TopicInfo]) -> Result<(), Error> {
        let mut one_each: BTreeMap<i32, (Arc<str>, i32)> = BTreeMap::new();
        for topic in topics {
            let name: Arc<str> = topic.name.as_str().into();
            for partition in &topic.partitions {
                if let Some(leader) = partition.leader {
                    one_each.entry(leader).or_insert_with(|| (Arc::clone(&name), partition.id));
                }
            }
        }
        if one_each.is_empty() {
            return Ok(());
        }
        let refs: Vec<_> =
            one_each.values().map(|(topic, id)| PartitionRef { topic, partition: *id }).collect();
        Question::ask(&self.link, &refs, At::Latest, false).to("cannot reach the leader").answer()?;
        Ok(())
    }

    /// The largest batch that each of these topics takes (`max.message.bytes`); a topic of which that is not known is left out.
    /// A wish, not a need: the permission may be missing, or the call on an old broker.
    pub fn batch_limits(&self, topics: &[String]) -> Result<BTreeMap<String, usize>, Error> {
        if topics.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wait = self.link.connection.timeout.min(Duration::from_secs(3));
        let answer = self.link.handle.describe_topics(topics, wait, || self.link.tick())?;
        let limits = answer.into_iter().flatten().filter_map(|topic| {
            let (_, limit) = topic.entries.into_iter().find(|(name, _)| name == "max.message.bytes")?;
            Some((topic.name, limit.parse().ok()?))
        });
        Ok(limits.collect())
    }

    fn per_topic<'a>(
        &self,
        verb: &str,
        names: impl Iterator<Item = &'a str>,
        answers: Vec<TopicAnswer>,
    ) -> Vec<Result<(), Error>> {
        let answers: HashMap<_, _> =
            answers.into_iter().map(|one| (one.name, (one.code, one.text))).collect();
        names
            .map(|name| match answers.get(name) {
                Some((Code::OK, _)) => Ok(()),
                Some(failed) => {
                    Err(self.admin_failed(&format!("{verb} topic `{name}`"), Some(name), failed.clone()))
                }
                None => Err(Error::unavailable(format!(
                    "{verb} topic `{name}`: the broker did not answer for it"
                ))),
            })
            .collect()
    }

    fn admin_failed(&self, doing: &str, topic: Option<&str>, (code, text): (Code, String)) -> Error {
        let waited = Some(self.link.connection.timeout);
        self.link.explain(&Failure { doing, code, text: &text, topic, waited })
    }
}

fn led(topic: &TopicInfo) -> bool {
    !topic.partitions.is_empty() && topic.partitions.iter().all(|partition| partition.leader.is_some())
}
