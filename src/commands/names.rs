//! What users call topics: an event, a topic's own name, or a glob → topics that exist.

use crate::config::did_you_mean;
use crate::error::Error;
use crate::kafka::{Cluster, TopicInfo};
use crate::model::catalogue::Catalogue;

/// The topics that are to be chosen from: one alone if one is named, else all. A cluster may have thousands.
pub fn there(names: &[String], catalogue: &Catalogue, cluster: &Cluster) -> Result<Vec<TopicInfo>, Error> {
    if let [name] = names
        && let topic = called(name, catalogue)
        && !is_glob(topic)
        && let Some(there) = cluster.topic(topic)?
    {
        return Ok(vec![there]);
    }
    cluster.topics()
}

/// The topics meant, each once, in the order named. A name that matches none is an error with near names, or says
/// that the topic may not be seen.
pub fn topics(
    names: &[String],
    catalogue: &Catalogue,
    cluster: &Cluster,
    there: &[TopicInfo],
) -> Result<Vec<String>, Error> {
    let mut chosen: Vec<String> = Vec::new();
    for name in names {
        let matched = matching(name, catalogue, there);
        if matched.is_empty() {
            // Without leave to see it a topic is not in the list, and only asking for it by name says why.
            let topic = called(name, catalogue);
            if !is_glob(topic) && cluster.topic(topic)?.is_some() {
                chosen.push(topic.to_owned());
                continue;
            }
            return Err(unknown(topic, there));
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
    let what = if is_glob(name) { "no topic matches" } else { "no such topic on the cluster:" };
    let mut error = Error::input(format!("{what} `{name}`"));
    if let Some(hint) = did_you_mean(name, there.iter().map(|t| t.name.as_str())) {
        error = error.hint(hint);
    }
    error.hint("`rdvctl topics list` shows what is there, `rdvctl topics create` creates the catalogue's")
}

/// The topic of the event of this name, or that name.
fn called<'a>(name: &'a str, catalogue: &'a Catalogue) -> &'a str {
    catalogue.event(name).map_or(name, |event| &event.topic)
}

fn is_glob(name: &str) -> bool {
    name.contains(['*', '?'])
}

fn matching(name: &str, catalogue: &Catalogue, there: &[TopicInfo]) -> Vec<String> {
    let topic = called(name, catalogue);
    if there.iter().any(|t| t.name == topic) {
        return vec![topic.to_owned()];
    }
    if !is_glob(name) {
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
    fn globs_leave_internal_topics_out_unless_they_say_so() {
        let none = Catalogue { events: Vec::new() };
        let matched = |name| matching(name, &none, &there());
        assert_eq!(matched("appointment.*"), ["appointment.created", "appointment.confirmed"]);
        assert_eq!(matched("*"), ["appointment.created", "appointment.confirmed", "patient.registered"]);
        assert_eq!(matched("__*"), ["__consumer_offsets"]);
        assert!(matched("nothing").is_empty());
    }

    #[test]
    fn a_misspelt_topic_is_named_with_its_neighbour() {
        let error = unknown("apointment.created", &there());
        assert!(error.hints()[0].contains("appointment.created"), "{error:?}");
    }
}
