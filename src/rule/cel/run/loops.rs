//! Loops: `all`, `exists`, `map`, `filter` and the rest.

use super::super::budget;
use super::super::fault::Fault;
use super::items::for_each;
use super::logic;
use super::operation::{CelOperation, Collection, Fold, LoopStep, Quantifier};
use super::outcome::{CelOutcome, truth};
use super::runner::CelRun;
use super::value::CelValue;

impl<'v> CelRun<'_, 'v> {
    /// Goes through the items of what an operation gives, with a place for the variable.
    fn walk(
        &mut self,
        range: &'v CelOperation,
        each: &mut dyn FnMut(&mut Self) -> Result<bool, Fault<'v>>,
    ) -> Result<(), Fault<'v>> {
        let items = self.run(range)?;
        self.mark_walked(range);
        let at = self.variables.len();
        self.variables.push(CelValue::Null);
        let done = for_each(&items, self.snapshot, &mut |item| {
            self.variables[at] = item;
            each(self)
        });
        self.variables.truncate(at);
        done
    }

    /// Pays for a step, and fails if what it is about is not known.
    fn step(&mut self, step: &'v LoopStep) -> Result<(), Fault<'v>> {
        match &step.item {
            CelOperation::Variable(at) => self.variables[*at].known()?,
            other => self.run(other)?.known()?,
        }
        Ok(budget::pay(step.nodes)?)
    }

    /// `all` and `exists`: an error counts if no item decides.
    pub(super) fn quantifier(&mut self, quantifier: &'v Quantifier) -> CelOutcome<'v> {
        let decides = quantifier.decides;
        let (mut pending, mut is_decided) = (None, false);
        self.walk(&quantifier.range, &mut |this| {
            match this.step(&quantifier.step).and_then(|()| this.run(&quantifier.test)) {
                Ok(CelValue::Bool(value)) => is_decided = value == decides,
                Ok(other) => {
                    let right = other.type_name(this.snapshot);
                    pending = Some(logic::no_boolean(decides, "bool".to_owned(), right));
                }
                Err(fault) => pending = Some(fault),
            }
            Ok(!is_decided)
        })?;
        match pending {
            Some(fault) if !is_decided => Err(fault),
            _ => Ok(CelValue::Bool(is_decided == decides)),
        }
    }

    /// `map` and `filter`.
    pub(super) fn collection(&mut self, collection: &'v Collection) -> CelOutcome<'v> {
        let mut list = Vec::new();
        self.walk(&collection.range, &mut |this| {
            this.step(&collection.step)?;
            if let Some(guard) = &collection.guard {
                let guard = this.run(guard);
                if !truth(guard, this.snapshot)? {
                    return Ok(true);
                }
            }
            match &collection.items {
                CelOperation::List(items, optional) if items.len() == 1 && optional.is_empty() => {
                    list.push(this.run(&items[0])?.copied());
                }
                items => for_each(&this.run(items)?, this.snapshot, &mut |item| {
                    list.push(item);
                    Ok(true)
                })?,
            }
            Ok(true)
        })?;
        Ok(CelValue::list(list))
    }

    /// Any other loop.
    pub(super) fn fold(&mut self, fold: &'v Fold) -> CelOutcome<'v> {
        let start = self.run(&fold.start)?;
        let range = self.run(&fold.range)?;
        self.mark_walked(&fold.range);
        let at = self.variables.len();
        self.variables.extend([start, CelValue::Null]);
        let done = for_each(&range, self.snapshot, &mut |item| {
            let condition = self.run(&fold.condition);
            if !truth(condition, self.snapshot)? {
                return Ok(false);
            }
            self.variables[at + 1] = item;
            self.variables[at] = self.run(&fold.step)?;
            Ok(true)
        });
        let outcome = done.and_then(|()| self.run(&fold.result));
        self.variables.truncate(at);
        outcome
    }
}
