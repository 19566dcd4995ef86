//! What stays the same about a finding when a file is reformatted, renamed or reordered.

use super::finding::Fingerprint;
use crate::snapshot::{Identity, Snapshot};
use crate::value::{Node, Pointer};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The fingerprint of a finding.
pub fn fingerprint(
    rule: &str,
    cluster: &Identity,
    snapshot: &Snapshot<'_>,
    resource: &Pointer,
    place: &Pointer,
    key: &str,
) -> Fingerprint {
    let mut hash = Sha256::new();
    let cluster = cluster.arn.as_deref().or(cluster.name.as_deref()).unwrap_or_default();
    for part in [rule, cluster, &stable(snapshot, resource), &stable(snapshot, place), key] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.0.copy_from_slice(&hash.finalize()[..16]);
    fingerprint
}

/// A pointer in which each position in a list is an identity: the key of a section's item, a
/// scalar's value, or the digest of anything else.
fn stable(snapshot: &Snapshot<'_>, pointer: &Pointer) -> String {
    let found = snapshot.parts().find_map(|part| Some((part, part.find(pointer.as_str())?)));
    let Some((part, (item, rest))) = found else { return pointer.to_string() };
    let mut path = format!("/{}", part.section.name);
    let mut node = Some(part.node);
    if let Some(at) = item {
        node = part.items().get(at).copied();
        let key = part.key_of(at).or_else(|| node.map(|node| identity(&node)));
        let _ = write!(path, "[{}]", key.unwrap_or_else(|| at.to_string()));
    }
    for segment in Pointer::parse(rest).segments() {
        match node {
            Some(Node::List(items)) => {
                node = segment.parse::<usize>().ok().and_then(|at| items.get(at)).copied();
                let _ = write!(path, "[{}]", node.as_ref().map_or_else(|| segment.clone(), identity));
            }
            _ => {
                node = node.and_then(|node| node.get_go_cased(&segment));
                let _ = write!(path, "/{segment}");
            }
        }
    }
    path
}

fn identity(node: &Node<'_>) -> String {
    match node {
        Node::List(_) | Node::Object(_) => {
            let digest = Sha256::digest(node.to_string().as_bytes());
            digest[..8].iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
        }
        scalar => scalar.to_string(),
    }
}
