//! The functions of CloudFormation. What is not known stays unknown, with its reason.

use super::condition::{is_equal, same};
use super::eval::{StackEvaluator, StackValue};
use super::symbols::ISSUER;
use super::tree::{StackNode, StackNodeKind};
use super::values::{of_parts, parts_of, scalar_text, symbol, unknown, why_unknown};
use crate::source::iac::{Place, TemplateValue, TextPart, UnknownValue, ValueKind};
use crate::text::bounded;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// The most blocks of addresses that `Fn::Cidr` gives.
const MAX_BLOCKS: usize = 256;

impl StackEvaluator {
    /// What a function gives; nothing for `AWS::NoValue`.
    pub(super) fn call(&self, name: &str, argument: &StackNode, place: &Place) -> StackValue {
        Some(match name {
            "Ref" => match argument.as_str() {
                Some(name) => return self.reference(name, place),
                // Functions may say the name where the template has the transform AWS::LanguageExtensions.
                None => match self.argument(argument, place) {
                    name if name.as_str().is_some() => {
                        return self.reference(name.as_str().unwrap_or_default(), place);
                    }
                    _ => unknown("what Ref names is not known", place),
                },
            },
            "Fn::If" => return self.choice(argument, place),
            "Fn::GetAtt" => self.get_att(argument, place),
            "Fn::Sub" => self.sub(argument, place),
            "Fn::Join" => self.join(argument, place),
            "Fn::Split" => self.split(argument, place),
            "Fn::Select" => return self.select(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Cidr" => self.cidr(argument, place),
            "Fn::Base64" => self.base64(argument, place),
            "Fn::ToJsonString" => self.to_json(argument, place),
            "Fn::Length" => self.length(argument, place),
            "Fn::ImportValue" => self.import(argument, place),
            "Fn::GetAZs" => self.zones(argument, place),
            "Fn::Transform" => unknown("Fn::Transform makes it of what is not in the template", place),
            name => unknown(format!("{} is not worked out", bounded(name)), place),
        })
    }

    /// The value of an argument; nothing counts as not known.
    fn argument(&self, node: &StackNode, place: &Place) -> TemplateValue {
        self.value(node, None).unwrap_or_else(|| unknown("AWS::NoValue is no argument", place))
    }

    fn choice(&self, argument: &StackNode, place: &Place) -> StackValue {
        let [condition, yes, no] = argument.items() else {
            return Some(unknown("Fn::If takes a condition and two values", place));
        };
        let Some(name) = condition.as_str() else {
            return Some(unknown("Fn::If names no condition", place));
        };
        let key = place.range();
        let side = |side: &StackNode| {
            // A list or an object has no key of its own here.
            let is_scalar = !matches!(side.kind, StackNodeKind::List(_) | StackNodeKind::Map(_));
            self.value(side, if is_scalar { None } else { Some(&key) })
        };
        let state = self.decides(name);
        match state.holds {
            Some(true) => side(yes),
            Some(false) => side(no),
            None => match (side(yes), side(no)) {
                (None, None) => None,
                (Some(yes), Some(no)) if same(&yes, &no) == Some(true) && is_equal(&yes, &no) => Some(yes),
                _ => Some(unknown(state.why, place)),
            },
        }
    }

    fn get_att(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let (resource, attribute) = match (argument.as_str(), argument.items()) {
            (Some(text), _) => match text.split_once('.') {
                Some((resource, attribute)) => (resource.to_owned(), attribute.to_owned()),
                None => return unknown(format!("Fn::GetAtt of {} names no attribute", bounded(text)), place),
            },
            (None, [resource, attribute]) => {
                let [resource, attribute] = [resource, attribute].map(|node| self.argument(node, place));
                match (resource.as_str(), attribute.as_str()) {
                    (Some(resource), Some(attribute)) => (resource.to_owned(), attribute.to_owned()),
                    _ => return unknown("which attribute Fn::GetAtt names is not known", place),
                }
            }
            _ => return unknown("Fn::GetAtt takes a resource and an attribute", place),
        };
        self.attribute(&resource, &attribute, place)
    }

    fn sub(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let (text, own) = match (argument.as_str(), argument.items()) {
            (Some(text), _) => (text, HashMap::new()),
            (None, [text, variables]) if text.as_str().is_some() => {
                let entries = variables.entries().iter();
                let value = |node: &StackNode| self.argument(node, place);
                let own = entries.map(|entry| (&*entry.key, value(&entry.value))).collect();
                (text.as_str().unwrap_or_default(), own)
            }
            _ => return unknown("Fn::Sub takes a text", place),
        };
        let mut is_sensitive = false;
        let mut parts = Vec::new();
        let mut first: Option<TemplateValue> = None;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            rest = after;
            parts.push(TextPart::Literal(before.into()));
            if let Some(literal) = name.strip_prefix('!') {
                parts.push(TextPart::Literal(format!("${{{literal}}}").into()));
                continue;
            }
            let name = name.trim();
            let value = match own.get(name) {
                Some(value) => value.clone(),
                None => self.named(name, place),
            };
            is_sensitive |= value.sensitive;
            match parts_of(&value) {
                Ok(more) => parts.extend(more),
                Err(words) => return unknown(format!("{}: {words}", bounded(name)), place),
            }
            first.get_or_insert(value);
        }
        parts.push(TextPart::Literal(rest.into()));
        let value = of_parts(parts, place);
        // Through which parameter it came is said of the first.
        let via = first.and_then(|first| first.place).filter(|first| first.via.is_some());
        TemplateValue { sensitive: is_sensitive, place: via.or(value.place), ..value }
    }

    /// What a name in `Fn::Sub` stands for.
    fn named(&self, name: &str, place: &Place) -> TemplateValue {
        match name.split_once('.') {
            Some((resource, attribute)) => self.attribute(resource, attribute, place),
            None => self.reference(name, place).unwrap_or_else(|| TemplateValue::null(Some(place.clone()))),
        }
    }

    fn join(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let [delimiter, list] = argument.items() else {
            return unknown("Fn::Join takes a text and a list", place);
        };
        let list = self.argument(list, place);
        let (Some(delimiter), ValueKind::List(items)) = (delimiter.as_str(), &list.kind) else {
            return not_known(&list, "what Fn::Join joins is no list", place);
        };
        let mut parts = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                parts.push(TextPart::Literal(delimiter.into()));
            }
            match parts_of(item) {
                Ok(more) => parts.extend(more),
                Err(words) => return unknown(words, place),
            }
        }
        let sensitive = list.sensitive || items.iter().any(|item| item.sensitive);
        TemplateValue { sensitive, ..of_parts(parts, place) }
    }

    fn split(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let [delimiter, text] = argument.items() else {
            return unknown("Fn::Split takes two texts", place);
        };
        let value = self.argument(text, place);
        match (delimiter.as_str(), value.as_str()) {
            (Some(delimiter), Some(text)) if !delimiter.is_empty() => {
                let item = |item: &str| TemplateValue {
                    sensitive: value.sensitive,
                    ..TemplateValue::text(item, value.place.clone())
                };
                TemplateValue::list(text.split(delimiter).map(item).collect(), Some(place.clone()))
            }
            (Some(delimiter), None) => match split_issuer(&value, delimiter) {
                Some(parts) => {
                    let item = |part| of_parts(vec![part], place);
                    TemplateValue::list(parts.into_iter().map(item).collect(), Some(place.clone()))
                }
                None => derived(&value, "Fn::Split", place),
            },
            _ => derived(&value, "Fn::Split", place),
        }
    }

    fn select(&self, argument: &StackNode, place: &Place) -> StackValue {
        let [index, list] = argument.items() else {
            return Some(unknown("Fn::Select takes a number and a list", place));
        };
        let index = self.argument(index, place);
        let at = match &index.kind {
            ValueKind::Number(number) => number.as_u64(),
            ValueKind::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(at) = at.and_then(|at| usize::try_from(at).ok()) else {
            return Some(not_known(&index, "which item Fn::Select takes is not known", place));
        };
        let list = self.argument(list, place);
        Some(match &list.kind {
            ValueKind::List(items) => match items.get(at) {
                Some(item) => item.clone(),
                None => unknown(format!("the list has no item {at}"), place),
            },
            ValueKind::Symbol(of) => {
                let attribute =
                    if of.attribute.is_empty() { String::new() } else { format!("{}[{at}]", of.attribute) };
                symbol(format!("{}[{at}]", of.name).into(), of.resource.as_ref(), &attribute, place)
            }
            ValueKind::Unknown(of) => {
                let name = of.name.as_ref().map(|name| Arc::from(format!("{name}[{at}]")));
                TemplateValue::unknown(of.reason.clone(), name, Some(place.clone()))
            }
            _ => unknown("what Fn::Select takes from is no list", place),
        })
    }

    /// A value of a mapping. Where a key is not known, and all that it may lead to is the same, it is that.
    fn find_in_map(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let [map, first, second, default @ ..] = argument.items() else {
            return unknown("Fn::FindInMap takes a mapping and two keys", place);
        };
        let keys = [map, first, second].map(|key| self.argument(key, place));
        let [map, first, second] = &keys;
        let fallback = || {
            let value = default.first().and_then(|default| default.get("DefaultValue"))?;
            Some(self.argument(value, place))
        };
        let Some(map) = map.as_str().and_then(|map| self.mappings.as_ref()?.get(map)) else {
            return fallback().unwrap_or_else(|| not_known(map, "there is no such mapping", place));
        };
        let chosen = |node: &Rc<StackNode>, key: &TemplateValue| -> Vec<Rc<StackNode>> {
            match scalar_text(key) {
                Some(key) => node.get(&key).into_iter().cloned().collect(),
                None => node.entries().iter().map(|entry| Rc::clone(&entry.value)).collect(),
            }
        };
        let found: Vec<_> = chosen(map, first).iter().flat_map(|inner| chosen(inner, second)).collect();
        let why = why_unknown(first).or_else(|| why_unknown(second));
        let values: Vec<_> = found.iter().map(|node| self.argument(node, place)).collect();
        match (values.split_first(), why) {
            (None, None) => fallback().unwrap_or_else(|| unknown("the mapping has no such key", place)),
            (None, Some(why)) => unknown(why, place),
            (Some((value, [])), None) => value.clone(),
            (Some((value, others)), why) => {
                let is_same = default.is_empty() && others.iter().all(|other| is_equal(value, other));
                match is_same && value.is_known() {
                    true => value.clone(),
                    false => {
                        unknown(why.unwrap_or_else(|| "which value it takes is not known".to_owned()), place)
                    }
                }
            }
        }
    }

    fn cidr(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let arguments: Vec<_> = argument.items().iter().map(|item| self.argument(item, place)).collect();
        let [block, count, bits @ ..] = arguments.as_slice() else {
            return unknown("Fn::Cidr takes a block and a number", place);
        };
        if let Some(why) = arguments.iter().find_map(why_unknown) {
            return unknown(why, place);
        }
        let number = |value: &TemplateValue| scalar_text(value)?.trim().parse::<u32>().ok();
        let bits = bits.first().map_or(Some(8), number);
        let blocks = || blocks_of(block.as_str()?, usize::try_from(number(count)?).ok()?, bits?);
        match blocks() {
            Some(blocks) => {
                let item = |block: IpNet| TemplateValue::text(block.to_string(), Some(place.clone()));
                TemplateValue::list(blocks.into_iter().map(item).collect(), Some(place.clone()))
            }
            None => unknown("Fn::Cidr has no such blocks", place),
        }
    }

    fn base64(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let value = self.argument(argument, place);
        match value.as_str() {
            Some(text) => {
                TemplateValue { kind: ValueKind::Text(STANDARD.encode(text).into()), ..value.clone() }
            }
            None => not_known(&value, "what Fn::Base64 encodes is no text", place),
        }
    }

    fn to_json(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let value = self.argument(argument, place);
        let sensitive = value.sensitive;
        match json_of(&value) {
            Some(json) => {
                TemplateValue { sensitive, ..TemplateValue::text(json.to_string(), Some(place.clone())) }
            }
            None => not_known(&value, "what Fn::ToJsonString writes is not known", place),
        }
    }

    fn length(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let value = self.argument(argument, place);
        match &value.kind {
            ValueKind::List(items) => {
                TemplateValue::new(ValueKind::Number(items.len().into()), Some(place.clone()))
            }
            _ => not_known(&value, "what Fn::Length counts is no list", place),
        }
    }

    /// What another stack exports is there, and not known.
    fn import(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let value = self.argument(argument, place);
        match value.join_key() {
            Some(name) => symbol(format!("Fn::ImportValue({})", plain(&name)).into(), None, "", place),
            None => not_known(&value, "the name of the export is not known", place),
        }
    }

    /// The zones of a region are there, and not known.
    fn zones(&self, argument: &StackNode, place: &Place) -> TemplateValue {
        let region = self.argument(argument, place).join_key().unwrap_or_default();
        match plain(&region).as_str() {
            "" | "AWS::Region" => symbol("Fn::GetAZs".into(), None, "", place),
            region => symbol(format!("Fn::GetAZs({region})").into(), None, "", place),
        }
    }
}

/// A name without the signs of symbols in it: it is within one.
fn plain(name: &str) -> String {
    name.replace("${", "").replace('}', "")
}

/// A value that is unknown because another one is; the words are for one that is something else than asked for.
fn not_known(value: &TemplateValue, words: &str, place: &Place) -> TemplateValue {
    let found = unknown(why_unknown(value).unwrap_or_else(|| words.to_owned()), place);
    TemplateValue { sensitive: value.sensitive, ..found }
}

/// What a function makes of a value that is not known: the same wherever it is written so.
fn derived(value: &TemplateValue, function: &str, place: &Place) -> TemplateValue {
    let reason = why_unknown(value).unwrap_or_else(|| format!("what {function} takes is no text"));
    let name = value.join_key().filter(|_| !value.is_known());
    let name = name.map(|name| Arc::from(format!("{function}({})", plain(&name))));
    let kind = ValueKind::Unknown(Arc::new(UnknownValue { reason, name }));
    TemplateValue { sensitive: value.sensitive, ..TemplateValue::new(kind, Some(place.clone())) }
}

/// The issuer of a cluster without its scheme, as trusts have it: what is not known of it has no two slashes.
fn split_issuer(value: &TemplateValue, delimiter: &str) -> Option<Vec<TextPart>> {
    let ValueKind::Mixed(parts) = &value.kind else { return None };
    let [TextPart::Literal(scheme), TextPart::Symbol(rest)] = &**parts else { return None };
    let before = scheme.strip_suffix(delimiter).filter(|_| delimiter.contains("//"))?;
    (&*rest.attribute == ISSUER)
        .then(|| vec![TextPart::Literal(before.into()), TextPart::Symbol(Arc::clone(rest))])
}

fn blocks_of(block: &str, count: usize, bits: u32) -> Option<Vec<IpNet>> {
    let block: IpNet = block.parse().ok()?;
    let length = u8::try_from(u32::from(block.max_prefix_len()).checked_sub(bits)?).ok()?;
    let blocks: Vec<_> = block.subnets(length).ok()?.take(count.min(MAX_BLOCKS)).collect();
    (blocks.len() == count).then_some(blocks)
}

/// A known value as JSON.
fn json_of(value: &TemplateValue) -> Option<serde_json::Value> {
    use serde_json::Value;
    Some(match &value.kind {
        ValueKind::Null => Value::Null,
        ValueKind::Bool(value) => Value::Bool(*value),
        ValueKind::Number(number) => Value::Number(number.clone()),
        ValueKind::Text(text) => Value::String(text.to_string()),
        ValueKind::List(items) => Value::Array(items.iter().map(json_of).collect::<Option<_>>()?),
        ValueKind::Map(fields) => {
            let field = |(name, value): (&Arc<str>, _)| Some((name.to_string(), json_of(value)?));
            Value::Object(fields.iter().map(field).collect::<Option<_>>()?)
        }
        ValueKind::Mixed(_) | ValueKind::Symbol(_) | ValueKind::Unknown(_) => return None,
    })
}
