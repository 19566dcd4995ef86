//! OpenID Connect, and the roles of service accounts: IRSA and Pod Identity.
//!
//! Written after `pkg/cfn/builder/iam.go` and `pkg/actions/podidentityassociation` of eksctl.

use super::builder::{ResourceBuilder, safe};
use super::kinds::{ASSOCIATION, ISSUER, PROVIDER, ROLE};
use super::policies::{RoleMore, RolePolicies, ServiceAccountTrust, WELL_KNOWN, trust_of_pod_identity};
use super::values::{chosen, find, or_chosen, pairs, place_of, text};
use crate::source::iac::cloudformation::stack_symbol;
use crate::source::iac::{Place, TemplateValue};
use serde_json::json;

/// Adds the provider, and what service accounts have.
pub(super) fn add(builder: &mut ResourceBuilder<'_>) {
    provider(builder);
    for account in builder.list("iam.serviceAccounts", &[ROLE]) {
        service_account(builder, account);
    }
    for association in builder.list("iam.podIdentityAssociations", &[ASSOCIATION, ROLE]) {
        pod_identity(builder, association);
    }
}

fn provider(builder: &mut ResourceBuilder<'_>) {
    const KIND: &str = "AWS::IAM::OIDCProvider";
    let place = builder.near(PROVIDER);
    match builder.flag(PROVIDER, false) {
        Ok(false) => {}
        Ok(true) => {
            let cluster = builder.cluster.clone();
            let fields = [
                ("Url", Some(stack_symbol(&cluster, ISSUER, Some(&place)))),
                ("ClientIdList", Some(chosen(&json!(["sts.amazonaws.com"]), Some(place.clone())))),
            ];
            builder.add(PROVIDER, KIND, &place, fields);
        }
        Err(_) => {
            let reason = "whether eksctl makes a provider is not known";
            builder.missing(&[KIND], PROVIDER, reason, &place);
        }
    }
}

/// The role of a service account, if it has no other.
fn service_account(builder: &mut ResourceBuilder<'_>, account: &TemplateValue) {
    if find(account, "attachRoleARN").is_some() || account.is_unknown() {
        return;
    }
    let place = place_of(account, &builder.place);
    let namespace = or_chosen(account, "metadata.namespace", &json!("default"));
    let name = find(account, "metadata.name");
    let pattern = find(account, "subjectPattern");
    let trust = ServiceAccountTrust {
        namespace: Some(&namespace),
        name: pattern.or(name),
        is_pattern: pattern.is_some(),
    };
    let trust = trust.document(builder, &place);
    let label = format!(
        "{}/{}",
        text_of(&namespace),
        safe(text(account, "metadata.name").unwrap_or("service-account"))
    );
    let mut policies = RolePolicies::new();
    policies.add_known(builder, account, "wellKnownPolicies", &WELL_KNOWN);
    policies.add_named(account, "attachPolicyARNs");
    policies.add_document(account, "attachPolicy", &chosen(&json!("Policy1"), Some(place.clone())));
    let more = RoleMore {
        name: find(account, "roleName").cloned(),
        trust,
        boundary: find(account, "permissionsBoundary").cloned(),
    };
    policies.role(builder, &format!("iam.serviceAccounts[{label}]"), &place, more);
}

fn text_of(value: &TemplateValue) -> String {
    safe(value.as_str().unwrap_or("namespace"))
}

/// An association, and its role if it has no other.
fn pod_identity(builder: &mut ResourceBuilder<'_>, association: &TemplateValue) {
    if association.is_unknown() {
        return;
    }
    let place = place_of(association, &builder.place);
    let name = |key: &str| safe(text(association, key).unwrap_or("unknown"));
    let label = format!("{}/{}", name("namespace"), name("serviceAccountName"));
    let address = format!("iam.podIdentityAssociations[{label}]");
    let role = role_of_association(builder, association, &format!("{address}.role"), &place);
    let fields = [
        ("ClusterName", Some(builder.cluster_name())),
        ("Namespace", find(association, "namespace").cloned()),
        ("ServiceAccount", find(association, "serviceAccountName").cloned()),
        ("RoleArn", Some(role)),
        ("TargetRoleArn", find(association, "targetRoleARN").cloned()),
        ("DisableSessionTags", find(association, "disableSessionTags").cloned()),
        ("Policy", find(association, "policy").cloned()),
        ("Tags", find(association, "tags").map(pairs)),
    ];
    builder.add(&address, ASSOCIATION, &place, fields);
}

/// The role that an association names, or the one that eksctl makes for it.
pub(super) fn role_of_association(
    builder: &mut ResourceBuilder<'_>,
    association: &TemplateValue,
    address: &str,
    place: &Place,
) -> TemplateValue {
    if let Some(given) = find(association, "roleARN") {
        return given.clone();
    }
    let mut policies = RolePolicies::new();
    policies.add_known(builder, association, "wellKnownPolicies", &WELL_KNOWN);
    policies.add_named(association, "permissionPolicyARNs");
    let name = or_chosen(association, "permissionPolicyName", &json!("Policy1"));
    policies.add_document(association, "permissionPolicy", &name);
    let more = RoleMore {
        name: find(association, "roleName").cloned(),
        trust: trust_of_pod_identity(place),
        boundary: find(association, "permissionsBoundaryARN").cloned(),
    };
    policies.role(builder, address, place, more)
}
