//! Where a cluster and its node groups stand in the life of their Kubernetes version, and whether the
//! kubelets of the node groups fit the control plane.
//!
//! The life of a version: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>.

use super::builder::FactBuilder;
use super::calendar::{self, Calendar, Version};
use super::forecast::Forced;
use super::known::Known;
use super::time::AsOf;
use super::view::why_absent;
use super::{forecast, rollback};
use crate::snapshot::{Kind, Part, Snapshot, Unknown, UnknownKind};
use crate::value::{Node, Pointer};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::cell::Cell;

/// What the facts about the versions of one snapshot have in common.
pub(super) struct Versions<'s, 't> {
    pub(super) snapshot: &'s Snapshot<'t>,
    pub(super) as_of: AsOf,
    pub(super) calendar: Cow<'static, Calendar>,
    /// The control plane's version, as written.
    pub(super) control_plane: Known<&'t str>,
    /// What AWS will do by itself.
    pub(super) forced: Known<Forced>,
    /// How many rows of `addonVersions` may still be looked at.
    pub(super) budget: Cell<u32>,
}

/// More rows of `addonVersions` than any account has.
const ADDON_ROWS: u32 = 200_000;

impl<'s, 't> Versions<'s, 't> {
    /// Works out what all facts about versions need.
    pub(super) fn of(snapshot: &'s Snapshot<'t>, as_of: AsOf) -> Self {
        let calendar = Calendar::of_snapshot(snapshot);
        let control_plane = control_plane(snapshot);
        let forced = control_plane
            .as_ref()
            .map_err(Unknown::clone)
            .and_then(|version| Forced::of(snapshot, version, &calendar, as_of));
        Self { snapshot, as_of, calendar, control_plane, forced, budget: Cell::new(ADDON_ROWS) }
    }

    /// The facts of `facts.cluster.version`.
    pub(super) fn cluster(&self, builder: FactBuilder<'t>) -> Node<'t> {
        let version = match &self.control_plane {
            Ok(version) => *version,
            Err(unknown) => return builder.unknown(unknown),
        };
        let mut fields = self.lifecycle(version, builder);
        fields.extend(forecast::fields(self, version, builder));
        fields.push(("rollback", rollback::of_cluster(self, version, builder)));
        builder.object_at(place_in_cluster(self.snapshot, "version").as_str(), fields)
    }

    /// The facts of `facts.nodegroups[…].version`.
    pub(super) fn nodegroup(&self, part: &Part<'t>, at: usize, builder: FactBuilder<'t>) -> Node<'t> {
        let Some(nodegroup) = part.items().get(at) else { return builder.object([]) };
        let version = match self.version_of_nodegroup(nodegroup) {
            Ok(version) => version,
            Err(unknown) => return builder.unknown(&unknown),
        };
        let mut fields = self.lifecycle(version, builder);
        fields.extend(self.skew(version, builder));
        builder.object_at(place(&part.item_pointer(at), nodegroup, "version").as_str(), fields)
    }

    /// The Kubernetes version of a node group, as written.
    pub(super) fn version_of_nodegroup(&self, nodegroup: &Node<'t>) -> Known<&'t str> {
        if let Some(version) = nodegroup.get_go_cased("version").and_then(|node| node.as_str()) {
            return Ok(version);
        }
        let object = nodegroup.as_object();
        let missing = object.and_then(|object| self.snapshot.why_missing(object, "version"));
        let absent = || Unknown::field_absent("/nodegroups/0/version", Some("eks:DescribeNodegroup".into()));
        Err(missing.cloned().unwrap_or_else(absent))
    }

    fn lifecycle(&self, version: &str, builder: FactBuilder<'t>) -> Vec<(&'static str, Node<'t>)> {
        let calendar = &*self.calendar;
        let (status, row) = (calendar.status(version, self.as_of.date), calendar.get(version));
        let no_dates = || builder.unknown(&no_dates(calendar, version));
        let date = |pick: fn(&Version) -> NaiveDate| row.map_or_else(no_dates, |row| builder.text(pick(row)));
        let days = |pick: fn(&Version) -> NaiveDate| {
            row.map_or_else(no_dates, |row| Node::Int(self.as_of.days_until(pick(row))))
        };
        vec![
            ("value", builder.text(version)),
            ("status", status.map_or_else(no_dates, |status| Node::Str(status.as_str()))),
            ("endOfStandardSupport", date(|row| row.end_of_standard_support)),
            ("endOfExtendedSupport", date(|row| row.end_of_extended_support)),
            ("daysToEndOfStandardSupport", days(|row| row.end_of_standard_support)),
            ("daysToEndOfExtendedSupport", days(|row| row.end_of_extended_support)),
            ("calendar", builder.text(calendar.name_for(version))),
        ]
    }

    /// How far the kubelets of a version lie behind the control plane, now and after the upgrade
    /// that AWS makes by itself.
    fn skew(&self, version: &str, builder: FactBuilder<'t>) -> [(&'static str, Node<'t>); 5] {
        let kubelet = minor(version, "/nodegroups/0/version");
        let behind = |plane: &Known<i64>| Ok(plane.clone()? - kubelet.clone()?);
        let breaks = |plane: &Known<i64>| Ok(breaks_skew(plane.clone()?, kubelet.clone()?));
        let int = |number: Known<i64>| builder.known(number.map(Node::Int));
        let (now, then) = (self.minor_now(), self.minor_then());
        [
            ("minorsBehind", int(behind(&now))),
            ("allowedMinorsBehind", int(now.clone().map(allowed_behind))),
            ("breaksSkew", builder.flag(breaks(&now))),
            ("minorsBehindAfterForcedUpgrade", int(behind(&then))),
            ("breaksSkewAfterForcedUpgrade", builder.flag(breaks(&then))),
        ]
    }

    /// The minor of the control plane.
    pub(super) fn minor_now(&self) -> Known<i64> {
        minor(self.control_plane.clone()?, "/cluster/version")
    }

    /// The minor of the control plane after the upgrade that AWS makes by itself.
    pub(super) fn minor_then(&self) -> Known<i64> {
        let forced = self.forced.as_ref().map_err(Unknown::clone)?;
        minor(forced.to.as_deref().map_err(Unknown::clone)?, "/cluster/version")
    }
}

/// Whether kubelets, or kube-proxy, of a minor version break the version skew policy: newer than the
/// control plane, or too far behind.
pub(super) fn breaks_skew(control_plane: i64, other: i64) -> bool {
    !(0..=allowed_behind(control_plane)).contains(&(control_plane - other))
}

/// How many minor versions kubelets may lie behind: three from 1.28 on, before that two.
/// <https://kubernetes.io/releases/version-skew-policy/>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html>
fn allowed_behind(control_plane: i64) -> i64 {
    if control_plane >= 28 { 3 } else { 2 }
}

/// The version of the control plane, as written.
fn control_plane<'t>(snapshot: &Snapshot<'t>) -> Known<&'t str> {
    let Some(cluster) = snapshot.cluster() else {
        return Err(why_absent(snapshot, "cluster"));
    };
    if snapshot.kind == Kind::Connected {
        return Err(not_applicable(
            "a connected cluster runs outside AWS, where EKS neither supports nor upgrades it",
        ));
    }
    if let Some(version) = cluster.get_go_cased("version").and_then(|node| node.as_str()) {
        return Ok(version);
    }
    let missing = cluster.as_object().and_then(|object| snapshot.why_missing(object, "version"));
    Err(missing.cloned().unwrap_or_else(|| field_absent("version")))
}

/// A field that the description of the cluster does not have.
pub(super) fn field_absent(field: &str) -> Unknown {
    Unknown::field_absent(&format!("/cluster/{field}"), Some("eks:DescribeCluster".to_owned()))
}

/// Something that clusters of this kind do not have.
pub(super) fn not_applicable(words: &str) -> Unknown {
    Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(words.to_owned()) }
}

/// A version of which the calendar has no dates.
pub(super) fn no_dates(calendar: &Calendar, version: &str) -> Unknown {
    Unknown::undecided(format!("{} has no dates for {version}", calendar.name_for(version)))
}

/// The minor of a version; `at` is where it stands.
pub(super) fn minor(version: &str, at: &str) -> Known<i64> {
    let invalid = || Unknown::invalid(format!("{version:?} is no Kubernetes version"), at);
    calendar::minor(version).ok_or_else(invalid)
}

/// Where a field of an object stands, under its name as written.
pub(super) fn place(object_at: &Pointer, object: &Node<'_>, field: &str) -> Pointer {
    let written = object.as_object().and_then(|object| object.get_go_cased(field));
    object_at.key(written.map_or(field, |(name, _)| name))
}

/// Where a field of the cluster stands.
pub(super) fn place_in_cluster(snapshot: &Snapshot<'_>, field: &str) -> Pointer {
    match snapshot.part_named("cluster") {
        Some(part) => place(&part.pointer(), &part.node, field),
        None => snapshot.pointer.clone(),
    }
}
