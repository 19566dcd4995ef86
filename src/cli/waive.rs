//! `ekslint waive`: writes a waiver into the configuration, and says what it covers.

use super::config_file::{ChangedConfig, plain};
use super::configuration::ConfigOptions;
use super::input::{InputOptions, unsearched};
use super::judging::{CommandPolicy, PolicyOptions, today};
use super::output;
use crate::engine::{RuleIndex, Standing, WaiverIndex};
use crate::facts::AsOf;
use crate::policy::cluster_names::SeenClusters;
use crate::policy::config::{FILE_NAME, NewWaiver, Waiver, says_why, with_waiver};
use crate::policy::{Config, Reviewer};
use crate::report::{place, printable, printable_lines};
use crate::scan::{Keep, Scan, scan};
use anyhow::bail;
use bumpalo::Bump;
use chrono::NaiveDate;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// How many findings are listed.
const LISTED: usize = 10;

/// `ekslint waive`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WaiveCommand {
    /// The rule: an id, the name that another tool has for it, or a glob; several are separated by commas
    #[arg(value_name = "RULE")]
    rule: String,
    #[command(flatten)]
    input: InputOptions,

    /// Only on clusters of this name or ARN, or glob (repeat it) [default: all clusters]
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Waiver")]
    cluster: Vec<String>,
    /// Only for resources KIND/NAME or ARN, or glob (repeat it) [default: all resources]
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Waiver")]
    resource: Vec<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT", help_heading = "Waiver")]
    reason: String,
    /// The last day on which it holds, as 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = day, help_heading = "Waiver")]
    expires: Option<NaiveDate>,
    /// Who answers for it
    #[arg(long, value_name = "TEXT", help_heading = "Waiver")]
    owner: Option<String>,
    /// Who approved the exception: a name or an address
    #[arg(long, value_name = "TEXT", help_heading = "Waiver")]
    approved_by: Option<String>,
    /// Where it was agreed on
    #[arg(long, value_name = "TEXT", help_heading = "Waiver")]
    ticket: Option<String>,

    #[command(flatten)]
    config: ConfigOptions,
    /// Load rules from a directory as well
    #[arg(long = "rules", value_name = "DIR", hide_short_help = true, help_heading = "Configuration")]
    rules_dirs: Vec<PathBuf>,
    /// The day to take as today [default: today, UTC]
    #[arg(long, value_name = "DATE", hide_short_help = true, help_heading = "Configuration")]
    as_of: Option<AsOf>,
}

const EXAMPLES: &str = "\
Examples:
  ekslint waive endpoint-open-to-internet --cluster study-lab \\
    --reason 'a lab without data' --expires 2026-12-31
  ekslint waive 'node-*' --resource nodegroup/blue --reason 'replaced in March' --ticket SEC-7

It adds a table [[waiver]] to ekslint.toml, and makes the file where there is none. What it
covers is looked up in PATH, or else in the `paths` of ekslint.toml.";

/// A day.
fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "is not a day; write it as 2026-12-31".to_owned())
}

impl WaiveCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let as_of = self.as_of.unwrap_or_else(today);
        self.check(as_of)?;
        let policy =
            PolicyOptions::of_configuration(self.config.clone(), self.rules_dirs.clone(), as_of).load()?;
        let new = self.waiver();
        let file = policy.config.file.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
        let changed = ChangedConfig::of(&file, &policy.config, |text| with_waiver(text, &new))?;
        if policy.loaded.errors.is_empty() {
            changed.config.check(&policy.loaded.set).map_err(|errors| plain(&errors))?;
        }
        if let Some(same) = changed.config.waivers.split_last().and_then(|(new, old)| same_as(new, old)) {
            let line = same.region.start_line;
            bail!(
                "{}:{line}: has a waiver of the same rules, clusters and resources; change that one",
                file.display()
            );
        }
        let seen = self.look(&policy, &changed.config)?;
        changed.write(&policy.config)?;
        let text = format!("added to {}:\n{}\n{}", file.display(), new.text(), seen.join("\n"));
        let masked = policy.mask;
        output::write_stdout(None, |out| {
            let mut out = output::masking(out, masked);
            writeln!(out, "{}", printable_lines(text.trim_end()))?;
            out.flush()
        })?;
        Ok(ExitCode::SUCCESS)
    }

    /// What is wrong with what is written about it, whatever rules there are.
    fn check(&self, as_of: AsOf) -> anyhow::Result<()> {
        if self.config.is_none() {
            bail!("--no-config leaves no file to write the waiver into");
        }
        if !says_why(&self.reason) {
            bail!("--reason: say why it is accepted; a waiver without a reason covers nothing");
        }
        match self.expires {
            Some(last) if last < as_of.date => {
                bail!("--expires: {last} is over, so the waiver would cover nothing")
            }
            _ => Ok(()),
        }
    }

    fn waiver(&self) -> NewWaiver {
        NewWaiver {
            rules: self.rule.split(',').map(|rule| rule.trim().to_owned()).collect(),
            clusters: self.cluster.clone(),
            resources: self.resource.clone(),
            reason: self.reason.trim().to_owned(),
            owner: self.owner.clone(),
            approved_by: self.approved_by.clone(),
            ticket: self.ticket.clone(),
            expires: self.expires,
        }
    }

    /// What it covers of what there is to see.
    fn look(&self, policy: &CommandPolicy, changed: &Config) -> anyhow::Result<Vec<String>> {
        let (Some(waiver), Some(at)) = (changed.waivers.last(), changed.waivers.len().checked_sub(1)) else {
            return Ok(Vec::new());
        };
        let configured = policy.config.paths.as_ref().map(|paths| paths.value.clone());
        let paths =
            if self.input.is_empty() { configured.unwrap_or_default() } else { self.input.paths()? };
        if paths.is_empty() {
            return Ok(vec!["name files or directories to see what it covers".to_owned()]);
        }
        let exclude = policy.config.exclude.as_ref().map(|globs| globs.value.as_slice()).unwrap_or_default();
        let found = self.input.search(&paths, exclude, &policy.config.environments);
        if let (false, Some(problem)) = (self.input.is_empty(), unsearched(&found).next()) {
            bail!("{problem}; nothing was written");
        }
        let arena = Bump::new();
        let judge = policy.judge(false, &arena)?;
        let mut scan = scan(&found.inputs, &judge, Keep::default());
        if let (false, Some(problem)) = (self.input.is_empty(), scan.problems.first()) {
            bail!("{problem}; nothing was written");
        }
        let reviewer = policy.reviewer(&judge, None, false);
        Reviewer { config: changed, ..reviewer }.review(&mut scan);
        let clusters = SeenClusters::of(&scan);
        match clusters.not_there(waiver) {
            // A name that is like another one is taken for a slip.
            Some(name) if name.is_like_one => bail!("{} Nothing was written", name.why),
            Some(name) if !clusters.is_empty() => {
                return Ok(vec![format!("covers nothing yet: {}", name.why)]);
            }
            _ => {}
        }
        let runs = judge.rules.iter().any(|rule| {
            rule.settings.enabled && waiver.rules.iter().any(|pattern| pattern.value.fits(rule.rule))
        });
        Ok(covered(&scan, at, runs, |rule| judge.rule(rule).id.as_str()))
    }
}

/// What a waiver covers, in words.
fn covered<'r>(scan: &Scan, waiver: usize, runs: bool, rule: impl Fn(RuleIndex) -> &'r str) -> Vec<String> {
    let findings = scan.clusters.iter().flat_map(|cluster| &cluster.judgement.findings);
    let waived = findings.filter(|finding| finding.standing == Standing::Waived(WaiverIndex::new(waiver)));
    let rows: Vec<_> = waived
        .map(|finding| {
            format!("  {}: {}: {}", place(&finding.primary), rule(finding.rule), printable(&finding.message))
        })
        .collect();
    let clusters = scan.clusters.len();
    let among = if clusters == 1 { "1 cluster".to_owned() } else { format!("{clusters} clusters") };
    match rows.len() {
        0 if !runs => vec![
            "covers nothing yet: no scan runs these rules here; see `ekslint config show --all`".to_owned(),
        ],
        0 => vec![format!(
            "covers no finding that still counts on {among}: `ekslint scan` then reports it as unused"
        )],
        1 => [vec![format!("covers 1 finding on {among}:")], rows].concat(),
        count => {
            let more = count.saturating_sub(LISTED);
            let mut lines = vec![format!("covers {count} findings on {among}:")];
            lines.extend(rows.into_iter().take(LISTED));
            if more > 0 {
                lines.push(format!("  and {more} more; `ekslint scan --show-waived` lists them"));
            }
            lines
        }
    }
}

/// A waiver of the same rules, clusters and resources.
fn same_as<'w>(new: &Waiver, old: &'w [Waiver]) -> Option<&'w Waiver> {
    old.iter().find(|waiver| waiver.is_for_the_same(new))
}
