//! Times as everybody writes them, told from their bytes.

/// The length of what JavaScript's `toISOString` writes: most times look like that.
pub const USUAL: usize = "2024-01-10T09:00:00.000Z".len();

/// RFC 3339 in UTC as everybody writes it, and in the calendar; other forms may be right as well.
#[inline]
pub fn is_plain(text: &[u8]) -> bool {
    match text {
        [.., b'Z'] if text.len() == USUAL => {
            is_form(text, 0, *b"0000-00-")
                && is_form(text, 8, *b"00T00:00")
                && is_form(text, 16, *b":00.000Z")
                && is_in_calendar(text)
        }
        [.., b'Z'] if text.len() >= 20 => {
            is_form(text, 0, *b"0000-00-")
                && is_form(text, 8, *b"00T00:00")
                && is_seconds(&text[16..text.len() - 1])
                && is_in_calendar(text)
        }
        _ => false,
    }
}

/// Whether the eight bytes from `at` are those of `form`, with any digit for its zeros: all at once.
fn is_form(text: &[u8], at: usize, form: [u8; 8]) -> bool {
    const SIX: u64 = 0x0606_0606_0606_0606;
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    let Some(Ok(bytes)) = text.get(at..at + 8).map(<[u8; 8]>::try_from) else { return false };
    let differs = u64::from_le_bytes(bytes) ^ u64::from_le_bytes(form);
    let digits = form.map(|byte| if byte == b'0' { 0x0f } else { 0 });
    // A digit differs from `0` by less than ten; above that six more reach into the high half of the byte.
    differs & !u64::from_le_bytes(digits) == 0 && (differs + SIX) & HIGH == 0
}

/// `:SS`, and perhaps a fraction of up to nine digits.
fn is_seconds(text: &[u8]) -> bool {
    let [b':', tens, ones, fraction @ ..] = text else { return false };
    let fraction = match fraction {
        [] => true,
        [b'.', digits @ ..] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    tens.is_ascii_digit() && ones.is_ascii_digit() && fraction
}

/// Without a branch on what is in it: which month or hour it is cannot be guessed.
fn is_in_calendar(text: &[u8]) -> bool {
    let number = |at: usize| (text[at] - b'0') * 10 + (text[at + 1] - b'0');
    let days = DAYS.get(usize::from(number(5))).copied().unwrap_or(0);
    // The day before the first is a large number.
    (number(8).wrapping_sub(1) < days) & (number(11) < 24) & (number(14) < 60) & (number(17) < 60)
}

/// By month; 29 February is left to those who know the leap years.
const DAYS: [u8; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_is_a_time(text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?Z|.{24}", at in 0..24_usize, byte in any::<u8>()) {
            let mut bytes = text.into_bytes();
            for edited in [false, true] {
                if edited && let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
                if is_plain(&bytes) {
                    let text = std::str::from_utf8(&bytes).unwrap();
                    prop_assert!(text.parse::<jiff::Timestamp>().is_ok(), "{}", text);
                }
            }
        }
    }

    #[test]
    fn plain_times_are_times_and_in_the_calendar() {
        for yes in ["2024-01-10T09:00:00.000Z", "2024-12-31T23:59:59Z", "1999-02-28T00:00:00.123456789Z"] {
            assert!(is_plain(yes.as_bytes()), "{yes}");
        }
        for no in [
            "2024-02-30T09:00:00.000Z",
            "2024-13-10T09:00:00.000Z",
            "2024-01-10T24:00:00.000Z",
            "2024-01-10T09:60:00.000Z",
            "2024-01-10T09:00:60.000Z",
            "2024-01-10t09:00:00.000Z",
            "2024-01-10T09:00:00.Z",
            "2024-01-10T09:00:00.000+",
            "2024-01-10 09:00:00.000Z",
            "2o24-01-10T09:00:00.000Z",
            "2024-04-31T09:00:00.000Z",
            "2024-00-10T09:00:00.000Z",
            "2024-01-00T09:00:00.000Z",
            "",
            "Z",
        ] {
            assert!(!is_plain(no.as_bytes()), "{no}");
        }
    }
}
