//! Which inputs a command reads.

use crate::rule::template::shell_quoted;
use crate::scan::{ClusterPlace, RepeatedCluster, Scan, Skipped};
use crate::source::bounded::{self, ReadError};
use crate::source::cluster_choice::ClusterChoice;
use crate::source::foreign::ForeignKind;
use crate::source::joined::JoinedFolder;
use crate::source::{Discovered, TemplateOptions, TerraformEnvironment};
use crate::text::first_names;
use crate::value::Problem;
use anyhow::anyhow;
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The largest list of paths, in bytes.
const MAX_LIST: u64 = 64 << 20;

/// How Terraform configurations are read.
#[derive(Debug, Args)]
pub(super) struct TerraformArguments {
    /// Values of Terraform's variables, as `terraform plan` takes them (repeat it: later files win)
    #[arg(long, value_name = "FILE", display_order = 3, hide_short_help = true, help_heading = "Input")]
    var_file: Vec<PathBuf>,
    /// The value of one variable of Terraform, as `terraform plan` takes it
    #[arg(
        long,
        value_name = "NAME=VALUE",
        value_parser = variable,
        display_order = 4,
        hide_short_help = true,
        help_heading = "Input"
    )]
    var: Vec<String>,
    /// Name files relative to this directory, and read nothing of templates outside of it [default: the
    /// Git work tree]
    #[arg(long, value_name = "DIR", display_order = 5, hide_short_help = true, help_heading = "Input")]
    root: Option<PathBuf>,
    /// The Terraform configuration that plans and states were made of: findings point at its lines
    /// [default: the directory of the plan]
    #[arg(long, value_name = "DIR", display_order = 6, hide_short_help = true, help_heading = "Input")]
    terraform_root: Option<PathBuf>,
    /// Values for the parameters of CloudFormation, as `aws cloudformation deploy` takes them from a file
    /// (repeat it: later files win)
    #[arg(long, value_name = "FILE", display_order = 7, hide_short_help = true, help_heading = "Input")]
    parameters: Vec<PathBuf>,
}

/// What `--var` takes.
fn variable(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((name, _)) if !name.trim().is_empty() => Ok(text.to_owned()),
        _ => Err("write NAME=VALUE, such as --var region=eu-west-1".to_owned()),
    }
}

impl TerraformArguments {
    /// The same with the environments of the configuration.
    pub(super) fn options(&self, environments: &[TerraformEnvironment]) -> TemplateOptions {
        let Self { var_file, var, root, terraform_root, parameters } = self;
        TemplateOptions {
            var_files: var_file.clone(),
            vars: var.clone(),
            root: root.clone(),
            configuration: terraform_root.clone(),
            parameters: parameters.clone(),
            environments: environments.to_vec(),
        }
    }
}

/// Files, directories and standard input.
#[derive(Debug, Args)]
pub(super) struct InputOptions {
    /// Files, folders (searched for *.json, Terraform, CloudFormation and eksctl) or - for standard input
    #[arg(value_name = "PATH", display_order = 0, help_heading = "Input")]
    paths: Vec<PathBuf>,
    /// Read more paths from a file, one a line (- for standard input)
    #[arg(long, value_name = "FILE", display_order = 1, hide_short_help = true, help_heading = "Input")]
    files_from: Option<PathBuf>,
    /// Leave out files that match this glob, in directories
    #[arg(long, value_name = "GLOB", display_order = 2, hide_short_help = true, help_heading = "Input")]
    exclude: Vec<String>,
    #[command(flatten)]
    terraform: TerraformArguments,
}

impl InputOptions {
    /// Whether nothing is named.
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.files_from.is_none()
    }

    /// The directory that files are named relative to.
    pub(super) fn root(&self) -> Option<&Path> {
        self.terraform.root.as_deref()
    }

    /// Finds the inputs.
    pub(super) fn discover(&self) -> anyhow::Result<Discovered> {
        Ok(self.search(&self.paths()?, &[], &[]))
    }

    /// What is named, also in a list.
    pub(super) fn paths(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut paths = self.paths.clone();
        if let Some(list) = &self.files_from {
            paths.extend(read_list(list)?);
        }
        Ok(paths)
    }

    /// Finds the inputs among paths, without what these globs exclude besides.
    pub(super) fn search(
        &self,
        paths: &[PathBuf],
        exclude: &[String],
        environments: &[TerraformEnvironment],
    ) -> Discovered {
        let exclude: Vec<_> = self.exclude.iter().chain(exclude).cloned().collect();
        Discovered::find(paths, &exclude, &self.terraform.options(environments))
    }

    /// What is wrong when nothing that was named holds a snapshot.
    pub(super) fn no_snapshots(&self) -> Problem {
        no_snapshots(&self.paths)
    }
}

/// What is wrong when none of these paths holds a snapshot.
pub(super) fn no_snapshots(paths: &[PathBuf]) -> Problem {
    let message = "no clusters found: expected Terraform, CloudFormation, eksctl, or the JSON of `aws eks describe-cluster` or `ekslint snapshot`";
    let file = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    Problem::of_file(file, message)
}

/// Which clusters are asked for by `--cluster`; none for all.
pub(super) fn choice(patterns: &[String]) -> anyhow::Result<Option<ClusterChoice>> {
    ClusterChoice::of(patterns).map_err(anyhow::Error::msg)
}

/// What is wrong with each `--cluster` that fits none of the clusters that there are.
pub(super) fn unmatched(choice: Option<&ClusterChoice>, names: &BTreeSet<String>) -> Vec<Problem> {
    let wrong = choice.map(|choice| choice.unmatched(names)).unwrap_or_default();
    wrong.into_iter().map(|(option, why)| Problem::of_file(option, why)).collect()
}

/// What could not be searched.
pub(super) fn unsearched(found: &Discovered) -> impl Iterator<Item = Problem> {
    let errors = found.errors.iter().map(|(file, message)| Problem::of_file(file, message));
    errors.chain(found.broken.iter().cloned())
}

/// What is said of files that were skipped, and of documents that say nothing without others.
#[derive(Debug, Default)]
pub(super) struct LeftOut<'l> {
    /// Files in directories that are no snapshots.
    skipped: Vec<(&'l str, &'l Skipped)>,
    /// Files in directories that are not read at all, and what they are.
    foreign: Vec<(&'l str, &'static ForeignKind)>,
    /// Documents of which nothing could be made by themselves.
    alone: Vec<&'l Problem>,
    /// Folders whose answers were joined.
    joined: Vec<&'l JoinedFolder>,
    /// What is good to know of inputs.
    noted: Vec<String>,
}

impl<'l> LeftOut<'l> {
    /// What finding and scanning left out.
    pub(super) fn of(found: &'l Discovered, scan: &'l Scan) -> Self {
        Self::of_read(found, scan.skipped(), &scan.alone).with(&scan.notices)
    }

    /// What finding left out, and what reading the inputs did.
    pub(super) fn of_read(
        found: &'l Discovered,
        skipped: impl Iterator<Item = (&'l str, &'l Skipped)>,
        alone: &'l [Problem],
    ) -> Self {
        let foreign = found.foreign.iter().map(|(file, kind)| (file.as_str(), *kind));
        Self {
            skipped: skipped.collect(),
            foreign: foreign.collect(),
            alone: alone.iter().collect(),
            joined: found.joined.iter().collect(),
            noted: found.notices.iter().map(ToString::to_string).collect(),
        }
    }

    /// The same, with what is good to know of inputs.
    pub(super) fn with(mut self, notices: &[Problem]) -> Self {
        self.noted.extend(notices.iter().map(ToString::to_string));
        self
    }

    /// Both together.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.skipped.extend(other.skipped);
        self.foreign.extend(other.foreign);
        self.alone.extend(other.alone);
        self.joined.extend(other.joined);
        self.noted.extend(other.noted);
        self
    }

    /// A line for each sort of them; with `-v`, for each of them. Where nothing was made at all, what is alone is an error.
    pub(super) fn notices(&self, verbose: bool) -> Vec<String> {
        let (of_kind, others): (Vec<_>, Vec<_>) =
            self.skipped.iter().copied().partition(|(_, why)| why.foreign.is_some());
        let of_kind = of_kind.into_iter().filter_map(|(file, why)| Some((file, why.foreign?)));
        let foreign: BTreeMap<_, _> = self.foreign.iter().copied().chain(of_kind).collect();
        let others = others.iter().map(|(file, why)| (format!("skipped {file}"), why.in_words()));
        let unused = self.joined.iter().flat_map(|folder| &folder.notices);
        let alone = self.alone.iter().copied().chain(unused).map(|problem| {
            let place = problem.place.map_or_else(String::new, |place| format!(":{place}"));
            (format!("not evaluated: {}{place}", problem.file), format!("it {}", problem.message))
        });
        let (others, alone): (Vec<_>, Vec<_>) = (others.collect(), alone.collect());
        let joined = self.joined.iter().flat_map(|folder| joined(folder, verbose));
        let noted = first_notes(&self.noted, verbose);
        if verbose {
            let each = foreign.iter().map(|(file, kind)| format!("skipped {file}: it {}", kind.sentence()));
            let others = others.iter().chain(&alone).map(|(what, why)| format!("{what}: {why}"));
            return joined.chain(noted).chain(each).chain(others).collect();
        }
        let first = |all: &[(String, String)]| {
            let ((what, why), others) = all.split_first()?;
            Some(format!("{what} ({why}){}", more_files(others.len())))
        };
        let left_out = [first(&others), first(&alone)].into_iter().flatten();
        joined.chain(noted).chain(skipped_kinds(&foreign)).chain(left_out).collect()
    }
}

/// How many notes on inputs are shown without `-v`.
const NOTED: usize = 3;

/// The notes on inputs; without `-v`, the first of them.
fn first_notes(noted: &[String], verbose: bool) -> Vec<String> {
    let shown = if verbose { noted.len() } else { NOTED.min(noted.len()) };
    let more = match noted.len() - shown {
        0 => None,
        1 => Some("1 more note on inputs; -v shows it".to_owned()),
        more => Some(format!("{more} more notes on inputs; -v shows them")),
    };
    noted[..shown].iter().cloned().chain(more).collect()
}

/// How many commands are named without `-v` whose answers are missing.
const MISSING: usize = 4;

/// What was joined in a folder, and what is missing: a line for each cluster.
pub(super) fn joined(folder: &JoinedFolder, verbose: bool) -> Vec<String> {
    let JoinedFolder { folder: name, files, clusters, already, .. } = folder;
    let of = |(cluster, missing): &(String, Vec<&str>)| {
        let commands: Vec<_> = missing.iter().map(|command| format!("`aws {command}`")).collect();
        let commands = first_names(&commands, if verbose { commands.len() } else { MISSING });
        let files = if *files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        let from = if clusters.len() == 1 {
            format!("from {files}")
        } else {
            format!("from {files} about {} clusters", clusters.len())
        };
        let lacks = if missing.is_empty() { String::new() } else { format!("; missing: {commands}") };
        format!("{name}: joined {cluster} {from}{lacks}")
    };
    let already = already.iter().map(|(cluster, file)| {
        format!("{name}: {cluster} is not joined, because {file} is a snapshot of it")
    });
    clusters.iter().map(of).chain(already).collect()
}

/// `3 CloudFormation templates and 1 Kubernetes manifest skipped: …`, a line for each way out.
fn skipped_kinds(foreign: &BTreeMap<&str, &'static ForeignKind>) -> Vec<String> {
    let mut counts: BTreeMap<usize, (&ForeignKind, usize)> = BTreeMap::new();
    foreign.values().for_each(|kind| counts.entry(kind.order()).or_insert((kind, 0)).1 += 1);
    let mut lines: Vec<(&str, usize, Vec<String>)> = Vec::new();
    for (kind, count) in counts.into_values() {
        let counted = kind.counted(count);
        match lines.iter_mut().find(|(way_out, ..)| *way_out == kind.way_out) {
            Some((_, all, listed)) => {
                *all += count;
                listed.push(counted);
            }
            None => lines.push((kind.way_out, count, vec![counted])),
        }
    }
    lines.iter().map(|(way_out, all, listed)| skipped_line(listed, *all, way_out)).collect()
}

fn skipped_line(listed: &[String], count: usize, way_out: &str) -> String {
    let listed = match listed {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        listed => listed.concat(),
    };
    let them = if count == 1 { "it" } else { "them" };
    format!("{listed} skipped: ekslint does not read {them}; {way_out}")
}

/// ` and 2 more files; -v lists them`
fn more_files(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " and 1 more file; -v lists them".to_owned(),
        count => format!(" and {count} more files; -v lists them"),
    }
}

/// How many clusters that stand in several files are named without `-v`, and how many files of each.
const REPEATED: usize = 3;

/// What becomes of a cluster in each of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    /// It is evaluated.
    Evaluated,
    /// It is compared with the other state.
    Compared,
}

/// What is said of clusters that stand in several files: which these are, and which of them is the newest.
pub(super) fn repeated(scan: &Scan, each: Each, verbose: bool) -> Vec<String> {
    let all = scan.repeated();
    let shown = if verbose { all.len() } else { REPEATED.min(all.len()) };
    let mut notices: Vec<_> = all[..shown].iter().map(|cluster| stands_in(cluster, each)).collect();
    match all.len() - shown {
        0 => {}
        1 => notices.push("1 more cluster is in several places; -v names it".to_owned()),
        more => notices.push(format!("{more} more clusters are in several places; -v names them")),
    }
    notices
}

fn stands_in(cluster: &RepeatedCluster, each: Each) -> String {
    let RepeatedCluster { arn, places } = cluster;
    let named = places.iter().take(REPEATED).map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let more = match places.len().saturating_sub(REPEATED) {
        0 => String::new(),
        1 => " and 1 more place".to_owned(),
        more => format!(" and {more} more places"),
    };
    let newest = cluster.newest().map_or_else(String::new, |place| format!("; {place} is the newest"));
    let mut files: Vec<_> = places.iter().filter(|place| place.is_whole_file).collect();
    files.sort_by_key(|place| place.captured_at);
    let compare = match files.as_slice() {
        [.., old, new] if each == Each::Evaluated => {
            let path = |place: &ClusterPlace| shell_quoted(&place.file);
            format!(" (`ekslint diff {} {}` shows what changed)", path(old), path(new))
        }
        _ => String::new(),
    };
    let each = match each {
        Each::Evaluated => "each is evaluated, and findings count each time",
        Each::Compared => "each is compared by itself",
    };
    format!("{arn} is in {named}{more}: {each}{newest}{compare}")
}

fn read_list(list: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = match list.as_os_str() == "-" {
        true => bounded::read(std::io::stdin().lock(), MAX_LIST),
        false => bounded::read_file(list, MAX_LIST),
    };
    let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| ReadError::NotText));
    let text = text.map_err(|error| anyhow!("--files-from: {} {error}", list.display()))?;
    Ok(text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(PathBuf::from).collect())
}
