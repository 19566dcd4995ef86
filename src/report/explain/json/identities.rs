//! Who is who, for programs.

use super::{known, known_as, location, object, unknown};
use crate::explain::{
    AccessEntry, Identities, IdentityProblem, Listed, NotableTrust, PowerSource, PrincipalState,
    ServiceAccount, Unrestricted, UsedRole,
};
use crate::report::explain::{Explained, name_of};
use crate::value::Pointer;
use serde_json::{Value, json};

/// The identities of a cluster.
pub(super) fn identities(explained: &Explained, identities: &Identities) -> Value {
    object(json!({
        "irsa": known(&identities.irsa),
        "podIdentity": known(&identities.pod_identity),
        "oidcProvider": known(&identities.oidc_provider),
        "serviceAccounts": listed(&identities.service_accounts, |one| service_account(explained, one)),
        "unknownAddons": identities.unknown_addons.as_ref().map(unknown),
        "roles": listed(&identities.roles, |one| role(explained, one)),
        "accessEntries": listed(&identities.access_entries, |one| access_entry(explained, one)),
    }))
}

/// A list with what is known, and why there may be more.
pub(super) fn listed<T>(all: &Listed<T>, write: impl Fn(&T) -> Value) -> Value {
    json!({"items": each(&all.items, write), "unknown": each(&all.more, unknown)})
}

fn each<T>(all: &[T], write: impl Fn(&T) -> Value) -> Value {
    Value::Array(all.iter().map(write).collect())
}

fn service_account(explained: &Explained, account: &ServiceAccount) -> Value {
    object(json!({
        "namespace": account.namespace,
        "name": account.name,
        "role": account.role,
        "way": account.way.as_str(),
        "addon": account.addon,
        "problems": known_as(&account.problems, |all| each(all, |one| problem(explained, one))),
        "location": location(explained, Some(&account.place)),
    }))
}

fn problem(explained: &Explained, problem: &IdentityProblem) -> Value {
    object(json!({"reason": problem.reason, "location": location(explained, Some(&problem.place))}))
}

fn role(explained: &Explained, role: &UsedRole) -> Value {
    let administrator = |one: &PowerSource| {
        object(json!({"policy": one.policy, "location": location(explained, Some(&one.place))}))
    };
    let escalation = |one: &PowerSource| {
        let location = location(explained, Some(&one.place));
        object(json!({"title": one.title, "policy": one.policy, "location": location}))
    };
    object(json!({
        "name": name_of(&role.arn),
        "arn": role.arn,
        "usedAs": role.used_as.iter().map(|used| used.as_str()).collect::<Vec<_>>(),
        "administrator": known_as(&role.administrator, |all| each(all, administrator)),
        "escalations": known_as(&role.escalations, |all| each(all, escalation)),
        "trust": known_as(&role.trust, |one| trust(explained, one)),
        "location": location(explained, Some(&role.place)),
    }))
}

fn trust(explained: &Explained, trust: &NotableTrust) -> Value {
    let statement = |place: &Pointer| object(json!({"location": location(explained, Some(place))}));
    json!({
        "everyone": each(&trust.everyone, statement),
        "unrestricted": each(&trust.unrestricted, |one| unrestricted(explained, one)),
        "neverMatches": each(&trust.never_matches, |one| problem(explained, one)),
    })
}

fn unrestricted(explained: &Explained, open: &Unrestricted) -> Value {
    object(json!({
        "issuer": open.issuer,
        "ofCluster": known(&open.of_cluster),
        "subjects": open.subjects,
        "location": location(explained, Some(&open.place)),
    }))
}

fn access_entry(explained: &Explained, entry: &AccessEntry) -> Value {
    object(json!({
        "principal": entry.principal,
        "type": known(&entry.kind),
        "state": known(&entry.state.clone().map(PrincipalState::as_str)),
        "usedByNodes": entry.used_by_nodes.as_ref().map(known),
        "location": location(explained, Some(&entry.place)),
    }))
}
