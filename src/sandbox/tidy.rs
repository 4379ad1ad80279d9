//! What a broker does by itself once a second: compaction, and consumers that went away without a word.

use noida::kafka::engine::{EngineState, GroupLifecycleState, GroupState};
use noida::kafka::log::LogConfig;

/// One round of housekeeping; `true` if a group changed and its members should look.
pub(super) fn tidy(engine: &mut EngineState) -> bool {
    let now = engine.now_ms();
    for topic in engine.topics.values_mut().filter(|topic| !topic.is_internal) {
        let config = LogConfig::of(&topic.configs);
        // Retention is left out on purpose: see `Broker::start`.
        for log in topic.partitions.values_mut().filter(|_| config.compact) {
            log.compact(&config, now);
        }
    }
    let mut changed = false;
    for group in engine.groups.values_mut() {
        changed |= expire(group, now);
    }
    changed
}

/// Members whose session is over lose their place. Only in a settled group: one that rejoins sends no heartbeats.
fn expire(group: &mut GroupState, now: i64) -> bool {
    if group.state != GroupLifecycleState::Stable {
        return false;
    }
    let before = group.members.len();
    group.members.retain(|_, member| now - member.last_heartbeat_ms <= i64::from(member.session_timeout_ms));
    if group.members.len() == before {
        return false;
    }
    group.assignments.clear();
    group.awaiting_members.clear();
    if group.leader_id.as_ref().is_none_or(|leader| !group.members.contains_key(leader)) {
        group.leader_id = group.members.keys().next().cloned();
    }
    if group.members.is_empty() {
        group.state = GroupLifecycleState::Empty;
    } else {
        group.state = GroupLifecycleState::PreparingRebalance;
        group.generation_id += 1;
        group.rebalance_start_ms = now;
    }
    true
}

#[cfg(test)]
mod tests {
    use noida::kafka::engine::GroupMember;

    use super::*;

    fn member(id: &str, last_heartbeat_ms: i64) -> (String, GroupMember) {
        let member = GroupMember {
            member_id: id.to_owned(),
            group_instance_id: None,
            client_id: String::new(),
            client_host: String::new(),
            session_timeout_ms: 6_000,
            rebalance_timeout_ms: 6_000,
            protocol_type: "consumer".to_owned(),
            protocols: Vec::new(),
            last_heartbeat_ms,
            assignment: Vec::new(),
        };
        (id.to_owned(), member)
    }

    #[test]
    fn a_consumer_that_went_away_silently_loses_its_place_and_the_others_rebalance() {
        let mut group = GroupState::new("g".to_owned());
        group.state = GroupLifecycleState::Stable;
        group.leader_id = Some("gone".to_owned());
        group.members.extend([member("gone", 1_000), member("here", 9_000)]);
        assert!(!expire(&mut group, 7_000));
        assert!(expire(&mut group, 9_000));
        assert_eq!(group.members.keys().collect::<Vec<_>>(), ["here"]);
        assert_eq!(group.leader_id.as_deref(), Some("here"));
        assert_eq!(group.state, GroupLifecycleState::PreparingRebalance);
    }

    #[test]
    fn a_group_whose_last_consumer_went_away_is_empty() {
        let mut group = GroupState::new("g".to_owned());
        group.state = GroupLifecycleState::Stable;
        group.members.extend([member("gone", 1_000)]);
        assert!(expire(&mut group, 20_000));
        assert_eq!(group.state, GroupLifecycleState::Empty);
    }
}
