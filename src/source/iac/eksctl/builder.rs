//! The resources that eksctl would write for a document, while they are put together.

use super::values::{find, flag, joined, object, place_near, symbol, text, unknown};
use crate::source::iac::cloudformation::{REF, stack_symbol};
use crate::source::iac::{
    FileId, MissingPart, Mode, Place, ResourceCertainty, TemplateResource, TemplateValue, TextPart, ValueKind,
};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// The most items of a list that become resources, such as node groups.
pub(super) const MAX_ITEMS: usize = 1_000;

/// The resources of one cluster.
pub(super) struct ResourceBuilder<'c> {
    /// The document.
    pub(super) config: &'c TemplateValue,
    /// The place of the cluster: its name.
    pub(super) place: Place,
    /// The address of the cluster: `eu-west-1/prod`.
    pub(super) cluster: Arc<str>,
    pub(super) resources: Vec<TemplateResource>,
    pub(super) missing: Vec<MissingPart>,
    /// What is wrong, each with its place.
    pub(super) faults: Vec<(Place, String)>,
    addresses: HashSet<Arc<str>>,
}

impl<'c> ResourceBuilder<'c> {
    /// Nothing yet, of a document at a place.
    pub(super) fn new(config: &'c TemplateValue) -> Self {
        let name = text(config, "metadata.name").unwrap_or("cluster");
        let address = match text(config, "metadata.region") {
            Some(region) => format!("{}/{}", safe(region), safe(name)),
            None => safe(name),
        };
        let place = place_near(config, "metadata.name").unwrap_or_else(|| Place::new(FileId(0), 0..0));
        Self {
            config,
            place,
            cluster: address.into(),
            resources: Vec::new(),
            missing: Vec::new(),
            faults: Vec::new(),
            addresses: HashSet::new(),
        }
    }

    /// A value at a path of the document, if it is set.
    pub(super) fn find(&self, path: &str) -> Option<&'c TemplateValue> {
        find(self.config, path)
    }

    /// Whether a key of the document is on.
    pub(super) fn flag(&self, path: &str, otherwise: bool) -> Result<bool, &'c TemplateValue> {
        flag(self.config, path, otherwise)
    }

    /// The place of the nearest thing around a path that is written; else that of the cluster.
    pub(super) fn near(&self, path: &str) -> Place {
        let has_first = path.split('.').next().is_some_and(|first| self.config.get(first).is_some());
        let place = place_near(self.config, path).filter(|_| has_first);
        place.unwrap_or_else(|| self.place.clone())
    }

    /// The region, if the document says it.
    pub(super) fn region(&self) -> Option<&'c TemplateValue> {
        self.find("metadata.region").filter(|region| region.as_str().is_some())
    }

    /// The partition of the region: `aws`.
    pub(super) fn partition(&self) -> TextPart {
        let known = self.region().and_then(TemplateValue::as_str).map(|region| {
            // `pkg/apis/eksctl.io/v1alpha5/partitions.go`.
            const PARTITIONS: [(&str, &str); 6] = [
                ("cn-", "aws-cn"),
                ("us-gov-", "aws-us-gov"),
                ("us-iso-", "aws-iso"),
                ("us-isob-", "aws-iso-b"),
                ("us-isof-", "aws-iso-f"),
                ("eu-isoe-", "aws-iso-e"),
            ];
            let found = PARTITIONS.iter().find(|(start, _)| region.starts_with(start));
            found.map_or("aws", |(_, partition)| partition)
        });
        match (known, symbol("AWS::Partition").kind) {
            (None, ValueKind::Symbol(symbol)) => TextPart::Symbol(symbol),
            (known, _) => TextPart::Literal(known.unwrap_or("aws").into()),
        }
    }

    /// An ARN of a policy of AWS.
    pub(super) fn policy_of_aws(&self, name: &str, place: Option<Place>) -> TemplateValue {
        let parts = vec![
            TextPart::Literal("arn:".into()),
            self.partition(),
            TextPart::Literal(format!(":iam::aws:policy/{name}").into()),
        ];
        let parts = match parts.as_slice() {
            [TextPart::Literal(a), TextPart::Literal(b), TextPart::Literal(c)] => {
                vec![TextPart::Literal(format!("{a}{b}{c}").into())]
            }
            _ => parts,
        };
        joined(parts, place)
    }

    /// What resources name the cluster by.
    pub(super) fn cluster_name(&self) -> TemplateValue {
        let name = self.find("metadata.name").filter(|name| name.as_str().is_some()).cloned();
        name.unwrap_or_else(|| self.symbol_of(&self.cluster, REF))
    }

    /// The name of a stack of eksctl, where that of the cluster is known.
    pub(super) fn stack_name(&self, of: &str, place: Option<Place>) -> TemplateValue {
        match text(self.config, "metadata.name") {
            Some(name) => TemplateValue::text(format!("eksctl-{name}-{of}"), place),
            None => unknown("the file does not say the name of the cluster", place),
        }
    }

    /// The symbol of an attribute of a resource, used at a place.
    pub(super) fn symbol_of(&self, address: &Arc<str>, attribute: &str) -> TemplateValue {
        stack_symbol(address, attribute, None)
    }

    /// Adds a resource; gives its address.
    pub(super) fn add<const N: usize>(
        &mut self,
        address: &str,
        kind: &str,
        place: &Place,
        properties: [(&str, Option<TemplateValue>); N],
    ) -> Arc<str> {
        let values = object(Some(place.clone()), properties);
        self.add_with(address, kind, place, values, ResourceCertainty::Certain)
    }

    /// Adds a resource that may be there, or may not.
    pub(super) fn add_with(
        &mut self,
        address: &str,
        kind: &str,
        place: &Place,
        values: TemplateValue,
        certainty: ResourceCertainty,
    ) -> Arc<str> {
        let mut address: Arc<str> = address.into();
        if !self.addresses.insert(Arc::clone(&address)) {
            // eksctl takes no two of one name; the position tells them apart.
            address = format!("{address}#{}", self.resources.len()).into();
        }
        self.resources.push(TemplateResource {
            address: Arc::clone(&address),
            kind: kind.into(),
            mode: Mode::Managed,
            values,
            region: self.region().cloned(),
            default_tags: None,
            place: place.clone(),
            certainty,
            ignored_changes: Vec::new(),
        });
        address
    }

    /// Says that there may be more resources of some types.
    pub(super) fn missing(&mut self, kinds: &[&str], address: &str, reason: &str, place: &Place) {
        self.missing.push(MissingPart {
            kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
            address: address.into(),
            reason: reason.to_owned(),
            place: place.clone(),
        });
    }

    /// The items of a list of the document, so many at most. Of a list that is not known, there may be more resources.
    pub(super) fn list(&mut self, path: &str, kinds: &[&str]) -> &'c [TemplateValue] {
        self.list_in(self.config, path, path, kinds)
    }

    /// The same of a list in an object.
    pub(super) fn list_in<'v>(
        &mut self,
        object: &'v TemplateValue,
        path: &str,
        address: &str,
        kinds: &[&str],
    ) -> &'v [TemplateValue] {
        let (items, other) = super::values::items(object, path);
        if let Some(TemplateValue { kind: ValueKind::Unknown(reason), place, .. }) = other {
            let place = place.clone().unwrap_or_else(|| self.place.clone());
            self.missing(kinds, address, &reason.reason, &place);
        }
        let unknown = items.iter().find_map(|item| match &item.kind {
            ValueKind::Unknown(unknown) => Some((unknown.reason.clone(), item.place.clone())),
            _ => None,
        });
        if let Some((reason, place)) = unknown {
            let place = place.unwrap_or_else(|| self.place.clone());
            self.missing(kinds, address, &reason, &place);
        }
        if items.len() > MAX_ITEMS {
            let place = find(object, path).and_then(|list| list.place.clone());
            let place = place.unwrap_or_else(|| self.place.clone());
            let message = format!("has more than {MAX_ITEMS} items in `{address}`; the others are not read");
            self.faults.push((place.clone(), message.clone()));
            self.missing(kinds, address, &format!("the file {message}"), &place);
        }
        items.get(..MAX_ITEMS).unwrap_or(items)
    }

    /// What eksctl chooses, at the nearest place to a path.
    pub(super) fn chosen(&self, path: &str, value: &Value) -> TemplateValue {
        super::values::chosen(value, Some(self.near(path)))
    }

    /// What a path of the document has, else what eksctl chooses.
    pub(super) fn or_chosen(&self, path: &str, otherwise: &Value) -> TemplateValue {
        self.find(path).cloned().unwrap_or_else(|| self.chosen(path, otherwise))
    }
}

/// A name as it may stand in an address: what means something in symbols is left out.
pub(super) fn safe(name: &str) -> String {
    const MOST: usize = 200;
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '*' | '+');
    name.chars().take(MOST).map(|c| if fits(c) { c } else { '_' }).collect()
}

/// The address of an item of a list: by a key of it, else by its position.
pub(super) fn item_address(list: &str, item: &TemplateValue, key: &str, position: usize) -> String {
    match text(item, key) {
        Some(name) => format!("{list}[{}]", safe(name)),
        None => format!("{list}[{position}]"),
    }
}
