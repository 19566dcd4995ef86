//! A module as it is written: the blocks of all files of a folder, by what they declare.

use super::syntax::{AccessStep, ExprKind, HclAttribute, HclBlock, HclBody, HclExpr};
use super::types::VariableType;
use crate::source::iac::{Mode, Place, ValueKind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A module as it is written.
#[derive(Debug, Default)]
pub(super) struct ModuleConfig {
    /// Its folder in the tree.
    pub(super) folder: String,
    pub(super) variables: FxHashMap<Arc<str>, VariableConfig>,
    pub(super) locals: FxHashMap<Arc<str>, HclAttribute>,
    pub(super) resources: Vec<ResourceConfig>,
    /// Where each resource is in the list, by mode, type and name.
    pub(super) by_name: FxHashMap<(Mode, Arc<str>, Arc<str>), usize>,
    pub(super) calls: Vec<CallConfig>,
    pub(super) outputs: FxHashMap<Arc<str>, HclExpr>,
    /// By `aws`, or `aws.west` for one with an alias.
    pub(super) providers: FxHashMap<Arc<str>, HclBody>,
}

#[derive(Debug)]
pub(super) struct VariableConfig {
    pub(super) default: Option<HclExpr>,
    pub(super) kind: Option<VariableType>,
    pub(super) is_sensitive: bool,
    pub(super) takes_null: bool,
}

#[derive(Debug)]
pub(super) struct ResourceConfig {
    pub(super) mode: Mode,
    pub(super) kind: Arc<str>,
    pub(super) name: Arc<str>,
    /// The label with the type.
    pub(super) place: Place,
    pub(super) body: HclBody,
    pub(super) repeat: Repeat,
    pub(super) provider: Arc<str>,
    pub(super) ignored_changes: Vec<Arc<str>>,
    /// How many resources before it have the same address.
    pub(super) twin: usize,
}

/// How often a block stands for something.
#[derive(Debug, Default)]
pub(super) struct Repeat {
    pub(super) count: Option<HclExpr>,
    pub(super) for_each: Option<HclExpr>,
}

#[derive(Debug)]
pub(super) struct CallConfig {
    pub(super) name: Arc<str>,
    /// The label with the name.
    pub(super) place: Place,
    pub(super) source: Option<Arc<str>>,
    pub(super) body: HclBody,
    pub(super) repeat: Repeat,
    /// Which provider of the caller each provider of the module is.
    pub(super) providers: Vec<(Arc<str>, Arc<str>)>,
}

/// What is no argument of a resource's own.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "depends_on", "provider"];
/// What is no block of a resource's own.
const META_BLOCKS: [&str; 3] = ["lifecycle", "provisioner", "connection"];

impl ModuleConfig {
    /// The module of a folder from the bodies of its files; those of override files come last.
    pub(super) fn new(folder: String, bodies: Vec<HclBody>, overrides: Vec<HclBody>) -> Self {
        let mut blocks: Vec<HclBlock> = bodies.into_iter().flat_map(|body| body.blocks).collect();
        for block in overrides.into_iter().flat_map(|body| body.blocks) {
            override_block(&mut blocks, block);
        }
        let mut config = Self { folder, ..Self::default() };
        for block in blocks {
            config.add(block);
        }
        config
    }

    fn add(&mut self, block: HclBlock) {
        let label = |at: usize| block.labels.get(at).map(|label| label.text.clone());
        match (&*block.kind, label(0), label(1)) {
            ("variable", Some(name), _) => {
                self.variables.entry(name).or_insert_with(|| VariableConfig::new(&block.body));
            }
            ("locals", ..) => {
                for attribute in block.body.attributes {
                    self.locals.entry(attribute.name.clone()).or_insert(attribute);
                }
            }
            ("output", Some(name), _) => {
                let value = block.body.attribute("value").map(|attribute| attribute.value.clone());
                self.outputs.extend(value.map(|value| (name, value)));
            }
            ("provider", Some(name), _) => {
                let alias =
                    block.body.attribute("alias").and_then(|alias| alias.value.as_str().map(str::to_owned));
                let name = alias.map_or(name.clone(), |alias| format!("{name}.{alias}").into());
                self.providers.entry(name).or_insert(block.body);
            }
            ("module", Some(name), _) if self.call(&name).is_none() => {
                self.calls.push(CallConfig::new(name, block))
            }
            ("resource", Some(kind), Some(name)) => self.add_resource(Mode::Managed, kind, name, block),
            ("data", Some(kind), Some(name)) => self.add_resource(Mode::Data, kind, name, block),
            _ => {}
        }
    }

    fn add_resource(&mut self, mode: Mode, kind: Arc<str>, name: Arc<str>, block: HclBlock) {
        let place = block.labels.first().map_or(block.key, |label| label.place.clone());
        let is_same =
            |known: &&ResourceConfig| known.mode == mode && known.kind == kind && known.name == name;
        let key = (mode, kind.clone(), name.clone());
        let twin =
            if self.by_name.contains_key(&key) { self.resources.iter().filter(is_same).count() } else { 0 };
        if twin == 0 {
            self.by_name.insert(key, self.resources.len());
        }
        self.resources.push(ResourceConfig::new(mode, kind, name, place, block.body, twin));
    }

    /// A call by its name.
    pub(super) fn call(&self, name: &str) -> Option<&CallConfig> {
        self.calls.iter().find(|call| &*call.name == name)
    }
}

impl VariableConfig {
    fn new(body: &HclBody) -> Self {
        let is = |name| body.attribute(name).is_some_and(|attribute| attribute.value.is_true());
        let is_false = |name| {
            let value = body.attribute(name).map(|attribute| &attribute.value.kind);
            matches!(value, Some(ExprKind::Value(value)) if value.kind == ValueKind::Bool(false))
        };
        Self {
            default: body.attribute("default").map(|attribute| attribute.value.clone()),
            kind: body.attribute("type").and_then(|attribute| VariableType::read(&attribute.value)),
            is_sensitive: is("sensitive"),
            takes_null: !is_false("nullable"),
        }
    }
}

impl ResourceConfig {
    fn new(mode: Mode, kind: Arc<str>, name: Arc<str>, place: Place, mut body: HclBody, twin: usize) -> Self {
        let repeat = Repeat::take(&mut body);
        let provider = body.attribute("provider").map(|attribute| attribute.value.words().join(".").into());
        let own: Arc<str> = kind.split('_').next().unwrap_or_default().into();
        let ignored_changes =
            body.blocks_of("lifecycle").flat_map(|block| ignored_changes(&block.body)).collect();
        body.attributes.retain(|attribute| !META_ARGUMENTS.contains(&&*attribute.name));
        body.blocks.retain(|block| !META_BLOCKS.contains(&&*block.kind));
        let provider = provider.unwrap_or(own);
        Self { mode, kind, name, place, body, repeat, provider, ignored_changes, twin }
    }

    /// Its address in its module, without its index.
    pub(super) fn address(&self) -> String {
        let data = if self.mode == Mode::Data { "data." } else { "" };
        let twin = if self.twin > 0 { format!(" ({})", self.twin + 1) } else { String::new() };
        format!("{data}{}.{}{twin}", self.kind, self.name)
    }
}

impl Repeat {
    fn take(body: &mut HclBody) -> Self {
        let value = |name| body.attribute(name).map(|attribute| attribute.value.clone());
        Self { count: value("count"), for_each: value("for_each") }
    }
}

impl CallConfig {
    fn new(name: Arc<str>, block: HclBlock) -> Self {
        let place = block.labels.first().map_or(block.key, |label| label.place.clone());
        let mut body = block.body;
        let repeat = Repeat::take(&mut body);
        let source = body.attribute("source").and_then(|source| source.value.as_str().map(Arc::from));
        let providers =
            body.attribute("providers").map(|providers| provider_pairs(&providers.value)).unwrap_or_default();
        let is_own = |attribute: &HclAttribute| {
            !META_ARGUMENTS.contains(&&*attribute.name)
                && !["source", "version", "providers"].contains(&&*attribute.name)
        };
        body.attributes.retain(is_own);
        Self { name, place, source, body, repeat, providers }
    }
}

fn provider_pairs(expression: &HclExpr) -> Vec<(Arc<str>, Arc<str>)> {
    let joined = |expression: &HclExpr| Arc::<str>::from(expression.words().join("."));
    match &expression.kind {
        ExprKind::Object(items) => {
            items.iter().map(|item| (joined(&item.key), joined(&item.value))).collect()
        }
        ExprKind::Value(value) => match &value.kind {
            ValueKind::Map(fields) => fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.into())))
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What `ignore_changes` names: the first word of each path, `*` for all.
fn ignored_changes(lifecycle: &HclBody) -> Vec<Arc<str>> {
    let Some(attribute) = lifecycle.attribute("ignore_changes") else { return Vec::new() };
    let path = |expression: &HclExpr| expression.words().first().cloned();
    match &attribute.value.kind {
        ExprKind::List(items) => items.iter().filter_map(path).map(every).collect(),
        ExprKind::Value(value) => {
            let first = |item: &str| Arc::from(item.split(['.', '[']).next().unwrap_or(item));
            value.items().iter().filter_map(|item| item.as_str().map(first)).map(every).collect()
        }
        _ => path(&attribute.value).into_iter().map(every).collect(),
    }
}

fn every(word: Arc<str>) -> Arc<str> {
    if &*word == "all" { "*".into() } else { word }
}

/// Puts a block of an override file over the one that it names.
fn override_block(blocks: &mut Vec<HclBlock>, block: HclBlock) {
    if &*block.kind == "locals" {
        for known in blocks.iter_mut().filter(|known| known.kind == block.kind) {
            known.body.attributes.retain(|attribute| block.body.attribute(&attribute.name).is_none());
        }
        blocks.push(block);
        return;
    }
    let alias = |block: &HclBlock| {
        block.body.attribute("alias").and_then(|alias| alias.value.as_str().map(str::to_owned))
    };
    let is_same = |known: &&mut HclBlock| {
        let labels =
            |block: &HclBlock| block.labels.iter().map(|label| label.text.clone()).collect::<Vec<_>>();
        known.kind == block.kind && labels(known) == labels(&block) && alias(known) == alias(&block)
    };
    match blocks.iter_mut().find(is_same) {
        Some(known) => override_body(&mut known.body, block.body),
        None => blocks.push(block),
    }
}

fn override_body(known: &mut HclBody, body: HclBody) {
    known.attributes.retain(|attribute| body.attribute(&attribute.name).is_none());
    known.attributes.extend(body.attributes);
    known.blocks.retain(|block| body.blocks.iter().all(|other| block_name(other) != block_name(block)));
    known.blocks.extend(body.blocks);
}

/// The name of the blocks that a block makes: `ingress`, also for `dynamic "ingress"`.
pub(super) fn block_name(block: &HclBlock) -> &Arc<str> {
    match block.labels.first() {
        Some(label) if &*block.kind == "dynamic" => &label.text,
        _ => &block.kind,
    }
}

/// The first step of a reference, if it is a name.
pub(super) fn first_name(steps: &[AccessStep]) -> Option<&Arc<str>> {
    match steps.first() {
        Some(AccessStep::Attribute(name)) => Some(name),
        _ => None,
    }
}
