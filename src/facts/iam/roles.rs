//! The facts of `facts.roles[…]`.

use super::oidc::Provider;
use super::policy::Use;
use super::power::{EffectivePermissions, Grants, Policy, PolicyGap, PolicyOutcome, Targets};
use super::symbols::in_partition;
use super::tables::{Escalation, Tables, managed_name, tables};
use super::trust_facts;
use super::uses::RoleUse;
use super::{Iam, Role};
use crate::facts::known::Known;
use crate::facts::view::ObjectView;
use crate::snapshot::{Unknown, UnknownKind, template};
use crate::value::{Json, Pointer};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What the roles of a snapshot have in common.
struct Reader<'i, 't> {
    iam: &'i Iam<'t>,
    tables: &'static Tables,
    targets: Targets,
    /// Policies by ARN, each read once.
    policies: RefCell<HashMap<&'t str, Known<Rc<Policy<'t>>>>>,
}

/// A policy of a role.
#[derive(Clone)]
pub(crate) struct HeldPolicy<'t> {
    pub(crate) name: &'t str,
    /// Empty for an inline policy.
    arn: &'t str,
    origin: String,
}

impl HeldPolicy<'_> {
    /// Where the role has it from.
    pub(crate) fn place(&self) -> Pointer {
        Pointer::parse(&self.origin)
    }
}

/// What a policy of a role allows.
pub(crate) struct PolicyGrant<'t> {
    pub(crate) policy: HeldPolicy<'t>,
    /// The actions in question; none for an administrator, who may do all.
    actions: Vec<&'static str>,
}

/// How a role can get more power.
pub(crate) struct EscalationPath<'t> {
    escalation: &'static Escalation,
    pub(crate) policy: HeldPolicy<'t>,
}

impl EscalationPath<'_> {
    /// How, as in "it …".
    pub(crate) fn title(&self) -> &'static str {
        &self.escalation.title
    }
}

/// What the policies of a role allow together.
pub(crate) struct RolePower<'t> {
    /// The policies that make it an administrator of the account.
    pub(crate) administrator: Known<Vec<PolicyGrant<'t>>>,
    pub(crate) escalations: Known<Vec<EscalationPath<'t>>>,
    ecr_writes: Known<Vec<PolicyGrant<'t>>>,
}

/// The policies of a role, and why there may be more.
struct Policies<'t> {
    held: Vec<HeldPolicy<'t>>,
    sources: Vec<PolicyOutcome>,
    more: Option<Unknown>,
}

/// The facts about all roles, by ARN.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    if let Err(unknown) = iam.view.section("roles") {
        return iam.builder.unknown(&unknown);
    }
    let reader = Reader::of(iam);
    iam.builder.object(iam.roles.iter().map(|role| (role.arn, reader.facts_of(role))))
}

/// What the policies of some roles allow, in their order.
pub(super) fn power<'t>(iam: &Iam<'t>, roles: &[&Role<'t>]) -> Vec<RolePower<'t>> {
    let reader = Reader::of(iam);
    roles.iter().map(|role| reader.power(role, &reader.policies(role))).collect()
}

impl<'i, 't> Reader<'i, 't> {
    fn of(iam: &'i Iam<'t>) -> Self {
        let first = iam.roles.first().map_or("", |role| role.arn);
        let targets = Targets::new(tables(), &iam.view.snapshot.identity, first);
        Self { iam, tables: tables(), targets, policies: RefCell::default() }
    }

    fn facts_of(&self, role: &Role<'t>) -> Json<'t> {
        let builder = self.iam.builder;
        let is = |kind| builder.flag(self.iam.uses.is_used(role.arn, kind));
        let policies = self.policies(role);
        let mut fields = vec![
            ("usedAs", self.used_as(role)),
            ("usedBy", self.used_by(role)),
            ("isClusterRole", is(RoleUse::Cluster)),
            ("isNodeRole", is(RoleUse::Node)),
            ("isFargateRole", is(RoleUse::Fargate)),
            ("isWorkloadRole", is(RoleUse::Workload)),
            ("isCapabilityRole", is(RoleUse::Capability)),
            ("hasPermissionsBoundary", builder.flag(role.has_boundary())),
            ("policies", self.held(&policies)),
        ];
        fields.extend(self.power_nodes(&self.power(role, &policies)));
        fields.push(("trust", trust_facts::of_role(self.iam, role)));
        builder.object_at(role.resource.pointer().as_str(), fields)
    }

    fn used_as(&self, role: &Role<'t>) -> Json<'t> {
        let kinds =
            RoleUse::ALL.into_iter().filter(|kind| self.iam.uses.is_used(role.arn, *kind) == Ok(true));
        self.iam.list(kinds.map(|kind| Json::Str(kind.as_str())), self.iam.uses.more())
    }

    fn used_by(&self, role: &Role<'t>) -> Json<'t> {
        let builder = self.iam.builder;
        let uses = self.iam.uses.of(role.arn).iter().map(|used| {
            let fields = [("kind", Json::Str(used.kind.as_str())), ("name", Json::Str(used.name))];
            builder.object_at(&used.origin, fields)
        });
        self.iam.list(uses, self.iam.uses.more())
    }

    fn held(&self, policies: &Policies<'t>) -> Json<'t> {
        let builder = self.iam.builder;
        let held = policies.held.iter().map(|policy| {
            let kind = match policy.arn {
                "" => "inline",
                arn if managed_name(arn).is_some() => "aws-managed",
                _ => "customer-managed",
            };
            // Of a policy that AWS manages, nothing but the partition may be unknown, and whichever it is, the policy is the same.
            let arn = match kind == "aws-managed" {
                true => builder.text(in_partition(policy.arn, "aws")),
                false => Json::Str(policy.arn),
            };
            let fields = [("name", Json::Str(policy.name)), ("arn", arn), ("kind", Json::Str(kind))];
            builder.object_at(&policy.origin, fields)
        });
        self.iam.list(held, policies.more.as_ref())
    }

    fn power(&self, role: &Role<'t>, policies: &Policies<'t>) -> RolePower<'t> {
        let boundary = self.boundary(role);
        let power =
            EffectivePermissions::new(&policies.sources, policies.more.clone(), boundary, self.tables);
        let grant = |at: usize, actions| PolicyGrant { policy: policies.held[at].clone(), actions };
        let administrator = power.administrator(self.tables);
        let escalations = power.escalations(self.tables);
        let writes = power.ecr_writes(self.tables);
        let path = |(at, policy): (usize, usize)| EscalationPath {
            escalation: &self.tables.escalations[at],
            policy: policies.held[policy].clone(),
        };
        RolePower {
            administrator: administrator
                .map(|found| found.into_iter().map(|at| grant(at, Vec::new())).collect()),
            escalations: escalations.map(|found| found.into_iter().map(path).collect()),
            ecr_writes: writes
                .map(|found| found.into_iter().map(|(at, actions)| grant(at, actions)).collect()),
        }
    }

    fn power_nodes(&self, power: &RolePower<'t>) -> [(&'static str, Json<'t>); 3] {
        let builder = self.iam.builder;
        let grants = |grants: &Known<Vec<PolicyGrant<'t>>>| {
            let grants = grants.as_ref().map_err(Clone::clone);
            builder.known(grants.map(|grants| builder.list(grants.iter().map(|grant| self.grant(grant)))))
        };
        let path = |path: &EscalationPath<'t>| {
            let EscalationPath { escalation, policy } = path;
            let fields = [
                ("name", Json::Str(&escalation.name)),
                ("title", Json::Str(&escalation.title)),
                ("actions", builder.list(escalation.actions.iter().map(|action| Json::Str(action)))),
                ("policy", Json::Str(policy.name)),
            ];
            builder.object_at(&policy.origin, fields)
        };
        let escalations = power.escalations.as_ref().map_err(Clone::clone);
        [
            ("administrator", grants(&power.administrator)),
            ("escalations", builder.known(escalations.map(|paths| builder.list(paths.iter().map(path))))),
            ("ecrWrites", grants(&power.ecr_writes)),
        ]
    }

    fn grant(&self, grant: &PolicyGrant<'t>) -> Json<'t> {
        let PolicyGrant { policy, actions } = grant;
        let via = if policy.arn.is_empty() { "inline" } else { "attached" };
        let builder = self.iam.builder;
        let fields = [
            ("policy", Json::Str(policy.name)),
            ("arn", Json::Str(policy.arn)),
            ("via", Json::Str(via)),
            ("actions", builder.list(actions.iter().map(|action| Json::Str(action)))),
        ];
        builder.object_at(&policy.origin, fields)
    }

    fn policies(&self, role: &Role<'t>) -> Policies<'t> {
        let mut policies = Policies { held: Vec::new(), sources: Vec::new(), more: None };
        let pointer = role.resource.pointer();
        match role.resource.objects(&["AttachedPolicies", "*"]) {
            Ok(attached) => {
                for (at, item) in attached.into_iter().enumerate() {
                    let arn = match item
                        .as_ref()
                        .map_err(Clone::clone)
                        .and_then(|item| item.reference("PolicyArn"))
                    {
                        Ok(arn) => arn,
                        Err(unknown) => {
                            policies.more = Some(unknown);
                            continue;
                        }
                    };
                    let powers = self.managed(arn).and_then(|policy| self.powers(&policy, role));
                    policies.sources.push(PolicyOutcome { powers, may_deny: managed_name(arn).is_none() });
                    let name = item
                        .and_then(|item| item.reference("PolicyName"))
                        .unwrap_or_else(|_| last_segment(arn));
                    let origin = format!("{pointer}/AttachedPolicies/{at}");
                    policies.held.push(HeldPolicy { name, arn, origin });
                }
            }
            Err(unknown) => policies.more = Some(unknown),
        }
        match role.resource.objects(&["InlinePolicies", "*"]) {
            Ok(inline) => {
                for (at, item) in inline.into_iter().enumerate() {
                    let origin = format!("{pointer}/InlinePolicies/{at}");
                    let name =
                        item.as_ref().map_err(Clone::clone).and_then(|item| item.reference("PolicyName"));
                    let policy = item.and_then(|item| self.inline(&item, &origin));
                    let powers = policy.and_then(|policy| self.powers(&policy, role));
                    policies.sources.push(PolicyOutcome { powers, may_deny: true });
                    // What has no name may be one that the role should have, or none at all.
                    match name {
                        Ok(name) => policies.held.push(HeldPolicy { name, arn: "", origin }),
                        Err(unknown) => drop(policies.more.get_or_insert(unknown)),
                    }
                }
            }
            Err(unknown) => {
                policies.more.get_or_insert(unknown);
            }
        }
        policies
    }

    /// What a policy gives a role. What it says of ARNs may be about the role, whose own then must be known.
    fn powers(&self, policy: &Policy<'t>, role: &Role<'t>) -> Known<Grants> {
        policy.powers(role.arn).map_err(|gap| why_unclear(gap, "/policies"))
    }

    fn inline(&self, item: &ObjectView<'t>, at: &str) -> Known<Policy<'t>> {
        self.read(item.field("PolicyDocument")?, &format!("{at}/PolicyDocument"))
    }

    fn read(&self, document: Json<'t>, at: &str) -> Known<Policy<'t>> {
        let document = self.iam.document(document, at, Use::Identity)?;
        Policy::of(&document, self.tables, &self.targets).map_err(|gap| why_unclear(gap, at))
    }

    /// A managed policy.
    fn managed(&self, arn: &'t str) -> Known<Rc<Policy<'t>>> {
        if let Some(known) = self.policies.borrow().get(arn) {
            return known.clone();
        }
        let policy = self.read_managed(arn).map(Rc::new);
        self.policies.borrow_mut().insert(arn, policy.clone());
        policy
    }

    /// The document of the snapshot, else what the table says.
    fn read_managed(&self, arn: &str) -> Known<Policy<'t>> {
        let from_table = || self.tables.managed(arn).map(Policy::managed);
        match self.iam.policy_document(arn) {
            Ok((document, at)) => self.read(document, &at),
            Err(unknown) => from_table().ok_or(unknown),
        }
    }

    /// What the permissions boundary leaves; none where there is none.
    fn boundary(&self, role: &Role<'t>) -> Option<Known<Grants>> {
        match role.has_boundary() {
            Ok(false) => None,
            Err(unknown) => Some(Err(unknown)),
            Ok(true) => {
                let arn = role.resource.reference(&["PermissionsBoundary", "PermissionsBoundaryArn"]);
                Some(arn.and_then(|arn| self.managed(arn)).and_then(|policy| self.powers(&policy, role)))
            }
        }
    }
}

/// Why it is not known what a policy means.
fn why_unclear(gap: PolicyGap, at: &str) -> Unknown {
    match gap {
        PolicyGap::Unread(words) => Unknown::invalid(format!("the policy document {words}"), at),
        PolicyGap::Symbol(symbol) => template::not_known(&symbol, at),
    }
}

fn last_segment(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn not_in_snapshot(arn: &str) -> Unknown {
    Unknown {
        kind: UnknownKind::NotInSnapshot,
        reason: format!("the document of the policy {arn} is not in the snapshot"),
        at: "/policies".to_owned(),
        api: Some("iam:GetPolicyVersion".to_owned()),
        action: None,
    }
}

impl Role<'_> {
    /// `ListRoles` does not tell boundaries. What is joined to a role, or when it was last used, shows
    /// that it was asked for alone.
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
    pub(super) fn has_boundary(&self) -> Known<bool> {
        let there = |name: &str| self.resource.optional(name).is_ok_and(|node| node.is_some());
        if self.resource.optional("PermissionsBoundary")?.is_some() {
            return Ok(true);
        }
        if ["AttachedPolicies", "InlinePolicies", "RoleLastUsed"].iter().any(|name| there(name)) {
            return Ok(false);
        }
        Err(self.resource.absent(&["PermissionsBoundary"]))
    }
}

impl<'t> Iam<'t> {
    /// The document of a managed policy, and where it is.
    pub(super) fn policy_document(&self, arn: &str) -> Known<(Json<'t>, String)> {
        let Ok(Some(policy)) = self.view.find("policies", arn) else {
            if managed_name(arn).is_none() {
                self.view.literal(arn)?;
            }
            let section = self.view.section("policies").err();
            let why = section.filter(|unknown| {
                !matches!(unknown.kind, UnknownKind::NotInSnapshot | UnknownKind::NotInTemplate)
            });
            return Err(why.unwrap_or_else(|| not_in_snapshot(arn)));
        };
        Ok((policy.field("Document")?, format!("{}/Document", policy.pointer())))
    }

    /// What the snapshot says about a provider.
    pub(super) fn provider(&self, arn: &str) -> Provider<'t> {
        Provider { audiences: self.audiences(arn) }
    }

    /// The audiences of a provider; none if the cluster has no such provider.
    fn audiences(&self, arn: &str) -> Known<Option<Vec<&'t str>>> {
        let Some(provider) = self.view.find("openIDConnectProviders", arn)? else {
            self.view.literal(arn)?;
            let own =
                super::oidc::issuer_in(arn).is_some_and(|issuer| self.is_own_issuer(issuer) == Ok(true));
            let other = || Unknown::undecided(format!("the provider {arn} is not in the snapshot"));
            return if own { Ok(None) } else { Err(other()) };
        };
        provider.texts("ClientIDList").map(Some)
    }
}
