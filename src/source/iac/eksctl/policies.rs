//! Policies and trusts of the roles that eksctl makes.
//!
//! Written after `pkg/cfn/builder/iam.go`, `iam_helper.go` and `pkg/cfn/template` of eksctl; the statements are in `policies.json`.

use super::builder::ResourceBuilder;
use super::kinds::{ISSUER, PROVIDER, ROLE};
use super::values::{chosen, find, flag, joined, object, part, unknown};
use crate::source::iac::cloudformation::REF;
use crate::source::iac::{Place, TemplateValue, TextPart, ValueKind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// What stands for the partition in `policies.json`.
const PARTITION: &str = "PARTITION";
/// The version of the language of policies.
const VERSION: &str = "2012-10-17";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyStatements {
    /// Where they are from.
    #[serde(rename = "source")]
    _source: String,
    statements: BTreeMap<String, Value>,
}

static STATEMENTS: LazyLock<PolicyStatements> =
    LazyLock::new(|| serde_json::from_str(include_str!("policies.json")).expect("an embedded file is valid"));

/// What a key that is on adds to a role.
pub(super) struct KnownPolicy {
    /// The key.
    pub(super) key: &'static str,
    /// Policies of AWS.
    pub(super) managed: &'static [&'static str],
    /// Policies of eksctl: the name, and the statements.
    pub(super) inline: &'static [(&'static str, &'static str)],
}

const fn managed(key: &'static str, managed: &'static [&'static str]) -> KnownPolicy {
    KnownPolicy { key, managed, inline: &[] }
}

const fn inline(key: &'static str, inline: &'static [(&'static str, &'static str)]) -> KnownPolicy {
    KnownPolicy { key, managed: &[], inline }
}

const AUTO_SCALER: &[(&str, &str)] = &[("PolicyAutoScaling", "autoScaler")];
const LOAD_BALANCER: &[(&str, &str)] = &[("PolicyAWSLoadBalancerController", "loadBalancerController")];
const EXTERNAL_DNS: &[(&str, &str)] = &[
    ("PolicyExternalDNSChangeSet", "changeSet"),
    ("PolicyExternalDNSHostedZones", "externalDNSHostedZones"),
];
const CERT_MANAGER: &[(&str, &str)] = &[
    ("PolicyCertManagerChangeSet", "changeSet"),
    ("PolicyCertManagerGetChange", "certManagerGetChange"),
    ("PolicyCertManagerHostedZones", "certManagerHostedZones"),
];
const POWER_USER: &[&str] = &["AmazonEC2ContainerRegistryPowerUser"];
const EBS: &[&str] = &["service-role/AmazonEBSCSIDriverPolicy"];

/// `wellKnownPolicies`.
pub(super) static WELL_KNOWN: [KnownPolicy; 7] = [
    managed("imageBuilder", POWER_USER),
    inline("autoScaler", AUTO_SCALER),
    inline("awsLoadBalancerController", LOAD_BALANCER),
    inline("externalDNS", EXTERNAL_DNS),
    inline("certManager", CERT_MANAGER),
    managed("ebsCSIController", EBS),
    inline("efsCSIController", &[("PolicyEFSCSIController", "efsCSIController")]),
];

/// `withAddonPolicies` of node groups.
pub(super) static OF_NODES: [KnownPolicy; 13] = [
    managed("imageBuilder", POWER_USER),
    managed("cloudWatch", &["CloudWatchAgentServerPolicy"]),
    managed("ebs", EBS),
    inline("autoScaler", AUTO_SCALER),
    inline("certManager", CERT_MANAGER),
    inline("externalDNS", EXTERNAL_DNS),
    inline("appMesh", &[("PolicyAppMesh", "appMesh")]),
    inline("appMeshPreview", &[("PolicyAppMeshPreview", "appMeshPreview")]),
    inline("fsx", &[("PolicyFSX", "fsx"), ("PolicyServiceLinkRole", "serviceLinkedRole")]),
    inline("efs", &[("PolicyEFS", "efs"), ("PolicyEFSEC2", "efsEC2")]),
    inline("awsLoadBalancerController", LOAD_BALANCER),
    inline("albIngress", LOAD_BALANCER),
    inline("xRay", &[("PolicyXRay", "xRay")]),
];

/// The policies of a role.
pub(super) struct RolePolicies {
    pub(super) managed: Vec<TemplateValue>,
    pub(super) inline: Vec<TemplateValue>,
}

impl RolePolicies {
    /// None.
    pub(super) fn new() -> Self {
        Self { managed: Vec::new(), inline: Vec::new() }
    }

    /// Adds a policy of AWS, once.
    pub(super) fn add_of_aws(&mut self, builder: &ResourceBuilder<'_>, name: &str, place: &Place) {
        let arn = builder.policy_of_aws(name, Some(place.clone()));
        let is_same = |known: &TemplateValue| known.kind == arn.kind;
        if !self.managed.iter().any(is_same) {
            self.managed.push(arn);
        }
    }

    /// Adds a policy of eksctl: its name, and its statements.
    pub(super) fn add_own(&mut self, builder: &ResourceBuilder<'_>, name: &str, of: &str, place: &Place) {
        self.inline.push(named(builder, name, of, place));
    }

    /// Adds the policies that a file names by their ARNs.
    pub(super) fn add_named(&mut self, of: &TemplateValue, key: &str) {
        match find(of, key) {
            None => {}
            Some(TemplateValue { kind: ValueKind::List(arns), .. }) => {
                self.managed.splice(0..0, arns.iter().cloned());
            }
            Some(other) => self.managed.push(other.clone()),
        }
    }

    /// Adds the document that a file has.
    pub(super) fn add_document(&mut self, of: &TemplateValue, key: &str, name: &TemplateValue) {
        if let Some(document) = find(of, key) {
            let fields = [("PolicyName", Some(name.clone())), ("PolicyDocument", Some(document.clone()))];
            self.inline.push(object(document.place.clone(), fields));
        }
    }

    /// Adds what keys of an object ask for. Of a key that is not known, there may be more policies.
    pub(super) fn add_known(
        &mut self,
        builder: &ResourceBuilder<'_>,
        of: &TemplateValue,
        path: &str,
        known: &'static [KnownPolicy],
    ) {
        for policy in known {
            let key = format!("{path}.{}", policy.key);
            let place = find(of, &key).and_then(|value| value.place.clone());
            let place = place.unwrap_or_else(|| builder.place.clone());
            match flag(of, &key, false) {
                Ok(false) => {}
                Ok(true) => {
                    policy.managed.iter().for_each(|name| self.add_of_aws(builder, name, &place));
                    policy.inline.iter().for_each(|(name, of)| self.add_own(builder, name, of, &place));
                }
                Err(unknown) => {
                    self.managed.push(unknown.clone());
                    self.inline.push(unknown.clone());
                    // Each other key is as unknown as what all of them are in.
                    if find(of, path).is_some_and(TemplateValue::is_unknown) {
                        return;
                    }
                }
            }
        }
    }

    /// Adds the role that has them; gives its ARN.
    pub(super) fn role(
        self,
        builder: &mut ResourceBuilder<'_>,
        address: &str,
        place: &Place,
        more: RoleMore,
    ) -> TemplateValue {
        let list = |values| Some(TemplateValue::list(values, Some(place.clone())));
        let fields = [
            ("RoleName", more.name),
            ("AssumeRolePolicyDocument", Some(more.trust)),
            ("ManagedPolicyArns", list(self.managed)),
            ("Policies", list(self.inline)),
            ("PermissionsBoundary", more.boundary),
        ];
        let address = builder.add(address, ROLE, place, fields);
        builder.symbol_of(&address, "Arn")
    }
}

/// What else a role has.
pub(super) struct RoleMore {
    pub(super) name: Option<TemplateValue>,
    pub(super) trust: TemplateValue,
    pub(super) boundary: Option<TemplateValue>,
}

/// Policies of AWS by their names.
pub(super) fn attached(builder: &ResourceBuilder<'_>, names: &[&str], place: &Place) -> TemplateValue {
    let arns = names.iter().map(|name| builder.policy_of_aws(name, Some(place.clone())));
    TemplateValue::list(arns.collect(), Some(place.clone()))
}

/// A policy of eksctl.
fn named(builder: &ResourceBuilder<'_>, name: &str, of: &str, place: &Place) -> TemplateValue {
    let at = Some(place.clone());
    let Some(statements) = STATEMENTS.statements.get(of) else {
        return unknown(format!("the statements of {name} are not known"), at);
    };
    let statements = in_partition(&chosen(statements, at.clone()), builder);
    let version = chosen(&json!(VERSION), at.clone());
    let document = object(at.clone(), [("Version", Some(version)), ("Statement", Some(statements))]);
    object(at.clone(), [("PolicyName", Some(chosen(&json!(name), at))), ("PolicyDocument", Some(document))])
}

/// Statements with the partition of the region.
fn in_partition(value: &TemplateValue, builder: &ResourceBuilder<'_>) -> TemplateValue {
    let changed = value.changed(&|kind| {
        let ValueKind::Text(text) = kind else { return None };
        let (start, end) = text.split_once(PARTITION)?;
        let kind = match builder.partition() {
            TextPart::Literal(partition) => ValueKind::Text(format!("{start}{partition}{end}").into()),
            part => {
                let parts = vec![TextPart::Literal(start.into()), part, TextPart::Literal(end.into())];
                joined(parts, None).kind
            }
        };
        Some(kind)
    });
    changed.unwrap_or_else(|| value.clone())
}

/// A trust in a service of AWS.
pub(super) fn trust_of_service(service: &str, actions: &[&str]) -> Value {
    json!({
        "Version": VERSION,
        "Statement": [{"Effect": "Allow", "Action": actions, "Principal": {"Service": [service]}}],
    })
}

/// The trust of roles for Pod Identity.
pub(super) fn trust_of_pod_identity(place: &Place) -> TemplateValue {
    let trust = trust_of_service("pods.eks.amazonaws.com", &["sts:AssumeRole", "sts:TagSession"]);
    chosen(&trust, Some(place.clone()))
}

/// The name of EC2 as roles trust it: it has others outside of the regions that are open to all.
pub(super) fn ec2_service(builder: &ResourceBuilder<'_>) -> &'static str {
    match builder.partition() {
        TextPart::Literal(partition) => match &*partition {
            "aws-cn" => "ec2.amazonaws.com.cn",
            "aws-iso" => "ec2.c2s.ic.gov",
            "aws-iso-b" => "ec2.sc2s.sgov.gov",
            _ => "ec2.amazonaws.com",
        },
        _ => "ec2.amazonaws.com",
    }
}

/// Whom a role for service accounts trusts.
pub(super) struct ServiceAccountTrust<'t> {
    pub(super) namespace: Option<&'t TemplateValue>,
    /// The name of the service account, or a pattern for names.
    pub(super) name: Option<&'t TemplateValue>,
    pub(super) is_pattern: bool,
}

impl ServiceAccountTrust<'_> {
    /// The trust in the cluster's OpenID Connect provider.
    pub(super) fn document(&self, builder: &ResourceBuilder<'_>, place: &Place) -> TemplateValue {
        let at = Some(place.clone());
        let issuer = format!("${{{}.{ISSUER}}}", builder.cluster);
        let audience =
            (Arc::<str>::from(format!("{issuer}:aud")), chosen(&json!("sts.amazonaws.com"), at.clone()));
        let subject = match (self.namespace, self.name) {
            (Some(namespace), Some(name)) => {
                let part =
                    |value: &TemplateValue| part(value).unwrap_or_else(|| TextPart::Literal("".into()));
                let colon = TextPart::Literal(":".into());
                let start = TextPart::Literal("system:serviceaccount:".into());
                let parts = vec![start, part(namespace), colon, part(name)];
                Some((Arc::<str>::from(format!("{issuer}:sub")), joined(parts, name.place.clone())))
            }
            _ => None,
        };
        let map = |fields: Vec<(Arc<str>, TemplateValue)>| Some(TemplateValue::map(fields, at.clone()));
        let (equals, like) = match subject {
            None => (map(vec![audience]), None),
            Some(subject) if self.is_pattern => (map(vec![audience]), map(vec![subject])),
            Some(subject) => (map(vec![audience, subject]), None),
        };
        let provider: Arc<str> = PROVIDER.into();
        let federated = builder.symbol_of(&provider, REF);
        let actions = chosen(&json!(["sts:AssumeRoleWithWebIdentity"]), at.clone());
        let statement = object(
            at.clone(),
            [
                ("Effect", Some(chosen(&json!("Allow"), at.clone()))),
                ("Action", Some(actions)),
                ("Principal", Some(object(at.clone(), [("Federated", Some(federated))]))),
                ("Condition", Some(object(at.clone(), [("StringEquals", equals), ("StringLike", like)]))),
            ],
        );
        let statements = TemplateValue::list(vec![statement], at.clone());
        let version = chosen(&json!(VERSION), at.clone());
        object(at, [("Version", Some(version)), ("Statement", Some(statements))])
    }
}

#[cfg(test)]
mod tests {
    use super::{OF_NODES, STATEMENTS, WELL_KNOWN};

    #[test]
    fn every_policy_has_statements() {
        for (name, statements) in WELL_KNOWN.iter().chain(&OF_NODES).flat_map(|policy| policy.inline) {
            assert!(STATEMENTS.statements.contains_key(*statements), "{name}");
        }
    }
}
