//! What the EKS API says of a cluster.

use super::{ACCOUNT, Cluster, NODEGROUPS, OLD, SECURITY_GROUPS, Sections, TEAMS};
use serde_json::{Value, json};

/// Name and type of an add-on, its version without the last number, and whether it needs a role.
const ADDONS: [(&str, &str, &str, bool); 5] = [
    ("coredns", "networking", "v1.14.2-eksbuild", false),
    ("kube-proxy", "networking", "v1.{minor}.3-eksbuild", false),
    ("vpc-cni", "networking", "v1.21.1-eksbuild", true),
    ("aws-ebs-csi-driver", "storage", "v1.50.1-eksbuild", true),
    ("eks-pod-identity-agent", "security", "v1.3.8-eksbuild", false),
];
/// Builds that are offered of each add-on.
const BUILDS: usize = 2;
/// The team that may be a user instead, and may do the least.
const LAST_TEAM: usize = TEAMS - 1;

/// The calendar: minor version, release, end of standard and of extended support.
const VERSIONS: [(usize, [&str; 3]); 7] = [
    (37, ["2026-10-01", "2027-12-01", "2028-12-01"]),
    (36, ["2026-06-02", "2027-08-02", "2028-08-02"]),
    (35, ["2026-01-28", "2027-03-27", "2028-03-27"]),
    (34, ["2025-10-02", "2026-12-02", "2027-12-02"]),
    (33, ["2025-05-29", "2026-07-29", "2027-07-29"]),
    (32, ["2025-01-23", "2026-03-23", "2027-03-23"]),
    (31, ["2024-09-26", "2025-11-26", "2026-11-26"]),
];

impl Cluster {
    pub(super) fn of_eks(&mut self) -> Sections {
        vec![
            ("cluster", self.cluster()),
            ("nodegroups", super::each(NODEGROUPS, |at| self.nodegroup(at))),
            ("fargateProfiles", json!([self.fargate_profile()])),
            ("addons", super::each(ADDONS.len(), |at| self.addon(at))),
            ("accessEntries", super::each(TEAMS + 1, |at| self.access_entry(at))),
            ("podIdentityAssociations", super::each(3, |at| self.association(at))),
            ("identityProviderConfigs", json!([])),
            ("insights", json!([])),
            ("updates", super::each(2, |at| self.update(at))),
            ("capabilities", json!([])),
            ("clusterVersions", super::each(VERSIONS.len(), cluster_version)),
            ("addonVersions", super::each(ADDONS.len(), |at| self.addon_versions(at))),
        ]
    }

    fn cluster(&mut self) -> Value {
        let public = self.random.chance(70);
        let cidrs = match self.random.below(3) {
            0 => json!(["0.0.0.0/0"]),
            1 => json!(["203.0.113.0/26", "198.51.100.14/32"]),
            _ => json!(["10.0.0.0/8", "203.0.113.10/32"]),
        };
        let logged: &[&str] = self.random.pick(&[&["api", "audit"], &["audit"], &["api", "authenticator"]]);
        json!({
            "name": self.name,
            "arn": self.arn("cluster"),
            "createdAt": self.random.time(),
            "version": format!("1.{}", self.minor),
            "endpoint": format!("https://{}.gr7.{}.eks.amazonaws.com", self.oidc, self.region),
            "roleArn": self.role("cluster"),
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
            "identity": { "oidc": { "issuer": format!("https://{}", self.issuer()) } },
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
        // More than half of the images are older than the 90 days that a rule accepts.
        let month = if at < OLD { 1 + self.random.below(7) } else { 9 + self.random.below(2) };
        let day = 1 + self.random.below(28);
        let ami = match self.random.below(20) {
            0 => "AL2_x86_64",
            1..=5 => "AL2023_ARM_64_STANDARD",
            _ => "AL2023_x86_64_STANDARD",
        };
        let spot = self.random.chance(15);
        let desired = 1 + self.random.below(6);
        let first = 3 * self.random.below(2);
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
            "subnets": self.private_subnets()[first..first + 3],
            "amiType": ami,
            "nodeRole": self.role("node"),
            "labels": { "workload": name, "team": self.random.pick(&["payments", "media", "search"]) },
            "resources": { "autoScalingGroups": [{ "name": format!("eks-{name}-{id}") }] },
            "health": { "issues": [] },
            "updateConfig": { "maxUnavailable": 1 + self.random.below(3) },
            "nodeRepairConfig": { "enabled": self.random.chance(50) },
            "diskSize": 50,
            "tags": { "Environment": "production", "Owner": "media" }
        });
        if at < 2 {
            nodegroup["launchTemplate"] = json!({
                "name": format!("{}-nodes", self.name),
                "version": "3",
                "id": self.launch_template
            });
        } else if self.random.chance(20) {
            let groups =
                if self.random.chance(50) { json!([self.groups[at % SECURITY_GROUPS]]) } else { json!([]) };
            nodegroup["remoteAccess"] = json!({ "ec2SshKey": "ops-key", "sourceSecurityGroups": groups });
        }
        nodegroup
    }

    fn fargate_profile(&mut self) -> Value {
        json!({
            "fargateProfileName": "jobs",
            "fargateProfileArn": format!("{}/jobs/{}", self.arn("fargateprofile"), self.random.uuid()),
            "clusterName": self.name,
            "createdAt": self.random.time(),
            "podExecutionRoleArn": self.role("fargate"),
            "subnets": self.private_subnets()[..2],
            "selectors": [{ "namespace": "jobs" }],
            "status": "ACTIVE",
            "tags": { "Environment": "production", "Owner": "media" },
            "health": { "issues": [] }
        })
    }

    fn addon(&mut self, at: usize) -> Value {
        let (name, ..) = ADDONS[at];
        let version = self.build(at, self.random.clone().below(BUILDS));
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
            addon["podIdentityAssociations"] =
                json!([format!("{}/{}", self.arn("podidentityassociation"), self.association)]);
        } else if name == "aws-ebs-csi-driver" {
            addon["serviceAccountRoleArn"] = json!(self.role("ebs-csi"));
        }
        addon
    }

    fn build(&self, addon: usize, number: usize) -> String {
        let version = ADDONS[addon].2.replace("{minor}", &self.minor.to_string());
        format!("{version}.{}", number + 1)
    }

    /// What AWS offers of an add-on for the version of the cluster, the latest build first.
    fn addon_versions(&self, at: usize) -> Value {
        let (name, kind, _, needs_role) = ADDONS[at];
        let build = |number: usize| {
            json!({
                "addonVersion": self.build(at, BUILDS - 1 - number),
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2"],
                "compatibilities": [{
                    "clusterVersion": format!("1.{}", self.minor),
                    "platformVersions": ["*"],
                    "defaultVersion": number == 0
                }],
                "requiresConfiguration": false,
                "requiresIamPermissions": needs_role
            })
        };
        json!({
            "addonName": name,
            "type": kind,
            "addonVersions": super::each(BUILDS, build),
            "publisher": "eks",
            "owner": "aws"
        })
    }

    /// The entries of the teams, and that of the nodes.
    fn access_entry(&mut self, at: usize) -> Value {
        let principal = match at {
            TEAMS => format!("role/{}-node", self.name),
            LAST_TEAM if self.has_user => "user/jiwoo".to_owned(),
            _ => format!("role/{}-team-{at}", self.name),
        };
        let (of_nodes, session) = (at == TEAMS, principal.rsplit('/').next().unwrap_or_default().to_owned());
        let policies = if of_nodes { json!([]) } else { json!([self.access_policy(at)]) };
        json!({
            "clusterName": self.name,
            "principalArn": format!("arn:aws:iam::{ACCOUNT}:{principal}"),
            "kubernetesGroups": if of_nodes { json!(["system:nodes"]) } else { json!([]) },
            "accessEntryArn": format!("{}/{principal}/{}", self.arn("access-entry"), self.random.uuid()),
            "createdAt": self.random.time(),
            "modifiedAt": self.random.time(),
            "tags": {},
            "username": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{session}/{{{{SessionName}}}}"),
            "type": if of_nodes { "EC2_LINUX" } else { "STANDARD" },
            "associatedAccessPolicies": policies
        })
    }

    fn access_policy(&mut self, at: usize) -> Value {
        let wide = at < LAST_TEAM;
        let policy = if wide { "AmazonEKSClusterAdminPolicy" } else { "AmazonEKSEditPolicy" };
        let scope = match wide {
            true => json!({ "type": "cluster", "namespaces": [] }),
            false => json!({ "type": "namespace", "namespaces": ["media", "media-jobs"] }),
        };
        json!({
            "policyArn": format!("arn:aws:eks::aws:cluster-access-policy/{policy}"),
            "accessScope": scope,
            "associatedAt": self.random.time(),
            "modifiedAt": self.random.time()
        })
    }

    /// One of the network add-on, two of applications.
    fn association(&mut self, at: usize) -> Value {
        let own = at == 0;
        let id = if own { self.association.clone() } else { self.random.id("a") };
        let app = format!("app-{at}");
        let (account, role) = if own { ("aws-node", "vpc-cni") } else { (app.as_str(), app.as_str()) };
        let mut association = json!({
            "clusterName": self.name,
            "namespace": if own { "kube-system" } else { "media" },
            "serviceAccount": account,
            "roleArn": self.role(role),
            "associationArn": format!("{}/{id}", self.arn("podidentityassociation")),
            "associationId": id,
            "tags": {},
            "createdAt": self.random.time(),
            "modifiedAt": self.random.time(),
            "disableSessionTags": false
        });
        if own {
            association["ownerArn"] = json!(format!("{}/vpc-cni/{}", self.arn("addon"), self.random.uuid()));
        }
        association
    }

    /// The last upgrade of the control plane, and of a node group.
    fn update(&mut self, at: usize) -> Value {
        let version = format!("1.{}", self.minor);
        let (kind, value) = match at {
            0 => ("PlatformVersion", "eks.14".to_owned()),
            _ => ("ReleaseVersion", format!("{version}.3-20261015")),
        };
        let mut update = json!({
            "id": self.random.uuid(),
            "status": if self.random.chance(5) { "Failed" } else { "Successful" },
            "type": "VersionUpdate",
            "params": [{ "type": "Version", "value": version }, { "type": kind, "value": value }],
            "createdAt": format!("2026-11-{:02}T02:11:45.667000+00:00", 1 + self.random.below(20)),
            "errors": []
        });
        if at > 0 {
            update["nodegroupName"] = json!("workers-07");
        }
        update
    }
}

fn cluster_version(at: usize) -> Value {
    let (minor, dates) = VERSIONS[at];
    let (word, status) = match minor {
        34.. => ("standard-support", "STANDARD_SUPPORT"),
        _ => ("extended-support", "EXTENDED_SUPPORT"),
    };
    let [release, standard, extended] = dates.map(|date| format!("{date}T00:00:00+00:00"));
    json!({
        "clusterVersion": format!("1.{minor}"),
        "clusterType": "eks",
        "defaultVersion": minor == 36,
        "releaseDate": release,
        "endOfStandardSupportDate": standard,
        "endOfExtendedSupportDate": extended,
        "status": word,
        "versionStatus": status
    })
}
