//! What users call topics: an event, a topic's own name, or a glob → topics that exist.

use crate::config::did_you_mean;
use crate::error::Error;
use crate::kafka::TopicInfo;
use crate::model::catalogue::Catalogue;

/// The topics meant, each once, in the order named. A name that matches none is an error with near names.
pub fn topics(names: &[String], catalogue: &Catalogue, there: &[TopicInfo]) -> Result<Vec<String>, Error> {
    let mut chosen: Vec<String> = Vec::new();
    for name in names {
        let matched = matching(name, catalogue, there);
        if matched.is_empty() {
            return Err(unknown(name, there));
        }
        for topic in matched {
            if !chosen.contains(&topic) {
                chosen.push(topic);
            }
        }
    }
    Ok(chosen)
}

/// An error for a topic that the cluster does not have; it is never created.
pub fn unknown(name: &str, there: &[TopicInfo]) -> Error {
    let is_glob = name.contains(['*', '?']);
    let what = if is_glob { "no topic matches" } else { "no such topic on the cluster:" };
    let mut error = Error::unavailable(format!("{what} `{name}`"));
    if let Some(hint) = did_you_mean(name, there.iter().map(|t| t.name.as_str())) {
        error = error.hint(hint);
    }
    error.hint("`rdvctl topics list` shows what is there, `rdvctl topics create` creates the catalogue's")
}

fn matching(name: &str, catalogue: &Catalogue, there: &[TopicInfo]) -> Vec<String> {
    let topic = catalogue.event(name).map_or(name, |event| &event.topic);
    if there.iter().any(|t| t.name == topic) {
        return vec![topic.to_owned()];
    }
    if !name.contains(['*', '?']) {
        return Vec::new();
    }
    let glob = wildmatch::WildMatch::new(name);
    // Kafka's own topics are meant only by a pattern that says so.
    let internal = name.starts_with("__");
    there
        .iter()
        .filter(|t| glob.matches(&t.name) && (internal || !t.is_internal()))
        .map(|t| t.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there() -> Vec<TopicInfo> {
        ["__consumer_offsets", "appointment.created", "appointment.confirmed", "patient.registered"]
            .map(|name| TopicInfo { name: name.to_owned(), partitions: Vec::new() })
            .to_vec()
    }

    #[test]
    fn globs_leave_internal_topics_out_and_names_come_once() {
        let none = Catalogue { events: Vec::new() };
        let names = ["appointment.*", "appointment.created", "*"].map(str::to_owned);
        let chosen = topics(&names, &none, &there()).unwrap();
        assert_eq!(chosen, ["appointment.created", "appointment.confirmed", "patient.registered"]);
    }

    #[test]
    fn a_misspelt_topic_is_named_with_its_neighbour() {
        let none = Catalogue { events: Vec::new() };
        let error = topics(&["apointment.created".to_owned()], &none, &there()).unwrap_err();
        assert!(error.hints()[0].contains("appointment.created"), "{error:?}");
    }
}
