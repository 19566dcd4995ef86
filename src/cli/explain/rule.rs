//! `ekslint explain --rule`: what each part of a rule gave, which says why it found something and why not.

use super::ExplainCommand;
use crate::cli::EXIT_ERROR;
use crate::cli::configuration::ConfigOptions;
use crate::cli::input::choice;
use crate::cli::judging::{Inputs, Judged, PolicyOptions, RuleOptions};
use crate::cli::overwrite::{self, ReadFiles};
use crate::cli::target;
use crate::policy::Reviewer;
use crate::report::explain::trace::RuleTraceReport;
use crate::rule::{Rule, RuleSet};
use crate::scan::Keep;
use crate::source::root::Root;
use anyhow::bail;
use bumpalo::Bump;
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which rules are shown, and by what they run.
#[derive(Debug, Args)]
pub(super) struct RuleTraceOptions {
    /// Show what each part of this rule gave (an id, or an alias such as CKV_AWS_38)
    ///
    /// Of each resource it shows `let`, `when`, `each` and `assert` with their values, what they read and where that is, the
    /// outcome, and what would be needed to evaluate what was not. Repeat it, or separate several by commas.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    rule: Vec<String>,
    #[command(flatten)]
    config: ConfigOptions,
    /// Load rules from a directory as well
    #[arg(long, value_name = "DIR", requires = "rule", hide_short_help = true, help_heading = "Rules")]
    rules: Vec<PathBuf>,
    /// Do not load the built-in rules
    #[arg(long, requires = "rule", hide_short_help = true, help_heading = "Rules")]
    no_default_rules: bool,
    /// Set a parameter of the rule
    #[arg(
        long,
        value_name = "RULE.NAME=VALUE",
        requires = "rule",
        hide_short_help = true,
        help_heading = "Rules"
    )]
    param: Vec<String>,
    /// Say which findings are in this baseline
    #[arg(
        long,
        value_name = "FILE",
        requires = "rule",
        hide_short_help = true,
        help_heading = "Configuration"
    )]
    baseline: Option<PathBuf>,
}

/// What to do when no input is named.
const HOW_TO_START: &str = "\
nothing to evaluate the rule on; name a snapshot:
  ekslint explain --rule endpoint-open-to-internet fixtures/study-lab.json";

impl RuleTraceOptions {
    /// Whether rules are to be shown.
    pub(super) fn is_asked(&self) -> bool {
        !self.rule.is_empty()
    }
}

impl ExplainCommand {
    /// Shows what the parts of rules gave.
    pub(super) fn trace(&self) -> anyhow::Result<ExitCode> {
        let outputs = self.outputs();
        target::check(&outputs)?;
        if let Some(drawn) = outputs.iter().find_map(|to| to.format.drawn()) {
            bail!("--format {drawn} draws flows; a rule is shown as text or json");
        }
        let mut policy = self.policy().load()?;
        let ids = self.ids(&policy.loaded.set)?;
        let notes = policy.loaded.set.alias_notes(self.trace.rule.iter().map(String::as_str));
        policy.loaded.notices.extend(notes);
        let inputs = Inputs::of_files(&self.input, &policy.config, choice(&self.cluster)?, HOW_TO_START)?;
        let read = ReadFiles::of(&policy, self.trace.baseline.as_deref());
        let read = read.and(overwrite::named(&inputs.found().inputs));
        read.spare_all(target::files(&outputs))?;
        let baseline = policy.baseline(self.trace.baseline.as_deref())?;
        let arena = Bump::new();
        let (judge, why_off) = policy.tracing_judge(&ids, self.verbosity.verbose, &arena)?;
        let mut judged = inputs.judge(Judged::default(), &judge, Keep::default());
        let reviewer: Reviewer<'_> = policy.reviewer(&judge, baseline.as_ref(), false);
        let review = reviewer.review(&mut judged.scan);
        let read = read.and(overwrite::judged(&inputs.found().inputs, &judged.scan));
        let root = Root::find(None);
        let notices = inputs.notices(&judged.scan, self.verbosity.verbose);
        let report = judged.report(&policy, &judge, (&root, &review.waivers), notices);
        let report = RuleTraceReport { report, why_off };
        policy.say(&report.report, self.verbosity.quiet)?;
        target::write(&outputs, &read, |format, color, out| {
            let mut out = self.masking(out);
            report.write(format, self.style(color), &mut *out)?;
            out.flush()
        })?;
        let wrong = !report.report.errors.is_empty() || !report.report.rule_errors.is_empty();
        Ok(if wrong { ExitCode::from(EXIT_ERROR) } else { ExitCode::SUCCESS })
    }

    fn policy(&self) -> PolicyOptions {
        let rules = RuleOptions {
            rules: self.trace.rules.clone(),
            no_default_rules: self.trace.no_default_rules,
            ..RuleOptions::default()
        };
        PolicyOptions::of(
            self.trace.config.clone(),
            rules,
            self.trace.param.clone(),
            self.as_of,
            self.mask_account,
        )
    }

    /// The ids of the rules that are asked for.
    fn ids(&self, set: &RuleSet) -> anyhow::Result<Vec<String>> {
        let mut ids = Vec::new();
        for name in &self.trace.rule {
            let named = set.named(name);
            match named.iter().find(|rule| !rule.judges_clusters()) {
                _ if named.is_empty() => {
                    bail!(
                        "--rule: no rule is called `{name}`{} (`ekslint rules list` shows all)",
                        set.hint(name)
                    )
                }
                Some(Rule { id, .. }) => {
                    bail!("--rule: {id} is about ekslint.toml and the baseline, and evaluates no cluster")
                }
                None => ids.extend(named.into_iter().map(|rule| rule.id.clone())),
            }
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }
}
