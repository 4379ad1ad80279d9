//! Handing records to librdkafka many at a time: it looks at the clock once for all of them.

use std::ptr;
use std::sync::Arc;

use rdkafka_sys as sys;

use super::loans::{Loans, apart, is_part, opaque};
use super::produce::{BY_KEY, code, memory};
use super::{Code, Outgoing, RawDelivery, Status, Topic};

/// So many at most.
const MOST: usize = 128;

/// Records of one topic that wait to be handed over, in order.
#[derive(Default)]
pub(crate) struct Together {
    /// There with the first record.
    topic: Option<Arc<Topic>>,
    /// They point into bytes that are lent by the topic's client.
    messages: Vec<sys::rd_kafka_message_t>,
}

// SAFETY: what the messages point to does not change, and does not depend on the thread.
unsafe impl Send for Together {}

impl Together {
    /// Takes a record if it can be one of them: of the same topic, lent with its key, without a partition that may not be there
    /// (`rd_kafka_produce_batch` would keep it for ever), and without headers or a time, which that does not know.
    pub(crate) fn add(&mut self, topic: &Arc<Topic>, outgoing: Outgoing<'_>) -> bool {
        let Outgoing { record, id, partition, shared } = outgoing;
        let (Some(shared), Some(value)) = (shared, record.value.as_deref()) else { return false };
        let key = record.key.as_deref();
        if self.messages.len() == MOST
            || !record.headers.is_empty()
            || record.timestamp.is_some()
            || record.partition.is_some() && partition.is_none()
            || key.is_some_and(|key| !is_part(shared, key))
            || self.topic.as_ref().is_some_and(|own| !Arc::ptr_eq(own, topic))
        {
            return false;
        }
        let Some(slot) = topic.handle().loans().lend(shared, value) else { return false };
        self.topic.get_or_insert_with(|| Arc::clone(topic));
        let (key, value) = (memory(key), memory(Some(value)));
        self.messages.push(sys::rd_kafka_message_t {
            err: sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR,
            rkt: topic.as_ptr(),
            partition: partition.unwrap_or(BY_KEY),
            payload: value.ptr,
            len: value.size,
            key: key.ptr,
            key_len: key.size,
            offset: 0,
            _private: ptr::without_provenance_mut(opaque(id, Some(slot))),
        });
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Hands them over. How those ended that cannot be sent goes into `into`; those for which the queue has no room stay.
    pub(crate) fn hand_over(&mut self, into: &mut Vec<RawDelivery>) {
        let Some(topic) = &self.topic else { return };
        // Neither copied nor freed; each has its own.
        let flags = sys::RD_KAFKA_MSG_F_PARTITION;
        // SAFETY: the topic is alive, and so are the messages, of which there are no more than `MOST`; keys are copied, values
        // stay where they are, lent until their deliveries come or the client is destroyed. The opaques are numbers that
        // librdkafka only hands back.
        unsafe {
            sys::rd_kafka_produce_batch(
                topic.as_ptr(),
                BY_KEY,
                flags,
                self.messages.as_mut_ptr(),
                self.messages.len() as i32,
            );
        }
        let mut loans = topic.handle().loans();
        self.messages.retain(|message| {
            let code = code(message);
            if !matches!(code, Code::OK | Code::QUEUE_FULL) {
                into.push(ended(message, code, &mut loans));
            }
            code == Code::QUEUE_FULL
        });
        drop(loans);
        if self.messages.is_empty() {
            self.topic = None;
        }
    }

    /// Gives up those that are left.
    pub(crate) fn give_up(&mut self, into: &mut Vec<RawDelivery>) {
        let Some(topic) = self.topic.take() else { return };
        let mut loans = topic.handle().loans();
        into.extend(self.messages.drain(..).map(|message| ended(&message, Code::PURGE_QUEUE, &mut loans)));
    }
}

/// The end of a record that was never handed over.
fn ended(message: &sys::rd_kafka_message_t, code: Code, loans: &mut Loans) -> RawDelivery {
    let (id, slot) = apart(message._private.addr());
    loans.give_back(slot);
    let (status, partition) = (Status::NotPersisted, message.partition);
    RawDelivery { id, code, status, partition, offset: -1, timestamp: None }
}
