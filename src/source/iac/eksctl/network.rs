//! The VPC that eksctl makes for a cluster, or the one that it is given.
//!
//! Written after `pkg/cfn/builder/vpc_ipv4.go`, `vpc_ipv6.go`, `vpc_existing.go` and `pkg/vpc/vpc.go` of eksctl.

use super::builder::{ResourceBuilder, safe};
use super::values::{chosen, find, symbol, text, unknown, why};
use crate::source::iac::cloudformation::REF;
use crate::source::iac::{Place, TemplateValue, ValueKind};
use serde_json::json;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// The addresses of a VPC for which none are chosen.
const CIDR: &str = "192.168.0.0/16";
/// How many zones eksctl chooses, and how many in a region where it takes fewer.
const ZONES: usize = 3;
const FEWER_ZONES: (&str, usize) = ("us-east-1", 2);
/// The most subnets that eksctl makes.
const MAX_SUBNETS: usize = 16;
/// What is not known where it is not known whether a cluster is private.
const PUBLIC_KINDS: [&str; 6] = [
    "AWS::EC2::Subnet",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCEndpoint",
];

/// The network of a cluster.
pub(super) struct ClusterNetwork {
    /// The id of the VPC.
    pub(super) vpc: TemplateValue,
    /// Its addresses, if they are known.
    pub(super) cidr: TemplateValue,
    /// Whether eksctl makes it.
    pub(super) is_made: bool,
    pub(super) public: Vec<ClusterSubnet>,
    pub(super) private: Vec<ClusterSubnet>,
    /// Why there may be other subnets.
    pub(super) unknown: Option<TemplateValue>,
}

/// A subnet of a cluster.
pub(super) struct ClusterSubnet {
    /// What the file calls it: the zone, or a name.
    pub(super) name: Option<Arc<str>>,
    /// Its zone, where it is known.
    pub(super) zone: Option<Arc<str>>,
    pub(super) id: TemplateValue,
    /// Its route table, if eksctl makes it.
    pub(super) table: Option<TemplateValue>,
    /// Whether it is in a Local Zone, where the control plane is not.
    pub(super) is_local: bool,
}

/// A zone for which subnets are made.
struct SubnetZone {
    /// Part of addresses.
    label: String,
    name: Option<Arc<str>>,
    value: TemplateValue,
    is_local: bool,
}

/// Adds the network.
pub(super) fn add(builder: &mut ResourceBuilder<'_>) -> ClusterNetwork {
    let is_private = builder.flag("privateCluster.enabled", false);
    if let Err(unknown) = is_private {
        let place = builder.near("privateCluster.enabled");
        builder.missing(&PUBLIC_KINDS, "privateCluster", &why(unknown), &place);
    }
    let is_private = is_private.unwrap_or(true);
    if builder.find("vpc").is_some_and(TemplateValue::is_unknown)
        || builder.find("vpc.id").is_some()
        || builder.find("vpc.subnets").is_some()
    {
        return existing(builder);
    }
    VpcMaker::new(builder, is_private).make()
}

/// The network that is there already: what its subnets are called is all that is known of it.
fn existing(builder: &ResourceBuilder<'_>) -> ClusterNetwork {
    let vpc_place = builder.near("vpc");
    let vpc = builder.find("vpc.id").cloned().unwrap_or_else(|| {
        unknown("eksctl finds the VPC by its subnets; set `vpc.id`", Some(vpc_place.clone()))
    });
    let of = |topology: &str| -> Vec<ClusterSubnet> {
        let Some(subnets) = builder.find("vpc.subnets").and_then(|subnets| subnets.get(topology)) else {
            return Vec::new();
        };
        let ValueKind::Map(fields) = &subnets.kind else { return Vec::new() };
        fields.iter().map(|(name, subnet)| named_subnet(name, subnet)).collect()
    };
    let (public, private) = (of("public"), of("private"));
    let declared = ["vpc.subnets", "vpc.subnets.public", "vpc.subnets.private"];
    let unread = declared.iter().filter_map(|path| builder.find(path)).find(|value| value.is_unknown());
    let none = || {
        let words = "eksctl looks the subnets of the VPC up; set `vpc.subnets`";
        unknown(words, Some(vpc_place.clone()))
    };
    let unknown_subnets = match (unread, public.is_empty() && private.is_empty()) {
        (Some(unread), _) => Some(unread.clone()),
        (None, true) => Some(none()),
        (None, false) => None,
    };
    let words = "the VPC is there already, and its addresses are not in the file";
    let cidr = builder.find("vpc.cidr").cloned().unwrap_or_else(|| unknown(words, Some(vpc_place.clone())));
    ClusterNetwork { vpc, cidr, is_made: false, public, private, unknown: unknown_subnets }
}

fn named_subnet(name: &Arc<str>, subnet: &TemplateValue) -> ClusterSubnet {
    let place = subnet.place.clone();
    let id = find(subnet, "id").cloned().unwrap_or_else(|| match &subnet.kind {
        ValueKind::Unknown(_) => subnet.clone(),
        _ => unknown(format!("eksctl looks the subnet {} up; set its `id`", safe(name)), place),
    });
    let zone = match find(subnet, "az") {
        None => Some(Arc::clone(name)),
        Some(zone) => zone.as_str().map(Arc::from),
    };
    ClusterSubnet { name: Some(Arc::clone(name)), zone, id, table: None, is_local: false }
}

/// Makes a VPC.
struct VpcMaker<'b, 'c> {
    builder: &'b mut ResourceBuilder<'c>,
    is_private: bool,
    is_ipv6: bool,
    zones: Vec<SubnetZone>,
    place: Place,
    subnet_place: Place,
    vpc: TemplateValue,
    cidr: TemplateValue,
}

impl<'b, 'c> VpcMaker<'b, 'c> {
    fn new(builder: &'b mut ResourceBuilder<'c>, is_private: bool) -> Self {
        let place = builder.near("vpc");
        let subnet_place = match builder.find("availabilityZones") {
            Some(_) => builder.near("availabilityZones"),
            None => place.clone(),
        };
        let cidr = builder.or_chosen("vpc.cidr", &json!(CIDR));
        let family = text(builder.config, "kubernetesNetworkConfig.ipFamily");
        let is_ipv6 = family.is_some_and(|family| family.eq_ignore_ascii_case("ipv6"));
        let vpc = TemplateValue::null(None);
        let zones = zones(builder);
        Self { builder, is_private, is_ipv6, zones, place, subnet_place, vpc, cidr }
    }

    fn add<const N: usize>(
        &mut self,
        address: &str,
        kind: &str,
        properties: [(&str, Option<TemplateValue>); N],
    ) -> TemplateValue {
        let place = self.place.clone();
        let address = self.builder.add(address, kind, &place, properties);
        self.builder.symbol_of(&address, REF)
    }

    fn on(&self) -> Option<TemplateValue> {
        Some(chosen(&json!(true), Some(self.place.clone())))
    }

    fn text(&self, text: &str) -> Option<TemplateValue> {
        Some(chosen(&json!(text), Some(self.place.clone())))
    }

    fn vpc(&self) -> Option<TemplateValue> {
        Some(self.vpc.clone())
    }

    fn make(mut self) -> ClusterNetwork {
        let (cidr, on) = (self.cidr.clone(), self.on());
        let fields =
            [("CidrBlock", Some(cidr)), ("EnableDnsSupport", on.clone()), ("EnableDnsHostnames", on)];
        self.vpc = self.add("vpc", "AWS::EC2::VPC", fields);
        let auto = "vpc.autoAllocateIPv6";
        if let Err(unknown) = self.builder.flag(auto, false) {
            let kinds = ["AWS::EC2::VPCCidrBlock", "AWS::EC2::Route"];
            self.builder.missing(&kinds, auto, &why(unknown), &self.place);
        }
        if self.has_ipv6() {
            let given = self.builder.find("vpc.ipv6Cidr").cloned();
            let amazon = chosen(&json!(given.is_none()), Some(self.place.clone()));
            let fields = [
                ("VpcId", self.vpc()),
                ("Ipv6CidrBlock", given),
                ("AmazonProvidedIpv6CidrBlock", Some(amazon)),
            ];
            self.add("vpc.ipv6Cidr", "AWS::EC2::VPCCidrBlock", fields);
        }
        let private = self.subnets(false, None);
        let mut public = Vec::new();
        if !self.is_private {
            public = self.public();
            self.nat(&public, &private);
            self.remote(&private);
        }
        ClusterNetwork { vpc: self.vpc, cidr: self.cidr, is_made: true, public, private, unknown: None }
    }

    /// The public subnets, and the way to them.
    fn public(&mut self) -> Vec<ClusterSubnet> {
        let gateway = self.add("vpc.internetGateway", "AWS::EC2::InternetGateway", []);
        let fields = [("InternetGatewayId", Some(gateway.clone())), ("VpcId", self.vpc())];
        self.add("vpc.internetGateway.attachment", "AWS::EC2::VPCGatewayAttachment", fields);
        let table = self.add("vpc.routeTables.public", "AWS::EC2::RouteTable", [("VpcId", self.vpc())]);
        let all = self.text("0.0.0.0/0");
        let fields = [
            ("RouteTableId", Some(table.clone())),
            ("DestinationCidrBlock", all),
            ("GatewayId", Some(gateway.clone())),
        ];
        self.add("vpc.routeTables.public.route", "AWS::EC2::Route", fields);
        if self.has_ipv6() {
            let all = self.text("::/0");
            let fields = [
                ("RouteTableId", Some(table.clone())),
                ("DestinationIpv6CidrBlock", all),
                ("GatewayId", Some(gateway)),
            ];
            self.add("vpc.routeTables.public.ipv6Route", "AWS::EC2::Route", fields);
        }
        self.subnets(true, Some(&table))
    }

    fn has_ipv6(&self) -> bool {
        self.is_ipv6 || self.builder.flag("vpc.autoAllocateIPv6", false) == Ok(true)
    }

    /// The subnets of all zones: the public ones have one route table, each private one has its own.
    fn subnets(&mut self, is_public: bool, shared: Option<&TemplateValue>) -> Vec<ClusterSubnet> {
        let zones = std::mem::take(&mut self.zones);
        let topology = if is_public { "public" } else { "private" };
        let mut subnets = Vec::new();
        for (position, zone) in zones.iter().enumerate() {
            let label = &zone.label;
            let own = format!("vpc.routeTables.private[{label}]");
            let table = shared
                .cloned()
                .unwrap_or_else(|| self.add(&own, "AWS::EC2::RouteTable", [("VpcId", self.vpc())]));
            let index = if is_public { position } else { position + zones.len() };
            let id = self.subnet(topology, zone, self.block(index, zones.len()));
            let fields = [("SubnetId", Some(id.clone())), ("RouteTableId", Some(table.clone()))];
            let address = format!("vpc.routeTables.{topology}[{label}].association");
            self.add(&address, "AWS::EC2::SubnetRouteTableAssociation", fields);
            subnets.push(ClusterSubnet {
                name: zone.name.clone(),
                zone: zone.name.clone(),
                id,
                table: Some(table),
                is_local: zone.is_local,
            });
        }
        self.zones = zones;
        subnets
    }

    fn subnet(&mut self, topology: &str, zone: &SubnetZone, block: TemplateValue) -> TemplateValue {
        let is_public = topology == "public";
        let place = Some(self.subnet_place.clone());
        let tag = if is_public { "kubernetes.io/role/elb" } else { "kubernetes.io/role/internal-elb" };
        let tag = chosen(&json!([{"Key": tag, "Value": "1"}]), place.clone());
        let ipv6 = self.has_ipv6().then(|| {
            let words = "EC2 chooses the IPv6 addresses of the VPC";
            unknown(words, place.clone())
        });
        let outpost = self.builder.find("outpost.controlPlaneOutpostARN").cloned();
        let fields = [
            ("VpcId", self.vpc()),
            ("AvailabilityZone", Some(zone.value.clone())),
            ("CidrBlock", Some(block)),
            ("MapPublicIpOnLaunch", is_public.then(|| chosen(&json!(true), place.clone()))),
            ("AssignIpv6AddressOnCreation", self.is_ipv6.then(|| chosen(&json!(true), place.clone()))),
            ("Ipv6CidrBlock", ipv6),
            ("OutpostArn", outpost),
            ("Tags", Some(tag)),
        ];
        let address = format!("vpc.subnets.{topology}[{}]", zone.label);
        let subnet_place = self.subnet_place.clone();
        let address = self.builder.add(&address, "AWS::EC2::Subnet", &subnet_place, fields);
        self.builder.symbol_of(&address, REF)
    }

    /// The addresses of a subnet by its position.
    fn block(&self, index: usize, zones: usize) -> TemplateValue {
        let place = Some(self.subnet_place.clone());
        let found = self.cidr.as_str().and_then(|cidr| {
            if self.is_ipv6 { block_of_partitions(cidr, index, zones) } else { block_of(cidr, index, zones) }
        });
        match found {
            Some(block) => chosen(&json!(block), place),
            None => unknown("the addresses of the VPC do not tell those of its subnets", place),
        }
    }

    /// NAT gateways, and the routes of private subnets to them.
    fn nat(&mut self, public: &[ClusterSubnet], private: &[ClusterSubnet]) {
        if self.is_ipv6 {
            let fields = [("VpcId", self.vpc())];
            let gateway =
                self.add("vpc.egressOnlyInternetGateway", "AWS::EC2::EgressOnlyInternetGateway", fields);
            for subnet in private {
                let all = self.text("::/0");
                self.route(
                    "ipv6Route",
                    subnet,
                    "DestinationIpv6CidrBlock",
                    all,
                    [("EgressOnlyInternetGatewayId", Some(gateway.clone()))],
                );
            }
            return self.single_nat(public, private);
        }
        match self.builder.find("vpc.nat.gateway").map(|mode| (mode.as_str(), mode)) {
            None | Some((Some("Single"), _)) => self.single_nat(public, private),
            Some((Some("Disable"), _)) => {}
            Some((Some("HighlyAvailable"), _)) => {
                for (out, subnet) in public.iter().zip(private).filter(|(out, _)| !out.is_local) {
                    let label =
                        subnet.name.as_deref().map_or_else(String::new, |name| format!("[{}]", safe(name)));
                    let gateway = self.nat_gateway(&format!("vpc.nat.gateway{label}"), out);
                    self.route_to_nat(subnet, gateway);
                }
            }
            Some((_, mode)) => {
                let place = mode.place.clone().unwrap_or_else(|| self.place.clone());
                let message =
                    "has a NAT mode that eksctl does not know; it takes Single, HighlyAvailable and Disable";
                if !mode.is_unknown() {
                    self.builder.faults.push((place.clone(), message.to_owned()));
                }
                let kinds = ["AWS::EC2::NatGateway", "AWS::EC2::Route"];
                self.builder.missing(&kinds, "vpc.nat", "what NAT gateways there are is not known", &place);
            }
        }
    }

    fn single_nat(&mut self, public: &[ClusterSubnet], private: &[ClusterSubnet]) {
        let Some(first) = public.first() else { return };
        let gateway = self.nat_gateway("vpc.nat.gateway", first);
        for subnet in private {
            self.route_to_nat(subnet, gateway.clone());
        }
    }

    fn route_to_nat(&mut self, subnet: &ClusterSubnet, gateway: TemplateValue) {
        let all = self.text("0.0.0.0/0");
        self.route("route", subnet, "DestinationCidrBlock", all, [("NatGatewayId", Some(gateway))]);
    }

    fn nat_gateway(&mut self, address: &str, public: &ClusterSubnet) -> TemplateValue {
        let place = self.builder.near("vpc.nat");
        let ip = self.builder.add(&format!("{address}.ip"), "AWS::EC2::EIP", &place, []);
        let ip = self.builder.symbol_of(&ip, "AllocationId");
        let fields = [("AllocationId", Some(ip)), ("SubnetId", Some(public.id.clone()))];
        let address = self.builder.add(address, "AWS::EC2::NatGateway", &place, fields);
        self.builder.symbol_of(&address, REF)
    }

    /// A route of a private subnet.
    fn route(
        &mut self,
        name: &str,
        subnet: &ClusterSubnet,
        to: &str,
        destination: Option<TemplateValue>,
        [target]: [(&str, Option<TemplateValue>); 1],
    ) {
        let label = subnet.name.as_deref().map_or_else(String::new, safe);
        let address = format!("vpc.routeTables.private[{label}].{name}");
        let fields = [("RouteTableId", subnet.table.clone()), (to, destination), target];
        self.add(&address, "AWS::EC2::Route", fields);
    }

    /// The ways to the networks of hybrid nodes.
    fn remote(&mut self, private: &[ClusterSubnet]) {
        let Some(gateway) = self.builder.find("remoteNetworkConfig.vpcGatewayID").cloned() else { return };
        let target = match gateway.as_str() {
            Some(id) if id.starts_with("vgw-") => "GatewayId",
            Some(id) if id.starts_with("tgw-") => "TransitGatewayId",
            _ => {
                let place = gateway.place.clone().unwrap_or_else(|| self.place.clone());
                let reason = "the gateway to the networks of hybrid nodes is not known";
                return self.builder.missing(&["AWS::EC2::Route"], "remoteNetworkConfig", reason, &place);
            }
        };
        for cidr in remote_cidrs(self.builder) {
            for subnet in private {
                self.route(
                    "remoteRoute",
                    subnet,
                    "DestinationCidrBlock",
                    Some(cidr.clone()),
                    [(target, Some(gateway.clone()))],
                );
            }
        }
    }
}

/// The zones for which eksctl makes subnets.
fn zones(builder: &mut ResourceBuilder<'_>) -> Vec<SubnetZone> {
    let given = |value: &TemplateValue, is_local: bool| SubnetZone {
        label: safe(value.as_str().unwrap_or("zone")),
        name: value.as_str().map(Arc::from),
        value: value.clone(),
        is_local,
    };
    for path in ["availabilityZones", "localZones"] {
        if let (_, Some(unknown)) = super::values::items(builder.config, path) {
            let (reason, place) = (why(unknown), builder.near(path));
            builder.missing(&["AWS::EC2::Subnet"], path, &reason, &place);
        }
    }
    let of = |path: &str| super::values::items(builder.config, path).0;
    let named: Vec<_> = of("availabilityZones").iter().map(|zone| given(zone, false)).collect();
    let local = of("localZones").iter().map(|zone| given(zone, true));
    let place = Some(builder.near("availabilityZones"));
    let count = match text(builder.config, "metadata.region") {
        _ if builder.find("outpost").is_some() => 1,
        Some(region) if region == FEWER_ZONES.0 => FEWER_ZONES.1,
        _ => ZONES,
    };
    let own = |position: usize| SubnetZone {
        label: position.to_string(),
        name: Some(position.to_string().into()),
        // Of a list that has each zone once: see `facts/network/zones.rs`.
        value: symbol(&format!("availability zones of eksctl[{position}]")).at(place.clone()),
        is_local: false,
    };
    let named = if named.is_empty() { (0..count).map(own).collect() } else { named };
    named.into_iter().chain(local).take(MAX_SUBNETS / 2).collect()
}

/// The addresses of hybrid nodes and their pods.
pub(super) fn remote_cidrs(builder: &ResourceBuilder<'_>) -> Vec<TemplateValue> {
    let networks = ["remoteNetworkConfig.remoteNodeNetworks", "remoteNetworkConfig.remotePodNetworks"];
    let networks = networks.iter().flat_map(|path| super::values::items(builder.config, path).0);
    networks.flat_map(|network| super::values::items(network, "cidrs").0).take(100).cloned().collect()
}

/// The block at a position, where a VPC is split into 8 or 16.
fn block_of(cidr: &str, index: usize, zones: usize) -> Option<String> {
    let (_, prefix) = parsed(cidr)?;
    let longer = match zones * 2 {
        0..=8 => 3,
        9..=MAX_SUBNETS => 4,
        _ => return None,
    };
    block(cidr, index, prefix + longer)
}

/// The block at a position, where CloudFormation splits a VPC into as many as there are subnets, and two more.
fn block_of_partitions(cidr: &str, index: usize, zones: usize) -> Option<String> {
    let (_, prefix) = parsed(cidr)?;
    let addresses = 1_u64.checked_shl(32 - u32::from(prefix))?;
    let each = addresses / u64::try_from(zones * 2 + 2).ok()?;
    let bits = each.checked_ilog2()?;
    block(cidr, index, u8::try_from(32 - bits).ok()?)
}

fn parsed(cidr: &str) -> Option<(u32, u8)> {
    let (address, prefix) = cidr.split_once('/')?;
    let address: Ipv4Addr = address.parse().ok()?;
    let prefix: u8 = prefix.parse().ok().filter(|prefix| (16..=24).contains(prefix))?;
    Some((u32::from(address), prefix))
}

fn block(cidr: &str, index: usize, prefix: u8) -> Option<String> {
    let (address, _) = parsed(cidr)?;
    let size = 1_u32.checked_shl(32_u32.checked_sub(u32::from(prefix))?)?;
    let start = address.checked_add(size.checked_mul(u32::try_from(index).ok()?)?)?;
    (prefix <= 28).then(|| format!("{}/{prefix}", Ipv4Addr::from(start)))
}

impl ClusterNetwork {
    /// The subnets of the control plane.
    pub(super) fn of_control_plane(&self, builder: &ResourceBuilder<'_>) -> TemplateValue {
        if let Some(given) = builder.find("vpc.controlPlaneSubnetIDs") {
            return given.clone();
        }
        let place = Some(builder.near("vpc.subnets"));
        let auto_mode = builder.flag("autoModeConfig.enabled", false).map(|on| on && self.is_made);
        let on_private = builder.flag("vpc.controlPlaneOnPrivateSubnets", false);
        let on_outpost = builder.find("outpost").is_some() && !self.private.is_empty();
        let private_only = match (auto_mode, on_private) {
            _ if on_outpost => true,
            (Ok(true), _) | (_, Ok(true)) => true,
            (Ok(false), Ok(false)) => false,
            (Err(unknown), _) | (_, Err(unknown)) => return unknown.clone().at(place),
        };
        if let Some(unknown) = &self.unknown {
            return unknown.clone();
        }
        let public = self.public.iter().filter(|_| !private_only);
        let all = public.chain(&self.private).filter(|subnet| !subnet.is_local);
        TemplateValue::list(all.map(|subnet| subnet.id.clone()).collect(), place)
    }
}

#[cfg(test)]
mod tests {
    use super::{block_of, block_of_partitions};

    #[test]
    fn a_vpc_is_split_as_eksctl_splits_it() {
        // `pkg/vpc/vpc_test.go` and `pkg/cfn/builder/vpc_ipv6_test.go` of eksctl.
        assert_eq!(block_of("192.168.0.0/16", 0, 3).as_deref(), Some("192.168.0.0/19"));
        assert_eq!(block_of("192.168.0.0/16", 5, 3).as_deref(), Some("192.168.160.0/19"));
        assert_eq!(block_of("10.2.0.0/16", 9, 5).as_deref(), Some("10.2.144.0/20"));
        assert_eq!(block_of_partitions("192.168.0.0/16", 1, 3).as_deref(), Some("192.168.32.0/19"));
        assert_eq!(block_of_partitions("192.168.0.0/20", 1, 2).as_deref(), Some("192.168.2.0/23"));
        for wrong in ["", "10.0.0.0", "10.0.0.0/8", "10.0.0.0/x", "::/16", "10.0.0.0/28"] {
            assert_eq!(block_of(wrong, 0, 3), None, "{wrong}");
            assert_eq!(block_of_partitions(wrong, 0, 3), None, "{wrong}");
        }
        assert_eq!(block_of("255.255.255.0/24", 9_999, 3), None);
    }
}
