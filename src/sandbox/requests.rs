//! Each kind of request to the part of the broker that answers it.

use bytes::BytesMut;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, CreateAclsRequest, CreateAclsResponse, DeleteAclsRequest,
    DeleteAclsResponse, DescribeAclsResponse, MetadataRequest, ProduceRequest,
};
use kafka_protocol::protocol::Request;
use noida::kafka::engine::EngineState;

use super::state::State;
use super::wire::Call;
use super::{fetch, group};

const UNSUPPORTED_VERSION: i16 = 35;
const SECURITY_DISABLED: i16 = 54;

/// What a connection does after a request.
pub(super) enum Answer {
    /// Sends this frame.
    Frame(BytesMut),
    /// Sends nothing: a Produce that wants no acknowledgement.
    Silence,
    /// Ends: the request was not understood, as Kafka does.
    Hangup,
}

impl From<Option<BytesMut>> for Answer {
    fn from(frame: Option<BytesMut>) -> Self {
        frame.map_or(Answer::Hangup, Answer::Frame)
    }
}

/// Answers one request; may take as long as the request says (`Fetch`, `JoinGroup`, `SyncGroup`).
pub(super) fn answer(state: &State, call: &Call) -> Answer {
    match call.api {
        ApiKey::ApiVersions => versions(state, call).into(),
        ApiKey::Metadata => metadata(state, call).into(),
        ApiKey::Produce => produce(state, call),
        ApiKey::Fetch => asked(call, |request, _| fetch::fetch(state, request).0),
        ApiKey::JoinGroup => {
            asked(call, |request, version| group::join(state, request, version, &call.client_id))
        }
        ApiKey::SyncGroup => asked(call, |request, version| group::sync(state, request, version)),
        ApiKey::DescribeAcls | ApiKey::CreateAcls | ApiKey::DeleteAcls => no_acls(call),
        _ => memory(state, call),
    }
}

fn asked<R: Request>(call: &Call, answer: impl FnOnce(&R, i16) -> R::Response) -> Answer {
    call.body::<R>().and_then(|request| call.reply(&answer(&request, call.version))).into()
}

/// Requests that noida-db answers from its memory at once.
#[rustfmt::skip]
fn memory(state: &State, call: &Call) -> Answer {
    let ask = |mut engine: std::sync::MutexGuard<'_, EngineState>| match call.api {
        ApiKey::ListOffsets => asked(call, |r, v| engine.handle_list_offsets(r, v)),
        ApiKey::OffsetForLeaderEpoch => asked(call, |r, v| engine.handle_offset_for_leader_epoch(r, v)),
        ApiKey::CreateTopics => asked(call, |r, v| engine.handle_create_topics(r, v)),
        ApiKey::DeleteTopics => asked(call, |r, v| engine.handle_delete_topics(r, v)),
        ApiKey::CreatePartitions => asked(call, |r, v| engine.handle_create_partitions(r, v)),
        ApiKey::DeleteRecords => asked(call, |r, v| engine.handle_delete_records(r, v)),
        ApiKey::FindCoordinator => asked(call, |r, v| engine.handle_find_coordinator(r, v)),
        ApiKey::Heartbeat => asked(call, |r, v| engine.handle_heartbeat(r, v)),
        ApiKey::LeaveGroup => asked(call, |r, v| engine.handle_leave_group(r, v)),
        ApiKey::OffsetCommit => asked(call, |r, v| engine.handle_offset_commit(r, v)),
        ApiKey::OffsetFetch => asked(call, |r, v| engine.handle_offset_fetch(r, v)),
        ApiKey::OffsetDelete => asked(call, |r, v| engine.handle_offset_delete(r, v)),
        ApiKey::DescribeGroups => asked(call, |r, v| engine.handle_describe_groups(r, v)),
        ApiKey::ListGroups => asked(call, |r, v| engine.handle_list_groups(r, v)),
        ApiKey::DeleteGroups => asked(call, |r, v| engine.handle_delete_groups(r, v)),
        ApiKey::DescribeCluster => asked(call, |r, v| engine.handle_describe_cluster(r, v)),
        ApiKey::DescribeLogDirs => asked(call, |r, v| engine.handle_describe_log_dirs(r, v)),
        ApiKey::DescribeConfigs => asked(call, |r, v| engine.handle_describe_configs(r, v)),
        ApiKey::AlterConfigs => asked(call, |r, v| engine.handle_alter_configs(r, v)),
        ApiKey::IncrementalAlterConfigs => asked(call, |r, v| engine.handle_incremental_alter_configs(r, v)),
        ApiKey::InitProducerId => asked(call, |r, v| engine.handle_init_producer_id(r, v)),
        ApiKey::AddPartitionsToTxn => asked(call, |r, v| engine.handle_add_partitions_to_txn(r, v)),
        ApiKey::AddOffsetsToTxn => asked(call, |r, v| engine.handle_add_offsets_to_txn(r, v)),
        ApiKey::TxnOffsetCommit => asked(call, |r, v| engine.handle_txn_offset_commit(r, v)),
        ApiKey::EndTxn => asked(call, |r, v| engine.handle_end_txn(r, v)),
        ApiKey::DescribeTransactions => asked(call, |r, v| engine.handle_describe_transactions(r, v)),
        ApiKey::ListTransactions => asked(call, |r, v| engine.handle_list_transactions(r, v)),
        ApiKey::DescribeProducers => asked(call, |r, v| engine.handle_describe_producers(r, v)),
        ApiKey::SaslHandshake => asked(call, |r, v| engine.handle_sasl_handshake(r, v)),
        ApiKey::SaslAuthenticate => asked(call, |r, v| engine.handle_sasl_authenticate(r, v)),
        _ => Answer::Hangup,
    };
    let answer = ask(state.lock());
    if changes(call.api) {
        state.ring();
    }
    answer
}

/// Whether somebody who waits (for records, for a group) may have got what they wait for.
fn changes(api: ApiKey) -> bool {
    matches!(
        api,
        ApiKey::EndTxn
            | ApiKey::InitProducerId
            | ApiKey::LeaveGroup
            | ApiKey::Heartbeat
            | ApiKey::DeleteGroups
            | ApiKey::CreateTopics
            | ApiKey::DeleteTopics
            | ApiKey::CreatePartitions
            | ApiKey::DeleteRecords
    )
}

fn versions(state: &State, call: &Call) -> Option<BytesMut> {
    let mut known = state.lock().handle_api_versions(call.version);
    for api in &mut known.api_keys {
        // Version 13 names topics by ids, which this broker does not give out.
        if api.api_key == ApiKey::Fetch as i16 {
            api.max_version = 12;
        }
    }
    let speaks = known.api_keys.iter().find(|api| api.api_key == ApiKey::ApiVersions as i16);
    if speaks.is_some_and(|api| (api.min_version..=api.max_version).contains(&call.version)) {
        return call.reply(&known);
    }
    // In the oldest form, which every client reads, so that it can ask again (KIP-511).
    let mut refusal = ApiVersionsResponse::default();
    refusal.error_code = UNSUPPORTED_VERSION;
    refusal.api_keys =
        known.api_keys.into_iter().filter(|api| api.api_key == ApiKey::ApiVersions as i16).collect();
    call.reply_as(&refusal, 0, 0)
}

fn metadata(state: &State, call: &Call) -> Option<BytesMut> {
    let request: MetadataRequest = call.body()?;
    let mut known = state.lock().handle_metadata(&request, call.version);
    // From version 1 an empty list asks for the brokers alone; noida-db lists every topic.
    if call.version >= 1 && request.topics.is_some_and(|topics| topics.is_empty()) {
        known.topics.clear();
    }
    known.topics.sort_by(|a, b| a.name.cmp(&b.name));
    call.reply(&known)
}

fn produce(state: &State, call: &Call) -> Answer {
    let Some(request) = call.body::<ProduceRequest>() else { return Answer::Hangup };
    let stored = state.lock().handle_produce(&request, call.version);
    state.ring();
    if request.acks == 0 { Answer::Silence } else { call.reply(&stored).into() }
}

/// A broker without an authorizer refuses every question about ACLs.
fn no_acls(call: &Call) -> Answer {
    const WHY: &str = "No Authorizer is configured.";
    use kafka_protocol::messages::create_acls_response::AclCreationResult;
    use kafka_protocol::messages::delete_acls_response::DeleteAclsFilterResult;
    match call.api {
        ApiKey::CreateAcls => asked(call, |request: &CreateAclsRequest, _| {
            let refusal = AclCreationResult::default()
                .with_error_code(SECURITY_DISABLED)
                .with_error_message(Some(WHY.into()));
            CreateAclsResponse::default().with_results(vec![refusal; request.creations.len()])
        }),
        ApiKey::DeleteAcls => asked(call, |request: &DeleteAclsRequest, _| {
            let refusal = DeleteAclsFilterResult::default()
                .with_error_code(SECURITY_DISABLED)
                .with_error_message(Some(WHY.into()));
            DeleteAclsResponse::default().with_filter_results(vec![refusal; request.filters.len()])
        }),
        _ => {
            let refusal = DescribeAclsResponse::default()
                .with_error_code(SECURITY_DISABLED)
                .with_error_message(Some(WHY.into()));
            call.reply(&refusal).into()
        }
    }
}
