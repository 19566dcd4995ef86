"""The account of the tests: one cluster for each situation that a live scan has to tell apart.

Every list of the API has more than one small page somewhere; README.md says which cluster is for what.
"""

import json
from datetime import datetime

from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

import catalogue
import network as net
from eks_docs import Docs, identifier, key_encryption, logging, moment
from network import Network
from roles import Roles, allow, document

SEOUL, VIRGINIA = "ap-northeast-2", "us-east-1"
OWNER_OF_SHARED_VPC = "444455556666"
FAKE_SECRET = "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
BASE_ADDONS = ("vpc-cni", "coredns", "kube-proxy")
RECREATED = {"release-manager": datetime(2026, 9, 9, 10, 0, 0)}
CAPABILITIES = (("ack", "ACK"), ("kro", "KRO"), ("argocd", "ARGOCD"), ("argocd-staging", "ARGOCD"))


def fill(account):
    """Fills both regions."""
    main = Tests(account)
    main.office()
    main.open()
    main.private()
    main.fargate_only()
    main.auto_mode()
    main.extended_support()
    main.forgotten()
    main.config_map()
    main.outpost()
    main.connected()
    main.twins()
    main.shared_vpc()
    main.virginia()
    main.roles.age(RECREATED)


class Tests:
    """Builds the clusters of the account, one method for each."""

    def __init__(self, account):
        self.account = account
        self.roles = Roles(account)
        self.images = {}
        self.service_role = self.roles.role(
            "AWSServiceRoleForAmazonEKS",
            document(
                {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            ["AmazonEKSServiceRolePolicy"] if self.has("AmazonEKSServiceRolePolicy") else [],
            path="/aws-service-role/eks.amazonaws.com/",
        )
        self.logs_role = self.roles.role(
            "vpc-flow-logs",
            document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ),
            inline={"write-logs": document(allow(["logs:CreateLogStream", "logs:PutLogEvents"]))},
        )
        self.admin = self.roles.person("platform-admin", ["AdministratorAccess"])
        account.client("iam").create_user(UserName="alice")
        self.alice = account.client("iam").get_user(UserName="alice")["User"]["Arn"]
        for region, day in ((SEOUL, "20261006"), (VIRGINIA, "20260903")):
            name = f"amazon-eks-node-al2023-x86_64-standard-1.36-v{day}"
            self.images[region] = net.image(
                account, region, name, imdsSupport="v2.0", deprecationTime="2028-10-06T00:00:00.000Z"
            )
        self.old_image = net.image(
            account, SEOUL, "amazon-eks-node-1.29-v20251112", deprecationTime="2027-11-12T00:00:00.000Z"
        )

    def has(self, policy):
        """Whether moto knows a policy of AWS."""
        try:
            return bool(self.roles.managed(policy))
        except KeyError:
            return False

    def docs(self, name, region=SEOUL, **fields):
        """The documents of a cluster of this account."""
        return Docs(self.account.number, region, name, **fields)

    def add(self, document, region=SEOUL):
        """Stores a cluster."""
        return self.account.eks.region(self.account.number, region).add_cluster(document)

    def surroundings(self, docs, network, groups=(), image=None, nodes=2, profile=None, subnets=None):
        """The cluster's group, the interfaces of its control plane, and nodes."""
        group = network.cluster_group(docs.name)
        subnets = subnets or network.private
        network.eks_interfaces(docs.name, subnets[:2], [group, *groups])
        if nodes:
            fields = {"IamInstanceProfile": {"Name": profile}} if profile else {}
            network.nodes(docs.name, subnets, [group], image or self.images[docs.region], nodes, **fields)
        return group

    def entries(self, cluster, docs, node_role=None):
        """The entries that EKS and every administrator have, and that of the nodes."""
        self.entry(
            cluster,
            docs,
            docs.access_entry(self.service_role),
            docs.access_policy("AmazonEKSClusterInsightsPolicy"),
        )
        self.entry(
            cluster, docs, docs.access_entry(self.admin), docs.access_policy("AmazonEKSClusterAdminPolicy")
        )
        if node_role:
            self.entry(cluster, docs, docs.access_entry(node_role, type="EC2_LINUX"))

    def entry(self, cluster, docs, entry, *policies):
        """One access entry with its policies."""
        cluster.add("accessEntries", entry["principalArn"], entry)
        cluster.add("accessPolicies", entry["principalArn"], list(policies))

    def addons(self, cluster, docs, names=BASE_ADDONS, **fields):
        """Add-ons in the newest version; fields are for the first."""
        for index, name in enumerate(names):
            more = fields if index == 0 else {}
            cluster.add("addons", name, docs.addon(name, catalogue.newest(name, docs.version), **more))

    def association(self, cluster, document):
        """A pod identity association."""
        cluster.add("podIdentityAssociations", document["associationId"], document)
        return document["associationArn"]

    def update(self, cluster, document, **owner):
        """An update of the cluster or of what `owner` names."""
        cluster.add("updates", document["id"], document, **owner)

    def office(self):
        """Restricted public access, and more than one page of everything."""
        docs = self.docs(
            "office",
            version="1.35",
            created="2026-02-24",
            tags={"Environment": "staging", "Owner": "web-platform"},
        )
        network = Network(self.account, SEOUL, "office", "10.10", zones="abcd")
        network.flow_logs(self.logs_role)
        network.ec2.create_egress_only_internet_gateway(VpcId=network.vpc)
        node_role = self.roles.node(
            "office",
            "AmazonEKS_CNI_Policy",
            "AmazonSSMManagedInstanceCore",
            "CloudWatchAgentServerPolicy",
            inline={
                f"extra-{name}": document(allow(f"{name}:Describe*"))
                for name in ("ec2", "autoscaling", "route53", "acm")
            },
        )
        for index in range(3):
            network.group(
                f"office-app-{index}",
                "An application",
                [net.from_cidr("10.0.0.0/8", 8080 + index, "internal")],
            )
        group = self.surroundings(docs, network, profile="office-node")
        cluster = self.add(
            docs.cluster(
                self.roles.cluster("office"),
                network.vpc,
                network.private[:2],
                group,
                cidrs=["203.0.113.10/32", "198.51.100.0/24"],
                logging=logging(["api", "audit", "authenticator"]),
                accessConfig={
                    "authenticationMode": "API_AND_CONFIG_MAP",
                    "bootstrapClusterCreatorAdminPermissions": True,
                },
                upgradePolicy={"supportType": "STANDARD"},
            )
        )
        self.office_nodes(cluster, docs, network, node_role)
        self.office_identities(cluster, docs, node_role)
        self.office_history(cluster, docs)

    def office_nodes(self, cluster, docs, network, node_role):
        """Node groups, three of them with a launch template, and instances made from one."""
        data = net.template_data
        general = net.template(
            self.account,
            SEOUL,
            "office-general",
            data(net.bootstrap("office"), tokens="optional", hops=2),
            data(net.bootstrap("office")),
            data(net.nodeadm(docs)),
            data(net.nodeadm(docs), ImageId=self.images[SEOUL]),
        )
        legacy = net.template(
            self.account,
            SEOUL,
            "office-legacy",
            data(net.bootstrap("office", FAKE_SECRET), tokens="optional", hops=2),
        )
        gpu = net.template(self.account, SEOUL, "office-gpu", data(InstanceType="g5.xlarge"))
        net.template(self.account, SEOUL, "office-unused", data(tokens="optional"))
        network.ec2.run_instances(
            LaunchTemplate={"LaunchTemplateId": general, "Version": "4"},
            MinCount=1,
            MaxCount=1,
            SubnetId=network.private[0],
            ClientToken=identifier("office-self-managed"),
            TagSpecifications=net.tags("instance", "office-self-managed", **{"eks:cluster-name": "office"}),
        )
        groups = {
            "general": {"launchTemplate": {"id": general, "name": "office-general", "version": "4"}},
            "legacy": {"launchTemplate": {"id": legacy, "name": "office-legacy", "version": "1"}},
            "gpu": {
                "launchTemplate": {"id": gpu, "name": "office-gpu", "version": "1"},
                "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
            },
            "spot": {"capacityType": "SPOT", "updateConfig": {"maxUnavailablePercentage": 33}},
            "build": {
                "remoteAccess": {"ec2SshKey": "ops"},
                "nodeRepairConfig": {"enabled": True},
                "health": {
                    "issues": [
                        {
                            "code": "AsgInstanceLaunchFailures",
                            "message": "Could not launch instances.",
                            "resourceIds": ["eks-build"],
                        }
                    ]
                },
                "status": "DEGRADED",
            },
        }
        for name, fields in groups.items():
            cluster.add("nodegroups", name, docs.nodegroup(name, node_role, network.private, **fields))

    def office_identities(self, cluster, docs, node_role):
        """IRSA, pod identities, access entries, add-ons and capabilities."""
        self.roles.provider(docs)
        cni = self.roles.irsa("office-vpc-cni", docs, "kube-system:aws-node", ["AmazonEKS_CNI_Policy"])
        self.roles.irsa("office-uploads", docs, "web:*", ["AmazonS3FullAccess"], operator="StringLike")
        self.roles.irsa("office-any-pod", docs, None, ["AmazonDynamoDBReadOnlyAccess"])
        app_policy = self.roles.policy(
            "office-orders",
            allow(["dynamodb:GetItem", "dynamodb:PutItem"], "arn:aws:dynamodb:*:*:table/orders"),
        )
        self.account.client("iam").create_policy_version(
            PolicyArn=app_policy, PolicyDocument=json.dumps(document(allow("dynamodb:*"))), SetAsDefault=True
        )
        csi = self.roles.pod("office-ebs-csi", ["AmazonEBSCSIDriverPolicy"])
        csi_arn = self.association(cluster, docs.association("kube-system", "ebs-csi-controller-sa", csi))
        for name in ("orders", "payments", "search", "reports"):
            role = self.roles.pod(
                f"office-{name}", [app_policy], {"secrets": document(allow("secretsmanager:GetSecretValue"))}
            )
            self.association(cluster, docs.association("web", name, role))
        names = (*BASE_ADDONS, "eks-pod-identity-agent", "metrics-server", "snapshot-controller")
        self.addons(
            cluster,
            docs,
            names,
            serviceAccountRoleArn=cni,
            configurationValues='{"enableNetworkPolicy": "true"}',
        )
        csi_addon = docs.addon("aws-ebs-csi-driver", "v1.59.0-eksbuild.1", podIdentityAssociations=[csi_arn])
        cluster.add("addons", "aws-ebs-csi-driver", csi_addon)
        self.entries(cluster, docs, node_role)
        self.entry(cluster, docs, docs.access_entry(self.alice), docs.access_policy("AmazonEKSViewPolicy"))
        deployer = self.roles.person("office-deployer")
        policies = (
            "AmazonEKSEditPolicy",
            "AmazonEKSAdminPolicy",
            "AmazonEKSViewPolicy",
            "AmazonEKSSecretReaderPolicy",
        )
        associated = [docs.access_policy(name, [f"team-{index}"]) for index, name in enumerate(policies)]
        self.entry(cluster, docs, docs.access_entry(deployer, ["web:deployers"]), *associated)
        foreign = "arn:aws:iam::444455556666:role/auditor"
        self.entry(cluster, docs, docs.access_entry(foreign), docs.access_policy("AmazonEKSAdminViewPolicy"))
        capability_role = self.roles.role(
            "office-capabilities",
            document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "capabilities.eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                }
            ),
        )
        for name, kind in CAPABILITIES:
            cluster.add("capabilities", name, docs.capability(name, kind, capability_role))

    def office_history(self, cluster, docs):
        """Insights and updates."""
        nodes = [f"/api/v1/nodes/ip-10-10-{index}-20.ap-northeast-2.compute.internal" for index in range(4)]
        usage = {
            "usage": "/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas",
            "replacedWith": "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
            "stopServingVersion": "1.36",
            "startServingReplacementVersion": "1.29",
            "clientStats": [
                {
                    "userAgent": "old-operator",
                    "numberOfRequestsLast30Days": 42,
                    "lastRequestTime": moment("2026-11-19"),
                }
            ],
        }
        fitting = {"name": "aws-ebs-csi-driver", "compatibleVersions": ["v1.62.0-eksbuild.1"]}
        for insight in (
            docs.insight("Kubelet version skew", "UPGRADE_READINESS", "ERROR", nodes),
            docs.insight(
                "Deprecated APIs removed in Kubernetes v1.36",
                "UPGRADE_READINESS",
                "WARNING",
                deprecationDetails=[usage],
            ),
            docs.insight(
                "EKS add-on version compatibility",
                "UPGRADE_READINESS",
                "PASSING",
                addonCompatibilityDetails=[fitting],
            ),
            docs.insight("Amazon Linux 2 compatibility", "UPGRADE_READINESS", "PASSING"),
            docs.insight("Cluster health issues", "MISCONFIGURATION", "UNKNOWN"),
        ):
            cluster.add("insights", insight["id"], insight)
        for index, day in enumerate(("2026-03-02", "2026-05-04", "2026-07-06", "2026-09-08")):
            self.update(
                cluster,
                docs.update(index, "EndpointAccessUpdate", day, PublicAccessCidrs='["203.0.113.10/32"]'),
            )
        self.update(
            cluster, docs.update(0, "VersionUpdate", "2026-11-22", Version="1.35", PlatformVersion="eks.14")
        )
        failure = {
            "errorCode": "PodEvictionFailure",
            "errorMessage": "Reached max retries",
            "resourceIds": ["i-1234"],
        }
        for index, day in enumerate(("2026-03-03", "2026-05-05", "2026-07-07", "2026-09-09")):
            failed = {"status": "Failed", "errors": [failure]} if index == 3 else {}
            release = docs.update(
                index, "VersionUpdate general", day, **failed, ReleaseVersion="1.35.7-20260903"
            )
            self.update(cluster, {**release, "type": "VersionUpdate"}, nodegroupName="general")
        addon = docs.update(0, "AddonUpdate", "2026-09-10", AddonVersion="v1.22.4-eksbuild.3")
        self.update(cluster, addon, addonName="vpc-cni")

    def open(self):
        """Public for everyone, with a tag value that is not harmless and an entry whose role was made anew."""
        hostile = '</script><img src=x onerror=alert(1)> \u202e"; DROP TABLE x;-- \x1b[31m {{7*7}}'
        docs = self.docs(
            "open", version="1.34", created="2026-03-03", tags={"Owner": hostile, "이름": "실습"}
        )
        network = Network(self.account, SEOUL, "open", "10.11", zones="ac", nat=False)
        node_role = self.roles.node("open", "AmazonEKS_CNI_Policy", "AdministratorAccess")
        ssh = network.group(
            "open-ssh", "SSH for everyone", [net.from_cidr("0.0.0.0/0", 22), net.from_cidr("::/0", 22)]
        )
        group = self.surroundings(docs, network, subnets=network.public, nodes=0)
        network.nodes(
            "open",
            network.public,
            [group, ssh],
            self.images[SEOUL],
            MetadataOptions={"HttpTokens": "optional"},
        )
        cluster = self.add(
            docs.cluster(
                self.roles.cluster("open"),
                network.vpc,
                network.public,
                group,
                private=False,
                logging=logging([]),
                accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"},
            )
        )
        cluster.add("nodegroups", "public", docs.nodegroup("public", node_role, network.public))
        self.addons(cluster, docs)
        self.entries(cluster, docs, node_role)
        released = self.roles.person("release-manager")
        self.entry(
            cluster,
            docs,
            docs.access_entry(released, ["system:masters"]),
            docs.access_policy("AmazonEKSAdminPolicy"),
        )

    def private(self):
        """No public endpoint, no way to the internet, endpoints in the VPC, a customer key."""
        docs = self.docs(
            "private",
            created="2026-06-23",
            tags={"Environment": "production", "Owner": "payments", "CostCenter": "4711"},
        )
        network = Network(self.account, SEOUL, "private", "10.20", public=False)
        prefix_list = network.ec2.create_managed_prefix_list(
            PrefixListName="corporate",
            MaxEntries=10,
            AddressFamily="IPv4",
            Entries=[
                {"Cidr": f"10.{200 + index}.0.0/16", "Description": f"site {index}"} for index in range(4)
            ],
        )["PrefixList"]["PrefixListId"]
        bastion = network.group("private-bastion", "Bastion", [net.from_cidr("10.200.0.0/16", 22)])
        rules = [net.from_prefix_list(prefix_list), net.from_group(bastion, 443)]
        access = network.group("private-api-access", "Access to the API server", rules)
        endpoints = network.group("private-endpoints", "VPC endpoints", [net.from_cidr("10.20.0.0/16")])
        for service in ("ec2", "ecr.api", "ecr.dkr", "sts", "eks-auth"):
            network.interface_endpoint(service, [endpoints])
        network.gateway_endpoint("s3")
        self.private_peering(network)
        network.flow_logs(self.logs_role)
        key = self.account.client("kms", SEOUL).create_key(Description="EKS secrets")["KeyMetadata"]["Arn"]
        node_role = self.roles.node("private", "AmazonSSMManagedInstanceCore")
        group = self.surroundings(docs, network, groups=[access], nodes=3, profile="private-node")
        template = net.template(self.account, SEOUL, "private-nodes", net.template_data(net.nodeadm(docs)))
        cluster = self.add(
            docs.cluster(
                self.roles.cluster("private"),
                network.vpc,
                network.private,
                group,
                [access],
                public=False,
                encryptionConfig=key_encryption(key),
                deletionProtection=True,
                zonalShiftConfig={"enabled": True},
            )
        )
        own = {"id": template, "name": "private-nodes", "version": "1"}
        cluster.add(
            "nodegroups", "apps", docs.nodegroup("apps", node_role, network.private, launchTemplate=own)
        )
        self.addons(cluster, docs, (*BASE_ADDONS, "eks-pod-identity-agent"))
        self.entries(cluster, docs, node_role)
        cni = self.roles.pod("private-vpc-cni", ["AmazonEKS_CNI_Policy"])
        self.association(cluster, docs.association("kube-system", "aws-node", cni))

    def private_peering(self, network):
        """A peering with a VPC of the office, DHCP options and a network ACL of its own."""
        ec2 = network.ec2
        peer = ec2.create_vpc(CidrBlock="10.200.0.0/16", TagSpecifications=net.tags("vpc", "corporate"))[
            "Vpc"
        ]["VpcId"]
        peering = ec2.create_vpc_peering_connection(VpcId=network.vpc, PeerVpcId=peer)["VpcPeeringConnection"]
        peering = peering["VpcPeeringConnectionId"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        ec2.create_route(
            RouteTableId=network.private_table,
            DestinationCidrBlock="10.200.0.0/16",
            VpcPeeringConnectionId=peering,
        )
        options = ec2.create_dhcp_options(
            DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.200.0.2", "10.200.0.3"]}]
        )["DhcpOptions"]["DhcpOptionsId"]
        ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=network.vpc)
        acl = ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"]
        for egress in (True, False):
            ec2.create_network_acl_entry(
                NetworkAclId=acl,
                RuleNumber=100,
                Protocol="-1",
                RuleAction="allow",
                Egress=egress,
                CidrBlock="10.0.0.0/8",
            )

    def fargate_only(self):
        """No nodes; four Fargate profiles."""
        docs = self.docs("fargate-only", created="2026-07-01")
        network = Network(self.account, SEOUL, "fargate", "10.12", zones="ab")
        group = self.surroundings(docs, network, nodes=0)
        cluster = self.add(
            docs.cluster(
                self.roles.cluster("fargate-only"),
                network.vpc,
                network.private,
                group,
                cidrs=["203.0.113.0/24"],
            )
        )
        role = self.roles.fargate("fargate-only-pods", docs)
        for name in ("system", "web", "jobs", "tools"):
            selectors = [{"namespace": "kube-system" if name == "system" else name, "labels": {}}]
            cluster.add("fargateProfiles", name, docs.fargate(name, role, network.private, selectors))
        self.addons(cluster, docs)
        self.entries(cluster, docs)
        self.entry(cluster, docs, docs.access_entry(role, type="FARGATE_LINUX"))

    def auto_mode(self):
        """EKS Auto Mode, and a field that no model knows yet."""
        docs = self.docs(
            "auto-mode", created="2026-08-03", tags={"Environment": "production", "Owner": "search"}
        )
        network = Network(self.account, SEOUL, "auto", "10.13")
        policies = (
            "AmazonEKSComputePolicy",
            "AmazonEKSBlockStoragePolicy",
            "AmazonEKSLoadBalancingPolicy",
            "AmazonEKSNetworkingPolicy",
        )
        role = self.roles.cluster("auto-mode", *policies)
        node_role = self.roles.role(
            "auto-mode-node",
            document(
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"],
        )
        group = self.surroundings(docs, network, nodes=0)
        network.nodes(
            "auto-mode",
            network.private,
            [group],
            self.images[SEOUL],
            more={"eks:eks-cluster-name": "auto-mode"},
        )
        cluster = self.add(
            docs.cluster(
                role,
                network.vpc,
                network.private,
                group,
                cidrs=["203.0.113.10/32"],
                computeConfig={
                    "enabled": True,
                    "nodePools": ["general-purpose", "system"],
                    "nodeRoleArn": node_role,
                },
                storageConfig={"blockStorage": {"enabled": True}},
                kubernetesNetworkConfig={
                    "serviceIpv4Cidr": "172.20.0.0/16",
                    "ipFamily": "ipv4",
                    "elasticLoadBalancing": {"enabled": True},
                },
                futureField={"enabled": True},
            )
        )
        self.entries(cluster, docs)
        self.entry(
            cluster,
            docs,
            docs.access_entry(node_role, type="EC2"),
            docs.access_policy("AmazonEKSAutoNodePolicy"),
        )

    def extended_support(self):
        """A version in extended support."""
        docs = self.docs("extended-support", version="1.32", created="2025-03-18")
        network = Network(self.account, SEOUL, "extended", "10.14", zones="ab")
        self.plain(docs, network, "extended-support", cidrs=["203.0.113.0/24"])

    def forgotten(self):
        """A version without support, on old nodes; an OIDC provider of a cluster that is gone."""
        docs = self.docs("forgotten", version="1.29", created="2024-03-18")
        network = Network(self.account, SEOUL, "forgotten", "10.15", zones="ab")
        self.plain(
            docs,
            network,
            "forgotten",
            image=self.old_image,
            accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"},
        )
        self.roles.provider(self.docs("deleted-long-ago"))

    def plain(self, docs, network, role, image=None, region=SEOUL, **fields):
        """A cluster without peculiarities."""
        node_role = self.roles.node(role, "AmazonEKS_CNI_Policy")
        group = self.surroundings(docs, network, image=image, profile=f"{role}-node")
        cluster = self.add(
            docs.cluster(self.roles.cluster(role), network.vpc, network.private, group, **fields), region
        )
        ami = "AL2_x86_64" if image else "AL2023_x86_64_STANDARD"
        cluster.add(
            "nodegroups", "general", docs.nodegroup("general", node_role, network.private, amiType=ami)
        )
        self.addons(cluster, docs)
        if fields.get("accessConfig", {}).get("authenticationMode") != "CONFIG_MAP":
            self.entries(cluster, docs, node_role)
        return cluster

    def config_map(self):
        """Access by the aws-auth ConfigMap only: access entries are refused."""
        docs = self.docs("config-map", version="1.34", created="2025-11-10")
        network = Network(self.account, SEOUL, "config-map", "10.16", zones="ab")
        self.plain(
            docs,
            network,
            "config-map",
            cidrs=["203.0.113.0/24"],
            accessConfig={"authenticationMode": "CONFIG_MAP"},
        )

    def outpost(self):
        """A local cluster on AWS Outposts."""
        docs = self.docs("outpost", version="1.33", created="2025-12-01")
        network = Network(self.account, SEOUL, "outpost", "10.17", zones="a")
        group = self.surroundings(docs, network, nodes=0)
        role = self.roles.role(
            "outpost-cluster",
            document(
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            ["AmazonEKSLocalOutpostClusterPolicy"],
        )
        document_ = docs.cluster(
            role,
            network.vpc,
            network.private,
            group,
            public=False,
            id=identifier("outpost"),
            outpostConfig={
                "outpostArns": [
                    f"arn:aws:outposts:{SEOUL}:{self.account.number}:outpost/op-0f1e2d3c4b5a69788"
                ],
                "controlPlaneInstanceType": "m5.xlarge",
                "controlPlanePlacement": {"groupName": "outpost-control-plane"},
            },
        )
        for absent in (
            "accessConfig",
            "upgradePolicy",
            "zonalShiftConfig",
            "controlPlaneScalingConfig",
            "identity",
        ):
            del document_[absent]
        self.add(document_)

    def connected(self):
        """A cluster elsewhere, registered with the EKS connector."""
        docs = self.docs("connected")
        agent = self.roles.role(
            "AmazonEKSConnectorAgentRole",
            document(
                {"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
        )
        self.add(
            {
                "name": "connected",
                "arn": docs.arn("cluster"),
                "createdAt": moment("2026-05-11", "connected"),
                "status": "ACTIVE",
                "tags": {"Site": "판교 IDC", "Owner": "factory-systems"},
                "connectorConfig": {
                    "activationId": identifier("activation"),
                    "activationExpiry": moment("2026-05-14", "connected"),
                    "provider": "EKS_ANYWHERE",
                    "roleArn": agent,
                },
                "health": {"issues": []},
            }
        )

    def twins(self):
        """Two clusters in one VPC that share all roles; the answer for one has nulls for what it lacks."""
        network = Network(self.account, SEOUL, "twins", "10.18")
        cluster_role, node_role = self.roles.cluster("twin"), self.roles.node("twin", "AmazonEKS_CNI_Policy")
        for name in ("twin-a", "twin-b"):
            docs = self.docs(name, created="2026-06-10")
            group = self.surroundings(docs, network, profile="twin-node")
            nulls = dict.fromkeys(
                ("encryptionConfig", "connectorConfig", "outpostConfig", "remoteNetworkConfig", "id")
            )
            fields = nulls if name == "twin-b" else {}
            cluster = self.add(
                docs.cluster(
                    cluster_role, network.vpc, network.private, group, cidrs=["203.0.113.0/24"], **fields
                )
            )
            cluster.add("nodegroups", "general", docs.nodegroup("general", node_role, network.private))
            self.addons(cluster, docs)
            self.entries(cluster, docs, node_role)

    def shared_vpc(self):
        """A cluster in subnets that another account shares: what lies in the VPC is hidden."""
        docs = self.docs("shared-vpc", created="2026-09-01")
        network = Network(self.account, SEOUL, "shared", "10.19", public=False)
        backend = self.account.ec2_backend(SEOUL)
        for resource in (network.vpc, *network.private):
            backend.tags.pop(resource, None)
        give_away(backend.vpcs[network.vpc], VPC)
        for zone in backend.subnets.values():
            for subnet in zone.values():
                if subnet.id in network.private:
                    give_away(subnet, Subnet)
        self.plain(docs, network, "shared-vpc", cidrs=["203.0.113.0/24"])

    def virginia(self):
        """The second region: a shop, a batch cluster, and one with hybrid nodes."""
        self.account.client("ec2", VIRGINIA).enable_ebs_encryption_by_default()
        shop = self.docs("storefront", region=VIRGINIA, created="2026-06-20")
        network = Network(self.account, VIRGINIA, "storefront", "10.30", zones="ab")
        self.plain(shop, network, "storefront", region=VIRGINIA, cidrs=["203.0.113.0/24"])
        batch = self.docs("batch", region=VIRGINIA, version="1.33", created="2025-08-12")
        network = Network(self.account, VIRGINIA, "batch", "10.31", zones="ab")
        self.plain(batch, network, "batch", region=VIRGINIA)
        hybrid = self.docs("hybrid", region=VIRGINIA, version="1.35", created="2026-03-30")
        network = Network(self.account, VIRGINIA, "hybrid", "10.32", zones="ab")
        remote = {
            "remoteNodeNetworks": [{"cidrs": ["10.80.0.0/16"]}],
            "remotePodNetworks": [{"cidrs": ["10.85.0.0/16"]}],
        }
        cluster = self.plain(hybrid, network, "hybrid", region=VIRGINIA, remoteNetworkConfig=remote)
        cluster.add("identityProviderConfigs", "corporate-sso", hybrid.provider("corporate-sso"))


def give_away(resource, kind):
    """Lets a VPC or a subnet belong to the other account."""
    resource.__class__ = type(kind.__name__, (kind,), {"owner_id": OWNER_OF_SHARED_VPC})
