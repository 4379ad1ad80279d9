//! Times as everybody writes them, told from their bytes.

/// The length of what JavaScript's `toISOString` writes: most times look like that.
pub const USUAL: usize = "2024-01-10T09:00:00.000Z".len();

/// RFC 3339 in UTC as everybody writes it; other forms may be right as well.
pub fn is_plain(text: &[u8]) -> bool {
    let number = |at: usize| match text[at..at + 2] {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => (a - b'0') * 10 + (b - b'0'),
        _ => u8::MAX,
    };
    let [.., b'Z'] = text else { return false };
    if text.len() < 20 || [text[4], text[7], text[10], text[13], text[16]] != *b"--T::" {
        return false;
    }
    let fraction = &text[19..text.len() - 1];
    let digits = match fraction {
        [] => true,
        [b'.', digits @ ..] => (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    // 29 February is left to the validator.
    let days = match number(5) {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    let date = number(0) < 100 && number(2) < 100 && (1..=days).contains(&number(8));
    digits && date && number(11) < 24 && number(14) < 60 && number(17) < 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_times_are_times_and_in_the_calendar() {
        for yes in ["2024-01-10T09:00:00.000Z", "2024-12-31T23:59:59Z", "1999-02-28T00:00:00.123456789Z"] {
            assert!(is_plain(yes.as_bytes()) && yes.parse::<jiff::Timestamp>().is_ok(), "{yes}");
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
