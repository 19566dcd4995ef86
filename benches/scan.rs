//! The whole scan of a fleet against `serde_json` parsing the same files to `Value`, as CPU time,
//! each in a process of its own; and the facts alone. `benches/README.md` says how to run it and what
//! it gave.

#[path = "scan/facts.rs"]
mod facts;
mod generate;
mod measure;

use anyhow::{Context, bail, ensure};
use measure::Cost;
use rayon::prelude::*;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs};

/// How many snapshots, where `EKSLINT_BENCH_N` does not say.
const SNAPSHOTS: usize = 10_000;
/// How often the fleet is scanned and parsed, in turn; the least of each counts.
const ROUNDS: usize = 2;
/// How often the one small fixture is scanned; the median counts.
const STARTS: usize = 20;
/// What the fleet is made from.
const SEED: u64 = 1;
/// Files in one directory.
const FOLDER: usize = 1_000;
/// Every snapshot must give work: at least so many findings.
const FINDINGS: usize = 20;
/// What a single small fixture costs is the start of the program.
const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/connected-cluster.json");
/// The binary that users run.
const EKSLINT: &str = env!("CARGO_BIN_EXE_ekslint");
/// The day that counts as today.
const AS_OF: &str = "2026-11-21";
/// All rules, those that need a parameter with one.
const OPTIONS: [&str; 12] = [
    "--level",
    "all",
    "--exit-zero",
    "--quiet",
    "--as-of",
    AS_OF,
    "--param",
    "cluster-required-tags.required=[\"Environment\",\"CostCenter\"]",
    "--param",
    "endpoint-cidr-not-allowed.allowed=[\"203.0.113.0/24\"]",
    "--param",
    "upgrade-policy.supportType=STANDARD",
];

fn main() -> anyhow::Result<()> {
    let count = match env::var("EKSLINT_BENCH_N") {
        Ok(text) => text.parse().context("EKSLINT_BENCH_N is not a number")?,
        Err(_) => SNAPSHOTS,
    };
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--baseline", directory] => parse(Path::new(directory)),
        ["--generate", directory] => generate(Path::new(directory), count).map(|_| ()),
        ["--facts"] => facts::report(count, &mut std::io::stdout().lock()),
        [] => {
            let out = &mut std::io::stdout().lock();
            Fleet::generate(count)?.report(out)?;
            facts::report(count, out)
        }
        _ => bail!("cargo bench --bench scan [-- --generate DIR | --facts]"),
    }
}

/// Writes a fleet; gives its size in bytes.
fn generate(directory: &Path, count: usize) -> anyhow::Result<usize> {
    for folder in 0..count.div_ceil(FOLDER) {
        fs::create_dir_all(directory.join(format!("{folder:03}")))?;
    }
    let write = |index: usize| {
        let text = generate::snapshot(SEED, index);
        let folder = directory.join(format!("{:03}", index / FOLDER));
        fs::write(folder.join(format!("cluster-{index:05}.json")), &text)?;
        Ok(text.len())
    };
    (0..count).into_par_iter().map(write).try_reduce(|| 0, |a, b| Ok(a + b))
}

/// The baseline: every file of a fleet to a `Value`, by the system's allocator.
fn parse(directory: &Path) -> anyhow::Result<()> {
    let folders = fs::read_dir(directory)?.map(|folder| Ok(fs::read_dir(folder?.path())?));
    let files: Vec<_> = folders.collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect();
    files.into_par_iter().try_for_each(|file| {
        let value: serde_json::Value = serde_json::from_slice(&fs::read(file?.path())?)?;
        std::hint::black_box(value);
        Ok(())
    })
}

/// Snapshots in a temporary directory.
struct Fleet {
    directory: tempfile::TempDir,
    count: usize,
    bytes: usize,
    took: Duration,
}

impl Fleet {
    fn generate(count: usize) -> anyhow::Result<Self> {
        let (start, directory) = (Instant::now(), tempfile::tempdir()?);
        let bytes = generate(directory.path(), count)?;
        Ok(Self { directory, count, bytes, took: start.elapsed() })
    }

    /// Measures, and writes what was measured.
    fn report(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let each = self.bytes / self.count.max(1);
        let threads = rayon::current_num_threads();
        writeln!(
            out,
            "{} snapshots of {each} bytes, seed {SEED}, {threads} threads, made in {:.1} s",
            self.count,
            self.took.as_secs_f64()
        )?;
        let (least, mean) = self.findings()?;
        writeln!(out, "findings per snapshot: {mean:.1}, at least {least}")?;
        ensure!(least >= FINDINGS, "a snapshot has fewer than {FINDINGS} findings");
        let (mut parse, mut scan) = (Cost::MOST, Cost::MOST);
        for _ in 0..ROUNDS {
            parse = parse.or_less(self.parse()?);
            scan = scan.or_less(self.scan()?);
        }
        self.line(out, "serde_json parse", parse)?;
        self.line(out, "ekslint scan", scan)?;
        let start = cold_start()?.as_secs_f64() * 1e3;
        writeln!(out, "one small fixture, cold start to exit: {start:.1} ms (median of {STARTS})")?;
        let ratio = scan.cpu.as_secs_f64() / parse.cpu.as_secs_f64();
        writeln!(out, "ratio to serde_json parse: {ratio:.2}")?;
        Ok(())
    }

    fn line(&self, out: &mut impl Write, name: &str, cost: Cost) -> std::io::Result<()> {
        let each = cost.cpu.as_secs_f64() * 1e6 / self.count.max(1) as f64;
        let (wall, peak) = (cost.wall.as_secs_f64(), cost.peak as f64 / 1e6);
        writeln!(out, "{name:<17} {each:7.1} µs CPU per snapshot, {wall:5.2} s wall, {peak:6.1} MB at most")
    }

    fn parse(&self) -> anyhow::Result<Cost> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("--baseline").arg(self.directory.path());
        Cost::of(command)
    }

    fn scan(&self) -> anyhow::Result<Cost> {
        let mut command = Command::new(EKSLINT);
        command.arg("scan").arg(self.directory.path()).args(OPTIONS).args(["--format", "concise"]);
        Cost::of(command)
    }

    /// The least findings of a snapshot and their mean, of the first folder.
    fn findings(&self) -> anyhow::Result<(usize, f64)> {
        let mut command = Command::new(EKSLINT);
        let folder = self.directory.path().join("000");
        command.arg("scan").arg(&folder).args(OPTIONS).args(["--format", "concise"]);
        let output = command.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout)?;
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for file in text.lines().filter_map(|line| line.split_once(".json:")) {
            *counts.entry(file.0).or_default() += 1;
        }
        let files = self.count.min(FOLDER);
        let least = if counts.len() < files { 0 } else { counts.values().min().copied().unwrap_or_default() };
        Ok((least, text.lines().count() as f64 / files as f64))
    }
}

/// From start to exit with one small fixture.
fn cold_start() -> anyhow::Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let mut command = Command::new(EKSLINT);
        command.arg("scan").arg(SMALL).args(OPTIONS);
        times.push(Cost::of(command)?.wall);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
