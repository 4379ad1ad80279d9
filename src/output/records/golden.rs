//! A file per case of what the service and NestJS write and how NestJS reads it: bytes in, what is shown of them out.
//! The files are in `tests/golden/records`; `key`, header values and `value` are bytes by `text` or `hex`, or null.

use std::path::Path;
use std::sync::Arc;

use super::{Renderer, Style};
use crate::model::catalogue::Catalogue;
use crate::model::line;
use crate::model::mask::Masker;
use crate::model::record::{Header, Record, Timestamp, TimestampType};
use crate::model::shown::Shower;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows, and where the fact is from.
    #[serde(rename = "about")]
    _about: String,
    topic: String,
    key: Option<Bytes>,
    #[serde(default)]
    headers: Vec<NamedBytes>,
    value: Option<Bytes>,
    shown: Expected,
}

#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bytes {
    Text(String),
    Hex(String),
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedBytes {
    name: String,
    value: Option<Bytes>,
}

/// Each with its line breaks.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    revealed: String,
    masked: String,
    readable: String,
    readable_masked: String,
}

impl Bytes {
    fn into_bytes(self) -> Vec<u8> {
        match self {
            Bytes::Text(text) => text.into_bytes(),
            Bytes::Hex(hex) => {
                hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
            }
        }
    }
}

impl Case {
    fn record(&self) -> Record<'static> {
        let bytes = |bytes: &Option<Bytes>| bytes.clone().map(|b| b.into_bytes().into());
        let headers = self.headers.iter();
        Record {
            topic: self.topic.clone().into(),
            partition: Some(1),
            offset: Some(42),
            timestamp: Some(Timestamp { millis: 1_704_877_200_005, kind: TimestampType::CreateTime }),
            key: bytes(&self.key),
            headers: headers
                .map(|h| Header { name: h.name.clone().into(), value: bytes(&h.value) })
                .collect(),
            value: bytes(&self.value),
        }
    }
}

fn shown(record: &Record<'_>, catalogue: &Arc<Catalogue>) -> Expected {
    let key = b"the key of the golden files";
    let revealed = Shower::new(Arc::clone(catalogue), None);
    let masked = Shower::new(Arc::clone(catalogue), Some(Arc::new(Masker::new(key, catalogue))));
    let style = Style { terminal: true, ..Style::default() };
    let render = |mut renderer: Renderer, shower: &Shower| {
        let mut out = Vec::new();
        renderer.write(&mut out, &shower.show(record));
        String::from_utf8(out).unwrap()
    };
    let ndjson = || Renderer::ndjson(Style::default());
    let readable = || Renderer::readable(catalogue, style);
    Expected {
        revealed: render(ndjson(), &revealed),
        masked: render(ndjson(), &masked),
        readable: render(readable(), &revealed),
        readable_masked: render(readable(), &masked),
    }
}

#[test]
fn every_golden_record_is_shown_as_its_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/records");
    let catalogue = Arc::new(Catalogue::builtin().unwrap());
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let record = case.record();
        let actual = shown(&record, &catalogue);
        assert_eq!(actual, case.shown, "{name}");
        let line = line::read(actual.revealed.trim_end_matches('\n').as_bytes(), None).unwrap();
        assert_eq!(line.record, record, "{name}: read back");
        count += 1;
    }
    assert!(count >= 30, "{count} files");
}
