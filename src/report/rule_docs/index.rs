//! The index of rules: how many there are and when they run; by area, severity, framework and section.

use crate::report::rule_page::markdown::{anchor, blocks, details, inline, list, row, section, table};
use crate::report::rule_page::{PageLinks, controls_of};
use crate::rule::{Level, Rule, Severity};
use crate::snapshot::section as sections;
use crate::text::NaturalKey;
use std::cmp::Reverse;
use std::collections::BTreeMap;

const COUNTS: &str = "How many rules run";
const BY_AREA: &str = "By area";
const BY_SEVERITY: &str = "By severity";
const BY_FRAMEWORK: &str = "By framework";
const BY_SECTION: &str = "By section of the snapshot";

pub(super) fn page(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let has_controls = rules.iter().any(|rule| !rule.frameworks().is_empty());
    let headings = [COUNTS, BY_AREA, BY_SEVERITY, BY_FRAMEWORK, BY_SECTION];
    let headings = headings.into_iter().filter(|heading| *heading != BY_FRAMEWORK || has_controls);
    let mut contents: Vec<_> = headings.map(|heading| format!("[{heading}](#{})", anchor(heading))).collect();
    contents.extend(links.coming_from().map(|page| format!("[Coming from another tool]({page})")));
    let mut parts = vec!["# Rules".to_owned(), list(&contents)];
    parts.push(section(COUNTS, &counts(rules, links)));
    parts.push(section(BY_AREA, &by_area(rules, links)));
    parts.push(section(BY_SEVERITY, &by_severity(rules, links)));
    if has_controls {
        parts.push(section(BY_FRAMEWORK, &by_framework(rules, links)));
    }
    parts.push(section(BY_SECTION, &by_section(rules, links)));
    parts.join("\n\n") + "\n"
}

/// Why a scan says fewer than there are.
fn counts(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let (of_clusters, of_policy): (Vec<&Rule>, Vec<&Rule>) =
        rules.iter().copied().partition(|rule| rule.judges_clusters());
    // With rules of somebody's own, options decide what there is.
    let is_all = rules.iter().all(|rule| rule.built_in);
    let of_policy_too = match of_policy.len() {
        0 => String::new(),
        count => format!(": {} on clusters, {count} on waivers and the baseline", of_clusters.len()),
    };
    let listed = if is_all { "`ekslint rules list` lists" } else { "There are pages of" };
    let total = format!("{listed} {}{of_policy_too}.", count(rules.len(), "rule"));
    let levels = table(&["Level", "For whom", "Rules", "Run"], &levels(&of_clusters, of_policy.len()));
    let scan = scan_counts(&of_clusters, of_policy.len(), is_all, links);
    let more = "`--level all` runs all of them, `--select` the ones that it names, and `ekslint.toml` turns rules on and off. \
                A scan evaluates each rule once on each cluster.";
    format!("{total}\n\n{levels}\n\n{scan}\n\n{more}")
}

fn at_level(rules: &[&Rule], level: Level) -> usize {
    rules.iter().filter(|rule| rule.level == level).count()
}

/// A row for each level, and one for the rules on waivers and the baseline.
fn levels(of_clusters: &[&Rule], of_policy: usize) -> Vec<String> {
    let runs = |level: Level| match level {
        Level::Default => "with every scan".to_owned(),
        level => format!("with `--level {}`, besides those of the level default", level.as_str()),
    };
    let levels = Level::ALL.into_iter().filter(|level| at_level(of_clusters, *level) > 0);
    let levels = levels.map(|level| {
        let rules = at_level(of_clusters, level).to_string();
        row(&[level.as_str().to_owned(), level.meaning().to_owned(), rules, runs(level)])
    });
    let policy = row(&[
        "default".to_owned(),
        "who has waivers or a baseline".to_owned(),
        of_policy.to_string(),
        "on `ekslint.toml` and the baseline, with every scan that has them".to_owned(),
    ]);
    levels.chain((of_policy > 0).then_some(policy)).collect()
}

/// How many rules the totals of a scan name, and how many SARIF describes.
fn scan_counts(of_clusters: &[&Rule], of_policy: usize, is_all: bool, links: &PageLinks<'_>) -> String {
    let off: Vec<_> = of_clusters
        .iter()
        .filter(|rule| rule.level == Level::Default && rule.required_params().next().is_some())
        .map(|rule| links.rule(&rule.id))
        .collect();
    let default = at_level(of_clusters, Level::Default);
    let a_scan =
        if is_all { "A scan without options" } else { "A scan with these rules and without `--level`" };
    let scan = match off.len() {
        0 => format!("{a_scan} runs {default} of them on each cluster: those of the level default."),
        count => format!(
            "{a_scan} says {}: {default} of the level default, less {count} that are off until a parameter has a value ({}).",
            default - count,
            off.join(", ")
        ),
    };
    if off.is_empty() && of_policy == 0 {
        return scan;
    }
    format!(
        "{scan} SARIF describes {}: those that are off until then, and those on waivers and the baseline, are among them.",
        default + of_policy
    )
}

fn by_area(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let mut areas: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        areas.entry(&rule.area).or_default().push(rule);
    }
    let area = |(area, mut rules): (&str, Vec<&Rule>)| {
        rules.sort_by_key(|rule| (Reverse(rule.severity), &rule.id));
        let row = |rule: &&Rule| {
            let level = if rule.level == Level::Default { "" } else { rule.level.as_str() };
            let what = format!("{}<br>{}", inline(&rule.title), links.rule(&rule.id));
            row(&[rule.severity.to_string(), what, level.to_owned()])
        };
        let rows: Vec<_> = rules.iter().map(row).collect();
        format!("### {}\n\n{}", inline(area), table(&["Severity", "Rule", "Level"], &rows))
    };
    areas.into_iter().map(area).collect::<Vec<_>>().join("\n\n")
}

fn by_severity(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let of = |severity: Severity| {
        let of: Vec<_> = rules.iter().copied().filter(|rule| rule.severity == severity).collect();
        let titled = |rule: &&Rule| format!("{}: {}", links.rule(&rule.id), inline(&rule.title));
        let summary = format!("{severity}: {} ({})", severity.meaning(), count(of.len(), "rule"));
        let items: Vec<_> = of.iter().map(titled).collect();
        (!of.is_empty()).then(|| details(&summary, severity == Severity::Critical, &list(&items)))
    };
    let note = "`ekslint.toml` can give a rule another severity, for all clusters or for some.";
    let all = Severity::ALL.into_iter().filter_map(of);
    std::iter::once(note.to_owned()).chain(all).collect::<Vec<_>>().join("\n\n")
}

fn by_framework(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let mut frameworks: BTreeMap<&str, BTreeMap<NaturalKey<'_>, Vec<&Rule>>> = BTreeMap::new();
    for rule in rules {
        for (framework, controls) in rule.frameworks() {
            let known = frameworks.entry(framework).or_default();
            for control in controls {
                known.entry(NaturalKey::of(control)).or_default().push(rule);
            }
        }
    }
    let framework = |(name, controls): (&str, BTreeMap<NaturalKey<'_>, Vec<&Rule>>)| {
        let rows = controls.iter().map(|(control, rules)| {
            let rules: Vec<_> = rules.iter().map(|rule| links.rule(&rule.id)).collect();
            row(&[inline(control.text()), rules.join("<br>")])
        });
        let rows: Vec<_> = rows.collect();
        format!("### {}\n\n{}", controls_of(name), table(&["Control", "Rules"], &rows))
    };
    let note = blocks(
        "The controls that rules are about. A control may ask for more than its rules can see.\n\
         `ekslint rules list --framework NAME` lists the rules of one.",
    );
    let all = frameworks.into_iter().map(framework);
    std::iter::once(note).chain(all).collect::<Vec<_>>().join("\n\n")
}

/// Which sections are needed for what: what the cluster alone is enough for, then who reads each section.
fn by_section(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let needs = |rule: &Rule| rule.sections().map(|section| section.name.as_str()).collect::<Vec<_>>();
    let linked =
        |rules: Vec<&&Rule>| rules.iter().map(|rule| links.rule(&rule.id)).collect::<Vec<_>>().join(", ");
    let alone: Vec<_> =
        rules.iter().filter(|rule| rule.judges_clusters() && needs(rule) == ["cluster"]).collect();
    let note = blocks(
        "What is not in a snapshot is unknown, and a rule that it decides is not evaluated. `ekslint snapshot` collects every section.\n\
         A rule stands below each section that it or its facts read. It may be decided without some of them.\n\
         `ekslint rules list --needs SECTION` lists the rules of one.",
    );
    let enough = details(
        &format!("The cluster alone, as aws eks describe-cluster prints it: {}", count(alone.len(), "rule")),
        true,
        &linked(alone),
    );
    let of = |section: &sections::Section| {
        let readers: Vec<_> =
            rules.iter().filter(|rule| needs(rule).contains(&section.name.as_str())).collect();
        let calls: Vec<_> = section.calls.iter().map(|call| call.api.as_str()).collect();
        let from = if calls.is_empty() { String::new() } else { format!(" ({})", calls.join(", ")) };
        let summary = format!("{}{from}: {}", section.name, count(readers.len(), "rule"));
        (!readers.is_empty()).then(|| details(&summary, false, &linked(readers)))
    };
    let all = sections::all().iter().filter_map(of);
    [note, enough].into_iter().chain(all).collect::<Vec<_>>().join("\n\n")
}

fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
