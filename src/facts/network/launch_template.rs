//! What the launch template of a node group says about the network of nodes that it will start.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>

use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView, texts};
use crate::value::Json;

/// The launch template version that a node group uses; none if it has no template of its own.
pub(super) fn of_nodegroup<'s>(
    view: SnapshotView<'s>,
    nodegroup: &ResourceView<'s>,
) -> Known<Option<ResourceView<'s>>> {
    let Some(template) = nodegroup.optional("launchTemplate")? else { return Ok(None) };
    let part = |name| template.get(name).and_then(|node| node.as_str());
    let (Some(id), Some(version)) = (part("id"), part("version")) else {
        return Err(nodegroup.absent(&["launchTemplate", "id"]));
    };
    view.get("launchTemplateVersions", &format!("{id}:{version}")).map(Some)
}

/// The security groups that new nodes get: the template's, which replace the cluster security
/// group, else that one and the one for remote access.
pub(super) fn planned_groups<'s>(
    view: SnapshotView<'s>,
    nodegroup: &ResourceView<'s>,
    template: Option<ResourceView<'s>>,
) -> Known<Vec<&'s str>> {
    if let Some(template) = template {
        let own = template_groups(&template);
        if !own.is_empty() {
            return Ok(own);
        }
    }
    let cluster = view.vpc_config("clusterSecurityGroupId")?.as_str();
    let remote =
        nodegroup.node.at(&["resources", "remoteAccessSecurityGroup"]).and_then(|node| node.as_str());
    Ok(cluster.into_iter().chain(remote).collect())
}

fn template_groups<'s>(template: &ResourceView<'s>) -> Vec<&'s str> {
    let list = |node: Option<Json<'s>>| node.and_then(|node| node.as_list()).unwrap_or_default();
    let data = template.node.get("LaunchTemplateData");
    let interfaces = list(data.and_then(|data| data.get("NetworkInterfaces")));
    let direct = list(data.and_then(|data| data.get("SecurityGroupIds")));
    let first = interfaces.first().and_then(|interface| interface.get("Groups"));
    texts(list(first)).chain(texts(direct)).collect()
}

/// Whether new nodes get a public address: what the template says, else what the subnet does. With
/// several interfaces EC2 assigns none.
pub(super) fn assigns_public_address(
    view: SnapshotView<'_>,
    template: Option<ResourceView<'_>>,
    subnet: &str,
) -> Known<bool> {
    let data = template.as_ref().and_then(|template| template.node.get("LaunchTemplateData"));
    let interfaces = data.and_then(|data| data.get("NetworkInterfaces")).and_then(|node| node.as_list());
    let own = match interfaces.unwrap_or_default() {
        [] => None,
        [only] => only.get("AssociatePublicIpAddress").and_then(|node| node.as_bool()),
        _ => Some(false),
    };
    match own {
        Some(own) => Ok(own),
        None => view.get("subnets", subnet)?.flag("MapPublicIpOnLaunch"),
    }
}
