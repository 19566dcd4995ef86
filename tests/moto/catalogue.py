"""What EKS offers in every account: Kubernetes versions, add-ons and access policies."""

from datetime import datetime, timezone

# version, release, end of standard support, end of extended support, status.
CALENDAR = [
    ("1.37", "2026-10-01", "2027-12-01", "2028-12-01", "STANDARD_SUPPORT"),
    ("1.36", "2026-06-02", "2027-08-02", "2028-08-02", "STANDARD_SUPPORT"),
    ("1.35", "2026-01-28", "2027-03-27", "2028-03-27", "STANDARD_SUPPORT"),
    ("1.34", "2025-10-02", "2026-12-02", "2027-12-02", "STANDARD_SUPPORT"),
    ("1.33", "2025-05-29", "2026-07-29", "2027-07-29", "EXTENDED_SUPPORT"),
    ("1.32", "2025-01-23", "2026-03-23", "2027-03-23", "EXTENDED_SUPPORT"),
    ("1.31", "2024-09-26", "2025-11-26", "2026-11-26", "EXTENDED_SUPPORT"),
    ("1.30", "2024-05-23", "2025-07-23", "2026-07-23", "UNSUPPORTED"),
    ("1.29", "2024-01-23", "2025-03-23", "2026-03-23", "UNSUPPORTED"),
]
DEFAULT_VERSION = "1.36"

# name, type, newest version, whether it needs permissions of IAM.
ADDONS = [
    ("vpc-cni", "networking", "v1.22.4-eksbuild.3", True),
    ("coredns", "networking", "v1.14.3-eksbuild.16", False),
    ("kube-proxy", "networking", "v{}.3-eksbuild.5", False),
    ("aws-ebs-csi-driver", "storage", "v1.62.0-eksbuild.1", True),
    ("aws-efs-csi-driver", "storage", "v3.2.0-eksbuild.1", True),
    ("eks-pod-identity-agent", "security", "v1.3.10-eksbuild.3", False),
    ("eks-node-monitoring-agent", "observability", "v1.6.4-eksbuild.1", False),
    ("metrics-server", "observability", "v0.8.1-eksbuild.6", False),
    ("snapshot-controller", "storage", "v8.4.0-eksbuild.2", False),
    ("amazon-cloudwatch-observability", "observability", "v4.5.0-eksbuild.1", True),
]

ACCESS_POLICIES = [
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
    "AmazonEKSSecretReaderPolicy",
]


def day(text):
    """The first moment of a day."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def cluster_versions():
    """The rows of DescribeClusterVersions."""
    return [
        {
            "clusterVersion": version,
            "clusterType": "eks",
            "defaultPlatformVersion": "eks.1",
            "defaultVersion": version == DEFAULT_VERSION,
            "releaseDate": day(release),
            "endOfStandardSupportDate": day(standard),
            "endOfExtendedSupportDate": day(extended),
            "status": status.lower().replace("_", "-"),
            "versionStatus": status,
            "kubernetesPatchVersion": f"{version}.3",
        }
        for version, release, standard, extended, status in CALENDAR
    ]


def newest(name, version):
    """The version of an add-on that fits a Kubernetes version."""
    return {row[0]: row[2] for row in ADDONS}[name].format(version)


def addon_versions():
    """The add-ons of DescribeAddonVersions, each with a newest and, where it is not bound, an older version."""
    return [
        {
            "addonName": name,
            "type": kind,
            "addonVersions": versions_of(template, permissions),
            "publisher": "eks",
            "owner": "aws",
        }
        for name, kind, template, permissions in ADDONS
    ]


def versions_of(template, permissions):
    """The versions of one add-on."""
    all_kubernetes = [row[0] for row in CALENDAR]
    if "{}" in template:
        return [version_row(template.format(version), [version], permissions) for version in all_kubernetes]
    older = template.rpartition(".")[0] + ".0"
    rows = [
        version_row(template, all_kubernetes, permissions),
        version_row(older, all_kubernetes[2:], permissions),
    ]
    for compatibility in rows[1]["compatibilities"]:
        compatibility["defaultVersion"] = False
    return rows


def version_row(name, kubernetes, permissions):
    """One version of an add-on."""
    return {
        "addonVersion": name,
        "architecture": ["amd64", "arm64"],
        "computeTypes": ["ec2", "fargate"],
        "compatibilities": [
            {"clusterVersion": version, "platformVersions": ["*"], "defaultVersion": True}
            for version in kubernetes
        ],
        "requiresConfiguration": False,
        "requiresIamPermissions": permissions,
    }


def access_policies():
    """The items of ListAccessPolicies."""
    return [
        {"name": name, "arn": f"arn:aws:eks::aws:cluster-access-policy/{name}"} for name in ACCESS_POLICIES
    ]
