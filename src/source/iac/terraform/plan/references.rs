//! Where an unknown value of a plan comes from: its expression in the configuration is followed, through the variables and
//! outputs of modules, to attributes of resources.
//!
//! A plan says which names an expression has in it, not what it does with them. So a value is a reference only where an
//! identifier is wanted, where one attribute can be the reason that it is unknown, and that attribute is an identifier.

use super::super::super::value::{Symbol, TemplateValue, ValueKind};
use super::super::address::{ExpressionReference, call_of, full_references};
use super::super::placed::{PlacedJson, PlacedKind};
use super::arguments::{IdentifierArgument, identifier, is_always_there};
use super::configuration::PlanConfiguration;
use super::instances::{PlannedInstances, PlannedResource};
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

/// So many modules, variables and outputs at most are between a value and the attribute that it comes from.
const MAX_DEPTH: usize = 64;
/// So many references are looked at in one plan: several for each value of the largest known.
const MAX_STEPS: usize = 2_000_000;

/// Follows expressions of a plan.
#[derive(Debug)]
pub(super) struct PlanReferences<'a, 'j> {
    configuration: &'a PlanConfiguration<'j>,
    instances: &'a PlannedInstances<'a, 'j>,
    steps: Cell<usize>,
}

/// Where an expression stands: the instance of its module, and the key of the instance of its resource or call.
#[derive(Clone, Copy, Debug)]
struct ExpressionScope<'s> {
    module: &'s str,
    key: Option<&'s str>,
}

/// A resource that an expression refers to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ReferenceTarget {
    /// Its address without a key.
    base: String,
    /// Which of its instances.
    which: WhichInstance,
    /// The attribute, if it is named.
    attribute: String,
    /// Whether it is one of several that are made one object, of which the value is a part.
    is_part: bool,
}

/// Which instances of a resource are meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum WhichInstance {
    /// The one with a key.
    Key(String),
    /// The one with the key of the instance that refers to it, if that has one.
    Same(Option<String>),
    /// The one at a position of a list of all.
    Nth(String),
    /// All of them.
    All,
}

/// What an expression refers to.
#[derive(Debug, Default)]
struct FoundTargets {
    targets: Vec<ReferenceTarget>,
    known: HashSet<ReferenceTarget>,
    /// Whether an item of a list is taken from anything.
    has_item: bool,
    /// Whether it refers to something that cannot be followed, such as a local value.
    is_unclear: bool,
    /// Whether it has texts in it that are known, so that a list may have more items than references.
    has_known: bool,
    seen: HashSet<(String, String)>,
}

impl<'a, 'j> PlanReferences<'a, 'j> {
    /// Follows the expressions of a configuration to instances.
    pub(super) fn new(
        configuration: &'a PlanConfiguration<'j>,
        instances: &'a PlannedInstances<'a, 'j>,
    ) -> Self {
        Self { configuration, instances, steps: Cell::new(0) }
    }

    /// The attribute of a resource that an unknown value is, if it is evident.
    pub(super) fn one(
        &self,
        of: &PlannedResource<'_>,
        expression: &'j PlacedJson<'j>,
        argument: IdentifierArgument,
    ) -> Option<TemplateValue> {
        let found = self.found(of, expression)?;
        let mut unknown = Vec::new();
        for target in found.targets.iter().filter(|target| self.is_wanted(target, argument)) {
            let attribute = attribute_of(target, argument)?;
            let instances = self.targeted(target)?;
            if matches!(target.which, WhichInstance::All) && instances.len() > 1 {
                return None;
            }
            unknown.extend(
                instances
                    .into_iter()
                    .filter(|instance| instance.is_unknown(attribute))
                    .map(|instance| (instance, attribute)),
            );
        }
        unknown.sort_by(|one, other| (&one.0.address, one.1).cmp(&(&other.0.address, other.1)));
        unknown.dedup_by(|one, other| one.0.address == other.0.address && one.1 == other.1);
        match unknown.as_slice() {
            [(instance, attribute)] if argument.accepts(instance.kind, attribute) => {
                Some(symbol(instance, attribute))
            }
            _ => None,
        }
    }

    /// The items of a list of which `unknown` items are unknown, if they are evident; without a number all of the list is.
    pub(super) fn many(
        &self,
        of: &PlannedResource<'_>,
        expression: &'j PlacedJson<'j>,
        argument: IdentifierArgument,
        unknown: Option<usize>,
    ) -> Option<Vec<TemplateValue>> {
        let found = self.found(of, expression)?;
        if unknown.is_none() && found.has_known {
            return None;
        }
        let mut items = Vec::new();
        for target in &found.targets {
            let attribute = attribute_of(target, argument)?;
            for instance in self.targeted(target)? {
                self.count_step()?;
                if !argument.accepts(instance.kind, attribute) {
                    return None;
                }
                match instance.attribute(attribute) {
                    Some(_) if unknown.is_some() => {}
                    Some(text) => items.push(TemplateValue::text(text, None)),
                    None if instance.is_unknown(attribute) => items.push(symbol(instance, attribute)),
                    None => return None,
                }
            }
        }
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.join_key()));
        (!items.is_empty() && unknown.is_none_or(|unknown| unknown == items.len())).then_some(items)
    }

    /// The attribute of a resource of the plan that a text is the name of, where an identifier is wanted: `aws_vpc.main.id`.
    /// Terraform writes none as a value; tools that write plans of their own do.
    pub(super) fn named(&self, argument: &str, text: &str) -> Option<ValueKind> {
        let is_name = ["aws_", "data.aws_"].iter().any(|start| text.starts_with(start));
        let argument = identifier(argument).filter(|_| is_name)?;
        let ExpressionReference::Resource { local, key, attribute } = ExpressionReference::parse(text) else {
            return None;
        };
        let attribute = if attribute.is_empty() { argument.attribute? } else { attribute };
        let instances = self.instances.instances(local);
        let (_, instance) = instances.iter().find(|(own, _)| *own == key)?;
        let is_reference = argument.accepts(instance.kind, attribute);
        is_reference.then(|| symbol(instance, attribute).kind)
    }

    fn found(&self, of: &PlannedResource<'_>, expression: &'j PlacedJson<'j>) -> Option<FoundTargets> {
        let parts = of.parts.as_ref()?;
        let mut found = FoundTargets::default();
        self.collect(expression, ExpressionScope { module: parts.module, key: parts.key }, 0, &mut found)?;
        (!found.is_unclear).then_some(found)
    }

    /// Whether a target can be the reason that an identifier is unknown. Of an object that is made of attributes of one
    /// resource, its name is.
    fn is_wanted(&self, target: &ReferenceTarget, argument: IdentifierArgument) -> bool {
        !target.is_part
            || self
                .instances
                .instances(&target.base)
                .iter()
                .any(|(_, instance)| argument.accepts(instance.kind, &target.attribute))
    }

    /// The instances that a target means; none where they are not evident.
    fn targeted(&self, target: &ReferenceTarget) -> Option<Vec<&'a PlannedResource<'j>>> {
        let instances = self.instances.instances(&target.base);
        let with =
            |wanted: &str| instances.iter().find(|(key, _)| *key == Some(wanted)).map(|(_, found)| *found);
        match &target.which {
            // Without the instance there is nothing that could be unknown: `try(a.b[0].id, …)`.
            WhichInstance::Key(key) => Some(with(key).into_iter().collect()),
            WhichInstance::Nth(position) => match instances {
                [(None, single)] if position == "0" => Some(vec![single]),
                _ => Some(vec![with(position)?]),
            },
            WhichInstance::Same(_) | WhichInstance::All if matches!(instances, [(None, _)]) => {
                Some(instances.iter().map(|(_, found)| *found).collect())
            }
            WhichInstance::Same(_) if instances.is_empty() => Some(Vec::new()),
            // Another key than that of the only one is no key: `element(a.b[*].id, count.index)`.
            WhichInstance::Same(_) if instances.len() == 1 => Some(vec![instances[0].1]),
            WhichInstance::Same(key) => Some(vec![with(key.as_deref()?)?]),
            WhichInstance::All => {
                self.steps.set(self.steps.get() + instances.len());
                self.count_step()?;
                Some(instances.iter().map(|(_, found)| *found).collect())
            }
        }
    }

    /// Collects what an expression refers to; none when there is too much.
    fn collect(
        &self,
        expression: &'j PlacedJson<'j>,
        scope: ExpressionScope<'_>,
        depth: usize,
        found: &mut FoundTargets,
    ) -> Option<()> {
        found.has_known |= expression.get("constant_value").is_some_and(has_text);
        let listed = expression.get("references").map(PlacedJson::items).unwrap_or_default();
        let references = full_references(listed.iter().filter_map(PlacedJson::as_str));
        let references: Vec<_> = references.into_iter().map(ExpressionReference::parse).collect();
        let has_instance = references.contains(&ExpressionReference::Instance);
        for reference in references {
            self.count_step()?;
            match reference {
                ExpressionReference::Instance | ExpressionReference::Known => {}
                ExpressionReference::Other => found.is_unclear = true,
                ExpressionReference::Variable(name, rest) => {
                    self.variable(name, rest, scope, depth, found)?
                }
                ExpressionReference::Output { call, name, output, rest } => {
                    self.output(call, name, (output, rest), scope, depth, found)?;
                }
                ExpressionReference::Resource { local, key, attribute } => {
                    let which = match key {
                        Some(key) => WhichInstance::Key(key.to_owned()),
                        None if has_instance => WhichInstance::Same(scope.key.map(str::to_owned)),
                        None => WhichInstance::All,
                    };
                    let base = joined(scope.module, local);
                    let target =
                        ReferenceTarget { base, which, attribute: attribute.to_owned(), is_part: false };
                    self.resource(target, local, scope, depth, found)?;
                }
            }
            if found.is_unclear || depth > MAX_DEPTH {
                return None;
            }
        }
        Some(())
    }

    fn variable(
        &self,
        name: &str,
        rest: &str,
        scope: ExpressionScope<'_>,
        depth: usize,
        found: &mut FoundTargets,
    ) -> Option<()> {
        let Some((parent, _, key)) = call_of(scope.module) else {
            // A variable of the root module is known when there is a plan.
            found.has_known |= self.configuration.root_variable(name).is_none_or(has_text);
            return Some(());
        };
        let module = self.configuration.module(scope.module)?;
        match module.call.and_then(|call| call.at(&["expressions", name])) {
            Some(expression) if found.is_new(scope.module, name, rest) => {
                let before = found.targets.len();
                self.collect(expression, ExpressionScope { module: parent, key }, depth + 1, found)?;
                found.take_part(before, rest);
            }
            Some(_) => {}
            None => found.has_known |= module.node.at(&["variables", name, "default"]).is_some_and(has_text),
        }
        Some(())
    }

    fn output(
        &self,
        call: &str,
        name: &str,
        (output, rest): (&str, &str),
        scope: ExpressionScope<'_>,
        depth: usize,
        found: &mut FoundTargets,
    ) -> Option<()> {
        let called = self.configuration.module(scope.module)?.node.at(&["module_calls", name])?;
        let expression = called.at(&["module", "outputs", output, "expression"])?;
        let module = joined(scope.module, call);
        if found.is_new(&module, &format!("output {output}"), rest) {
            let before = found.targets.len();
            self.collect(expression, ExpressionScope { module: &module, key: None }, depth + 1, found)?;
            found.take_part(before, rest);
        }
        Some(())
    }

    /// Takes a resource as a target, or what its own argument refers to: the name of a cluster that waits for something is
    /// `time_sleep.this[0].triggers["cluster_name"]`.
    fn resource(
        &self,
        target: ReferenceTarget,
        local: &str,
        scope: ExpressionScope<'_>,
        depth: usize,
        found: &mut FoundTargets,
    ) -> Option<()> {
        let end = target.attribute.find(['.', '[']).unwrap_or(target.attribute.len());
        let (argument, rest) = target.attribute.split_at(end);
        let module = self.configuration.module(scope.module);
        let written = module.and_then(|module| module.resources.get(local)?.at(&["expressions", argument]));
        // What is no identifier is made of what it refers to, rather than the same.
        let is_same =
            !is_always_there(argument) && (identifier(argument).is_some() || rest.starts_with("[\""));
        let expression = written.filter(|written| is_same && written.get("references").is_some());
        let Some(expression) = expression else {
            found.add(target);
            return Some(());
        };
        let key = match &target.which {
            WhichInstance::Key(key) => Some(key.clone()),
            WhichInstance::Same(key) => key.clone(),
            WhichInstance::Nth(_) | WhichInstance::All => None,
        };
        let scope = ExpressionScope { module: scope.module, key: key.as_deref() };
        if found.is_new(scope.module, &format!("{local} {argument}"), rest) {
            let before = found.targets.len();
            self.collect(expression, scope, depth + 1, found)?;
            found.take_part(before, rest);
        }
        Some(())
    }

    /// Counts a step; none when there were too many.
    fn count_step(&self) -> Option<()> {
        self.steps.set(self.steps.get() + 1);
        (self.steps.get() < MAX_STEPS).then_some(())
    }
}

impl FoundTargets {
    /// Adds a target; one that is named several times is one.
    fn add(&mut self, target: ReferenceTarget) {
        if self.known.insert(target.clone()) {
            self.targets.push(target);
        } else {
            self.is_unclear |= self.has_item;
        }
    }

    /// Whether something was not followed yet, of which a part is wanted. What is followed once cannot give two items.
    fn is_new(&mut self, module: &str, name: &str, rest: &str) -> bool {
        self.has_item |= item_of(rest).is_some();
        let is_new = self.seen.insert((module.to_owned(), name.to_owned()));
        self.is_unclear |= self.has_item && !is_new;
        is_new
    }

    /// Takes a part of what was found: an item of a list, or a field of an object.
    fn take_part(&mut self, from: usize, rest: &str) {
        if rest.is_empty() {
            return;
        }
        match (&mut self.targets[from..], item_of(rest)) {
            ([], _) => {}
            // An item of `aws_subnet.private[*].id` is one of its instances; the one unknown item of a list is that item.
            ([target], Some(index)) => {
                if matches!(target.which, WhichInstance::All) {
                    target.which = WhichInstance::Nth(index.to_owned());
                }
            }
            (_, Some(_)) => self.is_unclear = true,
            (targets, _) => targets.iter_mut().for_each(|target| target.is_part = true),
        }
    }
}

/// The position of an item that is taken from a list: 0 for `[0]`.
fn item_of(rest: &str) -> Option<&str> {
    let index = rest.strip_prefix('[')?.strip_suffix(']')?;
    index.parse::<u64>().is_ok().then_some(index)
}

/// The attribute that a target means.
fn attribute_of(target: &ReferenceTarget, argument: IdentifierArgument) -> Option<&str> {
    match target.attribute.as_str() {
        "" => argument.attribute,
        attribute => Some(attribute),
    }
}

/// The symbol of an attribute of an instance.
pub(super) fn symbol(resource: &PlannedResource<'_>, attribute: &str) -> TemplateValue {
    let name = format!("{}.{attribute}", resource.address).into();
    let symbol = Symbol { name, resource: Some(resource.address.clone()), attribute: attribute.into() };
    TemplateValue::new(ValueKind::Symbol(Arc::new(symbol)), None)
}

/// Whether a known value has a text in it, which can be an item of a list.
fn has_text(value: &PlacedJson<'_>) -> bool {
    match &value.kind {
        PlacedKind::Text(text) => !text.is_empty(),
        PlacedKind::List(items) => !items.is_empty(),
        PlacedKind::Object(fields) => !fields.is_empty(),
        _ => false,
    }
}

/// An address in an instance of a module.
fn joined(module: &str, local: &str) -> String {
    if module.is_empty() { local.to_owned() } else { format!("{module}.{local}") }
}
