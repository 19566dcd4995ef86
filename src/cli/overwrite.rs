//! What an output must not overwrite: the files that the same command reads.

use super::judging::CommandPolicy;
use crate::policy::place::FileIdentity;
use crate::scan::Scan;
use crate::source::Input;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Files that a command reads, and what they are to it.
#[derive(Debug, Default)]
pub(super) struct ReadFiles(Vec<(PathBuf, &'static str)>);

impl ReadFiles {
    /// The configuration, the rules, and the baseline if it is read only.
    pub(super) fn of(policy: &CommandPolicy, baseline: Option<&Path>) -> Self {
        let config = policy.config.file.iter().map(|file| (file.clone(), "the configuration"));
        let rules = policy.loaded.set.rules.iter().filter(|rule| !rule.built_in);
        let rules = rules.map(|rule| (PathBuf::from(&rule.file), "a rule"));
        let baseline = baseline.map(|file| (file.to_owned(), "the baseline"));
        Self(config.chain(rules).chain(baseline).collect())
    }

    /// The same, and inputs.
    pub(super) fn and<'i>(mut self, inputs: impl Iterator<Item = &'i Path>) -> Self {
        self.0.extend(inputs.map(|file| (file.to_owned(), "an input")));
        self
    }

    /// Refuses to write a file that is among them.
    pub(super) fn spare(&self, output: &Path) -> Result<(), String> {
        // What is not there is not read either.
        let Some(identity) = FileIdentity::of(output) else { return Ok(()) };
        match self.0.iter().find(|(file, _)| identity.is(file)) {
            Some((file, what)) => {
                let also = if file == output { String::new() } else { format!(" ({})", file.display()) };
                let output = output.display();
                Err(format!(
                    "{output} is {what} of this command{also}, and is not overwritten: name another file"
                ))
            }
            None => Ok(()),
        }
    }

    /// As [`spare`](Self::spare), for several files.
    pub(super) fn spare_all<'o>(&self, mut outputs: impl Iterator<Item = &'o Path>) -> anyhow::Result<()> {
        outputs.try_for_each(|output| self.spare(output)).map_err(anyhow::Error::msg)
    }
}

/// The files that were named as inputs.
pub(super) fn named(inputs: &[Input]) -> impl Iterator<Item = &Path> {
    inputs.iter().filter(|input| input.named).flat_map(Input::files)
}

/// The files that were explained.
pub(super) fn explained<'i, T>(
    inputs: &'i [Input],
    skipped: &[(String, T)],
) -> impl Iterator<Item = &'i Path> {
    let skipped: HashSet<String> = skipped.iter().map(|(name, _)| name.clone()).collect();
    inputs.iter().filter(move |input| !skipped.contains(&input.name())).flat_map(Input::files)
}

/// The files that are inputs: those in directories that turned out to be something else, such as the report of the scan
/// before, are none.
pub(super) fn judged<'i>(inputs: &'i [Input], scan: &Scan) -> impl Iterator<Item = &'i Path> {
    let skipped: HashSet<String> = scan.skipped().map(|(file, _)| file.to_owned()).collect();
    inputs.iter().filter(move |input| !skipped.contains(&input.name())).flat_map(Input::files)
}
