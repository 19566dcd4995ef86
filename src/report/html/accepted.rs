//! What was found and does not count: what waivers cover, and what stands in the baseline.

use super::places::place;
use super::put;
use super::shown::{ShownText, in_days};
use crate::engine::Standing;
use crate::policy::WaiverInfo;
use crate::report::{FindingView, Report};
use askama::Template;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// So many findings of a waiver, or of the baseline, have rows.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "accepted_open.html")]
struct AcceptedOpen {
    waived: usize,
    baseline: usize,
}

#[derive(Template)]
#[template(path = "accepted.html")]
struct AcceptedSection<'a> {
    title: ShownText<String>,
    /// What the waiver says: owner, approval, end.
    facts: Vec<(&'static str, ShownText<String>)>,
    count: usize,
    rows: Vec<AcceptedRow<'a>>,
    more: usize,
}

struct AcceptedRow<'a> {
    severity: &'static str,
    rule: &'a str,
    cluster: ShownText<&'a str>,
    place: ShownText<String>,
    message: ShownText<&'a str>,
}

/// Writes the section.
pub(in crate::report) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut by_standing: BTreeMap<Standing, Vec<FindingView<'_>>> = BTreeMap::new();
    let aside = report.all().filter(|shown| shown.finding.standing != Standing::Open);
    aside.for_each(|shown| by_standing.entry(shown.finding.standing).or_default().push(shown));
    let summary = report.summary();
    put(&AcceptedOpen { waived: summary.waived, baseline: summary.baseline }, out)?;
    by_standing
        .iter()
        .try_for_each(|(standing, findings)| put(&AcceptedSection::of(report, *standing, findings), out))?;
    out.write_all(b"</section>\n")
}

impl<'a> AcceptedSection<'a> {
    fn of(report: &Report<'a>, standing: Standing, findings: &[FindingView<'a>]) -> Self {
        let waiver = match standing {
            Standing::Waived(at) => report.waivers.get(at.position()),
            Standing::Open | Standing::Baseline => None,
        };
        let title = match (waiver, standing) {
            (Some(waiver), _) => format!("Waived: {}", waiver.reason),
            (None, Standing::Baseline) => "In the baseline: known before, and still there".to_owned(),
            (None, _) => "Waived".to_owned(),
        };
        Self {
            title: ShownText(title),
            facts: waiver.map(|waiver| facts(waiver, report.as_of)).unwrap_or_default(),
            count: findings.len(),
            rows: findings.iter().take(ROWS).map(AcceptedRow::of).collect(),
            more: findings.len().saturating_sub(ROWS),
        }
    }
}

fn facts(waiver: &WaiverInfo, today: NaiveDate) -> Vec<(&'static str, ShownText<String>)> {
    let expires = match waiver.expires {
        Some(day) => format!("{day}, {} left", in_days((day - today).num_days().max(0))),
        None => "never".to_owned(),
    };
    let written = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let facts = [
        ("Owner", written(&waiver.owner).or_else(|| Some("not named".to_owned()))),
        ("Approved by", written(&waiver.approved_by).or_else(|| Some("not named".to_owned()))),
        ("Ticket", written(&waiver.ticket)),
        ("Expires", Some(expires)),
        ("Written in", Some(format!("{}:{}", waiver.file, waiver.line))),
    ];
    facts.into_iter().filter_map(|(what, text)| Some((what, ShownText(text?)))).collect()
}

impl<'a> AcceptedRow<'a> {
    fn of(shown: &FindingView<'a>) -> Self {
        Self {
            severity: shown.severity().as_str(),
            rule: &shown.rule.id,
            cluster: ShownText(shown.group.title()),
            place: place(&shown.finding.primary),
            message: ShownText(&shown.finding.message),
        }
    }
}
