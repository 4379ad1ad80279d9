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
mod tests;
