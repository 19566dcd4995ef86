//! Makes snapshots as `ekslint snapshot` writes them, from a seed: the same seed gives the same
//! bytes. A cluster with 20 node groups, 20 security groups and 30 subnets, about 90 KB, with the
//! mistakes that real clusters have.

use serde_json::{Value, json};

/// Node groups of a snapshot.
const NODEGROUPS: usize = 20;
/// Security groups of a snapshot; every node group has one.
const SECURITY_GROUPS: usize = 20;
/// Node groups with an old image.
const OLD: usize = 5;
/// Subnets of a snapshot.
const SUBNETS: usize = 30;

const ACCOUNT: &str = "111122223333";
const REGIONS: [&str; 4] = ["ap-northeast-2", "us-west-2", "eu-central-1", "us-east-1"];
const ZONES: [&str; 3] = ["a", "b", "c"];
const ADDONS: [(&str, &str); 5] = [
    ("coredns", "v1.14.2-eksbuild.4"),
    ("kube-proxy", "v1.35.3-eksbuild.5"),
    ("vpc-cni", "v1.21.1-eksbuild.8"),
    ("aws-ebs-csi-driver", "v1.50.1-eksbuild.1"),
    ("eks-pod-identity-agent", "v1.3.8-eksbuild.2"),
];

/// The text of the snapshot number `index` of a fleet.
pub(crate) fn snapshot(seed: u64, index: usize) -> String {
    let fleet = Random(seed).next();
    let random = Random(fleet ^ (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    Cluster::new(random, index).text()
}

/// SplitMix64: small, and good enough to vary what a fleet varies.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or_default()
    }

    /// True that often in a hundred times.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// An id as AWS makes them: `subnet-0623ba2f7252a894b`.
    fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{:016x}", self.next())
    }

    fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        let part = |bits: u64, width: u32| bits & ((1 << (4 * width)) - 1);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            a >> 32,
            part(a, 4),
            part(a >> 16, 4),
            b >> 48,
            part(b, 12)
        )
    }

    /// A point in time of the year before the benchmark's `--as-of`.
    fn time(&mut self) -> String {
        let (month, day) = (1 + self.below(10), 1 + self.below(28));
        let (hour, minute, milli) = (self.below(24), self.below(60), self.below(1000));
        format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:07.{milli:03}000+00:00")
    }
}

/// What the sections of a snapshot have in common.
struct Cluster {
    random: Random,
    name: String,
    region: &'static str,
    minor: usize,
    vpc: String,
    subnets: Vec<String>,
    groups: Vec<String>,
}

impl Cluster {
    fn new(mut random: Random, index: usize) -> Self {
        Self {
            name: format!("fleet-{index:05}"),
            region: random.pick(&REGIONS),
            minor: 33 + random.below(4),
            vpc: random.id("vpc"),
            subnets: (0..SUBNETS).map(|_| random.id("subnet")).collect(),
            groups: (0..SECURITY_GROUPS).map(|_| random.id("sg")).collect(),
            random,
        }
    }

    fn text(mut self) -> String {
        let snapshot = json!({
            "schemaVersion": 1,
            "capturedAt": "2026-11-21T01:00:00Z",
            "account": ACCOUNT,
            "region": self.region,
            "partition": "aws",
            "cluster": self.cluster(),
            "nodegroups": each(NODEGROUPS, |at| self.nodegroup(at)),
            "fargateProfiles": [],
            "addons": each(ADDONS.len(), |at| self.addon(at)),
            "accessEntries": each(4, |at| self.access_entry(at)),
            "podIdentityAssociations": [],
            "vpc": self.vpc(),
            "subnets": each(SUBNETS, |at| self.subnet(at)),
            "routeTables": each(ZONES.len(), |at| self.route_table(at)),
            "securityGroups": each(SECURITY_GROUPS, |at| self.security_group(at)),
        });
        let mut text = serde_json::to_string_pretty(&snapshot).unwrap_or_default();
        text.push('\n');
        text
    }

    fn arn(&self, kind: &str) -> String {
        format!("arn:aws:eks:{}:{ACCOUNT}:{kind}/{}", self.region, self.name)
    }

    fn cluster(&mut self) -> Value {
        let public = self.random.chance(70);
        let cidrs = match self.random.below(3) {
            0 => json!(["0.0.0.0/0"]),
            1 => json!(["203.0.113.0/26", "198.51.100.14/32"]),
            _ => json!(["10.0.0.0/8", "203.0.113.10/32"]),
        };
        let logged: &[&str] = self.random.pick(&[&["api", "audit"], &["audit"], &["api", "authenticator"]]);
        let oidc = format!("{:016X}{:016X}", self.random.next(), self.random.next());
        json!({
            "name": self.name,
            "arn": self.arn("cluster"),
            "createdAt": self.random.time(),
            "version": format!("1.{}", self.minor),
            "endpoint": format!("https://{oidc}.gr7.{}.eks.amazonaws.com", self.region),
            "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/{}-cluster", self.name),
            "resourcesVpcConfig": {
                "subnetIds": self.subnets[..6],
                "securityGroupIds": self.groups[1..2],
                "clusterSecurityGroupId": self.groups[0],
                "vpcId": self.vpc,
                "endpointPublicAccess": public,
                "endpointPrivateAccess": !public || self.random.chance(60),
                "publicAccessCidrs": cidrs
            },
            "kubernetesNetworkConfig": {
                "serviceIpv4Cidr": "172.20.0.0/16",
                "ipFamily": "ipv4",
                "elasticLoadBalancing": { "enabled": false }
            },
            "logging": { "clusterLogging": [{ "types": logged, "enabled": true }] },
            "identity": {
                "oidc": { "issuer": format!("https://oidc.eks.{}.amazonaws.com/id/{oidc}", self.region) }
            },
            "status": "ACTIVE",
            "platformVersion": "eks.14",
            "tags": { "Environment": "production", "Owner": "media" },
            "health": { "issues": [] },
            "accessConfig": {
                "authenticationMode": self.random.pick(&["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"])
            },
            "upgradePolicy": { "supportType": self.random.pick(&["EXTENDED", "STANDARD"]) },
            "zonalShiftConfig": { "enabled": self.random.chance(50) },
            "deletionProtection": self.random.chance(50),
            "controlPlaneScalingConfig": { "tier": "standard" }
        })
    }

    fn nodegroup(&mut self, at: usize) -> Value {
        let minor = self.minor - self.random.below(2);
        let (name, id) = (format!("workers-{at:02}"), self.random.uuid());
        // A quarter of the images are older than the 90 days that a rule accepts.
        let month = if at < OLD { 1 + self.random.below(7) } else { 9 + self.random.below(2) };
        let day = 1 + self.random.below(28);
        let ami = match self.random.below(20) {
            0 => "AL2_x86_64",
            1..=5 => "AL2023_ARM_64_STANDARD",
            _ => "AL2023_x86_64_STANDARD",
        };
        let spot = self.random.chance(15);
        let desired = 1 + self.random.below(6);
        let first = self.random.below(SUBNETS - 3);
        let mut nodegroup = json!({
            "nodegroupName": name,
            "nodegroupArn": format!("{}/{name}/{id}", self.arn("nodegroup")),
            "clusterName": self.name,
            "version": format!("1.{minor}"),
            "releaseVersion": format!("1.{minor}.3-2026{month:02}{day:02}"),
            "createdAt": self.random.time(),
            "modifiedAt": self.random.time(),
            "status": "ACTIVE",
            "capacityType": if spot { "SPOT" } else { "ON_DEMAND" },
            "scalingConfig": { "minSize": 1, "maxSize": 9, "desiredSize": desired },
            "instanceTypes": if spot { json!(["m6i.large", "m6a.large"]) } else { json!(["m7i.large"]) },
            "subnets": self.subnets[first..first + 3],
            "amiType": ami,
            "nodeRole": format!("arn:aws:iam::{ACCOUNT}:role/{}-node", self.name),
            "labels": { "workload": name, "team": self.random.pick(&["payments", "media", "search"]) },
            "resources": { "autoScalingGroups": [{ "name": format!("eks-{name}-{id}") }] },
            "health": { "issues": [] },
            "updateConfig": { "maxUnavailable": 1 + self.random.below(3) },
            "nodeRepairConfig": { "enabled": self.random.chance(50) },
            "diskSize": 50,
            "tags": { "Environment": "production", "Owner": "media" }
        });
        if self.random.chance(10) {
            let groups = if self.random.chance(50) { json!([self.groups[at]]) } else { json!([]) };
            nodegroup["remoteAccess"] = json!({ "ec2SshKey": "ops-key", "sourceSecurityGroups": groups });
        }
        nodegroup
    }

    fn addon(&mut self, at: usize) -> Value {
        let (name, version) = ADDONS[at];
        let mut addon = json!({
            "addonName": name,
            "clusterName": self.name,
            "status": if self.random.chance(3) { "DEGRADED" } else { "ACTIVE" },
            "addonVersion": version,
            "health": { "issues": [] },
            "addonArn": format!("{}/{name}/{}", self.arn("addon"), self.random.uuid()),
            "createdAt": self.random.time(),
            "modifiedAt": self.random.time(),
            "tags": {}
        });
        if name == "vpc-cni" {
            addon["configurationValues"] = json!("{\"enableNetworkPolicy\":\"true\"}");
        }
        addon
    }

    fn access_entry(&mut self, at: usize) -> Value {
        let user = at == 3 && self.random.chance(30);
        let principal = if user { "user/jiwoo".to_owned() } else { format!("role/team-{at}") };
        json!({
            "clusterName": self.name,
            "principalArn": format!("arn:aws:iam::{ACCOUNT}:{principal}"),
            "kubernetesGroups": [],
            "accessEntryArn": format!("{}/{principal}/{}", self.arn("access-entry"), self.random.uuid()),
            "createdAt": self.random.time(),
            "modifiedAt": self.random.time(),
            "tags": {},
            "username": format!("arn:aws:sts::{ACCOUNT}:assumed-role/team-{at}/{{{{SessionName}}}}"),
            "type": "STANDARD",
            "associatedAccessPolicies": [{
                "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                "accessScope": { "type": "cluster", "namespaces": [] },
                "associatedAt": self.random.time(),
                "modifiedAt": self.random.time()
            }]
        })
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
            "Tags": [{ "Key": "Name", "Value": format!("{}-vpc", self.name) }],
            "VpcId": self.vpc,
            "State": "available",
            "CidrBlock": "10.60.0.0/16",
            "DhcpOptionsId": self.random.id("dopt"),
            "EnableDnsSupport": true,
            "EnableDnsHostnames": true
        })
    }

    fn subnet(&mut self, at: usize) -> Value {
        let (zone, public) = (ZONES[at % ZONES.len()], at < 6);
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
            "CidrBlock": format!("10.60.{}.0/21", 8 * at),
            "AvailableIpAddressCount": self.random.below(2043),
            "AvailabilityZone": format!("{}{zone}", self.region),
            "DefaultForAz": false,
            "MapPublicIpOnLaunch": public
        })
    }

    fn route_table(&mut self, at: usize) -> Value {
        let table = self.random.id("rtb");
        json!({
            "Associations": [{
                "Main": at == 0,
                "RouteTableAssociationId": self.random.id("rtbassoc"),
                "RouteTableId": table,
                "AssociationState": { "State": "associated" }
            }],
            "PropagatingVgws": [],
            "RouteTableId": table,
            "Routes": [
                { "DestinationCidrBlock": "10.60.0.0/16", "GatewayId": "local", "State": "active" },
                { "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": self.random.id("igw"), "State": "active" }
            ],
            "Tags": [{ "Key": "Name", "Value": format!("{}-{}", self.name, ZONES[at]) }],
            "VpcId": self.vpc,
            "OwnerId": ACCOUNT
        })
    }

    fn security_group(&mut self, at: usize) -> Value {
        let (group, name) = (self.groups[at].clone(), format!("{}-{at:02}", self.name));
        json!({
            "GroupId": group,
            "IpPermissionsEgress": [{
                "IpProtocol": "-1",
                "UserIdGroupPairs": [],
                "IpRanges": [{ "CidrIp": "0.0.0.0/0" }]
            }],
            "Tags": [{ "Key": "Name", "Value": name }],
            "VpcId": self.vpc,
            "SecurityGroupArn": format!("arn:aws:ec2:{}:{ACCOUNT}:security-group/{group}", self.region),
            "OwnerId": ACCOUNT,
            "GroupName": name,
            "Description": "Nodes and control plane",
            "IpPermissions": [{
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "UserIdGroupPairs": [{ "UserId": ACCOUNT, "GroupId": self.groups[0] }],
                "IpRanges": []
            }]
        })
    }
}

fn each(count: usize, make: impl FnMut(usize) -> Value) -> Vec<Value> {
    (0..count).map(make).collect()
}
