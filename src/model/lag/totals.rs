//! Rows added up, by group, topic or member. What is unknown is counted, not added.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Row, Status};

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum By {
    /// Nothing: a row for each partition.
    Partition,
    /// All partitions of a group.
    Group,
    /// The partitions of a topic, over all groups.
    Topic,
    /// The partitions of a member of a group.
    Member,
}

/// A sum of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Total {
    /// The group; `None` in a sum by topic.
    pub group: Option<Arc<str>>,
    /// The topic, in a sum by topic.
    pub topic: Option<Arc<str>>,
    /// The member's id, client and host; `None` for partitions that nobody reads.
    pub member: Option<Arc<super::Member>>,
    /// How many partitions.
    pub partitions: u64,
    /// Their lag, as far as it is known; `None` if none is.
    pub lag: Option<i64>,
    /// The greatest age, in milliseconds, of those known.
    pub age_ms: Option<i64>,
    /// Partitions with something to read, or that may have.
    pub lagging: u64,
    /// Partitions without a commit.
    pub none: u64,
    /// Partitions whose commit has expired.
    pub expired: u64,
    /// Partitions of which the lag is not known for another reason.
    pub unknown: u64,
    /// The group's state.
    pub state: Option<Arc<str>>,
}

/// The sums, sorted.
pub fn totals<'a>(rows: impl IntoIterator<Item = &'a Row>, by: By) -> Vec<Total> {
    let mut sums: BTreeMap<(Option<&str>, Option<&str>), Total> = BTreeMap::new();
    for row in rows {
        let member = row.member.as_ref().filter(|_| by == By::Member);
        let group = (by != By::Topic).then_some(&row.group);
        let topic = if by == By::Topic { row.topic.as_ref() } else { None };
        let key = (group.or(topic).map(|name| &**name), member.map(|member| &*member.id));
        let sum = sums.entry(key).or_insert_with(|| Total {
            group: group.cloned(),
            topic: topic.cloned(),
            member: member.cloned(),
            state: group.and(row.state.clone()),
            ..Total::default()
        });
        sum.add(row);
    }
    sums.into_values().collect()
}

impl Total {
    fn add(&mut self, row: &Row) {
        self.partitions += u64::from(row.partition.is_some());
        self.lag = row.lag().map(|lag| lag + self.lag.unwrap_or(0)).or(self.lag);
        self.age_ms = self.age_ms.max(row.age_ms());
        self.lagging += u64::from(row.may_lag());
        match row.status {
            Status::Ok => {}
            Status::None => self.none += 1,
            Status::Expired => self.expired += 1,
            Status::Ahead | Status::Unknown => self.unknown += 1,
        }
    }

    /// The sum for programs.
    pub fn to_json(&self, by: By) -> serde_json::Value {
        let mut fields = serde_json::Map::new();
        let mut field = |name: &str, value: serde_json::Value| drop(fields.insert(name.to_owned(), value));
        match by {
            By::Topic => field("topic", self.topic.as_deref().into()),
            By::Member | By::Group | By::Partition => field("group", self.group.as_deref().into()),
        }
        if by == By::Member {
            field("member", self.member.as_ref().map(|m| &*m.id).into());
            field("client_id", self.member.as_ref().map(|m| &*m.client_id).into());
            field("host", self.member.as_ref().map(|m| &*m.host).into());
        }
        field("partitions", self.partitions.into());
        field("lag", self.lag.into());
        field("age_seconds", self.age_ms.map(|ms| ms as f64 / 1000.0).into());
        field("lagging", self.lagging.into());
        field("none", self.none.into());
        field("expired", self.expired.into());
        field("unknown", self.unknown.into());
        if by != By::Topic {
            field("state", self.state.as_deref().into());
        }
        fields.into()
    }
}
