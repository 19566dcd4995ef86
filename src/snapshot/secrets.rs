//! The places of values in snapshots that must never be shown.

use super::parts::Snapshot;
use super::schema::{Type, schema};
use crate::value::{Json, Pointer};

/// The places of values that must never be shown.
pub fn secrets(snapshots: &[Snapshot<'_>]) -> Vec<Pointer> {
    let mut found = Vec::new();
    for part in snapshots.iter().flat_map(Snapshot::parts) {
        let ty = schema().section(&part.section.name);
        if !part.section.is_list() {
            find_secrets(part.node, ty, &part.pointer(), &mut found);
        }
        for (at, item) in part.items().iter().enumerate() {
            find_secrets(*item, schema().item(ty), &part.item_pointer(at), &mut found);
        }
    }
    found
}

fn find_secrets(node: Json<'_>, ty: Type, place: &Pointer, found: &mut Vec<Pointer>) {
    if !schema().holds_secrets(ty) {
        return;
    }
    match node {
        Json::List(items) => {
            for (at, item) in items.iter().enumerate() {
                find_secrets(*item, schema().item(ty), &place.index(at), found);
            }
        }
        Json::Object(object) => {
            for (name, node) in object.entries() {
                let field = schema().select_go_cased(ty, name);
                if field.is_some_and(|field| field.secret) {
                    found.push(place.key(name));
                } else if let Some(field) = field {
                    find_secrets(*node, field.ty, &place.key(name), found);
                }
            }
        }
        _ => {}
    }
}
