//! Bytes that librdkafka reads where they are, kept until it has told what became of each record in them.

use std::sync::Arc;

use crate::model::record::Shared;

/// No more bytes than these are lent at once, for one record may hold many of them: a partition that stalls keeps all that
/// came with its records. The records of others are copied. With 64 MB a publish to 24 partitions took 144 MB.
const MOST: usize = 24 << 20;
/// Longer values are copied, which is little beside the sending of them, and keeps nothing else.
const LONG: usize = 4096;
const SLOTS: u8 = 250;

/// Bits of a record's number; what is above them in an opaque is its slot.
const ID_BITS: u32 = 56;

/// What is lent, by slots numbered from 1.
#[derive(Default)]
pub(super) struct Loans {
    slots: Vec<Loan>,
    /// Where the last record was.
    last: usize,
    /// All together.
    bytes: usize,
}

#[derive(Default)]
struct Loan {
    /// There as long as a record of it is under way.
    bytes: Option<Shared>,
    records: u32,
}

impl Loans {
    /// Lends the bytes for a record more. `None` if `value` is long or not a part of them, or too much is lent.
    pub(super) fn lend(&mut self, bytes: &Shared, value: &[u8]) -> Option<u8> {
        if value.len() > LONG || !is_part(bytes, value) {
            return None;
        }
        let is_of = |loan: &Loan| loan.bytes.as_ref().is_some_and(|lent| Arc::ptr_eq(lent, bytes));
        if !self.slots.get(self.last).is_some_and(is_of) {
            if self.bytes + bytes.len() > MOST {
                return None;
            }
            self.last = self.free()?;
            self.slots[self.last].bytes = Some(Arc::clone(bytes));
            self.bytes += bytes.len();
        }
        self.slots[self.last].records += 1;
        u8::try_from(self.last + 1).ok()
    }

    fn free(&mut self) -> Option<usize> {
        if let Some(free) = self.slots.iter().position(|loan| loan.bytes.is_none()) {
            return Some(free);
        }
        let room = self.slots.len() < usize::from(SLOTS);
        room.then(|| {
            self.slots.push(Loan::default());
            self.slots.len() - 1
        })
    }

    /// A record of a slot is no longer under way.
    pub(super) fn give_back(&mut self, slot: Option<u8>) {
        let place = slot.and_then(|slot| usize::from(slot).checked_sub(1));
        let Some(loan) = place.and_then(|place| self.slots.get_mut(place)) else { return };
        loan.records = loan.records.saturating_sub(1);
        if loan.records == 0 {
            self.bytes -= loan.bytes.take().map_or(0, |bytes| bytes.len());
        }
    }
}

/// Whether these bytes lie in those.
pub(super) fn is_part(bytes: &Shared, part: &[u8]) -> bool {
    let (all, part) = (bytes.as_ptr_range(), part.as_ptr_range());
    part.start >= all.start && part.end <= all.end
}

/// A record's number, which has at most 56 bits, and its slot, as one.
pub(super) fn opaque(id: u64, slot: Option<u8>) -> usize {
    (id | u64::from(slot.unwrap_or(0)) << ID_BITS) as usize
}

/// And apart again.
pub(super) fn apart(opaque: usize) -> (u64, Option<u8>) {
    let (id, slot) = (opaque as u64 & ((1 << ID_BITS) - 1), (opaque as u64 >> ID_BITS) as u8);
    (id, (slot > 0).then_some(slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Shared {
        Arc::new(b"0123456789".to_vec())
    }

    #[test]
    fn bytes_are_kept_until_the_last_record_of_them_is_given_back() {
        let (mut loans, first, second) = (Loans::default(), shared(), shared());
        let slots = [&first, &first, &second, &first].map(|bytes| loans.lend(bytes, &bytes[2..5]));
        assert_eq!(slots, [Some(1), Some(1), Some(2), Some(3)]);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (3, 2));
        loans.give_back(slots[0]);
        assert_eq!(Arc::strong_count(&first), 3);
        loans.give_back(slots[1]);
        loans.give_back(slots[2]);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (2, 1));
        assert_eq!(loans.lend(&second, &second[..]), Some(1));
        loans.give_back(slots[3]);
        loans.give_back(None);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 2));
    }

    #[test]
    fn what_lies_elsewhere_and_what_is_too_much_is_not_lent() {
        let mut loans = Loans::default();
        assert_eq!(loans.lend(&shared(), b"0123"), None);
        let many: Vec<Shared> = (0..=SLOTS).map(|_| shared()).collect();
        let slots: Vec<_> = many.iter().map(|bytes| loans.lend(bytes, bytes)).collect();
        assert_eq!((slots[249], slots[250]), (Some(250), None));
        loans.give_back(Some(7));
        assert_eq!(loans.lend(&many[250], &many[250]), Some(7));

        let half: [Shared; 3] = std::array::from_fn(|_| Arc::new(vec![0; MOST / 2]));
        let mut loans = Loans::default();
        assert_eq!(
            [0, 1, 2, 0].map(|at| loans.lend(&half[at], &half[at][7..8])),
            [Some(1), Some(2), None, None]
        );
        loans.give_back(Some(2));
        assert_eq!(loans.lend(&half[2], &half[2][..=LONG]), None);
        assert_eq!(loans.lend(&half[2], &half[2][1..=LONG]), Some(2));
    }

    #[test]
    fn a_number_and_a_slot_come_apart_again() {
        for (id, slot) in [(0, None), (7, Some(1)), ((1 << ID_BITS) - 1, Some(SLOTS)), (1 << 40 | 3, None)] {
            assert_eq!(apart(opaque(id, slot)), (id, slot));
        }
    }
}
