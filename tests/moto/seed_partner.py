"""The second account, which is reached by assuming a role, and which owns the VPC that the first one shares."""

import catalogue
from eks_docs import Docs
from network import Network
from roles import Roles

REGION = "ap-northeast-2"
READER = "ekslint-read"


def fill(account):
    """Puts two clusters into the account, and the role to read it with."""
    roles = Roles(account)
    roles.person(READER, ["ReadOnlyAccess"])
    cluster_role, node_role = roles.cluster("partner"), roles.node("partner", "AmazonEKS_CNI_Policy")
    roles.age()
    network = Network(account, REGION, "partner", "10.90")
    for name in ("partner-api", "partner-batch"):
        docs = Docs(account.number, REGION, name, version="1.35")
        group = network.cluster_group(name)
        network.eks_interfaces(name, network.private[:2], [group])
        cluster = account.eks.region(account.number, REGION).add_cluster(
            docs.cluster(cluster_role, network.vpc, network.private, group, cidrs=["198.51.100.0/24"])
        )
        cluster.add("nodegroups", "general", docs.nodegroup("general", node_role, network.private))
        cluster.add("accessEntries", node_role, docs.access_entry(node_role, type="EC2_LINUX"))
        for addon in ("vpc-cni", "coredns", "kube-proxy"):
            cluster.add("addons", addon, docs.addon(addon, catalogue.newest(addon, "1.35")))
