//! Evaluates expressions.

use super::super::convert;
use super::evaluator::{Evaluated, Evaluator};
use super::limits::MAX_INSTANCES;
use super::scope::{EvalScope, LoopName};
use super::syntax::{ExprKind, ForLoop, HclExpr, ObjectItem};
use super::unknown::{key_of, opaque, reason_of, same};
use crate::source::iac::{Place, TemplateValue, ValueKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a condition is.
pub(super) enum Decision {
    Known(bool),
    /// Not known, and why.
    Open(String),
}

/// Items of a list or of an object, by their key.
type KeyedItems = Vec<(TemplateValue, TemplateValue)>;

impl Evaluator<'_> {
    /// The value of an expression.
    pub(super) fn eval(&self, expression: &HclExpr, scope: EvalScope<'_>) -> Evaluated {
        if let ExprKind::Value(value) = &expression.kind {
            return Ok(value.clone());
        }
        self.budget.take(1)?;
        self.budget.enter()?;
        let value = self.eval_kind(expression, scope);
        self.budget.leave();
        value
    }

    /// The value of an expression; what Terraform would refuse is unknown.
    pub(super) fn eval_or_unknown(&self, expression: &HclExpr, scope: EvalScope<'_>) -> TemplateValue {
        self.eval(expression, scope)
            .unwrap_or_else(|why| TemplateValue::unknown(why, None, Some(expression.place.clone())))
    }

    fn eval_kind(&self, expression: &HclExpr, scope: EvalScope<'_>) -> Evaluated {
        let place = &expression.place;
        match &expression.kind {
            ExprKind::Value(value) => Ok(value.clone()),
            ExprKind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.eval(item, scope)?);
                }
                Ok(TemplateValue::list(values, Some(place.clone())))
            }
            ExprKind::Object(items) => self.object(items, place, scope),
            ExprKind::Template(pieces) => self.text(pieces, place, scope),
            ExprKind::Reference(root, steps) => self.reference(root, steps, place, scope),
            ExprKind::Access(inner, steps) => {
                let value = self.eval(inner, scope)?;
                self.access(value, steps, place, scope)
            }
            ExprKind::Call(call) => self.call(call, place, scope),
            ExprKind::Not(inner) => self.not(&self.eval(inner, scope)?, place),
            ExprKind::Negate(inner) => self.negate(&self.eval(inner, scope)?, place),
            ExprKind::Binary(kind, sides) => self.binary(*kind, &sides.0, &sides.1, place, scope),
            ExprKind::Conditional(parts) => self.conditional(parts, place, scope),
            ExprKind::For(found) => self.for_loop(found, place, scope),
        }
    }

    fn object(&self, items: &[ObjectItem], place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let mut fields = Vec::with_capacity(items.len());
        for item in items {
            let key = self.eval(&item.key, scope)?;
            let value = self.eval(&item.value, scope)?;
            match key_of(&key)? {
                Some(key) => fields.push((key, value)),
                None => return Ok(opaque(&key, place)),
            }
        }
        Ok(TemplateValue::map(fields, Some(place.clone())))
    }

    /// What a condition is.
    pub(super) fn condition(&self, value: &TemplateValue) -> Result<Decision, String> {
        match convert::to_bool(value).map_err(|error| error.to_string())?.kind {
            ValueKind::Bool(bool) => Ok(Decision::Known(bool)),
            ValueKind::Null => Err("the condition is null".to_owned()),
            _ => Ok(match self.assumption(value) {
                Some(assumed) => Decision::Known(assumed),
                None => Decision::Open(reason_of(value)),
            }),
        }
    }

    fn conditional(
        &self,
        (condition, yes, no): &(HclExpr, HclExpr, HclExpr),
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let decided = self.eval(condition, scope)?;
        match self.condition(&decided)? {
            Decision::Known(true) => self.chosen(yes, no, scope),
            Decision::Known(false) => self.chosen(no, yes, scope),
            Decision::Open(why) => {
                // Terraform evaluates one of them, so one may be wrong.
                self.may_fail(std::slice::from_ref(&decided));
                let both = self.eval(yes, scope).and_then(|yes| Ok((yes, self.eval(no, scope)?)));
                let both = match both {
                    Ok((yes, no)) => Some(self.one_type(yes, no)?),
                    Err(_) => None,
                };
                match both {
                    Some((yes, no)) if same(&yes, &no) == Some(true) => Ok(yes.at(Some(place.clone()))),
                    _ => Ok(TemplateValue::unknown(why, None, Some(place.clone()))),
                }
            }
        }
    }

    /// What a condition chooses, in the type that both have. Whether the other one is wrong does not matter to Terraform.
    fn chosen(&self, expression: &HclExpr, other: &HclExpr, scope: EvalScope<'_>) -> Evaluated {
        let value = self.eval(expression, scope)?;
        let doubt = self.doubt.get();
        let other = self.eval(other, scope);
        self.doubt.set(doubt);
        match (other, self.budget.exhausted()) {
            (_, Some(why)) => Err(why.to_owned()),
            (Err(_), None) => Ok(value),
            (Ok(other), None) => Ok(self.one_type(value, other)?.0),
        }
    }

    /// Two values in one type, as far as their types are known.
    fn one_type(
        &self,
        one: TemplateValue,
        other: TemplateValue,
    ) -> Result<(TemplateValue, TemplateValue), String> {
        self.may_fail(&[one.clone(), other.clone()]);
        let is_scalar = |value: &TemplateValue| !matches!(value.kind, ValueKind::List(_) | ValueKind::Map(_));
        if one.as_str().is_some() && is_scalar(&other) {
            let other = convert::to_text(&other).map_err(|error| error.to_string())?;
            return Ok((one, other));
        }
        let both = [self.measured(one)?, self.measured(other)?];
        let unified = convert::unify(&both).map_err(|_| {
            let [one, other] = both.each_ref().map(convert::sort_of);
            format!("the two results of a condition must have one type, but are {one} and {other}")
        })?;
        match <[TemplateValue; 2]>::try_from(unified) {
            Ok([one, other]) => Ok((one, other)),
            Err(_) => Err("the two results of a condition have no type".to_owned()),
        }
    }

    /// The items of a collection with their keys; an error says why they are not known, or that it has none.
    pub(super) fn entries(
        &self,
        collection: &TemplateValue,
        is_set: bool,
    ) -> Result<Result<KeyedItems, String>, String> {
        match &collection.kind {
            ValueKind::List(items) => {
                self.budget.take(items.len())?;
                let key = |(at, item): (usize, &TemplateValue)| {
                    let at = || TemplateValue::new(ValueKind::Number(at.into()), item.place.clone());
                    (if is_set || collection.loose { item.clone() } else { at() }, item.clone())
                };
                Ok(Ok(items.iter().enumerate().map(key).collect()))
            }
            ValueKind::Map(fields) => {
                self.budget.take(fields.len())?;
                let key = |name: &Arc<str>, value: &TemplateValue| {
                    TemplateValue::text(name.clone(), value.place.clone())
                };
                Ok(Ok(fields.iter().map(|(name, value)| (key(name, value), value.clone())).collect()))
            }
            ValueKind::Symbol(_) | ValueKind::Unknown(_) | ValueKind::Mixed(_) => {
                Ok(Err(reason_of(collection)))
            }
            _ => {
                let sort = convert::sort_of(collection);
                Err(format!("it goes over {sort}, and must go over a list, a set, a map or an object"))
            }
        }
    }

    fn for_loop(&self, found: &ForLoop, place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let collection = self.eval(&found.collection, scope)?;
        let entries = match self.entries(&collection, is_set(&found.collection))? {
            Ok(entries) => entries,
            Err(why) => return Ok(TemplateValue::unknown(why, None, Some(place.clone()))),
        };
        let mut items: Vec<(TemplateValue, TemplateValue)> = Vec::new();
        for (key, value) in &entries {
            self.budget.take(1)?;
            let outer = LoopName {
                name: found.key.as_deref().unwrap_or_default(),
                value: key,
                outer: scope.names,
                moves: false,
            };
            let inner = LoopName { name: &found.value, value, outer: Some(&outer), moves: false };
            let scope = scope.with(&inner);
            if let Some(condition) = &found.condition {
                let decided = self.eval(condition, scope)?;
                match self.condition(&decided)? {
                    Decision::Known(true) => {}
                    Decision::Known(false) => continue,
                    Decision::Open(why) => {
                        return Ok(TemplateValue::unknown(why, None, Some(place.clone())));
                    }
                }
            }
            let key = match &found.key_result {
                Some(key) => self.eval(key, scope)?,
                None => TemplateValue::null(None),
            };
            items.push((key, self.eval(&found.result, scope)?));
        }
        match &found.key_result {
            None => {
                let list = TemplateValue::list(
                    items.into_iter().map(|(_, item)| item).collect(),
                    Some(place.clone()),
                );
                Ok(TemplateValue { loose: collection.loose, ..list })
            }
            Some(_) => keyed_result(items, found.groups, place),
        }
    }

    /// The number of instances that `count` may be at most.
    pub(super) fn count_of(&self, value: &TemplateValue) -> Result<Result<usize, String>, String> {
        match convert::to_number(value).map_err(|error| error.to_string())?.kind {
            ValueKind::Number(number) => {
                let count = number
                    .as_u64()
                    .or_else(|| number.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64));
                let count =
                    count.ok_or_else(|| format!("count is {number}, and must be a whole number from 0"))?;
                match usize::try_from(count) {
                    Ok(count) if count <= MAX_INSTANCES => Ok(Ok(count)),
                    _ => Err(format!(
                        "count is {count}: more than {MAX_INSTANCES} instances are not evaluated"
                    )),
                }
            }
            ValueKind::Null => Err("count is null".to_owned()),
            _ => Ok(Err(reason_of(value))),
        }
    }
}

/// An object of the items of a loop.
fn keyed_result(items: KeyedItems, groups: bool, place: &Place) -> Evaluated {
    let mut fields: BTreeMap<Arc<str>, Vec<TemplateValue>> = BTreeMap::new();
    for (key, value) in items {
        match key_of(&key)? {
            Some(key) => {
                let found = fields.entry(key.clone()).or_default();
                if !groups && !found.is_empty() {
                    return Err(format!("two items have the key {key:?}"));
                }
                found.push(value);
            }
            None => return Ok(opaque(&key, place)),
        }
    }
    let field = |(name, mut values): (Arc<str>, Vec<TemplateValue>)| {
        let place = values.first().and_then(|value| value.place.clone());
        let value = if groups { None } else { values.pop() };
        (name, value.unwrap_or_else(|| TemplateValue::list(values, place)))
    };
    Ok(TemplateValue::map(fields.into_iter().map(field), Some(place.clone())))
}

/// Whether an expression gives a set, as far as that can be seen: keys of sets are their items.
pub(super) fn is_set(expression: &HclExpr) -> bool {
    matches!(&expression.kind, ExprKind::Call(call) if matches!(&*call.name, "toset" | "setunion" | "setintersection" | "setsubtract" | "setproduct" | "fileset"))
}
