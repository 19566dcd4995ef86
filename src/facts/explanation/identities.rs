//! Who is who in a cluster, for people: which service accounts get which roles, what stands out about
//! the roles in use, and which access entries are dead or left over.

use super::super::iam::uses::NAMED;
use super::super::known::Known;
use super::super::view::{ResourceView, SnapshotView};
use super::read::{self, entries, flag, integer, items, list, origin, text, texts};
use crate::snapshot::{Kind, Unknown, UnknownKind};
use crate::value::{Node, Pointer};
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
    pub roles: Listed<Role>,
    /// The access entries that are dead, that nothing uses, or of which that is not known.
    pub access_entries: Listed<AccessEntry>,
}

/// What is known, and why there may be more.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What is known.
    pub items: Vec<T>,
    /// Why there may be more; each reason once.
    pub more: Vec<Unknown>,
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
    /// `irsa` or `pod-identity`.
    pub way: String,
    /// The add-on that it is of.
    pub addon: Option<String>,
    /// Why it gets no credentials; nothing where it does.
    pub problems: Known<Vec<Problem>>,
    /// The association, or the statement of the trust.
    pub place: Option<Pointer>,
}

/// Something that keeps an identity from working.
#[derive(Clone, Debug)]
pub struct Problem {
    /// In words.
    pub reason: String,
    /// The field.
    pub place: Option<Pointer>,
}

/// A role in use.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// `cluster`, `node`, `fargate`, `workload`, `capability`.
    pub used_as: Vec<&'static str>,
    /// The policies that make it an administrator of the account.
    pub administrator: Known<Vec<Power>>,
    /// How it can get more power.
    pub escalations: Known<Vec<Power>>,
    /// What stands out about whom it trusts.
    pub trust: Known<Trust>,
    /// The role; if the snapshot does not have it, a field that names it.
    pub place: Option<Pointer>,
}

/// What a policy lets a role do.
#[derive(Clone, Debug)]
pub struct Power {
    /// What, as in "it …"; empty for an administrator.
    pub title: String,
    /// The policy.
    pub policy: String,
    /// Where the role has it from.
    pub place: Option<Pointer>,
}

/// What stands out about whom a role trusts.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The statements through which anyone may assume it.
    pub everyone: Vec<Option<Pointer>>,
    /// OIDC providers whose tokens it accepts for every subject, or for several namespaces.
    pub unrestricted: Vec<Unrestricted>,
    /// Why the cluster's tokens never match, where no service account is named that shows it.
    pub never_matches: Vec<Problem>,
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
    pub place: Option<Pointer>,
}

/// An access entry.
#[derive(Clone, Debug)]
pub struct AccessEntry {
    /// The ARN of the principal.
    pub principal: String,
    /// Its type: `STANDARD`, `EC2_LINUX` …
    pub kind: Known<String>,
    /// `current`, `recreated` or `missing`.
    pub state: Known<String>,
    /// Whether nodes use it; none if it is not for nodes.
    pub used_by_nodes: Option<Known<bool>>,
    /// Where it stands.
    pub place: Option<Pointer>,
}

/// What says how a role is used.
const USES: [(&str, &str); 5] = [
    ("isClusterRole", "cluster"),
    ("isNodeRole", "node"),
    ("isFargateRole", "fargate"),
    ("isWorkloadRole", "workload"),
    ("isCapabilityRole", "capability"),
];

/// The types of access entries that are for nodes.
/// <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>
const OF_NODES: [&str; 5] = ["EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"];

/// The identities of a cluster, from its facts.
pub(super) fn identities<'s>(view: SnapshotView<'s>, facts: Node<'s>) -> Known<Identities> {
    if view.snapshot.kind == Kind::Connected {
        let words = "a connected cluster gives no identities of AWS to pods, and has no access entries";
        return Err(Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(words.to_owned()) });
    }
    let cluster = read::get(facts, "cluster")?;
    let workload = read::get(cluster, "workloadIdentity")?;
    let (irsa, pod_identity) = (integer(workload, "irsa"), integer(workload, "podIdentity"));
    let role_facts = read::get(facts, "roles");
    let matching = matching(role_facts.as_ref().ok());
    let mut service_accounts = service_accounts(view, facts, cluster, &matching);
    service_accounts.more.extend([&irsa, &pod_identity].into_iter().filter_map(|count| count.clone().err()));
    let shown: HashSet<_> = service_accounts
        .items
        .iter()
        .map(|account| (account.role.as_str(), account.place.as_ref()))
        .collect();
    let roles = roles(view, role_facts, &shown);
    let without_addon = service_accounts.items.iter().any(|account| account.addon.is_none());
    Ok(Identities {
        irsa,
        pod_identity,
        oidc_provider: flag(workload, "oidcProvider"),
        unknown_addons: unknown_addons(view).filter(|_| without_addon),
        service_accounts: service_accounts.sorted(),
        roles: roles.sorted(),
        access_entries: access_entries(view, read::get(facts, "accessEntries")).sorted(),
    })
}

impl Identities {
    /// Every place that they name.
    pub fn places(&self) -> Vec<&Pointer> {
        let mut places: Vec<&Pointer> = Vec::new();
        for account in &self.service_accounts.items {
            places.extend(&account.place);
            places.extend(account.problems.iter().flatten().filter_map(|problem| problem.place.as_ref()));
        }
        for role in &self.roles.items {
            places.extend(&role.place);
            let powers = [&role.administrator, &role.escalations].into_iter().flatten().flatten();
            places.extend(powers.filter_map(|power| power.place.as_ref()));
            if let Ok(trust) = &role.trust {
                places.extend(trust.everyone.iter().flatten());
                places.extend(trust.unrestricted.iter().filter_map(|trust| trust.place.as_ref()));
                places.extend(trust.never_matches.iter().filter_map(|problem| problem.place.as_ref()));
            }
        }
        places.extend(self.access_entries.items.iter().filter_map(|entry| entry.place.as_ref()));
        places
    }
}

impl<T> Listed<T> {
    /// With each reason once.
    fn sorted(mut self) -> Self {
        self.more.sort();
        self.more.dedup();
        self
    }
}

/// Why tokens never match, for each statement of a role that trusts the cluster.
type Matching<'s> = HashMap<(&'s str, Option<Pointer>), Known<Vec<String>>>;

fn matching<'s>(roles: Option<&Node<'s>>) -> Matching<'s> {
    let mut matching = Matching::new();
    for (arn, role) in roles.into_iter().flat_map(|roles| entries(*roles)) {
        for trust in oidc_trusts(role).into_iter().filter(|trust| flag(*trust, "ofCluster") == Ok(true)) {
            matching.insert((arn, origin(trust)), texts(trust, "neverMatches"));
        }
    }
    matching
}

fn oidc_trusts(role: Node<'_>) -> Vec<Node<'_>> {
    items(read::get(role, "trust").and_then(|trust| list(trust, "oidc"))).0
}

fn service_accounts<'s>(
    view: SnapshotView<'s>,
    facts: Node<'s>,
    cluster: Node<'s>,
    matching: &Matching<'s>,
) -> Listed<ServiceAccount> {
    let associations = read::get(facts, "podIdentityAssociations");
    let associations = associations.iter().flat_map(|node| entries(*node));
    let associations: HashMap<_, _> = associations.map(|(_, fact)| (origin(fact), fact)).collect();
    let (nodes, more) = items(list(cluster, "serviceAccounts"));
    let account = |node| {
        let (role, way, place) = (text(node, "role").ok()?, text(node, "way").ok()?, origin(node));
        let problems = match way.as_str() {
            "irsa" => never_matches(matching.get(&(role.as_str(), place.clone())), place.as_ref()),
            _ => cannot_work(view, associations.get(&place)),
        };
        let (namespace, name) = (text(node, "namespace").ok()?, text(node, "name").ok()?);
        Some(ServiceAccount { namespace, name, role, way, addon: text(node, "addon").ok(), problems, place })
    };
    Listed { items: nodes.into_iter().filter_map(account).collect(), more }
}

fn never_matches(reasons: Option<&Known<Vec<String>>>, place: Option<&Pointer>) -> Known<Vec<Problem>> {
    let problem = |reason: &String| Problem { reason: reason.clone(), place: place.cloned() };
    match reasons {
        Some(reasons) => reasons.clone().map(|reasons| reasons.iter().map(problem).collect()),
        None => Err(Unknown::undecided("the trust of the role is not worked out".to_owned())),
    }
}

/// Why an association cannot work. Without its ARN nothing is worked out.
fn cannot_work(view: SnapshotView<'_>, association: Option<&Node<'_>>) -> Known<Vec<Problem>> {
    let Some(association) = association else {
        let absent = || Unknown::field_absent("/podIdentityAssociations/*/associationArn", None);
        return Err(view.more("podIdentityAssociations").unwrap_or_else(absent));
    };
    let problem = |node| Some(Problem { reason: text(node, "reason").ok()?, place: origin(node) });
    let problems = list(*association, "problems")?;
    Ok(items(Ok(problems)).0.into_iter().filter_map(problem).collect())
}

/// Why add-ons may have service accounts that are not known to be theirs.
fn unknown_addons(view: SnapshotView<'_>) -> Option<Unknown> {
    let incomplete = |item: ResourceView<'_>| view.snapshot.why_incomplete(item.node.as_object()?).cloned();
    view.more("addons").or_else(|| view.items("addons").find_map(incomplete))
}

/// The service accounts that are shown: role, and the statement or association.
type Shown<'a> = HashSet<(&'a str, Option<&'a Pointer>)>;

fn roles<'s>(view: SnapshotView<'s>, facts: Known<Node<'s>>, shown: &Shown<'_>) -> Listed<Role> {
    let more = NAMED.iter().filter_map(|(section, ..)| view.more(section));
    let mut more: Vec<_> = more.chain(facts.as_ref().err().cloned()).chain(lacking_arns(view)).collect();
    let (mut used, mut described) = (Vec::new(), HashSet::new());
    for (arn, fact) in facts.iter().flat_map(|node| entries(*node)) {
        described.insert(arn);
        let (mut used_as, mut unknown) = (Vec::new(), Vec::new());
        for (field, name) in USES {
            match flag(fact, field) {
                Ok(true) => used_as.push(name),
                Ok(false) => {}
                Err(why) => unknown.push(why),
            }
        }
        more.extend(unknown.into_iter().filter(|_| used_as.is_empty()));
        if !used_as.is_empty() {
            used.push(role(arn, fact, used_as, shown));
        }
        more.sort();
        more.dedup();
    }
    let missing = match facts {
        Err(unknown) => Some(unknown),
        Ok(_) => view.more("roles"),
    };
    let others = named(view).into_iter().filter(|(arn, _)| !described.contains(arn));
    used.extend(others.map(|(arn, (used_as, place))| undescribed(arn, used_as, place, missing.as_ref())));
    Listed { items: used, more }
}

/// Why there may be roles that are not among the facts.
fn lacking_arns(view: SnapshotView<'_>) -> Option<Unknown> {
    let lacks = |item: ResourceView<'_>| item.text("Arn").err();
    view.section("roles").ok()?.incomplete.clone().or_else(|| view.items("roles").find_map(lacks))
}

fn role(arn: &str, fact: Node<'_>, used_as: Vec<&'static str>, shown: &Shown<'_>) -> Role {
    let powers = |name, title: &str| {
        let power = |node| {
            let title = text(node, title).unwrap_or_default();
            Some(Power { title, policy: text(node, "policy").ok()?, place: origin(node) })
        };
        list(fact, name).map(|list| items(Ok(list)).0.into_iter().filter_map(power).collect())
    };
    Role {
        arn: arn.to_owned(),
        used_as,
        administrator: powers("administrator", ""),
        escalations: powers("escalations", "title"),
        trust: read::get(fact, "trust").and_then(|node| trust(arn, node, shown)),
        place: origin(fact),
    }
}

fn trust(arn: &str, node: Node<'_>, shown: &Shown<'_>) -> Known<Trust> {
    let everyone = items(Ok(list(node, "everyone")?)).0.into_iter().map(origin).collect();
    let (mut unrestricted, mut never_matches) = (Vec::new(), Vec::new());
    for trust in items(Ok(list(node, "oidc")?)).0 {
        let of_cluster = flag(trust, "ofCluster");
        let never = texts(trust, "neverMatches").unwrap_or_default();
        let place = origin(trust);
        if never.is_empty() {
            unrestricted.extend(self::unrestricted(trust, of_cluster, place)?);
        } else if of_cluster == Ok(true) && !shown.contains(&(arn, place.as_ref())) {
            let problem = |reason| Problem { reason, place: place.clone() };
            never_matches.extend(never.into_iter().map(problem));
        }
    }
    Ok(Trust { everyone, unrestricted, never_matches })
}

fn unrestricted(
    trust: Node<'_>,
    of_cluster: Known<bool>,
    place: Option<Pointer>,
) -> Known<Option<Unrestricted>> {
    let restricted = flag(trust, "subjectRestricted")?;
    if restricted && !flag(trust, "namespaceWildcard")? {
        return Ok(None);
    }
    let subjects = if restricted { texts(trust, "wildcardSubjects")? } else { Vec::new() };
    Ok(Some(Unrestricted { issuer: text(trust, "issuer")?, of_cluster, subjects, place }))
}

/// How a role is used, and a field that names it.
type Naming = (Vec<&'static str>, Pointer);

/// The roles that fields of the cluster name.
fn named(view: SnapshotView<'_>) -> BTreeMap<&str, Naming> {
    let mut named: BTreeMap<&str, Naming> = BTreeMap::new();
    let cluster = view.cluster().ok();
    let of_cluster: [(&[&str], &'static str); 2] =
        [(&["roleArn"], "cluster"), (&["computeConfig", "nodeRoleArn"], "node")];
    let of_cluster = cluster.into_iter().flat_map(|item| of_cluster.map(|(path, used)| (item, path, used)));
    let of_items = NAMED.iter().flat_map(|(section, _, field, _, used)| {
        view.items(section).map(move |item| (item, std::slice::from_ref(field), used.name()))
    });
    for (item, path, used_as) in of_cluster.chain(of_items) {
        let Some(arn) = item.node.at(path).and_then(|node| node.as_str()) else { continue };
        let place = || path.iter().fold(item.pointer(), |place, field| place.key(field));
        let (uses, _) = named.entry(arn).or_insert_with(|| (Vec::new(), place()));
        if !uses.contains(&used_as) {
            uses.push(used_as);
        }
    }
    named
}

/// A role that the snapshot does not have.
fn undescribed(arn: &str, used_as: Vec<&'static str>, place: Pointer, why: Option<&Unknown>) -> Role {
    let absent = || Unknown::undecided("the role is not among those of the snapshot".to_owned());
    let why = why.cloned().unwrap_or_else(absent);
    Role {
        arn: arn.to_owned(),
        used_as,
        administrator: Err(why.clone()),
        escalations: Err(why.clone()),
        trust: Err(why),
        place: Some(place),
    }
}

fn access_entries(view: SnapshotView<'_>, facts: Known<Node<'_>>) -> Listed<AccessEntry> {
    let mut more: Vec<_> = view.more("accessEntries").into_iter().collect();
    let facts: HashMap<_, _> = facts.iter().flat_map(|node| entries(*node)).collect();
    let mut found = Vec::new();
    for item in view.items("accessEntries") {
        match item.text("principalArn") {
            // AWS makes the entries of its own roles anew with them.
            Ok(principal) if principal.contains(":role/aws-service-role/") => {}
            Ok(principal) => found.extend(facts.get(principal).map(|fact| entry(item, principal, *fact))),
            Err(unknown) => more.push(unknown),
        }
    }
    found.retain(AccessEntry::stands_out);
    Listed { items: found, more }
}

fn entry(item: ResourceView<'_>, principal: &str, fact: Node<'_>) -> AccessEntry {
    let kind = item.text("type").map(str::to_owned);
    let of_nodes = kind.as_ref().map_or(true, |kind| OF_NODES.contains(&kind.as_str()));
    AccessEntry {
        principal: principal.to_owned(),
        kind,
        state: text(fact, "state"),
        used_by_nodes: of_nodes.then(|| flag(fact, "usedByNodes")),
        place: Some(item.pointer()),
    }
}

impl AccessEntry {
    fn stands_out(&self) -> bool {
        let is_current = matches!(self.state.as_deref(), Ok("current"));
        let is_used = matches!(self.used_by_nodes, None | Some(Ok(true)));
        !(is_current && is_used)
    }
}
