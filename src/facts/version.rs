//! Where a cluster and its node groups stand in the life of their Kubernetes version.

use super::calendar::{self, Calendar, Status, Version};
use super::{AsOf, Maker, days_until};
use crate::snapshot::Snapshot;
use crate::value::Node;
use chrono::NaiveDate;
use std::borrow::Cow;

/// The facts of `facts.cluster.version`.
pub(super) fn of_cluster<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, maker: Maker<'t>) -> Node<'t> {
    let cluster = snapshot.cluster();
    let Some(version) = cluster.and_then(|c| c.at(&["version"])).and_then(|v| v.as_str()) else {
        return maker.undecided("cluster.version is not in the snapshot");
    };
    let calendar = calendar_for(snapshot, version);
    let policy = cluster.and_then(|c| c.at(&["upgradePolicy", "supportType"]));
    let forced = forced_upgrade(version, policy, &calendar, as_of);
    let mut fields = lifecycle(version, &calendar, as_of, maker);
    let (date, to, days) = match forced {
        Ok((date, to)) => (
            maker.text(date),
            to.map_or_else(|| maker.undecided("the next version is not known"), |to| maker.text(to)),
            Node::Int(days_until(date, as_of)),
        ),
        Err(reason) => {
            let unknown = maker.undecided(reason);
            (unknown, unknown, unknown)
        }
    };
    fields.extend([("forcedUpgradeDate", date), ("forcedUpgradeTo", to), ("daysToForcedUpgrade", days)]);
    maker.object(fields)
}

/// The facts of `facts.nodegroups[…].version`.
pub(super) fn of_nodegroup<'t>(
    snapshot: &Snapshot<'t>,
    nodegroup: Node<'t>,
    as_of: AsOf,
    maker: Maker<'t>,
) -> Node<'t> {
    let Some(version) = nodegroup.at(&["version"]).and_then(|v| v.as_str()) else {
        return maker.undecided("the node group's version is not in the snapshot");
    };
    maker.object(lifecycle(version, &calendar_for(snapshot, version), as_of, maker))
}

fn calendar_for(snapshot: &Snapshot<'_>, version: &str) -> Cow<'static, Calendar> {
    Calendar::of_snapshot(snapshot, version).map_or(Cow::Borrowed(calendar::shipped()), Cow::Owned)
}

fn lifecycle<'t>(
    version: &str,
    calendar: &Calendar,
    as_of: AsOf,
    maker: Maker<'t>,
) -> Vec<(&'t str, Node<'t>)> {
    let status = calendar.status(version, as_of.date);
    let row = calendar.get(version);
    let no_dates = || maker.undecided(format!("{} has no dates for {version}", calendar.name));
    let date = |pick: fn(&Version) -> NaiveDate| row.map_or_else(no_dates, |row| maker.text(pick(row)));
    let days = |pick: fn(&Version) -> NaiveDate| {
        row.map_or_else(no_dates, |row| Node::Int(days_until(pick(row), as_of)))
    };
    vec![
        ("value", maker.text(version)),
        ("status", status.map_or_else(no_dates, |status| Node::Str(status.as_str()))),
        ("endOfStandardSupport", date(|row| row.end_of_standard_support)),
        ("endOfExtendedSupport", date(|row| row.end_of_extended_support)),
        ("daysToEndOfStandardSupport", days(|row| row.end_of_standard_support)),
        ("daysToEndOfExtendedSupport", days(|row| row.end_of_extended_support)),
        ("calendar", maker.text(&calendar.name)),
    ]
}

/// When EKS upgrades the control plane by itself, and to which version.
///
/// With `STANDARD` that is the end of standard support, to the next version (and overdue once that
/// day is past); with `EXTENDED`, and for a cluster whose policy is not known but who is past that
/// day, it is the end of extended support, to the oldest version then supported.
fn forced_upgrade(
    version: &str,
    policy: Option<Node<'_>>,
    calendar: &Calendar,
    as_of: AsOf,
) -> Result<(NaiveDate, Option<String>), String> {
    let no_dates = || format!("{} has no dates for {version}", calendar.name);
    let row = calendar.get(version).ok_or_else(no_dates)?;
    let status = calendar.status(version, as_of.date);
    let in_standard = status == Some(Status::Standard);
    let supported_on = |date| calendar.oldest_supported(date).map(str::to_owned);
    match policy.and_then(|policy| policy.as_str()) {
        Some("STANDARD") if status != Some(Status::Unsupported) => {
            let next = calendar::minor(version).map(|minor| format!("1.{}", minor + 1));
            Ok((row.end_of_standard_support, next))
        }
        None if in_standard => Err("cluster.upgradePolicy is not in the snapshot".to_owned()),
        _ => Ok((row.end_of_extended_support, supported_on(row.end_of_extended_support))),
    }
}
