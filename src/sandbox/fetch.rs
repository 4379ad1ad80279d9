//! Fetch: held until there is enough to send or the client's wait is over, and no larger than it asks.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::FetchPartition;
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{FetchRequest, FetchResponse, ProducerId};
use noida::kafka::engine::{EngineState, PartitionState};
use noida::kafka::log::batch_last_offset;

use super::state::State;

const OFFSET_OUT_OF_RANGE: i16 = 1;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const READ_COMMITTED: i8 = 1;

/// The most that one answer carries, whatever the client allows: librdkafka refuses answers over its
/// `receive.message.max.bytes` (100 MB).
const MAX_ANSWER: usize = 50 * 1024 * 1024;

/// The answer to a Fetch, and how often the log was looked at for it.
pub(super) fn fetch(state: &State, request: &FetchRequest) -> (FetchResponse, u32) {
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let deadline = Instant::now() + wait;
    let enough = usize::try_from(request.min_bytes).unwrap_or(0);
    let mut engine = state.lock();
    let mut looks = 0;
    loop {
        looks += 1;
        let (size, errors) = size(&engine, request);
        let in_vain = request.topics.is_empty() || state.is_stopping() || Instant::now() >= deadline;
        if size >= enough || errors || in_vain {
            return (answer(&engine, request), looks);
        }
        engine = state.wait(engine, deadline);
    }
}

/// How many bytes an answer would carry now, and whether it would carry an error.
fn size(engine: &EngineState, request: &FetchRequest) -> (usize, bool) {
    let mut budget = Budget::of(request);
    let mut errors = false;
    for (topic, wanted) in partitions(request) {
        match find(engine, topic, wanted, request.isolation_level) {
            Ok((_, batches)) => {
                budget.take(batches, wanted.partition_max_bytes);
            }
            Err(_) => errors = true,
        }
    }
    (budget.taken, errors)
}

fn partitions(request: &FetchRequest) -> impl Iterator<Item = (&str, &FetchPartition)> {
    request
        .topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(move |wanted| (topic.topic.as_str(), wanted)))
}

fn answer(engine: &EngineState, request: &FetchRequest) -> FetchResponse {
    let mut budget = Budget::of(request);
    let mut response = FetchResponse::default();
    for topic in &request.topics {
        let mut part = FetchableTopicResponse::default();
        part.topic = topic.topic.clone();
        part.topic_id = topic.topic_id;
        for wanted in &topic.partitions {
            let found = find(engine, topic.topic.as_str(), wanted, request.isolation_level);
            part.partitions.push(partition(found, wanted, request.isolation_level, &mut budget));
        }
        response.responses.push(part);
    }
    response
}

fn partition(
    found: Result<Found<'_>, Refusal<'_>>,
    wanted: &FetchPartition,
    isolation: i8,
    budget: &mut Budget,
) -> PartitionData {
    let mut data = PartitionData::default();
    data.partition_index = wanted.partition;
    let (log, batches) = match found {
        Ok(found) => found,
        Err(refusal) => {
            data.error_code = refusal.code;
            data.high_watermark = refusal.log.map_or(-1, |log| log.high_watermark);
            data.log_start_offset = refusal.log.map_or(-1, |log| log.log_start_offset);
            return data;
        }
    };
    data.high_watermark = log.high_watermark;
    data.last_stable_offset = last_stable_offset(log);
    data.log_start_offset = log.log_start_offset;
    let taken = budget.take(batches, wanted.partition_max_bytes);
    data.records = Some(joined(taken));
    if isolation == READ_COMMITTED
        && let Some((base, batch)) = taken.last()
    {
        let aborted = aborted(log, wanted.fetch_offset, batch_last_offset(*base, batch));
        data.aborted_transactions = Some(aborted);
    }
    data
}

type Found<'a> = (&'a PartitionState, &'a [(i64, Vec<u8>)]);

struct Refusal<'a> {
    code: i16,
    log: Option<&'a PartitionState>,
}

/// The partition, and its batches from the one that holds the wanted offset to the last that may be seen.
fn find<'a>(
    engine: &'a EngineState,
    topic: &str,
    wanted: &FetchPartition,
    isolation: i8,
) -> Result<Found<'a>, Refusal<'a>> {
    let log = engine.topics.get(topic).and_then(|topic| topic.partitions.get(&wanted.partition));
    let log = log.ok_or(Refusal { code: UNKNOWN_TOPIC_OR_PARTITION, log: None })?;
    let offset = wanted.fetch_offset;
    if !(log.log_start_offset..=log.high_watermark).contains(&offset) {
        return Err(Refusal { code: OFFSET_OUT_OF_RANGE, log: Some(log) });
    }
    let end = if isolation == READ_COMMITTED { last_stable_offset(log) } else { log.high_watermark };
    let batches = &log.record_batches;
    // Compaction leaves gaps, so the first batch that ends at or after the offset may start after it.
    let first = batches.partition_point(|(base, batch)| batch_last_offset(*base, batch) < offset);
    let last = batches.partition_point(|(base, _)| *base < end);
    Ok((log, batches.get(first..last).unwrap_or_default()))
}

/// Where the oldest open transaction starts, else the end of the log.
fn last_stable_offset(log: &PartitionState) -> i64 {
    log.active_txns.values().copied().min().map_or(log.high_watermark, |open| open.min(log.high_watermark))
}

/// The aborted transactions that reach into `first..=last`. One that ended before must not be named: the client
/// would drop what the same producer committed later.
fn aborted(log: &PartitionState, first: i64, last: i64) -> Vec<AbortedTransaction> {
    let reach = log.aborted_txns.iter().filter(|(producer, start)| {
        *start <= last && marker(log, *producer, *start).is_none_or(|end| end >= first)
    });
    reach
        .map(|(producer, start)| {
            let mut aborted = AbortedTransaction::default();
            aborted.producer_id = ProducerId(*producer);
            aborted.first_offset = *start;
            aborted
        })
        .collect()
}

/// Where the control record is that ends the producer's transaction that started at `start`.
fn marker(log: &PartitionState, producer: i64, start: i64) -> Option<i64> {
    const CONTROL: u8 = 0x20;
    let from = log.record_batches.partition_point(|(base, _)| *base < start);
    log.record_batches[from..].iter().find_map(|(base, batch)| {
        // The batch's attributes are bytes 21 and 22, its producer id 43 to 50.
        let ends = batch.get(22)? & CONTROL != 0 && batch.get(43..51)? == producer.to_be_bytes();
        ends.then_some(*base)
    })
}

/// What is left of the request's limits. The first batch of an answer is sent even if it is over them, so that a
/// client always gets on (KIP-74).
struct Budget {
    left: usize,
    taken: usize,
}

impl Budget {
    fn of(request: &FetchRequest) -> Self {
        Self { left: usize::try_from(request.max_bytes).unwrap_or(0).min(MAX_ANSWER), taken: 0 }
    }

    fn take<'a>(&mut self, batches: &'a [(i64, Vec<u8>)], partition_max: i32) -> &'a [(i64, Vec<u8>)] {
        let mut room = usize::try_from(partition_max).unwrap_or(0).min(self.left);
        let mut count = 0;
        for (_, batch) in batches {
            if batch.len() > room && self.taken > 0 {
                break;
            }
            room = room.saturating_sub(batch.len());
            self.left = self.left.saturating_sub(batch.len());
            self.taken += batch.len();
            count += 1;
        }
        &batches[..count]
    }
}

fn joined(batches: &[(i64, Vec<u8>)]) -> Bytes {
    let mut records = BytesMut::with_capacity(batches.iter().map(|(_, batch)| batch.len()).sum());
    for (_, batch) in batches {
        records.extend_from_slice(batch);
    }
    records.freeze()
}

#[cfg(test)]
mod tests {
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
}
