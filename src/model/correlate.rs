//! One life across topics: records that carry an appointment's, a patient's or a doctor's id.

use memchr::memmem::Finder;

use super::catalogue::Catalogue;
use super::json::{Path, unescape};
use super::mask::Masker;
use super::matching::Wanted;
use super::record::Record;
use super::shown::{Content, Shown};

/// An id that is looked for, at the places where the catalogue's events have it.
pub struct Correlation {
    wanted: Wanted,
    raw: Finder<'static>,
    /// Per event, in the catalogue's order.
    places: Vec<Option<Place>>,
}

struct Place {
    path: Path,
    /// The id is the record's key as well.
    is_key: bool,
}

impl Correlation {
    /// Records that carry `id` as `name` (`appointmentId`, `patientId`, `doctorId`). An id that is shown as a
    /// pseudonym (it has no digit, say) is found by it.
    pub fn new(catalogue: &Catalogue, masker: Option<&Masker>, name: &str, id: &str) -> Self {
        let places = catalogue.events.iter().map(|event| {
            let pointer = event.correlation.get(name)?;
            Some(Place { path: Path::from_pointer(pointer)?, is_key: *pointer == event.key })
        });
        Self {
            wanted: Wanted::new(masker, id),
            raw: Finder::new(id.as_bytes()).into_owned(),
            places: places.collect(),
        }
    }

    /// Whether any event has an id of this name.
    pub fn is_known(&self) -> bool {
        self.places.iter().any(Option::is_some)
    }

    /// Whether a record carries the id; records of unknown topics do not. What has no payload goes by its key.
    pub fn matches(&self, shown: &Shown<'_>) -> bool {
        let place = shown.event.and_then(|event| self.places.get(event)?.as_ref());
        let Some(place) = place else { return false };
        match &shown.value {
            Content::Json(text) => {
                let found = place.path.find(text).and_then(|v| v.strip_prefix('"')?.strip_suffix('"'));
                found.is_some_and(|raw| self.wanted.is(unescape(raw).as_bytes()))
            }
            _ => place.is_key && self.wanted.is_content(&shown.key),
        }
    }

    /// Whether a record could carry the id, told from its bytes: `false` is sure and saves decoding it.
    pub fn may_match(&self, record: &Record<'_>) -> bool {
        let holds = |bytes: &[u8]| self.raw.find(bytes).is_some() || memchr::memchr(b'\\', bytes).is_some();
        record.value.as_deref().is_some_and(holds) || record.key.as_deref().is_some_and(holds)
    }
}
