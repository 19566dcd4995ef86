//! Modules that are built in, as they are written: parsed once, whichever roots call them. To parse them is most of the work
//! for a root that calls one, and they are never another.

use super::bundled_files::bundled_file_id;
use super::config::ModuleConfig;
use super::files::{chosen, is_override};
use super::limits::MAX_FILE_BYTES;
use super::parse::parse_file;
use super::syntax::NameTable;
use crate::source::iac::FileId;
use crate::source::iac::terraform::registry::{BundleTree, NoTree};
use crate::source::iac::tree::{TemplateTree, tree_path};
use rustc_hash::FxHashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A module that is built in.
#[derive(Clone, Debug)]
pub(super) struct BundledConfig {
    pub(super) config: Arc<ModuleConfig>,
    /// Its files.
    pub(super) ids: Vec<FileId>,
}

/// The module of a folder that is built in.
pub(super) fn bundled_config(folder: &str) -> Result<BundledConfig, String> {
    static READ: LazyLock<Mutex<FxHashMap<String, BundledConfig>>> = LazyLock::new(Mutex::default);
    let read = || READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = read().get(folder) {
        return Ok(known.clone());
    }
    // Others are not kept waiting meanwhile. Whoever is later takes what is there.
    let found = parse(folder)?;
    Ok(read().entry(folder.to_owned()).or_insert(found).clone())
}

fn parse(folder: &str) -> Result<BundledConfig, String> {
    let tree = BundleTree::new(&NoTree);
    let names = tree.list(folder).map_err(|error| format!("{folder} {error}"))?;
    let mut known = NameTable::default();
    let (mut bodies, mut overrides, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for name in chosen(names) {
        let Some(path) = tree_path(folder, &name) else { continue };
        let id = bundled_file_id(&path).ok_or_else(|| format!("{path} is not built in"))?;
        let bytes = tree.read(&path, MAX_FILE_BYTES).map_err(|error| format!("{path} {error}"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8"))?;
        let parsed = parse_file(&name, &text, id, &mut known);
        if let Some(broken) = parsed.broken.first() {
            return Err(format!("{path} is no HCL: {}", broken.message));
        }
        if is_override(&name) { &mut overrides } else { &mut bodies }.push(parsed.body);
        ids.push(id);
    }
    if ids.is_empty() {
        return Err(format!("there are no files of Terraform in {folder}"));
    }
    let config = Arc::new(ModuleConfig::new(folder.to_owned(), bodies, overrides));
    Ok(BundledConfig { config, ids })
}
