//! Which Kubernetes versions the installed build of an add-on fits, as far as `addonVersions` says.
//!
//! DescribeAddonVersions: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html>.
//! It is usually asked for the cluster's own version, so for others it mostly says nothing: that is
//! unknown, never incompatible.

use super::builder::FactBuilder;
use super::calendar;
use super::known::Known;
use super::version::{Versions, breaks_skew};
use super::view::why_absent;
use crate::snapshot::Unknown;
use crate::value::Node;

/// The facts of `facts.addons`.
pub(super) fn all<'t>(versions: &Versions<'_, 't>, builder: FactBuilder<'t>) -> Node<'t> {
    let Some(part) = versions.snapshot.part_named("addons") else {
        return builder.absent(versions.snapshot, "addons");
    };
    let facts = part.items().iter().enumerate().filter_map(|(at, addon)| {
        let name = addon.get_go_cased("addonName")?.as_str()?;
        let missing = versions.snapshot.why_incomplete(addon.as_object()?);
        let place = || super::version::place(&part.item_pointer(at), addon, "addonVersion");
        let known = || builder.object_at(place().as_str(), fields(versions, *addon, name, builder));
        Some((name, missing.map_or_else(known, |unknown| builder.unknown(unknown))))
    });
    builder.object(facts)
}

fn fields<'t>(
    versions: &Versions<'_, 't>,
    addon: Node<'t>,
    name: &str,
    builder: FactBuilder<'t>,
) -> Vec<(&'static str, Node<'t>)> {
    let now = versions.minor_now();
    let fits = |plane: Known<i64>, platform| fits(versions, &addon, plane?, platform);
    let cluster = versions.snapshot.cluster();
    let platform =
        cluster.and_then(|cluster| cluster.get_go_cased("platformVersion")).and_then(|p| p.as_str());
    let best = |pick: Pick| {
        let build = now.clone().and_then(|plane| offered(versions, name, plane, pick));
        builder.known(build.map(Node::Str))
    };
    vec![
        ("value", builder.known(installed(versions, &addon).map(Node::Str))),
        ("compatible", builder.flag(fits(now.clone(), platform))),
        ("compatibleWithNext", builder.flag(fits(now.clone().map(|plane| plane + 1), None))),
        ("compatibleAfterForcedUpgrade", builder.flag(fits(versions.minor_then(), None))),
        ("defaultVersion", best(Pick::Default)),
        ("latestVersion", best(Pick::Latest)),
    ]
}

/// Whether the installed build of an add-on fits a control plane of that minor version. `platform` is
/// the platform version of the control plane, where it is known.
pub(super) fn fits<'t>(
    versions: &Versions<'_, 't>,
    addon: &Node<'t>,
    control_plane: i64,
    platform: Option<&str>,
) -> Known<bool> {
    let installed = installed(versions, addon)?;
    let name = addon.get_go_cased("addonName").and_then(|node| node.as_str()).unwrap_or_default();
    if kube_proxy(name, installed).is_some_and(|own| breaks_skew(control_plane, own)) {
        return Ok(false);
    }
    let builds = builds(versions, name)?;
    let build = builds.iter().find(|build| text(build, "addonVersion") == Some(installed));
    let version = format!("1.{control_plane}");
    if let Some(fitting) = build.and_then(|build| compatibility(build, &version)) {
        return on_platform(&fitting, platform);
    }
    let spoken_of = builds.iter().any(|build| compatibility(build, &version).is_some());
    match (build, spoken_of) {
        (Some(_), true) => Ok(false),
        (None, true) => Err(Unknown::undecided(format!("{name} {installed} is not offered for {version}"))),
        (_, false) => {
            Err(Unknown::undecided(format!("addonVersions says nothing about Kubernetes {version}")))
        }
    }
}

/// The minor version of kube-proxy, which the version skew policy binds like a kubelet: never newer than
/// the control plane, and no more minor versions older than a kubelet may be.
/// <https://kubernetes.io/releases/version-skew-policy/#kube-proxy>
pub(super) fn kube_proxy(name: &str, installed: &str) -> Option<i64> {
    calendar::minor(installed).filter(|_| name == "kube-proxy")
}

/// The installed build.
pub(super) fn installed<'t>(versions: &Versions<'_, 't>, addon: &Node<'t>) -> Known<&'t str> {
    let missing = || {
        let noted =
            addon.as_object().and_then(|object| versions.snapshot.why_missing(object, "addonVersion"));
        let absent = || Unknown::field_absent("/addons/0/addonVersion", Some("eks:DescribeAddon".to_owned()));
        noted.cloned().unwrap_or_else(absent)
    };
    text(addon, "addonVersion").ok_or_else(missing)
}

/// What AWS offers of an add-on.
fn builds<'t>(versions: &Versions<'_, 't>, name: &str) -> Known<&'t [Node<'t>]> {
    let Some(part) = versions.snapshot.part_named("addonVersions") else {
        return Err(why_absent(versions.snapshot, "addonVersions"));
    };
    let silent = || Unknown::undecided(format!("addonVersions says nothing about {name}"));
    let unlisted = || part.incomplete.clone().unwrap_or_else(silent);
    let item = part.position(name).and_then(|at| part.items().get(at)).ok_or_else(unlisted)?;
    let builds = item.get_go_cased("addonVersions").and_then(|node| node.as_list()).ok_or_else(silent)?;
    match spend(versions, builds) {
        true => Ok(builds),
        false => Err(Unknown::undecided("addonVersions is too long to be judged".to_owned())),
    }
}

/// Takes what looking through builds costs from the budget of the snapshot, if that is enough.
fn spend(versions: &Versions<'_, '_>, builds: &[Node<'_>]) -> bool {
    let budget = versions.budget.get();
    let rows = |build: &Node<'_>| compatibilities(build).len() + 1;
    let cost = || u32::try_from(builds.iter().map(rows).sum::<usize>()).unwrap_or(u32::MAX);
    // What is used up is not counted again.
    let left = if budget == 0 { None } else { budget.checked_sub(cost()) };
    versions.budget.set(left.unwrap_or_default());
    left.is_some()
}

fn compatibilities<'t>(build: &Node<'t>) -> &'t [Node<'t>] {
    build.get_go_cased("compatibilities").and_then(|node| node.as_list()).unwrap_or_default()
}

/// What a build says about a version of the cluster.
fn compatibility<'t>(build: &Node<'t>, version: &str) -> Option<Node<'t>> {
    compatibilities(build).iter().find(|row| text(row, "clusterVersion") == Some(version)).copied()
}

/// Whether a build that fits a version fits the platform version too. `*` stands for all of them.
fn on_platform(fitting: &Node<'_>, platform: Option<&str>) -> Known<bool> {
    let listed = fitting.get_go_cased("platformVersions").and_then(|node| node.as_list()).unwrap_or_default();
    let lists = |sought: &str| listed.iter().any(|item| item.as_str() == Some(sought));
    match platform {
        _ if listed.is_empty() || lists("*") => Ok(true),
        Some(platform) => Ok(lists(platform)),
        None => Err(Unknown::undecided("the build fits some platform versions only".to_owned())),
    }
}

/// Which of the builds that AWS offers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pick {
    Default,
    Latest,
}

/// The default or the latest build for a control plane of that minor version.
fn offered<'t>(versions: &Versions<'_, 't>, name: &str, control_plane: i64, pick: Pick) -> Known<&'t str> {
    let version = format!("1.{control_plane}");
    let fitting = builds(versions, name)?.iter().filter(|build| {
        let fitting = compatibility(build, &version);
        let default = |row: Node<'_>| row.get_go_cased("defaultVersion") == Some(Node::Bool(true));
        fitting.is_some_and(|row| pick == Pick::Latest || default(row))
    });
    let latest = fitting.filter_map(|build| text(build, "addonVersion")).max_by_key(|build| numbers(build));
    latest.ok_or_else(|| {
        Unknown::undecided(format!("addonVersions names no such build of {name} for {version}"))
    })
}

/// The numbers of a build, to compare by: `v1.62.0-eksbuild.1` gives 1, 62, 0, 1.
fn numbers(build: &str) -> Vec<u64> {
    let digits = build.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap_or(u64::MAX)).collect()
}

fn text<'t>(node: &Node<'t>, field: &str) -> Option<&'t str> {
    node.get_go_cased(field)?.as_str()
}
