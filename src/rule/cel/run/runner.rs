//! Runs operations.

use super::super::fault::Fault;
use super::super::strings::RegexVal;
use super::super::val::SnapshotValue;
use super::super::{Regexes, internal};
use super::interpreted;
use super::look_up::{self, FieldName};
use super::operation::{AmongTexts, CelOperation, FunctionCall};
use super::outcome::{CelOutcome, Guarded, truth};
use super::value::CelValue;
use crate::rule::cel::call::Overload;
use crate::snapshot::{Snapshot, Type, schema};
use crate::value::Json;
use cel::ExecutionError;
use cel::common::types::{CelMapKey, CelTimestamp};
use cel::common::value::CowVal;
use cel::objects::Key;
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// What operations see while they run.
pub(in super::super) struct CelRun<'r, 'v> {
    pub(in super::super) snapshot: &'v Snapshot<'v>,
    pub(in super::super) facts: Json<'v>,
    pub(in super::super) params: Json<'v>,
    pub(in super::super) now: DateTime<Utc>,
    pub(in super::super) resource: Option<SnapshotValue<'v>>,
    pub(in super::super) items: &'r [SnapshotValue<'v>],
    pub(in super::super) regexes: &'r Regexes,
    pub(in super::super) shared: &'r dyn SharedLookUp<'v>,
    /// The values of the variables of the loops around.
    pub(in super::super) variables: Vec<CelValue<'v>>,
}

/// The values that a rule shares between its evaluations.
pub(in super::super) trait SharedLookUp<'v> {
    /// The value of that number; none where there is no such value.
    fn look(&self, at: usize) -> Option<CelOutcome<'v>>;

    /// Notes that going through the items of that value is paid for.
    fn set_walked(&self, at: usize);
}

impl<'v> CelRun<'_, 'v> {
    /// Runs an operation.
    pub(in super::super) fn run(&mut self, operation: &'v CelOperation) -> CelOutcome<'v> {
        Ok(match operation {
            CelOperation::Null => CelValue::Null,
            CelOperation::Bool(value) => CelValue::Bool(*value),
            CelOperation::Int(value) => CelValue::Int(*value),
            CelOperation::Double(value) => CelValue::Double(*value),
            CelOperation::Text(text) => CelValue::Text(text),
            CelOperation::Variable(at) => self.variables[*at].clone(),
            CelOperation::Field(operand, name) => {
                let operand = self.run(operand)?;
                return look_up::field(&operand, name, self.snapshot);
            }
            CelOperation::Index(operands) => {
                let [operand, key] = self.both(operands)?;
                return look_up::index(&operand, &key, self.snapshot);
            }
            CelOperation::OptionalField(operand, name) => {
                CelValue::Optional(self.optional_field(operand, name)?.map(Rc::new))
            }
            CelOperation::OptionalItem(operands) => {
                CelValue::Optional(self.optional_item(operands)?.map(Rc::new))
            }
            CelOperation::HasField(operand, name) => {
                CelValue::Bool(self.optional_field(operand, name)?.is_some())
            }
            CelOperation::OrValue(operands) => return self.or_value(operands),
            CelOperation::HasValue(operand) => return self.has_value(operand),
            CelOperation::Logic(decides, operands) => return self.logic(*decides, operands),
            CelOperation::Not(operand) => return self.not(operand),
            CelOperation::NotStrictlyFalse(operand) => {
                let value = self.run(operand);
                CelValue::Bool(truth(value, self.snapshot).unwrap_or(true))
            }
            CelOperation::Choice(operands) => {
                let [condition, yes, no] = &**operands;
                let condition = self.run(condition);
                return self.run(if truth(condition, self.snapshot)? { yes } else { no });
            }
            CelOperation::AmongTexts(among) => return self.among_texts(among),
            CelOperation::Quantifier(quantifier) => return self.quantifier(quantifier),
            CelOperation::Collection(collection) => return self.collection(collection),
            CelOperation::Fold(fold) => return self.fold(fold),
            CelOperation::Call(call) => return self.call(call),
            CelOperation::List(items, optional) => return self.list(items, optional),
            CelOperation::Map(entries) => return self.map(entries),
            slot => return self.slot(slot),
        })
    }

    /// What stands for a name.
    fn slot(&self, slot: &'v CelOperation) -> CelOutcome<'v> {
        let node = |node, ty| CelValue::of(SnapshotValue::new(node, ty, self.snapshot));
        let found = match slot {
            CelOperation::Resource => {
                self.resource.and_then(|resource| Some(node(resource.node()?, resource.ty)))
            }
            CelOperation::Item(at) => self.items.get(*at).map(|item| CelValue::of(*item)),
            CelOperation::Facts => Some(node(self.facts, schema().facts())),
            CelOperation::Params => Some(node(self.params, Type::Any)),
            CelOperation::Now => Some(CelValue::Other(Rc::new(CelTimestamp::from(self.now.fixed_offset())))),
            CelOperation::Section(section) => {
                Some(CelValue::of(SnapshotValue::section(section, self.snapshot)))
            }
            CelOperation::Regex(at) => {
                self.regexes.at(*at).map(|regex| CelValue::Other(Rc::new(RegexVal::clone(regex))))
            }
            CelOperation::Shared(at) => match self.shared.look(*at) {
                Some(outcome) => return outcome,
                None => None,
            },
            CelOperation::Fixed(value) => Some(CelValue::Other(Rc::from(value.clone_as_boxed()))),
            _ => None,
        };
        found.ok_or_else(|| {
            let name = if let CelOperation::Unresolved(name) = slot { name.as_str() } else { "" };
            ExecutionError::undeclared_reference(name).into()
        })
    }

    pub(super) fn both(&mut self, operands: &'v [CelOperation; 2]) -> Result<[CelValue<'v>; 2], Fault<'v>> {
        Ok([self.run(&operands[0])?, self.run(&operands[1])?])
    }

    /// Notes that going through the items of the value behind an operation is paid for.
    pub(super) fn mark_walked(&mut self, operation: &'v CelOperation) {
        match operation {
            CelOperation::Variable(at) => self.variables[*at].set_walked(),
            CelOperation::Shared(at) => self.shared.set_walked(*at),
            CelOperation::Call(call) if call.hands_on() => self.mark_walked(&call.operands[0]),
            _ => {}
        }
    }

    /// An operation that may give an optional value.
    pub(super) fn guarded(&mut self, operation: &'v CelOperation) -> Result<Guarded<'v>, Fault<'v>> {
        let found = match operation {
            CelOperation::OptionalField(operand, name) => self.optional_field(operand, name)?,
            CelOperation::OptionalItem(operands) => self.optional_item(operands)?,
            other => match self.run(other)? {
                CelValue::Optional(inner) => inner.map(Rc::unwrap_or_clone),
                value => return Ok(Guarded::Other(value)),
            },
        };
        Ok(found.map_or(Guarded::Nothing, Guarded::There))
    }

    fn optional_field(
        &mut self,
        operand: &'v CelOperation,
        name: &'v FieldName,
    ) -> Result<Option<CelValue<'v>>, Fault<'v>> {
        match self.guarded(operand)? {
            Guarded::There(value) | Guarded::Other(value) => {
                look_up::optional_field(&value, name, self.snapshot)
            }
            Guarded::Nothing => Ok(None),
        }
    }

    fn optional_item(&mut self, operands: &'v [CelOperation; 2]) -> Result<Option<CelValue<'v>>, Fault<'v>> {
        let operand = self.guarded(&operands[0])?;
        let key = self.run(&operands[1])?;
        match operand {
            Guarded::There(value) | Guarded::Other(value) => {
                look_up::optional_item(&value, &key, self.snapshot)
            }
            Guarded::Nothing => Ok(None),
        }
    }

    fn or_value(&mut self, operands: &'v [CelOperation; 2]) -> CelOutcome<'v> {
        let default = self.run(&operands[1])?;
        match self.guarded(&operands[0])? {
            Guarded::There(value) => Ok(value),
            Guarded::Nothing => Ok(default),
            Guarded::Other(value) => interpreted::method("orValue", &[value, default], self.snapshot),
        }
    }

    fn has_value(&mut self, operand: &'v CelOperation) -> CelOutcome<'v> {
        match self.guarded(operand)? {
            Guarded::There(_) => Ok(CelValue::Bool(true)),
            Guarded::Nothing => Ok(CelValue::Bool(false)),
            Guarded::Other(value) => interpreted::method("hasValue", &[value], self.snapshot),
        }
    }

    fn among_texts(&mut self, among: &'v AmongTexts) -> CelOutcome<'v> {
        let item = self.run(&among.item)?;
        match (item.text(), &among.careful) {
            (Some(item), _) => Ok(CelValue::Bool(among.texts.iter().any(|text| **text == *item))),
            (None, None) => Ok(CelValue::Bool(false)),
            (None, Some(careful)) => {
                let texts = among.texts.iter().map(|text| CelValue::Text(text)).collect();
                own(*careful, &[item, CelValue::list(texts)], self.snapshot)
            }
        }
    }

    fn list(&mut self, items: &'v [CelOperation], optional: &BTreeSet<usize>) -> CelOutcome<'v> {
        let mut list = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            match self.run(item)? {
                CelValue::Optional(inner) if optional.contains(&at) => {
                    list.extend(inner.map(Rc::unwrap_or_clone));
                }
                item => list.push(item),
            }
        }
        Ok(CelValue::list(list))
    }

    fn map(&mut self, entries: &'v [(CelOperation, CelOperation, bool)]) -> CelOutcome<'v> {
        let mut map = HashMap::with_capacity(entries.len());
        for (key, value, is_optional) in entries {
            let key = self.run(key)?;
            let key = CelMapKey::try_from(key.lend(self.snapshot).into_owned())?;
            let value = match self.run(value)? {
                CelValue::Optional(inner) if *is_optional => inner.map(Rc::unwrap_or_clone),
                value => Some(value),
            };
            if let Some(value) = value {
                if repeats(&map, &key) {
                    return Err(ExecutionError::DuplicateKey(Key::from(key).into()).into());
                }
                map.insert(key, value.copied());
            }
        }
        Ok(CelValue::Map(Rc::new(map)))
    }

    fn call(&mut self, call: &'v FunctionCall) -> CelOutcome<'v> {
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

/// Whether a map has a key, or the same number as a key of the other kind of whole numbers.
fn repeats<V>(map: &HashMap<CelMapKey<'_>, V>, key: &CelMapKey<'_>) -> bool {
    let other = match key {
        CelMapKey::Int(number) => u64::try_from(*number.inner()).ok().map(CelMapKey::from),
        CelMapKey::UInt(number) => i64::try_from(*number.inner()).ok().map(CelMapKey::from),
        _ => None,
    };
    map.contains_key(key) || other.is_some_and(|other| map.contains_key(&other))
}

impl FunctionCall {
    /// Whether it gives what it is given.
    pub(super) fn hands_on(&self) -> bool {
        self.walks() || matches!(self.name.as_str(), internal::RANGE | internal::SEARCHED)
    }

    /// Whether it goes through what it is given, and gives it.
    pub(super) fn walks(&self) -> bool {
        matches!(self.name.as_str(), internal::METERED | internal::CONCRETE)
    }

    pub(super) fn apply<'v>(&self, values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> CelOutcome<'v> {
        if let Some(native) = self.native
            && let Some(value) = native(values, snapshot)?
        {
            return Ok(value);
        }
        if let Some(own) = self.own {
            let arguments: Vec<_> = values.iter().map(|value| value.lend(snapshot)).collect();
            if own.takes(&arguments, self.is_method) {
                return owned(own.run(arguments), values);
            }
        }
        interpreted::call(self, values, snapshot)
    }
}

/// Calls a function that takes values as the `cel` crate has them.
pub(super) fn own<'v>(
    function: Overload,
    values: &[CelValue<'v>],
    snapshot: &'v Snapshot<'v>,
) -> CelOutcome<'v> {
    let arguments = values.iter().map(|value| value.lend(snapshot)).collect();
    owned(function.run(arguments), values)
}

/// What such a function gave. One that fails may have paid for nothing of what it was given.
fn owned<'v>(result: Result<CowVal<'_, 'v>, ExecutionError>, values: &[CelValue<'v>]) -> CelOutcome<'v> {
    match result {
        Ok(value) => Ok(CelValue::taken(value.into_owned())),
        Err(error) => {
            values.iter().for_each(CelValue::charge_lending);
            Err(error.into())
        }
    }
}
