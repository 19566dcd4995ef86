//! `ekslint scan`: judges snapshots and writes reports.

use super::configuration::writable;
use super::exit::ExitOptions;
use super::judging::{CommandPolicy, PolicyOptions, SourceOptions};
use super::output;
use super::overwrite::{self, ReadFiles};
use super::severity::Word;
use super::target::{self, Target};
use super::verbosity::Verbosity;
use crate::policy::cluster_names::SeenClusters;
use crate::policy::{Config, Reviewer};
use crate::report::{Detail, Report, ReportFormat, Style};
use crate::rule::Severity;
use crate::scan::Keep;
use crate::source::root::Root;
use anyhow::bail;
use bumpalo::Bump;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// `ekslint scan`
#[derive(Debug, Args)]
#[command(
    mut_arg("verbose", |arg| arg.help("Print every reason and every skipped file").long_help(VERBOSE_HELP)),
    after_help = FIRST_EXAMPLES,
    after_long_help = EXAMPLES
)]
pub(super) struct ScanCommand {
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    /// Do not count the findings of this baseline
    ///
    /// `ekslint baseline write` makes one.
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    baseline: Option<PathBuf>,

    #[arg(long, short, value_name = "FORMAT[=FILE]", help_heading = "Output", help = FORMAT_HELP, long_help = target::help::<ReportFormat>())]
    format: Vec<Target<ReportFormat>>,
    /// Show this severity and worse [default: info]
    #[arg(long, value_name = "SEVERITY", help_heading = "Output")]
    severity: Option<Word<Severity>>,
    /// Show lines, whole fixes and commands
    ///
    /// Each finding has the lines of its file, why it matters, the whole fix and the commands for it.
    #[arg(long, help_heading = "Output")]
    full: bool,
    /// Count findings a rule instead of showing them
    ///
    /// The text is a row a rule: how many findings, how bad they are, and on how many clusters.
    #[arg(long, conflicts_with = "full", help_heading = "Output")]
    statistics: bool,
    /// List findings that are waived or in the baseline as well, and why
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    show_waived: bool,
    /// Put them into SARIF as well, as suppressed; GitHub would show them as open
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    sarif_suppressed: bool,
    /// Put what was not evaluated, failed or is superseded into CSV as well, a row each
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    csv_not_evaluated: bool,
    /// The category in code scanning: an upload replaces the results of its own category only
    /// [default: ekslint/, or that of the live region]
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new(), hide_short_help = true, help_heading = "Output")]
    sarif_category: Option<String>,
    #[command(flatten)]
    verbosity: Verbosity,

    #[command(flatten)]
    exit: ExitOptions,
}

const VERBOSE_HELP: &str = "Print every reason why rules were not evaluated, and every file that was skipped";
const FIRST_EXAMPLES: &str = "\
Examples:
  ekslint scan fixtures/
  ekslint scan --region ap-northeast-2
  aws eks describe-cluster --name prod | ekslint scan -

`ekslint scan --help` has all options, more examples, and the exit codes.";
const EXAMPLES: &str = "\
Examples:
  Every snapshot below a directory:
    ekslint scan fixtures/
  The live clusters of a region, with the credentials of the AWS CLI:
    ekslint scan --region ap-northeast-2
  One cluster, straight from the AWS CLI:
    aws eks describe-cluster --name prod | ekslint scan -
  For GitHub code scanning, and for people:
    ekslint scan fixtures/ --format sarif=ekslint.sarif --format text
  Some rules only:
    ekslint scan fixtures/ --select 'endpoint-*' --fail-on high

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  something is wrong with the command, the configuration, a rule or an input
  3  something could not be evaluated, and --strict was given";

/// What to do when no input is named.
const HOW_TO_START: &str = "\
nothing to scan. Four ways to start:
  ekslint scan --region ap-northeast-2                    live clusters, with your AWS credentials
  ekslint scan fixtures/                                  snapshots in a directory
  aws eks describe-cluster --name prod | ekslint scan -   one cluster, straight from the AWS CLI
  ekslint config init                                     find the snapshots here, for every scan and hook after it
A pre-commit hook may also name directories: `args: [fixtures]`.
`ekslint scan --help` shows all options.";

const FORMAT_HELP: &str = "text, table, json, sarif, … [default: text]";

impl ScanCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let policy = self.policy.load()?;
        let outputs = self.outputs(&policy.config)?;
        check_outputs(&outputs, policy.mask)?;
        if self.statistics && outputs.iter().all(|to| to.format != ReportFormat::Text) {
            bail!(
                "--statistics changes the text only, and no text is written; add --format text, or leave it out"
            );
        }
        let inputs = self.source.find(&policy.config, HOW_TO_START)?;
        let read = ReadFiles::of(&policy, policy.baseline_file(self.baseline.as_deref()));
        let read = read.and(overwrite::named(inputs.all()));
        read.spare_all(target::files(&outputs))?;
        let baseline = policy.baseline(self.baseline.as_deref())?;
        let wants = |which: fn(ReportFormat) -> bool| outputs.iter().any(|to| which(to.format));
        let fixes = wants(|format| format != ReportFormat::Concise);
        let has_text = wants(|format| format == ReportFormat::Text);
        let keep = Keep {
            excerpts: has_text && self.detail() != Detail::Statistics,
            flows: wants(|f| f == ReportFormat::Markdown),
            explained: wants(|f| f == ReportFormat::Html),
            versions: wants(|f| f == ReportFormat::Table) || has_text && self.detail() == Detail::Short,
            digests: wants(|f| f == ReportFormat::Html),
        };
        let arena = Bump::new();
        let judge = policy.judge(fixes, &arena)?;
        let mut judged = self.source.judge(&inputs, &judge, keep, self.verbosity.quiet)?;
        let reviewer = policy.reviewer(&judge, baseline.as_ref(), inputs.whole);
        let reviewer = Reviewer { excerpts: keep.excerpts, ..reviewer };
        let review = reviewer.review(&mut judged.scan);
        judged.scan.policy_findings = review.findings;
        // Where the inputs are all there is, a table that fits no cluster is a mistake.
        if inputs.whole && judged.errors.is_empty() {
            judged.notices.extend(SeenClusters::of(&judged.scan).without_cluster(&policy.config));
        }
        let root = Root::find(self.source.root());
        let notices = inputs.notices(&judged.scan, self.verbosity.verbose);
        let report = judged.report(&policy, &judge, (&root, &review.waivers), notices);
        let mut report = self.report(report, &policy, keep);
        let left_out: Vec<_> = outputs.iter().filter_map(|to| to.format.left_out(&report)).collect();
        report.notices.extend(left_out);
        policy.say(&report, self.verbosity.quiet)?;
        let read = read.and(overwrite::judged(inputs.all(), &judged.scan));
        target::write(&outputs, &read, |format, color, out| {
            write_to(format, &report, self.style(color), policy.mask, out)
        })?;
        Ok(self.exit.code(&report, &policy))
    }

    /// What to write and where: as the command line says, else as the configuration says.
    fn outputs(&self, config: &Config) -> anyhow::Result<Vec<Target<ReportFormat>>> {
        if !self.format.is_empty() {
            return Ok(self.format.clone());
        }
        let configured = config.format.iter().flat_map(|format| &format.value);
        let configured = configured.filter_map(|output| {
            let format = ReportFormat::from_str(&output.format.value, true).ok()?;
            Some(Target { format, file: output.file.clone() })
        });
        let configured: Vec<_> = configured.collect();
        if configured.is_empty() {
            return Ok(vec![Target { format: ReportFormat::Text, file: None }]);
        }
        let files = configured.iter().filter_map(|output| output.file.as_deref());
        files.into_iter().try_for_each(|file| writable(config, file))?;
        Ok(configured)
    }

    fn report<'a>(&self, judged: Report<'a>, policy: &CommandPolicy, keep: Keep) -> Report<'a> {
        Report {
            shown: policy.shown(self.severity.map(|word| word.0)),
            show_waived: self.show_waived,
            sarif_suppressed: self.sarif_suppressed,
            csv_not_evaluated: self.csv_not_evaluated,
            sarif_category: self.sarif_category.clone(),
            rules_digest: keep.digests.then(|| policy.rules_digest()),
            ..judged
        }
    }

    fn detail(&self) -> Detail {
        match (self.statistics, self.full) {
            (true, _) => Detail::Statistics,
            (false, true) => Detail::Full,
            (false, false) => Detail::Short,
        }
    }

    fn style(&self, color: bool) -> Style {
        let Verbosity { quiet, verbose } = self.verbosity;
        Style { color, width: output::width(), verbose, quiet, detail: self.detail() }
    }
}

/// What cannot be written as it was asked for.
fn check_outputs(outputs: &[Target<ReportFormat>], mask: bool) -> anyhow::Result<()> {
    if mask && outputs.iter().any(|to| to.format == ReportFormat::Asff) {
        bail!(
            "masking account ids leaves nothing for --format asff: AWS Security Hub keeps findings by account; \
             write that output without --mask-account"
        );
    }
    target::check(outputs)
}

fn write_to(
    format: ReportFormat,
    report: &Report<'_>,
    style: Style,
    mask: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut out = output::masking(out, mask);
    format.write(report, style, &mut *out)?;
    out.flush()
}
