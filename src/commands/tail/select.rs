//! Which records are shown: all conditions must hold. They see what is shown, so nothing masked can be searched for.

use std::sync::Arc;

use super::args::FilterArgs;
use crate::error::Error;
use crate::model::catalogue::Catalogue;
use crate::model::correlate::Correlation;
use crate::model::filter::{Failures, Filter};
use crate::model::matching::Matcher;
use crate::model::record::Record;
use crate::model::shown::{Shower, Shown};

/// The conditions.
#[derive(Clone)]
pub(super) struct Select {
    correlations: Vec<Correlation>,
    matchers: Vec<Matcher>,
    filter: Option<Filter>,
}

impl Select {
    /// Compiles the flags; a bad expression or an id that the catalogue does not know is a usage error.
    pub(super) fn compile(
        args: &FilterArgs,
        catalogue: &Arc<Catalogue>,
        shower: &Shower,
    ) -> Result<Self, Error> {
        let masker = shower.masker();
        let mut correlations = Vec::new();
        for (name, id) in args.ids() {
            let correlation = Correlation::new(catalogue, masker, name, id);
            if !correlation.is_known() {
                return Err(Error::usage(format!("no event of the catalogue carries a `{name}`")));
            }
            correlations.push(correlation);
        }
        let key = args.key.iter().map(|key| Ok(Matcher::key(masker, key)));
        let headers = args.headers.iter().map(|header| Ok(Matcher::header(masker, header)));
        let grep = args.grep.iter().map(|pattern| Matcher::grep(pattern));
        Ok(Self {
            correlations,
            matchers: key.chain(headers).chain(grep).collect::<Result<_, Error>>()?,
            filter: args.filter.as_deref().map(|text| Filter::compile(text, catalogue)).transpose()?,
        })
    }

    /// What the user should know: masked fields that the filter names.
    pub(super) fn notes(&self, shower: &Shower) -> Option<String> {
        shower.masker()?;
        let masked = self.filter.as_ref()?.touches_masked(shower.catalogue());
        let masked: Vec<String> = masked.iter().map(|path| format!("`{path}`")).collect();
        (!masked.is_empty()).then(|| {
            format!(
                "the filter sees the pseudonym of what is masked ({}); `--reveal` lets it see the value",
                masked.join(", ")
            )
        })
    }

    /// Whether every record passes.
    pub(super) fn is_empty(&self) -> bool {
        self.correlations.is_empty() && self.matchers.is_empty() && self.filter.is_none()
    }

    /// Whether a record may pass, by its bytes alone: `false` is sure, and saves decoding and masking it.
    pub(super) fn may_pass(&self, record: &Record<'_>) -> bool {
        self.correlations.iter().all(|correlation| correlation.may_match(record))
            && self.filter.as_ref().is_none_or(|filter| filter.may_match(record))
    }

    /// Whether a record passes.
    pub(super) fn passes(&mut self, shown: &Shown<'_>) -> bool {
        self.correlations.iter().all(|correlation| correlation.matches(shown))
            && self.matchers.iter().all(|matcher| matcher.matches(shown))
            && self.filter.as_mut().is_none_or(|filter| filter.matches(shown))
    }

    /// The records that the filter could not judge, since the last call.
    pub(super) fn take_failures(&mut self) -> Failures {
        self.filter.as_mut().map(Filter::take_failures).unwrap_or_default()
    }
}
