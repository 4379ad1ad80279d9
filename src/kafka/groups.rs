//! Consumer groups: listed, described, their commits read and set, deleted. Looking at a group never joins it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::kafka::Cluster;
use crate::kafka::explain::Failure;
use crate::kafka::ffi::{Call, Code, GroupDescribed, GroupListed, OffsetOf, PartitionRef};
use crate::model::group::{Commit, Group, GroupInfo, Member};

/// Calls under way at once: librdkafka takes one group a call, and each answer is held until it is read.
const PIPELINE: usize = 64;

/// The state of a group without members.
const EMPTY: &str = "Empty";

/// Between two tries while a coordinator is moving or loading its groups.
const PAUSE: Duration = Duration::from_millis(100);

/// A group's members and commits, as far as the cluster told; an error of each says why not.
pub struct Surveyed {
    /// The group with its members; `None` if there is no such group.
    pub group: Result<Option<Group>, Error>,
    /// What it has committed.
    pub commits: Result<Vec<Commit>, Error>,
}

/// A new place for a group to read on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The next offset the group will read.
    pub offset: i64,
}

impl Cluster {
    /// Every group that may be seen, by name. Brokers that did not answer are told in [`Cluster::notes`]: what they
    /// coordinate is missing. Other protocols' groups (Connect, share groups) are not consumer groups and left out.
    pub fn groups(&self) -> Result<Vec<GroupInfo>, Error> {
        let doing = "cannot list the consumer groups";
        let call = self.link.handle.ask_groups(self.link.connection.timeout);
        let list = call.groups(|| self.link.tick())?.map_err(|failed| self.group_failed(doing, failed))?;
        for failed in list.failed {
            if list.groups.is_empty() {
                return Err(self.group_failed(doing, failed));
            }
            self.note(format!("the list of groups is incomplete: a broker answered `{}`", failed.1));
        }
        let mut groups: Vec<_> = list.groups.into_iter().map(info).collect();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(groups)
    }

    /// Members and commits of these groups (each named once), in their order: all questions are under way at once. A
    /// group that `listed` says is empty has no members, and is not asked for them.
    pub fn survey(&self, names: &[&str], listed: &[GroupInfo]) -> Result<Vec<Surveyed>, Error> {
        let empty: HashMap<&str, &GroupInfo> =
            listed.iter().filter(|group| &*group.state == EMPTY).map(|group| (&*group.name, group)).collect();
        let asked: Vec<&str> = names.iter().copied().filter(|name| !empty.contains_key(name)).collect();
        let wait = self.link.connection.timeout;
        let members = (!asked.is_empty()).then(|| self.link.handle.ask_members(&asked, wait));
        let commits = self.commits(names)?;
        let described = match members {
            Some(call) => self.described(&call, &asked)?,
            None => Vec::new(),
        };
        let mut described = described.into_iter();
        let group = |name: &&str| match empty.get(name) {
            Some(info) => Ok(Some(Group::without_members((*info).clone()))),
            None => described.next().unwrap_or(Ok(None)),
        };
        let groups: Vec<_> = names.iter().map(group).collect();
        Ok(groups.into_iter().zip(commits).map(|(group, commits)| Surveyed { group, commits }).collect())
    }

    /// These groups (each named once) with their members, in their order; `None` for one that is not there.
    pub fn describe_groups(&self, names: &[&str]) -> Result<Vec<Result<Option<Group>, Error>>, Error> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let call = self.link.handle.ask_members(names, self.link.connection.timeout);
        self.described(&call, names)
    }

    fn described(&self, call: &Call, names: &[&str]) -> Result<Vec<Result<Option<Group>, Error>>, Error> {
        let answer = match call.members(|| self.link.tick())? {
            Ok(answer) => answer,
            Err(failed) => {
                let doing = "cannot look at the consumer groups";
                return Err(self.group_failed(doing, failed));
            }
        };
        let mut found: HashMap<String, GroupDescribed> =
            answer.into_iter().map(|group| (group.listed.name.clone(), group)).collect();
        let mut topics = Names::default();
        let one = |name: &&str| match found.remove(*name) {
            None => Ok(None),
            Some(group) if group.code == Code::GROUP_ID_NOT_FOUND => Ok(None),
            Some(group) if group.code.is_error() => {
                Err(self.group_failed(&format!("cannot look at group `{name}`"), (group.code, group.text)))
            }
            // What Kafka before 4.0 says of a group it does not have.
            Some(group) if group.listed.state == "Dead" => Ok(None),
            Some(group) => Ok(Some(with_members(group, &mut topics))),
        };
        Ok(names.iter().map(one).collect())
    }

    /// What these groups have committed, in their order.
    pub fn commits(&self, names: &[&str]) -> Result<Vec<Result<Vec<Commit>, Error>>, Error> {
        let wait = self.link.connection.timeout;
        let deadline = Instant::now() + wait;
        let mut topics = Names::default();
        let mut asked: VecDeque<Call> = VecDeque::new();
        let mut next = names.iter();
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            while asked.len() < PIPELINE
                && let Some(name) = next.next()
            {
                asked.push_back(self.link.handle.ask_commits(name, wait));
            }
            let Some(mut call) = asked.pop_front() else { break };
            let answer = loop {
                match call.commits(|| self.link.tick())? {
                    Err((code, _)) if moving(code) && Instant::now() + PAUSE < deadline => {
                        self.link.interrupt.sleep_until(Instant::now() + PAUSE);
                        call = self.link.handle.ask_commits(name, wait);
                    }
                    answer => break answer,
                }
            };
            all.push(match answer {
                Ok(list) => self.of_partitions(name, list, &mut topics),
                Err((Code::GROUP_ID_NOT_FOUND, _)) => Ok(Vec::new()),
                Err(failed) => {
                    Err(self.group_failed(&format!("cannot read the offsets of group `{name}`"), failed))
                }
            });
        }
        Ok(all)
    }

    fn of_partitions(
        &self,
        group: &str,
        list: Vec<OffsetOf>,
        topics: &mut Names,
    ) -> Result<Vec<Commit>, Error> {
        let one = |at: OffsetOf| {
            if at.code.is_error() {
                let OffsetOf { topic, partition, code, .. } = at;
                let doing = format!(
                    "cannot read the offset of group `{group}` on partition {partition} of `{topic}`"
                );
                return Err(self.group_failed(&doing, (code, code.text())));
            }
            let offset = (at.offset >= 0).then_some(at.offset);
            Ok(Commit { topic: topics.get(&at.topic), partition: at.partition, offset })
        };
        list.into_iter().map(one).collect()
    }

    /// Sets a group's offsets; a result for each, in order. The coordinator refuses while the group has members.
    pub fn set_commits(&self, group: &str, commits: &[NewCommit]) -> Result<Vec<Result<(), Error>>, Error> {
        let doing = format!("cannot set the offsets of group `{group}`");
        let offsets: Vec<_> = commits
            .iter()
            .map(|at| (PartitionRef { topic: &at.topic, partition: at.partition }, at.offset))
            .collect();
        let wait = self.link.connection.timeout;
        let call = self.link.handle.ask_commit(group, &offsets, wait);
        let answer =
            call.committed(|| self.link.tick())?.map_err(|failed| self.group_failed(&doing, failed))?;
        let codes: HashMap<(&str, i32), Code> =
            answer.iter().map(|at| ((at.topic.as_str(), at.partition), at.code)).collect();
        let one = |at: &NewCommit| match codes.get(&(&*at.topic, at.partition)) {
            Some(&Code::OK) => Ok(()),
            code => {
                let code = *code.unwrap_or(&Code::LOCAL_UNKNOWN_PARTITION);
                let doing = format!("{doing} on partition {} of `{}`", at.partition, at.topic);
                Err(self.group_failed(&doing, (code, code.text())))
            }
        };
        Ok(commits.iter().map(one).collect())
    }

    /// Deletes groups with their offsets; a result for each, in order. A group with members is refused.
    pub fn delete_groups(&self, names: &[&str]) -> Result<Vec<Result<(), Error>>, Error> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let call = self.link.handle.ask_group_deletion(names, self.link.connection.timeout);
        let answer = call.deleted(|| self.link.tick())?;
        let answer = answer.map_err(|failed| self.group_failed("cannot delete groups", failed))?;
        let mut found: HashMap<String, (Code, String)> =
            answer.into_iter().map(|one| (one.name, (one.code, one.text))).collect();
        let one = |name: &&str| match found.remove(*name) {
            Some((Code::OK, _)) => Ok(()),
            failed => {
                let failed = failed.unwrap_or((Code::TIMED_OUT, Code::TIMED_OUT.text()));
                Err(self.group_failed(&format!("cannot delete group `{name}`"), failed))
            }
        };
        Ok(names.iter().map(one).collect())
    }

    fn group_failed(&self, doing: &str, (code, text): (Code, String)) -> Error {
        let waited = Some(self.link.connection.timeout);
        self.link.explain(&Failure { doing, code, text: &text, topic: None, waited })
    }
}

/// Each name once in memory: many groups commit on the same topics.
#[derive(Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}

fn info(listed: GroupListed) -> GroupInfo {
    GroupInfo {
        name: listed.name.into(),
        simple: listed.simple,
        state: listed.state.into(),
        protocol: listed.protocol.to_ascii_lowercase().into(),
    }
}

fn with_members(group: GroupDescribed, topics: &mut Names) -> Group {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let mut members: Vec<_> = group
        .members
        .into_iter()
        .map(|member| {
            Arc::new(Member {
                id: member.id.into(),
                instance: some(member.instance),
                client_id: member.client_id.into(),
                host: member.host.into(),
                assigned: member.assigned.into_iter().map(|(t, p)| (topics.get(&t), p)).collect(),
            })
        })
        .collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    Group {
        info: info(group.listed),
        assignor: some(group.assignor),
        coordinator: some(group.coordinator),
        members,
    }
}

/// Whether the group's coordinator is just changing or still reading its log.
fn moving(code: Code) -> bool {
    matches!(
        code,
        Code::COORDINATOR_LOAD_IN_PROGRESS | Code::COORDINATOR_NOT_AVAILABLE | Code::NOT_COORDINATOR
    )
}
