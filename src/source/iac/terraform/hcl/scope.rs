//! What names mean where an expression stands: the instance of a module, of a block, and the names of loops.

use super::config::{CallConfig, ModuleConfig, ResourceConfig};
use crate::source::iac::{Place, ResourceCertainty, TemplateValue};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// Values that were evaluated once, by name.
pub(super) type Memo = RefCell<FxHashMap<Arc<str>, MemoSlot>>;

/// A value that is evaluated once.
#[derive(Clone, Debug)]
pub(super) enum MemoSlot {
    /// It is being evaluated.
    Busy,
    /// It was.
    Done(TemplateValue),
}

/// One instance of a module.
#[derive(Debug)]
pub(super) struct ModuleInstance {
    /// `module.eks[0]`; empty for the root.
    pub(super) path: Arc<str>,
    /// The names of the calls that lead to it: `eks.kms`, as `modules.json` has them.
    pub(super) key: String,
    pub(super) config: Arc<ModuleConfig>,
    /// Who calls it.
    pub(super) caller: Option<ModuleCaller>,
    /// The label of the call in the user's own files, if the module is somebody else's.
    pub(super) foreign: Option<Place>,
    pub(super) certainty: ResourceCertainty,
    pub(super) depth: usize,
    pub(super) variables: Memo,
    pub(super) locals: Memo,
    pub(super) outputs: Memo,
    pub(super) resources: RefCell<FxHashMap<usize, Rc<Expansion<Rc<ResourceInstance>>>>>,
    pub(super) calls: RefCell<FxHashMap<Arc<str>, CalledModule>>,
    pub(super) providers: RefCell<FxHashMap<Arc<str>, ProviderValues>>,
}

/// The call of a module.
#[derive(Clone, Debug)]
pub(super) struct ModuleCaller {
    /// The module with the call. It lives as long as those that it calls.
    pub(super) instance: Weak<ModuleInstance>,
    /// The name of the call.
    pub(super) call: Arc<str>,
    /// `each` and `count` there.
    pub(super) each: Option<Rc<EachScope>>,
}

/// The instances of a module that was called, or why there are none.
#[derive(Clone, Debug)]
pub(super) enum CalledModule {
    Busy,
    Found(Rc<Expansion<Rc<ModuleInstance>>>),
    Absent(Arc<str>),
}

/// What a provider says of its resources.
#[derive(Clone, Debug, Default)]
pub(super) struct ProviderValues {
    pub(super) region: Option<TemplateValue>,
    pub(super) default_tags: Option<TemplateValue>,
}

/// One instance of a resource.
#[derive(Debug)]
pub(super) struct ResourceInstance {
    pub(super) address: Arc<str>,
    /// Which resource of the module it is.
    pub(super) index: usize,
    pub(super) each: Option<Rc<EachScope>>,
    pub(super) certainty: ResourceCertainty,
    pub(super) fields: Memo,
}

/// `each` and `count` in one instance.
#[derive(Clone, Debug, Default)]
pub(super) struct EachScope {
    pub(super) key: Option<TemplateValue>,
    pub(super) value: Option<TemplateValue>,
    pub(super) index: Option<TemplateValue>,
}

/// The instances of a block.
#[derive(Debug)]
pub(super) struct Expansion<T> {
    pub(super) shape: ExpansionShape,
    /// Each with its key in brackets, and whether it exists.
    pub(super) items: Vec<(ExpansionKey, T)>,
    /// Why there may be others, if so.
    pub(super) open: Option<String>,
}

/// What makes instances of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpansionShape {
    Single,
    Count,
    ForEach,
}

/// What tells an instance apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ExpansionKey {
    None,
    Index(usize),
    Key(Arc<str>),
    /// Not known.
    Open,
}

impl ExpansionKey {
    /// As it stands in an address.
    pub(super) fn suffix(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Index(index) => format!("[{index}]"),
            Self::Key(key) => format!("[{}]", serde_json::Value::from(&**key)),
            Self::Open => "[each.key]".to_owned(),
        }
    }
}

/// A name that a loop gives to something.
pub(super) struct LoopName<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a TemplateValue,
    pub(super) outer: Option<&'a LoopName<'a>>,
    /// Whether the value is said to come from here: the items of dynamic blocks.
    pub(super) moves: bool,
}

/// What names mean.
#[derive(Clone, Copy)]
pub(super) struct EvalScope<'a> {
    pub(super) instance: &'a Rc<ModuleInstance>,
    pub(super) each: Option<&'a EachScope>,
    pub(super) names: Option<&'a LoopName<'a>>,
    /// Whether there is nothing but the names: in a file of `templatefile`.
    pub(super) is_closed: bool,
}

impl<'a> EvalScope<'a> {
    /// What names mean in a module, outside of all blocks with instances.
    pub(super) fn of(instance: &'a Rc<ModuleInstance>) -> Self {
        Self { instance, each: None, names: None, is_closed: false }
    }

    /// A name that a loop gave.
    pub(super) fn name(&self, name: &str) -> Option<&'a LoopName<'a>> {
        let mut next = self.names;
        while let Some(found) = next {
            if found.name == name {
                return Some(found);
            }
            next = found.outer;
        }
        None
    }

    /// The same with more names.
    pub(super) fn with(self, names: &'a LoopName<'a>) -> Self {
        Self { names: Some(names), ..self }
    }
}

impl ModuleInstance {
    /// The call that made it.
    pub(super) fn called_by(&self) -> Option<(Rc<Self>, &ModuleCaller)> {
        let caller = self.caller.as_ref()?;
        Some((caller.instance.upgrade()?, caller))
    }

    /// An address in it.
    pub(super) fn address(&self, local: &str) -> Arc<str> {
        if self.path.is_empty() { local.into() } else { format!("{}.{local}", self.path).into() }
    }

    /// A resource by its index.
    pub(super) fn resource(&self, index: usize) -> &ResourceConfig {
        &self.config.resources[index]
    }
}

impl ModuleCaller {
    /// The call as it is written.
    pub(super) fn config<'a>(&self, instance: &'a ModuleInstance) -> Option<&'a CallConfig> {
        instance.config.call(&self.call)
    }
}
