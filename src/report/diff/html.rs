//! For people who do not run ekslint: one page that opens offline. What is new, what is fixed, what is no longer evaluated,
//! each finding with what brought it.

use super::{DiffReport, Fate, words};
use crate::policy::diff::{Change, ChangeKind, ClusterDiff, FindingChange};
use crate::report::html::places::place;
use crate::report::html::shown::ShownText;
use crate::report::html::{frame, put};
use crate::report::totals::plural;
use crate::report::{accepted, cluster_name};
use askama::Template;
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::io::{self, Write};

/// So many findings of a sort have rows.
const ROWS: usize = 2_000;

#[derive(Template)]
#[template(path = "diff.html")]
struct DiffHtml {
    title: String,
    counts: Vec<String>,
    clusters: String,
    names: [ShownText<String>; 2],
    as_of: NaiveDate,
    is_complete: bool,
    errors: Vec<ShownText<String>>,
    /// Clusters that came, went or could not be found, and those with too many changes.
    presence: Vec<(ShownText<String>, String)>,
    sections: Vec<DiffSection>,
    unchanged: usize,
    hidden: usize,
}

struct DiffSection {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    count: usize,
    rows: Vec<DiffRow>,
    more: usize,
}

struct DiffRow {
    severity: &'static str,
    rule: String,
    cluster: ShownText<String>,
    place: ShownText<String>,
    message: ShownText<String>,
    why: Vec<ShownText<String>>,
}

/// Writes the report.
pub(super) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    frame::open("ekslint diff", out)?;
    put(&DiffHtml::of(report), out)?;
    frame::close(out)
}

impl DiffHtml {
    fn of(report: &DiffReport<'_>) -> Self {
        let totals = report.totals();
        let errors = report.rule_errors.iter().chain(&report.errors);
        let all = [
            (Fate::New, "new", "New", "Brought by"),
            (
                Fate::NoLongerEvaluated,
                "unknown",
                "No longer evaluated: nobody knows whether they are fixed",
                "Why",
            ),
            (Fate::Fixed, "fixed", "Fixed", "By"),
        ];
        Self {
            title: words::new_findings(&totals),
            counts: words::other_counts(&totals),
            clusters: words::clusters(&totals),
            names: report.names.clone().map(ShownText),
            as_of: report.as_of,
            is_complete: totals.complete,
            errors: errors.map(|error| ShownText(error.to_string())).collect(),
            presence: presence(report),
            sections: all.into_iter().map(|section| DiffSection::of(report, section)).collect(),
            unchanged: totals.unchanged,
            hidden: totals.hidden,
        }
    }
}

fn presence(report: &DiffReport<'_>) -> Vec<(ShownText<String>, String)> {
    let of = |cluster: &ClusterDiff<'_>| {
        let untried = (cluster.untried > 0).then(|| words::untried(cluster));
        let said = words::presence(cluster.presence).map(str::to_owned).into_iter().chain(untried);
        let name = cluster_name(cluster.cluster).to_owned();
        said.map(move |said| (ShownText(name.clone()), said)).collect::<Vec<_>>()
    };
    report.diff.clusters.iter().flat_map(of).collect()
}

impl DiffSection {
    fn of(
        report: &DiffReport<'_>,
        (fate, id, title, why): (Fate, &'static str, &'static str, &'static str),
    ) -> Self {
        let mut shifts: Vec<(&ClusterDiff<'_>, &FindingChange<'_>)> = Vec::new();
        for cluster in &report.diff.clusters {
            let of_fate = report.shifts(cluster).filter(|(of, _)| *of == fate);
            shifts.extend(of_fate.map(|(_, shift)| (cluster, shift)));
        }
        shifts.sort_by_key(|(_, shift)| Reverse(shift.finding.severity));
        let rows = shifts.iter().take(ROWS).map(|(cluster, shift)| DiffRow::of(report, fate, cluster, shift));
        let rows: Vec<_> = rows.collect();
        Self { id, title, why, count: shifts.len(), more: shifts.len() - rows.len(), rows }
    }
}

impl DiffRow {
    fn of(report: &DiffReport<'_>, fate: Fate, cluster: &ClusterDiff<'_>, shift: &FindingChange<'_>) -> Self {
        let finding = shift.finding;
        Self {
            severity: finding.severity.as_str(),
            rule: report.rule(shift).id.clone(),
            cluster: ShownText(cluster_name(cluster.cluster).to_owned()),
            place: place(&finding.primary),
            message: ShownText(finding.message.to_string()),
            why: why(report, fate, cluster, shift).into_iter().map(ShownText).collect(),
        }
    }
}

/// What brought or fixed a finding, or why that is not known.
fn why(
    report: &DiffReport<'_>,
    fate: Fate,
    cluster: &ClusterDiff<'_>,
    shift: &FindingChange<'_>,
) -> Vec<String> {
    let mut why = words::why_unknown(fate, shift);
    why.extend(accepted::how(shift.finding.standing, report.waivers));
    match shift.certainty {
        Some(certainty) => {
            let changes = words::changes(fate, shift);
            why.push(words::cause(fate, certainty).to_owned());
            why.extend(changes.iter().map(change));
            if changes.is_empty() {
                why.pop();
            }
        }
        None => why.extend(words::presence(cluster.presence).map(str::to_owned)),
    }
    why.extend((shift.more > 0).then(|| format!("and {}", plural(shift.more, "more change"))));
    why
}

/// `/cluster/version: 1.33 → 1.34 (prod.json:3)`
fn change(change: &Change) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    let words = match change.kind {
        ChangeKind::Changed => format!("{} → {}", value(&change.old), value(&change.new)),
        ChangeKind::Added => format!("added {}", value(&change.new)),
        ChangeKind::Removed => format!("removed {}", value(&change.old)),
        _ => words::change(change),
    };
    format!("{}: {words} ({})", change.at.pointer.as_str(), place(&change.at))
}
