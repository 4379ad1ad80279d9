//! What tail says besides records: nothing found where, and gates that were not met.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::stop::Stop;
use crate::kafka::reader::Span;
use crate::terminal::count;

/// Topics that are told one by one.
const TOLD: usize = 5;

/// No record passed: how many were read, of which ranges.
pub(super) fn nothing(read: u64, spans: &[Span]) -> String {
    let mut text = format!("no record shown; {} read", count(read, "record"));
    let mut ranges: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for span in spans {
        let end = span.end.map_or(String::new(), |end| end.to_string());
        ranges.entry(&span.topic).or_default().push(format!("{}@{}-{end}", span.partition, span.start));
    }
    for (topic, parts) in ranges.iter().take(TOLD) {
        let _ = write!(text, "\n  {topic} {}", parts.join(" "));
    }
    if ranges.len() > TOLD {
        let _ = write!(text, "\n  and {}", count((ranges.len() - TOLD) as u64, "topic"));
    }
    text
}

/// A gate that was not met.
pub(super) fn unmet(stop: &Stop) -> Option<String> {
    match stop.expect {
        Some(wanted) if stop.matched < wanted => {
            Some(format!("expected {}, {} came", count(wanted, "record"), stop.matched))
        }
        _ if stop.none && stop.matched > 0 => Some("expected no record, and one came".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_found_names_the_ranges_that_were_read() {
        let span = |partition, start, end| Span { topic: "t".into(), partition, start, end };
        let text = nothing(7, &[span(0, 3, Some(10)), span(1, 0, None)]);
        assert_eq!(text, "no record shown; 7 records read\n  t 0@3-10 1@0-");
    }
}
