//! Who may use a cluster, and what runs without nodes: access entries, identity providers, Fargate profiles, capabilities.
//!
//! Written after `pkg/cfn/builder/access_entry.go`, `fargate.go`, `capability.go` and `pkg/fargate` of eksctl.

use super::builder::{ResourceBuilder, item_address};
use super::kinds::{ENTRY, ROLE};
use super::network::ClusterNetwork;
use super::policies::{RoleMore, RolePolicies, trust_of_service};
use super::values::{chosen, each, find, object, or_chosen, pairs, part, place_of, symbol, unknown};
use crate::source::iac::{Place, TemplateValue, TextPart, ValueKind};
use serde_json::json;

/// Adds them.
pub(super) fn add(builder: &mut ResourceBuilder<'_>, network: &ClusterNetwork) {
    for (position, entry) in builder.list("accessConfig.accessEntries", &[ENTRY]).iter().enumerate() {
        if !entry.is_unknown() {
            let address = item_address("accessConfig.accessEntries", entry, "principalARN", position);
            access_entry(builder, entry, &address);
        }
    }
    const PROVIDER: &str = "AWS::EKS::IdentityProviderConfig";
    for (position, provider) in builder.list("identityProviders", &[PROVIDER]).iter().enumerate() {
        if !provider.is_unknown() {
            let address = item_address("identityProviders", provider, "name", position);
            identity_provider(builder, provider, &address, PROVIDER);
        }
    }
    fargate_profiles(builder, network);
    capabilities(builder);
    hybrid_nodes(builder);
    karpenter(builder);
}

/// The role of hybrid nodes, which has an access entry.
fn hybrid_nodes(builder: &mut ResourceBuilder<'_>) {
    if builder.find("remoteNetworkConfig").is_none() {
        return;
    }
    let place = builder.near("remoteNetworkConfig");
    let at = Some(place.clone());
    let role = builder.find("remoteNetworkConfig.iam.roleARN").cloned().unwrap_or_else(|| {
        let provider = or_chosen(builder.config, "remoteNetworkConfig.iam.provider", &json!("ssm"));
        let is_ssm = provider.as_str().is_some_and(|provider| provider.eq_ignore_ascii_case("ssm"));
        let trust = match is_ssm {
            true => chosen(&trust_of_service("ssm.amazonaws.com", &["sts:AssumeRole"]), at.clone()),
            false => unknown("eksctl writes the trust for IAM Roles Anywhere", provider.place),
        };
        let mut policies = RolePolicies::new();
        policies.add_of_aws(builder, "AmazonSSMManagedInstanceCore", &place);
        policies.add_of_aws(builder, "AmazonEC2ContainerRegistryPullOnly", &place);
        policies.add_own(builder, "EKSDescribeCluster", "describeCluster", &place);
        if is_ssm {
            policies.add_own(builder, "SSMRolePolicy", "ssm", &place);
        }
        let more = RoleMore { name: None, trust, boundary: None };
        policies.role(builder, "remoteNetworkConfig.iam", &place, more)
    });
    let fields = [
        ("PrincipalArn", Some(role)),
        ("ClusterName", Some(builder.cluster_name())),
        ("Type", Some(chosen(&json!("HYBRID_LINUX"), at.clone()))),
        ("Username", Some(unknown("EKS makes the user name", at))),
    ];
    builder.add("remoteNetworkConfig.iam.accessEntry", ENTRY, &place, fields);
}

/// What eksctl makes for Karpenter is not worked out.
fn karpenter(builder: &mut ResourceBuilder<'_>) {
    if builder.find("karpenter").is_some() {
        let place = builder.near("karpenter");
        let reason =
            "eksctl makes roles, an instance profile and access for Karpenter, which are not worked out";
        builder.missing(&[ROLE, "AWS::IAM::InstanceProfile", ENTRY], "karpenter", reason, &place);
    }
}

fn access_entry(builder: &mut ResourceBuilder<'_>, entry: &TemplateValue, address: &str) {
    let place = place_of(entry, &builder.place);
    let fields = [
        ("PrincipalArn", find(entry, "principalARN").cloned()),
        ("ClusterName", Some(builder.cluster_name())),
        ("Type", find(entry, "type").cloned()),
        ("KubernetesGroups", find(entry, "kubernetesGroups").cloned()),
        ("Username", Some(username(entry, &place))),
        ("AccessPolicies", find(entry, "accessPolicies").map(|policies| each(policies, access_policy))),
    ];
    builder.add(address, ENTRY, &place, fields);
}

fn username(entry: &TemplateValue, place: &Place) -> TemplateValue {
    let words = "EKS makes the user name; set `kubernetesUsername`";
    find(entry, "kubernetesUsername").cloned().unwrap_or_else(|| unknown(words, Some(place.clone())))
}

fn access_policy(policy: &TemplateValue) -> TemplateValue {
    if policy.is_unknown() {
        return policy.clone();
    }
    let scope = find(policy, "accessScope").map(|scope| match scope.is_unknown() {
        true => scope.clone(),
        false => object(
            scope.place.clone(),
            [("Type", find(scope, "type").cloned()), ("Namespaces", find(scope, "namespaces").cloned())],
        ),
    });
    let fields = [("PolicyArn", find(policy, "policyARN").cloned()), ("AccessScope", scope)];
    object(policy.place.clone(), fields)
}

fn identity_provider(builder: &mut ResourceBuilder<'_>, provider: &TemplateValue, address: &str, kind: &str) {
    let place = place_of(provider, &builder.place);
    let own = |key: &str| find(provider, key).cloned();
    let oidc = object(
        Some(place.clone()),
        [
            ("IssuerUrl", own("issuerURL")),
            ("ClientId", own("clientID")),
            ("UsernameClaim", own("usernameClaim")),
            ("UsernamePrefix", own("usernamePrefix")),
            ("GroupsClaim", own("groupsClaim")),
            ("GroupsPrefix", own("groupsPrefix")),
            ("RequiredClaims", find(provider, "requiredClaims").map(pairs)),
        ],
    );
    let fields = [
        ("ClusterName", Some(builder.cluster_name())),
        ("Type", own("type")),
        ("IdentityProviderConfigName", own("name")),
        ("Oidc", Some(oidc)),
        ("Tags", find(provider, "tags").map(pairs)),
    ];
    builder.add(address, kind, &place, fields);
}

fn fargate_profiles(builder: &mut ResourceBuilder<'_>, network: &ClusterNetwork) {
    const KIND: &str = "AWS::EKS::FargateProfile";
    let mut shared = None;
    for (position, profile) in builder.list("fargateProfiles", &[KIND]).iter().enumerate() {
        if profile.is_unknown() {
            continue;
        }
        let place = place_of(profile, &builder.place);
        let role = match find(profile, "podExecutionRoleARN")
            .or_else(|| builder.find("iam.fargatePodExecutionRoleARN"))
        {
            Some(given) => given.clone(),
            None => shared.get_or_insert_with(|| fargate_role(builder)).clone(),
        };
        // EKS takes the private subnets of the cluster.
        let private = || {
            let ids =
                network.private.iter().filter(|subnet| !subnet.is_local).map(|subnet| subnet.id.clone());
            TemplateValue::list(ids.collect(), Some(place.clone()))
        };
        let subnets = find(profile, "subnets").cloned().or_else(|| network.unknown.clone());
        let fields = [
            ("ClusterName", Some(builder.cluster_name())),
            ("FargateProfileName", find(profile, "name").cloned()),
            ("PodExecutionRoleArn", Some(role)),
            ("Subnets", Some(subnets.unwrap_or_else(private))),
            ("Selectors", find(profile, "selectors").map(|selectors| each(selectors, selector))),
            ("Tags", find(profile, "tags").map(pairs)),
        ];
        let address = item_address("fargateProfiles", profile, "name", position);
        builder.add(&address, KIND, &place, fields);
    }
}

fn selector(selector: &TemplateValue) -> TemplateValue {
    if selector.is_unknown() {
        return selector.clone();
    }
    let fields = [
        ("Namespace", find(selector, "namespace").cloned()),
        ("Labels", find(selector, "labels").map(pairs)),
    ];
    object(selector.place.clone(), fields)
}

/// The role of pods on Fargate, which only profiles of the cluster may take.
fn fargate_role(builder: &mut ResourceBuilder<'_>) -> TemplateValue {
    let place = builder.near("fargateProfiles");
    let at = Some(place.clone());
    let mut parts =
        vec![TextPart::Literal("arn:".into()), builder.partition(), TextPart::Literal(":eks:".into())];
    let region = builder.region().cloned().unwrap_or_else(|| symbol("AWS::Region"));
    parts.extend(part(&region));
    parts.push(TextPart::Literal(":".into()));
    parts.extend(part(&symbol("AWS::AccountId")));
    parts.push(TextPart::Literal(":fargateprofile/".into()));
    parts.extend(part(&builder.cluster_name()));
    parts.push(TextPart::Literal("/*".into()));
    let profiles = TemplateValue::new(ValueKind::Mixed(literals_joined(parts).into()), at.clone());
    let own = trust_of_service("eks-fargate-pods.amazonaws.com", &["sts:AssumeRole"]);
    let trust = chosen(&own, at.clone());
    let condition = object(at.clone(), [("aws:SourceArn", Some(profiles))]);
    let condition = object(at.clone(), [("ArnLike", Some(condition))]);
    let statement = trust.get("Statement").and_then(|list| list.items().first().cloned());
    let statement = statement.map(|statement| {
        let of = |name: &str| statement.get(name).cloned();
        let fields = [
            ("Effect", of("Effect")),
            ("Action", of("Action")),
            ("Principal", of("Principal")),
            ("Condition", Some(condition)),
        ];
        TemplateValue::list(vec![object(at.clone(), fields)], at.clone())
    });
    let trust = object(at.clone(), [("Version", trust.get("Version").cloned()), ("Statement", statement)]);
    let mut policies = RolePolicies::new();
    policies.add_of_aws(builder, "AmazonEKSFargatePodExecutionRolePolicy", &place);
    let boundary = builder.find("iam.fargatePodExecutionRolePermissionsBoundary").cloned();
    policies.role(builder, "fargatePodExecutionRole", &place, RoleMore { name: None, trust, boundary })
}

/// Parts of which no two literals stand side by side.
fn literals_joined(parts: Vec<TextPart>) -> Vec<TextPart> {
    let mut joined: Vec<TextPart> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(TextPart::Literal(last)), TextPart::Literal(next)) => {
                *last = format!("{last}{next}").into()
            }
            (_, part) => joined.push(part),
        }
    }
    joined
}

fn capabilities(builder: &mut ResourceBuilder<'_>) {
    const KIND: &str = "AWS::EKS::Capability";
    for (position, capability) in builder.list("capabilities", &[KIND]).iter().enumerate() {
        if capability.is_unknown() {
            continue;
        }
        let place = place_of(capability, &builder.place);
        let address = item_address("capabilities", capability, "name", position);
        let role = find(capability, "roleArn").cloned();
        let role = role.unwrap_or_else(|| {
            let mut policies = RolePolicies::new();
            policies.add_named(capability, "attachPolicyARNs");
            policies.add_document(
                capability,
                "attachPolicy",
                &chosen(&json!("Policy1"), Some(place.clone())),
            );
            let trust =
                trust_of_service("capabilities.eks.amazonaws.com", &["sts:AssumeRole", "sts:TagSession"]);
            let more = RoleMore {
                name: None,
                trust: chosen(&trust, Some(place.clone())),
                boundary: find(capability, "permissionsBoundary").cloned(),
            };
            policies.role(builder, &format!("{address}.role"), &place, more)
        });
        let fields = [
            ("ClusterName", Some(builder.cluster_name())),
            ("CapabilityName", find(capability, "name").cloned()),
            ("Type", find(capability, "type").cloned()),
            ("RoleArn", Some(role)),
            ("DeletePropagationPolicy", find(capability, "deletePropagationPolicy").cloned()),
            ("Tags", find(capability, "tags").map(pairs)),
        ];
        builder.add(&address, KIND, &place, fields);
        if let Some(policies) = find(capability, "accessPolicies") {
            let reason = "eksctl adds policies to the access entry of the capability";
            builder.missing(&[ENTRY], &address, reason, &place_of(policies, &place));
        }
    }
}
