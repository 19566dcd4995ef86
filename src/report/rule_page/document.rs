//! The page of a rule as a Markdown document: why and how to fix it first, then all the rest.

use super::links::PageLinks;
use super::markdown::{blocks, code_span, details, fenced, inline, link, list, row, section, table};
use super::tools::{Alias, Tool};
use super::{PageParam, RulePage, example, level_in_words, type_name};
use crate::report::{command_lines, wrap};
use crate::rule::repository_url;
use crate::snapshot::{ClusterType, TemplateSource};
use std::path::Path;

/// The longest lines of code.
const WIDTH: usize = 100;
/// More lines of expressions are shown only when a reader opens them.
const MOST_LINES: usize = 12;
/// What is written for a space at which a command is not broken.
const KEPT: &str = "\u{a0}";

pub(super) fn page(page: &RulePage<'_>, links: &PageLinks<'_>) -> String {
    let mut parts = vec![format!("# {}", inline(page.title))];
    parts.extend(links.index());
    parts.push(facts(page));
    parts.push(section("Why it matters", &blocks(page.rationale)));
    parts.push(section("How to fix it", &fix(page)));
    parts.extend(page.remediation.awscli.map(|script| format!("### AWS CLI\n\n{}", commands(script))));
    let change = |(language, code): (TemplateSource, &str)| {
        format!("### {}\n\n{}", language.title(), fenced(language.fence(), code))
    };
    parts.extend(page.remediation.changes.each().map(change));
    parts.extend(params(page));
    // A rule on waivers reads no snapshot.
    if !page.checks.is_empty() {
        parts.push(section("What it reads", &reads(page)));
        parts.push(section("What it checks", &checks(page)));
    }
    parts.extend(example::examples(page));
    parts.extend(lists(page, links));
    parts.join("\n\n").trim_end().to_owned() + "\n"
}

/// What to do in one sentence, and in full.
fn fix(page: &RulePage<'_>) -> String {
    let summary = page.remediation.headline().map(|summary| format!("**{}**\n\n", inline(summary)));
    summary.unwrap_or_default() + &blocks(page.remediation.text)
}

/// Commands, with words on what is to be filled in.
fn commands(script: &str) -> String {
    let note = "`{{…}}` stands for a value of the cluster: `ekslint scan FILE --full` prints the command with its values.\n\n";
    let note = if script.contains("{{") { note } else { "" };
    let lines = command_lines::lines(&in_one_piece(script), WIDTH).join("\n").replace(KEPT, " ");
    format!("{note}{}", fenced("sh", &lines))
}

/// A script whose `{{…}}` have no spaces at which they could be broken.
fn in_one_piece(script: &str) -> String {
    let mut pieces = script.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (inside, rest) = piece.split_at(piece.find("}}").unwrap_or(0));
        out += &format!("{{{{{}{rest}", inside.replace(' ', KEPT));
    }
    out
}

fn facts(page: &RulePage<'_>) -> String {
    let severity = format!("**{}**: {}. [Why](#why-it-matters)", page.severity, page.severity.meaning());
    let off: Vec<_> = page.rule.required_params().map(code_span).collect();
    let off = if off.is_empty() { String::new() } else { format!("; off until {} is set", off.join(", ")) };
    let precision = format!("{}: {}", page.precision.as_str(), page.precision.meaning());
    let rows = [
        ("Severity", severity),
        ("Level", inline(level_in_words(page.level)) + &off),
        ("Precision", precision),
        ("Resource", code_span(page.resource)),
        ("Clusters", clusters(page.clusters)),
        ("Since", inline(page.since)),
        (if page.checks.is_empty() { "Read more" } else { "Source" }, source(page)),
    ];
    // A rule on waivers has no resource of a cluster.
    let said =
        |(label, _): &(&str, String)| !page.checks.is_empty() || !["Resource", "Clusters"].contains(label);
    let rows: Vec<_> =
        rows.into_iter().filter(said).map(|(label, text)| row(&[label.to_owned(), text])).collect();
    table(&["Rule", &code_span(page.id)], &rows)
}

/// Where the rule is written: the file of a built-in one in the repository, the name of another's.
fn source(page: &RulePage<'_>) -> String {
    match page.rule.source_url() {
        Some(url) => format!("[{}]({url})", inline(page.file)),
        None => code_span(&Path::new(page.file).file_name().unwrap_or_default().to_string_lossy()),
    }
}

fn clusters(kinds: &[ClusterType]) -> String {
    let words = |kind: &ClusterType| match kind {
        ClusterType::Eks => "EKS",
        ClusterType::Outpost => "local clusters on Outposts (EBS)",
        ClusterType::OutpostInstanceStore => "local clusters on Outposts (instance store)",
        ClusterType::Connected => "connected clusters (EKS Connector)",
    };
    kinds.iter().map(words).collect::<Vec<_>>().join(", ")
}

/// The sections with the calls that fill them, and the facts that are read.
fn reads(page: &RulePage<'_>) -> String {
    let direct = |name: &str| page.reads.iter().any(|read| read.section == name);
    let sections = page.rule.sections().map(|section| {
        let calls: Vec<_> = section.calls.iter().map(|call| code_span(&call.api)).collect();
        let by = if direct(&section.name) { "the rule" } else { "facts" };
        row(&[code_span(&section.name), calls.join(", "), by.to_owned()])
    });
    let sections: Vec<_> = sections.collect();
    if sections.is_empty() {
        return "Nothing but its parameters.".to_owned();
    }
    let unknown = "What is not in the snapshot is unknown. Where it decides, the rule is not evaluated.";
    let facts: Vec<_> =
        page.rule.reads.facts.names().map(|(structure, name)| fact(structure, &name)).collect();
    let facts = if facts.is_empty() { String::new() } else { format!("\n\nFacts: {}", facts.join(", ")) };
    format!("{}{facts}\n\n{unknown}", table(&["Section", "API calls", "Read by"], &sections))
}

/// A fact, with the way to what is said of it.
fn fact(structure: &str, name: &str) -> String {
    let page = repository_url("docs/facts.md");
    format!("[{}]({page}#{})", code_span(name), super::markdown::anchor(structure))
}

/// The parts of the rule as its file has them, though not its very text.
fn checks(page: &RulePage<'_>) -> String {
    let groups = page.expressions();
    let groups = groups.iter().map(|group| group.iter().map(part).collect::<Vec<_>>().join("\n"));
    let text = groups.collect::<Vec<_>>().join("\n\n");
    let block = fenced("yaml", &text);
    match text.lines().count() > MOST_LINES {
        true => details("The expressions, in CEL", false, &block),
        false => block,
    }
}

fn part((key, text): &(String, &str)) -> String {
    let line = format!("{key}: {text:?}");
    match text.contains('\n') {
        true => format!("{key}: |-\n  {}", text.replace('\n', "\n  ")),
        false if line.chars().count() <= WIDTH => line,
        false => format!("{key}: >-\n{}", wrap(text, WIDTH, "  ", "  ")),
    }
}

fn params(page: &RulePage<'_>) -> Option<String> {
    let cells = |param: &PageParam<'_>| {
        let default = param.default.map_or("must be set".to_owned(), |value| code_span(&value.to_string()));
        let meaning = param.description.map(inline);
        let list = |list| format!("Set by {} below `[organization]`.", code_span(list));
        let meaning: Vec<_> = meaning.into_iter().chain(param.organization.map(list)).collect();
        row(&[code_span(param.name), type_name(param.ty).to_owned(), default, meaning.join(" ")])
    };
    let rows: Vec<_> = page.params.iter().map(cells).collect();
    let table = table(&["Name", "Type", "Default", "Meaning"], &rows);
    (!rows.is_empty()).then(|| section("Parameters", &format!("{table}\n\n{}", setting(page))))
}

/// How a parameter is set, with a value that the rule itself has: a default, or that of an example.
fn setting(page: &RulePage<'_>) -> String {
    let value = |param: &PageParam<'_>| {
        let of_example = || page.rule.examples.iter().find_map(|example| example.params.get(param.name));
        let value = of_example().or(param.default)?;
        Some(format!("{} = {value}", param.name))
    };
    let values: Vec<_> = page.params.iter().filter_map(value).collect();
    let text = format!("[rules.{}]\nparams = {{ {} }}", page.id, values.join(", "));
    match values.is_empty() {
        true => format!("Set them in `ekslint.toml`, or with `--param {}.NAME=VALUE`.", page.id),
        false => format!("In `ekslint.toml`, for example:\n\n{}", fenced("toml", &text)),
    }
}

fn lists(page: &RulePage<'_>, links: &PageLinks<'_>) -> Vec<String> {
    let list = |heading: &str, note: &str, items: Vec<String>| {
        let note = if note.is_empty() { String::new() } else { format!("{note}\n\n") };
        (!items.is_empty()).then(|| section(heading, &format!("{note}{}", list(&items))))
    };
    let frameworks = page.frameworks.iter();
    let frameworks = frameworks
        .map(|(name, controls)| format!("{}: {}", links.framework(name), inline(&controls.join(", "))));
    let weaker = page.supersedes.iter().map(|id| links.titled_rule(id));
    let stronger = page.superseded_by.iter().map(|id| links.titled_rule(id));
    let references = page.references.iter().map(|reference| link(reference));
    let lists = [
        list(
            "Supersedes",
            "Where this rule finds something, these report nothing about the same resource:",
            weaker.collect(),
        ),
        list(
            "Superseded by",
            "Where one of these finds something, this rule reports nothing about the same resource:",
            stronger.collect(),
        ),
        list("Frameworks", "", frameworks.collect()),
        list("Known elsewhere as", "", elsewhere(page, links)),
        list("References", "", references.collect()),
    ];
    lists.into_iter().flatten().collect()
}

/// The names that each tool has for the rule.
fn elsewhere(page: &RulePage<'_>, links: &PageLinks<'_>) -> Vec<String> {
    let aliases: Vec<_> = page.aliases.iter().map(|alias| Alias::of(alias)).collect();
    let mut tools: Vec<Tool<'_>> = Vec::new();
    for alias in &aliases {
        if !tools.contains(&alias.tool) {
            tools.push(alias.tool);
        }
    }
    let line = |tool: Tool<'_>| {
        let names = aliases.iter().filter(|alias| alias.tool == tool);
        let names: Vec<_> = names.map(|alias| code_span(alias.name)).collect();
        let page = links.coming_from().map(|page| format!("{page}#{}", super::markdown::anchor(tool.name())));
        let tool = inline(tool.name());
        let tool = page.map_or(tool.clone(), |page| format!("[{tool}]({page})"));
        format!("{tool}: {}", names.join(", "))
    };
    tools.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{commands, part};

    #[test]
    fn commands_are_broken_outside_of_what_stands_for_values() {
        let script = "aws eks update --name {{has(cluster.name) ? cluster.name : 'a name that is long enough to be broken'}} --more values and more";
        let text = commands(script);
        assert!(text.starts_with("`{{…}}` stands for"), "{text}");
        assert!(text.contains("{{has(cluster.name) ? cluster.name : 'a name that is long enough to be broken'}} \\\n    --more"), "{text}");
        assert_eq!(commands("aws eks list-clusters"), "```sh\naws eks list-clusters\n```");
        // Never closed.
        assert!(commands("echo {{ a").contains("echo {{ a"));
    }

    #[test]
    fn long_parts_are_wrapped() {
        assert_eq!(part(&("assert".to_owned(), "true")), "assert: \"true\"");
        let long = "word ".repeat(30);
        let text = part(&("message".to_owned(), long.trim_end()));
        assert!(
            text.starts_with("message: >-\n  word word") && text.lines().all(|line| line.len() <= 100),
            "{text}"
        );
    }
}
