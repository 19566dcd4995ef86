//! For programs: one JSON document, described in `docs/explain.md`.

use super::{RuleTraceReport, needed, outcome_word};
use crate::engine::Standing;
use crate::engine::trace::{
    CheckTrace, EachTrace, ExpressionTrace, ItemTrace, ReadTrace, ResourceParts, ResourceTrace, RuleNotRun,
    RuleTrace, TracedFailure, TracedFinding,
};
use crate::report::explain::json::{object, unknown};
use crate::report::json::SCHEMA_VERSION;
use crate::report::json::parts::{JsonError, JsonLocation, JsonResource, JsonTool, JsonWaiver};
use crate::report::json_text;
use crate::scan::ClusterScan;
use crate::value::Location;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes what the rules gave.
pub(super) fn write(trace: &RuleTraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = &trace.report;
    let clusters: Vec<_> = report.scan.clusters.iter().map(|one| cluster(trace, one)).collect();
    let errors =
        |errors: &[crate::value::Problem]| json!(errors.iter().map(JsonError::of).collect::<Vec<_>>());
    let value = json!({
        "schemaVersion": SCHEMA_VERSION,
        "tool": JsonTool::own(),
        "asOf": report.as_of,
        "clusters": clusters,
        "errors": errors(&report.errors),
        "ruleErrors": errors(&report.rule_errors),
        "notices": report.notices,
    });
    json_text::write(&value, out)
}

fn cluster(trace: &RuleTraceReport<'_>, cluster: &ClusterScan) -> Value {
    let identity = &cluster.judgement.cluster;
    object(json!({
        "cluster": object(json!({
            "name": identity.name, "arn": identity.arn, "account": identity.account, "region": identity.region,
        })),
        "file": cluster.file.name,
        "document": cluster.file.document,
        "rules": cluster.traces.iter().map(|one| rule(trace, one)).collect::<Vec<_>>(),
    }))
}

fn rule(report: &RuleTraceReport<'_>, trace: &RuleTrace) -> Value {
    let configured = &report.report.rules[trace.rule];
    let resources = trace.resources.iter().map(|one| resource(report, trace, one));
    object(json!({
        "rule": configured.rule.id,
        "title": configured.rule.title,
        "outcome": outcome_word(trace.outcome),
        "notRun": trace.not_run.as_ref().map(|why| not_run(report, trace, why)),
        "resources": resources.collect::<Vec<_>>(),
        "needed": needed(trace).into_iter().map(unknown).collect::<Vec<_>>(),
        "errors": trace.errors,
    }))
}

fn not_run(report: &RuleTraceReport<'_>, trace: &RuleTrace, why: &RuleNotRun) -> Value {
    let (kind, reason) = match why {
        RuleNotRun::Off => ("off", report.why_off.get(&trace.rule).cloned()),
        RuleNotRun::NeedsConfiguration(unset) => ("needs-configuration", Some(unset.reason.clone())),
        RuleNotRun::OtherKind => ("other-kind", None),
        RuleNotRun::KindUnknown(unknown) => ("kind-unknown", Some(unknown.reason.clone())),
    };
    object(json!({"kind": kind, "reason": reason}))
}

fn resource(report: &RuleTraceReport<'_>, rule: &RuleTrace, trace: &ResourceTrace) -> Value {
    let ResourceTrace { resource, at, outcome, findings, unknowns, errors, parts } = trace;
    let mut value = object(json!({
        "resource": JsonResource::of(resource),
        "location": JsonLocation::of(at),
        "outcome": outcome_word(*outcome),
        "findings": findings.iter().map(|one| finding(report, rule, one)).collect::<Vec<_>>(),
        "notEvaluated": unknowns.iter().map(|(one, _)| unknown(one)).collect::<Vec<_>>(),
        "errors": errors,
    }));
    if let (Some(parts), Value::Object(fields)) = (parts, &mut value) {
        let ResourceParts { lets, when, checks } = parts;
        let named =
            |(name, value): &(String, ExpressionTrace)| with(json!({"name": name}), expression(value));
        fields.insert("let".to_owned(), lets.iter().map(named).collect());
        if let Some(when) = when {
            fields.insert("when".to_owned(), expression(when));
        }
        fields.insert("checks".to_owned(), checks.iter().map(check).collect());
    }
    value
}

fn finding(report: &RuleTraceReport<'_>, rule: &RuleTrace, traced: &TracedFinding) -> Value {
    let TracedFinding { finding, superseded_by } = traced;
    let rules = report.report.rules;
    let is_open = finding.standing == Standing::Open;
    let counts = is_open && superseded_by.is_empty() && rule.not_run.is_none();
    object(json!({
        "message": finding.message,
        "severity": finding.severity.as_str(),
        "location": JsonLocation::of(&finding.primary),
        "fingerprint": finding.fingerprint.to_string(),
        "counts": counts,
        "standing": finding.standing.as_str(),
        "waiver": JsonWaiver::of(finding.standing, report.report.waivers),
        "supersededBy": superseded_by.iter().map(|by| rules[*by].rule.id.as_str()).collect::<Vec<_>>(),
    }))
}

fn check(trace: &CheckTrace) -> Value {
    match trace {
        CheckTrace::Assert(assert) => json!({"assert": expression(assert)}),
        CheckTrace::Each(each) => json!({"each": each_value(each)}),
    }
}

fn each_value(each: &EachTrace) -> Value {
    let EachTrace { name, source, items, at, shown, more } = each;
    let (count, failed) = match items {
        Ok(count) => (Some(*count), None),
        Err(failed) => (None, Some(failure(failed))),
    };
    object(json!({
        "name": name,
        "expression": source,
        "location": location(at.as_ref()),
        "items": count,
        "failure": failed,
        "more": more.as_ref().map(unknown),
        "shown": shown.iter().map(item).collect::<Vec<_>>(),
    }))
}

fn item(item: &ItemTrace) -> Value {
    let value = object(json!({"value": item.value, "location": location(item.at.as_ref())}));
    match &item.check {
        Ok(trace) => with(value, check(trace)),
        Err(why) => with(value, json!({"notEvaluated": unknown(why)})),
    }
}

fn expression(trace: &ExpressionTrace) -> Value {
    let ExpressionTrace { source, value, operator, parts, decides, reads, item } = trace;
    let item =
        item.as_ref().map(|(value, at)| object(json!({"value": value, "location": location(at.as_ref())})));
    let has_parts = !parts.is_empty();
    let of = object(json!({
        "expression": source,
        "operator": operator,
        "decides": decides.then_some(true),
        "item": item,
        "parts": has_parts.then(|| parts.iter().map(expression).collect::<Vec<_>>()),
        "reads": (!reads.is_empty()).then(|| reads.iter().map(read).collect::<Vec<_>>()),
    }));
    with(of, outcome(value))
}

fn read(read: &ReadTrace) -> Value {
    let of = object(json!({"expression": read.source, "location": location(read.at.as_ref())}));
    with(of, outcome(&read.value))
}

/// A value, or why there is none.
fn outcome(value: &Result<String, TracedFailure>) -> Value {
    match value {
        Ok(value) => json!({"value": value}),
        Err(failed) => json!({"failure": failure(failed)}),
    }
}

fn failure(failure: &TracedFailure) -> Value {
    match failure {
        TracedFailure::Unknown(reason) => json!({"unknown": unknown(reason)}),
        TracedFailure::Error(cause) => json!({"error": cause}),
    }
}

fn location(at: Option<&Location>) -> Option<Value> {
    at.map(|at| json!(JsonLocation::of(at)))
}

/// An object with the fields of another one as well.
fn with(object: Value, more: Value) -> Value {
    match (object, more) {
        (Value::Object(mut fields), Value::Object(more)) => {
            fields.extend(more);
            Value::Object(fields)
        }
        (object, _) => object,
    }
}
