"""Builders of IAM roles, policies and OIDC providers as clusters use them."""

import json
from datetime import datetime

AWS_POLICY = "arn:aws:iam::aws:policy/"
OLD = datetime(2024, 1, 15, 8, 30, 2)
LAST_USED = datetime(2026, 11, 20, 23, 10, 0)


def document(*statements):
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, resource="*"):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def trust(service, actions="sts:AssumeRole", condition=None):
    """A trust in a service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions}
    return document({**statement, "Condition": condition} if condition else statement)


class Roles:
    """The IAM of one account."""

    def __init__(self, account):
        self.account = account
        self.iam = account.client("iam")

    def role(self, name, trusted, policies=(), inline=None, path="/"):
        """A role; gives its ARN."""
        made = self.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trusted))
        for policy in policies:
            arn = policy if policy.startswith("arn:") else self.managed(policy)
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy, content in (inline or {}).items():
            self.iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(content))
        return made["Role"]["Arn"]

    def managed(self, name):
        """The ARN of a policy of AWS; service roles have theirs under a path."""
        for path in ("", "service-role/"):
            if f"{AWS_POLICY}{path}{name}" in self.account.iam_backend().managed_policies:
                return f"{AWS_POLICY}{path}{name}"
        raise KeyError(name)

    def cluster(self, name, *more):
        """The role of a control plane."""
        return self.role(
            f"{name}-cluster",
            trust("eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
            ["AmazonEKSClusterPolicy", *more],
        )

    def node(self, name, *more, inline=None):
        """The role of nodes, with its instance profile."""
        policies = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", *more]
        arn = self.role(f"{name}-node", trust("ec2.amazonaws.com"), policies, inline)
        self.iam.create_instance_profile(InstanceProfileName=f"{name}-node")
        self.iam.add_role_to_instance_profile(InstanceProfileName=f"{name}-node", RoleName=f"{name}-node")
        return arn

    def provider(self, docs):
        """The OIDC provider of a cluster."""
        self.iam.create_open_id_connect_provider(
            Url=docs.issuer,
            ClientIDList=["sts.amazonaws.com"],
            ThumbprintList=["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
        )

    def irsa(self, name, docs, subject, policies=(), inline=None, operator="StringEquals"):
        """A role for a service account, trusted through the issuer of a cluster."""
        host = docs.issuer.removeprefix("https://")
        condition = {
            operator: {f"{host}:sub": f"system:serviceaccount:{subject}", f"{host}:aud": "sts.amazonaws.com"}
        }
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{docs.account}:oidc-provider/{host}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition if subject else {"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}},
        }
        return self.role(name, document(statement), policies, inline)

    def pod(self, name, policies=(), inline=None):
        """A role for EKS Pod Identity."""
        return self.role(
            name, trust("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]), policies, inline
        )

    def fargate(self, name, docs):
        """The role by which Fargate runs pods."""
        condition = {"ArnLike": {"aws:SourceArn": docs.arn("fargateprofile", "*")}}
        trusted = trust("eks-fargate-pods.amazonaws.com", condition=condition)
        return self.role(name, trusted, ["AmazonEKSFargatePodExecutionRolePolicy"])

    def person(self, name, policies=()):
        """A role that people of the account assume."""
        principal = {"AWS": f"arn:aws:iam::{self.account.number}:root"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        return self.role(name, document(statement), policies)

    def policy(self, name, *statements):
        """A policy of the customer; gives its ARN."""
        made = self.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document(*statements)))
        return made["Policy"]["Arn"]

    def age(self, exceptions=None):
        """Lets everything be older than the clusters, but for the roles that have a date here."""
        backend = self.account.iam_backend()
        for item in [*backend.roles.values(), *backend.users.values(), *backend.instance_profiles.values()]:
            item.create_date = (exceptions or {}).get(item.name, OLD)
            if item.name.endswith("-node") and hasattr(item, "last_used"):
                item.last_used, item.last_used_region = LAST_USED, "ap-northeast-2"
