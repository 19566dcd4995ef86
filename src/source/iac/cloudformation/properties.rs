//! The names that properties of resources have: the table `properties.json`, made from CloudFormation's schemas of resource types.
//!
//! CloudFormation refuses a property that a type does not have. So one is told, and what was probably meant is not known.

use super::tree::StackNode;
use crate::source::iac::{Place, TemplateValue, ValueKind};
use crate::text::{bounded, nearest_name};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// The types of EKS: all are in the table, so that another one is a slip.
const OF_EKS: &str = "AWS::EKS::";

/// The properties of an object, each with what it is: `any`, an object of the table, or `[…]` for a list of these.
type PropertyNames = BTreeMap<&'static str, &'static str>;

/// The objects of the table, by resource type, or by type and name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PropertyTable {
    /// The day of the schemas.
    version: &'static str,
    /// Where they are from.
    #[expect(dead_code, reason = "for those who read the table")]
    source: &'static str,
    objects: BTreeMap<&'static str, PropertyNames>,
}

static TABLE: LazyLock<PropertyTable> = LazyLock::new(|| {
    serde_json::from_str(include_str!("properties.json")).expect("an embedded file is valid")
});

/// The type that was probably meant, of one that does not exist.
pub(super) fn type_meant(kind: &str) -> Option<&'static str> {
    let known = || TABLE.objects.keys().copied().filter(|name| name.starts_with("AWS::"));
    if TABLE.objects.contains_key(kind) {
        return None;
    }
    let same = known().find(|name| name.eq_ignore_ascii_case(kind));
    let near =
        || nearest_name(kind.strip_prefix(OF_EKS)?, known().filter_map(|name| name.strip_prefix(OF_EKS)));
    let near = || near().and_then(|near| known().find(|name| name.strip_prefix(OF_EKS) == Some(near)));
    same.or_else(near)
}

/// A property that a type does not have.
pub(super) struct StrangeProperty {
    /// Where its name is, in the file of the resource.
    pub(super) key: Option<Range<usize>>,
    /// Where its value is.
    pub(super) place: Option<Place>,
    /// What is wrong.
    pub(super) message: String,
    /// Whether another property was probably meant: else the table may be too old.
    pub(super) is_slip: bool,
}

/// Compares the properties of a resource with the table.
pub(super) struct PropertyCheck<'k> {
    kind: &'k str,
    /// What is not in the table.
    pub(super) found: Vec<StrangeProperty>,
}

impl<'k> PropertyCheck<'k> {
    pub(super) fn of(kind: &'k str) -> Self {
        Self { kind, found: Vec::new() }
    }

    /// The values, where some of them change: what was probably meant by a strange one is not known.
    pub(super) fn properties(
        &mut self,
        values: &TemplateValue,
        node: Option<&StackNode>,
    ) -> Option<TemplateValue> {
        self.object(values, node, TABLE.objects.get(self.kind)?)
    }

    fn object(
        &mut self,
        value: &TemplateValue,
        node: Option<&StackNode>,
        names: &PropertyNames,
    ) -> Option<TemplateValue> {
        let ValueKind::Map(fields) = &value.kind else { return None };
        let mut changes: Vec<(Arc<str>, TemplateValue)> = Vec::new();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            let entry = node.and_then(|node| node.entry(name));
            if let Some(of) = names.get(&**name) {
                let changed = self.value(value, entry.map(|entry| &*entry.value), of);
                changes.extend(changed.map(|changed| (Arc::clone(name), changed)));
                continue;
            }
            // What a function could not make an object of.
            if name.starts_with("Fn::") || &**name == "<<" {
                continue;
            }
            let meant = meant(name, names);
            let message = self.strange(name, meant);
            if let Some(meant) = meant.filter(|meant| !fields.contains_key(meant)) {
                let reason = format!("the template {message}");
                changes.push((meant.into(), TemplateValue::unknown(reason, None, value.place.clone())));
            }
            let key = entry.map(|entry| entry.key_range.clone());
            let strange =
                StrangeProperty { key, place: value.place.clone(), message, is_slip: meant.is_some() };
            self.found.push(strange);
        }
        if changes.is_empty() {
            return None;
        }
        let mut fields = Arc::clone(fields);
        let all = Arc::make_mut(&mut fields);
        changes.into_iter().for_each(|(name, value)| drop(all.insert(name, value)));
        Some(TemplateValue { kind: ValueKind::Map(fields), ..value.clone() })
    }

    fn value(&mut self, value: &TemplateValue, node: Option<&StackNode>, of: &str) -> Option<TemplateValue> {
        let item = of.strip_prefix('[').and_then(|of| of.strip_suffix(']'));
        let names = TABLE.objects.get(item.unwrap_or(of))?;
        let (Some(_), ValueKind::List(items)) = (item, &value.kind) else {
            return self.object(value, node, names);
        };
        let nodes = node.map(StackNode::items).unwrap_or_default();
        let mut changes = Vec::new();
        for (at, item) in items.iter().enumerate() {
            changes.extend(
                self.object(item, nodes.get(at).map(|node| &**node), names).map(|changed| (at, changed)),
            );
        }
        if changes.is_empty() {
            return None;
        }
        let mut items = items.to_vec();
        for (at, changed) in changes {
            if let Some(item) = items.get_mut(at) {
                *item = changed;
            }
        }
        Some(TemplateValue { kind: ValueKind::List(Arc::new(items)), ..value.clone() })
    }

    fn strange(&self, name: &str, meant: Option<&str>) -> String {
        let (shown, kind, day) = (bounded(name), self.kind, TABLE.version);
        let what = format!("has the property `{shown}`, which {kind} does not know here");
        match meant {
            Some(meant) => format!("{what}: did you mean `{meant}`?"),
            None => format!("{what} as of {day}: it is not read"),
        }
    }
}

/// The property that was probably meant: one that differs in case only, else the nearest.
fn meant(name: &str, names: &PropertyNames) -> Option<&'static str> {
    let same = names.keys().copied().find(|known| known.eq_ignore_ascii_case(name));
    same.or_else(|| nearest_name(name, names.keys().copied()))
}

#[cfg(test)]
mod tests {
    use super::{TABLE, type_meant};

    #[test]
    fn every_object_that_the_table_names_is_in_it() {
        for (object, names) in &TABLE.objects {
            for (name, of) in names {
                let item = of.strip_prefix('[').and_then(|of| of.strip_suffix(']')).unwrap_or(of);
                assert!(item == "any" || TABLE.objects.contains_key(item), "{object}.{name}: {of}");
            }
        }
    }

    #[test]
    fn a_type_that_does_not_exist_is_like_one_that_does() {
        for (kind, want) in [
            ("AWS::EKS::Cluster", None),
            ("AWS::EKS::Clusters", Some("AWS::EKS::Cluster")),
            ("AWS::EKS::NodeGroup", Some("AWS::EKS::Nodegroup")),
            ("AWS::EKS::AddOn", Some("AWS::EKS::Addon")),
            ("AWS::EC2::Securitygroup", Some("AWS::EC2::SecurityGroup")),
            ("AWS::EC2::VPCEndpointService", None),
            ("AWS::EKS::SomethingNewAltogether", None),
            ("Custom::Cluster", None),
        ] {
            assert_eq!(type_meant(kind), want, "{kind}");
        }
    }
}
