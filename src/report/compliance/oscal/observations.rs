//! What a rule says on a cluster: the resources that it looked at, and where what it looked at is written.

use super::context::OscalContext;
use super::model::{OscalEvidence, OscalLink, OscalObservation, OscalProperty, OscalSubject};
use super::observed::Observed;
use super::uuid::OscalUuid;
use super::words::{control_id, line, own};
use crate::compliance::ControlVerdict;
use crate::report::cluster_name;
use crate::report::compliance::shown::{ShownResource, words};

/// What it is called that was looked at.
const SUBJECT: &str = "inventory-item";

/// An observation.
pub(super) fn observation(context: &OscalContext<'_, '_>, observed: &Observed<'_>) -> OscalObservation {
    let (evidence, rule) = (&observed.evidence, observed.evidence.rule);
    let reasons: Vec<_> = evidence.reasons.iter().map(|reason| line(&words(reason))).collect();
    OscalObservation {
        uuid: context.observation(observed.at, &rule.id),
        title: format!("{} on {}: {}", line(&rule.id), name(observed), evidence.verdict.in_words()),
        description: description(observed),
        props: properties(observed),
        links: rule.url().map(|href| OscalLink { href, rel: "reference" }).into_iter().collect(),
        methods: ["TEST"],
        types: types(evidence.verdict),
        origins: [context.origin()],
        subjects: subjects(context, observed),
        relevant_evidence: looked_at(observed).map(|shown| relevant(context, shown)).collect(),
        collected: context.collected(observed.cluster),
        remarks: (!reasons.is_empty()).then(|| reasons.join("\n\n")),
    }
}

fn name(observed: &Observed<'_>) -> String {
    line(cluster_name(&observed.cluster.judgement.cluster))
}

/// What the rule looks for, and how many resources became what. The title of a rule says what is wrong, also where nothing is.
fn description(observed: &Observed<'_>) -> String {
    let evidence = &observed.evidence;
    let count =
        |verdict: ControlVerdict| evidence.resources.iter().filter(|one| one.verdict == verdict).count();
    let counts = ControlVerdict::ALL.into_iter().filter(|verdict| count(*verdict) > 0);
    let counts: Vec<_> = counts.map(|verdict| format!("{} {}", count(verdict), verdict.in_words())).collect();
    let looks_for = format!("The rule looks for this: {}.", line(&evidence.rule.title));
    if counts.is_empty() { looks_for } else { format!("{looks_for} Resources: {}.", counts.join(", ")) }
}

fn properties(observed: &Observed<'_>) -> Vec<OscalProperty> {
    let evidence = &observed.evidence;
    let mut props = vec![
        own("rule", &evidence.rule.id),
        own("result", evidence.verdict.as_str()),
        own("severity", evidence.rule.severity.as_str()),
    ];
    if evidence.only_in_baseline {
        props.push(own("only-in-baseline", "true"));
    }
    props.extend(observed.controls.iter().map(|control| own("control", &control_id(control))));
    props.extend(evidence.calls.iter().map(|call| own("api-call", call)));
    props
}

fn types(verdict: ControlVerdict) -> Vec<&'static str> {
    match verdict {
        ControlVerdict::Failed | ControlVerdict::Accepted => vec!["control-objective", "discovery"],
        _ => vec!["control-objective"],
    }
}

/// The resources that the rule applies to.
fn looked_at<'o, 'a>(observed: &'o Observed<'a>) -> impl Iterator<Item = &'o ShownResource<'a>> {
    observed.evidence.resources.iter().filter(|shown| shown.verdict != ControlVerdict::NotApplicable)
}

/// Each resource once, with the worst that was seen of it; where there is none, the cluster.
fn subjects(context: &OscalContext<'_, '_>, observed: &Observed<'_>) -> Vec<OscalSubject> {
    let mut worst: Vec<(OscalUuid, &ShownResource<'_>)> = Vec::new();
    for shown in looked_at(observed) {
        let uuid = context.resource(observed.at, shown.resource);
        match worst.iter_mut().find(|(known, _)| *known == uuid) {
            Some((_, known)) if known.verdict >= shown.verdict => {}
            Some((_, known)) => *known = shown,
            None => worst.push((uuid, shown)),
        }
    }
    let subject = |uuid, title, verdict: ControlVerdict| OscalSubject {
        subject_uuid: uuid,
        kind: SUBJECT,
        title,
        props: vec![own("result", verdict.as_str())],
    };
    if worst.is_empty() {
        return vec![subject(context.cluster(observed.at), name(observed), observed.evidence.verdict)];
    }
    let of_resource = |(uuid, shown): (OscalUuid, &ShownResource<'_>)| {
        subject(uuid, line(&shown.resource.in_words()), shown.verdict)
    };
    worst.into_iter().map(of_resource).collect()
}

/// Where it is written, and what is to be seen there.
fn relevant(context: &OscalContext<'_, '_>, shown: &ShownResource<'_>) -> OscalEvidence {
    let mut props = vec![own("result", shown.verdict.as_str())];
    if !shown.at.pointer.as_str().is_empty() {
        props.push(own("pointer", shown.at.pointer.as_str()));
    }
    if let Some(finding) = shown.finding {
        props.push(own("fingerprint", &finding.fingerprint.to_string()));
        props.push(own("standing", finding.standing.as_str()));
    }
    OscalEvidence { href: context.line_of(shown.at), description: seen(context, shown), props }
}

fn seen(context: &OscalContext<'_, '_>, shown: &ShownResource<'_>) -> String {
    if let Some(finding) = shown.finding {
        let how = context.report.scanned.how_accepted(finding);
        let how = how.map_or_else(String::new, |how| format!(" ({})", line(&how)));
        return format!("{}{how}", line(&finding.message));
    }
    let said: Vec<_> = match shown.reasons.is_empty() {
        true => shown.values.iter().map(|value| line(&format!("{} = {}", value.path, value.value))).collect(),
        false => shown.reasons.iter().map(|reason| line(&words(reason))).collect(),
    };
    let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
    format!("{} {}{said}", line(&shown.resource.in_words()), shown.verdict.in_words())
}
