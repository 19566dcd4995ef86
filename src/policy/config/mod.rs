//! The configuration file, `ekslint.toml`: where it is found, and what it says as typed values that
//! know where they are.
//!
//! A file is read in two steps: its form by itself, and then its meaning against the rules that are
//! loaded ([`Config::check`]). A mistake is reported with its place; one is enough to stop a command,
//! since judging by half a configuration misleads.

mod check;
mod edit;
mod error;
mod keys;
mod read;
mod schema;
mod shown;
mod template;
mod values;

pub use edit::{NewWaiver, with_setting, with_waiver};
pub use error::ConfigErrors;
pub use schema::{lists, schema};
pub use shown::ShownSetting;
pub use template::template;

use super::LevelChoice;
use super::place::{FileIdentity, is_of_git};
use crate::engine::ClusterSelector;
use crate::rule::{RulePattern, Severity};
use crate::source::{TerraformEnvironment, bounded};
use crate::value::position::LineSpan;
use chrono::NaiveDate;
use globset::GlobMatcher;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What the file is called.
pub const FILE_NAME: &str = "ekslint.toml";
/// The largest file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// A value and where it is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub region: LineSpan,
}

/// What an `ekslint.toml` says. Nothing at all without a file: each field that is not set has the
/// default of the command line. Paths start from the file's folder.
#[derive(Debug, Default)]
pub struct Config {
    /// The file it was read from.
    pub file: Option<PathBuf>,
    /// The file's text.
    pub text: String,
    /// What `scan` reads when no path is named.
    pub paths: Option<Located<Vec<PathBuf>>>,
    /// Globs of files to leave out.
    pub exclude: Option<Located<Vec<String>>>,
    /// Directories of own rules.
    pub rules_dirs: Option<Located<Vec<PathBuf>>>,
    /// Which levels of rules run.
    pub level: Option<Located<LevelChoice>>,
    /// The least severe finding that is shown.
    pub severity: Option<Located<Severity>>,
    /// The least severe finding that fails a scan.
    pub fail_on: Option<Located<FailOn>>,
    /// Whether an incomplete scan has an exit code of its own.
    pub strict: Option<Located<bool>>,
    /// What to write, and where.
    pub format: Option<Located<Vec<ConfiguredOutput>>>,
    /// The file of known findings.
    pub baseline: Option<Located<PathBuf>>,
    /// Whether account ids are masked.
    pub mask_account: Option<Located<bool>>,
    /// Lists that several rules share.
    pub organization: Vec<SharedList>,
    /// How rules run, in the order of the file.
    pub rules: Vec<RuleEntry>,
    /// What is different for some clusters; later ones win.
    pub clusters: Vec<ClusterEntry>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// Root modules of Terraform with values of their own.
    pub environments: Vec<TerraformEnvironment>,
}

/// The least severe finding that fails a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// This severity or worse.
    Severity(Severity),
    /// None does.
    Never,
}

impl FailOn {
    /// Whether findings of which this is the worst fail a scan.
    pub fn fails(self, worst: Option<Severity>) -> bool {
        match self {
            Self::Severity(least) => worst.is_some_and(|worst| worst >= least),
            Self::Never => false,
        }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self::Severity(Severity::Medium)
    }
}

/// A format, and the file that it goes to; standard output without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredOutput {
    /// The format's name.
    pub format: Located<String>,
    /// The file.
    pub file: Option<PathBuf>,
}

/// A list that feeds the parameters of rules which ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedList {
    /// What it is called: `allowed-cidrs`.
    pub name: Located<String>,
    /// What is in it.
    pub items: Located<Vec<String>>,
}

/// How a rule runs, or several. What is not set stays as it is.
#[derive(Clone, Debug)]
pub struct RuleEntry {
    /// The id, an alias of another tool, or a glob over ids.
    pub rules: Located<RulePattern>,
    /// Whether it runs at all.
    pub enabled: Option<Located<bool>>,
    /// How bad its findings are.
    pub severity: Option<Located<Severity>>,
    /// Its parameters: name and value.
    pub params: Vec<(Located<String>, Located<Value>)>,
}

/// What is different for some clusters.
#[derive(Clone, Debug)]
pub struct ClusterEntry {
    /// Which clusters.
    pub clusters: ClusterSelector,
    /// Lists that several rules share.
    pub organization: Vec<SharedList>,
    /// How rules run.
    pub rules: Vec<RuleEntry>,
    /// Where it starts.
    pub region: LineSpan,
}

/// Findings that are accepted, and why.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rules: ids, aliases of other tools or globs, at least one.
    pub rules: Vec<Located<RulePattern>>,
    /// Which clusters; all without it.
    pub clusters: Option<WaivedClusters>,
    /// Which resources: globs over KIND/NAME or the ARN. Empty where all are meant.
    pub resources: Vec<GlobMatcher>,
    /// Why it is accepted. A waiver should have one.
    pub reason: Option<Located<String>>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who approved the exception: a name or an address.
    pub approved_by: Option<String>,
    /// Where it was agreed on.
    pub ticket: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<Located<NaiveDate>>,
    /// Where it starts: its `[[waiver]]`.
    pub region: LineSpan,
}

/// The clusters of a waiver.
#[derive(Clone, Debug)]
pub enum WaivedClusters {
    /// Globs over the name or the ARN; one must fit.
    NameOrArn(Vec<GlobMatcher>),
    /// As a `[[cluster]]` selects them.
    Selected(ClusterSelector),
}

impl RuleEntry {
    /// What the entry is for, as written.
    pub fn pattern(&self) -> &str {
        self.rules.value.text()
    }
}

/// Whether a text is a reason: one of nothing but blanks, dashes and dots is none.
pub fn says_why(reason: &str) -> bool {
    !reason.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '–' | '—' | '_' | '.' | '…'))
}

impl Waiver {
    /// Whether it says why.
    pub fn has_reason(&self) -> bool {
        self.reason.as_ref().is_some_and(|reason| says_why(&reason.value))
    }
}

impl Config {
    /// The file that holds for a folder: its own, or that of the nearest folder above it.
    pub fn find(folder: &Path) -> Option<PathBuf> {
        let folder = std::path::absolute(folder).ok()?;
        folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
    }

    /// Reads a file, and checks its form.
    ///
    /// # Errors
    ///
    /// It cannot be read, or its form is wrong: all mistakes, in the order of the file.
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        let text = bounded::read_text(file, MAX_FILE);
        let text = text.map_err(|error| ConfigErrors::of_file(file, error.to_string()))?;
        Self::parse(file, &text)
    }

    /// Reads the text of a file, and checks its form.
    ///
    /// # Errors
    ///
    /// The form is wrong: all mistakes, in the order of the file.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigErrors> {
        read::config(file, text)
    }

    /// Why a file that it names is not written, if so. A configuration may come with a stranger's change, so on its word
    /// nothing is written outside of its own folder, also after all links are followed; nor itself, nor what Git keeps.
    pub fn why_not_written(&self, file: &Path) -> Option<&'static str> {
        let folder_of = |file: &Path| {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            folder.unwrap_or(Path::new(".")).canonicalize().ok()
        };
        let is_link = file.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        let (own, folder) = (self.file.as_deref().and_then(folder_of), folder_of(file));
        // Nothing can be written where there is no folder.
        let elsewhere = folder.as_ref().is_some_and(|folder| own.is_none_or(|own| !folder.starts_with(own)));
        let is_own = || self.file.as_deref().and_then(FileIdentity::of).is_some_and(|own| own.is(file));
        match () {
            () if elsewhere || is_link => Some("is not below the folder of this file, or is a link"),
            () if is_of_git(file) || folder.is_some_and(|folder| is_of_git(&folder)) => {
                Some("is below a directory .git")
            }
            () if is_own() => Some("is this file itself"),
            () => None,
        }
    }

    /// Everything that it writes for rules: ids, aliases and globs.
    pub fn rule_patterns(&self) -> impl Iterator<Item = &str> {
        let of_clusters = self.clusters.iter().flat_map(|cluster| &cluster.rules);
        let entries = self.rules.iter().chain(of_clusters).map(RuleEntry::pattern);
        let waived = self.waivers.iter().flat_map(|waiver| &waiver.rules);
        entries.chain(waived.map(|pattern| pattern.value.text()))
    }

    /// What the file is called in messages.
    pub fn name(&self) -> String {
        self.file.as_ref().map_or_else(|| FILE_NAME.to_owned(), |file| file.display().to_string())
    }
}
