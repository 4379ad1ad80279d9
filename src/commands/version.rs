//! `rdvctl version`: what this binary is made of.

use super::Ctx;
use crate::error::{Error, Outcome};
use crate::output::View;

/// Show the versions of rdvctl and librdkafka.
#[derive(Debug, clap::Args)]
pub struct VersionArgs {}

/// Shows the versions.
pub fn run(_args: VersionArgs, ctx: &mut Ctx) -> Result<Outcome, Error> {
    ctx.out.show(&Version {
        rdvctl: env!("CARGO_PKG_VERSION"),
        librdkafka: crate::kafka::client::library_version(),
    })?;
    Ok(Outcome::Done)
}

struct Version {
    rdvctl: &'static str,
    librdkafka: String,
}

impl View for Version {
    fn header(&self) -> Vec<&'static str> {
        vec!["COMPONENT", "VERSION"]
    }
    fn rows(&self) -> Vec<Vec<Option<String>>> {
        [("rdvctl", self.rdvctl), ("librdkafka", &self.librdkafka)]
            .map(|(name, version)| vec![Some(name.to_owned()), Some(version.to_owned())])
            .to_vec()
    }
    fn lines(&self) -> Vec<serde_json::Value> {
        vec![serde_json::json!({"rdvctl": self.rdvctl, "librdkafka": self.librdkafka})]
    }
}
