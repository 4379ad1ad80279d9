//! A batch of fetched records, borrowed from librdkafka.

use std::collections::HashMap;
use std::sync::Arc;

use crate::kafka::ffi::Messages;
use crate::model::record::Record;

/// Records that librdkafka holds until this is dropped; may be sent to another thread.
pub struct Batch {
    pub(super) messages: Messages,
    pub(super) names: Arc<HashMap<usize, Arc<str>>>,
}

impl Batch {
    /// How many.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether there are none; a polled batch has at least one.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The record at `index` (below `len`).
    pub fn record(&self, index: usize) -> Record<'_> {
        let message = self.messages.get(index);
        message.record(self.names.get(&message.topic()).map_or("", |name| name))
    }

    /// The time of the record at `index` in milliseconds since 1970; the lowest number if it has none.
    pub fn millis(&self, index: usize) -> i64 {
        self.messages.get(index).timestamp().map_or(i64::MIN, |time| time.millis)
    }

    /// The records, borrowing their bytes. Header names that are not UTF-8 are shown with replacement characters.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut last: (usize, &str) = (0, "");
        self.messages.iter().map(move |message| {
            if last.0 != message.topic() {
                last = (message.topic(), self.names.get(&message.topic()).map_or("", |name| name));
            }
            message.record(last.1)
        })
    }
}
