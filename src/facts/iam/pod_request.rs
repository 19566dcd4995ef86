//! What EKS Pod Identity asks of AWS STS: to assume the role of an association for a pod, and with that
//! role the target role.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html>

use super::admission::PolicyRequest;
use super::condition::{KeyContent, Meets};
use super::policy::{Effect, Principal, Statement};
use super::rights::RoleRequest;
use super::symbols::{has_symbol, same};
use super::trust::{PODS, account_of, names_account};
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use std::borrow::Cow;

/// The tags that EKS gives the sessions of pods. All of them go on to the sessions that these start.
const SESSION_TAGS: [&str; 6] = [
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-service-account",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
];

/// The key of a tag in conditions is behind one of these.
const REQUEST_TAG: &str = "aws:requesttag/";
const PRINCIPAL_TAG: &str = "aws:principaltag/";

/// An association, and whether its sessions get tags.
pub(super) struct PodSession<'t> {
    pub(super) view: SnapshotView<'t>,
    pub(super) association: ResourceView<'t>,
    pub(super) tags: bool,
}

/// What EKS asks for a pod: the role of the association.
pub(super) struct PodRequest<'a, 't>(pub(super) &'a PodSession<'t>);

/// What EKS asks with the role of the association: the target role.
pub(super) struct ChainRequest<'a, 't> {
    pub(super) session: &'a PodSession<'t>,
    /// The role of the association.
    pub(super) role: &'t str,
    pub(super) target: &'t str,
}

/// The same as the policies of the role of the association see it.
pub(super) struct ChainPermission<'a, 't>(pub(super) ChainRequest<'a, 't>);

fn value<'r>(value: Known<&'r str>) -> Known<KeyContent<'r>> {
    value.map(|value| KeyContent::Values(vec![Cow::Borrowed(value)]))
}

fn account(arn: &str) -> KeyContent<'_> {
    account_of(arn).map_or(KeyContent::Open, |account| KeyContent::Values(vec![Cow::Borrowed(account)]))
}

impl<'t> PodSession<'t> {
    /// What it has as one of the tags.
    fn tag(&self, tag: &str) -> Known<KeyContent<'t>> {
        if !self.tags || !SESSION_TAGS.contains(&tag) {
            return Ok(KeyContent::Missing);
        }
        match tag {
            "eks-cluster-arn" => value(self.cluster_arn()),
            "eks-cluster-name" => value(self.cluster("name")),
            "kubernetes-namespace" => value(self.association.text("namespace")),
            "kubernetes-service-account" => value(self.association.text("serviceAccount")),
            _ => Ok(KeyContent::Open),
        }
    }

    fn tag_keys(&self) -> KeyContent<'t> {
        match self.tags {
            true => KeyContent::Values(SESSION_TAGS.map(Cow::Borrowed).to_vec()),
            false => KeyContent::Missing,
        }
    }

    fn cluster(&self, field: &str) -> Known<&'t str> {
        self.view.cluster()?.text(field)
    }

    /// The ARN of the cluster; put together where its description has none.
    fn cluster_arn(&self) -> Known<&'t str> {
        let identity = &self.view.snapshot.identity;
        self.cluster("arn").or_else(|unknown| identity.arn.as_deref().ok_or(unknown))
    }

    /// What it sends under a key, in words.
    pub(super) fn sends(&self, key: &str, request: &impl PolicyRequest) -> String {
        let key = key.to_ascii_lowercase();
        let tag = key.strip_prefix(REQUEST_TAG).or_else(|| key.strip_prefix(PRINCIPAL_TAG));
        let turned_off = !self.tags && tag.is_some_and(|tag| SESSION_TAGS.contains(&tag));
        match request.content(&key) {
            _ if turned_off => {
                "this association has its session tags turned off (disableSessionTags)".to_owned()
            }
            Ok(KeyContent::Values(values)) => format!("EKS Pod Identity sends {}", values.join(", ")),
            _ => "EKS Pod Identity sends no such key".to_owned(),
        }
    }
}

impl PolicyRequest for PodRequest<'_, '_> {
    fn content(&self, key: &str) -> Known<KeyContent<'_>> {
        if let Some(tag) = key.strip_prefix(REQUEST_TAG) {
            return self.0.tag(tag);
        }
        match key {
            // EKS names the cluster, not the association:
            // https://aws.github.io/aws-eks-best-practices/security/docs/iam/#working-with-iam-roles-for-eks-pod-identities
            "aws:sourcearn" => value(self.0.cluster_arn()),
            "aws:sourceaccount" => self.0.cluster_arn().map(account),
            "aws:tagkeys" | "sts:transitivetagkeys" => Ok(self.0.tag_keys()),
            "aws:principalisawsservice" => value(Ok("true")),
            "aws:principalservicename" => value(Ok(PODS)),
            // A service has no tags.
            _ if key.starts_with(PRINCIPAL_TAG) => Ok(KeyContent::Missing),
            _ if is_claim(key) => Ok(KeyContent::Missing),
            _ => Ok(KeyContent::Open),
        }
    }

    fn is_subject_of(&self, statement: &Statement<'_>) -> Meets {
        let names = |principal: &Principal<'_>| match principal {
            Principal::Service(name) => *name == PODS,
            Principal::Everyone => statement.effect == Effect::Deny,
            _ => false,
        };
        let may_be = |principal: &Principal<'_>| match principal {
            Principal::Service(name) => same(name, PODS).is_err(),
            _ => false,
        };
        let named = statement.principals.list.iter().any(names);
        if !named && statement.has_symbols && statement.principals.list.iter().any(may_be) {
            return Meets::Perhaps;
        }
        subject(match statement.principals.negated {
            true => statement.effect == Effect::Deny && !named,
            false => named,
        })
    }
}

/// Whether a key is about the token of an OpenID Connect provider, which only `AssumeRoleWithWebIdentity` has.
fn is_claim(key: &str) -> bool {
    let claim = key.rsplit_once(':').filter(|(_, claim)| ["sub", "aud", "amr"].contains(claim));
    claim.is_some_and(|(issuer, _)| issuer.contains(['.', '/']))
}

impl PolicyRequest for ChainRequest<'_, '_> {
    fn content(&self, key: &str) -> Known<KeyContent<'_>> {
        if let Some(tag) = key.strip_prefix(REQUEST_TAG) {
            return self.session.tag(tag);
        }
        match key.strip_prefix(PRINCIPAL_TAG) {
            // Tags of the session win over those of the role, which has the others.
            Some(tag) if self.session.tags && SESSION_TAGS.contains(&tag) => return self.session.tag(tag),
            Some(_) => return Ok(KeyContent::Open),
            None => {}
        }
        match key {
            // EKS makes an id for every association with a target role.
            "sts:externalid" => value(self.session.association.text("externalId")),
            "aws:principalarn" => value(self.session.view.literal(self.role).map(|()| self.role)),
            "aws:principalaccount" => Ok(account(self.role)),
            "aws:principalisawsservice" => value(Ok("false")),
            "aws:principaltype" => value(Ok("AssumedRole")),
            _ => Ok(KeyContent::Open),
        }
    }

    fn is_subject_of(&self, statement: &Statement<'_>) -> Meets {
        if statement.has_symbols || has_symbol(self.role) {
            return self.is_subject_by_symbols(statement);
        }
        let named = statement.principals.list.iter().any(|principal| names_role(principal, self.role));
        subject(named != statement.principals.negated)
    }
}

impl ChainRequest<'_, '_> {
    /// The same where the role or a principal is a text with symbols: only the same text is certainly the same role.
    fn is_subject_by_symbols(&self, statement: &Statement<'_>) -> Meets {
        let mut met = Meets::Never;
        for principal in &statement.principals.list {
            met = met.max(match principal {
                Principal::Everyone => Meets::Always,
                Principal::Aws(name) if *name == self.role => Meets::Always,
                Principal::Aws(_) => Meets::Perhaps,
                _ => Meets::Never,
            });
        }
        match (statement.principals.negated, met) {
            (true, Meets::Always) => Meets::Never,
            (true, Meets::Never) => Meets::Always,
            (_, met) => met,
        }
    }
}

impl RoleRequest for ChainPermission<'_, '_> {
    fn target(&self) -> &str {
        self.0.target
    }

    fn sends(&self, key: &str) -> String {
        self.0.session.sends(key, &self.0)
    }
}

impl PolicyRequest for ChainPermission<'_, '_> {
    fn content(&self, key: &str) -> Known<KeyContent<'_>> {
        self.0.content(key)
    }

    fn is_subject_of(&self, statement: &Statement<'_>) -> Meets {
        statement.resources.map_or(Meets::Always, |resources| resources.meet_resource(self.0.target))
    }
}

/// Whether a principal is a role, everyone, or the whole account of the role.
fn names_role(principal: &Principal<'_>, role: &str) -> bool {
    match principal {
        Principal::Everyone => true,
        Principal::Aws(name) => {
            *name == role || account_of(role).is_some_and(|account| names_account(name, account))
        }
        _ => false,
    }
}

/// Whether a statement names a role itself, not only its account: then that alone is enough within the account.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>
pub(super) fn names_directly(statement: &Statement<'_>, role: &str) -> bool {
    let direct = |principal: &Principal<'_>| match principal {
        Principal::Everyone => true,
        Principal::Aws(name) => *name == role,
        _ => false,
    };
    statement.principals.negated || statement.principals.list.iter().any(direct)
}

fn subject(is: bool) -> Meets {
    if is { Meets::Always } else { Meets::Never }
}
