//! `rdvctl version`: what this binary is made of.

use super::Ctx;
use crate::error::{Error, Outcome};
use crate::kafka::{client, library};
use crate::output::View;

/// Show the versions of rdvctl and librdkafka.
#[derive(Debug, clap::Args)]
pub struct VersionArgs {}

/// Shows the versions.
pub fn run(_args: VersionArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    ctx.out.show(&Version {
        rdvctl: env!("CARGO_PKG_VERSION"),
        librdkafka: client::library_version(),
        rdkafka: library::crate_version(),
        features: client::library_features(),
    })?;
    Ok(Outcome::Done)
}

struct Version {
    rdvctl: &'static str,
    librdkafka: String,
    rdkafka: &'static str,
    features: Vec<String>,
}

impl View for Version {
    fn header(&self) -> Vec<&'static str> {
        vec!["COMPONENT", "VERSION", "BUILT IN"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        vec![
            vec![Some("rdvctl".to_owned()), Some(self.rdvctl.to_owned()), None],
            vec![Some("librdkafka".to_owned()), Some(self.librdkafka.clone()), Some(self.features.join(" "))],
            vec![Some("rdkafka-sys (crate)".to_owned()), Some(self.rdkafka.to_owned()), None],
        ]
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        vec![serde_json::json!({
            "rdvctl": self.rdvctl,
            "librdkafka": self.librdkafka,
            "rdkafka": self.rdkafka,
            "features": self.features,
        })]
    }
}
