//! Spans of time as people write them: `5s`, `2m`, `1h 30m`.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::error::Error;

/// Reads `5s`, `250ms`, `1h 30m`, `2 days` (24 hours each) or ISO 8601 (`PT5S`). A plain number, a negative
/// span and years or months, which have no fixed length, are usage errors.
pub fn parse_duration(text: &str) -> Result<Duration, Error> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::usage(format!("`{text}` is not a duration: it has no unit"))
            .hint(format!("add a unit, such as `{text}s`")));
    }
    let wrong = |why: String| {
        Error::usage(format!("`{text}` is not a duration"))
            .caused_by(why)
            .hint("write it as `500ms`, `5s`, `2m` or `1h 30m`")
    };
    let span: Span = text.parse().map_err(|e: jiff::Error| wrong(e.to_string()))?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|e| wrong(e.to_string()))?;
    Duration::try_from(duration).map_err(|_| wrong("it is negative".to_owned()))
}

/// A duration as [`parse_duration`] reads it, `1h 30m`.
pub fn show_duration(duration: Duration) -> String {
    match SignedDuration::try_from(duration) {
        Ok(duration) => format!("{duration:#}"),
        Err(_) => format!("{}s", duration.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        for (text, ms) in [
            ("5s", 5_000),
            (" 2m ", 120_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
            ("1.5s", 1_500),
            ("2 days", 172_800_000),
            ("1w", 604_800_000),
            ("PT5S", 5_000),
            ("0s", 0),
        ] {
            let duration = parse_duration(text).unwrap_or_else(|e| panic!("{text}: {}", e.render()));
            assert_eq!(duration, Duration::from_millis(ms), "{text}");
        }
    }

    #[test]
    fn a_plain_number_is_told_to_take_a_unit() {
        let error = parse_duration("5").unwrap_err();
        assert_eq!(error.to_string(), "`5` is not a duration: it has no unit");
        assert_eq!(error.hints(), ["add a unit, such as `5s`"]);
    }

    #[test]
    fn what_is_no_span_of_fixed_length_is_refused() {
        for text in ["", "abc", "-5s", "5s ago", "1 month", "1y", "5 parsecs", "10 s x", "-5"] {
            let error = parse_duration(text).expect_err(text);
            assert_eq!(error.kind(), crate::error::Kind::Usage, "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for ms in [0, 1, 250, 1_500, 10_000, 60_000, 5_400_000, 172_800_000] {
            let duration = Duration::from_millis(ms);
            let shown = show_duration(duration);
            assert_eq!(parse_duration(&shown).expect(&shown), duration, "{shown}");
        }
        assert_eq!(show_duration(Duration::from_secs(5_400)), "1h 30m");
    }
}
