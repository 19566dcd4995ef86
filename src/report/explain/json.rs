//! For programs: one JSON document, described in `docs/explain.md`. What is not known is an object
//! with one field, `unknown`, in the place of its value.

use super::{ExplainReport, Explained, flows};
use crate::explain::{
    Endpoint, EndpointState, Flow, FlowHop, Listed, NodeAdmission, OpenGroup, ShuttingEndpoint, SubnetRoute,
    SupportStatus, UsedSubnet, VersionOutlook, VpcEndpoint,
};
use crate::report::json::SCHEMA_VERSION;
use crate::report::json_text;
use crate::snapshot::Unknown;
use crate::value::{Pointer, Problem};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

mod identities;
mod pods;

/// Writes what is understood.
pub(super) fn write(report: &ExplainReport, out: &mut dyn Write) -> io::Result<()> {
    let value = json!({
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")},
        "asOf": report.as_of,
        "clusters": report.clusters.iter().map(|explained| cluster(explained, report.flows_only)).collect::<Vec<_>>(),
        "errors": report.errors.iter().map(error).collect::<Vec<_>>(),
    });
    json_text::write(&value, out)
}

/// An object without the fields that have no value.
pub(super) fn object(fields: Value) -> Value {
    match fields {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn error(error: &Problem) -> Value {
    let (line, column) = error.place.map(|place| (place.line, place.column)).unzip();
    object(json!({"file": error.file, "line": line, "column": column, "message": error.message}))
}

pub(super) fn unknown(unknown: &Unknown) -> Value {
    object(json!({
        "kind": unknown.kind.as_str(),
        "reason": unknown.reason,
        "at": unknown.at,
        "api": unknown.api,
        "action": unknown.action,
    }))
}

fn known<T: Serialize>(value: &Result<T, Unknown>) -> Value {
    match value {
        Ok(value) => json!(value),
        Err(why) => json!({"unknown": unknown(why)}),
    }
}

/// As [`known`], for what is no JSON by itself.
fn known_as<T>(value: &Result<T, Unknown>, write: impl FnOnce(&T) -> Value) -> Value {
    known(&value.as_ref().map(write).map_err(Clone::clone))
}

/// A whole number without a decimal point.
fn count(number: &f64) -> Value {
    let text = number.abs().to_string();
    text.parse::<u64>().map_or_else(|_| json!(number), |count| json!(count))
}

fn cluster(explained: &Explained, flows_only: bool) -> Value {
    let explanation = &explained.explanation;
    let identity = &explanation.cluster;
    let mut of_flows: Map<_, _> = ["apiServerToKubelet", "kubeletToApiServer", "kubectlToApiServer"]
        .into_iter()
        .zip(flows(explanation))
        .map(|(name, (_, all))| (name.to_owned(), flows_json(explained, all)))
        .collect();
    of_flows.extend(pods::flows(explained));
    let mut cluster = json!({
        "cluster": object(json!({
            "name": identity.name,
            "arn": identity.arn,
            "account": identity.account,
            "region": identity.region,
        })),
        "file": explained.file,
        "document": explained.document,
        "kind": explanation.kind,
        "vpc": explanation.vpc,
        "endpoint": known_as(&explanation.endpoint, |node| endpoint(explained, node)),
        "flows": of_flows,
        "nodeRoles": known_as(&explanation.node_roles, |roles| node_roles(explained, roles)),
        "breaksAtScaleOut": explanation.scale_out.iter().map(|item| object(json!({
            "of": item.of,
            "usedBy": item.used_by,
            "why": item.why,
            "location": location(explained, Some(&item.place)),
        }))).collect::<Vec<_>>(),
    });
    if !flows_only {
        add_the_rest(explained, &mut cluster);
    }
    object(cluster)
}

/// What is not about flows.
fn add_the_rest(explained: &Explained, cluster: &mut Value) {
    let explanation = &explained.explanation;
    let each = |values: Vec<Value>| Value::Array(values);
    cluster["version"] = known_as(&explanation.version, |node| version(explained, node));
    cluster["vpcEndpoints"] = known_as(&explanation.vpc_endpoints, |all| {
        each(all.iter().map(|needed| needed_endpoint(explained, needed)).collect())
    });
    cluster["endpointsInTheWay"] = known_as(&explanation.shutting_endpoints, |all| {
        let item = |endpoint: &ShuttingEndpoint| {
            object(json!({
                "service": endpoint.service,
                "reason": endpoint.reason,
                "neededBy": endpoint.needed_by,
                "location": location(explained, Some(&endpoint.place)),
            }))
        };
        identities::listed(all, item)
    });
    cluster["subnets"] =
        known_as(&explanation.subnets, |all| each(all.iter().map(|node| subnet(explained, node)).collect()));
    cluster["openSecurityGroups"] = known_as(&explanation.open_groups, |all| {
        each(all.iter().map(|group| open_group(explained, group)).collect())
    });
    cluster["identities"] = known_as(&explanation.identities, |all| identities::identities(explained, all));
}

fn location(explained: &Explained, place: Option<&Pointer>) -> Option<Value> {
    let region = explained.region(place)?;
    Some(object(json!({
        "file": explained.file,
        "document": explained.document,
        "pointer": place?.as_str(),
        "startLine": region.start_line,
        "startColumn": region.start_column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    })))
}

fn hops(explained: &Explained, hops: &[FlowHop]) -> Vec<Value> {
    let hop = |hop: &FlowHop| {
        object(json!({
            "kind": hop.kind.as_str(),
            "id": hop.id,
            "text": hop.text,
            "location": location(explained, hop.place.as_ref()),
        }))
    };
    hops.iter().map(hop).collect()
}

fn node_roles(explained: &Explained, roles: &Listed<NodeAdmission>) -> Value {
    let role = |role: &NodeAdmission| {
        object(json!({
            "role": role.role,
            "usedBy": role.used_by,
            "admitted": known_as(&role.admitted, |admitted| json!(admitted)),
            "reason": role.admitted.is_ok().then_some(&role.reason),
            "location": location(explained, Some(&role.place)),
        }))
    };
    identities::listed(roles, role)
}

fn flows_json(explained: &Explained, all: &Listed<Flow>) -> Value {
    json!({
        "flows": all.items.iter().map(|one| flow(explained, one)).collect::<Vec<_>>(),
        "unknown": all.more.iter().map(unknown).collect::<Vec<_>>(),
    })
}

fn flow(explained: &Explained, flow: &Flow) -> Value {
    object(json!({
        "kind": flow.end.as_str(),
        "name": flow.name,
        "subnet": flow.subnet,
        "verdict": flow.verdict.as_ref().map_or("unknown", |verdict| verdict.as_str()),
        "unknown": flow.verdict.as_ref().err().map(unknown),
        "via": flow.via.as_str(),
        "reason": Some(&flow.reason).filter(|reason| !reason.is_empty()),
        "addresses": flow.addresses,
        "hops": hops(explained, &flow.hops),
    }))
}

fn endpoint(explained: &Explained, endpoint: &Endpoint) -> Value {
    json!({
        "mode": endpoint.mode.as_str(),
        "openToInternet": known(&endpoint.open_to_internet),
        "ipv4Addresses": known_as(&endpoint.ipv4_addresses, count),
        "ipv6Prefixes64": known_as(&endpoint.ipv6_prefixes64, count),
        "fields": hops(explained, &endpoint.fields),
    })
}

fn version(explained: &Explained, version: &VersionOutlook) -> Value {
    object(json!({
        "value": version.value,
        "status": known(&version.status.clone().map(SupportStatus::as_str)),
        "endOfStandardSupport": known(&version.end_of_standard_support),
        "endOfExtendedSupport": known(&version.end_of_extended_support),
        "forcedUpgradeDate": known(&version.forced_upgrade_date),
        "forcedUpgradeTo": known(&version.forced_upgrade_to),
        "forecast": known(&version.forecast),
        "location": location(explained, Some(&version.place)),
    }))
}

fn needed_endpoint(explained: &Explained, needed: &VpcEndpoint) -> Value {
    object(json!({
        "service": needed.service,
        "state": known(&needed.state.clone().map(EndpointState::as_str)),
        "reason": needed.reason,
        "neededBy": needed.needed_by,
        "location": location(explained, needed.place.as_ref()),
    }))
}

fn subnet(explained: &Explained, subnet: &UsedSubnet) -> Value {
    object(json!({
        "id": subnet.id,
        "usedBy": known(&subnet.used_by),
        "isPublic": known(&subnet.is_public),
        "defaultRoute": known_as(&subnet.default_route, |node| route(explained, node)),
        "defaultRouteIpv6": known_as(&subnet.default_route_ipv6, |node| route(explained, node)),
        "location": location(explained, Some(&subnet.place)),
    }))
}

fn route(explained: &Explained, route: &SubnetRoute) -> Value {
    object(json!({
        "target": route.target.as_str(),
        "id": Some(&route.id).filter(|id| !id.is_empty()),
        "isBlackhole": route.is_blackhole,
        "location": location(explained, Some(&route.place)),
    }))
}

fn open_group(explained: &Explained, group: &OpenGroup) -> Value {
    let openings = known_as(&group.openings, |all| {
        let opening = all.iter().map(|opening| {
            object(json!({
                "protocol": opening.protocol,
                "fromPort": opening.from_port,
                "toPort": opening.to_port,
                "source": opening.source,
                "fromInternet": known(&opening.from_internet),
                "location": location(explained, Some(&opening.place)),
            }))
        });
        Value::Array(opening.collect())
    });
    json!({"id": group.id, "usedBy": known(&group.used_by), "openings": openings})
}
