//! Handing a record to librdkafka, and how its sending ended.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::time::Duration;

use rdkafka_sys as sys;
use sys::rd_kafka_vtype_t as Kind;

use super::loans::{Loans, apart, opaque};
use super::messages::timestamp;
use super::{Code, Handle, Topic, millis, text};
use crate::model::record::{Header, Record, Shared, Timestamp};

/// `RD_KAFKA_PARTITION_UA`, of which the bindings know nothing.
pub(super) const BY_KEY: i32 = -1;

/// What librdkafka knows about a record that it could not confirm (`rd_kafka_msg_status_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// It never left, or the broker refused it.
    NotPersisted,
    /// It left, and no answer came.
    PossiblyPersisted,
    /// The broker acknowledged it.
    Persisted,
}

/// The end of one record's sending.
#[derive(Debug, Clone)]
pub(crate) struct RawDelivery {
    pub(crate) id: u64,
    pub(crate) code: Code,
    pub(crate) status: Status,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) timestamp: Option<Timestamp>,
}

/// A record that is to be sent.
#[derive(Clone, Copy)]
pub(crate) struct Outgoing<'a> {
    pub(crate) record: &'a Record<'a>,
    /// Comes back in the delivery; below 2^56.
    pub(crate) id: u64,
    /// Its partition, if that is known to be there; else the record names one, which may not be there, or its key decides.
    pub(crate) partition: Option<i32>,
    /// What the value is a part of, if it may be read there until then.
    pub(crate) shared: Option<&'a Shared>,
}

impl Handle {
    /// Puts a record into the producer's queue: a copy, or with its value where it is if that can be lent. When this fails
    /// nothing is kept.
    pub(crate) fn produce(&self, topic: &Topic, outgoing: Outgoing<'_>) -> Result<(), (Code, String)> {
        let record = outgoing.record;
        let slot = outgoing
            .shared
            .zip(record.value.as_deref())
            .and_then(|(all, value)| self.loans().lend(all, value));
        let copy = if slot.is_none() { sys::RD_KAFKA_MSG_F_COPY } else { 0 };
        let headers = headers(&record.headers);
        let list = headers.map_or(ptr::null_mut(), NonNull::as_ptr);
        let partition = outgoing.partition.or(record.partition).unwrap_or(BY_KEY);
        // Zero lets librdkafka take the clock's time.
        let time = record.timestamp.map_or(0, |time| time.millis);
        let opaque = ptr::without_provenance_mut(opaque(outgoing.id, slot));
        let settings = [
            setting(Kind::RD_KAFKA_VTYPE_RKT, |u| u.rkt = topic.as_ptr()),
            setting(Kind::RD_KAFKA_VTYPE_PARTITION, |u| u.i32_ = partition),
            setting(Kind::RD_KAFKA_VTYPE_MSGFLAGS, |u| u.i = copy),
            setting(Kind::RD_KAFKA_VTYPE_VALUE, |u| u.mem = memory(record.value.as_deref())),
            setting(Kind::RD_KAFKA_VTYPE_KEY, |u| u.mem = memory(record.key.as_deref())),
            setting(Kind::RD_KAFKA_VTYPE_TIMESTAMP, |u| u.i64_ = time),
            setting(Kind::RD_KAFKA_VTYPE_OPAQUE, |u| u.ptr = opaque),
            setting(Kind::RD_KAFKA_VTYPE_HEADERS, |u| u.headers = list),
        ];
        // Without headers the last setting is left out.
        let count = settings.len() - usize::from(headers.is_none());
        // SAFETY: client and topic are alive; each setting's union holds the member that its kind names; the key is
        // copied, and so is the value (F_COPY) unless it is lent: then it stays where it is, unchanged, until the record's
        // delivery gives it back or the client is destroyed, which comes before the loans are dropped; the headers are taken
        // over on success and freed here on failure; the opaque is a number that librdkafka only hands back.
        unsafe {
            let error = sys::rd_kafka_produceva(self.as_ptr(), settings.as_ptr(), count);
            let Some(error) = NonNull::new(error) else { return Ok(()) };
            let code = Code::from(sys::rd_kafka_error_code(error.as_ptr()));
            let words = text(sys::rd_kafka_error_string(error.as_ptr()));
            sys::rd_kafka_error_destroy(error.as_ptr());
            self.loans().give_back(slot);
            if let Some(headers) = headers {
                sys::rd_kafka_headers_destroy(headers.as_ptr());
            }
            Err((code, words))
        }
    }

    /// Has batches sent as they are, for as long as this waits: until nothing is on the way any more. Somebody else has to take
    /// the deliveries meanwhile.
    pub(crate) fn flush(&self, within: Duration) {
        // SAFETY: the client is alive.
        unsafe { sys::rd_kafka_flush(self.as_ptr(), millis(within)) };
    }

    /// Gives up what is queued and in flight; their deliveries follow.
    pub(crate) fn purge(&self) {
        // SAFETY: the client is alive.
        unsafe {
            sys::rd_kafka_purge(self.as_ptr(), sys::RD_KAFKA_PURGE_F_QUEUE | sys::RD_KAFKA_PURGE_F_INFLIGHT);
        }
    }
}

/// The partition of a key, of so many (one at least), as kafkajs and Java choose it.
pub(crate) fn murmur2(key: &[u8], partitions: i32) -> i32 {
    // SAFETY: the key is read with its size; the topic and the opaques are not looked at (`rd_kafka_msg_partitioner_murmur2`).
    unsafe {
        let (topic, opaque) = (ptr::null(), ptr::null_mut());
        sys::rd_kafka_msg_partitioner_murmur2(
            topic,
            key.as_ptr().cast(),
            key.len(),
            partitions,
            opaque,
            opaque,
        )
    }
}

fn setting(vtype: Kind, fill: impl FnOnce(&mut sys::rd_kafka_vu_s__bindgen_ty_1)) -> sys::rd_kafka_vu_t {
    // SAFETY: the union is plain integers and pointers, for all of which zero is a value.
    let mut u = unsafe { MaybeUninit::zeroed().assume_init() };
    fill(&mut u);
    sys::rd_kafka_vu_t { vtype, u }
}

/// Null for nothing; an empty slice keeps a pointer that is not null, which is how librdkafka tells them apart.
pub(super) fn memory(bytes: Option<&[u8]>) -> sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
        ptr: bytes.map_or(ptr::null_mut(), |bytes| bytes.as_ptr().cast::<c_void>().cast_mut()),
        size: bytes.map_or(0, <[u8]>::len),
    }
}

/// Copies headers into librdkafka's list; none for no headers.
fn headers(headers: &[Header<'_>]) -> Option<NonNull<sys::rd_kafka_headers_t>> {
    if headers.is_empty() {
        return None;
    }
    // SAFETY: names and values are copied by the call, with the sizes given; a null value stays null.
    unsafe {
        let list = NonNull::new(sys::rd_kafka_headers_new(headers.len()))?;
        for header in headers {
            let value = memory(header.value.as_deref());
            sys::rd_kafka_header_add(
                list.as_ptr(),
                header.name.as_ptr().cast(),
                header.name.len() as isize,
                value.ptr,
                value.size as isize,
            );
        }
        Some(list)
    }
}

/// How a message's sending ended. The bindings need not know all the codes.
pub(super) fn code(message: &sys::rd_kafka_message_t) -> Code {
    // SAFETY: an error code is an integer.
    Code(unsafe { ptr::addr_of!(message.err).cast::<i32>().read() })
}

/// Copies the deliveries out of a delivery event, and gives back what was lent for them: no record of it is sent again.
///
/// # Safety
/// `event` is a delivery event, alive during the call.
pub(super) unsafe fn collect(
    event: NonNull<sys::rd_kafka_event_t>,
    into: &mut Vec<RawDelivery>,
    loans: &mut Loans,
) {
    loop {
        // SAFETY: the messages belong to the event and are only read, before it is destroyed.
        unsafe {
            let message = sys::rd_kafka_event_message_next(event.as_ptr());
            let Some(raw) = message.as_ref() else { return };
            let (id, slot) = apart(raw._private.addr());
            loans.give_back(slot);
            into.push(RawDelivery {
                id,
                code: code(raw),
                status: match sys::rd_kafka_message_status(message) {
                    sys::rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED => Status::NotPersisted,
                    sys::rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED => {
                        Status::PossiblyPersisted
                    }
                    sys::rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_PERSISTED => Status::Persisted,
                },
                partition: raw.partition,
                offset: raw.offset,
                timestamp: timestamp(message),
            });
        }
    }
}
