//! Whether the last upgrade of the control plane can still be rolled back, until when, and what must be done
//! first.
//!
//! The conditions: <https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html>. An update
//! says when it was begun and not when it was completed, so the window is at least as long as said here.

use crate::facts::known::Known;
use crate::facts::time;
use crate::facts::versions::addon;
use crate::facts::versions::calendar::SupportStatus;
use crate::facts::versions::context::{
    SupportType, Versions, minor, minor_of_nodegroup, name_of, support_type,
};
use crate::facts::view::{ResourceView, not_applicable};
use crate::snapshot::Unknown;
use crate::value::Pointer;
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, Utc};

/// For how many days an upgrade can be rolled back.
const WINDOW: Days = Days::new(7);

/// Whether the last upgrade can be rolled back.
#[derive(Clone, Debug)]
pub(crate) struct VersionRollback<'s> {
    /// The upgrade; none if there was none, or if it was rolled back.
    pub(crate) upgrade: Option<LastUpgrade>,
    /// What must be done first; or why it cannot be rolled back.
    pub(crate) state: RollbackState<'s>,
}

/// An upgrade of the control plane to the version that it runs.
#[derive(Clone, Debug)]
pub(crate) struct LastUpgrade {
    /// Until when it can be rolled back, at least.
    until: DateTime<Utc>,
    /// The version that a rollback leads to.
    pub(crate) to: String,
    /// Where the update is.
    pub(crate) place: Pointer,
}

impl LastUpgrade {
    /// Until when it can be rolled back, at least: `2026-11-26T09:30:00Z`.
    pub(crate) fn until(&self) -> String {
        self.until.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

/// Whether a rollback is open.
#[derive(Clone, Debug)]
pub(crate) enum RollbackState<'s> {
    /// It can be rolled back, once these are gone.
    Open(Known<Vec<RollbackObstacle<'s>>>),
    /// It cannot, and why.
    Closed(String),
}

/// What must be done before a rollback.
#[derive(Clone, Debug)]
pub(crate) struct RollbackObstacle<'s> {
    /// `status`, `upgradePolicy`, `nodegroup` or `addon`.
    pub(crate) kind: &'static str,
    /// The status, the policy, or the name.
    pub(crate) name: &'s str,
    /// In a sentence.
    pub(crate) todo: String,
    /// Where the field is that must change.
    pub(crate) place: Pointer,
}

/// A change of the control plane's version that was completed.
struct VersionChange<'s> {
    at: DateTime<Utc>,
    kind: &'s str,
    update: ResourceView<'s>,
}

impl<'s> VersionRollback<'s> {
    /// Whether the last upgrade of a cluster of that version can be rolled back.
    pub(crate) fn of(versions: &Versions<'s>, version: &str) -> Known<Self> {
        if versions.view.snapshot.kind.is_on_outpost() {
            return Err(not_applicable(
                "AWS documents the rollback of versions for control planes in AWS, not on an Outpost",
            ));
        }
        match last_change(versions)? {
            Some(change) => Self::of_change(versions, version, &change),
            None => Ok(Self::closed("updates holds no upgrade of the control plane".to_owned())),
        }
    }

    fn closed(why: String) -> Self {
        Self { upgrade: None, state: RollbackState::Closed(why) }
    }

    fn of_change(versions: &Versions<'s>, version: &str, change: &VersionChange<'s>) -> Known<Self> {
        if change.kind == "VersionRollback" {
            return Ok(Self::closed(format!(
                "the control plane was rolled back on {}",
                change.at.date_naive()
            )));
        }
        let (cluster, update) = (versions.view.cluster()?, change.update);
        let now_on = minor(version, cluster, "version")?;
        let silent = || update.invalid(&["params"], "an update does not say to which version".to_owned());
        let reached = param(&update, "Version")?.ok_or_else(silent)?;
        if minor(reached, update, "params")? != now_on {
            let why = format!("the last upgrade in updates led to {reached}, and the cluster runs {version}");
            return Err(Unknown::undecided(why));
        }
        let previous = now_on - 1;
        let upgrade = LastUpgrade { until: until(change), to: name_of(previous), place: update.pointer() };
        let state = match why_closed(versions, change, &upgrade.to) {
            Some(why) => RollbackState::Closed(why),
            None => RollbackState::Open(obstacles(versions, previous)),
        };
        Ok(Self { upgrade: Some(upgrade), state })
    }
}

/// The last change of the control plane's version, up or down.
fn last_change<'s>(versions: &Versions<'s>) -> Known<Option<VersionChange<'s>>> {
    versions.view.section("updates")?;
    let mut last: Option<VersionChange<'s>> = None;
    let mut unread = None;
    for update in versions.view.items("updates") {
        let kind = match change_of_control_plane(&update) {
            Ok(Some(kind)) => kind,
            Ok(None) => continue,
            Err(unknown) => {
                unread = Some(unknown);
                continue;
            }
        };
        let undated = || update.invalid(&["createdAt"], "an update does not say when it was made".to_owned());
        let at = update.optional("createdAt")?.and_then(time::from_node).ok_or_else(undated)?;
        if last.as_ref().is_none_or(|last| last.at < at) {
            last = Some(VersionChange { at, kind, update });
        }
    }
    // Updates that are not in the snapshot matter only if no open window is found in those that are: an
    // upgrade to the cluster's present version is the last one.
    let open =
        last.as_ref().is_some_and(|change| change.kind == "VersionUpdate" && until(change) > now(versions));
    match versions.view.more("updates").or(unread) {
        Some(unknown) if !open => Err(unknown),
        _ => Ok(last),
    }
}

/// The type of a successful update, if it changed the version of the control plane: updates of node
/// groups are called `VersionUpdate` as well.
fn change_of_control_plane<'s>(update: &ResourceView<'s>) -> Known<Option<&'s str>> {
    let kind = update.text("type")?;
    if !["VersionUpdate", "VersionRollback"].contains(&kind) {
        return Ok(None);
    }
    for elsewhere in ["nodegroupName", "addonName"] {
        if update.optional(elsewhere)?.is_some() {
            return Ok(None);
        }
    }
    let of_nodes = param(update, "ReleaseVersion")?.is_some();
    Ok((!of_nodes && update.text("status")? == "Successful").then_some(kind))
}

/// A parameter of an update.
fn param<'s>(update: &ResourceView<'s>, name: &str) -> Known<Option<&'s str>> {
    for param in update.optional_objects(&["params", "*"])? {
        let param = param?;
        if param.text("type")? == name {
            return param.text("value").map(Some);
        }
    }
    Ok(None)
}

/// Why an upgrade can no longer be rolled back, if that is so.
fn why_closed(versions: &Versions<'_>, change: &VersionChange<'_>, previous: &str) -> Option<String> {
    let date = versions.as_of.date;
    if until(change) <= now(versions) {
        return Some(format!("the upgrade was made on {}, more than 7 days ago", change.at.date_naive()));
    }
    let gone = versions.calendar.status(previous, date) == Some(SupportStatus::Unsupported);
    gone.then(|| format!("EKS no longer supports {previous}"))
}

fn until(change: &VersionChange<'_>) -> DateTime<Utc> {
    change.at.checked_add_days(WINDOW).unwrap_or(change.at)
}

fn now(versions: &Versions<'_>) -> DateTime<Utc> {
    versions.as_of.date.and_time(NaiveTime::MIN).and_utc()
}

/// What must be done before the control plane can be rolled back to a minor version.
fn obstacles<'s>(versions: &Versions<'s>, previous: i64) -> Known<Vec<RollbackObstacle<'s>>> {
    let name = name_of(previous);
    let mut found: Vec<_> = status(versions)?.into_iter().collect();
    found.extend(upgrade_policy(versions, &name)?);
    found.extend(nodegroups(versions, previous, &name)?);
    found.extend(addons(versions, previous, &name)?);
    Ok(found)
}

/// Another update is under way.
fn status<'s>(versions: &Versions<'s>) -> Known<Option<RollbackObstacle<'s>>> {
    let cluster = versions.view.cluster()?;
    let name = cluster.text("status")?;
    let todo = "wait until the cluster is ACTIVE".to_owned();
    let wait = || RollbackObstacle { kind: "status", name, todo, place: cluster.place("status") };
    Ok((name != "ACTIVE").then(wait))
}

/// The previous version is in extended support, which the policy does not allow.
fn upgrade_policy<'s>(versions: &Versions<'s>, name: &str) -> Known<Option<RollbackObstacle<'s>>> {
    if versions.calendar.status(name, versions.as_of.date) != Some(SupportStatus::Extended) {
        return Ok(None);
    }
    let set = || RollbackObstacle {
        kind: "upgradePolicy",
        name: "STANDARD",
        todo: format!("set the upgrade policy to EXTENDED, as {name} is in extended support"),
        place: versions.view.place_in_cluster("upgradePolicy"),
    };
    Ok((support_type(versions.view)? == SupportType::Standard).then(set))
}

/// Node groups that are newer than the control plane would be. Nodes of Auto Mode are rolled back by EKS.
fn nodegroups<'s>(versions: &Versions<'s>, previous: i64, name: &str) -> Known<Vec<RollbackObstacle<'s>>> {
    let mut found = Vec::new();
    for nodegroup in versions.view.all_items("nodegroups")? {
        if minor_of_nodegroup(&nodegroup)? > previous {
            let group = nodegroup.key().unwrap_or("?");
            found.push(RollbackObstacle {
                kind: "nodegroup",
                name: group,
                todo: format!("roll the node group {group} back to {name}"),
                place: nodegroup.place("version"),
            });
        }
    }
    Ok(found)
}

/// Add-ons that are known not to fit. What is not known is no obstacle: EKS itself lets a rollback pass
/// when it cannot tell.
fn addons<'s>(versions: &Versions<'s>, previous: i64, name: &str) -> Known<Vec<RollbackObstacle<'s>>> {
    let obstacle = |addon: ResourceView<'s>| {
        let addon_name = addon.key().unwrap_or("?");
        let misfits = addon::fits(versions, &addon, previous, None) == Ok(false);
        misfits.then(|| RollbackObstacle {
            kind: "addon",
            name: addon_name,
            todo: format!("set the add-on {addon_name} to a build that fits {name}"),
            place: addon.place("addonVersion"),
        })
    };
    Ok(versions.view.all_items("addons")?.filter_map(obstacle).collect())
}
