//! What a template names and does not describe.

use super::super::value::{TemplateValue, ValueKind};
use super::keys::name_field;
use crate::snapshot::{Section, Type, schema};

/// An item of which only what it is called is known: each other field is unknown.
pub(super) fn stub(section: &Section, called: &TemplateValue, reason: &str) -> TemplateValue {
    let known = field_of(section, called);
    let unknown = || TemplateValue::unknown(reason, None, None);
    let field = |name: String| {
        let value = if name == known { called.clone() } else { unknown() };
        (name, value)
    };
    TemplateValue::map(fields_of(section).into_iter().map(field), called.place.clone())
}

/// The fields that items of a section have.
fn fields_of(section: &Section) -> Vec<String> {
    match schema().item(schema().section(&section.name)) {
        Type::Struct(id) => schema().structure(id).field_names().into_iter().map(str::to_owned).collect(),
        _ => section.key.iter().cloned().collect(),
    }
}

/// The field that a value is: the key, or the name of what has an ARN as its key.
fn field_of(section: &Section, called: &TemplateValue) -> String {
    let key = section.key.as_ref().or(section.compound_key.first());
    let is_arn = match &called.kind {
        ValueKind::Symbol(symbol) => {
            symbol.resource.is_none() || symbol.attribute.to_ascii_lowercase().ends_with("arn")
        }
        _ => called.join_key().is_some_and(|text| text.starts_with("arn:")),
    };
    let name = name_field(section).to_owned();
    match key {
        Some(key)
            if key.ends_with("Arn")
                && key != "principalArn"
                && !is_arn
                && fields_of(section).contains(&name) =>
        {
            name
        }
        Some(key) => key.clone(),
        None => name,
    }
}
