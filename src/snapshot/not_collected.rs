//! An entry of `notCollected`: what a snapshot lacks, and why. The one place that reads and writes it.

use super::unknown::{Unknown, UnknownKind};
use crate::value::{Json, Pointer};
use bumpalo::Bump;
use serde_json::{Map, Value};

/// Something that a snapshot lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCollected {
    /// A section, one of its resources, or a field of one.
    pub at: Pointer,
    /// Which sort of reason.
    pub kind: UnknownKind,
    /// The reason as text.
    pub reason: String,
    /// The API call that would tell.
    pub api: Option<String>,
    /// The IAM action that allows that call, where it was refused.
    pub action: Option<String>,
}

impl NotCollected {
    /// The field of a snapshot that lists them.
    pub const FIELD: &'static str = "notCollected";

    /// The entries of a snapshot. What names no place is none.
    pub fn list(snapshot: Json<'_>) -> Vec<Self> {
        let entries = snapshot.get(Self::FIELD).and_then(|node| node.as_list()).unwrap_or_default();
        entries.iter().filter_map(Self::read).collect()
    }

    /// One entry. Others write them too: a kind that is not known is a failed call.
    fn read(entry: &Json<'_>) -> Option<Self> {
        let text = |field: &str| entry.get(field).and_then(|node| node.as_str()).map(str::to_owned);
        let at = Pointer::parse(&text("at")?);
        let kind = text("kind").and_then(|kind| UnknownKind::parse(&kind)).filter(|kind| is_written(*kind));
        let kind = kind.unwrap_or(UnknownKind::Error);
        Some(Self {
            at,
            kind,
            reason: text("reason").unwrap_or_else(|| "not collected".to_owned()),
            api: text("api"),
            // Most actions are called like the call.
            action: text("action").or(text("api")).filter(|_| kind == UnknownKind::Denied),
        })
    }

    /// What is lacking at a place because of something unknown.
    pub fn of(at: Pointer, unknown: &Unknown) -> Self {
        let kind = if is_written(unknown.kind) { unknown.kind } else { UnknownKind::NotInSnapshot };
        let Unknown { reason, api, action, .. } = unknown.clone();
        Self { at, kind, reason, api, action }
    }

    /// What it means for whoever needs the place.
    pub fn unknown(&self) -> Unknown {
        let Self { kind, reason, api, action, .. } = self.clone();
        Unknown { kind, api, action, ..Unknown::invalid(reason, self.at.as_str()) }
    }

    /// As a value of JSON.
    pub fn to_value(&self) -> Value {
        let fields = self.fields().map(|(name, text)| (name.to_owned(), text.into()));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    /// As a node of a tree.
    pub fn to_node<'t>(&self, arena: &'t Bump) -> Json<'t> {
        Json::object(arena, self.fields().map(|(name, text)| (name, Json::Str(arena.alloc_str(text)))))
    }

    /// Its fields, in the order in which they are written.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fields = [
            ("at", Some(self.at.as_str())),
            ("api", self.api.as_deref()),
            ("action", self.action.as_deref()),
            ("reason", Some(self.reason.as_str())),
            ("kind", Some(self.kind.as_str())),
        ];
        fields.into_iter().filter_map(|(name, text)| Some((name, text?)))
    }
}

/// Whether a snapshot says it of itself. The other kinds follow from what it holds.
fn is_written(kind: UnknownKind) -> bool {
    matches!(
        kind,
        UnknownKind::Denied
            | UnknownKind::Error
            | UnknownKind::NotApplicable
            | UnknownKind::SharedVpc
            | UnknownKind::NotRequested
            | UnknownKind::NotInSnapshot
            | UnknownKind::UntilApply
            | UnknownKind::NotInTemplate
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(entry: &Value) -> Option<NotCollected> {
        NotCollected::read(&Json::of(entry, &Bump::new()))
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        for kind in UnknownKind::ALL.into_iter().filter(|kind| is_written(*kind)) {
            let entry = json!({"at": "/nodegroups/1", "api": "eks:DescribeNodegroup", "kind": kind.as_str(), "reason": "no"});
            let entry = match kind {
                UnknownKind::Denied => {
                    let mut entry = entry;
                    entry["action"] = "eks:Describe*".into();
                    entry
                }
                _ => entry,
            };
            let known = read(&entry).unwrap();
            assert_eq!(known.to_value(), entry);
            let arena = Bump::new();
            assert_eq!(serde_json::to_value(known.to_node(&arena)).unwrap(), entry);
            assert_eq!(NotCollected::of(known.at.clone(), &known.unknown()), known);
        }
    }

    #[test]
    fn what_others_write_is_understood() {
        assert_eq!(read(&json!({"reason": "no place"})), None);
        let plain = read(&json!({"at": "/subnets"})).unwrap();
        assert_eq!((plain.kind, plain.reason.as_str()), (UnknownKind::Error, "not collected"));
        for kind in ["incomplete", "Denied", ""] {
            assert_eq!(read(&json!({"at": "/subnets", "kind": kind})).unwrap().kind, UnknownKind::Error);
        }
        let denied = read(&json!({"at": "/vpc", "kind": "denied", "api": "ec2:DescribeVpcs"})).unwrap();
        assert_eq!(denied.action.as_deref(), Some("ec2:DescribeVpcs"));
    }

    #[test]
    fn what_follows_from_the_form_of_a_document_is_not_in_the_snapshot() {
        let unknown = Unknown::field_absent("/cluster/version", None);
        assert_eq!(NotCollected::of(Pointer::root(), &unknown).kind, UnknownKind::NotInSnapshot);
    }
}
