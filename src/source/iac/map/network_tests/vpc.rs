use super::{at, mapped, shown, unknown_is_never_none};
use serde_json::{Value, json};

fn vpc() -> (&'static str, Value) {
    ("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}))
}

fn local(block: &str) -> Value {
    json!({"DestinationCidrBlock": block, "GatewayId": "local", "State": "active"})
}

#[test]
fn a_vpc_brings_what_ec2_makes_with_it() {
    let outcome = mapped(&[vpc()]);
    let item = outcome.item("vpc", "aws_vpc.main");
    assert_eq!(shown(at(item, "/EnableDnsSupport")), json!(true));
    assert_eq!(shown(at(item, "/EnableDnsHostnames")), json!(false));
    assert_eq!(shown(at(item, "/IsDefault")), json!(false));
    assert_eq!(outcome.place_of(at(item, "/CidrBlockAssociationSet/0/CidrBlock")), "aws_vpc.main/cidr_block");
    assert_eq!(
        shown(outcome.item("routeTables", "aws_vpc.main")),
        json!({"RouteTableId": "${aws_vpc.main.default_route_table_id}", "VpcId": "${aws_vpc.main.id}",
            "Associations": [{"Main": true}], "Routes": [local("10.0.0.0/16")]})
    );
    let group = outcome.item("securityGroups", "aws_vpc.main");
    assert_eq!(shown(at(group, "/GroupId")), json!("${aws_vpc.main.default_security_group_id}"));
    assert_eq!(
        shown(at(group, "/IpPermissions/0/UserIdGroupPairs")),
        json!([{"GroupId": "${aws_vpc.main.default_security_group_id}"}])
    );
    assert_eq!(shown(at(group, "/IpPermissionsEgress/0/IpRanges")), json!([{"CidrIp": "0.0.0.0/0"}]));
    let acl = outcome.item("networkAcls", "aws_vpc.main");
    assert_eq!(shown(at(acl, "/IsDefault")), json!(true));
    assert_eq!(shown(at(acl, "/Entries/0/RuleAction")), json!("allow"));
    let options = shown(outcome.item("dhcpOptions", "aws_vpc.main"));
    assert_eq!(options["DhcpOptionsId"], shown(at(item, "/DhcpOptionsId")));
}

#[test]
fn what_the_template_takes_over_is_as_it_says() {
    let outcome = mapped(&[
        vpc(),
        ("aws_default_security_group.a", json!({"vpc_id": "${aws_vpc.main.id}"})),
        (
            "aws_default_route_table.a",
            json!({"default_route_table_id": "${aws_vpc.main.main_route_table_id}",
            "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "${aws_internet_gateway.a.id}", "nat_gateway_id": ""}]}),
        ),
        (
            "aws_default_network_acl.a",
            json!({"default_network_acl_id": "${aws_vpc.main.default_network_acl_id}"}),
        ),
        (
            "aws_route.a",
            json!({"route_table_id": "${aws_default_route_table.a.id}",
            "destination_cidr_block": "192.168.0.0/16", "vpc_peering_connection_id": "pcx-1"}),
        ),
        (
            "aws_security_group_rule.a",
            json!({"type": "ingress", "protocol": "tcp", "from_port": 1, "to_port": 1,
            "cidr_blocks": [], "security_group_id": "${aws_default_security_group.a.id}"}),
        ),
    ]);
    for (section, address) in [
        ("securityGroups", "aws_default_security_group.a"),
        ("routeTables", "aws_default_route_table.a"),
        ("networkAcls", "aws_default_network_acl.a"),
    ] {
        let items = outcome.items(section);
        assert_eq!(items.iter().map(|item| &*item.address).collect::<Vec<_>>(), [address]);
        assert_eq!(outcome.part(section, address, "/VpcId"), json!("${aws_vpc.main.id}"), "{address}");
    }
    let group = outcome.item("securityGroups", "aws_default_security_group.a");
    assert_eq!(shown(at(group, "/GroupId")), json!("${aws_vpc.main.default_security_group_id}"));
    assert_eq!(shown(at(group, "/IpPermissions")), json!([]));
    assert_eq!(
        outcome.part("routeTables", "aws_default_route_table.a", "/Routes"),
        json!([local("10.0.0.0/16"),
            {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "${aws_internet_gateway.a.id}", "State": "active"}])
    );
    // Only the last rule, that nobody can remove, is left.
    let entries = outcome.part("networkAcls", "aws_default_network_acl.a", "/Entries");
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["RuleAction"] == "deny"), "{entries}");
    // Whatever a resource is called, references lead to its key.
    assert_eq!(shown(&outcome.attachment("aws_route.a").to), json!("${aws_vpc.main.default_route_table_id}"));
    let to = shown(&outcome.attachment("aws_security_group_rule.a").to);
    assert_eq!(to, json!("${aws_vpc.main.default_security_group_id}"));
}

#[test]
fn what_the_template_perhaps_takes_over_is_not_known() {
    let outcome = mapped(&[
        vpc(),
        ("?aws_default_security_group.a", json!({"vpc_id": "${aws_vpc.main.id}"})),
        (
            "?aws_main_route_table_association.a",
            json!({"vpc_id": "${aws_vpc.main.id}", "route_table_id": "rtb-1"}),
        ),
    ]);
    assert_eq!(outcome.items("securityGroups").len(), 1);
    let permissions = outcome.part("securityGroups", "aws_vpc.main", "/IpPermissions");
    assert_eq!(permissions, json!("?aws_default_security_group.a may change it: count is not known"));
    let main = outcome.part("routeTables", "aws_vpc.main", "/Associations");
    assert_eq!(main, json!("?aws_main_route_table_association.a may change it: count is not known"));
}

#[test]
fn another_table_becomes_the_main_one() {
    let outcome = mapped(&[
        vpc(),
        ("aws_route_table.a", json!({"vpc_id": "${aws_vpc.main.id}"})),
        (
            "aws_main_route_table_association.a",
            json!({"vpc_id": "${aws_vpc.main.id}",
            "route_table_id": "${aws_route_table.a.id}"}),
        ),
    ]);
    assert_eq!(outcome.part("routeTables", "aws_vpc.main", "/Associations"), json!([]));
    let attachment = outcome.attachment("aws_main_route_table_association.a");
    assert_eq!((attachment.section, attachment.at), ("routeTables", ["Associations"].as_slice()));
    assert_eq!(shown(&attachment.to), json!("${aws_route_table.a.id}"));
    assert_eq!(shown(at(&attachment.value, "/Main")), json!(true));
}

#[test]
fn route_tables_have_routes_and_local_ones() {
    let targets = [
        ("gateway_id", "GatewayId"),
        ("vpc_endpoint_id", "GatewayId"),
        ("nat_gateway_id", "NatGatewayId"),
        ("egress_only_gateway_id", "EgressOnlyInternetGatewayId"),
        ("transit_gateway_id", "TransitGatewayId"),
        ("vpc_peering_connection_id", "VpcPeeringConnectionId"),
        ("network_interface_id", "NetworkInterfaceId"),
        ("carrier_gateway_id", "CarrierGatewayId"),
        ("local_gateway_id", "LocalGatewayId"),
        ("core_network_arn", "CoreNetworkArn"),
    ];
    for (argument, field) in targets {
        let outcome = mapped(&[
            vpc(),
            (
                "aws_vpc_ipv4_cidr_block_association.a",
                json!({"vpc_id": "${aws_vpc.main.id}", "cidr_block": "100.64.0.0/16"}),
            ),
            (
                "aws_route_table.a",
                json!({"vpc_id": "${aws_vpc.main.id}", "route": [
                {"cidr_block": "0.0.0.0/0", "ipv6_cidr_block": "", argument: "${x.y.id}"}]}),
            ),
            (
                "aws_route.a",
                json!({"route_table_id": "${aws_route_table.a.id}", "destination_ipv6_cidr_block": "::/0",
                argument: "${x.y.id}"}),
            ),
        ]);
        let route = json!({"DestinationCidrBlock": "0.0.0.0/0", field: "${x.y.id}", "State": "active"});
        assert_eq!(
            outcome.part("routeTables", "aws_route_table.a", "/Routes"),
            json!([local("10.0.0.0/16"), local("100.64.0.0/16"), route]),
            "{argument}"
        );
        let item = outcome.item("routeTables", "aws_route_table.a");
        let place = outcome.place_of(at(item, "/Routes/2/DestinationCidrBlock"));
        assert_eq!(place, "aws_route_table.a/route/0/cidr_block");
        let route = json!({"DestinationIpv6CidrBlock": "::/0", field: "${x.y.id}", "State": "active"});
        assert_eq!(shown(&outcome.attachment("aws_route.a").value), route);
    }
}

#[test]
fn the_local_route_of_a_vpc_that_is_elsewhere_is_not_known() {
    let outcome =
        mapped(&[("aws_route_table.a", json!({"vpc_id": "?var.vpc", "propagating_vgws": ["vgw-1"]}))]);
    let routes = outcome.part("routeTables", "aws_route_table.a", "/Routes");
    assert_eq!(routes[0]["GatewayId"], json!("local"));
    assert_eq!(
        routes[0]["DestinationCidrBlock"],
        json!("?the VPC of the route table is not in the template")
    );
    assert_eq!(routes[1], json!("?the routes that a VPN gateway announces are in no template"));
}

#[test]
fn subnets_and_tables_are_associated() {
    let outcome = mapped(&[
        (
            "aws_route_table_association.a",
            json!({"subnet_id": "${aws_subnet.a.id}", "route_table_id": "${aws_route_table.a.id}"}),
        ),
        (
            "aws_subnet.a",
            json!({"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24", "map_public_ip_on_launch": "true"}),
        ),
        (
            "aws_subnet.b",
            json!({"vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a"}),
        ),
    ]);
    let attachment = outcome.attachment("aws_route_table_association.a");
    assert_eq!(shown(at(&attachment.value, "/SubnetId")), json!("${aws_subnet.a.id}"));
    let part = |name: &str, field: &str| outcome.part("subnets", &format!("aws_subnet.{name}"), field);
    assert_eq!(part("a", "/MapPublicIpOnLaunch"), json!(true));
    assert_eq!(part("b", "/MapPublicIpOnLaunch"), json!(false));
    assert_eq!(part("b", "/AvailabilityZone"), json!("eu-west-1a"));
    assert!(part("a", "/AvailabilityZone").as_str().unwrap().starts_with('?'));
    assert_eq!(part("a", "/Ipv6CidrBlockAssociationSet"), json!([]));
}

#[test]
fn the_default_network_acl_is_for_all_other_subnets() {
    let subnet =
        |name: &'static str| (name, json!({"vpc_id": "${aws_vpc.main.id}", "cidr_block": "10.0.0.0/24"}));
    let own = (
        "aws_network_acl.own",
        json!({"vpc_id": "${aws_vpc.main.id}", "subnet_ids": ["${aws_subnet.b.id}"],
        "ingress": [{"rule_no": 100, "action": "ALLOW", "protocol": "tcp", "from_port": 443, "to_port": 443,
            "cidr_block": "0.0.0.0/0"}]}),
    );
    let association = (
        "aws_network_acl_association.c",
        json!({"network_acl_id": "${aws_network_acl.own.id}", "subnet_id": "${aws_subnet.c.id}"}),
    );
    let all =
        [vpc(), subnet("aws_subnet.a"), subnet("aws_subnet.b"), subnet("aws_subnet.c"), own, association];
    let outcome = mapped(&all);
    let default = outcome.part("networkAcls", "aws_vpc.main", "/Associations");
    assert_eq!(default, json!([{"SubnetId": "${aws_subnet.a.id}"}]));
    let acl = outcome.item("networkAcls", "aws_network_acl.own");
    assert_eq!(shown(at(acl, "/Associations")), json!([{"SubnetId": "${aws_subnet.b.id}"}]));
    assert_eq!(
        shown(at(acl, "/Entries/0")),
        json!({"RuleNumber": 100, "RuleAction": "allow", "Protocol": "6", "Egress": false, "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 443, "To": 443}})
    );
    assert_eq!(outcome.place_of(at(acl, "/Entries/0/CidrBlock")), "aws_network_acl.own/ingress/0/cidr_block");
    assert_eq!(shown(at(acl, "/Entries/1/RuleNumber")), json!(32767));
    // Which subnets another ACL is for decides, so where that is not known, nothing is.
    let mut unclear = all.to_vec();
    unclear[4].1["subnet_ids"] = json!("?var.subnets");
    let default = mapped(&unclear).part("networkAcls", "aws_vpc.main", "/Associations");
    assert!(default.as_str().unwrap().starts_with('?'), "{default}");
    // A subnet that may be in any VPC may be in this one.
    let mut elsewhere = all.to_vec();
    elsewhere[1].1["vpc_id"] = json!("?var.vpc");
    let default = mapped(&elsewhere).part("networkAcls", "aws_vpc.main", "/Associations");
    assert_eq!(default, "?the VPC of aws_subnet.a is not known");
}

#[test]
fn rules_of_network_acls_are_numbers() {
    for (protocol, number, ports) in [
        (json!("tcp"), "6", json!({"From": 0, "To": 65535})),
        (json!(17), "17", json!({"From": 0, "To": 65535})),
        (json!("-1"), "-1", Value::Null),
        (json!("all"), "-1", Value::Null),
        (json!("?var.p"), "?var.p has no value", json!({"From": 0, "To": 65535})),
    ] {
        let outcome = mapped(&[(
            "aws_network_acl_rule.a",
            json!({"network_acl_id": "acl-1", "rule_number": "90",
            "rule_action": "deny", "protocol": protocol, "egress": "true", "ipv6_cidr_block": "::/0", "to_port": 65535}),
        )]);
        let attachment = outcome.attachment("aws_network_acl_rule.a");
        assert_eq!((attachment.section, attachment.at), ("networkAcls", ["Entries"].as_slice()));
        let entry = shown(&attachment.value);
        assert_eq!((&entry["Protocol"], &entry["PortRange"]), (&json!(number), &ports));
        assert_eq!((&entry["RuleNumber"], &entry["Egress"]), (&json!(90), &json!(true)));
        assert_eq!(entry["Ipv6CidrBlock"], json!("::/0"));
    }
    let odd = json!({"network_acl_id": "acl-1", "rule_number": 1, "rule_action": "deny", "protocol": "ospf"});
    let outcome = mapped(&[("aws_network_acl_rule.a", odd)]);
    assert!(at(&outcome.attachment("aws_network_acl_rule.a").value, "/Protocol").is_unknown());
}

#[test]
fn gateways_are_attached() {
    let outcome = mapped(&[
        ("aws_internet_gateway.a", json!({"vpc_id": "${aws_vpc.main.id}"})),
        ("aws_internet_gateway.b", json!({})),
        (
            "aws_internet_gateway_attachment.b",
            json!({"internet_gateway_id": "${aws_internet_gateway.b.id}", "vpc_id": "vpc-1"}),
        ),
        ("aws_egress_only_internet_gateway.a", json!({"vpc_id": "?var.vpc"})),
    ]);
    let part = |name: &str| outcome.part("internetGateways", name, "/Attachments");
    assert_eq!(
        part("aws_internet_gateway.a"),
        json!([{"VpcId": "${aws_vpc.main.id}", "State": "available"}])
    );
    assert_eq!(part("aws_internet_gateway.b"), json!([]));
    let attachment = outcome.attachment("aws_internet_gateway_attachment.b");
    assert_eq!(shown(&attachment.value), json!({"VpcId": "vpc-1", "State": "available"}));
    let egress_only =
        outcome.part("egressOnlyInternetGateways", "aws_egress_only_internet_gateway.a", "/Attachments");
    assert_eq!(egress_only, json!("?var.vpc has no value"));
}

#[test]
fn nat_gateways_are_in_the_vpc_of_their_subnet() {
    let outcome = mapped(&[
        ("aws_subnet.a", json!({"vpc_id": "${aws_vpc.main.id}", "cidr_block": "10.0.0.0/24"})),
        (
            "aws_nat_gateway.public",
            json!({"subnet_id": "${aws_subnet.a.id}", "allocation_id": "${aws_eip.a.id}"}),
        ),
        ("aws_nat_gateway.private", json!({"subnet_id": "subnet-1", "connectivity_type": "private"})),
    ]);
    let public = outcome.item("natGateways", "aws_nat_gateway.public");
    assert_eq!(shown(at(public, "/VpcId")), json!("${aws_vpc.main.id}"));
    assert_eq!(shown(at(public, "/State")), json!("available"));
    assert_eq!(shown(at(public, "/ConnectivityType")), json!("public"));
    assert_eq!(
        shown(at(public, "/NatGatewayAddresses")),
        json!([{"AllocationId": "${aws_eip.a.id}", "PublicIp": "${aws_nat_gateway.public.public_ip}"}])
    );
    let private = outcome.item("natGateways", "aws_nat_gateway.private");
    assert!(at(private, "/VpcId").is_unknown());
    assert_eq!(shown(at(private, "/NatGatewayAddresses")), json!([{}]));
}

#[test]
fn endpoints_have_the_groups_and_policies_that_resources_give_them() {
    let policy = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    let endpoint = |more: Value| {
        let mut values =
            json!({"vpc_id": "${aws_vpc.main.id}", "service_name": "com.amazonaws.eu-west-1.ec2"});
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        values
    };
    let interface = json!({"vpc_endpoint_type": "Interface"});
    let outcome = mapped(&[
        ("aws_vpc_endpoint.s3", endpoint(json!({"route_table_ids": ["rtb-1"]}))),
        (
            "aws_vpc_endpoint.ec2",
            endpoint(json!({"vpc_endpoint_type": "Interface", "private_dns_enabled": true,
            "subnet_ids": ["${aws_subnet.a.id}"], "security_group_ids": ["sg-1"], "policy": policy})),
        ),
        ("aws_vpc_endpoint.default", endpoint(interface.clone())),
        ("aws_vpc_endpoint.replaced", endpoint(interface)),
        (
            "aws_vpc_endpoint_security_group_association.a",
            json!({"vpc_endpoint_id": "${aws_vpc_endpoint.replaced.id}",
            "security_group_id": "sg-9", "replace_default_association": true}),
        ),
        (
            "aws_vpc_endpoint_route_table_association.a",
            json!({"vpc_endpoint_id": "${aws_vpc_endpoint.s3.id}",
            "route_table_id": "rtb-2"}),
        ),
        (
            "aws_vpc_endpoint_policy.a",
            json!({"vpc_endpoint_id": "${aws_vpc_endpoint.default.id}", "policy": policy}),
        ),
    ]);
    let part = |name: &str, pointer: &str| {
        outcome.part("vpcEndpoints", &format!("aws_vpc_endpoint.{name}"), pointer)
    };
    assert_eq!(part("s3", "/VpcEndpointType"), json!("Gateway"));
    assert_eq!(part("s3", "/Groups"), json!([]));
    assert_eq!(part("s3", "/PrivateDnsEnabled"), json!(false));
    assert_eq!(part("ec2", "/Groups"), json!([{"GroupId": "sg-1"}]));
    assert_eq!(part("ec2", "/PolicyDocument"), json!(policy));
    assert_eq!(part("default", "/Groups"), json!([{"GroupId": "${aws_vpc.main.default_security_group_id}"}]));
    assert_eq!(part("default", "/PolicyDocument"), json!(policy));
    assert_eq!(part("replaced", "/Groups"), json!([]));
    let group = outcome.attachment("aws_vpc_endpoint_security_group_association.a");
    assert_eq!((group.at, shown(&group.value)), (["Groups"].as_slice(), json!({"GroupId": "sg-9"})));
    let table = outcome.attachment("aws_vpc_endpoint_route_table_association.a");
    assert_eq!((table.at, shown(&table.value)), (["RouteTableIds"].as_slice(), json!("rtb-2")));
}

#[test]
fn the_rest_of_a_network() {
    let outcome = mapped(&[
        vpc(),
        (
            "aws_vpc_peering_connection.a",
            json!({"vpc_id": "${aws_vpc.main.id}", "peer_vpc_id": "vpc-9", "auto_accept": true}),
        ),
        ("aws_vpc_peering_connection.b", json!({"vpc_id": "${aws_vpc.main.id}", "peer_vpc_id": "vpc-9"})),
        (
            "aws_flow_log.a",
            json!({"vpc_id": "${aws_vpc.main.id}", "traffic_type": "ALL", "log_destination": "${aws_s3_bucket.a.arn}",
            "log_destination_type": "s3"}),
        ),
        (
            "aws_ec2_managed_prefix_list.a",
            json!({"name": "offices", "address_family": "IPv4", "max_entries": 5,
            "entry": [{"cidr": "192.0.2.0/24", "description": "one"}]}),
        ),
        (
            "aws_ec2_managed_prefix_list_entry.a",
            json!({"prefix_list_id": "${aws_ec2_managed_prefix_list.a.id}",
            "cidr": "198.51.100.0/24"}),
        ),
        ("aws_vpc_dhcp_options.a", json!({"domain_name_servers": ["10.0.0.2", "AmazonProvidedDNS"]})),
        (
            "aws_vpc_dhcp_options_association.a",
            json!({"vpc_id": "${aws_vpc.main.id}",
            "dhcp_options_id": "${aws_vpc_dhcp_options.a.id}"}),
        ),
    ]);
    let status = |name: &str| {
        outcome.part("vpcPeeringConnections", &format!("aws_vpc_peering_connection.{name}"), "/Status/Code")
    };
    assert_eq!(status("a"), json!("active"));
    assert_eq!(status("b"), json!("?the peering connection is accepted elsewhere, or not"));
    let peer =
        outcome.part("vpcPeeringConnections", "aws_vpc_peering_connection.a", "/AccepterVpcInfo/VpcId");
    assert_eq!(peer, json!("vpc-9"));
    assert_eq!(outcome.part("flowLogs", "aws_flow_log.a", "/ResourceId"), json!("${aws_vpc.main.id}"));
    let list = outcome.item("managedPrefixLists", "aws_ec2_managed_prefix_list.a");
    assert_eq!(shown(at(list, "/Entries")), json!([{"Cidr": "192.0.2.0/24", "Description": "one"}]));
    assert_eq!(outcome.place_of(at(list, "/Entries/0/Cidr")), "aws_ec2_managed_prefix_list.a/entry/0/cidr");
    let entry = outcome.attachment("aws_ec2_managed_prefix_list_entry.a");
    assert_eq!(shown(&entry.value), json!({"Cidr": "198.51.100.0/24"}));
    assert_eq!(outcome.part("vpc", "aws_vpc.main", "/DhcpOptionsId"), json!("${aws_vpc_dhcp_options.a.id}"));
    assert_eq!(
        outcome.part("dhcpOptions", "aws_vpc_dhcp_options.a", "/DhcpConfigurations"),
        json!([{"Key": "domain-name-servers", "Values": [{"Value": "10.0.0.2"}, {"Value": "AmazonProvidedDNS"}]}])
    );
}

#[test]
fn ipv6_is_where_the_template_asks_for_it() {
    for (more, expected) in [
        (json!({}), json!([])),
        (json!({"assign_generated_ipv6_cidr_block": false}), json!([])),
        (
            json!({"assign_generated_ipv6_cidr_block": true}),
            json!([{"Ipv6CidrBlock": "${aws_vpc.main.ipv6_cidr_block}"}]),
        ),
        (json!({"ipv6_cidr_block": "2001:db8::/56"}), json!([{"Ipv6CidrBlock": "2001:db8::/56"}])),
        (json!({"assign_generated_ipv6_cidr_block": "?var.v6"}), json!("?var.v6 has no value")),
    ] {
        let mut values = json!({"cidr_block": "10.0.0.0/16"});
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let outcome = mapped(&[("aws_vpc.main", values)]);
        assert_eq!(outcome.part("vpc", "aws_vpc.main", "/Ipv6CidrBlockAssociationSet"), expected, "{more}");
        let egress = outcome.part("securityGroups", "aws_vpc.main", "/IpPermissionsEgress/0/Ipv6Ranges");
        assert_eq!(egress == json!([]), expected == json!([]), "{more}");
    }
}

#[test]
fn no_unknown_argument_becomes_none() {
    unknown_is_never_none(
        &[
            (
                "aws_vpc.a",
                json!({"cidr_block": "10.0.0.0/16", "enable_dns_support": true, "enable_dns_hostnames": true,
                "assign_generated_ipv6_cidr_block": true, "tags": {}}),
            ),
            (
                "aws_subnet.a",
                json!({"vpc_id": "${aws_vpc.a.id}", "cidr_block": "10.0.0.0/24", "ipv6_cidr_block": "::/64",
                "map_public_ip_on_launch": true, "availability_zone": "a"}),
            ),
            ("aws_route_table.a", json!({"vpc_id": "${aws_vpc.a.id}", "route": [], "propagating_vgws": []})),
            (
                "aws_route.a",
                json!({"route_table_id": "rtb-1", "destination_cidr_block": "10.0.0.0/8", "gateway_id": "igw-1"}),
            ),
            (
                "aws_route_table_association.a",
                json!({"route_table_id": "rtb-1", "subnet_id": "${aws_subnet.a.id}"}),
            ),
            ("aws_internet_gateway.a", json!({"vpc_id": "${aws_vpc.a.id}"})),
            (
                "aws_nat_gateway.a",
                json!({"subnet_id": "${aws_subnet.a.id}", "allocation_id": "eipalloc-1",
                "secondary_allocation_ids": [], "connectivity_type": "public"}),
            ),
            (
                "aws_vpc_endpoint.a",
                json!({"vpc_id": "${aws_vpc.a.id}", "service_name": "s", "vpc_endpoint_type": "Interface",
                "private_dns_enabled": true, "subnet_ids": [], "security_group_ids": [], "route_table_ids": [], "policy": "{}"}),
            ),
            (
                "aws_network_acl.a",
                json!({"vpc_id": "${aws_vpc.a.id}", "subnet_ids": [], "ingress": [], "egress": []}),
            ),
            (
                "aws_network_acl_rule.a",
                json!({"network_acl_id": "acl-1", "rule_number": 1, "rule_action": "allow",
                "protocol": "tcp", "egress": false, "cidr_block": "10.0.0.0/8", "from_port": 1, "to_port": 2}),
            ),
            ("aws_flow_log.a", json!({"vpc_id": "${aws_vpc.a.id}", "traffic_type": "ALL"})),
            (
                "aws_vpc_peering_connection.a",
                json!({"vpc_id": "${aws_vpc.a.id}", "peer_vpc_id": "vpc-1", "auto_accept": true}),
            ),
            ("aws_ec2_managed_prefix_list.a", json!({"name": "a", "address_family": "IPv4", "entry": []})),
        ],
        &[],
    );
}
