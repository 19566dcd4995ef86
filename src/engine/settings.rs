//! How each rule runs: whether, how bad its findings are, and with which parameters; and what is
//! different for some clusters.

use super::index::RuleIndex;
use super::selector::ClusterSelector;
use crate::rule::{Rule, Severity};
use crate::snapshot::{Identity, Unknown, UnknownKind};
use crate::value::Json;
use bumpalo::Bump;
use serde_json::{Map, Value};
use std::ops::Index;

/// A rule and how it runs.
#[derive(Clone, Debug)]
pub struct Configured<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// How it runs, where no override says otherwise.
    pub settings: Settings<'r>,
}

/// How a rule runs.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'r> {
    /// Whether it runs at all.
    pub enabled: bool,
    /// How bad its findings are.
    pub severity: Severity,
    /// Its parameters, defaults put in.
    pub params: Json<'r>,
}

/// What is different for some clusters.
#[derive(Debug)]
pub struct Override<'r> {
    /// Which clusters.
    pub clusters: ClusterSelector,
    /// The rules, and what changes about them.
    pub rules: Vec<(RuleIndex, SettingsChange<'r>)>,
}

/// What an override changes about a rule; all else stays.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange<'r> {
    /// Whether it runs at all.
    pub enabled: Option<bool>,
    /// How bad its findings are.
    pub severity: Option<Severity>,
    /// Parameters by name.
    pub params: Vec<(&'r str, Json<'r>)>,
}

impl<'r> Index<RuleIndex> for [Configured<'r>] {
    type Output = Configured<'r>;

    fn index(&self, rule: RuleIndex) -> &Configured<'r> {
        &self[rule.position()]
    }
}

impl<'r> Configured<'r> {
    /// A rule that runs as it is written, with these parameters.
    pub fn new(rule: &'r Rule, params: Json<'r>) -> Self {
        Self { rule, settings: Settings { enabled: true, severity: rule.severity, params } }
    }

    /// A rule that runs as it is written, with the parameters that are set, else its defaults.
    ///
    /// # Errors
    ///
    /// A value nests deeper than a document may.
    pub fn with(
        rule: &'r Rule,
        set: &Map<String, Value>,
        arena: &'r Bump,
    ) -> Result<Self, serde_json::Error> {
        let text = arena.alloc_str(&parameters(rule, set).to_string());
        Ok(Self::new(rule, Json::parse(text, arena)?))
    }

    /// A parameter that is not set, where a place says that it is one.
    pub(super) fn unset_at(&self, settings: &Settings<'_>, unknown: &Unknown) -> Option<Unknown> {
        let is_unset = |name: &&str| settings.params.get(name).is_none();
        let name = unknown.at.strip_prefix('/')?;
        let unset = self.rule.required_params().filter(is_unset).find(|known| *known == name)?;
        (unknown.kind == UnknownKind::FieldAbsent).then(|| needs(self.rule, &[unset]))
    }

    /// Why the rule cannot run, if a parameter that it needs is not set.
    pub(super) fn unset(&self, settings: &Settings<'_>) -> Option<Unknown> {
        let is_unset = |name: &&str| settings.params.get(name).is_none();
        let unset: Vec<_> = self.rule.required_params().filter(is_unset).collect();
        (!unset.is_empty()).then(|| needs(self.rule, &unset))
    }
}

/// A rule's parameters: what is set, else the defaults.
pub fn parameters(rule: &Rule, set: &Map<String, Value>) -> Value {
    let value = |(name, param): &(String, crate::rule::Param)| {
        Some((name.clone(), set.get(name).or(param.default.as_ref())?.clone()))
    };
    Value::Object(rule.params.iter().filter_map(value).collect())
}

/// The unknown for a rule whose required parameters are not set.
fn needs(rule: &Rule, params: &[&str]) -> Unknown {
    let list = params.iter().map(|name| format!("{}.{name}", rule.id)).collect::<Vec<_>>().join(", ");
    Unknown {
        kind: UnknownKind::NeedsConfiguration,
        reason: format!("set the parameter {list}"),
        at: String::new(),
        api: None,
        action: None,
    }
}

/// How each rule runs on one cluster.
pub(super) fn settings_for<'s>(
    rules: &'s [Configured<'s>],
    overrides: &'s [Override<'s>],
    cluster: &Identity,
    arena: &'s Bump,
) -> Vec<Settings<'s>> {
    let mut settings: Vec<Settings<'s>> = rules.iter().map(|rule| rule.settings).collect();
    for one in overrides.iter().filter(|one| one.clusters.fits(cluster)) {
        for (rule, change) in &one.rules {
            if let Some(settings) = settings.get_mut(rule.position()) {
                change.apply(settings, arena);
            }
        }
    }
    settings
}

impl<'r> SettingsChange<'r> {
    fn apply<'s>(&self, settings: &mut Settings<'s>, arena: &'s Bump)
    where
        'r: 's,
    {
        settings.enabled = self.enabled.unwrap_or(settings.enabled);
        settings.severity = self.severity.unwrap_or(settings.severity);
        if self.params.is_empty() {
            return;
        }
        let kept = settings.params.as_object().map(|object| object.entries()).unwrap_or_default();
        let changed = |name: &str| self.params.iter().any(|(other, _)| *other == name);
        let kept = kept.iter().copied().filter(|(name, _)| !changed(name));
        let entries: Vec<_> = kept.chain(self.params.iter().copied()).collect();
        settings.params = Json::object(arena, entries);
    }
}
