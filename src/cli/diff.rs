//! `ekslint diff`: what a change does to clusters, before it is merged.

use super::input::{
    Each, LeftOut, TerraformArguments, choice, no_snapshots, repeated, unmatched, unsearched,
};
use super::judging::{CommandPolicy, PolicyOptions};
use super::overwrite::{self, ReadFiles};
use super::severity::{FailOnArg, Word};
use super::target::{self, Target};
use super::verbosity::Verbosity;
use super::{described, exit_code, output};
use crate::engine::Judge;
use crate::policy::diff::{Diff, State, diff};
use crate::policy::{KnownFile, WaiverInfo};
use crate::report::diff::{DiffFormat, DiffReport};
use crate::report::{Detail, Report, Style};
use crate::rule::Severity;
use crate::scan::{Keep, Scan, scan_chosen};
use crate::source::Discovered;
use crate::source::cluster_choice::ClusterChoice;
use crate::source::git::Revision;
use crate::source::glob::is_there;
use crate::value::Problem;
use anyhow::bail;
use bumpalo::Bump;
use clap::Args;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// `ekslint diff`
#[derive(Debug, Args)]
#[command(
    mut_arg("verbose", |arg| described(arg, VERBOSE_HELP)),
    after_help = EXAMPLES,
    override_usage = USAGE
)]
pub(super) struct DiffCommand {
    /// OLD and NEW: files or folders (searched for *.json, Terraform,
    /// CloudFormation and eksctl). With --git: what to compare
    /// [default: `paths` of ekslint.toml, else the current directory]
    #[arg(value_name = "PATH", display_order = 0, help_heading = "Input")]
    paths: Vec<PathBuf>,
    /// Compare the files of this Git revision with those of the work tree
    #[arg(long, value_name = "REV", display_order = 1, allow_hyphen_values = true, help_heading = "Input")]
    git: Option<String>,
    /// Leave out files that match this glob, in directories
    #[arg(long, value_name = "GLOB", hide_short_help = true, help_heading = "Input")]
    exclude: Vec<String>,
    /// Only clusters of this name or glob (repeat it, or separate several by commas)
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Input")]
    cluster: Vec<String>,

    #[command(flatten)]
    terraform: TerraformArguments,
    #[command(flatten)]
    policy: PolicyOptions,
    /// Do not count the findings of this baseline
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    baseline: Option<PathBuf>,

    /// What to write, and where: text, json, markdown or html, to standard output or to a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "text", help_heading = "Output")]
    format: Vec<Target<DiffFormat>>,
    /// Show this severity and worse [default: info]
    #[arg(long, value_name = "SEVERITY", help_heading = "Output")]
    severity: Option<Word<Severity>>,
    #[command(flatten)]
    verbosity: Verbosity,

    /// Exit with 1 on new findings of this severity or worse
    ///
    /// With `never`, findings do not change the exit code.
    #[arg(long, value_name = "SEVERITY", default_value = "info", help_heading = "Exit code")]
    fail_on: FailOnArg,
    /// Exit with 0 also when there are new findings
    #[arg(long, hide_short_help = true, help_heading = "Exit code")]
    exit_zero: bool,
    /// Exit with 3 when something could not be evaluated
    #[arg(long, hide_short_help = true, help_heading = "Exit code")]
    strict: bool,
}

const VERBOSE_HELP: &str = "Print what is unchanged as well, and every skipped file";
const USAGE: &str = "\
ekslint diff [OPTIONS] <OLD> <NEW>
       ekslint diff [OPTIONS] --git <REV> [PATH]...";

const EXAMPLES: &str = "\
Examples:
  What the work tree brings against a branch:
    ekslint diff --git origin/main fixtures/
  The snapshots of two dates:
    ekslint diff snapshots/2026-11-01 snapshots/2026-11-21
  For a comment on a pull request, and for people:
    ekslint diff --git origin/main --format markdown=comment.md --format text

Exit codes:
  0  nothing new at or above --fail-on
  1  new findings
  2  something is wrong with the command, the configuration, a rule or an input
  3  something could not be evaluated, and --strict was given";

/// What to do when it is not clear what to compare.
const HOW_TO_START: &str = "\
a comparison needs two states. Two ways to name them:
  ekslint diff OLD NEW                  files or directories, such as the snapshots of two dates
  ekslint diff --git REV [PATH]...      a Git revision, such as origin/main, and the work tree
`ekslint diff --help` shows all options.";

/// The inputs of one state, and what judging them gave.
struct JudgedState {
    name: String,
    found: Discovered,
    scan: Scan,
    unreadable: Vec<Problem>,
}

impl DiffCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        target::check(&self.format)?;
        let policy = self.policy.load()?;
        let baseline = policy.baseline(self.baseline.as_deref())?;
        let states = self.states(&policy)?;
        let read = ReadFiles::of(&policy, policy.baseline_file(self.baseline.as_deref()));
        let read = states.iter().fold(read, |read, (_, found)| read.and(overwrite::named(&found.inputs)));
        read.spare_all(target::files(&self.format))?;
        let arena = Bump::new();
        let judge = policy.judge(false, &arena)?;
        let choice = choice(&self.cluster)?;
        let mut states = states.map(|(name, found)| JudgedState::new(name, found, &judge, choice.as_ref()));
        let names: BTreeSet<_> = states.iter().flat_map(|state| state.scan.names()).collect();
        let waivers = review(&mut states, &policy, baseline.as_ref(), &judge);
        let [old, new] = states.each_ref().map(JudgedState::state);
        let flows = self.format.iter().any(|to| to.format == DiffFormat::Markdown);
        let diff = diff(old, new, &judge, flows);
        let wrong = if names.is_empty() { Vec::new() } else { unmatched(choice.as_ref(), &names) };
        let report = self.report(&diff, &states, &judge, &policy, (&waivers, wrong));
        self.say(&report, policy.mask)?;
        let style = |color| Style {
            color,
            width: output::width(),
            verbose: self.verbosity.verbose,
            quiet: self.verbosity.quiet,
            detail: Detail::Full,
        };
        let read = states
            .iter()
            .fold(read, |read, state| read.and(overwrite::judged(&state.found.inputs, &state.scan)));
        target::write(&self.format, &read, |format, color, out| {
            let mut out = output::masking(out, policy.mask);
            format.write(&report, style(color), &mut *out)?;
            out.flush()
        })?;
        Ok(self.exit_code(&report, &policy))
    }

    /// What OLD and NEW are called, and their inputs.
    fn states(&self, policy: &CommandPolicy) -> anyhow::Result<[(String, Discovered); 2]> {
        let configured = policy.config.exclude.iter().flat_map(|globs| &globs.value);
        let exclude: Vec<_> = self.exclude.iter().chain(configured).cloned().collect();
        if self.paths.iter().any(|path| path.as_os_str() == "-") {
            bail!("standard input cannot be compared; write it to a file first");
        }
        if let Some(revision) = &self.git {
            return self.of_revision(revision, &exclude, policy);
        }
        let [old, new] = self.paths.as_slice() else { bail!(HOW_TO_START) };
        let terraform = self.terraform.options(&policy.config.environments);
        let state = |path: &PathBuf| {
            let mut found = Discovered::find(std::slice::from_ref(path), &exclude, &terraform);
            if found.inputs.is_empty() && found.errors.is_empty() {
                let nothing = no_snapshots(std::slice::from_ref(path));
                found.errors.push((nothing.file, nothing.message));
            }
            (path.display().to_string(), found)
        };
        Ok([state(old), state(new)])
    }

    /// The files of a revision, and those of the work tree.
    fn of_revision(
        &self,
        name: &str,
        exclude: &[String],
        policy: &CommandPolicy,
    ) -> anyhow::Result<[(String, Discovered); 2]> {
        let configured = policy.config.paths.as_ref().map(|paths| paths.value.clone());
        let paths = match (self.paths.is_empty(), configured) {
            (false, _) => self.paths.clone(),
            (true, Some(configured)) => configured,
            (true, None) => vec![PathBuf::from(".")],
        };
        let terraform = self.terraform.options(&policy.config.environments);
        let revision = Arc::new(Revision::find(name, Path::new("."))?);
        revision.reaches(&paths)?;
        // What was deleted is no mistake: the revision has it.
        let there = paths.iter().filter(|path| is_there(path) || !revision.has(path));
        let new = Discovered::find(&there.cloned().collect::<Vec<_>>(), exclude, &terraform);
        let mut old = revision.inputs(&paths, exclude, &new, &terraform)?;
        if [&old, &new].iter().all(|found| found.inputs.is_empty() && found.errors.is_empty()) {
            let nothing = no_snapshots(&paths);
            old.errors.push((nothing.file, nothing.message));
        }
        Ok([(name.to_owned(), old), ("the work tree".to_owned(), new)])
    }

    fn report<'a>(
        &self,
        diff: &'a Diff<'a>,
        states: &'a [JudgedState; 2],
        judge: &'a Judge<'a>,
        policy: &CommandPolicy,
        (waivers, mut errors): (&'a [WaiverInfo], Vec<Problem>),
    ) -> DiffReport<'a> {
        let mut notices = policy.loaded.notices.clone();
        let [old, new] = states.each_ref().map(|state| LeftOut::of(&state.found, &state.scan));
        notices.extend(old.and(new).notices(self.verbosity.verbose));
        notices.extend(
            states.iter().flat_map(|state| repeated(&state.scan, Each::Compared, self.verbosity.verbose)),
        );
        let failures = states.iter().flat_map(|state| Report::rule_failures(&state.scan));
        let unreadable = states.iter().flat_map(|state| state.unreadable.iter().cloned());
        errors.extend(unreadable.chain(failures));
        let templates = states.iter().flat_map(|state| state.scan.skipped()).any(|(_, why)| why.is_template);
        if diff.clusters.is_empty() && errors.is_empty() && !templates {
            errors.push(no_snapshots(&self.paths));
        }
        DiffReport {
            diff,
            scans: [&states[0].scan, &states[1].scan],
            names: [states[0].name.clone(), states[1].name.clone()],
            rules: &judge.rules,
            as_of: judge.as_of.date,
            shown: policy.shown(self.severity.map(|word| word.0)),
            waivers,
            notices,
            rule_errors: policy.loaded.errors.clone(),
            errors,
        }
    }

    /// What goes to standard error.
    fn say(&self, report: &DiffReport<'_>, mask: bool) -> anyhow::Result<()> {
        let errors = (report.rule_errors.as_slice(), report.errors.as_slice());
        let notices = if self.verbosity.quiet { &[] } else { report.notices.as_slice() };
        Ok(output::diagnose(mask, errors, notices)?)
    }

    fn exit_code(&self, report: &DiffReport<'_>, policy: &CommandPolicy) -> ExitCode {
        let totals = report.totals();
        exit_code(
            !report.errors.is_empty() || !report.rule_errors.is_empty(),
            policy.is_strict(self.strict) && !totals.complete,
            self.fail_on.0.fails(totals.worst()) && !self.exit_zero,
        )
    }
}

impl JudgedState {
    fn new(name: String, found: Discovered, judge: &Judge<'_>, choice: Option<&ClusterChoice>) -> Self {
        let mut scan = scan_chosen(&found.inputs, judge, Keep::default(), choice);
        if scan.clusters.is_empty() {
            let alone = std::mem::take(&mut scan.alone);
            scan.problems.extend(alone);
        }
        let unreadable = unsearched(&found).chain(scan.problems.iter().cloned()).collect();
        Self { name, found: found.forget(), scan, unreadable }
    }

    fn state(&self) -> State<'_> {
        State { inputs: &self.found.inputs, scan: &self.scan, has_errors: !self.unreadable.is_empty() }
    }
}

/// Gives each finding its standing: both states have the same waivers and the same baseline.
fn review(
    states: &mut [JudgedState; 2],
    policy: &CommandPolicy,
    baseline: Option<&KnownFile>,
    judge: &Judge<'_>,
) -> Vec<WaiverInfo> {
    let reviewer = policy.reviewer(judge, baseline, false);
    // What is wrong with the waivers themselves is for `scan` to say.
    let [_, review] = states.each_mut().map(|state| reviewer.review(&mut state.scan));
    review.waivers
}
