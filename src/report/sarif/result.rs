//! A finding as a SARIF result. The text of the message is the title of the alert on GitHub, so it is one sentence; and the
//! linked places, which GitHub shows only if that text links to them. How to fix it is below the alert, in the help of the
//! rule. Viewers that read the Markdown of a message get the command and the resource as well.

use super::level;
use super::message::{literal, message, sentence};
use crate::engine::{Finding, Standing};
use crate::report::finding_text::{fix_code, one_line, requirements, resource, shortened};
use crate::report::rule_page::markdown::{fenced, inline};
use crate::report::uri::Uris;
use crate::report::{FindingView, Report, escape, printable};
use crate::rule::Severity;
use crate::value::position::LineSpan;
use crate::value::{Location as Place, Pointer};
use serde::{Serialize, Serializer};
use serde_sarif::sarif::{
    ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, PropertyBag, Region,
    Result as SarifResult, ResultLevel, Suppression,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// With more results than this, GitHub code scanning refuses the file.
pub(super) const MOST_RESULTS: usize = 25_000;
/// The longest text on how to fix something, in UTF-16 code units.
const MOST_FIX: usize = 500;

/// All results, each made when it is written.
pub(super) struct Results<'a> {
    report: &'a Report<'a>,
    uris: &'a Uris<'a>,
    findings: Vec<FindingView<'a>>,
    /// How many findings of each severity there was no room for.
    left_out: BTreeMap<Severity, usize>,
}

impl<'a> Results<'a> {
    /// The worst come first, and those that count before those that do not: GitHub cuts a long list.
    /// What would make it refuse the file is left out.
    pub(super) fn of(report: &'a Report<'a>, uris: &'a Uris<'a>) -> Self {
        let accepted = report.suppressed();
        let mut findings: Vec<FindingView<'_>> = report.findings().chain(accepted).collect();
        findings.sort_by_key(|shown| {
            (shown.finding.standing != Standing::Open, Reverse(shown.severity()), shown.finding.rule)
        });
        let mut left_out = BTreeMap::new();
        for shown in findings.drain(MOST_RESULTS.min(findings.len())..) {
            *left_out.entry(shown.severity()).or_default() += 1;
        }
        Self { report, uris, findings, left_out }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }

    /// How many findings of each severity there was no room for.
    pub(super) fn left_out(&self) -> &BTreeMap<Severity, usize> {
        &self.left_out
    }
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut times = HashMap::<String, u32>::new();
        serializer.collect_seq(self.findings.iter().map(|shown| {
            let hash = shown.finding.fingerprint.to_string()[..16].to_owned();
            let time = times.entry(hash.clone()).or_default();
            *time += 1;
            self.result(*shown, format!("{hash}:{time}"))
        }))
    }
}

impl Results<'_> {
    fn result(&self, shown: FindingView<'_>, line_hash: String) -> SarifResult {
        let finding = shown.finding;
        let fingerprints = BTreeMap::from([
            ("primaryLocationLineHash".to_owned(), line_hash),
            ("ekslint/v1".to_owned(), finding.fingerprint.to_string()),
        ]);
        let related = finding.related.iter().zip(1..).map(|(related, id)| {
            let mut location = self.location(shown, &related.location);
            location.id = Some(id);
            location.message = Some(message(sentence(&related.message)));
            location
        });
        let related: Vec<_> = related.collect();
        let mut result = SarifResult::builder()
            .rule_id(&shown.rule.id)
            .rule_index(i64::try_from(finding.rule.position()).unwrap_or(i64::MAX))
            .level(result_level(shown))
            .message(told(shown))
            .locations([self.location(shown, &finding.primary)])
            .partial_fingerprints(fingerprints)
            .build();
        result.related_locations = (!related.is_empty()).then_some(related);
        result.properties = controls(shown);
        // If one result says whether it is suppressed, all must.
        result.suppressions = self.report.sarif_suppressed.then(|| self.suppressions(finding));
        result
    }

    fn location(&self, shown: FindingView<'_>, place: &Place) -> Location {
        let uri = self.uris.get(&place.file.name).unwrap_or_default();
        Location::builder()
            .physical_location(physical(uri, Some(region(place.span))))
            .logical_locations(logical(shown, &place.pointer))
            .build()
    }

    fn suppressions(&self, finding: &Finding) -> Vec<Suppression> {
        let suppression = |why: String| {
            let justification = printable(&why);
            Suppression::builder().kind("external").status("accepted").justification(justification).build()
        };
        self.report.why_accepted(finding).map(suppression).into_iter().collect()
    }
}

/// The controls of a result that stands for those of other rules, which have no result of their own. The tags of its
/// rule hold for all results.
fn controls(shown: FindingView<'_>) -> Option<PropertyBag> {
    shown.stands_for().next()?;
    let tags = requirements(&shown.frameworks());
    (!tags.is_empty()).then(|| PropertyBag { tags: Some(tags), additional_properties: BTreeMap::new() })
}

fn result_level(shown: FindingView<'_>) -> ResultLevel {
    match level(shown.severity()) {
        "error" => ResultLevel::Error,
        "warning" => ResultLevel::Warning,
        _ => ResultLevel::Note,
    }
}

/// What is wrong, and where else to look; as Markdown, also how to fix it, and which resource it is.
fn told(shown: FindingView<'_>) -> Message {
    let text = text(shown);
    let markdown = format!("{}\n\n{}\n\n{}\n", in_markdown(shown), fix(shown), place_in_aws(shown));
    Message::builder().text(text).markdown(markdown).build()
}

fn text(shown: FindingView<'_>) -> String {
    let finding = shown.finding;
    let mut text = sentence(&finding.message);
    for (related, id) in finding.related.iter().zip(1..) {
        text.push_str(&format!(" See [{}]({id}).", literal(&related.message)));
    }
    text
}

fn in_markdown(shown: FindingView<'_>) -> String {
    let finding = shown.finding;
    let mut text = escape::sentence(&finding.message);
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    for (related, id) in finding.related.iter().zip(1..) {
        text.push_str(&format!(" See [{}]({id}).", escape::sentence(&related.message)));
    }
    text
}

/// In one sentence, and the command or the change if there is one: the rest is in the help of the rule.
fn fix(shown: FindingView<'_>) -> String {
    let summary = &shown.rule.remediation.summary;
    let words = format!("Fix: {}", inline(&shortened(&one_line(summary), MOST_FIX)));
    match fix_code(shown) {
        Some(fix) => format!("{words}\n\n{}", fenced(fix.language, &fix.text)),
        None => words,
    }
}

fn place_in_aws(shown: FindingView<'_>) -> String {
    let pointer = &shown.finding.primary.pointer;
    let at = if pointer.is_root() { String::new() } else { format!(" ({})", escape::code(pointer.as_str())) };
    format!("Resource: {}{at}", escape::code(&resource(shown)))
}

/// A place in a file, or a whole file.
pub(super) fn physical(uri: &str, region: Option<Region>) -> PhysicalLocation {
    let mut place =
        PhysicalLocation::builder().artifact_location(ArtifactLocation::builder().uri(uri).build()).build();
    place.region = region;
    place
}

fn region(span: LineSpan) -> Region {
    Region::builder()
        .start_line(i64::from(span.start_line.max(1)))
        .start_column(i64::from(span.start_column.max(1)))
        .end_line(i64::from(span.end_line.max(1)))
        .end_column(i64::from(span.end_column.max(1)))
        .build()
}

/// The resource in AWS, and the place in the document.
fn logical(shown: FindingView<'_>, pointer: &Pointer) -> Vec<LogicalLocation> {
    let (resource, cluster) = (&shown.finding.resource, shown.cluster_name());
    let arn = resource.arn.as_deref().or_else(|| shown.identity()?.arn.as_deref());
    let in_aws = LogicalLocation::builder()
        .name(printable(resource.name.as_deref().unwrap_or(cluster)))
        .fully_qualified_name(arn.unwrap_or(cluster))
        .kind("resource")
        .build();
    let in_document = (!pointer.is_root()).then(|| {
        LogicalLocation::builder()
            .name(printable(&pointer.segments().last().unwrap_or_default()))
            .fully_qualified_name(pointer.as_str())
            .kind("value")
            .build()
    });
    std::iter::once(in_aws).chain(in_document).collect()
}
