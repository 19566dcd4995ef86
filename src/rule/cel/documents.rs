//! `json()`: the document within a text, at the price of what it becomes. An alias of YAML stands for all of what
//! it names, so a few hundred bytes may be a million values: they are counted before there is one of them.

use super::budget;
use super::call::{Args, CallResult, Function, function, own, text};
use super::error::invalid;
use super::types::Ty;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use granit_parser::{Event, Parser};
use std::collections::HashMap;

pub(super) const FUNCTIONS: &[Function] = &[function("json", 1..=1, Ty::Str, Ty::Dyn, own(json))];

/// What a value costs that an alias stands for.
const VALUE: usize = 8;

/// The most values that the aliases of a text may stand for. No rule can be blamed for a text of the snapshot that is
/// made to burst.
const MAX_ALIASED: usize = 200_000;

/// The value of a JSON or YAML text.
fn json<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let source = text("json", args[0].as_ref())?;
    budget::pay(source.len())?;
    let value = match serde_json::from_str(source) {
        Ok(value) => Some(value),
        Err(_) => {
            // YAML is read again, and takes longer.
            budget::pay(source.len())?;
            if let Some(aliased) = aliased(source) {
                if aliased.values > MAX_ALIASED {
                    return invalid("the aliases of a text of YAML expand to too much");
                }
                budget::pay(aliased.values.saturating_mul(VALUE))?;
                budget::pay_made(aliased.bytes)?;
            }
            serde_saphyr::from_str::<serde_json::Value>(source).ok()
        }
    };
    match value {
        Some(serde_json::Value::Null) => invalid("a text holds nothing"),
        Some(value) => Ok(CowVal::Owned(from_json(value))),
        None => invalid("a text is neither JSON nor YAML"),
    }
}

/// How much a node of YAML holds, aliases put in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct NodeSize {
    values: usize,
    bytes: usize,
}

impl NodeSize {
    fn add(&mut self, other: Self) {
        self.values = self.values.saturating_add(other.values);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What the aliases of a text of YAML stand for, all in all. None if it has no aliases.
fn aliased(source: &str) -> Option<NodeSize> {
    // Of most texts this is all that needs to be looked at.
    if !source.contains('*') {
        return None;
    }
    let mut sizes = AliasSizes::default();
    // What is wrong with the text, its reader says.
    for event in Parser::new_from_str(source) {
        let Ok((event, _)) = event else { break };
        sizes.next(&event);
    }
    (sizes.aliased.values > 0).then_some(sizes.aliased)
}

/// Adds up, event by event, what aliases stand for.
#[derive(Default)]
struct AliasSizes {
    /// The collections that are open, each with its anchor.
    open: Vec<(usize, NodeSize)>,
    anchors: HashMap<usize, NodeSize>,
    aliased: NodeSize,
}

impl AliasSizes {
    fn next(&mut self, event: &Event<'_>) {
        match event {
            Event::Scalar(text, _, anchor, _) => self.end(*anchor, NodeSize { values: 1, bytes: text.len() }),
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                self.open.push((*anchor, NodeSize { values: 1, bytes: 0 }));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((anchor, size)) = self.open.pop() {
                    self.end(anchor, size);
                }
            }
            Event::Alias(anchor) => {
                let size = self.anchors.get(anchor).copied().unwrap_or_default();
                self.aliased.add(size);
                self.end(0, size);
            }
            _ => {}
        }
    }

    fn end(&mut self, anchor: usize, size: NodeSize) {
        if anchor != 0 {
            self.anchors.insert(anchor, size);
        }
        if let Some((_, around)) = self.open.last_mut() {
            around.add(size);
        }
    }
}

fn from_json<'v>(value: serde_json::Value) -> Box<dyn Val + 'v> {
    use serde_json::Value;
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(value)),
        Value::Number(number) => match number.as_i64() {
            Some(int) => Box::new(CelInt::from(int)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Value::String(text) => Box::new(CelString::from(text)),
        Value::Array(items) => Box::new(CelList::from(items.into_iter().map(from_json).collect::<Vec<_>>())),
        Value::Object(fields) => {
            let present = fields.into_iter().filter(|(_, value)| !value.is_null());
            let entry = |(key, value)| (CelMapKey::String(CelString::from(key)), from_json(value));
            Box::new(CelMap::from(present.map(entry).collect::<HashMap<_, _>>()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeSize, aliased};

    #[test]
    fn aliases_count_for_all_that_they_stand_for() {
        let size = |values, bytes| Some(NodeSize { values, bytes });
        for (source, expected) in [
            ("a: [x, y]", None),
            ("a: '*'", None),
            ("a: &a xyz\nb: *a", size(1, 3)),
            ("a: &a [x, y]\nb: *a\nc: *a", size(6, 4)),
            // The second list holds two of the first, and stands twice in the third.
            ("- &a [x]\n- &b [*a, *a]\n- [*b, *b]", size(2 * 2 + 2 * (1 + 2 * 2), 2 + 2 * 2)),
            ("a: &a {k: v}\nb: {<<: *a}", size(3, 2)),
            // An alias within what it names is a mistake, and costs nothing.
            ("&a [x, *a]", None),
        ] {
            assert_eq!(aliased(source), expected, "{source}");
        }
        let mut doubling = "- &a0 [x]\n".to_owned();
        for at in 1..200 {
            doubling.push_str(&format!("- &a{at} [*a{0}, *a{0}]\n", at - 1));
        }
        assert_eq!(aliased(&doubling).map(|size| size.values), Some(usize::MAX));
    }
}
