//! Differences out: what is new, what is fixed, and what brought it, as text, JSON or Markdown.

mod html;
mod json;
mod markdown;
mod text;
mod totals;
mod words;

pub use totals::Totals;

use super::Style;
use crate::engine::Configured;
use crate::policy::WaiverInfo;
use crate::policy::diff::{ClusterDiff, Diff, FindingChange};
use crate::rule::{Rule, Severity};
use crate::scan::Scan;
use crate::value::Problem;
use std::io::{self, Write};

/// Everything that an output can say about a difference.
#[derive(Debug)]
pub struct DiffReport<'a> {
    /// What differs.
    pub diff: &'a Diff<'a>,
    /// What judging OLD and NEW gave.
    pub scans: [&'a Scan; 2],
    /// What OLD and NEW are called.
    pub names: [String; 2],
    /// The rules that ran; findings name them by position.
    pub rules: &'a [Configured<'a>],
    /// The day that counted as today, for both.
    pub as_of: chrono::NaiveDate,
    /// Less severe findings are counted but not shown.
    pub shown: Severity,
    /// What the waivers say about themselves; findings name them by position.
    pub waivers: &'a [WaiverInfo],
    /// What is worth saying besides.
    pub notices: Vec<String>,
    /// Rules that did not load.
    pub rule_errors: Vec<Problem>,
    /// Inputs that are no snapshots, and rules that failed.
    pub errors: Vec<Problem>,
}

/// The outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For programs: versioned, with a JSON Schema
    Json,
    /// For a comment on a pull request
    Markdown,
    /// For people who do not run ekslint: one page that opens offline
    Html,
}

impl DiffFormat {
    /// Writes a report.
    ///
    /// # Errors
    ///
    /// The output cannot be written to.
    pub fn write(self, report: &DiffReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, style, out),
            Self::Json => json::write(report, out),
            Self::Markdown => markdown::write(report, out),
            Self::Html => html::write(report, out),
        }
    }
}

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    New,
    Fixed,
    NoLongerEvaluated,
}

impl<'a> DiffReport<'a> {
    /// What it amounts to.
    pub fn totals(&self) -> Totals {
        Totals::of(self)
    }

    fn rule(&self, shift: &FindingChange<'_>) -> &'a Rule {
        self.rules[shift.finding.rule].rule
    }

    /// The findings of a cluster that are severe enough to be shown, in the order of their groups.
    fn shifts<'d>(
        &self,
        cluster: &'d ClusterDiff<'a>,
    ) -> impl Iterator<Item = (Fate, &'d FindingChange<'a>)> + use<'a, 'd> {
        let shown = self.shown;
        let group = |fate, shifts: &'d [FindingChange<'a>]| shifts.iter().map(move |shift| (fate, shift));
        group(Fate::New, &cluster.new)
            .chain(group(Fate::Fixed, &cluster.fixed))
            .chain(group(Fate::NoLongerEvaluated, &cluster.no_longer_evaluated))
            .filter(move |(_, shift)| shift.finding.severity >= shown)
    }
}
