//! `ekslint report`: what becomes of the controls of frameworks, with the evidence.

use super::configuration::ConfigOptions;
use super::exit::ExitOptions;
use super::framework_options::FrameworkOptions;
use super::judging::{CommandPolicy, ControlJudge, PolicyOptions, RuleOptions, SourceOptions};
use super::output;
use super::overwrite::{self, ReadFiles};
use super::since::SinceInput;
use super::target::{self, Target};
use super::verbosity::Verbosity;
use crate::compliance::{Assessor, ComplianceSince};
use crate::facts::AsOf;
use crate::report::compliance::{ComplianceFormat, ComplianceReport};
use crate::report::{Report, Style};
use crate::scan::Keep;
use crate::source::root::Root;
use anyhow::bail;
use bumpalo::Bump;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// `ekslint report`
#[derive(Debug, Args)]
#[command(after_help = FIRST_EXAMPLES, after_long_help = EXAMPLES)]
pub(super) struct ReportCommand {
    /// The framework, such as cis-eks-2.0 or isms-p-2023
    ///
    /// Repeat it, or separate several by commas. `ekslint frameworks` lists all.
    #[arg(long, value_name = "ID", value_delimiter = ',', required = true, help_heading = "Controls")]
    framework: Vec<String>,
    /// Load frameworks from a directory as well
    #[arg(long, value_name = "DIR", help_heading = "Controls")]
    frameworks: Vec<PathBuf>,
    /// Show which controls changed since an older state
    ///
    /// A JSON report of `ekslint report`, or snapshots or templates: these are evaluated by the rules, the parameters and
    /// the day of this report.
    #[arg(long, value_name = "PATH", help_heading = "Controls")]
    since: Option<PathBuf>,
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    config: ConfigOptions,
    /// Load rules from a directory as well
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = "Rules")]
    rules: Vec<PathBuf>,
    /// Set a parameter of a rule
    #[arg(long, value_name = "RULE.NAME=VALUE", hide_short_help = true, help_heading = "Rules")]
    param: Vec<String>,
    /// The day to take as today [default: today, UTC]
    #[arg(long, value_name = "DATE", hide_short_help = true, help_heading = "Rules")]
    as_of: Option<AsOf>,
    /// Mark what stands in this baseline; it still fails
    #[arg(long, value_name = "FILE", hide_short_help = true, help_heading = "Configuration")]
    baseline: Option<PathBuf>,
    #[arg(long, short, value_name = "FORMAT[=FILE]", help_heading = "Output", help = FORMAT_HELP, long_help = target::help::<ComplianceFormat>())]
    format: Vec<Target<ComplianceFormat>>,
    /// Mask account ids in everything that is written, for public repositories
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    mask_account: bool,
    #[command(flatten)]
    verbosity: Verbosity,
    #[command(flatten)]
    exit: ExitOptions,
}

const FIRST_EXAMPLES: &str = "\
Examples:
  ekslint report --framework cis-eks-2.0 fixtures/
  ekslint report --framework isms-p-2023 --region ap-northeast-2

`ekslint report --help` has all options, more examples, and the exit codes.";
const EXAMPLES: &str = "\
Examples:
  What becomes of each control, with the first place that decides it:
    ekslint report --framework cis-eks-2.0 fixtures/
  The same with the evidence of every cluster, also of what passed:
    ekslint report --framework cis-eks-2.0 fixtures/ -v
  Two frameworks, for programs, with a table for people:
    ekslint report --framework cis-eks-2.0,aws-fsbp fixtures/ --format json=report.json --format text
  What changed since the report of a month ago:
    ekslint report --framework cis-eks-2.0 fixtures/ --since report-2026-10.json
  A framework of your own:
    ekslint report --framework acme-baseline-1.0 --frameworks our-frameworks fixtures/

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  something is wrong with the command, the configuration, a rule or an input
  3  something could not be evaluated, and --strict was given";

/// What to do when no input is named.
const HOW_TO_START: &str = "\
nothing to report on. Three ways to start:
  ekslint report --framework cis-eks-2.0 --region ap-northeast-2   live clusters, with your AWS credentials
  ekslint report --framework cis-eks-2.0 fixtures/                 snapshots or templates in a directory
  ekslint frameworks                                               which frameworks there are
`ekslint report --help` shows all options.";

const FORMAT_HELP: &str = "text, json, … [default: text]";

impl ReportCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let policy = self.policy().load()?;
        let outputs = self.outputs();
        target::check(&outputs)?;
        check_frameworks(&outputs, &policy)?;
        let inputs = self.source.find(&policy.config, HOW_TO_START)?;
        let since = self.since.as_deref();
        let since = since.map(|path| SinceInput::find(path, &policy, &self.source)).transpose()?;
        let read = ReadFiles::of(&policy, policy.baseline_file(self.baseline.as_deref()));
        let read = read.and(overwrite::named(inputs.all())).and(since.iter().flat_map(SinceInput::files));
        read.spare_all(target::files(&outputs))?;
        let baseline = policy.baseline(self.baseline.as_deref())?;
        let arena = Bump::new();
        let evidence = outputs.iter().any(|to| to.format.shows_evidence(self.verbosity.verbose));
        let ControlJudge { judge, why_off, parameters } = policy.control_judge(evidence, &arena)?;
        let explained = outputs.iter().any(|to| to.format == ComplianceFormat::Html);
        let keep = Keep { digests: true, explained, ..Keep::default() };
        let mut judged = self.source.judge(&inputs, &judge, keep, self.verbosity.quiet)?;
        let review = policy.reviewer(&judge, baseline.as_ref(), inputs.whole).review(&mut judged.scan);
        judged.scan.policy_findings = review.findings;
        let since = since.map(|since| since.state(&policy, baseline.as_ref(), self.verbosity.verbose));
        let since = since.transpose()?.map(|since| judged.also(since));
        let root = Root::find(self.source.root());
        let notices = inputs.notices(&judged.scan, self.verbosity.verbose);
        let scanned = judged.report(&policy, &judge, (&root, &review.waivers), notices);
        let scanned = Report { rules_digest: Some(policy.rules_digest()), ..scanned };
        policy.say(&scanned, self.verbosity.quiet)?;
        let (rules, config) = (scanned.rules, policy.config.name());
        let assessor = Assessor { scan: scanned.scan, rules, why_off: &why_off, config: config.clone() };
        let frameworks: Vec<_> =
            policy.frameworks.chosen().map(|framework| assessor.assess(framework)).collect();
        let since = since.map(|state| ComplianceSince::compare(state, scanned.scan, &frameworks));
        let report = ComplianceReport {
            scanned: &scanned,
            frameworks,
            since,
            parameters,
            rules_digest: policy.rules_digest(),
            config,
            scope: inputs.scope(),
            mask: policy.mask,
        };
        let read = read.and(overwrite::judged(inputs.all(), &judged.scan));
        target::write(&outputs, &read, |format, color, out| {
            let mut out = output::masking(out, policy.mask);
            format.write(&report, self.style(color), &mut *out)?;
            out.flush()
        })?;
        Ok(self.exit.code(&scanned, &policy))
    }

    fn policy(&self) -> PolicyOptions {
        let rules = RuleOptions { rules: self.rules.clone(), ..RuleOptions::default() };
        let policy =
            PolicyOptions::of(self.config.clone(), rules, self.param.clone(), self.as_of, self.mask_account);
        policy.of_frameworks(FrameworkOptions::of(self.framework.clone(), self.frameworks.clone()))
    }

    fn outputs(&self) -> Vec<Target<ComplianceFormat>> {
        if self.format.is_empty() {
            return vec![Target { format: ComplianceFormat::Text, file: None }];
        }
        self.format.clone()
    }

    fn style(&self, color: bool) -> Style {
        let Verbosity { quiet, verbose } = self.verbosity;
        Style { color, width: output::width(), verbose, quiet, ..Style::default() }
    }
}

/// Says which framework a format is for, if it is for one and another one is asked for.
fn check_frameworks(outputs: &[Target<ComplianceFormat>], policy: &CommandPolicy) -> anyhow::Result<()> {
    for only in outputs.iter().filter_map(|to| to.format.only_framework()) {
        if let Some(other) = policy.frameworks.chosen().find(|framework| framework.id != only) {
            bail!(
                "--format oscal is for the framework {only} only: of {} there is no catalog in OSCAL. Write it with \
                 --format json",
                other.id
            );
        }
    }
    Ok(())
}
