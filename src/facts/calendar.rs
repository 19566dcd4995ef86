//! The calendar of Kubernetes versions on EKS: which is supported until when.

use super::time;
use crate::snapshot::Snapshot;
use crate::value::Node;
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::LazyLock;

/// One version's dates.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// `1.30`
    pub version: String,
    /// The day it became available on EKS.
    #[serde(alias = "released")]
    pub release_date: Option<NaiveDate>,
    /// The first day of extended support.
    pub end_of_standard_support: NaiveDate,
    /// The first day without support.
    pub end_of_extended_support: NaiveDate,
}

/// All versions, and where their dates come from.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// In words: "ekslint's version calendar of 2026-11-21".
    pub name: String,
    versions: Vec<Version>,
}

/// Where a version stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In standard support.
    Standard,
    /// In extended support, which costs extra.
    Extended,
    /// Out of support.
    Unsupported,
    /// Newer than the calendar.
    NotYetKnown,
}

impl Status {
    /// The word that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Extended => "extended",
            Self::Unsupported => "unsupported",
            Self::NotYetKnown => "not-yet-known",
        }
    }
}

#[derive(Deserialize)]
struct File {
    updated: NaiveDate,
    versions: Vec<Version>,
}

static SHIPPED: LazyLock<Calendar> = LazyLock::new(|| {
    let text = include_str!("../../rules/data/kubernetes-versions.yaml");
    let file: File = serde_saphyr::from_str(text).expect("an embedded file is valid");
    Calendar { name: format!("ekslint's version calendar of {}", file.updated), versions: file.versions }
});

/// The calendar that ekslint ships.
pub fn shipped() -> &'static Calendar {
    &SHIPPED
}

impl Calendar {
    /// The calendar in a snapshot's `clusterVersions`, if it knows that version.
    pub fn of_snapshot(snapshot: &Snapshot<'_>, version: &str) -> Option<Self> {
        let part = snapshot.part_named("clusterVersions")?;
        let versions: Vec<_> = part.items().iter().filter_map(row).collect();
        let calendar = Self { name: "the snapshot's clusterVersions".to_owned(), versions };
        calendar.get(version).is_some().then_some(calendar)
    }

    /// The row of a version.
    pub fn get(&self, version: &str) -> Option<&Version> {
        self.versions.iter().find(|row| row.version == version)
    }

    /// Where a version stands. `None` for text that is no version, and for a gap in the calendar.
    pub fn status(&self, version: &str, date: NaiveDate) -> Option<Status> {
        if let Some(row) = self.get(version) {
            return Some(row.status(date));
        }
        let minor = minor(version)?;
        let known = || self.versions.iter().filter_map(|row| self::minor(&row.version));
        if known().min().is_some_and(|oldest| minor < oldest) {
            Some(Status::Unsupported)
        } else if known().max().is_some_and(|newest| minor > newest) {
            Some(Status::NotYetKnown)
        } else {
            None
        }
    }

    /// The oldest version that still has support on a day.
    pub fn oldest_supported(&self, date: NaiveDate) -> Option<&str> {
        let supported = self.versions.iter().filter(|row| row.status(date) != Status::Unsupported);
        supported.min_by_key(|row| minor(&row.version)).map(|row| row.version.as_str())
    }
}

impl Version {
    fn status(&self, date: NaiveDate) -> Status {
        if date < self.end_of_standard_support {
            Status::Standard
        } else if date < self.end_of_extended_support {
            Status::Extended
        } else {
            Status::Unsupported
        }
    }
}

/// The minor of a Kubernetes version, patch or not: `1.30` and `1.30.4` give 30.
pub fn minor(version: &str) -> Option<i64> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    if major != "1" || minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    minor.parse().ok()
}

fn row(item: &Node<'_>) -> Option<Version> {
    let date = |field| Some(time::from_node(item.get(field)?)?.date_naive());
    Some(Version {
        version: item.get("clusterVersion")?.as_str()?.to_owned(),
        release_date: date("releaseDate"),
        end_of_standard_support: date("endOfStandardSupportDate")?,
        end_of_extended_support: date("endOfExtendedSupportDate")?,
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
        assert_eq!(status("2025-11-25"), Some(Status::Standard));
        assert_eq!(status("2025-11-26"), Some(Status::Extended));
        assert_eq!(status("2026-11-25"), Some(Status::Extended));
        assert_eq!(status("2026-11-26"), Some(Status::Unsupported));
    }

    #[test]
    fn versions_beyond_the_calendar() {
        let status = |version| shipped().status(version, day("2026-11-21"));
        assert_eq!(status("1.10"), Some(Status::Unsupported));
        assert_eq!(status("1.99"), Some(Status::NotYetKnown));
        assert_eq!(status("latest"), None);
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

    proptest::proptest! {
        #[test]
        fn minors_compare_as_numbers(a in 0_i64..500, b in 0_i64..500) {
            let text = |n: i64| minor(&format!("1.{n}"));
            proptest::prop_assert_eq!(text(a) < text(b), a < b);
        }
    }
}
