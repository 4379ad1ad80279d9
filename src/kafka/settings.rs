//! Connection → librdkafka properties: our defaults, the user's over them, and ours that nobody may change.

use std::time::Duration;

use crate::config::Connection;
use crate::error::Error;
use crate::kafka::ffi::Conf;
use crate::kafka::reader::Isolation;

/// What a client is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Metadata, offsets, administration; and a few records, on the connections that are there.
    Ask(Few),
    /// Fetching records.
    Read {
        /// Committed records only, or all.
        isolation: Isolation,
        /// How many queues share the memory: one, or one for each partition of a read that has ends.
        queues: usize,
    },
    /// Sending records.
    Send(Batching),
}

/// When a batch is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Batching {
    /// When it has so many bytes …
    pub(super) bytes: usize,
    /// … or so many records …
    pub(super) records: usize,
    /// … or is this old, in milliseconds.
    pub(super) linger: u32,
    /// Records that are held at most …
    pub(super) queue: usize,
    /// … and their KiB.
    pub(super) kbytes: usize,
}

/// How a few records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Few {
    /// Committed records only, or all.
    pub(super) isolation: Isolation,
    /// A position that retention took away is an error; else the first record after it is read.
    pub(super) strict: bool,
}

/// The largest record the producer takes; the broker's own limit is nearly always lower and decides.
pub(super) const LARGEST_RECORD: usize = 40_000_000;

/// A batch as librdkafka makes it unless a topic takes less: under the broker's default limit of 1,048,588.
pub(super) const BATCH: usize = 1_000_000;

/// Records of a batch at most.
pub(super) const BATCH_RECORDS: usize = 10_000;

/// What the producer holds at most, in records …
pub(super) const QUEUE_RECORDS: usize = 30_000;
/// … and in KiB.
pub(super) const QUEUE_KBYTES: usize = 49_152;

/// Properties that the laws of the tool depend on, and why nobody may set them.
const OURS: &[(&str, &str)] = &[
    ("bootstrap.servers", "use `--brokers`"),
    ("metadata.broker.list", "use `--brokers`"),
    ("debug", "use `--debug`"),
    ("isolation.level", "use `--isolation`"),
    ("message.timeout.ms", "use `--deadline`"),
    ("delivery.timeout.ms", "use `--deadline`"),
    ("group.id", "rdvctl reads without a group"),
    ("group.instance.id", "rdvctl reads without a group"),
    ("enable.auto.commit", "rdvctl commits no offsets"),
    ("auto.commit.enable", "rdvctl commits no offsets"),
    ("enable.auto.offset.store", "rdvctl commits no offsets"),
    ("auto.offset.reset", "rdvctl says where it reads from, `--from`"),
    ("enable.partition.eof", "rdvctl needs the ends of partitions"),
    ("allow.auto.create.topics", "rdvctl creates no topic by accident"),
    ("enable.idempotence", "rdvctl sends no record twice"),
    ("acks", "rdvctl reports only what all in-sync replicas have"),
    ("request.required.acks", "rdvctl reports only what all in-sync replicas have"),
    ("transactional.id", "rdvctl manages its own transactions"),
    ("log.queue", "use `--debug`"),
    ("enabled_events", "rdvctl needs the client's events"),
];

/// Asks librdkafka whether it knows a property and takes the value; the error is a sentence without the value.
pub fn check_property(key: &str, value: &str) -> Result<(), String> {
    if let Some((_, why)) = OURS.iter().find(|(name, _)| *name == key) {
        return Err(format!("`{key}` cannot be set: {why}"));
    }
    Conf::new().set(key, value).map_err(|words| plain(key, value, &words))
}

/// librdkafka's sentence in ours; it quotes the value, which may be a secret.
fn plain(key: &str, value: &str, words: &str) -> String {
    if words.starts_with("No such configuration property") {
        return format!("librdkafka has no property `{key}`");
    }
    let words = if value.is_empty() { words.to_owned() } else { words.replace(value, "…") };
    format!("librdkafka does not take this value for `{key}`: {words}")
}

/// The configuration of a client.
pub(super) fn conf(connection: &Connection, purpose: Purpose) -> Result<Conf, Error> {
    let mut conf = Conf::new();
    for (key, value) in defaults(connection, purpose) {
        set(&mut conf, key, &value)?;
    }
    for (key, value) in &connection.properties {
        if !OURS.iter().any(|(ours, _)| ours == key) {
            set(&mut conf, key, value)?;
        }
    }
    for (key, value) in laws(connection, purpose) {
        set(&mut conf, key, &value)?;
    }
    if uses_tls(&conf) && !given(connection, "ssl.ca.location") && !given(connection, "ssl.ca.pem") {
        // librdkafka looks nowhere when OpenSSL is linked in statically, unless told to.
        set(&mut conf, "ssl.ca.location", "probe")?;
    }
    Ok(conf)
}

/// The values that must not be printed: of every property whose name says so.
pub(super) fn secrets(connection: &Connection) -> Vec<String> {
    let telling = ["password", "secret", "token", "pem", "sasl.oauthbearer.config", "jaas"];
    let secret = |key: &str| telling.iter().any(|part| key.contains(part));
    connection.properties.iter().filter(|(key, _)| secret(key)).map(|(_, value)| value.clone()).collect()
}

fn set(conf: &mut Conf, key: &str, value: &str) -> Result<(), Error> {
    conf.set(key, value).map_err(|words| Error::usage(plain(key, value, &words)))
}

fn given(connection: &Connection, key: &str) -> bool {
    connection.properties.iter().any(|(name, _)| name == key)
}

fn uses_tls(conf: &Conf) -> bool {
    conf.get("security.protocol").is_some_and(|protocol| protocol.to_ascii_lowercase().contains("ssl"))
}

/// How long a connection may take from the first packet to signed in: somewhat less than the whole timeout, so that
/// librdkafka says in which state it got stuck before we give up.
fn setup_timeout(timeout: Duration) -> Duration {
    // librdkafka looks at its timeouts once a second.
    let margin = Duration::from_millis(1500);
    timeout.saturating_sub(margin).max(timeout / 2).clamp(Duration::from_secs(1), Duration::from_secs(30))
}

fn ms(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// What the user may change.
fn defaults(connection: &Connection, purpose: Purpose) -> Vec<(&'static str, String)> {
    let setup = setup_timeout(connection.timeout);
    let mut list = vec![
        ("client.id", connection.client_id.clone()),
        // The log is not shown, but a connection that a broker closes at once is a cause to be named.
        ("log.connection.close", "true".to_owned()),
        ("socket.connection.setup.timeout.ms", ms(setup)),
        ("api.version.request.timeout.ms", ms(setup)),
        // Half of this passes between the first answer and the first question (`sparse_connect_intvl`).
        ("reconnect.backoff.ms", "20".to_owned()),
        // Ten seconds between attempts is for services; somebody waits here.
        ("reconnect.backoff.max.ms", "1000".to_owned()),
    ];
    match purpose {
        Purpose::Ask(few) => list.extend(glancing(few)),
        Purpose::Read { queues, .. } => list.extend(fetching(queues)),
        Purpose::Send(batching) => list.extend(sending(connection, batching)),
    }
    list
}

/// Memory stays bounded by two numbers: what is queued (bytes and messages; a message costs about 0.5 kB beside its
/// bytes) and what one fetch adds on top of that.
fn fetching(queues: usize) -> Vec<(&'static str, String)> {
    // Both bounds are a queue's own: several share what one would have. With twice the messages nothing is faster; with floors
    // eight times as high 96 partitions took 205 MB, not 110.
    let share = |whole: usize, least: usize| (whole / queues.max(1)).max(least).to_string();
    let (kbytes, messages) = (share(12288, 128), share(12000, 125));
    // What one fetch adds to each queue. Less than a batch would make the broker answer one partition at a time.
    let fetch = (8_388_608 / queues.max(1)).clamp(262_144, 1_048_576).to_string();
    // Queues that are read side by side have an end, and wait for each other: one runs dry while the only fetch that may be under
    // way asks for what has ended. 100,000 records of 24 partitions took 0.57 s, not 0.10. And an answer is kept until the slowest
    // of them has been read: half the size, 85 MB for 24 partitions of 10 kB records, not 100.
    let (wait, answer) = if queues > 1 { ("20", "4194304") } else { ("250", "8388608") };
    [
        ("queued.max.messages.kbytes", kbytes.as_str()),
        ("queued.min.messages", messages.as_str()),
        ("fetch.max.bytes", answer),
        ("fetch.message.max.bytes", fetch.as_str()),
        ("fetch.wait.max.ms", wait),
        // A full queue is looked at again after this; the default of a second starves the reader.
        ("fetch.queue.backoff.ms", "1"),
        ("fetch.error.backoff.ms", "100"),
        // TCP has a checksum; this one is for disks, and the broker has checked it.
        ("check.crcs", "false"),
    ]
    .map(|(key, value)| (key, value.to_owned()))
    .to_vec()
}

/// Connects to every broker at once. Else, the bootstrap connection once closed, the next is only tried 11 ms later: a question
/// took 23 ms against 14, and the publishing of ten records 40 against 27.
const AT_ONCE: (&str, &str) = ("enable.sparse.connections", "false");

/// For one record here and there of many partitions: the answer counts, not the throughput. The next fetch is asked for
/// when the last one has been taken off the queue but for one record, and not before.
fn glancing(few: Few) -> Vec<(&'static str, String)> {
    // Less than a batch makes the broker answer one partition at a time. That is no harm where the next glance is a seek away and
    // the batches so large that few of them fill a fetch; but the last records of three partitions took three fetches, 0.7 ms of 12.
    let fetch = if few.strict { "1048576" } else { "262144" };
    [
        AT_ONCE,
        // Not 1: what marks the start of a fetch is counted as well, and the first would be put off by the backoff, 1 ms of 9.
        ("queued.min.messages", "2"),
        // With 0 its thread would run in circles until the records are taken.
        ("fetch.queue.backoff.ms", "1"),
        // With nothing to read, the end of a partition is told only after this.
        ("fetch.wait.max.ms", "5"),
        ("fetch.max.bytes", "4194304"),
        ("fetch.message.max.bytes", fetch),
        ("fetch.error.backoff.ms", "100"),
        ("check.crcs", "false"),
    ]
    .map(|(key, value)| (key, value.to_owned()))
    .to_vec()
}

fn sending(connection: &Connection, batching: Batching) -> Vec<(&'static str, String)> {
    // librdkafka refuses to wait for longer than a record may take.
    let linger = Duration::from_millis(batching.linger.into()).min(connection.deadline / 2);
    vec![
        (AT_ONCE.0, AT_ONCE.1.to_owned()),
        // As kafkajs and Java place keys; null keys spread.
        ("partitioner", "murmur2_random".to_owned()),
        ("message.max.bytes", LARGEST_RECORD.to_string()),
        ("batch.size", batching.bytes.to_string()),
        ("batch.num.messages", batching.records.to_string()),
        ("linger.ms", ms(linger)),
        ("queue.buffering.max.kbytes", batching.kbytes.to_string()),
        ("queue.buffering.max.messages", batching.queue.to_string()),
    ]
}

/// What nobody may change.
fn laws(connection: &Connection, purpose: Purpose) -> Vec<(&'static str, String)> {
    let mut list = vec![
        ("bootstrap.servers", connection.brokers.clone()),
        ("allow.auto.create.topics", "false".to_owned()),
    ];
    if let Some(contexts) = &connection.debug {
        list.push(("debug", contexts.clone()));
    }
    match purpose {
        Purpose::Ask(few) => {
            list.extend(reading(few.isolation, if few.strict { "error" } else { "earliest" }));
        }
        // Here a position that retention took away is an event to report, not a reason to jump.
        Purpose::Read { isolation, .. } => list.extend(reading(isolation, "error")),
        Purpose::Send(_) => list.extend([
            ("enable.idempotence", "true".to_owned()),
            ("acks", "all".to_owned()),
            ("message.timeout.ms", ms(connection.deadline.max(Duration::from_millis(1)))),
            ("topic.metadata.propagation.max.ms", ms(connection.timeout.min(connection.deadline))),
        ]),
    }
    list
}

fn reading(isolation: Isolation, reset: &str) -> [(&'static str, String); 5] {
    [
        ("isolation.level", isolation.name().to_owned()),
        ("enable.partition.eof", "true".to_owned()),
        ("enable.auto.commit", "false".to_owned()),
        ("enable.auto.offset.store", "false".to_owned()),
        ("auto.offset.reset", reset.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_properties_and_bad_values_are_told_apart_and_show_no_value() {
        assert_eq!(check_property("linger.ms", "10"), Ok(()));
        assert_eq!(check_property("lingr.ms", "10"), Err("librdkafka has no property `lingr.ms`".to_owned()));
        let words = check_property("security.protocol", "s3cret").unwrap_err();
        assert!(words.contains("`security.protocol`") && !words.contains("s3cret"), "{words}");
        assert!(check_property("linger.ms", "many").unwrap_err().contains("`linger.ms`"));
        assert!(check_property("socket_cb", "1").is_err());
    }

    #[test]
    fn properties_that_the_laws_depend_on_cannot_be_set() {
        for (key, _) in OURS {
            assert!(check_property(key, "true").unwrap_err().contains("cannot be set"), "{key}");
        }
    }

    fn connection(properties: &[(&str, &str)]) -> Connection {
        Connection {
            brokers: "127.0.0.1:1".to_owned(),
            timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(60),
            client_id: "test".to_owned(),
            properties: properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            debug: None,
        }
    }

    fn batching(linger: u32) -> Batching {
        let (bytes, records) = (BATCH, BATCH_RECORDS);
        Batching { bytes, records, linger, queue: QUEUE_RECORDS, kbytes: QUEUE_KBYTES }
    }

    #[test]
    fn the_users_properties_win_over_defaults_but_not_over_laws() {
        let given = connection(&[("linger.ms", "77"), ("acks", "1"), ("partitioner", "random")]);
        let conf = conf(&given, Purpose::Send(batching(5))).unwrap();
        assert_eq!(conf.get("linger.ms").as_deref(), Some("77"));
        assert_eq!(conf.get("acks").as_deref(), Some("-1"));
        assert_eq!(conf.get("partitioner").as_deref(), Some("random"));
        assert_eq!(conf.get("allow.auto.create.topics").as_deref(), Some("false"));
    }

    #[test]
    fn no_batch_waits_for_longer_than_a_record_may_take() {
        let deadline = Duration::from_millis(300);
        let hasty = Connection { deadline, ..connection(&[]) };
        assert_eq!(
            conf(&hasty, Purpose::Send(batching(500))).unwrap().get("linger.ms").as_deref(),
            Some("150")
        );
    }

    #[test]
    fn ca_certificates_are_looked_for_only_with_tls_and_only_unless_given() {
        let location = |properties: &[(&str, &str)]| {
            conf(
                &connection(properties),
                Purpose::Ask(Few { isolation: Isolation::ReadCommitted, strict: true }),
            )
            .unwrap()
            .get("ssl.ca.location")
        };
        let unset = location(&[]);
        assert_ne!(unset.as_deref(), Some("probe"));
        assert_eq!(location(&[("security.protocol", "SASL_SSL")]).as_deref(), Some("probe"));
        let own = [("security.protocol", "ssl"), ("ssl.ca.location", "/ca.pem")];
        assert_eq!(location(&own).as_deref(), Some("/ca.pem"));
    }

    #[test]
    fn secrets_are_found_by_the_names_of_their_properties() {
        let given = connection(&[("sasl.username", "u"), ("sasl.password", "p"), ("ssl.key.pem", "k")]);
        assert_eq!(secrets(&given), ["p", "k"]);
    }
}
