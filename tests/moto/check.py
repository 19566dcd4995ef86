"""Checks the test server itself: starts it, reads it with boto3, and says what is wrong.

python tests/moto/check.py
"""

import http.client
import json
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SERVER = Path(__file__).with_name("server.py")
SEOUL, VIRGINIA = "ap-northeast-2", "us-east-1"
CLUSTERS = {
    SEOUL: {
        "office",
        "open",
        "private",
        "fargate-only",
        "auto-mode",
        "extended-support",
        "forgotten",
        "config-map",
        "outpost",
        "twin-a",
        "twin-b",
        "shared-vpc",
    },
    VIRGINIA: {"storefront", "batch", "hybrid"},
}
# Every list of office has this many items, more than one page of three.
OFFICE = {
    "list_nodegroups": 5,
    "list_addons": 7,
    "list_access_entries": 6,
    "list_pod_identity_associations": 5,
    "list_insights": 5,
    "list_capabilities": 4,
    "list_fargate_profiles": 0,
    "list_identity_provider_configs": 0,
}
EC2_LISTS = (
    "describe_vpcs",
    "describe_dhcp_options",
    "describe_subnets",
    "describe_route_tables",
    "describe_internet_gateways",
    "describe_egress_only_internet_gateways",
    "describe_nat_gateways",
    "describe_vpc_peering_connections",
    "describe_security_groups",
    "describe_managed_prefix_lists",
    "describe_network_acls",
    "describe_network_interfaces",
    "describe_vpc_endpoints",
    "describe_flow_logs",
    "describe_instances",
    "describe_volumes",
    "describe_launch_templates",
    "describe_images",
)


class Server:
    """A running server."""

    def __init__(self, *options):
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, SERVER, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise SystemExit(f"the server did not start: {line!r}")
        self.url = line.split()[-1]
        self.seconds = time.monotonic() - begun

    def client(self, service, region=SEOUL, key="CHECK", token=None):
        """A client of the server; it does not try again."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key="secret",
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=2, max_pool_connections=50),
        )

    def control(self, what, key, body=None):
        """A control endpoint; GET without a body."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{self.url}/ekslint/{what}?key={key}", data)
        ) as answer:
            return json.load(answer)

    def stop(self):
        """Ends its standard input, and waits for it to go."""
        self.process.stdin.close()
        code = self.process.wait(timeout=5)
        self.process.stdout.close()
        return code


def read_all(client, operation, **parameters):
    """All items of a list through the paginator, and the sizes of its pages."""
    paginator = client.get_paginator(operation)
    keys = [expression.expression for expression in paginator.result_keys]
    items, sizes = [], []
    for page in paginator.paginate(**parameters):
        part = [item for key in keys for item in page.get(key, [])]
        items.extend(part)
        sizes.append(len(part))
    return items, sizes


class Check(unittest.TestCase):
    """The checks; all use one server."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server("--seed", "tests")
        cls.eks = cls.server.client("eks")
        cls.ec2 = cls.server.client("ec2")
        cls.iam = cls.server.client("iam")

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def refused(self, code, status, call, *args, **parameters):
        """Checks the error of a call."""
        with self.assertRaises(ClientError) as caught:
            call(*args, **parameters)
        answer = caught.exception.response
        found = answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]
        self.assertEqual(found, (code, status), answer)
        return answer

    def test_starts_fast(self):
        self.assertLess(self.server.seconds, 10)

    def test_clusters(self):
        for region, names in CLUSTERS.items():
            eks = self.server.client("eks", region)
            found, sizes = read_all(eks, "list_clusters")
            self.assertEqual(set(found), names)
            self.assertEqual(len(found), len(names))
            self.assertLessEqual(max(sizes), 3)
            for name in found:
                self.assertEqual(eks.describe_cluster(name=name)["cluster"]["name"], name)
        self.assertIn("connected", read_all(self.eks, "list_clusters", include=["all"])[0])

    def test_everything_of_every_cluster(self):
        """Each item of each list can be described."""
        for region, names in CLUSTERS.items():
            eks = self.server.client("eks", region)
            for name in names:
                self.describe_all(eks, name)

    def describe_all(self, eks, name):
        """Describes each item of each list of one cluster."""
        version = eks.describe_cluster(name=name)["cluster"]["version"]
        for item in read_all(eks, "list_nodegroups", clusterName=name)[0]:
            eks.describe_nodegroup(clusterName=name, nodegroupName=item)
        for item in read_all(eks, "list_fargate_profiles", clusterName=name)[0]:
            eks.describe_fargate_profile(clusterName=name, fargateProfileName=item)
        for item in read_all(eks, "list_addons", clusterName=name)[0]:
            eks.describe_addon(clusterName=name, addonName=item)
            offered = read_all(eks, "describe_addon_versions", addonName=item, kubernetesVersion=version)[0]
            self.assertEqual([addon["addonName"] for addon in offered], [item])
        for item in read_all(eks, "list_identity_provider_configs", clusterName=name)[0]:
            eks.describe_identity_provider_config(clusterName=name, identityProviderConfig=item)
        for item in read_all(eks, "list_capabilities", clusterName=name)[0]:
            eks.describe_capability(clusterName=name, capabilityName=item["capabilityName"])
        for item in read_all(eks, "list_updates", name=name)[0]:
            eks.describe_update(name=name, updateId=item)
        if name == "outpost":
            return
        for item in read_all(eks, "list_pod_identity_associations", clusterName=name)[0]:
            eks.describe_pod_identity_association(clusterName=name, associationId=item["associationId"])
        for item in read_all(eks, "list_insights", clusterName=name)[0]:
            eks.describe_insight(clusterName=name, id=item["id"])
        if name == "config-map":
            return
        for item in read_all(eks, "list_access_entries", clusterName=name)[0]:
            eks.describe_access_entry(clusterName=name, principalArn=item)
            read_all(eks, "list_associated_access_policies", clusterName=name, principalArn=item)

    def test_office_pages(self):
        for operation, count in OFFICE.items():
            items, sizes = read_all(self.eks, operation, clusterName="office")
            self.assertEqual(len(items), count, operation)
            self.assertLessEqual(max(sizes), 3, operation)
        self.assertEqual(len(read_all(self.eks, "list_updates", name="office")[0]), 5)
        general = read_all(self.eks, "list_updates", name="office", nodegroupName="general")[0]
        self.assertEqual(len(general), 4)
        self.assertEqual(len(read_all(self.eks, "list_updates", name="office", addonName="vpc-cni")[0]), 1)
        self.eks.describe_update(name="office", updateId=general[0], nodegroupName="general")
        self.refused(
            "ResourceNotFoundException", 404, self.eks.describe_update, name="office", updateId=general[0]
        )
        deployer = "arn:aws:iam::111122223333:role/office-deployer"
        policies = read_all(
            self.eks, "list_associated_access_policies", clusterName="office", principalArn=deployer
        )
        self.assertEqual((len(policies[0]), policies[1]), (4, [3, 1]))
        self.assertEqual(len(read_all(self.eks, "list_fargate_profiles", clusterName="fargate-only")[0]), 4)

    def test_catalogue(self):
        self.assertEqual(len(read_all(self.eks, "describe_cluster_versions", includeAll=True)[0]), 9)
        self.assertEqual(len(read_all(self.eks, "describe_cluster_versions")[0]), 7)
        self.assertEqual(len(read_all(self.eks, "describe_addon_versions", kubernetesVersion="1.35")[0]), 10)
        self.assertEqual(len(read_all(self.eks, "list_access_policies")[0]), 6)

    def test_kinds_of_clusters(self):
        config_map = self.refused(
            "InvalidRequestException", 400, self.eks.list_access_entries, clusterName="config-map"
        )
        self.assertIn("API_AND_CONFIG_MAP", config_map["Error"]["Message"])
        self.refused("InvalidRequestException", 400, self.eks.list_addons, clusterName="connected")
        self.refused("InvalidParameterException", 400, self.eks.list_nodegroups, clusterName="connected")
        self.refused("InvalidRequestException", 400, self.eks.list_access_entries, clusterName="outpost")
        self.assertNotIn("resourcesVpcConfig", self.eks.describe_cluster(name="connected")["cluster"])
        self.refused("ResourceNotFoundException", 404, self.eks.describe_cluster, name="nowhere")
        self.refused(
            "ResourceNotFoundException", 404, self.eks.describe_addon, clusterName="office", addonName="x"
        )
        self.refused("AccessDeniedException", 403, self.eks.delete_cluster, name="office")
        self.refused("UnauthorizedOperation", 403, self.ec2.create_vpc, CidrBlock="10.0.0.0/16")

    def test_wire_format(self):
        """Moments are numbers, absent fields are absent, the future field is there."""
        bodies = {}
        eks = self.server.client("eks")
        eks.meta.events.register(
            "before-parse.eks", lambda response_dict, **_: bodies.update(last=response_dict["body"])
        )
        eks.describe_cluster(name="auto-mode")
        cluster = json.loads(bodies["last"])["cluster"]
        self.assertIsInstance(cluster["createdAt"], float)
        self.assertEqual(cluster["futureField"], {"enabled": True})
        self.assertNotIn("encryptionConfig", cluster)
        eks.describe_cluster(name="twin-b")
        self.assertIsNone(json.loads(bodies["last"])["cluster"]["encryptionConfig"])

    def test_ec2_lists_are_complete(self):
        """No item comes twice, and the important lists have more than one page somewhere."""
        long_ones = set()
        for region in (SEOUL, VIRGINIA, "eu-west-1"):
            ec2 = self.server.client("ec2", region)
            for operation in EC2_LISTS:
                items, sizes = read_all(ec2, operation)
                self.assertLessEqual(max(sizes), 3, operation)
                texts = [json.dumps(item, default=str, sort_keys=True) for item in items]
                self.assertEqual(len(texts), len(set(texts)), operation)
                long_ones.update([operation] if len(items) > 3 else [])
        for operation in (
            "vpcs",
            "subnets",
            "security_groups",
            "route_tables",
            "network_interfaces",
            "instances",
        ):
            self.assertIn(f"describe_{operation}", long_ones)
        self.assertIn("describe_launch_templates", long_ones)

    def test_subnets_of_one_vpc(self):
        vpc = self.eks.describe_cluster(name="office")["cluster"]["resourcesVpcConfig"]["vpcId"]
        filters = [{"Name": "vpc-id", "Values": [vpc]}]
        items, sizes = read_all(self.ec2, "describe_subnets", Filters=filters)
        self.assertEqual((len(items), sizes), (8, [3, 3, 2]))
        token = self.ec2.describe_subnets(Filters=filters)["NextToken"]
        self.assertTrue(set("+/=") & set(token))
        self.refused("InvalidParameterValue", 400, self.ec2.describe_subnets, NextToken=token)
        self.refused("InvalidParameterValue", 400, self.ec2.describe_subnets, NextToken="nonsense")

    def test_launch_template_versions(self):
        template = self.eks.describe_nodegroup(clusterName="office", nodegroupName="general")["nodegroup"][
            "launchTemplate"
        ]
        self.assertEqual(template["version"], "4")
        versions, sizes = read_all(
            self.ec2, "describe_launch_template_versions", LaunchTemplateId=template["id"]
        )
        self.assertEqual((len(versions), sizes), (4, [3, 1]))
        chosen = read_all(
            self.ec2,
            "describe_launch_template_versions",
            LaunchTemplateId=template["id"],
            Versions=["1", "2", "3", "4"],
        )
        self.assertEqual(len(chosen[0]), 4)

    def test_prefix_list_entries(self):
        lists = read_all(
            self.ec2,
            "describe_managed_prefix_lists",
            Filters=[{"Name": "prefix-list-name", "Values": ["corporate"]}],
        )
        entries, sizes = read_all(
            self.ec2, "get_managed_prefix_list_entries", PrefixListId=lists[0][0]["PrefixListId"]
        )
        self.assertEqual((len(entries), sizes), (4, [3, 1]))

    def test_ec2_gaps(self):
        names = {region["RegionName"] for region in self.ec2.describe_regions()["Regions"]}
        self.assertEqual(names, {SEOUL, VIRGINIA, "eu-west-1"})
        everything = {
            row["RegionName"]: row["OptInStatus"]
            for row in self.ec2.describe_regions(AllRegions=True)["Regions"]
        }
        self.assertEqual(everything["me-south-1"], "not-opted-in")
        self.assertNotIn("HttpTokens", self.ec2.get_instance_metadata_defaults()["AccountLevel"])
        virginia = self.server.client("ec2", VIRGINIA)
        self.assertEqual(virginia.get_instance_metadata_defaults()["AccountLevel"]["HttpTokens"], "required")
        self.assertTrue(virginia.get_ebs_encryption_by_default()["EbsEncryptionByDefault"])
        images = read_all(self.ec2, "describe_images")[0]
        self.assertIn("v2.0", {image.get("ImdsSupport") for image in images})
        self.assertTrue(all(image["DeprecationTime"] for image in images))
        shared = self.eks.describe_cluster(name="shared-vpc")["cluster"]["resourcesVpcConfig"]
        self.assertEqual(
            self.ec2.describe_vpcs(VpcIds=[shared["vpcId"]])["Vpcs"][0]["OwnerId"], "444455556666"
        )
        subnets = self.ec2.describe_subnets(SubnetIds=shared["subnetIds"])["Subnets"]
        self.assertEqual({subnet["OwnerId"] for subnet in subnets}, {"444455556666"})

    def test_iam_pages(self):
        roles, sizes = read_all(self.iam, "list_roles")
        self.assertGreater(len(roles), 30)
        self.assertEqual(max(sizes), 3)
        self.assertEqual(len({role["Arn"] for role in roles}), len(roles))
        attached, sizes = read_all(self.iam, "list_attached_role_policies", RoleName="office-node")
        self.assertEqual((len(attached), sizes), (5, [3, 2]))
        inline, sizes = read_all(self.iam, "list_role_policies", RoleName="office-node")
        self.assertEqual((len(inline), sizes), (4, [3, 1]))
        details = read_all(
            self.iam, "get_account_authorization_details", Filter=["Role", "User", "LocalManagedPolicy"]
        )
        self.assertEqual(max(details[1]), 3)
        self.assertGreaterEqual(len(details[0]), len(roles) + 1)

    def test_iam_details(self):
        for role in read_all(self.iam, "list_roles")[0]:
            self.iam.get_role(RoleName=role["RoleName"])
            for policy in read_all(self.iam, "list_role_policies", RoleName=role["RoleName"])[0]:
                self.iam.get_role_policy(RoleName=role["RoleName"], PolicyName=policy)
            for policy in read_all(self.iam, "list_attached_role_policies", RoleName=role["RoleName"])[0]:
                found = self.iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]
                self.iam.get_policy_version(PolicyArn=found["Arn"], VersionId=found["DefaultVersionId"])
        for provider in self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
            self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
        self.iam.get_user(UserName="alice")
        self.iam.get_instance_profile(InstanceProfileName="office-node")

    def test_other_account(self):
        sts = self.server.client("sts", key="ASSUMER")
        credentials = sts.assume_role(
            RoleArn="arn:aws:iam::444455556666:role/ekslint-read", RoleSessionName="check"
        )["Credentials"]
        key, token = credentials["AccessKeyId"], credentials["SessionToken"]
        identity = self.server.client("sts", key=key, token=token).get_caller_identity()
        self.assertEqual(identity["Account"], "444455556666")
        eks = self.server.client("eks", key=key, token=token)
        self.assertEqual(set(eks.list_clusters()["clusters"]), {"partner-api", "partner-batch"})
        calls = self.server.control("calls", "ASSUMER")
        self.assertEqual(
            [call["operation"] for call in calls], ["AssumeRole", "GetCallerIdentity", "ListClusters"]
        )
        self.assertEqual(calls[-1]["account"], "444455556666")
        nobody = "arn:aws:iam::444455556666:role/nobody"
        self.refused("AccessDenied", 403, sts.assume_role, RoleArn=nobody, RoleSessionName="check")

    def test_credentials(self):
        cases = {
            "EXPIRED1": {
                "eks": ("ExpiredTokenException", 403),
                "ec2": ("RequestExpired", 400),
                "iam": ("ExpiredToken", 403),
                "sts": ("ExpiredToken", 403),
            },
            "INVALID1": {
                "eks": ("UnrecognizedClientException", 403),
                "ec2": ("AuthFailure", 401),
                "iam": ("InvalidClientTokenId", 403),
                "sts": ("InvalidClientTokenId", 403),
            },
            "NOEKS1": {"eks": ("AccessDeniedException", 403)},
        }
        probes = {
            "eks": "list_clusters",
            "ec2": "describe_vpcs",
            "iam": "list_roles",
            "sts": "get_caller_identity",
        }
        for key, services in cases.items():
            for service, (code, status) in services.items():
                self.refused(code, status, getattr(self.server.client(service, key=key), probes[service]))
        self.server.client("ec2", key="NOEKS1").describe_vpcs()
        disabled = self.server.client("eks", "me-south-1")
        answer = self.refused("UnrecognizedClientException", 403, disabled.list_clusters)
        self.assertEqual(answer["Error"]["Message"], "The security token included in the request is invalid.")

    def test_records(self):
        eks = self.server.client("eks", key="RECORD")
        eks.describe_access_entry(clusterName="office", principalArn="arn:aws:iam::111122223333:user/alice")
        self.server.client("ec2", key="RECORD").describe_vpcs(
            Filters=[{"Name": "vpc-id", "Values": ["vpc-1"]}]
        )
        first, second = self.server.control("calls", "RECORD")
        self.assertEqual(
            (first["service"], first["operation"], first["status"]), ("eks", "DescribeAccessEntry", 200)
        )
        self.assertIn("arn:aws:iam::111122223333:user/alice", first["match"])
        self.assertLess(first["start"], first["end"])
        self.assertEqual(second["operation"], "DescribeVpcs")
        self.assertIn("Filter.1.Value.1=vpc-1", second["match"])
        self.server.control("reset", "RECORD", {})
        self.assertEqual(self.server.control("calls", "RECORD"), [])

    def test_error_faults(self):
        eks, ec2, iam = (self.server.client(service, key="FAULT") for service in ("eks", "ec2", "iam"))
        self.server.control(
            "faults",
            "FAULT",
            [
                {"operation": "DescribeCluster", "match": "twin-a", "skip": 1, "times": 2, "kind": "error"},
                {
                    "operation": "DescribeSubnets",
                    "kind": "error",
                    "code": "RequestLimitExceeded",
                    "status": 503,
                },
                {"operation": "ListRoles", "kind": "error"},
            ],
        )
        eks.describe_cluster(name="twin-a")
        eks.describe_cluster(name="twin-b")
        for _ in range(2):
            self.refused("AccessDeniedException", 403, eks.describe_cluster, name="twin-a")
        eks.describe_cluster(name="twin-a")
        self.refused("RequestLimitExceeded", 503, ec2.describe_subnets)
        self.refused("AccessDenied", 403, iam.list_roles)
        self.eks.describe_cluster(name="twin-a")

    def test_broken_answers(self):
        for kind in ("html", "reset", "hang"):
            self.server.control(
                "faults", kind, [{"kind": kind, "delay": 4} if kind == "hang" else {"kind": kind}]
            )
            for service, probe in (("eks", "list_clusters"), ("ec2", "describe_vpcs")):
                with (
                    self.subTest(kind=kind, service=service),
                    self.assertRaises((ClientError, BotoCoreError)),
                ):
                    getattr(self.server.client(service, key=kind), probe)()
        self.assertEqual(self.server.control("calls", "reset")[0]["status"], None)

    def test_broken_bodies(self):
        """boto3 takes some of these for empty answers; so they are read without it."""
        for kind in ("malformed", "truncated"):
            self.server.control("faults", kind, [{"kind": kind}])
        self.assertEqual(self.raw("eks", "/clusters", "malformed").read(), b"{")
        self.assertEqual(
            self.raw("ec2", "/?Action=DescribeVpcs&Version=2016-11-15", "malformed").read(), b"<"
        )
        for service, path in (
            ("eks", "/clusters/office"),
            ("ec2", "/?Action=DescribeVpcs&Version=2016-11-15"),
        ):
            with self.assertRaises(http.client.IncompleteRead) as caught:
                self.raw(service, path, "truncated").read()
            self.assertGreater(len(caught.exception.partial), 100)

    def raw(self, service, path, key):
        """An answer without boto3."""
        scope = f"AWS4-HMAC-SHA256 Credential={key}/20261121/{SEOUL}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        return urllib.request.urlopen(
            urllib.request.Request(self.server.url + path, headers={"Authorization": scope})
        )

    def test_delays_run_side_by_side(self):
        self.server.control("latency", "SLOW", {"ms": 200})
        self.server.control(
            "faults", "SLOW", [{"operation": "DescribeCluster", "kind": "delay", "delay": 0.2}]
        )
        eks = self.server.client("eks", key="SLOW")
        begun = time.monotonic()
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda _: eks.describe_cluster(name="office"), range(20)))
        self.assertTrue(0.4 <= time.monotonic() - begun < 2)

    def test_wrong_faults_are_refused(self):
        for wrong in ([{"kind": "unknown"}], [{"kind": "error", "operatoin": "x"}], 5):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.server.control("faults", "WRONG", wrong)
            self.assertEqual(caught.exception.code, 400)
            caught.exception.close()

    def test_same_content_in_every_run(self):
        other = Server("--seed", "tests")
        try:
            self.assertEqual(*[self.content(server) for server in (self.server, other)])
        finally:
            other.stop()

    def content(self, server):
        """Much of what a server has."""
        eks, ec2, iam = (server.client(service) for service in ("eks", "ec2", "iam"))
        clusters = {name: eks.describe_cluster(name=name)["cluster"] for name in sorted(CLUSTERS[SEOUL])}
        lists = {operation: read_all(ec2, operation)[0] for operation in EC2_LISTS}
        return clusters, lists, read_all(iam, "list_roles")[0]


class Fleet(unittest.TestCase):
    """The benchmark's content."""

    def test_hundred(self):
        server = Server("--seed", "fleet:100")
        try:
            eks = server.client("eks")
            clusters, sizes = read_all(eks, "list_clusters")
            self.assertEqual((len(clusters), sizes), (100, [100]))
            self.assertEqual(len(read_all(eks, "list_nodegroups", clusterName="fleet-099")[0]), 2)
            self.assertEqual(len(read_all(server.client("ec2"), "describe_instances")[0]), 200)
            self.assertLess(server.seconds, 20)
            print(f"fleet:100 started in {server.seconds:.1f} s", file=sys.stderr)
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main()
