//! What a run stands on: its folder, the Kafka, the records in it, the programs.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use rdvctl::Env;
use rdvctl::error::{Error, Kind};
use rdvctl::interrupt::Interrupt;
use rdvctl::terminal::{Terminal, group_digits};
use tempfile::TempDir;

use crate::admin::Topics;
use crate::args::Args;
use crate::broker::Broker;
use crate::crowd::Crowd;
use crate::data::{Batch, Form};
use crate::event::Shape;
use crate::measure::{Cost, Pipeline, Surroundings};
use crate::tools::{self, Tools};

/// The catalogue and what is beside it.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// Where a pipeline reads or writes.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The topic.
    pub(crate) topic: String,
    /// What is, or is to be, in it.
    pub(crate) batch: Batch,
    /// A catalogue in which the batch's event has this topic.
    pub(crate) catalogue: PathBuf,
    /// Its partitions.
    pub(crate) partitions: i32,
}

/// Set once a run, taken down at its end.
pub(crate) struct Stage<'a> {
    /// The programs.
    pub(crate) tools: Tools,
    /// Where the records are kept as files.
    pub(crate) data: PathBuf,
    /// What is said meanwhile.
    pub(crate) term: &'a Terminal,
    topics: Topics,
    around: Surroundings,
    interrupt: Interrupt,
    prefix: String,
    filled: RefCell<Vec<Target>>,
    crowded: RefCell<Option<(Crowd, Target)>>,
    made: RefCell<u32>,
    // Dropped in this order: the broker before its folder.
    _broker: Broker,
    _dir: TempDir,
}

impl<'a> Stage<'a> {
    /// Finds the programs and starts the Kafka.
    pub(crate) fn set(
        args: &Args,
        env: &Env,
        term: &'a Terminal,
        interrupt: Interrupt,
    ) -> Result<Self, Error> {
        let failed = |what: &str, e: std::io::Error| {
            Error::partial(format!("cannot set the stage: {what}")).caused_by(e)
        };
        let exe = std::env::current_exe().map_err(|e| failed("its own path", e))?;
        // target/release/deps/peers-…
        let target = exe.ancestors().nth(3).unwrap_or(Path::new("target"));
        let data = target.join("peers");
        std::fs::create_dir_all(&data).map_err(|e| failed("its folder", e))?;
        let dir =
            tempfile::Builder::new().prefix("run-").tempdir_in(&data).map_err(|e| failed("its folder", e))?;
        copy_fixtures(dir.path()).map_err(|e| failed("the catalogue", e))?;
        let rdvctl =
            tools::install(env, args.rdvctl.as_deref(), dir.path()).map_err(|e| failed("rdvctl", e))?;
        let broker = Broker::start(env, &dir.path().join("kafka"))?;
        let tools = Tools::find(env, broker.libs.clone(), rdvctl);
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        term.note(format!("{} cores; Kafka at {}; {}", cores, broker.address, tools.text()));
        if let Some(load) = load().filter(|load| *load > 0.5) {
            term.warn(format!("the machine is busy (load {load:.1}): times will say little"));
        }
        if !args.scale {
            term.note(format!(
                "{} records of about {} B over {} partitions, {} rounds",
                group_digits(args.records()),
                args.size,
                args.partitions,
                args.rounds()
            ));
        }
        let prefix = format!("rdvctl-bench.{}.{}", std::process::id(), (env.now)().as_second());
        Ok(Self {
            tools,
            data,
            term,
            topics: Topics { broker: broker.address.clone() },
            around: Surroundings {
                dir: dir.path().to_owned(),
                path: env.var("PATH").unwrap_or_default().to_owned(),
            },
            interrupt,
            prefix,
            filled: RefCell::default(),
            crowded: RefCell::default(),
            made: RefCell::default(),
            _broker: broker,
            _dir: dir,
        })
    }

    /// `host:port`.
    pub(crate) fn broker(&self) -> &str {
        &self.topics.broker
    }

    /// Runs a pipeline, unless Ctrl-C was pressed.
    pub(crate) fn run(&self, pipeline: &Pipeline) -> Result<Cost, Error> {
        let cost = pipeline.run(&self.around);
        if self.interrupt.is_set() {
            return Err(Error::new(Kind::Interrupted, "interrupted"));
        }
        cost
    }

    /// The same ground for everybody who writes a batch. What the one before has written is on the disk: else its writing would
    /// count. What is read is in memory: some systems take pages back that are not used for a minute, and leave holes in a file.
    /// And what is written to was in use a moment ago: free memory of a virtual machine may be with its host, and whether Kafka got
    /// such pages made its copying of 470 MB last 0.3 s or 1.6 s. It is used as Kafka does, a batch at a time, since pages
    /// that come and go in small pieces are not those that it gets: half of the runs were slow with those; and twice as
    /// much as is written.
    pub(crate) fn settle(&self, batch: Batch) -> Result<(), Error> {
        rustix::fs::sync();
        let scratch = self.around.dir.join("scratch");
        let touched = batch.recall(&self.data).and_then(|bytes| {
            let mut file = BufWriter::with_capacity(1 << 20, File::create(&scratch)?);
            std::io::copy(&mut std::io::repeat(1).take(2 * bytes), &mut file)?;
            file.flush()?;
            std::fs::remove_file(&scratch)
        });
        touched.map_err(|e| Error::partial("cannot set the stage: memory").caused_by(e))
    }

    /// A new, empty topic for a batch.
    pub(crate) fn empty(&self, batch: Batch, partitions: i32) -> Result<Target, Error> {
        *self.made.borrow_mut() += 1;
        let topic = format!("{}.{}", self.prefix, self.made.borrow());
        let catalogue = self.catalogue(&topic, batch.shape)?;
        self.topics.create(&topic, partitions)?;
        Ok(Target { topic, batch, catalogue, partitions })
    }

    /// A topic that holds a batch; filled once a run.
    pub(crate) fn filled(&self, batch: Batch, partitions: i32) -> Result<Target, Error> {
        let there =
            self.filled.borrow().iter().find(|t| t.batch == batch && t.partitions == partitions).cloned();
        if let Some(target) = there {
            return Ok(target);
        }
        let target = self.empty(batch, partitions)?;
        self.run(&self.publish(&target, Form::Payloads)?)?;
        self.holds(&target)?;
        self.filled.borrow_mut().push(target.clone());
        Ok(target)
    }

    /// A topic with its groups; the only ones until they disperse.
    pub(crate) fn crowded(&self, crowd: Crowd) -> Result<Target, Error> {
        if let Some((_, target)) = self.crowded.borrow().as_ref().filter(|(there, _)| *there == crowd) {
            return Ok(target.clone());
        }
        self.disperse()?;
        let target = self.empty(Batch::new(crowd.size, crowd.total()), crowd.partitions)?;
        *self.crowded.borrow_mut() = Some((crowd, target.clone()));
        self.topics.gather(&target.topic, crowd)?;
        self.holds(&target)?;
        Ok(target)
    }

    /// Ends the topic with groups, and the groups.
    pub(crate) fn disperse(&self) -> Result<(), Error> {
        match self.crowded.take() {
            Some((crowd, target)) => self.topics.disperse(&target.topic, crowd),
            None => Ok(()),
        }
    }

    /// How many records each partition holds; an error unless they are all there.
    pub(crate) fn holds(&self, target: &Target) -> Result<Vec<i64>, Error> {
        let counts = self.topics.counts(&target.topic)?;
        let (there, wanted) = (counts.iter().sum::<i64>(), target.batch.records);
        if there.cast_unsigned() != wanted {
            return Err(Error::partial(format!("{there} of {wanted} records were written: {counts:?}")));
        }
        Ok(counts)
    }

    /// Ends a topic.
    pub(crate) fn drop(&self, target: &Target) -> Result<(), Error> {
        self.filled.borrow_mut().retain(|t| t.topic != target.topic);
        self.topics.delete(&target.topic)
    }

    /// rdvctl on this target.
    pub(crate) fn rdvctl<const N: usize>(&self, target: &Target, args: [&str; N]) -> Pipeline {
        let catalogue = target.catalogue.to_string_lossy();
        let common = ["--brokers", self.broker(), "--catalogue", &catalogue];
        Pipeline::default().then(&self.tools.rdvctl, args.into_iter().chain(common))
    }

    /// rdvctl publishes a batch, checked, as a user gets it.
    pub(crate) fn publish(&self, target: &Target, form: Form) -> Result<Pipeline, Error> {
        let file = target.batch.file(&self.data, form)?;
        let file = file.to_string_lossy();
        Ok(match form {
            Form::Payloads => self.rdvctl(target, ["publish", target.batch.shape.event(), "--file", &file]),
            Form::Records | Form::Tabbed => {
                self.rdvctl(target, ["publish", "--file", &file, "--topic", &target.topic])
            }
        })
    }

    fn catalogue(&self, topic: &str, shape: Shape) -> Result<PathBuf, Error> {
        let path = self.around.dir.join(format!("{topic}.toml"));
        let name = format!("name = \"{}\"\n", shape.event());
        let text = std::fs::read_to_string(self.around.dir.join("catalogue.toml"));
        let text = text.map(|text| text.replace(&name, &format!("{name}topic = \"{topic}\"\n")));
        text.and_then(|text| std::fs::write(&path, text))
            .map_err(|e| Error::partial(format!("cannot write `{}`", path.display())).caused_by(e))?;
        Ok(path)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // On a Kafka that was given nothing is left behind.
        let _ = self.disperse();
        for target in self.filled.take() {
            let _ = self.topics.delete(&target.topic);
        }
    }
}

/// Processes that ran or waited to, over the last minute; known on Linux.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

fn copy_fixtures(dir: &Path) -> std::io::Result<()> {
    let fixtures = Path::new(FIXTURES);
    std::fs::copy(fixtures.join("catalogue.toml"), dir.join("catalogue.toml"))?;
    std::fs::create_dir_all(dir.join("schemas"))?;
    for entry in std::fs::read_dir(fixtures.join("schemas"))? {
        let entry = entry?;
        std::fs::copy(entry.path(), dir.join("schemas").join(entry.file_name()))?;
    }
    Ok(())
}
