//! Keyed pseudonyms, and the few that were made last.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// `masked:` and 12 hex digits.
const LEN: usize = 7 + 12;
/// How many pseudonyms a thread keeps (a power of two): about 80 kB, so that they stay near the processor.
const SLOTS: usize = 1024;
/// Longer values are not kept: free text hardly repeats.
const KEPT: usize = 56;

/// The secret, ready to hash.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// Any length will do (RFC 2104).
    pub(super) fn new(key: &[u8]) -> Self {
        match Hmac::new_from_slice(key) {
            Ok(hmac) => Self(hmac),
            Err(_) => unreachable!("HMAC takes keys of any length"),
        }
    }

    /// The pseudonym of bytes: 48 bits of HMAC-SHA256, so that a million values meet with a chance of 0.2 %.
    pub(super) fn pseudonym(&self, bytes: &[u8]) -> Pseudonym {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let hash = self.0.clone().chain_update(bytes).finalize().into_bytes();
        let mut text = *b"masked:000000000000";
        for (pair, byte) in text[7..].chunks_exact_mut(2).zip(hash) {
            pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        Pseudonym(text)
    }
}

/// What is shown in place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pseudonym([u8; LEN]);

impl Pseudonym {
    /// Its text, which needs no escape in JSON.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("masked:")
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The pseudonyms made last, each in the slot its value hashes to: a hash costs 300 ns, a look here 10.
#[derive(Default)]
pub(super) struct Pseudonyms {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    /// One more than the value's length; 0 is an empty slot.
    filled: u8,
    value: [u8; KEPT],
    pseudonym: Pseudonym,
}

impl Pseudonyms {
    /// The pseudonym of bytes, made or remembered.
    pub(super) fn pseudonym(&mut self, key: &Key, bytes: &[u8]) -> Pseudonym {
        if bytes.len() > KEPT {
            return key.pseudonym(bytes);
        }
        if self.slots.is_empty() {
            let empty = Slot { filled: 0, value: [0; KEPT], pseudonym: Pseudonym([0; LEN]) };
            self.slots = vec![empty; SLOTS];
        }
        let slot = &mut self.slots[slot_of(bytes)];
        if usize::from(slot.filled) != bytes.len() + 1 || &slot.value[..bytes.len()] != bytes {
            slot.filled = bytes.len() as u8 + 1;
            slot.value[..bytes.len()].copy_from_slice(bytes);
            slot.pseudonym = key.pseudonym(bytes);
        }
        slot.pseudonym
    }
}

/// FNV-like over words: the slot is compared whole, so this need only spread.
fn slot_of(bytes: &[u8]) -> usize {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(MIX);
    }
    (hash >> 40) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_hmac_sha256_and_depends_on_the_key() {
        // RFC 4231, test case 2: key "Jefe", the hash starts with 5bdcc146bf60.
        let pseudonym = Key::new(b"Jefe").pseudonym(b"what do ya want for nothing?");
        assert_eq!(pseudonym.as_str(), "masked:5bdcc146bf60");
        assert_ne!(Key::new(b"other").pseudonym(b"Marie"), Key::new(b"Jefe").pseudonym(b"Marie"));
    }

    #[test]
    fn the_cache_never_changes_an_answer() {
        let key = Key::new(b"k");
        let mut cache = Pseudonyms::default();
        for round in 0..3 {
            for i in 0..10_000 {
                let value = "x".repeat(i % 70) + &i.to_string();
                assert_eq!(
                    cache.pseudonym(&key, value.as_bytes()),
                    key.pseudonym(value.as_bytes()),
                    "{round} {i}"
                );
            }
        }
        assert_eq!(cache.pseudonym(&key, b""), key.pseudonym(b""));
        assert_eq!(cache.pseudonym(&key, b"\0"), key.pseudonym(b"\0"));
    }
}
