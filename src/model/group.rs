//! Consumer groups: who they are, and what they have committed.

use std::sync::Arc;

/// A group as the cluster lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// Its name, `group.id`.
    pub name: Arc<str>,
    /// Whether it only keeps offsets: no members were ever assigned partitions by Kafka.
    pub simple: bool,
    /// `Stable`, `Empty`, `PreparingRebalance`, …; `Unknown` for states younger than the client.
    pub state: Arc<str>,
    /// `classic` or `consumer` (KIP-848); `unknown` before Kafka 3.8.
    pub protocol: Arc<str>,
}

/// A group with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the list says of it.
    pub info: GroupInfo,
    /// How partitions are shared out, `range`; `None` without members.
    pub assignor: Option<String>,
    /// The broker that coordinates it, `host:port`.
    pub coordinator: Option<String>,
    /// Its members, by id.
    pub members: Vec<Arc<Member>>,
}

impl Group {
    /// A group of which the list says that it has no members.
    pub fn without_members(info: GroupInfo) -> Self {
        Self { info, assignor: None, coordinator: None, members: Vec::new() }
    }
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id that the coordinator gave it.
    pub id: Arc<str>,
    /// `group.instance.id` of a static member (KIP-345).
    pub instance: Option<String>,
    /// `client.id`.
    pub client_id: Arc<str>,
    /// The address it connects from.
    pub host: Arc<str>,
    /// The partitions it reads: topic, number.
    pub assigned: Vec<(Arc<str>, i32)>,
}

/// What a group has committed on a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The next offset the group will read; `None` if it has committed none.
    pub offset: Option<i64>,
}

/// The endings that `NestJS` adds to a group's and a client's id (`postfixId`: `ServerKafka`, `ClientKafka`).
pub const NEST_ENDINGS: [&str; 2] = ["-server", "-client"];

/// Those of `known` that are `asked` with one of NestJS's endings.
pub fn with_nest_ending<'a>(asked: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let ours = |name: &str| {
        let ending = name.strip_prefix(asked);
        ending.is_some_and(|ending| NEST_ENDINGS.contains(&ending))
    };
    known.into_iter().filter(|name| ours(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_under_the_names_that_nestjs_gives_it() {
        let known =
            ["appointment-consumer-group-client", "appointment-consumer-group-server", "other-server"];
        assert_eq!(with_nest_ending("appointment-consumer-group", known), &known[..2]);
        assert!(with_nest_ending("appointment", known).is_empty());
    }
}
