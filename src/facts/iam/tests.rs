//! Truth tables: one row a case, each with the page of the AWS documentation that it follows.

use crate::facts::{AsOf, FactSet, facts};
use crate::snapshot::Snapshot;
use crate::value::Json;
use bumpalo::Bump;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/AAAA";
const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AAAA";

const CONDITIONS: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html";
const SET_OPERATORS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html";
const LOGIC: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html";
const PRINCIPAL: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html";
const KEYS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";
const IRSA: &str = "https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html";
const PODS: &str = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html";
const ASSOCIATION: &str = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html";
const ABAC: &str = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html";
const BEST_PRACTICES: &str =
    "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html";
const CREATE_ASSOCIATION: &str =
    "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html";
const SESSION_TAGS: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html";
const SINGLE_ACCOUNT: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html";
const CROSS_ACCOUNT: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html";
const TARGET_ROLE: &str = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html";
const ENTRIES: &str = "https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html";
const PROVIDERS: &str =
    "https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html";
const BOUNDARIES: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html";

/// The facts of a cluster `prod` with these further sections.
fn facts_of(sections: Value) -> Value {
    let mut snapshot = json!({
        "schemaVersion": 1, "account": ACCOUNT, "region": "eu-west-1",
        "cluster": {
            "name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
            "roleArn": "arn:aws:iam::111122223333:role/cluster", "resourcesVpcConfig": {},
            "identity": {"oidc": {"issuer": format!("https://{ISSUER}")}}
        }
    });
    for (name, section) in sections.as_object().expect("sections") {
        snapshot[name] = section.clone();
    }
    let arena = Bump::new();
    let root = Json::of(&snapshot, &arena);
    let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
    let as_of = AsOf { date: chrono::NaiveDate::default() };
    serde_json::to_value(facts(&snapshots[0], as_of, FactSet::ALL, &arena)).expect("JSON")
}

fn role_with(fields: Value) -> Value {
    let mut role = json!({
        "Arn": ROLE, "RoleName": "app", "CreateDate": "2025-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": {"Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
        "AttachedPolicies": [], "InlinePolicies": []
    });
    for (name, field) in fields.as_object().expect("fields") {
        role[name] = field.clone();
    }
    role
}

/// The facts of a role with these inline statements, and other fields.
fn role_facts(statements: Value, fields: Value) -> Value {
    let mut role = role_with(fields);
    if !statements.is_null() {
        role["InlinePolicies"] = json!([{"PolicyName": "own", "PolicyDocument": {"Statement": statements}}]);
    }
    facts_of(json!({"roles": [role]}))["roles"][ROLE].clone()
}

fn trust_facts(statements: Value) -> Value {
    role_facts(Value::Null, json!({"AssumeRolePolicyDocument": {"Statement": statements}}))["trust"].clone()
}

/// How many items a list of facts has, or that it is not known.
fn count(list: &Value) -> Option<usize> {
    list.as_array().map(Vec::len)
}

#[test]
fn administrators() {
    let allow = |action: &str| json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]);
    let with_deny = |deny: Value| {
        let mut deny = deny;
        deny["Effect"] = json!("Deny");
        json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny])
    };
    let rows = [
        ("everything", allow("*"), 1, LOGIC),
        ("everything of every service", allow("*:*"), 1, LOGIC),
        ("all of IAM", allow("iam:*"), 1, LOGIC),
        ("the case of actions", allow("IAM:*"), 1, LOGIC),
        ("one service", allow("s3:*"), 0, LOGIC),
        ("reading IAM", allow("iam:Get*"), 0, LOGIC),
        (
            "all but one action",
            json!([{"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}]),
            1,
            LOGIC,
        ),
        ("all but IAM", json!([{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]), 0, LOGIC),
        (
            "all but one resource",
            json!([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::a"}]),
            1,
            LOGIC,
        ),
        (
            "one resource",
            json!([{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a/*"}]),
            0,
            LOGIC,
        ),
        (
            "an Allow with a condition",
            json!([{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}]),
            0,
            CONDITIONS,
        ),
        (
            "several statements together",
            json!([
            {"Effect": "Allow", "Action": ["iam:A*", "iam:U*", "iam:PassRole"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["iam:C*", "iam:Put*"], "Resource": "*"}]),
            1,
            LOGIC,
        ),
        ("a Deny of all of IAM", with_deny(json!({"Action": "iam:*", "Resource": "*"})), 0, LOGIC),
        ("a Deny of everything", with_deny(json!({"Action": "*", "Resource": "*"})), 0, LOGIC),
        ("a Deny of all but S3", with_deny(json!({"NotAction": "s3:*", "Resource": "*"})), 0, LOGIC),
        (
            "a Deny of something else",
            with_deny(json!({"Action": "organizations:*", "Resource": "*"})),
            1,
            LOGIC,
        ),
        (
            "a Deny of one role",
            with_deny(json!({"Action": "iam:*", "Resource": "arn:aws:iam::111122223333:role/x"})),
            1,
            LOGIC,
        ),
        (
            "a Deny with a condition",
            with_deny(json!({"Action": "*", "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}})),
            1,
            CONDITIONS,
        ),
    ];
    for (case, statements, expected, page) in rows {
        let facts = role_facts(statements, json!({}));
        assert_eq!(count(&facts["administrator"]), Some(expected), "{case} ({page}): {facts:#}");
    }
}

#[test]
fn managed_policies_and_boundaries() {
    let attached = |names: &[&str]| {
        let arn =
            |name: &&str| json!({"PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{name}")});
        json!({"AttachedPolicies": names.iter().map(arn).collect::<Vec<_>>()})
    };
    let bounded = |boundary: &str| {
        let mut fields = attached(&["AdministratorAccess"]);
        fields["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": boundary});
        fields
    };
    let other = json!({"AttachedPolicies": [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        {"PolicyName": "own", "PolicyArn": "arn:aws:iam::111122223333:policy/own"}]});
    let rows = [
        ("administrator", attached(&["AdministratorAccess"]), Some(1), LOGIC),
        ("power user", attached(&["PowerUserAccess"]), Some(0), LOGIC),
        (
            "node",
            attached(&["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly"]),
            Some(0),
            LOGIC,
        ),
        ("denied", attached(&["AdministratorAccess", "AWSDenyAll"]), Some(0), LOGIC),
        ("a policy of AWS that the table lacks", attached(&["AmazonNewThing"]), None, LOGIC),
        (
            "that beside an administrator",
            attached(&["AdministratorAccess", "AmazonNewThing"]),
            Some(1),
            LOGIC,
        ),
        ("a policy that may deny", other, None, LOGIC),
        ("bounded", bounded("arn:aws:iam::aws:policy/PowerUserAccess"), Some(0), BOUNDARIES),
        (
            "bounded by everything",
            bounded("arn:aws:iam::aws:policy/AdministratorAccess"),
            Some(1),
            BOUNDARIES,
        ),
        ("bounded by what is not known", bounded("arn:aws:iam::111122223333:policy/b"), None, BOUNDARIES),
    ];
    for (case, fields, expected, page) in rows {
        let facts = role_facts(Value::Null, fields);
        assert_eq!(count(&facts["administrator"]), expected, "{case} ({page}): {facts:#}");
    }
}

#[test]
fn the_document_of_the_snapshot_wins_over_the_table() {
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    let role =
        role_with(json!({"AttachedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": arn}]}));
    let document = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    let facts =
        facts_of(json!({"roles": [role], "policies": [{"Arn": arn, "Document": document.to_string()}]}));
    assert_eq!(count(&facts["roles"][ROLE]["administrator"]), Some(0));
}

#[test]
fn what_is_missing_is_not_known() {
    let facts = role_facts(Value::Null, json!({"InlinePolicies": null}));
    for name in ["administrator", "escalations", "ecrWrites"] {
        assert!(facts[name]["unknown"].is_string(), "{name}: {facts:#}");
    }
    assert!(facts_of(json!({}))["roles"]["unknown"].is_string());
    let policies = role_facts(Value::Null, json!({"InlinePolicies": [null]}))["policies"].clone();
    assert!(policies[0]["unknown"].is_string(), "no policy without a name: {policies:#}");
    let broken = role_facts(json!([{"Effect": "Allow"}]), json!({}));
    assert!(broken["administrator"]["unknown"].is_string());
}

#[test]
fn escalations() {
    let allow = |actions: Value, resource: &str| json!([{"Effect": "Allow", "Action": actions, "Resource": resource}]);
    let pass = |service: &str| {
        json!([
            {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
             "Condition": {"StringEquals": {"iam:PassedToService": service}}}])
    };
    let eks = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html";
    let entry = "arn:aws:eks:eu-west-1:111122223333:access-entry/prod/*";
    let rows: [(Value, &[&str], &str); 12] = [
        (allow(json!("iam:CreatePolicyVersion"), "*"), &["create-policy-version"], LOGIC),
        (allow(json!("iam:AttachRolePolicy"), "arn:aws:iam::*:role/*"), &["attach-role-policy"], LOGIC),
        (allow(json!("iam:AttachRolePolicy"), "arn:aws:iam::111122223333:role/other"), &[], LOGIC),
        (allow(json!("iam:AttachRolePolicy"), ROLE), &["attach-role-policy"], LOGIC),
        (allow(json!(["iam:PassRole", "ec2:RunInstances"]), "*"), &["pass-role-ec2"], LOGIC),
        (allow(json!("iam:PassRole"), "*"), &[], LOGIC),
        (pass("ec2.amazonaws.com"), &["pass-role-ec2"], CONDITIONS),
        (pass("lambda.amazonaws.com"), &[], CONDITIONS),
        (
            allow(json!("eks:UpdateClusterConfig"), "arn:aws:eks:eu-west-1:111122223333:cluster/prod"),
            &["eks-update-cluster-config"],
            eks,
        ),
        (
            allow(json!("eks:UpdateClusterConfig"), "arn:aws:eks:eu-west-1:111122223333:cluster/other"),
            &[],
            eks,
        ),
        (allow(json!("eks:AssociateAccessPolicy"), entry), &["eks-associate-access-policy"], eks),
        (
            allow(json!(["iam:PassRole", "eks:CreatePodIdentityAssociation"]), "*"),
            &["eks-create-pod-identity"],
            eks,
        ),
    ];
    for (statements, expected, page) in rows {
        let facts = role_facts(statements.clone(), json!({}));
        let found: Vec<_> = facts["escalations"]
            .as_array()
            .expect("known")
            .iter()
            .map(|found| found["name"].as_str())
            .collect();
        let expected: Vec<_> = expected.iter().map(|name| Some(*name)).collect();
        assert_eq!(found, expected, "{statements} ({page})");
    }
}

#[test]
fn writes_to_ecr() {
    let page = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html";
    let one = "arn:aws:ecr:eu-west-1:111122223333:repository/app";
    let allow = json!({"Effect": "Allow", "Action": "ecr:PutImage", "Resource": one});
    let rows = [
        (json!([{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]), Some(1)),
        (json!([allow]), Some(1)),
        (json!([{"Effect": "Allow", "Action": ["ecr:Get*", "ecr:BatchGetImage"], "Resource": "*"}]), Some(0)),
        (json!([{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket"}]), Some(0)),
        (json!([allow, {"Effect": "Deny", "Action": "ecr:*", "Resource": "*"}]), Some(0)),
        // Whether the Deny is about the same repository is not worked out.
        (json!([allow, {"Effect": "Deny", "Action": "ecr:*", "Resource": one}]), None),
    ];
    for (statements, expected) in rows {
        let facts = role_facts(statements.clone(), json!({}));
        assert_eq!(count(&facts["ecrWrites"]), expected, "{statements} ({page})");
    }
}

#[test]
fn who_is_everyone() {
    let open = |conditions: Value| json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": conditions}]);
    let with_deny =
        |deny: Value| json!([{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}, deny]);
    let deny = |conditions: Value| {
        with_deny(json!({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": conditions}))
    };
    let rows = [
        (open(json!({})), 1, PRINCIPAL),
        (json!([{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}]), 1, PRINCIPAL),
        (
            json!([{"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}]),
            1,
            PRINCIPAL,
        ),
        (json!([{"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"}]), 0, PRINCIPAL),
        (
            json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]),
            0,
            PRINCIPAL,
        ),
        (open(json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})), 0, KEYS),
        (open(json!({"StringEqualsIfExists": {"AWS:principalaccount": ACCOUNT}})), 0, KEYS),
        (open(json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}})), 0, KEYS),
        (open(json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}})), 1, KEYS),
        (open(json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}})), 1, KEYS),
        (open(json!({"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}})), 1, CONDITIONS),
        (open(json!({"StringLike": {"aws:PrincipalAccount": "*"}})), 1, CONDITIONS),
        (open(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}})), 0, KEYS),
        (open(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}})), 1, KEYS),
        (
            open(json!({"ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a", "*"]}})),
            1,
            CONDITIONS,
        ),
        (open(json!({"StringEquals": {"sts:ExternalId": "secret"}})), 0, KEYS),
        (open(json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}})), 0, KEYS),
        (open(json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})), 0, KEYS),
        (open(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})), 1, KEYS),
        (open(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})), 1, KEYS),
        (open(json!({"StringEquals": {"aws:PrincipalTag/team": "a"}})), 1, KEYS),
        (open(json!({"Bool": {"aws:PrincipalIsAWSService": "true"}})), 0, KEYS),
        (open(json!({"Null": {"aws:PrincipalOrgID": "false"}})), 1, CONDITIONS),
        (deny(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}})), 0, LOGIC),
        (
            deny(
                json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}),
            ),
            0,
            LOGIC,
        ),
        (
            deny(
                json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}, "Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            ),
            1,
            LOGIC,
        ),
        (deny(json!({})), 0, LOGIC),
        (
            with_deny(json!({"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "sts:AssumeRole*"})),
            0,
            LOGIC,
        ),
        (
            with_deny(json!({"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "sts:*"})),
            1,
            LOGIC,
        ),
    ];
    for (statements, expected, page) in rows {
        let facts = trust_facts(statements.clone());
        assert_eq!(count(&facts["everyone"]), Some(expected), "{statements} ({page})");
    }
}

#[test]
fn services_and_accounts() {
    let trust = trust_facts(json!([
        {"Effect": "Allow", "Principal": {"Service": ["eks.amazonaws.com", "ec2.amazonaws.com"]}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
        {"Effect": "Allow", "Principal": {"Service": "eks-fargate-pods.amazonaws.com"}, "Action": "sts:AssumeRole",
         "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:eks:eu-west-1:111122223333:fargateprofile/prod/*"}}},
        {"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, "arn:aws:iam::444455556666:root", "AROAEXAMPLE"]}, "Action": "sts:AssumeRole"}]));
    let service = |at: usize| {
        let service = &trust["services"][at];
        (service["name"].as_str(), service["restricted"].as_bool(), service["tagSession"].as_bool())
    };
    assert_eq!(service(0), (Some("eks.amazonaws.com"), Some(false), Some(true)));
    assert_eq!(service(2), (Some("eks-fargate-pods.amazonaws.com"), Some(true), Some(false)));
    assert_eq!(trust["accounts"][0]["external"], false);
    assert_eq!(trust["accounts"][1]["external"], true);
    assert!(trust["accounts"][2]["external"]["unknown"].is_string());
}

/// The first OIDC trust of a role with these conditions.
fn oidc_trust(conditions: &Value) -> Value {
    let statement = json!({"Effect": "Allow", "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions});
    trust_facts(json!([statement]))["oidc"][0].clone()
}

#[test]
fn which_service_accounts_a_role_trusts() {
    let sub = format!("{ISSUER}:sub");
    let exact = "system:serviceaccount:shop:cart";
    let on = |operator: &str, values: Value| json!({operator: {&sub: values}});
    // Restricted, wildcard in the namespace, wildcard in the name, whether it can match.
    let rows = [
        (json!({}), [false, false, false, true], IRSA),
        (on("StringEquals", json!(exact)), [true, false, false, true], IRSA),
        (
            on("stringequals", json!([exact, "system:serviceaccount:shop:order"])),
            [true, false, false, true],
            CONDITIONS,
        ),
        (on("StringEqualsIgnoreCase", json!(exact)), [true, false, false, true], CONDITIONS),
        (on("StringEqualsIfExists", json!(exact)), [true, false, false, true], CONDITIONS),
        (on("ForAnyValue:StringEquals", json!(exact)), [true, false, false, true], SET_OPERATORS),
        // A token always has a subject, so that ForAllValues asks for it.
        (on("ForAllValues:StringEquals", json!(exact)), [true, false, false, true], SET_OPERATORS),
        (on("StringLike", json!(exact)), [true, false, false, true], CONDITIONS),
        (on("StringLike", json!("system:serviceaccount:shop:*")), [true, false, true, true], IRSA),
        (on("StringLike", json!("system:serviceaccount:shop:cart-?")), [true, false, true, true], CONDITIONS),
        (on("StringLike", json!("system:serviceaccount:*:cart")), [true, true, false, true], IRSA),
        (on("StringLike", json!("system:serviceaccount:shop*")), [true, true, true, true], CONDITIONS),
        (on("StringLike", json!("system:serviceaccount:*")), [false, true, true, true], CONDITIONS),
        (on("StringLike", json!("system:serviceaccount:*:*")), [false, true, true, true], CONDITIONS),
        (on("StringLike", json!("*")), [false, true, true, true], CONDITIONS),
        // The widest value of a list decides.
        (
            on("StringLike", json!([exact, "system:serviceaccount:*:cart"])),
            [true, true, false, true],
            CONDITIONS,
        ),
        // Conditions must all hold: the narrowest decides.
        (
            json!({"StringLike": {&sub: "*"}, "StringEquals": {&sub: exact}}),
            [true, false, false, true],
            CONDITIONS,
        ),
        (on("StringNotEquals", json!(exact)), [false, false, false, true], CONDITIONS),
        (
            on("StringNotLike", json!("system:serviceaccount:kube-system:*")),
            [false, false, false, true],
            CONDITIONS,
        ),
        (on("Null", json!("false")), [false, false, false, true], CONDITIONS),
        // A wildcard under StringEquals is a plain character.
        (on("StringEquals", json!("system:serviceaccount:shop:*")), [true, false, false, false], CONDITIONS),
        (
            on("StringEquals", json!([exact, "system:serviceaccount:shop:*"])),
            [true, false, false, true],
            CONDITIONS,
        ),
        (on("StringEquals", json!("system:serviceaccounts:shop:cart")), [true, false, false, false], IRSA),
        (on("StringLike", json!("serviceaccount:shop:*")), [true, true, true, false], IRSA),
        // Keys are those of the provider, without a scheme.
        (json!({"StringEquals": {format!("https://{sub}"): exact}}), [false, false, false, false], KEYS),
        (
            json!({"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/BBBB:sub": exact}}),
            [false, false, false, false],
            KEYS,
        ),
        (
            json!({"StringEqualsIfExists": {"oidc.eks.eu-west-1.amazonaws.com/id/BBBB:sub": exact}}),
            [false, false, false, true],
            CONDITIONS,
        ),
        (
            json!({"ForAllValues:StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/BBBB:sub": exact}}),
            [false, false, false, true],
            SET_OPERATORS,
        ),
        (json!({"StringEquals": {sub.to_uppercase(): exact}}), [true, false, false, true], KEYS),
    ];
    for (conditions, expected, page) in rows {
        let trust = oidc_trust(&conditions);
        let flag = |name: &str| trust[name].as_bool().expect("known");
        let matches = trust["neverMatches"].as_array().expect("known").is_empty();
        let found =
            [flag("subjectRestricted"), flag("namespaceWildcard"), flag("serviceAccountWildcard"), matches];
        assert_eq!(found, expected, "{conditions} ({page}): {trust:#}");
    }
}

#[test]
fn which_audiences_a_role_trusts() {
    let aud = format!("{ISSUER}:aud");
    let role = |conditions: &Value| {
        role_with(json!({"AssumeRolePolicyDocument": {"Statement": {
            "Effect": "Allow", "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions}}}))
    };
    let with = |audience: &str| json!({"StringEquals": {&aud: audience}});
    let known = json!([{"Arn": PROVIDER, "ClientIDList": ["sts.amazonaws.com"]}]);
    // Restricted, whether it can match, only tokens for AWS.
    let rows = [
        (json!({}), Some(&known), [Some(false), Some(true), Some(true)]),
        (with("sts.amazonaws.com"), Some(&known), [Some(true), Some(true), Some(true)]),
        (with("sts.amazonaws.com"), None, [Some(true), Some(true), None]),
        (with("kubernetes.default.svc"), Some(&known), [Some(true), Some(false), Some(true)]),
        (with("kubernetes.default.svc"), None, [Some(true), None, None]),
        (json!({"StringLike": {&aud: "*"}}), Some(&known), [Some(false), Some(true), Some(true)]),
        (with("sts.amazonaws.com"), Some(&json!([])), [Some(true), Some(false), Some(false)]),
    ];
    for (conditions, providers, expected) in rows {
        let mut sections = json!({"roles": [role(&conditions)]});
        if let Some(providers) = providers {
            sections["openIDConnectProviders"] = providers.clone();
        }
        let trust = facts_of(sections)["roles"][ROLE]["trust"]["oidc"][0].clone();
        let matches = trust["neverMatches"].as_array().map(Vec::is_empty);
        let found = [trust["audienceRestricted"].as_bool(), matches, trust["onlySts"].as_bool()];
        assert_eq!(found, expected, "{conditions} {providers:?} ({IRSA}): {trust:#}");
    }
}

#[test]
fn other_trusts_in_providers() {
    let sub = format!("{ISSUER}:sub");
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let federated = |provider: &str, action: &str| json!({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action});
    let other = "arn:aws:iam::111122223333:oidc-provider/oidc-eks.eu-west-1.api.aws/id/BBBB";
    let trust = trust_facts(json!([
        federated(PROVIDER, "sts:AssumeRoleWithWebIdentity"),
        federated(github, "sts:AssumeRoleWithWebIdentity"),
        federated(other, "sts:AssumeRoleWithWebIdentity"),
        federated(PROVIDER, "sts:AssumeRole"),
        federated("arn:aws:iam::111122223333:saml-provider/corp", "sts:AssumeRoleWithSAML")
    ]));
    let flags = |at: usize| (trust["oidc"][at]["isEks"].as_bool(), trust["oidc"][at]["ofCluster"].as_bool());
    assert_eq!(count(&trust["oidc"]), Some(4), "{IRSA}");
    assert_eq!(flags(0), (Some(true), Some(true)));
    assert_eq!(flags(1), (Some(false), Some(false)));
    assert_eq!(flags(2), (Some(true), Some(false)));
    assert_eq!(count(&trust["oidc"][3]["neverMatches"]), Some(1), "{IRSA}");

    let denied = |conditions: Value| {
        let deny = json!({"Effect": "Deny", "Principal": {"Federated": PROVIDER}, "Action": "*", "Condition": conditions});
        trust_facts(json!([federated(PROVIDER, "sts:AssumeRoleWithWebIdentity"), deny]))["oidc"][0].clone()
    };
    let narrow = denied(json!({"StringNotLike": {&sub: "system:serviceaccount:shop:*"}}));
    assert_eq!(narrow["subjectRestricted"], true, "{LOGIC}");
    assert_eq!(count(&denied(json!({}))["neverMatches"]), Some(1), "{LOGIC}");
}

#[test]
fn trust_in_pod_identity() {
    let allow = |actions: Value, conditions: Value| json!({"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": actions, "Condition": conditions});
    let both = || json!(["sts:AssumeRole", "sts:TagSession"]);
    let tag = |key: &str| json!({"StringEquals": {format!("aws:RequestTag/{key}"): "a"}});
    // Trusts, with TagSession, restricted.
    let rows = [
        (json!([allow(both(), json!({}))]), [true, true, false]),
        (json!([allow(json!("sts:AssumeRole"), json!({}))]), [true, false, false]),
        (
            json!([allow(json!("sts:AssumeRole"), json!({})), allow(json!("sts:TagSession"), json!({}))]),
            [true, true, false],
        ),
        (json!([allow(json!("sts:TagSession"), json!({}))]), [false, false, false]),
        (json!([allow(both(), json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}))]), [true, true, true]),
        (
            json!([allow(
                both(),
                json!({"ArnEquals": {"aws:SourceArn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod"}})
            )]),
            [true, true, true],
        ),
        (json!([allow(both(), json!({"ArnLike": {"aws:SourceArn": "*"}}))]), [true, true, false]),
        (json!([allow(both(), tag("eks-cluster-name"))]), [true, true, true]),
        (json!([allow(both(), tag("kubernetes-namespace"))]), [true, true, true]),
        (json!([allow(both(), tag("kubernetes-service-account"))]), [true, true, true]),
        (json!([allow(both(), tag("team"))]), [true, true, false]),
        (json!([allow(both(), tag("kubernetes-namespace")), allow(both(), json!({}))]), [true, true, false]),
        (
            json!([allow(both(), json!({})), {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]),
            [false, false, false],
        ),
    ];
    for (statements, expected) in rows {
        let pods = trust_facts(statements.clone())["podIdentity"].clone();
        let found = ["trusts", "tagSession", "restricted"].map(|name| pods[name].as_bool().expect("known"));
        assert_eq!(found, expected, "{statements} ({PODS})");
    }
}

#[test]
fn associations_that_cannot_work() {
    let target = "arn:aws:iam::111122223333:role/target";
    let pods = |actions: Value| {
        json!({"AssumeRolePolicyDocument": {"Statement": {
            "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": actions}}})
    };
    let good = || role_with(pods(json!(["sts:AssumeRole", "sts:TagSession"])));
    let assuming = || {
        let mut role = good();
        role["InlinePolicies"] = may_assume(target, &["sts:AssumeRole", "sts:TagSession"]);
        role
    };
    let target_role = |principal: &str, conditions: Value| {
        let trust = json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": conditions}});
        role_with(json!({"Arn": target, "AssumeRolePolicyDocument": trust}))
    };
    let id = |id: &str| json!({"StringEquals": {"sts:ExternalId": id}});
    let through = json!({"targetRoleArn": target, "externalId": "x"});
    let on_fargate = |selector: Value, nodegroups: Value| {
        json!({"roles": [good()], "nodegroups": nodegroups, "instances": [],
            "fargateProfiles": [{"fargateProfileName": "a", "selectors": [selector]}]})
    };
    let rows = [
        (json!({}), json!({"roles": [good()]}), Some(0), ASSOCIATION),
        (json!({}), json!({"roles": [role_with(json!({}))]}), Some(1), PODS),
        (json!({}), json!({"roles": [role_with(pods(json!("sts:AssumeRole")))]}), Some(1), PODS),
        // A role that is gone: GetRole has no answer, and the section is complete.
        (json!({}), json!({"roles": []}), Some(1), ASSOCIATION),
        (json!({}), json!({}), None, ASSOCIATION),
        (
            json!({"roleArn": "arn:aws:iam::444455556666:role/x"}),
            json!({"roles": [good()]}),
            None,
            ASSOCIATION,
        ),
        (through.clone(), json!({"roles": [good(), target_role(ROLE, id("x"))]}), Some(0), TARGET_ROLE),
        (
            through.clone(),
            json!({"roles": [assuming(), target_role(ACCOUNT, json!({}))]}),
            Some(0),
            TARGET_ROLE,
        ),
        // The trust names the account alone: the role needs a policy.
        (
            through.clone(),
            json!({"roles": [good(), target_role(ACCOUNT, json!({}))]}),
            Some(1),
            SINGLE_ACCOUNT,
        ),
        (through.clone(), json!({"roles": [good()]}), Some(1), TARGET_ROLE),
        (through.clone(), json!({"roles": [good(), target_role(ROLE, id("y"))]}), Some(1), TARGET_ROLE),
        (
            through.clone(),
            json!({"roles": [assuming(), target_role("444455556666", id("x"))]}),
            Some(1),
            TARGET_ROLE,
        ),
        (
            json!({"targetRoleArn": target}),
            json!({"roles": [good(), target_role(ROLE, id("x"))]}),
            None,
            TARGET_ROLE,
        ),
        (json!({}), on_fargate(json!({"namespace": "shop"}), json!([])), Some(1), ASSOCIATION),
        (json!({}), on_fargate(json!({"namespace": "sh*"}), json!([])), Some(1), ASSOCIATION),
        (json!({}), on_fargate(json!({"namespace": "other"}), json!([])), Some(0), ASSOCIATION),
        (
            json!({}),
            on_fargate(json!({"namespace": "shop", "labels": {"a": "b"}}), json!([])),
            Some(0),
            ASSOCIATION,
        ),
        (
            json!({}),
            on_fargate(json!({"namespace": "shop"}), json!([{"nodegroupName": "a"}])),
            Some(0),
            ASSOCIATION,
        ),
    ];
    for (fields, sections, expected, page) in rows {
        let problems = problems_of(&fields, sections.clone());
        assert_eq!(count(&problems), expected, "{fields} {sections:#} ({page}): {problems}");
    }
}

/// The problems of an association of `shop/cart` with `ROLE`, with these further fields.
fn problems_of(fields: &Value, mut sections: Value) -> Value {
    let mut association = json!({"associationArn": "a", "namespace": "shop", "serviceAccount": "cart",
        "roleArn": ROLE, "disableSessionTags": false});
    for (name, field) in fields.as_object().expect("fields") {
        association[name] = field.clone();
    }
    association.as_object_mut().expect("an object").retain(|_, field| !field.is_null());
    sections["podIdentityAssociations"] = json!([association]);
    if sections.get("fargateProfiles").is_none() {
        sections["fargateProfiles"] = json!([]);
    }
    facts_of(sections)["podIdentityAssociations"]["a"]["problems"].clone()
}

fn may_assume(target: &str, actions: &[&str]) -> Value {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": target});
    json!([{"PolicyName": "chain", "PolicyDocument": {"Statement": statement}}])
}

/// What the trust of a role asks for, held against what EKS sends: problems with session tags, without
/// them, and where the snapshot does not say whether they are sent.
#[test]
fn conditions_of_a_trust_in_pod_identity() {
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    let like = |key: &str, value: &str| json!({"ArnLike": {key: value}});
    let cluster = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";
    let rows = [
        (json!({}), "0 0 0", PODS),
        (equals("aws:SourceAccount", ACCOUNT), "0 0 0", BEST_PRACTICES),
        (equals("aws:SourceAccount", "444455556666"), "1 1 1", BEST_PRACTICES),
        (like("aws:SourceArn", cluster), "0 0 0", BEST_PRACTICES),
        (like("aws:SourceArn", "arn:aws:eks:*:111122223333:cluster/*"), "0 0 0", BEST_PRACTICES),
        // EKS names the cluster, not the association.
        (
            like("aws:SourceArn", "arn:aws:eks:*:111122223333:podidentityassociation/prod/*"),
            "1 1 1",
            BEST_PRACTICES,
        ),
        (equals("aws:SourceOrgId", "${aws:ResourceOrgId}"), "0 0 0", BEST_PRACTICES),
        (equals("aws:SourceOrgId", "o-a1b2c3d4e5"), "0 0 0", KEYS),
        (equals("aws:RequestTag/kubernetes-namespace", "shop"), "0 1 ?", PODS),
        (equals("aws:requesttag/Kubernetes-Namespace", "shop"), "0 1 ?", PODS),
        (equals("aws:RequestTag/kubernetes-namespace", "stock"), "1 1 1", PODS),
        (json!({"StringEquals": {"aws:RequestTag/kubernetes-namespace": ["stock", "shop"]}}), "0 1 ?", PODS),
        (json!({"StringLike": {"aws:RequestTag/kubernetes-namespace": "sh*"}}), "0 1 ?", PODS),
        (
            json!({"StringEqualsIfExists": {"aws:RequestTag/kubernetes-namespace": "shop"}}),
            "0 0 0",
            CONDITIONS,
        ),
        (
            json!({"StringEqualsIfExists": {"aws:RequestTag/kubernetes-namespace": "stock"}}),
            "1 0 ?",
            CONDITIONS,
        ),
        (json!({"StringNotEquals": {"aws:RequestTag/kubernetes-namespace": "shop"}}), "1 0 ?", CONDITIONS),
        (json!({"Null": {"aws:RequestTag/eks-cluster-arn": "false"}}), "0 1 ?", CONDITIONS),
        (json!({"Null": {"aws:RequestTag/eks-cluster-arn": "true"}}), "1 0 ?", CONDITIONS),
        (equals("aws:RequestTag/eks-cluster-arn", cluster), "0 1 ?", ABAC),
        (equals("aws:RequestTag/eks-cluster-name", "prod"), "0 1 ?", ABAC),
        (equals("aws:RequestTag/kubernetes-service-account", "cart"), "0 1 ?", ABAC),
        // Which pod asks is not for the configuration to say.
        (equals("aws:RequestTag/kubernetes-pod-name", "cart-0"), "0 1 ?", ABAC),
        // EKS adds no other tags.
        (equals("aws:RequestTag/team", "shop"), "1 1 1", ABAC),
        (equals("aws:PrincipalTag/kubernetes-namespace", "shop"), "1 1 1", KEYS),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["eks-cluster-arn", "eks-cluster-name"]}}),
            "1 0 ?",
            SET_OPERATORS,
        ),
        (
            json!({"ForAllValues:StringLike": {"aws:TagKeys": ["eks-*", "kubernetes-*"]}}),
            "0 0 0",
            SET_OPERATORS,
        ),
        (equals(&format!("{ISSUER}:sub"), "system:serviceaccount:shop:cart"), "1 1 1", IRSA),
        (json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "0 0 0", KEYS),
        (
            json!({"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:RequestTag/kubernetes-namespace": "shop"}}),
            "0 1 ?",
            PODS,
        ),
    ];
    for (condition, expected, page) in rows {
        let trust = json!({"Statement": {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": condition}});
        let role = role_with(json!({"AssumeRolePolicyDocument": trust}));
        let found = [json!(false), json!(true), Value::Null].map(|off| {
            let problems = problems_of(&json!({"disableSessionTags": off}), json!({"roles": [role.clone()]}));
            count(&problems).map_or("?".to_owned(), |problems| problems.to_string())
        });
        assert_eq!(found.join(" "), expected, "{condition} ({page})");
    }
}

#[test]
fn a_session_policy_turns_tags_off() {
    let trust = json!({"Statement": {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": "sts:AssumeRole"}});
    let sections = || json!({"roles": [role_with(json!({"AssumeRolePolicyDocument": trust}))]});
    let problems = |fields: Value| count(&problems_of(&fields, sections()));
    let policy =
        "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"*\"}}";
    assert_eq!(
        problems(json!({"disableSessionTags": null, "policy": policy})),
        Some(0),
        "{CREATE_ASSOCIATION}"
    );
    // Without tags there is nothing to tag.
    assert_eq!(problems(json!({"disableSessionTags": true})), Some(0), "{SESSION_TAGS}");
    assert_eq!(problems(json!({"disableSessionTags": false})), Some(1), "{SESSION_TAGS}");
    assert_eq!(problems(json!({"disableSessionTags": null})), None, "{SESSION_TAGS}");
}

/// Whether the role of an association may assume the target role: its policies, its boundary, the trust
/// of a target in the same account, and the number of problems.
#[test]
fn rights_to_assume_the_target_role() {
    const FAR: &str = "arn:aws:iam::444455556666:role/data";
    const NEAR: &str = "arn:aws:iam::111122223333:role/data";
    let both = &["sts:AssumeRole", "sts:TagSession"];
    let inline = |target: &str, actions: &[&str]| json!({"InlinePolicies": may_assume(target, actions)});
    let with = |statement: Value| json!({"InlinePolicies": [{"PolicyName": "own", "PolicyDocument": {"Statement": statement}}]});
    let attached = |arn: &str| json!({"AttachedPolicies": [{"PolicyName": "p", "PolicyArn": arn}]});
    let allow = |condition: Value| json!({"Effect": "Allow", "Action": both, "Resource": FAR, "Condition": condition});
    let deny = json!({"Effect": "Deny", "Action": "sts:*", "Resource": "*"});
    let boundary = |arn: &str| {
        let mut fields = inline(FAR, both);
        fields["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": arn});
        fields
    };
    // The trust of a role of another account is not in the snapshot: no problem is then not known.
    let far = [
        (json!({}), Some(1), CROSS_ACCOUNT),
        (inline(FAR, both), None, TARGET_ROLE),
        (inline(FAR, &["sts:AssumeRole"]), Some(1), TARGET_ROLE),
        (inline("arn:aws:iam::*:role/data", both), None, TARGET_ROLE),
        (inline("*", &["sts:*"]), None, TARGET_ROLE),
        (inline(NEAR, both), Some(1), CROSS_ACCOUNT),
        (inline("arn:aws:iam::444455556666:role/${aws:PrincipalTag/kubernetes-namespace}", both), None, KEYS),
        (
            with(json!([allow(json!({"StringEquals": {"aws:PrincipalTag/kubernetes-namespace": "shop"}}))])),
            None,
            ABAC,
        ),
        (
            with(json!([allow(json!({"StringEquals": {"aws:PrincipalTag/kubernetes-namespace": "x"}}))])),
            Some(1),
            ABAC,
        ),
        (with(json!([allow(json!({"StringEquals": {"aws:PrincipalTag/team": "x"}}))])), None, ABAC),
        (with(json!([allow(json!({})), deny])), Some(1), LOGIC),
        (attached("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"), Some(1), CROSS_ACCOUNT),
        (attached("arn:aws:iam::aws:policy/AdministratorAccess"), None, CROSS_ACCOUNT),
        (attached("arn:aws:iam::aws:policy/NoSuchPolicy"), None, CROSS_ACCOUNT),
        (attached("arn:aws:iam::111122223333:policy/own"), None, CROSS_ACCOUNT),
        (boundary("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"), Some(1), BOUNDARIES),
        (boundary("arn:aws:iam::aws:policy/PowerUserAccess"), None, BOUNDARIES),
        (json!({"InlinePolicies": null}), None, CROSS_ACCOUNT),
    ];
    let trust = json!({"Statement": {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": both}});
    let pods_role = |fields: &Value| {
        let mut role = role_with(json!({"AssumeRolePolicyDocument": trust}));
        for (name, field) in fields.as_object().expect("fields") {
            role[name] = field.clone();
        }
        role.as_object_mut().expect("an object").retain(|_, field| !field.is_null());
        role
    };
    for (fields, expected, page) in far {
        let problems = problems_of(
            &json!({"targetRoleArn": FAR, "externalId": "x"}),
            json!({"roles": [pods_role(&fields)]}),
        );
        assert_eq!(count(&problems), expected, "{fields} ({page}): {problems}");
    }
    // Within an account a trust that names the role is enough; one that names the account leaves it to policies.
    let near = [
        (json!({}), ROLE, both.as_slice(), Some(0), SINGLE_ACCOUNT),
        (json!({}), "*", both, Some(0), SINGLE_ACCOUNT),
        (json!({}), ACCOUNT, both, Some(1), SINGLE_ACCOUNT),
        (inline(NEAR, both), ACCOUNT, both, Some(0), SINGLE_ACCOUNT),
        // Tags of the first session are handed on, which the second trust must allow.
        (inline(NEAR, both), ROLE, &["sts:AssumeRole"], Some(1), TARGET_ROLE),
        (with(json!([deny])), ROLE, both, Some(1), LOGIC),
        (json!({"InlinePolicies": null}), ROLE, both, None, LOGIC),
    ];
    for (fields, principal, actions, expected, page) in near {
        let trust =
            json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions}});
        let target = role_with(json!({"Arn": NEAR, "AssumeRolePolicyDocument": trust}));
        let roles = json!({"roles": [pods_role(&fields), target]});
        let problems = problems_of(&json!({"targetRoleArn": NEAR, "externalId": "x"}), roles);
        assert_eq!(count(&problems), expected, "{fields} {principal} {actions:?} ({page}): {problems}");
    }
}

/// The two trusts of a target role that the user guide shows, with the tags on and off.
#[test]
fn target_trusts_as_aws_documents_them() {
    let target = "arn:aws:iam::111122223333:role/data";
    let root = "arn:aws:iam::111122223333:root";
    let by_tags = json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
                "aws:RequestTag/kubernetes-namespace": "shop",
                "aws:RequestTag/kubernetes-service-account": "cart"},
            "ArnEquals": {"aws:PrincipalARN": ROLE}}});
    let by_id = json!([
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole", "Condition": {
            "StringEquals": {"sts:ExternalId": "eu-west-1/111122223333/prod/shop/cart"},
            "ArnEquals": {"aws:PrincipalARN": ROLE}}},
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:TagSession"}]);
    for (statement, off, expected) in
        [(&by_tags, false, 0), (&by_tags, true, 1), (&by_id, false, 0), (&by_id, true, 0)]
    {
        let first = role_with(json!({
            "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}},
            "InlinePolicies": may_assume(target, &["sts:AssumeRole", "sts:TagSession"])}));
        let second = role_with(json!({"Arn": target, "AssumeRolePolicyDocument": {"Statement": statement}}));
        let association = json!({"targetRoleArn": target, "externalId": "eu-west-1/111122223333/prod/shop/cart",
            "disableSessionTags": off});
        let problems = problems_of(&association, json!({"roles": [first, second]}));
        assert_eq!(count(&problems), Some(expected), "{statement} {off} ({TARGET_ROLE}): {problems}");
    }
}

#[test]
fn access_entries() {
    let user = "arn:aws:iam::111122223333:user/jane";
    let entry = |principal: &str, created: &str| json!([{"principalArn": principal, "createdAt": created, "type": "STANDARD"}]);
    let slr = "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS";
    let later = "2025-06-01T00:00:00Z";
    let earlier = "2024-06-01T00:00:00Z";
    let roles = json!([role_with(json!({}))]);
    let cut = json!([{"at": "/roles", "api": "iam:ListRoles", "reason": "AccessDenied", "kind": "denied"}]);
    let rows = [
        (entry(ROLE, later), json!({"roles": roles}), Some("current")),
        (entry(ROLE, earlier), json!({"roles": roles}), Some("recreated")),
        (entry(ROLE, earlier), json!({"roles": []}), Some("missing")),
        (entry(ROLE, earlier), json!({"roles": [], "notCollected": cut}), None),
        (entry(ROLE, earlier), json!({}), None),
        (entry(user, later), json!({"users": [{"Arn": user, "CreateDate": earlier}]}), Some("current")),
        (entry(user, later), json!({"users": []}), Some("missing")),
        (entry(user, later), json!({"roles": []}), None),
        (entry("arn:aws:iam::444455556666:role/x", later), json!({"roles": []}), None),
        (entry(slr, later), json!({"roles": []}), None),
        (entry(slr, later), json!({"roles": [{"Arn": slr, "CreateDate": earlier}]}), Some("current")),
        (entry(ROLE, "soon"), json!({"roles": roles}), None),
    ];
    for (entries, mut sections, expected) in rows {
        sections["accessEntries"] = entries.clone();
        let facts = facts_of(sections)["accessEntries"].clone();
        let state = facts[entries[0]["principalArn"].as_str().expect("an ARN")]["state"].clone();
        assert_eq!(state.as_str(), expected, "{entries} ({ENTRIES}): {state}");
    }
}

#[test]
fn uses_of_roles() {
    let profile = "arn:aws:iam::111122223333:instance-profile/p";
    let instance = json!([{"InstanceId": "i-1", "IamInstanceProfile": {"Arn": profile},
        "Tags": [{"Key": "kubernetes.io/cluster/prod", "Value": "owned"}]}]);
    let bastion = json!([{"InstanceId": "i-2", "IamInstanceProfile": {"Arn": profile}, "Tags": []}]);
    let other_group = json!([{"nodegroupName": "a", "nodeRole": "arn:aws:iam::111122223333:role/other"}]);
    let mut in_group = instance.clone();
    in_group[0]["Tags"]
        .as_array_mut()
        .expect("tags")
        .push(json!({"Key": "eks:nodegroup-name", "Value": "a"}));
    let profiles = json!([{"Arn": profile, "Roles": [{"Arn": ROLE}]}]);
    let group = json!([{"nodegroupName": "a", "nodeRole": ROLE}]);
    let rows = [
        (json!({"nodegroups": group}), Some(true)),
        (json!({"nodegroups": []}), None),
        (json!({"nodegroups": [], "instances": []}), Some(false)),
        (json!({"nodegroups": [], "instances": instance, "instanceProfiles": profiles}), Some(true)),
        (json!({"nodegroups": [], "instances": instance}), None),
        (json!({"nodegroups": [], "instances": bastion, "instanceProfiles": profiles}), Some(false)),
        (json!({"accessEntries": [{"principalArn": ROLE, "type": "EC2_LINUX"}]}), Some(true)),
        (json!({"nodegroups": other_group, "instances": in_group}), Some(false)),
    ];
    for (mut sections, expected) in rows {
        sections["roles"] = json!([role_with(json!({}))]);
        let role = facts_of(sections.clone())["roles"][ROLE].clone();
        assert_eq!(role["isNodeRole"].as_bool(), expected, "{sections}: {role:#}");
        assert_eq!(role["isClusterRole"], false);
    }
}

#[test]
fn entries_for_nodes() {
    let entry = |kind: &str| json!([{"principalArn": ROLE, "type": kind}]);
    let none = || json!({"nodegroups": [], "instances": [], "fargateProfiles": []});
    let rows = [
        ("EC2_LINUX", json!({"nodegroups": [{"nodegroupName": "a", "nodeRole": ROLE}]}), Some(true)),
        ("EC2_LINUX", none(), Some(false)),
        ("EC2_LINUX", json!({"nodegroups": []}), None),
        ("FARGATE_LINUX", none(), Some(false)),
        ("HYBRID_LINUX", none(), None),
        ("STANDARD", none(), None),
    ];
    for (kind, mut sections, expected) in rows {
        sections["accessEntries"] = entry(kind);
        let used = facts_of(sections)["accessEntries"][ROLE]["usedByNodes"].clone();
        assert_eq!(used.as_bool(), expected, "{kind} ({ENTRIES}): {used}");
    }
}

#[test]
fn a_document_without_what_is_not_known_of_it_is_no_document() {
    let trust = |at: &str| {
        let condition = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/a"}});
        let trust = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}]});
        let gap = json!([{"at": format!("/roles/0/AssumeRolePolicyDocument/{at}"), "reason": "var.a has no value", "kind": "untilApply"}]);
        let role = role_with(json!({ "AssumeRolePolicyDocument": trust }));
        facts_of(json!({"roles": [role], "notCollected": gap}))["roles"][ROLE]["trust"].clone()
    };
    for at in [
        "Statement/0/Condition/StringEquals",
        "Statement/0/Condition/ArnLike/aws:SourceArn",
        "Statement/0/NotAction",
    ] {
        let trust = trust(at);
        assert!(trust.to_string().contains("var.a has no value"), "{at}: {trust}");
    }
    assert!(trust("Version/x").is_object());
}

#[test]
fn a_condition_is_one_whatever_tag_it_is_about() {
    let powers = |key: &str| {
        let statement = json!({"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*",
            "Condition": {"StringEquals": {key: "owned"}}});
        let role = role_with(
            json!({"InlinePolicies": [{"PolicyName": "own", "PolicyDocument": {"Statement": [statement]}}]}),
        );
        let sections = json!({"roles": [role], "source": "terraform", "schemaVersion": 2});
        facts_of(sections)["roles"][ROLE]["escalations"].clone()
    };
    assert_eq!(powers("aws:ResourceTag/kubernetes.io/cluster/${aws_eks_cluster.a.id}"), json!([]));
    // Which condition it is decides.
    assert!(powers("${var.key}").to_string().contains("var.key"));
}

#[test]
fn the_kind_of_a_principal_is_in_its_arn() {
    for (resource, expected) in [
        ("role/ops", "role"),
        ("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x", "role"),
        ("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", "service-role"),
        ("user/ann", "user"),
        ("root", "root"),
        ("group/admins", "other"),
    ] {
        let arn = format!("arn:aws:iam::111122223333:{resource}");
        let kind = facts_of(json!({"accessEntries": [{"principalArn": arn, "type": "STANDARD"}]}));
        assert_eq!(kind["accessEntries"][&arn]["kind"], expected, "{resource}");
    }
}

#[test]
fn stale_providers() {
    let arn = |issuer: &str| format!("arn:aws:iam::111122223333:oidc-provider/{issuer}");
    let other = "oidc.eks.eu-west-1.amazonaws.com/id/BBBB";
    let cluster = |name: &str, issuer: Option<&str>| json!({"name": name, "roleArn": "r", "issuer": issuer.map(|i| format!("https://{i}"))});
    let own = json!([cluster("prod", Some(ISSUER))]);
    let rows = [
        (ISSUER, json!({}), Some(false)),
        (other, json!({}), None),
        (other, json!({"regionClusters": own}), Some(true)),
        (
            other,
            json!({"regionClusters": [cluster("prod", Some(ISSUER)), cluster("b", Some(other))]}),
            Some(false),
        ),
        (other, json!({"regionClusters": [cluster("prod", Some(ISSUER)), cluster("b", None)]}), None),
        (
            other,
            json!({"regionClusters": [cluster("prod", Some(ISSUER)), {"name": "connected"}]}),
            Some(true),
        ),
        ("oidc.eks.us-east-1.amazonaws.com/id/CCCC", json!({"regionClusters": own}), None),
        ("token.actions.githubusercontent.com", json!({"regionClusters": own}), Some(false)),
    ];
    for (issuer, mut sections, expected) in rows {
        sections["openIDConnectProviders"] =
            json!([{"Arn": arn(issuer), "ClientIDList": ["sts.amazonaws.com"]}]);
        let provider = facts_of(sections.clone())["openIDConnectProviders"][arn(issuer)].clone();
        assert_eq!(provider["stale"].as_bool(), expected, "{issuer} {sections} ({PROVIDERS}): {provider:#}");
        assert_eq!(provider["onlySts"], true);
    }
}

#[test]
fn service_accounts_of_a_cluster() {
    let irsa = json!({"AssumeRolePolicyDocument": {"Statement": {
        "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {format!("{ISSUER}:sub"): "system:serviceaccount:kube-system:aws-node"}}}}});
    let sections = json!({
        "roles": [role_with(irsa)],
        "addons": [{"addonName": "vpc-cni", "serviceAccountRoleArn": ROLE}],
        "podIdentityAssociations": [{"associationArn": "a", "namespace": "shop", "serviceAccount": "cart", "roleArn": "r"}]
    });
    let facts = facts_of(sections.clone());
    let expected = json!([
        {"namespace": "shop", "name": "cart", "role": "r", "way": "pod-identity"},
        {"namespace": "kube-system", "name": "aws-node", "role": ROLE, "way": "irsa", "addon": "vpc-cni"}]);
    assert_eq!(facts["cluster"]["serviceAccounts"], expected, "{IRSA}");
    let identity = &facts["cluster"]["workloadIdentity"];
    assert_eq!(
        (&identity["irsa"], &identity["podIdentity"], &identity["inUse"]),
        (&json!(1), &json!(1), &json!(true))
    );
    assert_eq!(facts["roles"][ROLE]["isWorkloadRole"], true);

    let in_use = |sections: Value| facts_of(sections)["cluster"]["workloadIdentity"]["inUse"].as_bool();
    assert_eq!(in_use(json!({"roles": [], "podIdentityAssociations": []})), Some(false));
    assert_eq!(in_use(json!({"podIdentityAssociations": []})), None);
    assert_eq!(in_use(json!({"podIdentityAssociations": sections["podIdentityAssociations"]})), Some(true));
}
