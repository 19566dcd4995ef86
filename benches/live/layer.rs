//! A server between ekslint and moto that passes each request on once, keeps the answer, and gives
//! it from memory ever after, as late as asked. So moto, one Python process, is not what is measured.

use crate::moto::{exchange, head_length};
use anyhow::Context;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Enough for a connection's thread.
const STACK: usize = 128 << 10;

/// The server; it listens until the process ends.
pub(crate) struct Layer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    moto: SocketAddr,
    /// Whole answers by method, path, query and body.
    answers: Mutex<HashMap<Vec<u8>, Arc<[u8]>>>,
    record: Mutex<Record>,
    under_way: AtomicUsize,
}

/// What went through since the last reset.
#[derive(Clone, Default)]
pub(crate) struct Record {
    /// Start and end of each call.
    pub(crate) calls: Vec<(Instant, Instant)>,
    /// Calls that moto had to answer.
    pub(crate) new: usize,
    pub(crate) connections: usize,
    /// The most calls that were under way at once.
    pub(crate) at_once: usize,
    latency: Duration,
}

impl Layer {
    pub(crate) fn start(moto: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Shared {
            moto,
            answers: Mutex::default(),
            record: Mutex::default(),
            under_way: AtomicUsize::new(0),
        };
        let shared = Arc::new(shared);
        let layer = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A connection that breaks ends its thread; ekslint says so if it matters.
                let serve = move || shared.serve(stream);
                if thread::Builder::new().stack_size(STACK).spawn(serve).is_err() {
                    return;
                }
            }
        });
        Ok(layer)
    }

    /// Forgets the calls so far; from now on, every call takes so long.
    pub(crate) fn reset(&self, latency_ms: u64) {
        *self.shared.record() = Record { latency: Duration::from_millis(latency_ms), ..Record::default() };
    }

    pub(crate) fn record(&self) -> Record {
        self.shared.record().clone()
    }
}

impl Shared {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<[u8]>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request of a connection after the other.
    fn serve(&self, mut stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        self.record().connections += 1;
        while let Some((head, body)) = read_request(&mut stream)? {
            let (start, latency) = (Instant::now(), self.begin());
            let answer = self.answer(&head, &body);
            thread::sleep(latency.saturating_sub(start.elapsed()));
            self.under_way.fetch_sub(1, Ordering::Relaxed);
            self.record().calls.push((start, Instant::now()));
            stream.write_all(&answer?)?;
        }
        Ok(())
    }

    /// Counts a call as under way; gives the latency.
    fn begin(&self) -> Duration {
        let under_way = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        let mut record = self.record();
        record.at_once = record.at_once.max(under_way);
        record.latency
    }

    fn answer(&self, head: &str, body: &[u8]) -> anyhow::Result<Arc<[u8]>> {
        let key = [head.lines().next().unwrap_or_default().as_bytes(), body].concat();
        if let Some(answer) = self.answers().get(&key) {
            return Ok(Arc::clone(answer));
        }
        self.record().new += 1;
        let request = [with_connection(head, "Connection: close\r\n").as_bytes(), body].concat();
        let answer = exchange(self.moto, &request)?;
        let (head, body) = answer.split_at(head_length(&answer).context("an answer without a head")?);
        let head = with_connection(std::str::from_utf8(head)?, "");
        content_length(&head).context("an answer without a length")?;
        let answer: Arc<[u8]> = [head.as_bytes(), body].concat().into();
        self.answers().insert(key, Arc::clone(&answer));
        Ok(answer)
    }
}

/// A request: its head and its body. None if the client closed the connection.
fn read_request(stream: &mut TcpStream) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let (mut message, mut buffer) = (Vec::new(), [0; 16 << 10]);
    let mut more = |message: &mut Vec<u8>| -> io::Result<bool> {
        let count = stream.read(&mut buffer)?;
        message.extend_from_slice(&buffer[..count]);
        Ok(count > 0)
    };
    let start = loop {
        match head_length(&message) {
            Some(start) => break start,
            None if !more(&mut message)? => return Ok(None),
            None => {}
        }
    };
    let head = std::str::from_utf8(&message[..start])?.to_owned();
    let length = content_length(&head).unwrap_or_default();
    while message.len() < start + length && more(&mut message)? {}
    Ok(Some((head, message.split_off(start))))
}

/// The length of a body, by the head.
fn content_length(head: &str) -> Option<usize> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next()?.1.trim().parse().ok()
}

/// A head with another field that says whether the connection stays.
fn with_connection(head: &str, instead: &str) -> String {
    let is_connection = |line: &&str| line.to_ascii_lowercase().starts_with("connection:");
    let lines: Vec<_> = head.trim_end().split("\r\n").filter(|line| !is_connection(line)).collect();
    format!("{}\r\n{instead}\r\n", lines.join("\r\n"))
}
