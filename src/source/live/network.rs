//! What EC2 knows of the VPC that a cluster is in, in waves: what names others first, then what is named.
//! What clusters of one VPC ask alike is asked once.

use super::answer::{SectionAnswer, SectionAnswers, complete, failed, items, says_gone, text};
use super::client::{Client, ListAnswer};
use super::failure::FailureKind;
use super::named::NamedResources;
use super::operations::ApiRequest;
use crate::snapshot::node_tags::{CLUSTER_NAME, CLUSTER_PREFIX};
use crate::snapshot::section;
use futures_util::future::{join, join_all};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// EC2 takes so many values of one filter.
const VALUES: usize = 200;
/// The port of the API server.
const HTTPS: i64 = 443;

/// Calls that find what is in a VPC, with their filter. One knows no filter.
const BY_VPC: [(&str, &str); 10] = [
    ("ec2:DescribeSubnets", VPC_ID),
    ("ec2:DescribeRouteTables", VPC_ID),
    ("ec2:DescribeInternetGateways", "attachment.vpc-id"),
    ("ec2:DescribeNatGateways", VPC_ID),
    ("ec2:DescribeVpcPeeringConnections", "requester-vpc-info.vpc-id"),
    ("ec2:DescribeVpcPeeringConnections", "accepter-vpc-info.vpc-id"),
    ("ec2:DescribeSecurityGroups", VPC_ID),
    ("ec2:DescribeNetworkAcls", VPC_ID),
    ("ec2:DescribeVpcEndpoints", VPC_ID),
    ("ec2:DescribeEgressOnlyInternetGateways", ""),
];
/// Calls that know the same filter, and are asked in other ways.
const ALSO_BY_VPC: [&str; 3] = ["ec2:DescribeVpcs", "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances"];
/// The filter that most calls have.
pub(super) const VPC_ID: &str = "vpc-id";

/// Whether a call knows the filter `vpc-id`.
pub(super) fn knows_vpc_id(api: &str) -> bool {
    BY_VPC.contains(&(api, VPC_ID)) || ALSO_BY_VPC.contains(&api)
}

/// What does not depend on the cluster at all.
pub(super) async fn of_region(client: &Client) -> SectionAnswers {
    let ebs = client.one_once("ec2:GetEbsEncryptionByDefault", ApiRequest::all());
    let metadata = client.one_once("ec2:GetInstanceMetadataDefaults", ApiRequest::all());
    let ((ebs, metadata), flow_logs) =
        join(join(ebs, metadata), client.list_once("ec2:DescribeFlowLogs", ApiRequest::all())).await;
    let mut answers = SectionAnswers::default();
    answers.add(
        "ebsEncryptionByDefault",
        SectionAnswer::object(
            "ec2:GetEbsEncryptionByDefault",
            ebs.map(|v| only(v, "EbsEncryptionByDefault")),
        ),
    );
    answers.add(
        "instanceMetadataDefaults",
        SectionAnswer::object("ec2:GetInstanceMetadataDefaults", metadata.map(|v| only(v, "AccountLevel"))),
    );
    answers.add("flowLogs", SectionAnswer::listed("ec2:DescribeFlowLogs", flow_logs));
    answers
}

/// One field of an answer that has no envelope. EC2 leaves an empty one out.
fn only(answer: Value, field: &str) -> Value {
    let value = answer.get(field).filter(|value| !value.is_string()).cloned();
    Value::Object(
        [(field.to_owned(), value.unwrap_or_else(|| Value::Object(Default::default())))]
            .into_iter()
            .collect(),
    )
}

/// The first wave: what is found by the VPC and the name of the cluster.
pub(super) async fn first(client: &Client, named: &NamedResources<'_>, answers: &mut SectionAnswers) {
    if named.vpcs.is_empty() {
        return;
    }
    let by_vpc = BY_VPC.map(|(api, filter)| async move {
        let answer = match filter {
            "" => SectionAnswer::listed(api, client.list_once(api, ApiRequest::all()).await),
            filter => filtered(client, api, filter, &named.vpcs, &[]).await,
        };
        (section::by_call(api), answer)
    });
    let waves = join(
        join_all(by_vpc),
        join(vpcs(client, &named.vpcs), join(interfaces(client, named), nodes(client, named))),
    );
    let (by_vpc, (vpcs, (interfaces, instances))) = waves.await;
    for (section, answer) in by_vpc.into_iter().filter_map(|(section, answer)| Some((section?, answer))) {
        answers.add(&section.name, answer);
    }
    answers.add("vpc", vpcs);
    answers.add("networkInterfaces", interfaces);
    answers.add("instances", instances);
}

/// A list of what matches one of the values, asked for by as many at once as EC2 takes.
async fn filtered(
    client: &Client,
    api: &'static str,
    filter: &str,
    values: &BTreeSet<String>,
    also: &[(&str, &[&str])],
) -> SectionAnswer {
    let values: Vec<_> = values.iter().cloned().collect();
    let ask = |values: &[String]| {
        let ask = ApiRequest::all().filter(filter, values.to_vec());
        also.iter()
            .fold(ask, |ask, (name, values)| ask.filter(name, values.iter().map(|value| (*value).to_owned())))
    };
    let each = values.chunks(VALUES).map(|values| client.list_once(api, ask(values)));
    SectionAnswer::joined(
        "",
        join_all(each).await.into_iter().map(|listed| SectionAnswer::listed(api, listed)),
    )
}

/// What has the name of the cluster in it, after a prefix. It is asked for the names of all clusters, which
/// makes it one call for all of them.
async fn by_name(
    client: &Client,
    api: &'static str,
    filter: &str,
    named: &NamedResources<'_>,
    prefix: &str,
    also: &[(&str, &[&str])],
) -> SectionAnswer {
    let values = named.all.iter().map(|name| format!("{prefix}{name}")).collect();
    let mut answer = filtered(client, api, filter, &values, also).await;
    let own = format!("{prefix}{}", named.cluster);
    answer.items.retain(|item| mentions(&item.value, &own));
    answer
}

/// Whether a value has that text in it.
fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(values) => values.iter().any(|value| mentions(value, text)),
        Value::Object(fields) => fields.values().any(|value| mentions(value, text)),
        _ => false,
    }
}

/// The VPCs, each with the two attributes that decide about names.
async fn vpcs(client: &Client, ids: &BTreeSet<String>) -> SectionAnswer {
    let attributes = ids.iter().map(|id| async move {
        let attribute = |name: &'static str| {
            client.one_once(
                "ec2:DescribeVpcAttribute",
                ApiRequest::all().with("VpcId", id).with("attribute", name),
            )
        };
        (id, join(attribute("enableDnsSupport"), attribute("enableDnsHostnames")).await)
    });
    let (mut vpcs, attributes) =
        join(filtered(client, "ec2:DescribeVpcs", "vpc-id", ids, &[]), join_all(attributes)).await;
    for (id, (support, hostnames)) in attributes {
        let vpc = vpcs.items.iter_mut().find(|vpc| text(&vpc.value, "VpcId") == Some(id));
        let Some(vpc) = vpc else { continue };
        for (field, answer) in [("EnableDnsSupport", support), ("EnableDnsHostnames", hostnames)] {
            let flag = answer.map(|answer| answer.get(field).and_then(|flag| flag.get("Value")).cloned());
            match flag {
                Ok(Some(flag)) => vpc.put(field, Ok(flag)),
                Ok(None) => {}
                Err(failure) => vpc.put(field, Err(failed("ec2:DescribeVpcAttribute", &failure))),
            }
        }
    }
    vpcs
}

/// The interfaces of EKS, and all others in the groups that it made.
async fn interfaces(client: &Client, named: &NamedResources<'_>) -> SectionAnswer {
    let api = "ec2:DescribeNetworkInterfaces";
    let by_description = by_name(client, api, "description", named, "Amazon EKS ", &[]);
    let by_group = filtered(client, api, "group-id", &named.cluster_groups, &[]);
    let (mine, others) = join(by_description, by_group).await;
    SectionAnswer::joined("networkInterfaces", [mine, others])
}

const RUNNING: (&str, &[&str]) = ("instance-state-name", &["pending", "running"]);

/// The instances that say that they are nodes: self-managed ones, those of node groups, of Auto
/// Mode and of Karpenter.
async fn nodes(client: &Client, named: &NamedResources<'_>) -> SectionAnswer {
    let api = "ec2:DescribeInstances";
    let by_key = by_name(client, api, "tag-key", named, CLUSTER_PREFIX, &[RUNNING]);
    let by_tag = CLUSTER_NAME
        .map(|tag| async move { by_name(client, api, &format!("tag:{tag}"), named, "", &[RUNNING]).await });
    let (by_key, by_tag) = join(by_key, join_all(by_tag)).await;
    SectionAnswer::joined("instances", std::iter::once(by_key).chain(by_tag))
}

/// The second wave: what the first one names.
pub(super) async fn second(client: &Client, named: &NamedResources<'_>, answers: &mut SectionAnswers) {
    let ids = |section: &str, field: &str| -> BTreeSet<String> {
        answers.values(section).filter_map(|value| text(value, field)).map(str::to_owned).collect()
    };
    let dhcp_ids = ids("vpc", "DhcpOptionsId");
    let (prefix_ids, targets, templates) =
        (prefix_lists(answers), route_targets(answers), templates(named, answers));
    let nodes = ids("instances", "InstanceId");
    let dhcp = filtered(client, "ec2:DescribeDhcpOptions", "dhcp-options-id", &dhcp_ids, &[]);
    let prefixes = managed_prefix_lists(client, &prefix_ids);
    let interfaces = filtered(client, "ec2:DescribeNetworkInterfaces", "network-interface-id", &targets, &[]);
    let volumes = filtered(client, "ec2:DescribeVolumes", "attachment.instance-id", &nodes, &[]);
    let admitted = admitted(client, named, answers);
    let templates = join(
        self::named(client, "launchTemplates", "ec2:DescribeLaunchTemplates", templates.keys().cloned()),
        launch_template_versions(client, &templates),
    );
    let ((dhcp, prefixes), ((interfaces, volumes), (admitted, (templates, versions)))) =
        join(join(dhcp, prefixes), join(join(interfaces, volumes), join(admitted, templates))).await;
    let known = !named.vpcs.is_empty();
    let second = [
        ("dhcpOptions", dhcp),
        ("managedPrefixLists", prefixes),
        ("networkInterfaces", interfaces),
        ("volumes", volumes),
        ("instances", admitted),
        ("launchTemplates", templates),
        ("launchTemplateVersions", versions),
    ];
    second.into_iter().filter(|_| known).for_each(|(section, answer)| answers.add(section, answer));
}

/// The third wave: images, and the volumes of instances that are no nodes.
pub(super) async fn third(client: &Client, answers: &mut SectionAnswers) {
    let images = images(answers);
    let known: BTreeSet<_> = answers
        .values("volumes")
        .flat_map(|volume| items(volume, "Attachments"))
        .filter_map(|a| text(a, "InstanceId"))
        .collect();
    let others = answers.values("instances").filter_map(|value| text(value, "InstanceId"));
    let others = others.filter(|id| !known.contains(id)).map(str::to_owned).collect();
    let images = self::named(client, "images", "ec2:DescribeImages", images.into_iter());
    let volumes = filtered(client, "ec2:DescribeVolumes", "attachment.instance-id", &others, &[]);
    let (images, volumes) = join(images, volumes).await;
    if answers.0.contains_key("instances") {
        answers.add("images", images);
        answers.add("volumes", volumes);
    }
}

/// The prefix lists that groups and routes name.
fn prefix_lists(answers: &SectionAnswers) -> BTreeSet<String> {
    let groups = answers.values("securityGroups").flat_map(|group| {
        ["IpPermissions", "IpPermissionsEgress"].into_iter().flat_map(|field| items(group, field))
    });
    let lists =
        groups.flat_map(|rule| items(rule, "PrefixListIds")).filter_map(|list| text(list, "PrefixListId"));
    let routes = answers.values("routeTables").flat_map(|table| items(table, "Routes"));
    lists
        .chain(routes.filter_map(|route| text(route, "DestinationPrefixListId")))
        .map(str::to_owned)
        .collect()
}

/// The interfaces that routes lead to.
fn route_targets(answers: &SectionAnswers) -> BTreeSet<String> {
    let routes = answers.values("routeTables").flat_map(|table| items(table, "Routes"));
    routes.filter_map(|route| text(route, "NetworkInterfaceId")).map(str::to_owned).collect()
}

async fn managed_prefix_lists(client: &Client, ids: &BTreeSet<String>) -> SectionAnswer {
    let api = "ec2:GetManagedPrefixListEntries";
    let entries = ids.iter().map(|id| async move {
        (id, client.list_once(api, ApiRequest::all().with("PrefixListId", id)).await)
    });
    let lists = filtered(client, "ec2:DescribeManagedPrefixLists", "prefix-list-id", ids, &[]);
    let (mut lists, entries) = join(lists, join_all(entries)).await;
    for (id, entries) in entries {
        let list = lists.items.iter_mut().find(|list| text(&list.value, "PrefixListId") == Some(id));
        if let Some(list) = list {
            list.put("Entries", complete(api, entries).map(Value::Array));
        }
    }
    lists
}

/// The instances that are no nodes and that the interfaces of EKS admit to the API server, such as
/// bastions: by group, or by their own address.
async fn admitted(client: &Client, named: &NamedResources<'_>, answers: &SectionAnswers) -> SectionAnswer {
    let own = answers.values("networkInterfaces").filter(|interface| {
        text(interface, "Description").is_some_and(|text| text.starts_with("Amazon EKS "))
    });
    let groups =
        own.flat_map(|interface| items(interface, "Groups")).filter_map(|group| text(group, "GroupId"));
    let groups: BTreeSet<_> = groups.map(str::to_owned).chain(named.cluster_groups.iter().cloned()).collect();
    let rules = answers
        .values("securityGroups")
        .filter(|group| text(group, "GroupId").is_some_and(|id| groups.contains(id)));
    let rules: Vec<_> =
        rules.flat_map(|group| items(group, "IpPermissions")).filter(|rule| admits_https(rule)).collect();
    let sources = rules
        .iter()
        .flat_map(|rule| items(rule, "UserIdGroupPairs"))
        .filter_map(|pair| text(pair, "GroupId"));
    let sources = sources.map(str::to_owned).collect();
    let ranges =
        rules.iter().flat_map(|rule| items(rule, "IpRanges")).filter_map(|range| text(range, "CidrIp"));
    let hosts = ranges.filter_map(|range| range.strip_suffix("/32")).map(str::to_owned).collect();
    let api = "ec2:DescribeInstances";
    let by_group = filtered(client, api, "instance.group-id", &sources, &[RUNNING]);
    let by_address = filtered(client, api, "private-ip-address", &hosts, &[RUNNING]);
    let (by_group, by_address) = join(by_group, by_address).await;
    SectionAnswer::joined("instances", [by_group, by_address])
}

fn admits_https(rule: &Value) -> bool {
    let port = |field: &str| rule.get(field).and_then(Value::as_i64);
    match text(rule, "IpProtocol") {
        Some("-1") => true,
        Some("tcp" | "6") => {
            port("FromPort").is_none_or(|from| from <= HTTPS) && port("ToPort").is_none_or(|to| HTTPS <= to)
        }
        _ => false,
    }
}

/// The launch templates of node groups, and those that instances say they were made from.
fn templates(named: &NamedResources<'_>, answers: &SectionAnswers) -> BTreeMap<String, BTreeSet<String>> {
    let mut templates = named.templates.clone();
    for instance in answers.values("instances") {
        let tag = |key: &str| {
            items(instance, "Tags")
                .iter()
                .find(|tag| text(tag, "Key") == Some(key))
                .and_then(|tag| text(tag, "Value"))
        };
        if let (Some(id), Some(version)) =
            (tag("aws:ec2launchtemplate:id"), tag("aws:ec2launchtemplate:version"))
        {
            templates.entry(id.to_owned()).or_default().insert(version.to_owned());
        }
    }
    templates
}

/// Many at once; where one of them is gone, EC2 refuses all, and each is asked for by itself.
async fn by_ids(
    client: &Client,
    api: &'static str,
    ids: &[String],
    ask: impl Fn(Vec<String>) -> ApiRequest,
) -> Vec<ListAnswer> {
    let listed = client.list_once(api, ask(ids.to_vec())).await;
    match &listed.failure {
        Some(failure) if failure.kind == FailureKind::NotFound && ids.len() > 1 => {
            join_all(ids.iter().map(|id| client.list_once(api, ask(vec![id.clone()])))).await
        }
        _ => vec![listed],
    }
}

/// Resources that are asked for by their ids.
async fn named(
    client: &Client,
    section: &'static str,
    api: &'static str,
    ids: impl Iterator<Item = String>,
) -> SectionAnswer {
    let ids: Vec<_> = ids.collect();
    let each = ids.chunks(VALUES).map(|ids| by_ids(client, api, ids, ApiRequest::ids));
    collected(section, api, join_all(each).await.into_iter().flatten())
}

async fn launch_template_versions(
    client: &Client,
    templates: &BTreeMap<String, BTreeSet<String>>,
) -> SectionAnswer {
    let api = "ec2:DescribeLaunchTemplateVersions";
    let each = templates.iter().map(|(id, versions)| async move {
        let versions: Vec<_> = versions.iter().cloned().collect();
        by_ids(client, api, &versions, |versions| ApiRequest::ids(versions).with("LaunchTemplateId", id))
            .await
    });
    collected("launchTemplateVersions", api, join_all(each).await.into_iter().flatten())
}

/// What several calls listed; what is gone is not missing.
fn collected(
    section: &'static str,
    api: &'static str,
    listed: impl Iterator<Item = ListAnswer>,
) -> SectionAnswer {
    let answers = listed.map(|listed| {
        let answer = SectionAnswer::listed(api, listed);
        let gone = answer.missing.as_ref().is_some_and(says_gone);
        if gone { SectionAnswer::all(answer.items) } else { answer }
    });
    SectionAnswer::joined(section, answers)
}

/// The images of instances and templates.
fn images(answers: &SectionAnswers) -> BTreeSet<String> {
    let of_templates =
        answers.values("launchTemplateVersions").filter_map(|version| version.get("LaunchTemplateData"));
    let named = answers.values("instances").chain(of_templates).filter_map(|value| text(value, "ImageId"));
    named.filter(|id| id.starts_with("ami-")).map(str::to_owned).collect()
}
