//! The sections of a snapshot: one table (`sections.json`) that says what each is called, how its
//! items are told apart, and which API calls fill it.

use crate::value::Node;
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

    /// The call that describes its items in full: the last one, as lists come first.
    pub fn describe_call(&self) -> Option<&Call> {
        self.calls.iter().find(|call| call.api.contains(":Describe")).or(self.calls.first())
    }

    /// What tells an item apart from the others.
    pub fn key_of(&self, item: &Node<'_>) -> Option<String> {
        self.key_in(item).map(Cow::into_owned)
    }

    /// The same, borrowed where it is written in one field: look-ups compare many.
    pub(super) fn key_in<'t>(&self, item: &Node<'t>) -> Option<Cow<'t, str>> {
        let text = |field: &String| match item.get_go_cased(field)? {
            Node::Str(text) => Some(Cow::Borrowed(text)),
            Node::Int(number) => Some(Cow::Owned(number.to_string())),
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
    let late = ["roles", "users", "policies"];
    let mut sections: Vec<_> = all().iter().collect();
    sections.sort_by_key(|section| late.iter().position(|name| *name == section.name).map_or(0, |at| at + 1));
    sections
}

/// Calls that fill no section: they say where to look.
static OTHER_CALLS: LazyLock<[Call; 1]> =
    LazyLock::new(|| ["ec2:DescribeRegions"].map(|api| Call { api: api.to_owned(), action: api.to_owned() }));

/// Every API call that a live scan may make, each once, in the order of the table.
pub fn calls() -> impl Iterator<Item = &'static Call> {
    let mut seen = std::collections::HashSet::new();
    let calls = all().iter().flat_map(|section| &section.calls).chain(OTHER_CALLS.iter());
    calls.filter(move |call| seen.insert(call.api.as_str()))
}

/// The first section that an API call fills.
pub fn by_call(api: &str) -> Option<&'static Section> {
    all().iter().find(|section| section.calls.iter().any(|call| call.api == api))
}

/// The section whose items rules call by that name.
pub fn by_singular(name: &str) -> Option<&'static Section> {
    SECTIONS.by_singular.get(name).map(|at| &SECTIONS.all[*at])
}
