//! Running nodes and what they are started from.

use super::{ACCOUNT, Cluster, INSTANCES, Sections, ZONES};
use serde_json::{Value, json};

impl Cluster {
    pub(super) fn of_nodes(&mut self) -> Sections {
        vec![
            ("instances", super::each(INSTANCES, |at| self.instance(at))),
            ("launchTemplates", json!([self.launch_template()])),
            ("launchTemplateVersions", json!([self.launch_template_version()])),
            ("ebsEncryptionByDefault", json!({ "EbsEncryptionByDefault": self.random.chance(50) })),
            ("instanceMetadataDefaults", json!({ "AccountLevel": {} })),
        ]
    }

    /// The last node is in no node group.
    fn instance(&mut self, at: usize) -> Value {
        let (zone, block) = (at % ZONES.len(), 16 * (ZONES.len() + at % ZONES.len()));
        let address = format!("10.60.{}.{}", block + 3, 40 + self.random.below(200));
        let dns = format!("ip-{}.{}.compute.internal", address.replace('.', "-"), self.region);
        let subnet = self.private_subnets()[zone].clone();
        let groups = json!([self.group_name(if at == INSTANCES - 1 { 2 } else { 0 })]);
        let started = self.random.time();
        let attached = |id: String| {
            json!({
                "DeviceName": "/dev/xvda",
                "Ebs": { "AttachTime": started, "DeleteOnTermination": true, "Status": "attached", "VolumeId": id }
            })
        };
        json!({
            "Architecture": "x86_64",
            "BlockDeviceMappings": [attached(self.random.id("vol"))],
            "EbsOptimized": true,
            "EnaSupport": true,
            "Hypervisor": "xen",
            "IamInstanceProfile": {
                "Arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/{}", self.profile),
                "Id": "AIPAEXAMPLE4C03F8D11E"
            },
            "NetworkInterfaces": [{
                "Groups": groups,
                "Ipv6Addresses": [],
                "MacAddress": "02:a1:00:59:f4:5a",
                "NetworkInterfaceId": self.random.id("eni"),
                "OwnerId": ACCOUNT,
                "PrivateDnsName": dns,
                "PrivateIpAddress": address,
                "PrivateIpAddresses":
                    [{ "Primary": true, "PrivateDnsName": dns, "PrivateIpAddress": address }],
                "SourceDestCheck": true,
                "Status": "in-use",
                "SubnetId": subnet,
                "VpcId": self.vpc,
                "InterfaceType": "interface"
            }],
            "RootDeviceName": "/dev/xvda",
            "RootDeviceType": "ebs",
            "SecurityGroups": groups,
            "SourceDestCheck": true,
            "Tags": self.instance_tags(at),
            "VirtualizationType": "hvm",
            "MetadataOptions": {
                "State": "applied",
                "HttpTokens": self.random.pick(&["required", "optional"]),
                "HttpPutResponseHopLimit": 1,
                "HttpEndpoint": "enabled",
                "HttpProtocolIpv6": "disabled",
                "InstanceMetadataTags": "disabled"
            },
            "InstanceId": self.random.id("i"),
            "ImageId": "ami-09693f21b8d05be6c",
            "State": { "Code": 16, "Name": "running" },
            "PrivateDnsName": dns,
            "InstanceType": "m7i.large",
            "LaunchTime": started,
            "Placement": {
                "AvailabilityZoneId": format!("az{}", 1 + zone),
                "Tenancy": "default",
                "AvailabilityZone": format!("{}{}", self.region, ZONES[zone])
            },
            "Monitoring": { "State": "disabled" },
            "SubnetId": subnet,
            "VpcId": self.vpc,
            "PrivateIpAddress": address
        })
    }

    fn instance_tags(&self, at: usize) -> Value {
        let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
        let owned = tag(&format!("kubernetes.io/cluster/{}", self.name), "owned");
        let owner = tag("Owner", "media");
        if at == INSTANCES - 1 {
            let group = tag("aws:autoscaling:groupName", "transcoders");
            return json!([tag("Name", "transcoders"), owned, group, owner]);
        }
        json!([
            tag("Name", "workers-00"),
            tag("eks:cluster-name", &self.name),
            tag("eks:nodegroup-name", "workers-00"),
            owned,
            tag("aws:autoscaling:groupName", "eks-workers-00"),
            owner
        ])
    }

    fn launch_template(&mut self) -> Value {
        json!({
            "LaunchTemplateId": self.launch_template,
            "LaunchTemplateName": format!("{}-nodes", self.name),
            "CreateTime": self.random.time(),
            "CreatedBy": format!("arn:aws:sts::{ACCOUNT}:assumed-role/platform-pipeline/terraform"),
            "DefaultVersionNumber": 3,
            "LatestVersionNumber": 3 + self.random.below(2),
            "Tags": []
        })
    }

    fn launch_template_version(&mut self) -> Value {
        json!({
            "LaunchTemplateId": self.launch_template,
            "LaunchTemplateName": format!("{}-nodes", self.name),
            "VersionNumber": 3,
            "CreateTime": self.random.time(),
            "DefaultVersion": true,
            "LaunchTemplateData": {
                "BlockDeviceMappings": [{
                    "DeviceName": "/dev/xvda",
                    "Ebs": { "Encrypted": self.random.chance(50), "VolumeSize": 50, "VolumeType": "gp3" }
                }],
                "SecurityGroupIds": [self.groups[0], self.groups[2]],
                "MetadataOptions": { "HttpTokens": "required", "HttpPutResponseHopLimit": 2 }
            }
        })
    }
}
