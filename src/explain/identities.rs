//! Who is who in a cluster, for people: which service accounts get which roles, what is notable about
//! the roles in use, and which access entries are dead or left over.

use super::Listed;
use crate::facts::iam::{
    AccountRole, AssociationFacts, EntryFacts, HeldPolicy, Iam, IdentityProblem, IdentityWay, OidcTrust,
    PrincipalState, ROLE_FIELDS, Role, RolePower, RoleUse,
};
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::{ClusterType, Unknown, UnknownKind};
use crate::value::Pointer;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The identities of a cluster.
#[derive(Clone, Debug)]
pub struct Identities {
    /// How many roles trust the cluster's OIDC provider.
    pub irsa: Known<i64>,
    /// How many Pod Identity associations there are.
    pub pod_identity: Known<i64>,
    /// Whether the account has a provider for the cluster's issuer.
    pub oidc_provider: Known<bool>,
    /// The service accounts that have roles.
    pub service_accounts: Listed<ServiceAccount>,
    /// Why it is not known which of them are of add-ons.
    pub unknown_addons: Option<Unknown>,
    /// The roles in use.
    pub roles: Listed<UsedRole>,
    /// The access entries that are dead, that nothing uses, or of which that is not known.
    pub access_entries: Listed<AccessEntry>,
}

/// A service account with a role.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    /// Its namespace; in the trust of a role this can be a pattern.
    pub namespace: String,
    /// Its name; in the trust of a role this can be a pattern.
    pub name: String,
    /// The role's ARN.
    pub role: String,
    /// In which way it gets the role.
    pub way: IdentityWay,
    /// The add-on that it is of.
    pub addon: Option<String>,
    /// Why it gets no credentials; nothing where it does.
    pub problems: Known<Vec<IdentityProblem>>,
    /// The association, or the statement of the trust.
    pub place: Pointer,
}

/// A role in use.
#[derive(Clone, Debug)]
pub struct UsedRole {
    /// Its ARN.
    pub arn: String,
    /// What it is used for.
    pub used_as: Vec<RoleUse>,
    /// The policies that make it an administrator of the account.
    pub administrator: Known<Vec<PowerSource>>,
    /// How it can get more power.
    pub escalations: Known<Vec<PowerSource>>,
    /// What is notable about whom it trusts.
    pub trust: Known<NotableTrust>,
    /// The role; if the snapshot does not have it, a field that names it.
    pub place: Pointer,
}

/// What a policy lets a role do.
#[derive(Clone, Debug)]
pub struct PowerSource {
    /// What, as in "it …"; empty for an administrator.
    pub title: &'static str,
    /// The policy.
    pub policy: String,
    /// Where the role has it from.
    pub place: Pointer,
}

/// What is notable about whom a role trusts.
#[derive(Clone, Debug)]
pub struct NotableTrust {
    /// The statements through which anyone may assume it.
    pub everyone: Vec<Pointer>,
    /// OIDC providers whose tokens it accepts for every subject, or for several namespaces.
    pub unrestricted: Vec<Unrestricted>,
    /// Why the cluster's tokens never match, where no service account is named that shows it.
    pub never_matches: Vec<IdentityProblem>,
}

/// A trust in an OIDC provider that restricts no subject, or hardly.
#[derive(Clone, Debug)]
pub struct Unrestricted {
    /// The provider's issuer, without `https://`.
    pub issuer: String,
    /// Whether that is the cluster.
    pub of_cluster: Known<bool>,
    /// The patterns of subjects; none where every subject is accepted.
    pub subjects: Vec<String>,
    /// The statement.
    pub place: Pointer,
}

/// An access entry.
#[derive(Clone, Debug)]
pub struct AccessEntry {
    /// The ARN of the principal.
    pub principal: String,
    /// Its type: `STANDARD`, `EC2_LINUX` …
    pub kind: Known<String>,
    /// Whether its principal is still the one that it was made for.
    pub state: Known<PrincipalState>,
    /// Whether nodes use it; none if it is not for nodes.
    pub used_by_nodes: Option<Known<bool>>,
    /// Where it is in the document.
    pub place: Pointer,
}

/// The types of access entries that are for nodes.
/// <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>
const OF_NODES: [&str; 5] = ["EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"];

/// The identities of a cluster.
pub(super) fn identities<'s>(view: SnapshotView<'s>, iam: &Iam<'s>) -> Known<Identities> {
    if view.snapshot.kind == ClusterType::Connected {
        let reason = "a connected cluster gives no identities of AWS to pods, and has no access entries";
        return Err(Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(reason.to_owned()) });
    }
    let workload = iam.workload_identity();
    let mut service_accounts = service_accounts(view, iam);
    let counts = [workload.irsa.as_ref().err(), workload.pod_identity.as_ref().err()];
    service_accounts.more.extend(counts.into_iter().flatten().cloned());
    let shown: Shown<'_> =
        service_accounts.items.iter().map(|account| (account.role.as_str(), &account.place)).collect();
    let roles = roles(view, iam, &shown);
    let without_addon = service_accounts.items.iter().any(|account| account.addon.is_none());
    Ok(Identities {
        irsa: workload.irsa,
        pod_identity: workload.pod_identity,
        oidc_provider: workload.oidc_provider,
        unknown_addons: unknown_addons(view).filter(|_| without_addon),
        service_accounts: service_accounts.sorted(),
        roles: roles.sorted(),
        access_entries: access_entries(view, iam).sorted(),
    })
}

impl Identities {
    /// Every place that they name.
    pub fn places(&self) -> Vec<&Pointer> {
        let mut places: Vec<&Pointer> = Vec::new();
        for account in &self.service_accounts.items {
            places.push(&account.place);
            places.extend(account.problems.iter().flatten().map(|problem| &problem.place));
        }
        for role in &self.roles.items {
            places.push(&role.place);
            let powers = [&role.administrator, &role.escalations].into_iter().flatten().flatten();
            places.extend(powers.map(|power| &power.place));
            if let Ok(trust) = &role.trust {
                places.extend(&trust.everyone);
                places.extend(trust.unrestricted.iter().map(|trust| &trust.place));
                places.extend(trust.never_matches.iter().map(|problem| &problem.place));
            }
        }
        places.extend(self.access_entries.items.iter().map(|entry| &entry.place));
        places
    }
}

fn service_accounts<'s>(view: SnapshotView<'s>, iam: &Iam<'s>) -> Listed<ServiceAccount> {
    let associations = iam.associations().unwrap_or_default();
    let by_place: HashMap<_, _> = associations.iter().map(|one| (&one.place, one)).collect();
    let (accounts, more) = iam.accounts();
    let account = |account: AccountRole<'_, 's>| ServiceAccount {
        problems: match account.trust {
            Some(trust) => never_matches(trust, &account.place),
            None => cannot_work(view, by_place.get(&account.place).copied()),
        },
        namespace: account.namespace.to_owned(),
        name: account.name.to_owned(),
        role: account.role.to_owned(),
        way: account.way(),
        addon: account.addon.map(str::to_owned),
        place: account.place,
    };
    Listed { items: accounts.into_iter().map(account).collect(), more: more.into_iter().collect() }
}

fn never_matches(trust: &OidcTrust<'_>, place: &Pointer) -> Known<Vec<IdentityProblem>> {
    let problem = |reason: &String| IdentityProblem { reason: reason.clone(), place: place.clone() };
    let reasons = trust.never_matches.as_ref().map_err(Clone::clone)?;
    Ok(reasons.iter().map(problem).collect())
}

/// Why an association cannot work. Without its ARN nothing is worked out.
fn cannot_work(
    view: SnapshotView<'_>,
    association: Option<&AssociationFacts<'_>>,
) -> Known<Vec<IdentityProblem>> {
    match association {
        Some(association) => association.problems.clone(),
        None => {
            let section = "podIdentityAssociations";
            let nameless = view.items(section).find(|association| association.key().is_none());
            let absent = nameless.map(|association| association.absent(&["associationArn"]));
            let unknown = || Unknown::undecided("the association is not in the snapshot".to_owned());
            Err(view.more(section).or(absent).unwrap_or_else(unknown))
        }
    }
}

/// Why add-ons may have service accounts that are not known to be theirs.
fn unknown_addons(view: SnapshotView<'_>) -> Option<Unknown> {
    view.more("addons").or_else(|| view.items("addons").find_map(|addon| addon.why_incomplete()))
}

/// The service accounts that are shown: role, and the statement or association.
type Shown<'a> = HashSet<(&'a str, &'a Pointer)>;

fn roles<'s>(view: SnapshotView<'s>, iam: &Iam<'s>, shown: &Shown<'_>) -> Listed<UsedRole> {
    let described = iam.roles();
    let more = ROLE_FIELDS.iter().filter_map(|named| view.more(named.section));
    let mut more: Vec<_> = more.chain(described.as_ref().err().cloned()).chain(lacking_arns(view)).collect();
    let mut used = Vec::new();
    for role in described.clone().unwrap_or_default() {
        let (mut used_as, mut unknown) = (Vec::new(), Vec::new());
        for role_use in RoleUse::ALL {
            match iam.is_used(role.arn, role_use) {
                Ok(true) => used_as.push(role_use),
                Ok(false) => {}
                Err(why) => unknown.push(why),
            }
        }
        more.extend(unknown.into_iter().filter(|_| used_as.is_empty()));
        if !used_as.is_empty() {
            used.push((role, used_as));
        }
        // Most roles of an account give the same reasons.
        more.sort();
        more.dedup();
    }
    let power = iam.power(&used.iter().map(|(role, _)| *role).collect::<Vec<_>>());
    let described_role = |((role, used_as), power)| used_role(iam, role, used_as, power, shown);
    let mut items: Vec<_> = used.into_iter().zip(power).map(described_role).collect();
    let missing = match &described {
        Err(unknown) => Some(unknown.clone()),
        Ok(_) => view.more("roles"),
    };
    let known: HashSet<_> = described.unwrap_or_default().iter().map(|role| role.arn).collect();
    let others = named(view).into_iter().filter(|(arn, _)| !known.contains(arn));
    items.extend(others.map(|(arn, naming)| undescribed(arn, naming, missing.as_ref())));
    Listed { items, more }
}

/// Why there may be roles that are not among the facts.
fn lacking_arns(view: SnapshotView<'_>) -> Option<Unknown> {
    let lacks = |item: ResourceView<'_>| item.text("Arn").err();
    view.section("roles").ok()?.incomplete.clone().or_else(|| view.items("roles").find_map(lacks))
}

fn used_role<'s>(
    iam: &Iam<'s>,
    role: &Role<'s>,
    used_as: Vec<RoleUse>,
    power: RolePower<'s>,
    shown: &Shown<'_>,
) -> UsedRole {
    let source = |title, policy: HeldPolicy<'s>| PowerSource {
        title,
        place: policy.place(),
        policy: policy.name.to_owned(),
    };
    let administrator = power.administrator;
    let escalations = power.escalations;
    UsedRole {
        arn: role.arn.to_owned(),
        used_as,
        administrator: administrator
            .map(|grants| grants.into_iter().map(|grant| source("", grant.policy)).collect()),
        escalations: escalations
            .map(|paths| paths.into_iter().map(|path| source(path.title(), path.policy)).collect()),
        trust: trust(iam, role, shown),
        place: role.place(),
    }
}

fn trust<'s>(iam: &Iam<'s>, role: &Role<'s>, shown: &Shown<'_>) -> Known<NotableTrust> {
    let everyone = role.open_to_everyone()?;
    let (mut open, mut never_matches) = (Vec::new(), Vec::new());
    for trust in role.oidc_trusts() {
        let of_cluster = iam.is_own_issuer(trust.issuer);
        let never = trust.never_matches.as_deref().unwrap_or_default();
        let place = role.statement_place(trust.statement);
        if never.is_empty() {
            open.extend(unrestricted(trust, of_cluster, place));
        } else if of_cluster == Ok(true) && !shown.contains(&(role.arn, &place)) {
            let problem = |reason: &String| IdentityProblem { reason: reason.clone(), place: place.clone() };
            never_matches.extend(never.iter().map(problem));
        }
    }
    Ok(NotableTrust { everyone, unrestricted: open, never_matches })
}

/// A trust that restricts no subject, or accepts several namespaces.
fn unrestricted(trust: &OidcTrust<'_>, of_cluster: Known<bool>, place: Pointer) -> Option<Unrestricted> {
    if trust.subject_restricted && !trust.namespace_wildcard {
        return None;
    }
    let subjects = if trust.subject_restricted { trust.wildcard_subjects.as_slice() } else { &[] };
    let subjects = subjects.iter().map(|subject| (*subject).to_owned()).collect();
    Some(Unrestricted { issuer: trust.issuer.to_owned(), of_cluster, subjects, place })
}

/// How a role is used, and a field that names it.
type Naming = (Vec<RoleUse>, Pointer);

/// The roles that fields of the cluster name.
fn named(view: SnapshotView<'_>) -> BTreeMap<&str, Naming> {
    let mut named: BTreeMap<&str, Naming> = BTreeMap::new();
    let cluster = view.cluster().ok();
    let of_cluster: [(&[&str], RoleUse); 2] =
        [(&["roleArn"], RoleUse::Cluster), (&["computeConfig", "nodeRoleArn"], RoleUse::Node)];
    let of_cluster = cluster.into_iter().flat_map(|item| of_cluster.map(|(path, used)| (item, path, used)));
    let of_items = ROLE_FIELDS.iter().flat_map(|named| {
        let path = std::slice::from_ref(&named.field);
        view.items(named.section).map(move |item| (item, path, named.role_use))
    });
    for (item, path, used_as) in of_cluster.chain(of_items) {
        let Ok(Some(arn)) = item.optional_text_under(path) else { continue };
        let place = || path.iter().fold(item.pointer(), |place, field| place.key(field));
        let (uses, _) = named.entry(arn).or_insert_with(|| (Vec::new(), place()));
        if !uses.contains(&used_as) {
            uses.push(used_as);
        }
    }
    named
}

/// A role that the snapshot does not have.
fn undescribed(arn: &str, (used_as, place): Naming, why: Option<&Unknown>) -> UsedRole {
    let absent = || Unknown::undecided("the role is not among those of the snapshot".to_owned());
    let why = why.cloned().unwrap_or_else(absent);
    UsedRole {
        arn: arn.to_owned(),
        used_as,
        administrator: Err(why.clone()),
        escalations: Err(why.clone()),
        trust: Err(why),
        place,
    }
}

fn access_entries<'s>(view: SnapshotView<'s>, iam: &Iam<'s>) -> Listed<AccessEntry> {
    let mut more: Vec<_> = view.more("accessEntries").into_iter().collect();
    let facts = iam.access_entries().unwrap_or_default();
    let facts: HashMap<_, _> = facts.iter().map(|facts| (facts.principal, facts)).collect();
    let mut found = Vec::new();
    for item in view.items("accessEntries") {
        match item.text("principalArn") {
            // AWS makes the entries of its own roles anew with them.
            Ok(principal) if principal.contains(":role/aws-service-role/") => {}
            Ok(principal) => found.extend(facts.get(principal).map(|facts| entry(item, facts))),
            Err(unknown) => more.push(unknown),
        }
    }
    found.retain(AccessEntry::is_notable);
    Listed { items: found, more }
}

fn entry(item: ResourceView<'_>, facts: &EntryFacts<'_>) -> AccessEntry {
    let kind = item.text("type").map(str::to_owned);
    let of_nodes = kind.as_ref().map_or(true, |kind| OF_NODES.contains(&kind.as_str()));
    AccessEntry {
        principal: facts.principal.to_owned(),
        kind,
        state: facts.state.clone(),
        used_by_nodes: of_nodes.then(|| facts.used_by_nodes.clone()),
        place: item.pointer(),
    }
}

impl AccessEntry {
    /// Whether it is dead or left over, or that is not known.
    fn is_notable(&self) -> bool {
        let is_current = self.state == Ok(PrincipalState::Current);
        let is_used = matches!(self.used_by_nodes, None | Some(Ok(true)));
        !(is_current && is_used)
    }
}
