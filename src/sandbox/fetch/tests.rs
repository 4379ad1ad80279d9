//! Fetch: what is held, what is sent, how much.

use std::sync::Arc;

use kafka_protocol::messages::fetch_request::FetchTopic;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{ProduceRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Record,
    RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use noida::kafka::engine::TopicState;

use super::*;

fn state() -> State {
    let mut engine = EngineState::new("127.0.0.1".to_owned(), 9092);
    let topic = TopicState {
        name: "t".to_owned(),
        is_internal: false,
        partitions: [(0, PartitionState::new(0, 1))].into(),
        configs: std::collections::HashMap::new(),
    };
    engine.topics.insert("t".to_owned(), topic);
    State::new(engine)
}

fn produce(state: &State, value: &'static [u8]) {
    let record = Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
        producer_id: NO_PRODUCER_ID,
        producer_epoch: NO_PRODUCER_EPOCH,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: NO_SEQUENCE,
        timestamp: 0,
        key: None,
        value: Some(Bytes::from_static(value)),
        headers: kafka_protocol::indexmap::IndexMap::new(),
    };
    let mut batch = BytesMut::new();
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    RecordBatchEncoder::encode(&mut batch, [&record], &options).unwrap();
    let data = PartitionProduceData::default().with_index(0).with_records(Some(batch.freeze()));
    let topic = TopicProduceData::default().with_name(name()).with_partition_data(vec![data]);
    let request = ProduceRequest::default().with_acks(-1).with_topic_data(vec![topic]);
    let response = state.lock().handle_produce(&request, 9);
    assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
    state.ring();
}

fn name() -> TopicName {
    TopicName(StrBytes::from_static_str("t"))
}

fn request(offset: i64, max_wait_ms: i32) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_partition(0)
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1_048_576);
    FetchRequest::default()
        .with_max_wait_ms(max_wait_ms)
        .with_min_bytes(1)
        .with_max_bytes(i32::MAX)
        .with_topics(vec![FetchTopic::default().with_topic(name()).with_partitions(vec![partition])])
}

fn data(response: &FetchResponse) -> &PartitionData {
    &response.responses[0].partitions[0]
}

fn batches(response: &FetchResponse) -> usize {
    // Each batch of these tests is as long as any other.
    data(response).records.as_ref().map_or(0, |records| records.len() / 70)
}

#[test]
fn an_empty_fetch_is_held_for_its_whole_wait_without_spinning() {
    let state = state();
    let start = Instant::now();
    let (response, looks) = fetch(&state, &request(0, 200));
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(batches(&response), 0);
    assert_eq!(data(&response).error_code, 0);
    // One at the start, one at the end; the system may wake a waiter for nothing now and then.
    assert!((2..20).contains(&looks), "{looks} looks");
}

#[test]
fn a_held_fetch_is_answered_by_the_next_record() {
    let state = Arc::new(state());
    let (asked, waits) = (state.clone(), std::sync::mpsc::channel());
    std::thread::spawn(move || waits.0.send(fetch(&asked, &request(0, i32::MAX)).0));
    produce(&state, b"12345");
    let response = waits.1.recv_timeout(Duration::from_secs(10)).expect("the fetch is answered");
    assert_eq!(data(&response).high_watermark, 1);
    assert!(batches(&response) == 1);
}

#[test]
fn a_held_fetch_ends_with_the_broker() {
    let state = Arc::new(state());
    let (asked, waits) = (state.clone(), std::sync::mpsc::channel());
    std::thread::spawn(move || waits.0.send(fetch(&asked, &request(0, i32::MAX)).0));
    state.stop();
    waits.1.recv_timeout(Duration::from_secs(10)).expect("the fetch is answered");
}

#[test]
fn an_error_is_not_held() {
    let state = state();
    produce(&state, b"12345");
    assert_eq!(data(&fetch(&state, &request(2, i32::MAX)).0).error_code, OFFSET_OUT_OF_RANGE);
    let mut unknown = request(0, i32::MAX);
    unknown.topics[0].topic = TopicName(StrBytes::from_static_str("u"));
    assert_eq!(data(&fetch(&state, &unknown).0).error_code, UNKNOWN_TOPIC_OR_PARTITION);
}

#[test]
fn an_answer_starts_at_its_offset_keeps_its_limits_and_always_gets_on() {
    let state = state();
    for _ in 0..10 {
        produce(&state, b"12");
    }
    let size = state.lock().topics["t"].partitions[&0].record_batches[0].1.len();
    assert_eq!(size, 70, "the unit of these tests");
    let mut limited = request(4, 0);
    assert_eq!(batches(&fetch(&state, &limited).0), 6);
    limited.max_bytes = 150;
    assert_eq!(batches(&fetch(&state, &limited).0), 2);
    limited.topics[0].partitions[0].partition_max_bytes = 1;
    assert_eq!(batches(&fetch(&state, &limited).0), 1);
    let first = data(&fetch(&state, &limited).0).records.clone().unwrap();
    assert_eq!(first[..8], 4_i64.to_be_bytes());
}
