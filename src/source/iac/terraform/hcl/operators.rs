//! `+`, `==`, `&&` and the like, as Terraform converts their sides.

use super::super::{convert, number as numbers};
use super::eval::Decision;
use super::evaluator::{Evaluated, Evaluator};
use super::scope::EvalScope;
use super::syntax::{BinaryKind, HclExpr};
use super::unknown::{opaque, same};
use crate::source::iac::{Place, TemplateValue, ValueKind};
use serde_json::Number;

impl Evaluator<'_> {
    /// `!x`
    pub(super) fn not(&self, value: &TemplateValue, place: &Place) -> Evaluated {
        Ok(match self.condition(value)? {
            Decision::Known(bool) => carried(ValueKind::Bool(!bool), &[value], place),
            Decision::Open(_) => opaque(value, place),
        })
    }

    /// `-x`
    pub(super) fn negate(&self, value: &TemplateValue, place: &Place) -> Evaluated {
        Ok(match number(value)? {
            Some(number) => carried(
                ValueKind::Number(computed(BinaryKind::Subtract, &0.into(), &number)?),
                &[value],
                place,
            ),
            None => opaque(value, place),
        })
    }

    /// Whether two values are the same. Where that is not known, it is a condition that is called by its two sides.
    fn equality(&self, left: &TemplateValue, right: &TemplateValue, place: &Place) -> Evaluated {
        let (left, right) = (self.measured(left.clone())?, self.measured(right.clone())?);
        if let Some(is_same) = same(&left, &right) {
            return Ok(carried(ValueKind::Bool(is_same), &[&left, &right], place));
        }
        let open = opaque(if left.is_known() { &right } else { &left }, place);
        let name =
            side_in_words(&left).zip(side_in_words(&right)).map(|(one, other)| format!("{one} == {other}"));
        Ok(match (open.kind, name) {
            (ValueKind::Unknown(unknown), Some(name)) => {
                let named = TemplateValue::unknown(unknown.reason.clone(), Some(name.into()), open.place);
                TemplateValue { sensitive: open.sensitive, ..named }
            }
            (kind, _) => TemplateValue { kind, ..open },
        })
    }

    /// Two values and what stands between them.
    pub(super) fn binary(
        &self,
        kind: BinaryKind,
        left: &HclExpr,
        right: &HclExpr,
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let left = self.eval(left, scope)?;
        if matches!(kind, BinaryKind::And | BinaryKind::Or) {
            return self.logical(kind == BinaryKind::Or, left, right, place, scope);
        }
        let right = self.eval(right, scope)?;
        let sides = [&left, &right];
        let result = match kind {
            BinaryKind::Equal => return self.equality(&left, &right, place),
            BinaryKind::Unequal => return self.not(&self.equality(&left, &right, place)?, place),
            _ => match (number(&left)?, number(&right)?) {
                (Some(left), Some(right)) => Some(arithmetic(kind, &left, &right)?),
                _ => None,
            },
        };
        let open = if left.is_known() { &right } else { &left };
        Ok(result.map_or_else(|| opaque(open, place), |result| carried(result, &sides, place)))
    }

    /// `&&` and `||`: one side may decide, whatever the other one is.
    fn logical(
        &self,
        decides: bool,
        left: TemplateValue,
        right: &HclExpr,
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Evaluated {
        let first = bool_of(&left)?;
        self.may_fail(std::slice::from_ref(&left));
        // Terraform evaluates both; since 1.12 not the second one where the first one decides.
        if first == Some(decides) {
            return Ok(carried(ValueKind::Bool(decides), &[&left], place));
        }
        let right = self.eval(right, scope).and_then(|right| Ok((bool_of(&right)?, right)));
        let (second, right) = match right {
            Ok(right) => right,
            // Whether the second one is evaluated is not known.
            Err(_) if first.is_none() => return Ok(opaque(&left, place)),
            Err(why) => return Err(why),
        };
        self.may_fail(std::slice::from_ref(&right));
        Ok(match (first, second) {
            (_, Some(second)) if second == decides => {
                carried(ValueKind::Bool(decides), &[&left, &right], place)
            }
            (Some(_), Some(_)) => carried(ValueKind::Bool(!decides), &[&left, &right], place),
            (None, _) => opaque(&left, place),
            _ => opaque(&right, place),
        })
    }
}

/// A side of a comparison as it is called, if it is the same wherever it is called so.
fn side_in_words(side: &TemplateValue) -> Option<String> {
    match &side.kind {
        _ if side.sensitive => None,
        ValueKind::Null => Some("null".to_owned()),
        ValueKind::Bool(bool) => Some(bool.to_string()),
        ValueKind::Text(text) => Some(format!("{text:?}")),
        ValueKind::Unknown(unknown) => unknown.name.as_ref().map(ToString::to_string),
        ValueKind::Symbol(symbol) => Some(symbol.name.to_string()),
        _ => side.join_key(),
    }
}

/// A known result of these values.
fn carried(kind: ValueKind, of: &[&TemplateValue], place: &Place) -> TemplateValue {
    let via = of.iter().find_map(|value| value.place.as_ref()?.via.clone());
    let place = Place { via, ..place.clone() };
    let sensitive = of.iter().any(|value| value.sensitive);
    TemplateValue { sensitive, ..TemplateValue::new(kind, Some(place)) }
}

fn bool_of(value: &TemplateValue) -> Result<Option<bool>, String> {
    match convert::to_bool(value).map_err(|error| error.to_string())?.kind {
        ValueKind::Bool(bool) => Ok(Some(bool)),
        ValueKind::Null => Err("a side of && or || is null".to_owned()),
        _ => Ok(None),
    }
}

fn number(value: &TemplateValue) -> Result<Option<Number>, String> {
    match convert::to_number(value).map_err(|error| error.to_string())?.kind {
        ValueKind::Number(number) => Ok(Some(number)),
        ValueKind::Null => Err("a number is null".to_owned()),
        _ => Ok(None),
    }
}

fn arithmetic(kind: BinaryKind, left: &Number, right: &Number) -> Result<ValueKind, String> {
    let order = numbers::compared(left, right);
    match kind {
        BinaryKind::Less => Ok(ValueKind::Bool(order.is_lt())),
        BinaryKind::LessOrEqual => Ok(ValueKind::Bool(order.is_le())),
        BinaryKind::Greater => Ok(ValueKind::Bool(order.is_gt())),
        BinaryKind::GreaterOrEqual => Ok(ValueKind::Bool(order.is_ge())),
        _ => computed(kind, left, right).map(ValueKind::Number),
    }
}

fn computed(kind: BinaryKind, left: &Number, right: &Number) -> Result<Number, String> {
    let whole = numbers::as_whole(left).zip(numbers::as_whole(right)).and_then(|(left, right)| match kind {
        BinaryKind::Add => left.checked_add(right),
        BinaryKind::Subtract => left.checked_sub(right),
        BinaryKind::Multiply => left.checked_mul(right),
        BinaryKind::Divide => {
            left.checked_rem(right).filter(|rest| *rest == 0).and_then(|_| left.checked_div(right))
        }
        _ => left.checked_rem(right),
    });
    if let Some(whole) = whole.and_then(numbers::whole) {
        return Ok(whole);
    }
    let (left, right) = (numbers::as_float(left), numbers::as_float(right));
    let real = match kind {
        BinaryKind::Add => left + right,
        BinaryKind::Subtract => left - right,
        BinaryKind::Multiply => left * right,
        BinaryKind::Divide => left / right,
        _ => left % right,
    };
    let real = Some(real).filter(|real| real.is_finite()).and_then(numbers::rounded);
    real.ok_or_else(|| "it divides by zero, or the number is too large".to_owned())
}
