"""Builders of EKS documents: what the API gives for a cluster and everything in it.

Ids, issuers and moments are made from the names, so that they are the same in every run.
"""

import base64
import hashlib
import uuid
from datetime import datetime, timedelta, timezone

ALL_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
PLATFORM = {
    "1.29": "eks.62",
    "1.32": "eks.40",
    "1.33": "eks.30",
    "1.34": "eks.22",
    "1.35": "eks.14",
    "1.36": "eks.8",
}
RELEASE = {
    "1.29": "1.29.15-20260112",
    "1.32": "1.32.9-20260903",
    "1.33": "1.33.8-20260903",
    "1.34": "1.34.8-20260903",
    "1.35": "1.35.7-20260903",
    "1.36": "1.36.3-20261006",
}
POLICY = "arn:aws:eks::aws:cluster-access-policy/"


def digest(text, size):
    """The first hexadecimal digits of a hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:size]


def identifier(text):
    """A UUID made from a text."""
    return str(uuid.UUID(digest(text, 32)))


def moment(day, text=""):
    """A moment of a day, with a fraction of a second that depends on a text."""
    start = datetime.fromisoformat(day).replace(tzinfo=timezone.utc)
    number = int(digest(day + text, 6), 16)
    return start + timedelta(hours=2, seconds=number % 3600, milliseconds=number % 1000)


class Docs:
    """The documents of one cluster."""

    def __init__(self, account, region, name, version="1.36", created="2026-06-23", tags=None):
        self.account, self.region, self.name = account, region, name
        self.version, self.created = version, created
        self.tags = {"Environment": "test", "Owner": "platform"} if tags is None else tags

    def arn(self, kind, *rest):
        """The ARN of something of this cluster."""
        return ":".join(["arn:aws:eks", self.region, self.account, "/".join([kind, self.name, *rest])])

    @property
    def issuer(self):
        """The issuer of this cluster's tokens."""
        return f"https://oidc.eks.{self.region}.amazonaws.com/id/{digest(self.arn('cluster'), 32).upper()}"

    def cluster(
        self,
        role,
        vpc,
        subnets,
        cluster_group,
        groups=(),
        public=True,
        private=True,
        cidrs=("0.0.0.0/0",),
        **fields,
    ):
        """The cluster; further fields replace or add."""
        document = {
            "name": self.name,
            "arn": self.arn("cluster"),
            "createdAt": moment(self.created, self.name),
            "version": self.version,
            "endpoint": f"https://{self.issuer[-32:]}.gr7.{self.region}.eks.amazonaws.com",
            "roleArn": role,
            "resourcesVpcConfig": {
                "subnetIds": list(subnets),
                "securityGroupIds": list(groups),
                "clusterSecurityGroupId": cluster_group,
                "vpcId": vpc,
                "endpointPublicAccess": public,
                "endpointPrivateAccess": private,
                "publicAccessCidrs": list(cidrs) if public else [],
            },
            "kubernetesNetworkConfig": {
                "serviceIpv4Cidr": "172.20.0.0/16",
                "ipFamily": "ipv4",
                "elasticLoadBalancing": {"enabled": False},
            },
            "logging": logging(ALL_LOGS),
            "identity": {"oidc": {"issuer": self.issuer}},
            "status": "ACTIVE",
            "certificateAuthority": {"data": certificate(self.name)},
            "clientRequestToken": identifier(f"token {self.name}"),
            "platformVersion": PLATFORM[self.version],
            "tags": self.tags,
            "health": {"issues": []},
            "accessConfig": {"authenticationMode": "API"},
            "upgradePolicy": {"supportType": "EXTENDED"},
            "zonalShiftConfig": {"enabled": False},
            "deletionProtection": False,
            "controlPlaneScalingConfig": {"tier": "standard"},
        }
        document.update(fields)
        return document

    def nodegroup(self, name, role, subnets, **fields):
        """A managed node group; a launch template takes the place of the disk size."""
        mark = identifier(f"{self.arn('nodegroup')} {name}")
        version = fields.get("version", self.version)
        document = {
            "nodegroupName": name,
            "nodegroupArn": self.arn("nodegroup", name, mark),
            "clusterName": self.name,
            "version": version,
            "releaseVersion": RELEASE[version],
            "createdAt": moment(self.created, name),
            "modifiedAt": moment("2026-10-06", name),
            "status": "ACTIVE",
            "capacityType": "ON_DEMAND",
            "scalingConfig": {"minSize": 2, "maxSize": 6, "desiredSize": 2},
            "instanceTypes": ["m6i.large"],
            "subnets": list(subnets),
            "amiType": "AL2023_x86_64_STANDARD",
            "nodeRole": role,
            "labels": {},
            "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{mark}"}]},
            "health": {"issues": []},
            "updateConfig": {"maxUnavailable": 1},
            "nodeRepairConfig": {"enabled": False},
            "tags": self.tags,
        }
        if "launchTemplate" not in fields:
            document["diskSize"] = 20
        document.update(fields)
        return document

    def fargate(self, name, role, subnets, selectors):
        """A Fargate profile."""
        return {
            "fargateProfileName": name,
            "fargateProfileArn": self.arn(
                "fargateprofile", name, identifier(f"{self.arn('fargate')} {name}")
            ),
            "clusterName": self.name,
            "createdAt": moment(self.created, name),
            "podExecutionRoleArn": role,
            "subnets": list(subnets),
            "selectors": selectors,
            "status": "ACTIVE",
            "tags": {},
            "health": {"issues": []},
        }

    def addon(self, name, version, **fields):
        """An add-on."""
        document = {
            "addonName": name,
            "clusterName": self.name,
            "status": "ACTIVE",
            "addonVersion": version,
            "health": {"issues": []},
            "addonArn": self.arn("addon", name, identifier(f"{self.arn('addon')} {name}")),
            "createdAt": moment(self.created, name),
            "modifiedAt": moment("2026-09-10", name),
            "tags": {},
        }
        document.update(fields)
        return document

    def access_entry(self, principal, groups=(), type="STANDARD", created=None):
        """An access entry."""
        kind, _, name = principal.rpartition(":")[2].partition("/")
        short = name.rpartition("/")[2]
        number = principal.split(":")[4]
        username = (
            f"arn:aws:sts::{number}:assumed-role/{short}/{{{{SessionName}}}}" if kind == "role" else principal
        )
        if type != "STANDARD":
            username, groups = "system:node:{{EC2PrivateDNSName}}", ["system:nodes"]
        created = moment(created or self.created, principal)
        return {
            "clusterName": self.name,
            "principalArn": principal,
            "kubernetesGroups": list(groups),
            "accessEntryArn": self.arn(
                "access-entry", kind, number, short, identifier(f"{self.name} {principal}")
            ),
            "createdAt": created,
            "modifiedAt": created,
            "tags": {},
            "username": username,
            "type": type,
        }

    def access_policy(self, name, namespaces=()):
        """A policy associated with an access entry."""
        made = moment(self.created, name)
        return {
            "policyArn": POLICY + name,
            "accessScope": {"type": "namespace" if namespaces else "cluster", "namespaces": list(namespaces)},
            "associatedAt": made,
            "modifiedAt": made,
        }

    def association(self, namespace, account, role, **fields):
        """A pod identity association."""
        mark = "a-" + digest(f"{self.arn('association')} {namespace} {account}", 17)
        made = moment(self.created, mark)
        document = {
            "clusterName": self.name,
            "namespace": namespace,
            "serviceAccount": account,
            "roleArn": role,
            "associationArn": self.arn("podidentityassociation", mark),
            "associationId": mark,
            "tags": {},
            "createdAt": made,
            "modifiedAt": made,
            "disableSessionTags": False,
        }
        document.update(fields)
        return document

    def provider(self, name):
        """An OIDC provider whose tokens the cluster accepts."""
        return {
            "oidc": {
                "identityProviderConfigName": name,
                "identityProviderConfigArn": self.arn(
                    "identityproviderconfig", "oidc", name, identifier(name)
                ),
                "clusterName": self.name,
                "issuerUrl": f"https://login.example.com/{name}",
                "clientId": "kubernetes",
                "usernameClaim": "email",
                "usernamePrefix": "sso:",
                "groupsClaim": "groups",
                "groupsPrefix": "sso:",
                "requiredClaims": {"team": "platform"},
                "tags": {},
                "status": "ACTIVE",
            }
        }

    def insight(self, name, category, status, resources=(), **summary):
        """An insight."""
        return {
            "id": identifier(f"{self.arn('insight')} {name}"),
            "name": name,
            "category": category,
            "kubernetesVersion": next_version(self.version),
            "lastRefreshTime": moment("2026-11-20", name),
            "lastTransitionTime": moment("2026-09-01", name),
            "description": f"Checks for {name.lower()}.",
            "insightStatus": {"status": status, "reason": f"{name}: {status.lower()}."},
            "recommendation": "Follow the documentation of Amazon EKS.",
            "additionalInfo": {
                "EKS documentation": "https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html"
            },
            "resources": [
                {"insightStatus": {"status": status}, "kubernetesResourceUri": uri} for uri in resources
            ],
            "categorySpecificSummary": {"deprecationDetails": [], "addonCompatibilityDetails": [], **summary},
        }

    def update(self, number, type, day, status="Successful", errors=(), **params):
        """An update; `number` tells it from others of the same type."""
        return {
            "id": identifier(f"{self.arn('update')} {type} {number}"),
            "status": status,
            "type": type,
            "params": [{"type": key, "value": value} for key, value in params.items()],
            "createdAt": moment(day, f"{type} {number}"),
            "errors": list(errors),
        }

    def capability(self, name, type, role, **fields):
        """A capability."""
        made = moment(self.created, name)
        return {
            "capabilityName": name,
            "arn": self.arn("capability", type.lower(), name, identifier(f"{self.arn('capability')} {name}")),
            "clusterName": self.name,
            "type": type,
            "roleArn": role,
            "status": "ACTIVE",
            "version": "1.0.0",
            "tags": {},
            "health": {"issues": []},
            "createdAt": made,
            "modifiedAt": made,
            "deletePropagationPolicy": "RETAIN",
            **fields,
        }


def next_version(version):
    """The Kubernetes version after one."""
    return f"1.{int(version[2:]) + 1}"


def logging(enabled):
    """The setting of the control plane's logs, as the API splits it."""
    rest = [name for name in ALL_LOGS if name not in enabled]
    setups = [{"types": list(enabled), "enabled": True}, {"types": rest, "enabled": False}]
    return {"clusterLogging": [setup for setup in setups if setup["types"]]}


def certificate(name):
    """Something that looks like the data of a certificate."""
    text = f"-----BEGIN CERTIFICATE-----\n{digest(name, 64)}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(text.encode()).decode()


def key_encryption(key):
    """Encryption of secrets with a key of the customer."""
    return [{"resources": ["secrets"], "provider": {"keyArn": key}}]
