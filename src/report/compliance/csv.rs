//! For spreadsheets: a table (RFC 4180) with a row for each control on each cluster; a control that no cluster was held
//! against has a row as well, and one on a cluster that is gone since the older state.

use super::ComplianceReport;
use super::shown::{ShownEvidence, ShownResource, evidence, words};
use crate::compliance::{ControlOnCluster, ControlResult, ControlVerdict, EarlierCluster, FrameworkResult};
use crate::engine::{Finding, Standing};
use crate::policy::WaiverInfo;
use crate::report::csv::safe;
use crate::report::finding_text::{place, shortened};
use crate::report::{Report, cluster_name};
use crate::rule::framework::BilingualText;
use crate::snapshot::Identity;
use csv::{Terminator, Writer, WriterBuilder};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// The columns, in order.
const COLUMNS: [&str; 28] = [
    "framework",
    "version",
    "control",
    "title_en",
    "title_ko",
    "level",
    "kind",
    "verdict",
    "only_in_baseline",
    "cluster",
    "arn",
    "account",
    "region",
    "file",
    "captured_at",
    "as_of",
    "rules",
    "first_place",
    "evidence",
    "reasons",
    "to_look_at_en",
    "to_look_at_ko",
    "waiver_reason",
    "waiver_owner",
    "waiver_approved_by",
    "waiver_ticket",
    "waiver_expires",
    "since",
];
/// The longest text of a cell, in UTF-16 code units. Excel takes 32,767.
const MOST: usize = 8_000;
/// So many resources of a rule stand in a cell.
const RESOURCES: usize = 20;

/// Writes the report.
pub(super) fn write(report: &ComplianceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for framework in &report.frameworks {
        for control in &framework.controls {
            let row = |on| ControlRow { report, framework, control, on };
            let gone = gone(report, framework, control);
            if control.clusters.is_empty() && gone.is_empty() {
                row(None).write(&mut table)?;
            }
            control.clusters.iter().try_for_each(|on| row(Some(RowCluster::Now(on))).write(&mut table))?;
            gone.into_iter().try_for_each(|on| row(Some(on)).write(&mut table))?;
        }
    }
    table.flush()
}

/// What became of a control on the clusters that are gone since the older state, if it was asked for.
fn gone<'r, 'a>(
    report: &'r ComplianceReport<'a>,
    framework: &FrameworkResult<'a>,
    control: &ControlResult<'a>,
) -> Vec<RowCluster<'r, 'a>> {
    let Some(since) = &report.since else { return Vec::new() };
    let framework = since.state.framework(&framework.framework.id);
    let Some(before) = framework.and_then(|framework| framework.control(&control.control.id)) else {
        return Vec::new();
    };
    let one = |at: &usize| Some(RowCluster::Gone(since.state.clusters.get(*at)?, *before.verdicts.get(at)?));
    since.gone.iter().filter_map(one).collect()
}

/// A control on a cluster, or one that no cluster was held against.
struct ControlRow<'r, 'a> {
    report: &'r ComplianceReport<'a>,
    framework: &'r FrameworkResult<'a>,
    control: &'r ControlResult<'a>,
    on: Option<RowCluster<'r, 'a>>,
}

/// The cluster of a row.
#[derive(Clone, Copy)]
enum RowCluster<'r, 'a> {
    Now(&'r ControlOnCluster<'a>),
    /// It is not there now, and that became of the control then.
    Gone(&'r EarlierCluster, ControlVerdict),
}

impl<'r, 'a> ControlRow<'r, 'a> {
    fn write(&self, table: &mut Writer<&mut dyn Write>) -> io::Result<()> {
        let (framework, control) = (self.framework.framework, self.control.control);
        let in_baseline = self.now().is_some_and(ControlOnCluster::is_only_in_baseline);
        let rules = self.control.rules.iter().map(|rule| self.scanned().rules[*rule].rule.id.as_str());
        let [cluster, arn, account, region, file, captured_at] = self.cluster();
        let [first_place, evidence, reasons] = self.evidence();
        let [reason, owner, approved_by, ticket, expires] = self.waivers();
        let fields: [String; COLUMNS.len()] = [
            framework.id.clone(),
            framework.version.clone(),
            control.id.clone(),
            control.title.en.clone(),
            control.title.ko.clone().unwrap_or_default(),
            control.level.clone().unwrap_or_default(),
            control.kind.as_str().to_owned(),
            self.verdict().to_owned(),
            in_baseline.to_string(),
            cluster,
            arn,
            account,
            region,
            file,
            captured_at,
            self.scanned().as_of.to_string(),
            joined(rules),
            first_place,
            evidence,
            reasons,
            self.to_look_at("No rule yet", |text| Some(&text.en)),
            self.to_look_at("아직 규칙 없음", |text| text.ko.as_ref()),
            reason,
            owner,
            approved_by,
            ticket,
            expires,
            self.since().to_owned(),
        ];
        Ok(table.write_record(fields.map(|field| safe(&shortened(&field, MOST))))?)
    }

    fn scanned(&self) -> &Report<'a> {
        self.report.scanned
    }

    /// What becomes of the control on a cluster that is there.
    fn now(&self) -> Option<&'r ControlOnCluster<'a>> {
        match self.on {
            Some(RowCluster::Now(on)) => Some(on),
            Some(RowCluster::Gone(..)) | None => None,
        }
    }

    /// The verdict; nothing where the cluster is gone.
    fn verdict(&self) -> &'static str {
        match self.on {
            Some(RowCluster::Now(on)) => on.verdict.as_str(),
            Some(RowCluster::Gone(..)) => "",
            None => self.control.verdict().as_str(),
        }
    }

    /// What is missing until a rule can judge it, and what a person has to look at.
    fn to_look_at(&self, no_rule: &str, language: fn(&BilingualText) -> Option<&String>) -> String {
        let control = self.control.control;
        let missing = control.not_yet.as_ref().filter(|_| self.control.has_no_rule_yet());
        let missing = missing.and_then(language).map(|text| format!("{no_rule}: {text}"));
        joined(missing.into_iter().chain(control.why.as_ref().and_then(language).cloned()))
    }

    /// Its name, ARN, account and region, the file that describes it, and when it was read.
    fn cluster(&self) -> [String; 6] {
        let (identity, file, captured_at) = match self.on {
            Some(RowCluster::Now(ControlOnCluster { cluster, .. })) => {
                (&*cluster.judgement.cluster, &cluster.file.name, cluster.captured_at)
            }
            Some(RowCluster::Gone(cluster, _)) => (&cluster.identity, &cluster.file, cluster.captured_at),
            None => return Default::default(),
        };
        let field = |field: fn(&Identity) -> &Option<String>| field(identity).clone().unwrap_or_default();
        [
            cluster_name(identity).to_owned(),
            field(|identity| &identity.arn),
            field(|identity| &identity.account),
            field(|identity| &identity.region),
            file.clone(),
            captured_at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default(),
        ]
    }

    /// The first place, what was found or looked at, and why something could not be judged.
    fn evidence(&self) -> [String; 3] {
        let Some(on) = self.now() else { return Default::default() };
        let shown = evidence(self.scanned(), on);
        let found = on.findings().first().map(|finding| &finding.primary);
        let resources = || shown.iter().flat_map(|one| &one.resources);
        let like = || resources().find(|one| one.verdict == on.verdict).map(|one| one.at);
        let first = found.or_else(like).map(place).unwrap_or_default();
        let said = shown.iter().filter_map(|one| self.said(one));
        let of_rule = |one: &ShownEvidence<'a>| {
            one.reasons.iter().map(|reason| format!("{}: {}", one.rule.id, words(reason))).collect::<Vec<_>>()
        };
        [first, joined(said), joined(shown.iter().flat_map(of_rule))]
    }

    /// What a rule found or looked at: `endpoint-open-to-internet failed: prod.json:12 cluster/prod: …`
    fn said(&self, evidence: &ShownEvidence<'a>) -> Option<String> {
        let applies = || evidence.resources.iter().filter(|one| one.verdict != ControlVerdict::NotApplicable);
        let shown: Vec<_> = applies().take(RESOURCES).map(|one| self.resource(one)).collect();
        let more = match applies().count() - shown.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let what = format!("{} {}", evidence.rule.id, evidence.verdict.in_words());
        (!shown.is_empty()).then(|| format!("{what}: {}{more}", shown.join(", ")))
    }

    fn resource(&self, shown: &ShownResource<'_>) -> String {
        let at = format!("{} {}", place(shown.at), shown.resource.in_words());
        if let Some(finding) = shown.finding {
            let how = self.scanned().how_accepted(finding);
            return format!(
                "{at}: {}{}",
                finding.message,
                how.map_or_else(String::new, |how| format!(" ({how})"))
            );
        }
        let values: Vec<_> =
            shown.values.iter().map(|value| format!("{} = {}", value.path, value.value)).collect();
        match values.is_empty() {
            true => format!("{at} {}", shown.verdict.in_words()),
            false => format!("{at}: {}", values.join(", ")),
        }
    }

    /// What became of it earlier, if that was asked for; `new` where the older state does not have the control or the
    /// cluster.
    fn since(&self) -> &'static str {
        let Some(since) = &self.report.since else { return "" };
        let own = |on: &ControlOnCluster<'_>| {
            self.control.clusters.iter().position(|other| std::ptr::eq(other.cluster, on.cluster))
        };
        if let Some(RowCluster::Gone(_, verdict)) = self.on {
            return verdict.as_str();
        }
        let at = self.now().and_then(own);
        let before =
            at.and_then(|at| since.before(&self.framework.framework.id, &self.control.control.id, at));
        before.map_or("new", ControlVerdict::as_str)
    }

    /// The waivers that accept what was found: reason, owner, who approved them, ticket and last day. Of several waivers
    /// the same stands at the same position.
    fn waivers(&self) -> [String; 5] {
        let findings = self.now().map(ControlOnCluster::findings).unwrap_or_default();
        let waiver = |finding: &Finding| match finding.standing {
            Standing::Waived(at) => Some(at.position()),
            Standing::Open | Standing::Baseline => None,
        };
        let positions: BTreeSet<_> = findings.into_iter().filter_map(waiver).collect();
        let waivers: Vec<_> = positions.into_iter().filter_map(|at| self.scanned().waivers.get(at)).collect();
        let column = |field: fn(&WaiverInfo) -> Option<String>| {
            let texts: Vec<_> =
                waivers.iter().map(|waiver| field(waiver).filter(|text| !text.is_empty())).collect();
            match texts.iter().any(Option::is_some) {
                true => joined(texts.into_iter().map(|text| text.unwrap_or_else(|| "–".to_owned()))),
                false => String::new(),
            }
        };
        [
            column(|waiver| Some(waiver.reason.clone())),
            column(|waiver| waiver.owner.clone()),
            column(|waiver| waiver.approved_by.clone()),
            column(|waiver| waiver.ticket.clone()),
            column(|waiver| waiver.expires.map(|day| day.to_string())),
        ]
    }
}

fn joined(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut all = String::new();
    for text in texts {
        let separator = if all.is_empty() { "" } else { "; " };
        all.push_str(separator);
        all.push_str(text.as_ref());
    }
    all
}
