//! Findings out. Each output is one file with one function that writes a [`Report`].

mod accepted;
mod advice;
mod asff;
mod aws;
mod blocks;
mod command_lines;
pub mod compliance;
pub mod concise;
mod csv;
pub mod diff;
mod escape;
mod excerpt_lines;
pub mod explain;
mod finding_text;
mod finding_view;
mod fit;
mod fleet;
mod flow_tone;
pub mod framework_page;
mod full;
mod github;
mod html;
pub mod json;
pub mod json_text;
mod junit;
mod markdown;
mod ocsf;
pub mod palette;
pub mod picture;
mod printable;
pub mod rule_docs;
pub mod rule_page;
pub mod sarif;
mod statistics;
pub mod summary;
pub mod text;
mod totals;
mod unjudged;
mod uri;

pub use finding_text::place;
pub use finding_view::{FindingGroup, FindingView};
pub use fit::beside_or_below;
pub use html::versions::{ClusterVersionsPage, VersionsReport, write as write_versions};
pub use printable::{printable, printable_lines};
pub use summary::{NotEvaluated, Summary};

use crate::engine::{Configured, Finding, RuleError, Standing};
use crate::policy::WaiverInfo;
use crate::rule::Severity;
use crate::scan::{ClusterScan, Scan};
use crate::source::root::Root;
use crate::value::Problem;
use clap::ValueEnum;
use finding_view::groups;
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
    /// The day that was taken as today.
    pub as_of: chrono::NaiveDate,
    /// Less severe findings are counted but not shown.
    pub shown: Severity,
    /// What the waivers say about themselves; findings name them by position.
    pub waivers: &'a [WaiverInfo],
    /// Whether findings that are waived or in the baseline are listed as well.
    pub show_waived: bool,
    /// Whether SARIF has them too, as suppressed. GitHub would show them as open.
    pub sarif_suppressed: bool,
    /// Whether CSV has rows for what was not evaluated, failed or is superseded.
    pub csv_not_evaluated: bool,
    /// The category in code scanning; without one, that of files or of live clusters.
    pub sarif_category: Option<String>,
    /// The accounts and regions that were read live, if nothing else was scanned.
    pub live: Vec<(String, String)>,
    /// The SHA-256 of all rules, if an output says it.
    pub rules_digest: Option<String>,
    /// What is worth saying besides findings.
    pub notices: Vec<String>,
    /// Rules that did not load.
    pub rule_errors: Vec<Problem>,
    /// Inputs that are no snapshots, and rules that failed.
    pub errors: Vec<Problem>,
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
    /// How much is said of each finding.
    pub detail: Detail,
}

/// How much the text says of each finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// A few rows.
    #[default]
    Short,
    /// Its lines, the whole remediation and its commands.
    Full,
    /// None of it: each rule is counted.
    Statistics,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 80, verbose: false, quiet: false, detail: Detail::default() }
    }
}

impl Style {
    /// A style for a piece of text; none where nothing is coloured.
    fn paint(self, effects: anstyle::Effects, color: Option<anstyle::AnsiColor>) -> anstyle::Style {
        match self.color {
            true => anstyle::Style::new().effects(effects).fg_color(color.map(Into::into)),
            false => anstyle::Style::new(),
        }
    }

    /// The style of a severity; none where nothing is coloured.
    fn severity(self, severity: Severity) -> anstyle::Style {
        self.styled(palette::severity(severity))
    }

    /// A style of the palette; none where nothing is coloured.
    fn styled(self, style: anstyle::Style) -> anstyle::Style {
        if self.color { style } else { anstyle::Style::new() }
    }

    /// The width of paragraphs: narrower ones cannot be read.
    fn text_width(self) -> usize {
        self.width.max(40)
    }
}

/// The outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// For people: the worst first, a few rows each; `--full` shows each finding with its lines and commands
    Text,
    /// For people: a row a cluster, with its findings by severity and its version
    Table,
    /// One line a finding, for editors
    Concise,
    /// For programs: versioned, with a JSON Schema
    Json,
    /// For GitHub code scanning: SARIF 2.1.0
    Sarif,
    /// For workflows on GitHub: annotations of a pull request
    Github,
    /// For the summary of a job or a comment on GitHub
    Markdown,
    /// For CI systems: JUnit XML
    Junit,
    /// For spreadsheets: a row a finding
    Csv,
    /// For SIEMs and data lakes: OCSF Compliance Findings, one JSON object a line
    Ocsf,
    /// For AWS Security Hub: the AWS Security Finding Format
    Asff,
    /// For people who do not run ekslint: one page that opens offline
    Html,
}

impl ReportFormat {
    /// Writes a report.
    ///
    /// # Errors
    ///
    /// The output cannot be written to.
    pub fn write(self, report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => match style.detail {
                Detail::Short => text::write(report, style, out),
                Detail::Full => full::write(report, style, out),
                Detail::Statistics => statistics::write(report, style, out),
            },
            Self::Table => fleet::write(report, style, out),
            Self::Concise => concise::write(report, style, out),
            Self::Json => json::write(report, out),
            Self::Sarif => sarif::write(report, out),
            Self::Github => github::write(report, style, out),
            Self::Markdown => markdown::write(report, out),
            Self::Junit => junit::write(report, out),
            Self::Csv => csv::write(report, out),
            Self::Ocsf => ocsf::write(report, out),
            Self::Asff => asff::write(report, out),
            Self::Html => html::write(report, out),
        }
    }

    /// What this output has no place for, if there is something.
    pub fn left_out(self, report: &Report<'_>) -> Option<String> {
        match self {
            Self::Asff => asff::left_out(report),
            _ => None,
        }
    }

    /// The names of all outputs.
    pub fn names() -> Vec<String> {
        let values = Self::value_variants().iter().filter_map(Self::to_possible_value);
        values.map(|value| value.get_name().to_owned()).collect()
    }
}

impl<'a> Report<'a> {
    /// The findings to show, in order: those that count.
    pub fn findings(&self) -> impl Iterator<Item = FindingView<'a>> + '_ {
        self.all().filter(|shown| shown.finding.standing == Standing::Open)
    }

    /// The findings that are waived or in the baseline, in order, if they are to be listed.
    pub fn accepted(&self) -> impl Iterator<Item = FindingView<'a>> + '_ {
        self.all().filter(|shown| self.show_waived && shown.finding.standing != Standing::Open)
    }

    /// The same, if SARIF is to have them.
    pub(crate) fn suppressed(&self) -> impl Iterator<Item = FindingView<'a>> + '_ {
        self.all().filter(|shown| self.sarif_suppressed && shown.finding.standing != Standing::Open)
    }

    /// What is shown together, whether something of it is shown or not.
    pub fn groups(&self) -> impl Iterator<Item = FindingGroup<'a>> + use<'a> {
        groups(self.scan)
    }

    /// Every finding that is severe enough to be shown.
    fn all(&self) -> impl Iterator<Item = FindingView<'a>> + '_ {
        let view = |group, finding: &'a Finding| {
            let rule = self.rules[finding.rule].rule;
            (finding.severity >= self.shown).then_some(FindingView {
                finding,
                rule,
                group,
                rules: self.rules,
            })
        };
        self.groups().flat_map(move |group| group.findings.iter().filter_map(move |one| view(group, one)))
    }

    /// Why a finding does not count, in a few words; none if it counts.
    pub fn why_accepted(&self, finding: &Finding) -> Option<String> {
        accepted::why(finding.standing, self.waivers)
    }

    /// How a finding is accepted: `waived: a lab without data`, or `in the baseline`.
    pub(crate) fn how_accepted(&self, finding: &Finding) -> Option<String> {
        accepted::how(finding.standing, self.waivers)
    }

    /// What the scan amounts to.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// Whether everything was read and judged: what was not found then is not there.
    pub fn is_complete(&self, summary: &Summary) -> bool {
        !self.has_failed(summary) && !summary.is_incomplete()
    }

    /// Whether what was found before and is not found now may count as gone: all inputs could be read, all rules ran, and
    /// what was not evaluated is what these inputs never tell.
    pub fn is_successful(&self, summary: &Summary) -> bool {
        !self.has_failed(summary) && !summary.may_find_again()
    }

    /// Whether an input could not be read, or a rule did not load or failed.
    fn has_failed(&self, summary: &Summary) -> bool {
        summary.errors > 0 || !self.errors.is_empty() || !self.rule_errors.is_empty()
    }

    /// The errors of rules on snapshots, as errors of inputs.
    pub fn rule_failures(scan: &Scan) -> Vec<Problem> {
        let of_cluster = |cluster: &ClusterScan| {
            let problem = |RuleError { rule, at, cause }: &RuleError| {
                Problem::of_file(&cluster.file.name, format!("the rule {rule} failed at {at}: {cause}"))
            };
            cluster.judgement.errors.iter().map(problem).collect::<Vec<_>>()
        };
        let mut errors: Vec<_> = scan.clusters.iter().flat_map(of_cluster).collect();
        errors.sort();
        errors.dedup();
        errors
    }
}

/// What to call a cluster of which nothing is known.
const UNNAMED: &str = "unnamed cluster";

/// The name to call a cluster; what a template without one is called.
pub fn cluster_name(cluster: &crate::snapshot::Identity) -> &str {
    let root = || cluster.template.as_ref()?.root.as_deref();
    let name = cluster.name.as_deref().or(cluster.arn.as_deref());
    name.or_else(root).unwrap_or(UNNAMED)
}

/// Text of a rule as paragraphs for a page of any width: lines that an author broke within a
/// sentence are joined, and everything is safe for a terminal.
pub fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for line in text.lines().map(|line| printable(line.trim_end())) {
        match paragraphs.last_mut() {
            Some(last) if continues(last, &line) => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => paragraphs.push(line),
        }
    }
    paragraphs
}

fn continues(before: &str, line: &str) -> bool {
    let open = !before.is_empty() && !before.ends_with(['.', ':', ';', '!', '?']);
    let text = !line.is_empty() && !line.starts_with([' ', '-', '*', '#']);
    open && text
}

/// Breaks a paragraph into lines of a width, at spaces only: commands and ids stay whole.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::fill(text, options)
}

#[cfg(test)]
mod tests {
    use super::{paragraphs, wrap};

    #[test]
    fn lines_within_a_sentence_are_joined() {
        let text = "One sentence\nover two lines.\nAnother.\n\n- a list\n- of things";
        assert_eq!(
            paragraphs(text),
            ["One sentence over two lines.", "Another.", "", "- a list", "- of things"]
        );
    }

    #[test]
    fn ids_are_not_broken() {
        assert_eq!(wrap("see eks-pod-identity-agent", 12, "", "  "), "see\n  eks-pod-identity-agent");
    }
}
