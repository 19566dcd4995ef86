//! Folders with what the AWS CLI printed: their answers are joined into clusters, as `ekslint snapshot import` joins them,
//! and what is found in a cluster is found in the file that says it.
//!
//! A folder is joined if it holds an answer about a part of a cluster, and the description of a cluster in itself or below.
//! Descriptions alone need nothing to be joined with, and snapshots are whole already.

use super::aws_cli::{Import, ImportFile, import, import_one, missing};
use super::composed::{ComposedCluster, ComposedPlace};
use super::document::{Document, Documents};
use super::path_text::slashed_here;
use crate::snapshot::secrets::secrets;
use crate::snapshot::{Snapshot, TemplateSource, envelope};
use crate::value::locate::{locate_among, pointer_at};
use crate::value::{Json, Pointer, Problem};
use bumpalo::Bump;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// A cluster that several files describe.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JoinedCluster {
    files: Arc<Vec<ImportFile>>,
    /// Its position among the clusters that the files describe.
    at: usize,
    /// The file that describes the cluster itself.
    name: String,
    /// Its snapshot, as `ekslint snapshot import` writes it.
    text: String,
}

/// What was joined, and what is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedFolder {
    /// The folder.
    pub folder: String,
    /// How many files were joined.
    pub files: usize,
    /// The clusters, and for each the commands of the AWS CLI whose answers are missing.
    pub clusters: Vec<(String, Vec<&'static str>)>,
    /// Clusters that are there as snapshots already: name and file.
    pub already: Vec<(String, String)>,
    /// Answers that belong to no cluster, and why.
    pub notices: Vec<Problem>,
}

impl JoinedFolder {
    /// What an import joined.
    pub fn of(folder: &str, import: &Import<'_>) -> Self {
        let cluster = |snapshot: &Json<'_>| (name_of(*snapshot), missing(*snapshot));
        // What a template says was joined of no files.
        let joined = import.snapshots.iter().filter(|snapshot| snapshot.get(TemplateSource::FIELD).is_none());
        let clusters = joined.map(cluster).collect();
        let folder = if folder.is_empty() { ".".to_owned() } else { folder.to_owned() };
        Self { folder, files: import.joined.len(), clusters, ..Self::default() }
    }
}

/// The name of the cluster of a snapshot.
fn name_of(snapshot: Json<'_>) -> String {
    let name = snapshot.at(&["cluster", "name"]).and_then(|name| name.as_str());
    name.unwrap_or("a cluster without a name").to_owned()
}

/// A folder's clusters, the files that they were made of, and what is said of them.
#[derive(Debug, Default)]
pub(super) struct Join {
    /// The files that are no longer read by themselves, by position.
    pub(super) taken: BTreeSet<usize>,
    /// The clusters.
    pub(super) clusters: Vec<Arc<JoinedCluster>>,
    /// What is said.
    pub(super) said: JoinedFolder,
    /// Parts of the files that are broken.
    pub(super) errors: Vec<Problem>,
}

/// What a file seems to be, as its start says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seems {
    /// The description of a cluster.
    Cluster,
    /// An answer about a part of one.
    Answer,
    /// A snapshot.
    Whole,
    /// Something else.
    Other,
}

impl Seems {
    /// What a file seems to be whose text starts so.
    pub(super) fn of(start: &str) -> Self {
        let Some(key) = first_key(start) else { return Self::Other };
        let row = envelope::ENVELOPES.iter().find(|row| row.field == key);
        match row {
            _ if key == "schemaVersion" => Self::Whole,
            Some(row) if row.section != "cluster" => Self::Answer,
            Some(_) => Self::Cluster,
            None if start.contains("\"schemaVersion\"") => Self::Whole,
            None if start.contains("\"resourcesVpcConfig\"") => Self::Cluster,
            None => Self::Other,
        }
    }
}

fn first_key(start: &str) -> Option<&str> {
    let rest = start.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n', '[']).strip_prefix('{')?;
    rest.trim_start().strip_prefix('"')?.split('"').next()
}

/// The folders to join: each with the files that belong to it, by position. Given are the path of each file, with `/`, and
/// what it seems to be.
pub(super) fn folders(files: &[(String, Seems)]) -> BTreeMap<String, Vec<usize>> {
    let of_kind = |wanted: Seems| {
        files.iter().filter(move |(_, seems)| *seems == wanted).map(|(path, _)| path.as_str())
    };
    let with_clusters: BTreeSet<&str> = of_kind(Seems::Cluster).flat_map(ancestors).collect();
    let nearest = |path, among: &BTreeSet<&str>| {
        ancestors(path).find(|folder| among.contains(folder)).map(str::to_owned)
    };
    let wanted: BTreeSet<String> =
        of_kind(Seems::Answer).filter_map(|path| nearest(path, &with_clusters)).collect();
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let mut folders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, (path, _)) in files.iter().enumerate() {
        if let Some(folder) = nearest(path, &wanted) {
            folders.entry(folder).or_default().push(at);
        }
    }
    folders
}

/// The folders that a file is in, the nearest first; the last is the one that all are in.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at]).chain([""])
}

impl Join {
    /// Joins the files of a folder: position, name and text of each. None if no cluster is described among them.
    pub(super) fn of(folder: &str, files: Vec<(usize, String, String)>) -> Option<Self> {
        let below = |name: &str| name.strip_prefix(folder).unwrap_or(name).trim_start_matches('/').to_owned();
        let (positions, files): (Vec<_>, Vec<_>) = files
            .into_iter()
            .map(|(at, name, text)| (at, ImportFile { path: below(&slashed_here(&name)), name, text }))
            .unzip();
        let (files, arena) = (Arc::new(files), Bump::new());
        let import = import(&files, &arena);
        let described = |snapshot: &Json<'_>| snapshot.at(&["cluster", "resourcesVpcConfig"]).is_some();
        if !import.snapshots.iter().any(described) || import.joined.len() < 2 {
            return None;
        }
        let whole = wholes(&files, &import.answers);
        let taken: BTreeSet<_> = import.answers.iter().map(|file| positions[*file]).collect();
        let is_taken =
            |problem: &Problem| import.answers.iter().any(|file| files[*file].name == problem.file);
        let mut join = Self { taken, said: JoinedFolder::of(folder, &import), ..Self::default() };
        join.said.clusters.clear();
        join.said.notices = import.notices.into_iter().filter(is_taken).collect();
        join.errors = import.errors.into_iter().filter(is_taken).collect();
        for (at, snapshot) in import.snapshots.iter().enumerate() {
            let name = name_of(*snapshot);
            let arn = snapshot.at(&["cluster", "arn"]).and_then(|arn| arn.as_str());
            let key = arn.map_or_else(|| name.clone(), str::to_owned);
            if let Some(file) = whole.get(&key) {
                join.said.already.push((name, file.clone()));
                continue;
            }
            join.said.clusters.push((name, missing(*snapshot)));
            let text = serde_json::to_string_pretty(snapshot).unwrap_or_default();
            let mut cluster = JoinedCluster { files: Arc::clone(&files), at, name: String::new(), text };
            let place = locate_among(&cluster.texts(), *snapshot, &Pointer::root().key("cluster"));
            cluster.name = files.get(place.map_or(0, |(file, _)| file)).map(|file| file.name.clone())?;
            join.clusters.push(Arc::new(cluster));
        }
        Some(join)
    }
}

/// The clusters that files describe as whole snapshots, by ARN or name, each with its file.
fn wholes(files: &[ImportFile], answers: &BTreeSet<usize>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let others = files.iter().enumerate().filter(|(at, _)| !answers.contains(at));
    for (_, ImportFile { name, text, .. }) in others {
        let arena = Bump::new();
        for document in documents(text, &arena) {
            let snapshots = Snapshot::read_each(document.root, document.repeats, &arena);
            for snapshot in snapshots.into_iter().filter_map(|(_, read)| read.ok()) {
                let identity = &snapshot.identity;
                if let Some(key) = identity.arn.as_ref().or(identity.name.as_ref()) {
                    found.entry(key.clone()).or_insert_with(|| name.clone());
                }
            }
        }
    }
    found
}

impl JoinedCluster {
    /// The files.
    pub fn files(&self) -> &[ImportFile] {
        &self.files
    }

    fn texts(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.text.as_str()).collect()
    }
}

impl ComposedCluster for JoinedCluster {
    fn name(&self) -> &str {
        &self.name
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn file(&self, at: usize) -> Option<(&str, &str)> {
        self.files.get(at).map(|file| (file.name.as_str(), file.text.as_str()))
    }

    fn places(&self, pointers: &[&Pointer]) -> Vec<ComposedPlace> {
        let arena = Bump::new();
        let (tree, texts) = (import_one(&self.files, self.at, &arena), self.texts());
        let cluster = Pointer::root().key("cluster");
        let mut files: BTreeMap<usize, Vec<Document<'_>>> = BTreeMap::new();
        let place = |pointer: &&Pointer| {
            let found = locate_among(&texts, tree, pointer).or_else(|| locate_among(&texts, tree, &cluster));
            let (file, range) = found.unwrap_or_default();
            let text = texts.get(file).copied().unwrap_or_default();
            let documents = files.entry(file).or_insert_with(|| documents(text, &arena));
            let here = |document: &&Document<'_>| {
                (document.offset..document.offset + document.text.len()).contains(&range.start)
            };
            let document = documents.iter().find(here);
            let pointer = document.map_or_else(Pointer::root, |document| {
                pointer_at(document.text, document.root, range.start - document.offset)
            });
            ComposedPlace {
                file,
                document: document.and_then(|document| document.line),
                pointer,
                range,
                via: None,
            }
        };
        pointers.iter().map(place).collect()
    }
    fn secrets(&self, file: usize) -> Option<Cow<'_, [Range<usize>]>> {
        let text = self.files.get(file).map_or("", |file| file.text.as_str());
        let (arena, mut found) = (Bump::new(), Vec::new());
        for document in documents(text, &arena) {
            let snapshots = Snapshot::read_each(document.root, document.repeats, &arena);
            let snapshots: Vec<_> = snapshots.into_iter().filter_map(|(_, read)| read.ok()).collect();
            let pointers = secrets(&snapshots);
            found.extend(document.places(&pointers.iter().collect::<Vec<_>>()));
        }
        found.sort_unstable_by_key(|secret| (secret.start, secret.end));
        Some(Cow::Owned(found))
    }
}

/// The documents of a text that can be read.
fn documents<'t>(text: &'t str, arena: &'t Bump) -> Vec<Document<'t>> {
    let mut documents = Documents::of(text);
    std::iter::from_fn(|| documents.next(arena)).filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::{Seems, folders};

    fn joined(files: &[(&str, Seems)]) -> Vec<(String, Vec<usize>)> {
        let files: Vec<_> = files.iter().map(|(path, seems)| ((*path).to_owned(), *seems)).collect();
        folders(&files).into_iter().collect()
    }

    #[test]
    fn what_a_file_is_stands_at_its_start() {
        for (start, want) in [
            ("{\n    \"cluster\": {", Seems::Cluster),
            ("{\"name\": \"a\", \"resourcesVpcConfig\": {", Seems::Cluster),
            ("\u{FEFF}{\"Subnets\": [", Seems::Answer),
            ("[{\"nodegroup\": {", Seems::Answer),
            ("{\"RoleName\": \"a\", \"PolicyName\": \"b\"", Seems::Other),
            ("{\"schemaVersion\": 1, \"cluster\"", Seems::Whole),
            ("{\"account\": \"1\", \"schemaVersion\": 1", Seems::Whole),
            ("{\"name\": \"package\"", Seems::Other),
            ("", Seems::Other),
        ] {
            assert_eq!(Seems::of(start), want, "{start}");
        }
    }

    #[test]
    fn a_folder_is_joined_if_it_holds_more_than_descriptions() {
        use Seems::{Answer, Cluster, Whole};
        assert_eq!(joined(&[("a/x", Cluster), ("a/y", Cluster), ("b/z", Whole)]), []);
        assert_eq!(joined(&[("a/x", Answer), ("b/z", Whole)]), []);
        assert_eq!(joined(&[("a/x", Cluster), ("a/y", Answer)]), [("a".to_owned(), vec![0, 1])]);
        assert_eq!(joined(&[("a/x", Cluster), ("a/b/y", Answer)]), [("a".to_owned(), vec![0, 1])]);
        assert_eq!(joined(&[("a/c/x", Cluster), ("a/n/y", Answer)]), [("a".to_owned(), vec![0, 1])]);
        // Each date by itself, whatever stands beside them.
        assert_eq!(
            joined(&[("1/x", Cluster), ("1/y", Answer), ("2/x", Cluster), ("2/y", Answer), ("z", Answer)]),
            [(String::new(), vec![4]), ("1".to_owned(), vec![0, 1]), ("2".to_owned(), vec![2, 3])]
        );
        assert_eq!(joined(&[("x", Cluster), ("y", Answer)]), [(String::new(), vec![0, 1])]);
    }
}
