//! What AWS will do with the control plane by itself, what that breaks, and what waiting costs.
//!
//! The upgrade policy: <https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html>. The
//! automatic upgrades: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>.

use super::addon;
use super::builder::FactBuilder;
use super::calendar::{self, Calendar, Status};
use super::known::Known;
use super::time::AsOf;
use super::version::{self, Versions, breaks_skew, minor, no_dates};
use super::view::why_absent;
use crate::snapshot::{Kind, Snapshot, Unknown};
use crate::value::Node;
use chrono::NaiveDate;

/// The upgrade of the control plane that AWS makes by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forced {
    /// The day from which it may come.
    pub(super) date: NaiveDate,
    /// The version that it leads to.
    pub(super) to: Known<String>,
    /// Which of the two upgrades it is.
    pub(super) at: End,
}

/// The end of which support brings the upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Of standard support: the policy is `STANDARD`.
    Standard,
    /// Of extended support.
    Extended,
}

impl Forced {
    /// With `STANDARD` that is the end of standard support, to the next version (and overdue once
    /// that day is past); with `EXTENDED`, and for a cluster whose policy is not known but who is past
    /// that day, it is the end of extended support, to the oldest version then supported.
    pub(super) fn of(
        snapshot: &Snapshot<'_>,
        version: &str,
        calendar: &Calendar,
        as_of: AsOf,
    ) -> Known<Self> {
        let row = calendar.get(version).ok_or_else(|| no_dates(calendar, version))?;
        let status = row.status(as_of.date);
        let (policy, minor) = (policy(snapshot), minor(version, "/cluster/version")?);
        if policy == Ok(Policy::Standard) && status != Status::Unsupported {
            let (date, to) = (row.end_of_standard_support, Ok(format!("1.{}", minor + 1)));
            return Ok(Self { date, to, at: End::Standard });
        }
        if status == Status::Standard {
            policy?;
        }
        let date = row.end_of_extended_support;
        let oldest = calendar.oldest_supported(date.max(as_of.date));
        let newer = oldest.filter(|oldest| calendar::minor(oldest).is_some_and(|oldest| oldest > minor));
        let unheard = || Unknown::undecided("the next version is not known".to_owned());
        Ok(Self { date, to: newer.map(str::to_owned).ok_or_else(unheard), at: End::Extended })
    }

    fn is_overdue(&self, as_of: AsOf) -> bool {
        self.date <= as_of.date
    }
}

/// Whether a cluster goes on into extended support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Standard,
    Extended,
}

/// The upgrade policy of the cluster.
pub(super) fn policy(snapshot: &Snapshot<'_>) -> Known<Policy> {
    let cluster = snapshot.cluster();
    match cluster.and_then(|cluster| cluster.at(&["upgradePolicy", "supportType"])) {
        Some(Node::Str("STANDARD")) => Ok(Policy::Standard),
        Some(Node::Str("EXTENDED")) => Ok(Policy::Extended),
        Some(other) => {
            let at = "/cluster/upgradePolicy/supportType";
            Err(Unknown::invalid(format!("{other} is no support type"), at))
        }
        None => {
            let object = cluster.and_then(|cluster| cluster.as_object());
            let missing = object.and_then(|object| snapshot.why_missing(object, "upgradePolicy"));
            Err(missing.cloned().unwrap_or_else(|| version::field_absent("upgradePolicy")))
        }
    }
}

/// The fields of the forecast in `facts.cluster.version`.
pub(super) fn fields<'t>(
    versions: &Versions<'_, 't>,
    version: &str,
    builder: FactBuilder<'t>,
) -> Vec<(&'static str, Node<'t>)> {
    let (forced, as_of) = (&versions.forced, versions.as_of);
    let given = |node: &dyn Fn(&Forced) -> Node<'t>| match forced {
        Ok(forced) => node(forced),
        Err(unknown) => builder.unknown(unknown),
    };
    let to = |forced: &Forced| match &forced.to {
        Ok(to) => builder.text(to),
        Err(unknown) => builder.unknown(unknown),
    };
    let surcharge = surcharge(versions, version);
    let breaking = Breaking::of(versions);
    vec![
        ("forcedUpgradeDate", given(&|forced| builder.text(forced.date))),
        ("forcedUpgradeTo", given(&to)),
        ("daysToForcedUpgrade", given(&|forced| Node::Int(as_of.days_until(forced.date)))),
        ("forcedUpgradeOverdue", given(&|forced| Node::Bool(forced.is_overdue(as_of)))),
        ("nodegroupsBreaking", breaking.nodegroups.node(builder)),
        ("addonsBreaking", breaking.addons.node(builder)),
        (
            "forecast",
            given(&|forced| builder.text(sentence(versions, version, forced, &breaking, &surcharge))),
        ),
        ("surchargePerMonth", builder.known(surcharge.map(Node::Double))),
    ]
}

/// What extended support adds to the price of the cluster in a month, in US dollars, today.
fn surcharge(versions: &Versions<'_, '_>, version: &str) -> Known<f64> {
    let (calendar, snapshot) = (&versions.calendar, versions.snapshot);
    let undecided = |words: &str| Err(Unknown::undecided(words.to_owned()));
    match calendar.status(version, versions.as_of.date) {
        None => Err(no_dates(calendar, version)),
        Some(Status::Standard | Status::NotYetKnown) => Ok(0.0),
        Some(Status::Unsupported) => undecided("what a version without support costs is not known"),
        Some(Status::Extended) => extended_surcharge(calendar, snapshot),
    }
}

/// What extended support adds in a month once it has begun. With the policy `STANDARD` AWS charges
/// nothing for it: <https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html>.
fn extended_surcharge(calendar: &Calendar, snapshot: &Snapshot<'_>) -> Known<f64> {
    let undecided = |words: &str| Err(Unknown::undecided(words.to_owned()));
    let arn = snapshot.identity.arn.as_deref().unwrap_or_default();
    if snapshot.kind == Kind::Outpost {
        return undecided("what extended support of a local cluster on an Outpost costs is not known");
    }
    if arn.starts_with("arn:aws-cn:") {
        return undecided("the regions in China have prices of their own");
    }
    Ok(match policy(snapshot)? {
        Policy::Standard => 0.0,
        Policy::Extended => calendar.price.surcharge_per_month(),
    })
}

/// Names that are known, and how many things could not be decided, and the first reason.
#[derive(Debug, Default)]
struct Names<'t> {
    known: Vec<&'t str>,
    undecided: usize,
    reason: Option<Unknown>,
}

impl<'t> Names<'t> {
    fn unknown(reason: Unknown) -> Self {
        Self { known: Vec::new(), undecided: 0, reason: Some(reason) }
    }

    fn add(&mut self, name: &'t str, belongs: Known<bool>) {
        match belongs {
            Ok(true) => self.known.push(name),
            Ok(false) => {}
            Err(unknown) => {
                self.undecided += 1;
                self.reason.get_or_insert(unknown);
            }
        }
    }

    /// The list: not known while one of them is not.
    fn node(&self, builder: FactBuilder<'t>) -> Node<'t> {
        match &self.reason {
            Some(reason) => builder.unknown(reason),
            None => builder.list(self.known.iter().map(|name| Node::Str(name))),
        }
    }
}

/// What does not fit the version that AWS upgrades to.
struct Breaking<'t> {
    nodegroups: Names<'t>,
    addons: Names<'t>,
}

impl<'t> Breaking<'t> {
    fn of(versions: &Versions<'_, 't>) -> Self {
        match versions.minor_then() {
            Ok(then) => Self { nodegroups: nodegroups(versions, then), addons: addons(versions, then) },
            Err(reason) => {
                Self { nodegroups: Names::unknown(reason.clone()), addons: Names::unknown(reason) }
            }
        }
    }
}

/// The node groups whose kubelets are too old for a control plane of that minor version. Nodes do not
/// follow the control plane; those of Auto Mode may, and are no node groups.
fn nodegroups<'t>(versions: &Versions<'_, 't>, then: i64) -> Names<'t> {
    let Some(part) = versions.snapshot.part_named("nodegroups") else {
        return Names::unknown(why_absent(versions.snapshot, "nodegroups"));
    };
    let mut names = Names { reason: part.incomplete.clone(), ..Names::default() };
    for nodegroup in part.items() {
        let name = nodegroup.get_go_cased("nodegroupName").and_then(|node| node.as_str());
        let kubelet = versions.version_of_nodegroup(nodegroup);
        let kubelet = kubelet.and_then(|version| minor(version, "/nodegroups/0/version"));
        names.add(name.unwrap_or("?"), kubelet.map(|kubelet| breaks_skew(then, kubelet)));
    }
    names
}

/// The add-ons whose builds AWS does not offer for a control plane of that minor version.
fn addons<'t>(versions: &Versions<'_, 't>, then: i64) -> Names<'t> {
    let Some(part) = versions.snapshot.part_named("addons") else {
        return Names::unknown(why_absent(versions.snapshot, "addons"));
    };
    let mut names = Names { reason: part.incomplete.clone(), ..Names::default() };
    for item in part.items() {
        let name = item.get_go_cased("addonName").and_then(|node| node.as_str());
        let fits = addon::fits(versions, item, then, None);
        names.add(name.unwrap_or("?"), fits.map(|fits| !fits));
    }
    names
}

/// How many names a sentence carries.
const NAMED: usize = 5;

/// The forecast in one sentence.
fn sentence(
    versions: &Versions<'_, '_>,
    version: &str,
    forced: &Forced,
    breaking: &Breaking<'_>,
    surcharge: &Known<f64>,
) -> String {
    let to = forced.to.as_deref().unwrap_or("a supported version");
    let change = format!("the control plane from {version} to {to} by itself");
    let mut text = match (forced.is_overdue(versions.as_of), forced.at) {
        (true, _) => format!("At any time now AWS upgrades {change} (due since {})", forced.date),
        (false, End::Standard) => format!("On {} AWS upgrades {change}", forced.date),
        (false, End::Extended) => format!("From {} on AWS upgrades {change}, at any time", forced.date),
    };
    if forced.to.is_ok() {
        text += &clause(&breaking.nodegroups, &OF_NODEGROUPS, to);
        text += &clause(&breaking.addons, &OF_ADDONS, to);
    }
    text += &followers(versions.snapshot);
    text + &cost(versions, version, forced, surcharge) + "."
}

/// What a sentence says of nodes that are no node groups.
fn followers(snapshot: &Snapshot<'_>) -> String {
    let auto_mode = snapshot.cluster().and_then(|cluster| cluster.at(&["computeConfig", "enabled"]));
    let fargate = snapshot.part_named("fargateProfiles").is_some_and(|part| !part.items().is_empty());
    let auto_mode =
        (auto_mode == Some(Node::Bool(true))).then_some("; the nodes of Auto Mode may follow by themselves");
    let fargate = fargate.then_some("; Pods on Fargate stay behind until they are deployed again");
    [auto_mode, fargate].into_iter().flatten().collect()
}

/// The words for what breaks.
struct Words {
    thing: &'static str,
    one_breaks: &'static str,
    several_break: &'static str,
}

const OF_NODEGROUPS: Words = Words {
    thing: "node group",
    one_breaks: "then breaks the kubelet's version skew",
    several_break: "then break the kubelet's version skew",
};
const OF_ADDONS: Words =
    Words { thing: "add-on", one_breaks: "then does not fit", several_break: "then do not fit" };

/// What a sentence says of what breaks: the names that are known, and that others are not.
fn clause(names: &Names<'_>, words: &Words, to: &str) -> String {
    let thing = words.thing;
    let known = match names.known.as_slice() {
        [] => String::new(),
        [one] => format!("; the {thing} {one} {}", words.one_breaks),
        [named @ .., last] if names.known.len() <= NAMED => {
            format!("; the {thing}s {} and {last} {}", named.join(", "), words.several_break)
        }
        many => {
            let (named, more) = (many[..NAMED].join(", "), many.len() - NAMED);
            format!("; the {thing}s {named} and {more} more {}", words.several_break)
        }
    };
    let Some(reason) = &names.reason else { return known };
    let other = if names.known.is_empty() { "" } else { "other " };
    let which = match names.undecided {
        0 => format!("every {thing} fits"),
        1 => format!("one {other}{thing} fits"),
        many => format!("{many} {other}{thing}s fit"),
    };
    format!("{known}; it is not known whether {which} Kubernetes {to} ({})", reason.reason)
}

/// What a sentence says of the price.
fn cost(versions: &Versions<'_, '_>, version: &str, forced: &Forced, now: &Known<f64>) -> String {
    let calendar = &versions.calendar;
    let Some(row) = calendar.get(version) else { return String::new() };
    let supported = row.status(versions.as_of.date);
    let goes_on = || {
        let then = forced.date.max(versions.as_of.date);
        forced.to.as_ref().is_ok_and(|to| calendar.status(to, then) == Some(Status::Extended))
    };
    match (supported, forced.at, now) {
        (Status::Standard, End::Extended, _) => match extended_surcharge(calendar, versions.snapshot) {
            Ok(price) if price > 0.0 => {
                let from = row.end_of_standard_support;
                format!("; extended support costs USD {price} a month from {from} until then")
            }
            _ => String::new(),
        },
        (Status::Extended, End::Extended, Ok(price)) if *price > 0.0 => {
            let after = if goes_on() { ", and still after it" } else { "" };
            format!("; extended support costs USD {price} a month until then{after}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
