//! The types of variables: what a value becomes that is given to one, as Terraform converts it.

use super::super::convert;
use super::syntax::{ExprKind, HclExpr};
use crate::source::iac::{TemplateValue, ValueKind};
use std::sync::Arc;

/// The type of a variable.
#[derive(Clone, Debug)]
pub(super) enum VariableType {
    Any,
    Text,
    Number,
    Bool,
    List(Box<VariableType>),
    Set(Box<VariableType>),
    Map(Box<VariableType>),
    Tuple(Vec<VariableType>),
    Object(Vec<TypedField>),
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(super) struct TypedField {
    name: Arc<str>,
    field: VariableType,
    is_optional: bool,
    default: Option<HclExpr>,
}

impl VariableType {
    /// The type that an expression writes; none if it is no type.
    pub(super) fn read(expression: &HclExpr) -> Option<Self> {
        match &expression.kind {
            ExprKind::Reference(name, steps) if steps.is_empty() => Self::word(name),
            // Terraform 0.11 wrote types as texts.
            ExprKind::Value(value) => Self::word(value.as_str()?),
            ExprKind::Call(call) => match (&*call.name, call.arguments.as_slice()) {
                ("list", [item]) => Some(Self::List(Box::new(Self::read(item)?))),
                ("set", [item]) => Some(Self::Set(Box::new(Self::read(item)?))),
                ("map", [item]) => Some(Self::Map(Box::new(Self::read(item)?))),
                ("tuple", [items]) => match &items.kind {
                    ExprKind::List(items) => {
                        Some(Self::Tuple(items.iter().map(Self::read).collect::<Option<_>>()?))
                    }
                    _ => Some(Self::Tuple(Vec::new())),
                },
                ("object", [fields]) => match &fields.kind {
                    ExprKind::Object(items) => Some(Self::Object(
                        items.iter().map(|item| field(&item.key, &item.value)).collect::<Option<_>>()?,
                    )),
                    _ => Some(Self::Object(Vec::new())),
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn word(word: &str) -> Option<Self> {
        Some(match word {
            "any" => Self::Any,
            "string" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "list" => Self::List(Box::new(Self::Any)),
            "map" => Self::Map(Box::new(Self::Any)),
            "set" => Self::Set(Box::new(Self::Any)),
            _ => return None,
        })
    }

    /// Whether `--var` takes the text as it is.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(self, Self::Text | Self::Number | Self::Bool)
    }

    /// The value as this type; `default` evaluates the default of an optional field.
    pub(super) fn convert(
        &self,
        value: TemplateValue,
        default: &mut dyn FnMut(&HclExpr) -> TemplateValue,
    ) -> Result<TemplateValue, String> {
        let is_open = matches!(value.kind, ValueKind::Null | ValueKind::Unknown(_) | ValueKind::Symbol(_));
        if is_open || matches!(self, Self::Any) {
            return Ok(value);
        }
        let mut loose = value.loose;
        let kind = match self {
            Self::Any => value.kind.clone(),
            Self::Text => converted(convert::to_text(&value))?,
            Self::Number => converted(convert::to_number(&value))?,
            Self::Bool => converted(convert::to_bool(&value))?,
            Self::List(item) => list(item, &value, default)?,
            Self::Set(item) => {
                let items = TemplateValue { kind: list(item, &value, default)?, ..value.clone() };
                let set = convert::to_set(items.items(), None).map_err(|error| error.to_string())?;
                loose |= set.loose;
                set.kind
            }
            Self::Map(item) => map(item, &value, default)?,
            Self::Tuple(items) => tuple(items, &value, default)?,
            Self::Object(fields) => object(fields, &value, default)?,
        };
        Ok(TemplateValue { kind, loose, ..value })
    }
}

fn field(key: &HclExpr, value: &HclExpr) -> Option<TypedField> {
    let name: Arc<str> = key.as_str()?.into();
    match &value.kind {
        ExprKind::Call(call) if &*call.name == "optional" => {
            let field = VariableType::read(call.arguments.first()?)?;
            Some(TypedField { name, field, is_optional: true, default: call.arguments.get(1).cloned() })
        }
        _ => Some(TypedField { name, field: VariableType::read(value)?, is_optional: false, default: None }),
    }
}

fn refused(value: &TemplateValue, wanted: &str) -> String {
    format!("it is {}, and must be {wanted}", convert::sort_of(value))
}

fn converted(value: Result<TemplateValue, convert::ConvertError>) -> Result<ValueKind, String> {
    value.map(|value| value.kind).map_err(|error| error.to_string())
}

fn list(
    item: &VariableType,
    value: &TemplateValue,
    default: &mut dyn FnMut(&HclExpr) -> TemplateValue,
) -> Result<ValueKind, String> {
    match &value.kind {
        ValueKind::List(items) => {
            let mut converted = Vec::with_capacity(items.len());
            for (at, value) in items.iter().enumerate() {
                converted
                    .push(item.convert(value.clone(), default).map_err(|why| format!("item {at}: {why}"))?);
            }
            Ok(ValueKind::List(Arc::new(converted)))
        }
        _ => Err(refused(value, "a list")),
    }
}

fn map(
    item: &VariableType,
    value: &TemplateValue,
    default: &mut dyn FnMut(&HclExpr) -> TemplateValue,
) -> Result<ValueKind, String> {
    match &value.kind {
        ValueKind::Map(fields) => {
            let mut converted = Vec::with_capacity(fields.len());
            for (name, value) in fields.iter() {
                let value = item.convert(value.clone(), default).map_err(|why| format!("{name}: {why}"))?;
                converted.push((name.clone(), value));
            }
            Ok(ValueKind::Map(Arc::new(converted.into_iter().collect())))
        }
        _ => Err(refused(value, "a map")),
    }
}

fn tuple(
    types: &[VariableType],
    value: &TemplateValue,
    default: &mut dyn FnMut(&HclExpr) -> TemplateValue,
) -> Result<ValueKind, String> {
    match &value.kind {
        ValueKind::List(items) if items.len() == types.len() => {
            let mut converted = Vec::with_capacity(items.len());
            for (item, value) in types.iter().zip(items.iter()) {
                converted.push(item.convert(value.clone(), default)?);
            }
            Ok(ValueKind::List(Arc::new(converted)))
        }
        _ => Err(refused(value, &format!("a list of {} items", types.len()))),
    }
}

fn object(
    types: &[TypedField],
    value: &TemplateValue,
    default: &mut dyn FnMut(&HclExpr) -> TemplateValue,
) -> Result<ValueKind, String> {
    let ValueKind::Map(fields) = &value.kind else { return Err(refused(value, "an object")) };
    let mut converted = Vec::with_capacity(types.len());
    for typed in types {
        let given = fields.get(&typed.name).filter(|value| !value.is_null());
        let field = match (given, &typed.default) {
            (Some(given), _) => given.clone(),
            (None, Some(expression)) => default(expression),
            (None, None) if typed.is_optional || fields.contains_key(&typed.name) => {
                TemplateValue::null(value.place.clone())
            }
            (None, None) => return Err(format!("its field {} is not set", typed.name)),
        };
        let field = typed.field.convert(field, default).map_err(|why| format!("{}: {why}", typed.name))?;
        converted.push((typed.name.clone(), field));
    }
    Ok(ValueKind::Map(Arc::new(converted.into_iter().collect())))
}
