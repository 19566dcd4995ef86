//! Reads facts back: a value, or why it is not known.

use super::super::known::Known;
use crate::snapshot::Unknown;
use crate::value::{Node, Pointer};

/// A field.
pub(super) fn get<'s>(node: Node<'s>, name: &str) -> Known<Node<'s>> {
    match (node, node.get(name)) {
        (Node::Unknown(reason), _) | (_, Some(Node::Unknown(reason))) => Err(Unknown::of(reason)),
        (_, Some(field)) => Ok(field),
        (_, None) => Err(absent(name)),
    }
}

fn absent(name: &str) -> Unknown {
    Unknown::undecided(format!("{name} is not worked out"))
}

fn read<T>(node: Node<'_>, name: &str, read: impl FnOnce(Node<'_>) -> Option<T>) -> Known<T> {
    get(node, name).and_then(|field| read(field).ok_or_else(|| absent(name)))
}

/// A text.
pub(super) fn text(node: Node<'_>, name: &str) -> Known<String> {
    read(node, name, |field| field.as_str().map(str::to_owned))
}

/// A yes or no.
pub(super) fn flag(node: Node<'_>, name: &str) -> Known<bool> {
    read(node, name, |field| field.as_bool())
}

/// A whole number.
pub(super) fn integer(node: Node<'_>, name: &str) -> Known<i64> {
    read(node, name, |field| match field {
        Node::Int(number) => Some(number),
        _ => None,
    })
}

/// A number.
pub(super) fn number(node: Node<'_>, name: &str) -> Known<f64> {
    read(node, name, |field| match field {
        Node::Double(number) => Some(number),
        Node::Int(number) => Some(number as f64),
        _ => None,
    })
}

/// A list.
pub(super) fn list<'s>(node: Node<'s>, name: &str) -> Known<Node<'s>> {
    get(node, name).and_then(|field| match field {
        Node::List(_) => Ok(field),
        _ => Err(absent(name)),
    })
}

/// A list of texts.
pub(super) fn texts(node: Node<'_>, name: &str) -> Known<Vec<String>> {
    let texts = |field: Node<'_>| {
        let items = field.as_list()?.iter();
        Some(items.filter_map(|item| item.as_str().map(str::to_owned)).collect())
    };
    read(node, name, texts)
}

/// The items of a list that are known, and why others are not; each reason once.
pub(super) fn items(node: Known<Node<'_>>) -> (Vec<Node<'_>>, Vec<Unknown>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    match node {
        Err(why) => unknown.push(why),
        Ok(list) => {
            for item in list.as_list().unwrap_or_default() {
                match item {
                    Node::Unknown(reason) => unknown.push(Unknown::of(reason)),
                    item => known.push(*item),
                }
            }
        }
    }
    unknown.sort();
    unknown.dedup();
    (known, unknown)
}

/// The fields of an object that are known.
pub(super) fn entries(node: Node<'_>) -> impl Iterator<Item = (&str, Node<'_>)> {
    let entries = node.as_object().map(|object| object.entries()).unwrap_or_default();
    entries.iter().copied()
}

/// Where a fact follows from.
pub(super) fn origin(node: Node<'_>) -> Option<Pointer> {
    let origin = node.as_object()?.origin()?;
    (!origin.is_empty()).then(|| Pointer::parse(origin))
}
