//! Records in the format asked for: what `tail` and `publish --dry-run` print them with.

use std::sync::Arc;

use super::Ctx;
use crate::config::Settings;
use crate::error::Error;
use crate::model::catalogue::Catalogue;
use crate::model::line;
use crate::model::mask::Masker;
use crate::model::record::Record;
use crate::model::shown::{Revealed, Shower, Shown};
use crate::output::Format;

/// Writes records.
pub(super) enum RecordView {
    /// One JSON object a line.
    Ndjson,
    /// The values' bytes, a line each; only who may see everything can ask for it.
    Raw(Revealed),
}

impl RecordView {
    /// Writes a record at the end of `out`.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, shown: &Shown<'_>, record: &Record<'_>) {
        match self {
            Self::Ndjson => line::write(out, shown),
            Self::Raw(_) => {
                out.extend_from_slice(record.value.as_deref().unwrap_or_default());
                out.push(b'\n');
            }
        }
    }
}

impl Ctx {
    /// What makes records showable: masked with the context's key, or as they are.
    pub(super) fn shower(
        &self,
        settings: &Settings,
        catalogue: &Arc<Catalogue>,
        reveal: bool,
    ) -> Result<Shower, Error> {
        let masker = if reveal {
            None
        } else {
            let key = settings.redaction_key(&self.env, &self.term)?;
            Some(Arc::new(Masker::new(&key, catalogue)))
        };
        Ok(Shower::new(Arc::clone(catalogue), masker))
    }

    /// The view of the format asked for; `-o raw` needs `--reveal`.
    pub(super) fn record_view(&self, shower: &Shower, _headers_only: bool) -> Result<RecordView, Error> {
        match self.out.format {
            Format::Raw => shower.revealed().map(RecordView::Raw).ok_or_else(|| {
                Error::usage("`-o raw` prints values as they are, and they may be personal")
                    .hint("add `--reveal` to show them, or use `-o ndjson`")
            }),
            Format::Ndjson | Format::Table => Ok(RecordView::Ndjson),
        }
    }
}
