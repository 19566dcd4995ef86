use super::{at, mapped, shown, unknown_is_never_none};
use serde_json::{Value, json};

fn range(cidr: &str) -> Value {
    json!({"CidrIp": cidr})
}

#[test]
fn a_group_without_rules_has_none() {
    for kind in ["aws_security_group", "aws_default_security_group"] {
        let address = format!("{kind}.a");
        let outcome = mapped(&[(&address, json!({"vpc_id": "vpc-1"}))]);
        assert_eq!(outcome.part("securityGroups", &address, "/IpPermissions"), json!([]));
        assert_eq!(outcome.part("securityGroups", &address, "/IpPermissionsEgress"), json!([]));
        assert_eq!(outcome.part("securityGroups", &address, "/VpcId"), json!("vpc-1"));
    }
}

#[test]
fn a_group_without_a_name_gets_one_that_no_other_has() {
    let name = |values: Value| {
        mapped(&[("aws_security_group.a", values)]).part(
            "securityGroups",
            "aws_security_group.a",
            "/GroupName",
        )
    };
    assert_eq!(name(json!({})), "terraform-${aws_security_group.a.name}");
    assert_eq!(name(json!({"name": "", "name_prefix": "nodes-"})), "nodes-${aws_security_group.a.name}");
    assert_eq!(name(json!({"name_prefix": "${aws_x.y.id}-"})), "${aws_x.y.id}-${aws_security_group.a.name}");
    assert_eq!(name(json!({"name": "default"})), "default");
    assert_eq!(name(json!({"name_prefix": "?why"})), "${aws_security_group.a.name}");
}

#[test]
fn rules_within_a_group_become_permissions() {
    let group = json!({"name": "nodes", "ingress": [
        {"protocol": "TCP", "from_port": "22", "to_port": 22, "cidr_blocks": ["0.0.0.0/0", "${aws_eip.a.public_ip}/32"],
            "description": "shell"},
        {"protocol": "-1", "from_port": 0, "to_port": 0, "self": true, "security_groups": ["sg-2", "111122223333/sg-3"]},
        {"protocol": 6, "from_port": 443, "to_port": 443, "ipv6_cidr_blocks": ["::/0"], "prefix_list_ids": ["pl-1"],
            "cidr_blocks": null, "self": false},
    ], "egress": [{"protocol": "all", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]}]});
    let outcome = mapped(&[("aws_security_group.nodes", group)]);
    let item = outcome.item("securityGroups", "aws_security_group.nodes");
    assert_eq!(
        shown(at(item, "/IpPermissions")),
        json!([
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "shell"},
                    {"CidrIp": "${aws_eip.a.public_ip}/32", "Description": "shell"}]},
            {"IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [
                {"GroupId": "sg-2"}, {"UserId": "111122223333", "GroupId": "sg-3"},
                {"GroupId": "${aws_security_group.nodes.id}"}]},
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                "PrefixListIds": [{"PrefixListId": "pl-1"}], "UserIdGroupPairs": []},
        ])
    );
    assert_eq!(
        shown(at(item, "/IpPermissionsEgress")),
        json!([{"IpProtocol": "-1", "IpRanges": [range("10.0.0.0/8")], "Ipv6Ranges": [], "PrefixListIds": [],
            "UserIdGroupPairs": []}])
    );
    for (pointer, path) in [
        ("/IpPermissions/0/IpRanges/0/CidrIp", "ingress/0/cidr_blocks/0"),
        ("/IpPermissions/0/IpRanges/1", "ingress/0/cidr_blocks/1"),
        ("/IpPermissions/0/IpRanges", "ingress/0/cidr_blocks"),
        ("/IpPermissions/0/FromPort", "ingress/0/from_port"),
        ("/IpPermissions/0/IpProtocol", "ingress/0/protocol"),
        ("/IpPermissions/1/UserIdGroupPairs/2/GroupId", "ingress/1/self"),
        ("/IpPermissions/2", "ingress/2"),
        ("/IpPermissionsEgress/0/IpRanges/0/CidrIp", "egress/0/cidr_blocks/0"),
        ("/GroupName", "name"),
    ] {
        assert_eq!(
            outcome.place_of(at(item, pointer)),
            format!("aws_security_group.nodes/{path}"),
            "{pointer}"
        );
    }
}

#[test]
fn rules_of_their_own_are_added_to_their_group() {
    let rule = |kind: &str| {
        json!({"type": kind, "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"],
            "security_group_id": "${aws_security_group.a.id}"})
    };
    let outcome = mapped(&[
        ("aws_security_group_rule.in", rule("ingress")),
        ("aws_security_group_rule.out", rule("egress")),
        ("aws_security_group_rule.either", rule("?var.type")),
    ]);
    for (name, list) in [("in", "IpPermissions"), ("out", "IpPermissionsEgress")] {
        let attachment = outcome.attachment(&format!("aws_security_group_rule.{name}"));
        assert_eq!((attachment.section, attachment.at), ("securityGroups", [list].as_slice()));
        assert_eq!(shown(&attachment.to), json!("${aws_security_group.a.id}"));
        assert_eq!(shown(at(&attachment.value, "/IpRanges")), json!([range("0.0.0.0/0")]));
        let cidr = outcome.place_of(at(&attachment.value, "/IpRanges/0/CidrIp"));
        assert_eq!(cidr, format!("aws_security_group_rule.{name}/cidr_blocks/0"));
    }
    // A rule of which the direction is not known may be in both lists.
    let either = outcome.attachments("aws_security_group_rule.either");
    assert_eq!(
        either.iter().map(|one| one.at[0]).collect::<Vec<_>>(),
        ["IpPermissions", "IpPermissionsEgress"]
    );
    assert!(either.iter().all(|one| one.value.is_unknown()));
}

#[test]
fn rules_with_one_peer_are_permissions_with_one_peer() {
    let peers = [
        (json!({"cidr_ipv4": "10.0.0.0/8"}), "IpRanges", json!({"CidrIp": "10.0.0.0/8"})),
        (
            json!({"cidr_ipv6": "::/0", "description": "all"}),
            "Ipv6Ranges",
            json!({"CidrIpv6": "::/0", "Description": "all"}),
        ),
        (json!({"prefix_list_id": "pl-1"}), "PrefixListIds", json!({"PrefixListId": "pl-1"})),
        (
            json!({"referenced_security_group_id": "${aws_security_group.b.id}"}),
            "UserIdGroupPairs",
            json!({"GroupId": "${aws_security_group.b.id}"}),
        ),
        // The only peer must be set, or the provider refuses the rule.
        (json!({"cidr_ipv4": "?var.cidr"}), "IpRanges", json!({"CidrIp": "?var.cidr has no value"})),
    ];
    for (peer, list, expected) in peers {
        for (kind, at_list) in [("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")] {
            let mut rule =
                json!({"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 80, "to_port": 81});
            rule.as_object_mut().unwrap().extend(peer.as_object().unwrap().clone());
            let address = format!("aws_vpc_security_group_{kind}_rule.a");
            let outcome = mapped(&[(&address, rule)]);
            let attachment = outcome.attachment(&address);
            assert_eq!(attachment.at, [at_list]);
            for name in ["IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"] {
                let wanted = if name == list { json!([expected]) } else { json!([]) };
                assert_eq!(shown(at(&attachment.value, &format!("/{name}"))), wanted, "{name} of {peer}");
            }
            assert_eq!(shown(at(&attachment.value, "/ToPort")), json!(81));
        }
    }
}

#[test]
fn a_rule_with_its_own_group_or_another() {
    let outcome = mapped(&[
        (
            "aws_security_group_rule.own",
            json!({"type": "ingress", "protocol": "-1", "from_port": 0, "to_port": 0, "self": true,
            "security_group_id": "${aws_security_group.a.id}"}),
        ),
        (
            "aws_security_group_rule.other",
            json!({"type": "ingress", "protocol": "-1", "from_port": 0, "to_port": 0,
            "security_group_id": "sg-1", "source_security_group_id": "sg-2"}),
        ),
    ]);
    let pairs = |name: &str| shown(at(&outcome.attachment(name).value, "/UserIdGroupPairs"));
    assert_eq!(pairs("aws_security_group_rule.own"), json!([{"GroupId": "${aws_security_group.a.id}"}]));
    assert_eq!(pairs("aws_security_group_rule.other"), json!([{"GroupId": "sg-2"}]));
}

#[test]
fn what_is_not_known_of_a_rule_stays_unknown() {
    let outcome = mapped(&[(
        "aws_security_group.list",
        json!({"ingress": "?var.rules", "egress": [{"protocol": "?var.p", "cidr_blocks": "?var.c",
            "self": "?var.s"}, "?var.more"]}),
    )]);
    let part = |pointer: &str| outcome.part("securityGroups", "aws_security_group.list", pointer);
    assert_eq!(part("/IpPermissions"), json!("?var.rules has no value"));
    assert_eq!(part("/IpPermissionsEgress/0/IpRanges"), json!("?var.c has no value"));
    assert_eq!(part("/IpPermissionsEgress/0/IpProtocol"), json!("?var.p has no value"));
    assert_eq!(part("/IpPermissionsEgress/0/UserIdGroupPairs"), json!(["?var.s has no value"]));
    assert_eq!(part("/IpPermissionsEgress/1"), json!("?var.more has no value"));
}

#[test]
fn no_unknown_argument_becomes_none() {
    unknown_is_never_none(
        &[
            (
                "aws_security_group.a",
                json!({"vpc_id": "vpc-1", "name": "a", "ingress": [], "egress": [], "tags": {"a": "b"}}),
            ),
            (
                "aws_security_group_rule.a",
                json!({"security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
                "from_port": 1, "to_port": 2, "cidr_blocks": [], "ipv6_cidr_blocks": [], "prefix_list_ids": [],
                "source_security_group_id": "sg-2", "self": false}),
            ),
            (
                "aws_vpc_security_group_ingress_rule.a",
                json!({"security_group_id": "sg-1", "ip_protocol": "tcp",
                "from_port": 1, "to_port": 2, "cidr_ipv4": "10.0.0.0/8", "cidr_ipv6": null, "prefix_list_id": null,
                "referenced_security_group_id": null}),
            ),
        ],
        &[],
    );
}
