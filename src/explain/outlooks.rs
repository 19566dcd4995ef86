//! The versions of node groups and the builds of add-ons, for people: how long each is supported, and what becomes of it
//! when AWS upgrades the control plane by itself.

use super::{VersionOutlook, outlook};
use crate::facts::AsOf;
use crate::facts::known::Known;
use crate::facts::versions::{AddonVersion, NodegroupVersion, Versions};
use crate::facts::view::SnapshotView;
use crate::snapshot::Snapshot;
use crate::value::Pointer;
use chrono::NaiveDate;

/// The version of a node group's kubelets.
#[derive(Clone, Debug)]
pub struct NodegroupOutlook {
    /// The name of the node group.
    pub name: String,
    /// `1.33`
    pub value: String,
    /// The first day of extended support of that version.
    pub end_of_standard_support: Known<NaiveDate>,
    /// The first day without support.
    pub end_of_extended_support: Known<NaiveDate>,
    /// How many minor versions it is behind the control plane; negative if it is newer.
    pub minors_behind: Known<i64>,
    /// Whether that is more than Kubernetes allows.
    pub breaks: Known<bool>,
    /// The same after the upgrade that AWS makes by itself.
    pub breaks_after_forced_upgrade: Known<bool>,
    /// Where the version is written.
    pub place: Pointer,
}

/// The build of an add-on.
#[derive(Clone, Debug)]
pub struct AddonOutlook {
    /// The name of the add-on.
    pub name: String,
    /// `v1.20.4-eksbuild.1`
    pub value: Known<String>,
    /// Whether it fits the control plane as it is.
    pub compatible: Known<bool>,
    /// Whether it fits the version that AWS upgrades to by itself.
    pub compatible_after_forced_upgrade: Known<bool>,
    /// Where the build is written.
    pub place: Pointer,
}

/// All that follows from the versions of a cluster.
#[derive(Clone, Debug)]
pub struct VersionOutlooks {
    /// That of the control plane.
    pub version: Known<VersionOutlook>,
    /// Those of node groups.
    pub nodegroups: Known<Vec<NodegroupOutlook>>,
    /// The builds of add-ons.
    pub addons: Known<Vec<AddonOutlook>>,
}

/// What follows from the versions of a cluster.
pub fn version_outlooks(snapshot: &Snapshot<'_>, as_of: AsOf) -> VersionOutlooks {
    let versions = Versions::of(SnapshotView { snapshot }, as_of);
    VersionOutlooks {
        version: versions.cluster().map(|version| outlook(snapshot, version)),
        nodegroups: nodegroups(&versions),
        addons: addons(&versions),
    }
}

/// The versions of all node groups that are known.
fn nodegroups(versions: &Versions<'_>) -> Known<Vec<NodegroupOutlook>> {
    let known = versions.nodegroups()?.into_iter();
    Ok(known.filter_map(|(name, version)| Some(nodegroup(name, version.ok()?))).collect())
}

fn nodegroup(name: &str, version: NodegroupVersion<'_>) -> NodegroupOutlook {
    let NodegroupVersion { place, lifecycle, skew } = version;
    NodegroupOutlook {
        name: name.to_owned(),
        value: lifecycle.value.to_owned(),
        end_of_standard_support: lifecycle.support.clone().map(|support| support.end_of_standard),
        end_of_extended_support: lifecycle.support.map(|support| support.end_of_extended),
        minors_behind: skew.minors_behind,
        breaks: skew.breaks,
        breaks_after_forced_upgrade: skew.breaks_after_forced_upgrade,
        place,
    }
}

/// The builds of all add-ons that are known.
fn addons(versions: &Versions<'_>) -> Known<Vec<AddonOutlook>> {
    let known = versions.addons()?.into_iter();
    Ok(known.filter_map(|(name, version)| Some(addon(name, version.ok()?))).collect())
}

fn addon(name: &str, version: AddonVersion<'_>) -> AddonOutlook {
    AddonOutlook {
        name: name.to_owned(),
        value: version.value.map(str::to_owned),
        compatible: version.compatible,
        compatible_after_forced_upgrade: version.compatible_after_forced_upgrade,
        place: version.place,
    }
}
