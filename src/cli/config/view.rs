//! The configuration as it holds, with where each value comes from. Its fields are those of
//! `config show --format json`.

use crate::engine::ClusterSelector;
use crate::policy::Plan;
use crate::policy::config::{ClusterEntry, Config, SharedList, WaivedClusters, Waiver, lists};
use crate::policy::settings::{Changes, RulePlan, Setting, SettingOrigin};
use crate::rule::{Param, ParamType, RuleSet, Severity};
use crate::value::position::LineSpan;
use chrono::NaiveDate;
use globset::GlobMatcher;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything.
#[derive(Debug, Serialize)]
pub(super) struct View<'v> {
    /// The configuration file.
    pub(super) file: Option<String>,
    /// The settings at its top, by key.
    pub(super) settings: Vec<Named<'v>>,
    /// The shared lists.
    pub(super) organization: Vec<ListView<'v>>,
    /// How many rules there are.
    #[serde(rename = "knownRules")]
    pub(super) known_rules: usize,
    /// How rules run.
    pub(super) rules: Vec<RuleView<'v>>,
    /// Rules that are off because a parameter has no value.
    #[serde(rename = "withoutValue")]
    pub(super) without_value: Vec<UnsetView<'v>>,
    /// What is different for some clusters.
    pub(super) clusters: Vec<ClusterView<'v>>,
    /// What is accepted.
    pub(super) waivers: Vec<WaiverView<'v>>,
}

/// A parameter without a value: its rule is off.
#[derive(Debug, Serialize)]
pub(super) struct UnsetView<'v> {
    pub(super) rule: &'v str,
    pub(super) param: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'v str>,
    /// The table of ekslint.toml that sets it, and the line in it.
    pub(super) table: &'static str,
    pub(super) setting: String,
    /// Where it has a value for some clusters.
    #[serde(rename = "setAt")]
    pub(super) set_at: Vec<String>,
}

/// A value by its name.
#[derive(Debug, Serialize)]
pub(super) struct Named<'v> {
    pub(super) name: &'v str,
    pub(super) value: Option<Value>,
    /// `default`, `rule`, or file and line.
    pub(super) from: String,
}

/// A shared list.
#[derive(Debug, Serialize)]
pub(super) struct ListView<'v> {
    pub(super) name: &'v str,
    pub(super) value: &'v [String],
    pub(super) from: String,
    /// The parameters that it sets.
    pub(super) feeds: Vec<String>,
}

/// How a rule runs.
#[derive(Debug, Serialize)]
pub(super) struct RuleView<'v> {
    pub(super) id: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enabled: Option<Named<'v>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<Named<'v>>,
    pub(super) params: Vec<Named<'v>>,
}

/// What is different for some clusters.
#[derive(Debug, Serialize)]
pub(super) struct ClusterView<'v> {
    pub(super) from: String,
    pub(super) clusters: BTreeMap<String, Vec<&'v str>>,
    pub(super) organization: Vec<ListView<'v>>,
    pub(super) rules: Vec<RuleView<'v>>,
}

/// What is accepted.
#[derive(Debug, Serialize)]
pub(super) struct WaiverView<'v> {
    pub(super) from: String,
    pub(super) rules: Vec<&'v str>,
    pub(super) clusters: BTreeMap<String, Vec<&'v str>>,
    pub(super) resources: Vec<&'v str>,
    pub(super) reason: Option<&'v str>,
    pub(super) owner: Option<&'v str>,
    #[serde(rename = "approvedBy")]
    pub(super) approved_by: Option<&'v str>,
    pub(super) ticket: Option<&'v str>,
    pub(super) expires: Option<NaiveDate>,
    /// Whether its last day is over.
    pub(super) expired: bool,
}

/// Makes views of one configuration.
pub(super) struct Viewer<'v> {
    pub(super) config: &'v Config,
    pub(super) set: &'v RuleSet,
    pub(super) plan: &'v Plan<'v>,
    /// The day to take as today.
    pub(super) as_of: NaiveDate,
    /// Whether rules are shown that run as they are written, too.
    pub(super) all: bool,
}

impl<'v> Viewer<'v> {
    /// The view of everything.
    pub(super) fn view(&self) -> View<'v> {
        let config = self.config;
        let settings = config.settings().into_iter().map(|shown| Named {
            name: shown.key,
            value: shown.value,
            from: shown.region.map_or_else(|| "default".to_owned(), |region| self.line(region)),
        });
        let rules = self.plan.rules.iter().filter(|rule| self.all || self.differs(rule));
        View {
            file: config.file.as_ref().map(|_| config.name()),
            settings: settings.collect(),
            organization: config.organization.iter().map(|list| self.list(list)).collect(),
            known_rules: self.set.rules.len(),
            rules: rules.map(|rule| self.rule(rule)).collect(),
            without_value: self.plan.rules.iter().flat_map(|rule| self.without_value(rule)).collect(),
            clusters: config.clusters.iter().enumerate().map(|(at, entry)| self.cluster(at, entry)).collect(),
            waivers: config.waivers.iter().map(|waiver| self.waiver(waiver)).collect(),
        }
    }

    /// The parameters of a rule that runs but for them.
    fn without_value(&self, plan: &'v RulePlan<'v>) -> Vec<UnsetView<'v>> {
        if !plan.runs_somewhere() || !plan.rule.judges_clusters() {
            return Vec::new();
        }
        let set = |name: &str| plan.params.iter().any(|(known, _)| *known == name);
        let unset = plan.rule.params.iter().filter(|(name, param)| param.default.is_none() && !set(name));
        unset.map(|(name, param)| self.unset(plan, name, param)).collect()
    }

    fn unset(&self, plan: &'v RulePlan<'v>, name: &'v str, param: &'v Param) -> UnsetView<'v> {
        let rule = plan.rule.id.as_str();
        let value = match param.ty {
            ParamType::String => "\"…\"",
            ParamType::Int => "0",
            ParamType::Bool => "true",
            ParamType::List => "[\"…\"]",
        };
        let (table, setting) = match &param.organization {
            Some(list) => ("organization", format!("{list} = {value}")),
            None => ("rules", format!("{rule}.params = {{ {name} = {value} }}")),
        };
        let set_here =
            |(_, changes): &&(usize, Changes<'_>)| changes.params.iter().any(|(known, _)| *known == name);
        let clusters = plan.overrides.iter().filter(set_here).map(|(at, _)| self.config.clusters[*at].region);
        UnsetView {
            rule,
            param: name,
            description: param.description.as_deref().map(str::trim),
            table,
            setting,
            set_at: clusters.map(|region| self.line(region)).collect(),
        }
    }

    fn line(&self, region: LineSpan) -> String {
        format!("{}:{}", self.config.name(), region.start_line)
    }

    /// Whether something but the level is said about a rule.
    fn differs(&self, rule: &RulePlan<'_>) -> bool {
        self.says(&rule.enabled)
            || self.says(&rule.severity)
            || rule.params.iter().any(|(_, set)| self.says(set))
    }

    fn says<T>(&self, setting: &Setting<T>) -> bool {
        let level = self.config.level.as_ref().map(|level| SettingOrigin::Config(level.region));
        setting.origin != SettingOrigin::Rule && Some(setting.origin) != level
    }

    fn named<T>(&self, name: &'v str, setting: &Setting<T>, value: impl Fn(&T) -> Value) -> Named<'v> {
        let from = match setting.origin {
            SettingOrigin::Rule => "rule".to_owned(),
            SettingOrigin::Config(region) => self.line(region),
            SettingOrigin::CommandLine => "command line".to_owned(),
        };
        Named { name, value: Some(value(&setting.value)), from }
    }

    fn rule(&self, rule: &'v RulePlan<'v>) -> RuleView<'v> {
        let shown = |origin: SettingOrigin| self.all || origin != SettingOrigin::Rule;
        let enabled = Some(&rule.enabled).filter(|setting| shown(setting.origin));
        let severity = Some(&rule.severity).filter(|setting| shown(setting.origin));
        let params = rule.params.iter().filter(|(_, setting)| shown(setting.origin));
        self.of(rule.rule.id.as_str(), enabled, severity, params)
    }

    fn of(
        &self,
        id: &'v str,
        enabled: Option<&Setting<bool>>,
        severity: Option<&Setting<Severity>>,
        params: impl Iterator<Item = &'v (&'v str, Setting<Value>)>,
    ) -> RuleView<'v> {
        RuleView {
            id,
            enabled: enabled.map(|on| self.named("enabled", on, |on| (*on).into())),
            severity: severity.map(|set| self.named("severity", set, |severity| severity.as_str().into())),
            params: params.map(|(name, set)| self.named(name, set, Value::clone)).collect(),
        }
    }

    fn list(&self, list: &'v SharedList) -> ListView<'v> {
        let name = list.name.value.as_str();
        let feeds = lists(self.set).remove(name).unwrap_or_default();
        ListView { name, value: &list.items.value, from: self.line(list.name.region), feeds }
    }

    fn cluster(&self, at: usize, entry: &'v ClusterEntry) -> ClusterView<'v> {
        let changed = |rule: &'v RulePlan<'v>| {
            let (_, changes) = rule.overrides.iter().find(|(cluster, _)| *cluster == at)?;
            Some((rule, changes))
        };
        let rule = |(rule, changes): (&'v RulePlan<'v>, &'v Changes<'v>)| {
            let params = changes.params.iter();
            self.of(rule.rule.id.as_str(), changes.enabled.as_ref(), changes.severity.as_ref(), params)
        };
        ClusterView {
            from: self.line(entry.region),
            clusters: selector(&entry.clusters),
            organization: entry.organization.iter().map(|list| self.list(list)).collect(),
            rules: self.plan.rules.iter().filter_map(changed).map(rule).collect(),
        }
    }

    fn waiver(&self, waiver: &'v Waiver) -> WaiverView<'v> {
        let expires = waiver.expires.as_ref().map(|day| day.value);
        WaiverView {
            from: self.line(waiver.region),
            rules: waiver.rules.iter().map(|rule| rule.value.text()).collect(),
            clusters: match &waiver.clusters {
                None => BTreeMap::new(),
                Some(WaivedClusters::NameOrArn(globs)) => [("name or ARN".to_owned(), texts(globs))].into(),
                Some(WaivedClusters::Selected(clusters)) => selector(clusters),
            },
            resources: texts(&waiver.resources),
            reason: waiver.reason.as_ref().map(|reason| reason.value.as_str()),
            owner: waiver.owner.as_deref(),
            approved_by: waiver.approved_by.as_deref(),
            ticket: waiver.ticket.as_deref(),
            expires,
            expired: expires.is_some_and(|day| day < self.as_of),
        }
    }
}

/// What is given of a selector, by key.
fn selector(clusters: &ClusterSelector) -> BTreeMap<String, Vec<&str>> {
    let of_kind = [
        ("name", &clusters.name),
        ("arn", &clusters.arn),
        ("account", &clusters.account),
        ("region", &clusters.region),
    ];
    let given = of_kind.into_iter().filter(|(_, globs)| !globs.is_empty());
    let tags = clusters.tags.iter().map(|(tag, glob)| (format!("tag {tag}"), vec![glob.glob().glob()]));
    given.map(|(kind, globs)| (kind.to_owned(), texts(globs))).chain(tags).collect()
}

fn texts(globs: &[GlobMatcher]) -> Vec<&str> {
    globs.iter().map(|glob| glob.glob().glob()).collect()
}
