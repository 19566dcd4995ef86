//! What changed since an older state, in words.

use super::ComplianceReport;
use crate::compliance::{ComplianceSince, ControlChange, ControlVerdict, EarlierOrigin, FrameworkSince};
use crate::report::cluster_name;
use crate::report::totals::plural;
use crate::snapshot::Identity;
use crate::text::first_names;
use std::collections::HashMap;

/// The digits of a digest that people compare.
const DIGITS: usize = 12;
/// How many parameters are named.
const NAMED: usize = 5;

/// A changed verdict with what to call its cluster.
pub(super) struct ShownChange<'s> {
    pub(super) control: &'s str,
    pub(super) cluster: String,
    pub(super) before: ControlVerdict,
    pub(super) now: ControlVerdict,
    /// What must be said besides, if something must.
    pub(super) remark: &'static str,
}

/// Since when: `2026-10-01`, `2026-09-29 to 2026-10-01`; where no day is known, nothing.
pub(super) fn days(since: &ComplianceSince) -> Option<String> {
    let (first, last) = since.state.days()?;
    Some(if first == last { first.to_string() } else { format!("{first} to {last}") })
}

/// `3 controls changed`
pub(super) fn changed(all: &ComplianceSince, since: &FrameworkSince) -> String {
    match since.controls() {
        // Nothing is the same of what cannot be compared.
        0 if all.earlier.iter().all(Option::is_none) => {
            "nothing to compare, no cluster is in both".to_owned()
        }
        0 => "no control changed".to_owned(),
        count => format!("{} changed", plural(count, "control")),
    }
}

/// All that changed, control by control.
pub(super) fn changes<'s>(report: &ComplianceReport<'_>, since: &'s FrameworkSince) -> Vec<ShownChange<'s>> {
    let names = names(report);
    let one = |change: &'s ControlChange| ShownChange {
        control: &change.control,
        cluster: names.get(change.cluster).cloned().unwrap_or_default(),
        before: change.before,
        now: change.now,
        remark: remark(change),
    };
    since.changes.iter().map(one).collect()
}

/// What is not known is not fixed, and where a person has to look at the rest of a control, its rules may have been mended.
fn remark(change: &ControlChange) -> &'static str {
    match (change.before, change.now) {
        (ControlVerdict::Failed, ControlVerdict::Manual) if change.is_judged => "its rules find nothing now",
        (ControlVerdict::Failed, ControlVerdict::NotEvaluated | ControlVerdict::Manual) => {
            "not known to be fixed"
        }
        _ => "",
    }
}

/// What to call each cluster; of several that are called the same, with what tells them apart.
fn names(report: &ComplianceReport<'_>) -> Vec<String> {
    let clusters = &report.scanned.scan.clusters;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let name = |cluster: &'_ crate::scan::ClusterScan| cluster_name(&cluster.judgement.cluster).to_owned();
    let all: Vec<_> = clusters.iter().map(name).collect();
    all.iter().for_each(|name| *counts.entry(name).or_default() += 1);
    let own = |(name, cluster): (&String, &crate::scan::ClusterScan)| match counts.get(name.as_str()) {
        Some(1) => name.clone(),
        _ => format!("{name} ({})", cluster.file.name),
    };
    all.iter().zip(clusters).map(own).collect()
}

/// Clusters that only one of the states has: what that is, and their names.
pub(super) fn clusters(report: &ComplianceReport<'_>, since: &ComplianceSince) -> Vec<(String, Vec<String>)> {
    let names = names(report);
    let new: Vec<_> = since.new_clusters().filter_map(|at| names.get(at).cloned()).collect();
    let gone = since.gone.iter().filter_map(|at| since.state.clusters.get(*at));
    let gone: Vec<_> = gone.map(|cluster| earlier_name(&cluster.identity)).collect();
    let unread = if since.state.is_complete { "" } else { ", or not read then" };
    let missing = if report.scanned.errors.is_empty() { "" } else { ", or not read" };
    let all = [(format!("new{unread}"), new), (format!("not there now{missing}"), gone)];
    all.into_iter().filter(|(_, names)| !names.is_empty()).collect()
}

/// The name and, as nothing else says where it was, the place.
fn earlier_name(identity: &Identity) -> String {
    let place: Vec<_> = identity.place().collect();
    let name = cluster_name(identity);
    if place.is_empty() { name.to_owned() } else { format!("{name} ({})", place.join(", ")) }
}

/// Controls that only one of the states has: what that is, and their numbers.
pub(super) fn controls(since: &FrameworkSince) -> Vec<(&'static str, &[String])> {
    let all =
        [("not in the older state", &since.new_controls), ("only in the older state", &since.gone_controls)];
    all.into_iter().filter(|(_, ids)| !ids.is_empty()).map(|(what, ids)| (what, ids.as_slice())).collect()
}

/// What one must know to read the changes: by what the older state was judged, and what it may lack.
pub(super) fn notes(report: &ComplianceReport<'_>, since: &ComplianceSince) -> Vec<String> {
    let mut notes = Vec::new();
    match &since.state.origin {
        EarlierOrigin::Judged => {
            notes.push(
                "the older state is evaluated by the rules, the parameters and the day of this report"
                    .to_owned(),
            );
        }
        EarlierOrigin::Report { rules_digest, .. } if *rules_digest != report.rules_digest => {
            let [then, now] = [rules_digest, &report.rules_digest].map(|digest| first_digits(digest));
            notes.push(format!(
                "the rules are others (rule set {then}, now {now}): a change may come from that"
            ));
        }
        EarlierOrigin::Report { .. } => {}
    }
    let other = since.state.other_parameters(&report.parameters);
    if !other.is_empty() {
        notes.push(format!("parameters have other values: {}", first_names(&other, NAMED)));
    }
    if !since.state.is_complete {
        notes.push("not everything was read in the older state".to_owned());
    }
    notes
}

fn first_digits(digest: &str) -> String {
    digest.chars().take(DIGITS).collect()
}
