//! For SIEMs and data lakes: events of the Open Cybersecurity Schema Framework, class Compliance
//! Finding, one JSON object a line. What was not judged is an event too, of the status Unknown.

mod event;

use super::aws::resource_type;
use super::finding_text::command;
use super::unjudged::{Cause, Unjudged, unjudged};
use super::{FindingView, Report, cluster_name, json_text};
use crate::engine::Resource;
use crate::rule::{Rule, Severity};
use crate::snapshot::Identity;
use chrono::NaiveTime;
use event::{
    Account, Analytic, Cloud, Event, FindingInfo, OcsfCompliance, OcsfFinding, OcsfRemediation, Owner,
    ResourceDetails, Term, Unmapped,
};
use std::io::{self, Write};

/// The title of an event of no rule.
const UNREAD: &str = "Input or rule could not be read";

/// The status of what nobody has looked at.
const NEW: Term = Term(1, "New");

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // No report carries the time of its run: midnight of the day that is taken as today.
    let time = report.as_of.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    for shown in report.findings().chain(report.accepted()) {
        let comment = report.why_accepted(shown.finding);
        let status = if comment.is_some() { Term(3, "Suppressed") } else { NEW };
        let body = OcsfFinding { comment, ..finding(shown) };
        json_text::write_line(&Event::new(time, severity(shown.severity()), status, body), out)?;
    }
    for row in unjudged(report) {
        json_text::write_line(&Event::new(time, Term::UNKNOWN, NEW, not_judged(&row)), out)?;
    }
    Ok(())
}

fn severity(severity: Severity) -> Term {
    match severity {
        Severity::Critical => Term(5, "Critical"),
        Severity::High => Term(4, "High"),
        Severity::Medium => Term(3, "Medium"),
        Severity::Low => Term(2, "Low"),
        Severity::Info => Term(1, "Informational"),
    }
}

fn finding(shown: FindingView<'_>) -> OcsfFinding<'_> {
    let FindingView { finding, rule, .. } = shown;
    let (place, message) = (&finding.primary, &*finding.message);
    let (file, cluster) = (place.file.name.as_str(), shown.identity());
    OcsfFinding {
        message,
        comment: None,
        compliance: OcsfCompliance::new(Some(rule), &shown.frameworks(), Term(3, "Fail"), vec![message]),
        finding_info: info(finding.fingerprint.to_string(), Some(rule), message, file),
        remediation: Some(remediation(rule)),
        resources: resources(cluster, Some(&finding.resource), file),
        cloud: cloud(cluster),
        unmapped: Unmapped {
            file,
            document: place.file.document,
            start_line: Some(place.span.start_line),
            start_column: Some(place.span.start_column),
            pointer: place.pointer.as_str(),
            awscli: command(finding),
            precision: Some(rule.precision.as_str()),
            standing: Some(finding.standing.as_str()),
            kind: None,
        },
    }
}

/// A rule on a cluster, or an input.
fn not_judged<'a>(row: &'a Unjudged<'a>) -> OcsfFinding<'a> {
    let details = std::iter::once(row.reason).chain(row.way_out.as_deref()).collect();
    OcsfFinding {
        message: row.reason,
        comment: None,
        compliance: OcsfCompliance::new(row.rule, row.frameworks(), Term::UNKNOWN, details),
        finding_info: info(row.uid(), row.rule, row.reason, row.file),
        remediation: row.way_out.as_deref().map(|desc| OcsfRemediation { desc, references: Vec::new() }),
        resources: resources(row.cluster, None, row.file),
        cloud: cloud(row.cluster),
        unmapped: Unmapped {
            file: row.file,
            document: row.document,
            start_line: row.place.map(|place| place.line),
            start_column: row.place.map(|place| place.column),
            pointer: row.at,
            kind: Some(match row.cause {
                Cause::Unknown(kind) => kind,
                Cause::Error => "error",
            }),
            ..Unmapped::default()
        },
    }
}

fn info<'a>(uid: String, rule: Option<&'a Rule>, desc: &'a str, file: &'a str) -> FindingInfo<'a> {
    FindingInfo {
        uid,
        title: rule.map_or(UNREAD, |rule| &rule.title),
        desc,
        types: rule.map(|rule| [rule.area.as_str()]),
        data_sources: [file],
        src_url: rule.and_then(Rule::url),
        analytic: rule.map(|rule| Analytic { uid: &rule.id, name: &rule.title, kind: "Rule", type_id: 1 }),
    }
}

fn remediation(rule: &Rule) -> OcsfRemediation<'_> {
    let url = rule.url();
    let references = url.into_iter().chain(rule.references.iter().cloned()).collect();
    OcsfRemediation { desc: rule.remediation.text.trim_end(), references }
}

/// The resource and, if that is another one, its cluster; where there is no cluster, the file.
fn resources<'a>(
    cluster: Option<&'a Identity>,
    resource: Option<&'a Resource>,
    file: &'a str,
) -> Vec<ResourceDetails<'a>> {
    let known = known(cluster);
    let whole = known.map_or(named(file, "file"), of_cluster);
    match resource.filter(|resource| resource.kind != "cluster") {
        None => vec![whole],
        Some(resource) => {
            let arn = resource.arn.as_deref();
            let name = resource.name.as_deref().or(arn.is_none().then_some(resource.title));
            let own = ResourceDetails { uid: arn, name, kind: resource_type(resource.kind), ..whole.clone() };
            let related = ResourceDetails { role_id: 4, role: "Related", ..whole };
            vec![own, related]
        }
    }
}

fn named<'a>(name: &'a str, kind: &'a str) -> ResourceDetails<'a> {
    ResourceDetails {
        uid: None,
        name: Some(name),
        kind,
        role_id: 3,
        role: "Affected",
        region: None,
        cloud_partition: None,
        owner: None,
    }
}

fn of_cluster(cluster: &Identity) -> ResourceDetails<'_> {
    ResourceDetails {
        uid: cluster.arn.as_deref(),
        region: cluster.region.as_deref(),
        cloud_partition: cluster.partition(),
        owner: cluster.account.as_deref().map(|account| Owner { account: Account::aws(account) }),
        ..named(cluster_name(cluster), resource_type("cluster"))
    }
}

fn cloud(cluster: Option<&Identity>) -> Option<Cloud<'_>> {
    known(cluster).map(|cluster| Cloud {
        provider: "AWS",
        account: cluster.account.as_deref().map(Account::aws),
        region: cluster.region.as_deref(),
        cloud_partition: cluster.partition(),
    })
}

/// The cluster, if anything is known of it.
fn known(cluster: Option<&Identity>) -> Option<&Identity> {
    cluster.filter(|cluster| {
        cluster.name.is_some()
            || cluster.account.is_some()
            || cluster.region.is_some()
            || cluster.arn.is_some()
    })
}
