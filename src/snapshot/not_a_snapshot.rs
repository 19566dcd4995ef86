//! What documents are that are no snapshots, in words that say the way out.

use super::envelope::{self, Envelope};
use super::repeated::Repeated;
use super::section::Section;
use super::template::{REFERENCES, TEMPLATE_VERSION, TemplateSource};
use crate::text::bounded;
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
        "looks like the output of `aws {0}`, which says nothing without the rest: put it into a folder with the output of `aws eks describe-cluster`, and scan the folder, or join them with `ekslint snapshot import DIR -o FILE`"
    )]
    Fragment(&'static str),
    /// A snapshot of another version of ekslint.
    #[error(
        "has schemaVersion {0}; this version of ekslint reads schemaVersion 1 and 2: use a newer one, or write the snapshot again"
    )]
    SchemaVersion(String),
    /// A snapshot of a template that says of itself what cannot be.
    #[error("{0}")]
    Template(String),
    /// The answer of a call that ekslint does not read, and what to save instead.
    #[error("is the output of `aws {0}`, which ekslint does not read: {1}")]
    Unread(&'static str, &'static str),
    /// It is ours, but nothing can be said of it without its cluster.
    #[error("{0}")]
    Alone(String),
    /// It says something twice.
    #[error("{0}")]
    Repeated(Repeated),
    /// Something else.
    #[error("is not a snapshot of an EKS cluster but {0}")]
    Other(String),
}

/// The version of a snapshot that was made of a template.
const TEMPLATE: Json<'static> = Json::Int(TEMPLATE_VERSION);
/// The versions that are read.
const VERSIONS: [Json<'static>; 2] = [Json::Int(1), TEMPLATE];

/// What a snapshot has that only those of templates have.
fn needs_template_version(object: &Object<'_>) -> Option<&'static str> {
    let has = |field: &str| object.get(field).is_some_and(|node| !node.is_null());
    let is_ours = has("schemaVersion");
    let of_source = (is_ours && has(TemplateSource::FIELD)).then_some(TemplateSource::FIELD);
    has(REFERENCES).then_some(REFERENCES).or(of_source)
}

/// Fails for documents that are known to be something else.
pub(super) fn refuse(object: &Object<'_>) -> Result<(), NotASnapshot> {
    let text = |field: &str| object.get(field).and_then(|node| node.as_str());
    let version = object.get("schemaVersion");
    if let Some(version) = version.filter(|version| !VERSIONS.contains(version)) {
        return Err(NotASnapshot::SchemaVersion(bounded(&version.to_string())));
    }
    if let Some(field) = needs_template_version(object).filter(|_| version != Some(TEMPLATE)) {
        let reason = format!("has `{field}`, which needs `\"schemaVersion\": {TEMPLATE_VERSION}`");
        return Err(NotASnapshot::Template(reason));
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

/// Answers that are often saved beside those that are read: the fields that they have, the command, and what to do.
const UNREAD: [(&[&str], &str, &str); 3] = [
    (
        &["SecurityGroupRules"],
        "ec2 describe-security-group-rules",
        "save that of `aws ec2 describe-security-groups`, which has the same rules",
    ),
    (
        &["UserId", "Account", "Arn"],
        "sts get-caller-identity",
        "remove the file; it says nothing of a cluster",
    ),
    (
        &["addonName", "addonVersion", "configurationSchema"],
        "eks describe-addon-configuration",
        "save that of `aws eks describe-addon`",
    ),
];

/// What a document is that holds something of ours, and nothing that can be said without its cluster. `row` is the answer,
/// `names` are the names that it holds where it holds nothing else.
pub(crate) fn alone(row: Option<&Envelope>, section: Option<&Section>, names: &[&str]) -> NotASnapshot {
    let folder = "a folder with the output of `aws eks describe-cluster`, and scan the folder";
    let title = section.map_or("", |section| section.name.as_str());
    let describe = section.and_then(envelope::describing).map(|row| row.command);
    let what = row.map_or_else(
        || format!("holds {title} alone"),
        |row| format!("is the output of `aws {}`", row.command),
    );
    NotASnapshot::Alone(match (names.first(), describe) {
        (Some(name), _) if title == "regionClusters" => format!(
            "{what}, which holds only names: save that of `aws eks describe-cluster --name {}` for each, or scan the live clusters (`ekslint scan --region REGION`)",
            bounded(name)
        ),
        (Some(_), Some(describe)) => {
            format!("{what}, which holds only names: save that of `aws {describe}` for each in {folder}")
        }
        _ => format!("{what}, of which nothing can be evaluated without its cluster: put it into {folder}"),
    })
}

/// What an object is, in words, that fills no section.
pub(super) fn not_a_snapshot(object: &Object<'_>) -> NotASnapshot {
    let has =
        |fields: &[&str]| fields.iter().all(|field| object.get(field).is_some_and(|node| !node.is_null()));
    if let Some((_, command, instead)) = UNREAD.iter().find(|(fields, ..)| has(fields)) {
        return NotASnapshot::Unread(command, instead);
    }
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
