//! The arguments and blocks of resources, with `dynamic` blocks.

use super::config::block_name;
use super::eval::is_set;
use super::evaluator::{Evaluated, Evaluator, ResourceHandle};
use super::limits::MAX_DYNAMIC_BLOCKS;
use super::reference::shown_at_key;
use super::scope::{EvalScope, LoopName};
use super::syntax::{ExprKind, HclBlock, HclBody};
use crate::source::iac::{Place, TemplateValue};
use std::sync::Arc;

/// The blocks of one name: those that there are, or why that is not known.
enum BlockList {
    Known(Vec<TemplateValue>),
    Open(String),
}

impl Evaluator<'_> {
    /// An argument of a resource, or its blocks of a name; none if there are none.
    pub(super) fn argument(&self, handle: &ResourceHandle, name: &Arc<str>) -> Option<TemplateValue> {
        let body = &handle.module.resource(handle.resource.index).body;
        let called = || format!("{}.{name}", handle.resource.address);
        if let Some(attribute) = body.attribute(name) {
            if let ExprKind::Value(value) = &attribute.value.kind {
                return Some(value.clone());
            }
            return Some(self.once(&handle.resource.fields, name, &called, &attribute.value.place, || {
                let value = self.eval(&attribute.value, handle.scope())?;
                Ok(shown_at_key(value, &attribute.key, &attribute.value.place))
            }));
        }
        let blocks: Vec<&HclBlock> = body.blocks.iter().filter(|block| block_name(block) == name).collect();
        let place = block_place(blocks.first()?).clone();
        let value = self.once(&handle.resource.fields, name, &called, &place, || {
            self.blocks(&blocks, &place, handle.scope())
        });
        // All of them are dynamic, and there is none.
        (!value.items().is_empty() || value.is_unknown()).then_some(value)
    }

    /// All that a resource says.
    pub(super) fn arguments_of(&self, handle: &ResourceHandle) -> Vec<(Arc<str>, TemplateValue)> {
        let body = &handle.module.resource(handle.resource.index).body;
        let names = body.attributes.iter().map(|attribute| &attribute.name).chain(block_names(body));
        names.filter_map(|name| Some((name.clone(), self.argument(handle, name)?))).collect()
    }

    /// Blocks of one name as a list.
    fn blocks(&self, blocks: &[&HclBlock], place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let mut found = Vec::with_capacity(blocks.len());
        for block in blocks {
            if &*block.kind != "dynamic" {
                found.push(self.body_value(&block.body, &block.key, scope)?);
                continue;
            }
            match self.dynamic(block, scope)? {
                BlockList::Known(mut more) => found.append(&mut more),
                BlockList::Open(why) => {
                    let reason = format!(
                        "the for_each of the dynamic {} blocks is not known: {why}",
                        block_name(block)
                    );
                    return Ok(TemplateValue::unknown(reason, None, Some(place.clone())));
                }
            }
            if found.len() > MAX_DYNAMIC_BLOCKS {
                return Err(format!("it has more than {MAX_DYNAMIC_BLOCKS} {} blocks", block_name(block)));
            }
        }
        Ok(TemplateValue::list(found, Some(place.clone())))
    }

    /// A body as an object.
    fn body_value(&self, body: &HclBody, place: &Place, scope: EvalScope<'_>) -> Evaluated {
        self.budget.enter()?;
        let value = self.body_fields(body, place, scope);
        self.budget.leave();
        Ok(TemplateValue::map(value?, Some(place.clone())))
    }

    fn body_fields(
        &self,
        body: &HclBody,
        place: &Place,
        scope: EvalScope<'_>,
    ) -> Result<Vec<(Arc<str>, TemplateValue)>, String> {
        let mut fields: Vec<(Arc<str>, TemplateValue)> = Vec::with_capacity(body.attributes.len());
        for attribute in &body.attributes {
            let value = self.eval_or_unknown(&attribute.value, scope);
            fields
                .push((attribute.name.clone(), shown_at_key(value, &attribute.key, &attribute.value.place)));
        }
        for name in block_names(body) {
            let blocks: Vec<&HclBlock> =
                body.blocks.iter().filter(|block| block_name(block) == name).collect();
            let first = blocks.first().map_or(place, |block| block_place(block));
            let value = self.blocks(&blocks, first, scope)?;
            if !value.items().is_empty() || value.is_unknown() {
                fields.push((name.clone(), value));
            }
        }
        Ok(fields)
    }

    /// The blocks that a dynamic block makes.
    fn dynamic(&self, block: &HclBlock, scope: EvalScope<'_>) -> Result<BlockList, String> {
        let name = block_name(block);
        let Some(for_each) = block.body.attribute("for_each") else {
            return Err(format!("the dynamic {name} block has no for_each"));
        };
        let collection = self.eval(&for_each.value, scope)?;
        let entries = match self.entries(&collection, is_set(&for_each.value))? {
            Ok(_) if collection.loose => return Ok(BlockList::Open(super::unknown::reason_of(&collection))),
            Ok(entries) => entries,
            Err(why) => return Ok(BlockList::Open(why)),
        };
        if entries.len() > MAX_DYNAMIC_BLOCKS {
            return Err(format!("more than {MAX_DYNAMIC_BLOCKS} dynamic {name} blocks are not evaluated"));
        }
        let iterator =
            block.body.attribute("iterator").and_then(|iterator| iterator.value.words().first().cloned());
        let iterator = iterator.unwrap_or_else(|| name.clone());
        let mut found = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let item = TemplateValue::map([("key", key), ("value", value)], None);
            let inner = LoopName { name: &iterator, value: &item, outer: scope.names, moves: true };
            for content in block.body.blocks_of("content") {
                found.push(self.body_value(&content.body, block_place(block), scope.with(&inner))?);
            }
        }
        Ok(BlockList::Known(found))
    }
}

/// The names of the blocks of a body, each once.
fn block_names(body: &HclBody) -> Vec<&Arc<str>> {
    let mut names: Vec<&Arc<str>> = Vec::new();
    for name in body.blocks.iter().map(block_name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What a block shows: its first word; for a dynamic one its label.
fn block_place(block: &HclBlock) -> &Place {
    match block.labels.first() {
        Some(label) if &*block.kind == "dynamic" => &label.place,
        _ => &block.key,
    }
}
