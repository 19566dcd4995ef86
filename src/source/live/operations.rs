//! The calls that a live scan makes: one row each, under the name that the table of sections and
//! `ekslint permissions` know it by. All of them only read. A row says which field of the answer
//! holds what was asked for, and how the SDK sends it.

use super::failure::CallFailure;
use aws_sdk_ec2::types::{Filter, VpcAttributeName};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::error::Error;
use std::future::Future;

/// One API operation.
pub(super) struct Operation {
    /// Service and operation: `eks:DescribeCluster`.
    pub(super) api: &'static str,
    /// The field of the answer that holds the resources; the whole answer, if it is empty.
    pub(super) field: &'static str,
    /// Sends it. The answer is kept by an interceptor, as it arrives.
    pub(super) send: fn(&Clients, ApiRequest) -> Sent<'_>,
}

/// A call under way.
pub(super) type Sent<'c> = BoxFuture<'c, Result<(), CallFailure>>;

/// The SDK's clients for one region of one account.
pub(super) struct Clients {
    pub(super) eks: aws_sdk_eks::Client,
    pub(super) ec2: aws_sdk_ec2::Client,
    pub(super) iam: aws_sdk_iam::Client,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct ApiRequest {
    named: Vec<(&'static str, String)>,
    ids: Vec<String>,
    filters: Vec<(String, Vec<String>)>,
    page: Option<String>,
    plain: bool,
}

impl ApiRequest {
    /// Everything there is.
    pub(super) fn all() -> Self {
        Self::default()
    }

    /// With a parameter.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.named.push((name, value.into()));
        self
    }

    /// Of one cluster.
    pub(super) fn of(cluster: &str) -> Self {
        Self::all().with("clusterName", cluster)
    }

    /// Resources with these ids.
    pub(super) fn ids(ids: impl IntoIterator<Item = String>) -> Self {
        Self { ids: ids.into_iter().collect(), ..Self::default() }
    }

    /// Resources that match one of the values.
    pub(super) fn filter(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.filters.push((name.to_owned(), values.into_iter().collect()));
        self
    }

    /// The page that a token of the answer before leads to.
    pub(super) fn page(&self, token: String) -> Self {
        Self { page: Some(token), ..self.clone() }
    }

    /// Without parameters that are so new that a region may not know them.
    pub(super) fn plain(self) -> Self {
        Self { plain: true, ..self }
    }

    /// Whether it has no such parameters.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    fn get(&self, name: &str) -> Option<String> {
        self.named.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn id_list(&self) -> Option<Vec<String>> {
        (!self.ids.is_empty()).then(|| self.ids.clone())
    }

    fn ec2_filters(&self) -> Option<Vec<Filter>> {
        let filter = |(name, values): &(String, Vec<String>)| {
            Filter::builder().name(name).set_values(Some(values.clone())).build()
        };
        (!self.filters.is_empty()).then(|| self.filters.iter().map(filter).collect())
    }

    fn attribute(&self) -> Option<VpcAttributeName> {
        self.get("attribute").as_deref().map(VpcAttributeName::from)
    }
}

/// Waits for the answer. The typed form of it is not needed.
fn sent<'c, T, E>(call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'c) -> Sent<'c>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    call.map(|result| result.map(drop).map_err(CallFailure::of)).boxed()
}

/// The largest page that EC2 gives of most lists, and of those that it gives less of at once.
const PAGE: i32 = 1000;
const PAGE_200: i32 = 200;
const PAGE_100: i32 = 100;

const fn row(
    api: &'static str,
    field: &'static str,
    send: fn(&Clients, ApiRequest) -> Sent<'_>,
) -> Operation {
    Operation { api, field, send }
}

/// The operation of that name.
pub(super) fn by_api(api: &str) -> Option<&'static Operation> {
    [EKS, EC2, IAM].into_iter().flatten().find(|operation| operation.api == api)
}

const EKS: &[Operation] = &[
    row("eks:ListClusters", "clusters", |c, a| {
        sent(c.eks.list_clusters().include("all").set_next_token(a.page).send())
    }),
    row("eks:DescribeCluster", "cluster", |c, a| {
        sent(c.eks.describe_cluster().set_name(a.get("clusterName")).send())
    }),
    row("eks:ListNodegroups", "nodegroups", |c, a| {
        let call = c.eks.list_nodegroups().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeNodegroup", "nodegroup", |c, a| {
        let call = c.eks.describe_nodegroup().set_cluster_name(a.get("clusterName"));
        sent(call.set_nodegroup_name(a.get("nodegroupName")).send())
    }),
    row("eks:ListFargateProfiles", "fargateProfileNames", |c, a| {
        let call = c.eks.list_fargate_profiles().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeFargateProfile", "fargateProfile", |c, a| {
        let call = c.eks.describe_fargate_profile().set_cluster_name(a.get("clusterName"));
        sent(call.set_fargate_profile_name(a.get("fargateProfileName")).send())
    }),
    row("eks:ListAddons", "addons", |c, a| {
        let call = c.eks.list_addons().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeAddon", "addon", |c, a| {
        let call = c.eks.describe_addon().set_cluster_name(a.get("clusterName"));
        sent(call.set_addon_name(a.get("addonName")).send())
    }),
    row("eks:ListAccessEntries", "accessEntries", |c, a| {
        let call = c.eks.list_access_entries().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeAccessEntry", "accessEntry", |c, a| {
        let call = c.eks.describe_access_entry().set_cluster_name(a.get("clusterName"));
        sent(call.set_principal_arn(a.get("principalArn")).send())
    }),
    row("eks:ListAssociatedAccessPolicies", "associatedAccessPolicies", |c, a| {
        let call = c.eks.list_associated_access_policies().set_cluster_name(a.get("clusterName"));
        sent(call.set_principal_arn(a.get("principalArn")).set_next_token(a.page).send())
    }),
    row("eks:ListPodIdentityAssociations", "associations", |c, a| {
        let call = c.eks.list_pod_identity_associations().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribePodIdentityAssociation", "association", |c, a| {
        let call = c.eks.describe_pod_identity_association().set_cluster_name(a.get("clusterName"));
        sent(call.set_association_id(a.get("associationId")).send())
    }),
    row("eks:ListIdentityProviderConfigs", "identityProviderConfigs", |c, a| {
        let call = c.eks.list_identity_provider_configs().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeIdentityProviderConfig", "identityProviderConfig", |c, a| {
        let config = aws_sdk_eks::types::IdentityProviderConfig::builder()
            .r#type(a.get("type").unwrap_or_default())
            .name(a.get("name").unwrap_or_default());
        let call = c.eks.describe_identity_provider_config().set_cluster_name(a.get("clusterName"));
        sent(call.set_identity_provider_config(config.build().ok()).send())
    }),
    row("eks:ListInsights", "insights", |c, a| {
        let call = c.eks.list_insights().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeInsight", "insight", |c, a| {
        sent(c.eks.describe_insight().set_cluster_name(a.get("clusterName")).set_id(a.get("id")).send())
    }),
    row("eks:ListUpdates", "updateIds", |c, a| {
        let call =
            c.eks.list_updates().set_name(a.get("clusterName")).set_nodegroup_name(a.get("nodegroupName"));
        sent(call.set_addon_name(a.get("addonName")).set_next_token(a.page).send())
    }),
    row("eks:DescribeUpdate", "update", |c, a| {
        let call = c.eks.describe_update().set_name(a.get("clusterName")).set_update_id(a.get("id"));
        sent(call.set_nodegroup_name(a.get("nodegroupName")).set_addon_name(a.get("addonName")).send())
    }),
    row("eks:ListCapabilities", "capabilities", |c, a| {
        let call = c.eks.list_capabilities().set_cluster_name(a.get("clusterName"));
        sent(call.set_next_token(a.page).send())
    }),
    row("eks:DescribeCapability", "capability", |c, a| {
        let call = c.eks.describe_capability().set_cluster_name(a.get("clusterName"));
        sent(call.set_capability_name(a.get("capabilityName")).send())
    }),
    row("eks:DescribeClusterVersions", "clusterVersions", |c, a| {
        sent(c.eks.describe_cluster_versions().include_all(true).set_next_token(a.page).send())
    }),
    row("eks:DescribeAddonVersions", "addons", |c, a| {
        let call = c.eks.describe_addon_versions().set_kubernetes_version(a.get("kubernetesVersion"));
        sent(call.set_addon_name(a.get("addonName")).set_next_token(a.page).send())
    }),
];

const EC2: &[Operation] = &[
    row("ec2:DescribeRegions", "Regions", |c, _| sent(c.ec2.describe_regions().send())),
    row("ec2:DescribeVpcs", "Vpcs", |c, a| {
        let call = c.ec2.describe_vpcs().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeVpcAttribute", "", |c, a| {
        sent(c.ec2.describe_vpc_attribute().set_vpc_id(a.get("VpcId")).set_attribute(a.attribute()).send())
    }),
    row("ec2:DescribeDhcpOptions", "DhcpOptions", |c, a| {
        let call = c.ec2.describe_dhcp_options().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeSubnets", "Subnets", |c, a| {
        let call = c.ec2.describe_subnets().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeRouteTables", "RouteTables", |c, a| {
        let call = c.ec2.describe_route_tables().set_filters(a.ec2_filters()).max_results(PAGE_100);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeInternetGateways", "InternetGateways", |c, a| {
        let call = c.ec2.describe_internet_gateways().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", |c, a| {
        let call = c.ec2.describe_egress_only_internet_gateways().max_results(PAGE_200);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeNatGateways", "NatGateways", |c, a| {
        let call = c.ec2.describe_nat_gateways().set_filter(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeVpcPeeringConnections", "VpcPeeringConnections", |c, a| {
        let call = c.ec2.describe_vpc_peering_connections().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeSecurityGroups", "SecurityGroups", |c, a| {
        let call = c.ec2.describe_security_groups().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeManagedPrefixLists", "PrefixLists", |c, a| {
        let call = c.ec2.describe_managed_prefix_lists().set_filters(a.ec2_filters()).max_results(PAGE_100);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:GetManagedPrefixListEntries", "Entries", |c, a| {
        let call = c.ec2.get_managed_prefix_list_entries().set_prefix_list_id(a.get("PrefixListId"));
        sent(call.max_results(PAGE_100).set_next_token(a.page).send())
    }),
    row("ec2:DescribeNetworkAcls", "NetworkAcls", |c, a| {
        let call = c.ec2.describe_network_acls().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeNetworkInterfaces", "NetworkInterfaces", |c, a| {
        let call = c.ec2.describe_network_interfaces().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeVpcEndpoints", "VpcEndpoints", |c, a| {
        let call = c.ec2.describe_vpc_endpoints().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeFlowLogs", "FlowLogs", |c, a| {
        let call = c.ec2.describe_flow_logs().set_filter(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeInstances", "Reservations", |c, a| {
        // Instances of Auto Mode are managed ones, and may be hidden otherwise.
        let call = c.ec2.describe_instances().set_include_managed_resources((!a.plain).then_some(true));
        let call = call.set_filters(a.ec2_filters());
        sent(call.max_results(PAGE).set_next_token(a.page).send())
    }),
    row("ec2:DescribeVolumes", "Volumes", |c, a| {
        let call = c.ec2.describe_volumes().set_filters(a.ec2_filters()).max_results(PAGE);
        sent(call.set_next_token(a.page).send())
    }),
    row("ec2:DescribeLaunchTemplates", "LaunchTemplates", |c, a| {
        let call = c.ec2.describe_launch_templates().set_launch_template_ids(a.id_list());
        sent(call.max_results(PAGE_200).set_next_token(a.page).send())
    }),
    row("ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions", |c, a| {
        let call =
            c.ec2.describe_launch_template_versions().set_launch_template_id(a.get("LaunchTemplateId"));
        sent(call.set_versions(a.id_list()).max_results(PAGE_200).set_next_token(a.page).send())
    }),
    row("ec2:DescribeImages", "Images", |c, a| {
        // By id: EC2 looks for a filter through all public images, which takes long.
        let call = c.ec2.describe_images().set_image_ids(a.id_list()).include_deprecated(true);
        sent(call.include_disabled(true).set_next_token(a.page).send())
    }),
    row("ec2:GetEbsEncryptionByDefault", "", |c, _| sent(c.ec2.get_ebs_encryption_by_default().send())),
    row("ec2:GetInstanceMetadataDefaults", "", |c, _| sent(c.ec2.get_instance_metadata_defaults().send())),
];

const IAM: &[Operation] = &[
    row("iam:ListRoles", "Roles", |c, a| sent(c.iam.list_roles().max_items(PAGE).set_marker(a.page).send())),
    row("iam:GetRole", "Role", |c, a| sent(c.iam.get_role().set_role_name(a.get("RoleName")).send())),
    row("iam:ListAttachedRolePolicies", "AttachedPolicies", |c, a| {
        let call = c.iam.list_attached_role_policies().set_role_name(a.get("RoleName"));
        sent(call.max_items(PAGE).set_marker(a.page).send())
    }),
    row("iam:ListRolePolicies", "PolicyNames", |c, a| {
        let call = c.iam.list_role_policies().set_role_name(a.get("RoleName"));
        sent(call.max_items(PAGE).set_marker(a.page).send())
    }),
    row("iam:GetRolePolicy", "", |c, a| {
        let call = c.iam.get_role_policy().set_role_name(a.get("RoleName"));
        sent(call.set_policy_name(a.get("PolicyName")).send())
    }),
    row("iam:GetUser", "User", |c, a| sent(c.iam.get_user().set_user_name(a.get("UserName")).send())),
    row("iam:GetPolicy", "Policy", |c, a| sent(c.iam.get_policy().set_policy_arn(a.get("PolicyArn")).send())),
    row("iam:GetPolicyVersion", "PolicyVersion", |c, a| {
        let call = c.iam.get_policy_version().set_policy_arn(a.get("PolicyArn"));
        sent(call.set_version_id(a.get("VersionId")).send())
    }),
    row("iam:GetInstanceProfile", "InstanceProfile", |c, a| {
        let call = c.iam.get_instance_profile().set_instance_profile_name(a.get("InstanceProfileName"));
        sent(call.send())
    }),
    row("iam:ListOpenIDConnectProviders", "OpenIDConnectProviderList", |c, _| {
        sent(c.iam.list_open_id_connect_providers().send())
    }),
    row("iam:GetOpenIDConnectProvider", "", |c, a| {
        let call = c.iam.get_open_id_connect_provider().set_open_id_connect_provider_arn(a.get("Arn"));
        sent(call.send())
    }),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::section;
    use std::collections::BTreeSet;

    #[test]
    fn the_calls_are_those_that_the_policy_allows() {
        let made: BTreeSet<_> =
            [EKS, EC2, IAM].into_iter().flatten().map(|operation| operation.api).collect();
        let allowed: BTreeSet<_> = section::calls().map(|call| call.api.as_str()).collect();
        assert_eq!(made, allowed);
    }
}
