//! Terraform configurations as inputs: which files belong together, and where nothing may be read from.

use super::bounded;
use super::iac::Template;
use super::iac::terraform::hcl::{RootModule, VariableFile, VariableInputs, find_roots, load};
use super::iac::tree::{DiskTree, TemplateTree, split_tree_path};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How Terraform configurations are read.
#[derive(Clone, Debug, Default)]
pub struct TerraformOptions {
    /// Files with values of variables, in order: later ones win.
    pub var_files: Vec<PathBuf>,
    /// Values of variables, each `NAME=VALUE`.
    pub vars: Vec<String>,
    /// What nothing is read outside of, where there is no Git work tree.
    pub root: Option<PathBuf>,
    /// Root modules that are evaluated with values of their own, each once for every environment.
    pub environments: Vec<TerraformEnvironment>,
}

/// An environment of a root module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerraformEnvironment {
    /// What it is called.
    pub name: String,
    /// The folder of the root module.
    pub root: PathBuf,
    /// Files with values of variables, in order.
    pub var_files: Vec<PathBuf>,
}

/// A root module that is read as an input.
pub struct TerraformRoot {
    tree: Arc<dyn TemplateTree>,
    module: RootModule,
    inputs: VariableInputs,
    environment: Option<String>,
    name: String,
    files: Vec<PathBuf>,
}

impl TerraformRoot {
    /// What to call it: its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its files on the disk that were found; none of a Git revision.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The same of a revision, which is on no disk.
    pub(super) fn of_revision(self) -> Self {
        Self { files: Vec::new(), ..self }
    }

    /// Reads and evaluates it. Folders of examples hold several.
    pub fn load(&self) -> Vec<Template> {
        load(&*self.tree, &self.module, &self.inputs)
    }
}

impl fmt::Debug for TerraformRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerraformRoot").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for TerraformRoot {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.environment == other.environment
    }
}

impl Eq for TerraformRoot {}

impl Hash for TerraformRoot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.environment.hash(state);
    }
}

/// Whether a file is Terraform's or OpenTofu's by its name.
pub(super) fn is_terraform(path: &Path) -> bool {
    const ENDINGS: [&str; 4] = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    ENDINGS.iter().any(|ending| name.ends_with(ending) && name.len() > ending.len())
}

/// Whether a file has values of Terraform's variables.
pub(super) fn has_variables(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
}

/// The root modules of files on the disk. Each is in the tree of its Git work tree; without Git, in that of the folder
/// that was named.
pub(super) fn on_disk(files: &BTreeMap<PathBuf, PathBuf>, options: &TerraformOptions) -> Vec<TerraformRoot> {
    let mut trees: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
    for (file, named) in files {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let top = work_tree(folder).or_else(|| options.root.clone());
        trees.entry(top.unwrap_or_else(|| named.clone())).or_default().push(file);
    }
    let here = std::env::current_dir().ok();
    let mut found = Vec::new();
    for (top, files) in trees {
        let Ok(tree) = DiskTree::new(&top, here.as_deref()) else { continue };
        let paths: BTreeMap<String, &Path> =
            files.iter().filter_map(|file| Some((tree.path_of(file)?, *file))).collect();
        let folders: Vec<_> = options.environments.iter().map(|one| tree.path_of(&one.root)).collect();
        let tree: Arc<dyn TemplateTree> = Arc::new(tree);
        let texts =
            VariableFiles { options, text: &|path| bounded::read_text(path, MAX_VARIABLES as u64).ok() };
        found.extend(of_tree(&tree, &paths, &folders, &texts));
    }
    found
}

/// The largest file with values of variables, in bytes.
pub(super) const MAX_VARIABLES: usize = 16 << 20;

/// Where the values of variables come from.
pub(super) struct VariableFiles<'o> {
    pub(super) options: &'o TerraformOptions,
    /// The text of a file that was named.
    pub(super) text: &'o dyn Fn(&Path) -> Option<String>,
}

impl VariableFiles<'_> {
    /// The values for a root module, with those of an environment.
    fn inputs(&self, environment: Option<&TerraformEnvironment>) -> VariableInputs {
        let of_environment = environment.into_iter().flat_map(|environment| &environment.var_files);
        let files = of_environment.chain(&self.options.var_files);
        let file = |file: &PathBuf| {
            Some(VariableFile { name: file.display().to_string(), text: (self.text)(file)? })
        };
        let value = |given: &String| {
            let (name, value) = given.split_once('=')?;
            Some((name.trim().to_owned(), value.to_owned()))
        };
        VariableInputs {
            environment: environment.map(|environment| environment.name.clone()),
            files: files.filter_map(file).collect(),
            values: self.options.vars.iter().filter_map(value).collect(),
        }
    }
}

/// The root modules of files in a tree: given are their paths in the tree and on the disk, and the folders of the environments
/// in the tree. A root module that has environments is read once for each.
pub(super) fn of_tree(
    tree: &Arc<dyn TemplateTree>,
    files: &BTreeMap<String, &Path>,
    folders: &[Option<String>],
    variables: &VariableFiles<'_>,
) -> Vec<TerraformRoot> {
    let paths: Vec<_> = files.keys().cloned().collect();
    let mut found = Vec::new();
    for module in find_roots(&**tree, &paths) {
        let on_disk = files.iter().filter(|(path, _)| split_tree_path(path).0 == module.folder);
        let on_disk: Vec<_> = on_disk.map(|(_, file)| (*file).to_owned()).collect();
        let root = |environment: Option<&TerraformEnvironment>| TerraformRoot {
            tree: Arc::clone(tree),
            name: shown_folder(&**tree, &module.folder),
            inputs: variables.inputs(environment),
            environment: environment.map(|environment| environment.name.clone()),
            files: on_disk.clone(),
            module: module.clone(),
        };
        let environments = variables.options.environments.iter().zip(folders);
        let own: Vec<_> =
            environments.filter(|(_, folder)| folder.as_ref() == Some(&module.folder)).collect();
        match own.as_slice() {
            [] => found.push(root(None)),
            own => found.extend(own.iter().map(|(environment, _)| root(Some(environment)))),
        }
    }
    found
}

/// What to call the folder of a root module.
fn shown_folder(tree: &dyn TemplateTree, folder: &str) -> String {
    let shown = tree.shown(folder);
    let shown = shown.trim_end_matches(['/', '\\']);
    if shown.is_empty() { ".".to_owned() } else { shown.to_owned() }
}

/// The Git work tree around a folder.
fn work_tree(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}
