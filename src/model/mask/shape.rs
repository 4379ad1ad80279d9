//! The forms of strings that say nothing of a person: ids, times, UUIDs.

/// The form of an id: 1–64 of ASCII letters, digits, `.`, `_`, `:` and `-`, with a digit among them, and nothing
/// like a phone number (eight digits or more and no letter). Names have no digits, e-mails have an `@`.
pub fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() > LONGEST_ID {
        return false;
    }
    let counts: u32 = bytes.iter().map(|byte| COUNTS[usize::from(*byte)]).sum();
    let [digits, letters, others, _] = counts.to_le_bytes();
    others == 0 && digits > 0 && (letters > 0 || digits < 8)
}

const LONGEST_ID: usize = 64;

/// What a byte counts as: a digit in the first byte, a letter in the second, what no id has in the third. Ids are random,
/// so that no branch on their bytes can be guessed; with one for each byte this was a fifth of what the masking of fields took.
const COUNTS: [u32; 256] = {
    let mut counts = [1 << 16; 256];
    let mut byte = 0;
    while byte < 256 {
        match byte as u8 {
            b'0'..=b'9' => counts[byte] = 1,
            b'a'..=b'z' | b'A'..=b'Z' => counts[byte] = 1 << 8,
            b'.' | b'_' | b':' | b'-' => counts[byte] = 0,
            _ => {}
        }
        byte += 1;
    }
    counts
};

/// The form of an id in a field that the catalogue lists among an event's ids. There nine small letters pass as well:
/// the service's own ids are nine base-36 characters, and one in twenty has no digit. Elsewhere (a tombstone's key, a
/// header) they may be a name.
pub(super) fn is_id_in_its_field(text: &str) -> bool {
    is_id(text) || (text.len() == 9 && text.bytes().all(|b| b.is_ascii_lowercase()))
}

/// RFC 9562's text form.
pub fn is_uuid(text: &str) -> bool {
    let form = |(at, byte): (usize, u8)| {
        if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() }
    };
    text.len() == 36 && text.bytes().enumerate().all(form)
}

/// RFC 3339's date-time, at most nine digits of a fraction: there is no room for anything but a time.
pub fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    // The form JavaScript writes, `2024-01-10T09:00:00.000Z`, and any other.
    let Some((head, tail)) = bytes.split_at_checked(19) else { return false };
    let two =
        |at: usize| u32::from(head[at].wrapping_sub(b'0')) * 10 + u32::from(head[at + 1].wrapping_sub(b'0'));
    let form = head.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b't' | b' '),
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let ranges = || {
        (1..=12).contains(&two(5))
            && (1..=31).contains(&two(8))
            && two(11) < 24
            && two(14) < 60
            && two(17) <= 60
    };
    form && ranges() && is_zone(skip_fraction(tail))
}

fn skip_fraction(tail: &[u8]) -> &[u8] {
    match tail.strip_prefix(b".") {
        Some(rest) => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            if (1..=9).contains(&digits) { &rest[digits..] } else { b"" }
        }
        None => tail,
    }
}

fn is_zone(zone: &[u8]) -> bool {
    match zone {
        b"Z" | b"z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            let digits = [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit());
            digits && (*h1, *h2) <= (b'2', b'3') && *m1 < b'6'
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_digit_and_are_not_phone_numbers_names_or_addresses() {
        for id in
            ["k3j9x0q2z", "patient-123", "doctor-456", "1234567", "a1", "urn:x:1", "V1StGXR8_Z5jdHi6B-myT"]
        {
            assert!(is_id(id), "{id}");
        }
        let long = "a1".repeat(33);
        for other in [
            "",
            "Marie",
            "Jean-Pierre",
            "0612345678",
            "06.12.34.56.78",
            "06-12-34-56-78",
            "+33612345678",
            "a@b1.c",
            "Marie 1",
            "é1",
            "1-84-12-76-451-089",
            "a/1",
            "a1\n",
            &long,
        ] {
            assert!(!is_id(other), "{other}");
        }
    }

    #[test]
    fn times_are_rfc_3339_and_nothing_else() {
        for time in [
            "2024-01-10T09:00:00.000Z",
            "2024-01-10T09:00:00Z",
            "2024-01-10t09:00:00.123456789+05:30",
            "2024-01-10 09:00:00-00:00",
            "2016-12-31T23:59:60Z",
        ] {
            assert!(is_date_time(time), "{time}");
        }
        for other in [
            "",
            "2024-01-10",
            "2024-01-10T09:00:00",
            "2024-13-10T09:00:00Z",
            "2024-01-32T09:00:00Z",
            "2024-01-10T24:00:00Z",
            "2024-01-10T09:60:00Z",
            "2024-01-10T09:00:00.Z",
            "2024-01-10T09:00:00.1234567890Z",
            "2024-01-10T09:00:00 Zoé",
            "2024-01-10T09:00:00Zx",
            "2024-01-10T09:00:00+24:00",
            "éééé-01-10T09:00:00Z",
        ] {
            assert!(!is_date_time(other), "{other}");
        }
    }

    #[test]
    fn uuids_have_36_characters() {
        assert!(is_uuid("6fa459ea-ee8a-3ca4-894e-db77e160355e"));
        assert!(!is_uuid("6fa459ea-ee8a-3ca4-894e-db77e160355"));
        assert!(!is_uuid("6fa459ea-ee8a-3ca4-894e-db77e160355g"));
        assert!(!is_uuid("6fa459ea-ee8a-3ca4-894eadb77e160355e"));
    }
}
