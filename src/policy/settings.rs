//! How each rule runs: what rules say of themselves, then the configuration, then the command line.
//! Each setting knows what said it, for `config show`.
//!
//! The layers, each over the one before it: the rule's own values, `[organization]`, the globs of
//! `[rules]` in the order of the file, its aliases of other tools, its exact ids, each `[[cluster]]` in the order of the file
//! (within it the same way), the command line.

use super::config::{ClusterEntry, Config, RuleEntry, SharedList};
use super::selection::{SelectionError, patterns};
use super::{LevelChoice, Params};
use crate::engine::{Configured, Override, RuleIndex, Settings, SettingsChange};
use crate::rule::{PatternFit, Rule, RulePattern, RuleSet, Severity};
use crate::value::Json;
use crate::value::position::LineSpan;
use bumpalo::Bump;
use serde_json::{Map, Value};

/// What the command line says about rules.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// Which levels run; what the configuration says without it.
    pub level: Option<LevelChoice>,
    /// Ids, aliases or globs of the only rules to run, whatever their level.
    pub select: Vec<String>,
    /// Ids, aliases or globs of rules not to run.
    pub ignore: Vec<String>,
    /// Parameters.
    pub params: Params,
}

impl CommandLine {
    /// Everything that it writes for rules: ids, aliases and globs.
    pub fn rule_patterns(&self) -> impl Iterator<Item = &str> {
        self.select.iter().chain(&self.ignore).map(String::as_str)
    }
}

/// What said how something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingOrigin {
    /// The rule.
    Rule,
    /// The configuration, at this place.
    Config(LineSpan),
    /// The command line.
    CommandLine,
}

/// A setting, and what said it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting<T> {
    /// The setting.
    pub value: T,
    /// What said it.
    pub origin: SettingOrigin,
}

/// What is set about a rule; a field that is not set stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes<'p> {
    /// Whether it runs at all.
    pub enabled: Option<Setting<bool>>,
    /// How bad its findings are.
    pub severity: Option<Setting<Severity>>,
    /// Parameters by name.
    pub params: Vec<(&'p str, Setting<Value>)>,
}

/// How one rule runs.
#[derive(Clone, Debug)]
pub struct RulePlan<'p> {
    /// The rule.
    pub rule: &'p Rule,
    /// Whether it runs, where no cluster is different.
    pub enabled: Setting<bool>,
    /// How bad its findings are.
    pub severity: Setting<Severity>,
    /// The parameters that have a value.
    pub params: Vec<(&'p str, Setting<Value>)>,
    /// What is different for some clusters: the position of the `[[cluster]]`, and the changes.
    pub overrides: Vec<(usize, Changes<'p>)>,
}

/// How all rules run.
#[derive(Debug)]
pub struct Plan<'p> {
    /// The rules, in their order; also those that never run.
    pub rules: Vec<RulePlan<'p>>,
    clusters: &'p [ClusterEntry],
}

impl<'p> Plan<'p> {
    /// Puts the layers together.
    ///
    /// # Errors
    ///
    /// A pattern of the command line fits no rule, or is none.
    pub fn new(
        set: &'p RuleSet,
        config: &'p Config,
        command: &'p CommandLine,
    ) -> Result<Self, SelectionError> {
        let planner = Planner {
            config,
            command,
            select: patterns("--select", &command.select, set)?,
            ignore: patterns("--ignore", &command.ignore, set)?,
        };
        let rules = set.rules.iter().map(|rule| planner.rule(rule)).collect();
        Ok(Self { rules, clusters: &config.clusters })
    }

    /// Leaves these rules only.
    pub fn retain(&mut self, keep: impl Fn(&Rule) -> bool) {
        self.rules.retain(|plan| keep(plan.rule));
    }

    /// The rules that run where no cluster is different, in their order.
    pub fn running(&self) -> impl Iterator<Item = &'p Rule> {
        self.rules.iter().filter(|plan| plan.enabled.value).map(|plan| plan.rule)
    }

    /// The rules that run, for some cluster at least, and what is different for some clusters.
    ///
    /// # Errors
    ///
    /// A value nests deeper than a document may.
    pub fn configured(
        &self,
        arena: &'p Bump,
    ) -> Result<(Vec<Configured<'p>>, Vec<Override<'p>>), serde_json::Error> {
        self.configured_with(arena, &[])
    }

    /// As [`configured`](Self::configured), and these rules as well, which may be off everywhere.
    ///
    /// # Errors
    ///
    /// A value nests deeper than a document may.
    pub fn configured_with(
        &self,
        arena: &'p Bump,
        also: &[String],
    ) -> Result<(Vec<Configured<'p>>, Vec<Override<'p>>), serde_json::Error> {
        let running = |rule: &&RulePlan<'p>| rule.runs_somewhere() || also.contains(&rule.rule.id);
        let running: Vec<_> = self.rules.iter().filter(running).collect();
        let rules = running.iter().map(|rule| rule.configured(arena)).collect::<Result<_, _>>()?;
        let clusters = self.clusters.iter().enumerate().map(|(at, entry)| {
            let change = |(index, rule): (usize, &&RulePlan<'p>)| {
                let changes = rule.overrides.iter().find(|(cluster, _)| *cluster == at)?;
                Some(changes.1.change(arena).map(|change| (RuleIndex::new(index), change)))
            };
            let rules = running.iter().enumerate().filter_map(change).collect::<Result<_, _>>()?;
            Ok(Override { clusters: entry.clusters.clone(), rules })
        });
        Ok((rules, clusters.collect::<Result<_, _>>()?))
    }
}

impl<'p> RulePlan<'p> {
    /// Whether it runs for some cluster at least.
    pub fn runs_somewhere(&self) -> bool {
        let turned_on = |changes: &Changes<'_>| changes.enabled.as_ref().is_some_and(|on| on.value);
        self.enabled.value || self.overrides.iter().any(|(_, changes)| turned_on(changes))
    }

    /// Why it does not run where no cluster is different; none if it does. `config` is what the configuration is called.
    pub fn why_off(&self, config: &str) -> Option<String> {
        let level = self.rule.level.as_str();
        match self.enabled.origin {
            _ if self.enabled.value => None,
            SettingOrigin::Rule => Some(format!("it is of the level {level}; --level {level} runs it")),
            SettingOrigin::Config(region) => Some(format!("{config}:{} turns it off", region.start_line)),
            SettingOrigin::CommandLine => Some("the command line turns it off".to_owned()),
        }
    }

    fn configured(&self, arena: &'p Bump) -> Result<Configured<'p>, serde_json::Error> {
        let value = |(name, setting): &(&str, Setting<Value>)| ((*name).to_owned(), setting.value.clone());
        let params = node(&Value::Object(self.params.iter().map(value).collect()), arena)?;
        let settings = Settings { enabled: self.enabled.value, severity: self.severity.value, params };
        Ok(Configured { rule: self.rule, settings })
    }

    fn apply(&mut self, changes: Changes<'p>) {
        if let Some(enabled) = changes.enabled {
            self.enabled = enabled;
        }
        if let Some(severity) = changes.severity {
            self.severity = severity;
        }
        for (name, setting) in changes.params {
            put(&mut self.params, name, setting);
        }
    }
}

impl<'p> Changes<'p> {
    /// What a layer of the configuration says about a rule.
    fn of(rule: &'p Rule, organization: &[SharedList], rules: &'p [RuleEntry]) -> Self {
        let mut changes = Self::default();
        for (param, name) in rule.fed_params() {
            if let Some(list) = organization.iter().find(|list| list.name.value == name) {
                let value = Value::from(list.items.value.clone());
                changes.params.push((param, Setting::config(value, list.items.region)));
            }
        }
        let fit = |entry: &'p RuleEntry| Some((entry.rules.value.fit(rule)?, entry));
        let mut entries: Vec<_> = rules.iter().filter_map(fit).collect();
        // Globs first, the id last; within each, in the order of the file.
        entries.sort_by_key(|(fit, _)| *fit);
        for (_, entry) in entries {
            changes.add(rule, entry);
        }
        changes
    }

    fn add(&mut self, rule: &'p Rule, entry: &RuleEntry) {
        if let Some(enabled) = &entry.enabled {
            self.enabled = Some(Setting::config(enabled.value, enabled.region));
        }
        if let Some(severity) = &entry.severity {
            self.severity = Some(Setting::config(severity.value, severity.region));
        }
        for (name, value) in &entry.params {
            // An entry for several rules sets a parameter of those that have it.
            if let Some((name, _)) = rule.params.iter().find(|(known, _)| *known == name.value) {
                put(&mut self.params, name, Setting::config(value.value.clone(), value.region));
            }
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn change(&self, arena: &'p Bump) -> Result<SettingsChange<'p>, serde_json::Error> {
        let param = |(name, setting): &(&'p str, Setting<Value>)| Ok((*name, node(&setting.value, arena)?));
        Ok(SettingsChange {
            enabled: self.enabled.as_ref().map(|enabled| enabled.value),
            severity: self.severity.as_ref().map(|severity| severity.value),
            params: self.params.iter().map(param).collect::<Result<_, serde_json::Error>>()?,
        })
    }
}

impl<T> Setting<T> {
    fn config(value: T, region: LineSpan) -> Self {
        Self { value, origin: SettingOrigin::Config(region) }
    }

    fn command_line(value: T) -> Self {
        Self { value, origin: SettingOrigin::CommandLine }
    }
}

/// Whether the command line selects a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Selected {
    /// By its id or by an alias: it runs, whatever the configuration says.
    ByName,
    /// By a glob: it runs if the configuration does not turn it off.
    ByGlob,
    /// It selects others.
    Not,
    /// It selects none.
    Nothing,
}

struct Planner<'p> {
    config: &'p Config,
    command: &'p CommandLine,
    select: Vec<RulePattern>,
    ignore: Vec<RulePattern>,
}

impl<'p> Planner<'p> {
    fn rule(&self, rule: &'p Rule) -> RulePlan<'p> {
        let default = |(name, param): &'p (String, crate::rule::Param)| {
            let value = param.default.clone()?;
            Some((name.as_str(), Setting { value, origin: SettingOrigin::Rule }))
        };
        let mut plan = RulePlan {
            rule,
            enabled: self.by_level(rule),
            severity: Setting { value: rule.severity, origin: SettingOrigin::Rule },
            params: rule.params.iter().filter_map(default).collect(),
            overrides: Vec::new(),
        };
        let changes = Changes::of(rule, &self.config.organization, &self.config.rules);
        let is_off = changes.enabled.as_ref().is_some_and(|enabled| !enabled.value);
        plan.apply(changes);
        let forced = self.forced(rule, is_off);
        let params = self.command.params.of(&rule.id);
        plan.overrides = self.overrides(rule, forced, &params);
        if let Some(enabled) = forced.base {
            plan.enabled = Setting::command_line(enabled);
        }
        for (name, _) in &rule.params {
            if let Some(value) = params.get(name) {
                put(&mut plan.params, name, Setting::command_line(value.clone()));
            }
        }
        plan
    }

    /// Whether a rule runs where nothing but levels decides.
    fn by_level(&self, rule: &Rule) -> Setting<bool> {
        let runs = |level: LevelChoice| level.has(rule.level);
        let usual = runs(LevelChoice::default());
        let said = match (self.command.level, &self.config.level) {
            (Some(level), _) => Setting::command_line(runs(level)),
            (None, Some(level)) => Setting::config(runs(level.value), level.region),
            (None, None) => Setting { value: usual, origin: SettingOrigin::Rule },
        };
        // A level that changes nothing about the rule is not what decides.
        if said.value == usual { Setting { value: usual, origin: SettingOrigin::Rule } } else { said }
    }

    fn selected(&self, rule: &Rule) -> Selected {
        match self.select.iter().filter_map(|pattern| pattern.fit(rule)).max() {
            _ if self.select.is_empty() => Selected::Nothing,
            Some(PatternFit::ById | PatternFit::ByAlias) => Selected::ByName,
            Some(PatternFit::ByGlob) => Selected::ByGlob,
            None => Selected::Not,
        }
    }

    fn forced(&self, rule: &Rule, is_off: bool) -> ForcedByCommand {
        if self.ignore.iter().any(|pattern| pattern.fits(rule)) {
            return ForcedByCommand { base: Some(false), everywhere: true };
        }
        match self.selected(rule) {
            Selected::ByName => ForcedByCommand { base: Some(true), everywhere: true },
            Selected::Not => ForcedByCommand { base: Some(false), everywhere: true },
            Selected::ByGlob => ForcedByCommand { base: (!is_off).then_some(true), everywhere: false },
            Selected::Nothing => ForcedByCommand { base: None, everywhere: false },
        }
    }

    /// What is different for some clusters, without what the command line settles.
    fn overrides(
        &self,
        rule: &'p Rule,
        forced: ForcedByCommand,
        params: &Map<String, Value>,
    ) -> Vec<(usize, Changes<'p>)> {
        let changes = |(at, cluster): (usize, &'p ClusterEntry)| {
            let mut changes = Changes::of(rule, &cluster.organization, &cluster.rules);
            if forced.everywhere {
                changes.enabled = None;
            }
            changes.params.retain(|(name, _)| !params.contains_key(*name));
            (!changes.is_empty()).then_some((at, changes))
        };
        self.config.clusters.iter().enumerate().filter_map(changes).collect()
    }
}

/// Whether the command line makes a rule run or not.
#[derive(Clone, Copy)]
struct ForcedByCommand {
    /// Where no cluster is different.
    base: Option<bool>,
    /// Whether that holds for each cluster, whatever its `[[cluster]]` says.
    everywhere: bool,
}

/// Sets a parameter, in its place or at the end.
fn put<'p>(params: &mut Vec<(&'p str, Setting<Value>)>, name: &'p str, setting: Setting<Value>) {
    match params.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = setting,
        None => params.push((name, setting)),
    }
}

fn node<'p>(value: &Value, arena: &'p Bump) -> Result<Json<'p>, serde_json::Error> {
    Json::parse(arena.alloc_str(&value.to_string()), arena)
}

/// A parameter of a rule, the value that it has, and what said so.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterInForce {
    /// The rule.
    pub rule: String,
    /// The parameter.
    pub name: String,
    /// Its value; none where it is not set, and the rule does not run.
    pub value: Option<Value>,
    /// What said so.
    pub origin: SettingOrigin,
    /// The `[[cluster]]` of the configuration that it is for, by position; all clusters if there is none.
    pub cluster: Option<usize>,
}

impl Plan<'_> {
    /// The parameters of all rules, with their values.
    pub fn parameters(&self) -> Vec<ParameterInForce> {
        self.rules.iter().flat_map(RulePlan::parameters).collect()
    }
}

impl RulePlan<'_> {
    fn parameters(&self) -> Vec<ParameterInForce> {
        let param = |name: &str, setting: Option<&Setting<Value>>, cluster| ParameterInForce {
            rule: self.rule.id.clone(),
            name: name.to_owned(),
            value: setting.map(|setting| setting.value.clone()),
            origin: setting.map_or(SettingOrigin::Rule, |setting| setting.origin),
            cluster,
        };
        let set =
            |name: &str| self.params.iter().find(|(known, _)| *known == name).map(|(_, setting)| setting);
        let own = self.rule.params.iter().map(|(name, _)| param(name, set(name), None));
        let of_clusters = self.overrides.iter().flat_map(|(cluster, changes)| {
            changes.params.iter().map(move |(name, setting)| param(name, Some(setting), Some(*cluster)))
        });
        own.chain(of_clusters).collect()
    }
}
