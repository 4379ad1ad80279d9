//! Names that are close to a misspelt one.

/// Up to three of `known` that are close to `wanted`, the closest first.
pub fn near<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut close: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    close.dedup_by(|a, b| a.1 == b.1);
    close.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A hint that names what is close to `wanted`, or else all that is known.
pub fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    let names = near(wanted, known.clone());
    if !names.is_empty() {
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
