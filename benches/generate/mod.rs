//! Makes snapshots as `ekslint snapshot` writes them, from a seed: the same seed gives the same
//! bytes. A cluster with its network, nodes and roles, about 90 KB, with the mistakes that real
//! clusters have.

mod eks;
mod iam;
mod network;
mod nodes;
mod random;

use random::Random;
use serde_json::{Value, json};

/// Node groups of a snapshot.
const NODEGROUPS: usize = 8;
/// Node groups with an old image.
const OLD: usize = 5;
/// Subnets of a snapshot; the first ones are public, one a zone.
const SUBNETS: usize = 9;
/// Security groups of a snapshot: the cluster's, that of its interfaces, the nodes', and others.
const SECURITY_GROUPS: usize = 6;
/// Running nodes of a snapshot.
const INSTANCES: usize = 3;
/// Roles with access to the cluster; one may be a user instead.
const TEAMS: usize = 3;

const ACCOUNT: &str = "111122223333";
const REGIONS: [&str; 4] = ["ap-northeast-2", "us-west-2", "eu-central-1", "us-east-1"];
const ZONES: [&str; 3] = ["a", "b", "c"];

/// The text of the snapshot number `index` of a fleet.
pub(crate) fn snapshot(seed: u64, index: usize) -> String {
    Cluster::new(Random::of_member(seed, index), index).text()
}

impl Random {
    /// An id as AWS makes them: `subnet-0623ba2f7252a894b`.
    fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{:016x}", self.next())
    }

    /// An id as IAM makes them: `AROAEXAMPLE0DC69BBC0C`.
    fn iam_id(&mut self, prefix: &str) -> String {
        format!("{prefix}EXAMPLE{:010X}", self.next() >> 24)
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
    /// The last part of the issuer of the cluster's tokens.
    oidc: String,
    vpc: String,
    dhcp_options: String,
    internet_gateway: String,
    subnets: Vec<String>,
    groups: Vec<String>,
    /// One a zone, with its public address; some VPCs have one for all zones.
    nat_gateways: Vec<(String, String)>,
    launch_template: String,
    /// The instance profile that EKS made for the node groups.
    profile: String,
    /// The id of the association that the network add-on made.
    association: String,
    /// Whether a user has access to the cluster.
    has_user: bool,
}

impl Cluster {
    fn new(mut random: Random, index: usize) -> Self {
        let zones = if random.chance(30) { 1 } else { ZONES.len() };
        let mut nat_gateway = |_| (random.id("nat"), format!("203.0.113.{}", random.below(100)));
        let nat_gateways = (0..zones).map(&mut nat_gateway).collect();
        Self {
            name: format!("fleet-{index:05}"),
            region: random.pick(&REGIONS),
            minor: 33 + random.below(4),
            oidc: format!("{:016X}{:016X}", random.next(), random.next()),
            vpc: random.id("vpc"),
            dhcp_options: random.id("dopt"),
            internet_gateway: random.id("igw"),
            subnets: (0..SUBNETS).map(|_| random.id("subnet")).collect(),
            groups: (0..SECURITY_GROUPS).map(|_| random.id("sg")).collect(),
            nat_gateways,
            launch_template: random.id("lt"),
            profile: format!("eks-{}", random.uuid()),
            association: random.id("a"),
            has_user: random.chance(30),
            random,
        }
    }

    /// All sections, in the order in which a live scan writes them.
    fn text(mut self) -> String {
        let mut snapshot = json!({
            "schemaVersion": 1,
            "capturedAt": "2026-11-21T01:00:00Z",
            "account": ACCOUNT,
            "region": self.region,
            "partition": "aws"
        });
        for (name, section) in self.of_eks().into_iter().chain(self.of_network()).chain(self.of_nodes()) {
            snapshot[name] = section;
        }
        for (name, section) in self.of_iam() {
            snapshot[name] = section;
        }
        let mut text = serde_json::to_string_pretty(&snapshot).unwrap_or_default();
        text.push('\n');
        text
    }

    fn arn(&self, kind: &str) -> String {
        format!("arn:aws:eks:{}:{ACCOUNT}:{kind}/{}", self.region, self.name)
    }

    /// The ARN of a role of the cluster.
    fn role(&self, of: &str) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role/{}-{of}", self.name)
    }

    /// The issuer of the cluster's tokens, without `https://`.
    fn issuer(&self) -> String {
        format!("oidc.eks.{}.amazonaws.com/id/{}", self.region, self.oidc)
    }

    /// The first subnets are public, the others private.
    fn private_subnets(&self) -> &[String] {
        &self.subnets[ZONES.len()..]
    }
}

/// Sections with their names.
type Sections = Vec<(&'static str, Value)>;

fn each(count: usize, make: impl FnMut(usize) -> Value) -> Value {
    (0..count).map(make).collect()
}
