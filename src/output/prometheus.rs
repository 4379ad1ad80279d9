//! Prometheus's text format (exposition format 0.0.4): families of samples with labels.

use std::fmt::Write as _;

/// A family of gauges.
pub struct Family {
    text: String,
    name: &'static str,
}

impl Family {
    /// An empty one; `help` is one sentence.
    pub fn new(name: &'static str, help: &str) -> Self {
        Self { text: format!("# HELP {name} {help}\n# TYPE {name} gauge\n"), name }
    }

    /// Adds a sample. What is not known is left out, not sent as 0 or NaN: absence is what alerts can see.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: Option<f64>) {
        let Some(value) = value else { return };
        self.text.push_str(self.name);
        for (at, (name, value)) in labels.iter().enumerate() {
            self.text.push(if at == 0 { '{' } else { ',' });
            let _ = write!(self.text, "{name}=\"{}\"", escaped(value));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// The family as text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_escaped_labels_and_unknown_ones_are_absent() {
        let mut family = Family::new("rdvctl_group_lag", "Records to be read.");
        family.sample(&[("group", "a\"b\\c"), ("partition", "0")], Some(12.0));
        family.sample(&[("group", "x")], None);
        family.sample(&[], Some(0.5));
        assert_eq!(
            family.text(),
            "# HELP rdvctl_group_lag Records to be read.\n# TYPE rdvctl_group_lag gauge\n\
             rdvctl_group_lag{group=\"a\\\"b\\\\c\",partition=\"0\"} 12\nrdvctl_group_lag 0.5\n"
        );
    }
}
