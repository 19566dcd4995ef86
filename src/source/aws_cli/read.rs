//! Reads the files: which section each answer belongs to, and how much of it the answer tells.

use super::ImportFile;
use crate::snapshot::envelope::{self, Envelope};
use crate::snapshot::{NotASnapshot, Part, Section, Snapshot, section};
use crate::source::assemble::{Extent, MissingField, MissingReason, Piece, PieceItem};
use crate::source::{Document, Documents, NotJson};
use crate::value::position::LineIndex;
use crate::value::{Json, Object, Pointer, Problem};
use bumpalo::Bump;
use std::collections::BTreeSet;

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
pub(super) struct Answers<'t> {
    /// In the order of the files.
    pub(super) pieces: Vec<Piece<'t>>,
    /// In the order of the files.
    pub(super) fragments: Vec<Fragment<'t>>,
    /// Broken files.
    pub(super) errors: Vec<Problem>,
    notices: Vec<(usize, String)>,
    texts: &'t [ImportFile],
    arena: &'t Bump,
}

impl<'t> Answers<'t> {
    /// Reads all files.
    pub(super) fn read(texts: &'t [ImportFile], arena: &'t Bump) -> Self {
        let (pieces, fragments) = (Vec::new(), Vec::new());
        let mut answers = Self { pieces, fragments, errors: Vec::new(), notices: Vec::new(), texts, arena };
        for (file, text) in texts.iter().enumerate() {
            let mut documents = Documents::of(&text.text);
            while let Some(document) = documents.next(arena) {
                answers.document(file, document);
            }
        }
        answers
    }

    /// What to call a file.
    pub(super) fn name(&self, file: usize) -> &'t str {
        &self.texts[file].name
    }

    /// Notes something about a file.
    pub(super) fn note(&mut self, file: usize, message: impl Into<String>) {
        self.notices.push((file, message.into()));
    }

    /// Whether something is noted about a file.
    pub(super) fn is_noted(&self, file: usize) -> bool {
        self.notices.iter().any(|(noted, _)| *noted == file)
    }

    /// What is noted, in the order of the files.
    pub(super) fn notices(&self) -> Vec<Problem> {
        let sorted: BTreeSet<_> = self.notices.iter().collect();
        let problem = |(file, message): &(usize, String)| Problem::of_file(&self.texts[*file].name, message);
        sorted.into_iter().map(problem).collect()
    }

    fn document(&mut self, file: usize, document: Result<Document<'t>, NotJson>) {
        let document = match document {
            Ok(document) => document,
            // A call that fails leaves an empty file behind: what it would have said is not known.
            Err(NotJson { place: None, message }) => return self.note(file, message),
            Err(not_json) => return self.errors.push(not_json.in_file(&self.texts[file].name)),
        };
        let elements = match &document.root {
            Json::List(items @ [_, ..]) => *items,
            root => std::slice::from_ref(root),
        };
        for (at, element) in elements.iter().enumerate() {
            let place = match document.root {
                Json::List(_) => Pointer::root().index(at),
                _ => Pointer::root(),
            };
            self.element(file, &document, *element, &place);
        }
    }

    /// One answer.
    fn element(&mut self, file: usize, document: &Document<'t>, element: Json<'t>, place: &Pointer) {
        let whole = element.get("schemaVersion").is_some();
        match (Snapshot::read_at(element, place, document.repeats, self.arena), element) {
            (Ok(_), _) if whole => self.note(file, "is a snapshot already and can be scanned as it is"),
            (Ok(snapshot), Json::Object(object)) => {
                let cut = envelope::is_cut(object);
                let parts = snapshot.parts().map(|part| self.piece(file, &snapshot, part, cut));
                let pieces: Vec<_> = parts.collect();
                self.pieces.extend(pieces);
            }
            (Err(NotASnapshot::Repeated(repeated)), _) => {
                let ImportFile { name, text, .. } = &self.texts[file];
                self.errors.push(document.repeated(name, &LineIndex::new(text), &repeated));
            }
            (Err(NotASnapshot::Fragment(_)), Json::Object(object)) => self.fragment(file, object),
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
        let item = |node: &Json<'t>| {
            let object = node.as_object();
            let is_summary = object.is_some_and(|object| snapshot.why_incomplete(object).is_some());
            self.item(file, section, *node, is_summary)
        };
        let all = part.incomplete.is_none() || !part.names.is_empty() && !cut;
        let extent = if all { Extent::All } else { extent(cut) };
        let items = nodes.iter().map(item).collect();
        Piece { names: part.names.clone(), extent, ..Piece::in_file(section, file, items) }
    }

    fn item(
        &self,
        file: usize,
        section: &'static Section,
        node: Json<'t>,
        is_summary: bool,
    ) -> PieceItem<'t> {
        let item = PieceItem::in_file(section, node, file, self.arena);
        let missing = is_summary.then(|| summary(section)).into_iter().collect();
        PieceItem { missing, ..item }
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
        let extent = if cut { Extent::Cut } else { Extent::All };
        self.pieces.push(Piece { extent, ..Piece::in_file(section, file, items) });
    }

    /// DescribeUpdate answers as the calls do that change something: the file's name tells.
    fn is_described_update(&self, file: usize) -> bool {
        let path = &self.texts[file].path;
        path.rsplit('/').next().is_some_and(|name| name.contains("describe-update"))
    }

    fn update(&mut self, file: usize, element: Json<'t>) {
        let (Some(section), Some(update)) = (section::by_name("updates"), element.get("update")) else {
            return;
        };
        let items = vec![self.item(file, section, update, false)];
        self.pieces.push(Piece::in_file(section, file, items));
    }
}

/// How much an answer is that does not say that it is all.
fn extent(is_cut: bool) -> Extent {
    if is_cut { Extent::Cut } else { Extent::Some }
}

/// What is missing of a resource of which only a summary is known.
fn summary(section: &'static Section) -> MissingField {
    let get = section.calls.iter().find(|call| call.api.contains(":Get"));
    let get = get.filter(|_| section.service.as_deref() == Some("iam"));
    let api = get.or(section.describe_call()).map(|call| call.api.as_str());
    let reason = format!("only a summary of the {} is known", section.title);
    MissingField { field: None, reason: MissingReason::not_in_snapshot(api, reason) }
}
