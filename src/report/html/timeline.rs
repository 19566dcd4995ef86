//! The versions of a cluster on a line of time, as a small SVG: standard support, extended support, the upgrade that AWS
//! makes by itself, today, and the node groups and add-ons below.

use super::shown::ShownText;
use crate::explain::{AddonOutlook, Explanation, NodegroupOutlook, VersionOutlook, VersionOutlooks};
use crate::report::cluster_name;
use crate::snapshot::Unknown;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};

/// The width of the drawing, and where its bars begin and end.
const WIDTH: f64 = 760.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 748.0;
/// Where the first row begins, and how high rows are.
const TOP: f64 = 52.0;
const ROW: f64 = 24.0;
/// So many node groups and add-ons have rows.
const ROWS: usize = 8;
/// The longest label, in characters.
const LABEL: usize = 27;
/// How many days are shown before today and after the last date.
const BEFORE: u64 = 120;
const AFTER: u64 = 90;
/// How far it goes back where all is over.
const LOOK_BACK: u64 = 730;
/// The width of a character in the drawing's size of letters, at most.
const LETTER: f64 = 6.6;

/// The line of time of a cluster, or of all versions.
#[derive(Template)]
#[template(path = "timeline.html")]
pub(in crate::report) struct Timeline {
    id: String,
    title: ShownText<String>,
    height: f64,
    years: Vec<YearMark>,
    rows: Vec<TimeRow>,
    today: (f64, NaiveDate),
    /// The upgrade that AWS makes by itself.
    upgrade: Option<UpgradeMark>,
    /// What has no row.
    pub(in crate::report) more: usize,
}

struct YearMark {
    x: f64,
    year: i32,
}

struct UpgradeMark {
    x: f64,
    text: String,
    /// The text stands left of the mark, where there is no room on the right.
    is_left: bool,
}

/// A row: its label, and its bars.
struct TimeRow {
    y: f64,
    label: ShownText<String>,
    /// The whole label, if it was cut.
    whole: Option<ShownText<String>>,
    bars: Vec<TimeBar>,
}

/// A bar: what it stands for is in its pattern, its title and its text, not in its colour alone.
struct TimeBar {
    x: f64,
    width: f64,
    class: &'static str,
    fill: &'static str,
    stroke: &'static str,
    dash: &'static str,
    title: ShownText<String>,
    text: ShownText<String>,
}

/// What a line is about.
pub(in crate::report) struct TimelineSubject<'e> {
    name: &'e str,
    version: &'e Result<VersionOutlook, Unknown>,
    nodegroups: &'e Result<Vec<NodegroupOutlook>, Unknown>,
    addons: &'e Result<Vec<AddonOutlook>, Unknown>,
}

impl<'e> TimelineSubject<'e> {
    /// A cluster that is explained.
    pub(in crate::report) fn explained(explanation: &'e Explanation) -> Self {
        Self {
            name: cluster_name(&explanation.cluster),
            version: &explanation.version,
            nodegroups: &explanation.nodegroup_versions,
            addons: &explanation.addon_versions,
        }
    }

    /// A cluster of which the versions are known.
    pub(in crate::report) fn named(name: &'e str, outlooks: &'e VersionOutlooks) -> Self {
        let VersionOutlooks { version, nodegroups, addons } = outlooks;
        Self { name, version, nodegroups, addons }
    }
}

/// The support of a version on the calendar.
pub(in crate::report) struct Support {
    pub(in crate::report) label: String,
    pub(in crate::report) end_of_standard: NaiveDate,
    pub(in crate::report) end_of_extended: NaiveDate,
}

/// The days from the left to the right edge.
#[derive(Clone, Copy)]
struct TimeScale {
    first: NaiveDate,
    last: NaiveDate,
}

impl TimeScale {
    /// With room before and after these days; what is over for years is left of the edge.
    fn of(days: &[NaiveDate], today: NaiveDate) -> Self {
        let last = days.iter().copied().fold(today, NaiveDate::max);
        let oldest = today.checked_sub_days(Days::new(LOOK_BACK)).unwrap_or(today);
        let newest = days.iter().copied().max().unwrap_or(today).clamp(oldest, today);
        let first = newest.checked_sub_days(Days::new(BEFORE)).unwrap_or(newest);
        Self { first, last: last.checked_add_days(Days::new(AFTER)).unwrap_or(last) }
    }

    fn x(self, day: NaiveDate) -> f64 {
        let all = (self.last - self.first).num_days().max(1) as f64;
        let share = ((day - self.first).num_days() as f64 / all).clamp(0.0, 1.0);
        round(LEFT + share * (RIGHT - LEFT))
    }

    fn years(self) -> Vec<YearMark> {
        let starts =
            (self.first.year()..=self.last.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1));
        let within = starts.filter(|day| *day >= self.first && *day <= self.last);
        within.map(|day| YearMark { x: self.x(day), year: day.year() }).collect()
    }
}

fn round(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

impl Timeline {
    /// The line of a cluster; none if the dates of its version are not known.
    pub(in crate::report) fn of(of: &TimelineSubject<'_>, today: NaiveDate, id: &str) -> Option<Self> {
        let version = of.version.as_ref().ok()?;
        let support = Support {
            label: format!("control plane {}", version.value),
            end_of_standard: *version.end_of_standard_support.as_ref().ok()?,
            end_of_extended: *version.end_of_extended_support.as_ref().ok()?,
        };
        let upgrade = version.forced_upgrade_date.as_ref().ok().copied();
        let mut days = vec![support.end_of_standard, support.end_of_extended];
        days.extend(upgrade);
        let scale = TimeScale::of(&days, today);
        let mut rows = vec![support.row(scale, 0)];
        let nodegroups = of.nodegroups.iter().flatten();
        let of_nodegroups = nodegroups.map(|version| (breaks(version), node_bars(version, scale)));
        let addons = of.addons.iter().flatten();
        let of_addons = addons.map(|version| (misfits(version), addon_bars(version, scale, upgrade)));
        let mut others: Vec<_> = of_nodegroups.chain(of_addons).collect();
        // What breaks has a row first.
        others.sort_by_key(|(breaks, _)| !breaks);
        let more = others.len().saturating_sub(ROWS);
        let shown = others.into_iter().take(ROWS).enumerate();
        rows.extend(shown.map(|(at, (_, (label, bars)))| TimeRow::new(at + 1, label, bars)));
        let to = version.forced_upgrade_to.as_deref().unwrap_or("a newer version");
        let upgrade = upgrade.map(|day| UpgradeMark::new(scale, day, to));
        let title = format!("Versions of {} on a line of time", of.name);
        Some(Self { more, upgrade, ..Self::with(rows, scale, today, title, id) })
    }

    /// The line of all versions of a calendar.
    pub(in crate::report) fn of_calendar(versions: &[Support], today: NaiveDate, id: &str) -> Self {
        let days: Vec<_> = versions.iter().map(|version| version.end_of_extended).collect();
        let scale = TimeScale::of(&days, today);
        let rows = versions.iter().enumerate().map(|(at, version)| version.row(scale, at)).collect();
        Self::with(rows, scale, today, "Support of Kubernetes versions on a line of time".to_owned(), id)
    }

    fn with(rows: Vec<TimeRow>, scale: TimeScale, today: NaiveDate, title: String, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: ShownText(title),
            height: TOP + ROW * rows.len() as f64 + 6.0,
            years: scale.years(),
            rows,
            today: (scale.x(today), today),
            upgrade: None,
            more: 0,
        }
    }

    fn width(&self) -> f64 {
        WIDTH
    }
}

impl UpgradeMark {
    fn new(scale: TimeScale, day: NaiveDate, to: &str) -> Self {
        let (x, text) = (scale.x(day), format!("AWS upgrades to {to}: {day}"));
        Self { x, is_left: x + text.len() as f64 * LETTER > RIGHT, text }
    }
}

impl Support {
    fn row(&self, scale: TimeScale, at: usize) -> TimeRow {
        TimeRow::new(at, self.label.clone(), support_bars(scale, self.end_of_standard, self.end_of_extended))
    }
}

impl TimeRow {
    fn new(at: usize, label: String, bars: Vec<TimeBar>) -> Self {
        let is_long = label.chars().count() > LABEL;
        let cut = || label.chars().take(LABEL - 1).chain(['…']).collect();
        Self {
            y: TOP + ROW * at as f64,
            label: ShownText(if is_long { cut() } else { label.clone() }),
            whole: is_long.then_some(ShownText(label)),
            bars,
        }
    }
}

/// Standard support, then extended support.
fn support_bars(scale: TimeScale, standard: NaiveDate, extended: NaiveDate) -> Vec<TimeBar> {
    let standard_bar =
        TimeBar::new(scale, (scale.first, standard), STANDARD, format!("standard to {standard}"));
    let extended_bar = TimeBar::new(scale, (standard, extended), EXTENDED, format!("extended to {extended}"));
    let ended = TimeBar::new(scale, (extended, scale.last), ENDED, "no support".to_owned());
    [standard_bar, extended_bar, ended].into_iter().flatten().collect()
}

fn breaks(version: &NodegroupOutlook) -> bool {
    version.breaks == Ok(true) || version.breaks_after_forced_upgrade == Ok(true)
}

fn node_bars(version: &NodegroupOutlook, scale: TimeScale) -> (String, Vec<TimeBar>) {
    let label = format!("{} {}", version.name, version.value);
    let bars = match (&version.end_of_standard_support, &version.end_of_extended_support) {
        (Ok(standard), Ok(extended)) => support_bars(scale, *standard, *extended),
        _ => TimeBar::new(scale, (scale.first, scale.last), NOT_KNOWN, "support not known".to_owned())
            .into_iter()
            .collect(),
    };
    (label, bars)
}

fn misfits(version: &AddonOutlook) -> bool {
    version.compatible == Ok(false) || version.compatible_after_forced_upgrade == Ok(false)
}

/// Whether the build fits now, and after the upgrade.
fn addon_bars(
    version: &AddonOutlook,
    scale: TimeScale,
    upgrade: Option<NaiveDate>,
) -> (String, Vec<TimeBar>) {
    let build = version.value.as_deref().unwrap_or_default();
    let build = build.split("-eksbuild").next().unwrap_or(build);
    let words = |fits: &Result<bool, _>| match fits {
        Ok(true) => (FITS, "fits".to_owned()),
        Ok(false) => (ENDED, "does not fit".to_owned()),
        Err(_) => (NOT_KNOWN, "not known".to_owned()),
    };
    let until = upgrade.unwrap_or(scale.last);
    let (look, text) = words(&version.compatible);
    let now = TimeBar::new(scale, (scale.first, until), look, text);
    let (look, text) = words(&version.compatible_after_forced_upgrade);
    let then = TimeBar::new(scale, (until, scale.last), look, text);
    (format!("{} {build}", version.name), now.into_iter().chain(then).collect())
}

/// How a bar looks: class, fill, stroke, dashes.
type BarLook = (&'static str, &'static str, &'static str, &'static str);

const STANDARD: BarLook = ("t-standard", "#cfe8d5", "#2f6f44", "none");
const EXTENDED: BarLook = ("t-extended", "#fbe3b5", "#8a5a00", "5 2");
const ENDED: BarLook = ("t-ended", "#f8d7d7", "#a3122a", "2 2");
const FITS: BarLook = ("t-fits", "#e3e8ee", "#52606d", "none");
const NOT_KNOWN: BarLook = ("t-unknown", "#ece5f6", "#5f3a9b", "1 3");

impl TimeBar {
    /// A bar between two days; none where that is nothing.
    fn new(
        scale: TimeScale,
        (from, to): (NaiveDate, NaiveDate),
        (class, fill, stroke, dash): BarLook,
        title: String,
    ) -> Option<Self> {
        let (x, end) = (scale.x(from), scale.x(to));
        let width = round(end - x);
        let fits = title.len() as f64 * LETTER + 8.0 <= width;
        let text = ShownText(if fits { title.clone() } else { String::new() });
        (width > 0.0).then_some(Self { x, width, class, fill, stroke, dash, title: ShownText(title), text })
    }
}
