//! `Fn::ForEach` of the transform AWS::LanguageExtensions: what loops make of a collection that is known.

use super::eval::StackEvaluator;
use super::keys::is_loop;
use super::tree::{StackEntry, StackNode, StackNodeKind};
use super::values::{scalar_text, why_unknown};
use crate::source::iac::{Place, TemplateValue, ValueKind};
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// The most values and bytes of text that the loops of one object make.
const MAX_MADE_VALUES: usize = 300_000;
const MAX_MADE_BYTES: usize = 16 << 20;

/// Entries with those that loops make, and the loops that were not expanded, each with the reason.
pub(super) struct ExpandedEntries<'e> {
    pub(super) entries: Cow<'e, [StackEntry]>,
    pub(super) failed: Vec<(StackEntry, String)>,
}

/// What may be made still.
struct LoopBudget {
    values: Cell<usize>,
    bytes: Cell<usize>,
}

/// What an identifier stands for.
struct LoopItem<'l> {
    /// The identifier itself, and as it is written in texts: `${Id}`, `&{Id}`.
    name: &'l str,
    written: [String; 2],
    /// The value, and the same without what no logical id may have.
    value: String,
    plain: String,
}

impl StackEvaluator {
    /// Entries with what loops among them make in their place.
    pub(super) fn expanded<'e>(&self, entries: &'e [StackEntry]) -> ExpandedEntries<'e> {
        let mut failed = Vec::new();
        if !entries.iter().any(|entry| is_loop(&entry.key)) {
            return ExpandedEntries { entries: Cow::Borrowed(entries), failed };
        }
        let budget = LoopBudget { values: Cell::new(MAX_MADE_VALUES), bytes: Cell::new(MAX_MADE_BYTES) };
        let mut made = Vec::new();
        for entry in entries {
            if !is_loop(&entry.key) {
                made.push(entry.clone());
            } else if let Err(why) = self.repeat(entry, &budget, &mut made) {
                failed.push((entry.clone(), why));
            }
        }
        ExpandedEntries { entries: Cow::Owned(made), failed }
    }

    /// Adds what one loop makes.
    fn repeat(
        &self,
        entry: &StackEntry,
        budget: &LoopBudget,
        made: &mut Vec<StackEntry>,
    ) -> Result<(), String> {
        let [name, collection, body] = entry.value.items() else {
            return Err("Fn::ForEach takes a name, a list and an object".to_owned());
        };
        let name = name.as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| "Fn::ForEach names nothing".to_owned())?;
        let from = made.len();
        for value in self.collection(collection)? {
            let item = LoopItem::new(name, value);
            for inner in body.entries() {
                let inner = self.with(inner, &item, budget)?;
                match is_loop(&inner.key) {
                    true => self.repeat(&inner, budget, made).inspect_err(|_| made.truncate(from))?,
                    false => made.push(inner),
                }
            }
        }
        Ok(())
    }

    /// The texts that a loop goes through.
    fn collection(&self, node: &StackNode) -> Result<Vec<String>, String> {
        let nothing = || "what Fn::ForEach goes through is no list".to_owned();
        let value = self.value(node, None).ok_or_else(nothing)?;
        if let Some(why) = why_unknown(&value) {
            return Err(why);
        }
        let text = |item: &TemplateValue| scalar_text(item).ok_or_else(nothing);
        match &value.kind {
            ValueKind::List(items) => items.iter().map(text).collect(),
            _ => Err(nothing()),
        }
    }

    fn with(
        &self,
        entry: &StackEntry,
        item: &LoopItem<'_>,
        budget: &LoopBudget,
    ) -> Result<StackEntry, String> {
        let key = match item.put_into(&entry.key) {
            Some(key) => budget.text(&key)?,
            None => Rc::clone(&entry.key),
        };
        Ok(StackEntry {
            key,
            key_range: entry.key_range.clone(),
            value: self.substituted(&entry.value, item, budget)?,
        })
    }

    /// A node with the value in the place of the identifier. What has none in it stays shared.
    fn substituted(
        &self,
        node: &Rc<StackNode>,
        item: &LoopItem<'_>,
        budget: &LoopBudget,
    ) -> Result<Rc<StackNode>, String> {
        if !self.load.step() {
            return Err("evaluating the template takes too many steps".to_owned());
        }
        let kind = match &node.kind {
            StackNodeKind::Text(text) => match item.put_into(text) {
                Some(text) => StackNodeKind::Text(budget.text(&text)?),
                None => return Ok(Rc::clone(node)),
            },
            StackNodeKind::List(items) => {
                let items = items.iter().map(|inner| self.substituted(inner, item, budget));
                StackNodeKind::List(items.collect::<Result<_, _>>()?)
            }
            StackNodeKind::Map(entries) => match entries.as_slice() {
                [only] if &*only.key == "Ref" && only.value.as_str() == Some(item.name) => {
                    StackNodeKind::Text(budget.text(&item.value)?)
                }
                entries => {
                    let entries = entries.iter().map(|inner| self.with(inner, item, budget));
                    StackNodeKind::Map(entries.collect::<Result<_, _>>()?)
                }
            },
            StackNodeKind::Null
            | StackNodeKind::Bool(_)
            | StackNodeKind::Number(_)
            | StackNodeKind::Ambiguous(_) => return Ok(Rc::clone(node)),
        };
        budget.value()?;
        Ok(Rc::new(StackNode::new(kind, node.range.clone())))
    }

    /// An object with loops in it. If one of them is not known, it is not.
    pub(super) fn looped(&self, entries: &[StackEntry], place: Place) -> TemplateValue {
        let expanded = self.expanded(entries);
        if let Some((_, why)) = expanded.failed.first() {
            return TemplateValue::unknown(format!("Fn::ForEach: {why}"), None, Some(place));
        }
        let fields = expanded.entries.iter();
        let fields = fields.filter_map(|entry| Some((Arc::from(&*entry.key), self.of_entry(entry)?)));
        TemplateValue::map::<Arc<str>>(fields, Some(place))
    }
}

impl<'l> LoopItem<'l> {
    fn new(name: &'l str, value: String) -> Self {
        let plain = value.chars().filter(char::is_ascii_alphanumeric).collect();
        Self { name, written: [format!("${{{name}}}"), format!("&{{{name}}}")], value, plain }
    }

    /// A text with the value in the place of the identifier; none if it is not in it.
    fn put_into(&self, text: &str) -> Option<String> {
        let [whole, plain] = &self.written;
        if !text.contains(whole) && !text.contains(plain) {
            return None;
        }
        Some(text.replace(whole, &self.value).replace(plain, &self.plain))
    }
}

impl LoopBudget {
    fn value(&self) -> Result<(), String> {
        let left = self.values.get().checked_sub(1);
        self.values.set(left.ok_or_else(too_much)?);
        Ok(())
    }

    fn text(&self, text: &str) -> Result<Rc<str>, String> {
        let left = self.bytes.get().checked_sub(text.len());
        self.bytes.set(left.ok_or_else(too_much)?);
        Ok(text.into())
    }
}

fn too_much() -> String {
    format!("it makes more than {MAX_MADE_VALUES} values")
}
