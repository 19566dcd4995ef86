//! Whom the API server admits as a node, for people: what a kubelet meets that got there.

use super::{FlowEnd, Listed};
use crate::facts::iam::{Iam, NodeRole, NodeUser};
use crate::facts::known::Known;
use crate::facts::network::nodes::NodeKind;
use crate::snapshot::Unknown;
use crate::value::Pointer;

/// Whether the API server admits the nodes that come with a role.
#[derive(Clone, Debug)]
pub struct NodeAdmission {
    /// The role's ARN; none for hybrid nodes.
    pub role: Option<String>,
    /// Whose nodes come with it, in words.
    pub used_by: Vec<String>,
    /// Those of them that flows are shown of.
    ends: Vec<(NodeKind, String)>,
    /// Whether they are admitted.
    pub admitted: Known<bool>,
    /// Why, in a sentence about the role.
    pub reason: String,
    /// Where the role is named.
    pub place: Pointer,
}

impl NodeAdmission {
    /// Whether it is about the end of a flow.
    pub fn is_about(&self, end: FlowEnd, name: &str) -> bool {
        matches!(end, FlowEnd::Nodes(kind) if self.ends.iter().any(|(known, of)| *known == kind && of == name))
    }
}

/// The roles that nodes come with.
pub(super) fn node_roles(iam: &Iam<'_>) -> Known<Listed<NodeAdmission>> {
    let (roles, more) = iam.node_roles()?;
    let items = roles.into_iter().map(admission).collect();
    Ok(Listed { items, more: more.into_iter().collect::<Vec<Unknown>>() })
}

fn admission(found: NodeRole<'_>) -> NodeAdmission {
    let end = |user: &NodeUser<'_>| match user {
        NodeUser::Placed(kind, name) => Some((*kind, (*name).to_owned())),
        NodeUser::BuiltInPools | NodeUser::Hybrid => None,
    };
    NodeAdmission {
        role: found.role.map(str::to_owned),
        used_by: found.used_by.iter().map(NodeUser::title).collect(),
        ends: found.used_by.iter().filter_map(end).collect(),
        admitted: found.admitted,
        reason: found.reason,
        place: found.place,
    }
}
