//! What documents are that are no snapshots, in words that say the way out.

use super::envelope;
use super::repeated::Repeated;
use crate::value::{Json, Object};

/// What a JSON document is instead of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASnapshot {
    /// The body of a failed API call.
    #[error("is an AWS error answer, not a snapshot: {0}")]
    ErrorAnswer(String),
    /// The answer of a call that changes something.
    #[error(
        "is the answer to a change ({0}), not the description of a cluster; save the output of `aws eks describe-cluster` instead"
    )]
    UpdateAnswer(String),
    /// The answer of a call that tells a part of a resource.
    #[error(
        "looks like the output of `aws {0}`, which can only be judged together with the rest: join them with `ekslint snapshot import DIR -o FILE`"
    )]
    Fragment(&'static str),
    /// A snapshot of another version of ekslint.
    #[error("has schemaVersion {0}; this version of ekslint reads schemaVersion 1")]
    SchemaVersion(String),
    /// It says something twice.
    #[error("{0}")]
    Repeated(Repeated),
    /// Something else.
    #[error("is not a snapshot of an EKS cluster but {0}")]
    Other(String),
}

/// Fails for documents that are known to be something else.
pub(super) fn refuse(object: &Object<'_>) -> Result<(), NotASnapshot> {
    let text = |field: &str| object.get(field).and_then(|node| node.as_str());
    if let Some(version) = object.get("schemaVersion").filter(|version| *version != Json::Int(1)) {
        return Err(NotASnapshot::SchemaVersion(version.to_string()));
    }
    if let Some(error) = object.get("Error") {
        let part = |field| error.get(field).and_then(|node| node.as_str()).unwrap_or("?");
        return Err(NotASnapshot::ErrorAnswer(format!("{}: {}", part("Code"), part("Message"))));
    }
    let code = text("__type").or(text("code")).or(text("Code"));
    let message = text("message").or(text("Message"));
    if let (Some(message), true) = (message, code.is_some() || object.entries().len() == 1) {
        let code = code.map_or_else(String::new, |code| format!("{code}: "));
        return Err(NotASnapshot::ErrorAnswer(format!("{code}{message}")));
    }
    let update = object.get("update").filter(|_| object.get("schemaVersion").is_none());
    if let Some(Json::Str(kind)) = update.and_then(|update| update.get("type")) {
        return Err(NotASnapshot::UpdateAnswer(kind.to_owned()));
    }
    Ok(())
}

/// What an object is, in words, that fills no section.
pub(super) fn not_a_snapshot(object: &Object<'_>) -> NotASnapshot {
    let row = envelope::of_field(object).or_else(|| envelope::of_several(object).map(|(row, _)| row));
    row.map_or_else(|| NotASnapshot::Other(describe(object)), |row| NotASnapshot::Fragment(row.command))
}

/// The first fields of an object, for a message.
fn describe(object: &Object<'_>) -> String {
    let names: Vec<_> = object.entries().iter().take(3).map(|(name, _)| format!("\"{name}\"")).collect();
    match names.is_empty() {
        true => "an empty object".to_owned(),
        false => format!("an object with {}", names.join(", ")),
    }
}
