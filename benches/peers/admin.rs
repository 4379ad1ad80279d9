//! Creates and deletes topics and groups, and counts what is in them, with librdkafka and none of rdvctl's own code.
//!
//! In a process of its own: what a process has ever held counts as its children's peak memory too (Linux hands the
//! high-water mark over at `exec`), and a Kafka client here would make every small program look large.

use std::process::Command;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use rdvctl::error::Error;
use rdvctl::output::Out;

use crate::crowd::{self, Crowd};

/// The first argument of the process that answers.
const ASK: &str = "__admin";
/// The longest that a request may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What the process that answers was asked: broker, verb, topic, and the verb's own.
pub(crate) fn asked(args: impl Iterator<Item = String>) -> Option<Vec<String>> {
    let mut args = args.peekable();
    (args.peek().map(String::as_str) == Some(ASK)).then(|| args.skip(1).collect())
}

/// Topics of one broker, asked in another process.
#[derive(Debug, Clone)]
pub(crate) struct Topics {
    /// `host:port`.
    pub(crate) broker: String,
}

impl Topics {
    /// Creates a topic, and waits until it can be written.
    pub(crate) fn create(&self, topic: &str, partitions: i32) -> Result<(), Error> {
        self.ask(&["create", topic, &partitions.to_string()]).map(drop)
    }

    /// Deletes a topic.
    pub(crate) fn delete(&self, topic: &str) -> Result<(), Error> {
        self.ask(&["delete", topic]).map(drop)
    }

    /// How many records each partition holds.
    pub(crate) fn counts(&self, topic: &str) -> Result<Vec<i64>, Error> {
        let text = self.ask(&["counts", topic])?;
        text.split_whitespace().map(|n| n.parse().map_err(|e| failed("counts").caused_by(e))).collect()
    }

    /// Fills a topic for groups, and lets them commit.
    pub(crate) fn gather(&self, topic: &str, crowd: Crowd) -> Result<(), Error> {
        self.ask_about("gather", topic, crowd)
    }

    /// Deletes those groups, and the topic.
    pub(crate) fn disperse(&self, topic: &str, crowd: Crowd) -> Result<(), Error> {
        self.ask_about("disperse", topic, crowd)
    }

    fn ask_about(&self, verb: &str, topic: &str, crowd: Crowd) -> Result<(), Error> {
        let args = crowd.args();
        let args: Vec<&str> = [verb, topic].into_iter().chain(args.iter().map(String::as_str)).collect();
        self.ask(&args).map(drop)
    }

    fn ask(&self, request: &[&str]) -> Result<String, Error> {
        let exe = std::env::current_exe().map_err(|e| failed("its own path").caused_by(e))?;
        let answer = Command::new(exe).arg(ASK).arg(&self.broker).args(request).output();
        let answer = answer.map_err(|e| failed(request[0]).caused_by(e))?;
        if !answer.status.success() {
            return Err(
                failed(request[0]).caused_by(String::from_utf8_lossy(&answer.stderr).trim().to_owned())
            );
        }
        Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
    }
}

/// Does what the process was asked for, and prints the answer.
pub(crate) fn answer(request: &[String], out: &mut Out) -> Result<(), Error> {
    let request: Vec<&str> = request.iter().map(String::as_str).collect();
    match request.as_slice() {
        [broker, "create", topic, partitions] => {
            let partitions = partitions.parse().map_err(|e| failed("create").caused_by(e))?;
            create(broker, topic, partitions)
        }
        [broker, "delete", topic] => delete(broker, topic),
        [broker, "counts", topic] => {
            let counts = counts(broker, topic).map_err(|e| failed("counts").caused_by(e))?;
            let counts: Vec<String> = counts.iter().map(i64::to_string).collect();
            out.text(&format!("{}\n", counts.join(" ")))?;
            out.flush()
        }
        [broker, "gather", topic, args @ ..] => {
            crowd::asked(args)?.gather(broker, topic).map_err(|e| failed("gather").caused_by(e))
        }
        [broker, "disperse", topic, args @ ..] => {
            disperse(broker, topic, crowd::asked(args)?)?;
            delete(broker, topic)
        }
        _ => Err(Error::usage(
            "create TOPIC PARTITIONS, delete or counts TOPIC, gather or disperse TOPIC CROWD",
        )),
    }
}

fn create(broker: &str, topic: &str, partitions: i32) -> Result<(), Error> {
    let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1)).set("retention.ms", "-1");
    let created = admin(broker, async |admin, options| admin.create_topics(&[new], options).await);
    for result in created.map_err(|e| failed("create").caused_by(e))? {
        result.map_err(|(_, code)| failed("create").caused_by(code))?;
    }
    let deadline = Instant::now() + PATIENCE;
    while counts(broker, topic).is_err() {
        if Instant::now() > deadline {
            return Err(failed("create").caused_by("no leader in time"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn delete(broker: &str, topic: &str) -> Result<(), Error> {
    let deleted = admin(broker, async |admin, options| admin.delete_topics(&[topic], options).await);
    for result in deleted.map_err(|e| failed("delete").caused_by(e))? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => {}
            Err((_, code)) => return Err(failed("delete").caused_by(code)),
        }
    }
    Ok(())
}

fn disperse(broker: &str, topic: &str, crowd: Crowd) -> Result<(), Error> {
    let names: Vec<String> = crowd.names(topic).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let deleted = admin(broker, async |admin, options| admin.delete_groups(&names, options).await);
    for result in deleted.map_err(|e| failed("disperse").caused_by(e))? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::GroupIdNotFound)) => {}
            Err((_, code)) => return Err(failed("disperse").caused_by(code)),
        }
    }
    Ok(())
}

fn admin<T>(
    broker: &str,
    work: impl AsyncFnOnce(&AdminClient<DefaultClientContext>, &AdminOptions) -> Result<T, KafkaError>,
) -> Result<T, Error> {
    let client: AdminClient<_> = ClientConfig::new()
        .set("bootstrap.servers", broker)
        .create()
        .map_err(|e| failed("a client").caused_by(e))?;
    let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| failed("a runtime").caused_by(e))?;
    runtime.block_on(work(&client, &options)).map_err(|e| failed("the request").caused_by(e))
}

/// Fails while a partition has no leader.
fn counts(broker: &str, topic: &str) -> Result<Vec<i64>, KafkaError> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker)
        .set("group.id", "none")
        .set("allow.auto.create.topics", "false")
        .create()?;
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
    let partitions = metadata.topics().iter().flat_map(rdkafka::metadata::MetadataTopic::partitions);
    let mut counts = Vec::new();
    for partition in partitions {
        if partition.leader() < 0 {
            return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::LeaderNotAvailable));
        }
        let (low, high) = consumer.fetch_watermarks(topic, partition.id(), PATIENCE)?;
        counts.push(high - low);
    }
    if counts.is_empty() {
        Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopic))
    } else {
        Ok(counts)
    }
}

fn failed(what: &str) -> Error {
    Error::unavailable(format!("the benchmark's own Kafka client failed: {what}"))
}
