//! What a JSON document is: one table maps the top-level field of each AWS CLI answer to the
//! section it fills, and says how much the answer tells. It decides what `scan` takes for a
//! document of ours, and what `snapshot import` joins.

use super::section::{self, Call, Section};
use crate::value::{Json, Object};

/// An answer of the AWS CLI, known by its top-level field.
#[derive(Debug)]
pub struct Envelope {
    /// The top-level field.
    pub field: &'static str,
    /// The section that its value fills.
    pub section: &'static str,
    /// The command that prints it.
    pub command: &'static str,
    /// How much of the section it tells.
    pub holds: Holds,
}

/// How much of a section an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Resources in full. A list of strings is names only.
    Resources,
    /// All resources, but less of each than the describe call prints, unless it has this field.
    Summaries(&'static str),
    /// That field of resources, or a part of it; the answer names the resource at most.
    Field(&'static str),
    /// The answer has no envelope: it is itself the section's object, if it has these fields too.
    Whole(&'static [&'static str]),
    /// As `Whole`, but it is one part of the object.
    Attribute(&'static [&'static str]),
}

const fn row(field: &'static str, section: &'static str, command: &'static str) -> Envelope {
    Envelope { field, section, command, holds: Holds::Resources }
}

impl Envelope {
    const fn holding(self, holds: Holds) -> Self {
        Self { holds, ..self }
    }

    /// The section that the answer fills.
    pub fn section(&self) -> Option<&'static Section> {
        section::by_name(self.section)
    }

    /// The API call behind the command: `eks:DescribeCluster` for `eks describe-cluster`.
    pub fn call(&self) -> Option<&'static Call> {
        let api = self.command.replace('-', "").replace(' ', ":");
        self.section()?.calls.iter().find(|call| call.api.eq_ignore_ascii_case(&api))
    }
}

/// All answers that ekslint reads. A field that is a section's own name needs no row.
pub const ENVELOPES: &[Envelope] = &[
    row("cluster", "cluster", "eks describe-cluster"),
    row("resourcesVpcConfig", "cluster", "eks describe-cluster --query cluster")
        .holding(Holds::Whole(&["name", "arn"])),
    row("connectorConfig", "cluster", "eks describe-cluster --query cluster")
        .holding(Holds::Whole(&["name", "arn"])),
    row("clusters", "regionClusters", "eks list-clusters"),
    row("nodegroup", "nodegroups", "eks describe-nodegroup"),
    row("nodegroups", "nodegroups", "eks list-nodegroups"),
    row("fargateProfile", "fargateProfiles", "eks describe-fargate-profile"),
    row("fargateProfileNames", "fargateProfiles", "eks list-fargate-profiles"),
    row("addon", "addons", "eks describe-addon"),
    row("addons", "addons", "eks list-addons"),
    row("accessEntry", "accessEntries", "eks describe-access-entry"),
    row("accessEntries", "accessEntries", "eks list-access-entries"),
    row("associatedAccessPolicies", "accessEntries", "eks list-associated-access-policies")
        .holding(Holds::Field("associatedAccessPolicies")),
    row("association", "podIdentityAssociations", "eks describe-pod-identity-association"),
    row("associations", "podIdentityAssociations", "eks list-pod-identity-associations")
        .holding(Holds::Summaries("roleArn")),
    row("identityProviderConfig", "identityProviderConfigs", "eks describe-identity-provider-config"),
    row("identityProviderConfigs", "identityProviderConfigs", "eks list-identity-provider-configs")
        .holding(Holds::Summaries("oidc")),
    row("insight", "insights", "eks describe-insight"),
    row("insights", "insights", "eks list-insights").holding(Holds::Summaries("resources")),
    row("update", "updates", "eks describe-update"),
    row("updateIds", "updates", "eks list-updates"),
    row("capability", "capabilities", "eks describe-capability"),
    row("capabilities", "capabilities", "eks list-capabilities").holding(Holds::Summaries("roleArn")),
    row("clusterVersions", "clusterVersions", "eks describe-cluster-versions"),
    row("Vpcs", "vpc", "ec2 describe-vpcs"),
    row("EnableDnsSupport", "vpc", "ec2 describe-vpc-attribute").holding(Holds::Attribute(&["VpcId"])),
    row("EnableDnsHostnames", "vpc", "ec2 describe-vpc-attribute").holding(Holds::Attribute(&["VpcId"])),
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
    row("Entries", "managedPrefixLists", "ec2 get-managed-prefix-list-entries")
        .holding(Holds::Field("Entries")),
    row("NetworkAcls", "networkAcls", "ec2 describe-network-acls"),
    row("NetworkInterfaces", "networkInterfaces", "ec2 describe-network-interfaces"),
    row("VpcEndpoints", "vpcEndpoints", "ec2 describe-vpc-endpoints"),
    row("FlowLogs", "flowLogs", "ec2 describe-flow-logs"),
    row("Reservations", "instances", "ec2 describe-instances"),
    row("Volumes", "volumes", "ec2 describe-volumes"),
    row("LaunchTemplates", "launchTemplates", "ec2 describe-launch-templates"),
    row("LaunchTemplateVersions", "launchTemplateVersions", "ec2 describe-launch-template-versions"),
    row("Images", "images", "ec2 describe-images"),
    row("EbsEncryptionByDefault", "ebsEncryptionByDefault", "ec2 get-ebs-encryption-by-default")
        .holding(Holds::Whole(&[])),
    row("AccountLevel", "instanceMetadataDefaults", "ec2 get-instance-metadata-defaults")
        .holding(Holds::Whole(&[])),
    row("Role", "roles", "iam get-role"),
    row("Roles", "roles", "iam list-roles").holding(Holds::Summaries("RoleLastUsed")),
    row("AttachedPolicies", "roles", "iam list-attached-role-policies")
        .holding(Holds::Field("AttachedPolicies")),
    row("PolicyNames", "roles", "iam list-role-policies").holding(Holds::Field("InlinePolicies")),
    row("PolicyDocument", "roles", "iam get-role-policy").holding(Holds::Field("InlinePolicies")),
    row("User", "users", "iam get-user"),
    row("Policy", "policies", "iam get-policy"),
    row("Policies", "policies", "iam list-policies").holding(Holds::Summaries("Document")),
    row("PolicyVersion", "policies", "iam get-policy-version").holding(Holds::Field("Document")),
    row("InstanceProfile", "instanceProfiles", "iam get-instance-profile"),
    row("OpenIDConnectProviderList", "openIDConnectProviders", "iam list-open-id-connect-providers")
        .holding(Holds::Summaries("Url")),
    row("ThumbprintList", "openIDConnectProviders", "iam get-open-id-connect-provider")
        .holding(Holds::Field("Url")),
    row("logGroups", "logGroups", "logs describe-log-groups"),
    row("KeyMetadata", "kmsKeys", "kms describe-key"),
    row("LoadBalancers", "loadBalancers", "elbv2 describe-load-balancers"),
    row("Listeners", "listeners", "elbv2 describe-listeners"),
];

/// The row whose value stands under a top-level field.
pub fn by_field(field: &str) -> Option<&'static Envelope> {
    let enveloped = |row: &&Envelope| matches!(row.holds, Holds::Resources | Holds::Summaries(_));
    ENVELOPES.iter().filter(enveloped).find(|row| row.field == field)
}

/// The row of a document that has no envelope.
pub fn of_whole(object: &Object<'_>) -> Option<&'static Envelope> {
    let has = |field: &str| object.get_go_cased(field).is_some_and(|(_, node)| !node.is_null());
    ENVELOPES.iter().find(|row| match row.holds {
        Holds::Whole(others) | Holds::Attribute(others) => has(row.field) && others.iter().all(|f| has(f)),
        _ => false,
    })
}

/// The row of a document that tells a field of a resource and nothing by itself.
pub fn of_field(object: &Object<'_>) -> Option<&'static Envelope> {
    ENVELOPES
        .iter()
        .filter(|row| matches!(row.holds, Holds::Field(_)))
        .find(|row| object.get(row.field).is_some_and(|node| !node.is_null()))
}

/// The row and the values of a document with several of what a snapshot has one of, such as VPCs.
pub fn of_several<'t>(object: &Object<'t>) -> Option<(&'static Envelope, &'t [Json<'t>])> {
    object.entries().iter().find_map(|(field, value)| {
        let row = by_field(field).filter(|row| row.section().is_some_and(|section| !section.is_list()))?;
        value.as_list().filter(|values| values.len() > 1).map(|values| (row, values))
    })
}

/// The answer of an API call.
pub fn of_call(api: &str) -> Option<&'static Envelope> {
    ENVELOPES.iter().find(|row| row.call().is_some_and(|call| call.api == api))
}

/// The answer that describes items of a section.
pub fn describing(section: &Section) -> Option<&'static Envelope> {
    of_call(&section.describe_call()?.api)
}

/// The fields that other calls than the describe call tell: field and row.
pub fn fields_of(section: &Section) -> impl Iterator<Item = (&'static str, &'static Envelope)> {
    ENVELOPES.iter().filter(|row| row.section == section.name).filter_map(|row| match row.holds {
        Holds::Field(field) => Some((field, row)),
        Holds::Attribute(_) => Some((row.field, row)),
        _ => None,
    })
}

/// Whether more pages follow the answer.
pub fn is_cut(object: &Object<'_>) -> bool {
    let text = |field: &str| matches!(object.get(field), Some(Json::Str(_)));
    text("nextToken") || text("NextToken") || object.get("IsTruncated") == Some(Json::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_fills_a_section() {
        for row in ENVELOPES {
            assert!(row.section().is_some(), "{}", row.section);
        }
    }

    #[test]
    fn every_part_of_a_resource_has_its_call() {
        for section in section::all() {
            for (field, row) in fields_of(section) {
                assert!(row.call().is_some(), "{field}: {}", row.command);
            }
        }
    }

    #[test]
    fn no_two_rows_take_the_same_field() {
        for (at, row) in ENVELOPES.iter().enumerate() {
            assert!(ENVELOPES[..at].iter().all(|other| other.field != row.field), "{}", row.field);
        }
    }
}
