//! The broker's listener, its connections and its end.

use std::io::{self, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::{CreateTopicsRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use noida::kafka::engine::EngineState;

use super::requests::{Answer, answer};
use super::state::State;
use super::tidy::tidy;
use super::wire::{Call, read_frame, write_frame};

/// A topic that is there from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// What `retention.ms` says; the broker does not act on it.
    pub retention_ms: i64,
}

/// A running broker; dropping it ends it and every connection.
pub struct Broker {
    address: SocketAddr,
    state: Arc<State>,
    connections: Connections,
    threads: Vec<JoinHandle<()>>,
    // Dropped to end the housekeeping at once.
    housekeeping: Option<mpsc::Sender<()>>,
}

type Connections = Arc<Mutex<Vec<(TcpStream, JoinHandle<()>)>>>;

impl Broker {
    /// Starts a broker on `127.0.0.1:port` (0 takes a free port) with these topics.
    ///
    /// Records live in memory until the broker ends. Retention by age and size is shown in a topic's configuration
    /// but not acted upon: a fixture of last year would be gone within a second, and a sandbox does not live for
    /// seven days. Compaction and `DeleteRecords` work as in Kafka. A topic that is not there is never created by
    /// asking for it.
    ///
    /// # Errors
    /// If the port cannot be listened on (in use, or reserved), or a topic's name or settings are no good.
    pub fn start(port: u16, topics: &[Topic]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let mut engine = EngineState::new(address.ip().to_string(), i32::from(address.port()));
        engine.broker_configs.insert("auto.create.topics.enable".to_owned(), "false".to_owned());
        create(&mut engine, topics)?;
        let state = Arc::new(State::new(engine));
        let connections = Connections::default();
        let (housekeeping, ended) = mpsc::channel();
        let threads = vec![
            spawn("sandbox-accept", {
                let (state, connections) = (state.clone(), connections.clone());
                move || accept(&listener, &state, &connections)
            })?,
            spawn("sandbox-tidy", {
                let state = state.clone();
                move || keep_tidy(&state, &ended)
            })?,
        ];
        Ok(Self { address, state, connections, threads, housekeeping: Some(housekeeping) })
    }

    /// Where clients find it, `127.0.0.1:port`: what it listens on and what it tells them.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many records each partition of the topics has taken so far, control records of transactions included.
    pub fn records(&self) -> u64 {
        let engine = self.state.lock();
        let logs = engine.topics.values().flat_map(|topic| topic.partitions.values());
        logs.map(|log| u64::try_from(log.high_watermark).unwrap_or(0)).sum()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.state.stop();
        self.housekeeping = None;
        // The accepting thread looks at the flag when somebody comes.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        let connections = std::mem::take(&mut *held(&self.connections));
        for (stream, thread) in connections {
            let _ = stream.shutdown(Shutdown::Both);
            let _ = thread.join();
        }
    }
}

fn create(engine: &mut EngineState, topics: &[Topic]) -> io::Result<()> {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    let mut request = CreateTopicsRequest::default();
    for topic in topics {
        let retention = CreatableTopicConfig::default()
            .with_name(text("retention.ms"))
            .with_value(Some(text(&topic.retention_ms.to_string())));
        request.topics.push(
            CreatableTopic::default()
                .with_name(TopicName(text(&topic.name)))
                .with_num_partitions(topic.partitions)
                .with_replication_factor(1)
                .with_configs(vec![retention]),
        );
    }
    let response = engine.handle_create_topics(&request, 7);
    match response.topics.into_iter().find(|topic| topic.error_code != 0) {
        None => Ok(()),
        Some(refused) => {
            let why = refused.error_message.map(|why| why.to_string()).unwrap_or_default();
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("topic `{}`: {why}", refused.name.as_str()),
            ))
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

fn held(connections: &Connections) -> std::sync::MutexGuard<'_, Vec<(TcpStream, JoinHandle<()>)>> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, state: &Arc<State>, connections: &Connections) {
    for stream in listener.incoming() {
        if state.is_stopping() {
            return;
        }
        let mut open = held(connections);
        open.retain(|(_, thread)| !thread.is_finished());
        match stream.and_then(|stream| serve_apart(stream, state.clone())) {
            Ok(connection) => open.push(connection),
            // Out of descriptors or threads: others end, then there is room again.
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

fn serve_apart(stream: TcpStream, state: Arc<State>) -> io::Result<(TcpStream, JoinHandle<()>)> {
    stream.set_nodelay(true)?;
    let handle = stream.try_clone()?;
    let connection = Connection(stream);
    let thread = spawn("sandbox-client", move || serve(&connection.0, &state))?;
    Ok((handle, thread))
}

/// Hangs up when it is done, be it by a panic: the broker's own handle would keep the connection open.
struct Connection(TcpStream);

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// One request after the other, as Kafka does: answers come in the order of the requests.
fn serve(stream: &TcpStream, state: &State) {
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut writer = stream;
    while let Ok(Some(frame)) = read_frame(&mut reader) {
        let Some(call) = Call::parse(frame) else { return };
        match answer(state, &call) {
            Answer::Frame(frame) if write_frame(&mut writer, &frame).is_ok() => {}
            Answer::Silence => {}
            Answer::Frame(_) | Answer::Hangup => return,
        }
    }
}

fn keep_tidy(state: &State, ended: &mpsc::Receiver<()>) {
    while ended.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
        let changed = tidy(&mut state.lock());
        if changed {
            state.ring();
        }
    }
}
