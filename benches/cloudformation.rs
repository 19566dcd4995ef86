//! Templates of CloudFormation: what they cost until they are snapshots, against the parser on the same files, what the rules
//! add, and what other tools take; all as CPU time, each in a process of its own. `benches/README.md` says how to run it and
//! what it gave.

#[path = "generate/cloudformation.rs"]
mod generate;
mod measure;

use anyhow::{Context, bail};
use ekslint::source::iac::cloudformation::{StackInputs, read_stack};
use ekslint::source::iac::{TemplateCluster, drafts};
use granit_parser::Parser;
use measure::Cost;
use rayon::prelude::*;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

/// All stages are measured with the allocator of the binary, so that they differ by nothing else.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many templates, where `EKSLINT_BENCH_N` does not say.
const STACKS: usize = 1_000;
/// How much smaller the fleet is that memory is compared with.
const FEWER: usize = 10;
/// How often each stage runs, in turn; the least of each counts.
const ROUNDS: usize = 3;
/// What the templates are made from.
const SEED: u64 = 1;
/// The binary that users run.
const EKSLINT: &str = env!("CARGO_BIN_EXE_ekslint");
const OPTIONS: [&str; 7] =
    ["--level", "all", "--exit-zero", "--quiet", "--format=concise", "--as-of", "2026-11-21"];
/// A Checkov to measure as well.
const CHECKOV: &str = "EKSLINT_BENCH_CHECKOV";
/// A cfn-guard to measure as well.
const GUARD: &str = "EKSLINT_BENCH_CFN_GUARD";
/// What cfn-guard evaluates: rules on clusters and what belongs to them.
const GUARD_RULES: &str = include_str!("generate/cloudformation/eks.guard");

fn main() -> anyhow::Result<()> {
    let count = match env::var("EKSLINT_BENCH_N") {
        Ok(text) => text.parse().context("EKSLINT_BENCH_N is not a number")?,
        Err(_) => STACKS,
    };
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--stage", stage, directory] => Stage::named(stage)?.run(Path::new(directory)),
        ["--generate", directory] => write_stacks(Path::new(directory), count).map(|_| ()),
        [] => report(count, &mut std::io::stdout().lock()),
        _ => bail!("cargo bench --bench cloudformation [-- --generate DIR]"),
    }
}

/// How far the templates of a folder are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Each file parsed by the parser that ekslint is built on.
    Parse,
    /// Each template read and evaluated.
    Read,
    /// And made into snapshots, whose values know their places.
    Snapshots,
}

impl Stage {
    const ALL: [Self; 3] = [Self::Parse, Self::Read, Self::Snapshots];

    fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Read => "evaluate",
            Self::Snapshots => "snapshots and places",
        }
    }

    fn named(name: &str) -> anyhow::Result<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name).context("no such stage")
    }

    fn run(self, directory: &Path) -> anyhow::Result<()> {
        let files: Vec<PathBuf> = fs::read_dir(directory)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        // As a scan does it: on threads that evaluation fits on.
        ekslint::scan::on_large_stacks(|| files.par_iter().try_for_each(|file| self.of_file(file)))
    }

    fn of_file(self, file: &Path) -> anyhow::Result<()> {
        let text = fs::read_to_string(file)?;
        if self == Self::Parse {
            for event in Parser::new_from_str(&text) {
                black_box(event.map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?);
            }
            return Ok(());
        }
        let template = read_stack(&file.display().to_string(), text.into(), &StackInputs::default(), None);
        if self == Self::Read {
            drop(black_box(template));
            return Ok(());
        }
        let (drafts, template) = (drafts(&template), Arc::new(template));
        for draft in drafts {
            drop(black_box(TemplateCluster::new(Arc::clone(&template), draft)));
        }
        Ok(())
    }
}

/// Writes templates; gives their size in bytes.
fn write_stacks(directory: &Path, count: usize) -> anyhow::Result<usize> {
    fs::create_dir_all(directory)?;
    let write = |index: usize| {
        let text = generate::stack(SEED, index);
        fs::write(directory.join(format!("stack-{index:05}.yaml")), &text)?;
        anyhow::Ok(text.len())
    };
    (0..count).into_par_iter().map(write).try_reduce(|| 0, |a, b| Ok(a + b))
}

/// Measures everything, and writes what was measured.
fn report(count: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let [all, fewer] = ["all", "fewer"].map(|name| directory.path().join(name));
    let bytes = write_stacks(&all, count)?;
    write_stacks(&fewer, count.div_ceil(FEWER))?;
    let threads = rayon::current_num_threads();
    writeln!(out, "{count} templates, {} bytes each, seed {SEED}, {threads} threads", bytes / count.max(1))?;
    let mut stages: Vec<_> = Stage::ALL.into_iter().map(|stage| (stage, Cost::MOST)).collect();
    let mut scanned = Cost::MOST;
    for _ in 0..ROUNDS {
        for (stage, cost) in &mut stages {
            let mut command = Command::new(env::current_exe()?);
            command.arg("--stage").arg(stage.name()).arg(&all);
            *cost = cost.or_less(Cost::of(command)?);
        }
        scanned = scanned.or_less(scan(&all)?);
    }
    for (stage, cost) in &stages {
        line(out, stage.name(), count, *cost)?;
    }
    line(out, "scan of all", count, scanned)?;
    let few = line(out, "scan of a tenth", count.div_ceil(FEWER), scan(&fewer)?)?;
    writeln!(out, "memory of all to that of a tenth: {:.2}", scanned.peak as f64 / few.peak as f64)?;
    let [parser, .., made] = stages.as_slice() else { bail!("no stages") };
    let ratio = made.1.cpu.as_secs_f64() / parser.1.cpu.as_secs_f64();
    writeln!(out, "ratio of {} to {}: {ratio:.2}", made.0.name(), parser.0.name())?;
    others(&all, directory.path(), count, scanned, out)
}

/// Other tools on the same files.
fn others(all: &Path, directory: &Path, count: usize, own: Cost, out: &mut impl Write) -> anyhow::Result<()> {
    let rules = directory.join("eks.guard");
    fs::write(&rules, GUARD_RULES)?;
    for (name, variable) in [("Checkov", CHECKOV), ("cfn-guard", GUARD)] {
        let Some(tool) = env::var_os(variable) else { continue };
        let mut command = Command::new(tool);
        match variable {
            CHECKOV => {
                let options = ["--framework", "cloudformation", "--compact", "--quiet", "--soft-fail"];
                command.arg("-d").arg(all).args(options)
            }
            _ => command
                .args(["validate", "--show-summary", "none", "--data"])
                .arg(all)
                .arg("--rules")
                .arg(&rules),
        };
        // cfn-guard says with its exit code that it found something.
        let cost = line(out, name, count, Cost::whatever_it_says(command)?)?;
        let ratio = cost.cpu.as_secs_f64() / own.cpu.as_secs_f64();
        writeln!(out, "CPU of {name} to that of ekslint: {ratio:.1}")?;
    }
    Ok(())
}

fn line(out: &mut impl Write, name: &str, stacks: usize, cost: Cost) -> std::io::Result<Cost> {
    let each = cost.cpu.as_secs_f64() * 1e6 / stacks.max(1) as f64;
    let (wall, peak) = (cost.wall.as_secs_f64(), cost.peak as f64 / 1e6);
    writeln!(out, "{name:<21} {each:9.0} µs CPU per template, {wall:6.2} s wall, {peak:6.1} MB at most")?;
    Ok(cost)
}

fn scan(folder: &Path) -> anyhow::Result<Cost> {
    let mut command = Command::new(EKSLINT);
    command.arg("scan").arg(folder).args(OPTIONS);
    Cost::of(command)
}
