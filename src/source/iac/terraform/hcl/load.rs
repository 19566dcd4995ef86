//! A root module → templates.

use super::bundled_files::is_bundled;
use super::config::ModuleConfig;
use super::evaluator::{Evaluator, ResourceHandle};
use super::files::{FileTable, FolderFiles};
use super::inputs::{RootInputs, VariableInputs};
use super::limits::{Budget, MAX_ROOT_NODES};
use super::manifest::ModuleManifest;
use super::moved::{replaced, seen_from};
use super::roots::RootModule;
use super::scope::ModuleInstance;
use super::syntax::HclBody;
use crate::snapshot::TemplateSource;
use crate::source::iac::terraform::registry::BundleTree;
use crate::source::iac::tree::{TemplateTree, tree_path};
use crate::source::iac::{
    ConditionAssumption, FileId, MissingPart, Place, Template, TemplateResource, TemplateValue,
};
use crate::threads;
use crate::value::Problem;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

/// Bytes for the calls of evaluation: expressions may be in each other many levels deep.
pub(crate) const LOAD_STACK: usize = 256 << 20;

/// Reads a root module. Where files of one folder declare the same resource, as in folders of examples, each file is a module
/// of its own, and a template.
pub fn load(tree: &dyn TemplateTree, root: &RootModule, inputs: &VariableInputs) -> Vec<Template> {
    load_assuming(tree, root, inputs, None)
}

/// The same, with what is assumed of a condition wherever it is not known.
pub fn load_assuming(
    tree: &dyn TemplateTree,
    root: &RootModule,
    inputs: &VariableInputs,
    assumed: Option<&ConditionAssumption>,
) -> Vec<Template> {
    if threads::stack() >= LOAD_STACK {
        return load_here(tree, root, inputs, assumed);
    }
    let worker = || thread::Builder::new().name("terraform".into()).stack_size(LOAD_STACK);
    let loaded = thread::scope(|scope| {
        let thread = worker().spawn_scoped(scope, || load_here(tree, root, inputs, assumed));
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(templates)) => Ok(templates),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => Err(error),
        }
    });
    loaded.unwrap_or_else(|error| vec![unread(tree, root, inputs, &format!("no thread to read it: {error}"))])
}

/// A template of which nothing could be read.
fn unread(tree: &dyn TemplateTree, root: &RootModule, inputs: &VariableInputs, why: &str) -> Template {
    let name = shown_folder(tree, root);
    let mut files = FileTable::default();
    let (id, _) = files.add(name.clone(), "");
    let missing = MissingPart {
        kinds: Vec::new(),
        address: name.clone().into(),
        reason: why.to_owned(),
        place: Place::new(id, 0..0),
    };
    Template {
        environment: inputs.environment.clone(),
        missing: vec![missing],
        problems: vec![Problem::of_file(&name, why)],
        ..Template::empty(TemplateSource::Terraform, name, files.all().to_vec())
    }
}

fn shown_folder(tree: &dyn TemplateTree, root: &RootModule) -> String {
    let shown = tree.shown(&root.folder);
    if shown.is_empty() { ".".to_owned() } else { shown }
}

/// What a root module is called in the identities of its clusters.
fn known_folder(tree: &dyn TemplateTree, root: &RootModule) -> String {
    let known = tree.known_as(&root.folder);
    if known.is_empty() { ".".to_owned() } else { known }
}

fn load_here(
    tree: &dyn TemplateTree,
    root: &RootModule,
    inputs: &VariableInputs,
    assumed: Option<&ConditionAssumption>,
) -> Vec<Template> {
    let tree: &dyn TemplateTree = &BundleTree::new(tree);
    let mut files = FileTable::default();
    let mut read = files.folder(tree, &root.folder, root.files.clone());
    if !is_many(&read.bodies) {
        let (bodies, overrides) = (std::mem::take(&mut read.bodies), std::mem::take(&mut read.overrides));
        let config = ModuleConfig::new(root.folder.clone(), bodies, overrides);
        let loader = RootLoader { tree, root, inputs, assumed, name: known_folder(tree, root) };
        return vec![loader.load(config, files, &read)];
    }
    let path = |name: &String| tree_path(&root.folder, name);
    let shown = |path: String| (tree.shown(&path), path);
    let paths: FxHashMap<_, _> = root.files.iter().filter_map(path).map(shown).collect();
    let chosen: FxHashSet<_> = root.chosen.iter().filter_map(path).collect();
    let mut templates = Vec::new();
    for (at, body) in std::mem::take(&mut read.bodies).into_iter().enumerate() {
        let id = read.ids[at];
        let name = files.name(id).to_owned();
        let path = paths.get(&name);
        if !chosen.is_empty() && path.is_none_or(|path| !chosen.contains(path)) {
            continue;
        }
        if !body.blocks.iter().any(|block| matches!(&*block.kind, "resource" | "data" | "module")) {
            continue;
        }
        let config = ModuleConfig::new(root.folder.clone(), vec![body], Vec::new());
        let name = path.map_or(name, |path| tree.known_as(path));
        let loader = RootLoader { tree, root, inputs, assumed, name };
        templates.push(loader.load(config, files.copy(), &read.of(id, templates.is_empty())));
    }
    templates
}

/// Whether files of the folder declare the same, so that each is a module.
fn is_many(bodies: &[HclBody]) -> bool {
    let mut seen: FxHashMap<(&str, &str, &str), usize> = FxHashMap::default();
    for (file, body) in bodies.iter().enumerate() {
        for block in body.blocks.iter().filter(|block| matches!(&*block.kind, "resource" | "data")) {
            let [kind, name, ..] = &block.labels[..] else { continue };
            if *seen.entry((&block.kind, &kind.text, &name.text)).or_insert(file) != file {
                return true;
            }
        }
    }
    false
}

impl FolderFiles {
    /// What is missing and wrong in one file; in the first one also what is in no file.
    fn of(&self, id: FileId, is_first: bool) -> Self {
        let missing = self.missing.iter().filter(|missing| {
            missing.place.file == id || (is_first && !self.ids.contains(&missing.place.file))
        });
        let problems = if is_first { self.problems.clone() } else { Vec::new() };
        Self { missing: missing.cloned().collect(), problems, ..Self::default() }
    }
}

/// Loads one root module.
struct RootLoader<'t> {
    tree: &'t dyn TemplateTree,
    root: &'t RootModule,
    inputs: &'t VariableInputs,
    assumed: Option<&'t ConditionAssumption>,
    name: String,
}

impl RootLoader<'_> {
    fn load(self, config: ModuleConfig, mut files: FileTable, read: &FolderFiles) -> Template {
        let inputs = RootInputs::read(self.tree, &self.root.folder, self.inputs, &mut files);
        let (manifest, fault) = ModuleManifest::read(self.tree, &self.root.folder);
        let mut problems = read.problems.clone();
        problems.extend(inputs.problems.iter().cloned());
        let notices = inputs.notices.clone();
        problems.extend(fault.map(|(file, why)| Problem::of_file(file, why)));
        problems.extend(undeclared(&config, &inputs, &files));
        let evaluator = Evaluator {
            tree: self.tree,
            budget: Budget::default(),
            doubt: Cell::new(false),
            files: files.into(),
            configs: Default::default(),
            missing: read.missing.clone().into(),
            problems: problems.into(),
            resources: Default::default(),
            modules: Cell::new(1),
            inputs,
            manifest,
            notices: notices.into(),
            foreign_files: Default::default(),
            folder: self.root.folder.clone(),
            assumed: self.assumed.cloned(),
            open_conditions: Default::default(),
        };
        let module = Rc::new(ModuleInstance::of(Arc::new(config)));
        let mut gathered = Gathered::default();
        evaluator.gather(&module, &mut gathered);
        evaluator.say_exhausted(&shown_folder(self.tree, self.root));
        let files = evaluator.files.borrow().all().to_vec();
        Template {
            environment: self.inputs.environment.clone(),
            resources: gathered.resources,
            missing: evaluator.missing.take(),
            problems: evaluator.problems.take(),
            notices: evaluator.notices.take(),
            conditions: evaluator.open_conditions.take(),
            ..Template::empty(TemplateSource::Terraform, self.name, files)
        }
    }
}

/// Values for variables that the module does not have.
fn undeclared(config: &ModuleConfig, inputs: &RootInputs, files: &FileTable) -> Vec<Problem> {
    let names = || config.variables.keys().map(|name| &**name);
    let unknown = inputs.all().filter(|(name, _)| !config.variables.contains_key(*name));
    let mut problems: Vec<Problem> = unknown
        .map(|(name, input)| {
            let hint = crate::text::nearest(name, names());
            files.problem(&input.key, format!("there is no variable `{name}` in the module{hint}"))
        })
        .collect();
    problems.sort();
    problems
}

/// What was evaluated of a root.
#[derive(Default)]
struct Gathered {
    resources: Vec<TemplateResource>,
    nodes: usize,
}

impl Evaluator<'_> {
    /// All resources of a module and of those that it calls.
    fn gather(&self, module: &Rc<ModuleInstance>, gathered: &mut Gathered) {
        for index in 0..module.config.resources.len() {
            let expansion = self.resource_expansion(module, index);
            for (_, resource) in &expansion.items {
                if self.budget.exhausted().is_some() {
                    return;
                }
                let handle = ResourceHandle { module: module.clone(), resource: resource.clone() };
                let found = self.resource(&handle, &mut gathered.nodes);
                gathered.resources.push(found);
            }
            if gathered.nodes > MAX_ROOT_NODES {
                self.budget.exhaust("the resources of the module have too many values");
            }
        }
        for call in &module.config.calls {
            if self.budget.exhausted().is_some() {
                return;
            }
            if let Ok(expansion) = self.called(module, &call.name) {
                for (_, inner) in &expansion.items {
                    self.gather(inner, gathered);
                }
            }
        }
    }

    fn resource(&self, handle: &ResourceHandle, nodes: &mut usize) -> TemplateResource {
        let config = handle.module.resource(handle.resource.index);
        let arguments = self.arguments_of(handle);
        *nodes += 1 + arguments
            .iter()
            .map(|(_, value)| super::evaluator::nodes(value, 0, usize::MAX).unwrap_or(1))
            .sum::<usize>();
        let values = TemplateValue::map(arguments, Some(config.place.clone()));
        let provider = self.provider(&handle.module, &config.provider);
        let region =
            config.body.attribute("region").map(|region| self.eval_or_unknown(&region.value, handle.scope()));
        let region = region.filter(|region| !region.is_null()).or(provider.region);
        let shown = |value: TemplateValue| self.shown(value, &handle.module);
        TemplateResource {
            address: handle.resource.address.clone(),
            kind: config.kind.clone(),
            mode: config.mode,
            values: shown(values),
            region: region.map(shown),
            default_tags: provider.default_tags.map(shown),
            place: self.shown_place(config.place.clone(), &handle.module),
            certainty: handle.resource.certainty.clone(),
            ignored_changes: config.ignored_changes.clone(),
        }
    }

    /// A value at the places where people see it.
    fn shown(&self, value: TemplateValue, module: &ModuleInstance) -> TemplateValue {
        if self.foreign_files.borrow().is_empty() {
            return value;
        }
        replaced(value, &|place| place.map(|place| self.shown_place(place, module)))
    }

    /// What is written in a module that somebody else wrote is shown on the call. Of files that nobody can open only words
    /// remain.
    fn shown_place(&self, place: Place, module: &ModuleInstance) -> Place {
        let place = match &module.foreign {
            Some(label) if self.is_foreign(&place) => {
                let inner = Place { via: None, ..place.clone() };
                match place.via.filter(|_| is_bundled(inner.file)) {
                    Some(via) => Place { via: Some(via), ..label.clone() },
                    None => label.clone().through(&inner, || self.module_words(module, &inner)),
                }
            }
            _ => place,
        };
        match &place.via {
            Some(via) if is_bundled(via.place.file) => seen_from(place),
            _ => place,
        }
    }

    /// Says that evaluation came to its end too early, if it did.
    fn say_exhausted(&self, name: &str) {
        let Some(why) = self.budget.exhausted() else { return };
        let reason = format!("{why}; split the module, or scan the plan");
        self.problems.borrow_mut().push(Problem::of_file(name, reason.clone()));
        let place = self.files.borrow().first_place();
        self.miss(MissingPart { kinds: Vec::new(), address: Arc::from(name), reason, place });
    }
}
