//! For AWS Security Hub CSPM: findings in the AWS Security Finding Format, as
//! `aws securityhub batch-import-findings` takes them. Security Hub keeps findings by account and
//! region, so what has no account and region is not in this output; `left_out` says so.

mod finding;
mod home;
mod resource;

use super::finding_text::{one_line, requirements, shortened};
use super::unjudged::{Cause, Unjudged, unjudged};
use super::{FindingView, Report, json_text};
use crate::rule::{Frameworks, Rule, Severity as Judged};
use crate::snapshot::Identity;
use crate::text::hexadecimal;
use crate::value::position::LineColumn;
use finding::{
    AsffCompliance, AsffFinding, AsffRemediation, AsffResource, AsffSeverity, ProviderFields, Recommendation,
    StatusReason,
};
use home::Home;
use resource::resources;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The longest texts that Security Hub takes.
const MOST_TITLE: usize = 256;
const MOST_DESCRIPTION: usize = 1024;
const MOST_RECOMMENDATION: usize = 512;
const MOST_FIELD: usize = 2048;
/// The most framework controls that it takes.
const MOST_REQUIREMENTS: usize = 32;
/// How it classifies all findings.
const TYPES: [&str; 1] = ["Software and Configuration Checks/AWS Security Best Practices"];

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&Findings(report), out)
}

/// Says what Security Hub cannot take, if there is something.
pub(super) fn left_out(report: &Report<'_>) -> Option<String> {
    let homeless = |cluster: &Identity| Home::of(cluster).is_none();
    let findings = report.findings().filter(|shown| shown.identity().is_none_or(homeless)).count();
    let unevaluated = unjudged(report).filter(|row| row.cluster.is_none_or(homeless)).count();
    let findings = (findings > 0).then(|| format!("findings: {findings}"));
    let unevaluated = (unevaluated > 0).then(|| format!("not evaluated: {unevaluated}"));
    let left_out = findings.into_iter().chain(unevaluated).collect::<Vec<_>>().join(", ");
    (!left_out.is_empty()).then(|| {
        format!(
            "not in the output asff ({left_out}): AWS Security Hub keeps findings by account and region, and these \
             have none. A cluster's ARN says both"
        )
    })
}

/// All of them, each made when it is written.
struct Findings<'a>(&'a Report<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        // No report carries the time of its run.
        let time = format!("{}T00:00:00Z", report.as_of);
        let failed = report.findings().filter_map(|shown| failed(shown, &time));
        let not_judged = unjudged(report).filter_map(|row| not_judged(row, &time));
        serializer.collect_seq(failed.chain(not_judged))
    }
}

fn failed<'a>(shown: FindingView<'a>, time: &'a str) -> Option<AsffFinding<'a>> {
    let FindingView { finding, rule, .. } = shown;
    let (cluster, place) = (shown.identity()?, &finding.primary);
    let home = Home::of(cluster)?;
    let severity = shown.severity();
    Some(new(AsffParts {
        id: finding.fingerprint.to_string(),
        home,
        time,
        rule,
        description: &finding.message,
        severity: AsffSeverity { label: label(severity), original: Some(severity.as_str()) },
        way_out: &rule.remediation.text,
        compliance: AsffCompliance {
            status: "FAILED",
            related_requirements: related(&shown.frameworks()),
            status_reasons: Vec::new(),
        },
        resources: resources(cluster, home, Some(&finding.resource)),
        fields: fields(
            &place.file.name,
            place.file.document,
            Some(place.span.start()),
            place.pointer.as_str(),
        ),
    }))
}

/// A rule that could not judge a cluster. Inputs that could not be read have no account.
fn not_judged<'a>(row: Unjudged<'a>, time: &'a str) -> Option<AsffFinding<'a>> {
    let (cluster, rule) = (row.cluster?, row.rule?);
    let home = Home::of(cluster)?;
    let reason = StatusReason {
        reason_code: match row.cause {
            Cause::Unknown(kind) => kind,
            Cause::Error => "error",
        },
        description: text(row.reason, MOST_DESCRIPTION),
    };
    Some(new(AsffParts {
        id: hexadecimal(Sha256::digest(row.uid())),
        home,
        time,
        rule,
        description: &format!("Not evaluated: {}", row.reason),
        severity: AsffSeverity { label: "INFORMATIONAL", original: None },
        way_out: row.way_out.as_deref().unwrap_or(&rule.remediation.text),
        compliance: AsffCompliance {
            status: "NOT_AVAILABLE",
            related_requirements: related(rule.frameworks()),
            status_reasons: vec![reason],
        },
        resources: resources(cluster, home, None),
        fields: fields(row.file, row.document, row.place, row.at),
    }))
}

/// What tells a finding from others. The command is not there: how to mend it has to be shortened, and a
/// command without its warnings is not safe.
struct AsffParts<'a, 't> {
    id: String,
    home: Home<'a>,
    time: &'a str,
    rule: &'a Rule,
    description: &'t str,
    severity: AsffSeverity,
    way_out: &'t str,
    compliance: AsffCompliance<'a>,
    resources: Vec<AsffResource<'a>>,
    fields: BTreeMap<&'static str, String>,
}

fn new<'a>(new: AsffParts<'a, '_>) -> AsffFinding<'a> {
    let AsffParts { home, rule, severity, .. } = new;
    let url = rule.url();
    let recommendation = Recommendation { text: text(new.way_out, MOST_RECOMMENDATION), url };
    AsffFinding {
        schema_version: "2018-10-08",
        id: format!("ekslint/{}", new.id),
        product_arn: home.product(),
        product_name: env!("CARGO_PKG_NAME"),
        region: home.region,
        generator_id: &rule.id,
        aws_account_id: home.account,
        created_at: new.time,
        updated_at: new.time,
        title: text(&rule.title, MOST_TITLE),
        description: text(new.description, MOST_DESCRIPTION),
        finding_provider_fields: ProviderFields { severity, types: TYPES },
        severity,
        types: TYPES,
        remediation: AsffRemediation { recommendation },
        resources: new.resources,
        compliance: new.compliance,
        record_state: "ACTIVE",
        product_fields: new.fields,
    }
}

fn label(severity: Judged) -> &'static str {
    match severity {
        Judged::Critical => "CRITICAL",
        Judged::High => "HIGH",
        Judged::Medium => "MEDIUM",
        Judged::Low => "LOW",
        Judged::Info => "INFORMATIONAL",
    }
}

/// A text in one line that is neither too long nor blank, which Security Hub refuses.
fn text(text: &str, most: usize) -> String {
    let text = shortened(&one_line(text), most);
    if text.is_empty() { "(none)".to_owned() } else { text }
}

fn related(frameworks: &Frameworks) -> Vec<String> {
    let mut related = requirements(frameworks);
    related.truncate(MOST_REQUIREMENTS);
    related
}

/// Where it is in the file.
fn fields(
    file: &str,
    document: Option<u32>,
    place: Option<LineColumn>,
    pointer: &str,
) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::from([("ekslint/file", text(file, MOST_FIELD))]);
    fields.extend(document.map(|line| ("ekslint/document", line.to_string())));
    fields.extend(place.map(|place| ("ekslint/line", place.line.to_string())));
    fields.extend(place.map(|place| ("ekslint/column", place.column.to_string())));
    fields.extend((!pointer.is_empty()).then(|| ("ekslint/pointer", text(pointer, MOST_FIELD))));
    fields
}
