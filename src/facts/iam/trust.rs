//! Whom the trust policy of a role lets in, beside the OpenID Connect providers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use super::condition::{Condition, Test};
use super::policy::{Document, Effect, Principal, Statement};
use super::symbols::{has_symbol, not_known, plain, same};
use super::tables::{ASSUME_ROLE, TAG_SESSION};
use super::wildcard::is_pattern;
use crate::facts::known::Known;
use crate::snapshot::shared_vpc::is_account_id;

/// The service through which Pod Identity gives roles to pods.
pub(super) const PODS: &str = "pods.eks.amazonaws.com";
pub(super) const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
/// All ways to assume a role.
const ASSUME: [&str; 3] = [ASSUME_ROLE, WEB_IDENTITY, "sts:AssumeRoleWithSAML"];

/// Keys that a stranger cannot choose, and whether every request has them. `sts:ExternalId` is a
/// shared secret.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const STRANGER_KEYS: [(&str, bool); 17] = [
    ("aws:principalaccount", true),
    ("aws:principalarn", true),
    ("aws:principalorgid", false),
    ("aws:principalorgpaths", false),
    ("aws:principalisawsservice", true),
    ("aws:principalservicename", false),
    ("aws:userid", true),
    ("aws:sourceaccount", false),
    ("aws:sourcearn", false),
    ("aws:sourceorgid", false),
    ("aws:sourceorgpaths", false),
    ("aws:sourceip", false),
    ("aws:vpcsourceip", false),
    ("aws:sourcevpc", false),
    ("aws:sourcevpce", false),
    ("aws:federatedprovider", false),
    ("sts:externalid", false),
];

/// Keys that tie a service to whom it acts for.
const SOURCE_KEYS: [&str; 4] =
    ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

/// The tags of the sessions that Pod Identity makes.
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>
const POD_TAGS: [&str; 3] = [
    "aws:requesttag/eks-cluster-",
    "aws:requesttag/kubernetes-namespace",
    "aws:requesttag/kubernetes-service-account",
];

/// A service that a role trusts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TrustedService<'t> {
    pub(super) statement: usize,
    pub(super) name: &'t str,
    /// Whether a condition ties it to accounts or resources.
    pub(super) restricted: bool,
    pub(super) tag_session: bool,
}

/// An account, or something in one, that a role trusts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TrustedAccount<'t> {
    pub(super) statement: usize,
    /// None for the id of a principal that is gone. Not known where a symbol says it.
    pub(super) account: Known<Option<&'t str>>,
    pub(super) principal: &'t str,
    /// Whether a condition says more about who it may be.
    pub(super) restricted: bool,
}

/// How a role trusts Pod Identity.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PodIdentity {
    /// The first statement that does.
    pub(super) statement: Option<usize>,
    pub(super) trusts: bool,
    pub(super) tag_session: bool,
    /// Whether every statement that does is tied to accounts, clusters or service accounts.
    pub(super) restricted: bool,
}

impl<'t> Document<'t> {
    fn allowing(&self) -> impl Iterator<Item = (usize, &Statement<'t>)> {
        self.statements.iter().enumerate().filter(|(_, statement)| statement.effect == Effect::Allow)
    }

    fn denying(&self) -> impl Iterator<Item = &Statement<'t>> {
        self.statements.iter().filter(|statement| statement.effect == Effect::Deny)
    }

    /// The statements through which anyone may assume the role.
    pub(super) fn everyone(&self) -> Vec<usize> {
        let open = |statement: &Statement<'t>| {
            let actions = ASSUME.iter().filter(|action| statement.actions.cover_action(action));
            let mut left = actions.filter(|action| !self.denying().any(|deny| deny.denies_strangers(action)));
            let kept_out = statement.conditions.iter().any(Condition::keeps_strangers_out);
            statement.lets_everyone_in() && !kept_out && left.next().is_some()
        };
        self.allowing().filter(|(_, statement)| open(statement)).map(|(at, _)| at).collect()
    }

    /// The services that may assume the role.
    pub(super) fn services(&self) -> Vec<TrustedService<'t>> {
        let mut services = Vec::new();
        for (at, statement) in self.allowing().filter(|(_, s)| s.actions.cover_action(ASSUME_ROLE)) {
            for principal in statement.trusted() {
                let Principal::Service(name) = principal else { continue };
                if !self.is_denied(ASSUME_ROLE, principal) {
                    services.push(TrustedService {
                        statement: at,
                        name,
                        restricted: statement.conditions.iter().any(Condition::ties_to_a_source),
                        tag_session: self.allows(TAG_SESSION, principal),
                    });
                }
            }
        }
        services
    }

    /// The accounts, and what is in accounts, that may assume the role.
    pub(super) fn accounts(&self) -> Vec<TrustedAccount<'t>> {
        let mut accounts = Vec::new();
        for (at, statement) in self.allowing().filter(|(_, s)| s.actions.cover_action(ASSUME_ROLE)) {
            for principal in statement.trusted() {
                let Principal::Aws(name) = principal else { continue };
                if !self.is_denied(ASSUME_ROLE, principal) {
                    let restricted = statement.conditions.iter().any(Condition::keeps_strangers_out);
                    accounts.push(TrustedAccount {
                        statement: at,
                        account: match statement.has_symbols && has_symbol(name) {
                            true => Err(not_known(name)),
                            false => Ok(account_of(name)),
                        },
                        principal: name,
                        restricted,
                    });
                }
            }
        }
        accounts
    }

    /// How the role trusts Pod Identity.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
    pub(super) fn pod_identity(&self) -> Known<PodIdentity> {
        let principal = Principal::Service(PODS);
        for (_, statement) in self.allowing().filter(|(_, statement)| statement.has_symbols) {
            for trusted in statement.trusted() {
                if let Principal::Service(name) = trusted {
                    same(name, PODS)?;
                }
            }
        }
        let assuming = |action: &'static str| {
            self.allowing().filter(move |(_, statement)| {
                statement.trusts(principal) && statement.actions.cover_action(action)
            })
        };
        let trusts = !self.is_denied(ASSUME_ROLE, principal) && assuming(ASSUME_ROLE).next().is_some();
        Ok(PodIdentity {
            statement: assuming(ASSUME_ROLE).next().map(|(at, _)| at),
            trusts,
            tag_session: trusts && self.allows(TAG_SESSION, principal),
            restricted: trusts
                && assuming(ASSUME_ROLE).all(|(_, s)| s.conditions.iter().any(Condition::ties_pods)),
        })
    }

    /// Whether some statement allows an action to a principal, and none denies it.
    pub(super) fn allows(&self, action: &str, principal: Principal<'_>) -> bool {
        let allows =
            |statement: &Statement<'t>| statement.trusts(principal) && statement.actions.cover_action(action);
        self.allowing().any(|(_, statement)| allows(statement)) && !self.is_denied(action, principal)
    }

    /// Whether a Deny without conditions forbids an action to a principal.
    pub(super) fn is_denied(&self, action: &str, principal: Principal<'_>) -> bool {
        self.denying().any(|statement| {
            let names = statement.principals.list.contains(&principal);
            let covers = statement.principals.list.contains(&Principal::Everyone);
            let about = if statement.principals.negated { !names && !covers } else { names || covers };
            about && statement.conditions.is_empty() && statement.actions.cover_action(action)
        })
    }

    /// The Deny statements about a principal and an action that have conditions.
    pub(super) fn conditional_denials(
        &self,
        action: &str,
        principal: Principal<'_>,
    ) -> impl Iterator<Item = &Statement<'t>> {
        self.denying().filter(move |statement| {
            let about = |known: &Principal<'_>| *known == principal || *known == Principal::Everyone;
            !statement.principals.negated
                && statement.principals.list.iter().any(about)
                && statement.actions.cover_action(action)
        })
    }
}

impl<'t> Statement<'t> {
    /// Whom it names; none for `NotPrincipal`.
    fn trusted(&self) -> impl Iterator<Item = Principal<'t>> {
        let named = if self.principals.negated { &[] } else { self.principals.list.as_slice() };
        named.iter().copied()
    }

    fn trusts(&self, principal: Principal<'_>) -> bool {
        self.trusted().any(|known| known == principal)
    }

    fn lets_everyone_in(&self) -> bool {
        self.principals.negated || self.trusted().any(|principal| principal == Principal::Everyone)
    }

    /// Whether nobody but those it leaves out may do an action.
    fn denies_strangers(&self, action: &str) -> bool {
        self.lets_everyone_in()
            && self.actions.cover_action(action)
            && self.conditions.iter().all(Condition::meets_strangers)
    }
}

impl Condition<'_> {
    /// Whether a request of someone unknown does not meet it.
    fn keeps_strangers_out(&self) -> bool {
        let Some((_, always_there)) = self.stranger_key() else { return false };
        let needs_key = always_there || !self.operator.holds_without_key();
        self.operator.wants_a_value() && needs_key && self.values.iter().all(|value| self.is_narrow(value))
    }

    /// Whether a request of someone unknown meets it, for a Deny.
    fn meets_strangers(&self) -> bool {
        let no_service = ["aws:principalisawsservice", "aws:viaawsservice"].iter().any(|key| self.is_on(key))
            && self.operator.test == Test::Bool
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
        let others = self.stranger_key().is_some()
            && self.operator.negated
            && self.values.iter().all(|value| self.is_narrow(value));
        no_service || others
    }

    fn stranger_key(&self) -> Option<(&'static str, bool)> {
        STRANGER_KEYS.iter().find(|(key, _)| self.is_on(key)).copied()
    }

    /// Whether a value is not one that anyone has.
    fn is_narrow(&self, value: &str) -> bool {
        match self.operator.test {
            Test::Bool => value.eq_ignore_ascii_case("true"),
            Test::Address => !value.ends_with("/0"),
            Test::Like if self.has_symbols => !is_wide(&plain(value)),
            Test::Like => !is_wide(value),
            _ => true,
        }
    }

    /// Whether it ties a service to whom it acts for.
    fn ties_to_a_source(&self) -> bool {
        let on_source = SOURCE_KEYS.iter().any(|key| self.is_on(key));
        on_source && self.keeps_strangers_out()
    }

    /// Whether it ties Pod Identity to accounts, clusters or service accounts.
    fn ties_pods(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        let on_tag = POD_TAGS.iter().any(|tag| key.starts_with(tag));
        let narrow = || self.values.iter().all(|value| self.is_narrow(value));
        let wanted = self.operator.wants_a_value() && !self.operator.holds_without_key();
        self.ties_to_a_source() || on_tag && wanted && narrow()
    }
}

/// Whether a pattern fits something that anyone can have: an ARN of any account, any organization.
fn is_wide(pattern: &str) -> bool {
    if !is_pattern(pattern) {
        return false;
    }
    let mut parts = pattern.splitn(6, ':');
    if parts.next() != Some("arn") {
        let name = pattern.strip_prefix("o-").unwrap_or(pattern);
        return name.starts_with(['*', '?']);
    }
    let (account, resource) = (parts.nth(3).unwrap_or("*"), parts.next().unwrap_or("*"));
    // ARNs of some services, such as buckets, have no account.
    is_pattern(account) || account.is_empty() && resource.starts_with(['*', '?'])
}

/// Whether a principal of a policy is a whole account.
pub(super) fn names_account(principal: &str, account: &str) -> bool {
    principal == account || principal.ends_with(&format!("::{account}:root"))
}

/// The account of a principal: of its number or of its ARN.
pub(super) fn account_of(principal: &str) -> Option<&str> {
    let account = if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    is_account_id(account).then_some(account)
}
