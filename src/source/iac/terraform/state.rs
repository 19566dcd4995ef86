//! The JSON of a state: `terraform show -json`, and the file `terraform.tfstate` itself (version 4). All values are known, and
//! secrets are in clear.

use super::super::template::{Mode, ResourceCertainty};
use super::super::value::TemplateValue;
use super::address::ResourceAddress;
use super::placed::{PlacedJson, PlacedKind};
use super::reading::{JsonTemplateReader, ResourceLabel};
use crate::text::bounded;
use std::ops::Range;

/// An instance of a resource as states have it, and the planned values of a plan.
#[derive(Debug)]
pub(super) struct StateResource<'j> {
    /// Its address.
    pub(super) address: &'j str,
    /// Its type.
    pub(super) kind: &'j str,
    /// Whose it is.
    pub(super) mode: Mode,
    /// Its values; none for none.
    pub(super) values: Option<&'j PlacedJson<'j>>,
    /// Where its address is written.
    pub(super) place: Range<usize>,
}

/// A part of the JSON that is not what it should be.
#[derive(Debug)]
pub(super) struct BrokenStatePart<'j> {
    /// The part.
    pub(super) node: &'j PlacedJson<'j>,
    /// What is wrong, as it follows the name of the resource.
    pub(super) message: String,
    /// The address of the resource, if it is known.
    pub(super) address: Option<&'j str>,
    /// The type of the resource, if it is known.
    pub(super) kind: Option<&'j str>,
}

impl BrokenStatePart<'_> {
    /// Says it.
    pub(super) fn say(&self, template: &mut JsonTemplateReader) {
        template.broken(self.node, self.address.unwrap_or("a resource"), self.kind, &self.message);
    }
}

impl<'j> StateResource<'j> {
    /// Reads what a resource is, and its values from a field.
    ///
    /// # Errors
    ///
    /// What is not as it should be.
    pub(super) fn read(node: &'j PlacedJson<'j>, values: Option<&str>) -> Result<Self, BrokenStatePart<'j>> {
        let address = node.get("address").and_then(PlacedJson::as_str);
        let kind = node.get("type").and_then(PlacedJson::as_str);
        let broken =
            |node: &'j PlacedJson<'j>, message: String| BrokenStatePart { node, message, address, kind };
        if !node.is_object() {
            return Err(broken(node, format!("is {}, not an object", node.words())));
        }
        let Some(named) = address else { return Err(broken(node, "has no `address`".to_owned())) };
        let Some(of_type) = kind.or_else(|| Some(ResourceAddress::parse(named)?.kind)) else {
            return Err(broken(node, "has no `type`".to_owned()));
        };
        let mode = match node.get("mode").map(|mode| (mode, mode.as_str())) {
            None if ResourceAddress::parse(named).is_some_and(|parts| parts.is_data) => Mode::Data,
            None | Some((_, Some("managed"))) => Mode::Managed,
            // Whatever else Terraform looks at is nothing that it makes.
            Some((_, Some(_))) => Mode::Data,
            Some((mode, None)) => return Err(broken(mode, format!("has a `mode` that is {}", mode.words()))),
        };
        let found = values.and_then(|values| node.get(values));
        if let Some(found) = found.filter(|found| !found.is_object()) {
            return Err(broken(found, format!("has values that are {}, not an object", found.words())));
        }
        let place = node.get("address").map_or_else(|| node.shown(), PlacedJson::shown);
        Ok(Self { address: named, kind: of_type, mode, values: found, place })
    }
}

/// Gives each resource of a module and of those in it.
pub(super) fn resources_of<'j>(
    module: &'j PlacedJson<'j>,
    take: &mut impl FnMut(Result<StateResource<'j>, BrokenStatePart<'j>>),
) {
    let mut next = vec![module];
    while let Some(module) = next.pop() {
        let broken = |node: &'j PlacedJson<'j>, message: String| BrokenStatePart {
            node,
            message,
            address: Some("a module"),
            kind: None,
        };
        if !module.is_object() {
            take(Err(broken(module, format!("is {}, not an object", module.words()))));
        }
        for name in ["resources", "child_modules"] {
            if let Some(list) = module.get(name).filter(|list| !matches!(list.kind, PlacedKind::List(_))) {
                take(Err(broken(list, format!("has `{name}` that are {}, not a list", list.words()))));
            }
        }
        for node in module.get("resources").map(PlacedJson::items).unwrap_or_default() {
            // What is left of a resource that was replaced is deleted with the next apply.
            if node.get("deposed_key").is_none() {
                take(StateResource::read(node, Some("values")));
            }
        }
        next.extend(module.get("child_modules").map(PlacedJson::items).unwrap_or_default().iter().rev());
    }
}

/// Reads what `terraform show -json` prints of a state.
pub(super) fn read_shown<'j>(template: &mut JsonTemplateReader, state: &'j PlacedJson<'j>) {
    let Some(module) = state.at(&["values", "root_module"]) else { return };
    let mut found = Vec::new();
    resources_of(module, &mut |resource| found.push(resource));
    for resource in found {
        match resource {
            Ok(resource) => {
                let label = ResourceLabel {
                    address: resource.address.into(),
                    kind: resource.kind,
                    mode: resource.mode,
                    place: template.place(resource.place.clone()),
                    certainty: ResourceCertainty::Certain,
                };
                add(template, label, resource.values);
            }
            Err(wrong) => wrong.say(template),
        }
    }
}

/// Reads a state file of version 4.
pub(super) fn read_file<'j>(template: &mut JsonTemplateReader, state: &'j PlacedJson<'j>) {
    let Some(resources) = state.get("resources") else { return };
    if !matches!(resources.kind, PlacedKind::List(_)) {
        return template.broken(
            resources,
            "`resources`",
            None,
            &format!("is {}, not a list", resources.words()),
        );
    }
    for resource in resources.items() {
        if let Err(wrong) = read_resource(template, resource) {
            wrong.say(template);
        }
    }
}

/// Reads all instances of a resource of a state file.
fn read_resource<'j>(
    template: &mut JsonTemplateReader,
    node: &'j PlacedJson<'j>,
) -> Result<(), BrokenStatePart<'j>> {
    let text = |name: &str| node.get(name).and_then(PlacedJson::as_str);
    let broken = |node: &'j PlacedJson<'j>, message: String| BrokenStatePart {
        node,
        message,
        address: text("name"),
        kind: text("type"),
    };
    let (Some(kind), Some(name)) = (text("type"), text("name")) else {
        return Err(broken(node, "has no `type` or no `name`".to_owned()));
    };
    let mode = if text("mode") == Some("managed") { Mode::Managed } else { Mode::Data };
    let data = if mode == Mode::Data { "data." } else { "" };
    let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
    let base = format!("{module}{data}{kind}.{name}");
    let place = node.get("name").map_or_else(|| node.shown(), PlacedJson::shown);
    let Some(instances) = node.get("instances") else { return Ok(()) };
    if !matches!(instances.kind, PlacedKind::List(_)) {
        return Err(broken(instances, format!("has `instances` that are {}, not a list", instances.words())));
    }
    for instance in instances.items() {
        let attributes = instance.get("attributes");
        if let Some(wrong) = attributes.or(Some(instance)).filter(|found| !found.is_object()) {
            let message = format!("has attributes that are {}, not an object", wrong.words());
            BrokenStatePart { address: Some(&base), ..broken(wrong, message) }.say(template);
            continue;
        }
        if instance.get("deposed").is_some() {
            continue;
        }
        let (key, place) = match instance.get("index_key") {
            Some(key) => (instance_key(key), key.shown()),
            None => (String::new(), place.clone()),
        };
        let label = ResourceLabel {
            address: format!("{base}{key}").into(),
            kind,
            mode,
            place: template.place(place),
            certainty: ResourceCertainty::Certain,
        };
        add(template, label, attributes);
    }
    Ok(())
}

/// The key of an instance, as addresses have it.
fn instance_key(key: &PlacedJson<'_>) -> String {
    match &key.kind {
        PlacedKind::Text(text) => format!("[{}]", serde_json::Value::from(&**text)),
        PlacedKind::Number(number) => format!("[{number}]"),
        _ => String::new(),
    }
}

fn add(template: &mut JsonTemplateReader, label: ResourceLabel<'_>, values: Option<&PlacedJson<'_>>) {
    let place = Some(label.place.clone());
    let values = values.map_or_else(|| TemplateValue::map::<&str>([], None), |values| template.known(values));
    template.add(label, values.at(place), None);
}

/// Why a state file cannot be read, if it cannot.
pub(super) fn refusal<'j>(state: &'j PlacedJson<'j>) -> Option<(&'j PlacedJson<'j>, String)> {
    let version = state.field("version")?;
    let words = match &version.kind {
        PlacedKind::Number(number) if number.as_u64() == Some(4) => return None,
        PlacedKind::Number(number) => number.to_string(),
        _ => version.words().to_owned(),
    };
    let words = bounded(&words);
    Some((
        version,
        format!(
            "is a state of version {words}, and ekslint reads version 4, which Terraform writes since 0.12: give it what \
             `terraform show -json` prints"
        ),
    ))
}
