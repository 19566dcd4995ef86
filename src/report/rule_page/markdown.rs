//! The page of a rule for the documentation. Text of the rule is text: what Markdown or HTML would
//! take for markup is escaped, except code between single backticks.

use super::{RulePage, cluster_kind, level_in_words, type_name};
use crate::report::printable;

pub(super) fn page(page: &RulePage<'_>) -> String {
    let mut sections = vec![
        format!("# {}", inline(page.title)),
        facts(page),
        section("Why it matters", &prose(page.rationale)),
    ];
    // A rule on waivers reads no snapshot.
    if !page.checks.is_empty() {
        sections.push(section("What it reads", &reads(page)));
        sections.push(section("What it checks", &fenced("yaml", &expressions(page))));
    }
    sections.extend(params(page));
    sections.push(section("How to fix it", &fix(page)));
    let code = |heading, language, code: Option<&str>| {
        code.map(|code| format!("### {heading}\n\n{}", fenced(language, code)))
    };
    sections.extend(code("AWS CLI", "sh", page.remediation.awscli));
    sections.extend(code("Terraform", "hcl", page.remediation.terraform));
    sections.extend(lists(page));
    sections.push(String::new());
    sections.join("\n\n").trim_end().to_owned() + "\n"
}

fn section(heading: &str, text: &str) -> String {
    format!("## {heading}\n\n{text}")
}

/// What to do in one sentence, and in full.
fn fix(page: &RulePage<'_>) -> String {
    let summary = page.remediation.headline().map(|summary| format!("**{}**\n\n", inline(summary)));
    summary.unwrap_or_default() + &prose(page.remediation.text)
}

fn facts(page: &RulePage<'_>) -> String {
    let clusters: Vec<_> = page.clusters.iter().map(|kind| cluster_kind(*kind)).collect();
    let rows = [
        ("Rule", code_span(page.id)),
        ("Severity", page.severity.to_string()),
        ("Level", inline(level_in_words(page.level))),
        ("Precision", page.precision.as_str().to_owned()),
        ("Resource", code_span(page.resource)),
        ("Clusters", clusters.join(", ")),
        ("Since", inline(page.since)),
    ];
    let rows = rows.map(|(label, text)| row(&[label.to_owned(), text]));
    format!("| | |\n|---|---|\n{}", rows.join("\n"))
}

fn reads(page: &RulePage<'_>) -> String {
    let spans = |calls: &[&str]| calls.iter().map(|call| code_span(call)).collect::<Vec<_>>().join(", ");
    let mut items: Vec<_> = page
        .reads
        .iter()
        .map(|read| format!("- {}: {}", code_span(read.section), spans(&read.calls)))
        .collect();
    if !page.facts.is_empty() {
        items.push(format!("- `facts`: what follows from {}", spans(&page.facts)));
    }
    items.join("\n")
}

/// The parts of the rule as its file has them, though not its very text.
fn expressions(page: &RulePage<'_>) -> String {
    let part = |(key, text): &(String, &str)| match text.contains('\n') {
        true => format!("{key}: |-\n  {}", text.replace('\n', "\n  ")),
        false => format!("{key}: {text:?}"),
    };
    let groups = page.expressions();
    let groups = groups.iter().map(|group| group.iter().map(part).collect::<Vec<_>>().join("\n"));
    groups.collect::<Vec<_>>().join("\n\n")
}

fn params(page: &RulePage<'_>) -> Option<String> {
    let param = |param: &super::PageParam<'_>| {
        let default = param.default.map_or("must be set".to_owned(), |value| code_span(&value.to_string()));
        let meaning = param.description.map(inline);
        let list = |list| format!("Set by {} below `[organization]`.", code_span(list));
        let meaning: Vec<_> = meaning.into_iter().chain(param.organization.map(list)).collect();
        row(&[code_span(param.name), type_name(param.ty).to_owned(), default, meaning.join(" ")])
    };
    let rows: Vec<_> = page.params.iter().map(param).collect();
    let table = format!("| Name | Type | Default | Meaning |\n|---|---|---|---|\n{}", rows.join("\n"));
    (!rows.is_empty()).then(|| section("Parameters", &table))
}

fn lists(page: &RulePage<'_>) -> Vec<String> {
    let list = |heading: &str, items: Vec<String>| {
        let items: Vec<_> = items.into_iter().map(|item| format!("- {item}")).collect();
        (!items.is_empty()).then(|| section(heading, &items.join("\n")))
    };
    let examples = page.examples.iter();
    let examples = examples.map(|example| format!("{}: {}", inline(example.name), example.expects));
    let frameworks = page.frameworks.iter();
    let frameworks =
        frameworks.map(|(name, controls)| format!("{}: {}", inline(name), inline(&controls.join(", "))));
    let rules = page.supersedes.iter().map(|id| code_span(id));
    let aliases = page.aliases.iter().map(|alias| code_span(alias));
    let references = page.references.iter().map(|reference| link(reference));
    let lists = [
        list("Examples", examples.collect()),
        list("Frameworks", frameworks.collect()),
        list("Supersedes", rules.collect()),
        list("Known elsewhere as", aliases.collect()),
        list("References", references.collect()),
    ];
    lists.into_iter().flatten().collect()
}

/// A row of a table; in its cells every `|` is escaped, in code too.
fn row(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace("\\|", "|").replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

/// Paragraphs, whose lines stay as they are in the rule.
pub(in crate::report) fn prose(text: &str) -> String {
    let lines = text.lines().map(str::trim).map(|line| match line.strip_prefix("- ") {
        Some(item) => format!("- {}", inline(item)),
        None => inline(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One line of text. Backticks around code stay when they are single and in pairs.
pub(in crate::report) fn inline(text: &str) -> String {
    let text = printable(&text.replace(['\n', '\t'], " "));
    let pieces: Vec<_> = text.split('`').collect();
    let code = !text.contains("``") && pieces.len() % 2 == 1;
    let piece = |(at, piece): (usize, &&str)| match at % 2 {
        1 if code => format!("`{piece}`"),
        _ => escaped(piece),
    };
    let separator = if code { "" } else { "\\`" };
    let line = pieces.iter().enumerate().map(piece).collect::<Vec<_>>().join(separator);
    not_a_block(line)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A line that starts as a heading, a list or a rule does is text all the same.
fn not_a_block(line: String) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = line[digits..].strip_prefix(['.', ')']);
    let numbered = digits > 0 && after.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    match line.chars().next() {
        Some('#' | '-' | '+' | '=') => format!("\\{line}"),
        _ if numbered => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ => line,
    }
}

fn code_span(text: &str) -> String {
    match text.contains('`') {
        true => inline(&text.replace('`', "'")),
        false => format!("`{}`", printable(text)),
    }
}

/// A code block whose fence is longer than any in the code.
pub(in crate::report) fn fenced(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<_> = code.lines().map(|line| printable(&line.replace('\t', "    "))).collect();
    format!("{fence}{language}\n{}\n{fence}", lines.join("\n"))
}

/// A reference: an address that can be linked as it is, or text.
pub(in crate::report) fn link(address: &str) -> String {
    match is_address(address) {
        true => format!("<{address}>"),
        false => inline(address),
    }
}

/// Whether a text is an address that can be linked as it is.
pub(in crate::report) fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>`\\\"{}|^[]".contains(c);
    text.starts_with("https://") && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::{fenced, inline, link, row};

    #[test]
    fn text_is_no_markup() {
        assert_eq!(inline("arn:aws:iam::*:role/x"), r"arn:aws:iam::\*:role/x");
        assert_eq!(inline("<script>"), r"\<script\>");
        assert_eq!(inline("# x"), r"\# x");
        assert_eq!(inline("1. x"), r"1\. x");
        assert_eq!(inline("1.30"), "1.30");
        assert_eq!(inline("set `types` | `a*b`"), r"set `types` \| `a*b`");
        assert_eq!(inline("one ` <b>"), r"one \` \<b\>");
        assert_eq!(inline("```<b>`"), r"\`\`\`\<b\>\`");
        assert_eq!(inline("a\u{1b}[31m"), "a\u{FFFD}\\[31m");
    }

    #[test]
    fn cells_stay_cells() {
        assert_eq!(row(&[inline("a|b"), "`c|d`".to_owned()]), r"| a\|b | `c\|d` |");
    }

    #[test]
    fn code_cannot_leave_its_block() {
        assert_eq!(fenced("sh", "a\n```\nb"), "````sh\na\n```\nb\n````");
        assert_eq!(fenced("sh", "a"), "```sh\na\n```");
    }

    #[test]
    fn only_addresses_are_links() {
        assert_eq!(link("https://a.b/c"), "<https://a.b/c>");
        assert_eq!(link("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(link("https://a.b/ <b>"), r"https://a.b/ \<b\>");
    }
}
