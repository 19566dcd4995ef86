//! How a person gets to where the traffic of a node can be seen.

use super::command::{CheckValue, CheckValueKind};
use crate::facts::network::instances::{is_of_auto_mode, runs_windows};
use crate::facts::network::nodes::{NodeKind, NodePlacement};
use crate::facts::view::{ResourceView, SnapshotView};

/// A node, and how to get there.
pub(super) struct NodeShell {
    pub(super) way: ShellWay,
    pub(super) instance: CheckValue,
    /// Its name in Kubernetes.
    pub(super) node: CheckValue,
    /// A namespace whose pods run on such nodes. Of Fargate only.
    pub(super) namespace: CheckValue,
    /// Whether it may have a way to the internet.
    pub(super) has_way_out: bool,
}

/// What gives a shell in the network of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShellWay {
    /// Session Manager.
    Session,
    /// Session Manager, with PowerShell.
    Windows,
    /// A pod in the network of the node, as Bottlerocket has no shell.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/eks-optimized-ami-bottlerocket.html>
    Bottlerocket,
    /// A pod in the network of the node, as Auto Mode allows neither SSH nor Session Manager.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/auto-security.html>
    AutoMode,
    /// Nothing. What runs on Fargate shares no network with its kubelet's host that could be looked at.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/fargate.html>
    Fargate,
}

impl NodeShell {
    /// A node of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self {
            way: ShellWay::Session,
            instance: CheckValueKind::Instance.of(None),
            node: CheckValueKind::Node.of(None),
            namespace: CheckValueKind::Namespace.of(None),
            has_way_out: true,
        }
    }
}

/// One of the nodes of a flow.
pub(super) fn of(view: SnapshotView<'_>, nodes: &NodePlacement<'_>, has_way_out: bool) -> NodeShell {
    let running = nodes.running.as_ref();
    let way = match nodes.kind {
        NodeKind::FargateProfile => Some(ShellWay::Fargate),
        NodeKind::Nodegroup => of_family(view, nodes.name).or_else(|| running.and_then(of_instance)),
        NodeKind::Instance => running.and_then(of_instance),
    };
    // Most nodes run Amazon Linux.
    let way = way.unwrap_or(ShellWay::Session);
    NodeShell {
        way,
        instance: CheckValueKind::Instance.of(running.and_then(ResourceView::key)),
        node: CheckValueKind::Node.of(running.and_then(|running| name_of(way, running))),
        namespace: CheckValueKind::Namespace.of(namespace_of(view, nodes)),
        has_way_out,
    }
}

/// By the kind of image of a node group; a custom one says nothing.
fn of_family(view: SnapshotView<'_>, nodegroup: &str) -> Option<ShellWay> {
    let family = view.get("nodegroups", nodegroup).and_then(|group| group.text("amiType")).ok()?;
    match family {
        "CUSTOM" => None,
        family if family.starts_with("BOTTLEROCKET") => Some(ShellWay::Bottlerocket),
        family if family.starts_with("WINDOWS") => Some(ShellWay::Windows),
        _ => Some(ShellWay::Session),
    }
}

fn of_instance(instance: &ResourceView<'_>) -> Option<ShellWay> {
    match (is_of_auto_mode(instance), runs_windows(instance)) {
        (Ok(true), _) => Some(ShellWay::AutoMode),
        (_, Ok(true)) => Some(ShellWay::Windows),
        _ => None,
    }
}

/// The name that a node has in Kubernetes: its private DNS name, in Auto Mode its instance id.
/// <https://docs.aws.amazon.com/eks/latest/userguide/auto-troubleshoot.html>
fn name_of<'s>(way: ShellWay, instance: &ResourceView<'s>) -> Option<&'s str> {
    match way {
        ShellWay::AutoMode => instance.key(),
        _ => instance.optional_text("PrivateDnsName").ok().flatten(),
    }
}

/// The first namespace that a Fargate profile selects.
fn namespace_of<'s>(view: SnapshotView<'s>, nodes: &NodePlacement<'s>) -> Option<&'s str> {
    if nodes.kind != NodeKind::FargateProfile {
        return None;
    }
    let profile = view.get("fargateProfiles", nodes.name).ok()?;
    let selectors = profile.objects_or_unknown(&["selectors", "*"]);
    selectors.into_iter().flatten().find_map(|selector| selector.optional_text("namespace").ok().flatten())
}
