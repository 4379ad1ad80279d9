//! The files of `fixtures/`, compiled in. A test holds this list to the folder.

use crate::error::Error;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/", $path)))),*]
    };
}

/// The catalogue's path in [`FILES`].
pub const CATALOGUE: &str = "catalogue.toml";

/// Path below `fixtures/` and text of each file, sorted by path.
pub const FILES: &[(&str, &str)] = files![
    "catalogue.toml",
    "events/appointment.cancelled/default.json",
    "events/appointment.cancelled/with-reason.json",
    "events/appointment.completed/default.json",
    "events/appointment.completed/overnight.json",
    "events/appointment.confirmed/default.json",
    "events/appointment.confirmed/late.json",
    "events/appointment.created/contract.json",
    "events/appointment.created/default.json",
    "events/appointment.created/long-title.json",
    "events/appointment.created/short-notice.json",
    "events/calendar.slot.freed/default.json",
    "events/calendar.slot.freed/last-minute.json",
    "events/doctor.available/default.json",
    "events/doctor.available/no-slots.json",
    "events/doctor.available/one-week.json",
    "events/patient.registered/default.json",
    "events/patient.registered/imported.json",
    "events/patient.registered/unusual-name.json",
    "schemas/appointment.cancelled.json",
    "schemas/appointment.completed.json",
    "schemas/appointment.confirmed.json",
    "schemas/appointment.created.json",
    "schemas/calendar.slot.freed.json",
    "schemas/doctor.available.json",
    "schemas/patient.registered.json",
    "stories/cancelled.json",
    "stories/completed.json",
    "stories/first-visit.json",
    "stories/slot-taken-over.json",
];

/// The text of one of [`FILES`].
pub fn text(path: &str) -> Result<&'static str, Error> {
    let file = FILES.iter().find(|(name, _)| *name == path);
    file.map(|(_, text)| *text).ok_or_else(|| Error::input(format!("there is no built-in file `{path}`")))
}

/// The files directly or deeper in a folder of `fixtures/`, as (name for errors, text).
pub fn below(folder: &str) -> Vec<(String, String)> {
    FILES
        .iter()
        .filter(|(name, _)| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
        .map(|(name, text)| (path(name), (*text).to_owned()))
        .collect()
}

/// A built-in file's name in errors.
pub fn path(name: &str) -> String {
    format!("built-in fixtures/{name}")
}
