//! The page of a rule for the terminal. Rules may come from strangers, so every text goes through
//! [`printable`].

use super::{PageParam, RulePage, cluster_kind, level_in_words, type_name};
use crate::report::{palette, paragraphs, printable, wrap};
use anstyle::Style;
use unicode_width::UnicodeWidthStr;

const HEADING: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();

pub(super) fn page(page: &RulePage<'_>, width: usize) -> String {
    let mut text = RuleText { out: String::new(), width };
    text.line(&styled(HEADING, page.id));
    text.prose("", page.title);
    text.line("");
    text.facts(page);
    text.heading("Why it matters");
    text.prose("  ", page.rationale);
    text.reads(page);
    text.expressions(page);
    text.params(page);
    text.remediation(page);
    text.lists(page);
    text.examples(page);
    text.out
}

struct RuleText {
    out: String,
    width: usize,
}

impl RuleText {
    /// A line that is safe already.
    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(&styled(HEADING, heading));
    }

    /// Text wrapped to the width, each line after `indent`; paragraphs stay apart.
    fn prose(&mut self, indent: &str, text: &str) {
        for paragraph in paragraphs(text) {
            let hanging = if paragraph.starts_with("- ") { "  " } else { "" };
            let lines = wrap(&paragraph, self.width, indent, &format!("{indent}{hanging}"));
            self.line(&lines);
        }
    }

    /// A label and a text that hangs beside it, wrapped.
    fn pair(&mut self, label: &str, label_width: usize, text: &str) {
        let width = self.width.saturating_sub(label_width + 4);
        self.code_pair(label, label_width, &wrap(text, width, "", ""));
    }

    /// A label and a code that hangs beside it, in its own lines.
    fn code_pair(&mut self, label: &str, label_width: usize, code: &str) {
        for (at, line) in code.lines().enumerate() {
            self.beside(label, label_width, at == 0, line);
        }
    }

    fn beside(&mut self, label: &str, label_width: usize, first: bool, line: &str) {
        let label = if first { printable(label) } else { String::new() };
        let padding = " ".repeat(label_width.saturating_sub(label.width()));
        self.line(&format!("  {}{padding}  {}", styled(LABEL, &label), code_line(line)));
    }

    fn code(&mut self, heading: &str, code: Option<&str>) {
        let Some(code) = code else { return };
        self.heading(heading);
        code.lines().for_each(|line| self.line(&format!("  {}", code_line(line))));
    }

    fn facts(&mut self, page: &RulePage<'_>) {
        let severity = styled(palette::severity(page.severity), page.severity.as_str());
        self.line(&format!("  {}  {severity}", styled(LABEL, "Severity ")));
        let clusters: Vec<_> = page.clusters.iter().map(|kind| cluster_kind(*kind)).collect();
        for (label, text) in [
            ("Level", level_in_words(page.level)),
            ("Precision", page.precision.as_str()),
            ("Resource", page.resource),
            ("Clusters", &clusters.join(", ")),
            ("Since", page.since),
            ("File", page.file),
        ] {
            self.pair(label, 9, text);
        }
    }

    fn reads(&mut self, page: &RulePage<'_>) {
        // A rule on waivers reads no snapshot.
        if page.checks.is_empty() {
            return;
        }
        self.heading("What it reads");
        let width = page.reads.iter().map(|read| read.section.len()).max().unwrap_or_default();
        for read in &page.reads {
            self.pair(read.section, width, &read.calls.join(", "));
        }
        if !page.facts.is_empty() {
            self.pair("facts", width, &format!("what follows from {}", page.facts.join(", ")));
        }
    }

    fn expressions(&mut self, page: &RulePage<'_>) {
        if page.checks.is_empty() {
            return;
        }
        self.heading("What it checks");
        let groups = page.expressions();
        let labels = groups.iter().flatten().map(|(label, _)| label.width());
        let width = labels.max().unwrap_or_default().min(24);
        for (at, group) in groups.iter().enumerate() {
            if at > 0 && group.len() > 1 {
                self.line("");
            }
            for (label, text) in group {
                match label.ends_with("message") {
                    true => self.pair(label, width, text),
                    false => self.code_pair(label, width, text),
                }
            }
        }
    }

    fn params(&mut self, page: &RulePage<'_>) {
        if page.params.is_empty() {
            return;
        }
        self.heading("Parameters");
        for param in &page.params {
            self.line(&format!("  {}", code_line(&param_in_words(param))));
            if let Some(description) = param.description {
                self.prose("    ", description);
            }
            if let Some(list) = param.organization {
                self.prose("    ", &format!("In ekslint.toml, `{list}` below [organization] sets it."));
            }
        }
        let name = page.params.first().map(|param| param.name).unwrap_or_default();
        let hint = format!("Set them with: ekslint scan --param {}.{name}=VALUE", page.id);
        self.line(&styled(LABEL, &format!("  {}", printable(&hint))));
    }

    fn remediation(&mut self, page: &RulePage<'_>) {
        self.heading("How to fix it");
        if let Some(summary) = page.remediation.headline() {
            self.prose("  ", summary);
            self.line("");
        }
        self.prose("  ", page.remediation.text);
        self.code("AWS CLI", page.remediation.awscli);
        for (language, change) in page.remediation.changes.each() {
            self.code(language.title(), Some(change));
        }
    }

    fn lists(&mut self, page: &RulePage<'_>) {
        if !page.frameworks.is_empty() {
            self.heading("Frameworks");
            let width = page.frameworks.keys().map(|name| name.width()).max().unwrap_or_default();
            for (framework, controls) in page.frameworks {
                self.pair(framework, width, &controls.join(", "));
            }
        }
        self.list("Supersedes", page.supersedes.iter().map(String::as_str));
        self.list("Superseded by", page.superseded_by.iter().copied());
        self.list("Known elsewhere as", page.aliases.iter().map(String::as_str));
        self.list("References", page.references.iter().map(String::as_str));
    }

    fn list<'i>(&mut self, heading: &str, items: impl Iterator<Item = &'i str>) {
        for (at, item) in items.enumerate() {
            if at == 0 {
                self.heading(heading);
            }
            self.line(&format!("  {}", code_line(item)));
        }
    }

    fn examples(&mut self, page: &RulePage<'_>) {
        if page.examples.is_empty() {
            return;
        }
        self.heading("Examples");
        let width = page.examples.iter().map(|example| example.expects.len()).max().unwrap_or_default();
        for example in &page.examples {
            self.pair(&example.expects, width, example.name);
        }
    }
}

fn param_in_words(param: &PageParam<'_>) -> String {
    let ty = type_name(param.ty);
    match param.default {
        Some(default) => format!("{} ({ty}, default {default})", param.name),
        None => format!("{} ({ty}, must be set)", param.name),
    }
}

fn styled(style: Style, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("{style}{}{style:#}", printable(text))
}

/// A line that keeps its spaces; a tab counts as four.
fn code_line(line: &str) -> String {
    printable(&line.replace('\t', "    "))
}
