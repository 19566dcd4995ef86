//! `.terraform/modules/modules.json`: where `terraform init` has put the modules.

use crate::source::iac::tree::{TemplateTree, TreeError, tree_path};
use rustc_hash::FxHashMap;
use serde::Deserialize;

/// Where `terraform init` has put the modules of a root.
#[derive(Debug, Default)]
pub(super) struct ModuleManifest {
    folders: FxHashMap<String, String>,
}

#[derive(Deserialize)]
struct ManifestFile {
    #[serde(rename = "Modules", default)]
    modules: Vec<ManifestEntry>,
}

#[derive(Deserialize)]
struct ManifestEntry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    folder: String,
}

/// Bytes of the file.
const MAX_BYTES: usize = 4 << 20;

impl ModuleManifest {
    /// The one of a root module, and what is wrong with it.
    pub(super) fn read(tree: &dyn TemplateTree, folder: &str) -> (Self, Option<(String, String)>) {
        let Some(path) = tree_path(folder, ".terraform/modules/modules.json") else {
            return Default::default();
        };
        let bytes = match tree.read(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(TreeError::Absent) => return Default::default(),
            Err(error) => return (Self::default(), Some((tree.shown(&path), error.to_string()))),
        };
        match serde_json::from_slice::<ManifestFile>(&bytes) {
            Ok(file) => {
                let folders =
                    file.modules.into_iter().map(|entry| (entry.key, entry.folder.replace('\\', "/")));
                (Self { folders: folders.collect() }, None)
            }
            Err(error) => {
                let why = format!("is no list of modules: {error}; run `terraform init` again");
                (Self::default(), Some((tree.shown(&path), why)))
            }
        }
    }

    /// The folder of a module, relative to that of the root.
    pub(super) fn folder(&self, key: &str) -> Option<&str> {
        self.folders.get(key).map(String::as_str).filter(|folder| !folder.is_empty())
    }
}
