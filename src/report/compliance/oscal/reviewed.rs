//! Which controls rules decided, and which are left out, each with its reason: OSCAL has no "not evaluated".

use super::model::{OscalControl, OscalProperty, OscalReviewedControls, OscalSelection};
use super::words::{NAMESPACE, control_id, line};
use crate::compliance::{ControlResult, ControlVerdict, FrameworkResult};
use crate::report::Report;
use crate::report::cluster_name;
use crate::report::compliance::shown::words;

const DESCRIPTION: &str = "The controls that rules decided. Each has a finding.";
const NONE: &str = "Rules decided no control.";

/// Why a control is left out, in a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LeftOutFor {
    NotEvaluated,
    NoRuleYet,
    Manual,
    NotApplicable,
}

impl LeftOutFor {
    const ALL: [Self; 4] = [Self::NotEvaluated, Self::NoRuleYet, Self::Manual, Self::NotApplicable];

    fn of(result: &ControlResult<'_>) -> Option<Self> {
        match result.verdict() {
            ControlVerdict::Failed | ControlVerdict::Accepted | ControlVerdict::Passed => None,
            ControlVerdict::NotEvaluated => Some(Self::NotEvaluated),
            ControlVerdict::Manual if result.has_no_rule_yet() => Some(Self::NoRuleYet),
            ControlVerdict::Manual => Some(Self::Manual),
            ControlVerdict::NotApplicable => Some(Self::NotApplicable),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::NotEvaluated => "not-evaluated",
            Self::NoRuleYet => "no-rule-yet",
            Self::Manual => "manual",
            Self::NotApplicable => "not-applicable",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::NotEvaluated => "Not evaluated, as a rule could not be evaluated",
            Self::NoRuleYet => "Not evaluated, as there is no rule yet",
            Self::Manual => {
                "Left to a person, as rules see nothing or only a part of it and found nothing wrong"
            }
            Self::NotApplicable => "Not applicable",
        }
    }
}

/// The controls that were reviewed.
pub(super) fn reviewed(report: &Report<'_>, result: &FrameworkResult<'_>) -> OscalReviewedControls {
    let reviewed = result.controls.iter().filter(|control| LeftOutFor::of(control).is_none());
    let include_controls: Vec<_> =
        reviewed.map(|control| OscalControl { control_id: control_id(&control.control.id) }).collect();
    OscalReviewedControls {
        description: DESCRIPTION,
        props: result.controls.iter().filter_map(|control| left_out(report, control)).collect(),
        control_selections: [OscalSelection {
            remarks: include_controls.is_empty().then_some(NONE),
            include_controls,
        }],
        remarks: remarks(result),
    }
}

/// Those that are left out, by reason.
fn remarks(result: &FrameworkResult<'_>) -> Option<String> {
    let of = |why: LeftOutFor| {
        let controls = result.controls.iter().filter(|control| LeftOutFor::of(control) == Some(why));
        let ids: Vec<_> = controls.map(|control| line(&control.control.id)).collect();
        (!ids.is_empty()).then(|| format!("{}: {}.", why.in_words(), ids.join(", ")))
    };
    let all: Vec<_> = LeftOutFor::ALL.into_iter().filter_map(of).collect();
    (!all.is_empty()).then(|| format!("These controls are left out.\n\n{}", all.join("\n\n")))
}

fn left_out(report: &Report<'_>, result: &ControlResult<'_>) -> Option<OscalProperty> {
    let why = LeftOutFor::of(result)?;
    Some(OscalProperty {
        name: "left-out",
        ns: Some(NAMESPACE),
        value: control_id(&result.control.id),
        class: Some(why.name()),
        remarks: reason(report, result, why),
    })
}

/// What a person has to know of it.
fn reason(report: &Report<'_>, result: &ControlResult<'_>, why: LeftOutFor) -> Option<String> {
    let control = result.control;
    match why {
        LeftOutFor::NotEvaluated => not_evaluated(report, result),
        LeftOutFor::NoRuleYet => control.not_yet.as_ref().or(control.why.as_ref()).map(|text| line(&text.en)),
        LeftOutFor::Manual => control.why.as_ref().map(|why| line(&why.en)),
        LeftOutFor::NotApplicable => None,
    }
}

/// The first rule that could not judge, and why.
fn not_evaluated(report: &Report<'_>, result: &ControlResult<'_>) -> Option<String> {
    let on = result.worst()?;
    let one = on.evidence.iter().find(|one| one.says.verdict == ControlVerdict::NotEvaluated)?;
    let rule = line(&report.rules[one.rule].rule.id);
    let cluster = line(cluster_name(&on.cluster.judgement.cluster));
    let reason = one.says.reasons.first().map(words).unwrap_or_default();
    Some(format!("{rule} on {cluster}: {}", line(&reason)))
}
