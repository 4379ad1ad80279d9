//! One group as it stands: its partitions, what it has committed on each, who reads it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::kafka::TopicInfo;
use crate::kafka::groups::Surveyed;
use crate::model::group::{Group, Member};
use crate::model::lag::{Log, Row, Status, Uncommitted};

/// A topic and one of its partitions.
pub(super) type Partition = (Arc<str>, i32);

/// What is known of a partition's log, or why it is not.
pub(super) type Logs = HashMap<Partition, Result<Log, String>>;

/// A group as it stands.
pub(super) struct Standing {
    pub(super) name: Arc<str>,
    /// Its partitions, and the commit on each.
    pub(super) commits: BTreeMap<Partition, Option<i64>>,
    /// Why its commits are not known.
    pub(super) trouble: Option<String>,
    readers: HashMap<Partition, Arc<Member>>,
    state: Option<Arc<str>>,
    notes: Vec<String>,
}

impl Standing {
    /// Puts together what the cluster said. Besides the partitions it has committed on or reads, a group has a row for
    /// every other partition of the topics it subscribes to: one that it has never read may hold records all the same.
    pub(super) fn new(name: &str, surveyed: Surveyed, there: &HashMap<&str, &TopicInfo>) -> Self {
        let mut standing = Self {
            name: name.into(),
            commits: BTreeMap::new(),
            trouble: None,
            readers: HashMap::new(),
            state: None,
            notes: Vec::new(),
        };
        match surveyed.commits {
            Ok(commits) => {
                standing.commits.extend(commits.into_iter().map(|at| ((at.topic, at.partition), at.offset)));
            }
            Err(error) => standing.trouble = Some(error.to_string()),
        }
        let simple = match surveyed.group {
            Ok(Some(group)) => standing.take_members(group),
            Ok(None) => true,
            Err(error) => {
                standing.notes.push(error.to_string());
                true
            }
        };
        // A group that assigns partitions by itself may well leave some out.
        if !simple {
            let topics: HashSet<Arc<str>> = standing.commits.keys().map(|at| Arc::clone(&at.0)).collect();
            for topic in &topics {
                standing.add_topic(topic, there);
            }
        }
        standing
    }

    fn take_members(&mut self, group: Group) -> bool {
        self.state = Some(Arc::clone(&group.info.state));
        for member in group.members {
            for at in &member.assigned {
                self.commits.entry(at.clone()).or_default();
                self.readers.insert(at.clone(), Arc::clone(&member));
            }
        }
        group.info.simple
    }

    /// Adds what a topic has of partitions.
    pub(super) fn add_topic(&mut self, topic: &Arc<str>, there: &HashMap<&str, &TopicInfo>) {
        for partition in there.get(&**topic).into_iter().flat_map(|info| &info.partitions) {
            self.commits.entry((Arc::clone(topic), partition.id)).or_default();
        }
    }

    /// Its rows; a row without a topic if its commits are not known.
    pub(super) fn rows(&self, logs: &Logs, uncommitted: Uncommitted, seen_ms: i64) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::with_capacity(self.commits.len() + 1);
        if self.trouble.is_some() {
            rows.push(self.row_without_topic(Status::Unknown));
        }
        for (at, committed) in &self.commits {
            let (log, why_not) = match logs.get(at) {
                Some(Ok(log)) => (Some(*log), None),
                Some(Err(why)) => (None, Some(why.clone())),
                None => (None, None),
            };
            let mut row = Row::new(Arc::clone(&self.name), at.clone(), *committed, log, uncommitted);
            row.seen_ms = seen_ms;
            row.member = self.readers.get(at).cloned();
            row.state.clone_from(&self.state);
            row.notes.extend(why_not);
            rows.push(row);
        }
        rows
    }

    /// A row that says that there is nothing to say.
    pub(super) fn row_without_topic(&self, status: Status) -> Row {
        let mut row = Row::of_group(Arc::clone(&self.name), status);
        row.state.clone_from(&self.state);
        row.notes.extend(self.trouble.iter().chain(&self.notes).cloned());
        if row.notes.is_empty() {
            row.notes.push("the group has no commits, and no partitions to read".to_owned());
        }
        row
    }
}
