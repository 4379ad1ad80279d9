//! `JoinGroup` and `SyncGroup`: a member waits for the others, woken by them.

use std::time::{Duration, Instant};

use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse, SyncGroupRequest, SyncGroupResponse};
use kafka_protocol::protocol::StrBytes;
use noida::kafka::engine::{EngineState, GroupLifecycleState, GroupState};

use super::state::State;

const COORDINATOR_NOT_AVAILABLE: i16 = 15;
const UNKNOWN_MEMBER_ID: i16 = 25;
const REBALANCE_IN_PROGRESS: i16 = 27;
const FENCED_INSTANCE_ID: i16 = 82;

/// Joins, and answers when the round is complete or those who are late have lost their place.
pub(super) fn join(
    state: &State,
    request: &JoinGroupRequest,
    version: i16,
    client: &str,
) -> JoinGroupResponse {
    let mut engine = state.lock();
    let mut answer = engine.handle_join_group(request, version, client, "/127.0.0.1");
    state.ring();
    if answer.error_code != 0 {
        return answer;
    }
    let member = answer.member_id.to_string();
    let late = Instant::now() + longest_rebalance(&engine, request.group_id.as_str());
    loop {
        let Some(group) = engine.groups.get_mut(request.group_id.as_str()) else {
            answer.error_code = UNKNOWN_MEMBER_ID;
            return answer;
        };
        if !group.members.contains_key(&member) {
            // Replaced by a newer instance of the same static member, or expired.
            let fenced = request.group_instance_id.is_some();
            answer.error_code = if fenced { FENCED_INSTANCE_ID } else { UNKNOWN_MEMBER_ID };
            return answer;
        }
        group.try_complete_join();
        if group.state != GroupLifecycleState::PreparingRebalance {
            let joined = joined(group, &member);
            state.ring();
            return joined;
        }
        if state.is_stopping() {
            answer.error_code = COORDINATOR_NOT_AVAILABLE;
            return answer;
        }
        if Instant::now() >= late {
            let here = &group.awaiting_members;
            group.members.retain(|id, _| here.contains_key(id));
            continue;
        }
        let next = group.initial_until.map_or(late, |until| until.min(late));
        engine = state.wait(engine, next);
    }
}

fn longest_rebalance(engine: &EngineState, group: &str) -> Duration {
    let members = engine.groups.get(group).into_iter().flat_map(|group| group.members.values());
    let longest = members.map(|member| member.rebalance_timeout_ms).max().unwrap_or(0);
    Duration::from_millis(u64::try_from(longest).unwrap_or(0))
}

fn joined(group: &GroupState, member: &str) -> JoinGroupResponse {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    let protocol = group.protocol_name.clone().unwrap_or_default();
    let leader = group.leader_id.clone().unwrap_or_default();
    let mut answer = JoinGroupResponse::default();
    answer.generation_id = group.generation_id;
    answer.protocol_type = Some(text(&group.protocol_type));
    answer.protocol_name = Some(text(&protocol));
    answer.leader = text(&leader);
    answer.member_id = text(member);
    if leader == member {
        // Only the leader divides the partitions and needs to know who is there.
        for (id, other) in &group.members {
            let mut known = JoinGroupResponseMember::default();
            known.member_id = text(id);
            known.group_instance_id = other.group_instance_id.as_deref().map(text);
            let metadata = other.protocols.iter().find(|(name, _)| *name == protocol);
            known.metadata = metadata.map(|(_, bytes)| bytes.clone()).unwrap_or_default().into();
            answer.members.push(known);
        }
    }
    answer
}

/// Takes the leader's division, or waits for it.
pub(super) fn sync(state: &State, request: &SyncGroupRequest, version: i16) -> SyncGroupResponse {
    let mut engine = state.lock();
    let give_up = Instant::now() + longest_rebalance(&engine, request.group_id.as_str());
    while let Some(group) = engine.groups.get(request.group_id.as_str())
        && waits_for_leader(group, request)
    {
        if state.is_stopping() || Instant::now() >= give_up {
            let mut answer = SyncGroupResponse::default();
            answer.error_code = REBALANCE_IN_PROGRESS;
            return answer;
        }
        engine = state.wait(engine, give_up);
    }
    let answer = engine.handle_sync_group(request, version);
    state.ring();
    answer
}

fn waits_for_leader(group: &GroupState, request: &SyncGroupRequest) -> bool {
    let member = request.member_id.as_str();
    group.state == GroupLifecycleState::CompletingRebalance
        && request.assignments.is_empty()
        && request.generation_id == group.generation_id
        && group.members.contains_key(member)
        && group.leader_id.as_deref() != Some(member)
}
