//! Reads the files: which section each answer belongs to, and how much of it the answer tells.

use super::Text;
use super::place::{Clusters, Why};
use crate::snapshot::envelope::{self, Envelope};
use crate::snapshot::{Identity, NotASnapshot, Part, Section, Snapshot, section};
use crate::source::clean::clean;
use crate::source::{Document, NotJson};
use crate::value::{Node, Object, Problem};
use bumpalo::Bump;
use std::collections::BTreeSet;

/// What one answer tells of a section.
#[derive(Debug)]
pub(super) struct Piece<'t> {
    /// The section.
    pub(super) section: &'static Section,
    /// The file, by position.
    pub(super) file: usize,
    /// Resources.
    pub(super) items: Vec<Item<'t>>,
    /// Names of resources.
    pub(super) names: Vec<&'t str>,
    /// Whether the answer tells of all resources that there are.
    pub(super) all: bool,
    /// Whether more pages follow.
    pub(super) cut: bool,
    /// The clusters that it is about as a whole.
    pub(super) about: Vec<usize>,
    /// Whether a snapshot took something of it.
    pub(super) used: bool,
}

impl<'t> Piece<'t> {
    /// What an answer tells that describes some resources.
    pub(super) fn new(section: &'static Section, file: usize, items: Vec<Item<'t>>) -> Self {
        let (names, about) = (Vec::new(), Vec::new());
        Self { section, file, items, names, all: false, cut: false, about, used: false }
    }
}

/// One resource, as one answer tells it.
#[derive(Clone, Debug)]
pub(super) struct Item<'t> {
    /// As a snapshot holds it.
    pub(super) node: Node<'t>,
    /// Whether a describe call would tell more.
    pub(super) summary: bool,
    /// The file, by position.
    pub(super) file: usize,
    /// For resources of EKS: the cluster that it names.
    pub(super) owner: Option<Identity>,
    /// For resources of EKS: the cluster that it belongs to.
    pub(super) cluster: Option<usize>,
}

/// An answer that tells a part of a resource.
#[derive(Debug)]
pub(super) struct Fragment<'t> {
    /// Which answer.
    pub(super) row: &'static Envelope,
    /// The answer.
    pub(super) object: &'t Object<'t>,
    /// The file, by position.
    pub(super) file: usize,
}

/// All answers.
#[derive(Debug)]
pub(super) struct Collected<'t> {
    /// In the order of the files.
    pub(super) pieces: Vec<Piece<'t>>,
    /// In the order of the files.
    pub(super) fragments: Vec<Fragment<'t>>,
    /// Broken files.
    pub(super) errors: Vec<Problem>,
    notices: Vec<(usize, String)>,
    texts: &'t [Text],
    arena: &'t Bump,
}

impl<'t> Collected<'t> {
    /// Reads all files.
    pub(super) fn read(texts: &'t [Text], arena: &'t Bump) -> Self {
        let (pieces, fragments) = (Vec::new(), Vec::new());
        let mut collected = Self { pieces, fragments, errors: Vec::new(), notices: Vec::new(), texts, arena };
        for (file, text) in texts.iter().enumerate() {
            for document in Document::split(&text.text) {
                collected.document(file, document);
            }
        }
        collected
    }

    /// What to call a file.
    pub(super) fn name(&self, file: usize) -> &'t str {
        &self.texts[file].name
    }

    /// Notes something about a file.
    pub(super) fn note(&mut self, file: usize, message: impl Into<String>) {
        self.notices.push((file, message.into()));
    }

    /// What is noted, in the order of the files.
    pub(super) fn notices(&self) -> Vec<Problem> {
        let sorted: BTreeSet<_> = self.notices.iter().collect();
        let problem = |(file, message): &(usize, String)| Problem::of_file(&self.texts[*file].name, message);
        sorted.into_iter().map(problem).collect()
    }

    fn document(&mut self, file: usize, document: Document<'t>) {
        let elements = match document.parse(self.arena) {
            Ok(Node::List(items @ [_, ..])) => items.to_vec(),
            Ok(root) => vec![root],
            // A call that fails leaves an empty file behind: what it would have said is not known.
            Err(NotJson { place: None, message }) => return self.note(file, message),
            Err(not_json) => return self.errors.push(not_json.in_file(&self.texts[file].name)),
        };
        for element in elements {
            self.element(file, element);
        }
    }

    /// One answer.
    fn element(&mut self, file: usize, element: Node<'t>) {
        let whole = element.get("schemaVersion").is_some();
        match (Snapshot::read(element, self.arena), element) {
            (Ok(_), _) if whole => self.note(file, "is a snapshot already and can be scanned as it is"),
            (Ok(snapshots), Node::Object(object)) => {
                let cut = envelope::is_cut(object);
                for snapshot in &snapshots {
                    let pieces: Vec<_> =
                        snapshot.parts().map(|part| self.piece(file, snapshot, part, cut)).collect();
                    self.pieces.extend(pieces);
                }
            }
            (Err(NotASnapshot::Fragment(_)), Node::Object(object)) => self.fragment(file, object),
            (Err(NotASnapshot::UpdateAnswer(_)), _) if self.is_described_update(file) => {
                self.update(file, element);
            }
            (Err(error), _) => self.note(file, error.to_string()),
            (Ok(_), _) => {}
        }
    }

    fn piece(&self, file: usize, snapshot: &Snapshot<'t>, part: &Part<'t>, cut: bool) -> Piece<'t> {
        let nodes = if part.section.is_list() { part.items().to_vec() } else { vec![part.node] };
        let whole_clusters = part.section.name == "regionClusters"
            && nodes.iter().any(|node| node.get_go_cased("resourcesVpcConfig").is_some());
        let section = section::by_name("cluster").filter(|_| whole_clusters).unwrap_or(part.section);
        let item = |node: &Node<'t>| {
            let object = node.as_object();
            let summary = object.is_some_and(|object| snapshot.why_incomplete(object).is_some());
            self.item(file, section, *node, summary)
        };
        let all = part.incomplete.is_none() || !part.names.is_empty() && !cut;
        let items = nodes.iter().map(item).collect();
        Piece { names: part.names.clone(), all, cut, ..Piece::new(section, file, items) }
    }

    fn item(&self, file: usize, section: &Section, node: Node<'t>, summary: bool) -> Item<'t> {
        let node = clean(section, node, self.arena);
        let owner = match section.service.as_deref() {
            _ if section.name == "cluster" => Some(Identity::of_cluster(node)),
            Some("eks") => Identity::of_item(&node),
            _ => None,
        };
        Item { node, summary, file, owner, cluster: None }
    }

    /// An answer that tells a part of a resource, or of several where a snapshot has one.
    fn fragment(&mut self, file: usize, object: &'t Object<'t>) {
        if let Some(row) = envelope::of_field(object) {
            return self.fragments.push(Fragment { row, object, file });
        }
        let Some((row, nodes)) = envelope::of_several(object) else { return };
        let Some(section) = row.section() else { return };
        let items = nodes.iter().map(|node| self.item(file, section, *node, false)).collect();
        let cut = envelope::is_cut(object);
        self.pieces.push(Piece { all: !cut, cut, ..Piece::new(section, file, items) });
    }

    /// DescribeUpdate answers as the calls do that change something: the file's name tells.
    fn is_described_update(&self, file: usize) -> bool {
        let path = &self.texts[file].path;
        path.rsplit('/').next().is_some_and(|name| name.contains("describe-update"))
    }

    fn update(&mut self, file: usize, element: Node<'t>) {
        let (Some(section), Some(update)) = (section::by_name("updates"), element.get("update")) else {
            return;
        };
        let items = vec![self.item(file, section, update, false)];
        self.pieces.push(Piece::new(section, file, items));
    }

    /// Says of each answer that no snapshot took why that is.
    pub(super) fn note_unused(&mut self, clusters: &Clusters<'t>) {
        let unused: Vec<_> = self
            .pieces
            .iter()
            .filter(|piece| !piece.used)
            .map(|piece| (piece.file, Why::of(piece, clusters).to_string()))
            .collect();
        self.notices.extend(unused);
    }
}
