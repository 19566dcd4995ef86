//! The verdict on kubelet → API server as truth tables, to be read beside AWS's documentation:
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html> (E),
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html> (I),
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html> (N),
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html> (B),
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html> (A).

use super::*;
use crate::facts::flows::Flows;
use crate::facts::network::Network;
use crate::snapshot::Snapshot;
use crate::value::Json;
use bumpalo::Bump;
use proptest::prelude::*;
use serde_json::{Value, json};

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const UNKNOWN: Option<bool> = None;

fn known(answer: Option<bool>) -> Known<bool> {
    answer.ok_or_else(|| Unknown::undecided("?".to_owned()))
}

fn verdict(answers: [Option<bool>; 4], public: bool, private: bool) -> Option<Verdict> {
    let [names, admitted, leads, accepted] = answers;
    let way = PublicWay { leads: known(leads), accepted: known(accepted) };
    let (private_names, admitted) = (known(names), known(admitted));
    decide(&FlowInputs { public, private, private_names, admitted, ways: vec![way] }).ok()
}

/// ApiServerEndpoint mode × what is known of names, groups, route and list.
#[test]
fn what_is_known_decides() {
    use Verdict::{InVpc, LeavesVpc, LockedOut, Unreachable};
    let (public, both, private) = ((true, false), (true, true), (false, true));
    for (mode, names, admitted, leads, accepted, expected) in [
        // PublicAddresses endpoint alone: neither names nor groups of the control plane matter.
        (public, UNKNOWN, UNKNOWN, YES, YES, Some(LeavesVpc)),
        (public, YES, YES, YES, NO, Some(LockedOut)),
        (public, YES, YES, NO, YES, Some(Unreachable)),
        (public, YES, YES, NO, UNKNOWN, Some(Unreachable)),
        (public, YES, YES, UNKNOWN, YES, None),
        (public, YES, YES, UNKNOWN, NO, None),
        (public, YES, YES, YES, UNKNOWN, None),
        // Both: inside the VPC the name leads to the private endpoint, and no route matters.
        (both, YES, YES, UNKNOWN, UNKNOWN, Some(InVpc)),
        (both, YES, NO, YES, YES, Some(Unreachable)),
        (both, YES, UNKNOWN, YES, YES, None),
        // Without the VPC's DNS nodes get the public address, so the list applies.
        (both, NO, YES, YES, YES, Some(LeavesVpc)),
        (both, NO, YES, YES, NO, Some(LockedOut)),
        (both, NO, UNKNOWN, NO, YES, Some(Unreachable)),
        // Custom resolvers may or may not forward.
        (both, UNKNOWN, YES, YES, YES, None),
        (both, UNKNOWN, YES, NO, YES, None),
        (both, UNKNOWN, NO, NO, YES, Some(Unreachable)),
        // Private endpoint alone.
        (private, YES, YES, NO, NO, Some(InVpc)),
        (private, YES, NO, YES, YES, Some(Unreachable)),
        (private, NO, YES, YES, YES, Some(Unreachable)),
        (private, UNKNOWN, NO, YES, YES, Some(Unreachable)),
        (private, UNKNOWN, YES, YES, YES, None),
        (private, YES, UNKNOWN, YES, YES, None),
    ] {
        let got = verdict([names, admitted, leads, accepted], mode.0, mode.1);
        assert_eq!(got, expected, "{mode:?} {names:?} {admitted:?} {leads:?} {accepted:?}");
    }
}

fn answer() -> impl Strategy<Value = Option<bool>> {
    prop_oneof![Just(None), any::<bool>().prop_map(Some)]
}

/// Every way in which what is not known could turn out.
fn completions(answers: [Option<bool>; 4]) -> Vec<[Option<bool>; 4]> {
    (0..16_u8)
        .map(|bits| std::array::from_fn(|at| Some(bits & (1 << at) != 0)))
        .filter(|way: &[Option<bool>; 4]| way.iter().zip(answers).all(|(a, b)| b.is_none() || *a == b))
        .collect()
}

proptest! {
    #[test]
    fn no_completion_refutes_a_verdict(
        answers in prop::array::uniform4(answer()), public in any::<bool>(), private in any::<bool>(),
    ) {
        if let Some(verdict) = verdict(answers, public, private) {
            for completed in completions(answers) {
                prop_assert_eq!(super::tests::verdict(completed, public, private), Some(verdict));
            }
        }
    }

    #[test]
    fn what_is_known_in_full_has_a_verdict(
        answers in prop::array::uniform4(any::<bool>()), public in any::<bool>(), private in any::<bool>(),
    ) {
        prop_assert!(verdict(answers.map(Some), public, private).is_some());
    }

    #[test]
    fn a_second_way_never_makes_things_worse(
        a in prop::array::uniform2(answer()), b in prop::array::uniform2(answer()),
    ) {
        let way = |[leads, accepted]: [Option<bool>; 2]| PublicWay { leads: known(leads), accepted: known(accepted) };
        if outside(&[way(a)]) == Ok(Verdict::LeavesVpc) {
            prop_assert_eq!(outside(&[way(a), way(b)]), Ok(Verdict::LeavesVpc));
            prop_assert_eq!(outside(&[way(b), way(a)]), Ok(Verdict::LeavesVpc));
        }
    }
}

/// A cluster with one node group in one private subnet behind a NAT gateway, which nodes leave
/// through 198.51.100.7, with the public endpoint alone, open to everyone.
fn base() -> Value {
    let permission = |protocol: &str, extra: Value| {
        let mut permission = json!({"IpProtocol": protocol, "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []});
        permission.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        permission
    };
    let everyone = json!({"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]});
    let itself = json!({"UserIdGroupPairs": [{"GroupId": "sg-cluster"}]});
    let acl_entry = |egress: bool, block: &str, number: i64| {
        let field = if block.contains(':') { "Ipv6CidrBlock" } else { "CidrBlock" };
        json!({field: block, "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": number})
    };
    let entries: Vec<_> = [true, false]
        .iter()
        .flat_map(|out| [acl_entry(*out, "0.0.0.0/0", 100), acl_entry(*out, "::/0", 101)])
        .collect();
    let associations: Vec<_> = ["nodes", "control_plane", "public"]
        .iter()
        .map(|id| json!({"SubnetId": format!("subnet-{id}")}))
        .collect();
    json!({
        "schemaVersion": 1,
        "cluster": {
            "name": "demo", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/demo",
            "endpoint": "https://X.gr7.eu-west-1.eks.amazonaws.com",
            "kubernetesNetworkConfig": {"ipFamily": "ipv4"},
            "resourcesVpcConfig": {
                "vpcId": "vpc-1", "subnetIds": ["subnet-control_plane"], "clusterSecurityGroupId": "sg-cluster",
                "securityGroupIds": [], "endpointPublicAccess": true, "endpointPrivateAccess": false,
                "publicAccessCidrs": ["0.0.0.0/0"]
            }
        },
        "nodegroups": [{"nodegroupName": "apps", "subnets": ["subnet-nodes"]}],
        "fargateProfiles": [], "instances": [], "networkInterfaces": [], "launchTemplateVersions": [],
        "vpc": {"VpcId": "vpc-1", "DhcpOptionsId": "dopt-1", "EnableDnsSupport": true, "EnableDnsHostnames": true},
        "dhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}]}],
        "subnets": [
            {"SubnetId": "subnet-nodes", "CidrBlock": "10.0.1.0/24", "MapPublicIpOnLaunch": false,
             "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8:0:1::/64"}]},
            {"SubnetId": "subnet-control_plane", "CidrBlock": "10.0.2.0/24", "MapPublicIpOnLaunch": false},
            {"SubnetId": "subnet-public", "CidrBlock": "10.0.3.0/24", "MapPublicIpOnLaunch": false}
        ],
        "routeTables": [
            {"RouteTableId": "rtb-main", "Associations": [{"Main": true}], "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}]},
            {"RouteTableId": "rtb-public", "Associations": [{"Main": false, "SubnetId": "subnet-public"}], "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"},
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}]}
        ],
        "natGateways": [{"NatGatewayId": "nat-1", "State": "available", "ConnectivityType": "public",
            "SubnetId": "subnet-public", "NatGatewayAddresses": [{"PublicIp": "198.51.100.7"}]}],
        "securityGroups": [
            {"GroupId": "sg-cluster", "IpPermissions": [permission("-1", itself)],
             "IpPermissionsEgress": [permission("-1", everyone)]},
            {"GroupId": "sg-other", "IpPermissions": [], "IpPermissionsEgress": [permission("-1",
                json!({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}))]}
        ],
        "networkAcls": [{"NetworkAclId": "acl-1", "Associations": associations, "Entries": entries}]
    })
}

/// Puts a value at a JSON pointer; null takes the field away.
fn set(document: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("{parent} is there"));
    match (parent, value) {
        (Value::Object(fields), Value::Null) => {
            fields.remove(name);
        }
        (Value::Object(fields), value) => {
            fields.insert(name.to_owned(), value);
        }
        (Value::Array(items), value) => items[name.parse::<usize>().expect("a position")] = value,
        _ => panic!("{pointer} is no place for a value"),
    }
}

/// What the flow of the first nodes comes to.
fn judged(changes: &[(&str, Value)]) -> (String, Vec<String>) {
    let (verdict, missing, _) = reasoned(changes);
    (verdict, missing)
}

/// What it comes to, which addresses are missing, and why.
fn reasoned(changes: &[(&str, Value)]) -> (String, Vec<String>, String) {
    let mut document = base();
    for (pointer, value) in changes {
        set(&mut document, pointer, value.clone());
    }
    let (text, arena) = (document.to_string(), Bump::new());
    let root = Json::parse(&text, &arena).expect("JSON");
    let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
    let flows = Flows::of(&Network::of(SnapshotView { snapshot: &snapshots[0] }));
    let all = flows.to_api_server.expect("an endpoint");
    let verdict = all[0].flow.verdict.as_ref().map_or("unknown", |verdict| verdict.as_str());
    let missing = all[0].missing.as_deref().unwrap_or_default();
    let missing = missing.iter().map(|address| cidr::as_text(&address.block)).collect();
    (verdict.to_owned(), missing, all[0].flow.reason.clone())
}

const CONFIG: &str = "/cluster/resourcesVpcConfig";
const ROUTE: &str = "/routeTables/0/Routes/1";

fn config(field: &str) -> String {
    format!("{CONFIG}/{field}")
}

/// A row of a table: the page that says so, what differs from the base, the verdict.
type Row<'a> = (&'a str, &'a [(&'a str, Value)], &'a str);

fn check(rows: &[Row<'_>]) {
    for (page, changes, expected) in rows {
        assert_eq!(judged(changes).0, *expected, "{page}: {changes:?}");
    }
}

fn route(target: Value) -> Value {
    let mut route = json!({"DestinationCidrBlock": "0.0.0.0/0", "State": "active"});
    route.as_object_mut().expect("an object").extend(target.as_object().expect("an object").clone());
    route
}

#[test]
fn endpoint_mode_and_names() {
    let (public, private) = (config("endpointPublicAccess"), config("endpointPrivateAccess"));
    let (support, hostnames) = ("/vpc/EnableDnsSupport", "/vpc/EnableDnsHostnames");
    let custom = json!([{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [
        {"Key": "domain-name-servers", "Values": [{"Value": "10.9.9.9"}]}]}]);
    let cidrs = config("publicAccessCidrs");
    let office = || json!(["203.0.113.0/24"]);
    check(&[
        ("E", &[], "leaves-vpc"),
        ("E", &[(&private, json!(true))], "in-vpc"),
        ("E", &[(&private, json!(true)), (&public, json!(false))], "in-vpc"),
        ("E", &[(&private, json!(true)), (&cidrs, office())], "in-vpc"),
        ("E", &[(&private, json!(true)), (&cidrs, office()), ("/natGateways", Value::Null)], "in-vpc"),
        ("E", &[(&private, json!(true)), (hostnames, json!(false))], "leaves-vpc"),
        ("E", &[(&private, json!(true)), (hostnames, json!(false)), (&cidrs, office())], "locked-out"),
        ("E", &[(&private, json!(true)), (support, json!(false))], "leaves-vpc"),
        ("E", &[(&private, json!(true)), (support, Value::Null)], "unknown"),
        ("E", &[(&private, json!(true)), ("/vpc", Value::Null)], "unknown"),
        ("E", &[(&private, json!(true)), ("/dhcpOptions", custom.clone())], "unknown"),
        ("E", &[(&private, json!(true)), ("/dhcpOptions", Value::Null)], "in-vpc"),
        ("E", &[(&private, json!(true)), (&public, json!(false)), (support, json!(false))], "unreachable"),
        ("E", &[(&private, json!(true)), (&public, json!(false)), (hostnames, json!(false))], "unknown"),
        ("E", &[("/dhcpOptions", custom)], "leaves-vpc"),
    ]);
}

#[test]
fn routes_and_gateways() {
    let dead = |state: &str| {
        json!([{"NatGatewayId": "nat-1", "State": state, "ConnectivityType": "public",
        "SubnetId": "subnet-public", "NatGatewayAddresses": [{"PublicIp": "198.51.100.7"}]}])
    };
    let regional = json!([{"NatGatewayId": "nat-1", "State": "available", "ConnectivityType": "public",
        "AvailabilityMode": "regional", "NatGatewayAddresses": [{"PublicIp": "198.51.100.7"}]}]);
    let private = json!([{"NatGatewayId": "nat-1", "State": "available", "ConnectivityType": "private",
        "SubnetId": "subnet-public", "NatGatewayAddresses": []}]);
    let block = |mode: &str| json!({"InternetGatewayBlockMode": mode});
    let gateway = || (ROUTE, route(json!({"GatewayId": "igw-1"})));
    check(&[
        ("I", &[gateway()], "unreachable"),
        ("I", &[gateway(), ("/subnets/0/MapPublicIpOnLaunch", json!(true))], "leaves-vpc"),
        ("I", &[gateway(), ("/subnets/0/MapPublicIpOnLaunch", Value::Null)], "unknown"),
        ("N", &[("/natGateways", dead("failed"))], "unreachable"),
        ("N", &[("/natGateways", dead("pending"))], "unknown"),
        ("N", &[("/natGateways", json!([]))], "unknown"),
        ("N", &[("/natGateways", Value::Null)], "unknown"),
        ("N", &[("/natGateways", private)], "unknown"),
        ("N", &[("/natGateways", regional)], "leaves-vpc"),
        ("N", &[("/routeTables/1/Routes", json!([]))], "unreachable"),
        ("N", &[(ROUTE, route(json!({"NatGatewayId": "nat-1", "State": "blackhole"})))], "unreachable"),
        ("E", &[("/routeTables/0/Routes", json!([]))], "unreachable"),
        ("E", &[("/routeTables", Value::Null)], "unknown"),
        ("E", &[(ROUTE, route(json!({"TransitGatewayId": "tgw-1"})))], "unknown"),
        ("E", &[(ROUTE, route(json!({"VpcPeeringConnectionId": "pcx-1"})))], "unknown"),
        ("E", &[(ROUTE, route(json!({"GatewayId": "vgw-1"})))], "unknown"),
        ("E", &[(ROUTE, route(json!({"GatewayId": "vpce-1"})))], "unknown"),
        ("E", &[(ROUTE, route(json!({"NetworkInterfaceId": "eni-1"})))], "unknown"),
        ("B", &[("/vpc/BlockPublicAccessStates", block("off"))], "leaves-vpc"),
        ("B", &[("/vpc/BlockPublicAccessStates", block("block-ingress"))], "leaves-vpc"),
        ("B", &[("/vpc/BlockPublicAccessStates", block("block-bidirectional"))], "unreachable"),
        (
            "B",
            &[
                gateway(),
                ("/subnets/0/MapPublicIpOnLaunch", json!(true)),
                ("/vpc/BlockPublicAccessStates", block("block-ingress")),
            ],
            "unreachable",
        ),
    ]);
}

#[test]
fn several_routes_to_public_addresses() {
    let routes = |more: Value| {
        let mut routes = vec![json!({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"})];
        routes.extend(more.as_array().expect("a list").clone());
        ("/routeTables/0/Routes", Value::Array(routes))
    };
    let to =
        |block: &str, id: &str| json!({"DestinationCidrBlock": block, "NatGatewayId": id, "State": "active"});
    check(&[
        ("E", &[routes(json!([to("0.0.0.0/1", "nat-1"), to("128.0.0.0/1", "nat-1")]))], "leaves-vpc"),
        ("E", &[routes(json!([to("0.0.0.0/1", "nat-1")]))], "unknown"),
        ("E", &[routes(json!([to("0.0.0.0/0", "nat-1"), to("52.0.0.0/8", "nat-2")]))], "unknown"),
        // Private networks behind other targets do not matter, nor do S3's own prefixes.
        (
            "E",
            &[routes(json!([to("0.0.0.0/0", "nat-1"),
            {"DestinationCidrBlock": "192.168.0.0/16", "TransitGatewayId": "tgw-1"}]))],
            "leaves-vpc",
        ),
        (
            "E",
            &[routes(json!([to("0.0.0.0/0", "nat-1"),
            {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"}]))],
            "leaves-vpc",
        ),
    ]);
}

#[test]
fn the_list_of_the_public_endpoint() {
    let cidrs = config("publicAccessCidrs");
    let twice = json!([{"PublicIp": "198.51.100.7"}, {"PublicIp": "203.0.113.9"}]);
    let addresses = "/natGateways/0/NatGatewayAddresses";
    check(&[
        ("E", &[(&cidrs, json!([]))], "leaves-vpc"),
        ("E", &[(&cidrs, json!(["198.51.100.7/32"]))], "leaves-vpc"),
        ("E", &[(&cidrs, json!(["198.51.100.0/25", "198.51.100.128/25"]))], "leaves-vpc"),
        ("E", &[(&cidrs, json!(["203.0.113.0/24"]))], "locked-out"),
        ("E", &[(&cidrs, json!(["::/0"]))], "locked-out"),
        (
            "E",
            &[
                (&cidrs, json!(["0.0.0.0/1", "128.0.0.0/1"])),
                ("/natGateways/0/NatGatewayAddresses", Value::Null),
            ],
            "leaves-vpc",
        ),
        ("E", &[(&cidrs, json!(["198.51.100.7/32"])), (addresses, twice.clone())], "locked-out"),
        ("E", &[(&cidrs, json!(["198.51.100.7/32"])), (addresses, Value::Null)], "unknown"),
        ("E", &[(&cidrs, json!(["XXX"]))], "unknown"),
        ("E", &[(&cidrs, json!(["XXX", "198.51.100.7/32"]))], "leaves-vpc"),
    ]);
    let missing = judged(&[(&cidrs, json!(["198.51.100.7/32"])), (addresses, twice)]).1;
    assert_eq!(missing, ["203.0.113.9"]);
}

#[test]
fn groups_and_acls() {
    let private = config("endpointPrivateAccess");
    let on = || (private.as_str(), json!(true));
    let interface = |group: &str| {
        json!([{"NetworkInterfaceId": "eni-1", "Description": "Amazon EKS demo",
        "PrivateIpAddress": "10.0.2.9", "Groups": [{"GroupId": group}]}])
    };
    let admits = |protocol: &str, from: i64, to: i64, block: &str| {
        json!([{"IpProtocol": protocol,
        "FromPort": from, "ToPort": to, "IpRanges": [{"CidrIp": block}],
        "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}])
    };
    let other = "/securityGroups/1/IpPermissions";
    let deny = |block: &str| {
        json!([
        {"CidrBlock": block, "Egress": false, "Protocol": "6", "PortRange": {"From": 443, "To": 443}, "RuleAction": "deny", "RuleNumber": 50},
        {"CidrBlock": "0.0.0.0/0", "Egress": false, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100},
        {"CidrBlock": "0.0.0.0/0", "Egress": true, "Protocol": "-1", "RuleAction": "allow", "RuleNumber": 100}])
    };
    check(&[
        // The interfaces' own groups decide, not the cluster's configuration.
        ("E", &[on(), ("/networkInterfaces", interface("sg-other"))], "unreachable"),
        (
            "E",
            &[
                on(),
                ("/networkInterfaces", interface("sg-other")),
                (other, admits("tcp", 443, 443, "10.0.1.0/24")),
            ],
            "in-vpc",
        ),
        (
            "E",
            &[
                on(),
                ("/networkInterfaces", interface("sg-other")),
                (other, admits("tcp", 0, 1024, "10.0.0.0/16")),
            ],
            "in-vpc",
        ),
        (
            "E",
            &[
                on(),
                ("/networkInterfaces", interface("sg-other")),
                (other, admits("udp", 443, 443, "10.0.1.0/24")),
            ],
            "unreachable",
        ),
        (
            "E",
            &[
                on(),
                ("/networkInterfaces", interface("sg-other")),
                (other, admits("tcp", 443, 443, "10.0.1.0/25")),
            ],
            "unknown",
        ),
        (
            "E",
            &[
                on(),
                ("/networkInterfaces", interface("sg-other")),
                (other, admits("tcp", 443, 443, "10.7.0.0/16")),
            ],
            "unreachable",
        ),
        ("E", &[on(), ("/networkInterfaces", interface("sg-gone"))], "unknown"),
        ("E", &[on(), ("/securityGroups", Value::Null)], "unknown"),
        // A template's groups replace the cluster's.
        ("E", &[on(), ("/nodegroups/0/launchTemplate", json!({"id": "lt-1", "version": "1"}))], "unknown"),
        (
            "E",
            &[
                on(),
                ("/nodegroups/0/launchTemplate", json!({"id": "lt-1", "version": "1"})),
                (
                    "/launchTemplateVersions",
                    json!([{"LaunchTemplateId": "lt-1", "VersionNumber": 1,
                "LaunchTemplateData": {"SecurityGroupIds": ["sg-other"]}}]),
                ),
            ],
            "unreachable",
        ),
        (
            "E",
            &[
                on(),
                ("/nodegroups/0/launchTemplate", json!({"id": "lt-1", "version": "1"})),
                (
                    "/launchTemplateVersions",
                    json!([{"LaunchTemplateId": "lt-1", "VersionNumber": 1,
                "LaunchTemplateData": {"KeyName": "k"}}]),
                ),
            ],
            "in-vpc",
        ),
        ("A", &[on(), ("/networkAcls/0/Entries", deny("10.0.0.0/8"))], "unreachable"),
        ("A", &[on(), ("/networkAcls/0/Entries", deny("10.7.0.0/16"))], "in-vpc"),
        ("A", &[on(), ("/networkAcls", Value::Null)], "unknown"),
        // Without a way out for the nodes themselves.
        ("E", &[("/securityGroups/0/IpPermissionsEgress", json!([]))], "unreachable"),
        ("A", &[("/networkAcls/0/Entries", json!([]))], "unreachable"),
    ]);
}

/// The sentence says what the document says of the route and of what it leads to.
#[test]
fn the_reason_is_the_state_that_stands_in_the_document() {
    let route_to = |state: &str, target: Value| {
        let mut route = route(target);
        route["State"] = json!(state);
        (ROUTE, route)
    };
    let nat = |state: &str| ("/natGateways/0/State", json!(state));
    let mode = |mode: &str| json!({"InternetGatewayBlockMode": mode});
    let internet = || route_to("active", json!({"GatewayId": "igw-1"}));
    for (changes, expected) in [
        (vec![("/routeTables/0/Routes", json!([]))], "the subnet has no default route"),
        (
            vec![route_to("blackhole", json!({"NatGatewayId": "nat-1"}))],
            "the default route leads to nat-1, and its state is blackhole",
        ),
        (vec![nat("failed")], "the default route leads to the NAT gateway nat-1, and its state is failed"),
        (
            vec![nat("deleting")],
            "the default route leads to the NAT gateway nat-1, and its state is deleting",
        ),
        (
            vec![("/routeTables/1/Routes", json!([]))],
            "the NAT gateway nat-1 is in subnet-public, which has no default route",
        ),
        (
            vec![("/routeTables/1/Routes/1/State", json!("blackhole"))],
            "the NAT gateway nat-1 is in subnet-public, whose default route leads to igw-1 with the state blackhole",
        ),
        (
            vec![internet()],
            "the default route leads to an internet gateway, and the nodes have no public address",
        ),
        (
            vec![internet(), ("/vpc/BlockPublicAccessStates", mode("block-bidirectional"))],
            "VPC Block Public Access stops the traffic of subnet-nodes",
        ),
        (
            vec![("/vpc/BlockPublicAccessStates", mode("block-bidirectional"))],
            "VPC Block Public Access stops the traffic of subnet-public",
        ),
        (
            vec![("/securityGroups/0/IpPermissionsEgress", json!([]))],
            "security groups or network ACLs do not let the nodes out on 443",
        ),
    ] {
        let (verdict, _, reason) = reasoned(&changes);
        assert_eq!(verdict, "unreachable", "{changes:?}");
        assert_eq!(reason, format!("there is no way to the public endpoint: {expected}"));
    }
}

#[test]
fn ipv6_counts_only_with_a_dual_stack_endpoint() {
    let v6 = [
        ("/cluster/kubernetesNetworkConfig/ipFamily", json!("ipv6")),
        (
            "/routeTables/0/Routes",
            json!([{"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"}]),
        ),
    ];
    let dual = ("/cluster/endpoint", json!("https://X.eks-cluster.eu-west-1.api.aws"));
    let cidrs = config("publicAccessCidrs");
    let with = |more: &[(&str, Value)]| {
        let mut all = v6.to_vec();
        all.extend_from_slice(more);
        judged(&all)
    };
    assert_eq!(with(&[]).0, "unreachable");
    assert_eq!(with(std::slice::from_ref(&dual)).0, "locked-out");
    assert_eq!(with(&[dual.clone(), (&cidrs, json!(["0.0.0.0/0", "::/0"]))]).0, "leaves-vpc");
    assert_eq!(with(&[dual.clone(), (&cidrs, json!(["2001:db8:0:1::/64"]))]).0, "leaves-vpc");
    assert_eq!(with(&[dual.clone(), (&cidrs, json!(["2001:db8:0:1::/65"]))]).0, "unknown");
    let locked = with(&[dual, (&cidrs, json!(["2001:db8:9::/48"]))]);
    assert_eq!(locked, ("locked-out".to_owned(), vec!["2001:db8:0:1::/64".to_owned()]));
}
