//! What several commands print of one resource: the fields that other answers have are put beside its
//! description, and what no answer has is missing.

use super::fragments::{Fields, access_entry};
use crate::snapshot::Section;
use crate::snapshot::envelope::{self, Envelope};
use crate::source::assemble::{MissingField, MissingReason, Piece, PieceItem, union};
use crate::value::Json;
use bumpalo::Bump;
use std::collections::HashSet;

/// Puts the fields of other answers to the resources of a piece, and says what is missing of each.
pub(super) fn complete<'t>(piece: &mut Piece<'t>, fields: &Fields<'t>, arena: &'t Bump) {
    let section = piece.section;
    // One that has no key has no fields elsewhere.
    for item in &mut piece.items {
        let key = key(section, item).unwrap_or_default();
        let others = fields.of(section, &key);
        if !others.is_empty() {
            item.node = union(item.node, Json::object(arena, others.iter().copied()), arena);
        }
        let mut missing = missing_fields(section, &key, item.node, fields);
        missing.append(&mut item.missing);
        item.missing = missing;
    }
}

/// The key of a resource. Two clusters may admit the same principal.
fn key(section: &Section, item: &PieceItem<'_>) -> Option<String> {
    let key = section.key_of(&item.node)?;
    match (section.name.as_str(), item.cluster) {
        ("accessEntries", Some(cluster)) => Some(access_entry(cluster, &key)),
        _ => Some(key),
    }
}

/// The fields that other commands print, and that no answer has.
fn missing_fields(
    section: &'static Section,
    key: &str,
    node: Json<'_>,
    fields: &Fields<'_>,
) -> Vec<MissingField> {
    let mut seen = HashSet::new();
    let parts = envelope::fields_of(section).filter(|(field, _)| seen.insert(*field));
    let absent = parts.filter(|(field, _)| node.get(field).is_none());
    let missing = |(field, row): (&'static str, &'static Envelope)| {
        let partial = fields.why_partial(section, key, field);
        let reason = partial.map_or_else(|| format!("no answer of `aws {}`", row.command), str::to_owned);
        let api = row.call().map(|call| call.api.as_str());
        MissingField { field: Some(field), reason: MissingReason::not_in_snapshot(api, reason) }
    };
    absent.map(missing).collect()
}
