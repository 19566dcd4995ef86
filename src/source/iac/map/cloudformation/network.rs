//! What of VPCs, gateways, endpoints and network ACLs no row can say.

use super::super::super::cloudformation::REF;
use super::super::super::mapped::MappedResource;
use super::super::super::template::{Template, TemplateResource};
use super::super::super::value::{TemplateValue, ValueKind};
use super::super::network::{self, VpcAttributes};
use super::super::objects::{EC2, ObjectFields, add, each, given, set};
use super::super::{argument, attachment, computed, default_of, network_acls, own_symbol};
use serde_json::json;

const VPC: VpcAttributes = VpcAttributes {
    id: REF,
    dhcp_options: "DhcpOptionsId",
    route_table: "MainRouteTable",
    acl: "DefaultNetworkAcl",
    group: "DefaultSecurityGroup",
};

/// What adds a block to a VPC.
const BLOCK: &str = "AWS::EC2::VPCCidrBlock";

/// The addresses of a VPC, and what EC2 makes with it.
pub(super) fn vpc(resource: &TemplateResource, template: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    network::set_first_block(&mut own.value);
    set(&mut own.value, "Ipv6CidrBlockAssociationSet", default_of(EC2, &json!([])));
    // Rules for IPv6 do nothing where there is none.
    let is_ipv6 = |one: &TemplateResource| &*one.kind == BLOCK && one.values.get("CidrBlock").is_none();
    let with_ipv6 = template.resources.iter().any(is_ipv6);
    network::add_made_with(resource, &VPC, with_ipv6, mapped);
}

/// `AWS::EC2::VPCCidrBlock`.
pub(super) fn block(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let to = argument(resource, "VpcId");
    let place = Some(resource.place.clone());
    let (at, value): (&'static [&'static str], _) = match given(&resource.values, "CidrBlock") {
        Some(block) => {
            let block = ObjectFields::default().with("CidrBlock", block.clone()).with_default(
                "CidrBlockState",
                EC2,
                &json!({"State": "associated"}),
            );
            (&["CidrBlockAssociationSet"], block.at(place))
        }
        None => {
            let block = ObjectFields::default().with("Ipv6CidrBlock", computed(resource, "Ipv6CidrBlock"));
            (&["Ipv6CidrBlockAssociationSet"], block.at(place))
        }
    };
    mapped.attachments.push(attachment("vpc", to, at, value, resource));
}

/// The options of a set that the template makes.
pub(super) fn dhcp_options(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    const OPTIONS: [(&str, &str); 4] = [
        ("DomainName", "domain-name"),
        ("DomainNameServers", "domain-name-servers"),
        ("NtpServers", "ntp-servers"),
        ("NetbiosNameServers", "netbios-name-servers"),
    ];
    network::set_dhcp_options(resource, &OPTIONS, mapped);
}

/// An IPv6 block of a subnet, and none where it has none.
pub(super) fn subnet(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    network::set_ipv6_block(resource, ["Ipv6CidrBlock", "Ipv6NetmaskLength"], mapped);
}

/// A gateway is attached to the VPC that it names.
pub(super) fn egress_only_gateway(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let vpc = argument(resource, "VpcId");
    let place = vpc.place.clone();
    let fields = ObjectFields::default().with("VpcId", vpc).with_default("State", EC2, &json!("attached"));
    set(&mut own.value, "Attachments", TemplateValue::list(vec![fields.at(place.clone())], place));
}

/// `AWS::EC2::VPCGatewayAttachment`: of an internet gateway, or of one for a VPN.
pub(super) fn gateway_attachment(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(gateway) = given(&resource.values, "InternetGatewayId") else { return };
    let value = ObjectFields::default()
        .with("VpcId", argument(resource, "VpcId"))
        .with_default("State", EC2, &json!("available"))
        .at(Some(resource.place.clone()));
    mapped.attachments.push(attachment(
        "internetGateways",
        gateway.clone(),
        &["Attachments"],
        value,
        resource,
    ));
}

/// `AWS::EC2::VPNGatewayRoutePropagation`.
pub(super) fn route_propagation(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let tables = argument(resource, "RouteTableIds");
    let tables = match &tables.kind {
        ValueKind::List(tables) => tables.to_vec(),
        _ => vec![tables],
    };
    for table in tables {
        let routes = network::announced(argument(resource, "VpnGatewayId"));
        mapped.attachments.push(attachment("routeTables", table, &["Routes"], routes, resource));
    }
}

/// The addresses of a NAT gateway: those that the template names, and the one that EC2 gives it.
pub(super) fn nat_gateway(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let values = &resource.values;
    let is_private = values.get("ConnectivityType").is_some_and(|kind| kind.as_str() == Some("private"));
    let public = (!is_private).then(|| own_symbol(resource, "PublicIp"));
    let allocation = given(values, "AllocationId");
    let first = ObjectFields::default()
        .with_some("AllocationId", allocation.cloned())
        .with_some("PrivateIp", given(values, "PrivateIpAddress").cloned())
        .with_some("PublicIp", public)
        .at(allocation.and_then(|value| value.place.clone()));
    let mut addresses = vec![first];
    if let Some(more) = given(values, "SecondaryAllocationIds") {
        let words = "the address of an allocation is known only in the stack";
        let of = |id: &TemplateValue| {
            ObjectFields::default()
                .with("AllocationId", id.clone())
                .with("PublicIp", TemplateValue::unknown(words, None, None))
                .at(id.place.clone())
        };
        let more = each(more, of);
        match &more.kind {
            ValueKind::List(items) => addresses.extend(items.iter().cloned()),
            _ => addresses.push(more),
        }
    }
    set(&mut own.value, "NatGatewayAddresses", TemplateValue::list(addresses, None));
}

/// Each network ACL ends with a rule that nobody can change.
pub(super) fn acl(_: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let mut entries = default_of(EC2, &json!([]));
    add(&mut entries, vec![network_acls::denial(false), network_acls::denial(true)], false);
    set(&mut own.value, "Entries", entries);
}

/// The security groups of an endpoint: those that it names, else the default group of its VPC.
pub(super) fn endpoint(resource: &TemplateResource, template: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let with_id = |group: &TemplateValue| {
        ObjectFields::default().with("GroupId", group.clone()).at(group.place.clone())
    };
    let kind = own.value.get("VpcEndpointType").and_then(|kind| kind.as_str().map(str::to_owned));
    let groups = match (given(&resource.values, "SecurityGroupIds"), kind.as_deref()) {
        (Some(groups), _) => each(groups, with_id),
        (None, Some("Interface")) => {
            let group = default_group_of(&argument(resource, "VpcId"), template);
            TemplateValue::list(vec![with_id(&group)], None)
        }
        (None, Some(_)) => default_of(EC2, &json!([])),
        (None, None) => TemplateValue::unknown("the type of the endpoint is not known", None, None),
    };
    set(&mut own.value, "Groups", groups);
}

/// The default group of a VPC of the template; that of another one is not known.
fn default_group_of(vpc: &TemplateValue, template: &Template) -> TemplateValue {
    let found = match &vpc.kind {
        ValueKind::Symbol(symbol) => {
            let is_it = |one: &&TemplateResource| {
                Some(&one.address) == symbol.resource.as_ref() && &*one.kind == "AWS::EC2::VPC"
            };
            template.resources.iter().find(is_it)
        }
        _ => None,
    };
    let unknown =
        || TemplateValue::unknown("the default security group of the VPC is not in the template", None, None);
    found.map_or_else(unknown, |vpc| own_symbol(vpc, VPC.group))
}
