//! Records in the format asked for: what `tail` and `publish --dry-run` print them with.

use std::sync::Arc;

use super::Ctx;
use crate::config::Settings;
use crate::error::Error;
use crate::model::catalogue::Catalogue;
use crate::model::mask::Masker;
use crate::model::record::Record;
use crate::model::shown::{Revealed, Shower, Shown};
use crate::output::Format;
use crate::output::records::{self, Renderer, Style};

/// Writes records.
#[derive(Clone)]
pub(super) enum RecordView {
    /// For people, or one JSON object a line.
    Shown(Renderer),
    /// The values' bytes, a line each; only who may see everything can ask for it.
    Raw(Revealed),
}

impl RecordView {
    /// Writes a record at the end of `out`.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, shown: &Shown<'_>, record: &Record<'_>) {
        match self {
            Self::Shown(renderer) => renderer.write(out, shown),
            Self::Raw(revealed) => records::raw(out, record, *revealed),
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
    pub(super) fn record_view(&self, shower: &Shower, headers_only: bool) -> Result<RecordView, Error> {
        let (colour, terminal, verbose) = (self.out.colour, self.out.terminal, self.global.verbose);
        let style = Style { colour, terminal, verbose, headers_only };
        match self.out.format {
            Format::Raw => shower.revealed().map(RecordView::Raw).ok_or_else(|| {
                Error::usage("`-o raw` prints values as they are, and they may be personal")
                    .hint("add `--reveal` to show them, or use `-o ndjson`")
            }),
            Format::Ndjson => Ok(RecordView::Shown(Renderer::ndjson(style))),
            Format::Table | Format::Prometheus => {
                Ok(RecordView::Shown(Renderer::readable(shower.catalogue(), style)))
            }
        }
    }
}
