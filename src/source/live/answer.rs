//! What calls answered: resources, and what is missing beside them. Nothing that failed is forgotten.

use super::client::ListAnswer;
use super::failure::{CallFailure, FailureKind};
use crate::snapshot::section;
use crate::source::assemble::{MissingField, MissingKind, MissingReason};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Why a call that failed leaves something unknown.
pub(super) fn failed(api: &'static str, failure: &CallFailure) -> MissingReason {
    let kind = match failure.kind {
        FailureKind::Denied => MissingKind::Denied,
        FailureKind::NotFound => MissingKind::Gone,
        FailureKind::Refused => MissingKind::Refused,
        FailureKind::Credentials | FailureKind::Throttled | FailureKind::Other => MissingKind::Failed,
    };
    MissingReason { api: Some(api), kind, reason: failure.reason() }
}

/// Whether a reason is that the resource is gone.
pub(super) fn says_gone(reason: &MissingReason) -> bool {
    reason.kind == MissingKind::Gone
}

/// One resource, and what is missing of it.
#[derive(Clone, Debug)]
pub(super) struct AnsweredItem {
    /// Shared by all clusters that it belongs to.
    pub(super) value: Arc<Value>,
    pub(super) missing: Vec<MissingField>,
}

impl AnsweredItem {
    /// A resource that is known in full.
    pub(super) fn whole(value: impl Into<Arc<Value>>) -> Self {
        Self { value: value.into(), missing: Vec::new() }
    }

    /// A resource of which only this is known.
    pub(super) fn stub(value: impl Into<Arc<Value>>, reason: MissingReason) -> Self {
        Self { value: value.into(), missing: vec![MissingField { field: None, reason }] }
    }

    /// A resource as its description says; else what else is known of it, and why that is all.
    pub(super) fn described(
        api: &'static str,
        answer: Result<Value, CallFailure>,
        stub: impl FnOnce() -> Value,
    ) -> Self {
        match answer {
            Ok(value) => Self::whole(value),
            Err(failure) => Self::stub(stub(), failed(api, &failure)),
        }
    }

    /// Whether a call about it said that it is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.missing.iter().any(|missing| says_gone(&missing.reason))
    }

    /// Why nothing but its name is known, or some of it is not.
    pub(super) fn first_reason(&self) -> Option<&MissingReason> {
        self.missing.first().map(|missing| &missing.reason)
    }

    /// Adds a field, or why it is missing.
    pub(super) fn put(&mut self, field: &'static str, value: Result<Value, MissingReason>) {
        match value {
            Ok(value) => {
                if let Value::Object(fields) = Arc::make_mut(&mut self.value) {
                    fields.insert(field.to_owned(), value);
                }
            }
            Err(reason) => self.missing.push(MissingField { field: Some(field), reason }),
        }
    }
}

/// The list that a call gave, or why it is not complete.
pub(super) fn complete(api: &'static str, listed: ListAnswer) -> Result<Vec<Value>, MissingReason> {
    match listed.failure {
        None => Ok(listed.items.into_iter().map(Arc::unwrap_or_clone).collect()),
        Some(failure) => Err(failed(api, &failure)),
    }
}

/// One section, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct SectionAnswer {
    pub(super) items: Vec<AnsweredItem>,
    /// Why items may be missing that exist.
    pub(super) missing: Option<MissingReason>,
    /// Whether the section is there at all.
    pub(super) known: bool,
}

impl SectionAnswer {
    /// All of these, and no more.
    pub(super) fn all(items: Vec<AnsweredItem>) -> Self {
        Self { items, missing: None, known: true }
    }

    /// Nothing is known.
    pub(super) fn nothing(reason: MissingReason) -> Self {
        Self { items: Vec::new(), missing: Some(reason), known: false }
    }

    /// What a list call gave in full.
    pub(super) fn listed(api: &'static str, listed: ListAnswer) -> Self {
        let items = listed.items.into_iter().map(AnsweredItem::whole).collect();
        let missing = listed.failure.map(|failure| failed(api, &failure));
        Self { items, missing, known: listed.any }
    }

    /// What several calls answered about a section: each resource once.
    pub(super) fn joined(section: &'static str, answers: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = SectionAnswers::default();
        answers.into_iter().for_each(|answer| joined.add(section, answer));
        joined.0.remove(section).unwrap_or_else(|| Self::all(Vec::new()))
    }

    /// The one object of a section that is one.
    pub(super) fn object(api: &'static str, answer: Result<Value, CallFailure>) -> Self {
        match answer {
            Ok(value) => Self::all(vec![AnsweredItem::whole(value)]),
            Err(failure) => Self::nothing(failed(api, &failure)),
        }
    }
}

/// Several sections, by name: those of one cluster, or those that the clusters of a region share.
#[derive(Debug, Default)]
pub(super) struct SectionAnswers(pub(super) BTreeMap<&'static str, SectionAnswer>);

impl SectionAnswers {
    /// Adds what one more call answered about a section: each resource once.
    pub(super) fn add(&mut self, section: &'static str, answer: SectionAnswer) {
        let Some(known) = self.0.get_mut(section) else {
            self.0.insert(section, answer);
            return;
        };
        let key = |item: &AnsweredItem| key(section, &item.value);
        let keys: HashSet<_> = known.items.iter().filter_map(key).collect();
        let new = answer.items.into_iter().filter(|item| key(item).is_none_or(|key| !keys.contains(&key)));
        known.items.extend(new);
        known.missing = known.missing.take().or(answer.missing);
        known.known |= answer.known;
    }

    /// The resources of a section, and what is missing of them.
    pub(super) fn items(&self, section: &str) -> &[AnsweredItem] {
        self.0.get(section).map_or(&[], |answer| &answer.items)
    }

    /// The resources of a section.
    pub(super) fn values(&self, section: &str) -> impl Iterator<Item = &Value> {
        self.items(section).iter().map(|item| item.value.as_ref())
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
