//! What becomes of the controls of frameworks, for auditors: each output is one file with one function that writes a
//! [`ComplianceReport`].

mod counted;
mod csv;
mod deciding;
mod html;
mod json;
mod json_since;
mod looked_at;
mod markdown;
mod oscal;
mod scope;
mod shown;
mod since;
mod text;
mod text_since;
mod verdict_style;

use super::{Report, Style};
use crate::compliance::{ComplianceSince, FrameworkResult};
use crate::policy::ParameterInForce;
use crate::scan::InputDigest;
use crate::text::listed;
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Everything that an output can say about controls. The same for every output.
#[derive(Debug)]
pub struct ComplianceReport<'a> {
    /// The scan that it follows from.
    pub scanned: &'a Report<'a>,
    /// What becomes of the controls of each framework.
    pub frameworks: Vec<FrameworkResult<'a>>,
    /// What changed since an older state, if that was asked for.
    pub since: Option<ComplianceSince>,
    /// The values of the rules' parameters.
    pub parameters: Vec<ParameterInForce>,
    /// The SHA-256 of all rules.
    pub rules_digest: String,
    /// What the configuration is called.
    pub config: String,
    /// What was asked for.
    pub scope: ReportScope,
    /// Whether account ids are masked in what is written: then no identifier may be made of them.
    pub mask: bool,
}

/// Which clusters a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportScope {
    /// The files and folders that were named.
    pub paths: Vec<String>,
    /// The names and globs of `--cluster`; all clusters if there are none.
    pub clusters: Vec<String>,
}

impl ReportScope {
    /// In words: `the clusters prod-* of 111122223333 ap-northeast-2`, `all clusters in fixtures`.
    fn in_words(&self, live: &[(String, String)]) -> String {
        let which = match self.clusters.as_slice() {
            [] => "all clusters".to_owned(),
            globs => format!("the clusters {}", globs.join(", ")),
        };
        let regions = live.iter().map(|(account, region)| format!("{account} {region}"));
        let places: Vec<_> = regions.chain(self.paths.iter().cloned()).collect();
        format!("{which} in {}", listed(&places))
    }
}

impl ComplianceReport<'_> {
    /// The digests of all inputs that were judged, each file once.
    fn inputs(&self) -> impl Iterator<Item = &InputDigest> {
        let mut seen = BTreeSet::new();
        let judged = self.scanned.scan.inputs.iter().filter(|input| input.skipped.is_none());
        judged.flat_map(|input| &input.digests).filter(move |digest| seen.insert(digest.name.as_str()))
    }
}

/// The outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ComplianceFormat {
    /// For people: a row a control; `-v` adds the evidence
    Text,
    /// For programs: versioned, with a JSON Schema
    Json,
    /// For a pull request, a wiki or an audit folder; `-v` leaves nothing out
    Markdown,
    /// For spreadsheets: a row a control and cluster
    Csv,
    /// For GRC tools: OSCAL assessment results, of nist-800-53-r5 only
    Oscal,
    /// For people who do not run ekslint: one page that opens offline
    Html,
}

impl ComplianceFormat {
    /// Writes a report.
    ///
    /// # Errors
    ///
    /// The output cannot be written to.
    pub fn write(self, report: &ComplianceReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, style, out),
            Self::Json => json::write(report, out),
            Self::Markdown => markdown::write(report, style, out),
            Self::Csv => csv::write(report, out),
            Self::Oscal => oscal::write(report, out),
            Self::Html => html::write(report, out),
        }
    }

    /// The only framework that it has a form for, if it has none for the others.
    pub fn only_framework(self) -> Option<&'static str> {
        (self == Self::Oscal).then_some(oscal::FRAMEWORK)
    }

    /// Whether it shows the evidence of what passed.
    pub fn shows_evidence(self, verbose: bool) -> bool {
        self != Self::Text || verbose
    }
}
