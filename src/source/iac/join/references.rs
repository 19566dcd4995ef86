//! What items name that no item is.

use super::super::value::{TemplateValue, ValueKind};
use super::attach::PerhapsItem;
use super::keys::{DraftValues, in_words, names_of, values_at};
use super::more::MoreReasons;
use super::stub::stub;
use crate::snapshot::section::{self, SectionScope};
use rustc_hash::{FxHashMap, FxHashSet};

/// Where items of a section name items of another one.
struct ItemReference {
    from: &'static str,
    at: &'static [&'static str],
    to: &'static str,
    /// Whether what is named and not described becomes an item with unknown fields; else there may be more, and that is all.
    is_item: bool,
}

const fn item(from: &'static str, at: &'static [&'static str], to: &'static str) -> ItemReference {
    ItemReference { from, at, to, is_item: true }
}

const fn more(from: &'static str, at: &'static [&'static str], to: &'static str) -> ItemReference {
    ItemReference { from, at, to, is_item: false }
}

/// In the order in which sections name each other.
const REFERENCES: [ItemReference; 28] = [
    item("cluster", &["resourcesVpcConfig", "subnetIds"], "subnets"),
    item("cluster", &["resourcesVpcConfig", "securityGroupIds"], "securityGroups"),
    item("cluster", &["resourcesVpcConfig", "clusterSecurityGroupId"], "securityGroups"),
    item("cluster", &["roleArn"], "roles"),
    item("cluster", &["computeConfig", "nodeRoleArn"], "roles"),
    item("nodegroups", &["subnets"], "subnets"),
    item("nodegroups", &["nodeRole"], "roles"),
    item("nodegroups", &["remoteAccess", "sourceSecurityGroups"], "securityGroups"),
    item("nodegroups", &["resources", "remoteAccessSecurityGroup"], "securityGroups"),
    item("nodegroups", &["launchTemplate", "id"], "launchTemplates"),
    item("nodegroups", &["launchTemplate", "name"], "launchTemplates"),
    more("nodegroups", &["launchTemplate", "id"], "launchTemplateVersions"),
    more("nodegroups", &["launchTemplate", "name"], "launchTemplateVersions"),
    item("fargateProfiles", &["subnets"], "subnets"),
    item("fargateProfiles", &["podExecutionRoleArn"], "roles"),
    item("addons", &["serviceAccountRoleArn"], "roles"),
    item("podIdentityAssociations", &["roleArn"], "roles"),
    more("podIdentityAssociations", &["targetRoleArn"], "roles"),
    item("capabilities", &["roleArn"], "roles"),
    item("launchTemplateVersions", &["LaunchTemplateData", "SecurityGroupIds"], "securityGroups"),
    item("launchTemplateVersions", &["LaunchTemplateData", "NetworkInterfaces", "Groups"], "securityGroups"),
    more("launchTemplateVersions", &["LaunchTemplateData", "IamInstanceProfile", "Arn"], "instanceProfiles"),
    more("launchTemplateVersions", &["LaunchTemplateData", "IamInstanceProfile", "Name"], "instanceProfiles"),
    more("roles", &["AttachedPolicies", "PolicyArn"], "policies"),
    more("securityGroups", &["IpPermissions", "PrefixListIds", "PrefixListId"], "managedPrefixLists"),
    more("securityGroups", &["IpPermissionsEgress", "PrefixListIds", "PrefixListId"], "managedPrefixLists"),
    more("routeTables", &["Routes", "DestinationPrefixListId"], "managedPrefixLists"),
    more("vpc", &["DhcpOptionsId"], "dhcpOptions"),
];

/// Adds items for what is named and not described, and says why sections may have more.
pub(super) fn add_stubs(values: &mut DraftValues, reasons: &mut MoreReasons, perhaps: &[PerhapsItem]) {
    let mut known = DescribedNames::default();
    for reference in &REFERENCES {
        // What may be there may name something as well. In a VPC all is known, whoever names it.
        let is_of_vpc = section::by_name(reference.to).is_some_and(|to| to.scope == SectionScope::Vpc);
        if let Some(reason) = reasons.of(reference.from).filter(|_| !is_of_vpc) {
            reasons.add(reference.to, || reason);
        }
        let named = named(values, reference.from, reference.at);
        if let Some(all) = named.all.first() {
            reasons.add(reference.to, || match all.kind {
                ValueKind::Symbol(_) => format!("{} is known only after apply", in_words(all)),
                _ => in_words(all),
            });
        }
        resolve(values, reasons, perhaps, &mut known, reference, named.each);
    }
    for value in named(values, "accessEntries", &["principalArn"]).each {
        principal(values, reasons, perhaps, &mut known, value);
    }
}

/// What the items of each section are called, as far as that was asked for: most sections are named by several others.
type DescribedNames = FxHashMap<&'static str, FxHashSet<String>>;

/// An access entry is for a role or a user.
fn principal(
    values: &mut DraftValues,
    reasons: &mut MoreReasons,
    perhaps: &[PerhapsItem],
    known: &mut DescribedNames,
    value: TemplateValue,
) {
    let text = value.join_key().unwrap_or_default();
    let is_role = text.contains(":role/") || text.contains("aws_iam_role.");
    let is_user = text.contains(":user/") || text.contains("aws_iam_user.");
    for (to, is_it, is_other) in [("roles", is_role, is_user), ("users", is_user, is_role)] {
        if !is_other {
            let reference =
                ItemReference { from: "accessEntries", at: &["principalArn"], to, is_item: is_it };
            resolve(values, reasons, perhaps, known, &reference, vec![value.clone()]);
        }
    }
}

/// What items name at a path.
struct NamedValues {
    each: Vec<TemplateValue>,
    /// Values that stand for all that an item names, so for no item: a list that is not known.
    all: Vec<TemplateValue>,
}

/// Fields that hold lists of what they name.
const LISTS: [&str; 6] =
    ["Groups", "SecurityGroupIds", "securityGroupIds", "sourceSecurityGroups", "subnetIds", "subnets"];

fn named(values: &DraftValues, section: &str, path: &[&str]) -> NamedValues {
    let mut named = NamedValues { each: Vec::new(), all: Vec::new() };
    let Some((last, outer)) = path.split_last() else { return named };
    for parent in values.get(section).into_iter().flatten().flat_map(|item| values_at(item, outer)) {
        let value = match &parent.kind {
            ValueKind::Map(_) => parent.get(last),
            _ => Some(parent),
        };
        match value {
            None => {}
            Some(list) if matches!(list.kind, ValueKind::List(_)) => {
                named.each.extend(list.items().iter().cloned());
            }
            Some(one) if std::ptr::eq(one, parent) || LISTS.contains(last) => named.all.push(one.clone()),
            Some(one) => named.each.push(one.clone()),
        }
    }
    named
}

fn resolve(
    values: &mut DraftValues,
    reasons: &mut MoreReasons,
    perhaps: &[PerhapsItem],
    known: &mut DescribedNames,
    reference: &ItemReference,
    named: Vec<TemplateValue>,
) {
    let Some(section) = section::by_name(reference.to) else { return };
    let Some(items) = values.get_mut(reference.to) else { return };
    let names = |items: &[TemplateValue]| items.iter().flat_map(|item| names_of(section, item)).collect();
    let known = known.entry(reference.to).or_insert_with(|| names(items));
    for value in named.into_iter().filter(|value| !value.is_null()) {
        let Some(name) = value.join_key() else {
            reasons.add(&section.name, || in_words(&value));
            continue;
        };
        if name.is_empty() || known.contains(&name) {
            continue;
        }
        let reason = why_not_described(&value, perhaps);
        // Of an account or a region, a snapshot has what is named, and what becomes an item is that. A VPC has more.
        if !reference.is_item || section.scope == SectionScope::Vpc {
            reasons.add(&section.name, || reason.clone());
        }
        if reference.is_item {
            items.push(stub(section, &value, &reason));
            for holder in section_of_associations(reference.to) {
                reasons.add(holder, || reason.clone());
            }
            known.insert(name);
        }
    }
}

/// The sections that say of items of another one what is for them: whoever describes a subnet describes its routes elsewhere, too.
fn section_of_associations(section: &str) -> &'static [&'static str] {
    if section == "subnets" { &["routeTables", "networkAcls"] } else { &[] }
}

fn why_not_described(value: &TemplateValue, perhaps: &[PerhapsItem]) -> String {
    let resource = match &value.kind {
        ValueKind::Symbol(symbol) => symbol.resource.as_ref(),
        _ => None,
    };
    let item = perhaps.iter().find(|item| Some(&item.address) == resource);
    match item {
        Some(item) => format!("{} may be there: {}", item.address, item.reason),
        None => format!("{} is not described in this template", in_words(value)),
    }
}
