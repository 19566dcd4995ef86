//! Plans and states as Terraform writes them, cut to what a test is about.

use super::super::template::{Mode, ResourceCertainty, Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::{TerraformJson, read_json, recognise_json};
use serde_json::{Value, json};

/// Reads JSON as a file would be.
fn read(json: &Value) -> Template {
    let text = serde_json::to_string_pretty(json).expect("JSON");
    let kind = recognise_json(&text).expect("JSON of Terraform");
    read_json("plan.json", text.into(), kind)
}

fn resource<'t>(template: &'t Template, address: &str) -> &'t TemplateResource {
    let found = template.resources.iter().find(|resource| &*resource.address == address);
    found.unwrap_or_else(|| panic!("{address} in {:?}", addresses(template)))
}

fn addresses(template: &Template) -> Vec<&str> {
    template.resources.iter().map(|resource| &*resource.address).collect()
}

/// A value in short: symbols in `${}`, `?` for what is unknown.
fn short(value: &TemplateValue) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match &value.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Number(value) => value.to_string(),
        ValueKind::Text(text) => text.to_string(),
        ValueKind::Mixed(_) => "mixed".to_owned(),
        ValueKind::Symbol(symbol) => format!("${{{}}}", symbol.name),
        ValueKind::Unknown(_) => "?".to_owned(),
        ValueKind::List(items) => format!("[{}]", joined(items.iter().map(short).collect())),
        ValueKind::Map(fields) => {
            format!(
                "{{{}}}",
                joined(fields.iter().map(|(name, value)| format!("{name}: {}", short(value))).collect())
            )
        }
    }
}

/// The values of a resource in short.
fn values(template: &Template, address: &str) -> String {
    short(&resource(template, address).values)
}

/// The text that is shown of a value.
fn shown<'t>(template: &'t Template, value: &TemplateValue) -> &'t str {
    &template.files[0].text[value.place.as_ref().expect("a place").range()]
}

fn problems(template: &Template) -> Vec<String> {
    template.problems.iter().map(ToString::to_string).collect()
}

/// A change that creates a resource.
fn created(address: &str, after: Value, unknown: Value) -> Value {
    changed(address, json!(["create"]), after, unknown)
}

fn changed(address: &str, actions: Value, after: Value, unknown: Value) -> Value {
    let mut steps = address
        .rsplit_once('[')
        .filter(|_| address.ends_with(']'))
        .map_or(address, |(base, _)| base)
        .rsplit('.');
    let (name, kind) = (steps.next().expect("a name"), steps.next().expect("a type"));
    let mode = if steps.next() == Some("data") { "data" } else { "managed" };
    json!({"address": address, "mode": mode, "type": kind, "name": name,
        "change": {"actions": actions, "before": null, "after": after, "after_unknown": unknown}})
}

/// An expression that refers to names, each with what it begins with, as Terraform lists them.
fn refers(names: &[&str]) -> Value {
    json!({"references": names})
}

fn configured(local: &str, expressions: Value) -> Value {
    let (kind, name) = local.rsplit_once('.').expect("a name");
    json!({"address": local, "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws",
        "expressions": expressions})
}

fn plan(changes: Vec<Value>, root_module: Value) -> Value {
    json!({"format_version": "1.2", "resource_changes": changes, "prior_state": {},
        "configuration": {"provider_config": {"aws": {"name": "aws"}}, "root_module": root_module}})
}

#[test]
fn what_is_unknown_lies_over_what_is_known() {
    let after = json!({"name": "a", "version": null, "vpc_config": [{"endpoint_public_access": true}],
        "encryption_config": [{"provider": [{}], "resources": ["secrets"]}], "tags": {"a": "b"}});
    let unknown = json!({"id": true, "role_arn": true, "vpc_config": [{"subnet_ids": true, "security_group_ids": [true]}],
        "encryption_config": [{"provider": [{"key_arn": true}], "resources": [false]}], "tags": {"c": true}, "labels": [],
        "access_config": [{"authentication_mode": true}]});
    let template = read(&json!({"resource_changes": [created("aws_eks_cluster.a", after, unknown)]}));
    assert_eq!(
        values(&template, "aws_eks_cluster.a"),
        "{access_config: [{authentication_mode: ?}], encryption_config: [{provider: [{key_arn: ?}], resources: [secrets]}], \
         id: ${aws_eks_cluster.a.id}, name: a, role_arn: ?, tags: {a: b, c: ?}, version: null, \
         vpc_config: [{endpoint_public_access: true, security_group_ids: [?], subnet_ids: ?}]}"
    );
    assert_eq!(problems(&template), Vec::<String>::new());
    let cluster = resource(&template, "aws_eks_cluster.a");
    assert_eq!((cluster.mode, &cluster.certainty), (Mode::Managed, &ResourceCertainty::Certain));
    assert_eq!(shown(&template, &cluster.values), "\"aws_eks_cluster.a\"");
    let vpc = &cluster.values.get("vpc_config").expect("there");
    assert_eq!(shown(&template, vpc), "\"vpc_config\"");
    assert_eq!(shown(&template, vpc.items()[0].get("endpoint_public_access").expect("there")), "true");
    assert_eq!(shown(&template, vpc.items()[0].get("subnet_ids").expect("there")), "\"subnet_ids\"");
    let ValueKind::Unknown(unknown) = &cluster.values.get("role_arn").expect("there").kind else {
        panic!("unknown")
    };
    assert_eq!(unknown.reason, "known only after apply");
}

#[test]
fn marks_of_another_structure_make_unknown() {
    let after = json!({"a": "x", "b": ["x"], "c": {"d": 1}, "e": "x", "f": "x"});
    let unknown = json!({"a": {"b": true}, "b": {"0": true}, "c": [true], "e": "true", "f": [false]});
    let template = read(&json!({"resource_changes": [created("aws_x.a", after, unknown)]}));
    assert_eq!(values(&template, "aws_x.a"), "{a: ?, b: ?, c: ?, e: x, f: x}");
}

#[test]
fn what_the_configuration_does_not_set_is_not_set() {
    let after = json!({"name": "a", "vpc_config": [{}], "encryption_config": [{"provider": [{}]}]});
    let unknown = json!({"id": true, "arn": true, "access_config": true, "version": true, "tags_all": true,
        "remote_network_config": true, "platform_version": true,
        "encryption_config": [{"provider": [{"key_arn": true}]}], "tags": {"a": true},
        "vpc_config": [{"public_access_cidrs": true, "cluster_security_group_id": true, "subnet_ids": true}]});
    let configuration = json!({"resources": [configured("aws_eks_cluster.a", json!({"name": {"constant_value": "a"},
        "version": refers(&["local.version"]), "vpc_config": [{"subnet_ids": refers(&["local.ids"])}]}))]});
    let changes = vec![created("aws_eks_cluster.a", after, unknown)];
    // What stands in a `dynamic` block is not in the configuration, and is not what EKS chooses.
    assert_eq!(
        values(&read(&plan(changes, configuration)), "aws_eks_cluster.a"),
        "{arn: ${aws_eks_cluster.a.arn}, encryption_config: [{provider: [{key_arn: ?}]}], id: ${aws_eks_cluster.a.id}, \
         name: a, remote_network_config: ?, tags: {a: ?}, tags_all: ?, version: ?, vpc_config: \
         [{cluster_security_group_id: ${aws_eks_cluster.a.vpc_config[0].cluster_security_group_id}, subnet_ids: ?}]}"
    );
}

#[test]
fn all_tags_are_unknown_where_there_are_none() {
    let tags = |own: Value, marks: Value, provider: Value| {
        let mut unknown = json!({"tags_all": true});
        unknown["tags"] = marks;
        let configuration = json!({"resources": [configured("aws_x.a", json!({}))]});
        let mut json = plan(vec![created("aws_x.a", json!({"tags": own}), unknown)], configuration);
        json["configuration"]["provider_config"] = json!({"aws": {"expressions": provider}});
        values(&read(&json), "aws_x.a")
    };
    assert_eq!(tags(Value::Null, json!({}), json!({})), "{tags: null}");
    assert_eq!(tags(json!({}), json!({}), json!({"region": {}})), "{tags: {}}");
    assert_eq!(tags(json!({}), json!({"a": true}), json!({})), "{tags: {a: ?}, tags_all: ?}");
    assert_eq!(
        tags(Value::Null, json!({}), json!({"default_tags": [{"tags": refers(&["local.tags"])}]})),
        "{tags: null, tags_all: ?}"
    );
    assert_eq!(tags(json!({"a": "b"}), json!({}), json!({})), "{tags: {a: b}, tags_all: ?}");
}

#[test]
fn references_lead_to_instances() {
    let id = || json!({"id": true});
    let changes = vec![
        created("aws_iam_role.a", json!({"name": "r"}), json!({"id": true, "arn": true})),
        created("aws_subnet.one", json!({}), id()),
        created("aws_subnet.counted[1]", json!({}), id()),
        created("aws_subnet.counted[0]", json!({}), id()),
        created("aws_subnet.counted[10]", json!({}), id()),
        created("aws_subnet.counted[2]", json!({}), id()),
        created("aws_subnet.kept", json!({"id": "subnet-1"}), json!({})),
        created(
            "aws_thing.a",
            json!({"list_ids": ["subnet-0"], "named_ids": []}),
            json!({"role_arn": true, "subnet_id": true,
            "first_id": true, "try_id": true, "both_id": true, "text_id": true, "subnet_ids": true, "mixed_ids": true,
            "list_ids": [false, true], "wrong_ids": [true, true], "gone_id": true, "description": true, "local_ids": true,
            "kept_ids": true, "known_id": true, "param_ids": true}),
        ),
        changed("aws_subnet.gone", json!(["delete"]), Value::Null, json!({})),
        created("data.aws_vpc.new", json!({}), id()),
        created("aws_thing.b", json!({}), json!({"vpc_id": true})),
    ];
    let subnets = ["aws_subnet.one.id", "aws_subnet.one", "aws_subnet.counted"];
    let thing = json!({
        "role_arn": refers(&["aws_iam_role.a.arn", "aws_iam_role.a"]),
        "subnet_id": refers(&["aws_subnet.one.id", "aws_subnet.one"]),
        "first_id": refers(&["aws_subnet.counted[0].id", "aws_subnet.counted[0]", "aws_subnet.counted"]),
        // A name of a role and a part of a plan are known, and what has no instance is nothing.
        "try_id": refers(&["aws_subnet.gone.id", "aws_subnet.gone", "aws_subnet.one.id", "aws_subnet.one", "aws_iam_role.a.name",
            "aws_iam_role.a", "path.module", "var.x", "aws_subnet.counted[7].id", "aws_subnet.counted[7]", "aws_subnet.counted"]),
        "both_id": refers(&["aws_subnet.one.id", "aws_subnet.one", "aws_subnet.counted[0].id", "aws_subnet.counted[0]",
            "aws_subnet.counted"]),
        "text_id": refers(&["aws_subnet.one.cidr_block", "aws_subnet.one"]),
        "description": refers(&["aws_subnet.one.id", "aws_subnet.one"]),
        "gone_id": refers(&["aws_subnet.gone.id", "aws_subnet.gone"]),
        "known_id": refers(&["aws_subnet.kept.id", "aws_subnet.kept", "aws_subnet.one.id", "aws_subnet.one"]),
        "subnet_ids": refers(&subnets),
        "kept_ids": refers(&["aws_subnet.kept.id", "aws_subnet.kept", "aws_subnet.one.id", "aws_subnet.one"]),
        "mixed_ids": refers(&["aws_subnet.one.id", "aws_subnet.one", "var.names"]),
        "param_ids": refers(&["aws_subnet.one.id", "aws_subnet.one", "var.none"]),
        "local_ids": refers(&["aws_subnet.one.id", "aws_subnet.one", "local.ids"]),
        "list_ids": refers(&["aws_subnet.one.id", "aws_subnet.one", "var.names"]),
        "wrong_ids": refers(&subnets),
    });
    let configuration = json!({"resources": [configured("aws_thing.a", thing),
        configured("aws_thing.b", json!({"vpc_id": refers(&["data.aws_vpc.new.id", "data.aws_vpc.new"])}))],
        "variables": {"names": {"default": ["x"]}, "x": {"default": "y"}, "none": {"default": []}}});
    let template = read(&plan(changes, configuration));
    let thing = &resource(&template, "aws_thing.a").values;
    for (name, want) in [
        ("role_arn", "${aws_iam_role.a.arn}"),
        ("subnet_id", "${aws_subnet.one.id}"),
        ("first_id", "${aws_subnet.counted[0].id}"),
        ("try_id", "${aws_subnet.one.id}"),
        ("both_id", "?"),
        ("text_id", "?"),
        ("description", "?"),
        ("gone_id", "?"),
        ("known_id", "${aws_subnet.one.id}"),
        (
            "subnet_ids",
            "[${aws_subnet.one.id}, ${aws_subnet.counted[0].id}, ${aws_subnet.counted[1].id}, ${aws_subnet.counted[2].id}, \
             ${aws_subnet.counted[10].id}]",
        ),
        ("kept_ids", "[subnet-1, ${aws_subnet.one.id}]"),
        ("mixed_ids", "?"),
        ("param_ids", "[${aws_subnet.one.id}]"),
        ("local_ids", "?"),
        ("list_ids", "[subnet-0, ${aws_subnet.one.id}]"),
        ("wrong_ids", "[?, ?]"),
    ] {
        assert_eq!(short(thing.get(name).expect(name)), want, "{name}");
    }
    assert_eq!(values(&template, "aws_thing.b"), "{vpc_id: ${data.aws_vpc.new.id}}");
    assert_eq!(shown(&template, thing.get("subnet_id").expect("there")), "\"subnet_id\"");
    let ValueKind::Symbol(symbol) = &thing.get("first_id").expect("there").kind else { panic!("a symbol") };
    assert_eq!(symbol.resource.as_deref(), Some("aws_subnet.counted[0]"));
    assert_eq!(&*symbol.attribute, "id");
}

#[test]
fn instances_of_one_key_belong_together() {
    let changes = |keys: &[&str]| -> Vec<Value> {
        let two = |key: &&str| {
            let subnet = created(&format!("aws_subnet.a[{key}]"), json!({}), json!({"id": true}));
            let pair = created(&format!("aws_nat_gateway.a[{key}]"), json!({}), json!({"subnet_id": true}));
            [subnet, pair]
        };
        let single = created("aws_nat_gateway.single", json!({}), json!({"subnet_id": true}));
        keys.iter().flat_map(two).chain([single]).collect()
    };
    let configuration = |reference| {
        let expression = json!({"subnet_id": refers(&["aws_subnet.a", reference])});
        let single = json!({"subnet_id": refers(&["aws_subnet.a"])});
        json!({"resources": [configured("aws_nat_gateway.a", expression), configured("aws_nat_gateway.single", single)]})
    };
    let template = read(&plan(changes(&["\"x\"", "\"y\""]), configuration("each.key")));
    assert_eq!(values(&template, "aws_nat_gateway.a[\"x\"]"), "{subnet_id: ${aws_subnet.a[\"x\"].id}}");
    assert_eq!(values(&template, "aws_nat_gateway.a[\"y\"]"), "{subnet_id: ${aws_subnet.a[\"y\"].id}}");
    assert_eq!(values(&template, "aws_nat_gateway.single"), "{subnet_id: ?}");
    let template = read(&plan(changes(&["0", "1"]), configuration("count.index")));
    assert_eq!(values(&template, "aws_nat_gateway.a[1]"), "{subnet_id: ${aws_subnet.a[1].id}}");
    let template = read(&plan(changes(&["0", "1"]), configuration("each.value")));
    assert_eq!(values(&template, "aws_nat_gateway.a[1]"), "{subnet_id: ?}");
    let template = read(&plan(changes(&["0"]), configuration("var.x")));
    assert_eq!(values(&template, "aws_nat_gateway.single"), "{subnet_id: ${aws_subnet.a[0].id}}");
    // Another key has no partner, but where there is one for all: `element(aws_subnet.a[*].id, count.index)`.
    let more = |keys: &[&str]| {
        let another = created("aws_nat_gateway.a[2]", json!({}), json!({"subnet_id": true}));
        let changes = changes(keys).into_iter().chain([another]).collect();
        values(&read(&plan(changes, configuration("count.index"))), "aws_nat_gateway.a[2]")
    };
    assert_eq!(more(&["0", "1"]), "{subnet_id: ?}");
    assert_eq!(more(&["0"]), "{subnet_id: ${aws_subnet.a[0].id}}");
}

/// A root with two modules: a network, and for each of two clusters the module of a cluster with node groups in a module of
/// its own.
fn with_modules() -> Value {
    let mut changes = vec![
        created("module.vpc[0].aws_subnet.private[0]", json!({}), json!({"id": true})),
        created("module.vpc[0].aws_subnet.private[1]", json!({}), json!({"id": true})),
        created("aws_security_group.x[\"b\"]", json!({}), json!({"id": true})),
        created("aws_security_group.x[\"a\"]", json!({}), json!({"id": true})),
    ];
    for key in ["a", "b"] {
        let at = |local: &str| format!("module.eks[\"{key}\"].{local}");
        let cluster = json!({"vpc_config": [{"subnet_ids": true, "security_group_ids": [true]}], "name": true, "arn": true, "role_arn": true});
        changes.extend([
            created(&at("aws_eks_cluster.this[0]"), json!({"vpc_config": [{}]}), cluster),
            created(&at("aws_iam_role.this[0]"), json!({}), json!({"arn": true})),
            created(
                &at("time_sleep.this[0]"),
                json!({"triggers": {}}),
                json!({"id": true, "triggers": {"cluster_name": true}}),
            ),
            created(
                &at("module.group[\"x\"].aws_eks_node_group.this[0]"),
                json!({}),
                json!({"cluster_name": true, "subnet_ids": true, "node_role_arn": true, "first_id": true}),
            ),
        ]);
    }
    let group = json!({
        "resources": [configured("aws_eks_node_group.this", json!({"cluster_name": refers(&["var.cluster_name"]),
            "subnet_ids": refers(&["var.subnet_ids"]), "first_id": refers(&["var.subnet_ids[1]", "var.subnet_ids"]),
            "node_role_arn": refers(&["var.create", "aws_iam_role.none[0].arn", "aws_iam_role.none[0]", "aws_iam_role.none", "var.role_arn"])}))],
        "variables": {"cluster_name": {}, "subnet_ids": {"default": null}, "role_arn": {"default": ""}, "create": {"default": true}},
    });
    let cluster = json!({
        "outputs": {"cluster_arn": {"expression": refers(&["aws_eks_cluster.this[0].arn", "aws_eks_cluster.this[0]", "aws_eks_cluster.this"])}},
        "resources": [
            configured("aws_eks_cluster.this", json!({"name": refers(&["var.name"]),
                "role_arn": refers(&["var.create", "aws_iam_role.this[0].arn", "aws_iam_role.this[0]", "aws_iam_role.this"]),
                "vpc_config": [{"subnet_ids": refers(&["var.subnet_ids"]), "security_group_ids": refers(&["var.group"])}]})),
            configured("aws_iam_role.this", json!({})),
            configured("time_sleep.this", json!({"triggers": refers(&[
                "aws_eks_cluster.this[0].name", "aws_eks_cluster.this[0]", "aws_eks_cluster.this",
                "aws_eks_cluster.this[0].endpoint", "aws_eks_cluster.this[0]", "aws_eks_cluster.this"])})),
        ],
        "module_calls": {"group": {"module": group, "for_each_expression": refers(&["var.groups"]), "expressions": {
            "cluster_name": refers(&["time_sleep.this[0].triggers[\"cluster_name\"]", "time_sleep.this[0].triggers",
                "time_sleep.this[0]", "time_sleep.this"]),
            "subnet_ids": refers(&["each.value.subnet_ids", "each.value", "var.subnet_ids"]),
            "role_arn": refers(&["aws_iam_role.this[0].arn", "aws_iam_role.this[0]", "aws_iam_role.this"]),
            "create": {"constant_value": true},
        }}},
        "variables": {"name": {}, "subnet_ids": {}, "group": {}, "create": {"default": true}, "groups": {}},
    });
    let vpc = json!({
        "outputs": {"private_subnets": {"expression": refers(&["aws_subnet.private"])}},
        "resources": [configured("aws_subnet.private", json!({}))],
    });
    changes.push(created(
        "aws_thing.a",
        json!({"list_arns": [null, null]}),
        json!({"cluster_arn": true, "second_id": true, "list_arns": [true, true]}),
    ));
    let root = json!({
        "resources": [configured("aws_security_group.x", json!({})), configured("aws_thing.a", json!({
            "cluster_arn": refers(&["module.eks[\"b\"].cluster_arn", "module.eks[\"b\"]"]),
            "second_id": refers(&["module.vpc[0].private_subnets[1]", "module.vpc[0].private_subnets", "module.vpc[0]"]),
            "list_arns": refers(&["module.eks"]),
        }))],
        "module_calls": {
            "vpc": {"module": vpc, "count_expression": {"constant_value": 1}, "expressions": {}},
            "eks": {"module": cluster, "for_each_expression": refers(&["var.names"]), "expressions": {
                "name": refers(&["random_pet.x.id", "random_pet.x"]),
                "subnet_ids": refers(&["module.vpc[0].private_subnets", "module.vpc[0]"]),
                "group": refers(&["aws_security_group.x", "each.key"]),
            }},
        },
    });
    plan(changes, root)
}

#[test]
fn references_go_through_modules() {
    let template = read(&with_modules());
    let subnets = "[${module.vpc[0].aws_subnet.private[0].id}, ${module.vpc[0].aws_subnet.private[1].id}]";
    for key in ["a", "b"] {
        let module = format!("module.eks[\"{key}\"]");
        assert_eq!(
            values(&template, &format!("{module}.aws_eks_cluster.this[0]")),
            format!(
                "{{arn: ${{{module}.aws_eks_cluster.this[0].arn}}, name: ${{{module}.aws_eks_cluster.this[0].name}}, role_arn: \
                 ${{{module}.aws_iam_role.this[0].arn}}, vpc_config: [{{security_group_ids: [${{aws_security_group.x[\"{key}\"].id}}], \
                 subnet_ids: {subnets}}}]}}"
            )
        );
        assert_eq!(
            values(&template, &format!("{module}.module.group[\"x\"].aws_eks_node_group.this[0]")),
            // What `each.value` is, a plan does not say.
            format!(
                "{{cluster_name: ${{{module}.aws_eks_cluster.this[0].name}}, first_id: ?, node_role_arn: \
                 ${{{module}.aws_iam_role.this[0].arn}}, subnet_ids: ?}}"
            )
        );
    }
    assert_eq!(
        values(&template, "aws_thing.a"),
        "{cluster_arn: ${module.eks[\"b\"].aws_eks_cluster.this[0].arn}, list_arns: [?, ?], second_id: \
         ${module.vpc[0].aws_subnet.private[1].id}}"
    );
}

/// Items of one list, taken in several places, are not mistaken for each other.
#[test]
fn two_items_of_an_output_are_not_one() {
    let vpc = json!({"outputs": {
            "a": {"expression": refers(&["aws_subnet.a"])},
            "b": {"expression": refers(&["aws_subnet.a"])},
        }, "resources": [configured("aws_subnet.a", json!({}))]});
    let of = |names: &[&str], unknown: Value| {
        let subnet =
            |at: usize| created(&format!("module.vpc.aws_subnet.a[{at}]"), json!({}), json!({"id": true}));
        let thing = created("aws_x.a", json!({}), json!({"subnet_ids": unknown}));
        let root = json!({"module_calls": {"vpc": {"module": vpc}}, "resources":
            [configured("aws_x.a", json!({"subnet_ids": refers(names)}))]});
        values(&read(&plan(vec![subnet(0), subnet(1), subnet(2), thing], root)), "aws_x.a")
    };
    let (first, second) = ("module.vpc.a[0]", "module.vpc.a[1]");
    let one = "{subnet_ids: [${module.vpc.aws_subnet.a[1].id}]}";
    assert_eq!(of(&[second, "module.vpc.a", "module.vpc"], json!(true)), one);
    for unknown in [json!(true), json!([true])] {
        let two =
            of(&[first, "module.vpc.a", "module.vpc", second, "module.vpc.a", "module.vpc"], unknown.clone());
        assert!(two.contains('?'), "{two}");
        let whole = of(&[first, "module.vpc.a", "module.vpc", "module.vpc.b", "module.vpc"], unknown.clone());
        assert!(whole.contains('?'), "{whole}");
        let both = of(&["module.vpc.b", "module.vpc", second, "module.vpc.a", "module.vpc"], unknown);
        assert!(both.contains('?'), "{both}");
    }
    let all = of(&["module.vpc.a", "module.vpc", "module.vpc.b", "module.vpc"], json!([true, true, true]));
    assert!(!all.contains('?'), "{all}");
}

#[test]
fn names_of_resources_as_values_are_references_to_them() {
    // Some tools write plans of their own.
    let changes = json!([
        created("aws_vpc.a", json!({}), json!({})),
        created("aws_subnet.a", json!({"vpc_id": "aws_vpc.a.id", "description": "aws_vpc.a.id"}), json!({})),
        created(
            "aws_subnet.b",
            json!({"vpc_id": "aws_vpc.b.id", "subnet_ids": ["aws_subnet.a.id", "subnet-1"]}),
            json!({})
        ),
    ]);
    let template = read(&json!({"resource_changes": changes}));
    assert_eq!(values(&template, "aws_subnet.a"), "{description: aws_vpc.a.id, vpc_id: ${aws_vpc.a.id}}");
    assert_eq!(
        values(&template, "aws_subnet.b"),
        "{subnet_ids: [${aws_subnet.a.id}, subnet-1], vpc_id: aws_vpc.b.id}"
    );
}

#[test]
fn what_is_deleted_or_forgotten_is_not_there() {
    let after = || json!({"a": 1});
    let changes = json!([
        changed("aws_x.same", json!(["no-op"]), after(), json!({})),
        changed("aws_x.updated", json!(["update"]), after(), json!({})),
        changed("aws_x.replaced", json!(["delete", "create"]), after(), json!({})),
        changed("aws_x.renewed", json!(["create", "delete"]), after(), json!({})),
        changed("aws_x.released", json!(["create", "forget"]), after(), json!({})),
        changed("aws_x.deleted", json!(["delete"]), Value::Null, json!({})),
        changed("aws_x.forgotten", json!(["forget"]), after(), json!({})),
        changed("data.aws_x.read", json!(["read"]), after(), json!({"id": true})),
        changed("aws_x.unknown", json!(["create"]), Value::Null, json!({"id": true, "a": true})),
        {"address": "aws_x.same", "mode": "managed", "type": "aws_x", "name": "same", "deposed": "abc",
            "change": {"actions": ["delete"], "after": null}},
    ]);
    let planned = json!([
        {"address": "aws_x.deleted", "mode": "managed", "type": "aws_x", "name": "a", "values": {}},
        {"address": "aws_x.same", "mode": "managed", "type": "aws_x", "name": "a", "values": {"a": 2}},
        {"address": "aws_x.planned", "mode": "managed", "type": "aws_x", "name": "a", "values": {"a": 3}},
    ]);
    let before = json!([
        {"address": "data.aws_x.before", "mode": "data", "type": "aws_x", "name": "before", "values": {"id": "i-1"}},
        {"address": "aws_x.old", "mode": "managed", "type": "aws_x", "name": "old", "values": {}},
    ]);
    let inner = json!([{"address": "module.m", "resources": [
        {"address": "module.m.aws_x.inner[0]", "mode": "managed", "type": "aws_x", "name": "inner", "values": {"a": 4}}]}]);
    let template = read(&json!({"format_version": "1.2", "resource_changes": changes,
        "planned_values": {"root_module": {"resources": planned, "child_modules": inner}},
        "prior_state": {"values": {"root_module": {"resources": before}}}}));
    assert_eq!(
        addresses(&template),
        [
            "aws_x.same",
            "aws_x.updated",
            "aws_x.replaced",
            "aws_x.renewed",
            "aws_x.released",
            "data.aws_x.read",
            "aws_x.unknown",
            "aws_x.planned",
            "module.m.aws_x.inner[0]",
            "data.aws_x.before",
        ]
    );
    assert_eq!(problems(&template), Vec::<String>::new());
    assert_eq!(resource(&template, "data.aws_x.read").mode, Mode::Data);
    assert_eq!(resource(&template, "data.aws_x.before").mode, Mode::Data);
    assert_eq!(values(&template, "aws_x.same"), "{a: 1}");
    assert_eq!(values(&template, "aws_x.unknown"), "{a: ?, id: ${aws_x.unknown.id}}");
}

#[test]
fn data_sources_of_the_configuration_alone_are_found() {
    let data = |local: &str, more: Value| {
        let mut node = configured(
            local,
            json!({"statement": [{"actions": {"constant_value": ["a"]}, "resources": refers(&["x.y"])}]}),
        );
        node.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        node["mode"] = json!("data");
        node["type"] = json!("aws_iam_policy_document");
        node
    };
    let module = json!({"resources": [data("data.aws_iam_policy_document.c", json!({}))]});
    let root = json!({"module_calls": {"m": {"module": module}}, "resources": [data("data.aws_iam_policy_document.a", json!({})),
        data("data.aws_iam_policy_document.b", json!({"count_expression": {"constant_value": 1}})),
        configured("aws_iam_role.a", json!({"assume_role_policy": refers(&["data.aws_iam_policy_document.a.json", "data.aws_iam_policy_document.a"])}))]});
    let mut json =
        plan(vec![created("aws_iam_role.a", json!({}), json!({"assume_role_policy": true}))], root);
    json.as_object_mut().expect("an object").remove("prior_state");
    let template = read(&json);
    assert_eq!(
        values(&template, "data.aws_iam_policy_document.a"),
        "{statement: [{actions: [a], resources: ?}]}"
    );
    assert_eq!(resource(&template, "data.aws_iam_policy_document.a").certainty, ResourceCertainty::Certain);
    assert!(matches!(
        resource(&template, "data.aws_iam_policy_document.b").certainty,
        ResourceCertainty::Perhaps(_)
    ));
    assert!(matches!(
        resource(&template, "module.m.data.aws_iam_policy_document.c").certainty,
        ResourceCertainty::Perhaps(_)
    ));
    assert_eq!(
        values(&template, "aws_iam_role.a"),
        "{assume_role_policy: ${data.aws_iam_policy_document.a.json}}"
    );
}

#[test]
fn regions_and_tags_come_from_where_they_are_said() {
    let changes = vec![
        created("aws_x.own", json!({"region": "eu-west-1", "tags_all": {"a": "b"}}), json!({})),
        created("aws_x.of_provider", json!({}), json!({})),
        created("aws_x.of_variable", json!({}), json!({})),
        created("aws_x.of_arn", json!({"arn": "arn:aws:eks:us-east-2:111122223333:cluster/a"}), json!({})),
        created("aws_x.nowhere", json!({}), json!({})),
        created("aws_x.in_module", json!({}), json!({})),
        created("aws_x.of_alias", json!({}), json!({})),
    ];
    let with = |local: &str, key: &str| {
        let mut node = configured(local, json!({}));
        node["provider_config_key"] = json!(key);
        node
    };
    let mut json = plan(
        changes,
        json!({"resources": [with("aws_x.of_provider", "aws"), with("aws_x.of_variable", "b.b"),
        with("aws_x.nowhere", "b.c"), with("aws_x.in_module", "m:aws"), with("aws_x.of_alias", "m:b")]}),
    );
    json["configuration"]["provider_config"] = json!({
        "aws": {"expressions": {"region": {"constant_value": "eu-west-2"}}},
        "b": {"expressions": {"region": {"constant_value": "eu-west-9"}}},
        "module.m:aws": {"version_constraint": "~> 5"},
        "b.b": {"expressions": {"region": refers(&["var.region"])}},
        "b.c": {"expressions": {"region": refers(&["local.region"])}},
    });
    json["variables"] = json!({"region": {"value": "eu-west-3"}});
    let template = read(&json);
    let region = |address| resource(&template, address).region.as_ref().map(short);
    assert_eq!(region("aws_x.own").as_deref(), Some("eu-west-1"));
    assert_eq!(region("aws_x.of_provider").as_deref(), Some("eu-west-2"));
    assert_eq!(region("aws_x.of_variable").as_deref(), Some("eu-west-3"));
    assert_eq!(region("aws_x.of_arn").as_deref(), Some("us-east-2"));
    assert_eq!(region("aws_x.nowhere"), None);
    // Terraform 1.0 does not say which provider a module is given, so it is known only if there is one.
    assert_eq!(region("aws_x.in_module").as_deref(), Some("eu-west-2"));
    assert_eq!(region("aws_x.of_alias"), None);
    let tags = resource(&template, "aws_x.own").default_tags.as_ref().map(short);
    assert_eq!(tags.as_deref(), Some("{a: b}"));
}

#[test]
fn secrets_are_marked_and_not_shown() {
    let mut change = created(
        "aws_x.a",
        json!({"password": "p1", "deep": [{"x": "p2", "y": "z"}], "user_data": "p3", "all": {"k": "p4"}}),
        json!({"other": true}),
    );
    change["change"]["after_sensitive"] = json!({"deep": [{"x": true}], "all": true});
    change["change"]["before"] = json!({"deep": [{"x": "p5"}]});
    change["change"]["before_sensitive"] = json!({"deep": [{"x": true}]});
    let template = read(
        &json!({"resource_changes": [change], "output_changes": {"o": {"after": "p6", "after_sensitive": true}},
        "planned_values": {"outputs": {"o": {"sensitive": true, "value": "p7"}}}}),
    );
    let file = &template.files[0];
    assert!(file.shown);
    let hidden: String = file.secrets.iter().map(|range| &file.text[range.clone()]).collect();
    let secrets: Vec<_> = file
        .text
        .match_indices("\"p")
        .filter(|(at, _)| file.text.as_bytes()[at + 2].is_ascii_digit())
        .collect();
    assert_eq!(secrets.len(), 7);
    secrets.iter().for_each(|(at, _)| assert!(hidden.contains(&file.text[*at..at + 4]), "{hidden}"));
    assert!(!hidden.contains("\"z\""));
    let values = &resource(&template, "aws_x.a").values;
    let deep = &values.get("deep").expect("there").items()[0];
    let is_secret = |value: &TemplateValue, name: &str| value.get(name).expect("there").sensitive;
    assert!(is_secret(values, "password") && is_secret(values, "user_data") && is_secret(values, "all"));
    assert!(is_secret(values.get("all").expect("there"), "k"));
    assert!(is_secret(deep, "x") && !is_secret(deep, "y") && !deep.sensitive);
}

#[test]
fn plans_that_are_not_all_say_so() {
    let missing = |json: &Value| -> Vec<(Vec<String>, String)> {
        let found = read(json).missing;
        found
            .into_iter()
            .map(|missing| (missing.kinds.iter().map(ToString::to_string).collect(), missing.reason))
            .collect()
    };
    let errored = missing(&json!({"resource_changes": [], "errored": true, "complete": false}));
    assert_eq!(errored.len(), 1);
    assert!(errored[0].1.starts_with("planning ended with an error"), "{errored:?}");
    let partial = missing(&json!({"resource_changes": [], "errored": false, "complete": false}));
    assert!(partial[0].0.is_empty() && partial[0].1.starts_with("the plan does not cover"), "{partial:?}");
    let deferred = json!({"resource_changes": [], "deferred_changes": [{"reason": "instance_count_unknown",
        "resource_change": {"address": "aws_subnet.a[\"*\"]", "type": "aws_subnet"}}]});
    let deferred = missing(&deferred);
    assert_eq!(deferred[0].0, ["aws_subnet"]);
    assert_eq!(
        deferred[0].1,
        "Terraform defers aws_subnet.a[\"*\"] to a later plan (instance_count_unknown): apply this one, and plan again"
    );
    assert_eq!(missing(&json!({"resource_changes": [], "complete": true, "errored": false})), []);
    assert_eq!(missing(&json!({"resource_changes": []})), []);
}

#[test]
fn newer_formats_are_refused_with_the_way_out() {
    for (version, want) in [
        (
            json!("2.0"),
            "plan.json:2:21: has the format 2.0, and ekslint reads formats 0 and 1: write it with Terraform 1, or use a newer ekslint",
        ),
        (json!("x"), "plan.json:2:21: has the format x, which is no version such as 1.2"),
        (json!([]), "plan.json:2:3: has a `format_version` that is a list, not a text"),
    ] {
        let template = read(
            &json!({"format_version": version, "resource_changes": [created("aws_x.a", json!({}), json!({}))]}),
        );
        assert_eq!((problems(&template), addresses(&template).len()), (vec![want.to_owned()], 0));
    }
    for version in [json!("0.1"), json!("1.2"), json!("1.99"), json!(1.0), Value::Null] {
        let template = read(
            &json!({"format_version": version, "resource_changes": [created("aws_x.a", json!({}), json!({}))]}),
        );
        assert_eq!((problems(&template), addresses(&template).len()), (vec![], 1));
    }
    let template = read(&json!({"version": 3, "serial": 1, "lineage": "a", "modules": []}));
    assert_eq!(
        problems(&template),
        [
            "plan.json:2:14: is a state of version 3, and ekslint reads version 4, which Terraform writes since 0.12: give it what \
         `terraform show -json` prints"
        ]
    );
}

#[test]
fn what_is_broken_costs_that_resource() {
    let good = created("aws_x.good", json!({}), json!({}));
    let broken = json!([
        7,
        {"mode": "managed"},
        {"address": "aws_x.a", "type": "aws_x"},
        {"address": "aws_x.b", "type": "aws_x", "change": []},
        {"address": "aws_x.c", "type": "aws_x", "change": {"actions": "create", "after": {}}},
        {"address": "aws_x.d", "type": "aws_x", "change": {"actions": ["create"], "after": []}},
        {"address": "aws_x.e", "type": "aws_x", "change": {"actions": ["create"], "after": null}},
        {"address": "aws_x.f", "mode": [], "type": "aws_x", "change": {"after": {}}},
        {"address": "x", "change": {"after": {}}},
        good, good,
    ]);
    let template = read(
        &json!({"resource_changes": broken, "planned_values": {"root_module": {"resources": {}, "child_modules": [3,
        {"resources": [{"address": "aws_x.g", "type": "aws_x", "values": "x"}]}]}}, "configuration": [1], "prior_state": "x"}),
    );
    insta::assert_snapshot!(problems(&template).join("\n"));
    assert_eq!(addresses(&template), ["aws_x.good"]);
    assert_eq!(template.missing.len(), template.problems.len());
    assert!(template.missing.iter().any(|missing| missing.kinds.iter().any(|kind| &**kind == "aws_x")));
    for whole in [json!({"resource_changes": {}}), json!({"resource_changes": "x"})] {
        let template = read(&whole);
        assert_eq!((template.problems.len(), template.missing.len()), (1, 1), "{whole}");
    }
}

#[test]
fn much_that_is_broken_is_counted() {
    let template = read(&json!({"resource_changes": vec![json!(1); 1000]}));
    assert_eq!((template.problems.len(), template.missing.len()), (21, 21));
    assert_eq!(template.problems[20].message, "980 more parts of it are broken, and skipped");
    assert!(template.missing[20].kinds.is_empty());
}

#[test]
fn a_state_has_values_alone() {
    let template = read(
        &json!({"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {
            "resources": [
                {"address": "aws_x.a[0]", "mode": "managed", "type": "aws_x", "name": "a", "index": 0, "values": {"id": "i-1", "s": "t"},
                    "sensitive_values": {"s": true}},
                {"address": "aws_x.a[1]", "mode": "managed", "type": "aws_x", "name": "a", "deposed_key": "d", "values": {}},
                {"address": "data.aws_x.a", "mode": "data", "type": "aws_x", "name": "a", "values": {}},
            ],
            "child_modules": [{"address": "module.m", "resources": [], "child_modules": [{"resources": [
                {"address": "module.m.module.n.aws_x.b", "mode": "managed", "type": "aws_x", "name": "b", "values": {}}]}]}],
        }}}),
    );
    assert_eq!(addresses(&template), ["aws_x.a[0]", "data.aws_x.a", "module.m.module.n.aws_x.b"]);
    assert_eq!(values(&template, "aws_x.a[0]"), "{id: i-1, s: t}");
    assert!(!template.files[0].shown);
    assert!(resource(&template, "aws_x.a[0]").values.get("s").expect("there").sensitive);
    let empty = read(&json!({"format_version": "1.0"}));
    assert_eq!((empty.resources.len(), problems(&empty)), (0, vec![]));
}

#[test]
fn a_state_file_has_instances() {
    let instance = |key: Value, attributes: Value| {
        json!({"index_key": key, "attributes": attributes,
        "sensitive_attributes": [[{"type": "get_attr", "value": "s"}]]})
    };
    let template = read(&json!({"version": 4, "terraform_version": "1.9.0", "serial": 7, "lineage": "l",
    "outputs": {"o": {"value": "hidden", "sensitive": true}},
    "resources": [
        {"mode": "managed", "type": "aws_x", "name": "one", "instances": [{"attributes": {"id": "i-1", "s": "hidden"},
            "sensitive_attributes": [[{"type": "get_attr", "value": "s"}]]}]},
        {"module": "module.m[\"k\"]", "mode": "managed", "type": "aws_x", "name": "two", "instances": [
            instance(json!(0), json!({"id": "i-2"})), instance(json!("a\"b"), json!({"s": "hidden"})),
            {"deposed": "d", "attributes": {}}, {"attributes": null}]},
        {"mode": "data", "type": "aws_x", "name": "three", "instances": [{"attributes": {"id": "i-3"}}]},
        {"mode": "managed", "type": "aws_x", "name": "broken", "instances": {}},
        {"mode": "managed", "type": "aws_x", "name": "worse", "instances": [7, {"attributes": []}]},
        {"mode": "managed"},
        {"mode": "managed", "type": "aws_x", "name": "none"},
    ]}));
    assert_eq!(
        addresses(&template),
        [
            "aws_x.one",
            "module.m[\"k\"].aws_x.two[0]",
            "module.m[\"k\"].aws_x.two[\"a\\\"b\"]",
            "module.m[\"k\"].aws_x.two",
            "data.aws_x.three",
        ]
    );
    assert_eq!(values(&template, "aws_x.one"), "{id: i-1, s: hidden}");
    let file = &template.files[0];
    assert!(!file.shown);
    assert_eq!(file.text.matches("\"hidden\"").count(), file.secrets.len());
    assert_eq!(problems(&template).len(), 4, "{:?}", problems(&template));
    assert_eq!(shown(&template, &resource(&template, "aws_x.one").values), "\"one\"");
}

#[test]
fn hostile_json_ends_in_a_sentence() {
    let deep = format!("{{\"resource_changes\": {}", "[".repeat(1_000_000));
    let closed = format!("{{\"resource_changes\": {}{}}}", "[".repeat(200), "]".repeat(200));
    for text in
        [deep, closed, "{\"resource_changes\": [".to_owned(), "{\"resource_changes\": tru}".to_owned()]
    {
        let template = read_json("plan.json", text.into(), TerraformJson::Plan);
        assert_eq!((template.resources.len(), template.problems.len()), (0, 1));
        assert!(!template.files[0].shown);
    }
    for kind in [TerraformJson::Plan, TerraformJson::State, TerraformJson::StateFile] {
        for text in ["[]", "1", "\"x\"", "null", "{}"] {
            assert_eq!(read_json("a", text.into(), kind).resources.len(), 0);
        }
    }
}

/// Modules that call each other's outputs in a circle, and expressions with very many references.
#[test]
fn circles_and_crowds_of_references_end() {
    let many: Vec<String> = (0..200).map(|at| format!("module.m.o{at}")).collect();
    let outputs: serde_json::Map<_, _> = (0..200)
        .map(|at| (format!("o{at}"), json!({"expression": refers(&["var.a", "aws_x.a.id", "aws_x.a"])})))
        .collect();
    let root = json!({"resources": [configured("aws_y.a", json!({"x_id": {"references": many}, "x_ids": {"references": many}}))],
        "module_calls": {"m": {"expressions": {"a": {"references": many}}, "module": {"outputs": outputs}}}});
    let mut changes: Vec<_> = (0..50)
        .map(|at| created(&format!("module.m.aws_x.a[{at}]"), json!({}), json!({"id": true})))
        .collect();
    changes.extend(
        (0..50).map(|at| created(&format!("aws_y.a[{at}]"), json!({}), json!({"x_id": true, "x_ids": true}))),
    );
    let start = cpu_time::ThreadTime::now();
    let template = read(&plan(changes, root));
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    assert_eq!(template.resources.len(), 100);
    assert_eq!(short(template.resources[99].values.get("x_id").expect("there")), "?");
}

proptest::proptest! {
    /// Whatever a plan has in the place of something, nothing panics, and what is read is read again the same.
    #[test]
    fn any_structure_is_read(at in 0_usize..400, with in 0_usize..7) {
        let others = [json!(null), json!(true), json!(7), json!("x"), json!([]), json!({}), json!([[{"a": [true]}]])];
        let mut json = with_modules();
        let mut left = at;
        replace(&mut json, &mut left, &others[with]);
        let text = json.to_string();
        for kind in [TerraformJson::Plan, TerraformJson::State, TerraformJson::StateFile] {
            let template = read_json("plan.json", text.as_str().into(), kind);
            let length = text.len();
            for secret in &template.files[0].secrets {
                proptest::prop_assert!(secret.end <= length);
            }
        }
    }
}

/// Puts another value in the place of the one that is so many steps into a tree.
fn replace(node: &mut Value, left: &mut usize, with: &Value) -> bool {
    if *left == 0 {
        *node = with.clone();
        return true;
    }
    *left -= 1;
    match node {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, left, with)),
        Value::Object(fields) => fields.values_mut().any(|value| replace(value, left, with)),
        _ => false,
    }
}
