//! Pieces of Markdown. Text of a rule is text: what Markdown or HTML would take for markup is escaped, except code
//! between single backticks.

use crate::report::{paragraphs, printable};

/// A row of a table; in its cells every `|` is escaped, in code too.
pub(in crate::report) fn row(cells: &[String]) -> String {
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

/// A text as paragraphs and lists, of whatever width the page is.
pub(in crate::report) fn blocks(text: &str) -> String {
    let mut out = String::new();
    let mut was_item = false;
    for paragraph in paragraphs(text).iter().filter(|paragraph| !paragraph.is_empty()) {
        let is_item = paragraph.starts_with("- ");
        let gap = if out.is_empty() { "" } else { "\n\n" };
        out.push_str(if was_item && is_item { "\n" } else { gap });
        out.push_str(&prose(paragraph));
        was_item = is_item;
    }
    out
}

/// A part of a page.
pub(in crate::report) fn section(heading: &str, text: &str) -> String {
    format!("## {heading}\n\n{text}")
}

/// A list.
pub(in crate::report) fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n")
}

/// A table.
pub(in crate::report) fn table(heading: &[&str], rows: &[String]) -> String {
    let heading: Vec<_> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    format!("{}\n|{}\n{}", row(&heading), "---|".repeat(heading.len()), rows.join("\n"))
}

/// What is shown when a reader opens it; the summary is plain text.
pub(in crate::report) fn details(summary: &str, is_open: bool, text: &str) -> String {
    let open = if is_open { " open" } else { "" };
    format!("<details{open}>\n<summary>{}</summary>\n\n{text}\n\n</details>", html(summary))
}

/// Text within HTML.
fn html(text: &str) -> String {
    let text = printable(&text.replace(['\n', '\t'], " "));
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What links to a heading name it by, as GitHub makes it.
pub(in crate::report) fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    heading.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
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

pub(in crate::report) fn code_span(text: &str) -> String {
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
fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>`\\\"{}|^[]".contains(c);
    text.starts_with("https://") && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::{anchor, blocks, details, fenced, inline, link, row};

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
    fn lines_become_paragraphs_and_lists() {
        assert_eq!(
            blocks("One\nsentence.\nTwo.\n\n- a\n- b\nEnd."),
            "One sentence.\n\nTwo.\n\n- a\n- b End."
        );
        assert_eq!(blocks("See:\n- a.\n- <b>.\nEnd."), "See:\n\n- a.\n- \\<b\\>.\n\nEnd.");
    }

    #[test]
    fn a_summary_is_no_html() {
        let text = details("a </summary> & b", false, "c");
        assert_eq!(text, "<details>\n<summary>a &lt;/summary&gt; &amp; b</summary>\n\nc\n\n</details>");
    }

    #[test]
    fn anchors_are_those_of_github() {
        assert_eq!(anchor("Controls of `cis-eks-2.0`"), "controls-of-cis-eks-20");
        assert_eq!(anchor("AWS Security Hub"), "aws-security-hub");
    }

    #[test]
    fn only_addresses_are_links() {
        assert_eq!(link("https://a.b/c"), "<https://a.b/c>");
        assert_eq!(link("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(link("https://a.b/ <b>"), r"https://a.b/ \<b\>");
    }
}
