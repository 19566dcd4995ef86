//! The facts of `facts.cluster.serviceAccounts` and `facts.cluster.workloadIdentity`: which service
//! accounts get roles, and in which way.

use super::Iam;
use super::oidc::{self, OidcTrust};
use super::uses::{part, text};
use crate::facts::known::{Known, any};
use crate::snapshot::Unknown;
use crate::value::Node;
use std::collections::HashMap;

/// The service accounts that have roles.
pub(super) fn of_cluster<'t>(iam: &Iam<'t, '_>) -> Node<'t> {
    let mut accounts = by_association(iam);
    accounts.extend(by_trust(iam));
    let more = [not_all_associations(iam), not_all_trusts(iam)];
    iam.list(accounts, more.iter().flatten().next())
}

/// How many roles and associations give pods an identity of their own.
pub(super) fn workload_identity<'t>(iam: &Iam<'t, '_>) -> Node<'t> {
    let irsa = own_trusts(iam);
    let associations = part(iam.snapshot, "podIdentityAssociations");
    let count = associations.as_ref().map_or(0, |part| part.items().len());
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
        Some(unknown) => iam.builder.unknown(&unknown),
        None => Node::Int(i64::try_from(count).unwrap_or(i64::MAX)),
    };
    iam.builder.object([
        ("irsa", whole(roles, not_all_trusts(iam))),
        ("podIdentity", whole(count, not_all_associations(iam))),
        ("oidcProvider", iam.builder.flag(has_provider(iam))),
        ("inUse", iam.builder.flag(in_use)),
    ])
}

fn by_association<'t>(iam: &Iam<'t, '_>) -> Vec<Node<'t>> {
    let Some(part) = iam.snapshot.part_named("podIdentityAssociations") else { return Vec::new() };
    let addons = addons_of_associations(iam);
    let fact = |(at, item): (usize, &Node<'t>)| {
        let arn = text(*item, "associationArn").unwrap_or_default();
        let addon = addons.get(arn).copied();
        let texts = ["namespace", "serviceAccount", "roleArn"].map(|field| text(*item, field));
        let [Some(namespace), Some(name), Some(role)] = texts else { return None };
        Some(account(iam, part.item_pointer(at).as_str(), [namespace, name, role, "pod-identity"], addon))
    };
    part.items().iter().enumerate().filter_map(fact).collect()
}

/// The associations that add-ons made, each with its add-on.
fn addons_of_associations<'t>(iam: &Iam<'t, '_>) -> HashMap<&'t str, &'t str> {
    let addons = iam.snapshot.part_named("addons").map_or(&[][..], |part| part.items());
    let of = |addon: &Node<'t>| {
        let name = text(*addon, "addonName").unwrap_or_default();
        let arns = addon.get_go_cased("podIdentityAssociations").and_then(|arns| arns.as_list());
        let arns = arns.unwrap_or_default().iter().filter_map(Node::as_str);
        arns.map(|arn| (arn, name)).collect::<Vec<_>>()
    };
    addons.iter().flat_map(of).collect()
}

fn by_trust<'t>(iam: &Iam<'t, '_>) -> Vec<Node<'t>> {
    let addons = iam.snapshot.part_named("addons").map_or(&[][..], |part| part.items());
    let with_role =
        |addon: &Node<'t>| Some((text(*addon, "serviceAccountRoleArn")?, text(*addon, "addonName")?));
    let addons: HashMap<_, _> = addons.iter().filter_map(with_role).collect();
    let mut accounts = Vec::new();
    for (at, trust) in own_trusts(iam) {
        let role = &iam.roles[at];
        let addon = addons.get(role.arn).copied();
        let origin = role.statement_origin(trust.statement);
        for subject in &trust.subjects {
            let Some(rest) = subject.strip_prefix("system:serviceaccount:") else { continue };
            let Some((namespace, name)) = rest.split_once(':') else { continue };
            accounts.push(account(iam, &origin, [namespace, name, role.arn, "irsa"], addon));
        }
    }
    accounts
}

fn account<'t>(iam: &Iam<'t, '_>, origin: &str, texts: [&'t str; 4], addon: Option<&'t str>) -> Node<'t> {
    let names = ["namespace", "name", "role", "way"];
    let fields = names.into_iter().zip(texts.map(Node::Str));
    iam.builder.object_at(origin, fields.chain(addon.map(|addon| ("addon", Node::Str(addon)))))
}

/// The statements of roles, by position, that trust the cluster's own provider.
fn own_trusts<'i, 't>(iam: &'i Iam<'t, '_>) -> Vec<(usize, &'i OidcTrust<'t>)> {
    let trusts = iam.roles.iter().enumerate();
    let trusts = trusts.flat_map(|(at, role)| role.oidc.iter().map(move |trust| (at, trust)));
    trusts.filter(|(_, trust)| iam.is_own_issuer(trust.issuer) == Ok(true)).collect()
}

/// Why roles may trust the cluster's provider that are not known to.
fn not_all_trusts(iam: &Iam<'_, '_>) -> Option<Unknown> {
    let roles = match part(iam.snapshot, "roles") {
        Ok(part) => part.incomplete.clone(),
        Err(unknown) => Some(unknown),
    };
    let trusts = || iam.roles.iter().find_map(|role| role.trust.as_ref().err().cloned());
    roles.or_else(|| iam.issuer.as_ref().err().cloned()).or_else(trusts)
}

/// Why there may be associations that are not known, or known in part only.
fn not_all_associations(iam: &Iam<'_, '_>) -> Option<Unknown> {
    let part = match part(iam.snapshot, "podIdentityAssociations") {
        Ok(part) => part,
        Err(unknown) => return Some(unknown),
    };
    let absent = |field| Unknown::field_absent(&format!("/podIdentityAssociations/*/{field}"), None);
    let lacks = |item: &Node<'_>| {
        ["namespace", "serviceAccount", "roleArn"]
            .into_iter()
            .find(|field| text(*item, field).is_none())
            .map(absent)
    };
    part.incomplete.clone().or_else(|| part.items().iter().find_map(lacks))
}

/// Whether the account has a provider for the cluster's issuer.
fn has_provider(iam: &Iam<'_, '_>) -> Known<bool> {
    let own = iam.issuer.as_ref().map_err(Clone::clone)?;
    let part = part(iam.snapshot, "openIDConnectProviders")?;
    let is_own = |provider: &Node<'_>| text(*provider, "Arn").and_then(oidc::issuer_of) == Some(*own);
    let found = part.items().iter().any(is_own);
    match &part.incomplete {
        Some(unknown) if !found => Err(unknown.clone()),
        _ => Ok(found),
    }
}
