//! Which Kubernetes versions the installed build of an add-on fits, as far as `addonVersions` says.
//!
//! DescribeAddonVersions: <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html>.
//! It is usually asked for the cluster's own version, so for others it mostly says nothing: that is
//! unknown, never incompatible.

use crate::facts::known::{Known, any};
use crate::facts::versions::calendar;
use crate::facts::versions::context::{Versions, breaks_skew, name_of};
use crate::facts::view::{ObjectView, ResourceView};
use crate::snapshot::Unknown;
use crate::value::{Json, Pointer};

/// The installed build of an add-on, and what AWS offers instead.
#[derive(Clone, Debug)]
pub(crate) struct AddonVersion<'s> {
    /// Where the build is written.
    pub(crate) place: Pointer,
    /// The installed build.
    pub(crate) value: Known<&'s str>,
    /// Whether it fits the control plane as it is.
    pub(crate) compatible: Known<bool>,
    /// Whether it fits the next minor version.
    pub(crate) compatible_with_next: Known<bool>,
    /// Whether it fits the version that AWS upgrades to by itself.
    pub(crate) compatible_after_forced_upgrade: Known<bool>,
    /// What AWS installs by default on the control plane's version.
    pub(crate) default_version: Known<&'s str>,
    /// The newest build for the control plane's version.
    pub(crate) latest_version: Known<&'s str>,
}

impl<'s> AddonVersion<'s> {
    /// What follows from the version of an add-on of that name.
    pub(crate) fn of(versions: &Versions<'s>, addon: &ResourceView<'s>, name: &str) -> Self {
        let now = versions.minor_now();
        let fits = |plane: Known<i64>, platform| fits(versions, addon, plane?, platform);
        let cluster = versions.view.cluster().ok();
        let platform = cluster.and_then(|cluster| cluster.text("platformVersion").ok());
        let best = |pick| now.clone().and_then(|plane| offered(versions, name, plane, pick));
        Self {
            place: addon.place("addonVersion"),
            value: installed(addon),
            compatible: fits(now.clone(), platform),
            compatible_with_next: fits(now.clone().map(|plane| plane + 1), None),
            compatible_after_forced_upgrade: fits(versions.minor_then(), None),
            default_version: best(Pick::Default),
            latest_version: best(Pick::Latest),
        }
    }
}

/// Whether the installed build of an add-on fits a control plane of that minor version. `platform` is
/// the platform version of the control plane, where it is known.
pub(crate) fn fits<'s>(
    versions: &Versions<'s>,
    addon: &ResourceView<'s>,
    control_plane: i64,
    platform: Option<&str>,
) -> Known<bool> {
    let installed = installed(addon)?;
    let name = addon.key().unwrap_or_default();
    if kube_proxy(name, installed).is_some_and(|own| breaks_skew(control_plane, own)) {
        return Ok(false);
    }
    let builds = builds(versions, name)?;
    let build = find_by(builds.clone(), "addonVersion", installed)?;
    let version = name_of(control_plane);
    let fitting = build.map(|build| compatibility(&build, &version)).transpose()?.flatten();
    if let Some(fitting) = fitting {
        return on_platform(&fitting, platform);
    }
    let speaks = |build: Known<ObjectView<'s>>| compatibility(&build?, &version).map(|row| row.is_some());
    let spoken_of = any(builds.map(speaks))?;
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
fn kube_proxy(name: &str, installed: &str) -> Option<i64> {
    calendar::minor(installed).filter(|_| name == "kube-proxy")
}

/// The installed build.
fn installed<'s>(addon: &ResourceView<'s>) -> Known<&'s str> {
    addon.text("addonVersion")
}

/// What AWS offers of an add-on.
fn builds<'s>(
    versions: &Versions<'s>,
    name: &str,
) -> Known<impl Iterator<Item = Known<ObjectView<'s>>> + Clone + use<'s>> {
    let silent = || Unknown::undecided(format!("addonVersions says nothing about {name}"));
    let item = versions.view.find("addonVersions", name)?.ok_or_else(silent)?;
    let rows = |build: &Json<'s>| {
        let compatibilities = build.get_go_cased("compatibilities").and_then(|rows| rows.as_list());
        compatibilities.map_or(1, |rows| rows.len() + 1)
    };
    let list = item.list("addonVersions")?;
    if !versions.take_addon_rows(|| list.iter().map(rows).sum()) {
        return Err(Unknown::undecided("addonVersions is too long to be evaluated".to_owned()));
    }
    item.objects(&["addonVersions", "*"])
}

/// The first object whose field has that value. Not known if one of them is no object, or if it is none of those that
/// can be read and one of the others may be it.
fn find_by<'s>(
    objects: impl Iterator<Item = Known<ObjectView<'s>>>,
    field: &str,
    sought: &str,
) -> Known<Option<ObjectView<'s>>> {
    let (mut found, mut unread) = (None, None);
    for object in objects {
        let object = object?;
        match object.text(field) {
            Ok(known) if known == sought => found = found.or(Some(object)),
            Ok(_) => {}
            Err(unknown) => unread = Some(unknown),
        }
    }
    match (found, unread) {
        (None, Some(unknown)) => Err(unknown),
        (found, _) => Ok(found),
    }
}

/// What a build says about a version of the cluster.
fn compatibility<'s>(build: &ObjectView<'s>, version: &str) -> Known<Option<ObjectView<'s>>> {
    let rows = build.optional_objects(&["addonVersions", "*", "compatibilities", "*"])?;
    find_by(rows, "clusterVersion", version)
}

/// Whether a build that fits a version fits the platform version too. `*` means all of them.
fn on_platform(fitting: &ObjectView<'_>, platform: Option<&str>) -> Known<bool> {
    let listed = fitting.optional_texts("platformVersions")?;
    let lists = |sought: &str| listed.contains(&sought);
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
fn offered<'s>(versions: &Versions<'s>, name: &str, control_plane: i64, pick: Pick) -> Known<&'s str> {
    let version = name_of(control_plane);
    let mut fitting = Vec::new();
    for build in builds(versions, name)? {
        let build = build?;
        let Some(row) = compatibility(&build, &version)? else { continue };
        if pick == Pick::Latest || row.optional_flag("defaultVersion")? == Some(true) {
            fitting.push(build.text("addonVersion")?);
        }
    }
    fitting.into_iter().max_by_key(|build| numbers(build)).ok_or_else(|| {
        Unknown::undecided(format!("addonVersions names no such build of {name} for {version}"))
    })
}

/// The numbers of a build, to compare by: `v1.62.0-eksbuild.1` gives 1, 62, 0, 1.
fn numbers(build: &str) -> Vec<u64> {
    let digits = build.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.parse().unwrap_or(u64::MAX)).collect()
}
