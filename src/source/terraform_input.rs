//! Templates as inputs: how they are read, and for configurations of Terraform which files belong together, and where nothing may be read from.

use super::bounded::{self, ReadError};
use super::iac::cloudformation::{ParameterFile, StackHome, StackInputs};
use super::iac::terraform::hcl::{RootModule, VariableFile, VariableInputs, find_roots, load_assuming};
use super::iac::tree::{DiskTree, TemplateTree, TreeError, split_tree_path};
use super::iac::{ConditionAssumption, Template};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How templates are read: configurations of Terraform, and stacks of CloudFormation.
#[derive(Clone, Debug, Default)]
pub struct TemplateOptions {
    /// Files with values of variables, in order: later ones win.
    pub var_files: Vec<PathBuf>,
    /// Values of variables, each `NAME=VALUE`.
    pub vars: Vec<String>,
    /// What nothing is read outside of, where there is no Git work tree.
    pub root: Option<PathBuf>,
    /// The folder of the configuration that plans and states were made of.
    pub configuration: Option<PathBuf>,
    /// Files with values for the parameters of stacks, in order: later ones win.
    pub parameters: Vec<PathBuf>,
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

    /// Evaluates it with the values of variables that a plan of it was made with.
    pub(super) fn load_planned(&self, variables: VariableInputs) -> Vec<Template> {
        load_assuming(&*self.tree, &self.module, &variables, None)
    }

    /// Reads and evaluates it, under an assumption if there is one. Folders of examples hold several.
    pub fn load(&self, assumed: Option<&ConditionAssumption>) -> Vec<Template> {
        load_assuming(&*self.tree, &self.module, &self.inputs, assumed)
    }
}

/// A plan or a state, and the configuration that it was made of: findings are put into that.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TerraformPlan {
    /// The file; standard input without one.
    pub file: Option<PathBuf>,
    /// The configuration.
    pub configuration: TerraformRoot,
}

/// What was found of configurations.
#[derive(Debug, Default)]
pub(super) struct FoundRoots {
    pub(super) roots: Vec<TerraformRoot>,
    /// Files that are not read, and why.
    pub(super) errors: Vec<(String, String)>,
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

/// A file of Terraform on the disk, and whether it was named, rather than found in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TerraformPath {
    pub(super) path: PathBuf,
    pub(super) is_named: bool,
}

/// The root modules of files on the disk: each with the path that was named, which is a folder or the file itself. Each is
/// in the tree of its Git work tree; without Git, in that of the folder that was named.
pub(super) fn on_disk(files: &BTreeMap<PathBuf, PathBuf>, variables: &VariableFiles<'_>) -> FoundRoots {
    let options = variables.options;
    let mut found = FoundRoots::default();
    let mut trees: BTreeMap<(PathBuf, bool), Vec<(&Path, bool)>> = BTreeMap::new();
    let mut work_trees: BTreeMap<&Path, Option<PathBuf>> = BTreeMap::new();
    for (file, named) in files {
        let (folder, is_named) = (folder_of(file), named == file);
        let top = work_trees.entry(folder).or_insert_with(|| work_tree(folder));
        let top = top.clone().or_else(|| options.root.clone());
        let is_fixed = top.is_some();
        let top = top.unwrap_or_else(|| if is_named { folder } else { named }.to_owned());
        trees.entry((top, is_fixed)).or_default().push((file, is_named));
    }
    let here = std::env::current_dir().ok();
    for ((top, is_fixed), files) in trees {
        let tree = match DiskTree::new(&top, here.as_deref()) {
            Ok(tree) => tree.fixed(is_fixed),
            Err(error) => {
                found.errors.push((top.display().to_string(), format!("cannot be read: {error}")));
                continue;
            }
        };
        let mut paths: BTreeMap<String, TerraformPath> = BTreeMap::new();
        for (file, is_named) in files {
            match tree.path_of(file) {
                Some(path) => drop(paths.insert(path, TerraformPath { path: file.to_owned(), is_named })),
                None => found.errors.push((file.display().to_string(), TreeError::Outside.to_string())),
            }
        }
        let folders: Vec<_> = options.environments.iter().map(|one| tree.path_of(&one.root)).collect();
        let tree: Arc<dyn TemplateTree> = Arc::new(tree);
        found.roots.extend(of_tree(&tree, paths, &folders, variables));
    }
    found
}

/// Whether a folder has files of Terraform.
pub(super) fn has_configuration(folder: &Path) -> bool {
    terraform_files(folder).next().is_some()
}

/// The files of Terraform in a folder.
fn terraform_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| is_terraform(path) && path.is_file())
}

/// The configuration of a folder, as the one that a plan was made of.
pub(super) fn configuration(folder: &Path, options: &TemplateOptions) -> Option<TerraformRoot> {
    let files: BTreeMap<_, _> = terraform_files(folder).map(|path| (path, folder.to_owned())).collect();
    // The plan has its values.
    let options = TemplateOptions { environments: Vec::new(), ..options.clone() };
    on_disk(&files, &VariableFiles::new(&options, &read_variables)).roots.pop()
}

/// The folder of a path.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The values for the parameters of stacks, and the files that cannot be read.
pub(super) fn parameters(options: &TemplateOptions) -> (StackInputs, Vec<(PathBuf, ReadError)>) {
    let (mut files, mut unread) = (Vec::new(), Vec::new());
    for file in &options.parameters {
        match read_variables(file) {
            Ok(text) => files.push(ParameterFile { name: file.display().to_string(), text: text.into() }),
            Err(error) => unread.push((file.clone(), error)),
        }
    }
    (StackInputs { files, root: options.root.clone(), home: None }, unread)
}

/// Where a stack's template lies: in its Git work tree; without Git, in the folder that the user says, else in its own.
pub(super) fn stack_home(file: &Path, root: Option<&Path>) -> Option<StackHome> {
    let folder = folder_of(file);
    let top = work_tree(folder).or_else(|| root.map(Path::to_owned));
    let is_fixed = top.is_some();
    let here = std::env::current_dir().ok();
    let tree = DiskTree::new(&top.unwrap_or_else(|| folder.to_owned()), here.as_deref()).ok()?;
    let path = tree.path_of(file)?;
    Some(StackHome { tree: Arc::new(tree.fixed(is_fixed)), path })
}

/// Reads a file with values of variables.
pub(super) fn read_variables(path: &Path) -> Result<String, ReadError> {
    bounded::read_text(path, MAX_VARIABLES as u64)
}

/// Adds the files beside those that were named: a module is all files of its folder. Gives the folders of which no file was
/// found otherwise, each with what was named in it.
fn add_neighbours(
    tree: &dyn TemplateTree,
    files: &mut BTreeMap<String, TerraformPath>,
) -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, _) in files.iter().filter(|(_, file)| file.is_named) {
        let (folder, name) = split_tree_path(path);
        named.entry(folder.to_owned()).or_default().push(name.to_owned());
    }
    named.retain(|folder, _| {
        files.iter().all(|(path, file)| file.is_named || split_tree_path(path).0 != folder)
    });
    for (folder, names) in &named {
        let beside = names.first().and_then(|name| files.get(&joined(folder, name))).cloned();
        let Some(beside) = beside else { continue };
        for name in tree.list(folder).unwrap_or_default() {
            let path = beside.path.with_file_name(&name);
            if is_terraform(&path) {
                let file = TerraformPath { path, is_named: false };
                files.entry(joined(folder, &name)).or_insert(file);
            }
        }
    }
    named
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The largest file with values of variables, in bytes.
pub(super) const MAX_VARIABLES: usize = 16 << 20;

/// Where the values of variables come from.
pub(super) struct VariableFiles<'o> {
    pub(super) options: &'o TemplateOptions,
    /// The text of a file that was named.
    pub(super) text: &'o dyn Fn(&Path) -> Result<String, ReadError>,
    unread: RefCell<BTreeMap<PathBuf, ReadError>>,
}

impl<'o> VariableFiles<'o> {
    pub(super) fn new(
        options: &'o TemplateOptions,
        text: &'o dyn Fn(&Path) -> Result<String, ReadError>,
    ) -> Self {
        Self { options, text, unread: RefCell::default() }
    }

    /// The files that could not be read, and why.
    pub(super) fn unread(self) -> BTreeMap<PathBuf, ReadError> {
        self.unread.into_inner()
    }

    /// The values for a root module, with those of an environment.
    pub(super) fn inputs(&self, environment: Option<&TerraformEnvironment>) -> VariableInputs {
        let of_environment = environment.into_iter().flat_map(|environment| &environment.var_files);
        let files = of_environment.chain(&self.options.var_files);
        let file = |file: &PathBuf| {
            let text = (self.text)(file);
            let text = text.map_err(|error| self.unread.borrow_mut().insert(file.clone(), error)).ok()?;
            Some(VariableFile { name: file.display().to_string(), text })
        };
        let value = |given: &String| {
            let (name, value) = given.split_once('=')?;
            Some((name.trim().to_owned(), value.to_owned()))
        };
        VariableInputs {
            environment: environment.map(|environment| environment.name.clone()),
            files: files.filter_map(file).collect(),
            values: self.options.vars.iter().filter_map(value).collect(),
            elsewhere: { self.options.environments.iter() }
                .flat_map(|environment| &environment.var_files)
                .map(|file| file.display().to_string())
                .collect(),
        }
    }
}

/// The root modules of files in a tree: given are their paths in the tree with those on the disk, and the folders of the
/// environments in the tree. A root module that has environments is read once for each.
pub(super) fn of_tree(
    tree: &Arc<dyn TemplateTree>,
    mut files: BTreeMap<String, TerraformPath>,
    folders: &[Option<String>],
    variables: &VariableFiles<'_>,
) -> Vec<TerraformRoot> {
    let named = add_neighbours(&**tree, &mut files);
    let paths: Vec<_> = files.keys().cloned().collect();
    let mut found = Vec::new();
    for mut module in find_roots(&**tree, &paths) {
        let before = joined(&module.folder, "");
        let below = files.range(before.clone()..).take_while(|(path, _)| path.starts_with(&before));
        let own = below.filter(|(path, _)| split_tree_path(path).0 == module.folder);
        let on_disk: Vec<_> = own.map(|(_, file)| file.path.clone()).collect();
        let chosen = named.get(&module.folder).into_iter().flatten();
        module.chosen = chosen.filter(|name| is_terraform(Path::new(name))).cloned().collect();
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

/// The path of a file from the top of its Git work tree, with `/` between its parts; none without a work tree.
pub(super) fn path_in_work_tree(file: &Path) -> Option<String> {
    let file = file.canonicalize().ok()?;
    let top = work_tree(file.parent()?)?;
    let parts = file.strip_prefix(top).ok()?.iter().map(|part| part.to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// The Git work tree around a folder.
fn work_tree(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}
