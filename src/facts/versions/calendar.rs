//! The calendar of Kubernetes versions on EKS: which is supported until when.

use crate::facts::time;
use crate::snapshot::{ClusterType, Snapshot};
use crate::value::Json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// One version's dates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CalendarRow {
    /// `1.30`
    pub version: String,
    /// The day it became available on EKS.
    #[serde(alias = "released")]
    pub release_date: Option<NaiveDate>,
    /// The first day of extended support.
    pub end_of_standard_support: NaiveDate,
    /// The first day without support.
    pub end_of_extended_support: NaiveDate,
    /// Whether AWS has yet to confirm one of the dates.
    #[serde(default)]
    pub provisional: bool,
    /// Where the dates were read, in words.
    #[serde(default)]
    pub source: Option<String>,
    /// Whether the snapshot itself gives the dates.
    #[serde(skip)]
    pub from_snapshot: bool,
}

/// All versions, newest first, and where their dates come from.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// In words: "ekslint's version calendar of 2026-11-21".
    pub name: String,
    /// The day on which the shipped table was last compared with AWS.
    pub updated: NaiveDate,
    /// The page of AWS that the shipped table follows.
    pub source: String,
    /// What extended support costs.
    pub price: Price,
    versions: Vec<CalendarRow>,
}

/// What a cluster costs, in US dollars: <https://aws.amazon.com/eks/pricing/>.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// The day as of which it is known.
    pub updated: NaiveDate,
    /// The page of AWS that says so.
    pub source: String,
    /// An hour in standard support.
    pub cluster_hour: f64,
    /// An hour in extended support, all together.
    pub extended_support_hour: f64,
    /// How many hours count as a month.
    pub hours_per_month: f64,
}

impl Price {
    /// What extended support adds in a month, in whole cents.
    pub fn surcharge_per_month(&self) -> f64 {
        let cents = (self.extended_support_hour - self.cluster_hour) * self.hours_per_month * 100.0;
        cents.round() / 100.0
    }
}

/// Where a version stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupportStatus {
    /// In standard support.
    Standard,
    /// In extended support, which costs extra.
    Extended,
    /// Out of support.
    Unsupported,
    /// Newer than the calendar.
    NotYetKnown,
}

impl SupportStatus {
    /// The word that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Extended => "extended",
            Self::Unsupported => "unsupported",
            Self::NotYetKnown => "not-yet-known",
        }
    }

    /// The status on a day of a version whose support ends on these days.
    pub fn between(end_of_standard: NaiveDate, end_of_extended: NaiveDate, date: NaiveDate) -> Self {
        if date < end_of_standard {
            Self::Standard
        } else if date < end_of_extended {
            Self::Extended
        } else {
            Self::Unsupported
        }
    }
}

#[derive(Deserialize)]
struct CalendarFile {
    updated: NaiveDate,
    source: String,
    price: Price,
    versions: Vec<CalendarRow>,
}

static SHIPPED: LazyLock<Calendar> = LazyLock::new(|| {
    let text = include_str!("../../../rules/data/kubernetes-versions.yaml");
    let CalendarFile { updated, source, price, versions } =
        serde_saphyr::from_str(text).expect("an embedded file is valid");
    let name = format!("ekslint's version calendar of {updated}");
    Calendar { name, updated, source, price, versions }
});

/// The calendar that ekslint ships.
pub fn shipped() -> &'static Calendar {
    &SHIPPED
}

/// The name of a calendar that comes with a snapshot.
const OF_THE_SNAPSHOT: &str = "the snapshot's clusterVersions";

impl Calendar {
    /// The calendar for a snapshot: what its own `clusterVersions` says of a version wins over the
    /// shipped row.
    pub fn of_snapshot(snapshot: &Snapshot<'_>) -> Cow<'static, Self> {
        let items = snapshot.part_named("clusterVersions").map(|part| part.items()).unwrap_or_default();
        let rows: Vec<_> = items.iter().filter_map(|item| row(item, snapshot.kind)).collect();
        if rows.is_empty() {
            return Cow::Borrowed(shipped());
        }
        let mut calendar = shipped().clone();
        calendar.versions.extend(rows);
        let rank = |row: &CalendarRow| (Reverse(minor(&row.version)), Reverse(row.from_snapshot));
        calendar.versions.sort_by_cached_key(rank);
        calendar.versions.dedup_by(|later, kept| later.version == kept.version);
        Cow::Owned(calendar)
    }

    /// Every version, newest first.
    pub fn versions(&self) -> &[CalendarRow] {
        &self.versions
    }

    /// Where a version's dates come from, in words.
    pub fn name_for(&self, version: &str) -> &str {
        match self.get(version) {
            Some(row) if row.from_snapshot => OF_THE_SNAPSHOT,
            _ => &self.name,
        }
    }

    /// The row of a version; a patch does not matter.
    pub fn get(&self, version: &str) -> Option<&CalendarRow> {
        let sought = minor(version)?;
        let newer = |row: &CalendarRow| minor(&row.version).is_some_and(|minor| minor > sought);
        let row = self.versions.get(self.versions.partition_point(newer))?;
        (minor(&row.version) == Some(sought)).then_some(row)
    }

    /// Where a version stands. `None` for text that is no version, and for a gap in the calendar.
    pub fn status(&self, version: &str, date: NaiveDate) -> Option<SupportStatus> {
        if let Some(row) = self.get(version) {
            return Some(row.status(date));
        }
        let minor = minor(version)?;
        let at = |row: Option<&CalendarRow>| row.and_then(|row| self::minor(&row.version));
        if at(self.versions.last()).is_some_and(|oldest| minor < oldest) {
            Some(SupportStatus::Unsupported)
        } else if at(self.versions.first()).is_some_and(|newest| minor > newest) {
            Some(SupportStatus::NotYetKnown)
        } else {
            None
        }
    }

    /// The oldest version that still has support on a day.
    pub fn oldest_supported(&self, date: NaiveDate) -> Option<&str> {
        let supported = self.versions.iter().filter(|row| {
            row.status(date) != SupportStatus::Unsupported
                && row.release_date.is_none_or(|released| released <= date)
        });
        supported.min_by_key(|row| minor(&row.version)).map(|row| row.version.as_str())
    }
}

impl CalendarRow {
    /// Where it stands on a day.
    pub fn status(&self, date: NaiveDate) -> SupportStatus {
        SupportStatus::between(self.end_of_standard_support, self.end_of_extended_support, date)
    }
}

/// A larger number is no minor version: they are reckoned with.
const NEWEST_MINOR: i64 = 9999;

/// The minor of a Kubernetes version, patch or not: `1.30` and `1.30.4` give 30.
pub fn minor(version: &str) -> Option<i64> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    if major != "1" || minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    minor.parse().ok().filter(|minor| *minor <= NEWEST_MINOR)
}

/// A row of `clusterVersions`, if it is about clusters of that kind and has all dates:
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ClusterVersionInformation.html>.
fn row(item: &Json<'_>, kind: ClusterType) -> Option<CalendarRow> {
    let text = |field| item.get_go_cased(field).and_then(|node| node.as_str());
    let date = |field| Some(time::from_node(item.get_go_cased(field)?)?.date_naive());
    if kind == ClusterType::Eks && text("clusterType").is_some_and(|ty| ty != "eks") {
        return None;
    }
    let plain = |version: &&str| minor(version).is_some_and(|minor| *version == format!("1.{minor}"));
    let version = text("clusterVersion").filter(plain)?;
    Some(CalendarRow {
        version: version.to_owned(),
        release_date: date("releaseDate"),
        end_of_standard_support: date("endOfStandardSupportDate")?,
        end_of_extended_support: date("endOfExtendedSupportDate")?,
        provisional: false,
        source: None,
        from_snapshot: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn a_status_changes_on_the_day_itself() {
        let status = |date| shipped().status("1.31", day(date));
        assert_eq!(status("2025-11-25"), Some(SupportStatus::Standard));
        assert_eq!(status("2025-11-26"), Some(SupportStatus::Extended));
        assert_eq!(status("2026-11-25"), Some(SupportStatus::Extended));
        assert_eq!(status("2026-11-26"), Some(SupportStatus::Unsupported));
    }

    #[test]
    fn versions_beyond_the_calendar() {
        let status = |version| shipped().status(version, day("2026-11-21"));
        assert_eq!(status("1.10"), Some(SupportStatus::Unsupported));
        assert_eq!(status("1.99"), Some(SupportStatus::NotYetKnown));
        assert_eq!(status("latest"), None);
        assert_eq!(status("1.9223372036854775807"), None);
    }

    #[test]
    fn the_calendar_is_in_order() {
        for pair in shipped().versions.windows(2) {
            assert!(minor(&pair[0].version) > minor(&pair[1].version));
            assert!(pair[0].end_of_standard_support > pair[1].end_of_standard_support);
        }
        for row in &shipped().versions {
            assert!(row.end_of_standard_support < row.end_of_extended_support, "{}", row.version);
        }
    }

    #[test]
    fn extended_support_costs_half_a_dollar_more_an_hour() {
        // https://aws.amazon.com/eks/pricing/
        assert!((shipped().price.surcharge_per_month() - 365.0).abs() < f64::EPSILON);
    }

    proptest::proptest! {
        #[test]
        fn minors_compare_as_numbers(a in 0_i64..500, b in 0_i64..500) {
            let text = |n: i64| minor(&format!("1.{n}"));
            proptest::prop_assert_eq!(text(a) < text(b), a < b);
        }
    }
}
