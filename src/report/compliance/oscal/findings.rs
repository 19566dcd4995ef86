//! What becomes of the controls that rules decided. All others have no finding.

use super::context::OscalContext;
use super::model::{
    OscalFinding, OscalProperty, OscalRelatedObservation, OscalRelatedRisk, OscalStatus, OscalTarget,
};
use super::words::{control_id, line, names, own};
use crate::compliance::{ControlResult, ControlVerdict};
use crate::engine::Standing;
use crate::report::cluster_name;
use crate::report::totals::plural;
use std::collections::BTreeSet;

/// The finding of a control, if rules decided it.
pub(super) fn finding(context: &OscalContext<'_, '_>, result: &ControlResult<'_>) -> Option<OscalFinding> {
    let status = status(result.verdict())?;
    let control = result.control;
    let id = control_id(&control.id);
    Some(OscalFinding {
        uuid: context.finding(&control.id),
        title: line(&format!("{}: {}", control.id, control.title.en)),
        description: description(result),
        props: properties(result),
        origins: [context.origin()],
        target: OscalTarget {
            kind: "statement-id",
            target_id: format!("{id}_smt"),
            status,
            remarks: control
                .why
                .as_ref()
                .map(|why| format!("A person has to look at the rest: {}", line(&why.en))),
        },
        related_observations: observations(context, result),
        related_risks: risks(context, result),
    })
}

/// What OSCAL calls what rules decided. What is accepted is not satisfied: somebody answers for that.
fn status(verdict: ControlVerdict) -> Option<OscalStatus> {
    let (state, reason) = match verdict {
        ControlVerdict::Failed => ("not-satisfied", "fail"),
        ControlVerdict::Accepted => ("not-satisfied", "other"),
        ControlVerdict::Passed => ("satisfied", "pass"),
        ControlVerdict::NotEvaluated | ControlVerdict::Manual | ControlVerdict::NotApplicable => return None,
    };
    Some(OscalStatus { state, reason })
}

/// Which clusters became what.
fn description(result: &ControlResult<'_>) -> String {
    let of = |verdict: ControlVerdict| {
        let clusters = result.clusters.iter().filter(|on| on.verdict == verdict);
        let called: Vec<_> = clusters.map(|on| cluster_name(&on.cluster.judgement.cluster)).collect();
        let all = plural(result.clusters.len(), "cluster");
        let (count, called) = (called.len(), names(called.iter().copied()));
        (count > 0).then(|| format!("{count} of {all} {}: {called}.", verdict.in_words()))
    };
    let all: Vec<_> = ControlVerdict::ALL.into_iter().filter_map(of).collect();
    all.join(" ")
}

fn properties(result: &ControlResult<'_>) -> Vec<OscalProperty> {
    let mut props = vec![
        own("control", &control_id(&result.control.id)),
        own("verdict", result.verdict().as_str()),
        own("kind", result.control.kind.as_str()),
    ];
    if result.is_only_in_baseline() {
        props.push(own("only-in-baseline", "true"));
    }
    props
}

/// The observations that decide it, and those that show what is not known of it.
fn observations(context: &OscalContext<'_, '_>, result: &ControlResult<'_>) -> Vec<OscalRelatedObservation> {
    let decides = |said: ControlVerdict| match result.verdict() {
        ControlVerdict::Passed => said == ControlVerdict::Passed,
        _ => matches!(said, ControlVerdict::Failed | ControlVerdict::NotEvaluated | ControlVerdict::Accepted),
    };
    let mut related = Vec::new();
    for (at, on) in result.clusters.iter().enumerate() {
        for one in on.evidence.iter().filter(|one| decides(one.says.verdict)) {
            let rule = context.report.scanned.rules[one.rule].rule;
            let observation_uuid = context.observation(at, &rule.id);
            related.push(OscalRelatedObservation { observation_uuid });
        }
    }
    related
}

/// What is accepted of it, each once.
fn risks(context: &OscalContext<'_, '_>, result: &ControlResult<'_>) -> Vec<OscalRelatedRisk> {
    let mut known = BTreeSet::new();
    for (at, on) in result.clusters.iter().enumerate() {
        let waived = |finding: &&crate::engine::Finding| matches!(finding.standing, Standing::Waived(_));
        known.extend(on.findings().into_iter().filter(waived).map(|finding| context.risk(at, finding)));
    }
    known.into_iter().map(|risk_uuid| OscalRelatedRisk { risk_uuid }).collect()
}
