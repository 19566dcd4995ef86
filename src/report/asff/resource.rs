//! The resources of a finding: the one that is judged, and its cluster.

use super::finding::{AsffResource, Details, EksCluster};
use super::home::Home;
use super::text;
use crate::engine::Resource as Judged;
use crate::report::cluster_name;
use crate::snapshot::Identity;

/// The longest id that Security Hub takes.
const MOST_ID: usize = 512;

/// The resource and, if that is another one, its cluster.
pub(super) fn resources<'a>(
    cluster: &'a Identity,
    home: Home<'a>,
    resource: Option<&'a Judged>,
) -> Vec<AsffResource<'a>> {
    let of_cluster = whole(cluster, home);
    match resource.filter(|resource| resource.kind != "cluster") {
        None => vec![of_cluster],
        Some(resource) => {
            let name = resource.name.as_deref().unwrap_or(resource.title);
            // Not all resources have an ARN, and some names are unique in their cluster only.
            let path = || format!("{}/{}/{name}", of_cluster.id, resource.kind);
            let id = resource.arn.as_deref().map_or_else(path, str::to_owned);
            let Home { partition, region, .. } = home;
            let id = text(&id, MOST_ID);
            let own =
                AsffResource { kind: resource_type(resource.kind), id, partition, region, details: None };
            vec![own, of_cluster]
        }
    }
}

fn whole<'a>(cluster: &'a Identity, home: Home<'a>) -> AsffResource<'a> {
    let given = |text: &'a Option<String>| text.as_deref().filter(|text| !text.trim().is_empty());
    let details = EksCluster { arn: given(&cluster.arn), name: given(&cluster.name) };
    AsffResource {
        kind: resource_type("cluster"),
        id: text(cluster.arn.as_deref().unwrap_or_else(|| cluster_name(cluster)), MOST_ID),
        partition: home.partition,
        region: home.region,
        details: Some(Details { aws_eks_cluster: details }),
    }
}

/// The types that Security Hub has details for. All others are `Other`.
fn resource_type(kind: &str) -> &'static str {
    match kind {
        "cluster" => "AwsEksCluster",
        "vpc" => "AwsEc2Vpc",
        "subnet" => "AwsEc2Subnet",
        "routeTable" => "AwsEc2RouteTable",
        "vpcPeeringConnection" => "AwsEc2VpcPeeringConnection",
        "securityGroup" => "AwsEc2SecurityGroup",
        "networkAcl" => "AwsEc2NetworkAcl",
        "networkInterface" => "AwsEc2NetworkInterface",
        "instance" => "AwsEc2Instance",
        "volume" => "AwsEc2Volume",
        "launchTemplate" | "launchTemplateVersion" => "AwsEc2LaunchTemplate",
        "role" => "AwsIamRole",
        "user" => "AwsIamUser",
        "policy" => "AwsIamPolicy",
        "kmsKey" => "AwsKmsKey",
        "loadBalancer" => "AwsElbv2LoadBalancer",
        _ => "Other",
    }
}
