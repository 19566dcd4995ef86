//! Which folders are root modules: those with files of Terraform that no other one calls.

use super::files::is_module_file;
use super::limits::MAX_FILE_BYTES;
use crate::source::iac::tree::{TemplateTree, split_tree_path, tree_path};
use std::collections::{BTreeMap, BTreeSet};

/// A root module: a folder, and which of its files are scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootModule {
    /// The folder in the tree.
    pub folder: String,
    /// The names of its files, in order.
    pub files: Vec<String>,
    /// Which of them are asked for, where each is a module of its own; empty for all.
    pub chosen: Vec<String>,
}

impl RootModule {
    /// A root module of these files.
    pub fn of_files(folder: &str, mut files: Vec<String>) -> Self {
        files.sort();
        Self { folder: folder.to_owned(), files, chosen: Vec::new() }
    }
}

/// The root modules among files, in order. A folder that another one calls is none, and neither is one in `.terraform`.
pub fn find_roots(tree: &dyn TemplateTree, files: &[String]) -> Vec<RootModule> {
    let mut folders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files {
        let (folder, name) = split_tree_path(file);
        if is_module_file(name) && !folder.split('/').any(|part| part == ".terraform") {
            folders.entry(folder).or_default().push(name.to_owned());
        }
    }
    let calls: BTreeMap<&str, BTreeSet<String>> = if folders.len() > 1 {
        folders.iter().map(|(folder, names)| (*folder, called_folders(tree, folder, names))).collect()
    } else {
        BTreeMap::new()
    };
    let mut roots = uncalled(&folders, &calls);
    // Folders that call each other in a circle are called, but by no root: the first of each circle counts as one.
    let mut reached = reachable(&roots, &calls);
    for folder in folders.keys() {
        if !reached.contains(*folder) {
            roots.insert(folder);
            reached.extend(reachable(&BTreeSet::from([*folder]), &calls));
        }
    }
    folders
        .into_iter()
        .filter(|(folder, _)| roots.contains(folder))
        .map(|(folder, files)| RootModule::of_files(folder, files))
        .collect()
}

fn uncalled<'a>(
    folders: &BTreeMap<&'a str, Vec<String>>,
    calls: &BTreeMap<&'a str, BTreeSet<String>>,
) -> BTreeSet<&'a str> {
    let by_others = calls.iter().flat_map(|(caller, called)| called.iter().filter(move |one| one != caller));
    let called: BTreeSet<&str> = by_others.map(String::as_str).collect();
    folders.keys().copied().filter(|folder| !called.contains(folder)).collect()
}

/// The folders that lead from these by calls, and these.
fn reachable(from: &BTreeSet<&str>, calls: &BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = from.iter().map(|folder| (*folder).to_owned()).collect();
    while let Some(folder) = next.pop() {
        next.extend(
            calls
                .get(folder.as_str())
                .into_iter()
                .flatten()
                .filter(|called| !found.contains(*called))
                .cloned(),
        );
        found.insert(folder);
    }
    found
}

/// The folders of the tree that the modules called in files have as their source. The text is looked at, and not understood:
/// what looks like such a line and is none does no harm, as long as no folder of that name is there.
fn called_folders(tree: &dyn TemplateTree, folder: &str, names: &[String]) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for name in names {
        let bytes = tree_path(folder, name).and_then(|path| tree.read(&path, MAX_FILE_BYTES).ok());
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        called.extend(local_sources(&text).filter_map(|source| tree_path(folder, source)));
    }
    called
}

/// Texts after `source =` or `"source":` that are paths.
fn local_sources(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("source").filter_map(|(at, word)| {
        let rest = text[at + word.len()..].strip_prefix('"').unwrap_or(&text[at + word.len()..]);
        let rest = rest.trim_start().strip_prefix(['=', ':'])?.trim_start().strip_prefix('"')?;
        let source = rest.split('"').next()?;
        (source.starts_with("./") || source.starts_with("../") || matches!(source, "." | ".."))
            .then_some(source)
    })
}
