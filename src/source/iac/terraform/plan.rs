//! The JSON of a plan: `terraform show -json tfplan`, and parts of it that have `resource_changes` alone.

mod arguments;
mod configuration;
mod instances;
mod overlay;
mod references;

use super::super::template::{Mode, ResourceCertainty};
use super::super::value::TemplateValue;
use super::address::ResourceAddress;
use super::placed::{PlacedJson, PlacedKind};
use super::reading::{JsonTemplateReader, ResourceLabel};
use super::state::{BrokenStatePart, StateResource, resources_of};
use configuration::PlanConfiguration;
use instances::{PlannedInstances, PlannedResource};
use overlay::{AFTER_APPLY, ValueOverlay};
use references::PlanReferences;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// What is read of a plan before the values of its resources are.
#[derive(Debug, Default)]
struct PlannedResources<'j> {
    found: Vec<PlannedResource<'j>>,
    /// The addresses that changes are about, present or not.
    seen: HashSet<&'j str>,
}

/// Reads the resources of a plan.
pub(super) fn read<'j>(template: &mut JsonTemplateReader, plan: &'j PlacedJson<'j>) {
    incomplete(template, plan);
    let configuration = PlanConfiguration::of(plan);
    let mut planned = PlannedResources::default();
    planned.changes(template, plan);
    planned.of_state(template, plan.at(&["planned_values", "root_module"]), false);
    planned.of_state(template, plan.at(&["prior_state", "values", "root_module"]), true);
    // The state before has all that was looked up.
    if plan.get("prior_state").is_none() {
        planned.of_configuration(&configuration);
    }
    let instances = PlannedInstances::of(&planned.found);
    let references = PlanReferences::new(&configuration, &instances);
    let mut regions = BTreeMap::new();
    for resource in &planned.found {
        let configured = resource.parts.as_ref().and_then(|parts| configuration.resource(parts));
        let region = configured.and_then(|configured| configuration.region(configured));
        let region = region.filter(|region| region.as_str().is_some());
        let region = region.map(|region| {
            regions.entry(region.whole().start).or_insert_with(|| template.known(region)).clone()
        });
        let values = match resource.is_configured {
            true => constants(template, resource, configured),
            false => {
                let has_default_tags =
                    configured.is_none_or(|configured| configuration.has_default_tags(configured));
                ValueOverlay { template, references: &references, resource, has_default_tags }
                    .read(configured)
            }
        };
        let label = ResourceLabel {
            address: resource.address.clone(),
            kind: resource.kind,
            mode: resource.mode,
            place: template.place(resource.place.clone()),
            certainty: certainty(resource, configured),
        };
        template.add(label, values, region);
    }
}

/// Says that a plan does not show all that will be, where it says so itself.
fn incomplete(template: &mut JsonTemplateReader, plan: &PlacedJson<'_>) {
    if let Some(errored) = plan.get("errored").filter(|errored| errored.is_true()) {
        let reason =
            "planning ended with an error, so that resources are missing: correct it, and plan again";
        template.lacks(Vec::new(), "", reason.to_owned(), errored.shown());
    } else if let Some(complete) =
        plan.get("complete").filter(|complete| matches!(complete.kind, PlacedKind::Bool(false)))
    {
        let reason = "the plan does not cover all of the configuration: plan again without `-target`, or after this one is \
                      applied";
        template.lacks(Vec::new(), "", reason.to_owned(), complete.shown());
    }
    for deferred in plan.get("deferred_changes").map(PlacedJson::items).unwrap_or_default() {
        let text = |name| deferred.at(&["resource_change", name]).and_then(PlacedJson::as_str);
        let address = text("address").unwrap_or("a resource");
        let kinds = text("type").map(|kind| template.name(kind)).into_iter().collect();
        let why = deferred.get("reason").and_then(PlacedJson::as_str).unwrap_or("unknown");
        let reason =
            format!("Terraform defers {address} to a later plan ({why}): apply this one, and plan again");
        template.lacks(kinds, address, reason, deferred.shown());
    }
}

impl<'j> PlannedResources<'j> {
    fn push(&mut self, resource: StateResource<'j>, unknown: Option<&'j PlacedJson<'j>>) {
        self.found.push(PlannedResource {
            address: resource.address.into(),
            parts: ResourceAddress::parse(resource.address),
            kind: resource.kind,
            mode: resource.mode,
            values: resource.values,
            unknown,
            place: resource.place,
            is_configured: false,
        });
    }

    /// What changes, and what stays as it is: both are listed.
    fn changes(&mut self, template: &mut JsonTemplateReader, plan: &'j PlacedJson<'j>) {
        let Some(changes) = plan.get("resource_changes") else { return };
        if !matches!(changes.kind, PlacedKind::List(_)) {
            let message = format!("is {}, not a list", changes.words());
            return template.broken(changes, "`resource_changes`", None, &message);
        }
        for change in changes.items() {
            if let Err(wrong) = self.change(change) {
                let text = |name| change.get(name).and_then(PlacedJson::as_str);
                BrokenStatePart { address: text("address"), kind: text("type"), ..wrong }.say(template);
            }
        }
    }

    fn change(&mut self, node: &'j PlacedJson<'j>) -> Result<(), BrokenStatePart<'j>> {
        let label = StateResource::read(node, None)?;
        let Some(change) = node.get("change") else { return Err(broken(node, "has no `change`".to_owned())) };
        if !change.is_object() {
            return Err(broken(change, format!("has a `change` that is {}, not an object", change.words())));
        }
        if node.get("deposed").is_some() {
            return Ok(());
        }
        let fate = fate(change)?;
        let is_new = self.seen.insert(label.address);
        let (after, unknown) = (change.get("after"), change.get("after_unknown"));
        match (fate, after.or(unknown)) {
            (ChangeFate::Gone, _) | (ChangeFate::Unsaid, None) => Ok(()),
            _ if !is_new => Err(broken(node, "is there twice".to_owned())),
            (ChangeFate::Present, None) => {
                Err(broken(change, "has no `after`, although it is not deleted".to_owned()))
            }
            // Where nothing is known there are only marks.
            (_, Some(found)) if !found.is_object() => {
                Err(broken(found, format!("has an `after` that is {}, not an object", found.words())))
            }
            (_, Some(_)) => {
                self.push(StateResource { values: after, ..label }, unknown);
                Ok(())
            }
        }
    }

    /// What a part of the plan that looks like a state has, and changes do not list: of the planned values all, of the state
    /// before only what is looked up.
    fn of_state(
        &mut self,
        template: &mut JsonTemplateReader,
        module: Option<&'j PlacedJson<'j>>,
        only_data: bool,
    ) {
        let Some(module) = module else { return };
        resources_of(module, &mut |found| match found {
            Ok(resource) if only_data && resource.mode == Mode::Managed => {}
            Ok(resource) if self.seen.insert(resource.address) => self.push(resource, None),
            Ok(_) => {}
            Err(_) if only_data => {}
            Err(wrong) => wrong.say(template),
        });
    }

    /// Data sources that only the configuration has.
    fn of_configuration(&mut self, configuration: &PlanConfiguration<'j>) {
        let known: HashSet<String> =
            self.found.iter().filter_map(|found| configured_address(found.parts.as_ref()?)).collect();
        let mut found = Vec::new();
        for (path, module) in configuration.modules() {
            let prefix: String = path
                .split('.')
                .filter(|name| !name.is_empty())
                .map(|name| format!("module.{name}."))
                .collect();
            for (local, node) in &module.resources {
                let address = format!("{prefix}{local}");
                let kind = node.get("type").and_then(PlacedJson::as_str);
                if let (Some(kind), Some(parts)) = (kind, ResourceAddress::parse(local))
                    && parts.is_data
                    && !known.contains(&address)
                {
                    // In a module it has no address of an instance that anything could refer to.
                    let parts = prefix.is_empty().then_some(parts);
                    let place = node.get("address").map_or_else(|| node.shown(), PlacedJson::shown);
                    found.push(configured(address, parts, kind, place));
                }
            }
        }
        found.sort_by_key(|resource| resource.place.start);
        self.found.append(&mut found);
    }
}

fn configured<'j>(
    address: String,
    parts: Option<ResourceAddress<'j>>,
    kind: &'j str,
    place: Range<usize>,
) -> PlannedResource<'j> {
    let address = address.into();
    PlannedResource {
        address,
        parts,
        kind,
        mode: Mode::Data,
        values: None,
        unknown: None,
        place,
        is_configured: true,
    }
}

/// The address of a resource without any key, as the configuration has it.
fn configured_address(parts: &ResourceAddress<'_>) -> Option<String> {
    let path = super::address::calls(parts.module);
    let prefix: String =
        path.split('.').filter(|name| !name.is_empty()).map(|name| format!("module.{name}.")).collect();
    parts.is_data.then(|| format!("{prefix}{}", parts.local))
}

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChangeFate {
    /// It is there afterwards.
    Present,
    /// It is not, or Terraform forgets it.
    Gone,
    /// The plan does not say.
    Unsaid,
}

/// What the actions of a change say. What is deleted and created again is replaced.
fn fate<'j>(change: &'j PlacedJson<'j>) -> Result<ChangeFate, BrokenStatePart<'j>> {
    let Some(actions) = change.get("actions") else { return Ok(ChangeFate::Unsaid) };
    let words: Option<Vec<_>> = actions.items().iter().map(PlacedJson::as_str).collect();
    match words.as_deref() {
        Some([]) | None => Err(broken(actions, "has `actions` that are no list of words".to_owned())),
        Some(words) if words.iter().all(|word| matches!(*word, "delete" | "forget")) => Ok(ChangeFate::Gone),
        Some(_) => Ok(ChangeFate::Present),
    }
}

fn broken<'j>(node: &'j PlacedJson<'j>, message: String) -> BrokenStatePart<'j> {
    BrokenStatePart { node, message, address: None, kind: None }
}

/// What is written of a data source of which nothing else is known.
fn constants<'j>(
    template: &JsonTemplateReader,
    resource: &PlannedResource<'j>,
    configured: Option<&'j PlacedJson<'j>>,
) -> TemplateValue {
    let place = template.place(resource.place.clone());
    let expressions = configured.and_then(|configured| configured.get("expressions"));
    let fields = expressions.map(PlacedJson::fields).unwrap_or_default();
    let fields = fields.iter().map(|(name, written)| (template.name(name), written_value(template, written)));
    TemplateValue::map::<Arc<str>>(fields, Some(place))
}

fn written_value(template: &JsonTemplateReader, written: &PlacedJson<'_>) -> TemplateValue {
    let place = Some(template.place(written.shown()));
    match (written.get("constant_value"), &written.kind) {
        (Some(constant), _) => template.known(constant),
        (None, PlacedKind::List(blocks)) => {
            let block = |block: &PlacedJson<'_>| {
                let fields = block.fields().iter();
                let fields =
                    fields.map(|(name, written)| (template.name(name), written_value(template, written)));
                TemplateValue::map::<Arc<str>>(fields, Some(template.place(block.shown())))
            };
            TemplateValue::list(blocks.iter().map(block).collect(), place)
        }
        _ => TemplateValue::unknown(AFTER_APPLY, None, place),
    }
}

/// Whether a resource exists: one that only the configuration has may have no instance.
fn certainty(resource: &PlannedResource<'_>, configured: Option<&PlacedJson<'_>>) -> ResourceCertainty {
    let repeats = ["count_expression", "for_each_expression"];
    let is_repeated =
        configured.is_some_and(|configured| repeats.iter().any(|name| configured.get(name).is_some()));
    let in_module = resource.parts.is_none();
    match resource.is_configured && (is_repeated || in_module) {
        true => ResourceCertainty::Perhaps("the plan does not say how many instances it has".to_owned()),
        false => ResourceCertainty::Certain,
    }
}
