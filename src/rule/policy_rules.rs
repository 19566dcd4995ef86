//! Rules about waivers and the baseline rather than about clusters. They are not written in CEL: what
//! they judge is known after all clusters were judged. Everything else about them is as with any
//! rule: they are listed, shown, selected, and their severity can be set.

use super::cel::{Reads, Regexes, SharedExpressions};
use super::summary;
use super::{Level, Precision, Remediation, Rule, Severity, TemplateChanges};
use crate::snapshot::{ClusterType, section};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The area of these rules.
pub const AREA: &str = "upkeep";
/// A waiver whose last day is over.
pub const WAIVER_EXPIRED: &str = "waiver-expired";
/// A waiver that covers nothing.
pub const WAIVER_UNUSED: &str = "waiver-unused";
/// A waiver that does not say why.
pub const WAIVER_WITHOUT_REASON: &str = "waiver-without-reason";
/// An entry of the baseline that is no longer found.
pub const BASELINE_ENTRY_UNUSED: &str = "baseline-entry-unused";
/// Where they are documented.
const PAGE: &str = "docs/waivers-and-baselines.md";

/// The text of a rule.
struct PolicyRuleText {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    rationale: &'static str,
    remediation: &'static str,
}

const TEXTS: [PolicyRuleText; 4] = [
    PolicyRuleText {
        id: BASELINE_ENTRY_UNUSED,
        title: "Baseline entry is no longer found",
        severity: Severity::Medium,
        rationale: "What the entry stands for is fixed. As long as the entry is there, the same finding could come back unseen.",
        remediation: "Remove the entry with `ekslint baseline prune`. It removes all that are no longer found, and adds nothing.",
    },
    PolicyRuleText {
        id: WAIVER_EXPIRED,
        title: "Waiver has expired",
        severity: Severity::Medium,
        rationale: "The last day of the waiver is over, so it covers nothing any more: its findings count again.",
        remediation: "Remove the waiver once its findings are fixed, or give it a new date. Before you give it one, decide again whether its reason still holds.",
    },
    PolicyRuleText {
        id: WAIVER_UNUSED,
        title: "Waiver covers no finding",
        severity: Severity::Low,
        rationale: "What the waiver was for is fixed, or the waiver names a wrong rule, cluster or resource. A waiver that is left over hides the next finding of its kind.",
        remediation: "Remove the waiver, or correct the rule, cluster or resource it names.",
    },
    PolicyRuleText {
        id: WAIVER_WITHOUT_REASON,
        title: "Waiver gives no reason",
        severity: Severity::Medium,
        rationale: "Nobody can review a decision without its reason, so the waiver covers nothing: its findings count.",
        remediation: "Add a `reason` to the waiver, or remove the waiver. Write `reason = \"...\"`: why this is accepted here, and until when.",
    },
];

/// The rules, sorted by id. None if there is no section that they could name.
pub(super) fn rules() -> Vec<Rule> {
    TEXTS.iter().filter_map(rule).collect()
}

fn rule(text: &PolicyRuleText) -> Option<Rule> {
    Some(Rule {
        id: text.id.to_owned(),
        title: text.title.to_owned(),
        severity: text.severity,
        level: Level::Default,
        precision: Precision::VeryHigh,
        since: "0.1.0".to_owned(),
        area: AREA.to_owned(),
        file: format!("{PAGE}#{}", text.id),
        built_in: true,
        resource: section::by_name("cluster")?,
        clusters: ClusterType::ALL.to_vec(),
        params: Vec::new(),
        rationale: text.rationale.to_owned(),
        remediation: Remediation {
            summary: summary::of(None, text.remediation),
            text: text.remediation.to_owned(),
            awscli: None,
            changes: TemplateChanges::default(),
            command: None,
        },
        references: Vec::new(),
        other_names: Vec::new(),
        aliases: Vec::new(),
        written_frameworks: BTreeMap::new(),
        frameworks: OnceLock::new(),
        supersedes: Vec::new(),
        examples: Vec::new(),
        reads: Reads::default(),
        lets: Vec::new(),
        when: None,
        checks: Vec::new(),
        regexes: Regexes::default(),
        shared: SharedExpressions::default(),
    })
}
