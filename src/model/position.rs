//! Where to start and stop reading: `start`, `end`, an offset, `-N`, a time, or relative (`-1h`).

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::error::Error;

/// A position in a partition. `Display` prints what `FromStr` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The first record there is.
    Start,
    /// After the last record there is.
    End,
    /// An absolute offset.
    Offset(i64),
    /// `-N`: N offsets before the end.
    Last(i64),
    /// The first record at or after this time.
    Time(jiff::Timestamp),
    /// `-1h`: this long before now, in milliseconds.
    Ago(i64),
}

impl Position {
    /// The time it means at `now` (milliseconds since 1970), in milliseconds; `None` if it is not a time.
    pub fn millis(self, now_ms: i64) -> Option<i64> {
        match self {
            // A record at 0.9 ms has the time 0: rounding up would miss none, as Kafka's times are whole.
            Position::Time(time) => Some(time.as_millisecond()),
            Position::Ago(ago) => Some(now_ms.saturating_sub(ago).max(0)),
            Position::Start | Position::End | Position::Offset(_) | Position::Last(_) => None,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Start => f.write_str("start"),
            Position::End => f.write_str("end"),
            Position::Offset(offset) => write!(f, "{offset}"),
            Position::Last(count) => write!(f, "-{count}"),
            Position::Time(time) => write!(f, "{time}"),
            Position::Ago(millis) => write_ago(f, *millis),
        }
    }
}

impl FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "start" | "beginning" => return Ok(Position::Start),
            "end" => return Ok(Position::End),
            _ => {}
        }
        if text.starts_with('+') {
            return Err(unknown(text, "a position cannot be in the future or count forwards"));
        }
        if let Some(rest) = text.strip_prefix('-') {
            return before(text, rest);
        }
        if let Some(millis) = text.strip_prefix('@') {
            let time = number(millis).and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            return time
                .map(Position::Time)
                .ok_or_else(|| unknown(text, "after `@` come milliseconds since 1970"));
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return number(text)
                .map(Position::Offset)
                .ok_or_else(|| unknown(text, "there is no such offset"));
        }
        time(text)
    }
}

/// `-N` counts records, `-1h30m` time.
fn before(text: &str, rest: &str) -> Result<Position, Error> {
    if let Some(count) = number(rest) {
        return Ok(Position::Last(count));
    }
    let why = "after `-` comes a number of records, or durations like `90s`, `30m`, `1h30m`, `2d`, `1w`";
    ago(rest).map(Position::Ago).ok_or_else(|| unknown(text, why))
}

/// With a zone, or in UTC; a date alone is its midnight.
fn time(text: &str) -> Result<Position, Error> {
    let zoned = || text.parse::<jiff::Timestamp>().ok();
    let local = || text.parse::<civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    let Some(time) = zoned().or_else(local) else {
        return Err(unknown(text, "this is no position"));
    };
    if time < jiff::Timestamp::UNIX_EPOCH {
        return Err(unknown(text, "Kafka's times start in 1970"));
    }
    Ok(Position::Time(time))
}

fn unknown(text: &str, why: &str) -> Error {
    Error::usage(format!("`{text}` cannot be used as a position: {why}")).hint(
        "positions are `start`, `end`, an offset (`1200`), `-N` (N before the end), a time (`2024-01-10`, \
         `2024-01-10T09:00:00Z`, `2024-01-10T10:00+01:00`, `@1704877200000`; UTC without a zone), or a time ago (`-1h`)",
    )
}

fn number(digits: &str) -> Option<i64> {
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// Largest first, and `ms` before `m`.
const UNITS: &[(&str, i64)] =
    &[("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// `1h30m` in milliseconds.
fn ago(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount = number(&rest[..digits])?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == &rest[..unit])?;
        rest = &rest[unit..];
        total = total.checked_add(amount.checked_mul(*millis)?)?;
    }
    (!text.is_empty()).then_some(total)
}

fn write_ago(f: &mut fmt::Formatter<'_>, millis: i64) -> fmt::Result {
    if millis == 0 {
        return f.write_str("-0s");
    }
    f.write_str("-")?;
    let mut rest = millis;
    for (name, unit) in UNITS {
        if rest >= *unit {
            write!(f, "{}{name}", rest / unit)?;
            rest %= unit;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn time(text: &str) -> Position {
        Position::Time(text.parse().unwrap())
    }

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("start", Position::Start),
            ("beginning", Position::Start),
            ("end", Position::End),
            ("0", Position::Offset(0)),
            ("1200", Position::Offset(1200)),
            ("-10", Position::Last(10)),
            ("-0", Position::Last(0)),
            ("-1h", Position::Ago(3_600_000)),
            ("-1h30m", Position::Ago(5_400_000)),
            ("-2d", Position::Ago(172_800_000)),
            ("-1w", Position::Ago(604_800_000)),
            ("-250ms", Position::Ago(250)),
            ("2024-01-10", time("2024-01-10T00:00:00Z")),
            ("2024-01-10T09:00", time("2024-01-10T09:00:00Z")),
            ("2024-01-10 09:00:00", time("2024-01-10T09:00:00Z")),
            ("2024-01-10T09:00:00.005Z", time("2024-01-10T09:00:00.005Z")),
            ("2024-01-10T10:00+01:00", time("2024-01-10T09:00:00Z")),
            ("@1704877200000", time("2024-01-10T09:00:00Z")),
        ];
        for (text, position) in cases {
            assert_eq!(text.parse::<Position>().unwrap(), position, "{text}");
        }
    }

    #[test]
    fn what_is_no_position_is_refused_with_the_forms() {
        for text in [
            "",
            "+1h",
            "+5",
            "-",
            "-1x",
            "-h",
            "-1h30",
            "--1",
            "-1.5h",
            "1h",
            "yesterday",
            "2024-13-01",
            "9:00",
            "@",
            "@x",
            "99999999999999999999",
            "-99999999999999999999",
            "-9223372036854775807w",
            "1969-12-31",
            "START",
            " 1",
        ] {
            let error = text.parse::<Position>().unwrap_err();
            assert_eq!(error.kind().code(), 2, "{text}");
            assert!(error.hints()[0].contains("`-N`"), "{text}");
        }
        let error = "+1h".parse::<Position>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`+1h` cannot be used as a position: a position cannot be in the future or count forwards"
        );
    }

    #[test]
    fn relative_times_count_from_now() {
        assert_eq!(Position::Ago(1000).millis(5000), Some(4000));
        assert_eq!(Position::Ago(9000).millis(5000), Some(0));
        assert_eq!(Position::Last(1).millis(5000), None);
    }

    proptest! {
        #[test]
        fn what_is_displayed_is_read_back(position in prop_oneof![
            Just(Position::Start),
            Just(Position::End),
            (0..=i64::MAX).prop_map(Position::Offset),
            (0..=i64::MAX).prop_map(Position::Last),
            (0..=i64::MAX).prop_map(Position::Ago),
            (0i64..253_402_207_200_000, 0..1_000_000i32).prop_map(|(ms, ns)| Position::Time(
                jiff::Timestamp::new(ms / 1000, (ms % 1000) as i32 * 1_000_000 + ns).unwrap())),
        ]) {
            prop_assert_eq!(position.to_string().parse::<Position>().unwrap(), position);
        }

        #[test]
        fn no_text_makes_the_reading_panic(text in "[-+@0-9a-zT:. ]{0,12}") {
            let _ = text.parse::<Position>();
        }
    }
}
