//! What AWS did not tell a participant of a shared VPC, in a document that does not say so: such as the
//! answers of the AWS CLI, where it is an empty list.

use super::{Gap, Part, SnapshotReader};
use crate::snapshot::Identity;
use crate::snapshot::section;
use crate::snapshot::shared_vpc::{SharedVpc, hidden_fields, without};
use crate::snapshot::unknown::Unknown;
use crate::value::Json;

impl<'t> SnapshotReader<'t> {
    /// The VPC of the cluster, if it is another account's.
    pub(super) fn shared_vpc(&self, identity: &Identity) -> Option<SharedVpc<'t>> {
        let cluster = self.parts[0].as_ref().map(|part| part.node);
        let vpc = cluster.and_then(|cluster| cluster.at(&["resourcesVpcConfig", "vpcId"])?.as_str());
        let parts = SharedVpc::witnesses().filter_map(|section| self.parts[section.index()].as_ref());
        let one = |part: &Part<'t>| (!part.section.is_list()).then_some(part.node);
        let nodes = parts.flat_map(|part| part.items().iter().copied().chain(one(part)));
        SharedVpc::of(identity.account.as_deref(), vpc, nodes)
    }

    /// Takes out the fields that may be empty only because the owner's values are not told.
    pub(super) fn hide_fields(&mut self, shared_vpc: SharedVpc<'t>) {
        for part in self.parts.iter_mut().flatten() {
            let section = part.section;
            if section.owner_only_fields.is_empty() {
                continue;
            }
            let item = if section.is_list() { "/*" } else { "" };
            let mut hide = |node: Json<'t>| {
                let fields = hidden_fields(section, node);
                let hidden = without(node, &fields, self.arena);
                for field in fields {
                    let unknown = shared_vpc.unknown(section, &format!("/{}{item}/{field}", section.name));
                    note(&mut self.gaps, node, hidden, field, unknown);
                }
                hidden
            };
            part.node = match part.node {
                Json::List(items) => {
                    let items: Vec<_> = items.iter().map(|item| hide(*item)).collect();
                    Json::list(self.arena, items)
                }
                node => hide(node),
            };
        }
    }

    /// Lists that are empty, or not there, are not known; others may have more items.
    pub(super) fn hide_sections(&mut self, shared_vpc: SharedVpc<'t>, absent: &mut Vec<(usize, Unknown)>) {
        for section in section::all().iter().filter(|section| section.owner_only) {
            let index = section.index();
            let hidden = || shared_vpc.unknown(section, &format!("/{}", section.name));
            match &mut self.parts[index] {
                Some(part) if part.items().is_empty() => {
                    absent.push((index, part.incomplete.take().unwrap_or_else(hidden)));
                    self.parts[index] = None;
                }
                Some(part) => drop(part.incomplete.get_or_insert_with(hidden)),
                None if absent.iter().all(|(at, _)| *at != index) => absent.push((index, hidden())),
                None => {}
            }
        }
    }
}

/// Notes that a field is hidden. What was noted about the object holds for the one in its place.
fn note<'t>(gaps: &mut Vec<Gap<'t>>, old: Json<'t>, new: Json<'t>, field: &str, unknown: Unknown) {
    let (Json::Object(old), Json::Object(object)) = (old, new) else { return };
    for gap in gaps.iter_mut().filter(|gap| std::ptr::eq(gap.object, old)) {
        gap.object = object;
    }
    gaps.push(Gap { object, field: Some(field.to_owned()), unknown });
}
