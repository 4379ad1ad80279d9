//! A record's time for people, in UTC.

/// Appends `2024-01-10 09:00:00.005Z`; what is not in the years 0 to 9999 in milliseconds. jiff's formatter takes
/// ten times as long, and a time is on every line.
pub fn write_time(out: &mut Vec<u8>, millis: i64) {
    const DAY: i64 = 86_400_000;
    let days = millis.div_euclid(DAY);
    let of_day = millis.rem_euclid(DAY);
    let (year, month, day) = date(days);
    if !(0..=9999).contains(&year) {
        out.extend_from_slice(millis.to_string().as_bytes());
        out.extend_from_slice(b"ms");
        return;
    }
    let second = of_day / 1000;
    let two = |number: i64| [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
    let ([y1, y2], [y3, y4]) = (two(year / 100), two(year % 100));
    let ([mo1, mo2], [d1, d2]) = (two(month), two(day));
    let ([h1, h2], [mi1, mi2]) = (two(second / 3600), two(second / 60 % 60));
    let ([s1, s2], [f1, f2]) = (two(second % 60), two(of_day % 1000 / 10));
    let f3 = b'0' + (of_day % 10) as u8;
    out.extend_from_slice(&[
        y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b' ', h1, h2, b':', mi1, mi2, b':', s1, s2, b'.', f1,
        f2, f3, b'Z',
    ]);
}

/// The Gregorian date of a day counted from 1970-01-01; years start in March here, so that the leap day is last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(millis: i64) -> String {
        let mut out = Vec::new();
        write_time(&mut out, millis);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_utc_to_the_millisecond() {
        assert_eq!(shown(1_704_877_200_005), "2024-01-10 09:00:00.005Z");
        assert_eq!(shown(0), "1970-01-01 00:00:00.000Z");
        assert_eq!(shown(-1), "1969-12-31 23:59:59.999Z");
        assert_eq!(shown(i64::MAX), "9223372036854775807ms");
        assert_eq!(shown(i64::MIN), "-9223372036854775808ms");
    }

    proptest! {
        #[test]
        fn dates_are_those_of_jiff(millis in -62_135_596_800_000i64..253_402_207_200_000) {
            let time = jiff::Timestamp::from_millisecond(millis).unwrap();
            prop_assert_eq!(shown(millis), time.strftime("%Y-%m-%d %H:%M:%S.%3fZ").to_string());
        }
    }
}
