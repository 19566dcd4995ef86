//! What the launch template of a node group says about the network of nodes that it will start.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>

use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::Unknown;

/// The launch template version that a node group uses; none if it has no template of its own.
pub(super) fn of_nodegroup<'s>(
    view: SnapshotView<'s>,
    nodegroup: &ResourceView<'s>,
) -> Known<Option<ResourceView<'s>>> {
    let Some(template) = nodegroup.object(&["launchTemplate"])? else { return Ok(None) };
    let (id, version) = (template.reference("id")?, template.reference("version")?);
    let found = view.find("launchTemplateVersions", &format!("{id}:{version}"))?;
    let missing = || {
        let symbol = view.literal(id).and_then(|()| view.literal(version)).err();
        symbol.unwrap_or_else(|| Unknown::undecided(format!("launchTemplateVersions has no {id}:{version}")))
    };
    found.ok_or_else(missing).map(Some)
}

/// The security groups that new nodes get: the template's, which replace the cluster security
/// group, else that one and the one for remote access.
pub(super) fn planned_groups<'s>(
    view: SnapshotView<'s>,
    nodegroup: &ResourceView<'s>,
    template: Option<ResourceView<'s>>,
) -> Known<Vec<&'s str>> {
    if let Some(template) = template {
        let own = template_groups(&template)?;
        if !own.is_empty() {
            return Ok(own);
        }
    }
    let cluster = view.vpc_config_id("securityGroups", "clusterSecurityGroupId")?;
    let remote =
        nodegroup.optional_id_under("securityGroups", &["resources", "remoteAccessSecurityGroup"])?;
    Ok(std::iter::once(cluster).chain(remote).collect())
}

/// The image that the launch template of a node group names.
pub(crate) fn image_of_nodegroup<'s>(view: SnapshotView<'s>, nodegroup: &ResourceView<'s>) -> Known<&'s str> {
    let template = of_nodegroup(view, nodegroup)?.ok_or_else(|| nodegroup.absent(&["launchTemplate"]))?;
    template.text_under(&["LaunchTemplateData", "ImageId"])
}

/// The groups that a template names. What it does not set is not in it.
fn template_groups<'s>(template: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    let Some(data) = template.object(DATA)? else { return Ok(Vec::new()) };
    let mut groups = match interfaces(&data)?.first() {
        Some(first) => first.optional_ids_in("securityGroups", "Groups")?,
        None => Vec::new(),
    };
    groups.extend(data.optional_ids_in("securityGroups", "SecurityGroupIds")?);
    Ok(groups)
}

const DATA: &[&str] = &["LaunchTemplateData"];

fn interfaces<'s>(data: &ObjectView<'s>) -> Known<Vec<ObjectView<'s>>> {
    data.optional_objects(&["LaunchTemplateData", "NetworkInterfaces", "*"])?.collect()
}

/// Whether new nodes get a public address: what the template says, else what the subnet does. With
/// several interfaces EC2 assigns none.
pub(super) fn assigns_public_address(
    view: SnapshotView<'_>,
    template: Option<ResourceView<'_>>,
    subnet: &str,
) -> Known<bool> {
    let data = template.map(|template| template.object(DATA)).transpose()?.flatten();
    let interfaces = data.map(|data| interfaces(&data)).transpose()?;
    let own = match interfaces.as_deref().unwrap_or_default() {
        [] => None,
        [only] => only.optional_flag("AssociatePublicIpAddress")?,
        _ => Some(false),
    };
    match own {
        Some(own) => Ok(own),
        None => view.get("subnets", subnet)?.flag("MapPublicIpOnLaunch"),
    }
}
