//! What resources of CloudFormation become that no row can say.

mod eks;
mod iam;
mod instances;
mod network;
mod security_groups;

#[cfg(test)]
mod tests;

use super::super::cloudformation::stack_symbol;
use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::TemplateValue;
use super::objects::set;
use super::{ByHand, account, launch_templates};

/// The functions for what no row can say.
pub(super) fn by_hand(kind: &str) -> Option<ByHand> {
    Some(match kind {
        "AWS::EC2::DHCPOptions" => network::dhcp_options,
        "AWS::EC2::EgressOnlyInternetGateway" => network::egress_only_gateway,
        "AWS::EC2::Instance" => instances::instance,
        "AWS::EC2::LaunchTemplate" => launch_template,
        "AWS::EC2::NatGateway" => network::nat_gateway,
        "AWS::EC2::NetworkAcl" => network::acl,
        "AWS::EC2::SecurityGroup" => security_groups::group,
        "AWS::EC2::SecurityGroupEgress" => security_groups::egress,
        "AWS::EC2::SecurityGroupIngress" => security_groups::ingress,
        "AWS::EC2::Subnet" => network::subnet,
        "AWS::EC2::VPC" => network::vpc,
        "AWS::EC2::VPCCidrBlock" => network::block,
        "AWS::EC2::VPCEndpoint" => network::endpoint,
        "AWS::EC2::VPCGatewayAttachment" => network::gateway_attachment,
        "AWS::EC2::VPNGatewayRoutePropagation" => network::route_propagation,
        "AWS::EKS::Addon" => eks::addon,
        "AWS::EKS::Cluster" => eks::cluster,
        "Custom::AWSCDK-EKS-Cluster" => eks::cluster_of_cdk,
        "AWS::EKS::Nodegroup" => eks::node_group,
        "AWS::IAM::InstanceProfile" => iam::instance_profile,
        "AWS::IAM::ManagedPolicy" => iam::managed_policy,
        "AWS::IAM::OIDCProvider" => iam::oidc_provider,
        "AWS::IAM::Policy" => iam::policy,
        "AWS::IAM::Role" => iam::role,
        "AWS::KMS::Key" => account::key,
        _ => return None,
    })
}

/// Whether a resource is one of a stack.
pub(super) fn is_of_stack(resource: &TemplateResource) -> bool {
    resource.kind.contains("::")
}

/// The symbol of an attribute of a resource, as references to it are evaluated.
pub(super) fn symbol(resource: &TemplateResource, attribute: &str) -> TemplateValue {
    stack_symbol(&resource.address, attribute, None)
}

/// Tags of what a template starts, and what rules may know of its user data, never the text.
fn launch_template(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let own = mapped.items.iter_mut().rev().take_while(|item| item.address == resource.address);
    let Some(version) = { own }.find(|item| item.section == "launchTemplateVersions") else { return };
    let Some(given) = resource.values.get("LaunchTemplateData") else { return };
    let Some(mut data) = version.value.get("LaunchTemplateData").cloned() else { return };
    if let Some(tags) = given.get("TagSpecifications") {
        set(&mut data, "TagSpecifications", tags.clone());
    }
    if let Some(user_data) = given.get("UserData") {
        for (name, value) in launch_templates::known_of(user_data) {
            set(&mut data, name, value);
        }
    }
    set(&mut version.value, "LaunchTemplateData", data);
}
