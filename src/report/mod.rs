//! Findings out. Each output is one file with one function that writes a [`Report`].

pub mod concise;
pub mod json;
pub mod sarif;
pub mod summary;
pub mod text;

pub use summary::{NotEvaluated, Summary};

use crate::engine::{Configured, Finding, RuleError};
use crate::rule::{LoadError, Rule, Severity};
use crate::scan::{FileScan, InputError, Scan, SnapshotScan};
use crate::source::root::Root;
use std::io::{self, Write};

/// Everything that an output can say about a scan. The same for every output.
#[derive(Debug)]
pub struct Report<'a> {
    /// What the scan gave.
    pub scan: &'a Scan,
    /// The rules that ran; findings name them by position.
    pub rules: &'a [Configured<'a>],
    /// What file names are relative to.
    pub root: &'a Root,
    /// Less severe findings are counted but not shown.
    pub shown: Severity,
    /// What is worth saying besides findings.
    pub notices: Vec<String>,
    /// Rules that did not load.
    pub rule_errors: Vec<LoadError>,
    /// Inputs that are no snapshots, and rules that failed.
    pub errors: Vec<InputError>,
}

/// How a terminal is written to.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// The width in columns.
    pub width: usize,
    /// Whether to show more: every not evaluated rule by name.
    pub verbose: bool,
    /// Whether to show findings only.
    pub quiet: bool,
}

/// The outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: each finding with its lines, and how to mend it
    Text,
    /// One line a finding, for editors
    Concise,
    /// For programs: versioned, with a JSON Schema
    Json,
    /// For GitHub code scanning: SARIF 2.1.0
    Sarif,
}

impl Format {
    /// Writes a report.
    ///
    /// # Errors
    ///
    /// The output cannot be written to.
    pub fn write(self, report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, style, out),
            Self::Concise => concise::write(report, style, out),
            Self::Json => json::write(report, out),
            Self::Sarif => sarif::write(report, out),
        }
    }
}

/// A finding with what surrounds it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its rule.
    pub rule: &'a Rule,
    /// Its file.
    pub file: &'a FileScan,
    /// Its snapshot.
    pub snapshot: &'a SnapshotScan,
    /// Its position in the snapshot.
    pub index: usize,
}

impl<'a> Report<'a> {
    /// The findings to show, in order.
    pub fn findings(&self) -> impl Iterator<Item = Shown<'a>> + '_ {
        self.scan.snapshots().flat_map(move |(file, snapshot)| {
            snapshot.findings.iter().enumerate().filter_map(move |(index, finding)| {
                let rule = self.rules[finding.rule].rule;
                (rule.severity >= self.shown).then_some(Shown { finding, rule, file, snapshot, index })
            })
        })
    }

    /// What the scan amounts to.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// The errors of rules on snapshots, as errors of inputs.
    pub fn rule_failures(scan: &Scan) -> Vec<InputError> {
        let error = |file: &FileScan, error: &RuleError| InputError {
            file: file.name.clone(),
            place: None,
            message: format!("the rule {} failed at {}: {}", error.rule, error.at, error.cause),
        };
        let mut errors: Vec<_> = scan
            .snapshots()
            .flat_map(|(file, snapshot)| snapshot.errors.iter().map(move |e| error(file, e)))
            .collect();
        errors.sort();
        errors.dedup();
        errors
    }
}

/// The name to call a cluster.
pub fn cluster_name(cluster: &crate::snapshot::Identity) -> &str {
    let name = cluster.name.as_deref().or(cluster.arn.as_deref());
    name.unwrap_or("unnamed cluster")
}

/// Text of a cluster's owner, safe for a terminal: control characters, and those that change the
/// direction of what follows, are replaced.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { '\u{FFFD}' } else { c }).collect()
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}
