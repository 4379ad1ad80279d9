//! One life across topics: records that carry an appointment's, a patient's or a doctor's id.

use memchr::memmem::Finder;

use super::catalogue::Catalogue;
use super::json::{Path, unescape};
use super::mask::Masker;
use super::matching::Wanted;
use super::record::Record;
use super::shown::{Content, Shown};

/// An id that is looked for, at the places where the catalogue's events have it.
#[derive(Clone)]
pub struct Correlation {
    wanted: Wanted,
    raw: Finder<'static>,
    /// Per event, in the catalogue's order.
    places: Vec<Option<Place>>,
}

#[derive(Clone)]
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
        // A pseudonym that was asked for is shown though no record holds it.
        self.raw.needle().starts_with(b"masked:")
            || record.value.as_deref().is_some_and(holds)
            || record.key.as_deref().is_some_and(holds)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::shown::Shower;

    /// Topic, key, value, the id's name, the id, and whether it is found.
    type Case = (&'static str, &'static str, Option<&'static str>, &'static str, &'static str, bool);

    const CASES: &[Case] = &[
        ("appointment.created", "a-1", Some(r#"{"data":{"patientId":"p-7"}}"#), "patientId", "p-7", true),
        ("appointment.created.dlq", "a-1", Some(r#"{"data":{"patientId":"p-7"}}"#), "patientId", "p-7", true),
        ("appointment.created", "a-1", Some(r#"{"data":{"patientId":"p-77"}}"#), "patientId", "p-7", false),
        ("appointment.created", "a-1", Some(r#"{"data":{"doctorId":"p-7"}}"#), "patientId", "p-7", false),
        ("patient.registered", "p-7", Some(r#"{"patientId":"p\u002d7"}"#), "patientId", "p-7", true),
        ("patient.registered", "p-7", None, "patientId", "p-7", true),
        ("patient.registered", "p-7", None, "doctorId", "p-7", false),
        ("appointment.created", "p-7", None, "patientId", "p-7", false),
        ("calendar.slot.freed", "Marie", Some(r#"{"doctorId":"Marie"}"#), "doctorId", "Marie", true),
        ("unknown.topic", "p-7", Some(r#"{"patientId":"p-7"}"#), "patientId", "p-7", false),
    ];

    #[test]
    fn an_id_is_found_where_its_event_has_it_masked_or_not() {
        let catalogue = Arc::new(Catalogue::builtin().unwrap());
        let masker = Arc::new(Masker::new(b"k", &catalogue));
        for masker in [None, Some(masker)] {
            let shower = Shower::new(Arc::clone(&catalogue), masker);
            for (topic, key, value, name, id, expected) in CASES {
                let record = Record {
                    topic: (*topic).into(),
                    partition: None,
                    offset: None,
                    timestamp: None,
                    key: Some(key.as_bytes().into()),
                    headers: Vec::new(),
                    value: value.map(|v| v.as_bytes().into()),
                };
                let correlation = Correlation::new(&catalogue, shower.masker(), name, id);
                let found = correlation.matches(&shower.show(&record));
                assert_eq!(found, *expected, "{topic} {value:?}");
                assert!(!found || correlation.may_match(&record), "{topic} {value:?}");
            }
        }
    }

    #[test]
    fn a_name_that_no_event_has_is_not_known() {
        let catalogue = Catalogue::builtin().unwrap();
        assert!(Correlation::new(&catalogue, None, "doctorId", "d-1").is_known());
        assert!(!Correlation::new(&catalogue, None, "roomId", "r-1").is_known());
    }
}
