//! What AWS calls a cluster's surroundings, for outputs that other systems join with theirs.

/// The type of a resource as CloudFormation, and so AWS Config and Security Hub, name it; else the
/// kind as rules name it.
pub(super) fn resource_type(kind: &str) -> &str {
    match kind {
        "cluster" => "AWS::EKS::Cluster",
        "nodegroup" => "AWS::EKS::Nodegroup",
        "fargateProfile" => "AWS::EKS::FargateProfile",
        "addon" => "AWS::EKS::Addon",
        "accessEntry" => "AWS::EKS::AccessEntry",
        "podIdentityAssociation" => "AWS::EKS::PodIdentityAssociation",
        "identityProviderConfig" => "AWS::EKS::IdentityProviderConfig",
        "capability" => "AWS::EKS::Capability",
        "vpc" => "AWS::EC2::VPC",
        "dhcpOptionSet" => "AWS::EC2::DHCPOptions",
        "subnet" => "AWS::EC2::Subnet",
        "routeTable" => "AWS::EC2::RouteTable",
        "internetGateway" => "AWS::EC2::InternetGateway",
        "egressOnlyInternetGateway" => "AWS::EC2::EgressOnlyInternetGateway",
        "natGateway" => "AWS::EC2::NatGateway",
        "vpcPeeringConnection" => "AWS::EC2::VPCPeeringConnection",
        "securityGroup" => "AWS::EC2::SecurityGroup",
        "managedPrefixList" => "AWS::EC2::PrefixList",
        "networkAcl" => "AWS::EC2::NetworkAcl",
        "networkInterface" => "AWS::EC2::NetworkInterface",
        "vpcEndpoint" => "AWS::EC2::VPCEndpoint",
        "flowLog" => "AWS::EC2::FlowLog",
        "instance" => "AWS::EC2::Instance",
        "volume" => "AWS::EC2::Volume",
        "launchTemplate" | "launchTemplateVersion" => "AWS::EC2::LaunchTemplate",
        "role" => "AWS::IAM::Role",
        "user" => "AWS::IAM::User",
        "policy" => "AWS::IAM::ManagedPolicy",
        "instanceProfile" => "AWS::IAM::InstanceProfile",
        "openIDConnectProvider" => "AWS::IAM::OIDCProvider",
        "logGroup" => "AWS::Logs::LogGroup",
        "kmsKey" => "AWS::KMS::Key",
        "loadBalancer" => "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "listener" => "AWS::ElasticLoadBalancingV2::Listener",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::resource_type;
    use crate::snapshot::{Identity, section};

    #[test]
    fn partitions_follow_from_arns_or_regions() {
        let of = |arn: Option<&str>, region: Option<&str>| {
            let cluster = Identity {
                arn: arn.map(str::to_owned),
                region: region.map(str::to_owned),
                ..Identity::default()
            };
            cluster.partition().map(str::to_owned)
        };
        assert_eq!(of(Some("arn:aws-cn:eks:cn-north-1:1:cluster/a"), None).as_deref(), Some("aws-cn"));
        assert_eq!(of(Some("a"), Some("us-gov-west-1")).as_deref(), Some("aws-us-gov"));
        assert_eq!(of(None, Some("eu-west-1")).as_deref(), Some("aws"));
        assert_eq!(of(None, None), None);
    }

    #[test]
    fn every_resource_of_aws_has_a_type() {
        let known = |kind: &str| resource_type(kind).starts_with("AWS::");
        let others: Vec<_> = section::all()
            .iter()
            .map(|section| section.singular.as_str())
            .filter(|kind| !known(kind))
            .collect();
        assert_eq!(
            others,
            [
                "insight",
                "update",
                "clusterVersion",
                "addonVersion",
                "regionCluster",
                "image",
                "ebsEncryptionByDefault",
                "instanceMetadataDefaults",
                "configMap",
            ]
        );
    }
}
