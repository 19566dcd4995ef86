//! What commands that judge clusters have in common: the options that say which inputs are judged
//! and by what, and doing it.

use super::configuration::ConfigOptions;
use super::framework_options::{ChosenFrameworks, FrameworkOptions};
use super::input::{Each, InputOptions, LeftOut, choice, repeated, unmatched, unsearched};
use super::{output, rule_sources, rules_from};
use crate::engine::{Configured, Judge, RuleIndex, RuleToTrace};
use crate::facts::AsOf;
use crate::policy::selection::SelectionError;
use crate::policy::{
    CommandLine, Config, KnownFile, LevelChoice, ParameterInForce, Params, Plan, Reviewer, WaiverInfo,
};
use crate::report::Report;
use crate::report::compliance::ReportScope;
use crate::rule::{Loaded, RuleSet, RuleSource, RuleTracePlan, Severity};
use crate::scan::{Keep, Scan, scan_chosen};
use crate::source::cluster_choice::ClusterChoice;
use crate::source::root::Root;
use crate::source::{Discovered, Input};
use crate::value::Problem;
#[cfg(feature = "live")]
use crate::value::SourceFileKind;
use anyhow::bail;
use bumpalo::Bump;
use chrono::Utc;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Map;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rules to load and to run.
#[derive(Debug, Default, Args)]
pub(super) struct RuleOptions {
    /// Load rules from a directory as well
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = "Rules")]
    pub(super) rules: Vec<PathBuf>,
    /// Do not load the built-in rules
    #[arg(long, hide_short_help = true, help_heading = "Rules")]
    pub(super) no_default_rules: bool,
    /// default, strict, advice or all [default: default]
    ///
    /// Which rules to run: default ones, also those that harden (strict), also advice, or all.
    #[arg(long, value_name = "LEVEL", hide_possible_values = true, value_parser = level_parser(), help_heading = "Rules")]
    pub(super) level: Option<LevelChoice>,
    /// Run only these rules (ids, globs, or aliases such as CKV_AWS_38)
    ///
    /// Repeat it, or separate several by commas.
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) select: Vec<String>,
    /// Do not run these rules (ids, globs or aliases)
    ///
    /// Repeat it, or separate several by commas.
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) ignore: Vec<String>,
}

/// The levels by their names, which the help lists.
fn level_parser() -> impl TypedValueParser<Value = LevelChoice> {
    let names = PossibleValuesParser::new(LevelChoice::ALL.map(LevelChoice::as_str));
    names.try_map(|name| LevelChoice::named(&name).ok_or("unknown level"))
}

impl RuleOptions {
    /// Loads the rules.
    pub(super) fn load(&self, examples: bool) -> Loaded {
        rules_from(&self.rules, self.no_default_rules, examples)
    }

    /// What they say about rules, with these parameters.
    pub(super) fn command(&self, params: Params) -> CommandLine {
        CommandLine { level: self.level, select: self.select.clone(), ignore: self.ignore.clone(), params }
    }
}

/// The day to take as today where none is named.
pub(super) fn today() -> AsOf {
    AsOf { date: Utc::now().date_naive() }
}

/// By what clusters are judged.
#[derive(Debug, Default, Args)]
pub(super) struct PolicyOptions {
    #[command(flatten)]
    config: ConfigOptions,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    frameworks: FrameworkOptions,
    /// Set a parameter of a rule
    #[arg(long, value_name = "RULE.NAME=VALUE", hide_short_help = true, help_heading = "Rules")]
    param: Vec<String>,
    /// The day to take as today [default: today, UTC]
    #[arg(long, value_name = "DATE", hide_short_help = true, help_heading = "Rules")]
    as_of: Option<AsOf>,
    /// Mask account ids in everything that is written, for public repositories
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    mask_account: bool,
}

/// What clusters are judged by, loaded and checked.
#[derive(Debug)]
pub(super) struct CommandPolicy {
    /// The configuration.
    pub(super) config: Config,
    /// The rules.
    pub(super) loaded: Loaded,
    /// The day to take as today.
    pub(super) as_of: AsOf,
    /// Whether account ids are masked.
    pub(super) mask: bool,
    /// The frameworks whose rules run; all rules do if there are none.
    pub(super) frameworks: ChosenFrameworks,
    /// Where the rules were read.
    sources: Vec<RuleSource>,
    command: CommandLine,
}

impl PolicyOptions {
    /// The options of a command that has these options only.
    pub(super) fn of(
        config: ConfigOptions,
        rules: RuleOptions,
        param: Vec<String>,
        as_of: Option<AsOf>,
        mask_account: bool,
    ) -> Self {
        Self { config, rules, frameworks: FrameworkOptions::default(), param, as_of, mask_account }
    }

    /// The same for the rules of these frameworks only.
    pub(super) fn of_frameworks(self, frameworks: FrameworkOptions) -> Self {
        Self { frameworks, ..self }
    }

    /// The policy of a configuration and of these directories of rules, as a scan without options has it.
    pub(super) fn of_configuration(config: ConfigOptions, rules: Vec<PathBuf>, as_of: AsOf) -> Self {
        let rules = RuleOptions { rules, ..RuleOptions::default() };
        Self { config, rules, as_of: Some(as_of), ..Self::default() }
    }

    /// Loads the configuration and the rules, and holds them against each other.
    pub(super) fn load(&self) -> anyhow::Result<CommandPolicy> {
        let config = self.config.load()?;
        let own = config.rules_dirs.iter().flat_map(|dirs| dirs.value.iter().cloned());
        let directories: Vec<_> = own.chain(self.rules.rules.iter().cloned()).collect();
        let mut loaded = rules_from(&directories, self.rules.no_default_rules, false);
        // Of a rule that did not load, nothing can be said.
        if loaded.errors.is_empty() {
            match self.rules.no_default_rules && config.file.is_some() {
                // What the file says of built-in rules holds for other scans.
                true => config.check(&rules_from(&directories, false, false).set)?,
                false => config.check(&loaded.set)?,
            }
        }
        let frameworks = self.frameworks.load(&mut loaded)?;
        let mut command = self.rules.command(Params::parse(&self.param, &loaded.set)?);
        if !frameworks.is_empty() {
            // A control asks for its rules, whatever they are to others.
            command.level = Some(LevelChoice::All);
        }
        let patterns = command.rule_patterns().chain(config.rule_patterns());
        loaded.notices.extend(loaded.set.alias_notes(patterns));
        let as_of = self.as_of.unwrap_or_else(today);
        let mask = self.mask_account || config.mask_account.as_ref().is_some_and(|mask| mask.value);
        let sources = rule_sources(&directories, self.rules.no_default_rules);
        Ok(CommandPolicy { config, loaded, as_of, mask, frameworks, sources, command })
    }
}

impl CommandPolicy {
    /// The judge that they make. `fixes` says whether findings carry the command that mends them.
    pub(super) fn judge<'a>(&'a self, fixes: bool, arena: &'a Bump) -> anyhow::Result<Judge<'a>> {
        self.judge_by(&self.plan()?, &[], fixes, arena)
    }

    /// Says on standard error what went wrong, and what is worth knowing unless that is not wanted.
    pub(super) fn say(&self, report: &Report<'_>, quiet: bool) -> std::io::Result<()> {
        let notices = if quiet { &[] } else { report.notices.as_slice() };
        output::diagnose(self.mask, (&report.rule_errors, &report.errors), notices)
    }

    /// The SHA-256 of all rules, as their files are now.
    pub(super) fn rules_digest(&self) -> String {
        RuleSet::digest(&self.sources)
    }

    /// How rules run: all, or those of the frameworks that are asked for, and those on waivers and the baseline.
    pub(super) fn plan(&self) -> Result<Plan<'_>, SelectionError> {
        let mut plan = Plan::new(&self.loaded.set, &self.config, &self.command)?;
        if !self.frameworks.is_empty() {
            plan.retain(|rule| !rule.judges_clusters() || self.frameworks.has(rule));
        }
        Ok(plan)
    }

    /// The same, which also shows what the parts of these rules give, whether they run or not; and why those are off that
    /// do not run. `all` asks for the parts on every resource.
    pub(super) fn tracing_judge<'a>(
        &'a self,
        ids: &[String],
        all: bool,
        arena: &'a Bump,
    ) -> anyhow::Result<(Judge<'a>, BTreeMap<RuleIndex, String>)> {
        let plan = self.plan()?;
        let mut judge = self.judge_by(&plan, ids, false, arena)?;
        let why_off = self.why_off(&plan, &judge, ids);
        judge.traced = traced(&judge, ids, all);
        Ok((judge, why_off))
    }

    /// The judge of all rules of the frameworks that are asked for, whether they are off or not. `evidence` asks for
    /// what they look at.
    pub(super) fn control_judge<'a>(
        &'a self,
        evidence: bool,
        arena: &'a Bump,
    ) -> anyhow::Result<ControlJudge<'a>> {
        let plan = self.plan()?;
        let of_controls = plan.rules.iter().filter(|plan| plan.rule.judges_clusters());
        let ids: Vec<_> = of_controls.map(|plan| plan.rule.id.clone()).collect();
        let mut judge = self.judge_by(&plan, &ids, false, arena)?;
        let why_off = self.why_off(&plan, &judge, &ids);
        // A rule that waits for a parameter may say the same with every value.
        let waits = |id: &&String| {
            self.loaded.set.get(id).is_some_and(|rule| rule.required_params().next().is_some())
        };
        let shown = if evidence { ids } else { ids.iter().filter(waits).cloned().collect() };
        judge.traced = traced(&judge, &shown, evidence);
        judge.traced.iter_mut().for_each(|rule| rule.as_evidence = true);
        Ok(ControlJudge { judge, why_off, parameters: plan.parameters() })
    }

    /// Why those of these rules are off that do not run.
    fn why_off(&self, plan: &Plan<'_>, judge: &Judge<'_>, ids: &[String]) -> BTreeMap<RuleIndex, String> {
        let name = self.config.name();
        let one = |(at, configured): (usize, &Configured<'_>)| {
            let id = &configured.rule.id;
            let plan = plan.rules.iter().find(|plan| plan.rule.id == *id && ids.contains(id))?;
            Some((RuleIndex::new(at), plan.why_off(&name)?))
        };
        judge.rules.iter().enumerate().filter_map(one).collect()
    }

    fn judge_by<'a>(
        &'a self,
        plan: &Plan<'a>,
        also: &[String],
        fixes: bool,
        arena: &'a Bump,
    ) -> anyhow::Result<Judge<'a>> {
        let (rules, overrides) = plan.configured_with(arena, also)?;
        let none = Map::new();
        let cluster_rules = self.loaded.set.rules.iter().filter(|rule| rule.judges_clusters());
        let all = cluster_rules.map(|rule| Configured::with(rule, &none, arena)).collect::<Result<_, _>>()?;
        Ok(Judge { rules, overrides, as_of: self.as_of, fixes, mask: self.mask, traced: Vec::new(), all })
    }

    /// What reviews the findings of this judge. `whole` says that the inputs are all there is.
    pub(super) fn reviewer<'a>(
        &'a self,
        judge: &'a Judge<'a>,
        baseline: Option<&'a KnownFile>,
        whole: bool,
    ) -> Reviewer<'a> {
        let (rules, today) = (&judge.rules, self.as_of.date);
        Reviewer { rules, config: &self.config, baseline, today, whole, excerpts: false }
    }

    /// The least severe finding that is shown: as the option says, else as the configuration does.
    pub(super) fn shown(&self, option: Option<Severity>) -> Severity {
        let configured = self.config.severity.as_ref().map(|severity| severity.value);
        option.or(configured).unwrap_or(Severity::Info)
    }

    /// Whether what could not be judged has an exit code of its own.
    pub(super) fn is_strict(&self, option: bool) -> bool {
        option || self.config.strict.as_ref().is_some_and(|strict| strict.value)
    }

    /// The file of the baseline: that of the command line, else that of the configuration.
    pub(super) fn baseline_file<'a>(&'a self, option: Option<&'a Path>) -> Option<&'a Path> {
        option.or(self.config.baseline.as_ref().map(|baseline| baseline.value.as_path()))
    }

    /// Reads the baseline, if there is to be one.
    pub(super) fn baseline(&self, option: Option<&Path>) -> anyhow::Result<Option<KnownFile>> {
        let Some(file) = self.baseline_file(option) else { return Ok(None) };
        let known = KnownFile::read(&file.display().to_string())?;
        if known.baseline.masked != self.mask {
            let (with, now) = if self.mask { ("without", "Leave it out") } else { ("with", "Use it") };
            bail!(
                "{} was written {with} --mask-account, and fingerprints depend on that. \
                 {now}, or write the baseline again",
                known.name
            );
        }
        Ok(Some(known))
    }
}

/// What controls are judged by.
#[derive(Debug)]
pub(super) struct ControlJudge<'a> {
    pub(super) judge: Judge<'a>,
    /// Why rules are off that are.
    pub(super) why_off: BTreeMap<RuleIndex, String>,
    /// The values of the rules' parameters.
    pub(super) parameters: Vec<ParameterInForce>,
}

/// Those of these rules that a judge has, to be shown part by part.
fn traced(judge: &Judge<'_>, ids: &[String], all: bool) -> Vec<RuleToTrace> {
    let rules = judge.rules.iter().enumerate().filter(|(_, configured)| ids.contains(&configured.rule.id));
    let one = |(at, configured): (usize, &Configured<'_>)| RuleToTrace {
        rule: RuleIndex::new(at),
        plan: RuleTracePlan::of(configured.rule),
        all,
        as_evidence: false,
    };
    rules.map(one).collect()
}

/// Which clusters are judged.
#[derive(Debug, Args)]
pub(super) struct SourceOptions {
    #[command(flatten)]
    input: InputOptions,
    /// Only clusters of this name or glob (repeat it, or separate several by commas)
    #[cfg(not(feature = "live"))]
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Input")]
    cluster: Vec<String>,
    #[cfg(feature = "live")]
    #[command(flatten)]
    live: super::live::LiveOptions,
    /// Keep the snapshots of live clusters below this directory, and point into them
    #[cfg(feature = "live")]
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = "Live clusters")]
    save_snapshots: Option<PathBuf>,
}

/// The inputs of a command.
#[derive(Debug)]
pub(super) struct Inputs {
    found: Discovered,
    paths: Vec<PathBuf>,
    /// Whether live clusters are read as well.
    live: bool,
    /// Which clusters are asked for.
    choice: Option<ClusterChoice>,
    /// Whether they are all there is, as the configuration names them.
    pub(super) whole: bool,
}

impl Inputs {
    /// Files only: those that are named, else those of the configuration. `help` says how to name some.
    pub(super) fn of_files(
        input: &InputOptions,
        config: &Config,
        choice: Option<ClusterChoice>,
        help: &str,
    ) -> anyhow::Result<Self> {
        let configured = config.paths.as_ref().map(|paths| paths.value.clone());
        let exclude = config.exclude.as_ref().map(|globs| globs.value.as_slice()).unwrap_or_default();
        let paths = match configured {
            _ if !input.is_empty() => input.paths()?,
            Some(paths) => paths,
            None => bail!("{help}"),
        };
        let found = input.search(&paths, exclude, &config.environments).forget();
        Ok(Self { found, paths, live: false, choice, whole: false })
    }

    /// Judges what files hold, besides what was judged before.
    pub(super) fn judge(&self, mut judged: Judged, judge: &Judge<'_>, keep: Keep) -> Judged {
        let (found, choice) = (&self.found, self.choice.as_ref());
        let of_files = scan_chosen(&found.inputs, judge, keep, choice);
        let names = of_files.names();
        let live = std::mem::replace(&mut judged.scan, of_files);
        judged.scan.append(live);
        let of_inputs = judged.scan.problems.iter().cloned();
        let errors: Vec<_> =
            unsearched(found).chain(of_inputs).chain(Report::rule_failures(&judged.scan)).collect();
        judged.errors.splice(0..0, errors);
        // Of live clusters, reading them says it.
        if !self.live && !names.is_empty() {
            judged.errors.extend(unmatched(choice, &names));
        }
        if judged.scan.clusters.is_empty() {
            judged.errors.extend(std::mem::take(&mut judged.scan.alone));
        }
        // A template of something else is no mistake: hooks name every file that changes.
        let templates = judged.scan.skipped().any(|(_, why)| why.is_template);
        let nothing = judged.scan.clusters.is_empty() && judged.errors.is_empty() && !templates;
        if nothing && (!self.live || !found.inputs.is_empty()) {
            judged.errors.push(super::input::no_snapshots(&self.paths));
        }
        if !found.inputs.is_empty() {
            judged.live.clear();
        }
        judged
    }

    /// What was left out of them, and which clusters stand in several. `verbose` says all of it.
    pub(super) fn notices(&self, scan: &Scan, verbose: bool) -> Vec<String> {
        let left_out = LeftOut::of(&self.found, scan).notices(verbose);
        [left_out, repeated(scan, Each::Evaluated, verbose)].concat()
    }

    /// What was asked for.
    pub(super) fn scope(&self) -> ReportScope {
        let paths = self.paths.iter().map(|path| path.display().to_string());
        let patterns = self.choice.iter().flat_map(ClusterChoice::patterns).map(str::to_owned);
        ReportScope { paths: paths.collect(), clusters: patterns.collect() }
    }

    /// What finding them gave.
    pub(super) fn found(&self) -> &Discovered {
        &self.found
    }

    /// What is to be read, file by file.
    pub(super) fn all(&self) -> &[Input] {
        &self.found.inputs
    }
}

/// What judging gave, and what went wrong on the way.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What was found.
    pub(super) scan: Scan,
    /// What is wrong with inputs, and rules that failed.
    pub(super) errors: Vec<Problem>,
    /// What is worth knowing.
    pub(super) notices: Vec<String>,
    /// The accounts and regions that were read live, if nothing else was.
    pub(super) live: Vec<(String, String)>,
}

impl Judged {
    /// What is reported of it: every finding, and what does not count as well. `notices` are those of the inputs.
    pub(super) fn report<'a>(
        &'a self,
        policy: &CommandPolicy,
        judge: &'a Judge<'a>,
        (root, waivers): (&'a Root, &'a [WaiverInfo]),
        notices: Vec<String>,
    ) -> Report<'a> {
        let loaded = &policy.loaded;
        Report {
            scan: &self.scan,
            rules: &judge.rules,
            root,
            as_of: judge.as_of.date,
            shown: Severity::Info,
            waivers,
            show_waived: true,
            sarif_suppressed: false,
            csv_not_evaluated: false,
            sarif_category: None,
            live: self.live.clone(),
            rules_digest: None,
            notices: [loaded.notices.clone(), notices, self.notices.clone()].concat(),
            rule_errors: loaded.errors.clone(),
            errors: self.errors.clone(),
        }
    }
}

impl SourceOptions {
    /// The directory that files are named relative to.
    pub(super) fn root(&self) -> Option<&Path> {
        self.input.root()
    }

    /// Finds the inputs: those of the command line, else those of the configuration. `help` says how to
    /// name some.
    pub(super) fn find(&self, config: &Config, help: &str) -> anyhow::Result<Inputs> {
        let configured = config.paths.as_ref().map(|paths| paths.value.clone());
        let exclude = config.exclude.as_ref().map(|globs| globs.value.as_slice()).unwrap_or_default();
        let named = !self.input.is_empty() || self.asks_for_live();
        // A name alone is that of a live cluster where no files are there to choose from.
        let live = self.asks_for_live() || !named && configured.is_none() && self.names_live();
        let paths = match configured {
            _ if named || live => self.input.paths()?,
            Some(paths) => paths,
            None => bail!("{help}"),
        };
        let found = self.input.search(&paths, exclude, &config.environments).forget();
        let choice = choice(self.clusters())?;
        Ok(Inputs { found, paths, live, whole: !named && !live && choice.is_none(), choice })
    }

    /// What is at an older place, and which of its clusters are asked for: found like the inputs of now.
    pub(super) fn earlier(
        &self,
        path: &Path,
        config: &Config,
    ) -> anyhow::Result<(Discovered, Option<ClusterChoice>)> {
        let exclude = config.exclude.as_ref().map(|globs| globs.value.as_slice()).unwrap_or_default();
        let found = self.input.search(&[path.to_owned()], exclude, &config.environments).forget();
        Ok((found, choice(self.clusters())?))
    }

    /// Judges the inputs and live clusters.
    pub(super) fn judge(
        &self,
        inputs: &Inputs,
        judge: &Judge<'_>,
        keep: Keep,
        quiet: bool,
    ) -> anyhow::Result<Judged> {
        let judged = if inputs.live { self.judge_live(judge, keep, quiet)? } else { Judged::default() };
        Ok(inputs.judge(judged, judge, keep))
    }

    #[cfg(not(feature = "live"))]
    fn clusters(&self) -> &[String] {
        &self.cluster
    }

    #[cfg(not(feature = "live"))]
    fn asks_for_live(&self) -> bool {
        false
    }

    #[cfg(not(feature = "live"))]
    fn names_live(&self) -> bool {
        false
    }

    #[cfg(not(feature = "live"))]
    fn judge_live(&self, _: &Judge<'_>, _: Keep, _: bool) -> anyhow::Result<Judged> {
        Ok(Judged::default())
    }

    #[cfg(feature = "live")]
    fn clusters(&self) -> &[String] {
        self.live.clusters()
    }

    #[cfg(feature = "live")]
    fn asks_for_live(&self) -> bool {
        self.live.is_asked()
    }

    /// Whether `--cluster` may name a live one.
    #[cfg(feature = "live")]
    fn names_live(&self) -> bool {
        self.live.is_partial()
    }

    /// Reads live clusters, and judges each as soon as it is read.
    #[cfg(feature = "live")]
    fn judge_live(&self, judge: &Judge<'_>, keep: Keep, quiet: bool) -> anyhow::Result<Judged> {
        let options = self.live.options(quiet);
        let kept = super::live::KeptSnapshots::new(self.save_snapshots.as_deref());
        let kind = match self.save_snapshots {
            Some(_) => SourceFileKind::File,
            None => SourceFileKind::Live,
        };
        let (scan, collected) = super::live::each(&options, |snapshots| {
            let named = snapshots.map(|snapshot| (kept.name(&snapshot), snapshot.text));
            crate::scan::scan_each(named, kind, judge, keep)
        })?;
        let error = |message| Problem::of_file("live scan", message);
        Ok(Judged {
            scan,
            errors: collected.errors.into_iter().chain(kept.errors()).map(error).collect(),
            notices: collected.notices,
            live: collected.regions.into_iter().collect(),
        })
    }
}
