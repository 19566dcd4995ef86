//! A root module in memory, and what can be changed in it.

use ekslint::source::iac::tree::{TemplateTree, TreeError, tree_path};
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Files by path. The root module is the folder that is called "".
#[derive(Clone, Debug, Default)]
pub(super) struct Root {
    pub(super) name: String,
    pub(super) files: BTreeMap<String, String>,
}

/// Another text for a range of a file.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) file: String,
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// The roots that are changed: the one of the documentation, and a larger one.
pub(super) fn roots() -> Vec<Root> {
    ["docs/study-lab/terraform", "tests/robustness/terraform/shop"].map(Root::of_folder).to_vec()
}

impl Root {
    fn of_folder(folder: &str) -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let entries = fs::read_dir(&directory).expect("the folder is there");
        let paths = entries.map(|entry| entry.expect("readable").path());
        let file = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("readable"))
        };
        let is_terraform = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "tf");
        let files: BTreeMap<_, _> = paths.filter(is_terraform).map(|path| file(&path)).collect();
        assert!(!files.is_empty(), "{folder} has files of Terraform");
        Self { name: folder.to_owned(), files }
    }

    /// The same with other texts. No two of them may overlap.
    pub(super) fn edited(&self, edits: &[Edit]) -> Self {
        let mut edited = self.clone();
        let mut edits: Vec<_> = edits.iter().collect();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
        for edit in edits {
            let text = edited.files.get_mut(&edit.file).expect("a file of the root");
            text.replace_range(edit.range.clone(), &edit.text);
        }
        edited
    }

    /// Adds lines to the end of a file, which need not be there.
    pub(super) fn add(&mut self, path: &str, text: &str) {
        let file = self.files.entry(path.to_owned()).or_default();
        file.push_str(text);
        file.push('\n');
    }

    /// All of it in another folder.
    pub(super) fn moved(self, folder: &str) -> Self {
        let files = self.files.into_iter().map(|(path, text)| (format!("{folder}/{path}"), text));
        Self { files: files.collect(), ..self }
    }

    /// All its files, for messages.
    pub(super) fn shown(&self, with: &[&str]) -> String {
        let files = self.files.iter().filter(|(path, _)| with.iter().any(|part| path.contains(part)));
        files.map(|(path, text)| format!("--- {path}\n{text}")).collect()
    }
}

impl TemplateTree for Root {
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let names: Vec<_> =
            self.below(folder, usize::MAX)?.into_iter().filter(|path| !path.contains('/')).collect();
        if names.is_empty() { Err(TreeError::Absent) } else { Ok(names) }
    }

    fn below(&self, folder: &str, most: usize) -> Result<Vec<String>, TreeError> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.files.keys().filter_map(|path| Some(path.strip_prefix(&prefix)?.to_owned()));
        let below: Vec<_> = below.collect();
        if below.len() > most { Err(TreeError::TooMany(most)) } else { Ok(below) }
    }

    fn read(&self, path: &str, _: usize) -> Result<Vec<u8>, TreeError> {
        let path = tree_path("", path).ok_or(TreeError::Outside)?;
        self.files.get(&path).map(|text| text.clone().into_bytes()).ok_or(TreeError::Absent)
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}
