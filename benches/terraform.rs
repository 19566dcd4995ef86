//! Root modules of Terraform: what they cost until they are snapshots, against the parser on the same files, and what the
//! rules add; all as CPU time, each in a process of its own. `benches/README.md` says how to run it and what it gave.

#[path = "generate/terraform.rs"]
mod generate;
mod measure;

use anyhow::{Context, bail, ensure};
use ekslint::source::iac::terraform::hcl::{RootModule, VariableInputs, find_roots, load};
use ekslint::source::iac::tree::{DiskTree, TemplateTree};
use ekslint::source::iac::{Template, TemplateCluster, drafts};
use generate::{Form, RootFile};
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

/// How many roots, where `EKSLINT_BENCH_N` does not say.
const ROOTS: usize = 1_000;
/// How much smaller the fleet is that memory is compared with.
const FEWER: usize = 10;
/// How often each stage runs, in turn; the least of each counts.
const ROUNDS: usize = 3;
/// What the roots are made from.
const SEED: u64 = 1;
/// The size of the one large root.
const LARGE: usize = 12_000_000;
/// The sources of modules that are built in: what a root calls is in none of its own files.
const BUILT_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/source/iac/terraform/registry/modules");
/// The folders of `BUILT_IN` that each root calls which calls modules of the registry.
const CALLED: [&str; 8] = [
    "terraform-aws-modules/eks/20.37.2",
    "terraform-aws-modules/eks/20.37.2/modules/eks-managed-node-group",
    "terraform-aws-modules/eks/20.37.2/modules/_user_data",
    "terraform-aws-modules/eks/20.37.2/modules/fargate-profile",
    "terraform-aws-modules/eks/20.37.2/modules/self-managed-node-group",
    "terraform-aws-modules/kms/2.1.0",
    "terraform-aws-modules/vpc/5.21.0",
    "terraform-aws-modules/iam/5.60.0/modules/iam-role-for-service-accounts-eks",
];
/// The binary that users run.
const EKSLINT: &str = env!("CARGO_BIN_EXE_ekslint");
const OPTIONS: [&str; 7] =
    ["--level", "all", "--exit-zero", "--quiet", "--format=concise", "--as-of", "2026-11-21"];
/// A Checkov to measure as well.
const CHECKOV: &str = "EKSLINT_BENCH_CHECKOV";

fn main() -> anyhow::Result<()> {
    let count = match env::var("EKSLINT_BENCH_N") {
        Ok(text) => text.parse().context("EKSLINT_BENCH_N is not a number")?,
        Err(_) => ROOTS,
    };
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--stage", stage, directory] => Stage::named(stage)?.run(Path::new(directory)),
        ["--generate", directory] => write_roots(Path::new(directory), 0..count).map(|_| ()),
        ["--generate-large", directory] => write_files(Path::new(directory), &large()).map(|_| ()),
        [] => report(count, &mut std::io::stdout().lock()),
        _ => bail!("cargo bench --bench terraform [-- --generate DIR | --generate-large DIR]"),
    }
}

/// How far the roots of a folder are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Each file parsed by the parser that ekslint is built on.
    Parse,
    /// The same, and with each root those files of built-in modules that it calls.
    ParseWithModules,
    /// Each root found, read and evaluated.
    Load,
    /// And made into snapshots, whose values know their places.
    Snapshots,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Parse, Self::ParseWithModules, Self::Load, Self::Snapshots];

    fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::ParseWithModules => "parse with built-in modules",
            Self::Load => "evaluate",
            Self::Snapshots => "snapshots and places",
        }
    }

    fn named(name: &str) -> anyhow::Result<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name).context("no such stage")
    }

    fn run(self, directory: &Path) -> anyhow::Result<()> {
        let mut files = Vec::new();
        find_files(directory, "", &mut files)?;
        // As a scan does it: on threads that evaluation fits on.
        ekslint::scan::on_large_stacks(|| self.of_files(directory, &files))
    }

    fn of_files(self, directory: &Path, files: &[String]) -> anyhow::Result<()> {
        if matches!(self, Self::Parse | Self::ParseWithModules) {
            files.par_iter().try_for_each(|file| parse(&directory.join(file)))?;
            let roots = files.iter().filter(|file| file.ends_with("/main.tf")).count();
            let with_modules = 0..if self == Self::Parse { 0 } else { roots };
            return with_modules.into_par_iter().try_for_each(|_| parse_called());
        }
        let tree = DiskTree::new(directory, None)?;
        let roots = find_roots(&tree, files);
        ensure!(!roots.is_empty(), "no roots in {}", directory.display());
        roots.par_iter().for_each(|root| self.load(&tree, root));
        Ok(())
    }

    fn load(self, tree: &dyn TemplateTree, root: &RootModule) {
        for template in load(tree, root, &VariableInputs::default()) {
            match self {
                Self::Snapshots => drop(black_box(clusters(template))),
                _ => drop(black_box(template)),
            }
        }
    }
}

fn clusters(template: Template) -> Vec<TemplateCluster> {
    let (drafts, template) = (drafts(&template), Arc::new(template));
    drafts.into_iter().map(|draft| TemplateCluster::new(Arc::clone(&template), draft)).collect()
}

fn parse(path: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(path)?;
    let body = hcl_edit::parser::parse_body(&text);
    black_box(body.map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?);
    Ok(())
}

/// Parses the files of built-in modules that a root calls.
fn parse_called() -> anyhow::Result<()> {
    for folder in CALLED {
        for file in fs::read_dir(Path::new(BUILT_IN).join(folder))? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "tf") {
                parse(&path)?;
            }
        }
    }
    Ok(())
}

/// The paths of the files below a folder, from there.
fn find_files(folder: &Path, before: &str, found: &mut Vec<String>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{before}{}", entry.file_name().to_string_lossy());
        match entry.file_type()?.is_dir() {
            true => find_files(&entry.path(), &format!("{path}/"), found)?,
            false => found.push(path),
        }
    }
    Ok(())
}

/// Writes roots, each form in a folder of its own; gives their size in bytes.
fn write_roots(directory: &Path, roots: std::ops::Range<usize>) -> anyhow::Result<usize> {
    let write = |index: usize| {
        let folder = directory.join(folder_of(Form::of(index))).join(format!("root-{index:05}"));
        write_files(&folder, &generate::root(SEED, index))
    };
    roots.into_par_iter().map(write).try_reduce(|| 0, |a, b| Ok(a + b))
}

fn folder_of(form: Form) -> &'static str {
    match form {
        Form::Resources => "resources",
        Form::OwnModule => "own-module",
        Form::RegistryModules => "registry-modules",
    }
}

fn write_files(folder: &Path, files: &[RootFile]) -> anyhow::Result<usize> {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(files.iter().map(|(_, text)| text.len()).sum())
}

fn large() -> Vec<RootFile> {
    generate::large_root(SEED, LARGE)
}

/// Measures everything, and writes what was measured.
fn report(count: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let [all, fewer, one] = ["all", "fewer", "large"].map(|name| directory.path().join(name));
    let bytes = write_roots(&all, 0..count)?;
    write_roots(&fewer, 0..count.div_ceil(FEWER))?;
    let large_bytes = write_files(&one, &large())?;
    let threads = rayon::current_num_threads();
    writeln!(out, "{count} roots, {} bytes each, seed {SEED}, {threads} threads", bytes / count.max(1))?;
    for form in [Form::Resources, Form::OwnModule, Form::RegistryModules] {
        let folder = all.join(folder_of(form));
        let roots = (0..count).filter(|index| Form::of(*index) == form).count();
        writeln!(out, "\n{}, {roots} roots", folder_of(form))?;
        Set { folder, roots, has_modules: form == Form::RegistryModules }.report(out)?;
    }
    writeln!(out, "\none root of {large_bytes} bytes")?;
    Set { folder: one, roots: 1, has_modules: false }.report(out)?;
    writeln!(out)?;
    let few = line(out, "scan of a tenth", count.div_ceil(FEWER), scan(&fewer)?)?;
    let scan = line(out, "scan of all", count, scan(&all)?)?;
    writeln!(out, "memory of all to that of a tenth: {:.2}", scan.peak as f64 / few.peak as f64)?;
    if let Some(checkov) = env::var_os(CHECKOV) {
        let checkov = line(out, "Checkov, all", count, checkov_of(&PathBuf::from(checkov), &all)?)?;
        let ratio = checkov.cpu.as_secs_f64() / scan.cpu.as_secs_f64();
        writeln!(out, "CPU of Checkov to that of ekslint: {ratio:.0}")?;
    }
    Ok(())
}

/// Roots that are measured together.
struct Set {
    folder: PathBuf,
    roots: usize,
    /// Whether they call modules that are built in.
    has_modules: bool,
}

impl Set {
    fn report(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let stages =
            Stage::ALL.into_iter().filter(|stage| self.has_modules || *stage != Stage::ParseWithModules);
        let mut stages: Vec<_> = stages.map(|stage| (stage, Cost::MOST)).collect();
        let mut scanned = Cost::MOST;
        for _ in 0..ROUNDS {
            for (stage, cost) in &mut stages {
                *cost = cost.or_less(self.stage(*stage)?);
            }
            scanned = scanned.or_less(scan(&self.folder)?);
        }
        for (stage, cost) in &stages {
            line(out, stage.name(), self.roots, *cost)?;
        }
        line(out, "whole scan", self.roots, scanned)?;
        let of = |wanted| {
            stages.iter().find(|(stage, _)| *stage == wanted).map(|(_, cost)| cost.cpu.as_secs_f64())
        };
        for parse in [Stage::Parse, Stage::ParseWithModules] {
            if let (Some(parser), Some(made)) = (of(parse), of(Stage::Snapshots)) {
                writeln!(
                    out,
                    "ratio of {} to {}: {:.2}",
                    Stage::Snapshots.name(),
                    parse.name(),
                    made / parser
                )?;
            }
        }
        Ok(())
    }

    fn stage(&self, stage: Stage) -> anyhow::Result<Cost> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("--stage").arg(stage.name()).arg(&self.folder);
        Cost::of(command)
    }
}

fn line(out: &mut impl Write, name: &str, roots: usize, cost: Cost) -> std::io::Result<Cost> {
    let each = cost.cpu.as_secs_f64() * 1e6 / roots.max(1) as f64;
    let (wall, peak) = (cost.wall.as_secs_f64(), cost.peak as f64 / 1e6);
    writeln!(out, "{name:<27} {each:9.0} µs CPU per root, {wall:6.2} s wall, {peak:6.1} MB at most")?;
    Ok(cost)
}

fn scan(folder: &Path) -> anyhow::Result<Cost> {
    let mut command = Command::new(EKSLINT);
    command.arg("scan").arg(folder).args(OPTIONS);
    Cost::of(command)
}

fn checkov_of(checkov: &Path, folder: &Path) -> anyhow::Result<Cost> {
    let mut command = Command::new(checkov);
    command.arg("-d").arg(folder).args(["--framework", "terraform", "--compact", "--quiet", "--soft-fail"]);
    Cost::of(command)
}
