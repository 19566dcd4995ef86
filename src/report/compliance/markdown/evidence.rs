//! What became of one control, and the evidence of each cluster.

use super::PageRoom;
use super::page_words::PageWords;
use crate::compliance::{ControlOnCluster, ControlResult, ControlVerdict, FrameworkResult};
use crate::report::cluster_name;
use crate::report::compliance::ComplianceReport;
use crate::report::compliance::looked_at::EvidenceValue;
use crate::report::compliance::shown::{ShownEvidence, ShownResource, captured, evidence, words as in_words};
use crate::report::escape::{code, sentence};
use crate::report::framework_page::titles;
use crate::report::rule_page::markdown::inline;
use crate::report::totals::plural;
use crate::rule::Rule;
use crate::value::Location;
use std::cmp::Reverse;

/// How many resources of a rule are shown on a cluster where the page has an end.
const MOST_RESOURCES: usize = 10;

/// A control on the page.
pub(super) struct ControlSection<'p, 'a> {
    report: &'p ComplianceReport<'a>,
    result: &'p FrameworkResult<'a>,
    control: &'p ControlResult<'a>,
    words: PageWords,
}

impl<'p, 'a> ControlSection<'p, 'a> {
    pub(super) fn new(
        report: &'p ComplianceReport<'a>,
        result: &'p FrameworkResult<'a>,
        control: &'p ControlResult<'a>,
    ) -> Self {
        Self { report, result, control, words: PageWords::of(result.framework) }
    }

    /// Puts it in, cluster by cluster, the worst first. Says whether there was room for all of it.
    pub(super) fn put(&self, text: &mut String, room: &mut PageRoom) -> bool {
        let head = self.head();
        if !room.take(&head) {
            return false;
        }
        *text += &head;
        let mut clusters: Vec<_> =
            self.control.clusters.iter().filter(|on| !on.evidence.is_empty()).collect();
        clusters.sort_by_key(|on| Reverse(on.verdict));
        let put = clusters.iter().take_while(|on| {
            let on_cluster = self.on_cluster(on, room.is_endless);
            let fits = room.take(&on_cluster);
            if fits {
                *text += &on_cluster;
            }
            fits
        });
        let put = put.count();
        if put < clusters.len() {
            *text += &format!("- and {}\n", plural(clusters.len() - put, "more cluster"));
        }
        put == clusters.len()
    }

    /// What it asks for, what became of it, and what a person has to look at.
    fn head(&self) -> String {
        let ControlResult { control, .. } = self.control;
        let verdict = self.control.verdict();
        let title = inline(&titles(self.result.framework, &control.title));
        let on = match self.control.clusters.len() {
            0 => String::new(),
            _ if self.control.rules.is_empty() => String::new(),
            all => format!(" on {} of {}", self.control.count(verdict), plural(all, "cluster")),
        };
        let baseline = if self.control.is_only_in_baseline() { ", in the baseline only" } else { "" };
        let verdict = self.words.verdict(verdict);
        let mut head = format!("\n### {} {title}\n\n**{verdict}**{on}{baseline}\n", code(&control.id));
        if self.control.has_no_rule_yet() {
            let missing = control.not_yet.as_ref();
            let missing = missing.map_or_else(String::new, |text| format!(": {}", self.text(text)));
            head += &format!("\nNo rule yet{missing}\n");
        }
        if let Some(why) = &control.why {
            head += &format!("\n{}: {}\n", self.words.both("To look at", "확인할 사항"), self.text(why));
        }
        if self.control.clusters.iter().any(|on| !on.evidence.is_empty()) {
            head += &format!("\n{}:\n\n", self.words.both("Evidence", "증적"));
        }
        head
    }

    fn text(&self, text: &crate::rule::framework::BilingualText) -> String {
        inline(&titles(self.result.framework, text))
    }

    fn on_cluster(&self, on: &ControlOnCluster<'a>, all: bool) -> String {
        let cluster = on.cluster;
        let captured = captured(cluster).map_or_else(String::new, |at| format!(", captured {at}"));
        let baseline = if on.is_only_in_baseline() { ", in the baseline only" } else { "" };
        let mut text = format!(
            "- **{}**: {} in {}{captured}{baseline}\n",
            self.words.verdict(on.verdict),
            code(cluster_name(&cluster.judgement.cluster)),
            code(&cluster.file.name),
        );
        let shown = evidence(self.report.scanned, on);
        let decides = |one: &&ShownEvidence<'_>| all || self.decides(one.verdict);
        let (decisive, others): (Vec<_>, Vec<_>) = shown.iter().partition(decides);
        decisive.into_iter().for_each(|one| text += &self.rule(one, all));
        text + &self.rest(&others)
    }

    /// Whether the evidence for a verdict matters where the control has another: on a page that has an end, what passed
    /// only counts for a control that did.
    fn decides(&self, verdict: ControlVerdict) -> bool {
        let of_control = self.control.verdict();
        of_control <= ControlVerdict::Manual || verdict > ControlVerdict::Manual
    }

    /// The rules whose evidence is not shown, a line for each verdict.
    fn rest(&self, others: &[&ShownEvidence<'_>]) -> String {
        let of_verdict = |verdict: ControlVerdict| {
            let rules = others.iter().filter(|one| one.verdict == verdict);
            let ids: Vec<_> = rules.map(|one| code(&one.rule.id)).collect();
            (!ids.is_empty()).then(|| format!("  - {}: {}\n", self.words.verdict(verdict), ids.join(", ")))
        };
        ControlVerdict::ALL.into_iter().filter_map(of_verdict).collect()
    }

    fn rule(&self, evidence: &ShownEvidence<'a>, all: bool) -> String {
        let calls: Vec<_> = evidence.calls.iter().map(|call| code(call)).collect();
        let calls = if calls.is_empty() { String::new() } else { format!(", from {}", calls.join(", ")) };
        let verdict = self.words.verdict(evidence.verdict);
        let mut text = format!("  - **{verdict}**: {}{calls}\n", rule_link(evidence.rule));
        for reason in &evidence.reasons {
            text += &format!("    - {}\n", sentence(&in_words(reason)));
        }
        let (others, shown): (Vec<_>, Vec<_>) =
            evidence.resources.iter().partition(|one| one.verdict == ControlVerdict::NotApplicable);
        let most = if all { shown.len() } else { MOST_RESOURCES };
        shown.iter().take(most).for_each(|resource| text += &self.resource(resource));
        if shown.len() > most {
            text += &format!("    - and {}\n", plural(shown.len() - most, "more resource"));
        }
        if !others.is_empty() {
            text += &format!("    - {} it does not apply to\n", plural(others.len(), "resource"));
        }
        if evidence.verdict == ControlVerdict::Failed {
            let fix = inline(&evidence.rule.remediation.summary);
            text += &format!("    - {}: {fix}\n", self.words.both("Fix", "조치"));
        }
        text
    }

    fn resource(&self, shown: &ShownResource<'_>) -> String {
        let (at, resource) = (place(shown.at), code(&shown.resource.in_words()));
        if let Some(finding) = shown.finding {
            let how = self.report.scanned.how_accepted(finding);
            let how = how.map_or_else(String::new, |how| format!(" ({})", sentence(&how)));
            return format!("    - {at} {resource}: {}{how}\n", sentence(&finding.message));
        }
        let said: Vec<_> = match shown.reasons.is_empty() {
            true => shown.values.iter().map(value).collect(),
            false => shown.reasons.iter().map(|reason| sentence(&in_words(reason))).collect(),
        };
        let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
        format!("    - {at} {resource} {}{said}\n", self.words.verdict(shown.verdict))
    }
}

/// What a rule looked at, and where that stands if it is known.
fn value(shown: &EvidenceValue<'_>) -> String {
    let at = shown.at.map_or_else(String::new, |at| format!(" ({})", place(at)));
    format!("{} = {}{at}", code(shown.path), code(&shown.value))
}

/// The file and the line; of what is no file, the pointer.
fn place(location: &Location) -> String {
    let name = &location.file.name;
    match location.file.is_file() {
        true => code(&format!("{name}:{}", location.span.start_line)),
        false => code(&format!("{name} {}", location.pointer.as_str())),
    }
}

/// The id, linked to where the rule is explained.
fn rule_link(rule: &Rule) -> String {
    let id = code(&rule.id);
    rule.url().map_or(id.clone(), |url| format!("[{id}](<{url}>)"))
}
