//! The VPC endpoints of a cluster that reaches no internet.
//!
//! Written after `pkg/cfn/builder/vpc_endpoint.go` and `pkg/apis/eksctl.io/v1alpha5/endpoint_service.go` of eksctl.

use super::builder::ResourceBuilder;
use super::network::ClusterNetwork;
use super::security_groups::ClusterGroups;
use super::values::{chosen, find, items, unknown, written};
use crate::source::iac::TemplateValue;
use serde_json::json;

/// Services that nodes need everywhere, and those that they need on Outposts too.
const REQUIRED: [&str; 5] = ["ec2", "ecr.api", "ecr.dkr", S3, "sts"];
const ON_OUTPOSTS: [&str; 4] = ["ssm", "ssmmessages", "ec2messages", "secretsmanager"];
/// Services that a file may ask for.
const OPTIONAL: [&str; 3] = ["cloudformation", "autoscaling", LOGS];
const S3: &str = "s3";
const LOGS: &str = "logs";
/// Services whose names begin otherwise in China.
const OF_CHINA: [&str; 5] = ["ec2", "ecr.api", "ecr.dkr", "sts", "cloudformation"];

/// Adds the endpoints, if the cluster has them.
pub(super) fn add(builder: &mut ResourceBuilder<'_>, network: &ClusterNetwork, groups: &ClusterGroups) {
    const KIND: &str = "AWS::EC2::VPCEndpoint";
    let place = builder.near("privateCluster");
    let skip = match (
        builder.flag("privateCluster.enabled", false),
        builder.flag("privateCluster.skipEndpointCreation", false),
    ) {
        (Ok(true), Ok(skip)) => skip,
        (Ok(true), Err(_)) => {
            let reason = "whether eksctl makes VPC endpoints is not known";
            return builder.missing(&[KIND], "privateCluster.skipEndpointCreation", reason, &place);
        }
        _ => return,
    };
    if skip {
        return;
    }
    for service in services(builder) {
        let is_gateway = service == S3;
        let on = || Some(chosen(&json!(true), Some(place.clone())));
        let list = |values: Vec<TemplateValue>| Some(TemplateValue::list(values, Some(place.clone())));
        let subnets = network.private.iter().map(|subnet| subnet.id.clone()).collect();
        let tables = || match network.is_made {
            true => list(network.private.iter().filter_map(|subnet| subnet.table.clone()).collect()),
            false => Some(unknown("eksctl finds the route tables of the subnets", Some(place.clone()))),
        };
        let fields = [
            ("ServiceName", Some(service_name(builder, service))),
            ("VpcId", Some(network.vpc.clone())),
            ("VpcEndpointType", written(if is_gateway { "Gateway" } else { "Interface" }, &place)),
            ("RouteTableIds", is_gateway.then(tables).flatten()),
            ("SubnetIds", (!is_gateway).then(|| network.unknown.clone().or_else(|| list(subnets))).flatten()),
            ("PrivateDnsEnabled", (!is_gateway).then(on).flatten()),
            ("SecurityGroupIds", (!is_gateway).then(|| list(vec![groups.shared.clone()])).flatten()),
        ];
        builder.add(&format!("privateCluster.endpoints[{service}]"), KIND, &place, fields);
    }
    let path = "privateCluster.additionalEndpointServices";
    if let Some(value) = find(builder.config, path).filter(|value| value.is_unknown()) {
        let own = value.place.clone().unwrap_or(place);
        builder.missing(&[KIND], path, "which more VPC endpoints there are is not known", &own);
    }
}

fn services(builder: &ResourceBuilder<'_>) -> Vec<&'static str> {
    let on_outposts = ON_OUTPOSTS.iter().filter(|_| builder.find("outpost").is_some());
    let (asked, _) = items(builder.config, "privateCluster.additionalEndpointServices");
    let has_logs = builder.find("cloudWatch.clusterLogging.enableTypes").is_some();
    let is_asked = |service: &&&str| {
        asked.iter().any(|one| one.as_str() == Some(**service)) || **service == LOGS && has_logs
    };
    let optional = OPTIONAL.iter().filter(is_asked);
    REQUIRED.iter().chain(on_outposts).chain(optional).copied().collect()
}

fn service_name(builder: &ResourceBuilder<'_>, service: &str) -> TemplateValue {
    let place = Some(builder.near("privateCluster"));
    match builder.region().and_then(TemplateValue::as_str) {
        Some(region) if region.starts_with("us-iso") || region.starts_with("eu-iso") => {
            unknown("the names of services in this region are not known", place)
        }
        Some(region) => {
            let start = if region.starts_with("cn-") && OF_CHINA.contains(&service) { "cn." } else { "" };
            chosen(&json!(format!("{start}com.amazonaws.{region}.{service}")), place)
        }
        None => unknown("the file does not say the region", place),
    }
}
