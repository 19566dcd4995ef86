"""Many like clusters, for a benchmark: they share five VPCs and a few roles."""

from eks_docs import Docs
from network import Network, image
from roles import Roles

REGION = "ap-northeast-2"
ADDONS = {
    "vpc-cni": "v1.22.4-eksbuild.3",
    "coredns": "v1.14.3-eksbuild.16",
    "kube-proxy": "v1.36.3-eksbuild.5",
    "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
}
VPCS = 5


def fill(account, count, name="fleet-{:03}"):
    """Puts `count` clusters of such a name into one region."""
    roles = Roles(account)
    names = {
        "cluster": roles.cluster("fleet"),
        "node": roles.node("fleet", "AmazonEKS_CNI_Policy"),
        "fargate": roles.fargate("fleet-fargate", Docs(account.number, REGION, "*")),
        "admin": roles.person("fleet-admin"),
        "viewer": roles.person("fleet-viewer"),
        "pod": roles.pod("fleet-app", ["AmazonS3ReadOnlyAccess"]),
    }
    roles.age()
    ami = image(account, REGION, "amazon-eks-node-al2023-x86_64-standard-1.36-v20261006", imdsSupport="v2.0")
    networks = [
        Network(account, REGION, f"fleet-{index}", f"10.{10 + index}") for index in range(min(VPCS, count))
    ]
    for index in range(count):
        add_cluster(account, name.format(index), networks[index % len(networks)], names, ami)


def add_cluster(account, name, network, roles, ami):
    """One cluster with all that belongs to it."""
    docs = Docs(account.number, REGION, name)
    group = network.cluster_group(name)
    subnets = network.private
    network.eks_interfaces(name, subnets[:2], [group])
    network.nodes(name, subnets, [group], ami)
    cluster = account.eks.region(account.number, REGION).add_cluster(
        docs.cluster(roles["cluster"], network.vpc, subnets, group, cidrs=["203.0.113.0/24"])
    )
    for nodegroup in ("apps", "batch"):
        cluster.add("nodegroups", nodegroup, docs.nodegroup(nodegroup, roles["node"], subnets))
    cluster.add(
        "fargateProfiles", "jobs", docs.fargate("jobs", roles["fargate"], subnets, [{"namespace": "jobs"}])
    )
    for addon, version in ADDONS.items():
        cluster.add("addons", addon, docs.addon(addon, version))
    for role, policy in (
        ("admin", "AmazonEKSClusterAdminPolicy"),
        ("viewer", "AmazonEKSViewPolicy"),
        ("node", None),
    ):
        entry = docs.access_entry(roles[role], type="STANDARD" if policy else "EC2_LINUX")
        cluster.add("accessEntries", roles[role], entry)
        cluster.add("accessPolicies", roles[role], [docs.access_policy(policy)] if policy else [])
    for service_account in ("api", "worker"):
        association = docs.association("apps", service_account, roles["pod"])
        cluster.add("podIdentityAssociations", association["associationId"], association)
