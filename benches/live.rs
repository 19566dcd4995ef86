//! Scans of live clusters against the AWS server of the tests: calls, time and memory, and how near
//! the time comes to that of the calls which must wait for each other. `benches/README.md` says how
//! to run it and what it gave.

#[path = "live/layer.rs"]
mod layer;
#[path = "live/moto.rs"]
mod moto;
#[path = "../tests/integration/support/python.rs"]
mod python;

use anyhow::ensure;
use layer::{Layer, Record};
use moto::Moto;
use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4;

/// How many clusters.
const FLEETS: [usize; 3] = [1, 20, 100];
/// How long a call takes longer, in milliseconds.
const LATENCIES: [u64; 2] = [0, LATENCY];
const LATENCY: u64 = 50;
/// So many calls at once are more than there are for one cluster.
const UNLIMITED: &str = "1000";
const CONCURRENCIES: [&str; 5] = ["16", "64", "256", "512", UNLIMITED];
/// How often a scan is measured where moto does not slow it down; the least of each counts.
const ROUNDS: usize = 3;
/// The binary that users run.
const EKSLINT: &str = env!("CARGO_BIN_EXE_ekslint");
const REGION: [&str; 2] = ["--region", "ap-northeast-2"];
const SCAN: [&str; 5] = ["scan", "--quiet", "--exit-zero", "--no-progress", "--as-of=2026-11-24"];
/// A Prowler to measure as well.
const PROWLER: &str = "EKSLINT_BENCH_PROWLER";

fn main() -> anyhow::Result<()> {
    let out = &mut std::io::stdout().lock();
    let python = python::environment("moto", "tests/moto/requirements.txt");
    let chain = Fleet::start(&python, 1)?.chain()?;
    writeln!(
        out,
        "one cluster: {chain} calls wait for each other; with {LATENCY} ms each {} ms",
        chain as u64 * LATENCY
    )?;
    for count in FLEETS {
        let fleet = Fleet::start(&python, count)?;
        fleet.compare()?;
        for latency in LATENCIES {
            fleet.report(out, latency, chain)?;
        }
        fleet.snapshots(out)?;
        if count == FLEETS[FLEETS.len() - 1] {
            fleet.concurrencies(out, chain)?;
            LATENCIES.iter().try_for_each(|latency| fleet.prowler(out, *latency))?;
        }
    }
    Ok(())
}

/// Clusters on a server, and the layer before it.
struct Fleet {
    count: usize,
    moto: Moto,
    layer: Layer,
}

/// What a process took.
#[derive(Clone, Copy)]
struct Cost {
    cpu: Duration,
    wall: Duration,
    peak: u64,
}

impl Fleet {
    /// The layer knows all answers at the end: each scan asks for the same.
    fn start(python: &Path, count: usize) -> anyhow::Result<Self> {
        let moto = Moto::start(python, count)?;
        let layer = Layer::start(moto.address)?;
        let fleet = Self { count, moto, layer };
        Cost::of(scan(fleet.layer.address, &[]))?;
        Ok(fleet)
    }

    /// The longest chain of calls of which each begins when the one before has ended.
    fn chain(&self) -> anyhow::Result<usize> {
        let (_, record) = self.through_layer(LATENCY, &["--concurrency", UNLIMITED])?;
        Ok(longest_chain(record))
    }

    /// Checks that the layer changes neither calls nor findings.
    fn compare(&self) -> anyhow::Result<()> {
        self.moto.reset(0)?;
        let by_moto = findings(self.moto.address)?;
        let calls = self.moto.calls()?;
        self.layer.reset(0);
        let by_layer = findings(self.layer.address)?;
        let record = self.layer.record();
        ensure!(by_moto == by_layer, "the layer changes the findings");
        ensure!(record.new == 0, "{} calls differ from scan to scan", record.new);
        ensure!(calls == record.calls.len(), "{calls} calls of moto, {} of the layer", record.calls.len());
        Ok(())
    }

    fn report(&self, out: &mut impl Write, latency: u64, chain: usize) -> anyhow::Result<()> {
        let through_layer = || self.through_layer(latency, &[]);
        let (cost, record) = least(through_layer)?;
        self.line(out, "layer", latency, record.calls.len(), cost, chain)?;
        self.moto.reset(latency)?;
        let cost = Cost::of(scan(self.moto.address, &[]))?;
        self.line(out, "moto", latency, self.moto.calls()?, cost, chain)
    }

    fn line(
        &self,
        out: &mut impl Write,
        server: &str,
        latency: u64,
        calls: usize,
        cost: Cost,
        chain: usize,
    ) -> anyhow::Result<()> {
        let each = calls as f64 / self.count as f64;
        write!(
            out,
            "{:3} clusters, {latency:2} ms, {server:5}: {calls:5} calls, {each:5.1} a cluster, ",
            self.count
        )?;
        let ratio = cost.ratio(latency, chain);
        Ok(writeln!(out, "{cost}{}", ratio.map_or_else(String::new, |ratio| format!(", ratio {ratio:.2}")))?)
    }

    fn through_layer(&self, latency: u64, options: &[&str]) -> anyhow::Result<(Cost, Record)> {
        self.layer.reset(latency);
        let cost = Cost::of(scan(self.layer.address, options))?;
        let record = self.layer.record();
        ensure!(record.new == 0, "{} calls differ from scan to scan", record.new);
        Ok((cost, record))
    }

    fn concurrencies(&self, out: &mut impl Write, chain: usize) -> anyhow::Result<()> {
        for concurrency in CONCURRENCIES {
            let (cost, record) = least(|| self.through_layer(LATENCY, &["--concurrency", concurrency]))?;
            let Record { connections, at_once, .. } = record;
            let ratio = cost.ratio(LATENCY, chain).unwrap_or_default();
            writeln!(
                out,
                "--concurrency {concurrency:4}: {cost}, ratio {ratio:.2}, {connections} connections, {at_once} calls at once"
            )?;
        }
        Ok(())
    }

    /// Writes snapshots to files.
    fn snapshots(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let directory = tempfile::tempdir()?;
        let mut command = Command::new(EKSLINT);
        command.args(["snapshot", "--quiet", "--no-progress"]).args(REGION).arg("-o").arg(directory.path());
        self.layer.reset(0);
        let cost = Cost::of(on(command, self.layer.address))?;
        Ok(writeln!(out, "{:3} clusters, snapshots to files: {cost}", self.count)?)
    }

    fn prowler(&self, out: &mut impl Write, latency: u64) -> anyhow::Result<()> {
        let Some(prowler) = env::var_os(PROWLER) else { return Ok(()) };
        self.moto.reset(latency)?;
        let directory = tempfile::tempdir()?;
        let cost = Cost::of(on(scan_by_prowler(&prowler, directory.path()), self.moto.address))?;
        let calls = self.moto.calls()?;
        Ok(writeln!(
            out,
            "{:3} clusters, {latency:2} ms, Prowler on moto: {calls} calls, {cost}",
            self.count
        )?)
    }
}

/// A command that sees a server as AWS, and nothing of the environment.
fn on(mut command: Command, server: SocketAddr) -> Command {
    command
        .env_clear()
        .env("AWS_ENDPOINT_URL", format!("http://{server}"))
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn scan(server: SocketAddr, options: &[&str]) -> Command {
    let mut command = Command::new(EKSLINT);
    command.args(SCAN).args(REGION).args(["--format", "concise=/dev/null"]).args(options);
    on(command, server)
}

fn scan_by_prowler(prowler: &OsStr, directory: &Path) -> Command {
    let mut command = Command::new(prowler);
    command.args(["aws", "--service", "eks", "--ignore-exit-code-3", "--no-banner"]).args(REGION);
    command.arg("--output-directory").arg(directory).current_dir(directory);
    command
}

fn findings(server: SocketAddr) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new(EKSLINT);
    command.args(SCAN).args(REGION).args(["--format", "json"]);
    let output = on(command, server).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

/// Of calls that do not overlap, the most there are: always the one that ends first comes next.
fn longest_chain(record: Record) -> usize {
    let mut calls = record.calls;
    calls.sort_by_key(|(_, end)| *end);
    let mut last = None;
    let follows = |(start, end): &(Instant, Instant)| {
        let follows = last.is_none_or(|last| last <= *start);
        last = if follows { Some(*end) } else { last };
        follows
    };
    calls.iter().copied().filter(follows).count()
}

/// The round that took the least time, with the least of each cost.
fn least(round: impl Fn() -> anyhow::Result<(Cost, Record)>) -> anyhow::Result<(Cost, Record)> {
    (1..ROUNDS).try_fold(round()?, |(least, record), _| {
        let (cost, new) = round()?;
        let record = if cost.wall < least.wall { new } else { record };
        Ok((least.or_less(cost), record))
    })
}

impl Cost {
    /// What a command takes: user and system time of all its threads, and its largest resident set.
    fn of(mut command: Command) -> anyhow::Result<Self> {
        let start = Instant::now();
        let child = command.stdout(Stdio::null()).spawn()?;
        let used = child.wait4()?;
        ensure!(used.status.success(), "{command:?} failed");
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Self { cpu, wall: start.elapsed(), peak: used.rusage.maxrss })
    }

    /// The less of either time, the more of memory.
    fn or_less(self, other: Self) -> Self {
        let peak = self.peak.max(other.peak);
        Self { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall), peak }
    }

    /// The wall time, in times that the chain of calls alone takes. None without latency.
    fn ratio(self, latency: u64, chain: usize) -> Option<f64> {
        let alone = Duration::from_millis(latency * chain as u64);
        (!alone.is_zero()).then(|| self.wall.as_secs_f64() / alone.as_secs_f64())
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (wall, cpu, peak) = (self.wall.as_secs_f64(), self.cpu.as_secs_f64(), self.peak as f64 / 1e6);
        write!(f, "{wall:6.2} s wall, {cpu:5.2} s CPU, {peak:4.0} MB at most")
    }
}
