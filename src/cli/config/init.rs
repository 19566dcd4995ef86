//! `ekslint config init`: writes a configuration to start from, with the folders that describe clusters.

use super::print;
use crate::cli::{config_file, output};
use crate::policy::baseline::FILE_NAME as BASELINE_NAME;
use crate::policy::config::{FILE_NAME, template, with_setting};
use crate::report::printable_lines;
use crate::scan::clusters_held;
use crate::source::{Discovered, Origin, TemplateOptions};
use anyhow::{Context, anyhow, bail};
use clap::Args;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `ekslint config init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Replace an ekslint.toml that is there
    #[arg(long)]
    force: bool,
}

impl Init {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let file = Path::new(FILE_NAME);
        if !self.force && file.symlink_metadata().is_ok() {
            bail!("{FILE_NAME} is there already; --force replaces it");
        }
        let found = FoundClusters::below(Path::new("."));
        let baseline = Path::new(BASELINE_NAME).is_file();
        let text = found.text(baseline).map_err(|why| anyhow!("{FILE_NAME}: {why}"))?;
        let written = match self.force {
            true => output::write_file(file, |out| out.write_all(text.as_bytes())),
            false => std::fs::File::create_new(file).and_then(|mut file| file.write_all(text.as_bytes())),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{FILE_NAME} is there already; --force replaces it")
            }
            written => written.with_context(|| format!("cannot write {FILE_NAME}"))?,
        }
        print(&format!("{}\n", printable_lines(&found.said(baseline))))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where clusters are described.
struct FoundClusters {
    /// The folders, from here.
    folders: Vec<String>,
    /// How many clusters are in them.
    clusters: usize,
}

impl FoundClusters {
    /// Those below a folder, found as a scan finds them.
    fn below(folder: &Path) -> Self {
        let found = Discovered::find(&[folder.to_owned()], &[], &TemplateOptions::default());
        let held = clusters_held(&found.inputs);
        let holding = found.inputs.iter().zip(&held).filter(|(_, clusters)| **clusters > 0);
        let folders = holding.filter_map(|(input, _)| match &input.origin {
            Origin::Terraform(root) => Some(PathBuf::from(root.name())),
            _ => Path::new(&input.name()).parent().map(Path::to_owned),
        });
        // What belongs to a cluster may stand beside the folder of the file that describes it.
        let joined = found.joined.iter().filter(|joined| joined.files > joined.clusters.len());
        let joined = joined.map(|joined| PathBuf::from(&joined.folder));
        Self { folders: common_folders(folders.chain(joined)), clusters: held.iter().sum() }
    }

    /// The text of the configuration.
    fn text(&self, baseline: bool) -> Result<String, String> {
        let mut text = template();
        if !self.folders.is_empty() {
            text = with_setting(&text, "paths", &self.folders, true)?;
        }
        if baseline {
            text = with_setting(&text, "baseline", &[BASELINE_NAME.to_owned()], false)?;
        }
        Ok(text)
    }

    /// What was found and written, in words.
    fn said(&self, baseline: bool) -> String {
        let clusters = match self.clusters {
            1 => "1 cluster is there".to_owned(),
            clusters => format!("{clusters} clusters are there"),
        };
        let mut lines = match self.folders.is_empty() {
            true => format!(
                "wrote {FILE_NAME}; no clusters are described below this folder, so `paths` is not set\n\
                 `ekslint snapshot --region REGION -o snapshots` writes snapshots; `ekslint scan --help` shows what else is read"
            ),
            false => {
                let folders: Vec<_> = self.folders.iter().map(|folder| format!("{folder:?}")).collect();
                format!("wrote {FILE_NAME} with paths = [{}]: {clusters}", folders.join(", "))
            }
        };
        if baseline {
            lines += &format!("\nset baseline = \"{BASELINE_NAME}\", which is there");
        }
        lines + "\n`ekslint config show` prints what holds"
    }
}

/// The folders that hold some folders, in order: of those below one folder, the deepest one that holds them all; this
/// folder where it is one of them.
fn common_folders(folders: impl Iterator<Item = PathBuf>) -> Vec<String> {
    let mut below: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for folder in folders {
        let folder = folder.strip_prefix(".").unwrap_or(&folder);
        let Some(first) = folder.components().next() else { return vec![".".to_owned()] };
        let first = PathBuf::from(first.as_os_str());
        let common = below.entry(first).or_insert_with(|| folder.to_owned());
        *common = common.iter().zip(folder).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    }
    below.values().filter_map(|folder| config_file::slashed(folder)).collect()
}

#[cfg(test)]
mod tests {
    use super::common_folders;
    use std::path::PathBuf;

    #[test]
    fn the_folders_are_few_and_hold_all_that_is_there() {
        let folders = |folders: &[&str]| common_folders(folders.iter().map(PathBuf::from));
        assert_eq!(folders(&[]), [""; 0]);
        assert_eq!(folders(&["./fixtures", "fixtures"]), ["fixtures"]);
        assert_eq!(folders(&["infra/eks/eu", "infra/eks/us"]), ["infra/eks"]);
        assert_eq!(folders(&["x", "b/c", "x/y"]), ["b/c", "x"]);
        assert_eq!(folders(&["", "b"]), ["."]);
        assert_eq!(folders(&["b", "."]), ["."]);
    }
}
