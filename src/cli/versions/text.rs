//! The calendar as a page of text: a table with a bar of the next two years, then the clusters.

use super::read::ClusterVersions;
use super::support;
use crate::cli::verbosity::Verbosity;
use crate::facts::known::Known;
use crate::facts::versions::calendar::{self, Calendar, CalendarRow, SupportStatus};
use crate::facts::versions::{AddonVersion, ByName, NodegroupVersion, RollbackState, VersionRollback};
use crate::report::palette::Urgency;
use crate::report::{printable, wrap};
use crate::text::first_names;
use anstyle::Style;
use chrono::{Datelike, Months, NaiveDate};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

const HEADING: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();
/// How many months a bar shows: one column each, the first for today.
const MONTHS: u32 = 24;
/// The width of what stands left of a bar.
const LEFT: usize = 53;
/// Names of clusters are cut to this width.
const NAME: usize = 25;
/// How many clusters are named that have a question in common.
const CLUSTERS: usize = 2;
/// How many node groups or add-ons are named.
const NAMED: usize = 5;

/// What is said of a cluster.
pub(super) struct ClusterText {
    text: String,
    name: String,
    /// Of which kind of resource it is not known whether each fits after the upgrade, and why.
    open: Vec<(&'static str, String)>,
}

/// Writes the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct VersionsText {
    pub(super) width: usize,
    pub(super) verbosity: Verbosity,
}

impl VersionsText {
    /// The page, with these texts about clusters.
    pub(super) fn page(self, clusters: &[&ClusterText], date: NaiveDate) -> String {
        let calendar = calendar::shipped();
        let mut out = format!("{HEADING}Kubernetes versions on Amazon EKS on {date}{HEADING:#}\n\n");
        out += &heading(date);
        for row in calendar.versions().iter().filter(|row| row.status(date) != SupportStatus::Unsupported) {
            out += &line(row, date);
        }
        if !self.verbosity.quiet {
            out += &format!("\n{}", notes(calendar, date, self.width));
        }
        if !clusters.is_empty() {
            out += &format!("\n{HEADING}Clusters, the next automatic upgrade first{HEADING:#}\n");
            clusters.iter().for_each(|cluster| out += &cluster.text);
        }
        if self.verbosity.quiet { out } else { out + &self.open_questions(clusters) }
    }

    /// What follows from the versions of a cluster, in sentences.
    pub(super) fn sentences(self, cluster: &ClusterVersions<'_>) -> Vec<String> {
        let version = cluster.version.as_ref();
        let forecast = match version.map(|version| &version.forecast.certain) {
            Err(why) => format!("No version on the calendar: {}.", why.reason),
            Ok(Err(why)) => format!("No forecast: {}.", why.reason),
            Ok(Ok(forecast)) => forecast.clone(),
        };
        let of_cluster = version.ok().and_then(|version| version.rollback.as_ref().ok());
        let others =
            [self.behind(&cluster.nodegroups), self.misfits(&cluster.addons), of_cluster.and_then(rollback)];
        std::iter::once(forecast).chain(others.into_iter().flatten()).collect()
    }

    /// One cluster.
    pub(super) fn cluster(self, cluster: &ClusterVersions<'_>) -> ClusterText {
        let mut out = format!("\n{}\n", headline(cluster));
        for text in self.sentences(cluster) {
            out += &wrap(&printable(&text), self.width, "    ", "    ");
            out.push('\n');
        }
        let version = cluster.version.as_ref();
        let source = version.map(|version| version.lifecycle.calendar.as_str()).ok();
        let source = source.filter(|name| *name != calendar::shipped().name);
        let source = source.map_or_else(String::new, |name| format!(", by {name}"));
        let file = wrap(&printable(&format!("{}{source}", cluster.file)), self.width, "    ", "    ");
        let open = version.into_iter().flat_map(|version| version.forecast.open());
        ClusterText {
            text: format!("{out}{LABEL}{file}{LABEL:#}\n"),
            name: name(cluster),
            open: open.map(|(thing, why)| (thing, why.reason.clone())).collect(),
        }
    }

    /// What is not known of several clusters, once for all that have the reason in common.
    fn open_questions(self, clusters: &[&ClusterText]) -> String {
        let mut questions: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for cluster in clusters {
            for (thing, why) in &cluster.open {
                questions.entry((*thing, why.as_str())).or_default().push(&cluster.name);
            }
        }
        if questions.is_empty() {
            return String::new();
        }
        let mut out = format!("\n{HEADING}Not known{HEADING:#}\n");
        for ((thing, why), names) in questions {
            let of = match names.as_slice() {
                few if self.verbosity.verbose || few.len() <= CLUSTERS => few.join(", "),
                many => format!("{} clusters", many.len()),
            };
            let text = format!("Whether each {thing} fits after the upgrade of {of}: {}.", printable(why));
            out += &format!("{}\n", wrap(&text, self.width, "  ", "  "));
        }
        out
    }

    /// The node groups whose minor version is not the control plane's.
    fn behind(self, nodegroups: &Known<ByName<'_, NodegroupVersion<'_>>>) -> Option<String> {
        let behind = |(name, version): &(&str, Known<NodegroupVersion<'_>>)| {
            let version = version.as_ref().ok()?;
            let minors = version.skew.minors_behind.as_ref().ok().copied().filter(|minors| *minors != 0)?;
            let breaks = if version.skew.breaks == Ok(true) { ", outside the version skew" } else { "" };
            Some(format!("{name} {} ({}{breaks})", version.lifecycle.value, distance(minors)))
        };
        self.listed(
            "Node groups on another version",
            nodegroups.as_ref().ok()?.iter().filter_map(behind).collect(),
        )
    }

    /// The add-ons that do not fit the version as it is.
    fn misfits(self, addons: &Known<ByName<'_, AddonVersion<'_>>>) -> Option<String> {
        let misfit = |(name, version): &(&str, Known<AddonVersion<'_>>)| {
            let version = version.as_ref().ok().filter(|version| version.compatible == Ok(false))?;
            Some(format!("{name} {}", version.value.as_ref().copied().unwrap_or_default()))
        };
        let misfits = addons.as_ref().ok()?.iter().filter_map(misfit).collect();
        self.listed("Add-ons that do not fit the present version", misfits)
    }

    fn listed(self, label: &str, names: Vec<String>) -> Option<String> {
        let shown = if self.verbosity.verbose { names.len() } else { NAMED };
        (!names.is_empty()).then(|| format!("{label}: {}.", first_names(&names, shown)))
    }
}

/// The heads of the columns, with the months at which the two years of the bars begin.
fn heading(date: NaiveDate) -> String {
    let month = |months| first_of(date, months).format("%Y-%m").to_string();
    let scale = format!("{:12}{}", month(0), month(12));
    let left = format!("  {:7}  {:11}  {:11}  {:14}", "version", "standard to", "extended to", "today");
    format!("{LABEL}{left:LEFT$}{scale}{LABEL:#}\n")
}

/// One version.
fn line(row: &CalendarRow, date: NaiveDate) -> String {
    let days = |end: NaiveDate| Some((end - date).num_days());
    let status = row.status(date);
    let today = support(Some(status), days(row.end_of_standard_support), days(row.end_of_extended_support));
    let (standard, extended) =
        (row.end_of_standard_support.to_string(), row.end_of_extended_support.to_string());
    let mark = if row.provisional { "*" } else { "" };
    let bar = |style| bar(date, style, |day| row.status(day), None);
    // Where extended support ends, AWS upgrades every cluster.
    let upgrade = (status == SupportStatus::Extended).then(|| days(row.end_of_extended_support)).flatten();
    let style = Urgency::of_support(Some(status), upgrade, days(row.end_of_standard_support)).style();
    let version = format!("{}{mark}", row.version);
    format!("  {version:7}  {standard:11}  {extended:11}  {style}{today:14}{style:#}  {}\n", bar(style))
}

/// The months to come: a column each. Signs tell the kinds of support apart, the colour says how urgent it is.
fn bar(
    date: NaiveDate,
    style: Style,
    status: impl Fn(NaiveDate) -> SupportStatus,
    ends: Option<NaiveDate>,
) -> String {
    let mut bar = String::new();
    let mut last = Style::new();
    for month in 0..MONTHS {
        let day = if month == 0 { date } else { first_of(date, month) };
        let ended = ends.filter(|end| *end < first_of(date, month + 1));
        let (cell, own) = match (ended, status(day)) {
            (Some(_), _) => ('▸', style.bold()),
            (None, SupportStatus::Standard) => ('█', style),
            (None, SupportStatus::Extended) => ('▒', style),
            (None, _) => ('·', LABEL),
        };
        if own != last {
            bar += &format!("{last:#}{own}");
            last = own;
        }
        bar.push(cell);
        if ended.is_some() {
            break;
        }
    }
    format!("{bar}{last:#}")
}

/// The first day of the month so many months later.
fn first_of(date: NaiveDate, months: u32) -> NaiveDate {
    let first = date.with_day(1).unwrap_or(date);
    first.checked_add_months(Months::new(months)).unwrap_or(first)
}

/// What the signs mean, which versions are left out, and where it all comes from.
fn notes(calendar: &Calendar, date: NaiveDate, width: usize) -> String {
    let price = &calendar.price;
    let more = price.extended_support_hour - price.cluster_hour;
    let month = price.surcharge_per_month();
    let mut lines = vec![format!(
        "█ standard support, ▒ extended support (USD {more:.2} more a cluster hour, USD {month} a month, not in China), ▸ AWS upgrades by itself. \
         A date is the first day, UTC, on which that support is over."
    )];
    if calendar.versions().iter().any(|row| row.provisional && row.status(date) != SupportStatus::Unsupported)
    {
        lines.push("* AWS has not confirmed every date.".to_owned());
    }
    let gone: Vec<_> =
        calendar.versions().iter().filter(|row| row.status(date) == SupportStatus::Unsupported).collect();
    if let ([newest, ..], Some(oldest)) = (gone.as_slice(), gone.last()) {
        lines.push(format!("Out of support: {} to {}, and all before.", newest.version, oldest.version));
    }
    lines.push(format!("Dates: {}, after {}.", calendar.name, calendar.source));
    lines.push(format!("Prices: {}, as of {}.", price.source, price.updated));
    lines.iter().map(|line| format!("{LABEL}{}{LABEL:#}\n", wrap(line, width, "", ""))).collect()
}

fn name(cluster: &ClusterVersions<'_>) -> String {
    printable(cluster.identity.name.as_deref().unwrap_or("(no name)"))
}

/// Name, version, which support it has today, and its bar.
fn headline(cluster: &ClusterVersions<'_>) -> String {
    let version = cluster.version.as_ref().ok();
    let life = version.map(|version| &version.lifecycle);
    let status = life.and_then(|life| life.status.as_ref().ok()).copied();
    let dates = life.and_then(|life| life.support.as_ref().ok());
    let days = |end| cluster.as_of.days_until(end);
    let today = support(
        status,
        dates.map(|dates| days(dates.end_of_standard)),
        dates.map(|dates| days(dates.end_of_extended)),
    );
    let name = cut(&name(cluster), NAME);
    let gap = " ".repeat(NAME.saturating_sub(name.width()));
    let value = cut(&printable(life.map_or("?", |life| life.value)), 6);
    let upgrade =
        version.and_then(|version| version.forecast.upgrade.as_ref().ok()).map(|upgrade| upgrade.date);
    let standard = dates.map(|dates| days(dates.end_of_standard));
    let style = Urgency::of_support(status, upgrade.map(days), standard).style();
    let left = format!("{name}{HEADING:#}{gap}  {value:6}  {style}{today:14}{style:#}  ");
    let bar = dates.map_or_else(String::new, |dates| {
        let status = |day| SupportStatus::between(dates.end_of_standard, dates.end_of_extended, day);
        bar(cluster.as_of.date, style, status, upgrade)
    });
    format!("  {HEADING}{left}{bar}").trim_end().to_owned()
}

fn distance(minors: i64) -> String {
    let (number, way) = (minors.abs(), if minors > 0 { "behind" } else { "ahead" });
    format!("{number} {way}")
}

/// The rollback that is still open, and what must be done before it.
fn rollback(rollback: &VersionRollback<'_>) -> Option<String> {
    let (RollbackState::Open(obstacles), Some(upgrade)) = (&rollback.state, &rollback.upgrade) else {
        return None;
    };
    let before = match obstacles.as_deref() {
        Err(why) => format!("; what prevents it is not known: {}", why.reason),
        Ok([]) => String::new(),
        Ok(some) => {
            let todo: Vec<_> = some.iter().map(|obstacle| obstacle.todo.as_str()).collect();
            format!("; first {}", first_names(&todo, NAMED))
        }
    };
    Some(format!("Its upgrade can be rolled back to {} until {}{before}.", upgrade.to, upgrade.until()))
}

/// Text of at most that width; what is cut ends in an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if kept.width() >= width {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}
