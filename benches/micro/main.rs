//! `cargo bench --bench micro`: what each step of a record's way costs, on bytes in memory, without a Kafka.
//!
//! Nanoseconds and allocations are of one record; the records are those of `--bench peers`, a different one each time.

#[path = "../peers/event.rs"]
#[expect(dead_code, reason = "of the events only the text is needed here")]
mod event;

use std::iter::Cycle;
use std::slice::Iter;
use std::sync::Arc;

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use rdvctl::model::catalogue::Catalogue;
use rdvctl::model::filter::Filter;
use rdvctl::model::mask::Masker;
use rdvctl::model::record::{Record, Timestamp, TimestampType};
use rdvctl::model::schema::Checker;
use rdvctl::model::shown::{Shower, Shown};
use rdvctl::model::{line, payload};
use rdvctl::output::records::{Renderer, Style};

use event::Shape;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Enough that no branch predictor and no cache of pseudonyms knows them all.
const RECORDS: u64 = 20_000;
const SIZE: usize = 450;

fn main() {
    divan::main();
}

/// Records, and what shows them.
struct Bench {
    catalogue: Arc<Catalogue>,
    records: Vec<Record<'static>>,
}

impl Bench {
    fn new() -> Self {
        let catalogue = Arc::new(Catalogue::builtin().expect("the built-in catalogue is sound"));
        let (mut key, mut value) = (String::new(), String::new());
        let records = (0..RECORDS).map(|number| {
            Shape::Middle.write(number, SIZE, &mut key, &mut value);
            record(number, &key, &value)
        });
        Self { records: records.collect(), catalogue }
    }

    fn shower(&self, masked: bool) -> Shower {
        let how = masked.then(|| Arc::new(Masker::new(b"a key of a benchmark", &self.catalogue)));
        Shower::new(Arc::clone(&self.catalogue), how)
    }

    fn checker(&self) -> Checker {
        let event = self.catalogue.event(Shape::Middle.event()).expect("an event of the catalogue");
        Checker::new(event).expect("its schema is sound")
    }

    fn filter(&self, text: &str) -> Filter {
        Filter::compile(text, &self.catalogue).expect("a filter")
    }

    fn bytes(&self) -> BytesCount {
        let all: usize = self.records.iter().map(Record::size).sum();
        BytesCount::new(all / self.records.len())
    }

    /// Every iteration has the next record.
    fn records<T>(&self, bencher: Bencher<'_, '_>, mut work: impl FnMut(&Record<'static>) -> T) {
        let mut records = self.records.iter().cycle();
        bencher.counter(self.bytes()).bench_local(|| work(black_box(next(&mut records))));
    }

    /// Every iteration has the next record, masked before.
    fn masked<T>(&self, bencher: Bencher<'_, '_>, mut work: impl FnMut(&Shown<'_>) -> T) {
        let shower = self.shower(true);
        let shown: Vec<Shown<'_>> = self.records.iter().map(|record| shower.show(record)).collect();
        let mut shown = shown.iter().cycle();
        bencher.counter(self.bytes()).bench_local(|| work(black_box(next(&mut shown))));
    }
}

fn next<'r, T>(items: &mut Cycle<Iter<'r, T>>) -> &'r T {
    items.next().expect("a cycle has no end")
}

fn record(number: u64, key: &str, value: &str) -> Record<'static> {
    Record {
        topic: Shape::Middle.event().into(),
        partition: Some(0),
        offset: Some(number as i64),
        timestamp: Some(Timestamp {
            millis: 1_704_067_200_000 + number as i64,
            kind: TimestampType::CreateTime,
        }),
        key: Some(key.as_bytes().to_vec().into()),
        headers: Vec::new(),
        value: Some(value.as_bytes().to_vec().into()),
    }
}

#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    Bench::new()
        .records(bencher, |record| payload::decode(record.value.as_deref()).0.as_text().map(str::len));
}

#[divan::bench]
fn mask(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let shower = bench.shower(true);
    bench.records(bencher, |record| shower.show(record).masked);
}

#[divan::bench_group]
mod filter {
    use super::{Bench, Bencher, Shape};

    /// Told from the bytes alone: what most records of a search meet.
    #[divan::bench]
    fn one_field_bytes(bencher: Bencher<'_, '_>) {
        let bench = Bench::new();
        let filter = bench.filter(&format!(".value{}", Shape::Middle.one_doctor()));
        assert!(filter.is_lowered(), "a plain predicate is lowered");
        bench.records(bencher, |record| filter.may_match(record));
    }

    #[divan::bench]
    fn one_field(bencher: Bencher<'_, '_>) {
        let bench = Bench::new();
        let mut filter = bench.filter(&format!(".value{}", Shape::Middle.one_doctor()));
        bench.masked(bencher, |shown| filter.matches(shown));
    }

    /// The same question in words that are not lowered.
    #[divan::bench]
    fn one_field_by_machine(bencher: Bencher<'_, '_>) {
        let bench = Bench::new();
        let mut filter = bench.filter(&format!("any(.value{}; .)", Shape::Middle.one_doctor()));
        assert!(!filter.is_lowered(), "`any` is the machine's");
        bench.masked(bencher, |shown| filter.matches(shown));
    }

    #[divan::bench]
    fn compound(bencher: Bencher<'_, '_>) {
        let bench = Bench::new();
        let mut filter = bench.filter(&format!(".value | {}", Shape::Middle.compound()));
        bench.masked(bencher, |shown| filter.matches(shown));
    }
}

#[divan::bench]
fn validate(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let checker = bench.checker();
    bench.records(bencher, |record| assert!(checker.is_valid(record.value.as_deref())));
}

#[divan::bench_group]
mod render {
    use super::{Bench, Bencher, Renderer, Style};

    #[divan::bench]
    fn ndjson(bencher: Bencher<'_, '_>) {
        by(bencher, |_| Renderer::ndjson(Style::default()));
    }

    #[divan::bench]
    fn readable(bencher: Bencher<'_, '_>) {
        by(bencher, |bench| Renderer::readable(&bench.catalogue, Style::default()));
    }

    fn by(bencher: Bencher<'_, '_>, renderer: impl Fn(&Bench) -> Renderer) {
        let bench = Bench::new();
        let (mut renderer, mut out) = (renderer(&bench), Vec::new());
        bench.masked(bencher, |shown| {
            out.clear();
            renderer.write(&mut out, shown);
            out.len()
        });
    }
}

#[divan::bench_group]
mod read {
    use super::{Bench, Bencher, line, next};

    /// A line of `publish --file`.
    #[divan::bench]
    fn ndjson(bencher: Bencher<'_, '_>) {
        let bench = Bench::new();
        let shower = bench.shower(false);
        let written = |record| {
            let mut out = Vec::new();
            line::write(&mut out, &shower.show(record));
            out.pop();
            out
        };
        let lines: Vec<Vec<u8>> = bench.records.iter().map(written).collect();
        let mut lines = lines.iter().cycle();
        bencher.counter(bench.bytes()).bench_local(|| {
            let text: &Vec<u8> = next(&mut lines);
            line::read(text, None).is_ok_and(|line| !line.masked)
        });
    }
}

/// All of `tail -o ndjson` but the reading: bytes to a masked line.
#[divan::bench]
fn mask_and_render(bencher: Bencher<'_, '_>) {
    let bench = Bench::new();
    let (shower, mut out) = (bench.shower(true), Vec::new());
    bench.records(bencher, |record| {
        out.clear();
        line::write(&mut out, &shower.show(record));
        out.len()
    });
}
