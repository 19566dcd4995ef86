//! The AWS server of the live tests (`tests/moto/README.md`), with a fleet of its own.

use anyhow::{Context, ensure};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server; it ends when its standard input does, with this value.
pub(crate) struct Moto {
    pub(crate) address: SocketAddr,
    _process: Child,
}

impl Moto {
    /// A server with so many clusters.
    pub(crate) fn start(python: &Path, clusters: usize) -> anyhow::Result<Self> {
        let mut process = Command::new(python)
            .args(["tests/moto/server.py", "--seed", &format!("fleet:{clusters}")])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = process.stdout.take().context("no pipe")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://").context("moto does not start")?;
        Ok(Self { address: address.parse()?, _process: process })
    }

    /// Forgets the calls so far; from now on, every call takes so much longer.
    pub(crate) fn reset(&self, latency_ms: u64) -> anyhow::Result<()> {
        self.control("POST", "reset", "")?;
        self.control("POST", "latency", &format!("{{\"ms\": {latency_ms}}}")).map(drop)
    }

    /// The number of calls since then.
    pub(crate) fn calls(&self) -> anyhow::Result<usize> {
        let body = self.control("GET", "calls", "")?;
        let calls: Vec<serde::de::IgnoredAny> = serde_json::from_slice(&body)?;
        Ok(calls.len())
    }

    fn control(&self, method: &str, name: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let length = body.len();
        let request = format!(
            "{method} /ekslint/{name} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        );
        let mut answer = exchange(self.address, request.as_bytes())?;
        ensure!(answer.starts_with(b"HTTP/1.1 200 "), "moto does not do {name}");
        let body = head_length(&answer).context("no end of the head")?;
        Ok(answer.split_off(body))
    }
}

/// Sends a request on a connection that ends with its answer.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Where the body of a message starts, once the whole head is there.
pub(crate) fn head_length(message: &[u8]) -> Option<usize> {
    message.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4)
}
