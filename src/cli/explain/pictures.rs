//! Where pictures go: one to standard output or to a file, several to a folder, a file for each cluster.

use crate::cli::output;
use crate::cli::overwrite::ReadFiles;
use crate::cli::target::{self, Target};
use crate::report::explain::{ExplainFormat, ExplainReport, Explained};
use anyhow::bail;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest name of a file, without its ending.
const MAX_NAME: usize = 100;
/// Names that are devices on Windows, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A picture, and the file for it.
pub(super) struct PictureFile<'r> {
    file: PathBuf,
    cluster: &'r Explained,
}

/// Whether a place for pictures is a folder: it ends with a slash, or it is there and is one.
fn is_folder(path: &Path) -> bool {
    path.to_string_lossy().ends_with(std::path::is_separator) || path.is_dir()
}

/// Refuses outputs that are inputs. What a folder will hold is not known yet, see [`write`].
///
/// # Errors
///
/// An output is a file that the command reads.
pub(super) fn spare(read: &ReadFiles, outputs: &[Target<ExplainFormat>]) -> anyhow::Result<()> {
    let is_place = |to: &&Target<ExplainFormat>| to.file.as_deref().is_some_and(is_folder);
    if let Some(other) = outputs.iter().filter(is_place).find(|to| to.format != ExplainFormat::Svg) {
        let folder = other.file.as_deref().unwrap_or(Path::new("")).display();
        bail!("{folder} is a folder: only --format svg writes a file for each cluster; name a file");
    }
    read.spare_all(target::files(outputs))
}

/// The outputs without the pictures that go to files, and these.
///
/// # Errors
///
/// Several pictures would go to one place.
pub(super) fn apart<'r>(
    outputs: &[Target<ExplainFormat>],
    report: &'r ExplainReport,
) -> anyhow::Result<(Vec<Target<ExplainFormat>>, Vec<PictureFile<'r>>)> {
    let (pictures, others): (Vec<_>, Vec<_>) =
        outputs.iter().cloned().partition(|to| to.format == ExplainFormat::Svg && to.file.is_some());
    if others.iter().any(|to| to.format == ExplainFormat::Svg) {
        check_one(report)?;
    }
    let mut files = Vec::new();
    for place in pictures.into_iter().filter_map(|to| to.file) {
        if is_folder(&place) {
            files.extend(in_folder(&place, &report.clusters));
            continue;
        }
        check_one(report)?;
        files.extend(report.clusters.iter().map(|cluster| PictureFile { file: place.clone(), cluster }));
    }
    Ok((others, files))
}

fn check_one(report: &ExplainReport) -> anyhow::Result<()> {
    match report.clusters.len() {
        0 | 1 => Ok(()),
        count => bail!(
            "a picture shows one cluster, and there are {count}: choose one with --cluster NAME, or write a file for each \
             with --format svg=DIR/"
        ),
    }
}

/// A file for each cluster, called after it.
fn in_folder<'r>(folder: &Path, clusters: &'r [Explained]) -> Vec<PictureFile<'r>> {
    let mut taken = HashSet::new();
    let file = |cluster: &'r Explained| {
        let name = free_name(cluster.name(), cluster.region(), &mut taken);
        PictureFile { file: folder.join(format!("{name}.svg")), cluster }
    };
    clusters.iter().map(file).collect()
}

/// A name that no file of the folder has yet: that of the cluster, else with its region, else with a number.
fn free_name(name: Option<&str>, region: Option<&str>, taken: &mut HashSet<String>) -> String {
    let own = safe_name(name.unwrap_or("cluster"));
    let with_region = region.map(|region| safe_name(&format!("{own}-{region}")));
    let numbered = (2_u32..).map(|at| format!("{own}-{at}"));
    let names = std::iter::once(own.clone()).chain(with_region).chain(numbered);
    // There is no end of numbers.
    let free = names.into_iter().find(|name| !taken.contains(&name.to_lowercase())).unwrap_or(own.clone());
    taken.insert(free.to_lowercase());
    free
}

/// A name as that of a file on every system: letters and digits of ASCII, `-`, `_` and `.` within it.
fn safe_name(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let text: String = name.chars().take(MAX_NAME).map(safe).collect();
    let text = text.trim_matches(['.', '-']);
    let stem = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    match text {
        "" => "cluster".to_owned(),
        text if DEVICES.contains(&stem) => format!("cluster-{text}"),
        text => text.to_owned(),
    }
}

/// Writes the pictures, whatever became of those before, but over none of the files that were read.
///
/// # Errors
///
/// All that could not be written.
pub(super) fn write(pictures: &[PictureFile<'_>], read: &ReadFiles, mask: bool) -> anyhow::Result<()> {
    target::all_written(pictures.iter().filter_map(|picture| picture.write(read, mask).err()).collect())
}

impl PictureFile<'_> {
    fn write(&self, read: &ReadFiles, mask: bool) -> Result<(), String> {
        read.spare(&self.file)?;
        let told = |error| format!("cannot write {}: {error}", self.file.display());
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(told)?;
        }
        output::write_file(&self.file, |out| {
            let mut out = output::masking(out, mask);
            out.write_all(self.cluster.picture().as_bytes())?;
            out.flush()
        })
        .map_err(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cluster_has_a_safe_file_of_its_own() {
        let mut taken = HashSet::new();
        let mut free = |name, region| free_name(name, region, &mut taken);
        for (name, region, expected) in [
            (Some("prod"), Some("eu-west-1"), "prod"),
            (Some("prod"), Some("us-east-1"), "prod-us-east-1"),
            (Some("PROD"), Some("us-east-1"), "PROD-2"),
            (Some("../../etc/passwd"), None, "etc-passwd"),
            (Some("..\\x"), None, "x"),
            (Some("nul"), None, "cluster-nul"),
            (Some("COM1.a"), None, "cluster-COM1.a"),
            (Some("팀"), None, "cluster"),
            (None, None, "cluster-2"),
            (None, Some("eu-west-1"), "cluster-eu-west-1"),
        ] {
            assert_eq!(free(name, region), expected, "{name:?}");
        }
        assert_eq!(free_name(Some(&"a".repeat(500)), None, &mut HashSet::new()).len(), MAX_NAME);
    }
}
