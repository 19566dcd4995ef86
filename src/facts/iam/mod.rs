//! What follows from the identities of a snapshot: what roles may do, whom they trust, what they are
//! used for, and which entries and associations cannot work.

mod addon_accounts;
mod addons;
mod admission;
mod associations;
mod aws_auth;
mod cni;
mod condition;
pub(crate) mod endpoint_policy;
mod entries;
mod node_roles;
mod node_sort;
mod oidc;
mod pod_request;
mod policy;
mod power;
mod providers;
mod rights;
mod roles;
mod service_accounts;
mod symbols;
mod tables;
mod trust;
mod trust_facts;
mod uses;
mod wildcard;

#[cfg(test)]
mod tests;

use crate::facts::builder::{FactBuilder, Field};
use crate::facts::fact_set::{FactGroup, FactSet};
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::value::{Json, Pointer};
use policy::{Document, Use};
use std::collections::HashMap;
use uses::Uses;

pub(crate) use associations::AssociationFacts;
pub use associations::IdentityProblem;
pub(crate) use aws_auth::{MappedPrincipal, masters};
pub(crate) use entries::EntryFacts;
pub use entries::PrincipalState;
pub(crate) use node_roles::{NodeRole, NodeUser};
pub(crate) use oidc::OidcTrust;
pub(crate) use roles::{HeldPolicy, RolePower};
pub use service_accounts::IdentityWay;
pub(crate) use service_accounts::{AccountRole, WorkloadIdentity};
pub(crate) use uses::ROLE_FIELDS;
pub use uses::RoleUse;

/// What is about identities: of the cluster, and of everything else.
pub(super) fn facts<'t>(
    view: SnapshotView<'t>,
    wanted: FactSet,
    builder: FactBuilder<'t>,
) -> (Vec<Field<'t>>, Vec<Field<'t>>) {
    if !wanted.has_any(FactGroup::OF_IDENTITIES) {
        return (Vec::new(), Vec::new());
    }
    let iam = Iam::new(view, builder);
    let made = |facts: &[(FactGroup, &'static str, Make<'t>)]| -> Vec<Field<'t>> {
        let wanted = facts.iter().filter(|(group, ..)| wanted.has(*group));
        wanted.map(|(_, name, make)| (*name, make(&iam))).collect()
    };
    let of_cluster = made(&[
        (FactGroup::ClusterServiceAccounts, "serviceAccounts", service_accounts::of_cluster),
        (FactGroup::ClusterWorkloadIdentity, "workloadIdentity", service_accounts::workload_identity),
        (FactGroup::ClusterNodeRoles, "nodeRoles", node_roles::facts),
        (FactGroup::ClusterCniRoles, "cniRoles", cni::facts),
    ]);
    let others = made(&[
        (FactGroup::Roles, "roles", roles::facts),
        (FactGroup::PodIdentityAssociations, "podIdentityAssociations", associations::facts),
        (FactGroup::AddonIdentities, "addonIdentities", addons::facts),
        (FactGroup::AccessEntries, "accessEntries", entries::facts),
        (FactGroup::OpenIdConnectProviders, "openIDConnectProviders", providers::facts),
    ]);
    (of_cluster, others)
}

type Make<'t> = for<'i> fn(&'i Iam<'t>) -> Json<'t>;

/// The identities of a snapshot, read once for all facts about them.
pub(crate) struct Iam<'t> {
    view: SnapshotView<'t>,
    builder: FactBuilder<'t>,
    roles: Vec<Role<'t>>,
    by_arn: HashMap<&'t str, usize>,
    /// What roles are used for.
    uses: Uses<'t>,
    /// The issuer of the cluster, without `https://`.
    issuer: Known<&'t str>,
}

/// A role of the snapshot.
pub(crate) struct Role<'t> {
    pub(crate) arn: &'t str,
    resource: ResourceView<'t>,
    /// Whom it trusts.
    trust: Known<Document<'t>>,
    /// Those of them that are OpenID Connect providers.
    oidc: Vec<OidcTrust<'t>>,
    /// Why it may trust others of these, or in another way.
    more_oidc: Option<Unknown>,
}

impl<'t> Role<'t> {
    /// Where the role is.
    pub(crate) fn place(&self) -> Pointer {
        self.resource.pointer()
    }

    /// The statements of the trust through which anyone may assume it.
    pub(crate) fn open_to_everyone(&self) -> Known<Vec<Pointer>> {
        let document = self.trust.as_ref().map_err(Clone::clone)?;
        Ok(document.everyone().into_iter().map(|statement| self.statement_place(statement)).collect())
    }

    /// The trusts in OpenID Connect providers.
    pub(crate) fn oidc_trusts(&self) -> &[OidcTrust<'t>] {
        &self.oidc
    }

    /// Why there may be others.
    pub(crate) fn more_oidc_trusts(&self) -> Option<&Unknown> {
        self.more_oidc.as_ref()
    }

    /// Where a statement of the trust is.
    pub(crate) fn statement_place(&self, statement: usize) -> Pointer {
        Pointer::parse(&self.statement_origin(statement))
    }

    /// Where a statement of the trust is, as a text.
    fn statement_origin(&self, statement: usize) -> String {
        let statements = self.trust.as_ref().map(|document| document.statements.as_slice());
        let place = statements.ok().and_then(|statements| statements.get(statement));
        format!("{}{}", self.trust_origin(), place.map_or("", |statement| &statement.place))
    }

    fn trust_origin(&self) -> String {
        format!("{}/{TRUST}", self.resource.pointer())
    }
}

impl<'t> Iam<'t> {
    /// Reads the identities of a snapshot.
    pub(crate) fn new(view: SnapshotView<'t>, builder: FactBuilder<'t>) -> Self {
        let roles = read_roles(view, builder);
        let issuer = issuer_of_cluster(view);
        let by_arn = roles.iter().enumerate().map(|(at, role)| (role.arn, at)).collect();
        let mut iam = Self { view, builder, roles, by_arn, uses: Uses::default(), issuer };
        for at in 0..iam.roles.len() {
            let document = iam.roles[at].trust.as_ref();
            let trusts = document.map(|document| oidc::trusts(document, &iam));
            let (trusts, more) = trusts.unwrap_or_default();
            (iam.roles[at].oidc, iam.roles[at].more_oidc) = (trusts, more);
        }
        iam.uses = Uses::new(&iam);
        iam
    }

    fn role(&self, arn: &str) -> Option<&Role<'t>> {
        self.roles.get(*self.by_arn.get(arn)?)
    }

    /// A role that the snapshot has. That it has not does not mean that the role is gone: it may be of another account.
    fn known_role(&self, arn: &str) -> Known<&Role<'t>> {
        let unknown = || Unknown::undecided(format!("the role {arn} is not in the snapshot"));
        self.view.known_id("roles", arn)?;
        self.role(arn).ok_or_else(|| self.view.more("roles").unwrap_or_else(unknown))
    }

    /// Whether an issuer, without `https://`, is the cluster's.
    pub(crate) fn is_own_issuer(&self, issuer: &str) -> Known<bool> {
        match &self.issuer {
            Ok(own) => self.is_same_issuer(own, issuer),
            Err(_) if self.is_of_eks(issuer) == Ok(false) => Ok(false),
            Err(unknown) => Err(unknown.clone()),
        }
    }

    /// Whether an issuer, without `https://`, is an EKS cluster's.
    pub(crate) fn is_of_eks(&self, issuer: &str) -> Known<bool> {
        if self.issuer.as_ref().is_ok_and(|own| *own == issuer) {
            return Ok(true);
        }
        match self.has_symbol(issuer) {
            false => Ok(oidc::is_of_eks(issuer)),
            true => Err(symbols::not_known(issuer)),
        }
    }

    /// Whether two issuers, without `https://`, are the same. That of a cluster is not one that no cluster of EKS has.
    fn is_same_issuer(&self, one: &str, other: &str) -> Known<bool> {
        let is_own = |issuer: &str| self.issuer.as_ref().is_ok_and(|own| *own == issuer);
        let is_foreign = |issuer: &str| !self.has_symbol(issuer) && !oidc::is_of_eks(issuer);
        if is_own(one) && self.has_symbol(one) && is_foreign(other)
            || is_own(other) && self.has_symbol(other) && is_foreign(one)
        {
            return Ok(false);
        }
        self.is_same(one, other)
    }

    /// Whether a text of a policy has symbols.
    fn has_symbol(&self, text: &str) -> bool {
        self.view.snapshot.is_of_template() && symbols::has_symbol(text)
    }

    /// Whether two texts are the same, where they may have symbols.
    fn is_same(&self, one: &str, other: &str) -> Known<bool> {
        if self.view.snapshot.is_of_template() { symbols::same(one, other) } else { Ok(one == other) }
    }

    /// The issuer, without `https://`, of a provider; none where it is no OpenID Connect provider.
    fn issuer_of(&self, provider: &'t str) -> Known<Option<&'t str>> {
        if !self.has_symbol(provider) {
            return Ok(oidc::issuer_of(provider));
        }
        let known = self.view.items("openIDConnectProviders").find(|item| item.key() == Some(provider));
        let Some(known) = known else {
            return oidc::issuer_in(provider).map(Some).ok_or_else(|| symbols::not_known(provider));
        };
        // AWS tells it without `https://`, and templates write it with that.
        let url = known.reference(&["Url"])?;
        Ok(Some(url.strip_prefix("https://").unwrap_or(url)))
    }

    /// A policy document, in which texts may be symbols.
    fn document(&self, node: Json<'t>, at: &str, of: Use) -> Known<Document<'t>> {
        document(self.view, node, at, of, self.builder)
    }

    /// The service accounts that have roles, and why there may be more.
    pub(crate) fn accounts(&self) -> (Vec<AccountRole<'_, 't>>, Option<Unknown>) {
        service_accounts::accounts(self)
    }

    /// How many roles and associations give pods an identity of their own.
    pub(crate) fn workload_identity(&self) -> WorkloadIdentity {
        service_accounts::workload(self)
    }

    /// What follows about the associations.
    pub(crate) fn associations(&self) -> Known<Vec<AssociationFacts<'t>>> {
        associations::associations(self)
    }

    /// What follows about the access entries.
    pub(crate) fn access_entries(&self) -> Known<Vec<EntryFacts<'t>>> {
        entries::entries(self)
    }

    /// The roles that nodes come with, and why there may be more.
    pub(crate) fn node_roles(&self) -> Known<(Vec<NodeRole<'t>>, Option<Unknown>)> {
        node_roles::node_roles(self)
    }

    /// The roles that the snapshot describes.
    pub(crate) fn roles(&self) -> Known<&[Role<'t>]> {
        self.view.section("roles").map(|_| self.roles.as_slice())
    }

    /// Whether a role is used so.
    pub(crate) fn is_used(&self, arn: &str, role_use: RoleUse) -> Known<bool> {
        self.uses.is_used(arn, role_use)
    }

    /// What the policies of some roles allow, in their order.
    pub(crate) fn power(&self, roles: &[&Role<'t>]) -> Vec<RolePower<'t>> {
        roles::power(self, roles)
    }

    /// The account of the snapshot.
    fn account(&self) -> Known<&str> {
        let unknown = || Unknown::undecided("the snapshot does not say which account it is of".to_owned());
        self.view.snapshot.identity.account.as_deref().ok_or_else(unknown)
    }

    /// A list of facts, and why there may be more.
    fn list(&self, items: impl IntoIterator<Item = Json<'t>>, more: Option<&Unknown>) -> Json<'t> {
        self.builder.list(items.into_iter().chain(more.map(|unknown| self.builder.unknown(unknown))))
    }
}

/// The field of a role that says whom it trusts.
const TRUST: &str = "AssumeRolePolicyDocument";

fn read_roles<'t>(view: SnapshotView<'t>, builder: FactBuilder<'t>) -> Vec<Role<'t>> {
    let read = |resource: ResourceView<'t>| {
        let at = format!("{}/{TRUST}", resource.pointer());
        let trust = resource.field(TRUST).and_then(|node| document(view, node, &at, Use::Trust, builder));
        Some(Role { arn: resource.key()?, resource, trust, oidc: Vec::new(), more_oidc: None })
    };
    view.items("roles").filter_map(read).collect()
}

/// A policy document. One of which a part is not known is not known: read without it, a condition would be none.
fn document<'t>(
    view: SnapshotView<'t>,
    node: Json<'t>,
    at: &str,
    of: Use,
    builder: FactBuilder<'t>,
) -> Known<Document<'t>> {
    match view.snapshot.why_incomplete_within(&node) {
        Some(unknown) => Err(unknown.clone()),
        None => Document::read_with(node, at, of, builder.arena, view.snapshot.is_of_template()),
    }
}

fn issuer_of_cluster(view: SnapshotView<'_>) -> Known<&str> {
    without_scheme(view, view.cluster()?.reference(&["identity", "oidc", "issuer"])?)
}

/// An issuer without `https://`. Where a symbol may have it, it is not known what is left of it.
fn without_scheme<'t>(view: SnapshotView<'_>, issuer: &'t str) -> Known<&'t str> {
    match issuer.strip_prefix("https://") {
        Some(issuer) => Ok(issuer),
        None => view.literal(issuer).map(|()| issuer),
    }
}
