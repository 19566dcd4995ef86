//! What EKS fills in by itself from other parts of a cluster.

use super::super::value::{TemplateValue, ValueKind, ValueOrigin};
use super::keys::{DraftValues, names_of, values_at};
use super::more::MoreReasons;
use crate::snapshot::section;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Whose it is.
const EKS: &str = "EKS";

/// The first minor version of Kubernetes for which AL2023 is the image that EKS chooses.
const FIRST_OF_AL2023: u32 = 30;

/// Fills in what depends on other parts.
pub(super) fn fill(values: &mut DraftValues, reasons: &mut MoreReasons, is_described: bool) {
    let templates = values.get("launchTemplateVersions").cloned().unwrap_or_default();
    let version = values.get("cluster").and_then(|cluster| cluster.first()?.get("version").cloned());
    let groups = values.get("nodegroups").cloned().unwrap_or_default();
    let groups = groups.iter().map(|group| of_launch_template(group, &templates, version.as_ref())).collect();
    if let Some(known) = values.get_mut("nodegroups") {
        *known = groups;
    }
    if is_described {
        add_entries(values, reasons);
    }
}

/// A node group runs the version of its cluster, unless its launch template has an image; then its type of image says so.
fn of_launch_template(
    group: &TemplateValue,
    templates: &[TemplateValue],
    version: Option<&TemplateValue>,
) -> TemplateValue {
    let unknown = |reason: &str| TemplateValue::unknown(reason, None, None);
    let has_image = has_image(group, templates);
    let mut group = group.clone();
    if has_image == Some(true) && group.get("amiType").is_none_or(TemplateValue::is_unknown) {
        group = with(&group, "amiType", of_eks(ValueKind::Text("CUSTOM".into())));
    }
    if let Some(image) = default_image(&group, version).filter(|_| has_image == Some(false)) {
        group = with(&group, "amiType", of_eks(ValueKind::Text(image.into())));
    }
    if group.get("version").is_some() {
        return group;
    }
    let version = match (has_image, version) {
        (Some(false), Some(version)) => {
            TemplateValue { origin: ValueOrigin::DefaultOf(EKS.into()), place: None, ..version.clone() }
        }
        (Some(false), None) => {
            unknown("it is the version of the cluster, which is not described in this template")
        }
        (Some(true), _) => unknown("the image of the launch template says the version"),
        (None, _) => unknown("the launch template may have an image, which says the version"),
    };
    with(&group, "version", version)
}

/// The type of image that EKS chooses where nobody asks for one: AL2023 from this version on, says the EKS user guide. Which one it
/// is for other processors and for those with accelerators, it does not say.
fn default_image(group: &TemplateValue, version: Option<&TemplateValue>) -> Option<&'static str> {
    // What nobody wrote has no place.
    let is_asked_for = group.get("amiType").is_none_or(|image| !image.is_unknown() || image.place.is_some());
    let version = group.get("version").or(version)?.as_str()?;
    let minor: u32 = version.strip_prefix("1.")?.parse().ok()?;
    let types = group.get("instanceTypes")?.items();
    let is_plain = |kind: &TemplateValue| kind.as_str().is_some_and(is_plain_x86);
    (!is_asked_for && minor >= FIRST_OF_AL2023 && !types.is_empty() && types.iter().all(is_plain))
        .then_some("AL2023_x86_64_STANDARD")
}

/// Whether a type of instance is of a family that has no accelerators, and not of those with AWS's processors: `m7g` has a `g` after
/// its generation.
fn is_plain_x86(kind: &str) -> bool {
    let family = kind.split('.').next().unwrap_or_default();
    let rest = family.strip_prefix(['t', 'm', 'c', 'r']).unwrap_or_default();
    let options = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    options.len() < rest.len() && !options.contains('g')
}

/// Whether the launch template of a node group has an image, if that is known. Without a template, it has none.
fn has_image(group: &TemplateValue, templates: &[TemplateValue]) -> Option<bool> {
    let Some(template) = group.get("launchTemplate") else { return Some(false) };
    let section = section::by_name("launchTemplateVersions")?;
    let called: Vec<_> = ["id", "name"].iter().filter_map(|field| template.get(field)?.join_key()).collect();
    let is_it = |item: &&TemplateValue| names_of(section, item).iter().any(|name| called.contains(name));
    let data = templates.iter().find(is_it)?.get("LaunchTemplateData")?;
    match data.get("ImageId") {
        None if data.is_unknown() => None,
        None => Some(false),
        Some(image) if image.is_unknown() => None,
        Some(_) => Some(true),
    }
}

/// EKS makes the access entries of managed node groups, Fargate profiles and Auto Mode, and one for who creates the cluster.
fn add_entries(values: &mut DraftValues, reasons: &mut MoreReasons) {
    let Some(cluster) = values.get("cluster").and_then(|cluster| cluster.first()).cloned() else {
        // One that may be there may have entries of its own.
        if let Some(reason) = reasons.of("cluster") {
            reasons.add("accessEntries", || reason);
        }
        return;
    };
    let at = |path: &[&str]| values_at(&cluster, path).first().map(|value| (*value).clone());
    let mode = at(&["accessConfig", "authenticationMode"]);
    match mode.as_ref().and_then(TemplateValue::as_str) {
        Some("CONFIG_MAP") => return,
        Some(_) => {}
        None => {
            reasons.add("accessEntries", || "the authentication mode is not known".to_owned());
            return;
        }
    }
    let creator = at(&["accessConfig", "bootstrapClusterCreatorAdminPermissions"]);
    if !creator.is_some_and(|creator| creator.kind == ValueKind::Bool(false)) {
        reasons.add("accessEntries", || "who creates the cluster gets an access entry".to_owned());
    }
    for section in ["nodegroups", "fargateProfiles"] {
        if let Some(reason) = reasons.of(section) {
            reasons.add("accessEntries", || reason);
        }
    }
    let section = section::by_name("accessEntries");
    let known = values.get("accessEntries").cloned().unwrap_or_default();
    let mut known: FxHashSet<String> = known
        .iter()
        .flat_map(|entry| section.map(|section| names_of(section, entry)).unwrap_or_default())
        .collect();
    let name = cluster.get("name").cloned();
    let mut entries = Vec::new();
    for (role, kind) in node_roles(values, &cluster) {
        match role.join_key() {
            None => reasons.add("accessEntries", || "the role of nodes is not known".to_owned()),
            Some(key) => {
                if known.insert(key) {
                    entries.push(entry(role, kind, name.as_ref()));
                }
            }
        }
    }
    if let Some(all) = values.get_mut("accessEntries") {
        all.extend(entries);
    }
}

/// The roles of nodes, with the types of their entries.
fn node_roles(values: &DraftValues, cluster: &TemplateValue) -> Vec<(TemplateValue, Option<&'static str>)> {
    let of = |section: &str| values.get(section).into_iter().flatten();
    let kind_of = |group: &TemplateValue| match group.get("amiType") {
        None => Some("EC2_LINUX"),
        // EKS chooses Linux, unless it is asked for Windows: what nobody wrote has no place.
        Some(ami) if ami.is_unknown() => ami.place.is_none().then_some("EC2_LINUX"),
        Some(ami) => match ami.as_str()? {
            "CUSTOM" => None,
            ami if ami.starts_with("WINDOWS") => Some("EC2_WINDOWS"),
            _ => Some("EC2_LINUX"),
        },
    };
    let groups = of("nodegroups").filter_map(|group| Some((group.get("nodeRole")?.clone(), kind_of(group))));
    let profile =
        |profile: &TemplateValue| Some((profile.get("podExecutionRoleArn")?.clone(), Some("FARGATE_LINUX")));
    let profiles = of("fargateProfiles").filter_map(profile);
    let pools = values_at(cluster, &["computeConfig", "nodePools"]);
    let auto =
        values_at(cluster, &["computeConfig", "nodeRoleArn"]).into_iter().filter(|_| !pools.is_empty());
    groups.chain(profiles).chain(auto.map(|role| (role.clone(), Some("EC2")))).collect()
}

fn entry(role: TemplateValue, kind: Option<&'static str>, cluster: Option<&TemplateValue>) -> TemplateValue {
    let unknown = || TemplateValue::unknown("EKS makes this access entry", None, None);
    let kind = kind.map_or_else(unknown, |kind| of_eks(ValueKind::Text(kind.into())));
    let fields = [
        ("type", kind),
        ("kubernetesGroups", unknown()),
        ("username", unknown()),
        ("associatedAccessPolicies", unknown()),
    ];
    let place = role.place.clone();
    let fields = fields.into_iter().chain(cluster.map(|name| ("clusterName", name.clone())));
    TemplateValue::map(fields.chain([("principalArn", role)]), place)
}

fn of_eks(kind: ValueKind) -> TemplateValue {
    TemplateValue { origin: ValueOrigin::DefaultOf(EKS.into()), ..TemplateValue::new(kind, None) }
}

fn with(object: &TemplateValue, name: &str, value: TemplateValue) -> TemplateValue {
    let ValueKind::Map(fields) = &object.kind else { return object.clone() };
    let mut fields = (**fields).clone();
    fields.insert(name.into(), value);
    TemplateValue { kind: ValueKind::Map(Arc::new(fields)), ..object.clone() }
}
