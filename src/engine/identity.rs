//! What stays the same about a finding when a file is reformatted, renamed or reordered.

use super::finding::Fingerprint;
use super::mask::masked;
use crate::snapshot::{Identity, Snapshot, TemplateAddress};
use crate::value::{Json, Pointer};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// Makes the fingerprints of one snapshot's findings.
#[derive(Debug, Default)]
pub struct Fingerprints {
    /// The digests of objects, by address: many findings may lie in one.
    digests: RefCell<HashMap<usize, [u8; 32]>>,
    /// Whether account ids are left out: they could be guessed from a fingerprint.
    mask: bool,
}

impl Fingerprints {
    /// Fingerprints with or without account ids.
    pub fn new(mask: bool) -> Self {
        Self { mask, ..Self::default() }
    }

    fn parts(&self) -> IdentityParts {
        IdentityParts { digest: Sha256::default(), mask: self.mask }
    }

    /// The fingerprint of a finding.
    pub fn fingerprint(
        &self,
        rule: &str,
        cluster: &Identity,
        snapshot: &Snapshot<'_>,
        resource: &Pointer,
        place: &Pointer,
        key: &str,
    ) -> Fingerprint {
        let mut parts = self.parts();
        parts.add("rule", rule);
        add_cluster(&mut parts, cluster);
        self.add_place(&mut parts, snapshot, resource);
        self.add_place(&mut parts, snapshot, place);
        parts.add("key", key);
        Fingerprint::from_digest(parts.digest)
    }

    /// Adds a pointer in which each position in a list is an identity: the key of a section's item,
    /// a scalar's value, or the digest of anything else.
    fn add_place(&self, parts: &mut IdentityParts, snapshot: &Snapshot<'_>, pointer: &Pointer) {
        let found = snapshot.parts().find_map(|part| Some((part, part.find(pointer.as_str())?)));
        let Some((part, (item, rest))) = found else { return parts.add("pointer", pointer.as_str()) };
        parts.add("section", &part.section.name);
        let mut node = Some(part.node);
        if let Some(at) = item {
            node = part.items().get(at).copied();
            match part.key_of(at) {
                Some(key) => parts.add("item", &key),
                None => self.add_item(parts, node.as_ref(), &at.to_string()),
            }
        }
        for segment in Pointer::parse(rest).segments() {
            match node {
                Some(Json::List(items)) => {
                    node = segment.parse::<usize>().ok().and_then(|at| items.get(at)).copied();
                    self.add_item(parts, node.as_ref(), &segment);
                }
                _ => {
                    node = node.and_then(|node| node.get_go_cased(&segment));
                    parts.add("field", &segment);
                }
            }
        }
    }

    fn add_item(&self, parts: &mut IdentityParts, item: Option<&Json<'_>>, position: &str) {
        match item {
            Some(item) => parts.add("digest", self.digest(item)),
            None => parts.add("position", position),
        }
    }

    /// The digest of a value, whatever the order of its fields and items.
    fn digest(&self, node: &Json<'_>) -> [u8; 32] {
        let mut parts = self.parts();
        match node {
            Json::List(items) => {
                let mut digests: Vec<_> = items.iter().map(|item| self.digest(item)).collect();
                digests.sort_unstable();
                digests.iter().for_each(|digest| parts.add("item", digest));
            }
            Json::Object(object) => {
                let address = std::ptr::from_ref(*object) as usize;
                if let Some(known) = self.digests.borrow().get(&address) {
                    return *known;
                }
                // A null is absent, and the last duplicate counts.
                let fields: BTreeMap<_, _> = object.entries().iter().copied().collect();
                for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                    parts.add("name", name);
                    parts.add("value", self.digest(value));
                }
                let digest = parts.digest.finalize().into();
                self.digests.borrow_mut().insert(address, digest);
                return digest;
            }
            scalar => parts.add("scalar", scalar.to_string()),
        }
        parts.digest.finalize().into()
    }
}

/// Adds what tells a cluster apart: its ARN, else where a template describes it, else its name. A template whose cluster has a
/// literal name may move, and a plan is the same as the configuration that it was made of; without one, the root tells twins apart.
fn add_cluster(parts: &mut IdentityParts, cluster: &Identity) {
    match (&cluster.arn, &cluster.template) {
        (None, Some(TemplateAddress { address, root, environment })) => {
            let own = match cluster.literal_name() {
                Some(name) => ("name", Some(name)),
                None => ("root", root.as_deref()),
            };
            for (kind, part) in
                [own, ("environment", environment.as_deref()), ("address", address.as_deref())]
            {
                parts.add(kind, part.unwrap_or_default());
            }
        }
        (arn, _) => parts.add("cluster", arn.as_deref().or(cluster.name.as_deref()).unwrap_or_default()),
    }
}

/// A digest of parts that cannot run into each other: each goes in with its kind and length.
struct IdentityParts {
    digest: Sha256,
    mask: bool,
}

impl IdentityParts {
    fn add(&mut self, kind: &str, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        let masked = self.mask.then(|| std::str::from_utf8(part).ok().map(masked)).flatten();
        let part = masked.as_deref().map_or(part, str::as_bytes);
        self.digest.update(kind.as_bytes());
        self.digest.update([0]);
        self.digest.update((part.len() as u64).to_le_bytes());
        self.digest.update(part);
    }
}
