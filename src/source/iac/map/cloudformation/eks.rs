//! What of EKS no row can say.

use super::super::super::mapped::MappedResource;
use super::super::super::template::{Template, TemplateResource};
use super::super::super::value::{TemplateValue, ValueKind};
use super::super::eks::{
    AddonNames, ClusterNames, NodeGroupNames, complete_addon, complete_cluster, complete_node_group,
};
use super::super::{fields, set};

const CLUSTER: ClusterNames = ClusterNames {
    name: "Name",
    ip_family: "KubernetesNetworkConfig.IpFamily",
    public_access_cidrs: "ResourcesVpcConfig.PublicAccessCidrs",
    group: "ClusterSecurityGroupId",
    vpc: "VpcId",
};

/// The custom resource by which the AWS CDK makes clusters: `Config` is what it asks the API for.
const CLUSTER_OF_CDK: ClusterNames = ClusterNames {
    name: "Config.name",
    ip_family: "Config.kubernetesNetworkConfig.ipFamily",
    public_access_cidrs: "Config.resourcesVpcConfig.publicAccessCidrs",
    group: "ClusterSecurityGroupId",
    vpc: "VpcId",
};

const NODE_GROUP: NodeGroupNames = NodeGroupNames {
    launch_template: "LaunchTemplate",
    update_config: "UpdateConfig",
    disk_size: "DiskSize",
    instance_types: "InstanceTypes",
    ami_type: "AmiType",
    remote_access: "RemoteAccess",
    remote_access_group: "RemoteAccessSecurityGroup",
};

const ADDON: AddonNames = AddonNames {
    associations: "PodIdentityAssociations",
    namespace: "NamespaceConfig.Namespace",
    cluster: "ClusterName",
    service_account: "ServiceAccount",
    role: "RoleArn",
    arn: "Arn",
};

/// What EKS makes with a cluster. What it makes of an empty list of addresses, nobody says.
pub(super) fn cluster(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete(resource, &CLUSTER, mapped);
}

/// The same for a cluster of the AWS CDK.
pub(super) fn cluster_of_cdk(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete(resource, &CLUSTER_OF_CDK, mapped);
}

fn complete(resource: &TemplateResource, names: &ClusterNames, mapped: &mut MappedResource) {
    let given = fields::find(&resource.values, names.public_access_cidrs).value();
    if let Some(list) = given
        && matches!(&list.kind, ValueKind::List(items) if items.is_empty())
        && let Some(cluster) = mapped.items.last_mut()
    {
        let words =
            "the list of `PublicAccessCidrs` is empty, and EKS does not say what that means; leave it out";
        let unknown = TemplateValue::unknown(words, None, list.place.clone());
        set(cluster, &["resourcesVpcConfig", "publicAccessCidrs"], unknown);
    }
    complete_cluster(resource, names, mapped);
}

/// What EKS fills in.
pub(super) fn node_group(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete_node_group(resource, &NODE_GROUP, mapped);
}

/// An add-on makes the Pod Identity associations that it has.
pub(super) fn addon(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete_addon(resource, &ADDON, mapped);
}
