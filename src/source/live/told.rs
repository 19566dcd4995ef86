//! What calls told: resources, and what is missing beside them. Nothing that failed is forgotten.

use super::client::Listed;
use super::failure::{Failure, FailureKind};
use crate::snapshot::{NotCollected, UnknownKind, section};
use crate::value::Pointer;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A call that failed, and so what is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    /// The call: `eks:DescribeAddon`.
    pub(super) api: &'static str,
    /// What it said.
    pub(super) cause: Cause,
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The call failed.
    Failed(Failure),
    /// There is nothing to know, or not for this account.
    NotApplicable(String),
    /// The VPC is another account's, which alone may see this.
    SharedVpc(String),
    /// The user did not ask for it.
    NotRequested(String),
}

impl Why {
    /// A failed call.
    pub(super) fn failed(api: &'static str, failure: Failure) -> Self {
        Self { api, cause: Cause::Failed(failure) }
    }

    /// Whether the resource is gone rather than unknown.
    pub(super) fn is_gone(&self) -> bool {
        matches!(&self.cause, Cause::Failed(failure) if failure.kind == FailureKind::NotFound)
    }

    /// The entry of `notCollected`. A refusal that the cluster's kind explains misses nothing.
    pub(super) fn entry(&self, at: Pointer, kind_explains: bool) -> NotCollected {
        let (kind, reason) = match &self.cause {
            Cause::Failed(failure) => {
                let kind = match failure.kind {
                    FailureKind::Denied => UnknownKind::Denied,
                    FailureKind::Refused | FailureKind::NotFound if kind_explains => {
                        UnknownKind::NotApplicable
                    }
                    _ => UnknownKind::Error,
                };
                (kind, failure.reason())
            }
            Cause::NotApplicable(reason) => (UnknownKind::NotApplicable, reason.clone()),
            Cause::SharedVpc(reason) => (UnknownKind::SharedVpc, reason.clone()),
            Cause::NotRequested(reason) => (UnknownKind::NotRequested, reason.clone()),
        };
        let action = section::calls().find(|call| call.api == self.api).map(|call| call.action.clone());
        let action = action.filter(|_| kind == UnknownKind::Denied);
        NotCollected { at, kind, reason, api: Some(self.api.to_owned()), action }
    }
}

/// One resource, and which of its fields are missing (none: whatever it lacks).
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) missing: Vec<(Option<&'static str>, Why)>,
}

impl Item {
    /// A resource that is known in full.
    pub(super) fn whole(value: Value) -> Self {
        Self { value, missing: Vec::new() }
    }

    /// A resource of which only this is known.
    pub(super) fn stub(value: Value, why: Why) -> Self {
        Self { value, missing: vec![(None, why)] }
    }

    /// A resource as its description says; else what else is known of it, and why that is all.
    pub(super) fn described(
        api: &'static str,
        answer: Result<Value, Failure>,
        stub: impl FnOnce() -> Value,
    ) -> Self {
        answer.map_or_else(|failure| Self::stub(stub(), Why::failed(api, failure)), Self::whole)
    }

    /// Whether a call about it said that it is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.missing.iter().any(|(_, why)| why.is_gone())
    }

    /// Adds a field, or why it is missing.
    pub(super) fn put(&mut self, field: &'static str, value: Result<Value, Why>) {
        match (value, &mut self.value) {
            (Ok(value), Value::Object(fields)) => {
                fields.insert(field.to_owned(), value);
            }
            (Ok(_), _) => {}
            (Err(why), _) => self.missing.push((Some(field), why)),
        }
    }
}

/// The list that a call gave, or why it is not complete.
pub(super) fn complete(api: &'static str, listed: Listed) -> Result<Vec<Value>, Why> {
    match listed.failure {
        None => Ok(listed.items),
        Some(failure) => Err(Why::failed(api, failure)),
    }
}

/// One section, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) items: Vec<Item>,
    /// Why items may be missing that exist.
    pub(super) why: Option<Why>,
    /// Whether the section is there at all.
    pub(super) known: bool,
}

impl Told {
    /// All of these, and no more.
    pub(super) fn all(items: Vec<Item>) -> Self {
        Self { items, why: None, known: true }
    }

    /// Nothing is known.
    pub(super) fn nothing(why: Why) -> Self {
        Self { items: Vec::new(), why: Some(why), known: false }
    }

    /// What a list call gave in full.
    pub(super) fn listed(api: &'static str, listed: Listed) -> Self {
        let items = listed.items.into_iter().map(Item::whole).collect();
        Self { items, why: listed.failure.map(|failure| Why::failed(api, failure)), known: listed.any }
    }

    /// What several calls told of a section: each resource once.
    pub(super) fn joined(section: &'static str, told: impl IntoIterator<Item = Self>) -> Self {
        let mut pool = Pool::default();
        told.into_iter().for_each(|told| pool.add(section, told));
        pool.0.remove(section).unwrap_or_else(|| Self::all(Vec::new()))
    }

    /// The one object of a section that is one.
    pub(super) fn object(api: &'static str, answer: Result<Value, Failure>) -> Self {
        match answer {
            Ok(value) => Self::all(vec![Item::whole(value)]),
            Err(failure) => Self::nothing(Why::failed(api, failure)),
        }
    }
}

/// The sections that several clusters share, by name.
#[derive(Debug, Default)]
pub(super) struct Pool(pub(super) BTreeMap<&'static str, Told>);

impl Pool {
    /// A section is complete only as far as those are that name its items.
    pub(super) fn as_far_as(&mut self, section: &'static str, by: &[&'static str]) {
        let why = by.iter().find_map(|name| self.0.get(name)?.why.clone());
        if let (Some(told), Some(why)) = (self.0.get_mut(section), why) {
            told.why.get_or_insert(why);
        }
    }

    /// Adds what one more call told of a section: each resource once.
    pub(super) fn add(&mut self, section: &'static str, told: Told) {
        let Some(known) = self.0.get_mut(section) else {
            self.0.insert(section, told);
            return;
        };
        let key = |item: &Item| key(section, &item.value);
        let keys: std::collections::HashSet<_> = known.items.iter().filter_map(key).collect();
        let new = told.items.into_iter().filter(|item| key(item).is_none_or(|key| !keys.contains(&key)));
        known.items.extend(new);
        known.why = known.why.take().or(told.why);
        known.known |= told.known;
    }

    /// The resources of a section.
    pub(super) fn values(&self, section: &str) -> impl Iterator<Item = &Value> {
        self.0.get(section).into_iter().flat_map(|told| &told.items).map(|item| &item.value)
    }
}

/// What tells a resource apart in its section.
fn key(section: &str, value: &Value) -> Option<String> {
    let section = section::by_name(section)?;
    let text = |field: &String| {
        value.get(field).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    match &section.key {
        Some(field) => text(field),
        None => {
            section.compound_key.iter().map(text).collect::<Option<Vec<_>>>().map(|parts| parts.join(":"))
        }
    }
}

/// A field's text.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    value.get(field)?.as_str()
}

/// The items of a list; none for anything else.
pub(super) fn items<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// An object of texts.
pub(super) fn object<'v>(fields: impl IntoIterator<Item = (&'v str, &'v str)>) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}
