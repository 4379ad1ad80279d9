//! Replaces what changes from run to run, so that a transcript can be a snapshot.

use std::sync::LazyLock;

use regex::Regex;

/// Pattern → what stands there instead, in this order.
static FILTERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"/(?:private/)?(?:tmp|var/folders)/[^\s'`\x22]*?rdvctl-home-[A-Za-z0-9]+", "[HOME]"),
        (r"\b(127\.0\.0\.1|localhost):\d{4,5}\b", "$1:[PORT]"),
        (r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "[TIME]"),
        (r"\b\d+(\.\d+)?\s?(ns|µs|ms|s)\b", "[DURATION]"),
        (r"[\d,.]+ (records|events)/s\b", "[RATE] $1/s"),
        (r"\b(rdvctl|librdkafka|OpenSSL|rdkafka|rdkafka \(crate\))(\s+)v?\d+\.\d+\.\d+\S*", "$1$2[VERSION]"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "[UUID]"),
    ]
    .into_iter()
    .map(|(pattern, with)| (Regex::new(pattern).expect("a valid pattern"), with))
    .collect()
});

/// The text with addresses, times, durations, versions and temporary folders replaced.
pub(crate) fn stable(text: &str) -> String {
    FILTERS
        .iter()
        .fold(text.to_owned(), |text, (pattern, with)| pattern.replace_all(&text, *with).into_owned())
}

#[test]
fn transcripts_are_stable() {
    let text =
        "published 3 records to 127.0.0.1:29092 in 84ms (1,234.5 records/s) at 2026-11-23T10:00:00.123Z";
    let stable = stable(text);
    assert_eq!(stable, "published 3 records to 127.0.0.1:[PORT] in [DURATION] ([RATE] records/s) at [TIME]");
}
