//! The VPC of a cluster: three public subnets, private ones in three zones, a route table for each
//! zone, security groups, and the interfaces of the control plane.

use super::{ACCOUNT, Cluster, SECURITY_GROUPS, SUBNETS, Sections, ZONES};
use serde_json::{Value, json};

impl Cluster {
    pub(super) fn of_network(&mut self) -> Sections {
        let tables = 2 + self.nat_gateways.len();
        vec![
            ("vpc", self.vpc()),
            ("dhcpOptions", json!([self.dhcp_options()])),
            ("subnets", super::each(SUBNETS, |at| self.subnet(at))),
            ("routeTables", super::each(tables, |at| self.route_table(at))),
            ("internetGateways", json!([self.internet_gateway()])),
            ("egressOnlyInternetGateways", json!([])),
            ("natGateways", super::each(self.nat_gateways.len(), |at| self.nat_gateway(at))),
            ("vpcPeeringConnections", json!([])),
            ("securityGroups", super::each(SECURITY_GROUPS, |at| self.security_group(at))),
            ("managedPrefixLists", json!([])),
            ("networkAcls", json!([self.network_acl()])),
            ("networkInterfaces", super::each(2, |at| self.interface(at))),
            ("vpcEndpoints", json!([])),
            ("flowLogs", json!([])),
        ]
    }

    fn vpc(&mut self) -> Value {
        json!({
            "OwnerId": ACCOUNT,
            "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [{
                "AssociationId": self.random.id("vpc-cidr-assoc"),
                "CidrBlock": "10.60.0.0/16",
                "CidrBlockState": { "State": "associated" }
            }],
            "IsDefault": false,
            "Tags": self.tags("vpc"),
            "BlockPublicAccessStates": { "InternetGatewayBlockMode": "off" },
            "VpcId": self.vpc,
            "State": "available",
            "CidrBlock": "10.60.0.0/16",
            "DhcpOptionsId": self.dhcp_options,
            "EnableDnsSupport": true,
            "EnableDnsHostnames": self.random.chance(90)
        })
    }

    fn tags(&self, of: &str) -> Value {
        json!([{ "Key": "Name", "Value": format!("{}-{of}", self.name) }])
    }

    fn dhcp_options(&self) -> Value {
        let domain = format!("{}.compute.internal", self.region);
        json!({
            "OwnerId": ACCOUNT,
            "Tags": [],
            "DhcpOptionsId": self.dhcp_options,
            "DhcpConfigurations": [
                { "Key": "domain-name", "Values": [{ "Value": domain }] },
                { "Key": "domain-name-servers", "Values": [{ "Value": "AmazonProvidedDNS" }] }
            ]
        })
    }

    fn subnet(&mut self, at: usize) -> Value {
        let (zone, public) = (ZONES[at % ZONES.len()], at < ZONES.len());
        let role = if public { "kubernetes.io/role/elb" } else { "kubernetes.io/role/internal-elb" };
        json!({
            "AvailabilityZoneId": format!("az{}", 1 + at % ZONES.len()),
            "MapCustomerOwnedIpOnLaunch": false,
            "OwnerId": ACCOUNT,
            "AssignIpv6AddressOnCreation": false,
            "Ipv6CidrBlockAssociationSet": [],
            "Tags": [
                { "Key": "Name", "Value": format!("{}-{at:02}", self.name) },
                { "Key": role, "Value": "1" }
            ],
            "SubnetArn": format!("arn:aws:ec2:{}:{ACCOUNT}:subnet/{}", self.region, self.subnets[at]),
            "EnableDns64": false,
            "Ipv6Native": false,
            "PrivateDnsNameOptionsOnLaunch": {
                "HostnameType": "ip-name",
                "EnableResourceNameDnsARecord": false,
                "EnableResourceNameDnsAAAARecord": false
            },
            "BlockPublicAccessStates": { "InternetGatewayBlockMode": "off" },
            "SubnetId": self.subnets[at],
            "State": "available",
            "VpcId": self.vpc,
            "CidrBlock": format!("10.60.{}.0/20", 16 * at),
            "AvailableIpAddressCount": self.random.below(4091),
            "AvailabilityZone": format!("{}{zone}", self.region),
            "DefaultForAz": false,
            "MapPublicIpOnLaunch": public
        })
    }

    /// The main table, that of the public subnets, then one for each NAT gateway.
    fn route_table(&mut self, at: usize) -> Value {
        let table = self.random.id("rtb");
        let nat = at.checked_sub(2);
        let (zone, zones) = (nat.unwrap_or_default(), self.nat_gateways.len());
        let (public, private) = self.subnets.split_at(ZONES.len());
        let subnets: Vec<_> = match at {
            0 => Vec::new(),
            1 => public.to_vec(),
            _ => private.iter().skip(zone).step_by(zones).cloned().collect(),
        };
        let mut associations: Vec<_> = subnets.iter().map(|id| self.association_of(&table, id)).collect();
        let mut routes = vec![
            json!({ "DestinationCidrBlock": "10.60.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active" }),
        ];
        let target = match nat {
            Some(nat) => ("NatGatewayId", &self.nat_gateways[nat].0),
            None => ("GatewayId", &self.internet_gateway),
        };
        match at {
            0 => associations.push(json!({
                "Main": true,
                "RouteTableAssociationId": self.random.id("rtbassoc"),
                "RouteTableId": table,
                "AssociationState": { "State": "associated" }
            })),
            _ => routes.push(json!({
                "DestinationCidrBlock": "0.0.0.0/0",
                (target.0): target.1,
                "Origin": "CreateRoute",
                "State": "active"
            })),
        }
        json!({
            "Associations": associations,
            "PropagatingVgws": [],
            "RouteTableId": table,
            "Routes": routes,
            "Tags": self.tags(nat.map_or("public", |nat| ZONES[nat])),
            "VpcId": self.vpc,
            "OwnerId": ACCOUNT
        })
    }

    fn association_of(&mut self, table: &str, subnet: &str) -> Value {
        json!({
            "Main": false,
            "RouteTableAssociationId": self.random.id("rtbassoc"),
            "RouteTableId": table,
            "SubnetId": subnet,
            "AssociationState": { "State": "associated" }
        })
    }

    fn internet_gateway(&self) -> Value {
        json!({
            "Attachments": [{ "State": "available", "VpcId": self.vpc }],
            "InternetGatewayId": self.internet_gateway,
            "OwnerId": ACCOUNT,
            "Tags": self.tags("igw")
        })
    }

    fn nat_gateway(&mut self, at: usize) -> Value {
        let (id, address) = self.nat_gateways[at].clone();
        json!({
            "CreateTime": self.random.time(),
            "NatGatewayAddresses": [{
                "AllocationId": self.random.id("eipalloc"),
                "NetworkInterfaceId": self.random.id("eni"),
                "PrivateIp": format!("10.60.{}.40", 16 * at),
                "PublicIp": address,
                "AssociationId": self.random.id("eipassoc"),
                "IsPrimary": true,
                "Status": "succeeded"
            }],
            "NatGatewayId": id,
            "State": "available",
            "SubnetId": self.subnets[at],
            "VpcId": self.vpc,
            "Tags": self.tags(ZONES[at]),
            "ConnectivityType": "public"
        })
    }

    fn security_group(&mut self, at: usize) -> Value {
        let (group, name) = (self.groups[at].clone(), format!("{}-{at:02}", self.name));
        let open = self.random.chance(10);
        let permissions = match at {
            0 => json!([self.permission_for("-1", None, 0)]),
            1 => json!([self.permission_for("tcp", Some((443, 443)), 2)]),
            2 => json!([
                self.permission_for("tcp", Some((1025, 65535)), 0),
                from_blocks(443, &["10.60.0.0/16"]),
                from_blocks(22, if open { &["0.0.0.0/0"] } else { &["10.0.0.0/8"] })
            ]),
            _ => json!([
                from_blocks(443, &["10.60.0.0/16", "203.0.113.0/24"]),
                from_blocks(9090, &["10.60.48.0/20"])
            ]),
        };
        json!({
            "GroupId": group,
            "IpPermissionsEgress": [{
                "IpProtocol": "-1",
                "UserIdGroupPairs": [],
                "IpRanges": [{ "CidrIp": "0.0.0.0/0" }],
                "Ipv6Ranges": [],
                "PrefixListIds": []
            }],
            "Tags": [{ "Key": "Name", "Value": name }],
            "VpcId": self.vpc,
            "SecurityGroupArn": format!("arn:aws:ec2:{}:{ACCOUNT}:security-group/{group}", self.region),
            "OwnerId": ACCOUNT,
            "GroupName": name,
            "Description": "Nodes and control plane",
            "IpPermissions": permissions
        })
    }

    /// What lets members of a group in.
    fn permission_for(&self, protocol: &str, ports: Option<(u16, u16)>, group: usize) -> Value {
        let mut permission = json!({
            "IpProtocol": protocol,
            "UserIdGroupPairs": [{ "UserId": ACCOUNT, "GroupId": self.groups[group] }],
            "IpRanges": [],
            "Ipv6Ranges": [],
            "PrefixListIds": []
        });
        if let Some((from, to)) = ports {
            permission["FromPort"] = json!(from);
            permission["ToPort"] = json!(to);
        }
        permission
    }

    /// The default ACL: it admits everything.
    fn network_acl(&mut self) -> Value {
        let acl = self.random.id("acl");
        let mut associations = Vec::new();
        for subnet in &self.subnets {
            associations.push(json!({
                "NetworkAclAssociationId": self.random.id("aclassoc"),
                "NetworkAclId": acl,
                "SubnetId": subnet
            }));
        }
        let entry = |egress: bool, action: &str, number: usize| {
            json!({
                "CidrBlock": "0.0.0.0/0",
                "Egress": egress,
                "Protocol": "-1",
                "RuleAction": action,
                "RuleNumber": number
            })
        };
        let entries: Vec<_> = [true, false]
            .into_iter()
            .flat_map(|egress| [entry(egress, "allow", 100), entry(egress, "deny", 32767)])
            .collect();
        json!({
            "Associations": associations,
            "Entries": entries,
            "IsDefault": true,
            "NetworkAclId": acl,
            "Tags": [],
            "VpcId": self.vpc,
            "OwnerId": ACCOUNT
        })
    }

    /// An interface of the control plane.
    fn interface(&mut self, at: usize) -> Value {
        let address = format!("10.60.{}.9", 16 * (ZONES.len() + at));
        json!({
            "AvailabilityZone": format!("{}{}", self.region, ZONES[at]),
            "Description": format!("Amazon EKS {}", self.name),
            "Groups": [self.group_name(0), self.group_name(1)],
            "InterfaceType": "interface",
            "Ipv6Addresses": [],
            "MacAddress": "02:10:04:de:07:fa",
            "NetworkInterfaceId": self.random.id("eni"),
            "OwnerId": ACCOUNT,
            "PrivateIpAddress": address,
            "PrivateIpAddresses": [{ "Primary": true, "PrivateIpAddress": address }],
            "RequesterManaged": false,
            "SourceDestCheck": true,
            "Status": "in-use",
            "SubnetId": self.private_subnets()[at],
            "TagSet": [{ "Key": "cluster.k8s.amazonaws.com/name", "Value": self.name }],
            "VpcId": self.vpc
        })
    }

    /// A security group as interfaces and instances name it.
    pub(super) fn group_name(&self, at: usize) -> Value {
        json!({ "GroupId": self.groups[at], "GroupName": format!("{}-{at:02}", self.name) })
    }
}

/// What lets a port in from some blocks.
fn from_blocks(port: u16, blocks: &[&str]) -> Value {
    let ranges: Vec<_> = blocks.iter().map(|block| json!({ "CidrIp": block })).collect();
    json!({
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "UserIdGroupPairs": [],
        "IpRanges": ranges,
        "Ipv6Ranges": [],
        "PrefixListIds": []
    })
}
