//! Adds what resources add to items: rules to security groups, policies to roles.

use super::super::mapped::{Attachment, MappedItem, MappedResource};
use super::super::template::ResourceCertainty;
use super::super::value::{TemplateValue, ValueKind, ValueOrigin};
use super::keys::{in_words, names_of};
use super::stub::stub;
use crate::snapshot::section;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A resource that may be there, or may not.
pub(super) struct PerhapsItem {
    /// The section that it would be in, or add to.
    pub(super) section: &'static str,
    /// Its address.
    pub(super) address: Arc<str>,
    /// The cluster that it names.
    pub(super) cluster: Option<TemplateValue>,
    /// The item, if it is one.
    pub(super) item: Option<MappedItem>,
    /// What that depends on, in words.
    pub(super) reason: String,
}

/// A list of an item that gets values.
type ListOfItem = (usize, &'static [&'static str]);

/// The items that are there, with what was added to them, and what may be there. What is added to something that the
/// template does not describe makes an item of which nothing else is known.
pub(super) fn attach(mapped: MappedResource) -> (Vec<MappedItem>, Vec<PerhapsItem>) {
    let MappedResource { mut items, attachments } = mapped;
    let mut targets = AttachTargets::of(&items);
    let mut added: BTreeMap<ListOfItem, Vec<TemplateValue>> = BTreeMap::new();
    let mut perhaps = Vec::new();
    for attachment in attachments {
        let found = targets.find(&attachment, &items);
        let found = match (found, &attachment.certainty) {
            (AttachTarget::These(found), _) => found,
            (AttachTarget::None, ResourceCertainty::Certain) => {
                vec![targets.add_stub(&attachment, &mut items)]
            }
            (AttachTarget::None, ResourceCertainty::Perhaps(reason)) => {
                perhaps.push(PerhapsItem {
                    section: attachment.section,
                    address: attachment.address.clone(),
                    cluster: attachment.cluster.clone(),
                    item: None,
                    reason: reason.clone(),
                });
                continue;
            }
            (AttachTarget::Any(any), certainty) => {
                // What it is called may be something else, of which this much is known.
                if certainty == &ResourceCertainty::Certain
                    && let Some(other) = targets.other(&attachment, &mut items)
                {
                    added.entry((other, attachment.at)).or_default().push(value_of(&attachment));
                }
                let unknown = attachment.cluster.as_ref().filter(|cluster| cluster.may_be_any());
                let unknown = in_words(unknown.unwrap_or(&attachment.to));
                let reason = format!("{} may add to it: {unknown}", attachment.address);
                for index in any {
                    let unknown =
                        TemplateValue::unknown(reason.clone(), None, Some(attachment.place.clone()));
                    added.entry((index, attachment.at)).or_default().push(unknown);
                }
                continue;
            }
        };
        for index in found {
            added.entry((index, attachment.at)).or_default().push(value_of(&attachment));
        }
    }
    for ((index, path), values) in added {
        let value = &mut items[index].value;
        *value = with_values(value, path, values);
    }
    split(items, perhaps)
}

fn split(items: Vec<MappedItem>, mut perhaps: Vec<PerhapsItem>) -> (Vec<MappedItem>, Vec<PerhapsItem>) {
    let mut certain = Vec::with_capacity(items.len());
    for item in items {
        match &item.certainty {
            ResourceCertainty::Certain => certain.push(item),
            ResourceCertainty::Perhaps(reason) => perhaps.push(PerhapsItem {
                section: item.section,
                address: item.address.clone(),
                cluster: item.cluster.clone(),
                reason: reason.clone(),
                item: Some(item),
            }),
        }
    }
    (certain, perhaps)
}

fn value_of(attachment: &Attachment) -> TemplateValue {
    let place = Some(attachment.place.clone());
    match &attachment.certainty {
        ResourceCertainty::Certain => {
            let place = attachment.value.place.clone().or(place);
            attachment.value.clone().at(place)
        }
        ResourceCertainty::Perhaps(reason) => {
            TemplateValue::unknown(format!("{} may be there: {reason}", attachment.address), None, place)
        }
    }
}

/// What an attachment is for.
enum AttachTarget {
    /// These items.
    These(Vec<usize>),
    /// One of these; nobody knows which, or whether it is one of them.
    Any(Vec<usize>),
    /// Something that the template does not describe.
    None,
}

/// The items by what they are called.
struct AttachTargets {
    by_name: FxHashMap<(&'static str, String), Vec<usize>>,
    by_address: FxHashMap<(&'static str, Arc<str>), Vec<usize>>,
    by_section: FxHashMap<&'static str, Vec<usize>>,
    /// How many items the template describes; those after them it only names.
    described: usize,
}

impl AttachTargets {
    fn of(items: &[MappedItem]) -> Self {
        let mut targets = Self {
            by_name: FxHashMap::default(),
            by_address: FxHashMap::default(),
            by_section: FxHashMap::default(),
            described: items.len(),
        };
        for (index, item) in items.iter().enumerate() {
            targets.add(index, item);
        }
        targets
    }

    fn add(&mut self, index: usize, item: &MappedItem) {
        let Some(section) = section::by_name(item.section) else { return };
        for name in names_of(section, &item.value) {
            let known = self.by_name.entry((item.section, name)).or_default();
            if known.last() != Some(&index) {
                known.push(index);
            }
        }
        self.by_address.entry((item.section, item.address.clone())).or_default().push(index);
        self.by_section.entry(item.section).or_default().push(index);
    }

    fn find(&self, attachment: &Attachment, items: &[MappedItem]) -> AttachTarget {
        let Attachment { section, to, cluster, .. } = attachment;
        let of = |found: Option<&Vec<usize>>, is_of: &dyn Fn(&usize) -> bool| -> Vec<usize> {
            found.into_iter().flatten().copied().filter(is_of).collect()
        };
        let is_same = |index: &usize| is_same(cluster.as_ref(), items[*index].cluster.as_ref());
        let Some(key) = to.join_key() else {
            return AttachTarget::Any(of(self.by_section.get(section), &is_same));
        };
        let by_name = self.by_name.get(&(*section, key));
        let is_described = |index: &usize| *index < self.described;
        let mut found = of(by_name, &is_same);
        if let (true, ValueKind::Symbol(symbol)) = (found.is_empty(), &to.kind)
            && let Some(resource) = &symbol.resource
        {
            found = of(self.by_address.get(&(*section, resource.clone())), &is_same);
        }
        if found.iter().any(is_described) || (!found.is_empty() && !to.may_be_any()) {
            let is_of_any = cluster.as_ref().is_some_and(|cluster| cluster.join_key().is_none());
            return if is_of_any { AttachTarget::Any(found) } else { AttachTarget::These(found) };
        }
        let is_called_so = |index: &usize| by_name.is_some_and(|named| named.contains(index));
        let may_be = |index: &usize| {
            is_described(index)
                && may_be_same(cluster.as_ref(), items[*index].cluster.as_ref())
                && (is_called_so(index) || to.may_be_any() || may_be_any(&items[*index]))
        };
        let may_be = of(self.by_section.get(section), &may_be);
        match (may_be.is_empty(), found.is_empty()) {
            (false, _) => AttachTarget::Any(may_be),
            (true, false) => AttachTarget::These(found),
            (true, true) => AttachTarget::None,
        }
    }

    /// The item that nothing else describes, for something that may be one that is described: of it this much is known.
    fn other(&mut self, attachment: &Attachment, items: &mut Vec<MappedItem>) -> Option<usize> {
        let may_be_other =
            attachment.to.may_be_any() || attachment.cluster.as_ref().is_some_and(TemplateValue::may_be_any);
        let key = attachment.to.join_key().filter(|_| may_be_other)?;
        attachment.cluster.as_ref().is_none_or(|cluster| cluster.join_key().is_some()).then_some(())?;
        let known = self.by_name.get(&(attachment.section, key)).into_iter().flatten().copied();
        let cluster = attachment.cluster.as_ref();
        let mut known = known.filter(|index| is_same(cluster, items[*index].cluster.as_ref()));
        Some(known.next().unwrap_or_else(|| self.add_stub(attachment, items)))
    }

    fn add_stub(&mut self, attachment: &Attachment, items: &mut Vec<MappedItem>) -> usize {
        let reason = format!("{} is not described in this template", in_words(&attachment.to));
        let section = section::by_name(attachment.section);
        let value = section.map(|section| stub(section, &attachment.to, &reason));
        let item = MappedItem {
            section: attachment.section,
            address: attachment.address.clone(),
            value: value.unwrap_or_else(|| TemplateValue::map::<Arc<str>>([], None)),
            cluster: attachment.cluster.clone(),
            place: attachment.place.clone(),
            certainty: ResourceCertainty::Certain,
        };
        let index = items.len();
        self.add(index, &item);
        items.push(item);
        index
    }
}

/// Whether what an item is called is an argument that is not known.
fn may_be_any(item: &MappedItem) -> bool {
    let key = section::by_name(item.section).and_then(|section| item.value.get(section.key.as_ref()?));
    key.is_some_and(TemplateValue::may_be_any)
}

/// Whether the cluster that something is added to may be that of an item.
fn may_be_same(cluster: Option<&TemplateValue>, of_item: Option<&TemplateValue>) -> bool {
    let may_be_any = |cluster: Option<&TemplateValue>| cluster.is_some_and(TemplateValue::may_be_any);
    is_same(cluster, of_item) || may_be_any(cluster) || may_be_any(of_item)
}

/// Whether the cluster that something is added to is that of an item, or has no name.
fn is_same(cluster: Option<&TemplateValue>, of_item: Option<&TemplateValue>) -> bool {
    let Some(key) = cluster.and_then(TemplateValue::join_key) else { return true };
    of_item.and_then(TemplateValue::join_key) == Some(key)
}

/// An item whose list at a path has more values. A list that is not known keeps its end unknown.
fn with_values(item: &TemplateValue, path: &[&str], values: Vec<TemplateValue>) -> TemplateValue {
    let [name, rest @ ..] = path else { return extended(item, values) };
    let ValueKind::Map(fields) = &item.kind else { return item.clone() };
    let mut fields = (**fields).clone();
    let inner = fields.get(name).cloned().unwrap_or_else(|| match rest {
        [] => TemplateValue::list(Vec::new(), None),
        _ => TemplateValue::map::<Arc<str>>([], None),
    });
    fields.insert((*name).into(), with_values(&inner, rest, values));
    TemplateValue { kind: ValueKind::Map(Arc::new(fields)), ..item.clone() }
}

fn extended(list: &TemplateValue, values: Vec<TemplateValue>) -> TemplateValue {
    let all = match &list.kind {
        ValueKind::List(items) => {
            // What is not known stays at the end.
            let is_open = items.last().is_some_and(TemplateValue::is_unknown);
            let (known, open) = items.split_at(items.len() - usize::from(is_open));
            known.iter().cloned().chain(values).chain(open.iter().cloned()).collect()
        }
        ValueKind::Null => values,
        _ => values.into_iter().chain(std::iter::once(list.clone())).collect::<Vec<_>>(),
    };
    TemplateValue { kind: ValueKind::List(Arc::new(all)), origin: ValueOrigin::Set, ..list.clone() }
}
