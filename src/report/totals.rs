//! What a scan amounts to, in words: what was found, what passed, and what could not be judged and why.

use super::summary::{NotEvaluated, Summary};
use super::{Report, Style, printable, wrap};
use crate::rule::Severity;
use crate::rule::template::shell_quoted;
use crate::scan::ClusterScan;
use crate::snapshot::{NO_CLUSTER, TemplateSource, Unknown, UnknownKind};
use crate::text::first_names;
use anstyle::AnsiColor;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};

/// How many rules are named for each reason.
const NAMED: usize = 3;
/// How many inputs that failed are named without `-v`: all of them are on standard error.
const FAILED: usize = 3;
/// How many regions a command names: a longer one is not copied.
const REGIONS: usize = 3;

/// Writes the totals.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let failed = report.errors.len() + report.rule_errors.len();
    write_failed(report, style, out)?;
    if summary.clusters + summary.documents == 0 && (failed > 0 || summary.files > 0) {
        return Ok(());
    }
    if summary.clusters + summary.documents == 0 && !report.live.is_empty() {
        // An answer, too: the regions have no clusters.
        let regions: BTreeSet<_> = report.live.iter().map(|(_, region)| printable(region)).collect();
        let regions = regions.into_iter().collect::<Vec<_>>().join(", ");
        let line = format!("0 clusters in {regions}");
        return writeln!(out, "{}", wrap(&line, style.text_width(), "", "  "));
    }
    write_inputs(&summary, style, out)?;
    let headline = wrap(&found_in(&summary, failed > 0), style.text_width(), "", "  ");
    writeln!(out, "{}", coloured(&headline, style))?;
    writeln!(out, "{}", wrap(&outcomes(&summary), style.text_width(), "", "  "))?;
    if style.verbose {
        write_reasons(&summary, style, out)?;
        write_refused(&summary, out)?;
        write_configuration(&summary, style, out)
    } else {
        write_not_evaluated(report, &summary, style, out)
    }
}

/// What could not be read: whoever keeps standard output only must not take it for a clean scan.
pub(super) fn write_failed(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let failed = report.errors.len() + report.rule_errors.len();
    if failed == 0 {
        return Ok(());
    }
    let what = match report.scan.clusters.is_empty() {
        true => format!("Nothing was scanned: {}", plural(failed, "error")),
        false => format!("Not all was scanned: {}", plural(failed, "error")),
    };
    let paint = style.paint(anstyle::Effects::BOLD, Some(AnsiColor::BrightRed));
    writeln!(out, "{paint}{what}{paint:#}")?;
    let all = report.rule_errors.iter().chain(&report.errors);
    for error in all.take(FAILED) {
        writeln!(out, "{}", wrap(&printable(&error.to_string()), style.text_width(), "  ", "    "))?;
    }
    if failed > FAILED {
        writeln!(out, "  and {} more", failed - FAILED)?;
    }
    writeln!(out)
}

/// What was read, if there are templates: `Read 1 Terraform root module, 2 CloudFormation templates`
fn write_inputs(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !summary.inputs.keys().any(|kind| kind.is_template()) {
        return Ok(());
    }
    let kinds = summary.inputs.iter().map(|(kind, count)| kind.counted(*count));
    let line = format!("Read {}", kinds.collect::<Vec<_>>().join(", "));
    writeln!(out, "{}", wrap(&line, style.text_width(), "", "  "))
}

/// The outcomes, each a rule on a cluster: `82 rules on 2 clusters: 5 with findings, 70 passed, 5 not evaluated`
pub(super) fn outcomes(summary: &Summary) -> String {
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        count(summary.failed, "with findings"),
        count(summary.accepted, "accepted"),
        count(summary.superseded, "superseded"),
        Some(format!("{} passed", summary.passed)),
        count(summary.not_applicable, "not applicable"),
        count(summary.not_evaluated, "not evaluated"),
        count(summary.errors, "failed with an error"),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let rules = plural(summary.rules, "rule");
    match (summary.clusters, summary.documents) {
        (0 | 1, 0) => format!("{rules}: {parts}"),
        (clusters, 0) => format!("{rules} × {clusters} clusters = {} results: {parts}", summary.results()),
        (clusters, documents) => {
            let documents = format!("{} without a cluster", plural(documents, "document"));
            let clusters = if clusters == 0 { String::new() } else { plural(clusters, "cluster") + " and " };
            format!("{rules} on {clusters}{documents}: {parts}")
        }
    }
}

/// `3 findings: 1 high, 2 low`
pub(super) fn found(summary: &Summary) -> String {
    found_in(summary, false)
}

/// `3 findings in the 13 of 74 rules that this file can answer: 1 high, 2 low`
fn found_in(summary: &Summary, has_failed: bool) -> String {
    let total: usize = summary.findings.values().sum();
    let accepted = accepted(summary);
    let missing = summary.not_evaluated + summary.errors;
    let scope = match (summary.clusters + summary.documents, missing) {
        (_, 0) if has_failed => " in what could be scanned".to_owned(),
        (_, 0) if summary.reasons.iter().any(|reason| !is_of_running_cluster(reason)) => {
            " in what could be evaluated".to_owned()
        }
        (_, 0) => String::new(),
        (1, missing) => {
            let answered = summary.rules.saturating_sub(missing);
            format!(" in the {answered} of {} that could be evaluated", plural(summary.rules, "rule"))
        }
        (_, missing) => {
            let all = summary.results();
            format!(" in the {} of {all} results that could be evaluated", all.saturating_sub(missing))
        }
    };
    if total == 0 {
        return format!("No findings{scope}{accepted}");
    }
    let one = |severity: &Severity| Some(format!("{} {severity}", summary.findings.get(severity)?));
    let list = Severity::ALL.iter().filter_map(one).collect::<Vec<_>>().join(", ");
    let hidden = match summary.hidden {
        0 => String::new(),
        hidden => format!(" ({hidden} not shown: --severity)"),
    };
    format!("{}{scope}: {list}{hidden}{accepted}", plural(total, "finding"))
}

/// The counts of a headline in the colours of their severities.
fn coloured(headline: &str, style: Style) -> String {
    let mut text = headline.to_owned();
    for severity in Severity::ALL {
        let paint = style.severity(severity);
        let word = format!(" {severity}");
        let Some(end) = text.rfind(&word).map(|at| at + word.len()) else { continue };
        let count = text[..end - word.len()].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        let part = format!("{paint}{}{paint:#}", &text[count..end]);
        text.replace_range(count..end, &part);
    }
    text
}

/// `; 2 waived, 14 in the baseline`
fn accepted(summary: &Summary) -> String {
    let parts = [(summary.waived, "waived"), (summary.baseline, "in the baseline")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ");
    if parts.is_empty() { parts } else { format!("; {parts}") }
}

/// `1 rule`, `2 rules`
pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Why rules were not evaluated, and what would make it so.
fn write_reasons(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let write = |title: &str, reasons: &[UnknownReason], out: &mut dyn Write| {
        if reasons.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{title}")?;
        for reason in reasons {
            let text = format!("{}: {}", printable(&reason.text), reason.named(true));
            writeln!(out, "{}", wrap(&text, style.text_width(), "  - ", "    "))?;
        }
        Ok(())
    };
    write("Not evaluated, and so neither passed nor failed:", &reasons(summary), out)?;
    let running = running_cluster(summary, false);
    write("Not applicable, as only a running cluster shows what decides:", &running, out)?;
    write("Not applicable, as there is no cluster:", &running_cluster(summary, true), out)
}

/// Whether it is that no template has what a rule needs.
fn is_of_running_cluster(reason: &NotEvaluated) -> bool {
    reason.unknown.kind == UnknownKind::NotInTemplate
}

/// Whether it is that the template has no cluster at all.
fn is_of_no_cluster(reason: &NotEvaluated) -> bool {
    is_of_running_cluster(reason) && reason.unknown.reason == NO_CLUSTER
}

/// Why rules need a running cluster, or a cluster at all.
pub(super) fn running_cluster(summary: &Summary, is_at_all: bool) -> Vec<UnknownReason> {
    let of = summary.reasons.iter().filter(|reason| is_of_running_cluster(reason));
    merged(of.filter(|reason| is_of_no_cluster(reason) == is_at_all))
}

/// How many rules need a running cluster, in one line.
fn write_running_cluster(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let reasons = summary.reasons.iter().filter(|reason| is_of_running_cluster(reason));
    match reasons
        .filter(|reason| !is_of_no_cluster(reason))
        .flat_map(|reason| &reason.rules)
        .collect::<HashSet<_>>()
        .len()
    {
        0 => Ok(()),
        1 => writeln!(out, "1 rule needs a running cluster"),
        rules => writeln!(out, "{rules} rules need a running cluster"),
    }
}

/// What was not evaluated, by what would tell, and the one command for most of it. `-v` has each reason.
pub(super) fn write_not_evaluated(
    report: &Report<'_>,
    summary: &Summary,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_running_cluster(summary, out)?;
    // A rule that found something may not know the rest.
    if summary.reasons.iter().all(is_of_running_cluster) {
        return Ok(());
    }
    let rules = |kinds: &[UnknownKind]| {
        let of = summary.reasons.iter().filter(|reason| kinds.contains(&reason.unknown.kind));
        of.flat_map(|reason| &reason.rules).collect::<HashSet<_>>().len()
    };
    let others: Vec<_> = UnknownKind::ALL.into_iter().filter(|kind| !NAMED_KINDS.contains(kind)).collect();
    let (lacking, denied) = (rules(&LACKING), rules(&[UnknownKind::Denied]));
    let files = if report.scan.clusters.len() == 1 { "this file has" } else { "these files have" };
    let part = |count: usize, text: String| (count > 0).then(|| format!("{count} {text}"));
    let parts = [
        part(lacking, format!("{} more than {files}", if lacking == 1 { "needs" } else { "need" })),
        part(denied, format!("where AWS refused {}", named(&summary.missing_permissions))),
        part(rules(&[UnknownKind::Error]), format!("where {} failed", named(&summary.failed_calls))),
        part(rules(&NOT_APPLICABLE), "cannot apply".to_owned()),
        part(rules(&UNTIL_APPLY), format!("where what decides is known only {}", known_only(report))),
        part(rules(&others), "where what decides is not known".to_owned()),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let (way_out, command) = match (lacking, denied) {
        (1.., _) => (". This collects what is missing, read-only:", Some(collect(report))),
        (0, 1..) => (". This prints the policy to allow:", Some("ekslint permissions".to_owned())),
        _ => ("", None),
    };
    let what = match summary.not_evaluated {
        0 => "Rules not evaluated on everything",
        _ => "Rules not evaluated",
    };
    let text = format!("{what} (-v: why): {parts}{}{way_out}", only_reason(summary));
    writeln!(out, "{}", wrap(&text, style.text_width(), "", "  "))?;
    // A command stands alone, so that it can be copied.
    command.map_or(Ok(()), |command| writeln!(out, "  {command}"))
}

/// The reason in brackets, where there is one alone.
fn only_reason(summary: &Summary) -> String {
    let reasons = summary.reasons.iter().filter(|reason| !is_of_running_cluster(reason));
    let reasons: BTreeSet<_> = reasons.map(|reason| &reason.unknown.reason).collect();
    match reasons.first() {
        Some(reason) if reasons.len() == 1 => format!(" ({})", printable(reason)),
        _ => String::new(),
    }
}

/// When values are known that the templates of a scan do not show.
fn known_only(report: &Report<'_>) -> String {
    let sources = report.scan.clusters.iter().map(|cluster| cluster.judgement.source);
    let words: BTreeSet<_> =
        sources.map(|source| source.unwrap_or(TemplateSource::Terraform).known_only()).collect();
    Vec::from_iter(words).join(" or ")
}

/// What a snapshot lacks that AWS would tell.
const LACKING: [UnknownKind; 3] =
    [UnknownKind::NotInSnapshot, UnknownKind::Incomplete, UnknownKind::FieldAbsent];
/// What clusters of this kind do not have.
const NOT_APPLICABLE: [UnknownKind; 1] = [UnknownKind::NotApplicable];
/// What a template does not say.
const UNTIL_APPLY: [UnknownKind; 1] = [UnknownKind::UntilApply];
/// The kinds with a part of their own.
const NAMED_KINDS: [UnknownKind; 8] = [
    UnknownKind::UntilApply,
    UnknownKind::NotInTemplate,
    UnknownKind::NotApplicable,
    UnknownKind::NotInSnapshot,
    UnknownKind::Incomplete,
    UnknownKind::FieldAbsent,
    UnknownKind::Denied,
    UnknownKind::Error,
];

/// A few of the calls that answers are missing for.
fn named(calls: &BTreeMap<String, usize>) -> String {
    let names: Vec<_> = calls.keys().map(|call| printable(call)).collect();
    if names.is_empty() { "calls".to_owned() } else { first_names(&names, NAMED) }
}

/// Whether something is not known that a new snapshot would have.
pub(super) fn is_collected(unknown: &Unknown) -> bool {
    LACKING.contains(&unknown.kind)
}

/// The command that collects what snapshots lack.
pub(super) fn collect(report: &Report<'_>) -> String {
    let lacks =
        |cluster: &&ClusterScan| cluster.judgement.unknowns.keys().any(|(_, unknown)| is_collected(unknown));
    collecting(&report.scan.clusters.iter().filter(lacks).collect::<Vec<_>>())
}

/// The command that collects what the snapshots of these clusters lack: region and name are known from them.
pub(super) fn collecting(lacking: &[&ClusterScan]) -> String {
    let identities = || lacking.iter().map(|cluster| &cluster.judgement.cluster);
    let regions = identities().filter_map(|cluster| cluster.region.as_deref()).collect();
    let name = match lacking {
        [only] => only.judgement.cluster.literal_name(),
        _ => None,
    };
    snapshot_command(&regions, name)
}

/// The command that collects the clusters of some regions, or one of them.
pub(super) fn snapshot_command(regions: &BTreeSet<&str>, name: Option<&str>) -> String {
    let regions: Vec<_> = regions.iter().map(|region| format!(" --region {}", word(region))).collect();
    let regions = match regions.len() {
        0 => " --region REGION".to_owned(),
        1..=REGIONS => regions.concat(),
        _ => " --all-regions".to_owned(),
    };
    let name = name.map(|name| format!(" --cluster {}", word(name)));
    format!("ekslint snapshot{regions}{} -o snapshots", name.unwrap_or_default())
}

/// A name as a word of a shell.
fn word(name: &str) -> String {
    printable(&shell_quoted(name))
}

/// One line for each action that the caller lacks, and for each call that failed.
/// The permissions that are missing, and the calls that failed.
pub(super) fn write_refused(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    if !summary.missing_permissions.is_empty() {
        writeln!(out, "\nMissing permissions (`ekslint permissions` prints the whole policy):")?;
    }
    for (action, answers) in &summary.missing_permissions {
        writeln!(out, "  - {}: {} missing", printable(action), plural(*answers, "answer"))?;
    }
    if !summary.failed_calls.is_empty() {
        writeln!(out, "\nCalls that failed:")?;
    }
    for (api, answers) in &summary.failed_calls {
        writeln!(out, "  - {}: {} missing", printable(api), plural(*answers, "answer"))?;
    }
    Ok(())
}

/// The parameters that rules wait for.
pub(super) fn waiting(summary: &Summary) -> Vec<&str> {
    summary
        .unset
        .iter()
        .map(|reason| {
            reason.unknown.reason.strip_prefix("set the parameter ").unwrap_or(&reason.unknown.reason)
        })
        .collect()
}

/// Rules that wait for a parameter, in one line: nothing is missing from the scan.
fn write_configuration(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let waiting = waiting(summary);
    if waiting.is_empty() {
        return Ok(());
    }
    let text = format!(
        "Off until a parameter has a value (`ekslint config show` says how to set it): {}",
        waiting.join(", ")
    );
    writeln!(out, "\n{}", wrap(&printable(&text), style.text_width(), "", "  "))
}

/// Reasons that read the same, taken together.
pub(super) struct UnknownReason {
    /// The reason and the way out.
    pub(super) text: String,
    /// The rules, by id.
    pub(super) rules: Vec<String>,
    /// How many clusters.
    pub(super) clusters: usize,
}

impl UnknownReason {
    /// The rules, or the first few of them, and how many clusters.
    pub(super) fn named(&self, all: bool) -> String {
        let named = if all { self.rules.len() } else { NAMED.min(self.rules.len()) };
        let mut text = self.rules[..named].join(", ");
        if named < self.rules.len() {
            let more = self.rules.len() - named;
            text.push_str(&format!(" and {more} more rule{}", if more == 1 { "" } else { "s" }));
        }
        if self.clusters > 1 {
            text.push_str(&format!(" ({} clusters)", self.clusters));
        }
        text
    }
}

/// The reasons for which something was not evaluated, those first that matter most.
pub(super) fn reasons(summary: &Summary) -> Vec<UnknownReason> {
    let mut reasons = merged(summary.reasons.iter().filter(|reason| !is_of_running_cluster(reason)));
    reasons
        .sort_by_key(|reason| std::cmp::Reverse((reason.rules.len() * reason.clusters, reason.rules.len())));
    reasons
}

fn merged<'r>(reasons: impl Iterator<Item = &'r NotEvaluated>) -> Vec<UnknownReason> {
    let mut merged: BTreeMap<String, (Vec<String>, HashSet<&str>)> = BTreeMap::new();
    for reason in reasons {
        let (rules, clusters) = merged.entry(explain(&reason.unknown)).or_default();
        for rule in &reason.rules {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        clusters.extend(reason.clusters.iter().map(String::as_str));
    }
    let reason = |(text, (rules, clusters)): (String, (Vec<_>, HashSet<&str>))| UnknownReason {
        text,
        rules,
        clusters: clusters.len(),
    };
    merged.into_iter().map(reason).collect()
}

/// The reason and the way out, in one line.
pub(super) fn explain(unknown: &Unknown) -> String {
    let api = unknown.api.as_deref().unwrap_or_default();
    let at = unknown.at.as_str();
    match unknown.kind {
        UnknownKind::Denied => {
            let action = unknown.action.as_deref().unwrap_or(api);
            let why = if unknown.reason.contains("explicit deny") {
                ": an explicit deny is in the way"
            } else {
                ""
            };
            format!("AWS refused {api} (allow {action}){why}")
        }
        UnknownKind::Error if !api.is_empty() => format!("{api} failed: {}", unknown.reason),
        UnknownKind::NotInSnapshot | UnknownKind::Incomplete if !api.is_empty() => {
            format!("{} (it comes from {api})", unknown.reason)
        }
        UnknownKind::FieldAbsent if !api.is_empty() => {
            format!("{at} is not in the snapshot (it comes from {api})")
        }
        _ if at.is_empty() => unknown.reason.clone(),
        _ => format!("{at}: {}", unknown.reason),
    }
}
