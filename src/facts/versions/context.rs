//! What all facts about the Kubernetes versions of one snapshot start from: the calendar, the control
//! plane's version, the upgrade that AWS makes by itself, and which versions go together.

use crate::facts::known::Known;
use crate::facts::time::AsOf;
use crate::facts::versions::calendar::{self, Calendar, SupportStatus};
use crate::facts::view::{ResourceView, SnapshotView, not_applicable};
use crate::snapshot::{ClusterType, Unknown};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::cell::Cell;

/// What the facts about the versions of one snapshot have in common.
pub(crate) struct Versions<'s> {
    pub(crate) view: SnapshotView<'s>,
    pub(crate) as_of: AsOf,
    pub(crate) calendar: Cow<'static, Calendar>,
    /// The control plane's version, as written.
    pub(crate) control_plane: Known<&'s str>,
    /// What AWS will do by itself.
    pub(crate) forced: Known<ForcedUpgrade>,
    /// How many rows of `addonVersions` may still be looked at.
    addon_rows_left: Cell<u32>,
}

/// More rows of `addonVersions` than any account has.
const ADDON_ROWS: u32 = 200_000;

impl<'s> Versions<'s> {
    /// Works out what all facts about versions need.
    pub(crate) fn of(view: SnapshotView<'s>, as_of: AsOf) -> Self {
        let calendar = Calendar::of_snapshot(view.snapshot);
        let control_plane = control_plane(view);
        let version = control_plane.as_ref().map_err(Unknown::clone);
        let forced = version.and_then(|version| ForcedUpgrade::of(view, version, &calendar, as_of));
        Self { view, as_of, calendar, control_plane, forced, addon_rows_left: Cell::new(ADDON_ROWS) }
    }

    /// The minor of the control plane.
    pub(crate) fn minor_now(&self) -> Known<i64> {
        minor(self.control_plane.clone()?, self.view.cluster()?, "version")
    }

    /// The minor of the control plane after the upgrade that AWS makes by itself.
    pub(crate) fn minor_then(&self) -> Known<i64> {
        self.forced.as_ref().map_err(Unknown::clone)?.to.clone()
    }

    /// Takes rows of `addonVersions` from what may still be looked at; false if that is not enough, and then
    /// for all that follow.
    pub(crate) fn take_addon_rows(&self, rows: impl FnOnce() -> usize) -> bool {
        let left = self.addon_rows_left.get();
        let cost = || u32::try_from(rows()).unwrap_or(u32::MAX);
        // What is used up is not counted again.
        let left = if left == 0 { None } else { left.checked_sub(cost()) };
        self.addon_rows_left.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// The version of the control plane, as written.
fn control_plane(view: SnapshotView<'_>) -> Known<&str> {
    let cluster = view.cluster()?;
    if view.snapshot.kind == ClusterType::Connected {
        let why = "a connected cluster runs outside AWS, where EKS neither supports nor upgrades it";
        return Err(not_applicable(why));
    }
    cluster.text("version")
}

/// The upgrade of the control plane that AWS makes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForcedUpgrade {
    /// The day from which it may come.
    pub(crate) date: NaiveDate,
    /// The minor version that it leads to.
    pub(crate) to: Known<i64>,
    /// What brings it.
    pub(crate) cause: UpgradeCause,
}

/// The end of which support brings the upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpgradeCause {
    /// Of standard support: the policy is `STANDARD`.
    StandardSupportEnds,
    /// Of extended support.
    ExtendedSupportEnds,
}

impl ForcedUpgrade {
    /// With `STANDARD` that is the end of standard support, to the next version (and overdue once
    /// that day is past); with `EXTENDED`, and for a cluster whose policy is not known but who is past
    /// that day, it is the end of extended support, to the oldest version then supported.
    fn of(view: SnapshotView<'_>, version: &str, calendar: &Calendar, as_of: AsOf) -> Known<Self> {
        let row = calendar.get(version).ok_or_else(|| no_dates(calendar, version))?;
        let status = row.status(as_of.date);
        let policy = support_type(view);
        let minor = minor(version, view.cluster()?, "version")?;
        if policy == Ok(SupportType::Standard) && status != SupportStatus::Unsupported {
            let (date, cause) = (row.end_of_standard_support, UpgradeCause::StandardSupportEnds);
            return Ok(Self { date, to: Ok(minor + 1), cause });
        }
        if status == SupportStatus::Standard {
            policy?;
        }
        let date = row.end_of_extended_support;
        let oldest = calendar.oldest_supported(date.max(as_of.date)).and_then(calendar::minor);
        let unknown = || Unknown::undecided("the next version is not known".to_owned());
        let to = oldest.filter(|oldest| *oldest > minor).ok_or_else(unknown);
        Ok(Self { date, to, cause: UpgradeCause::ExtendedSupportEnds })
    }

    /// Whether it may come any day now.
    pub(crate) fn is_overdue(&self, as_of: AsOf) -> bool {
        self.date <= as_of.date
    }

    /// The version that it leads to.
    pub(crate) fn to_version(&self) -> Known<String> {
        self.to.clone().map(name_of)
    }
}

/// The version of that minor.
pub(crate) fn name_of(minor: i64) -> String {
    format!("1.{minor}")
}

/// Whether a cluster goes on into extended support: the upgrade policy's `supportType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SupportType {
    Standard,
    Extended,
}

/// The upgrade policy of the cluster.
pub(crate) fn support_type(view: SnapshotView<'_>) -> Known<SupportType> {
    let (cluster, path) = (view.cluster()?, ["upgradePolicy", "supportType"]);
    cluster.field("upgradePolicy")?;
    match cluster.text_under(&path)? {
        "STANDARD" => Ok(SupportType::Standard),
        "EXTENDED" => Ok(SupportType::Extended),
        other => Err(cluster.invalid(&path, format!("{other:?} is no support type"))),
    }
}

/// Whether kubelets, or kube-proxy, of a minor version break the version skew policy: newer than the
/// control plane, or too far behind.
pub(crate) fn breaks_skew(control_plane: i64, other: i64) -> bool {
    !(0..=allowed_behind(control_plane)).contains(&(control_plane - other))
}

/// How many minor versions kubelets may lie behind: three from 1.28 on, before that two.
/// <https://kubernetes.io/releases/version-skew-policy/>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html>
pub(crate) fn allowed_behind(control_plane: i64) -> i64 {
    if control_plane >= 28 { 3 } else { 2 }
}

/// A version of which the calendar has no dates.
pub(crate) fn no_dates(calendar: &Calendar, version: &str) -> Unknown {
    Unknown::undecided(format!("{} has no dates for {version}", calendar.name_for(version)))
}

/// The minor of a version that a field of a resource gives.
pub(crate) fn minor(version: &str, resource: ResourceView<'_>, field: &str) -> Known<i64> {
    let invalid = || resource.invalid(&[field], format!("{version:?} is no Kubernetes version"));
    calendar::minor(version).ok_or_else(invalid)
}

/// The minor version of a node group's kubelets.
pub(crate) fn minor_of_nodegroup(nodegroup: &ResourceView<'_>) -> Known<i64> {
    minor(nodegroup.text("version")?, *nodegroup, "version")
}
