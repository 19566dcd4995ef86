//! What is wrong and accepted by a waiver: a deviation, until the waiver expires.

use super::context::OscalContext;
use super::model::{OscalCharacterization, OscalFacet, OscalProperty, OscalRelatedObservation, OscalRisk};
use super::observed::Observed;
use super::words::{end_of, line, own};
use crate::engine::{Finding, Standing};
use crate::policy::WaiverInfo;
use crate::rule::Rule;
use std::collections::BTreeSet;

/// A deviation from what a control asks for that somebody approved.
const APPROVED: &str = "deviation-approved";
/// One of which the waiver names nobody who approved it.
const REQUESTED: &str = "deviation-requested";
/// Where the names of facets such as `severity` come from.
const FACETS: &str = "http://csrc.nist.gov/ns/oscal";

/// All of them, each once.
pub(super) fn risks(context: &OscalContext<'_, '_>, observed: &[Observed<'_>]) -> Vec<OscalRisk> {
    let mut known = BTreeSet::new();
    let mut risks = Vec::new();
    for one in observed {
        for finding in one.evidence.resources.iter().filter_map(|shown| shown.finding) {
            let Some(waiver) = waiver(context, finding) else { continue };
            if known.insert(context.risk(one.at, finding)) {
                risks.push(risk(context, one, finding, waiver));
            }
        }
    }
    risks
}

fn waiver<'r>(context: &OscalContext<'r, '_>, finding: &Finding) -> Option<&'r WaiverInfo> {
    let Standing::Waived(at) = finding.standing else { return None };
    context.report.scanned.waivers.get(at.position())
}

fn risk(
    context: &OscalContext<'_, '_>,
    observed: &Observed<'_>,
    finding: &Finding,
    waiver: &WaiverInfo,
) -> OscalRisk {
    // Another rule may speak for this one.
    let rule = context.report.scanned.rules[finding.rule].rule;
    OscalRisk {
        uuid: context.risk(observed.at, finding),
        title: format!("{} ({})", line(&rule.title), line(&finding.resource.in_words())),
        description: format!("{}\n\nAccepted: {}", line(&finding.message), line(&waiver.in_words())),
        statement: line(&rule.rationale),
        props: properties(rule, finding, waiver),
        status: if waiver.approved_by.is_some() { APPROVED } else { REQUESTED },
        origins: [context.origin()],
        characterizations: [OscalCharacterization {
            origin: context.origin(),
            facets: [OscalFacet { name: "severity", system: FACETS, value: finding.severity.as_str() }],
        }],
        deadline: waiver.expires.and_then(end_of),
        related_observations: [OscalRelatedObservation {
            observation_uuid: context.observation(observed.at, &observed.evidence.rule.id),
        }],
    }
}

fn properties(rule: &Rule, finding: &Finding, waiver: &WaiverInfo) -> Vec<OscalProperty> {
    let mut props = vec![
        own("rule", &rule.id),
        own("fingerprint", &finding.fingerprint.to_string()),
        own("reason", &waiver.reason),
        own("waiver", &format!("{}:{}", waiver.file, waiver.line)),
    ];
    let expires = waiver.expires.map(|day| day.to_string());
    let more = [
        ("owner", &waiver.owner),
        ("approved-by", &waiver.approved_by),
        ("ticket", &waiver.ticket),
        ("expires", &expires),
    ];
    props.extend(more.into_iter().filter_map(|(name, value)| Some(own(name, value.as_deref()?))));
    props
}
