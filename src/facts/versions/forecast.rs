//! What AWS will do with the control plane by itself, what that breaks, and what waiting costs.
//!
//! The upgrade policy: <https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html>. The
//! automatic upgrades: <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>.

use crate::facts::known::Known;
use crate::facts::versions::addon;
use crate::facts::versions::calendar::{Calendar, SupportStatus};
use crate::facts::versions::context::{
    ForcedUpgrade, SupportType, UpgradeCause, Versions, breaks_skew, minor_of_nodegroup, no_dates,
    support_type,
};
use crate::facts::view::SnapshotView;
use crate::snapshot::{ClusterType, Unknown};

/// What AWS will do by itself, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Forecast<'s> {
    /// The upgrade.
    pub(crate) upgrade: Known<ForcedUpgrade>,
    /// The node groups whose kubelets then break the version skew.
    pub(crate) nodegroups_breaking: BreakingNames<'s>,
    /// The add-ons whose builds then do not fit.
    pub(crate) addons_breaking: BreakingNames<'s>,
    /// All that in one sentence, also what is not known.
    pub(crate) sentence: Known<String>,
    /// The same without what is not known, which [`open`](Self::open) says.
    pub(crate) certain: Known<String>,
    /// What extended support adds to the price of the cluster in a month, in US dollars, today.
    pub(crate) surcharge_per_month: Known<f64>,
}

impl<'s> Forecast<'s> {
    /// The forecast for a cluster of that version.
    pub(crate) fn of(versions: &Versions<'s>, version: &str) -> Self {
        let upgrade = versions.forced.clone();
        let surcharge = surcharge(versions, version);
        let (nodegroups, addons) = match versions.minor_then() {
            Ok(then) => (nodegroups(versions, then), addons(versions, then)),
            Err(reason) => (BreakingNames::unknown(reason.clone()), BreakingNames::unknown(reason)),
        };
        let breaking = [(&nodegroups, &OF_NODEGROUPS), (&addons, &OF_ADDONS)];
        let sentence = |clause: fn(&BreakingNames<'_>, &BreakingWords, &str) -> String| {
            let upgrade = upgrade.as_ref().map_err(Unknown::clone)?;
            let breaks =
                upgrade.to_version().map(|to| breaking.map(|(names, words)| clause(names, words, &to)));
            // Nothing is said of what breaks where it is not known to which version the upgrade leads.
            let breaks = breaks.map(|clauses| clauses.concat()).unwrap_or_default();
            Ok(sentence_with(versions, version, upgrade, &breaks, &surcharge))
        };
        let (sentence, certain) = (sentence(clause), sentence(known_clause));
        Self {
            certain,
            upgrade,
            nodegroups_breaking: nodegroups,
            addons_breaking: addons,
            sentence,
            surcharge_per_month: surcharge,
        }
    }

    /// What is not known of the upgrade, though it is known when it comes and to which version: of which kind of
    /// resource it is not known whether each fits, and why.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&'static str, &Unknown)> {
        let leads = self.upgrade.as_ref().is_ok_and(|upgrade| upgrade.to_version().is_ok());
        let kinds = [(&self.nodegroups_breaking, &OF_NODEGROUPS), (&self.addons_breaking, &OF_ADDONS)];
        let open = kinds.into_iter().filter_map(|(names, words)| Some((words.thing, names.reason.as_ref()?)));
        open.filter(move |_| leads)
    }
}

/// What extended support adds to the price of the cluster in a month, in US dollars, today.
fn surcharge(versions: &Versions<'_>, version: &str) -> Known<f64> {
    let calendar = &versions.calendar;
    match calendar.status(version, versions.as_of.date) {
        None => Err(no_dates(calendar, version)),
        Some(SupportStatus::Standard | SupportStatus::NotYetKnown) => Ok(0.0),
        Some(SupportStatus::Unsupported) => {
            Err(Unknown::undecided("what a version without support costs is not known".to_owned()))
        }
        Some(SupportStatus::Extended) => extended_surcharge(calendar, versions.view),
    }
}

/// What extended support adds in a month once it has begun. With the policy `STANDARD` AWS charges
/// nothing for it: <https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html>.
fn extended_surcharge(calendar: &Calendar, view: SnapshotView<'_>) -> Known<f64> {
    let undecided = |why: &str| Err(Unknown::undecided(why.to_owned()));
    let arn = view.snapshot.identity.arn.as_deref().unwrap_or_default();
    // On instance store it costs the same as in the cloud:
    // <https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts-instance-store-local-cluster-overview.html>
    if view.snapshot.kind == ClusterType::Outpost {
        return undecided("what extended support of a local cluster on an Outpost costs is not known");
    }
    if arn.starts_with("arn:aws-cn:") {
        return undecided("the regions in China have prices of their own");
    }
    Ok(match support_type(view)? {
        SupportType::Standard => 0.0,
        SupportType::Extended => calendar.price.surcharge_per_month(),
    })
}

/// Names of what breaks, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct BreakingNames<'s> {
    /// Those that are known to break.
    known: Vec<&'s str>,
    /// Of how many others it is not known.
    undecided: usize,
    /// Why there may be more: the first reason.
    reason: Option<Unknown>,
}

impl<'s> BreakingNames<'s> {
    fn unknown(reason: Unknown) -> Self {
        Self { known: Vec::new(), undecided: 0, reason: Some(reason) }
    }

    fn add(&mut self, name: &'s str, breaks: Known<bool>) {
        match breaks {
            Ok(true) => self.known.push(name),
            Ok(false) => {}
            Err(unknown) => {
                self.undecided += 1;
                self.reason.get_or_insert(unknown);
            }
        }
    }

    /// All of them: not known while one is not.
    pub(crate) fn all(&self) -> Known<&[&'s str]> {
        self.reason.clone().map_or(Ok(&self.known), Err)
    }
}

/// The node groups whose kubelets are too old for a control plane of that minor version. Nodes do not
/// follow the control plane; those of Auto Mode may, and are no node groups.
fn nodegroups<'s>(versions: &Versions<'s>, then: i64) -> BreakingNames<'s> {
    let mut names = BreakingNames { reason: versions.view.more("nodegroups"), ..BreakingNames::default() };
    for nodegroup in versions.view.items("nodegroups") {
        let kubelet = minor_of_nodegroup(&nodegroup);
        names.add(nodegroup.key().unwrap_or("?"), kubelet.map(|kubelet| breaks_skew(then, kubelet)));
    }
    names
}

/// The add-ons whose builds AWS does not offer for a control plane of that minor version.
fn addons<'s>(versions: &Versions<'s>, then: i64) -> BreakingNames<'s> {
    let mut names = BreakingNames { reason: versions.view.more("addons"), ..BreakingNames::default() };
    for addon in versions.view.items("addons") {
        let fits = addon::fits(versions, &addon, then, None);
        names.add(addon.key().unwrap_or("?"), fits.map(|fits| !fits));
    }
    names
}

/// How many names a sentence carries.
const NAMED: usize = 5;

/// The forecast in one sentence.
fn sentence_with(
    versions: &Versions<'_>,
    version: &str,
    upgrade: &ForcedUpgrade,
    breaks: &str,
    surcharge: &Known<f64>,
) -> String {
    let to = upgrade.to_version().unwrap_or_else(|_| "a supported version".to_owned());
    let change = format!("the control plane from {version} to {to} by itself");
    let start = match (upgrade.is_overdue(versions.as_of), upgrade.cause) {
        (true, _) => format!("At any time now AWS upgrades {change} (due since {})", upgrade.date),
        (false, UpgradeCause::StandardSupportEnds) => format!("On {} AWS upgrades {change}", upgrade.date),
        (false, UpgradeCause::ExtendedSupportEnds) => {
            format!("From {} on AWS upgrades {change}, at any time", upgrade.date)
        }
    };
    let (followers, cost) = (followers(versions.view), cost(versions, version, upgrade, surcharge));
    format!("{start}{breaks}{followers}{cost}.")
}

/// What a sentence says of nodes that are no node groups.
fn followers(view: SnapshotView<'_>) -> String {
    let auto_mode = view.cluster().and_then(|cluster| cluster.flag_under(&["computeConfig", "enabled"]));
    let fargate = view.items("fargateProfiles").next().is_some();
    let auto_mode = (auto_mode == Ok(true)).then_some("; the nodes of Auto Mode may follow by themselves");
    let fargate = fargate.then_some("; Pods on Fargate stay behind until they are deployed again");
    [auto_mode, fargate].into_iter().flatten().collect()
}

/// How a sentence speaks of what breaks.
struct BreakingWords {
    thing: &'static str,
    one_breaks: &'static str,
    several_break: &'static str,
}

const OF_NODEGROUPS: BreakingWords = BreakingWords {
    thing: "node group",
    one_breaks: "then breaks the kubelet's version skew",
    several_break: "then break the kubelet's version skew",
};
const OF_ADDONS: BreakingWords =
    BreakingWords { thing: "add-on", one_breaks: "then does not fit", several_break: "then do not fit" };

/// What a sentence says of what is known to break.
fn known_clause(names: &BreakingNames<'_>, words: &BreakingWords, _: &str) -> String {
    let thing = words.thing;
    match names.known.as_slice() {
        [] => String::new(),
        [one] => format!("; the {thing} {one} {}", words.one_breaks),
        [named @ .., last] if names.known.len() <= NAMED => {
            format!("; the {thing}s {} and {last} {}", named.join(", "), words.several_break)
        }
        many => {
            let (named, more) = (many[..NAMED].join(", "), many.len() - NAMED);
            format!("; the {thing}s {named} and {more} more {}", words.several_break)
        }
    }
}

/// What a sentence says of what breaks: the names that are known, and that others are not.
fn clause(names: &BreakingNames<'_>, words: &BreakingWords, to: &str) -> String {
    let (known, thing) = (known_clause(names, words, to), words.thing);
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
fn cost(versions: &Versions<'_>, version: &str, upgrade: &ForcedUpgrade, now: &Known<f64>) -> String {
    let calendar = &versions.calendar;
    let Some(row) = calendar.get(version) else { return String::new() };
    let supported = row.status(versions.as_of.date);
    let goes_on = || {
        let then = upgrade.date.max(versions.as_of.date);
        upgrade.to_version().is_ok_and(|to| calendar.status(&to, then) == Some(SupportStatus::Extended))
    };
    match (supported, upgrade.cause, now) {
        (SupportStatus::Standard, UpgradeCause::ExtendedSupportEnds, _) => {
            match extended_surcharge(calendar, versions.view) {
                Ok(price) if price > 0.0 => {
                    let from = row.end_of_standard_support;
                    format!("; extended support costs USD {price} a month from {from} until then")
                }
                _ => String::new(),
            }
        }
        (SupportStatus::Extended, UpgradeCause::ExtendedSupportEnds, Ok(price)) if *price > 0.0 => {
            let after = if goes_on() { ", and still after it" } else { "" };
            format!("; extended support costs USD {price} a month until then{after}")
        }
        _ => String::new(),
    }
}
