//! The calendar as a page of text: a table with a bar of the next two years, then the clusters.

use super::read::Place;
use super::standing;
use crate::facts::calendar::{self, Calendar, Status, Version};
use crate::report::{printable, wrap};
use anstyle::{AnsiColor, Style};
use chrono::{Datelike, Months, NaiveDate};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const HEADING: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();
/// How many months a bar shows: one column each, the first for today.
const MONTHS: u32 = 24;
/// The width of what stands left of a bar.
const LEFT: usize = 53;
/// Names of clusters are cut to this width.
const NAME: usize = 25;
/// How many node groups or add-ons are named.
const NAMED: usize = 5;

/// The page.
pub(super) fn page(places: &[Place], date: NaiveDate, width: usize) -> String {
    let calendar = calendar::shipped();
    let mut out = format!("{HEADING}Kubernetes versions on Amazon EKS on {date}{HEADING:#}\n\n");
    out += &heading(date);
    for row in calendar.versions().iter().filter(|row| row.status(date) != Status::Unsupported) {
        out += &line(row, date);
    }
    out += &format!("\n{}", notes(calendar, date, width));
    if !places.is_empty() {
        out += &format!("\n{HEADING}Clusters, the next automatic upgrade first{HEADING:#}\n");
        places.iter().for_each(|place| out += &cluster(place, date, width));
    }
    out
}

/// The heads of the columns, with the months at which the two years of the bars begin.
fn heading(date: NaiveDate) -> String {
    let month = |months| first_of(date, months).format("%Y-%m").to_string();
    let scale = format!("{:12}{}", month(0), month(12));
    let left = format!("  {:7}  {:11}  {:11}  {:14}", "version", "standard to", "extended to", "today");
    format!("{LABEL}{left:LEFT$}{scale}{LABEL:#}\n")
}

/// One version.
fn line(row: &Version, date: NaiveDate) -> String {
    let days = |end: NaiveDate| Some((end - date).num_days());
    let status = row.status(date);
    let today = standing(Some(status), days(row.end_of_standard_support), days(row.end_of_extended_support));
    let (standard, extended) =
        (row.end_of_standard_support.to_string(), row.end_of_extended_support.to_string());
    let mark = if row.provisional { "*" } else { "" };
    let bar = bar(date, |day| row.status(day), None);
    let (version, style) = (format!("{}{mark}", row.version), style(Some(status)));
    format!("  {version:7}  {standard:11}  {extended:11}  {style}{today:14}{style:#}  {bar}\n")
}

/// The months to come: a column each.
fn bar(date: NaiveDate, status: impl Fn(NaiveDate) -> Status, ends: Option<NaiveDate>) -> String {
    let mut bar = String::new();
    let mut last = Style::new();
    for month in 0..MONTHS {
        let day = if month == 0 { date } else { first_of(date, month) };
        let ended = ends.filter(|end| *end < first_of(date, month + 1));
        let (cell, own) = match (ended, status(day)) {
            (Some(_), _) => ('▸', Style::new().bold()),
            (None, Status::Standard) => ('█', style(Some(Status::Standard))),
            (None, Status::Extended) => ('▒', style(Some(Status::Extended))),
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

fn style(status: Option<Status>) -> Style {
    let color = match status {
        Some(Status::Standard) => AnsiColor::Green,
        Some(Status::Extended) => AnsiColor::Yellow,
        Some(Status::Unsupported) => AnsiColor::BrightRed,
        Some(Status::NotYetKnown) | None => return Style::new(),
    };
    Style::new().fg_color(Some(color.into()))
}

/// What the signs mean, which versions are left out, and where it all comes from.
fn notes(calendar: &Calendar, date: NaiveDate, width: usize) -> String {
    let price = &calendar.price;
    let more = price.extended_support_hour - price.cluster_hour;
    let month = price.surcharge_per_month();
    let mut lines = vec![format!(
        "█ standard support, ▒ extended support (USD {more:.2} more a cluster hour, USD {month} a month), ▸ AWS upgrades by itself. \
         A date is the first day, UTC, on which that support is over."
    )];
    if calendar.versions().iter().any(|row| row.provisional && row.status(date) != Status::Unsupported) {
        lines.push("* AWS has not confirmed every date.".to_owned());
    }
    let gone: Vec<_> =
        calendar.versions().iter().filter(|row| row.status(date) == Status::Unsupported).collect();
    if let ([newest, ..], Some(oldest)) = (gone.as_slice(), gone.last()) {
        lines.push(format!("Out of support: {} to {}, and all before.", newest.version, oldest.version));
    }
    lines.push(format!("Dates: {}, after {}.", calendar.name, calendar.source));
    lines.push(format!("Prices: {}, as of {}.", price.source, price.updated));
    lines.iter().map(|line| format!("{LABEL}{}{LABEL:#}\n", wrap(line, width, "", ""))).collect()
}

/// One cluster.
fn cluster(place: &Place, date: NaiveDate, width: usize) -> String {
    let facts = &place.version;
    let mut out = format!("\n{}\n", headline(place, date));
    let mut tell = |text: &str| {
        out += &wrap(&printable(text), width, "    ", "    ");
        out.push('\n');
    };
    match (known(facts), known(&facts["forecast"])) {
        (Err(why), _) => tell(&format!("No version on the calendar: {why}.")),
        (_, Err(why)) => tell(&format!("No forecast: {why}.")),
        (_, Ok(forecast)) => tell(forecast.as_str().unwrap_or_default()),
    }
    behind(&place.nodegroups).iter().for_each(|text| tell(text));
    misfits(place).iter().for_each(|text| tell(text));
    rollback(&facts["rollback"]).iter().for_each(|text| tell(text));
    let source = facts["calendar"].as_str().filter(|name| *name != calendar::shipped().name);
    let source = source.map_or_else(String::new, |name| format!(", by {name}"));
    let file = wrap(&printable(&format!("{}{source}", place.file)), width, "    ", "    ");
    format!("{out}{LABEL}{file}{LABEL:#}\n")
}

/// Name, version, where it stands today, and its bar.
fn headline(place: &Place, date: NaiveDate) -> String {
    let facts = &place.version;
    let status = facts["status"].as_str().and_then(Status::from_word);
    let days = |field: &str| facts[field].as_i64();
    let today = standing(status, days("daysToEndOfStandardSupport"), days("daysToEndOfExtendedSupport"));
    let name = cut(&printable(place.name.as_deref().unwrap_or("(no name)")), NAME);
    let gap = " ".repeat(NAME.saturating_sub(name.width()));
    let version = cut(&printable(facts["value"].as_str().unwrap_or("?")), 6);
    let style = style(status);
    let left = format!("{name}{HEADING:#}{gap}  {version:6}  {style}{today:14}{style:#}  ");
    let end = |field: &str| facts[field].as_str().and_then(|date| date.parse::<NaiveDate>().ok());
    let bar = match (end("endOfStandardSupport"), end("endOfExtendedSupport")) {
        (Some(standard), Some(extended)) => {
            let status = |day| Status::between(standard, extended, day);
            bar(date, status, end("forcedUpgradeDate"))
        }
        _ => String::new(),
    };
    format!("  {HEADING}{left}{bar}").trim_end().to_owned()
}

/// A fact, or why it is not known.
fn known(fact: &Value) -> Result<&Value, &str> {
    match fact["unknown"].as_str() {
        Some(why) => Err(why),
        None => Ok(fact),
    }
}

/// The node groups that lie behind the control plane.
fn behind(nodegroups: &Value) -> Option<String> {
    let groups = known(nodegroups).ok()?.as_object()?;
    let behind = groups.iter().filter_map(|(name, facts)| {
        let minors = facts["minorsBehind"].as_i64().filter(|minors| *minors != 0)?;
        let breaks = if facts["breaksSkew"] == Value::Bool(true) { ", outside the version skew" } else { "" };
        Some(format!("{name} {} ({}{breaks})", facts["value"].as_str()?, distance(minors)))
    });
    listed("Node groups on another version", behind.collect())
}

fn distance(minors: i64) -> String {
    let (number, way) = (minors.abs(), if minors > 0 { "behind" } else { "ahead" });
    format!("{number} {way}")
}

/// The add-ons that do not fit the version as it is.
fn misfits(place: &Place) -> Option<String> {
    let addons = known(&place.addons).ok()?.as_object()?;
    let misfit = |(name, facts): (&String, &Value)| {
        (facts["compatible"] == Value::Bool(false))
            .then(|| format!("{name} {}", facts["value"].as_str().unwrap_or_default()))
    };
    listed("Add-ons that do not fit the present version", addons.iter().filter_map(misfit).collect())
}

fn listed(label: &str, names: Vec<String>) -> Option<String> {
    let shown = names.len().min(NAMED);
    let more = if names.len() > shown { format!(" and {} more", names.len() - shown) } else { String::new() };
    (shown > 0).then(|| format!("{label}: {}{more}.", names[..shown].join(", ")))
}

/// The rollback that is still open, and what is to be done before it.
fn rollback(facts: &Value) -> Option<String> {
    let open = facts["isOpen"] == Value::Bool(true);
    let (to, until) = (facts["to"].as_str()?, facts["until"].as_str()?);
    let obstacles = facts["obstacles"].as_array().map(Vec::as_slice).unwrap_or_default();
    let each = |obstacle: &Value| obstacle["todo"].as_str().unwrap_or_default().to_owned();
    let before = match (known(&facts["obstacles"]), obstacles) {
        (Err(why), _) => format!("; what stands in the way is not known: {why}"),
        (Ok(_), []) => String::new(),
        (Ok(_), some) => {
            let more =
                if some.len() > NAMED { format!(" and {} more", some.len() - NAMED) } else { String::new() };
            format!("; first {}{more}", some.iter().take(NAMED).map(each).collect::<Vec<_>>().join(", "))
        }
    };
    open.then(|| format!("Its upgrade can be rolled back to {to} until {until}{before}."))
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
