//! Everybody's command for each row; `None` where the program is not on this machine.

use std::path::Path;

use rdvctl::error::Error;

use crate::data::Form;
use crate::measure::Pipeline;
use crate::rows::Bar;
use crate::stage::{Stage, Target};

type Build<'s> = Box<dyn Fn(&Target) -> Result<Pipeline, Error> + 's>;

/// One program's way of doing a row.
pub(crate) struct Entry<'s> {
    /// Its name.
    pub(crate) who: &'static str,
    /// The bar, on the entry it is measured with.
    pub(crate) bar: Option<Bar>,
    /// Its command for a topic.
    pub(crate) build: Build<'s>,
}

impl<'s> Entry<'s> {
    fn new(
        who: &'static str,
        bar: Option<Bar>,
        build: impl Fn(&Target) -> Result<Pipeline, Error> + 's,
    ) -> Self {
        Self { who, bar, build: Box::new(build) }
    }

    /// A peer without a bar: its versions differ, and one that knows other flags must not end the benchmark.
    pub(crate) fn may_fail(&self) -> bool {
        self.bar.is_none() && self.who != "rdvctl"
    }
}

/// rdvctl and its peers.
pub(crate) struct Field<'s> {
    /// The programs and the Kafka.
    pub(crate) stage: &'s Stage<'s>,
}

impl<'s> Field<'s> {
    /// From a file: checked, idempotent, acknowledged.
    pub(crate) fn publish(&self, form: Form) -> Entry<'s> {
        let stage = self.stage;
        Entry::new("rdvctl", None, move |target| stage.publish(target, form))
    }

    /// A whole topic.
    pub(crate) fn tail(&self, flags: &[&str]) -> Entry<'s> {
        let stage = self.stage;
        let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        Entry::new("rdvctl", None, move |target| {
            let tail = stage.rdvctl(target, ["tail", &target.topic, "--from", "start"]);
            Ok(flags.iter().fold(tail, |tail, flag| tail.with(flag)))
        })
    }

    /// The last record.
    pub(crate) fn first(&self) -> Entry<'s> {
        let stage = self.stage;
        Entry::new("rdvctl", None, move |target| {
            Ok(stage.rdvctl(target, ["tail", &target.topic, "--from", "-1", "--limit", "1"]))
        })
    }

    /// Every position of every group.
    pub(crate) fn lag(&self, aged: bool) -> Entry<'s> {
        let stage = self.stage;
        Entry::new("rdvctl", None, move |target| {
            let lag = stage.rdvctl(target, ["lag", "--all", "--by", "partition", "-o", "ndjson"]);
            Ok(if aged {
                lag.about(&target.topic, Some(r#""age_seconds":null"#))
            } else {
                lag.with("--no-age").about(&target.topic, None)
            })
        })
    }

    /// Its own version.
    pub(crate) fn version(&self, bar: Option<Bar>) -> Entry<'s> {
        let stage = self.stage;
        Entry::new("rdvctl", bar, move |_| Ok(Pipeline::default().then(&stage.tools.rdvctl, ["version"])))
    }

    /// The same keys and values, with the same promises, unchecked.
    pub(crate) fn kcat_writes(&self, bar: Option<Bar>) -> Option<Entry<'s>> {
        let (stage, kcat) = (self.stage, self.stage.tools.kcat.as_deref()?);
        Some(Entry::new("kcat -P", bar, move |target| {
            let file = target.batch.file(&stage.data, Form::Tabbed)?;
            let promises = ["enable.idempotence=true", "acks=all", "topic.partitioner=murmur2_random"];
            let producer = on(kcat, stage, target, &["-P", "-K", "\t"]);
            let producer =
                promises.iter().fold(producer, |producer, promise| producer.with("-X").with(promise));
            Ok(producer.with("-l").with(&file.to_string_lossy()))
        }))
    }

    /// A whole topic.
    pub(crate) fn kcat_reads(&self, flags: &[&'s str], bar: Option<Bar>) -> Option<Entry<'s>> {
        let (stage, kcat) = (self.stage, self.stage.tools.kcat.as_deref()?);
        let flags = [WHOLE, flags].concat();
        let who = if flags.contains(&"-J") { "kcat -C -J" } else { "kcat -C" };
        Some(Entry::new(who, bar, move |target| Ok(on(kcat, stage, target, &flags))))
    }

    /// A whole topic, and jq for the choice.
    pub(crate) fn kcat_into_jq(&self, expression: &'s str, bar: Option<Bar>) -> Option<Entry<'s>> {
        let (stage, kcat, jq) =
            (self.stage, self.stage.tools.kcat.as_deref()?, self.stage.tools.jq.as_deref()?);
        Some(Entry::new("kcat -C | jq", bar, move |target| {
            let select = format!("select({expression})");
            Ok(on(kcat, stage, target, WHOLE).then(jq, ["-c", &select]))
        }))
    }

    /// The last record of a partition, whichever answers first.
    pub(crate) fn kcat_first(&self, bar: Option<Bar>) -> Option<Entry<'s>> {
        let (stage, kcat) = (self.stage, self.stage.tools.kcat.as_deref()?);
        let flags = ["-C", "-q", "-o", "-1", "-c", "1"];
        Some(Entry::new("kcat -C", bar, move |target| Ok(on(kcat, stage, target, &flags))))
    }

    /// Its own version.
    pub(crate) fn kcat_version(&self) -> Option<Entry<'s>> {
        let kcat = self.stage.tools.kcat.as_deref()?;
        Some(Entry::new("kcat", None, move |_| Ok(Pipeline::default().then(kcat, ["-V"]))))
    }

    /// The same keys and values; idempotent and acks=all unless told otherwise.
    pub(crate) fn console_producer(&self) -> Option<Entry<'s>> {
        let (stage, console) = (self.stage, self.stage.tools.console()?);
        Some(Entry::new("ConsoleProducer", None, move |target| {
            let file = target.batch.file(&stage.data, Form::Tabbed)?;
            let args = ["--bootstrap-server", stage.broker(), "--topic", &target.topic];
            let keyed = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=\t"];
            Ok(console.tool("ConsoleProducer", strings(&[&args[..], &keyed].concat())).reading(&file))
        }))
    }

    /// A whole topic's values.
    pub(crate) fn console_consumer(&self) -> Option<Entry<'s>> {
        let (stage, console) = (self.stage, self.stage.tools.console()?);
        Some(Entry::new("ConsoleConsumer", None, move |target| {
            let records = target.batch.records.to_string();
            let args = ["--bootstrap-server", stage.broker(), "--topic", &target.topic, "--from-beginning"];
            let args = [&args[..], &["--max-messages", &records]].concat();
            Ok(console.tool("consumer.ConsoleConsumer", strings(&args)))
        }))
    }

    /// A whole topic's values.
    pub(crate) fn kcl(&self) -> Option<Entry<'s>> {
        let (stage, kcl) = (self.stage, self.stage.tools.kcl.as_deref()?);
        Some(Entry::new("kcl", None, move |target| {
            let (seed, records) =
                (format!("seed_brokers={}", stage.broker()), target.batch.records.to_string());
            let args = ["consume", &target.topic, "-o", "start", "-n", &records, "-f", "%v\\n"];
            Ok(Pipeline::default().then(kcl, [KCL, &["-X", &seed], &args].concat()))
        }))
    }

    /// Every position of every group.
    pub(crate) fn kcl_groups(&self, bar: Option<Bar>) -> Option<Entry<'s>> {
        let (stage, kcl) = (self.stage, self.stage.tools.kcl.as_deref()?);
        Some(Entry::new("kcl", bar, move |target| {
            let seed = format!("seed_brokers={}", stage.broker());
            let kcl = Pipeline::default().then(kcl, [KCL, &["-X", &seed, "group", "describe"]].concat());
            Ok(kcl.about(&target.topic, None))
        }))
    }

    /// Every position of every group.
    pub(crate) fn console_groups(&self, bar: Option<Bar>) -> Option<Entry<'s>> {
        let (stage, console) = (self.stage, self.stage.tools.console()?);
        Some(Entry::new("ConsumerGroupCommand", bar, move |target| {
            let args = ["--bootstrap-server", stage.broker(), "--describe", "--all-groups"];
            let tool = console.tool("consumer.group.ConsumerGroupCommand", strings(&args));
            Ok(tool.about(&target.topic, None))
        }))
    }

    /// A whole topic's values.
    pub(crate) fn kafkactl(&self) -> Option<Entry<'s>> {
        let (stage, kafkactl) = (self.stage, self.stage.tools.kafkactl.as_deref()?);
        Some(Entry::new("kafkactl", None, move |target| {
            // It takes brokers from its configuration or the environment only.
            let (brokers, kafkactl) = (format!("BROKERS={}", stage.broker()), kafkactl.to_string_lossy());
            let args = [&brokers, &*kafkactl, "consume", &target.topic, "--from-beginning", "--exit"];
            Ok(Pipeline::default().then(Path::new("/usr/bin/env"), args))
        }))
    }
}

/// Without it kcl asks for a configuration.
const KCL: &[&str] = &["--no-config-file"];
const WHOLE: &[&str] = &["-C", "-q", "-o", "beginning", "-e"];

fn on(kcat: &Path, stage: &Stage<'_>, target: &Target, flags: &[&str]) -> Pipeline {
    Pipeline::default().then(kcat, [&["-b", stage.broker(), "-t", &target.topic], flags].concat())
}

fn strings(args: &[&str]) -> Vec<String> {
    args.iter().map(|&arg| arg.to_owned()).collect()
}
