//! One cluster on the page: folded, its findings by rule.

use super::Room;
use crate::report::blocks::{FindingBlock, add};
use crate::report::escape::{code, html, sentence};
use crate::report::explain::diagram;
use crate::report::finding_text::{FixCode, fix_code, one_line, shortened};
use crate::report::rule_page::markdown::{fenced, inline};
use crate::report::summary::{OpenCounts, open_counts};
use crate::report::{FindingGroup, FindingView, Report};
use crate::rule::{Rule, Severity};
use crate::value::Location;
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Write};

/// How many findings of one rule are shown of a cluster.
const MOST_OF_RULE: usize = 10;
/// The longest command that is shown, in bytes: half a command would do something else.
const MOST_COMMAND: usize = 1_500;
/// A command with such a line is not shown: parsers do not count longer fences.
const FENCE: &str = "````````````````````````````````";
/// The longest diagram that is shown, in bytes.
const MOST_DIAGRAM: usize = 12_000;
/// The longest text on how to fix something.
const MOST_ADVICE: usize = 800;
/// What folds a section.
const FOLD: &str = "\n<details>\n<summary></summary>\n\n</details>\n";

/// One cluster.
pub(super) struct ClusterSection<'a> {
    report: &'a Report<'a>,
    pub(super) group: FindingGroup<'a>,
    blocks: Vec<FindingBlock<'a>>,
    /// Findings that do not count but are listed.
    pub(super) accepted: Vec<FindingView<'a>>,
    diagram: String,
    body: String,
}

impl<'a> ClusterSection<'a> {
    pub(super) fn new(report: &'a Report<'a>, group: FindingGroup<'a>) -> Self {
        let (diagram, body) = (String::new(), String::new());
        Self { report, group, blocks: Vec::new(), accepted: Vec::new(), diagram, body }
    }

    /// Adds a finding; those of a rule stand together.
    pub(super) fn add(&mut self, shown: FindingView<'a>) {
        add(&mut self.blocks, shown);
    }

    /// What to call it: its cluster, else its file.
    pub(super) fn title(&self) -> &'a str {
        let cluster = self.group.identity();
        let name = cluster.and_then(|cluster| cluster.name.as_deref().or(cluster.arn.as_deref()));
        name.unwrap_or(&self.group.file.name)
    }

    /// How many findings of each severity count, worst first: what sections are ordered by.
    pub(super) fn rank(&self) -> OpenCounts {
        open_counts(self.group.findings)
    }

    /// Whether a finding of such an area is shown.
    pub(super) fn has_area(&self, areas: &[&str]) -> bool {
        self.blocks.iter().any(|block| areas.contains(&block.rule().area.as_str()))
    }

    /// Puts the findings of a severity in, if there is room, each with advice that was not yet told. Gives
    /// how many there is no room for.
    pub(super) fn put(
        &mut self,
        severity: Severity,
        room: &mut Room,
        told: &mut HashSet<&'a str>,
        full: bool,
    ) -> usize {
        let mut left_out = 0;
        for block in self.blocks.iter().filter(|block| block.severity() == severity) {
            if full || left_out > 0 {
                left_out += block.len();
                continue;
            }
            let text = text(block, told.insert(&block.rule().id));
            match room.take(&(self.opening() + &text)) {
                true => self.body += &text,
                false => left_out += block.len(),
            }
        }
        left_out
    }

    /// Draws which way the traffic goes, if there is room. Only where findings are shown.
    pub(super) fn draw(&mut self, room: &mut Room) {
        let flows = self.group.cluster.and_then(|cluster| cluster.flows.as_deref());
        let Some(flows) = flows.filter(|_| !self.body.is_empty()) else { return };
        let diagram = fenced("mermaid", diagram(flows).trim_end());
        let text = match diagram.len() > MOST_DIAGRAM {
            true => {
                "\nWhich way the traffic goes is too much to draw here: `ekslint explain --flows` shows it.\n"
                    .to_owned()
            }
            false => format!(
                "\nWhich way the traffic goes (A: API server to kubelet, B: kubelet to API server, C: kubectl to API server):\n\n{diagram}\n"
            ),
        };
        if room.take(&text) {
            self.diagram = text;
        }
    }

    /// Lists what does not count, if there is room. Gives how many there is none for.
    pub(super) fn put_accepted(&mut self, room: &mut Room) -> usize {
        for (at, shown) in self.accepted.iter().enumerate() {
            let opening = self.opening();
            let heading = if at == 0 { "\n**Waived or known**\n\n" } else { "" };
            let text = heading.to_owned() + &self.not_counted(*shown);
            if !room.take(&(opening + &text)) {
                return self.accepted.len() - at;
            }
            self.body += &text;
        }
        0
    }

    /// What the section itself takes, until something is in it.
    fn opening(&self) -> String {
        if self.body.is_empty() { FOLD.to_owned() + &self.summary() } else { String::new() }
    }

    fn not_counted(&self, shown: FindingView<'_>) -> String {
        let how = self.report.how_accepted(shown.finding).unwrap_or_default();
        format!("{} ({})\n", item(shown, Some(shown.rule)), sentence(&how))
    }

    fn summary(&self) -> String {
        let open = Severity::ALL.into_iter().zip(open_counts(self.group.findings));
        let counts: Vec<_> = open
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        let counts = if counts.is_empty() { "nothing that counts".to_owned() } else { counts.join(", ") };
        format!("{}: {counts}", html(self.title()))
    }

    /// Writes it, if there is something to show.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.body.is_empty() {
            return Ok(());
        }
        let (summary, diagram, body) = (self.summary(), &self.diagram, &self.body);
        write!(out, "\n<details>\n<summary>{summary}</summary>\n{diagram}{body}\n</details>\n")
    }
}

/// The findings of a rule in a cluster.
fn text(block: &FindingBlock<'_>, is_first: bool) -> String {
    let rule = block.rule();
    let mut text = format!("\n**{}** {}\n\n", block.severity(), rule_link(rule));
    for shown in block.all().take(MOST_OF_RULE) {
        text += &format!("{}\n", item(*shown, None));
    }
    if block.len() > MOST_OF_RULE {
        text += &format!("- and {} more\n", block.len() - MOST_OF_RULE);
    }
    let advice = shortened(&one_line(&rule.remediation.text), MOST_ADVICE);
    let advice = if is_first { inline(&advice) } else { "As above.".to_owned() };
    let commands = commands(block);
    text += &format!("\nFix: {}\n", inline(&rule.remediation.summary));
    text += "\n<details>\n<summary>How to fix it</summary>\n\n";
    text + &format!("{advice}\n{commands}\n</details>\n")
}

/// The commands or changes that fix it, each once.
fn commands(block: &FindingBlock<'_>) -> String {
    let shown = block.all().take(MOST_OF_RULE);
    let mut told = BTreeSet::new();
    let commands = shown.copied().filter_map(fix_code).filter(|one| told.insert(one.text.clone()));
    let fits = |fix: &FixCode| fix.text.len() <= MOST_COMMAND && !fix.text.contains(FENCE);
    let (short, long): (Vec<_>, Vec<_>) = commands.partition(fits);
    let mut text = String::new();
    if let Some(FixCode { language, .. }) = short.first() {
        let short: Vec<_> = short.iter().map(|fix| fix.text.as_str()).collect();
        text += &format!("\n{}\n", fenced(language, &short.join("\n")));
    }
    if !long.is_empty() {
        text += "\nThe command is too long to be shown here: the output `text` has it.\n";
    }
    text
}

/// One finding in a list.
fn item(shown: FindingView<'_>, rule: Option<&Rule>) -> String {
    let Location { file, span, .. } = &shown.finding.primary;
    let place = match file.is_file() {
        true => format!("{} ", code(&format!("{}:{}", file.name, span.start_line))),
        false => String::new(),
    };
    let rule = rule.map(|rule| format!("{}: ", rule_link(rule))).unwrap_or_default();
    format!("- {place}{rule}{}", sentence(&shown.finding.message))
}

/// The id, linked to where the rule is explained.
fn rule_link(rule: &Rule) -> String {
    let id = code(&rule.id);
    rule.url().map_or(id.clone(), |url| format!("[{id}](<{url}>)"))
}
