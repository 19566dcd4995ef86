//! What a JSON document is: one table maps the top-level field of each AWS CLI answer to the
//! section it fills. It decides what `scan` takes for a document of ours, and what
//! `snapshot import` joins.

/// An answer of the AWS CLI, known by its top-level field.
#[derive(Debug)]
pub struct Envelope {
    /// The top-level field.
    pub field: &'static str,
    /// The section that its value fills.
    pub section: &'static str,
    /// The command that prints it.
    pub command: &'static str,
}

const fn row(field: &'static str, section: &'static str, command: &'static str) -> Envelope {
    Envelope { field, section, command }
}

/// All answers that ekslint reads. A field that is a section's own name needs no row.
pub const ENVELOPES: &[Envelope] = &[
    row("cluster", "cluster", "eks describe-cluster"),
    row("clusters", "regionClusters", "eks list-clusters"),
    row("nodegroup", "nodegroups", "eks describe-nodegroup"),
    row("nodegroups", "nodegroups", "eks list-nodegroups"),
    row("fargateProfile", "fargateProfiles", "eks describe-fargate-profile"),
    row("fargateProfileNames", "fargateProfiles", "eks list-fargate-profiles"),
    row("addon", "addons", "eks describe-addon"),
    row("addons", "addons", "eks list-addons"),
    row("accessEntry", "accessEntries", "eks describe-access-entry"),
    row("accessEntries", "accessEntries", "eks list-access-entries"),
    row("association", "podIdentityAssociations", "eks describe-pod-identity-association"),
    row("associations", "podIdentityAssociations", "eks list-pod-identity-associations"),
    row("identityProviderConfig", "identityProviderConfigs", "eks describe-identity-provider-config"),
    row("identityProviderConfigs", "identityProviderConfigs", "eks list-identity-provider-configs"),
    row("insight", "insights", "eks describe-insight"),
    row("insights", "insights", "eks list-insights"),
    row("update", "updates", "eks describe-update"),
    row("updateIds", "updates", "eks list-updates"),
    row("capability", "capabilities", "eks describe-capability"),
    row("capabilities", "capabilities", "eks list-capabilities"),
    row("clusterVersions", "clusterVersions", "eks describe-cluster-versions"),
    row("Vpcs", "vpc", "ec2 describe-vpcs"),
    row("DhcpOptions", "dhcpOptions", "ec2 describe-dhcp-options"),
    row("Subnets", "subnets", "ec2 describe-subnets"),
    row("RouteTables", "routeTables", "ec2 describe-route-tables"),
    row("InternetGateways", "internetGateways", "ec2 describe-internet-gateways"),
    row(
        "EgressOnlyInternetGateways",
        "egressOnlyInternetGateways",
        "ec2 describe-egress-only-internet-gateways",
    ),
    row("NatGateways", "natGateways", "ec2 describe-nat-gateways"),
    row("VpcPeeringConnections", "vpcPeeringConnections", "ec2 describe-vpc-peering-connections"),
    row("SecurityGroups", "securityGroups", "ec2 describe-security-groups"),
    row("PrefixLists", "managedPrefixLists", "ec2 describe-managed-prefix-lists"),
    row("NetworkAcls", "networkAcls", "ec2 describe-network-acls"),
    row("NetworkInterfaces", "networkInterfaces", "ec2 describe-network-interfaces"),
    row("VpcEndpoints", "vpcEndpoints", "ec2 describe-vpc-endpoints"),
    row("FlowLogs", "flowLogs", "ec2 describe-flow-logs"),
    row("Reservations", "instances", "ec2 describe-instances"),
    row("Volumes", "volumes", "ec2 describe-volumes"),
    row("LaunchTemplates", "launchTemplates", "ec2 describe-launch-templates"),
    row("LaunchTemplateVersions", "launchTemplateVersions", "ec2 describe-launch-template-versions"),
    row("Images", "images", "ec2 describe-images"),
    row("Role", "roles", "iam get-role"),
    row("Roles", "roles", "iam list-roles"),
    row("User", "users", "iam get-user"),
    row("Policy", "policies", "iam get-policy"),
    row("Policies", "policies", "iam list-policies"),
    row("InstanceProfile", "instanceProfiles", "iam get-instance-profile"),
    row("OpenIDConnectProviderList", "openIDConnectProviders", "iam list-open-id-connect-providers"),
    row("logGroups", "logGroups", "logs describe-log-groups"),
    row("KeyMetadata", "kmsKeys", "kms describe-key"),
    row("LoadBalancers", "loadBalancers", "elbv2 describe-load-balancers"),
    row("Listeners", "listeners", "elbv2 describe-listeners"),
];

/// The row for a top-level field.
pub fn by_field(field: &str) -> Option<&'static Envelope> {
    ENVELOPES.iter().find(|envelope| envelope.field == field)
}

#[cfg(test)]
mod tests {
    use crate::snapshot::section;

    #[test]
    fn every_row_fills_a_section() {
        for row in super::ENVELOPES {
            assert!(section::by_name(row.section).is_some(), "{}", row.section);
        }
    }
}
