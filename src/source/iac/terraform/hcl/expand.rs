//! `count` and `for_each`: the instances of resources and modules.

use super::config::Repeat;
use super::evaluator::{Evaluated, Evaluator, ResourceHandle};
use super::limits::{MAX_INSTANCES, MAX_RESOURCES};
use super::scope::{
    EachScope, EvalScope, Expansion, ExpansionKey, ExpansionShape, Memo, ModuleInstance, ResourceInstance,
};
use super::syntax::{AccessStep, ExprKind, HclExpr};
use super::unknown::{is_open_key, reason_of, same};
use crate::source::iac::{Place, ResourceCertainty, TemplateValue, ValueKind};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// One instance of a block, before it is made.
pub(super) struct RepeatedItem {
    pub(super) key: ExpansionKey,
    pub(super) each: Option<Rc<EachScope>>,
    pub(super) certainty: ResourceCertainty,
}

/// The keys of `for_each` with their values; none for a value that is not known.
type ForEachItems = BTreeMap<Arc<str>, (TemplateValue, ResourceCertainty)>;

impl Evaluator<'_> {
    /// The instances of a block.
    pub(super) fn repeat(
        &self,
        repeat: &Repeat,
        scope: EvalScope<'_>,
        address: &str,
    ) -> Expansion<RepeatedItem> {
        match (&repeat.count, &repeat.for_each) {
            (Some(count), _) => self.counted(count, scope),
            (None, Some(for_each)) => self.for_each(for_each, scope, address),
            (None, None) => {
                let item = RepeatedItem {
                    key: ExpansionKey::None,
                    each: None,
                    certainty: ResourceCertainty::Certain,
                };
                Expansion {
                    shape: ExpansionShape::Single,
                    items: vec![(ExpansionKey::None, item)],
                    open: None,
                }
            }
        }
    }

    fn counted(&self, count: &HclExpr, scope: EvalScope<'_>) -> Expansion<RepeatedItem> {
        let found = self.eval(count, scope).and_then(|value| self.count_of(&value));
        let (least, most, open) = match found {
            Ok(Ok(count)) => (count, count, None),
            Ok(Err(why)) => {
                let (least, most) = self.possible_counts(count, scope).unwrap_or((0, 1));
                (least, most, Some(format!("its count is not known: {why}")))
            }
            Err(why) => (0, 1, Some(format!("its count cannot be evaluated: {why}"))),
        };
        let item = |index: usize| {
            let number = TemplateValue::new(ValueKind::Number(index.into()), Some(count.place.clone()));
            let each = EachScope { index: Some(number), ..EachScope::default() };
            let certainty = match &open {
                Some(why) if index >= least => ResourceCertainty::Perhaps(why.clone()),
                _ => ResourceCertainty::Certain,
            };
            let key = ExpansionKey::Index(index);
            (key.clone(), RepeatedItem { key, each: Some(Rc::new(each)), certainty })
        };
        Expansion { shape: ExpansionShape::Count, items: (0..most).map(item).collect(), open }
    }

    /// How many there are at least and at most, if a condition chooses between two numbers.
    fn possible_counts(&self, count: &HclExpr, scope: EvalScope<'_>) -> Option<(usize, usize)> {
        let ExprKind::Conditional(parts) = &count.kind else { return None };
        let branch = |branch: &HclExpr| {
            let value = self.eval(branch, scope).and_then(|value| self.count_of(&value));
            match value {
                Ok(Ok(count)) => Some((count, count)),
                _ => self.possible_counts(branch, scope),
            }
        };
        let (yes, no) = (branch(&parts.1)?, branch(&parts.2)?);
        Some((yes.0.min(no.0), yes.1.max(no.1)))
    }

    fn for_each(&self, for_each: &HclExpr, scope: EvalScope<'_>, address: &str) -> Expansion<RepeatedItem> {
        let value = self.eval(for_each, scope);
        let found = match &value {
            Ok(value) => self.for_each_items(value),
            Err(why) => Err(format!("its for_each cannot be evaluated: {why}")),
        };
        match found {
            Ok(items) => keyed(items, None),
            Err(why) => match self.possible_items(for_each, scope, &why) {
                Some(items) => keyed(items, Some(why)),
                None => {
                    let name =
                        value.ok().and_then(|value| value.join_key()).unwrap_or_else(|| address.to_owned());
                    open_item(&name, why, &for_each.place)
                }
            },
        }
    }

    fn for_each_items(&self, value: &TemplateValue) -> Result<ForEachItems, String> {
        let open = |why: String| format!("its for_each is not known: {why}");
        let mut items = ForEachItems::new();
        match &value.kind {
            ValueKind::Map(fields) => {
                if let Some(key) = fields.keys().find(|key| is_open_key(key)) {
                    return Err(open(format!("{key} is known only after apply")));
                }
                items.extend(
                    fields
                        .iter()
                        .map(|(key, value)| (key.clone(), (value.clone(), ResourceCertainty::Certain))),
                );
            }
            ValueKind::List(list) => {
                for item in list.iter() {
                    match &item.kind {
                        ValueKind::Text(key) => {
                            items.insert(key.clone(), (item.clone(), ResourceCertainty::Certain));
                        }
                        _ if item.is_known() => {
                            return Err("its for_each has an item that is no string".to_owned());
                        }
                        _ => return Err(open(reason_of(item))),
                    }
                }
            }
            ValueKind::Symbol(_) | ValueKind::Unknown(_) | ValueKind::Mixed(_) => {
                return Err(open(reason_of(value)));
            }
            _ => return Err("its for_each is no map and no set of strings".to_owned()),
        }
        if items.len() > MAX_INSTANCES {
            return Err(format!(
                "its for_each has {} items: more than {MAX_INSTANCES} instances are not evaluated",
                items.len()
            ));
        }
        self.budget.take(items.len())?;
        Ok(items)
    }

    /// The items of both branches, if a condition chooses between two known collections.
    fn possible_items(&self, for_each: &HclExpr, scope: EvalScope<'_>, why: &str) -> Option<ForEachItems> {
        let ExprKind::Conditional(parts) = &for_each.kind else { return None };
        let branch = |branch: &HclExpr| {
            let value = self.eval(branch, scope).ok()?;
            self.for_each_items(&value).ok().or_else(|| self.possible_items(branch, scope, why))
        };
        let (yes, no) = (branch(&parts.1)?, branch(&parts.2)?);
        let mut items = ForEachItems::new();
        for (key, (value, certainty)) in &yes {
            let item = match no.get(key) {
                None => (value.clone(), ResourceCertainty::Perhaps(why.to_owned())),
                Some((other, _)) if same(value, other) == Some(true) => (value.clone(), certainty.clone()),
                Some(_) => (TemplateValue::unknown(why, None, value.place.clone()), certainty.clone()),
            };
            items.insert(key.clone(), item);
        }
        for (key, (value, _)) in no {
            items.entry(key).or_insert_with(|| (value, ResourceCertainty::Perhaps(why.to_owned())));
        }
        Some(items)
    }

    /// The instances of a resource.
    pub(super) fn resource_expansion(
        &self,
        module: &Rc<ModuleInstance>,
        index: usize,
    ) -> Rc<Expansion<Rc<ResourceInstance>>> {
        if let Some(known) = module.resources.borrow().get(&index) {
            return known.clone();
        }
        let config = module.resource(index);
        let address = module.address(&config.address());
        // What asks for it meanwhile goes in a circle, which Terraform refuses.
        let why = format!("{address} refers to itself");
        let busy = Expansion { shape: ExpansionShape::Single, items: Vec::new(), open: Some(why) };
        module.resources.borrow_mut().insert(index, Rc::new(busy));
        let found = self.repeat(&config.repeat, EvalScope::of(module), &address);
        let items = found.items.into_iter().map_while(|(key, item)| {
            let address: Arc<str> = format!("{address}{}", key.suffix()).into();
            let certainty = combined(&module.certainty, item.certainty);
            let fields = Memo::default();
            let resource = Rc::new(ResourceInstance { address, index, each: item.each, certainty, fields });
            self.register(module, &resource).then_some((item.key, resource))
        });
        let expansion = Rc::new(Expansion { shape: found.shape, items: items.collect(), open: found.open });
        module.resources.borrow_mut().insert(index, expansion.clone());
        expansion
    }

    /// Keeps a resource; false if there are too many.
    fn register(&self, module: &Rc<ModuleInstance>, resource: &Rc<ResourceInstance>) -> bool {
        let mut all = self.resources.borrow_mut();
        if all.len() >= MAX_RESOURCES {
            self.budget.exhaust("the module has too many resources");
            return false;
        }
        let handle = ResourceHandle { module: module.clone(), resource: resource.clone() };
        all.entry(resource.address.clone()).or_insert(handle);
        true
    }
}

/// A module that may not be there makes what is in it so.
pub(super) fn combined(outer: &ResourceCertainty, inner: ResourceCertainty) -> ResourceCertainty {
    match outer {
        ResourceCertainty::Certain => inner,
        ResourceCertainty::Perhaps(_) => outer.clone(),
    }
}

fn keyed(items: ForEachItems, open: Option<String>) -> Expansion<RepeatedItem> {
    let item = |(key, (value, certainty)): (Arc<str>, (TemplateValue, ResourceCertainty))| {
        let text = TemplateValue::text(key.clone(), value.place.clone());
        let each = EachScope { key: Some(text), value: Some(value), index: None };
        let key = ExpansionKey::Key(key);
        (key.clone(), RepeatedItem { key, each: Some(Rc::new(each)), certainty })
    };
    Expansion { shape: ExpansionShape::ForEach, items: items.into_iter().map(item).collect(), open }
}

/// One instance that stands for all those of a `for_each` that is not known.
fn open_item(of: &str, why: String, place: &Place) -> Expansion<RepeatedItem> {
    let unknown = |name: &str| {
        let name = format!("{name} of {}", of.trim_start_matches("${").trim_end_matches('}'));
        Some(TemplateValue::unknown(why.clone(), Some(name.into()), Some(place.clone())))
    };
    let each = EachScope { key: unknown("each.key"), value: unknown("each.value"), index: None };
    let item = RepeatedItem {
        key: ExpansionKey::Open,
        each: Some(Rc::new(each)),
        certainty: ResourceCertainty::Perhaps(why.clone()),
    };
    Expansion { shape: ExpansionShape::ForEach, items: vec![(ExpansionKey::Open, item)], open: Some(why) }
}

/// What a reference to a block with instances stands for, before anything is taken of it.
pub(super) fn listed<T>(
    expansion: &Expansion<T>,
    steps: &[AccessStep],
    address: &Arc<str>,
    doubt: &Cell<bool>,
    place: &Place,
    make: impl Fn(&T) -> Evaluated,
) -> Evaluated {
    if let Some(why) = &expansion.open {
        doubt.set(true);
        let is_there = matches!(steps.first(), Some(AccessStep::Index(index)) if has_item(expansion, index));
        if !is_there {
            return Ok(TemplateValue::unknown(why.clone(), Some(address.clone()), Some(place.clone())));
        }
    }
    let place = Some(place.clone());
    match expansion.shape {
        ExpansionShape::Single => expansion
            .items
            .first()
            .map_or_else(|| Err(format!("{address} is not there")), |(_, item)| make(item)),
        ExpansionShape::Count => {
            let items = expansion.items.iter().map(|(_, item)| make(item)).collect::<Result<_, _>>()?;
            Ok(TemplateValue::list(items, place))
        }
        ExpansionShape::ForEach => {
            let mut fields = Vec::with_capacity(expansion.items.len());
            for (key, item) in &expansion.items {
                if let ExpansionKey::Key(key) = key {
                    fields.push((key.clone(), make(item)?));
                }
            }
            Ok(TemplateValue::map(fields, place))
        }
    }
}

/// Whether an index that is written out names an instance.
fn has_item<T>(expansion: &Expansion<T>, index: &HclExpr) -> bool {
    let ExprKind::Value(value) = &index.kind else { return false };
    expansion.items.iter().any(|(key, _)| match (key, &value.kind) {
        (ExpansionKey::Index(at), ValueKind::Number(number)) => number.as_u64() == u64::try_from(*at).ok(),
        (ExpansionKey::Key(key), ValueKind::Text(text)) => key == text,
        _ => false,
    })
}
