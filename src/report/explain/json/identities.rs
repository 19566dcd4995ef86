//! Who is who, for programs.

use super::super::{Explained, name_of};
use super::{known, known_as, location, object, unknown};
use crate::facts::explanation::{
    AccessEntry, Identities, Listed, Power, Problem, Role, ServiceAccount, Trust, Unrestricted,
};
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

fn listed<T>(all: &Listed<T>, write: impl Fn(&T) -> Value) -> Value {
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
        "way": account.way,
        "addon": account.addon,
        "problems": known_as(&account.problems, |all| each(all, |one| problem(explained, one))),
        "location": location(explained, account.place.as_ref()),
    }))
}

fn problem(explained: &Explained, problem: &Problem) -> Value {
    object(json!({"reason": problem.reason, "location": location(explained, problem.place.as_ref())}))
}

fn role(explained: &Explained, role: &Role) -> Value {
    let administrator = |one: &Power| {
        object(json!({"policy": one.policy, "location": location(explained, one.place.as_ref())}))
    };
    let escalation = |one: &Power| {
        let location = location(explained, one.place.as_ref());
        object(json!({"title": one.title, "policy": one.policy, "location": location}))
    };
    object(json!({
        "name": name_of(&role.arn),
        "arn": role.arn,
        "usedAs": role.used_as,
        "administrator": known_as(&role.administrator, |all| each(all, administrator)),
        "escalations": known_as(&role.escalations, |all| each(all, escalation)),
        "trust": known_as(&role.trust, |one| trust(explained, one)),
        "location": location(explained, role.place.as_ref()),
    }))
}

fn trust(explained: &Explained, trust: &Trust) -> Value {
    let statement =
        |place: &Option<Pointer>| object(json!({"location": location(explained, place.as_ref())}));
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
        "location": location(explained, open.place.as_ref()),
    }))
}

fn access_entry(explained: &Explained, entry: &AccessEntry) -> Value {
    object(json!({
        "principal": entry.principal,
        "type": known(&entry.kind),
        "state": known(&entry.state),
        "usedByNodes": entry.used_by_nodes.as_ref().map(known),
        "location": location(explained, entry.place.as_ref()),
    }))
}
