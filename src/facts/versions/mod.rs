//! Kubernetes versions: how long AWS supports those of a cluster and its node groups, what AWS will upgrade by
//! itself, what can be rolled back, and which builds of add-ons fit.
//!
//! The life of a version: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>.

mod addon;
pub mod calendar;
mod context;
mod forecast;
pub(crate) mod render;
mod rollback;

#[cfg(test)]
mod tests;

pub(crate) use addon::AddonVersion;
pub(crate) use context::{ForcedUpgrade, Versions};
pub(crate) use forecast::Forecast;
pub(crate) use rollback::{RollbackState, VersionRollback};

use crate::facts::known::Known;
use crate::facts::view::ResourceView;
use crate::value::Pointer;
use calendar::{CalendarRow, SupportStatus};
use chrono::NaiveDate;
use context::{allowed_behind, breaks_skew, minor, no_dates};

/// The version of a control plane.
#[derive(Clone, Debug)]
pub(crate) struct ClusterVersion<'s> {
    /// Where the version is written.
    pub(crate) place: Pointer,
    pub(crate) lifecycle: VersionLifecycle<'s>,
    /// What AWS will do with it.
    pub(crate) forecast: Forecast<'s>,
    /// Whether the last upgrade can be rolled back.
    pub(crate) rollback: Known<VersionRollback<'s>>,
}

/// The version of a node group's kubelets.
#[derive(Clone, Debug)]
pub(crate) struct NodegroupVersion<'s> {
    /// Where the version is written.
    pub(crate) place: Pointer,
    pub(crate) lifecycle: VersionLifecycle<'s>,
    pub(crate) skew: KubeletSkew,
}

/// How long AWS supports a version.
#[derive(Clone, Debug)]
pub(crate) struct VersionLifecycle<'s> {
    /// The version, as written.
    pub(crate) value: &'s str,
    /// Which support it has today.
    pub(crate) status: Known<SupportStatus>,
    /// When its support ends.
    pub(crate) support: Known<SupportDates>,
    /// Where the dates come from.
    pub(crate) calendar: String,
}

/// When the support of a version ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SupportDates {
    /// The first day of extended support.
    pub(crate) end_of_standard: NaiveDate,
    /// The first day without support.
    pub(crate) end_of_extended: NaiveDate,
}

impl From<&CalendarRow> for SupportDates {
    fn from(row: &CalendarRow) -> Self {
        Self { end_of_standard: row.end_of_standard_support, end_of_extended: row.end_of_extended_support }
    }
}

/// How far the kubelets of a version are behind the control plane, in minor versions; negative if they are
/// newer.
#[derive(Clone, Debug)]
pub(crate) struct KubeletSkew {
    pub(crate) minors_behind: Known<i64>,
    /// How many the version skew policy allows.
    pub(crate) allowed_minors_behind: Known<i64>,
    pub(crate) breaks: Known<bool>,
    /// After the upgrade that AWS makes by itself.
    pub(crate) minors_behind_after_forced_upgrade: Known<i64>,
    pub(crate) breaks_after_forced_upgrade: Known<bool>,
}

/// Resources by name, each with what follows from it or why nothing does.
pub(crate) type ByName<'s, T> = Vec<(&'s str, Known<T>)>;

impl<'s> Versions<'s> {
    /// What follows from the control plane's version.
    pub(crate) fn cluster(&self) -> Known<ClusterVersion<'s>> {
        let version = self.control_plane.clone()?;
        Ok(ClusterVersion {
            place: self.view.place_in_cluster("version"),
            lifecycle: self.lifecycle(version),
            forecast: Forecast::of(self, version),
            rollback: VersionRollback::of(self, version),
        })
    }

    /// What follows from the version of a node group; nothing, if it could not be described.
    pub(crate) fn nodegroup(&self, nodegroup: &ResourceView<'s>) -> Known<NodegroupVersion<'s>> {
        nodegroup.why_incomplete().map_or(Ok(()), Err)?;
        let version = nodegroup.text("version")?;
        Ok(NodegroupVersion {
            place: nodegroup.place("version"),
            lifecycle: self.lifecycle(version),
            skew: self.skew(minor(version, *nodegroup, "version")),
        })
    }

    /// What follows from the versions of all node groups.
    pub(crate) fn nodegroups(&self) -> Known<ByName<'s, NodegroupVersion<'s>>> {
        self.view.section("nodegroups")?;
        let named = |nodegroup: ResourceView<'s>| Some((nodegroup.key()?, self.nodegroup(&nodegroup)));
        Ok(self.view.items("nodegroups").filter_map(named).collect())
    }

    /// What follows from the builds of all add-ons.
    pub(crate) fn addons(&self) -> Known<ByName<'s, AddonVersion<'s>>> {
        self.view.section("addons")?;
        let named = |addon: ResourceView<'s>| {
            let name = addon.key()?;
            let version = || Ok(AddonVersion::of(self, &addon, name));
            Some((name, addon.why_incomplete().map_or_else(version, Err)))
        };
        Ok(self.view.items("addons").filter_map(named).collect())
    }

    fn lifecycle(&self, version: &'s str) -> VersionLifecycle<'s> {
        let calendar = &*self.calendar;
        let no_dates = || no_dates(calendar, version);
        VersionLifecycle {
            value: version,
            status: calendar.status(version, self.as_of.date).ok_or_else(no_dates),
            support: calendar.get(version).map(SupportDates::from).ok_or_else(no_dates),
            calendar: calendar.name_for(version).to_owned(),
        }
    }

    fn skew(&self, kubelet: Known<i64>) -> KubeletSkew {
        let behind = |plane: &Known<i64>| Ok(plane.clone()? - kubelet.clone()?);
        let breaks = |plane: &Known<i64>| Ok(breaks_skew(plane.clone()?, kubelet.clone()?));
        let (now, then) = (self.minor_now(), self.minor_then());
        KubeletSkew {
            minors_behind: behind(&now),
            breaks: breaks(&now),
            minors_behind_after_forced_upgrade: behind(&then),
            breaks_after_forced_upgrade: breaks(&then),
            allowed_minors_behind: now.map(allowed_behind),
        }
    }
}
