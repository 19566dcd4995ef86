//! A VPC that another account shares. Of some sections AWS tells a participant nothing about what is the
//! owner's, and answers with an empty list; `sections.json` says which. An empty list is then no answer.

use super::section::{self, Section};
use super::unknown::{Unknown, UnknownKind};
use crate::value::Json;
use bumpalo::Bump;

/// The VPC of a cluster that belongs to another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedVpc<'t> {
    owner: &'t str,
}

impl<'t> SharedVpc<'t> {
    /// What says whose a VPC is: itself, and each of its subnets.
    pub fn witnesses() -> impl Iterator<Item = &'static Section> {
        ["vpc", "subnets"].into_iter().filter_map(section::by_name)
    }

    /// Whether the VPC of a cluster is another account's, as the first of some resources says that is
    /// the VPC or in it. A VPC without id is any. What is no account id says nothing of whose it is.
    pub fn of(
        account: Option<&str>,
        vpc: Option<&str>,
        mut resources: impl Iterator<Item = Json<'t>>,
    ) -> Option<Self> {
        let text = |node: Json<'t>, field: &str| node.get(field).and_then(|node| node.as_str());
        let is_of = |node: Json<'t>| vpc.is_none_or(|vpc| text(node, "VpcId") == Some(vpc));
        let owner = resources.find_map(|node| text(node, "OwnerId").filter(|_| is_of(node)))?;
        let is_other = |account: &str| account != owner && [account, owner].into_iter().all(is_account_id);
        account.is_some_and(is_other).then_some(Self { owner })
    }

    /// Why a participant does not see something, as text.
    pub fn reason(self) -> String {
        format!("the VPC belongs to {}, which alone may see this", self.owner)
    }

    /// Why something of a section is unknown.
    pub fn unknown(self, section: &Section, at: &str) -> Unknown {
        let api = section.describe_call().map(|call| call.api.clone());
        let action = None;
        Unknown { kind: UnknownKind::SharedVpc, api, action, ..Unknown::invalid(self.reason(), at) }
    }
}

/// Whether a text is the id of an AWS account: twelve digits.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The fields of a resource that a participant may not see: those that are empty.
pub fn hidden_fields(section: &'static Section, node: Json<'_>) -> Vec<&'static str> {
    let is_empty = |field: &&str| matches!(node.get(field), None | Some(Json::Null | Json::List([])));
    section.owner_only_fields.iter().map(String::as_str).filter(is_empty).collect()
}

/// A resource without some of its fields.
pub fn without<'t>(node: Json<'t>, fields: &[&str], arena: &'t Bump) -> Json<'t> {
    match node {
        Json::Object(object) if !fields.is_empty() => {
            Json::object(arena, object.entries().iter().filter(|(name, _)| !fields.contains(name)).copied())
        }
        _ => node,
    }
}
