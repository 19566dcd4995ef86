//! Why something could not be judged. Grouped by these reasons, the summary says what to do.

use super::{Section, section};
pub use crate::value::UnknownKind;
use crate::value::{Json, Reason};
use bumpalo::Bump;
use serde::Serialize;

/// A reason for which a rule was not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// Which sort of reason.
    pub kind: UnknownKind,
    /// The reason in words, without the place.
    pub reason: String,
    /// The place in a snapshot, as a JSON pointer; positions in lists are written `*`.
    pub at: String,
    /// The API call that would tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The IAM action that allows that call, where it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
}

impl Unknown {
    /// A section that the snapshot does not have.
    pub fn section_absent(section: &Section) -> Self {
        Self {
            kind: UnknownKind::NotInSnapshot,
            reason: format!("{} is not in the snapshot", section.name),
            at: format!("/{}", section.name),
            api: section.describe_call().map(|call| call.api.clone()),
            action: None,
        }
    }

    /// The section that the snapshot does not have, if that is the reason and an API call would tell.
    pub fn absent_section(&self) -> Option<&str> {
        let section = self.at.strip_prefix('/')?;
        let is_absent = self.reason.strip_suffix(" is not in the snapshot") == Some(section);
        (self.kind == UnknownKind::NotInSnapshot && self.api.is_some() && is_absent).then_some(section)
    }

    /// The same of a snapshot that was made of a template: what it lacks no call tells, before it was applied.
    #[must_use]
    pub fn in_template(self) -> Self {
        let lacks = matches!(
            self.kind,
            UnknownKind::NotInSnapshot | UnknownKind::Incomplete | UnknownKind::FieldAbsent
        );
        if !lacks {
            return self;
        }
        let kind = if self.is_of_running() { UnknownKind::NotInTemplate } else { UnknownKind::UntilApply };
        let reason = self.reason.replace(" in the snapshot", " in the template");
        Self { kind, reason, api: None, action: None, ..self }
    }

    /// Whether it is a field that only a running cluster shows.
    fn is_of_running(&self) -> bool {
        let mut names = self.at.split('/').skip(1);
        let Some(section) = names.next().and_then(section::by_name) else { return false };
        let names: Vec<_> = names.skip(usize::from(section.is_list())).collect();
        let path = names.join(".");
        let is_within = |field: &String| {
            path.strip_prefix(field.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        section.running_fields.iter().any(is_within)
    }

    /// A section that the snapshot has, and not as AWS documents it.
    pub fn unreadable(section: &Section, node: &Json<'_>) -> Self {
        let wanted = if section.is_list() { "a list of objects" } else { "an object" };
        let reason = match node {
            Json::List(_) => format!("{} is a list without a {}", section.name, section.title),
            node => format!("{} is {}, not {wanted}", section.name, node.kind()),
        };
        Self { kind: UnknownKind::Invalid, reason, ..Self::section_absent(section) }
    }

    /// A section with an item that could be anything.
    pub fn unreadable_item(section: &Section, item: &Json<'_>) -> Self {
        let reason = format!("an item of {} is {}, not an object", section.name, item.kind());
        Self { kind: UnknownKind::Invalid, reason, ..Self::section_absent(section) }
    }

    /// A section of which the snapshot holds names only.
    pub fn section_incomplete(section: &Section) -> Self {
        Self {
            kind: UnknownKind::Incomplete,
            reason: format!("{} is not complete in the snapshot", section.name),
            ..Self::section_absent(section)
        }
    }

    /// A section of which the snapshot holds the first page only.
    pub fn cut(section: &Section) -> Self {
        Self {
            reason: format!("{} is cut off in the snapshot: more pages follow", section.name),
            ..Self::section_incomplete(section)
        }
    }

    /// An item of which the snapshot holds what a list call says, and not its description.
    pub fn summary(section: &Section) -> Self {
        let at =
            if section.is_list() { format!("/{}/*", section.name) } else { format!("/{}", section.name) };
        Self {
            reason: format!("only a summary of the {} is in the snapshot", section.title),
            at,
            ..Self::section_incomplete(section)
        }
    }

    /// A field that the snapshot does not have, at a pointer of the snapshot.
    pub fn field_absent(at: &str, api: Option<String>) -> Self {
        let name = at.rsplit('/').next().unwrap_or(at);
        let reason = format!("{name} is not in the snapshot");
        Self { kind: UnknownKind::FieldAbsent, reason, at: generalised(at), api, action: None }
    }

    /// A value that could not be used.
    pub fn invalid(reason: String, at: &str) -> Self {
        Self { kind: UnknownKind::Invalid, reason, at: generalised(at), api: None, action: None }
    }

    /// What a node of the tree says.
    pub fn of(reason: &Reason<'_>) -> Self {
        Self {
            kind: reason.kind,
            reason: reason.words.to_owned(),
            at: reason.at.to_owned(),
            api: reason.api.map(str::to_owned),
            action: reason.action.map(str::to_owned),
        }
    }

    /// As a node of the tree carries it.
    pub fn in_arena<'t>(&self, arena: &'t Bump) -> &'t Reason<'t> {
        let text = |text: &str| -> &'t str { arena.alloc_str(text) };
        arena.alloc(Reason {
            kind: self.kind,
            words: text(&self.reason),
            at: text(&self.at),
            api: self.api.as_deref().map(text),
            action: self.action.as_deref().map(text),
        })
    }

    /// Something that could not be worked out.
    pub fn undecided(reason: String) -> Self {
        Self { kind: UnknownKind::Undecided, reason, at: String::new(), api: None, action: None }
    }
}

/// A pointer with positions in lists written `*`, so that equal reasons group.
fn generalised(pointer: &str) -> String {
    let star = |segment| match segment {
        s if !str::is_empty(s) && s.bytes().all(|byte| byte.is_ascii_digit()) => "*",
        s => s,
    };
    pointer.split('/').map(star).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::{Unknown, generalised};
    use crate::snapshot::section;

    #[test]
    fn an_absent_section_is_told_from_an_absent_part() {
        let absent = Unknown::section_absent(section::by_name("policies").unwrap());
        assert_eq!(absent.absent_section(), Some("policies"));
        let part =
            Unknown { reason: "the document of x is not in the snapshot".to_owned(), ..absent.clone() };
        assert_eq!(part.absent_section(), None);
        assert_eq!(Unknown { api: None, ..absent }.absent_section(), None);
    }

    #[test]
    fn positions_become_stars() {
        assert_eq!(generalised("/nodegroups/12/subnets/0"), "/nodegroups/*/subnets/*");
        assert_eq!(generalised("/cluster/version"), "/cluster/version");
        assert_eq!(generalised(""), "");
    }
}
