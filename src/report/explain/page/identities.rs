//! Who is who, on the page: service accounts with roles, what is notable about the roles in use, and
//! access entries that are dead or left over.

use super::{ExplainPage, SHOWN};
use crate::explain::{
    AccessEntry, Identities, IdentityProblem, IdentityWay, NotableTrust, PowerSource, PrincipalState,
    RoleUse, ServiceAccount, Unrestricted, UsedRole,
};
use crate::report::explain::name_of;
use crate::snapshot::Unknown;
use crate::text::first_names;
use std::collections::BTreeMap;

/// How many of the same sort are named in one line.
const NAMED: usize = 3;

/// What may not be known about a role.
const OF_ROLES: [&str; 3] = ["what it may do, and whom it trusts", "what it may do", "whom it trusts"];

impl ExplainPage<'_> {
    pub(super) fn identities(&mut self) {
        self.heading("Identities");
        match &self.explanation().identities {
            Err(unknown) => self.reasons(std::slice::from_ref(unknown)),
            Ok(identities) => {
                self.service_accounts(identities);
                self.roles(identities);
                self.access_entries(identities);
            }
        }
    }

    fn service_accounts(&mut self, identities: &Identities) {
        let accounts = &identities.service_accounts;
        self.list("service accounts with a role");
        for account in accounts.items.iter().take(SHOWN) {
            self.place(Some(&account.place), &account_line(account));
            for problem in account.problems.iter().flatten() {
                self.place(Some(&problem.place), &format!("that cannot work: {}", problem.reason));
            }
        }
        self.left_out(accounts.items.len());
        if accounts.items.is_empty() && accounts.more.is_empty() {
            self.place(None, no_accounts(identities));
        }
        let doubts = accounts.items.iter().map(|account| (who(account), account.problems.as_ref().err()));
        self.doubts("whether that works", doubts);
        let addons = identities.unknown_addons.as_slice();
        self.unknowns("which of them are of add-ons", addons);
        self.rest("other service accounts", accounts.items.is_empty(), &accounts.more);
    }

    fn roles(&mut self, identities: &Identities) {
        let roles = &identities.roles;
        self.list("roles in use, and what stands out");
        if roles.items.is_empty() && roles.more.is_empty() {
            self.place(None, "none");
        }
        for role in roles.items.iter().take(SHOWN) {
            self.place(Some(&role.place), &format!("{}: {}", name_of(&role.arn), uses(role)));
            self.powers(role);
            role.trust.iter().for_each(|trust| self.trust(trust));
        }
        self.left_out(roles.items.len());
        for (at, question) in OF_ROLES.into_iter().enumerate() {
            let doubts = roles.items.iter().map(|role| (name_of(&role.arn).to_owned(), of_role(role)[at]));
            self.doubts(question, doubts);
        }
        self.rest("other roles", roles.items.is_empty(), &roles.more);
    }

    fn powers(&mut self, role: &UsedRole) {
        if let Some(first) = role.administrator.iter().flatten().next() {
            let policies = policies(role.administrator.iter().flatten());
            let text = format!("it is an administrator of the account through {policies}");
            self.place(Some(&first.place), &text);
        } else if let Some(first) = role.escalations.iter().flatten().next() {
            let ways = role.escalations.iter().flatten();
            let titles = first_names(&ways.clone().map(|power| power.title).collect::<Vec<_>>(), NAMED);
            let text = format!("it can get more power through {}: it {titles}", policies(ways));
            self.place(Some(&first.place), &text);
        }
    }

    fn trust(&mut self, trust: &NotableTrust) {
        for place in trust.everyone.iter().take(NAMED) {
            self.place(Some(place), "anyone with an AWS account may assume it");
        }
        for open in trust.unrestricted.iter().take(NAMED) {
            self.place(Some(&open.place), &unrestricted_line(open));
        }
        for IdentityProblem { reason, place } in trust.never_matches.iter().take(NAMED) {
            let text = format!("its trust in the cluster's OIDC provider lets no pod in: {reason}");
            self.place(Some(place), &text);
        }
        let lists = [trust.everyone.len(), trust.unrestricted.len(), trust.never_matches.len()];
        let more: usize = lists.into_iter().map(|length| length.saturating_sub(NAMED)).sum();
        if more > 0 {
            self.place(None, &format!("and {more} more of its trusts, which --format json shows"));
        }
    }

    fn access_entries(&mut self, identities: &Identities) {
        let entries = &identities.access_entries;
        self.list("access entries that are dead or left over");
        let found: Vec<_> =
            entries.items.iter().filter_map(|entry| Some((entry, entry_line(entry)?))).collect();
        for (entry, text) in found.iter().take(SHOWN) {
            self.place(Some(&entry.place), &format!("{}: {text}", entry.principal));
        }
        self.left_out(found.len());
        let doubts: Vec<_> = entries.items.iter().filter_map(doubt).collect();
        if found.is_empty() && doubts.is_empty() && entries.more.is_empty() {
            self.place(None, "none");
        }
        let doubts = doubts.into_iter().map(|(entry, why)| (entry.principal.clone(), Some(why)));
        self.doubts("whether it is dead or left over", doubts);
        self.rest("other access entries", entries.items.is_empty(), &entries.more);
    }

    /// What is not known about some of a list: each reason once, with those that it is about.
    fn doubts<'u>(&mut self, question: &str, all: impl Iterator<Item = (String, Option<&'u Unknown>)>) {
        let mut by_reason: BTreeMap<&Unknown, Vec<String>> = BTreeMap::new();
        for (name, why) in all {
            why.into_iter().for_each(|why| by_reason.entry(why).or_default().push(name.clone()));
        }
        let reasons = by_reason.len();
        for (why, mut names) in by_reason.into_iter().take(SHOWN) {
            names.dedup();
            let label = format!("{}: {question}", first_names(&names, NAMED));
            self.unknowns(&label, std::slice::from_ref(why));
        }
        self.left_out(reasons);
    }

    /// Why there may be more than a list has.
    fn rest(&mut self, label: &str, is_empty: bool, more: &[Unknown]) {
        match is_empty {
            true => self.reasons(more),
            false => self.unknowns(label, more),
        }
    }

    /// Reasons for which something is not known, below what that is.
    fn unknowns(&mut self, label: &str, reasons: &[Unknown]) {
        if reasons.is_empty() {
            return;
        }
        self.indented(label);
        self.reasons(reasons);
    }
}

fn who(account: &ServiceAccount) -> String {
    format!("{}/{}", account.namespace, account.name)
}

/// `kube-system/aws-node → cni, by IRSA, for the add-on vpc-cni`
fn account_line(account: &ServiceAccount) -> String {
    let way = match account.way {
        IdentityWay::Irsa => "IRSA",
        IdentityWay::PodIdentity => "Pod Identity",
    };
    let addon = account.addon.as_ref().map_or_else(String::new, |addon| format!(", for the add-on {addon}"));
    format!("{} → {}, by {way}{addon}", who(account), name_of(&account.role))
}

/// Why no service account is listed though everything is known.
fn no_accounts(identities: &Identities) -> &'static str {
    if identities.irsa == Ok(0) {
        "none: no role trusts the cluster's OIDC provider, and there are no Pod Identity associations"
    } else {
        "none by name: the roles that trust the cluster's OIDC provider name no service account"
    }
}

/// `node and workload role`
fn uses(role: &UsedRole) -> String {
    let title = |used: &RoleUse| match used {
        RoleUse::Fargate => "Fargate",
        other => other.as_str(),
    };
    format!("{} role", role.used_as.iter().map(title).collect::<Vec<_>>().join(" and "))
}

/// Why something about a role is not known, for each of [`OF_ROLES`].
fn of_role(role: &UsedRole) -> [Option<&Unknown>; 3] {
    match (unknown_power(role), role.trust.as_ref().err()) {
        (Some(power), Some(trust)) if power == trust => [Some(power), None, None],
        (power, trust) => [None, power, trust],
    }
}

/// Why it is not known what a role may do, if that could matter.
fn unknown_power(role: &UsedRole) -> Option<&Unknown> {
    match &role.administrator {
        Err(why) => Some(why),
        Ok(policies) if policies.is_empty() => role.escalations.as_ref().err(),
        Ok(_) => None,
    }
}

fn policies<'p>(powers: impl Iterator<Item = &'p PowerSource>) -> String {
    let mut policies: Vec<_> = powers.map(|power| power.policy.clone()).collect();
    policies.sort();
    policies.dedup();
    first_names(&policies, NAMED)
}

fn unrestricted_line(open: &Unrestricted) -> String {
    let issuer = match open.of_cluster {
        Ok(true) => "the cluster's OIDC provider",
        _ => &open.issuer,
    };
    match open.subjects.as_slice() {
        [] => format!("its trust in {issuer} restricts no subject"),
        subjects => {
            let subjects = first_names(subjects, NAMED);
            format!("its trust in {issuer} accepts several namespaces: {subjects}")
        }
    }
}

/// What is wrong with an access entry, if that is known.
fn entry_line(entry: &AccessEntry) -> Option<String> {
    let kind = entry.kind.as_deref().unwrap_or_default();
    match (&entry.state, &entry.used_by_nodes) {
        (Ok(PrincipalState::Missing), _) => {
            Some("dead, its principal does not exist in IAM any more".to_owned())
        }
        (Ok(PrincipalState::Recreated), _) => {
            Some("dead, its principal was deleted and made again after the entry".to_owned())
        }
        (_, Some(Ok(false))) => Some(format!("of type {kind}, but no node has this role now")),
        _ => None,
    }
}

/// Why it is not known whether an access entry is dead or left over.
fn doubt(entry: &AccessEntry) -> Option<(&AccessEntry, &Unknown)> {
    let of_nodes = entry.used_by_nodes.as_ref().and_then(|used| used.as_ref().err());
    let why = entry.state.as_ref().err().or(of_nodes)?;
    entry_line(entry).is_none().then_some((entry, why))
}
