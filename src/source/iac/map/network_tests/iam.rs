use super::{at, mapped, shown, unknown_is_never_none};
use serde_json::{Value, json};

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

fn trust() -> Value {
    serde_json::from_str(TRUST).unwrap()
}

#[test]
fn a_role_has_its_trust_and_its_policies() {
    let outcome = mapped(&[
        (
            "aws_iam_role.a",
            json!({"name": "nodes", "assume_role_policy": TRUST,
            "managed_policy_arns": ["arn:${data.aws_partition.p.partition}:iam::aws:policy/AmazonEKSWorkerNodePolicy"],
            "inline_policy": [{}, {"name": "own", "policy": TRUST}],
            "permissions_boundary": "${aws_iam_policy.b.arn}"}),
        ),
        ("aws_iam_role.bare", json!({"assume_role_policy": "?var.trust"})),
    ]);
    let role = outcome.item("roles", "aws_iam_role.a");
    assert_eq!(shown(at(role, "/Arn")), json!("${aws_iam_role.a.arn}"));
    assert_eq!(shown(at(role, "/RoleName")), json!("nodes"));
    assert_eq!(shown(at(role, "/AssumeRolePolicyDocument")), trust());
    let place = outcome.place_of(at(role, "/AssumeRolePolicyDocument/Statement/0/Principal"));
    assert_eq!(place, "aws_iam_role.a/assume_role_policy");
    assert_eq!(
        shown(at(role, "/AttachedPolicies")),
        json!([{"PolicyArn": "arn:${data.aws_partition.p.partition}:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            "PolicyName": "AmazonEKSWorkerNodePolicy"}])
    );
    assert_eq!(shown(at(role, "/InlinePolicies")), json!([{"PolicyName": "own", "PolicyDocument": trust()}]));
    let boundary = shown(at(role, "/PermissionsBoundary/PermissionsBoundaryArn"));
    assert_eq!(boundary, json!("${aws_iam_policy.b.arn}"));
    let bare = outcome.item("roles", "aws_iam_role.bare");
    assert_eq!(shown(at(bare, "/RoleName")), json!("${aws_iam_role.bare.name}"));
    assert_eq!(shown(at(bare, "/AssumeRolePolicyDocument")), json!("?var.trust has no value"));
    assert_eq!(shown(at(bare, "/AttachedPolicies")), json!([]));
    assert!(bare.get("PermissionsBoundary").is_none());
}

#[test]
fn policies_find_their_role_by_its_name() {
    let attachment =
        |role: &str| json!({"role": role, "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    let outcome = mapped(&[
        ("aws_iam_role.literal", json!({"name": "nodes", "assume_role_policy": TRUST})),
        ("aws_iam_role.computed", json!({"name_prefix": "nodes-", "assume_role_policy": TRUST})),
        ("aws_iam_role.variable", json!({"name": "?var.name", "assume_role_policy": TRUST})),
        ("aws_iam_role_policy_attachment.a", attachment("nodes")),
        ("aws_iam_role_policy_attachment.b", attachment("${aws_iam_role.literal.id}")),
        ("aws_iam_role_policy_attachment.c", attachment("${aws_iam_role.computed.id}")),
        ("aws_iam_role_policy_attachment.d", attachment("${aws_iam_role.computed.name}")),
        ("aws_iam_role_policy_attachment.e", attachment("?var.name")),
        ("aws_iam_role_policy_attachment.f", attachment("other")),
        (
            "aws_iam_role_policy.g",
            json!({"role": "${aws_iam_role.literal.name}", "name": "own", "policy": TRUST}),
        ),
        (
            "aws_iam_policy_attachment.h",
            json!({"name": "h", "roles": ["nodes", "${aws_iam_role.computed.name}"],
            "policy_arn": "${aws_iam_policy.p.arn}"}),
        ),
    ]);
    let to = |name: &str| shown(&outcome.attachment(&format!("aws_iam_role_policy_attachment.{name}")).to);
    for (name, role) in
        [("a", "literal"), ("b", "literal"), ("c", "computed"), ("d", "computed"), ("e", "variable")]
    {
        assert_eq!(to(name), json!(format!("${{aws_iam_role.{role}.arn}}")), "{name}");
    }
    assert_eq!(to("f"), json!("other"));
    let inline = outcome.attachment("aws_iam_role_policy.g");
    assert_eq!((inline.section, inline.at), ("roles", ["InlinePolicies"].as_slice()));
    assert_eq!(shown(&inline.value), json!({"PolicyName": "own", "PolicyDocument": trust()}));
    let both: Vec<_> =
        outcome.attachments("aws_iam_policy_attachment.h").iter().map(|one| shown(&one.to)).collect();
    assert_eq!(both, [json!("${aws_iam_role.literal.arn}"), json!("${aws_iam_role.computed.arn}")]);
}

#[test]
fn a_policy_that_a_state_says_twice_is_there_once() {
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let outcome = mapped(&[
        (
            "aws_iam_role.a",
            json!({"name": "a", "arn": "arn:aws:iam::111122223333:role/a", "assume_role_policy": TRUST,
                "managed_policy_arns": [arn], "inline_policy": [{"name": "own", "policy": TRUST}]}),
        ),
        ("aws_iam_role_policy_attachment.a", json!({"role": "a", "policy_arn": arn})),
        ("aws_iam_role_policy.a", json!({"role": "a", "name": "own", "policy": TRUST})),
        ("aws_iam_role_policy.b", json!({"role": "a", "name": "other", "policy": TRUST})),
    ]);
    let left: Vec<_> = outcome.mapped.attachments.iter().map(|one| &*one.address).collect();
    assert_eq!(left, ["aws_iam_role_policy.b"]);
}

#[test]
fn the_rest_of_iam() {
    let outcome = mapped(&[
        ("aws_iam_role.a", json!({"name": "nodes", "assume_role_policy": TRUST})),
        ("aws_iam_policy.a", json!({"name": "read", "policy": TRUST})),
        ("aws_iam_instance_profile.a", json!({"role": "${aws_iam_role.a.id}"})),
        ("aws_iam_instance_profile.b", json!({"name": "b", "role": "elsewhere"})),
        (
            "aws_iam_openid_connect_provider.a",
            json!({"client_id_list": ["sts.amazonaws.com"],
            "url": "${aws_eks_cluster.a.issuer}"}),
        ),
        (
            "aws_iam_openid_connect_provider.b",
            json!({"client_id_list": "?var.ids", "url": "https://oidc.example.com/a"}),
        ),
        (
            "aws_iam_openid_connect_provider.c",
            json!({"client_id_list": [], "url": "https://${aws_x.y.host}"}),
        ),
        ("aws_iam_user.a", json!({"name": "someone"})),
    ]);
    let policy = outcome.item("policies", "aws_iam_policy.a");
    assert_eq!(
        (shown(at(policy, "/Arn")), shown(at(policy, "/Document"))),
        (json!("${aws_iam_policy.a.arn}"), trust())
    );
    let roles =
        |name: &str| outcome.part("instanceProfiles", &format!("aws_iam_instance_profile.{name}"), "/Roles");
    assert_eq!(roles("a"), json!([{"Arn": "${aws_iam_role.a.arn}", "RoleName": "nodes"}]));
    assert_eq!(roles("b"), json!([{"Arn": "?the role is not in the template", "RoleName": "elsewhere"}]));
    let url = |name: &str| {
        outcome.part("openIDConnectProviders", &format!("aws_iam_openid_connect_provider.{name}"), "/Url")
    };
    assert_eq!(url("a"), json!("${aws_eks_cluster.a.issuer}"));
    assert_eq!(url("b"), json!("oidc.example.com/a"));
    assert_eq!(url("c"), json!("${aws_x.y.host}"));
    assert_eq!(outcome.part("users", "aws_iam_user.a", "/Arn"), json!("${aws_iam_user.a.arn}"));
}

#[test]
fn keys_and_log_groups() {
    let outcome = mapped(&[
        ("aws_kms_key.a", json!({"enable_key_rotation": true})),
        ("aws_kms_key.off", json!({"is_enabled": false})),
        ("aws_kms_alias.a", json!({"name": "alias/a", "target_key_id": "${aws_kms_key.a.key_id}"})),
        (
            "aws_cloudwatch_log_group.a",
            json!({"name": "/aws/eks/prod/cluster", "retention_in_days": 0,
            "kms_key_id": "${aws_kms_alias.a.target_key_arn}"}),
        ),
        ("aws_cloudwatch_log_group.b", json!({"name_prefix": "b", "retention_in_days": "30"})),
    ]);
    let key = outcome.item("kmsKeys", "aws_kms_key.a");
    assert_eq!(shown(at(key, "/KeyState")), json!("Enabled"));
    assert_eq!(shown(at(key, "/KeyId")), json!("${aws_kms_key.a.key_id}"));
    assert_eq!(outcome.part("kmsKeys", "aws_kms_key.off", "/KeyState"), json!("Disabled"));
    let group = outcome.item("logGroups", "aws_cloudwatch_log_group.a");
    assert!(group.get("retentionInDays").is_none());
    assert_eq!(shown(at(group, "/kmsKeyId")), json!("${aws_kms_key.a.arn}"));
    assert_eq!(outcome.part("logGroups", "aws_cloudwatch_log_group.b", "/retentionInDays"), json!(30));
}

#[test]
fn no_unknown_argument_becomes_none() {
    unknown_is_never_none(
        &[
            (
                "aws_iam_role.a",
                json!({"name": "a", "assume_role_policy": TRUST, "managed_policy_arns": [], "inline_policy": [],
                "permissions_boundary": "arn:aws:iam::111122223333:policy/b", "path": "/x/"}),
            ),
            ("aws_iam_role_policy.a", json!({"role": "a", "name": "p", "policy": TRUST})),
            (
                "aws_iam_role_policy_attachment.a",
                json!({"role": "a", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            ),
            (
                "aws_iam_policy_attachment.a",
                json!({"roles": ["a"], "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            ),
            ("aws_iam_policy.a", json!({"name": "p", "policy": TRUST})),
            ("aws_iam_instance_profile.a", json!({"name": "p", "role": "a"})),
            ("aws_iam_openid_connect_provider.a", json!({"url": "https://a", "client_id_list": []})),
            ("aws_kms_key.a", json!({"is_enabled": true, "key_usage": "ENCRYPT_DECRYPT"})),
            ("aws_cloudwatch_log_group.a", json!({"name": "a", "retention_in_days": 1, "kms_key_id": "k"})),
        ],
        // The name of `aws_iam_policy_attachment` is nobody's.
        &["aws_iam_policy_attachment.name"],
    );
}
