use super::{at, mapped, shown};
use serde_json::{Value, json};

/// The trust of a role whose policy a data source puts together, with more data sources.
fn trust(document: Value, others: &[(&str, Value)]) -> Value {
    let role = json!({"assume_role_policy": "${data.aws_iam_policy_document.a.json}"});
    let mut all = vec![("aws_iam_role.a", role), ("data.aws_iam_policy_document.a", document)];
    all.extend_from_slice(others);
    mapped(&all).part("roles", "aws_iam_role.a", "/AssumeRolePolicyDocument")
}

#[test]
fn a_data_source_is_the_document_that_it_puts_together() {
    let document = json!({"statement": [
        {"sid": "Pods", "effect": "Allow", "actions": ["sts:AssumeRoleWithWebIdentity"],
            "principals": [{"type": "Federated", "identifiers": ["${aws_iam_openid_connect_provider.a.arn}"]}],
            "condition": [
                {"test": "StringEquals", "variable": "${aws_eks_cluster.a.issuer}:sub", "values": ["system:serviceaccount:a:b"]},
                {"test": "StringEquals", "variable": "${aws_eks_cluster.a.issuer}:aud", "values": ["sts.amazonaws.com", "x"]}]},
        {"effect": "Deny", "not_actions": ["iam:*", "sts:*"], "resources": ["arn:aws:s3:::&{aws:username}/*"],
            "principals": [{"type": "AWS", "identifiers": ["111122223333"]}, {"type": "AWS", "identifiers": ["*"]}]},
        {"actions": ["s3:*"], "principals": [{"type": "*", "identifiers": ["*"]}]}]});
    let role = json!({"assume_role_policy": "${data.aws_iam_policy_document.a.json}"});
    let outcome = mapped(&[("aws_iam_role.a", role), ("data.aws_iam_policy_document.a", document)]);
    let item = outcome.item("roles", "aws_iam_role.a");
    assert_eq!(
        shown(at(item, "/AssumeRolePolicyDocument")),
        json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Pods", "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": "${aws_iam_openid_connect_provider.a.arn}"},
                "Condition": {"StringEquals": {"${aws_eks_cluster.a.issuer}:sub": "system:serviceaccount:a:b",
                    "${aws_eks_cluster.a.issuer}:aud": ["sts.amazonaws.com", "x"]}}},
            {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "arn:aws:s3:::${aws:username}/*",
                "Principal": {"AWS": ["111122223333", "*"]}},
            {"Effect": "Allow", "Action": "s3:*", "Principal": "*"}]})
    );
    for (pointer, path) in [
        ("", "aws_iam_role.a/assume_role_policy"),
        ("/Statement/0", "data.aws_iam_policy_document.a/statement/0"),
        (
            "/Statement/0/Principal/Federated",
            "data.aws_iam_policy_document.a/statement/0/principals/0/identifiers/0",
        ),
        ("/Statement/1/NotAction/1", "data.aws_iam_policy_document.a/statement/1/not_actions/1"),
    ] {
        let value = at(item, &format!("/AssumeRolePolicyDocument{pointer}"));
        assert_eq!(outcome.place_of(value), path, "{pointer}");
    }
}

#[test]
fn documents_are_merged_by_sid() {
    let statement = |sid: &str, action: &str| json!({"sid": sid, "actions": [action], "resources": ["*"]});
    let text = r#"{"Version": "2012-10-17", "Statement": {"Sid": "One", "Effect": "Deny", "Action": "a:c", "Resource": "*"}}"#;
    let found = trust(
        json!({"source_policy_documents": ["${data.aws_iam_policy_document.base.json}", null],
            "statement": [statement("Two", "a:new"), statement("", "a:d")], "override_policy_documents": [text]}),
        &[(
            "data.aws_iam_policy_document.base",
            json!({"statement": [statement("One", "a:a"), statement("Two", "a:b"), statement("", "a:e")]}),
        )],
    );
    let said: Vec<_> =
        found["Statement"].as_array().unwrap().iter().map(|one| one["Action"].clone()).collect();
    assert_eq!(said, ["a:c", "a:new", "a:e", "a:d"]);
}

#[test]
fn what_is_not_known_of_a_document_stays_unknown() {
    let one = |more: Value| {
        let mut statement = json!({"actions": ["a:b"], "resources": ["*"]});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        trust(json!({"statement": [statement]}), &[])
    };
    for (more, pointer) in [
        (json!({"actions": "?var.x"}), "/Statement/0/Action"),
        (json!({"effect": "?var.x"}), "/Statement/0/Effect"),
        (json!({"principals": "?var.x"}), "/Statement/0/Principal"),
        (json!({"principals": [{"type": "?var.x", "identifiers": ["*"]}]}), "/Statement/0/Principal"),
        (json!({"principals": [{"type": "AWS", "identifiers": "?var.x"}]}), "/Statement/0/Principal/AWS"),
        (
            json!({"principals": [{"type": "AWS", "identifiers": ["a", "?var.x"]}]}),
            "/Statement/0/Principal/AWS/1",
        ),
        (json!({"condition": ["?var.x"]}), "/Statement/0/Condition"),
        (
            json!({"condition": [{"test": "?var.x", "variable": "a", "values": ["b"]}]}),
            "/Statement/0/Condition",
        ),
        (
            json!({"condition": [{"test": "a", "variable": "b", "values": "?var.x"}]}),
            "/Statement/0/Condition/a/b",
        ),
    ] {
        let found = one(more.clone());
        assert!(
            found.pointer(pointer).is_some_and(|value| value.as_str().unwrap().starts_with('?')),
            "{more}: {found}"
        );
    }
    for document in [
        json!({"statement": "?var.x"}),
        json!({"source_policy_documents": ["?var.x"], "statement": [{"actions": ["a:b"]}]}),
        json!({"override_policy_documents": "?var.x"}),
        json!({"source_policy_documents": ["${data.aws_other.a.json}"]}),
        // Which statement it replaces is not known.
        json!({"statement": [{"sid": "A", "actions": ["a:b"]}, {"sid": "?var.x", "actions": ["a:b"]}]}),
    ] {
        let statements = trust(document.clone(), &[])["Statement"].clone();
        assert!(statements.as_str().is_some_and(|text| text.starts_with('?')), "{document}: {statements}");
    }
    assert_eq!(trust(json!({"statement": ["?var.x"]}), &[])["Statement"], json!(["?var.x has no value"]));
}

#[test]
fn json_with_symbols_is_read() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": "${aws_iam_openid_connect_provider.a.arn}"},
        "Resource": ["arn:${data.aws_partition.p.partition}:s3:::\"b\"", ${aws_x.y.list}],
        "Condition": {"StringEquals": {"${aws_eks_cluster.a.issuer}:sub": "system:serviceaccount:${aws_x.y.ns}:b"}}}]}"#;
    let outcome = mapped(&[("aws_iam_policy.a", json!({"policy": policy}))]);
    let document = outcome.part("policies", "aws_iam_policy.a", "/Document");
    assert_eq!(
        document["Statement"],
        json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "${aws_iam_openid_connect_provider.a.arn}"},
            "Resource": ["arn:${data.aws_partition.p.partition}:s3:::\"b\"", "${aws_x.y.list}"],
            "Condition": {"StringEquals": {"${aws_eks_cluster.a.issuer}:sub": "system:serviceaccount:${aws_x.y.ns}:b"}}}])
    );
}

#[test]
fn what_is_no_document_stays_what_it_is() {
    for text in [
        "no JSON",
        "[1]",
        "{",
        "{\"a\": ${aws_x.y.z}",
        "\u{e000}0\u{e001}",
        "{\"a\": \"\\uE0000\\ue001${aws_x.y.z}\"}",
    ] {
        let outcome = mapped(&[("aws_iam_policy.a", json!({"policy": text}))]);
        assert_eq!(outcome.part("policies", "aws_iam_policy.a", "/Document"), json!(text));
    }
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let outcome = mapped(&[("aws_iam_policy.a", json!({"policy": deep}))]);
    assert_eq!(outcome.part("policies", "aws_iam_policy.a", "/Document"), json!(deep));
}

#[test]
fn documents_of_documents_end() {
    let json = |name: usize| format!("${{data.aws_iam_policy_document.d{name}.json}}");
    // Of itself.
    let found =
        trust(json!({"source_policy_documents": vec!["${data.aws_iam_policy_document.a.json}"; 20]}), &[]);
    assert!(found["Statement"].as_str().unwrap().contains("put together of itself"), "{found}");
    // Each of two of the next: as many statements as a document may have, and no more.
    let names: Vec<_> = (0..30).map(|name| format!("data.aws_iam_policy_document.d{name}")).collect();
    let document = |name: usize| match name {
        29 => json!({"statement": [{"actions": ["a:b"], "resources": ["*"]}]}),
        _ => json!({"source_policy_documents": [json(name + 1), json(name + 1)]}),
    };
    let all: Vec<_> = names.iter().enumerate().map(|(at, name)| (name.as_str(), document(at))).collect();
    let found = trust(json!({"source_policy_documents": [json(0)]}), &all);
    assert!(found["Statement"].as_str().unwrap().contains("more than 1000 statements"), "{found}");
}
