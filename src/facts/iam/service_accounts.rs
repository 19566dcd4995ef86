//! The facts of `facts.cluster.serviceAccounts` and `facts.cluster.workloadIdentity`: which service
//! accounts get roles, and in which way.

use super::oidc::OidcTrust;
use super::symbols::{not_known, split_once};
use super::{Iam, Role};
use crate::facts::known::{Known, any};
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use crate::value::{Json, Pointer};
use std::collections::HashMap;

/// How a service account gets its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityWay {
    /// IAM roles for service accounts: the role trusts the cluster's OIDC provider.
    Irsa,
    /// An EKS Pod Identity association.
    PodIdentity,
}

impl IdentityWay {
    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Irsa => "irsa",
            Self::PodIdentity => "pod-identity",
        }
    }
}

/// A service account that has a role.
pub(crate) struct AccountRole<'i, 't> {
    pub(crate) namespace: &'t str,
    pub(crate) name: &'t str,
    /// The ARN of the role.
    pub(crate) role: &'t str,
    /// The add-on that it is of.
    pub(crate) addon: Option<&'t str>,
    /// The association, or the statement of the role's trust.
    pub(crate) place: Pointer,
    /// The trust; none for an association.
    pub(crate) trust: Option<&'i OidcTrust<'t>>,
}

impl AccountRole<'_, '_> {
    pub(crate) fn way(&self) -> IdentityWay {
        if self.trust.is_some() { IdentityWay::Irsa } else { IdentityWay::PodIdentity }
    }
}

/// How many roles and associations give pods an identity of their own.
pub(crate) struct WorkloadIdentity {
    /// How many roles trust the cluster's OIDC provider.
    pub(crate) irsa: Known<i64>,
    /// How many Pod Identity associations there are.
    pub(crate) pod_identity: Known<i64>,
    /// Whether the account has a provider for the cluster's issuer.
    pub(crate) oidc_provider: Known<bool>,
    in_use: Known<bool>,
}

/// The service accounts that have roles, as nodes.
pub(super) fn of_cluster<'t>(iam: &Iam<'t>) -> Json<'t> {
    let (accounts, more) = accounts(iam);
    iam.list(accounts.iter().map(|account| node(iam, account)), more.as_ref())
}

fn node<'t>(iam: &Iam<'t>, account: &AccountRole<'_, 't>) -> Json<'t> {
    let fields = [
        ("namespace", Json::Str(account.namespace)),
        ("name", Json::Str(account.name)),
        ("role", Json::Str(account.role)),
        ("way", Json::Str(account.way().as_str())),
    ];
    let addon = account.addon.map(|addon| ("addon", Json::Str(addon)));
    iam.builder.object_at(account.place.as_str(), fields.into_iter().chain(addon))
}

/// The service accounts that have roles, and why there may be more.
pub(super) fn accounts<'i, 't>(iam: &'i Iam<'t>) -> (Vec<AccountRole<'i, 't>>, Option<Unknown>) {
    let mut accounts = by_association(iam);
    accounts.extend(by_trust(iam));
    (accounts, not_all_associations(iam).or_else(|| not_all_trusts(iam)))
}

/// How many roles and associations give pods an identity of their own, as a node.
pub(super) fn workload_identity<'t>(iam: &Iam<'t>) -> Json<'t> {
    let WorkloadIdentity { irsa, pod_identity, oidc_provider, in_use } = workload(iam);
    let count = |count: Known<i64>| iam.builder.known(count.map(Json::Int));
    iam.builder.object([
        ("irsa", count(irsa)),
        ("podIdentity", count(pod_identity)),
        ("oidcProvider", iam.builder.flag(oidc_provider)),
        ("inUse", iam.builder.flag(in_use)),
    ])
}

/// How many roles and associations give pods an identity of their own.
pub(super) fn workload(iam: &Iam<'_>) -> WorkloadIdentity {
    let irsa = own_trusts(iam);
    let count = iam.view.items("podIdentityAssociations").count();
    let in_use = any([
        if irsa.is_empty() { not_all_trusts(iam).map_or(Ok(false), Err) } else { Ok(true) },
        if count == 0 { not_all_associations(iam).map_or(Ok(false), Err) } else { Ok(true) },
    ]);
    let roles = {
        let mut roles: Vec<_> = irsa.iter().map(|(role, _)| *role).collect();
        roles.dedup();
        roles.len()
    };
    let whole = |count: usize, more: Option<Unknown>| match more {
        Some(unknown) => Err(unknown),
        None => Ok(i64::try_from(count).unwrap_or(i64::MAX)),
    };
    WorkloadIdentity {
        irsa: whole(roles, not_all_trusts(iam)),
        pod_identity: whole(count, not_all_associations(iam)),
        oidc_provider: has_provider(iam),
        in_use,
    }
}

fn by_association<'i, 't>(iam: &Iam<'t>) -> Vec<AccountRole<'i, 't>> {
    let addons = addons_of_associations(iam);
    let account = |association: ResourceView<'t>| {
        // What lacks one of them is said by `not_all_associations`.
        let [namespace, name, role] = ALWAYS_GIVEN.map(|field| association.reference(&[field]).ok());
        Some(AccountRole {
            namespace: namespace?,
            name: name?,
            role: role?,
            addon: addons.get(association.key().unwrap_or_default()).copied(),
            place: association.pointer(),
            trust: None,
        })
    };
    iam.view.items("podIdentityAssociations").filter_map(account).collect()
}

/// The fields that every association has: its namespace, its service account and its role.
const ALWAYS_GIVEN: [&str; 3] = ["namespace", "serviceAccount", "roleArn"];

/// The associations that add-ons made, each with its add-on.
fn addons_of_associations<'t>(iam: &Iam<'t>) -> HashMap<&'t str, &'t str> {
    let of = |addon: ResourceView<'t>| {
        let name = addon.key();
        // Whose an association is says more of it, and decides nothing.
        let arns = addon.list("podIdentityAssociations").unwrap_or_default();
        arns.iter().filter_map(Json::as_written).filter_map(move |arn| Some((arn, name?)))
    };
    iam.view.items("addons").flat_map(of).collect()
}

fn by_trust<'i, 't>(iam: &'i Iam<'t>) -> Vec<AccountRole<'i, 't>> {
    let with_role =
        |addon: ResourceView<'t>| Some((addon.reference(&["serviceAccountRoleArn"]).ok()?, addon.key()?));
    let addons: HashMap<_, _> = iam.view.items("addons").filter_map(with_role).collect();
    let mut accounts = Vec::new();
    for (at, trust) in own_trusts(iam) {
        let role = &iam.roles[at];
        let addon = addons.get(role.arn).copied();
        let place = Pointer::parse(&role.statement_origin(trust.statement));
        for subject in &trust.subjects {
            let Some(rest) = subject.strip_prefix("system:serviceaccount:") else { continue };
            let Some((namespace, name)) = split_once(rest, ':') else { continue };
            let (role, place) = (role.arn, place.clone());
            accounts.push(AccountRole { namespace, name, role, addon, place, trust: Some(trust) });
        }
    }
    accounts
}

/// The statements of roles, by position, that trust the cluster's own provider.
fn own_trusts<'i, 't>(iam: &'i Iam<'t>) -> Vec<(usize, &'i OidcTrust<'t>)> {
    let trusts = iam.roles.iter().enumerate();
    let trusts = trusts.flat_map(|(at, role)| role.oidc.iter().map(move |trust| (at, trust)));
    trusts.filter(|(_, trust)| iam.is_own_issuer(trust.issuer) == Ok(true)).collect()
}

/// Why roles may trust the cluster's provider that are not known to.
fn not_all_trusts(iam: &Iam<'_>) -> Option<Unknown> {
    let of_role = |role: &Role<'_>| role.trust.as_ref().err().cloned().or_else(|| role.more_oidc.clone());
    let issuers = |role: &Role<'_>| role.oidc.iter().find_map(|trust| iam.is_own_issuer(trust.issuer).err());
    let trusts = || iam.roles.iter().find_map(|role| of_role(role).or_else(|| issuers(role)));
    let subjects =
        || own_trusts(iam).into_iter().find_map(|(_, trust)| trust.unclear_subject().map(not_known));
    let issuer = || iam.issuer.as_ref().err().cloned();
    iam.view.more("roles").or_else(issuer).or_else(trusts).or_else(subjects)
}

/// Why there may be associations that are not known, or known in part only.
fn not_all_associations(iam: &Iam<'_>) -> Option<Unknown> {
    let lacks = |association: ResourceView<'_>| {
        ALWAYS_GIVEN.iter().find_map(|field| association.reference(&[field]).err())
    };
    let section = "podIdentityAssociations";
    iam.view.more(section).or_else(|| iam.view.items(section).find_map(lacks))
}

/// Whether the account has a provider for the cluster's issuer.
fn has_provider(iam: &Iam<'_>) -> Known<bool> {
    let own = iam.issuer.as_ref().map_err(Clone::clone)?;
    let section = "openIDConnectProviders";
    let is_own = |provider: ResourceView<'_>| {
        let Some(arn) = provider.key() else { return Ok(false) };
        iam.issuer_of(arn)?.map_or(Ok(false), |issuer| iam.is_same_issuer(own, issuer))
    };
    let unclear = || iam.view.items(section).find_map(|item| is_own(item).err());
    match iam.view.more(section).or_else(unclear) {
        _ if iam.view.items(section).any(|item| is_own(item) == Ok(true)) => Ok(true),
        more => more.map_or(Ok(false), Err),
    }
}
