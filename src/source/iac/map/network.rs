//! What of VPCs, gateways, endpoints and route tables no row can say.

use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::objects::{EC2, ObjectFields, PROVIDER, each, given, is_true, set};
use super::{argument, attachment, computed, default_of, item, network_acls};
use serde_json::json;

/// The addresses of a VPC, and what EC2 makes with it: a route table, a network ACL, a security group. Where the template
/// takes one of them over, [`complete`](super::complete) lets that one stand.
pub(super) fn vpc(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    set_first_block(&mut own.value);
    let ipv6 = ipv6_blocks(resource);
    // Rules for IPv6 do nothing where there is none.
    let with_ipv6 = !matches!(&ipv6.kind, ValueKind::List(blocks) if blocks.is_empty());
    set(&mut own.value, "Ipv6CidrBlockAssociationSet", ipv6);
    add_made_with(resource, &OF_TERRAFORM, with_ipv6, mapped);
}

/// What the ids are called of a VPC, and of what EC2 makes with it.
pub(super) struct VpcAttributes {
    pub(super) id: &'static str,
    pub(super) dhcp_options: &'static str,
    pub(super) route_table: &'static str,
    pub(super) acl: &'static str,
    pub(super) group: &'static str,
}

const OF_TERRAFORM: VpcAttributes = VpcAttributes {
    id: "id",
    dhcp_options: "dhcp_options_id",
    route_table: "default_route_table_id",
    acl: "default_network_acl_id",
    group: "default_security_group_id",
};

/// Adds what EC2 makes with a VPC.
pub(super) fn add_made_with(
    resource: &TemplateResource,
    names: &VpcAttributes,
    with_ipv6: bool,
    mapped: &mut MappedResource,
) {
    let of = |name| computed(resource, name);
    let vpc = of(names.id);
    let table = default_table(resource, of(names.route_table), &vpc);
    let acl = default_acl(resource, of(names.acl), &vpc, with_ipv6);
    let group = default_group(resource, &of(names.group), &vpc, with_ipv6);
    let options = default_dhcp_options(resource, of(names.dhcp_options));
    mapped.items.push(item("dhcpOptions", options, None, resource));
    mapped.items.push(item("routeTables", table, None, resource));
    mapped.items.push(item("networkAcls", acl, None, resource));
    mapped.items.push(item("securityGroups", group, None, resource));
}

/// The first block of a VPC is one of its blocks.
pub(super) fn set_first_block(vpc: &mut TemplateValue) {
    if let Some(cidr) = vpc.get("CidrBlock").cloned() {
        let place = cidr.place.clone();
        let first = ObjectFields::default()
            .with("CidrBlock", cidr)
            .with("CidrBlockState", default_of(EC2, &json!({"State": "associated"})))
            .at(place.clone());
        set(vpc, "CidrBlockAssociationSet", TemplateValue::list(vec![first], place));
    }
}

/// The DHCP options of a VPC that is given no others.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html>
fn default_dhcp_options(resource: &TemplateResource, id: TemplateValue) -> TemplateValue {
    let servers = json!([{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]);
    ObjectFields::default()
        .with("DhcpOptionsId", id)
        .with_default("DhcpConfigurations", EC2, &servers)
        .at(Some(resource.place.clone()))
}

/// The options of a set that the template makes.
pub(super) fn dhcp_options(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    const OPTIONS: [(&str, &str); 4] = [
        ("domain_name", "domain-name"),
        ("domain_name_servers", "domain-name-servers"),
        ("ntp_servers", "ntp-servers"),
        ("netbios_name_servers", "netbios-name-servers"),
    ];
    set_dhcp_options(resource, &OPTIONS, mapped);
}

/// The options of a set, by the arguments that have them.
pub(super) fn set_dhcp_options(
    resource: &TemplateResource,
    options: &[(&str, &str)],
    mapped: &mut MappedResource,
) {
    let Some(own) = mapped.items.last_mut() else { return };
    let with_value =
        |value: &TemplateValue| ObjectFields::default().with("Value", value.clone()).at(value.place.clone());
    let option = |(name, key): &(&str, &str)| {
        let value = given(&resource.values, name)?;
        let values = match value.kind {
            ValueKind::Text(_) | ValueKind::Mixed(_) => {
                TemplateValue::list(vec![with_value(value)], value.place.clone())
            }
            _ => each(value, with_value),
        };
        let fields =
            ObjectFields::default().with("Key", TemplateValue::text(*key, None)).with("Values", values);
        Some(fields.at(value.place.clone()))
    };
    let options = options.iter().filter_map(option).collect();
    set(&mut own.value, "DhcpConfigurations", TemplateValue::list(options, Some(resource.place.clone())));
}

/// The blocks of IPv6 addresses of a VPC.
fn ipv6_blocks(resource: &TemplateResource) -> TemplateValue {
    let values = &resource.values;
    let block = |block: TemplateValue| {
        let place = block.place.clone();
        let fields = ObjectFields::default().with("Ipv6CidrBlock", block);
        TemplateValue::list(vec![fields.at(place.clone())], place)
    };
    if let Some(cidr) = given(values, "ipv6_cidr_block") {
        return if cidr.is_unknown() { cidr.clone() } else { block(cidr.clone()) };
    }
    let asks = [given(values, "assign_generated_ipv6_cidr_block"), given(values, "ipv6_netmask_length")];
    match (is_true(asks[0]), asks[1]) {
        (Some(false), None) => default_of(PROVIDER, &json!([])),
        (None, None) => asks[0].cloned().unwrap_or_else(|| default_of(PROVIDER, &json!([]))),
        _ => block(computed(resource, "ipv6_cidr_block")),
    }
}

fn default_table(resource: &TemplateResource, id: TemplateValue, vpc: &TemplateValue) -> TemplateValue {
    ObjectFields::default()
        .with("RouteTableId", id)
        .with("VpcId", vpc.clone())
        .with_default("Routes", EC2, &json!([]))
        .with_default("Associations", EC2, &json!([{"Main": true}]))
        .at(Some(resource.place.clone()))
}

fn default_acl(
    resource: &TemplateResource,
    id: TemplateValue,
    vpc: &TemplateValue,
    with_ipv6: bool,
) -> TemplateValue {
    ObjectFields::default()
        .with("NetworkAclId", id)
        .with("VpcId", vpc.clone())
        .with_default("IsDefault", EC2, &json!(true))
        .with("Entries", network_acls::default_entries(with_ipv6))
        .with_default("Associations", EC2, &json!([]))
        .at(Some(resource.place.clone()))
}

/// The group lets in what has it, and lets everything out.
fn default_group(
    resource: &TemplateResource,
    id: &TemplateValue,
    vpc: &TemplateValue,
    with_ipv6: bool,
) -> TemplateValue {
    let rule = |groups: TemplateValue, v4: serde_json::Value, v6: serde_json::Value| {
        let rule = ObjectFields::default()
            .with_default("IpProtocol", EC2, &json!("-1"))
            .with_default("IpRanges", EC2, &v4)
            .with_default("Ipv6Ranges", EC2, &v6)
            .with_default("PrefixListIds", EC2, &json!([]))
            .with("UserIdGroupPairs", groups);
        TemplateValue::list(vec![rule.at(None)], None)
    };
    let itself = TemplateValue::list(vec![TemplateValue::map([("GroupId", id.clone())], None)], None);
    let v6 = if with_ipv6 { json!([{"CidrIpv6": "::/0"}]) } else { json!([]) };
    ObjectFields::default()
        .with("GroupId", id.clone())
        .with("VpcId", vpc.clone())
        .with_default("GroupName", EC2, &json!("default"))
        .with("IpPermissions", rule(itself, json!([]), json!([])))
        .with("IpPermissionsEgress", rule(default_of(EC2, &json!([])), json!([{"CidrIp": "0.0.0.0/0"}]), v6))
        .at(Some(resource.place.clone()))
}

/// An IPv6 block of a subnet, and none where it has none.
pub(super) fn subnet(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    set_ipv6_block(resource, ["ipv6_cidr_block", "ipv6_netmask_length"], mapped);
}

/// The IPv6 block of a subnet, by the arguments that have it or its length.
pub(super) fn set_ipv6_block(
    resource: &TemplateResource,
    [block, length]: [&str; 2],
    mapped: &mut MappedResource,
) {
    let Some(own) = mapped.items.last_mut() else { return };
    let blocks = match given(&resource.values, block) {
        None if given(&resource.values, length).is_none() => default_of(EC2, &json!([])),
        Some(unknown) if unknown.is_unknown() => unknown.clone(),
        known => {
            let block = known.cloned().unwrap_or_else(|| computed(resource, block));
            let place = block.place.clone();
            let fields = ObjectFields::default().with("Ipv6CidrBlock", block);
            TemplateValue::list(vec![fields.at(place.clone())], place)
        }
    };
    set(&mut own.value, "Ipv6CidrBlockAssociationSet", blocks);
}

/// A route table that is taken over is the main one of its VPC, until another one becomes that.
pub(super) fn default_route_table(
    resource: &TemplateResource,
    template: &Template,
    mapped: &mut MappedResource,
) {
    if let Some(own) = mapped.items.last_mut() {
        set(&mut own.value, "Associations", default_of(EC2, &json!([{"Main": true}])));
    }
    route_table(resource, template, mapped);
}

/// Routes that a virtual private gateway announces are written nowhere.
pub(super) fn route_table(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(gateways) = given(&resource.values, "propagating_vgws") else { return };
    let Some(own) = mapped.items.last_mut() else { return };
    let with_id = |gateway: &TemplateValue| {
        ObjectFields::default().with("GatewayId", gateway.clone()).at(gateway.place.clone())
    };
    set(&mut own.value, "PropagatingVgws", each(gateways, with_id));
    let mut routes = own.value.get("Routes").cloned().unwrap_or_else(|| default_of(EC2, &json!([])));
    super::objects::add(&mut routes, vec![announced(gateways.clone())], false);
    set(&mut own.value, "Routes", routes);
}

/// `aws_vpn_gateway_route_propagation`.
pub(super) fn route_propagation(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let to = argument(resource, "route_table_id");
    let routes = announced(argument(resource, "vpn_gateway_id"));
    mapped.attachments.push(attachment("routeTables", to, &["Routes"], routes, resource));
}

pub(super) fn announced(gateway: TemplateValue) -> TemplateValue {
    TemplateValue::unknown("the routes that a VPN gateway announces are in no template", None, gateway.place)
}

/// A gateway is attached to the VPC that it names.
pub(super) fn internet_gateway(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    attached_to_vpc(resource, "available", mapped);
}

/// The same for one that lets out alone.
pub(super) fn egress_only_gateway(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    attached_to_vpc(resource, "attached", mapped);
}

fn attached_to_vpc(resource: &TemplateResource, state: &str, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let attachments = match given(&resource.values, "vpc_id") {
        None => default_of(EC2, &json!([])),
        Some(unknown) if unknown.is_unknown() => unknown.clone(),
        Some(vpc) => {
            let fields =
                ObjectFields::default().with("VpcId", vpc.clone()).with_default("State", EC2, &json!(state));
            TemplateValue::list(vec![fields.at(vpc.place.clone())], vpc.place.clone())
        }
    };
    set(&mut own.value, "Attachments", attachments);
}

/// The addresses of a NAT gateway: those that the template names, and the one that EC2 gives it.
pub(super) fn nat_gateway(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let values = &resource.values;
    let is_private = values.get("connectivity_type").is_some_and(|kind| kind.as_str() == Some("private"));
    let public = (!is_private).then(|| computed(resource, "public_ip"));
    let first = ObjectFields::default()
        .with_some("AllocationId", given(values, "allocation_id").cloned())
        .with_some("PrivateIp", given(values, "private_ip").cloned())
        .with_some("PublicIp", public)
        .at(given(values, "allocation_id").and_then(|value| value.place.clone()));
    let secondary = given(values, "secondary_allocation_ids").map(|ids| {
        each(ids, |id| {
            let words = "the address of an allocation is known only after apply";
            ObjectFields::default()
                .with("AllocationId", id.clone())
                .with("PublicIp", TemplateValue::unknown(words, None, None))
                .at(id.place.clone())
        })
    });
    let mut addresses = vec![first];
    match secondary.map(|secondary| (secondary.kind.clone(), secondary)) {
        Some((ValueKind::List(more), _)) => addresses.extend(more.iter().cloned()),
        Some((_, unknown)) => addresses.push(unknown),
        None => {}
    }
    set(&mut own.value, "NatGatewayAddresses", TemplateValue::list(addresses, None));
}

/// Whether a connection works: only one that is accepted with it surely does.
pub(super) fn peering(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let accepts = resource.values.get("auto_accept");
    let code = match (is_true(accepts), accepts) {
        (Some(true), Some(accepts)) => {
            TemplateValue { kind: ValueKind::Text("active".into()), ..accepts.clone() }
        }
        _ => TemplateValue::unknown("the peering connection is accepted elsewhere, or not", None, None),
    };
    set(&mut own.value, "Status", TemplateValue::map([("Code", code)], None));
}

/// What a flow log is of.
pub(super) fn flow_log(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    const OF: [&str; 6] = [
        "vpc_id",
        "subnet_id",
        "eni_id",
        "transit_gateway_id",
        "transit_gateway_attachment_id",
        "regional_nat_gateway_id",
    ];
    let Some(own) = mapped.items.last_mut() else { return };
    let named: Vec<_> = OF.iter().filter_map(|name| given(&resource.values, name)).collect();
    let of = match named.as_slice() {
        [only] => (*only).clone(),
        // More than one is only there where some are unknown.
        several => several.iter().find(|value| !value.is_unknown()).map_or_else(
            || TemplateValue::unknown("what the flow log is of is not known", None, None),
            |known| (*known).clone(),
        ),
    };
    set(&mut own.value, "ResourceId", of);
}

/// The security groups of an endpoint: those that it names, else the default group of its VPC.
pub(super) fn endpoint(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let values = &resource.values;
    let with_id = |group: &TemplateValue| {
        ObjectFields::default().with("GroupId", group.clone()).at(group.place.clone())
    };
    let kind = own.value.get("VpcEndpointType").and_then(|kind| kind.as_str().map(str::to_owned));
    let groups = match (given(values, "security_group_ids"), kind.as_deref()) {
        (Some(groups), _) => each(groups, with_id),
        (None, Some("Interface")) => {
            let group =
                ObjectFields::default().with("GroupId", default_group_of(&argument(resource, "vpc_id")));
            TemplateValue::list(vec![group.at(None)], None)
        }
        (None, Some(_)) => default_of(EC2, &json!([])),
        (None, None) => TemplateValue::unknown("the type of the endpoint is not known", None, None),
    };
    set(&mut own.value, "Groups", groups);
}

/// The default group of a VPC of the template; that of another one is not known.
pub(super) fn default_group_of(vpc: &TemplateValue) -> TemplateValue {
    if let ValueKind::Symbol(symbol) = &vpc.kind
        && let (Some(address), "id") = (&symbol.resource, &*symbol.attribute)
        && is_vpc(address)
    {
        return super::symbol(address, "default_security_group_id");
    }
    TemplateValue::unknown("the default security group of the VPC is not in the template", None, None)
}

/// Whether an address is that of a VPC that a template manages: `module.vpc.aws_vpc.this[0]`.
fn is_vpc(address: &str) -> bool {
    let mut parts = address.rsplit('.');
    let kind = parts.nth(1);
    matches!(kind, Some("aws_vpc" | "aws_default_vpc")) && parts.next() != Some("data")
}

/// `aws_vpc_endpoint_route_table_association`, `…_subnet_association`, `…_security_group_association`, `…_policy`.
pub(super) fn endpoint_association(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let (at, value): (&'static [&'static str], _) = match &*resource.kind {
        "aws_vpc_endpoint_route_table_association" => {
            (&["RouteTableIds"], argument(resource, "route_table_id"))
        }
        "aws_vpc_endpoint_subnet_association" => (&["SubnetIds"], argument(resource, "subnet_id")),
        _ => {
            let group = argument(resource, "security_group_id");
            let place = group.place.clone();
            (&["Groups"], ObjectFields::default().with("GroupId", group).at(place))
        }
    };
    let to = argument(resource, "vpc_endpoint_id");
    mapped.attachments.push(attachment("vpcEndpoints", to, at, value, resource));
}
