//! For auditors and team leads: one page that opens offline, a section each framework, its controls with their evidence; below
//! it the page of the scan.

use super::ComplianceReport;
use super::counted::{counts, share};
use super::deciding::Deciding;
use super::looked_at::EvidenceValue;
use super::scope::rules;
use super::shown::{ShownEvidence, ShownResource, captured, evidence, words as in_words};
use super::since::{ShownChange, changed, changes, clusters, controls, days, notes};
use crate::compliance::{ControlOnCluster, ControlResult, ControlVerdict, FrameworkResult};
use crate::report::cluster_name;
use crate::report::html::places::place;
use crate::report::html::shown::ShownText;
use crate::report::html::{ScanPage, frame, put};
use crate::report::totals::plural;
use crate::rule::framework::{BilingualText, Framework};
use askama::Template;
use std::cmp::Reverse;
use std::io::{self, Write};

/// So many clusters of a control, and so many resources of a rule on one, have evidence on the page.
const CLUSTERS: usize = 20;
const RESOURCES: usize = 10;

/// The sections of a framework before its controls.
#[derive(Template)]
#[template(path = "framework.html")]
struct FrameworkSection {
    id: String,
    title: PageTitle,
    share: String,
    counts: String,
    facts: Vec<(&'static str, ShownText<String>)>,
    scope: Option<PageTitle>,
    since: Option<SinceSection>,
}

/// A text in English, and in Korean where the framework is Korean.
struct PageTitle {
    en: ShownText<String>,
    ko: Option<ShownText<String>>,
}

/// What changed since an older state.
struct SinceSection {
    title: ShownText<String>,
    notes: Vec<ShownText<String>>,
    changes: Vec<[ShownText<String>; 5]>,
}

/// A control.
#[derive(Template)]
#[template(path = "control.html")]
struct ControlDetails {
    id: ShownText<String>,
    title: PageTitle,
    verdict: VerdictWord,
    /// `3 of 10 clusters`
    on: String,
    first: Option<ShownText<String>>,
    to_look_at: Option<PageTitle>,
    missing: Option<PageTitle>,
    clusters: Vec<ClusterEvidence>,
    more: usize,
}

struct VerdictWord {
    class: &'static str,
    word: &'static str,
    korean: Option<&'static str>,
}

struct ClusterEvidence {
    verdict: VerdictWord,
    name: ShownText<String>,
    file: ShownText<String>,
    captured: Option<String>,
    rules: Vec<RuleEvidenceRow>,
}

struct RuleEvidenceRow {
    verdict: VerdictWord,
    rule: String,
    calls: String,
    reasons: Vec<ShownText<String>>,
    resources: Vec<EvidenceRow>,
    more: usize,
}

struct EvidenceRow {
    place: ShownText<String>,
    resource: ShownText<String>,
    word: &'static str,
    said: Vec<ShownText<String>>,
}

/// Writes the page.
pub(super) fn write(report: &ComplianceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = ScanPage::of(report.scanned);
    frame::open(&format!("ekslint report: {}", page.title()), out)?;
    let links = report.frameworks.iter().map(|result| result.framework.id.clone());
    page.head(links.map(|id| (format!("#framework-{id}"), id)).collect(), out)?;
    for (at, result) in report.frameworks.iter().enumerate() {
        put(&FrameworkSection::of(report, at, result), out)?;
        for control in &result.controls {
            put(&ControlDetails::of(report, result, control), out)?;
        }
        out.write_all(b"</section>\n")?;
    }
    page.body(out)?;
    frame::close(out)
}

impl PageTitle {
    fn of(framework: &Framework, text: &BilingualText) -> Self {
        let ko = text.ko.clone().filter(|_| framework.is_korean()).map(ShownText);
        Self { en: ShownText(text.en.clone()), ko }
    }
}

impl VerdictWord {
    fn of(framework: &Framework, verdict: ControlVerdict) -> Self {
        let class = match verdict {
            ControlVerdict::Failed => "stopped",
            ControlVerdict::NotEvaluated => "unknown",
            ControlVerdict::Accepted => "leaves",
            ControlVerdict::Manual => "manual",
            ControlVerdict::Passed => "stays",
            ControlVerdict::NotApplicable => "none",
        };
        let korean = framework.is_korean().then(|| verdict.in_korean());
        Self { class, word: verdict.in_words(), korean }
    }
}

impl FrameworkSection {
    fn of(report: &ComplianceReport<'_>, at: usize, result: &FrameworkResult<'_>) -> Self {
        let (framework, scanned) = (result.framework, report.scanned);
        let facts = [
            ("Framework", format!("{}, version {}", framework.id, framework.version)),
            ("Source", framework.source.clone()),
            ("Scope", report.scope.in_words(&scanned.live)),
            ("Rule set", format!("{}, SHA-256 {}", plural(rules(report), "rule"), report.rules_digest)),
        ];
        Self {
            id: framework.id.clone(),
            title: PageTitle::of(framework, &framework.title),
            share: share(result),
            counts: counts(&result.tally(), |verdict| verdict.in_words().to_owned()),
            facts: facts.into_iter().map(|(what, text)| (what, ShownText(text))).collect(),
            scope: framework.scope.as_ref().map(|scope| PageTitle::of(framework, scope)),
            since: SinceSection::of(report, at),
        }
    }
}

impl SinceSection {
    fn of(report: &ComplianceReport<'_>, at: usize) -> Option<Self> {
        let since = report.since.as_ref()?;
        let own = since.frameworks.get(at)?;
        let source = &since.state.source;
        let when = days(since).map_or_else(|| source.clone(), |days| format!("{days} ({source})"));
        let named = |what: String, names: &[String]| format!("{what}: {}", names.join(", "));
        let of_controls = controls(own).into_iter();
        let mut notes_on: Vec<_> =
            of_controls.map(|(what, ids)| named(format!("Controls {what}"), ids)).collect();
        if at == 0 {
            let came_and_went = clusters(report, since).into_iter();
            notes_on.extend(came_and_went.map(|(what, names)| named(format!("Clusters {what}"), &names)));
            notes_on.extend(notes(report, since));
        }
        Some(Self {
            title: ShownText(format!("Since {when}: {}", changed(since, own))),
            notes: notes_on.into_iter().map(ShownText).collect(),
            changes: changes(report, own).into_iter().map(change).collect(),
        })
    }
}

fn change(change: ShownChange<'_>) -> [ShownText<String>; 5] {
    let ShownChange { control, cluster, before, now, remark } = change;
    [control.to_owned(), cluster, before.in_words().to_owned(), now.in_words().to_owned(), remark.to_owned()]
        .map(ShownText)
}

impl ControlDetails {
    fn of(report: &ComplianceReport<'_>, result: &FrameworkResult<'_>, control: &ControlResult<'_>) -> Self {
        let framework = result.framework;
        let verdict = control.verdict();
        let baseline = if control.is_only_in_baseline() { ", in the baseline only" } else { "" };
        let on = match control.rules.is_empty() || control.clusters.is_empty() {
            true => String::new(),
            false => {
                let all = plural(control.clusters.len(), "cluster");
                format!("on {} of {all}{baseline}", control.count(verdict))
            }
        };
        let first = control.worst().and_then(|on| Deciding::of(report.scanned, on));
        let title = |text: &BilingualText| PageTitle::of(framework, text);
        let mut clusters: Vec<_> = control.clusters.iter().filter(|on| !on.evidence.is_empty()).collect();
        clusters.sort_by_key(|on| Reverse(on.verdict));
        Self {
            id: ShownText(control.control.id.clone()),
            title: title(&control.control.title),
            verdict: VerdictWord::of(framework, verdict),
            on,
            first: first.map(|first| ShownText(first.in_words())),
            to_look_at: control.control.why.as_ref().map(title),
            missing: control.control.not_yet.as_ref().filter(|_| control.has_no_rule_yet()).map(title),
            more: clusters.len().saturating_sub(CLUSTERS),
            clusters: clusters
                .into_iter()
                .take(CLUSTERS)
                .map(|on| ClusterEvidence::of(report, framework, on))
                .collect(),
        }
    }
}

impl ClusterEvidence {
    fn of<'a>(report: &ComplianceReport<'a>, framework: &Framework, on: &ControlOnCluster<'a>) -> Self {
        let shown = evidence(report.scanned, on);
        Self {
            verdict: VerdictWord::of(framework, on.verdict),
            name: ShownText(cluster_name(&on.cluster.judgement.cluster).to_owned()),
            file: ShownText(on.cluster.file.name.clone()),
            captured: captured(on.cluster),
            rules: shown.iter().map(|one| RuleEvidenceRow::of(report, framework, one)).collect(),
        }
    }
}

impl RuleEvidenceRow {
    fn of(report: &ComplianceReport<'_>, framework: &Framework, evidence: &ShownEvidence<'_>) -> Self {
        let applies = |one: &&ShownResource<'_>| one.verdict != ControlVerdict::NotApplicable;
        let shown: Vec<_> = evidence.resources.iter().filter(applies).collect();
        Self {
            verdict: VerdictWord::of(framework, evidence.verdict),
            rule: evidence.rule.id.clone(),
            calls: evidence.calls.join(", "),
            reasons: evidence.reasons.iter().map(|reason| ShownText(in_words(reason))).collect(),
            more: shown.len().saturating_sub(RESOURCES),
            resources: shown.into_iter().take(RESOURCES).map(|one| EvidenceRow::of(report, one)).collect(),
        }
    }
}

impl EvidenceRow {
    fn of(report: &ComplianceReport<'_>, shown: &ShownResource<'_>) -> Self {
        let said = match shown.finding {
            Some(finding) => {
                let how = report.scanned.how_accepted(finding);
                let how = how.map_or_else(String::new, |how| format!(" ({how})"));
                vec![format!("{}{how}", finding.message)]
            }
            None if shown.reasons.is_empty() => shown.values.iter().map(value).collect(),
            None => shown.reasons.iter().map(in_words).collect(),
        };
        Self {
            place: place(shown.at),
            resource: ShownText(shown.resource.in_words()),
            word: shown.verdict.in_words(),
            said: said.into_iter().map(ShownText).collect(),
        }
    }
}

/// What a rule looked at, and where that stands if it is known.
fn value(shown: &EvidenceValue<'_>) -> String {
    let at = shown.at.map_or_else(String::new, |at| format!(" ({})", place(at)));
    format!("{} = {}{at}", shown.path, shown.value)
}
