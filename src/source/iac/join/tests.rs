use super::super::draft::Draft;
use super::super::mapped::{Attachment, MappedItem, MappedResource};
use super::super::template::{MissingPart, ResourceCertainty, Template};
use super::super::testing::{items, more, place, shown, template};
use super::super::value::{TemplateValue, ValueKind};
use super::{Joined, drafts};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

fn of(resources: &Value) -> Vec<Draft> {
    drafts(&template(resources))
}

/// The texts at a pointer of each item.
fn each(draft: &Draft, section: &str, pointer: &str) -> Vec<Value> {
    let items = items(draft, section);
    let at = |item: &Value| item.pointer(pointer).cloned().unwrap_or(Value::Null);
    items.as_array().map(|items| items.iter().map(at).collect()).unwrap_or_default()
}

#[test]
fn what_names_a_cluster_is_its_own_however_it_is_called() {
    let group = |cluster: &str, name: &str| json!({ "cluster_name": cluster, "node_group_name": name });
    let drafts = of(&json!({
        "aws_eks_cluster.a": { "name": "prod" },
        "aws_eks_cluster.b": { "name": "?why=var.name" },
        "aws_eks_node_group.a": group("prod", "literal"),
        "aws_eks_node_group.b": group("${aws_eks_cluster.a.id}", "id"),
        "aws_eks_node_group.c": group("${aws_eks_cluster.b.name}", "symbol"),
        "aws_eks_node_group.d": group("?other=var.name", "variable"),
        "aws_eks_node_group.e": group("staging", "another"),
    }));
    let names = |draft: &Draft| each(draft, "nodegroups", "/nodegroupName");
    assert_eq!(drafts.len(), 3);
    assert_eq!(names(&drafts[0]), ["literal", "id"]);
    assert_eq!(names(&drafts[1]), ["symbol", "variable"]);
    assert_eq!(items(&drafts[1], "cluster")[0]["name"], "${var.name}");
    // A cluster that the template does not describe has no section, and what names it is all that is known.
    assert_eq!(names(&drafts[2]), ["another"]);
    assert_eq!((drafts[2].address.as_deref(), items(&drafts[2], "cluster")), (None, Value::Null));
    assert_eq!(more(&drafts[2], "nodegroups"), "the cluster staging is not described in this template");
    assert_eq!(items(&drafts[2], "addons"), Value::Null);
    // A described cluster has all sections, and all that is in them.
    assert_eq!((items(&drafts[0], "addons"), more(&drafts[0], "nodegroups").as_str()), (json!([]), ""));
    assert_eq!(drafts[0].region.as_ref().map(shown), Some(json!("eu-west-1")));
}

#[test]
fn a_cluster_that_is_looked_up_is_not_described() {
    let drafts = of(&json!({
        "data.aws_eks_cluster.a": { "name": "prod" },
        "aws_eks_addon.a": { "cluster_name": "${data.aws_eks_cluster.a.id}", "addon_name": "vpc-cni" },
        "aws_eks_addon.b": { "cluster_name": "prod", "addon_name": "coredns" },
    }));
    assert_eq!(drafts.len(), 1);
    assert_eq!(each(&drafts[0], "addons", "/addonName"), ["vpc-cni", "coredns"]);
    assert!(more(&drafts[0], "addons").starts_with("the cluster prod"));
}

#[test]
fn a_resource_whose_cluster_is_not_known_may_be_any_clusters() {
    let drafts = of(&json!({
        "aws_eks_cluster.a": { "name": "a" },
        "aws_eks_addon.a": { "cluster_name": "?why", "addon_name": "vpc-cni" },
    }));
    assert_eq!(
        (items(&drafts[0], "addons"), more(&drafts[0], "addons").as_str()),
        (json!([]), "whose aws_eks_addon.a is, is not known")
    );
    assert_eq!(drafts.len(), 2);
    // A variable that has another name may have the same value. What names it is also in a draft of its own.
    let drafts = of(&json!({
        "aws_eks_cluster.a": { "name": "a" },
        "aws_eks_node_group.a": { "cluster_name": "?why=var.name", "remote_access": [{ "ec2_ssh_key": "ops" }] },
        "perhaps aws_eks_node_group.b": { "cluster_name": "b" },
    }));
    assert_eq!(more(&drafts[0], "nodegroups"), "whose aws_eks_node_group.a is, is not known");
    assert_eq!(more(&drafts[0], "securityGroups"), more(&drafts[0], "nodegroups"));
    assert_eq!(each(&drafts[1], "nodegroups", "/clusterName"), ["${var.name}"]);
}

#[test]
fn a_policy_for_an_entry_that_is_not_known_may_be_for_each() {
    let drafts = of(&json!({
        "aws_eks_cluster.a": { "name": "a" },
        "aws_eks_access_entry.a": { "cluster_name": "a", "principal_arn": "arn:aws:iam::111122223333:role/x" },
        "aws_eks_access_policy_association.a": { "cluster_name": "a", "principal_arn": "?why=var.role", "policy_arn": "first" },
        "aws_eks_access_policy_association.b": { "cluster_name": "a", "principal_arn": "?why=var.role", "policy_arn": "second" },
    }));
    let entries = items(&drafts[0], "accessEntries");
    let open = json!([
        "?aws_eks_access_policy_association.a may add to it: ${var.role}",
        "?aws_eks_access_policy_association.b may add to it: ${var.role}",
    ]);
    assert_eq!(entries[0]["associatedAccessPolicies"], open);
    // Of the one that the variable names, it is known.
    assert_eq!(entries[1]["principalArn"], "?why=var.role");
    let own = entries[1]["associatedAccessPolicies"].as_array().unwrap();
    assert_eq!((&own[0]["policyArn"], &own[1]["policyArn"]), (&json!("first"), &json!("second")));
}

#[test]
fn nothing_comes_of_what_may_not_be_there() {
    let drafts = of(&json!({
        "perhaps aws_eks_cluster.a": { "name": "a" },
        "aws_eks_cluster.b": { "name": "b" },
        "perhaps aws_eks_addon.b": { "cluster_name": "b", "addon_name": "vpc-cni" },
        "perhaps aws_eks_addon.c": { "cluster_name": "c", "addon_name": "vpc-cni" },
    }));
    assert_eq!(drafts.len(), 2);
    let (b, a) = (&drafts[0], &drafts[1]);
    assert_eq!((items(a, "cluster"), items(b, "addons")), (json!([]), json!([])));
    assert_eq!(more(a, "cluster"), "aws_eks_cluster.a may be there: count is var.create");
    assert_eq!(more(b, "addons"), "aws_eks_addon.b may be there: count is var.create");
    assert_eq!((more(a, "addons").as_str(), more(b, "cluster").as_str()), ("", ""));
    // EKS makes entries for who creates a cluster and for its nodes, so none is complete without the cluster.
    assert_eq!(more(a, "accessEntries"), more(a, "cluster"));
}

#[test]
fn parts_that_were_not_understood_may_have_more() {
    let mut template = template(&json!({ "aws_eks_cluster.a": { "name": "a" } }));
    let missing = |kinds: &[&str], address: &str| MissingPart {
        kinds: kinds.iter().map(|kind| Arc::from(*kind)).collect(),
        address: address.into(),
        reason: "run `terraform init`".to_owned(),
        place: place(0),
    };
    template.missing = vec![missing(&["aws_eks_node_group"], "module.nodes")];
    let draft = &drafts(&template)[0];
    assert_eq!(more(draft, "nodegroups"), "module.nodes: run `terraform init`");
    assert_eq!(more(draft, "addons"), "");
    template.missing = vec![missing(&[], "module.x")];
    let draft = &drafts(&template)[0];
    assert_eq!(more(draft, "addons"), "module.x: run `terraform init`");
    assert_eq!(more(draft, "cluster"), "");
}

#[test]
fn what_is_named_and_not_described_is_there_and_unknown() {
    let drafts = of(&json!({ "aws_eks_cluster.a": {
        "name": "a", "vpc_config": [{ "subnet_ids": ["subnet-1"], "security_group_ids": ["${data.aws_security_group.x.id}", "?why"] }],
    }}));
    let groups = items(&drafts[0], "securityGroups");
    let ids = each(&drafts[0], "securityGroups", "/GroupId");
    assert_eq!(
        ids,
        ["${aws_eks_cluster.a.vpc_config[0].cluster_security_group_id}", "${data.aws_security_group.x.id}"]
    );
    let reason = "?${data.aws_security_group.x.id} is not described in this template";
    assert_eq!((&groups[1]["IpPermissions"], &groups[1]["VpcId"]), (&json!(reason), &json!(reason)));
    assert_eq!(groups[0]["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], groups[0]["GroupId"]);
    assert_ne!(more(&drafts[0], "securityGroups"), "");
}

#[test]
fn a_list_that_is_not_known_is_none_of_what_it_lists() {
    let drafts = of(&json!({
        "aws_eks_cluster.a": { "name": "a", "vpc_config": [{ "subnet_ids": "${data.aws_subnets.x.ids}", "security_group_ids": "?why=var.groups" }] },
        "aws_eks_node_group.a": { "cluster_name": "a", "node_group_name": "n", "subnet_ids": ["${data.aws_subnet.y.id}"] },
    }));
    assert_eq!(each(&drafts[0], "subnets", "/SubnetId"), ["${data.aws_subnet.y.id}"]);
    assert_eq!(each(&drafts[0], "securityGroups", "/GroupId").len(), 1);
}

#[test]
fn policies_are_added_to_the_entry_of_their_principal_and_cluster() {
    let association = |cluster: &str, principal: &str, policy: &str| json!({ "cluster_name": cluster, "principal_arn": principal, "policy_arn": policy, "access_scope": [{ "type": "cluster" }] });
    let entry = |cluster: &str| json!({ "cluster_name": cluster, "principal_arn": "${aws_iam_role.a.arn}" });
    let drafts = of(&json!({
        "aws_eks_access_entry.a": entry("a"), "aws_eks_access_entry.b": entry("b"),
        "aws_eks_access_policy_association.a": association("a", "${aws_iam_role.a.arn}", "admin"),
        "aws_eks_access_policy_association.b": association("${aws_eks_cluster.b.id}", "${aws_iam_role.a.arn}", "view"),
        "perhaps aws_eks_access_policy_association.c": association("b", "${aws_iam_role.a.arn}", "edit"),
        "aws_eks_access_policy_association.d": association("b", "arn:aws:iam::1:role/x", "admin"),
        "aws_eks_cluster.a": { "name": "a" }, "aws_eks_cluster.b": { "name": "b" },
    }));
    let policies = |draft: &Draft| each(draft, "accessEntries", "/associatedAccessPolicies");
    let of =
        |policy: &str| json!({ "policyArn": policy, "accessScope": { "type": "cluster", "namespaces": [] } });
    assert_eq!(policies(&drafts[0]), [json!([of("admin")])]);
    let perhaps = "?aws_eks_access_policy_association.c may be there: count is var.create";
    let elsewhere = "?arn:aws:iam::1:role/x is not described in this template";
    assert_eq!(policies(&drafts[1]), [json!([of("view"), perhaps]), json!([of("admin"), elsewhere])]);
    assert_eq!(each(&drafts[1], "accessEntries", "/principalArn")[1], "arn:aws:iam::1:role/x");
}

#[test]
fn eks_makes_the_entries_of_nodes() {
    let draft = |access: Value| {
        let drafts = of(&json!({
            "aws_eks_cluster.a": { "name": "a", "access_config": [access] },
            "aws_eks_node_group.a": { "cluster_name": "a", "node_role_arn": "${aws_iam_role.nodes.arn}" },
            "aws_eks_fargate_profile.a": { "cluster_name": "a", "fargate_profile_name": "x", "pod_execution_role_arn": "arn:fargate" },
        }));
        (each(&drafts[0], "accessEntries", "/type"), more(&drafts[0], "accessEntries"))
    };
    let types = |types: &[&str]| types.iter().map(|kind| json!(kind)).collect::<Vec<_>>();
    let nodes = types(&["EC2_LINUX", "FARGATE_LINUX"]);
    assert_eq!(draft(json!({ "authentication_mode": "API" })), (nodes.clone(), String::new()));
    let creator = "who creates the cluster gets an access entry".to_owned();
    let bootstrap =
        json!({ "authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": true });
    assert_eq!(draft(bootstrap), (nodes, creator));
    assert_eq!(draft(json!({ "authentication_mode": "CONFIG_MAP" })), (vec![], String::new()));
    assert_eq!(
        draft(json!({ "authentication_mode": "?why" })),
        (vec![], "the authentication mode is not known".to_owned())
    );
}

#[test]
fn a_node_group_runs_the_version_of_its_cluster() {
    let version = |cluster: Value, group: Value| {
        let drafts = of(&json!({ "aws_eks_cluster.a": cluster, "aws_eks_node_group.a": group }));
        each(&drafts[0], "nodegroups", "/version")[0].clone()
    };
    let cluster = json!({ "name": "a", "version": "1.33" });
    assert_eq!(version(cluster.clone(), json!({ "cluster_name": "a" })), "1.33");
    assert_eq!(version(cluster.clone(), json!({ "cluster_name": "a", "version": "1.32" })), "1.32");
    let template = json!({ "cluster_name": "a", "launch_template": [{ "id": "lt-1", "version": "1" }] });
    assert!(version(cluster, template).as_str().unwrap().starts_with('?'));
}

#[test]
fn eks_chooses_the_image_where_it_is_known_which() {
    let image = |version: &str, group: Value| {
        let drafts = of(&json!({
            "aws_eks_cluster.a": { "name": "a", "version": version },
            "aws_eks_node_group.a": group,
        }));
        let image = each(&drafts[0], "nodegroups", "/amiType")[0].clone();
        if image.as_str().unwrap().starts_with('?') { Value::Null } else { image }
    };
    let of_types = |types: Value| json!({ "cluster_name": "a", "instance_types": types });
    let al2023 = json!("AL2023_x86_64_STANDARD");
    assert_eq!(image("1.33", json!({ "cluster_name": "a" })), al2023);
    assert_eq!(image("1.33", of_types(json!(["m5.large", "c6a.xlarge"]))), al2023);
    for types in [json!(["m7g.large"]), json!(["g5.xlarge"]), json!(["m5.large", "?why"]), json!("?why")] {
        assert_eq!(image("1.33", of_types(types.clone())), Value::Null, "{types}");
    }
    assert_eq!(image("1.29", json!({ "cluster_name": "a" })), Value::Null);
    assert_eq!(image("?why", json!({ "cluster_name": "a" })), Value::Null);
    assert_eq!(image("1.33", json!({ "cluster_name": "a", "ami_type": "?why" })), Value::Null);
    assert_eq!(
        image("1.33", json!({ "cluster_name": "a", "ami_type": "BOTTLEROCKET_x86_64" })),
        "BOTTLEROCKET_x86_64"
    );
}

/// Items and attachments of a network, as the table makes them of its resources.
struct Network(MappedResource);

impl Network {
    fn of(template: &Template) -> Self {
        Self(super::map::map_all(template))
    }

    fn item(mut self, section: &'static str, address: &str, value: &Value) -> Self {
        let address_key = format!("aws_x.{address}");
        let of = template(&json!({ (address_key.clone()): value }));
        self.0.items.push(MappedItem {
            section,
            address: address.into(),
            value: of.resources[0].values.clone(),
            cluster: None,
            place: place(0),
            certainty: ResourceCertainty::Certain,
        });
        self
    }

    fn attach(
        mut self,
        section: &'static str,
        to: &str,
        at: &'static [&'static str],
        certainty: ResourceCertainty,
    ) -> Self {
        let of = template(&json!({ "aws_x.a": { "to": to, "value": { "IpProtocol": "-1" } } }));
        let get = |name: &str| of.resources[0].values.get(name).unwrap().clone();
        self.0.attachments.push(Attachment {
            section,
            to: get("to"),
            cluster: None,
            at,
            value: get("value"),
            address: "aws_rule.a".into(),
            place: place(0),
            certainty,
        });
        self
    }

    fn drafts(self, template: &Template) -> Vec<Draft> {
        let mut joined = Joined::of(template, self.0);
        joined.sections = super::section::after_what_names_them()
            .into_iter()
            .filter(|section| !section.running_only)
            .collect();
        joined.drafts()
    }
}

fn network() -> Value {
    json!({
        "aws_eks_cluster.a": { "name": "a", "vpc_config": [{ "subnet_ids": ["${aws_subnet.a.id}"], "security_group_ids": ["${aws_security_group.a.id}"] }] },
        "aws_eks_node_group.a": {
            "cluster_name": "a", "node_role_arn": "${aws_iam_role.a.arn}", "subnet_ids": ["${aws_subnet.a.id}"],
            "launch_template": [{ "id": "${aws_launch_template.a.id}" }],
        },
    })
}

fn with_network(template: &Template) -> Network {
    let vpc = "${aws_vpc.a.id}";
    Network::of(template)
        .item("vpc", "aws_vpc.a", &json!({ "VpcId": vpc }))
        .item("subnets", "aws_subnet.a", &json!({ "SubnetId": "${aws_subnet.a.id}", "VpcId": vpc }))
        .item("subnets", "aws_subnet.b", &json!({ "SubnetId": "${aws_subnet.b.id}", "VpcId": "${aws_vpc.b.id}" }))
        .item("securityGroups", "aws_security_group.a", &json!({ "GroupId": "${aws_security_group.a.id}", "VpcId": vpc, "IpPermissions": [] }))
        .item("securityGroups", "aws_security_group.b", &json!({ "GroupId": "${aws_security_group.b.id}", "VpcId": "${aws_vpc.b.id}" }))
        .item("internetGateways", "aws_internet_gateway.a", &json!({ "InternetGatewayId": "${aws_internet_gateway.a.id}", "Attachments": [{ "VpcId": vpc }] }))
        .item("roles", "aws_iam_role.a", &json!({ "Arn": "${aws_iam_role.a.arn}", "RoleName": "nodes" }))
        .item("roles", "aws_iam_role.b", &json!({ "Arn": "${aws_iam_role.b.arn}", "RoleName": "others" }))
        .item("roles", "aws_iam_role.c", &json!({ "Arn": "${aws_iam_role.c.arn}", "RoleName": "irsa",
            "AssumeRolePolicyDocument": { "Condition": { "x": "${aws_eks_cluster.a.identity[0].oidc[0].issuer}:sub" } } }))
        .item("launchTemplates", "aws_launch_template.a", &json!({ "LaunchTemplateId": "${aws_launch_template.a.id}" }))
        .item("launchTemplateVersions", "aws_launch_template.a", &json!({
            "LaunchTemplateId": "${aws_launch_template.a.id}", "VersionNumber": 1, "LaunchTemplateData": { "ImageId": "ami-1" } }))
        .item("logGroups", "aws_cloudwatch_log_group.a", &json!({ "logGroupName": "/aws/eks/a/cluster" }))
        .item("logGroups", "aws_cloudwatch_log_group.b", &json!({ "logGroupName": "/aws/eks/b/cluster" }))
        .item("openIDConnectProviders", "aws_iam_openid_connect_provider.a", &json!({
            "Arn": "arn:x", "Url": "${aws_eks_cluster.a.identity[0].oidc[0].issuer}" }))
}

#[test]
fn roles_are_of_the_cluster_whose_tokens_they_trust() {
    let issuer = |name: &str| format!("${{aws_eks_cluster.{name}.identity[0].oidc[0].issuer}}");
    let template =
        template(&json!({ "aws_eks_cluster.a": { "name": "a" }, "aws_eks_cluster.b": { "name": "b" } }));
    let provider = |name: &str, url: &str| json!({ "Arn": format!("${{aws_iam_openid_connect_provider.{name}.arn}}"), "Url": url });
    let role = |name: &str, principal: &Value| {
        json!({ "Arn": format!("${{aws_iam_role.{name}.arn}}"), "RoleName": name,
        "AssumeRolePolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": principal }] } })
    };
    let federated =
        |name: &str| json!({ "Federated": format!("${{aws_iam_openid_connect_provider.{name}.arn}}") });
    let mut network = Network::of(&template)
        .item("openIDConnectProviders", "aws_iam_openid_connect_provider.a", &provider("a", &issuer("a")))
        .item("openIDConnectProviders", "aws_iam_openid_connect_provider.b", &provider("b", &issuer("b")))
        .item(
            "openIDConnectProviders",
            "aws_iam_openid_connect_provider.ci",
            &provider("ci", "ci.example.com"),
        );
    for (name, principal) in [
        ("of-a", federated("a")),
        ("of-b", federated("b")),
        ("of-ci", federated("ci")),
        ("of-a-service", json!({ "Service": "lambda.amazonaws.com" })),
    ] {
        network = network.item("roles", &format!("aws_iam_role.{name}"), &role(name, &principal));
    }
    let drafts = network.drafts(&template);
    // No condition names the issuer: the provider is enough. Whom else a role trusts, it is of no cluster.
    for (draft, own) in drafts.iter().zip(["of-a", "of-b"]) {
        assert_eq!(
            (each(draft, "roles", "/RoleName"), more(draft, "roles").as_str()),
            (vec![json!(own)], "")
        );
    }
    let network = Network::of(&template)
        .item("roles", "aws_iam_role.c", &role("c", &json!({ "Federated": "?why" })))
        .item(
            "roles",
            "aws_iam_role.d",
            &role(
                "d",
                &json!({ "Federated": "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A" }),
            ),
        );
    let drafts = network.drafts(&template);
    assert_eq!(more(&drafts[0], "roles"), "whose aws_iam_role.c is, is not known");
}

#[test]
fn a_provider_of_another_cluster_is_there_only_where_a_role_trusts_it() {
    let clusters = ["a", "b", "d"].map(|name| (format!("aws_eks_cluster.{name}"), json!({ "name": name })));
    let template = template(&clusters.into_iter().collect());
    let arn = |name: &str| format!("${{aws_iam_openid_connect_provider.{name}.arn}}");
    let issuer = |cluster: &str| format!("${{aws_eks_cluster.{cluster}.identity[0].oidc[0].issuer}}");
    let network = ["a", "b", "c", "d"].into_iter().fold(Network::of(&template), |network, name| {
        let provider = json!({ "Arn": arn(name), "Url": issuer(name) });
        let address = format!("aws_iam_openid_connect_provider.{name}");
        network.item("openIDConnectProviders", &address, &provider)
    });
    let role = |name: &str, trusted: &[&str]| {
        let trusted: Vec<_> = trusted.iter().map(|name| arn(name)).collect();
        json!({ "Arn": format!("${{aws_iam_role.{name}.arn}}"), "RoleName": name,
            "AssumeRolePolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": { "Federated": trusted } }] } })
    };
    let network = network.item("roles", "aws_iam_role.one", &role("one", &["a"])).item(
        "roles",
        "aws_iam_role.both",
        &role("both", &["a", "b"]),
    );
    let drafts = network.drafts(&template);
    // The template does not describe the cluster c.
    let providers: Vec<_> =
        drafts.iter().map(|draft| each(draft, "openIDConnectProviders", "/Arn")).collect();
    let of_two = vec![json!(arn("a")), json!(arn("b")), json!(arn("c"))];
    assert_eq!(providers, [of_two.clone(), of_two, vec![json!(arn("c")), json!(arn("d"))]]);
    let roles: Vec<_> = drafts.iter().map(|draft| each(draft, "roles", "/RoleName")).collect();
    assert_eq!(roles, [vec![json!("one"), json!("both")], vec![json!("both")], Vec::new()]);
    for draft in &drafts {
        assert_eq!(more(draft, "roles"), "");
    }
}

#[test]
fn a_cluster_has_what_is_in_the_vpc_of_its_subnets_and_what_it_names() {
    let template = template(&network());
    let draft = &with_network(&template).drafts(&template)[0];
    let addresses = |section: &str, pointer: &str| each(draft, section, pointer);
    assert_eq!(addresses("vpc", "/VpcId"), ["${aws_vpc.a.id}"]);
    assert_eq!(addresses("subnets", "/SubnetId"), ["${aws_subnet.a.id}"]);
    assert_eq!(addresses("securityGroups", "/VpcId"), ["${aws_vpc.a.id}", "${aws_vpc.a.id}"]);
    assert_eq!(addresses("cluster", "/resourcesVpcConfig/vpcId"), ["${aws_vpc.a.id}"]);
    assert_eq!(addresses("internetGateways", "/InternetGatewayId").len(), 1);
    assert_eq!(addresses("roles", "/RoleName"), ["nodes", "irsa"]);
    assert_eq!(addresses("launchTemplates", "/LaunchTemplateId").len(), 1);
    assert_eq!(addresses("logGroups", "/logGroupName"), ["/aws/eks/a/cluster"]);
    assert_eq!(addresses("openIDConnectProviders", "/Arn"), ["arn:x"]);
    assert_eq!(addresses("nodegroups", "/amiType"), ["CUSTOM"]);
    for section in
        ["subnets", "securityGroups", "natGateways", "roles", "launchTemplates", "nodegroups", "logGroups"]
    {
        assert_eq!(more(draft, section), "", "{section}");
    }
}

#[test]
fn what_may_be_in_the_vpc_makes_sections_open() {
    let template = template(&network());
    let open = |section: &'static str, address: &str, value: Value| {
        let network = with_network(&template).item(section, address, &value);
        more(&network.drafts(&template)[0], section)
    };
    let group = |vpc: &str| json!({ "GroupId": "${aws_security_group.c.id}", "VpcId": vpc });
    let reason = "whose aws_security_group.c is, is not known";
    assert_eq!(open("securityGroups", "aws_security_group.c", group("?why=var.vpc")), reason);
    assert_eq!(open("securityGroups", "aws_security_group.c", group("${aws_vpc.c.id}")), "");
    // Also what something names that is looked at later.
    let table = json!({ "RouteTableId": "${aws_route_table.a.id}", "VpcId": "?why=var.vpc" });
    let endpoint = json!({ "VpcEndpointId": "${aws_vpc_endpoint.a.id}", "VpcId": "${aws_vpc.a.id}",
        "RouteTableIds": ["${aws_route_table.a.id}"] });
    let network = with_network(&template).item("routeTables", "aws_route_table.a", &table);
    let network = network.item("vpcEndpoints", "aws_vpc_endpoint.a", &endpoint);
    assert_eq!(
        more(&network.drafts(&template)[0], "routeTables"),
        "whose aws_route_table.a is, is not known"
    );
}

#[test]
fn a_subnet_that_is_elsewhere_has_its_routes_there() {
    let mut value = network();
    value["aws_eks_node_group.a"]["subnet_ids"] = json!(["${data.aws_subnet.b.id}"]);
    let template = template(&value);
    let draft = &with_network(&template).drafts(&template)[0];
    for section in ["subnets", "routeTables", "networkAcls"] {
        assert_eq!(more(draft, section), "${data.aws_subnet.b.id} is not described in this template");
    }
}

#[test]
fn rules_are_added_to_the_group_that_they_name() {
    let template = template(&network());
    let rules = |to: &str, certainty: ResourceCertainty| {
        let network = with_network(&template).attach("securityGroups", to, &["IpPermissions"], certainty);
        let drafts = network.drafts(&template);
        let rules = each(&drafts[0], "securityGroups", "/IpPermissions");
        (rules, more(&drafts[0], "securityGroups"))
    };
    let perhaps = || ResourceCertainty::Perhaps("count is var.create".to_owned());
    let rule = json!({ "IpProtocol": "-1" });
    assert_eq!(rules("${aws_security_group.a.id}", ResourceCertainty::Certain).0[1], json!([rule]));
    let of_eks =
        rules("${aws_eks_cluster.a.vpc_config[0].cluster_security_group_id}", ResourceCertainty::Certain).0;
    assert_eq!(of_eks[0][1], rule);
    let unknown = rules("${aws_security_group.a.id}", perhaps()).0;
    assert_eq!(unknown[1], json!(["?aws_rule.a may be there: count is var.create"]));
    let all = rules("?why", ResourceCertainty::Certain).0;
    assert!(
        all.iter()
            .all(|rules| rules.as_array().unwrap().last() == Some(&json!("?aws_rule.a may add to it: why")))
    );
    assert_eq!(rules("sg-1", perhaps()).1, "aws_rule.a may be there: count is var.create");
}

#[test]
fn without_a_cluster_all_resources_are_one_draft() {
    let template = template(&json!({ "aws_eks_addon.a": { "cluster_name": "x", "addon_name": "vpc-cni" } }));
    let group =
        json!({ "GroupId": "${aws_security_group.a.id}", "VpcId": "${aws_vpc.a.id}", "IpPermissions": [] });
    let network = Network::of(&template).item("securityGroups", "aws_security_group.a", &group);
    let network = network.attach("securityGroups", "sg-1", &["IpPermissions"], ResourceCertainty::Certain);
    let drafts = network.drafts(&template);
    assert_eq!(drafts.len(), 2);
    assert_eq!(each(&drafts[0], "addons", "/addonName"), ["vpc-cni"]);
    assert_eq!(each(&drafts[1], "securityGroups", "/GroupId"), ["${aws_security_group.a.id}", "sg-1"]);
    assert_eq!(items(&drafts[1], "addons"), Value::Null);
    assert_eq!(more(&drafts[1], "securityGroups"), "");
    let rules = each(&drafts[1], "securityGroups", "/IpPermissions");
    assert_eq!(rules[1], json!([{ "IpProtocol": "-1" }, "?sg-1 is not described in this template"]));
}

/// All pointers to scalars and lists of a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// A list without unknown items.
fn is_complete(list: &TemplateValue) -> bool {
    matches!(&list.kind, ValueKind::List(items) if !items.iter().any(TemplateValue::is_unknown))
}

/// Making a value unknown adds no resource, and leaves no list without a resource that it had as if it were complete.
#[test]
fn what_is_not_known_adds_nothing_and_hides_nothing() {
    let known = json!({
        "aws_eks_cluster.a": {
            "name": "a", "role_arn": "arn:aws:iam::111122223333:role/a",
            "vpc_config": [{ "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"], "public_access_cidrs": ["10.0.0.0/8"] }],
            "access_config": [{ "authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": false }],
            "encryption_config": [{ "resources": ["secrets"], "provider": [{ "key_arn": "arn:key" }] }],
        },
        "aws_eks_node_group.a": {
            "cluster_name": "a", "node_group_name": "x", "node_role_arn": "arn:aws:iam::111122223333:role/n", "subnet_ids": ["subnet-2"],
            "taint": [{ "key": "a", "effect": "NO_SCHEDULE" }], "launch_template": [{ "id": "lt-1", "version": "1" }],
        },
        "aws_eks_addon.a": {
            "cluster_name": "a", "addon_name": "vpc-cni",
            "pod_identity_association": [{ "role_arn": "arn:aws:iam::111122223333:role/p", "service_account": "x" }],
        },
        "aws_eks_fargate_profile.a": {
            "cluster_name": "a", "fargate_profile_name": "x", "pod_execution_role_arn": "arn:aws:iam::111122223333:role/f",
            "subnet_ids": ["subnet-3"], "selector": [{ "namespace": "x" }],
        },
        "aws_eks_access_entry.a": { "cluster_name": "a", "principal_arn": "arn:aws:iam::111122223333:role/x" },
        "aws_eks_access_policy_association.a": {
            "cluster_name": "a", "principal_arn": "arn:aws:iam::111122223333:role/x", "policy_arn": "admin", "access_scope": [{ "type": "cluster" }],
        },
    });
    let joined = |value: &Value| {
        let template = template(value);
        with_network(&template).drafts(&template).into_iter().find(|draft| draft.address.is_some()).unwrap()
    };
    let before = joined(&known);
    let mut all = Vec::new();
    pointers(&known, "", &mut all);
    for pointer in all.iter().filter(|pointer| pointer.matches('/').count() > 1) {
        let mut value = known.clone();
        *value.pointer_mut(pointer).unwrap() = json!("?why");
        let after = joined(&value);
        for (name, section) in &before.sections {
            let now = &after.sections[name];
            let is_told = now.more.is_some() || now.items.iter().any(TemplateValue::is_unknown);
            assert!(now.items.len() <= section.items.len(), "{pointer} adds to {name}");
            assert!(is_told || now.items.len() == section.items.len(), "{pointer} takes from {name}");
        }
        let policies = |draft: &Draft| {
            let entries = &draft.sections["accessEntries"].items;
            entries
                .iter()
                .filter_map(|entry| entry.get("associatedAccessPolicies").cloned())
                .collect::<Vec<_>>()
        };
        let count = |lists: &[TemplateValue]| lists.iter().map(|list| list.items().len()).sum::<usize>();
        let is_open = policies(&after).iter().any(|list| !is_complete(list));
        let is_open = is_open || after.sections["accessEntries"].more.is_some();
        assert!(is_open || count(&policies(&after)) == count(&policies(&before)), "{pointer} hides a policy");
    }
    let sections: BTreeSet<_> = before.sections.keys().collect();
    assert!(sections.len() > 20);
}
