//! What other tools call the rules: for who knows one of them.

use crate::report::rule_page::markdown::{anchor, code_span, inline, row, section, table};
use crate::report::rule_page::{Alias, PageLinks, Tool};
use crate::rule::Rule;
use crate::text::NaturalKey;
use std::collections::BTreeMap;

/// The names of a tool, each with the rules that it stands for.
struct ToolNames<'r> {
    tool: Tool<'r>,
    names: BTreeMap<NaturalKey<'r>, Vec<&'r Rule>>,
}

pub(super) fn page(rules: &[&Rule], links: &PageLinks<'_>) -> String {
    let tools = tools(rules);
    let mut parts = vec!["# Coming from another tool".to_owned()];
    match example(rules) {
        None => parts.push("No rule says what another tool calls it.".to_owned()),
        Some(example) => {
            parts.push(intro(example));
            let rows: Vec<_> = tools.iter().map(contents).collect();
            parts.push(table(&["Tool", "Names"], &rows));
            parts.extend(tools.iter().map(|tool| section(&inline(tool.tool.name()), &names(tool, links))));
        }
    }
    parts.join("\n\n") + "\n"
}

fn intro(example: &str) -> String {
    format!(
        "If you know what another tool calls a check, look up its rule here, or let ekslint do it: `ekslint rules show {example}`.\n\n\
         Two tools rarely check exactly the same. The page of a rule says what it reads and what it checks.\n\n\
         If a name is not here, there is no rule for it, or nobody has written it down yet. There are no rules for what runs \
         inside of a cluster: ekslint reads the APIs of AWS, not that of Kubernetes."
    )
}

/// A name to show how names are used: the first one of the rule that has the most.
fn example<'r>(rules: &[&'r Rule]) -> Option<&'r str> {
    let most = rules.iter().rev().max_by_key(|rule| rule.aliases.len())?;
    most.aliases.first().map(|alias| Alias::of(alias).name)
}

/// The tools, by their names as people look for them.
fn tools<'r>(rules: &[&'r Rule]) -> Vec<ToolNames<'r>> {
    let mut tools: Vec<ToolNames<'r>> = Vec::new();
    for rule in rules {
        for alias in rule.aliases.iter().map(|alias| Alias::of(alias)) {
            let at = tools.iter().position(|known| known.tool == alias.tool).unwrap_or_else(|| {
                tools.push(ToolNames { tool: alias.tool, names: BTreeMap::new() });
                tools.len() - 1
            });
            tools[at].names.entry(NaturalKey::of(alias.name)).or_default().push(rule);
        }
    }
    tools.sort_by_key(|tool| tool.tool.name().to_lowercase());
    tools
}

fn contents(tool: &ToolNames<'_>) -> String {
    let name = tool.tool.name();
    row(&[format!("[{}](#{})", inline(name), anchor(name)), tool.names.len().to_string()])
}

fn names(tool: &ToolNames<'_>, links: &PageLinks<'_>) -> String {
    let rows = tool.names.iter().map(|(name, rules)| {
        let rules: Vec<_> =
            rules.iter().map(|rule| format!("{} ({})", links.rule(&rule.id), rule.severity)).collect();
        row(&[code_span(name.text()), rules.join("<br>")])
    });
    table(&["Name there", "Rule of ekslint"], &rows.collect::<Vec<_>>())
}
