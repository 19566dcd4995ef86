//! Modules that are called: their source, their variables and their providers.

use super::bundled::{BundledConfig, bundled_config};
use super::config::{CallConfig, ModuleConfig, VariableConfig};
use super::evaluator::{Evaluated, Evaluator};
use super::expand::combined;
use super::limits::{MAX_MODULE_DEPTH, MAX_MODULES};
use super::moved::masked;
use super::reference::shown_at_key;
use super::scope::{CalledModule, EvalScope, Expansion, ModuleCaller, ModuleInstance, ProviderValues};
use super::syntax::{HclAttribute, HclBody};
use super::unknown::reason_of;
use crate::source::iac::terraform::registry::{bundled, bundled_title, kinds_of};
use crate::source::iac::tree::tree_path;
use crate::source::iac::{MissingPart, Place, ResourceCertainty, TemplateValue};
use std::rc::Rc;
use std::sync::Arc;

/// Where the files of a module are.
struct ModuleSource {
    folder: String,
    /// Whether somebody else wrote them.
    is_foreign: bool,
}

impl Evaluator<'_> {
    /// The instances of a module that is called, or why its files are not here.
    pub(super) fn called(
        &self,
        caller: &Rc<ModuleInstance>,
        name: &Arc<str>,
    ) -> Result<Rc<Expansion<Rc<ModuleInstance>>>, Arc<str>> {
        match caller.calls.borrow().get(name) {
            Some(CalledModule::Found(found)) => return Ok(found.clone()),
            Some(CalledModule::Absent(why)) => return Err(why.clone()),
            Some(CalledModule::Busy) => return Err(format!("module.{name} refers to itself").into()),
            None => {}
        }
        caller.calls.borrow_mut().insert(name.clone(), CalledModule::Busy);
        let found = self.call_module(caller, name);
        let slot = match &found {
            Ok(found) => CalledModule::Found(found.clone()),
            Err(why) => CalledModule::Absent(why.clone()),
        };
        caller.calls.borrow_mut().insert(name.clone(), slot);
        found
    }

    fn call_module(
        &self,
        caller: &Rc<ModuleInstance>,
        name: &Arc<str>,
    ) -> Result<Rc<Expansion<Rc<ModuleInstance>>>, Arc<str>> {
        let address = caller.address(&format!("module.{name}"));
        let Some(call) = caller.config.call(name) else {
            return Err(format!("{address} is not declared").into());
        };
        let key = if caller.key.is_empty() { name.to_string() } else { format!("{}.{name}", caller.key) };
        let expansion = self.repeat(&call.repeat, EvalScope::of(caller), &address);
        if expansion.items.is_empty() && expansion.open.is_none() {
            return Ok(Rc::new(Expansion { shape: expansion.shape, items: Vec::new(), open: None }));
        }
        let found = self.source(caller, call, &key).and_then(|source| {
            let is_foreign = source.is_foreign || caller.foreign.is_some();
            Ok((self.module_config(&source.folder, is_foreign)?, source))
        });
        let (config, source) = found.map_err(|why| {
            let place = caller.foreign.clone().unwrap_or_else(|| call.place.clone());
            let reason = format!("{address}: {why}");
            let kinds = call.source.as_deref().map(kinds_of).unwrap_or_default();
            self.miss(MissingPart { kinds, address: address.clone(), reason: reason.clone(), place });
            Arc::<str>::from(reason)
        })?;
        self.say_undeclared(caller, call, &config, &address);
        let foreign = caller.foreign.clone().or_else(|| source.is_foreign.then(|| call.place.clone()));
        let mut items = Vec::with_capacity(expansion.items.len());
        for (suffix, item) in expansion.items {
            self.modules.set(self.modules.get() + 1);
            if self.modules.get() > MAX_MODULES {
                self.budget.exhaust("there are too many instances of modules");
                break;
            }
            let instance = ModuleInstance {
                path: format!("{address}{}", suffix.suffix()).into(),
                key: key.clone(),
                caller: Some(ModuleCaller {
                    instance: Rc::downgrade(caller),
                    call: name.clone(),
                    each: item.each,
                }),
                foreign: foreign.clone(),
                certainty: combined(&caller.certainty, item.certainty),
                depth: caller.depth + 1,
                ..ModuleInstance::of(config.clone())
            };
            items.push((suffix, Rc::new(instance)));
        }
        Ok(Rc::new(Expansion { shape: expansion.shape, items, open: expansion.open }))
    }

    /// Says which arguments of a call its module does not have: nothing reads them, and Terraform refuses them.
    fn say_undeclared(
        &self,
        caller: &Rc<ModuleInstance>,
        call: &CallConfig,
        config: &ModuleConfig,
        address: &str,
    ) {
        if caller.foreign.is_some() {
            return;
        }
        let title = bundled_title(&config.folder);
        let title = title.unwrap_or_else(|| format!("the module in {}", self.tree.shown(&config.folder)));
        for argument in undeclared(call, config) {
            let hint = crate::text::nearest(&argument.name, config.variables.keys().map(|name| &**name));
            let words = format!(
                "{address}: {title} has no argument `{}`, and it is not evaluated{hint}",
                argument.name
            );
            self.notice_at(&argument.key, words);
        }
    }

    fn source(
        &self,
        caller: &Rc<ModuleInstance>,
        call: &CallConfig,
        key: &str,
    ) -> Result<ModuleSource, String> {
        let source = call.source.as_deref().ok_or("its source is no text")?;
        let is_local = source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..");
        let found = if is_local {
            let folder = tree_path(&caller.config.folder, source);
            let folder = folder.ok_or_else(|| {
                format!("its source {source} lies outside of the repository, and is not read")
            })?;
            ModuleSource { is_foreign: bundled_title(&folder).is_some(), folder }
        } else if let Some(folder) = self.manifest.folder(key) {
            let folder = tree_path(&self.folder, folder);
            let folder = folder.ok_or_else(|| {
                format!("its folder in .terraform lies outside of the repository: {source}")
            })?;
            ModuleSource { folder, is_foreign: true }
        } else {
            self.bundled_source(caller, call, source)?
        };
        if caller.depth >= MAX_MODULE_DEPTH {
            return Err(format!("modules call each other more than {MAX_MODULE_DEPTH} levels deep"));
        }
        if calls_itself(caller, &found.folder) {
            return Err(format!("the module in {} calls itself", self.tree.shown(&found.folder)));
        }
        Ok(found)
    }

    /// The sources that are built in for a call.
    fn bundled_source(
        &self,
        caller: &Rc<ModuleInstance>,
        call: &CallConfig,
        source: &str,
    ) -> Result<ModuleSource, String> {
        let version =
            call.version.as_ref().map(|version| self.eval(version, EvalScope::of(caller))).transpose()?;
        let text = match version.as_ref() {
            Some(version) if !version.is_null() => Some(
                version
                    .as_str()
                    .ok_or_else(|| format!("its version is not known: {}", reason_of(version)))?,
            ),
            _ => None,
        };
        let unknown_arguments = |folder: &str| {
            bundled_config(folder).map_or(usize::MAX, |bundled| undeclared(call, &bundled.config).count())
        };
        let found = bundled(source, text, &unknown_arguments)?;
        let found = found.ok_or_else(|| {
            format!("its source {source} is not here; run `terraform init`, or scan the plan")
        })?;
        if let (Some(notice), None) = (found.notice, &caller.foreign) {
            let address = caller.address(&format!("module.{}", call.name));
            self.notice_at(&call.place, format!("{address} {notice}"));
        }
        Ok(ModuleSource { folder: found.folder, is_foreign: true })
    }

    /// The module of a folder.
    fn module_config(&self, folder: &str, is_foreign: bool) -> Result<Arc<ModuleConfig>, String> {
        if let Some(known) = self.configs.borrow().get(folder) {
            return Ok(known.clone());
        }
        let config = match bundled_title(folder) {
            Some(_) => self.bundled_config(folder)?,
            None => self.read_config(folder, is_foreign)?,
        };
        self.configs.borrow_mut().insert(folder.to_owned(), config.clone());
        Ok(config)
    }

    fn bundled_config(&self, folder: &str) -> Result<Arc<ModuleConfig>, String> {
        let BundledConfig { config, ids } = bundled_config(folder)?;
        self.foreign_files.borrow_mut().extend(ids);
        Ok(config)
    }

    fn read_config(&self, folder: &str, is_foreign: bool) -> Result<Arc<ModuleConfig>, String> {
        let read = self.files.borrow_mut().module(self.tree, folder)?;
        if read.bodies.is_empty() && read.overrides.is_empty() {
            return Err(format!("there are no files of Terraform in {}", self.tree.shown(folder)));
        }
        if is_foreign {
            self.foreign_files.borrow_mut().extend(read.ids);
        }
        self.missing.borrow_mut().extend(read.missing);
        self.problems.borrow_mut().extend(read.problems);
        Ok(Arc::new(ModuleConfig::new(folder.to_owned(), read.bodies, read.overrides)))
    }

    /// The value of a variable of a module.
    pub(super) fn variable(
        &self,
        module: &Rc<ModuleInstance>,
        name: &Arc<str>,
        place: &Place,
    ) -> TemplateValue {
        let called = || module.address(&format!("var.{name}")).to_string();
        self.once(&module.variables, name, &called, place, || {
            let Some(config) = module.config.variables.get(name) else {
                return Err(format!("{} is not declared", called()));
            };
            let given = self.given(module, name, config)?;
            let value = match (given, &config.default) {
                (Some(value), _) if config.takes_null || !value.is_null() => value,
                (_, Some(default)) => self.eval(default, EvalScope::of(module))?,
                (_, None) => {
                    let called = called();
                    let reason = if module.caller.is_none() {
                        format!("{called} has no value; set it with --var or --var-file")
                    } else {
                        format!("{called} has no value")
                    };
                    return Ok(TemplateValue::unknown(reason, Some(called.into()), Some(place.clone())));
                }
            };
            let value = self.typed(module, value, config).map_err(|why| format!("{}: {why}", called()))?;
            Ok(if config.is_sensitive { self.hidden(value) } else { value })
        })
    }

    /// What a call or an input gives to a variable.
    fn given(
        &self,
        module: &Rc<ModuleInstance>,
        name: &Arc<str>,
        config: &VariableConfig,
    ) -> Result<Option<TemplateValue>, String> {
        match module.called_by() {
            Some((caller, from)) => {
                let Some(attribute) = from.config(&caller).and_then(|call| call.body.attribute(name)) else {
                    return Ok(None);
                };
                let scope = EvalScope { each: from.each.as_deref(), ..EvalScope::of(&caller) };
                let value = self.eval_or_unknown(&attribute.value, scope);
                Ok(Some(shown_at_key(value, &attribute.key, &attribute.value.place)))
            }
            None => {
                let is_scalar = config.kind.as_ref().is_none_or(super::types::VariableType::is_scalar);
                let Some(input) = self.inputs.get(name) else { return Ok(None) };
                let expression = input.expression(is_scalar)?;
                self.eval(&expression, EvalScope::of(module)).map(Some)
            }
        }
    }

    fn typed(&self, module: &Rc<ModuleInstance>, value: TemplateValue, config: &VariableConfig) -> Evaluated {
        match &config.kind {
            None => Ok(value),
            Some(kind) => {
                let value = self.measured(value)?;
                kind.convert(value, &mut |default| self.eval_or_unknown(default, EvalScope::of(module)))
            }
        }
    }

    /// A value that must not be shown, nor where it is written.
    fn hidden(&self, value: TemplateValue) -> TemplateValue {
        let value = masked(value);
        self.files.borrow_mut().hide(&value);
        value
    }

    /// Whether a variable has its value from the call of its module.
    pub(super) fn is_handed(&self, module: &Rc<ModuleInstance>, name: &str) -> bool {
        let call = module
            .called_by()
            .and_then(|(caller, from)| from.config(&caller).map(|call| call.body.attribute(name).is_some()));
        call.unwrap_or(false)
    }

    /// The words for where the value of a variable is written.
    pub(super) fn variable_words(&self, module: &Rc<ModuleInstance>, name: &str) -> String {
        match self.inputs.get(name).filter(|_| module.caller.is_none()) {
            Some(input) => input.words.clone(),
            None if module.path.is_empty() => format!("default of var.{name}"),
            None => match bundled_title(&module.config.folder) {
                Some(title) => format!("default of var.{name} in {} ({title})", module.path),
                None => format!("default of var.{name} in {}", module.path),
            },
        }
    }

    /// What a provider of a module says.
    pub(super) fn provider(&self, module: &Rc<ModuleInstance>, name: &Arc<str>) -> ProviderValues {
        if let Some(known) = module.providers.borrow().get(name) {
            return known.clone();
        }
        let values = match module.config.providers.get(name) {
            Some(body) => self.provider_values(module, body),
            None => self.handed_provider(module, name),
        };
        module.providers.borrow_mut().insert(name.clone(), values.clone());
        values
    }

    fn handed_provider(&self, module: &Rc<ModuleInstance>, name: &Arc<str>) -> ProviderValues {
        let Some((caller, from)) = module.called_by() else { return ProviderValues::default() };
        let handed = from.config(&caller).and_then(|call| {
            call.providers.iter().find(|(inner, _)| inner == name).map(|(_, outer)| outer.clone())
        });
        match handed {
            Some(outer) => self.provider(&caller, &outer),
            None if !name.contains('.') => self.provider(&caller, name),
            None => ProviderValues::default(),
        }
    }

    fn provider_values(&self, module: &Rc<ModuleInstance>, body: &HclBody) -> ProviderValues {
        let scope = EvalScope::of(module);
        let region = body.attribute("region").map(|region| self.eval_or_unknown(&region.value, scope));
        let inner = body.blocks_of("default_tags").find_map(|block| block.body.attribute("tags"));
        let tags = inner
            .map(|tags| shown_at_key(self.eval_or_unknown(&tags.value, scope), &tags.key, &tags.value.place));
        // In JSON it is an object or a list of one.
        let written = || {
            let tags = self.eval_or_unknown(&body.attribute("default_tags")?.value, scope);
            tags.items().first().and_then(|tags| tags.get("tags")).cloned()
        };
        ProviderValues { region, default_tags: tags.or_else(written) }
    }
}

impl ModuleInstance {
    /// A module that nobody calls.
    pub(super) fn of(config: Arc<ModuleConfig>) -> Self {
        Self {
            path: "".into(),
            key: String::new(),
            config,
            caller: None,
            foreign: None,
            certainty: ResourceCertainty::Certain,
            depth: 0,
            variables: Default::default(),
            locals: Default::default(),
            outputs: Default::default(),
            resources: Default::default(),
            calls: Default::default(),
            providers: Default::default(),
        }
    }
}

/// The arguments of a call that its module does not have.
fn undeclared<'c>(call: &'c CallConfig, config: &'c ModuleConfig) -> impl Iterator<Item = &'c HclAttribute> {
    call.body.attributes.iter().filter(|argument| !config.variables.contains_key(&argument.name))
}

/// Whether a folder is the one of a module, or of one that leads to it.
fn calls_itself(module: &Rc<ModuleInstance>, folder: &str) -> bool {
    let mut next = Some(module.clone());
    while let Some(module) = next {
        if module.config.folder == folder {
            return true;
        }
        next = module.called_by().map(|(caller, _)| caller);
    }
    false
}
