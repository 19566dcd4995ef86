//! The facts of `facts.addonIdentities[…]`: whether an add-on can get credentials from the role that it
//! was given.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>

use super::addon_accounts::of_addon;
use super::admission::{Admission, PolicyRequest, Refusal, judge, refused};
use super::associations::IdentityProblem;
use super::condition::{KeyContent, Meets};
use super::oidc::{self, OidcTrust};
use super::policy::{Document, Principal, Statement};
use super::trust::WEB_IDENTITY;
use super::{Iam, Role};
use crate::facts::known::{Known, any};
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use crate::value::Json;
use std::borrow::Cow;
use std::collections::HashSet;

/// What follows about the identity of an add-on.
struct AddonIdentity {
    accounts: Known<Vec<AddonAccount>>,
    /// Why it gets no credentials; none where it does, and where it has no role.
    problems: Known<Vec<IdentityProblem>>,
}

/// A service account of an add-on.
struct AddonAccount {
    namespace: String,
    name: &'static str,
}

impl AddonAccount {
    fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }

    fn shown(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The facts about all add-ons, by name.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    let builder = iam.builder;
    if let Err(unknown) = iam.view.section("addons") {
        return builder.unknown(&unknown);
    }
    let served = Served::of(iam);
    let node = |addon: ResourceView<'t>| {
        let name = addon.key()?;
        let AddonIdentity { accounts, problems } =
            AddonReader { iam, served: &served, addon, name }.identity();
        let accounts = accounts.map(|all| builder.texts(all.iter().map(AddonAccount::shown)));
        let problem = |problem: &IdentityProblem| {
            builder.object_at(problem.place.as_str(), [("reason", builder.text(&problem.reason))])
        };
        let problems = problems.map(|all| builder.list(all.iter().map(problem)));
        let fields = [("serviceAccounts", builder.known(accounts)), ("problems", builder.known(problems))];
        Some((name, builder.object_at(addon.pointer().as_str(), fields)))
    };
    builder.object(iam.view.items("addons").filter_map(node))
}

/// The service accounts that have associations, and why there may be more.
struct Served<'t> {
    accounts: HashSet<(&'t str, &'t str)>,
    more: Option<Unknown>,
}

impl<'t> Served<'t> {
    fn of(iam: &Iam<'t>) -> Self {
        let section = "podIdentityAssociations";
        let mut served = Self { accounts: HashSet::new(), more: iam.view.more(section) };
        for association in iam.view.items(section) {
            match association
                .text("namespace")
                .and_then(|space| Ok((space, association.text("serviceAccount")?)))
            {
                Ok(account) => {
                    served.accounts.insert(account);
                }
                Err(unknown) => {
                    served.more.get_or_insert(unknown);
                }
            }
        }
        served
    }
}

struct AddonReader<'i, 't> {
    iam: &'i Iam<'t>,
    served: &'i Served<'t>,
    addon: ResourceView<'t>,
    name: &'t str,
}

impl<'t> AddonReader<'_, 't> {
    fn identity(&self) -> AddonIdentity {
        let accounts = self.accounts();
        let problem = match self.addon.why_incomplete() {
            Some(unknown) => Err(unknown),
            None => self.problem(&accounts),
        };
        let problems = problem.map(|problem| problem.into_iter().collect());
        AddonIdentity { accounts, problems }
    }

    /// Its service accounts: those of the table, unless it was told to use others.
    fn accounts(&self) -> Known<Vec<AddonAccount>> {
        let name = self.name;
        self.iam.view.literal(name)?;
        let unknown = || Unknown::undecided(format!("which service accounts {name} uses is not documented"));
        let known = of_addon(name).ok_or_else(unknown)?;
        let values = self.addon.optional_prose("configurationValues")?.unwrap_or_default();
        if values.to_ascii_lowercase().contains("serviceaccount") {
            let reason = format!("the configuration values of {name} may name another service account");
            return Err(Unknown::undecided(reason));
        }
        let own = self.addon.optional_text_under(&["namespaceConfig", "namespace"])?;
        let namespace = own.unwrap_or(&known.namespace);
        let account = |name: &'static String| AddonAccount { namespace: namespace.to_owned(), name };
        Ok(known.service_accounts.iter().map(account).collect())
    }

    /// Pod Identity goes before the role of the service account.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html>
    fn problem(&self, accounts: &Known<Vec<AddonAccount>>) -> Known<Option<IdentityProblem>> {
        let arns =
            self.addon.whole().optional_ids_in("podIdentityAssociations", "podIdentityAssociations")?;
        if !arns.is_empty() {
            return self.by_associations(&arns, accounts);
        }
        let Some(arn) = self.addon.whole().optional_reference("serviceAccountRoleArn")? else {
            return Ok(None);
        };
        let Some(problem) = self.by_role(arn, accounts)? else { return Ok(None) };
        Ok(if self.associated(accounts)? { None } else { Some(problem) })
    }

    /// Whether an association that was made beside the add-on serves one of its accounts.
    fn associated(&self, accounts: &Known<Vec<AddonAccount>>) -> Known<bool> {
        let Served { accounts: served, more } = self.served;
        let why = match accounts {
            Ok(accounts)
                if accounts.iter().any(|own| served.contains(&(own.namespace.as_str(), own.name))) =>
            {
                return Ok(true);
            }
            Err(unknown) if !served.is_empty() => Some(unknown),
            _ => more.as_ref(),
        };
        why.map_or(Ok(false), |unknown| Err(unknown.clone()))
    }

    /// Whether the associations of the add-on are for none of its accounts.
    fn by_associations(
        &self,
        arns: &[&'t str],
        accounts: &Known<Vec<AddonAccount>>,
    ) -> Known<Option<IdentityProblem>> {
        let accounts = accounts.as_ref().map_err(Clone::clone)?;
        let serves = |arn: &&'t str| {
            let gone = || Unknown::undecided(format!("the association {arn} is not in the snapshot"));
            let found = self.iam.view.find("podIdentityAssociations", arn)?;
            serves(&found.ok_or_else(gone)?, accounts)
        };
        if any(arns.iter().map(serves))? {
            return Ok(None);
        }
        let reason = format!("none of its Pod Identity associations is for {}", shown(accounts));
        Ok(Some(self.problem_at("podIdentityAssociations", reason)))
    }

    /// Whether its role lets none of its accounts in.
    fn by_role(&self, arn: &str, accounts: &Known<Vec<AddonAccount>>) -> Known<Option<IdentityProblem>> {
        let role = self.iam.known_role(arn)?;
        let trust = role.trust.as_ref().map_err(Clone::clone)?;
        let own = self.own_trusts(role)?;
        if own.is_empty() {
            return Ok(Some(self.problem_at("serviceAccountRoleArn", trusts_others(self.iam, role))));
        }
        // What nobody can meet is told where the trust stands.
        let never = |trust: &&OidcTrust<'t>| trust.never_matches.as_ref().is_ok_and(|why| !why.is_empty());
        if own.iter().all(never) {
            return Ok(None);
        }
        let accounts = accounts.as_ref().map_err(Clone::clone)?;
        let Some(refusal) = self.refusal(trust, own[0].issuer, accounts)? else { return Ok(None) };
        let shown = shown(accounts);
        let uses = |_: &str| format!("the add-on uses the service account {shown}");
        let reason = refused(&refusal, (arn, WEB_IDENTITY, &shown), uses);
        Ok(Some(self.problem_at("serviceAccountRoleArn", reason)))
    }

    /// Why the trust lets none of the accounts in; none if it lets one in.
    fn refusal<'d>(
        &self,
        trust: &'d Document<'t>,
        issuer: &str,
        accounts: &[AddonAccount],
    ) -> Known<Option<Refusal<'d, 't>>> {
        let mut last = None;
        for account in accounts {
            let request = TokenRequest { iam: self.iam, issuer, subject: account.subject() };
            match judge(trust.statements.iter(), WEB_IDENTITY, &request)? {
                Admission::Granted(_) => return Ok(None),
                Admission::Refused(refusal) => last = Some(refusal),
            }
        }
        Ok(last)
    }

    /// The trusts in this cluster's provider.
    fn own_trusts<'r>(&self, role: &'r Role<'t>) -> Known<Vec<&'r OidcTrust<'t>>> {
        let mut own = Vec::new();
        if let Some(unknown) = role.more_oidc_trusts() {
            return Err(unknown.clone());
        }
        for trust in role.oidc_trusts() {
            if self.iam.is_own_issuer(trust.issuer)? {
                own.push(trust);
            }
        }
        Ok(own)
    }

    fn problem_at(&self, field: &str, reason: String) -> IdentityProblem {
        IdentityProblem { reason, place: self.addon.place(field) }
    }
}

fn serves(association: &ResourceView<'_>, accounts: &[AddonAccount]) -> Known<bool> {
    let (namespace, name) = (association.text("namespace")?, association.text("serviceAccount")?);
    Ok(accounts.iter().any(|account| account.namespace == namespace && account.name == name))
}

fn shown(accounts: &[AddonAccount]) -> String {
    accounts.iter().map(AddonAccount::shown).collect::<Vec<_>>().join(" or ")
}

/// Whom a role trusts that does not trust this cluster's provider.
fn trusts_others(iam: &Iam<'_>, role: &Role<'_>) -> String {
    let arn = role.arn;
    match role.oidc_trusts().iter().find(|trust| iam.is_of_eks(trust.issuer) == Ok(true)) {
        Some(trust) => {
            format!("the role {arn} trusts the OIDC provider of another cluster, {}", trust.issuer)
        }
        None => format!("the role {arn} does not trust the OIDC provider of this cluster"),
    }
}

/// What a pod asks with the token of its service account.
struct TokenRequest<'a, 't> {
    iam: &'a Iam<'t>,
    issuer: &'a str,
    subject: String,
}

impl<'t> PolicyRequest for TokenRequest<'_, 't> {
    fn content(&self, key: &str) -> Known<KeyContent<'_>> {
        // The key has small letters only, also in its symbols.
        let own = self.issuer.to_ascii_lowercase();
        let claim = key.rsplit_once(':').filter(|(issuer, _)| *issuer == own);
        Ok(match claim {
            Some((_, "sub")) => KeyContent::Values(vec![Cow::Borrowed(self.subject.as_str())]),
            // A wrong audience keeps everybody out, and is told where the trust stands.
            _ => KeyContent::Open,
        })
    }

    fn is_subject_of(&self, statement: &Statement<'_>) -> Meets {
        let names = |principal: &Principal<'_>| match principal {
            Principal::Federated(arn) if statement.has_symbols => {
                let issuer = self.iam.issuer_of(arn).map(Option::unwrap_or_default);
                issuer.and_then(|issuer| self.iam.is_same(issuer, self.issuer)).ok()
            }
            Principal::Federated(arn) => Some(oidc::issuer_of(arn) == Some(self.issuer)),
            Principal::Everyone => Some(true),
            _ => Some(false),
        };
        let named: Vec<_> = statement.principals.list.iter().map(names).collect();
        match named.contains(&Some(true)) {
            false if named.contains(&None) => Meets::Perhaps,
            named if named != statement.principals.negated => Meets::Always,
            _ => Meets::Never,
        }
    }
}
