//! All open findings by rule, each rule folded: what, why, how to fix it, and where. Rows are in the document, so that they
//! are found without a script.

use super::groups::PageGroups;
use super::places::place;
use super::put;
use super::shown::{ShownText, code};
use crate::report::finding_text::{FixCode, fix_code};
use crate::report::totals::plural;
use crate::report::{FindingView, Report, paragraphs};
use crate::rule::{Rule, Severity};
use askama::Template;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// So many findings of a rule on a cluster have rows.
const ROWS: usize = 200;
/// So many commands of a rule are on the page, and no longer ones than this, in bytes.
const COMMANDS: usize = 5;
const COMMAND: usize = 4_000;

/// The findings of all rules.
pub(in crate::report) struct RuleBlocks<'a> {
    /// The worst first.
    blocks: Vec<RuleBlock<'a>>,
    /// How many there are.
    count: usize,
}

/// The findings of one rule with one severity.
pub(in crate::report) struct RuleBlock<'a> {
    pub(in crate::report) rule: &'a Rule,
    pub(in crate::report) severity: Severity,
    count: usize,
    /// By cluster, in the order of the page.
    groups: BTreeMap<usize, RuleGroup<'a>>,
}

/// The findings of a rule on a cluster; of many, the first.
#[derive(Default)]
struct RuleGroup<'a> {
    rows: Vec<FindingView<'a>>,
    count: usize,
}

impl<'a> RuleBlocks<'a> {
    pub(in crate::report) fn of(report: &Report<'a>, groups: &PageGroups<'a>) -> Self {
        let mut blocks: BTreeMap<(Severity, &str), RuleBlock<'a>> = BTreeMap::new();
        let mut count = 0;
        for shown in report.findings() {
            let (severity, rule) = (shown.severity(), shown.rule);
            let new = || RuleBlock { rule, severity, count: 0, groups: BTreeMap::new() };
            let block = blocks.entry((severity, &rule.id)).or_insert_with(new);
            block.add(groups.at(shown.group.index).number, shown);
            count += 1;
        }
        let mut blocks: Vec<_> = blocks.into_values().collect();
        blocks.sort_by_key(|block| Reverse((block.severity, block.count)));
        Self { blocks, count }
    }

    /// The rules with findings in a cluster, and how many.
    pub(in crate::report) fn of_group(&self, number: usize) -> impl Iterator<Item = (&RuleBlock<'a>, usize)> {
        self.blocks.iter().filter_map(move |block| Some((block, block.groups.get(&number)?.count)))
    }
}

impl<'a> RuleBlock<'a> {
    fn add(&mut self, group: usize, shown: FindingView<'a>) {
        self.count += 1;
        let group = self.groups.entry(group).or_default();
        group.count += 1;
        if group.rows.len() < ROWS {
            group.rows.push(shown);
        }
    }

    /// Its id on the page; those of its clusters begin with it.
    pub(in crate::report) fn id(&self) -> String {
        format!("rule-{}-{}", self.rule.id, self.severity)
    }

    fn rows(&self) -> impl Iterator<Item = &FindingView<'a>> {
        self.groups.values().flat_map(|group| &group.rows)
    }
}

#[derive(Template)]
#[template(path = "findings_open.html")]
struct FindingsOpen<'a> {
    count: usize,
    hidden: usize,
    is_complete: bool,
    severities: Vec<&'static str>,
    areas: BTreeSet<&'a str>,
    levels: BTreeSet<&'static str>,
    clusters: Vec<(usize, ShownText<&'a str>)>,
}

#[derive(Template)]
#[template(path = "rule_open.html")]
struct RuleOpen<'a> {
    id: String,
    severity: &'static str,
    area: &'a str,
    level: &'static str,
    rule: &'a str,
    title: ShownText<&'a str>,
    counts: String,
    why: Vec<ShownText<String>>,
    fix: ShownText<&'a str>,
    how: Vec<ShownText<String>>,
    commands: Vec<String>,
    more_commands: usize,
    url: Option<String>,
}

#[derive(Template)]
#[template(path = "rule_rows.html")]
struct RuleRows<'p, 'a> {
    id: String,
    number: usize,
    cluster: ShownText<&'a str>,
    count: usize,
    rows: &'p [FindingView<'a>],
    more: usize,
}

/// Writes the section.
pub(in crate::report) fn write(
    report: &Report<'_>,
    groups: &PageGroups<'_>,
    all: &RuleBlocks<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    put(&FindingsOpen::of(report, groups, all), out)?;
    for block in &all.blocks {
        put(&RuleOpen::of(block), out)?;
        for (number, rows) in &block.groups {
            put(&RuleRows::of(block, groups, *number, rows), out)?;
        }
        out.write_all(b"</table>\n</details>\n")?;
    }
    out.write_all(b"</section>\n")
}

impl<'a> FindingsOpen<'a> {
    fn of(report: &Report<'a>, groups: &PageGroups<'a>, all: &RuleBlocks<'a>) -> Self {
        let summary = report.summary();
        let with_findings = all.blocks.iter().flat_map(|block| block.groups.keys().copied());
        let with_findings: BTreeSet<usize> = with_findings.collect();
        let clusters = groups.all.iter().filter(|group| with_findings.contains(&group.number));
        let severities = Severity::ALL.into_iter();
        let is_there = |severity: &Severity| all.blocks.iter().any(|block| block.severity == *severity);
        Self {
            count: all.count,
            hidden: summary.hidden,
            is_complete: report.is_complete(&summary),
            severities: severities.filter(is_there).map(Severity::as_str).collect(),
            areas: all.blocks.iter().map(|block| block.rule.area.as_str()).collect(),
            levels: all.blocks.iter().map(|block| block.rule.level.as_str()).collect(),
            clusters: clusters.map(|group| (group.number, ShownText(group.group.title()))).collect(),
        }
    }
}

impl<'a> RuleOpen<'a> {
    fn of(block: &RuleBlock<'a>) -> Self {
        let rule = block.rule;
        let on = match block.groups.len() {
            1 => String::new(),
            groups => format!(" on {}", plural(groups, "cluster")),
        };
        let (commands, more_commands) = commands(block);
        Self {
            id: block.id(),
            severity: block.severity.as_str(),
            area: &rule.area,
            level: rule.level.as_str(),
            rule: &rule.id,
            title: ShownText(&rule.title),
            counts: format!("{}{on}", plural(block.count, "finding")),
            why: paragraphs(&rule.rationale).into_iter().map(ShownText).collect(),
            fix: ShownText(&rule.remediation.summary),
            how: paragraphs(&rule.remediation.text).into_iter().map(ShownText).collect(),
            commands,
            more_commands,
            url: rule.url(),
        }
    }
}

/// The first commands or changes that fix findings of a rule, and how many more there are.
fn commands(block: &RuleBlock<'_>) -> (Vec<String>, usize) {
    let mut seen = BTreeSet::new();
    let all = block.rows().copied().filter_map(fix_code).map(|FixCode { text, .. }| text);
    let all: Vec<_> = all.filter(|text| seen.insert(text.clone())).collect();
    let shown: Vec<_> =
        all.iter().filter(|text| text.len() <= COMMAND).take(COMMANDS).map(|text| code(text)).collect();
    let more = all.len() - shown.len();
    (shown, more)
}

impl<'p, 'a> RuleRows<'p, 'a> {
    fn of(block: &RuleBlock<'a>, groups: &PageGroups<'a>, number: usize, rows: &'p RuleGroup<'a>) -> Self {
        Self {
            id: format!("{}-c{number}", block.id()),
            number,
            cluster: ShownText(groups.all[number - 1].group.title()),
            count: rows.count,
            rows: &rows.rows,
            more: rows.count - rows.rows.len(),
        }
    }
}

/// What a row is about: kind and name.
fn resource(shown: &FindingView<'_>) -> ShownText<String> {
    let resource = &shown.finding.resource;
    ShownText(match (&resource.name, resource.kind) {
        (Some(name), kind) if kind != "cluster" => format!("{} {name}", resource.title),
        _ => resource.title.to_owned(),
    })
}
