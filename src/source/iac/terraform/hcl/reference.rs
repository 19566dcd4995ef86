//! What names stand for: variables, locals, resources, modules, `each`, `count`, `path`.

use super::access::symbol_of;
use super::bundled_files::is_bundled;
use super::config::first_name;
use super::evaluator::{Evaluated, Evaluator, ResourceHandle};
use super::expand::listed;
use super::moved::{handed_to, replaced, used_place};
use super::scope::{EvalScope, ModuleInstance};
use super::syntax::AccessStep;
use crate::snapshot::partition_of_region;
use crate::source::iac::{Mode, Place, Symbol, TemplateValue, ValueKind};
use std::rc::Rc;
use std::sync::Arc;

impl Evaluator<'_> {
    /// The value of a name and of what is taken of it.
    pub(super) fn reference(
        &self,
        root: &Arc<str>,
        steps: &[AccessStep],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        if let Some(found) = scope.name(root) {
            let value = self.access(found.value.clone(), steps, place, scope)?;
            return Ok(if found.moves {
                self.used_at(value, place, &|| "an item of for_each".to_owned())
            } else {
                value
            });
        }
        if scope.is_closed {
            return Err(format!("there is no {root} in the text of the template"));
        }
        match (&**root, first_name(steps)) {
            ("var", Some(name)) => self.variable_reference(name, &steps[1..], place, scope),
            ("local", Some(name)) => self.local_reference(name, &steps[1..], place, scope),
            ("module", Some(name)) => self.module_reference(name, &steps[1..], place, scope),
            ("data", Some(kind)) => match steps.get(1) {
                Some(AccessStep::Attribute(name)) => {
                    self.resource_reference(Mode::Data, kind, name, &steps[2..], place, scope)
                }
                _ => Err(format!("data.{kind} must be followed by a name")),
            },
            ("each", Some(name)) => self.each(name, &steps[1..], place, scope),
            ("count", Some(name)) if &**name == "index" => {
                let index = scope.each.and_then(|each| each.index.clone());
                let index = index.ok_or("count.index is there only where count is set")?;
                self.access(index.at(Some(place.clone())), &steps[1..], place, scope)
            }
            ("path", Some(name)) => self.path(name, place, scope),
            ("terraform" | "tofu", Some(name)) if &**name == "workspace" => {
                let reason = "terraform.workspace is known only when Terraform runs";
                Ok(TemplateValue::unknown(reason, Some("terraform.workspace".into()), Some(place.clone())))
            }
            ("self" | "terraform" | "tofu" | "ephemeral", Some(name)) => {
                let called = scope.instance.address(&format!("{root}.{name}"));
                Ok(TemplateValue::unknown(
                    format!("{called} is not known"),
                    Some(called),
                    Some(place.clone()),
                ))
            }
            // Not Terraform, but written in the examples of many tools.
            ("True" | "False", None) if steps.is_empty() => {
                self.problem_at(
                    place,
                    format!("{root} is no value of Terraform; write {}", root.to_lowercase()),
                );
                Ok(TemplateValue::new(ValueKind::Bool(&**root == "True"), Some(place.clone())))
            }
            (_, Some(name)) => self.resource_reference(Mode::Managed, root, name, &steps[1..], place, scope),
            (word, None) => {
                Err(format!("{word} is no value; write it in quotes, or what it is taken of: var.{word}"))
            }
        }
    }

    /// The value as it is used at a place. What a person handed to a module that somebody else wrote stays where the person
    /// wrote it.
    fn used_at(&self, value: TemplateValue, place: &Place, words: &dyn Fn() -> String) -> TemplateValue {
        let is_foreign = self.is_foreign(place);
        replaced(value, &|written| {
            let is_handed = is_foreign && written.as_ref().is_some_and(|written| !self.is_foreign(written));
            if is_handed { written } else { Some(used_place(written, place, words)) }
        })
    }

    fn variable_reference(
        &self,
        name: &Arc<str>,
        steps: &[AccessStep],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let value = self.variable(scope.instance, name, place);
        let value = self.access(value, steps, place, scope)?;
        self.budget.take(super::evaluator::nodes(&value, 0, usize::MAX)?)?;
        if self.is_handed(scope.instance, name) {
            // The place where it is used could not be shown.
            if is_bundled(place.file) {
                return Ok(value);
            }
            let words = || self.module_words(scope.instance, place);
            return Ok(handed_to(value, place, &words));
        }
        Ok(self.used_at(value, place, &|| self.variable_words(scope.instance, name)))
    }

    fn local_reference(
        &self,
        name: &Arc<str>,
        steps: &[AccessStep],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let instance = scope.instance;
        let Some(local) = instance.config.locals.get(name) else {
            let called = instance.address(&format!("local.{name}"));
            let known = instance.config.locals.keys().map(|name| &**name);
            let reason = format!("{called} is not declared{}", crate::text::nearest(name, known));
            let unknown = TemplateValue::unknown(reason, Some(called), Some(place.clone()));
            return self.access(unknown, steps, place, scope);
        };
        let called = || instance.address(&format!("local.{name}")).to_string();
        let value = self.once(&instance.locals, name, &called, place, || {
            let value = self.eval(&local.value, EvalScope::of(instance))?;
            Ok(shown_at_key(value, &local.key, &local.value.place))
        });
        let value = self.access(value, steps, place, scope)?;
        self.budget.take(super::evaluator::nodes(&value, 0, usize::MAX)?)?;
        Ok(self.used_at(value, place, &|| format!("local.{name}")))
    }

    fn each(&self, name: &Arc<str>, steps: &[AccessStep], place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let each = scope.each;
        let value = match &**name {
            "key" => each.and_then(|each| each.key.clone()),
            "value" => each.and_then(|each| each.value.clone()),
            _ => None,
        };
        let value = value.ok_or_else(|| format!("each.{name} is there only where for_each is set"))?;
        let value = self.access(value, steps, place, scope)?;
        Ok(self.used_at(value, place, &|| "an item of for_each".to_owned()))
    }

    fn path(&self, name: &Arc<str>, place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let text = match &**name {
            "module" => super::files::relative(&self.folder, &scope.instance.config.folder),
            "root" => ".".to_owned(),
            // Terraform knows it, and it is never empty.
            "cwd" => {
                let symbol = Symbol { name: "path.cwd".into(), resource: None, attribute: "cwd".into() };
                return Ok(TemplateValue::new(ValueKind::Symbol(Arc::new(symbol)), Some(place.clone())));
            }
            _ => {
                let reason = format!("path.{name} is known only when Terraform runs");
                return Ok(TemplateValue::unknown(
                    reason,
                    Some(format!("path.{name}").into()),
                    Some(place.clone()),
                ));
            }
        };
        Ok(TemplateValue::text(text, Some(place.clone())))
    }

    fn resource_reference(
        &self,
        mode: Mode,
        kind: &Arc<str>,
        name: &Arc<str>,
        steps: &[AccessStep],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let instance = scope.instance;
        let data = if mode == Mode::Data { "data." } else { "" };
        let address = instance.address(&format!("{data}{kind}.{name}"));
        let key = (mode, kind.clone(), name.clone());
        let value = match instance.config.by_name.get(&key) {
            // It is declared elsewhere, or not at all: Terraform would refuse that, and snippets are written so.
            None => symbol_of(&address, "", place),
            Some(index) => {
                let expansion = self.resource_expansion(instance, *index);
                listed(&expansion, steps, &address, &self.doubt, place, |resource| {
                    Ok(symbol_of(&resource.address, "", place))
                })?
            }
        };
        let value = self.access(value, steps, place, scope)?;
        self.budget.take(super::evaluator::nodes(&value, 0, usize::MAX)?)?;
        Ok(self.used_at(value, place, &|| written(&address, steps)))
    }

    fn module_reference(
        &self,
        name: &Arc<str>,
        steps: &[AccessStep],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let instance = scope.instance;
        let address = instance.address(&format!("module.{name}"));
        let value = match self.called(instance, name) {
            Err(reason) => TemplateValue::unknown(&*reason, Some(address.clone()), Some(place.clone())),
            Ok(expansion) => listed(&expansion, steps, &address, &self.doubt, place, |module| {
                Ok(self.outputs(module, first_output(steps), place))
            })?,
        };
        let value = self.access(value, steps, place, scope)?;
        self.budget.take(super::evaluator::nodes(&value, 0, usize::MAX)?)?;
        Ok(self.used_at(value, place, &|| format!("in module.{name}")))
    }

    /// The outputs of a module as an object: one, if only one is asked for.
    fn outputs(&self, module: &Rc<ModuleInstance>, only: Option<&Arc<str>>, place: &Place) -> TemplateValue {
        let names = module.config.outputs.keys().filter(|name| only.is_none_or(|only| only == *name));
        let outputs = names.map(|name| {
            let called = || format!("{}.{name}", module.path);
            let expression = &module.config.outputs[name];
            let value = self
                .once(&module.outputs, name, &called, place, || self.eval(expression, EvalScope::of(module)));
            (name.clone(), value)
        });
        let mut outputs: Vec<_> = outputs.collect();
        if let Some(only) = only.filter(|_| outputs.is_empty()) {
            let called: Arc<str> = format!("{}.{only}", module.path).into();
            let reason = format!("{called} is not declared as an output");
            outputs.push((only.clone(), TemplateValue::unknown(reason, Some(called), Some(place.clone()))));
        }
        TemplateValue::map(outputs, Some(place.clone()))
    }

    /// Whether a resource is declared.
    pub(super) fn is_known_resource(&self, address: &str) -> bool {
        self.resources.borrow().contains_key(address)
    }

    /// An attribute of a resource: the argument, if it is set; else what is known only after apply.
    pub(super) fn resource_attribute(
        &self,
        address: &Arc<str>,
        name: &Arc<str>,
        place: &Place,
    ) -> TemplateValue {
        let handle = self.resources.borrow().get(address).cloned();
        let set = handle.and_then(|handle| {
            self.told_attribute(&handle, name, place).or_else(|| self.argument(&handle, name))
        });
        match set {
            Some(value) if value.is_null() && !is_made_up(name) => {
                let called: Arc<str> = format!("{address}.{name}").into();
                TemplateValue::unknown(
                    format!("{called} is known only after apply"),
                    Some(called),
                    Some(place.clone()),
                )
            }
            Some(value) if !value.is_null() => value,
            _ => symbol_of(address, name, place),
        }
    }

    /// What data sources say that follows from the provider.
    fn told_attribute(&self, handle: &ResourceHandle, name: &str, place: &Place) -> Option<TemplateValue> {
        let config = handle.module.resource(handle.resource.index);
        let is_data = config.mode == Mode::Data;
        let told: fn(&str) -> String = match (&*config.kind, name) {
            ("aws_region", "name" | "id" | "region") if is_data => |region| region.to_owned(),
            ("aws_partition", "partition" | "id") if is_data => {
                |region| partition_of_region(region).to_owned()
            }
            ("aws_partition", "dns_suffix") if is_data => |region| domain_of(region).to_owned(),
            _ => return None,
        };
        let set = ["region", "name"].map(|name| self.argument(handle, &name.into()));
        let set = set.into_iter().flatten().find(|set| !set.is_null());
        let region = set.or_else(|| self.provider(&handle.module, &config.provider).region)?;
        let value = TemplateValue::text(told(region.as_str()?), region.place);
        Some(self.used_at(value, place, &|| "region of the provider".to_owned()))
    }

    /// The words for where a module uses what it was handed.
    pub(super) fn module_words(&self, instance: &ModuleInstance, place: &Place) -> String {
        format!("in {} ({})", instance.path, self.files.borrow().name(place.file))
    }
}

/// The domain of the services of a region.
fn domain_of(region: &str) -> &'static str {
    match partition_of_region(region) {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// Whether the provider makes something up where an argument of this name is null: a name is never empty.
fn is_made_up(name: &str) -> bool {
    matches!(name, "name" | "region" | "default_version")
}

/// A list or an object shows the key that it belongs to, if it is written there or used there.
pub(super) fn shown_at_key(value: TemplateValue, key: &Place, expression: &Place) -> TemplateValue {
    let is_collection = matches!(value.kind, ValueKind::List(_) | ValueKind::Map(_));
    match &value.place {
        Some(place)
            if is_collection && place.file == expression.file && place.range() == expression.range() =>
        {
            let via = place.via.clone();
            value.at(Some(Place { via, ..key.clone() }))
        }
        _ => value,
    }
}

/// The output that is asked for, if it is one.
fn first_output(steps: &[AccessStep]) -> Option<&Arc<str>> {
    steps.iter().find_map(|step| match step {
        AccessStep::Attribute(name) => Some(name),
        _ => None,
    })
}

/// A reference as it is written, as far as it has no brackets.
fn written(address: &str, steps: &[AccessStep]) -> String {
    let names = steps.iter().map_while(|step| match step {
        AccessStep::Attribute(name) => Some(format!(".{name}")),
        AccessStep::FullSplat => Some("[*]".to_owned()),
        _ => None,
    });
    format!("{address}{}", names.collect::<String>())
}
