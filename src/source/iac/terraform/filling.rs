//! Fills what a plan does not know from the configuration that it was made of.
//!
//! A plan says of a value that it is known only after apply, and which resources it refers to, but not how: of
//! `aws_subnet.private[count.index].id` it has `aws_subnet.private`, and of the document of a role's trust that refers to the OIDC
//! provider nothing at all. The configuration, evaluated with the plan's own variables, knows. Where both know a value and do not
//! agree, the configuration is another one than the plan was made of, and the resource stays as the plan has it.

use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::hcl::VariableInputs;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What of a plan says its variables; the rest is passed over.
#[derive(Deserialize)]
struct PlannedInputs {
    #[serde(default)]
    variables: BTreeMap<String, PlannedInput>,
}

/// A variable of a plan.
#[derive(Deserialize)]
struct PlannedInput {
    value: Option<Value>,
}

/// The values of variables that a plan was made with, as `--var` takes them. None for a text that is no plan.
pub fn planned_variables(text: &str) -> VariableInputs {
    let variables =
        serde_json::from_str::<PlannedInputs>(text).map(|plan| plan.variables).unwrap_or_default();
    let value = |value: Value| match value {
        Value::String(text) => text,
        other => as_expression(&other.to_string()),
    };
    let values = variables.into_iter().filter_map(|(name, variable)| Some((name, value(variable.value?))));
    VariableInputs { values: values.collect(), ..VariableInputs::default() }
}

/// JSON as an expression of HCL: what begins a template in a text is escaped.
fn as_expression(json: &str) -> String {
    json.replace("${", "$${").replace("%{", "%%{")
}

/// The plan with what a configuration knows of values that the plan does not.
pub fn filled_from(mut plan: Template, evaluated: &[Template]) -> Template {
    let resources = evaluated.iter().flat_map(|template| &template.resources);
    let known: HashMap<&str, &TemplateResource> =
        resources.map(|resource| (&*resource.address, resource)).collect();
    for resource in &mut plan.resources {
        if let Some(found) = known.get(&*resource.address)
            && agrees(&resource.values, &found.values)
            && let Some(filled) = filled(&resource.values, &found.values)
        {
            resource.values = filled;
        }
    }
    plan
}

/// Whether texts and booleans that both know are the same.
fn agrees(planned: &TemplateValue, evaluated: &TemplateValue) -> bool {
    match (&planned.kind, &evaluated.kind) {
        (ValueKind::Text(planned), ValueKind::Text(evaluated)) => {
            planned == evaluated || is_same_json(planned, evaluated)
        }
        (ValueKind::Bool(planned), ValueKind::Bool(evaluated)) => planned == evaluated,
        (ValueKind::Map(planned), ValueKind::Map(evaluated)) => planned
            .iter()
            .all(|(name, planned)| evaluated.get(name).is_none_or(|evaluated| agrees(planned, evaluated))),
        // The order of sets is lost in plans.
        (ValueKind::List(planned), ValueKind::List(evaluated)) => {
            planned.len() == evaluated.len()
                && planned.iter().all(|planned| evaluated.iter().any(|evaluated| agrees(planned, evaluated)))
        }
        _ => true,
    }
}

/// Whether two texts are the same JSON: providers write documents of policies in their own way.
fn is_same_json(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok().filter(|value| !value.is_string());
    read(one).is_some_and(|one| read(other).is_some_and(|other| one == other))
}

/// A value with what is known of its unknown parts; none if that is nothing.
fn filled(planned: &TemplateValue, evaluated: &TemplateValue) -> Option<TemplateValue> {
    let kind = match (&planned.kind, &evaluated.kind) {
        (ValueKind::Unknown(_), ValueKind::Unknown(_)) => return None,
        (ValueKind::Unknown(_), _) if evaluated.sensitive || evaluated.is_null() => return None,
        (ValueKind::Unknown(_), _) => without_places(evaluated).kind,
        (ValueKind::Map(planned), ValueKind::Map(evaluated)) => {
            let field = |(name, planned): (&Arc<str>, &TemplateValue)| {
                Some((Arc::clone(name), filled(planned, evaluated.get(name)?)?))
            };
            let changed: Vec<_> = planned.iter().filter_map(field).collect();
            let mut fields = Arc::clone((!changed.is_empty()).then_some(planned)?);
            let all = Arc::make_mut(&mut fields);
            changed.into_iter().for_each(|(name, value)| drop(all.insert(name, value)));
            ValueKind::Map(fields)
        }
        (ValueKind::List(planned), ValueKind::List(evaluated)) if planned.len() == evaluated.len() => {
            let mut items = Vec::with_capacity(planned.len());
            for planned in planned.iter() {
                items.push(
                    filled(planned, only_match(planned, evaluated)?).unwrap_or_else(|| planned.clone()),
                );
            }
            ValueKind::List(Arc::new(items))
        }
        _ => return None,
    };
    Some(TemplateValue { kind, ..planned.clone() })
}

/// The item of a list that may be the planned one, if one alone may.
fn only_match<'e>(planned: &TemplateValue, evaluated: &'e [TemplateValue]) -> Option<&'e TemplateValue> {
    let mut fitting = evaluated.iter().filter(|evaluated| agrees(planned, evaluated));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// The value alone: its places are of other files.
fn without_places(value: &TemplateValue) -> TemplateValue {
    let kind = match &value.kind {
        ValueKind::List(items) => ValueKind::List(Arc::new(items.iter().map(without_places).collect())),
        ValueKind::Map(fields) => {
            let field =
                |(name, value): (&Arc<str>, &TemplateValue)| (Arc::clone(name), without_places(value));
            ValueKind::Map(Arc::new(fields.iter().map(field).collect()))
        }
        kind => kind.clone(),
    };
    TemplateValue { kind, place: None, ..value.clone() }
}
