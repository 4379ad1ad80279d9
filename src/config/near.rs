//! Hints from names that are close to a misspelt one.

use crate::model::catalogue::near;

/// A hint that names what is close to `wanted`, or else all that is known.
pub fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    let names = near(wanted, known.clone());
    if !names.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        return Some(format!("did you mean {}?", quoted(&names, " or ")));
    }
    let all: Vec<&str> = known.into_iter().collect();
    (!all.is_empty()).then(|| format!("known are {}", quoted(&all, ", ")))
}

fn quoted(names: &[&str], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_found_and_far_ones_are_not() {
        let known = ["brokers", "protected", "catalogue", "timeout"];
        assert_eq!(near("broker", known), ["brokers"]);
        assert_eq!(near("Catalog", known), ["catalogue"]);
        assert!(near("kafka", known).is_empty());
        assert_eq!(did_you_mean("timout", known).as_deref(), Some("did you mean `timeout`?"));
        assert_eq!(did_you_mean("x", ["a", "b"]).as_deref(), Some("known are `a`, `b`"));
        assert_eq!(did_you_mean("x", []), None);
    }
}
