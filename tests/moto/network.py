"""Builders of what surrounds a cluster in EC2: VPCs, groups, interfaces, nodes, launch templates, images."""

import base64

from eks_docs import digest

ANYWHERE = "0.0.0.0/0"


def tags(kind, name, **more):
    """The tags of a resource that is being made."""
    pairs = {"Name": name, **more}
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}]


class Network:
    """A VPC with public and private subnets in some zones, and its ways out."""

    def __init__(self, account, region, name, prefix, zones="abc", public=True, nat=True):
        self.account, self.region, self.name, self.prefix = account, region, name, prefix
        self.ec2 = account.client("ec2", region)
        self.public, self.private, self.gateway = [], [], None
        made = self.ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16", TagSpecifications=tags("vpc", name))
        self.vpc = made["Vpc"]["VpcId"]
        self.ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.ec2.associate_dhcp_options(VpcId=self.vpc, DhcpOptionsId=self.amazon_dns())
        if public:
            self.add_public(zones)
        self.add_private(zones, nat=nat and public)

    def amazon_dns(self):
        """The DHCP options that a region has from the start."""
        known = self.ec2.describe_dhcp_options(Filters=[{"Name": "value", "Values": ["AmazonProvidedDNS"]}])
        if known["DhcpOptions"]:
            return known["DhcpOptions"][0]["DhcpOptionsId"]
        configuration = [
            {"Key": "domain-name", "Values": [f"{self.region}.compute.internal"]},
            {"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]},
        ]
        return self.ec2.create_dhcp_options(DhcpConfigurations=configuration)["DhcpOptions"]["DhcpOptionsId"]

    def add_public(self, zones):
        """Subnets that an internet gateway serves."""
        self.gateway = self.ec2.create_internet_gateway(
            TagSpecifications=tags("internet-gateway", self.name)
        )["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        table = self.table("public")
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=self.gateway)
        for index, zone in enumerate(zones):
            subnet = self.subnet("public", index, zone, table, "kubernetes.io/role/elb")
            self.ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
            self.public.append(subnet)

    def add_private(self, zones, nat):
        """Subnets that reach the outside through one NAT gateway, or not at all."""
        table = self.table("private")
        if nat:
            public = f"203.0.113.{self.prefix.split('.')[1]}"
            address = self.ec2.allocate_address(Domain="vpc", Address=public)["AllocationId"]
            gateway = self.ec2.create_nat_gateway(
                SubnetId=self.public[0], AllocationId=address, TagSpecifications=tags("natgateway", self.name)
            )["NatGateway"]["NatGatewayId"]
            self.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, NatGatewayId=gateway)
        for index, zone in enumerate(zones):
            self.private.append(
                self.subnet("private", index + 10, zone, table, "kubernetes.io/role/internal-elb")
            )
        self.private_table = table

    def table(self, kind):
        """A route table."""
        made = self.ec2.create_route_table(
            VpcId=self.vpc, TagSpecifications=tags("route-table", f"{self.name}-{kind}")
        )
        return made["RouteTable"]["RouteTableId"]

    def subnet(self, kind, index, zone, table, role):
        """A subnet with its route table."""
        made = self.ec2.create_subnet(
            VpcId=self.vpc,
            CidrBlock=f"{self.prefix}.{index}.0/24",
            AvailabilityZone=self.region + zone,
            TagSpecifications=tags("subnet", f"{self.name}-{kind}-{zone}", **{role: "1"}),
        )
        subnet = made["Subnet"]["SubnetId"]
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return subnet

    def group(self, name, description, rules=(), **more):
        """A security group with ingress rules."""
        made = self.ec2.create_security_group(
            GroupName=name,
            Description=description,
            VpcId=self.vpc,
            TagSpecifications=tags("security-group", name, **more),
        )
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=list(rules))
        return made["GroupId"]

    def cluster_group(self, cluster):
        """The group that EKS makes for a cluster: it admits itself."""
        group = self.group(
            f"eks-cluster-sg-{cluster}-{int(digest(cluster, 8), 16)}",
            "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well "
            "as any managed workloads.",
            **{f"kubernetes.io/cluster/{cluster}": "owned", "aws:eks:cluster-name": cluster},
        )
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[from_group(group)])
        return group

    def eks_interfaces(self, cluster, subnets, groups):
        """The interfaces of the control plane."""
        for subnet in subnets:
            self.ec2.create_network_interface(
                Description=f"Amazon EKS {cluster}",
                SubnetId=subnet,
                Groups=list(groups),
                TagSpecifications=tags(
                    "network-interface", cluster, **{"cluster.k8s.amazonaws.com/name": cluster}
                ),
            )

    def nodes(self, cluster, subnets, groups, image, count=2, more=None, **fields):
        """Running nodes of a cluster."""
        made = self.ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            SubnetId=subnets[0],
            SecurityGroupIds=list(groups),
            InstanceType="m6i.large",
            ClientToken=digest(f"{cluster} {subnets[0]} {count}", 32),
            TagSpecifications=tags(
                "instance", f"{cluster}-node", **{f"kubernetes.io/cluster/{cluster}": "owned"}, **(more or {})
            ),
            **fields,
        )["Instances"]
        others = []
        if count > 1:
            others = self.nodes(cluster, subnets[1:] + subnets[:1], groups, image, count - 1, more, **fields)
        return [instance["InstanceId"] for instance in made] + others

    def interface_endpoint(self, service, groups):
        """A VPC endpoint with interfaces in the private subnets."""
        self.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{self.region}.{service}",
            SubnetIds=self.private,
            SecurityGroupIds=list(groups),
            PrivateDnsEnabled=True,
        )

    def gateway_endpoint(self, service):
        """A VPC endpoint in the route tables."""
        self.ec2.create_vpc_endpoint(
            VpcEndpointType="Gateway",
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{self.region}.{service}",
            RouteTableIds=[self.private_table],
        )

    def flow_logs(self, role):
        """Flow logs of the whole VPC."""
        self.ec2.create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogGroupName=f"/vpc/{self.name}",
            DeliverLogsPermissionArn=role,
        )
        for made in self.account.ec2_backend(self.region).flow_logs.values():
            made.deliver_logs_status, made.deliver_logs_error_message = "SUCCESS", None


def from_cidr(cidr, port=443, description=""):
    """A rule that admits addresses."""
    key, field = ("Ipv6Ranges", "CidrIpv6") if ":" in cidr else ("IpRanges", "CidrIp")
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        key: [{field: cidr, "Description": description}],
    }


def from_group(group, port=None):
    """A rule that admits a group, on one port or on all."""
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port} if port else {"IpProtocol": "-1"}
    return {**ports, "UserIdGroupPairs": [{"GroupId": group}]}


def from_prefix_list(prefix_list, port=443):
    """A rule that admits a managed prefix list."""
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "PrefixListIds": [{"PrefixListId": prefix_list}],
    }


def image(account, region, name, **fields):
    """An AMI of Amazon; its fields are completed as the real ones are."""
    ami = account.ec2_backend(region).register_image(name, name)
    ami.owner_id, ami.owner_alias = "602401143452", "amazon"
    ami.launch_permissions.append({"Group": "all"})
    ami.architecture, ami.virtualization_type, ami.root_device_name = "x86_64", "hvm", "/dev/xvda"
    ami.root_device_type = "ebs"
    account.image_fields[ami.id] = fields
    return ami.id


def template(account, region, name, *versions):
    """A launch template with its versions, the last one as default."""
    ec2 = account.client("ec2", region)
    made = ec2.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData=versions[0],
        TagSpecifications=tags("launch-template", name),
    )["LaunchTemplate"]["LaunchTemplateId"]
    for data in versions[1:]:
        ec2.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=data)
    ec2.modify_launch_template(LaunchTemplateId=made, DefaultVersion=str(len(versions)))
    return made


def template_data(user_data=None, tokens="required", hops=1, **fields):
    """What a version of a launch template says."""
    data = {
        "MetadataOptions": {"HttpTokens": tokens, "HttpPutResponseHopLimit": hops, "HttpEndpoint": "enabled"},
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3", "Encrypted": True}}
        ],
        **fields,
    }
    if user_data:
        data["UserData"] = base64.b64encode(user_data.encode()).decode()
    return data


def nodeadm(docs):
    """User data of AL2023."""
    return f"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

---
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: {docs.name}
    apiServerEndpoint: https://{docs.issuer[-32:]}.gr7.{docs.region}.eks.amazonaws.com
    certificateAuthority: Q0VSVElGSUNBVEU=
    cidr: 172.20.0.0/16
  kubelet:
    config:
      maxPods: 58
    flags:
      - --node-labels=workload=general

--//--
"""


def bootstrap(cluster, before=""):
    """User data of AL2."""
    return f"#!/bin/bash\nset -ex\n{before}/etc/eks/bootstrap.sh {cluster} --kubelet-extra-args '--max-pods=110'\n"
