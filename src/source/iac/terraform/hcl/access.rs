//! What is taken of a value: `.name`, `[0]`, `["key"]`, `[*]`.

use super::super::convert;
use super::computed::{formed, is_list_of_one};
use super::evaluator::{Evaluated, Evaluator};
use super::scope::EvalScope;
use super::syntax::AccessStep;
use super::unknown::{is_open_key, key_of, opaque, part_of, reason_of};
use crate::source::iac::{Place, Symbol, TemplateValue, ValueKind};
use std::sync::Arc;

/// The resource whose arguments are looked at, and how the way so far is written: what is not set there is computed.
#[derive(Clone)]
pub(super) struct ComputedPath {
    resource: Arc<str>,
    attribute: String,
}

impl Evaluator<'_> {
    /// What is taken of a value, step by step.
    pub(super) fn access(
        &self,
        value: TemplateValue,
        steps: &[AccessStep],
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        self.walk(value, steps, None, place, scope)
    }

    fn walk(
        &self,
        mut value: TemplateValue,
        mut steps: &[AccessStep],
        mut computed: Option<ComputedPath>,
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        while let Some((step, rest)) = steps.split_first() {
            self.budget.take(1)?;
            steps = rest;
            let sensitive = value.sensitive;
            match step {
                AccessStep::Attribute(name) => {
                    (value, computed) = self.attribute(&value, name, computed, place)?
                }
                AccessStep::Index(index) => {
                    let index = self.eval(index, scope)?;
                    (value, computed) = self.index(&value, &index, computed, place)?;
                }
                AccessStep::FullSplat => return self.splat(&value, steps, computed, place, scope),
                AccessStep::AttributeSplat => {
                    let names =
                        steps.iter().take_while(|step| matches!(step, AccessStep::Attribute(_))).count();
                    let (names, rest) = steps.split_at(names);
                    value = self.splat(&value, names, computed.take(), place, scope)?;
                    steps = rest;
                }
            }
            value.sensitive |= sensitive;
        }
        Ok(value)
    }

    fn attribute(
        &self,
        value: &TemplateValue,
        name: &Arc<str>,
        computed: Option<ComputedPath>,
        place: &Place,
    ) -> Result<(TemplateValue, Option<ComputedPath>), String> {
        match &value.kind {
            ValueKind::Map(fields) => match fields.get(name) {
                Some(field) => Ok((field.clone(), computed.map(|path| path.with(&format!(".{name}"))))),
                None => Ok((missing_key(value, name, computed, place)?, None)),
            },
            ValueKind::Symbol(symbol) if symbol.attribute.is_empty() => match &symbol.resource {
                Some(resource) => {
                    let found = self.resource_attribute(resource, name, place);
                    let path = ComputedPath { resource: resource.clone(), attribute: name.to_string() };
                    Ok((found, Some(path)))
                }
                None => Ok((self.part(value, &format!(".{name}"), place)?, None)),
            },
            ValueKind::Symbol(_) | ValueKind::Unknown(_) => {
                Ok((self.part(value, &format!(".{name}"), place)?, None))
            }
            // `.0` of old is an index.
            ValueKind::List(_) if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                let index = TemplateValue::text(name.clone(), None);
                self.index(value, &index, computed, place)
            }
            _ => Err(format!("{} has no attribute {name}", convert::sort_of(value))),
        }
    }

    fn part(&self, value: &TemplateValue, suffix: &str, place: &Place) -> Evaluated {
        self.may_fail(std::slice::from_ref(value));
        let part = part_of(value, suffix, place).ok_or_else(|| "it has no parts".to_owned())?;
        Ok(formed(part))
    }

    fn index(
        &self,
        value: &TemplateValue,
        index: &TemplateValue,
        computed: Option<ComputedPath>,
        place: &Place,
    ) -> Result<(TemplateValue, Option<ComputedPath>), String> {
        match (&value.kind, &index.kind) {
            (_, ValueKind::Null) => Err("the index is null".to_owned()),
            (_, ValueKind::Symbol(_) | ValueKind::Unknown(_) | ValueKind::Mixed(_)) => {
                self.may_fail(&[value.clone(), index.clone()]);
                let named = value.join_key().zip(index.join_key());
                let name = named
                    .filter(|_| !value.is_known())
                    .map(|(value, index)| Arc::from(format!("{value}[{index}]")));
                Ok((TemplateValue::unknown(reason_of(index), name, Some(place.clone())), None))
            }
            (ValueKind::List(items), _) => {
                if value.loose {
                    return Ok((TemplateValue::unknown(reason_of(value), None, Some(place.clone())), None));
                }
                let number = match convert::to_number(index).map_err(|error| error.to_string())?.kind {
                    ValueKind::Number(number) => number,
                    _ => {
                        return Err(format!(
                            "the index is {}, and must be a number",
                            convert::sort_of(index)
                        ));
                    }
                };
                let at = number.as_u64().and_then(|at| usize::try_from(at).ok());
                match at.and_then(|at| items.get(at)) {
                    Some(item) => Ok((item.clone(), computed.map(|path| path.with(&format!("[{number}]"))))),
                    None => Err(format!("the list has {} items, and none at {number}", items.len())),
                }
            }
            (ValueKind::Map(fields), _) => {
                let Some(key) = key_of(index)? else { return Ok((opaque(index, place), None)) };
                match fields.get(&key) {
                    Some(field) => Ok((field.clone(), computed.map(|path| path.with(&format!(".{key}"))))),
                    None => Ok((missing_key(value, &key, computed, place)?, None)),
                }
            }
            (ValueKind::Symbol(_) | ValueKind::Unknown(_), _) => {
                let suffix = match &index.kind {
                    ValueKind::Number(number) => format!("[{number}]"),
                    kind => {
                        let key = key_of(&TemplateValue::new(kind.clone(), None))?.unwrap_or_default();
                        format!("[{}]", serde_json::Value::from(&*key))
                    }
                };
                Ok((self.part(value, &suffix, place)?, None))
            }
            _ => Err(format!("{} has no index", convert::sort_of(value))),
        }
    }

    /// What is taken of each item.
    fn splat(
        &self,
        value: &TemplateValue,
        steps: &[AccessStep],
        computed: Option<ComputedPath>,
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let items: Vec<TemplateValue> = match &value.kind {
            ValueKind::List(items) => items.to_vec(),
            ValueKind::Null => Vec::new(),
            ValueKind::Unknown(_) => return Ok(self.open_splat(value, steps, place)),
            ValueKind::Symbol(symbol) if is_list_of_one(symbol) => vec![self.part(value, "[0]", place)?],
            ValueKind::Symbol(symbol)
                if symbol.resource.as_ref().is_some_and(|resource| self.is_known_resource(resource))
                    && symbol.attribute.is_empty() =>
            {
                vec![value.clone()]
            }
            ValueKind::Symbol(_) => return Ok(self.open_splat(value, steps, place)),
            _ => vec![value.clone()],
        };
        self.budget.take(items.len())?;
        let mut found = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let computed = computed.clone().map(|path| path.with(&format!("[{at}]")));
            found.push(self.walk(item, steps, computed, place, scope)?);
        }
        Ok(TemplateValue { loose: value.loose, ..TemplateValue::list(found, Some(place.clone())) })
    }

    /// The items of what is not known: not even how many there are.
    fn open_splat(&self, value: &TemplateValue, steps: &[AccessStep], place: &Place) -> TemplateValue {
        if !steps.is_empty() {
            self.may_fail(std::slice::from_ref(value));
        }
        let suffix: Option<String> = steps
            .iter()
            .map(|step| match step {
                AccessStep::Attribute(name) => Some(format!(".{name}")),
                _ => None,
            })
            .collect();
        let base = match &value.kind {
            ValueKind::Symbol(symbol) => Some(symbol.name.clone()),
            ValueKind::Unknown(unknown) => unknown.name.clone(),
            _ => None,
        };
        let name = base.zip(suffix).map(|(base, suffix)| Arc::from(format!("{base}[*]{suffix}")));
        TemplateValue::unknown(reason_of(value), name, Some(place.clone()))
    }
}

impl ComputedPath {
    fn with(self, suffix: &str) -> Self {
        Self { attribute: format!("{}{suffix}", self.attribute), ..self }
    }
}

/// What a key is that is not there: computed, if a resource has it; unknown, if another key may be it; else a fault.
fn missing_key(value: &TemplateValue, key: &str, computed: Option<ComputedPath>, place: &Place) -> Evaluated {
    if let Some(path) = computed {
        return Ok(symbol_of(&path.resource, &format!("{}.{key}", path.attribute), place));
    }
    match &value.kind {
        ValueKind::Map(fields) if fields.keys().any(|known| is_open_key(known)) => {
            let reason = format!("some keys are known only after apply, and {key} may be one");
            Ok(TemplateValue::unknown(reason, None, Some(place.clone())))
        }
        _ => Err(format!("the object has no {key}")),
    }
}

/// What a resource says of itself after it was made.
pub(super) fn symbol_of(resource: &Arc<str>, attribute: &str, place: &Place) -> TemplateValue {
    let name = if attribute.is_empty() { resource.clone() } else { format!("{resource}.{attribute}").into() };
    let symbol = Symbol { name, resource: Some(resource.clone()), attribute: attribute.into() };
    formed(TemplateValue::new(ValueKind::Symbol(Arc::new(symbol)), Some(place.clone())))
}
