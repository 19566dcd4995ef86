//! A framework and a control as outputs for programs have them.

use crate::rule::Rule;
use crate::rule::framework::{BilingualText, Control, Framework};
use serde::Serialize;

/// What a framework says of itself.
#[derive(Serialize)]
pub(in crate::report) struct JsonFramework<'a> {
    id: &'a str,
    title: &'a BilingualText,
    version: &'a str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a BilingualText>,
}

/// What a control says of itself, and the rules that judge it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct JsonControl<'a> {
    id: &'a str,
    title: &'a BilingualText,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment: Option<&'static str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a BilingualText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) not_yet: Option<&'a BilingualText>,
    rules: Vec<&'a str>,
}

impl<'a> JsonFramework<'a> {
    pub(in crate::report) fn of(framework: &'a Framework) -> Self {
        Self {
            id: &framework.id,
            title: &framework.title,
            version: &framework.version,
            source: &framework.source,
            total: framework.total,
            scope: framework.scope.as_ref(),
        }
    }
}

impl<'a> JsonControl<'a> {
    pub(in crate::report) fn of(control: &'a Control, rules: impl Iterator<Item = &'a Rule>) -> Self {
        Self {
            id: &control.id,
            title: &control.title,
            level: control.level.as_deref(),
            assessment: control.assessment.map(|assessment| assessment.as_str()),
            kind: control.kind.as_str(),
            why: control.why.as_ref(),
            not_yet: control.not_yet.as_ref(),
            rules: rules.map(|rule| rule.id.as_str()).collect(),
        }
    }
}
