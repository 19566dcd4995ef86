//! The sections of a snapshot: one table (`sections.json`) that says what each is called, how its
//! items are told apart, which API calls fill it, whose its items are, and what AWS hides of it.

use crate::value::Json;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::LazyLock;

/// One section of a snapshot.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// Its name in the snapshot and in rules: `nodegroups`.
    pub name: String,
    /// The name of one resource in rules: `nodegroup`.
    pub singular: String,
    /// One resource in words: "node group".
    pub title: String,
    shape: Shape,
    /// The field that tells items apart.
    pub key: Option<String>,
    /// The fields that tell items apart together, joined by `:`.
    #[serde(default)]
    pub compound_key: Vec<String>,
    /// The AWS service that its items come from, unless they are put together from several calls.
    pub service: Option<String>,
    /// Dotted paths within an item, through lists too, that a snapshot must not hold.
    pub drop: Vec<String>,
    /// Which API calls fill it.
    pub calls: Vec<Call>,
    /// What it is a part of.
    pub scope: SectionScope,
    #[serde(default)]
    membership: Option<Membership>,
    /// The fields of an item under which other sections name it.
    #[serde(default)]
    pub named_as: Vec<String>,
    /// The sections that name its items: while one of these lacks something, it may too.
    #[serde(default)]
    pub named_by: Vec<String>,
    /// Sections are put together in passes: each after all that name its items.
    #[serde(default)]
    pass: u8,
    /// Whether AWS tells a participant of a shared VPC nothing about what is the owner's.
    #[serde(default)]
    pub owner_only: bool,
    /// The fields of an item that AWS does not tell a participant of a shared VPC.
    #[serde(default)]
    pub owner_only_fields: Vec<String>,
    /// Whether only a running cluster shows it: no template has it.
    #[serde(default)]
    pub running_only: bool,
    /// Fields of its items that only a running cluster shows, so that no template has them.
    #[serde(default)]
    pub running_fields: Vec<String>,
    /// How the ids of its items start.
    pub id_prefix: Option<String>,
    /// The fields one of which every item has, if that is not the key.
    #[serde(default)]
    marked_by: Vec<String>,
    /// Its place in the table.
    #[serde(skip)]
    index: usize,
}

/// An API call, and the IAM action that allows it.
#[derive(Debug, Deserialize, PartialEq)]
pub struct Call {
    /// Service and operation: `eks:DescribeCluster`.
    pub api: String,
    /// The IAM action.
    pub action: String,
    /// The fields of an item that this call gives, and not the one that describes items.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Whether it is newer than some regions, and than servers that stand in for AWS. All clusters of a
    /// region wait for it: where it does not answer soon, it is given up.
    #[serde(default)]
    pub optional: bool,
}

/// What a section is a part of.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum SectionScope {
    /// One cluster.
    Cluster,
    /// A VPC.
    Vpc,
    /// A region of an account.
    Region,
    /// An account.
    Account,
}

/// What makes an item of a section a cluster's.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Membership {
    /// It is in the cluster, or in its VPC, region or account.
    Scope,
    /// Another section of the cluster names it.
    Named,
    /// It is an instance that says that it is a node.
    Node,
    /// It is a network interface that EKS made, or that is in the cluster's security group.
    Interface,
    /// It is a role that is named, or that trusts the cluster's service accounts.
    Role,
    /// It is an OpenID Connect provider whose issuer is of EKS.
    Issuer,
    /// It is a log group that EKS writes to.
    LogGroup,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Shape {
    List,
    Object,
}

impl Section {
    /// Whether it is a list of items, rather than one object.
    pub fn is_list(&self) -> bool {
        self.shape == Shape::List
    }

    /// The call that describes its items in full: the first that describes, as lists come before it and
    /// calls that tell a part of an item after it; where none describes, the first of all.
    pub fn describe_call(&self) -> Option<&Call> {
        self.calls.iter().find(|call| call.api.contains(":Describe")).or(self.calls.first())
    }

    /// The call that gives a field of its items.
    pub fn call_of(&self, field: &str) -> Option<&Call> {
        let gives = |call: &&Call| call.fields.iter().any(|given| given == field);
        self.calls.iter().find(gives).or_else(|| self.describe_call())
    }

    /// What makes an item the cluster's.
    pub fn membership(&self) -> Membership {
        let default = if self.named_as.is_empty() { Membership::Scope } else { Membership::Named };
        self.membership.unwrap_or(default)
    }

    /// Whether a value looks like an item of the section: it has the field that tells items apart, or
    /// one that every item has.
    pub fn is_item(&self, value: Json<'_>) -> bool {
        let has = |field: &String| value.get_go_cased(field).is_some();
        match &self.key {
            _ if !self.marked_by.is_empty() => self.marked_by.iter().any(has),
            Some(key) => has(key),
            None => value.as_object().is_some(),
        }
    }

    /// What tells an item apart from the others.
    pub fn key_of(&self, item: &Json<'_>) -> Option<String> {
        self.key_in(item).map(Cow::into_owned)
    }

    /// The same, borrowed where it is written in one field: look-ups compare many.
    pub(super) fn key_in<'t>(&self, item: &Json<'t>) -> Option<Cow<'t, str>> {
        let text = |field: &String| match item.get_go_cased(field)? {
            Json::Str(text) | Json::Symbol(text) => Some(Cow::Borrowed(text)),
            Json::Int(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        };
        match &self.key {
            Some(field) => text(field),
            None if self.compound_key.is_empty() => None,
            None => {
                let fields: Option<Vec<_>> = self.compound_key.iter().map(text).collect();
                fields.map(|fields| Cow::Owned(fields.join(":")))
            }
        }
    }

    /// The symbol in what tells an item apart from the others, if there is one.
    pub(super) fn symbol_in_key<'t>(&self, item: &Json<'t>) -> Option<&'t str> {
        self.key.iter().chain(&self.compound_key).find_map(|field| match item.get_go_cased(field)? {
            Json::Symbol(text) => Some(text),
            _ => None,
        })
    }

    /// The first field of the key that an item has in no usable form. An item that is known by something
    /// else as well need not have it.
    pub(super) fn unusable_key(&self, item: &Json<'_>) -> Option<&str> {
        let unusable = |field: &&String| match item.get_go_cased(field) {
            None => self.marked_by.is_empty(),
            // The number of a version.
            Some(Json::Int(_)) => self.key.is_some(),
            Some(Json::Str(text)) => text.is_empty(),
            Some(Json::Symbol(_)) => false,
            Some(_) => true,
        };
        self.key.iter().chain(&self.compound_key).find(unusable).map(String::as_str)
    }

    /// The place of this section in [`all`].
    pub fn index(&self) -> usize {
        self.index
    }
}

struct Sections {
    all: Vec<Section>,
    by_name: FxHashMap<String, usize>,
    by_singular: FxHashMap<String, usize>,
}

static SECTIONS: LazyLock<Sections> = LazyLock::new(|| {
    let mut all: Vec<Section> =
        serde_json::from_str(include_str!("sections.json")).expect("an embedded file is valid");
    all.iter_mut().enumerate().for_each(|(at, section)| section.index = at);
    let index = |name: fn(&Section) -> String| {
        all.iter().enumerate().map(|(at, section)| (name(section), at)).collect()
    };
    let (by_name, by_singular) = (index(|s| s.name.clone()), index(|s| s.singular.clone()));
    Sections { all, by_name, by_singular }
});

/// All sections, in the order of the table.
pub fn all() -> &'static [Section] {
    &SECTIONS.all
}

/// The section of that name.
pub fn by_name(name: &str) -> Option<&'static Section> {
    SECTIONS.by_name.get(name).map(|at| &SECTIONS.all[*at])
}

/// All sections, each after those that name its items.
pub fn after_what_names_them() -> Vec<&'static Section> {
    let mut sections: Vec<_> = all().iter().collect();
    sections.sort_by_key(|section| section.pass);
    sections
}

/// Calls that fill no section: they say where to look.
static OTHER_CALLS: LazyLock<[Call; 1]> = LazyLock::new(|| {
    ["ec2:DescribeRegions"].map(|api| Call {
        api: api.to_owned(),
        action: api.to_owned(),
        fields: Vec::new(),
        optional: false,
    })
});

/// Every API call that a live scan may make, each once, in the order of the table.
pub fn calls() -> impl Iterator<Item = &'static Call> {
    let mut seen = std::collections::HashSet::new();
    let calls = all().iter().flat_map(|section| &section.calls).chain(OTHER_CALLS.iter());
    calls.filter(move |call| seen.insert(call.api.as_str()))
}

/// The call of that name.
pub fn call(api: &str) -> Option<&'static Call> {
    calls().find(|call| call.api == api)
}

/// The first section that an API call fills.
pub fn by_call(api: &str) -> Option<&'static Section> {
    all().iter().find(|section| section.calls.iter().any(|call| call.api == api))
}

/// The section whose items rules call by that name.
pub fn by_singular(name: &str) -> Option<&'static Section> {
    SECTIONS.by_singular.get(name).map(|at| &SECTIONS.all[*at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::schema;

    #[test]
    fn a_call_gives_fields_that_items_have() {
        for section in all() {
            let item = schema().item(schema().section(&section.name));
            for field in section.calls.iter().flat_map(|call| &call.fields) {
                assert!(matches!(schema().select(item, field), Ok(Some(_))), "{}.{field}", section.name);
            }
        }
    }

    #[test]
    fn few_calls_are_optional_and_all_are_made_once_a_region() {
        let optional: Vec<_> = calls().filter(|call| call.optional).map(|call| call.api.as_str()).collect();
        assert_eq!(optional, ["eks:DescribeClusterVersions", "ec2:GetInstanceMetadataDefaults"]);
        // Who asks once a region is answered soon, or not at all; who asks for every cluster may have to wait.
        for section in all().iter().filter(|section| section.calls.iter().any(|call| call.optional)) {
            assert_eq!((section.scope, section.calls.len()), (SectionScope::Region, 1), "{}", section.name);
        }
    }

    #[test]
    fn what_rows_name_exists() {
        for section in all() {
            for name in &section.named_by {
                let by = by_name(name).unwrap_or_else(|| panic!("{} is named by {name}", section.name));
                assert!(by.pass < section.pass || by.index() < section.index(), "{name} comes too late");
            }
        }
    }

    #[test]
    fn what_names_others_comes_before_them() {
        let order: Vec<_> = after_what_names_them().iter().map(|section| section.name.as_str()).collect();
        assert_eq!(order[order.len() - 3..], ["roles", "users", "policies"]);
        assert_eq!(order.len(), all().len());
    }

    #[test]
    fn the_describing_call_is_found_among_others() {
        let api = |name: &str| by_name(name)?.describe_call().map(|call| call.api.as_str());
        assert_eq!(api("vpc"), Some("ec2:DescribeVpcs"));
        assert_eq!(api("nodegroups"), Some("eks:DescribeNodegroup"));
        assert_eq!(api("policies"), Some("iam:GetPolicy"));
        assert_eq!(api("configMaps"), None);
    }
}
