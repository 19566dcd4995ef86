//! The facts of `facts.roles[…].trust`.

use super::oidc::{self, OidcTrust};
use super::policy::Document;
use super::{Iam, Role};
use crate::value::Json;

/// Whom a role trusts.
pub(super) fn of_role<'t>(iam: &Iam<'t>, role: &Role<'t>) -> Json<'t> {
    let document = match &role.trust {
        Ok(document) => document,
        Err(unknown) => return iam.builder.unknown(unknown),
    };
    let trust = TrustFacts { iam, role, document };
    let fields = [
        ("everyone", trust.everyone()),
        ("services", trust.services()),
        ("accounts", trust.accounts()),
        ("oidc", trust.oidc()),
        ("podIdentity", trust.pod_identity()),
    ];
    iam.builder.object_at(&role.trust_origin(), fields)
}

struct TrustFacts<'i, 't> {
    iam: &'i Iam<'t>,
    role: &'i Role<'t>,
    document: &'i Document<'t>,
}

impl<'t> TrustFacts<'_, 't> {
    fn at(&self, statement: usize, fields: impl IntoIterator<Item = (&'t str, Json<'t>)>) -> Json<'t> {
        self.iam.builder.object_at(&self.role.statement_origin(statement), fields)
    }

    fn texts(&self, texts: &[&'t str]) -> Json<'t> {
        self.iam.builder.list(texts.iter().map(|text| Json::Str(text)))
    }

    fn condition_keys(&self, statement: usize) -> Json<'t> {
        let conditions = &self.document.statements[statement].conditions;
        self.iam.builder.texts(conditions.iter().map(|condition| condition.key.to_ascii_lowercase()))
    }

    fn everyone(&self) -> Json<'t> {
        let statements = self.document.everyone().into_iter().map(|at| {
            let statement = &self.document.statements[at];
            let not = if statement.actions.negated { "all but " } else { "" };
            let actions = statement.actions.texts.iter().map(|action| format!("{not}{action}"));
            let fields = [
                ("sid", Json::Str(statement.sid)),
                ("actions", self.iam.builder.texts(actions)),
                ("conditionKeys", self.condition_keys(at)),
            ];
            self.at(at, fields)
        });
        self.iam.builder.list(statements)
    }

    fn services(&self) -> Json<'t> {
        let services = self.document.services().into_iter().map(|service| {
            let fields = [
                ("name", Json::Str(service.name)),
                ("restricted", Json::Bool(service.restricted)),
                ("tagSession", Json::Bool(service.tag_session)),
                ("conditionKeys", self.condition_keys(service.statement)),
            ];
            self.at(service.statement, fields)
        });
        self.iam.builder.list(services)
    }

    fn accounts(&self) -> Json<'t> {
        let builder = self.iam.builder;
        let accounts = self.document.accounts().into_iter().map(|trusted| {
            let gone = || {
                let words = format!("{} is the id of a principal that is gone", trusted.principal);
                crate::snapshot::Unknown::undecided(words)
            };
            let account = trusted.account.clone().and_then(|account| account.ok_or_else(gone));
            let external = account.clone().and_then(|account| Ok(account != self.iam.account()?));
            let fields = [
                ("account", builder.known(account.map(Json::Str))),
                ("principal", Json::Str(trusted.principal)),
                ("external", builder.flag(external)),
                ("restricted", Json::Bool(trusted.restricted)),
                ("conditionKeys", self.condition_keys(trusted.statement)),
            ];
            self.at(trusted.statement, fields)
        });
        builder.list(accounts)
    }

    fn oidc(&self) -> Json<'t> {
        self.iam.list(self.role.oidc.iter().map(|trust| self.oidc_trust(trust)), self.role.more_oidc.as_ref())
    }

    fn oidc_trust(&self, trust: &OidcTrust<'t>) -> Json<'t> {
        let builder = self.iam.builder;
        let audiences = self.iam.provider(trust.provider).audiences.map(Option::unwrap_or_default);
        let never = trust.never_matches.as_ref().map(|reasons| builder.texts(reasons)).map_err(Clone::clone);
        let fields = [
            ("provider", Json::Str(trust.provider)),
            ("issuer", Json::Str(trust.issuer)),
            ("isEks", builder.flag(self.iam.is_of_eks(trust.issuer))),
            ("ofCluster", builder.flag(self.iam.is_own_issuer(trust.issuer))),
            ("subjects", self.texts(&trust.subjects)),
            ("subjectRestricted", Json::Bool(trust.subject_restricted)),
            ("wildcardSubjects", self.texts(&trust.wildcard_subjects)),
            ("namespaceWildcard", Json::Bool(trust.namespace_wildcard)),
            ("serviceAccountWildcard", Json::Bool(trust.service_account_wildcard)),
            ("audiences", self.texts(&trust.audiences)),
            ("audienceRestricted", Json::Bool(trust.audience_restricted)),
            ("onlySts", builder.flag(audiences.clone().map(|audiences| oidc::only_sts(&audiences)))),
            ("providerAudiences", builder.known(audiences.map(|audiences| self.texts(&audiences)))),
            ("neverMatches", builder.known(never)),
        ];
        self.at(trust.statement, fields)
    }

    fn pod_identity(&self) -> Json<'t> {
        let pods = match self.document.pod_identity() {
            Ok(pods) => pods,
            Err(unknown) => return self.iam.builder.unknown(&unknown),
        };
        let fields = [
            ("trusts", Json::Bool(pods.trusts)),
            ("tagSession", Json::Bool(pods.tag_session)),
            ("restricted", Json::Bool(pods.restricted)),
        ];
        match pods.statement {
            Some(at) => self.at(at, fields),
            None => self.iam.builder.object_at(&self.role.trust_origin(), fields),
        }
    }
}
