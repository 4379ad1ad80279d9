//! Offsets of many partitions in one question (`ListOffsets`), asked again where a leader has just moved.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::kafka::explain::Failure;
use crate::kafka::ffi::{At, Call, Code, OffsetAnswer, PartitionRef};
use crate::kafka::link::Link;

/// Between two tries: a new leader is elected within some hundred milliseconds.
const PAUSE: Duration = Duration::from_millis(100);

/// A question that is under way. Several may be.
pub(super) struct Question<'a> {
    link: &'a Link,
    partitions: &'a [PartitionRef<'a>],
    at: At,
    committed: bool,
    doing: &'static str,
    deadline: Instant,
    call: Call,
}

impl<'a> Question<'a> {
    /// Asks; `committed` takes the last stable offset for the latest. It may take `connection.timeout`.
    pub(super) fn ask(link: &'a Link, partitions: &'a [PartitionRef<'a>], at: At, committed: bool) -> Self {
        let timeout = link.connection.timeout;
        let call = link.handle.ask_offsets(partitions, at, committed, timeout);
        let doing = "cannot read the offsets";
        Self { link, partitions, at, committed, doing, deadline: Instant::now() + timeout, call }
    }

    /// Words for a failure, where the offsets are not the point.
    pub(super) fn to(self, doing: &'static str) -> Self {
        Self { doing, ..self }
    }

    /// Waits for the offsets, in the order of the partitions; all must be had.
    pub(super) fn answer(mut self) -> Result<Vec<i64>, Error> {
        let each = self.each()?;
        let offsets = self.partitions.iter().zip(each).map(|(at, offset)| {
            offset.map_err(|code| {
                let doing = format!("{} of partition {} of `{}`", self.doing, at.partition, at.topic);
                self.failed(&doing, Some(at.topic), code, "")
            })
        });
        offsets.collect()
    }

    /// Waits for the offsets, in the order of the partitions; of each its own error.
    pub(super) fn each(&mut self) -> Result<Vec<Result<i64, Code>>, Error> {
        loop {
            let answer = self.call.offsets(|| self.link.tick())?;
            let answer = answer.map_err(|(code, text)| self.failed(self.doing, None, code, &text))?;
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left > PAUSE && answer.iter().any(|one| moving(one.code)) {
                self.link.interrupt.sleep_until(Instant::now() + PAUSE);
                let left = left.saturating_sub(PAUSE);
                self.call = self.link.handle.ask_offsets(self.partitions, self.at, self.committed, left);
                continue;
            }
            return Ok(self.sorted(&answer));
        }
    }

    fn sorted(&self, answer: &[OffsetAnswer]) -> Vec<Result<i64, Code>> {
        let found: HashMap<(&str, i32), (i64, Code)> =
            answer.iter().map(|one| ((one.topic.as_str(), one.partition), (one.offset, one.code))).collect();
        let offset = |at: &PartitionRef<'_>| match found.get(&(at.topic, at.partition)) {
            Some((offset, Code::OK)) => Ok(*offset),
            other => Err(other.map_or(Code::LOCAL_UNKNOWN_PARTITION, |(_, code)| *code)),
        };
        self.partitions.iter().map(offset).collect()
    }

    fn failed(&self, doing: &str, topic: Option<&str>, code: Code, text: &str) -> Error {
        let waited = Some(self.link.connection.timeout);
        self.link.explain(&Failure { doing, code, text, topic, waited })
    }
}

/// Whether the partition is just changing hands, or is so new that its leader does not know yet that it is (KIP-320).
fn moving(code: Code) -> bool {
    matches!(
        code,
        Code::NOT_LEADER
            | Code::LEADER_NOT_AVAILABLE
            | Code::FENCED_LEADER_EPOCH
            | Code::UNKNOWN_LEADER_EPOCH
            | Code::OFFSET_NOT_AVAILABLE
            | Code::STORAGE_ERROR
    )
}
