//! Frameworks for readers: the list of them, and the controls of one with the rules that judge them.

use super::fit::left;
use super::json::framework::{JsonControl, JsonFramework};
use super::totals::plural;
use super::{Style, beside_or_below, json_text, printable, wrap};
use crate::rule::framework::{BilingualText, Control, ControlKind, Framework, FrameworkSet};
use crate::rule::{Rule, RuleSet};
use anstyle::Effects;
use serde::Serialize;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// How frameworks are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FrameworkFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The width of the column for how much rules judge.
const KIND: usize = 11;

/// Writes the list of all frameworks.
///
/// # Errors
///
/// The output cannot be written to.
pub fn write_list(
    set: &FrameworkSet,
    rules: &RuleSet,
    format: FrameworkFormat,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if format == FrameworkFormat::Json {
        let all: Vec<_> = set.frameworks.iter().map(|one| JsonFrameworkPage::of(one, rules, false)).collect();
        return json_text::write(&serde_json::json!({ "frameworks": all }), out);
    }
    let width = set.frameworks.iter().map(|framework| framework.id.width()).max().unwrap_or_default();
    for framework in &set.frameworks {
        let id = format!("{}  ", left(&framework.id, width));
        let text = format!("{}: {}", printable(&framework.title.en), counted(framework, rules));
        write!(out, "{}", beside_or_below(&id, width, &text, style.width, 2))?;
    }
    if !style.quiet {
        let more = "`ekslint frameworks ID` shows the controls of one, `ekslint report --framework ID` what becomes of them.";
        writeln!(out, "\n{}", wrap(more, style.width, "", ""))?;
    }
    Ok(())
}

/// Writes the controls of a framework.
///
/// # Errors
///
/// The output cannot be written to.
pub fn write_framework(
    framework: &Framework,
    rules: &RuleSet,
    format: FrameworkFormat,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if format == FrameworkFormat::Json {
        return json_text::write(&JsonFrameworkPage::of(framework, rules, true), out);
    }
    let bold = style.paint(Effects::BOLD, None);
    writeln!(out, "{bold}{}{bold:#} ({})", printable(&framework.title.en), printable(&framework.id))?;
    let counts = counted(framework, rules);
    writeln!(out, "{}", wrap(&format!("{counts}."), style.width, "  ", "  "))?;
    if let Some(scope) = &framework.scope {
        writeln!(out, "{}", wrap(&printable(&scope.en), style.width, "  ", "  "))?;
    }
    writeln!(out, "  {}\n", printable(&framework.source))?;
    let width = framework.controls.iter().map(|control| control.id.width()).max().unwrap_or_default();
    for control in &framework.controls {
        write_control(framework, control, rules, (width, style), out)?;
    }
    Ok(())
}

fn write_control(
    framework: &Framework,
    control: &Control,
    rules: &RuleSet,
    (width, style): (usize, Style),
    out: &mut dyn Write,
) -> io::Result<()> {
    let judges = framework.rules_of(control, rules);
    let row = format!("  {}  {}", left(&printable(&control.id), width), left(judged(control, &judges), KIND));
    let indent = width + 4;
    let title = titles(framework, &control.title);
    write!(out, "{}", beside_or_below(&row, row.width(), &title, style.width, indent))?;
    let hang = " ".repeat(if style.width < 80 { indent } else { row.width() + 2 });
    let dim = style.paint(Effects::DIMMED, None);
    if !judges.is_empty() {
        let names: Vec<_> = judges.iter().map(|rule| rule.id.as_str()).collect();
        writeln!(out, "{dim}{}{dim:#}", wrap(&names.join(", "), style.width, &hang, &hang))?;
    }
    let notes = [&control.not_yet, &control.why].into_iter().flatten().filter(|_| style.verbose);
    for note in notes {
        writeln!(out, "{dim}{}{dim:#}", wrap(&printable(&note.en), style.width, &hang, &hang))?;
    }
    Ok(())
}

/// A title in the languages in which a framework is shown.
pub(super) fn titles(framework: &Framework, title: &BilingualText) -> String {
    match title.ko.as_ref().filter(|_| framework.is_korean()) {
        Some(korean) => printable(&format!("{korean} / {}", title.en)),
        None => printable(&title.en),
    }
}

/// How much of a control rules judge, in a word.
fn judged(control: &Control, rules: &[&Rule]) -> &'static str {
    match (control.kind, rules.is_empty()) {
        (ControlKind::Manual, _) => "manual",
        (_, true) => "no rule yet",
        (ControlKind::Automated, _) => "automated",
        (ControlKind::Partly, _) => "partly",
    }
}

/// `47 controls: 12 automated, 6 partly, 21 without a rule yet, 8 manual`
fn counted(framework: &Framework, rules: &RuleSet) -> String {
    let words: Vec<_> = framework
        .controls
        .iter()
        .map(|control| judged(control, &framework.rules_of(control, rules)))
        .collect();
    let count = |word: &str, text: &str| {
        let count = words.iter().filter(|other| **other == word).count();
        (count > 0).then(|| format!("{count} {text}"))
    };
    let parts = [
        count("automated", "automated"),
        count("partly", "partly"),
        count("no rule yet", "without a rule yet"),
        count("manual", "manual"),
    ];
    let of = framework
        .total
        .filter(|total| *total != words.len())
        .map_or_else(String::new, |total| format!(" of {total}"));
    let controls = format!("{}{of} controls", words.len());
    let controls = if words.len() == 1 && of.is_empty() { plural(1, "control") } else { controls };
    format!("{controls}: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonFrameworkPage<'a> {
    #[serde(flatten)]
    framework: JsonFramework<'a>,
    file: &'a str,
    built_in: bool,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    controls: Option<Vec<JsonControl<'a>>>,
}

impl<'a> JsonFrameworkPage<'a> {
    fn of(framework: &'a Framework, rules: &'a RuleSet, controls: bool) -> Self {
        let control =
            |control: &'a Control| JsonControl::of(control, framework.rules_of(control, rules).into_iter());
        Self {
            framework: JsonFramework::of(framework),
            file: &framework.file,
            built_in: framework.built_in,
            count: framework.controls.len(),
            controls: controls.then(|| framework.controls.iter().map(control).collect()),
        }
    }
}
