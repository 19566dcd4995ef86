//! Files: which to read, and their text.

use super::bounded::{self, ReadError};
use super::composed::ComposedCluster;
use super::encoding::text_of;
use super::foreign::{ForeignKind, recognise_file};
use super::glob::expand;
use super::iac;
use super::iac::cloudformation::{StackInputs, is_stack, may_start_stack};
use super::iac::eksctl::is_config;
use super::iac::terraform::hcl::VariableInputs;
use super::joined::{Join, JoinedCluster, JoinedFolder, Seems, folders};
use super::path_text::slashed_here;
use super::terraform_input::{
    self, TemplateOptions, TerraformPlan, TerraformRoot, VariableFiles, folder_of, has_configuration,
    has_variables, is_terraform, path_in_work_tree, read_variables,
};
use crate::value::Problem;
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest input, in bytes: places in a text are counted in 32 bits.
pub(super) const MAX_FILE: u64 = u32::MAX as u64;
/// The largest input that does not say its size, such as standard input: it may have no end, and all of
/// it is kept in memory until it is known to be too large.
const MAX_STREAM: u64 = 1 << 30;
/// How much of a file is looked at to see what it may be, in bytes.
const LOOKED_AT: u64 = 16 << 10;

/// The same for templates of stacks, which may describe much before they have resources.
const STACK_LOOKED_AT: u64 = 256 << 10;

/// What is wrong with naming a file of values.
const ALONE: &str = "holds values of variables, and no Terraform is beside it: name the folder of the root module, and pass \
    this file with --var-file";

/// What to call standard input.
pub const STDIN: &str = "<stdin>";

/// An input to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it was named, rather than found in a directory: then it must be a snapshot.
    pub named: bool,
    /// Values for the variables of Terraform, if it turns out to be a root module.
    pub variables: Arc<VariableInputs>,
    /// Values for the parameters of CloudFormation, if it turns out to be a stack's template.
    pub parameters: Arc<StackInputs>,
}

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A text that is already in memory, such as a file of a Git revision, and what to call it.
    Text {
        /// What to call it.
        name: String,
        /// Its text.
        text: Arc<str>,
    },
    /// A cluster that several files describe.
    Joined(Arc<JoinedCluster>),
    /// A root module of Terraform.
    Terraform(Arc<TerraformRoot>),
    /// A plan or a state of Terraform whose configuration is there.
    Plan(Arc<TerraformPlan>),
}

impl Input {
    /// An input without values for variables.
    pub fn new(origin: Origin, named: bool) -> Self {
        Self { origin, named, variables: Arc::default(), parameters: Arc::default() }
    }

    /// What to call it: the path as given.
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::File(path) => shown(path),
            Origin::Stdin => STDIN.to_owned(),
            Origin::Text { name, .. } => name.clone(),
            Origin::Joined(cluster) => cluster.name().to_owned(),
            Origin::Terraform(root) => root.name().to_owned(),
            Origin::Plan(plan) => plan.file.as_deref().map_or_else(|| STDIN.to_owned(), shown),
        }
    }

    /// What it is called wherever a scan starts, as far as that can be known: its path from the top of the Git work tree.
    pub fn known_as(&self) -> String {
        let known = match &self.origin {
            Origin::File(path) => path_in_work_tree(path),
            // A file of a revision: `main:infra/stack.yaml`.
            Origin::Text { name, .. } => name.split_once(':').map(|(_, path)| path.to_owned()),
            _ => None,
        };
        known.unwrap_or_else(|| self.name())
    }

    /// The cluster, if several files describe it.
    pub fn joined(&self) -> Option<&JoinedCluster> {
        match &self.origin {
            Origin::Joined(cluster) => Some(cluster),
            _ => None,
        }
    }

    /// The files that it is read from.
    pub fn files(&self) -> Vec<&Path> {
        match &self.origin {
            Origin::File(path) => vec![path],
            Origin::Joined(cluster) => cluster.files().iter().map(|file| Path::new(&file.name)).collect(),
            Origin::Terraform(root) => root.files().iter().map(PathBuf::as_path).collect(),
            Origin::Plan(plan) => plan.file.iter().map(PathBuf::as_path).collect(),
            Origin::Stdin | Origin::Text { .. } => Vec::new(),
        }
    }

    /// What it seems to be, as its start says.
    fn seems(&self) -> Seems {
        match &self.origin {
            // What is read from a pipe is gone.
            Origin::File(path) if !path.is_file() => Seems::Other,
            Origin::File(path) => read_start(path, LOOKED_AT).map_or(Seems::Other, |start| Seems::of(&start)),
            Origin::Text { text, .. } => {
                let end = text.floor_char_boundary(usize::try_from(LOOKED_AT).unwrap_or(usize::MAX));
                Seems::of(&text[..end])
            }
            Origin::Stdin | Origin::Joined(_) | Origin::Terraform(_) | Origin::Plan(_) => Seems::Other,
        }
    }

    /// Whether it may be a stack's template, as its start says.
    fn may_be_a_stack(&self) -> bool {
        match &self.origin {
            Origin::File(path) if is_json(path) && path.is_file() => {
                read_start(path, LOOKED_AT).is_some_and(|start| may_start_stack(&start))
            }
            Origin::File(path) => path.is_file() && may_be_stack(path),
            Origin::Text { .. } => true,
            Origin::Stdin | Origin::Joined(_) | Origin::Terraform(_) | Origin::Plan(_) => false,
        }
    }

    /// Reads its text. The document that has a byte which is not UTF-8 is no JSON; the others are.
    ///
    /// # Errors
    ///
    /// It cannot be read or is too large: in words.
    pub fn read(&self) -> Result<String, String> {
        let bytes = match &self.origin {
            Origin::File(path) => read_file(path),
            Origin::Stdin => bounded::read(io::stdin().lock(), MAX_STREAM),
            Origin::Plan(plan) => match &plan.file {
                Some(path) => read_file(path),
                None => bounded::read(io::stdin().lock(), MAX_STREAM),
            },
            Origin::Text { text, .. } => return Ok(text.as_ref().to_owned()),
            Origin::Joined(cluster) => return Ok(cluster.text().to_owned()),
            // Its clusters are what it is opened for.
            Origin::Terraform(_) => return Ok(String::new()),
        };
        bytes.map(text_of).map_err(|error| reason(&error))
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ReadError> {
    // Devices and pipes have names too.
    bounded::read_file(path, if path.is_file() { MAX_FILE } else { MAX_STREAM })
}

fn reason(error: &ReadError) -> String {
    match error {
        ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => "does not exist".to_owned(),
        ReadError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            "cannot be read: permission denied".to_owned()
        }
        error => error.to_string(),
    }
}

/// The inputs, and what could not be searched.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The inputs, in a fixed order: as named, directories sorted by path.
    pub inputs: Vec<Input>,
    /// Path and reason.
    pub errors: Vec<(String, String)>,
    /// Files in directories that ekslint does not read, and what they are.
    pub foreign: Vec<(String, &'static ForeignKind)>,
    /// Folders whose answers of the AWS CLI were joined.
    pub joined: Vec<JoinedFolder>,
    /// Parts of files in such folders that are broken.
    pub broken: Vec<Problem>,
    /// What is good to know.
    pub notices: Vec<Problem>,
    /// Templates of stacks that are read as parts of others, and not by themselves.
    pub(super) nested: Vec<Input>,
    known: HashMap<Origin, usize>,
    /// Files of Terraform, each with the path that was named: a folder, or the file itself.
    terraform: BTreeMap<PathBuf, PathBuf>,
}

impl Discovered {
    /// Inputs that were found otherwise, and what could not be read.
    pub fn of(inputs: Vec<Input>, errors: Vec<(String, String)>) -> Self {
        Self { inputs, errors, ..Self::default() }.join()
    }

    /// Finds the inputs among paths: files as they are, directories searched for `*.json` as ripgrep
    /// does (`.gitignore` is respected), also for Terraform, CloudFormation and eksctl, globs where no file is called so, `-` is standard input. `exclude`
    /// are globs.
    pub fn find(paths: &[PathBuf], exclude: &[String], terraform: &TemplateOptions) -> Self {
        let mut found = Self::default();
        for path in paths {
            match expand(path) {
                Some(files) if files.is_empty() => {
                    found.errors.push((path.display().to_string(), "matches no file".to_owned()));
                }
                Some(files) => files.iter().for_each(|file| found.name(file, exclude)),
                None => found.name(path, exclude),
            }
        }
        found.add_terraform(terraform);
        found.leave_nested();
        found.join()
    }

    /// Makes inputs of the root modules of the files that were found.
    fn add_terraform(&mut self, options: &TemplateOptions) {
        let files = std::mem::take(&mut self.terraform);
        self.leave_plans(&files);
        let variables = VariableFiles::new(options, &read_variables);
        self.add_configurations(options);
        let given = Arc::new(variables.inputs(None));
        self.leave_parameters(options);
        let (parameters, unread) = terraform_input::parameters(options);
        self.errors.extend(unread.iter().map(|(file, error)| (shown(file), reason(error))));
        let parameters = Arc::new(parameters);
        for input in &mut self.inputs {
            input.variables = Arc::clone(&given);
            input.parameters = Arc::clone(&parameters);
        }
        let found = terraform_input::on_disk(&files, &variables);
        let folders: HashSet<_> =
            found.roots.iter().flat_map(TerraformRoot::files).filter_map(|file| file.parent()).collect();
        for (file, named) in &files {
            if file == named
                && has_variables(file)
                && file.parent().is_none_or(|folder| !folders.contains(folder))
            {
                self.errors.push((shown(file), ALONE.to_owned()));
            }
        }
        for root in found.roots {
            self.add(Input::new(Origin::Terraform(Arc::new(root)), false));
        }
        self.errors.extend(found.errors);
        let unread = variables.unread().into_iter();
        self.errors.extend(unread.map(|(file, error)| (shown(&file), reason(&error))));
    }

    /// Has these inputs alone from now on, whose positions are other ones.
    fn keep(&mut self, inputs: Vec<Input>) {
        self.known = inputs.iter().enumerate().map(|(at, input)| (input.origin.clone(), at)).collect();
        self.inputs = inputs;
    }

    /// Leaves out files of parameters that the user names as such: they are no inputs by themselves.
    fn leave_parameters(&mut self, options: &TemplateOptions) {
        let real = |path: &Path| path.canonicalize().ok();
        let given: HashSet<_> = options.parameters.iter().filter_map(|path| real(path)).collect();
        if given.is_empty() {
            return;
        }
        let is_given = |input: &Input| match &input.origin {
            Origin::File(path) => !input.named && real(path).is_some_and(|path| given.contains(&path)),
            _ => false,
        };
        let inputs = std::mem::take(&mut self.inputs);
        self.keep(inputs.into_iter().filter(|input| !is_given(input)).collect());
    }

    /// Leaves out templates of nested stacks: they are read as parts of those that nest them.
    pub(super) fn leave_nested(&mut self) {
        if self.inputs.len() < 2 {
            return;
        }
        let parts = |input: &Input| match input.may_be_a_stack() {
            true => input.nested().iter().map(|name| same_name(name)).collect::<HashSet<_>>(),
            false => HashSet::new(),
        };
        let parts: Vec<_> = self.inputs.iter().map(parts).collect();
        if parts.iter().all(HashSet::is_empty) {
            return;
        }
        let of_inputs: Vec<_> = self.inputs.iter().map(|input| same_name(&input.name())).collect();
        // Of two that nest each other, the first is the outer one.
        let is_part = |at: usize| {
            let is_outer = |outer: usize| outer < at || !parts[at].contains(&of_inputs[outer]);
            (0..parts.len())
                .any(|outer| outer != at && parts[outer].contains(&of_inputs[at]) && is_outer(outer))
        };
        let are_parts: Vec<_> = (0..parts.len()).map(is_part).collect();
        if !are_parts.contains(&true) {
            return;
        }
        let inputs = std::mem::take(&mut self.inputs).into_iter().zip(are_parts);
        let (nested, kept): (Vec<_>, Vec<_>) = inputs.partition(|(_, is_part)| *is_part);
        self.nested = nested.into_iter().map(|(input, _)| input).collect();
        self.keep(kept.into_iter().map(|(input, _)| input).collect());
    }

    /// Finds the configurations that plans and states were made of: beside them, or where the user says.
    fn add_configurations(&mut self, options: &TemplateOptions) {
        // A folder may hold thousands of snapshots, and is looked into once.
        let mut looked_into: HashMap<PathBuf, bool> = HashMap::new();
        for input in &mut self.inputs {
            let beside = match &input.origin {
                Origin::File(path) if path.is_file() => Some(folder_of(path).to_owned()),
                Origin::Stdin => None,
                _ => continue,
            };
            let Some(folder) = options.configuration.clone().or(beside) else { continue };
            if !*looked_into.entry(folder.clone()).or_insert_with(|| has_configuration(&folder)) {
                continue;
            }
            let file = match &input.origin {
                Origin::File(_) if !input.read().is_ok_and(|text| iac::is_plan(&text)) => continue,
                Origin::File(path) => Some(path.clone()),
                _ => None,
            };
            let Some(configuration) = terraform_input::configuration(&folder, options) else { continue };
            input.origin = Origin::Plan(Arc::new(TerraformPlan { file, configuration }));
        }
    }

    /// Leaves out plans and states in folders whose configuration is read: each finding would be there twice.
    fn leave_plans(&mut self, files: &BTreeMap<PathBuf, PathBuf>) {
        let folders: HashSet<_> = files.keys().filter_map(|file| file.parent()).collect();
        let is_left = |input: &Input| match &input.origin {
            Origin::File(path) if !input.named && path.parent().is_some_and(|of| folders.contains(of)) => {
                input.read().is_ok_and(|text| iac::is_plan(&text))
            }
            _ => false,
        };
        let (left, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.inputs).into_iter().partition(is_left);
        if left.is_empty() {
            self.inputs = kept;
            return;
        }
        let why = "is not read, because the Terraform files beside it are; name it to read it too";
        self.notices.extend(left.iter().map(|input| Problem::of_file(input.name(), why)));
        self.keep(kept);
    }

    /// Joins what the AWS CLI printed into folders, however its files were named: a shell expands `raw/*.json`.
    fn join(mut self) -> Self {
        // A file alone has nothing to be joined with.
        if self.inputs.len() < 2 {
            return self;
        }
        let seen = |input: &Input| (slashed_here(&input.name()).into_owned(), input.seems());
        let files: Vec<_> = self.inputs.iter().map(seen).collect();
        let mut joins: Vec<Join> = Vec::new();
        for (folder, files) in folders(&files) {
            let inputs = files.into_iter().map(|at| (at, &self.inputs[at]));
            let texts = inputs.filter_map(|(at, input)| Some((at, input.name(), input.read().ok()?)));
            joins.extend(Join::of(&folder, texts.collect()));
        }
        self.put(joins);
        self
    }

    /// Puts clusters in the place of the files that they were joined of.
    fn put(&mut self, joins: Vec<Join>) {
        let taken: HashSet<usize> = joins.iter().flat_map(|join| join.taken.iter().copied()).collect();
        let mut first: HashMap<usize, Vec<Input>> = HashMap::new();
        for join in joins {
            let inputs = join.clusters.into_iter();
            let inputs = inputs.map(|cluster| Input::new(Origin::Joined(cluster), false)).collect();
            first.extend(join.taken.first().map(|at| (*at, inputs)));
            self.joined.push(join.said);
            self.broken.extend(join.errors);
        }
        if taken.is_empty() {
            return;
        }
        let inputs = std::mem::take(&mut self.inputs).into_iter().enumerate();
        let kept = |(at, input)| match first.remove(&at) {
            Some(clusters) => clusters,
            None if taken.contains(&at) => Vec::new(),
            None => vec![input],
        };
        self.inputs = inputs.flat_map(kept).collect();
        // Positions are no longer those of before.
        self.known = HashMap::new();
    }

    /// Adds what a path means.
    fn name(&mut self, path: &Path, exclude: &[String]) {
        if path.as_os_str() == "-" {
            self.add(Input::new(Origin::Stdin, true));
        } else if path.is_dir() {
            self.search(path, exclude);
        } else if path.is_file() && (is_terraform(path) || has_variables(path)) {
            self.terraform.entry(path.to_owned()).or_insert_with(|| path.to_owned());
        } else {
            self.add(Input::new(Origin::File(path.to_owned()), true));
        }
    }

    /// Every `*.json` below a directory, whether Git ignores it or not; hidden files are left out.
    pub fn below(directory: &Path) -> Self {
        let mut found = Self::default();
        found.walk(directory, WalkBuilder::new(directory).standard_filters(false).hidden(true));
        found.foreign.clear();
        found.terraform.clear();
        found.inputs.retain(|input| matches!(&input.origin, Origin::File(path) if is_json(path)));
        found
    }

    /// Gives back what only finding needed.
    #[must_use]
    pub fn forget(self) -> Self {
        Self { known: HashMap::new(), ..self }
    }

    /// Adds an input, once; what is named anywhere is named.
    fn add(&mut self, input: Input) {
        let at = *self.known.entry(input.origin.clone()).or_insert(self.inputs.len());
        match self.inputs.get_mut(at) {
            Some(known) => known.named |= input.named,
            None => self.inputs.push(input),
        }
    }

    fn search(&mut self, directory: &Path, exclude: &[String]) {
        match overrides(directory, exclude) {
            Ok(overrides) => {
                let mut walk = WalkBuilder::new(directory);
                self.walk(directory, walk.overrides(overrides).require_git(false));
            }
            Err(error) => self.errors.push(("--exclude".to_owned(), error.to_string())),
        }
    }

    fn walk(&mut self, directory: &Path, walk: &mut WalkBuilder) {
        let mut assembly = CloudAssembly::default();
        for entry in walk.sort_by_file_path(Path::cmp).build() {
            match entry {
                Ok(entry) if is_terraform(entry.path()) && entry.path().is_file() => {
                    self.terraform.insert(entry.into_path(), directory.to_owned());
                }
                Ok(entry) if has_variables(entry.path()) => {}
                Ok(entry) if is_json(entry.path()) && assembly.has(entry.path()) => {}
                Ok(entry) if is_json(entry.path()) && entry.path().is_file() => {
                    self.add(Input::new(Origin::File(entry.into_path()), false));
                }
                Ok(entry) if may_be_stack(entry.path()) && starts_as_template(entry.path()) => {
                    self.add(Input::new(Origin::File(entry.into_path()), false));
                }
                Ok(entry) if entry.path().is_file() => {
                    let kind = recognise_file(entry.path(), read_start);
                    self.foreign.extend(kind.map(|kind| (shown(entry.path()), kind)));
                }
                Ok(_) => {}
                Err(error) => self.errors.push((directory.display().to_string(), error.to_string())),
            }
        }
    }
}

/// What the CDK writes beside its templates, which is none of ours. Files come folder by folder, so that each is looked into once.
#[derive(Default)]
struct CloudAssembly {
    folder: PathBuf,
    found: Option<AssemblyPart>,
}

/// What a folder of an assembly holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AssemblyPart {
    Templates,
    Asset,
}

impl CloudAssembly {
    /// Whether a file is of an assembly and no template.
    fn has(&mut self, file: &Path) -> bool {
        let folder = folder_of(file);
        if self.folder != folder {
            self.folder = folder.to_owned();
            self.found = Self::look(folder);
        }
        let is_template =
            || file.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".template.json"));
        match self.found {
            Some(AssemblyPart::Templates) => !is_template(),
            Some(AssemblyPart::Asset) => true,
            None => false,
        }
    }

    fn look(folder: &Path) -> Option<AssemblyPart> {
        // The file that says the version of an assembly is called as its folder usually is.
        let is_assembly =
            |folder: &Path| folder.join("cdk.out").is_file() && folder.join("manifest.json").is_file();
        if is_assembly(folder) {
            return Some(AssemblyPart::Templates);
        }
        let is_asset = |folder: &&Path| {
            folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("asset."))
        };
        let asset = folder.ancestors().find(is_asset)?;
        is_assembly(folder_of(asset)).then_some(AssemblyPart::Asset)
    }
}

/// Whether the name of a file is one that templates of stacks or configurations of eksctl have, beside those that are JSON.
pub(super) fn may_be_stack(path: &Path) -> bool {
    const ENDINGS: [&str; 4] = ["yaml", "yml", "template", "cfn"];
    path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// Whether a file is a stack's template or a configuration of eksctl, as its start says.
fn starts_as_template(path: &Path) -> bool {
    let is_one = |start: &str| is_stack(start) || is_config(start);
    path.is_file() && read_start(path, STACK_LOOKED_AT).is_some_and(|start| is_one(&start))
}

/// The name of a file, which is the same however it is reached.
fn same_name(name: &str) -> String {
    Path::new(name).canonicalize().map_or_else(|_| name.to_owned(), |path| path.display().to_string())
}

/// The text at the start of a file, so many bytes of it.
fn read_start(path: &Path, bytes: u64) -> Option<String> {
    let mut start = Vec::new();
    File::open(path).ok()?.take(bytes).read_to_end(&mut start).ok()?;
    Some(text_of(start))
}

/// What to call a file.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

pub(super) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

pub(super) fn overrides(directory: &Path, exclude: &[String]) -> Result<Override, ignore::Error> {
    let mut overrides = OverrideBuilder::new(directory);
    for glob in exclude {
        overrides.add(&format!("!{glob}"))?;
    }
    overrides.build()
}
