//! The events that are published and read: which one for which size, and what is looked for in it.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

/// Starts every run's numbers, so that everybody always meets the same records.
const SEED: u64 = 0x5eed_0000_0007;
const REASONS: &[&str] = &[
    "Consultation cardiologie",
    "Bilan annuel",
    "Suivi de traitement",
    "Première consultation",
    "Contrôle annuel",
];
const LAST: &[&str] =
    &["Modèle", "Exemple", "Témoin", "Essai", "Fictif", "Patron", "Specimen", "Calque", "Maquette"];
const SPECIALTIES: &[&str] = &["cardiologie", "dermatologie", "pédiatrie", "ophtalmologie"];
/// Seven milliseconds after the start of 2024, UTC.
const EPOCH_MS: i64 = 1_704_067_200_007;

/// An event of the contract, by the size it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `calendar.slot.freed`, about 120 bytes: the smallest there is.
    Small,
    /// `appointment.created`, 400 bytes and a title that fills it up.
    Middle,
    /// `doctor.available`, with as many slots as fit.
    Large,
}

impl Shape {
    /// The event that comes in this size (bytes of a value).
    pub(crate) fn of(size: usize) -> Self {
        match size {
            ..300 => Shape::Small,
            300..2000 => Shape::Middle,
            2000.. => Shape::Large,
        }
    }

    /// Its event.
    pub(crate) fn event(self) -> &'static str {
        match self {
            Shape::Small => "calendar.slot.freed",
            Shape::Middle => "appointment.created",
            Shape::Large => "doctor.available",
        }
    }

    /// A jq expression that looks for one doctor of a hundred.
    pub(crate) fn one_doctor(self) -> &'static str {
        match self {
            Shape::Small | Shape::Large => r#".doctorId == "doctor-7""#,
            Shape::Middle => r#".data.doctorId == "doctor-7""#,
        }
    }

    /// A jq expression that no byte search can answer: `any`, `test` and arithmetic.
    pub(crate) fn compound(self) -> &'static str {
        match self {
            Shape::Small => {
                r#"any(.doctorId, .startTime; test("^doctor-[0-9]*7$")) and (.startTime[11:13] | tonumber) * 60 >= 840"#
            }
            Shape::Middle => {
                r#"any(.data.doctorId, .data.patientId; test("-[0-9]*7$")) and (.data.startDate[11:13] | tonumber) * 60 >= 840"#
            }
            Shape::Large => {
                r#"any(.doctorId, .availableAt; test("^doctor-[0-9]*7$")) and (.availableSlots | length) * 60 >= 840"#
            }
        }
    }

    /// Writes the `number`th record's key and value of about `size` bytes.
    pub(crate) fn write(self, number: u64, size: usize, key: &mut String, value: &mut String) {
        key.clear();
        value.clear();
        let mut dice = Dice(SEED ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let now = EPOCH_MS + number as i64 * 137;
        match self {
            Shape::Small => slot_freed(&mut dice, now, key, value),
            Shape::Middle => created(&mut dice, now, size, key, value),
            Shape::Large => available(&mut dice, now, size, key, value),
        }
    }
}

fn slot_freed(dice: &mut Dice, now: i64, key: &mut String, value: &mut String) {
    let (start, end) = dice.slot(now);
    let _ = write!(key, "doctor-{}", dice.below(100));
    let _ = write!(
        value,
        r#"{{"doctorId":"{key}","startTime":"{}","endTime":"{}","freedAt":"{}"}}"#,
        short(start),
        short(end),
        short(now)
    );
}

fn created(dice: &mut Dice, now: i64, size: usize, key: &mut String, value: &mut String) {
    for _ in 0..9 {
        key.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[dice.below(36) as usize]));
    }
    let (start, end) = dice.slot(now);
    let (at, sent) = (long(now), long(now + 5));
    let event = r#""eventType":"AppointmentCreatedEvent""#;
    let _ = write!(
        value,
        r#"{{{event},"occurredOn":"{at}","data":{{"occurredOn":"{at}","appointmentId":"{key}","title":""#
    );
    let title = value.len();
    let _ = write!(
        value,
        r#"","startDate":"{}","endDate":"{}","patientId":"patient-{}","doctorId":"doctor-{}",{event}}},"metadata":{{"source":"appointment-service","version":"1.0.0","timestamp":"{sent}"}}}}"#,
        long(start),
        long(end),
        dice.below(100_000),
        dice.below(100)
    );
    let mut text = format!("{}, {}", dice.one(REASONS), dice.person());
    while value.len() + text.len() + 25 < size {
        let _ = write!(text, ", {}", dice.one(REASONS));
    }
    value.insert_str(title, &text);
}

fn available(dice: &mut Dice, now: i64, size: usize, key: &mut String, value: &mut String) {
    let _ = write!(key, "doctor-{}", dice.below(100));
    let (name, specialty, at) = (dice.person(), dice.one(SPECIALTIES), long(now));
    let _ = write!(
        value,
        r#"{{"doctorId":"{key}","name":"Dr {name}","specialty":"{specialty}","availableSlots":["#
    );
    while value.len() + 120 < size {
        let (start, end) = dice.slot(now);
        let comma = if value.ends_with('[') { "" } else { "," };
        let _ = write!(value, r#"{comma}{{"startTime":"{}","endTime":"{}"}}"#, long(start), long(end));
    }
    let _ = write!(value, r#"],"availableAt":"{at}"}}"#);
}

/// As JavaScript's `toISOString` writes it.
fn long(millis: i64) -> String {
    Timestamp::from_millisecond(millis).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn short(millis: i64) -> String {
    Timestamp::from_millisecond(millis).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Numbers that are the same on every machine and for ever: `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// Somebody who is hardly ever met twice: what is masked must not come from a small table.
    fn person(&mut self) -> String {
        let last = self.one(LAST);
        format!("{last}-{}", self.below(10_000))
    }

    /// Half an hour between 8 and 18 o'clock, one to forty days later.
    fn slot(&mut self, now: i64) -> (i64, i64) {
        let day = SignedDuration::from_hours(24).as_millis() as i64;
        let half = SignedDuration::from_mins(30).as_millis() as i64;
        let start = (now / day + 1 + self.below(40) as i64) * day + (16 + self.below(20) as i64) * half;
        (start, start + half)
    }
}
