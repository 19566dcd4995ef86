//! `ekslint config show`: what holds, and where each value comes from.

use super::print;
use super::view::{ClusterView, ListView, Named, RuleView, UnsetView, View, Viewer, WaiverView};
use crate::cli::configuration::ConfigOptions;
use crate::cli::judging::today;
use crate::cli::verbosity::Verbosity;
use crate::cli::{EXIT_ERROR, described, output, rules_from};
use crate::facts::AsOf;
use crate::policy::{CommandLine, Config, Plan};
use crate::report::{printable, rule_page, wrap};
use anstyle::Style;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

const HEADING: Style = Style::new().bold();
const FROM: Style = Style::new().dimmed();
/// The column that values start in, and the one that origins start in unless a value is longer.
const VALUE: usize = 20;
const ORIGIN: usize = 60;
/// The width of a page where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 80;

/// `ekslint config show`
#[derive(Debug, Args)]
#[command(
    mut_arg("verbose", |arg| described(arg, "Print more: the same as --all")),
    after_help = EXAMPLES
)]
pub(crate) struct ShowConfig {
    #[command(flatten)]
    config: ConfigOptions,
    /// How to show it
    #[arg(long, short, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    format: ConfigFormat,
    /// Show all rules and settings, also those that are as the rule says
    #[arg(long)]
    all: bool,
    /// The day to take as today, for waivers that expire [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    as_of: Option<AsOf>,
    #[command(flatten)]
    verbosity: Verbosity,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ConfigFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

const EXAMPLES: &str = "\
Examples:
  ekslint config show
  ekslint config show --config team/ekslint.toml --all
  ekslint config show --format json";

impl ShowConfig {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.config.load()?;
        let directories = config.rules_dirs.as_ref().map(|dirs| dirs.value.clone()).unwrap_or_default();
        let mut loaded = rules_from(&directories, false, false);
        loaded.notices.extend(loaded.set.alias_notes(config.rule_patterns()));
        crate::cli::rules::tell(&loaded, self.verbosity);
        // Of a rule that did not load, nothing can be said.
        if loaded.errors.is_empty() {
            config.check(&loaded.set)?;
        }
        self.show(&config, &loaded.set)?;
        Ok(if loaded.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
    }

    fn show(&self, config: &Config, set: &crate::rule::RuleSet) -> anyhow::Result<()> {
        let command = CommandLine::default();
        let plan = Plan::new(set, config, &command)?;
        let as_of = self.as_of.unwrap_or_else(today).date;
        let view = Viewer { config, set, plan: &plan, as_of, all: self.all || self.verbosity.verbose }.view();
        print(&match self.format {
            ConfigFormat::Text => text(&view, output::width_or(DEFAULT_WIDTH)),
            ConfigFormat::Json => rule_page::json(&view)?,
        })?;
        Ok(())
    }
}

fn text(view: &View<'_>, width: usize) -> String {
    let mut page = ConfigText(String::new());
    page.0 = match &view.file {
        Some(file) => format!("{HEADING}{}{HEADING:#}\n", printable(file)),
        None => "No ekslint.toml here or in a folder above; `ekslint config init` writes one.\n".to_owned(),
    };
    page.heading("Settings", true);
    view.settings.iter().for_each(|setting| page.named(2, setting));
    page.heading("Lists of the organization", !view.organization.is_empty());
    view.organization.iter().for_each(|list| page.list(2, list));
    page.heading(&format!("Rules ({} of {})", view.rules.len(), view.known_rules), !view.rules.is_empty());
    view.rules.iter().for_each(|rule| page.rule(2, rule));
    let unset = &view.without_value;
    page.heading(&format!("Off until a parameter has a value ({})", unset.len()), !unset.is_empty());
    unset.iter().for_each(|unset| page.unset(unset, width));
    page.heading("Clusters", !view.clusters.is_empty());
    view.clusters.iter().for_each(|cluster| page.cluster(cluster));
    page.heading("Waivers", !view.waivers.is_empty());
    view.waivers.iter().for_each(|waiver| page.waiver(waiver));
    page.0
}

/// The text of a page.
struct ConfigText(String);

impl ConfigText {
    fn heading(&mut self, heading: &str, wanted: bool) {
        if wanted {
            self.0.push_str(&format!("\n{HEADING}{heading}{HEADING:#}\n"));
        }
    }

    /// A name, its value and where it comes from, in columns.
    fn row(&mut self, indent: usize, name: &str, value: &str, from: &str) {
        let mut line = format!("{}{}", " ".repeat(indent), printable(name));
        for (column, text) in [(VALUE, value), (ORIGIN, from)] {
            if text.is_empty() {
                continue;
            }
            let gap = column.saturating_sub(line.width()).max(2);
            line += &" ".repeat(gap);
            line += &printable(text);
        }
        // The origin is what stands last, and the only part with a style.
        let from = printable(from);
        match line.strip_suffix(from.as_str()).filter(|_| !from.is_empty()) {
            Some(start) => self.0.push_str(&format!("{start}{FROM}{from}{FROM:#}\n")),
            None => self.0.push_str(&format!("{line}\n")),
        }
    }

    fn named(&mut self, indent: usize, named: &Named<'_>) {
        let value = named.value.as_ref().map_or("-".to_owned(), in_words);
        self.row(indent, named.name, &value, &named.from);
    }

    fn list(&mut self, indent: usize, list: &ListView<'_>) {
        self.row(indent, list.name, &or_none(&list.value.join(", ")), &list.from);
        self.row(indent + 2, "feeds", &list.feeds.join(", "), "");
    }

    fn rule(&mut self, indent: usize, rule: &RuleView<'_>) {
        self.row(indent, rule.id, "", "");
        let settings = rule.enabled.iter().chain(&rule.severity).chain(&rule.params);
        settings.for_each(|setting| self.named(indent + 2, setting));
    }

    /// A parameter without a value: what it means, and what to write.
    fn unset(&mut self, unset: &UnsetView<'_>, width: usize) {
        let set_at = unset.set_at.join(", ");
        let some = if set_at.is_empty() { String::new() } else { format!("set for some clusters: {set_at}") };
        self.row(2, &format!("{}.{}", unset.rule, unset.param), "", &some);
        if let Some(text) = unset.description {
            self.0.push_str(&format!("{}\n", wrap(&printable(text), width, "    ", "    ")));
        }
        self.0.push_str(&printable(&format!("    [{}] {}", unset.table, unset.setting)));
        self.0.push('\n');
    }

    fn cluster(&mut self, cluster: &ClusterView<'_>) {
        let clusters = cluster.clusters.iter().map(|(kind, globs)| format!("{kind} {}", globs.join(", ")));
        self.row(2, &clusters.collect::<Vec<_>>().join("; "), "", &cluster.from);
        cluster.organization.iter().for_each(|list| self.list(4, list));
        cluster.rules.iter().for_each(|rule| self.rule(4, rule));
    }

    fn waiver(&mut self, waiver: &WaiverView<'_>) {
        self.row(2, &waiver.rules.join(", "), "", &waiver.from);
        for (kind, globs) in &waiver.clusters {
            self.row(4, &format!("cluster {kind}"), &globs.join(", "), "");
        }
        self.row_if("resource", Some(waiver.resources.join(", ")).filter(|text| !text.is_empty()));
        self.row(4, "reason", waiver.reason.filter(|text| !text.trim().is_empty()).unwrap_or("none"), "");
        self.row_if("owner", waiver.owner.map(str::to_owned));
        self.row_if("approved-by", waiver.approved_by.map(str::to_owned));
        self.row_if("ticket", waiver.ticket.map(str::to_owned));
        if let Some(day) = waiver.expires {
            self.row(4, "expires", &day.to_string(), if waiver.expired { "expired" } else { "" });
        }
    }

    fn row_if(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.row(4, name, &value, "");
        }
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => or_none(&items.iter().map(in_words).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none".to_owned() } else { text.to_owned() }
}
