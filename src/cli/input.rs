//! Which inputs a command reads.

use crate::source::Discovered;
use crate::source::bounded::{self, ReadError};
use crate::value::Problem;
use anyhow::anyhow;
use clap::Args;
use std::path::{Path, PathBuf};

/// The largest list of paths, in bytes.
const MAX_LIST: u64 = 64 << 20;

/// Files, directories and standard input.
#[derive(Debug, Args)]
pub(super) struct InputOptions {
    /// Files, directories (searched for *.json as ripgrep does) or - for standard input
    #[arg(value_name = "PATH", display_order = 0, help_heading = "Input")]
    paths: Vec<PathBuf>,
    /// Read more paths from a file, one a line (- for standard input)
    #[arg(long, value_name = "FILE", display_order = 1, hide_short_help = true, help_heading = "Input")]
    files_from: Option<PathBuf>,
    /// Leave out files that match this glob, in directories
    #[arg(long, value_name = "GLOB", display_order = 2, hide_short_help = true, help_heading = "Input")]
    exclude: Vec<String>,
}

impl InputOptions {
    /// Whether nothing is named.
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.files_from.is_none()
    }

    /// Finds the inputs.
    pub(super) fn discover(&self) -> anyhow::Result<Discovered> {
        Ok(self.search(&self.paths()?, &[]))
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
    pub(super) fn search(&self, paths: &[PathBuf], exclude: &[String]) -> Discovered {
        let exclude: Vec<_> = self.exclude.iter().chain(exclude).cloned().collect();
        Discovered::find(paths, &exclude)
    }

    /// What is wrong when nothing that was named holds a snapshot.
    pub(super) fn no_snapshots(&self) -> Problem {
        no_snapshots(&self.paths)
    }
}

/// What is wrong when none of these paths holds a snapshot.
pub(super) fn no_snapshots(paths: &[PathBuf]) -> Problem {
    let message =
        "no snapshots found: expected the JSON of `aws eks describe-cluster`, or of `ekslint snapshot`";
    let file = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    Problem::of_file(file, message)
}

/// What could not be searched.
pub(super) fn unsearched(found: &Discovered) -> impl Iterator<Item = Problem> {
    found.errors.iter().map(|(file, message)| Problem::of_file(file, message))
}

/// Which files in directories are no snapshots, and why.
pub(super) fn passed_over(skipped: &[(&str, &str)], verbose: bool) -> Vec<String> {
    if verbose {
        return skipped.iter().map(|(file, why)| format!("passed over {file}: it {why}")).collect();
    }
    let [(file, why), others @ ..] = skipped else { return Vec::new() };
    let more = match others.len() {
        0 => String::new(),
        more => format!(" and {more} more files; -v lists them"),
    };
    vec![format!("passed over {file} (it {why}){more}")]
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
