//! `ekslint snapshot --region R -o DIR`: one file for each live cluster.

use super::live::{LiveOptions, each, keep};
use super::verbosity::Verbosity;
use super::{EXIT_ERROR, EXIT_INCOMPLETE, described, output};
use crate::report::{json_text, printable};
use crate::source::live::{Collected, LiveSnapshot};
use crate::source::render;
use crate::value::Json;
use anyhow::bail;
use bumpalo::Bump;
use clap::Args;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The options of `ekslint snapshot` for live clusters.
#[derive(Debug, Args)]
#[command(
    mut_arg("quiet", |arg| described(arg, "Print what went wrong only: no notes, no totals")),
    mut_arg("verbose", |arg| described(arg, "Name every file that is written or unchanged"))
)]
pub(super) struct LiveCommand {
    #[command(flatten)]
    live: LiveOptions,
    /// The directory to write to, or - for standard output with a line for each cluster
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Exit with 3 when something could not be read
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    verbosity: Verbosity,
}

/// What became of the snapshots.
#[derive(Debug, Default)]
struct Written {
    new: usize,
    same: usize,
    /// Calls that were not answered, by what would help.
    missing: BTreeMap<String, usize>,
    lines: Vec<(PathBuf, String)>,
    paths: BTreeSet<PathBuf>,
    /// What could not be written, and why.
    failed: Vec<String>,
}

impl LiveCommand {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let Some(place) = &self.output else {
            bail!("where to? Name a directory with `-o DIR`, or `-o -` for standard output");
        };
        let options = self.live.options(self.verbosity.quiet);
        let (mut written, collected) = match place.as_os_str() == "-" {
            true => each(&options, |snapshots| snapshots.fold(Written::default(), |w, s| w.line(s)))?,
            false => each(&options, |snapshots| written_below(place, snapshots))?,
        };
        let printed = written.print();
        written.failed.extend(printed.err().map(|error| error.to_string()));
        self.say(place, &written, &collected);
        Ok(if !collected.errors.is_empty() || !written.failed.is_empty() {
            ExitCode::from(EXIT_ERROR)
        } else if self.strict && !written.missing.is_empty() {
            ExitCode::from(EXIT_INCOMPLETE)
        } else {
            ExitCode::SUCCESS
        })
    }

    fn say(&self, place: &Path, written: &Written, collected: &Collected) {
        let errors = collected.errors.iter().chain(&written.failed);
        errors.for_each(|error| output::tell(&format!("error: {}", printable(error))));
        for (what, calls) in &written.missing {
            output::tell(&format!("warning: not collected: {} ({calls})", printable(what)));
        }
        if self.verbosity.quiet {
            return;
        }
        collected.notices.iter().for_each(|notice| output::tell(&format!("note: {}", printable(notice))));
        if self.verbosity.verbose && place.as_os_str() != "-" {
            for path in &written.paths {
                output::tell(&format!("note: {} is up to date", printable(&path.display().to_string())));
            }
        }
        let nothing = written.new + written.same == 0 && !collected.errors.is_empty();
        if place.as_os_str() != "-" && !nothing {
            let (new, same) = (written.new, written.same);
            let place = printable(&place.display().to_string());
            output::tell(&format!("{new} snapshots written below {place}, {same} unchanged"));
        }
        // Of some clusters only, the files of the others are not known to be old.
        if collected.errors.is_empty() && written.failed.is_empty() && !self.live.is_partial() {
            for path in written.left_over(place, collected) {
                let path = printable(&path.display().to_string());
                output::tell(&format!("note: {path} is of a cluster that is no longer there"));
            }
        }
    }
}

/// Writes each snapshot, whatever became of those before it.
fn written_below(place: &Path, snapshots: impl Iterator<Item = LiveSnapshot>) -> Written {
    let mut written = Written::default();
    for snapshot in snapshots {
        written.count(&snapshot.text);
        let path = place.join(&snapshot.path);
        match keep(&path, &snapshot.text) {
            Ok(true) => written.new += 1,
            Ok(false) => written.same += 1,
            Err(error) => written.failed.push(format!("cannot write {}: {error}", path.display())),
        }
        written.paths.insert(path);
    }
    written
}

impl Written {
    /// Files of clusters of the same regions that were not found this time.
    fn left_over(&self, place: &Path, collected: &Collected) -> Vec<PathBuf> {
        let folders =
            collected.regions.iter().map(|(account, region)| place.join(render::folder(account, region)));
        let files = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        let paths = files.filter_map(|entry| Some(entry.ok()?.path()));
        let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
        let mut paths: Vec<_> = paths.filter(|path| is_json(path) && !self.paths.contains(path)).collect();
        paths.sort();
        paths
    }

    /// Keeps a snapshot as one line: lines are sorted before they are printed.
    fn line(mut self, snapshot: LiveSnapshot) -> Self {
        self.count(&snapshot.text);
        let arena = Bump::new();
        let line = Json::parse(&snapshot.text, &arena).map(render::line).unwrap_or_default();
        let line = json_text::printable(&line);
        self.lines.push((snapshot.path, line));
        self
    }

    fn print(&self) -> std::io::Result<()> {
        let mut lines: Vec<_> = self.lines.iter().collect();
        lines.sort();
        output::write_stdout(None, |out| lines.iter().try_for_each(|(_, line)| writeln!(out, "{line}")))
    }

    /// Counts what a snapshot says that it lacks.
    fn count(&mut self, text: &str) {
        let snapshot: Value = serde_json::from_str(text).unwrap_or_default();
        for entry in snapshot["notCollected"].as_array().into_iter().flatten() {
            let text = |field: &str| entry[field].as_str().unwrap_or_default();
            let what = match text("kind") {
                "denied" => format!("allow {}", text("action")),
                "error" => format!("{}: {}", text("api"), text("reason")),
                _ => continue,
            };
            *self.missing.entry(what).or_default() += 1;
        }
    }
}
