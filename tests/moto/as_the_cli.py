"""What the AWS CLI would print: EC2 and IAM as botocore reads them, for a comparison with ekslint.

    python tests/moto/as_the_cli.py URL REGION

Prints one JSON object: section of a snapshot → resources, as botocore's own parsers make them of the XML.
"""

import json
import sys

import boto3

# Section, operation, field of the answer.
EC2 = [
    ("vpc", "describe_vpcs", "Vpcs"),
    ("dhcpOptions", "describe_dhcp_options", "DhcpOptions"),
    ("subnets", "describe_subnets", "Subnets"),
    ("routeTables", "describe_route_tables", "RouteTables"),
    ("internetGateways", "describe_internet_gateways", "InternetGateways"),
    ("egressOnlyInternetGateways", "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"),
    ("natGateways", "describe_nat_gateways", "NatGateways"),
    ("vpcPeeringConnections", "describe_vpc_peering_connections", "VpcPeeringConnections"),
    ("securityGroups", "describe_security_groups", "SecurityGroups"),
    ("networkAcls", "describe_network_acls", "NetworkAcls"),
    ("networkInterfaces", "describe_network_interfaces", "NetworkInterfaces"),
    ("vpcEndpoints", "describe_vpc_endpoints", "VpcEndpoints"),
    ("flowLogs", "describe_flow_logs", "FlowLogs"),
    ("volumes", "describe_volumes", "Volumes"),
    ("launchTemplates", "describe_launch_templates", "LaunchTemplates"),
    ("images", "describe_images", "Images"),
]


def text(value):
    """Times as the AWS CLI prints them."""
    return value.isoformat()


def ec2(client):
    found = {section: pages(client, operation, field) for section, operation, field in EC2}
    reservations = pages(client, "describe_instances", "Reservations")
    found["instances"] = [instance for one in reservations for instance in one["Instances"]]
    ids = [template["LaunchTemplateId"] for template in found["launchTemplates"]]
    found["launchTemplateVersions"] = [
        version
        for template in ids
        for version in pages(client, "describe_launch_template_versions", "LaunchTemplateVersions", LaunchTemplateId=template)
    ]
    return found


def iam(client):
    names = [role["RoleName"] for role in pages(client, "list_roles", "Roles")]
    policies = pages(client, "list_policies", "Policies", OnlyAttached=True)
    profiles = pages(client, "list_instance_profiles", "InstanceProfiles")
    return {
        "roles": [client.get_role(RoleName=name)["Role"] for name in names],
        "policies": [client.get_policy(PolicyArn=policy["Arn"])["Policy"] for policy in policies],
        "users": [client.get_user(UserName=user["UserName"])["User"] for user in pages(client, "list_users", "Users")],
        "instanceProfiles": [
            client.get_instance_profile(InstanceProfileName=profile["InstanceProfileName"])["InstanceProfile"]
            for profile in profiles
        ],
    }


def pages(client, operation, field, **arguments):
    paginator = client.get_paginator(operation)
    return [item for page in paginator.paginate(**arguments) for item in page.get(field, [])]


def main():
    url, region = sys.argv[1:]
    session = boto3.Session("AKIDASTHECLI", "secret", region_name=region)
    found = ec2(session.client("ec2", endpoint_url=url)) | iam(session.client("iam", endpoint_url=url))
    print(json.dumps(found, default=text))


if __name__ == "__main__":
    main()
