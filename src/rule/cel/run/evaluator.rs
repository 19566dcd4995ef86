//! Runs operations.

use super::super::fault::Fault;
use super::super::shared::SharedValues;
use super::super::strings::RegexVal;
use super::super::val::SnapshotValue;
use super::super::{Regexes, internal};
use super::look_up::{self, FieldName};
use super::operation::{AmongTexts, FunctionCall, Operation};
use super::value::Evaluated;
use super::{interpreted, logic, price};
use crate::rule::cel::call::Overload;
use crate::snapshot::{Snapshot, Type, schema};
use crate::value::Json;
use cel::ExecutionError;
use cel::common::types::{CelMap, CelMapKey, CelTimestamp};
use cel::common::value::Val;
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// What an operation gives.
pub(in super::super) type Outcome<'v> = Result<Evaluated<'v>, Fault<'v>>;

/// What operations see while they run.
pub(in super::super) struct Evaluator<'r, 'v, 's> {
    pub(in super::super) snapshot: &'v Snapshot<'v>,
    pub(in super::super) facts: Json<'v>,
    pub(in super::super) params: Json<'v>,
    pub(in super::super) now: DateTime<Utc>,
    pub(in super::super) resource: Option<SnapshotValue<'v>>,
    pub(in super::super) items: &'r [SnapshotValue<'v>],
    pub(in super::super) regexes: &'r Regexes,
    pub(in super::super) shared: &'r SharedValues<'s>,
    /// The values of the variables of the loops around.
    pub(in super::super) variables: Vec<Evaluated<'v>>,
}

/// What an operation gives that may be an optional value.
pub(super) enum Guarded<'v> {
    /// It is one, with a value.
    There(Evaluated<'v>),
    /// It is one, without.
    Nothing,
    /// It is none.
    Other(Evaluated<'v>),
}

impl<'v, 's: 'v> Evaluator<'_, 'v, 's> {
    /// Runs an operation.
    pub(in super::super) fn run(&mut self, operation: &'v Operation) -> Outcome<'v> {
        Ok(match operation {
            Operation::Null => Evaluated::Null,
            Operation::Bool(value) => Evaluated::Bool(*value),
            Operation::Int(value) => Evaluated::Int(*value),
            Operation::Double(value) => Evaluated::Double(*value),
            Operation::Text(text) => Evaluated::Text(text),
            Operation::Variable(at) => self.variables[*at].clone(),
            Operation::Field(operand, name) => {
                let operand = self.run(operand)?;
                return look_up::field(&operand, name, self.snapshot);
            }
            Operation::Index(operands) => {
                let [operand, key] = self.both(operands)?;
                return look_up::index(&operand, &key, self.snapshot);
            }
            Operation::OptionalField(operand, name) => {
                Evaluated::Optional(self.optional_field(operand, name)?.map(Rc::new))
            }
            Operation::OptionalItem(operands) => {
                Evaluated::Optional(self.optional_item(operands)?.map(Rc::new))
            }
            Operation::HasField(operand, name) => {
                Evaluated::Bool(self.optional_field(operand, name)?.is_some())
            }
            Operation::OrValue(operands) => return self.or_value(operands),
            Operation::HasValue(operand) => return self.has_value(operand),
            Operation::Logic(decides, operands) => return self.logic(*decides, operands),
            Operation::Not(operand) => return self.not(operand),
            Operation::NotStrictlyFalse(operand) => {
                let value = self.run(operand);
                Evaluated::Bool(logic::truth(value, self.snapshot).unwrap_or(true))
            }
            Operation::Choice(operands) => {
                let [condition, yes, no] = &**operands;
                let condition = self.run(condition);
                return self.run(if logic::truth(condition, self.snapshot)? { yes } else { no });
            }
            Operation::AmongTexts(among) => return self.among_texts(among),
            Operation::Quantifier(quantifier) => return self.quantifier(quantifier),
            Operation::Collection(collection) => return self.collection(collection),
            Operation::Fold(fold) => return self.fold(fold),
            Operation::Call(call) => return self.call(call),
            Operation::List(items, optional) => return self.list(items, optional),
            Operation::Map(entries) => return self.map(entries),
            slot => return self.slot(slot),
        })
    }

    /// Runs an operation whose value is kept: one that stands elsewhere is paid for as a copy.
    pub(in super::super) fn run_to_keep(&mut self, operation: &'v Operation) -> Outcome<'v> {
        if let Operation::Choice(operands) = operation {
            let [condition, yes, no] = &**operands;
            let condition = self.run(condition);
            return self.run_to_keep(if logic::truth(condition, self.snapshot)? { yes } else { no });
        }
        let value = self.run(operation)?;
        if operation.stands_elsewhere() {
            price::pay_copy(&value)?;
        }
        Ok(value)
    }

    /// What stands for a name.
    fn slot(&self, slot: &'v Operation) -> Outcome<'v> {
        let node = |node, ty| Evaluated::of(SnapshotValue::new(node, ty, self.snapshot));
        let found = match slot {
            Operation::Resource => {
                self.resource.and_then(|resource| Some(node(resource.node()?, resource.ty)))
            }
            Operation::Item(at) => self.items.get(*at).map(|item| Evaluated::of(*item)),
            Operation::Facts => Some(node(self.facts, schema().facts())),
            Operation::Params => Some(node(self.params, Type::Any)),
            Operation::Now => Some(Evaluated::Other(Rc::new(CelTimestamp::from(self.now.fixed_offset())))),
            Operation::Section(section) => {
                Some(Evaluated::of(SnapshotValue::section(section, self.snapshot)))
            }
            Operation::Regex(at) => {
                self.regexes.at(*at).map(|regex| Evaluated::Other(Rc::new(RegexVal::clone(regex))))
            }
            Operation::Shared(at) => match self.shared.look(*at) {
                Some(outcome) => return outcome,
                None => None,
            },
            Operation::Fixed(value) => Some(Evaluated::Other(Rc::from(value.clone_as_boxed()))),
            _ => None,
        };
        found.ok_or_else(|| {
            let name = if let Operation::Unresolved(name) = slot { name.as_str() } else { "" };
            ExecutionError::undeclared_reference(name).into()
        })
    }

    pub(super) fn both(&mut self, operands: &'v [Operation; 2]) -> Result<[Evaluated<'v>; 2], Fault<'v>> {
        Ok([self.run(&operands[0])?, self.run(&operands[1])?])
    }

    /// Notes that going through the items of the value behind an operation is paid for.
    pub(super) fn mark_walked(&mut self, operation: &'v Operation) {
        match operation {
            Operation::Variable(at) => self.variables[*at].set_walked(),
            Operation::Shared(at) => self.shared.set_walked(*at),
            Operation::Call(call) if call.hands_on() => self.mark_walked(&call.operands[0]),
            _ => {}
        }
    }

    /// An operation that may give an optional value.
    fn guarded(&mut self, operation: &'v Operation) -> Result<Guarded<'v>, Fault<'v>> {
        let found = match operation {
            Operation::OptionalField(operand, name) => self.optional_field(operand, name)?,
            Operation::OptionalItem(operands) => self.optional_item(operands)?,
            other => match self.run(other)? {
                Evaluated::Optional(inner) => inner.map(Rc::unwrap_or_clone),
                value => return Ok(Guarded::Other(value)),
            },
        };
        Ok(found.map_or(Guarded::Nothing, Guarded::There))
    }

    fn optional_field(
        &mut self,
        operand: &'v Operation,
        name: &'v FieldName,
    ) -> Result<Option<Evaluated<'v>>, Fault<'v>> {
        match self.guarded(operand)? {
            Guarded::There(value) | Guarded::Other(value) => {
                look_up::optional_field(&value, name, self.snapshot)
            }
            Guarded::Nothing => Ok(None),
        }
    }

    fn optional_item(&mut self, operands: &'v [Operation; 2]) -> Result<Option<Evaluated<'v>>, Fault<'v>> {
        let operand = self.guarded(&operands[0])?;
        let key = self.run(&operands[1])?;
        match operand {
            Guarded::There(value) | Guarded::Other(value) => {
                look_up::optional_item(&value, &key, self.snapshot)
            }
            Guarded::Nothing => Ok(None),
        }
    }

    fn or_value(&mut self, operands: &'v [Operation; 2]) -> Outcome<'v> {
        let default = self.run(&operands[1])?;
        match self.guarded(&operands[0])? {
            Guarded::There(value) => Ok(value),
            Guarded::Nothing => Ok(default),
            Guarded::Other(value) => interpreted::method("orValue", &[value, default], self.snapshot),
        }
    }

    fn has_value(&mut self, operand: &'v Operation) -> Outcome<'v> {
        match self.guarded(operand)? {
            Guarded::There(_) => Ok(Evaluated::Bool(true)),
            Guarded::Nothing => Ok(Evaluated::Bool(false)),
            Guarded::Other(value) => interpreted::method("hasValue", &[value], self.snapshot),
        }
    }

    fn among_texts(&mut self, among: &'v AmongTexts) -> Outcome<'v> {
        let item = self.run(&among.item)?;
        match (item.text(), &among.careful) {
            (Some(item), _) => Ok(Evaluated::Bool(among.texts.iter().any(|text| **text == *item))),
            (None, None) => Ok(Evaluated::Bool(false)),
            (None, Some(careful)) => {
                let texts = among.texts.iter().map(|text| Evaluated::Text(text)).collect();
                own(*careful, &[item, Evaluated::list(texts)], self.snapshot)
            }
        }
    }

    fn list(&mut self, items: &'v [Operation], optional: &BTreeSet<usize>) -> Outcome<'v> {
        let mut list = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            match self.run(item)? {
                Evaluated::Optional(inner) if optional.contains(&at) => {
                    list.extend(inner.map(Rc::unwrap_or_clone));
                }
                item => list.push(item),
            }
        }
        Ok(Evaluated::list(list))
    }

    fn map(&mut self, entries: &'v [(Operation, Operation, bool)]) -> Outcome<'v> {
        let mut map: HashMap<CelMapKey<'v>, Box<dyn Val + 'v>> = HashMap::with_capacity(entries.len());
        for (key, value, is_optional) in entries {
            let key = self.run(key)?;
            let key = CelMapKey::try_from(key.lend(self.snapshot).into_owned())?;
            let value = match self.run(value)? {
                Evaluated::Optional(inner) if *is_optional => inner.map(Rc::unwrap_or_clone),
                value => Some(value),
            };
            if let Some(value) = value {
                map.insert(key, value.lend(self.snapshot).into_owned());
            }
        }
        Ok(Evaluated::Other(Rc::new(CelMap::from(map))))
    }

    fn call(&mut self, call: &'v FunctionCall) -> Outcome<'v> {
        match call.operands.as_slice() {
            [operand] => {
                let operand = self.run(operand)?;
                let value = call.apply(&[operand], self.snapshot)?;
                if call.walks() {
                    self.mark_walked(&call.operands[0]);
                }
                Ok(value)
            }
            [target, argument] if call.is_method => {
                let argument = self.run(argument)?;
                let target = self.run(target)?;
                call.apply(&[target, argument], self.snapshot)
            }
            [a, b] => {
                let a = self.run(a)?;
                let b = self.run(b)?;
                call.apply(&[a, b], self.snapshot)
            }
            operands => {
                let (first, rest) = operands.split_at(usize::from(call.is_method));
                let mut values = Vec::with_capacity(operands.len());
                for operand in rest.iter().chain(first) {
                    values.push(self.run(operand)?);
                }
                values.rotate_right(first.len());
                call.apply(&values, self.snapshot)
            }
        }
    }
}

impl Operation {
    /// Whether what it gives is part of something that stays.
    fn stands_elsewhere(&self) -> bool {
        match self {
            Self::Text(_) | Self::Shared(_) => true,
            _ => false,
        }
    }
}

impl FunctionCall {
    /// Whether it gives what it is given.
    fn hands_on(&self) -> bool {
        self.walks() || matches!(self.name.as_str(), internal::RANGE | internal::SEARCHED)
    }

    /// Whether it goes through what it is given, and gives it.
    fn walks(&self) -> bool {
        matches!(self.name.as_str(), internal::METERED | internal::CONCRETE)
    }

    fn apply<'v>(&self, values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Outcome<'v> {
        if let Some(native) = self.native
            && let Some(value) = native(values, snapshot)?
        {
            return Ok(value);
        }
        if let Some(own) = self.own {
            let arguments: Vec<_> = values.iter().map(|value| value.lend(snapshot)).collect();
            if own.takes(&arguments, self.is_method) {
                return Ok(Evaluated::taken(own.run(arguments)?.into_owned()));
            }
        }
        interpreted::call(self, values, snapshot)
    }
}

/// Calls a function that takes values as the `cel` crate has them.
pub(super) fn own<'v>(
    function: Overload,
    values: &[Evaluated<'v>],
    snapshot: &'v Snapshot<'v>,
) -> Outcome<'v> {
    let arguments = values.iter().map(|value| value.lend(snapshot)).collect();
    Ok(Evaluated::taken(function.run(arguments)?.into_owned()))
}
