//! Which tokens of OpenID Connect providers a role accepts: IAM roles for service accounts, and the
//! like. The widest value of a condition decides; of several conditions, which must all hold, the
//! narrowest.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>

use super::Iam;
use super::condition::{Condition, Operator, Test};
use super::policy::{Document, Effect, Principal, Statement};
use super::symbols::{arn_from, has_symbol, not_known, plain, same_but_case};
use super::trust::WEB_IDENTITY;
use super::wildcard::{is_pattern, matches, matches_some_with};
use crate::facts::known::Known;
use crate::snapshot::Unknown;
use crate::value::SymbolicText;
use crate::value::symbolic::is_one_symbol;

/// What the subjects of service accounts begin with.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";
/// A subject that no pattern but the widest covers.
const ANY_SUBJECT: &str = "system:serviceaccount:\u{1}:\u{1}";
/// The audiences that tokens for AWS have.
const STS: [&str; 2] = ["sts.amazonaws.com", "sts.amazonaws.com.cn"];

/// One statement's trust in one provider.
#[derive(Debug)]
pub(crate) struct OidcTrust<'t> {
    pub(crate) statement: usize,
    pub(super) provider: &'t str,
    pub(crate) issuer: &'t str,
    /// The values of the condition on the subject that is the narrowest.
    pub(super) subjects: Vec<&'t str>,
    pub(crate) subject_restricted: bool,
    /// Those of the subjects that are patterns.
    pub(crate) wildcard_subjects: Vec<&'t str>,
    pub(crate) namespace_wildcard: bool,
    pub(super) service_account_wildcard: bool,
    pub(super) audiences: Vec<&'t str>,
    pub(super) audience_restricted: bool,
    /// Why no token can ever match.
    pub(crate) never_matches: Known<Vec<String>>,
    /// Whether its conditions have symbols.
    has_symbols: bool,
}

impl<'t> OidcTrust<'t> {
    /// A subject of which it is not known whose it is: a symbol is where it says so.
    pub(super) fn unclear_subject(&self) -> Option<&'t str> {
        let is_whole = |subject: &&str| subject.strip_prefix(SERVICE_ACCOUNT).is_some();
        self.subjects
            .iter()
            .copied()
            .filter(|_| self.has_symbols)
            .find(|one| has_symbol(one) && !is_whole(one))
    }
}

/// How wide a value of a condition on the subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Exact,
    /// Several service accounts of a namespace.
    Names,
    /// Service accounts of several namespaces.
    Namespaces,
    /// Every subject.
    All,
}

/// What a token of a provider is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Subject,
    Audience,
}

/// What is known of a provider beside the trust.
#[derive(Debug)]
pub(super) struct Provider<'t> {
    /// Its audiences, or why they are not known; none if there is no such provider.
    pub(super) audiences: Known<Option<Vec<&'t str>>>,
}

/// The issuer, without `https://`, of a provider's ARN, in which parts may be symbols.
pub(super) fn issuer_in(provider: &str) -> Option<&str> {
    arn_from(provider, 5)?.strip_prefix("oidc-provider/").filter(|issuer| !issuer.is_empty())
}

/// The issuer, without `https://`, of a provider's ARN.
pub(super) fn issuer_of(provider: &str) -> Option<&str> {
    let resource = provider.splitn(6, ':').nth(5)?;
    resource.strip_prefix("oidc-provider/").filter(|issuer| !issuer.is_empty())
}

/// Whether an issuer, without `https://`, is an EKS cluster's.
pub(super) fn is_of_eks(issuer: &str) -> bool {
    let host = issuer.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let classic = host.starts_with("oidc.eks.")
        && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
    let dual_stack = host.starts_with("oidc-eks.") && host.contains(".api.");
    classic || dual_stack
}

/// Whether tokens for AWS are the only ones that a provider takes.
pub(super) fn only_sts(audiences: &[&str]) -> bool {
    !audiences.is_empty() && audiences.iter().all(|audience| STS.contains(audience))
}

/// The statements that trust OpenID Connect providers, and why there may be others.
pub(super) fn trusts<'t>(document: &Document<'t>, iam: &Iam<'t>) -> (Vec<OidcTrust<'t>>, Option<Unknown>) {
    let (mut trusts, mut more) = (Vec::new(), None);
    for (at, statement) in document.statements.iter().enumerate() {
        let allows = statement.effect == Effect::Allow && !statement.principals.negated;
        for principal in statement.principals.list.iter().filter(|_| allows) {
            let Principal::Federated(arn) = *principal else { continue };
            let conditions = conditions(document, statement, *principal);
            let reading = match Reading::of(iam, arn, conditions) {
                Ok(Some(reading)) => reading,
                Ok(None) => continue,
                Err(unknown) => {
                    more.get_or_insert(unknown);
                    continue;
                }
            };
            let mut trust = reading.trust(at, &iam.provider(arn));
            let more = reading.why_not_assumed(document, statement, *principal);
            if let (Some(reason), never) = (more, &mut trust.never_matches) {
                let mut reasons = std::mem::replace(never, Ok(Vec::new())).unwrap_or_default();
                reasons.push(reason);
                *never = Ok(reasons);
            }
            trusts.push(trust);
        }
    }
    (trusts, more)
}

/// The conditions of a statement, and the opposite of what is denied under a single condition.
fn conditions<'t>(
    document: &Document<'t>,
    statement: &Statement<'t>,
    principal: Principal<'_>,
) -> Vec<Condition<'t>> {
    // `Deny` where the subject is not `a` leaves what `Allow` where it is `a` allows. Of several conditions
    // all must hold for a Deny, so it leaves what fails any of them: no single condition says that.
    // A negated operator holds where the claim is missing, so its opposite wants the claim to be there:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    let denied = document.conditional_denials(WEB_IDENTITY, principal);
    let opposite = denied.filter_map(|deny| match deny.conditions.as_slice() {
        [one] if one.operator.negated => {
            let operator = Operator { negated: false, if_exists: false, for_all: false, ..one.operator };
            Some(Condition { operator, ..one.clone() })
        }
        _ => None,
    });
    statement.conditions.iter().cloned().chain(opposite).collect()
}

/// A statement as it is read for one provider.
struct Reading<'t> {
    provider: &'t str,
    issuer: &'t str,
    conditions: Vec<Condition<'t>>,
    is_eks: bool,
}

impl<'t> Reading<'t> {
    /// A statement as it is read for one principal; none where that is no OpenID Connect provider.
    fn of(iam: &Iam<'t>, provider: &'t str, conditions: Vec<Condition<'t>>) -> Known<Option<Self>> {
        let Some(issuer) = iam.issuer_of(provider)? else { return Ok(None) };
        // Where it is not the same for certain and not another one either, the statement is not read.
        let symbolic = |condition: &&Condition<'t>| condition.has_symbols || iam.has_symbol(issuer);
        for condition in conditions.iter().filter(symbolic) {
            let Some((of, claim)) = claim_of(condition) else { continue };
            if same_but_case(of, issuer).is_none() && iam.is_same_issuer(of, issuer).is_err() {
                return Err(not_known(condition.key));
            }
            // What a template puts around the issuer may be empty.
            if of != issuer && of.contains(issuer) {
                return Err(not_known(condition.key));
            }
            // A pattern for all of a subject may stand behind a symbol, but not behind one for a name in it.
            let is_whole = |value: &&&str| is_one_symbol(value) && has_symbol(value);
            let whole = condition.values.iter().find(is_whole);
            if let Some(value) =
                whole.filter(|_| claim == Claim::Subject && condition.operator.has_wildcards())
            {
                return Err(not_known(value));
            }
        }
        let is_eks = iam.is_of_eks(issuer)?;
        Ok(Some(Self { provider, issuer, conditions, is_eks }))
    }

    fn trust(&self, statement: usize, provider: &Provider<'t>) -> OidcTrust<'t> {
        let narrowest =
            self.asking(Claim::Subject).map(|c| (self.width(c), c)).min_by_key(|(width, _)| *width);
        let restricting = narrowest.filter(|(width, _)| *width < Width::All);
        let values = narrowest.map(|(_, condition)| condition.values.clone()).unwrap_or_default();
        let patterns = narrowest.is_some_and(|(_, condition)| condition.operator.has_wildcards());
        let wild: Vec<_> = values.iter().copied().filter(|value| patterns && is_pattern(value)).collect();
        let name_wild = |value: &&str| value.splitn(4, ':').nth(3).is_none_or(is_pattern);
        let audiences: Vec<_> = self.asking(Claim::Audience).flat_map(|c| c.values.clone()).collect();
        OidcTrust {
            statement,
            provider: self.provider,
            issuer: self.issuer,
            subject_restricted: restricting.is_some(),
            namespace_wildcard: self.is_eks && narrowest.is_some_and(|(width, _)| width >= Width::Namespaces),
            service_account_wildcard: self.is_eks && wild.iter().any(name_wild),
            wildcard_subjects: wild,
            subjects: values,
            audience_restricted: self.asking(Claim::Audience).any(|c| !covers_all(c)),
            audiences,
            never_matches: self.never_matches(provider),
            has_symbols: self.conditions.iter().any(|condition| condition.has_symbols),
        }
    }

    /// The conditions that ask for a claim of this provider.
    fn asking(&self, claim: Claim) -> impl Iterator<Item = &Condition<'t>> {
        let asks = move |condition: &&Condition<'t>| {
            let (issuer, asked) = claim_of(condition).unzip();
            // The names of condition keys are not case-sensitive, unlike what they are compared with.
            let mine = issuer.is_some_and(|issuer| self.is_mine(condition, issuer));
            mine && asked == Some(claim) && condition.operator.wants_a_value()
        };
        self.conditions.iter().filter(asks)
    }

    /// Whether the issuer of a condition is this one.
    fn is_mine(&self, condition: &Condition<'_>, issuer: &str) -> bool {
        match condition.has_symbols {
            // Where that is not known, the statement is not read.
            true => same_but_case(issuer, self.issuer) == Some(true),
            false => issuer.eq_ignore_ascii_case(self.issuer),
        }
    }

    /// The width of the widest value.
    fn width(&self, condition: &Condition<'_>) -> Width {
        let patterns = condition.operator.has_wildcards();
        let width = |value: &&str| match () {
            () if condition.has_symbols && !is_pattern(&plain(value)) => Width::Exact,
            () if !patterns || !is_pattern(value) => Width::Exact,
            () if matches(value, ANY_SUBJECT, false) || value.bytes().all(|byte| byte == b'*') => Width::All,
            // What the parts of a subject mean is for its issuer to say: of others, a pattern is a pattern.
            () if !self.is_eks => Width::Names,
            () => {
                // `*` goes across colons: `system:serviceaccount:prod*` covers every service account of
                // every namespace that begins so, though it looks like a namespace's name.
                let mut segments = value.splitn(4, ':');
                let wild = segments.by_ref().take(3).any(is_pattern);
                if wild || segments.next().is_none() { Width::Namespaces } else { Width::Names }
            }
        };
        condition.values.iter().map(width).max().unwrap_or(Width::Exact)
    }

    fn never_matches(&self, provider: &Provider<'t>) -> Known<Vec<String>> {
        let foreign = self.conditions.iter().filter_map(|condition| self.foreign_key(condition));
        let mut reasons: Vec<_> = foreign.collect();
        let mut unknown = None;
        for condition in self.asking(Claim::Subject) {
            match self.symbol_that_decides(condition) {
                Some(symbol) => unknown = Some(not_known(symbol)),
                None => reasons.extend(self.impossible_subject(condition)),
            }
        }
        for condition in self.asking(Claim::Audience) {
            match wrong_audience(condition, provider) {
                Ok(reason) => reasons.extend(reason),
                Err(why) => unknown = Some(why),
            }
        }
        if let Ok(None) = provider.audiences {
            reasons.push(format!("there is no provider {}", self.provider));
        }
        // One sure reason is enough, whatever else is unknown.
        match unknown {
            Some(unknown) if reasons.is_empty() => Err(unknown),
            _ => Ok(reasons),
        }
    }

    /// A condition on a claim whose key no token of this provider has.
    fn foreign_key(&self, condition: &Condition<'_>) -> Option<String> {
        let (issuer, _) = claim_of(condition)?;
        let missing = !self.is_mine(condition, issuer);
        if !missing || condition.operator.holds_without_key() || !condition.operator.wants_a_value() {
            return None;
        }
        let key = condition.key;
        Some(match issuer.contains("://") {
            true => format!("the condition key {key} begins with a scheme, which no key has"),
            false => format!("the condition key {key} is not of the provider {}", self.provider),
        })
    }

    /// A subject with a symbol, where it depends on it whether any token meets the condition.
    fn symbol_that_decides(&self, condition: &Condition<'t>) -> Option<&'t str> {
        let start =
            |value: &str| SymbolicText::of(value).starts_with(&SymbolicText::literal(SERVICE_ACCOUNT));
        let unclear = |value: &&str| has_symbol(value) && (!self.is_eks || start(value).is_none());
        condition.values.iter().copied().filter(|_| condition.has_symbols).find(|value| unclear(value))
    }

    /// A condition on the subject that no token meets.
    fn impossible_subject(&self, condition: &Condition<'_>) -> Option<String> {
        let patterns = condition.operator.has_wildcards();
        let fold = condition.operator.test == Test::EqualsIgnoreCase;
        let as_known =
            |value: &str| if condition.has_symbols { plain(value).into_owned() } else { value.to_owned() };
        let possible = |value: &str| match self.is_eks {
            false => patterns || !value.contains('*'),
            true if patterns => matches_some_with(value, SERVICE_ACCOUNT),
            true => is_subject(value, fold),
        };
        if condition.values.is_empty() || condition.values.iter().any(|value| possible(&as_known(value))) {
            return None;
        }
        let value = condition.values.first()?;
        Some(match !patterns && is_pattern(value) {
            true => format!("StringEquals takes the wildcard in {value} literally"),
            false => format!("no service account has the subject {value}"),
        })
    }

    /// Why the role cannot be assumed with a token, whatever it says.
    fn why_not_assumed(
        &self,
        document: &Document<'t>,
        statement: &Statement<'t>,
        principal: Principal<'_>,
    ) -> Option<String> {
        if document.is_denied(WEB_IDENTITY, principal) {
            return Some(format!("a Deny forbids {WEB_IDENTITY}"));
        }
        let allowed = statement.actions.cover_action(WEB_IDENTITY);
        (!allowed).then(|| format!("the statement does not allow {WEB_IDENTITY}"))
    }
}

/// The issuer and the claim that a condition is about.
fn claim_of<'c>(condition: &'c Condition<'_>) -> Option<(&'c str, Claim)> {
    let (issuer, claim) = condition.key.rsplit_once(':')?;
    match claim.to_ascii_lowercase().as_str() {
        "sub" => Some((issuer, Claim::Subject)),
        "aud" => Some((issuer, Claim::Audience)),
        _ => None,
    }
}

/// Whether some value of a condition is met by everything.
fn covers_all(condition: &Condition<'_>) -> bool {
    let all = |value: &&str| !value.is_empty() && value.bytes().all(|byte| byte == b'*');
    condition.operator.has_wildcards() && condition.values.iter().any(all)
}

/// Whether a text is the subject of a service account, without wildcards.
fn is_subject(text: &str, fold_case: bool) -> bool {
    let prefix = text.get(..SERVICE_ACCOUNT.len()).unwrap_or_default();
    let begins = prefix == SERVICE_ACCOUNT || fold_case && prefix.eq_ignore_ascii_case(SERVICE_ACCOUNT);
    let mut names = text.splitn(4, ':').skip(2);
    let (namespace, name) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    begins && !is_pattern(text) && !namespace.is_empty() && !name.is_empty() && !name.contains(':')
}

/// Why no token of a provider has an audience that a condition asks for, if so.
fn wrong_audience(condition: &Condition<'_>, provider: &Provider<'_>) -> Known<Option<String>> {
    let patterns = condition.operator.has_wildcards();
    let fold = condition.operator.test == Test::EqualsIgnoreCase;
    let meets = |audience: &str| {
        condition.values.iter().any(|value| match patterns {
            true => matches(value, audience, false),
            false => *value == audience || fold && value.eq_ignore_ascii_case(audience),
        })
    };
    let values = || condition.values.join(", ");
    let mut symbols = condition.values.iter().filter(|value| condition.has_symbols && has_symbol(value));
    let symbol = symbols.next();
    match &provider.audiences {
        Ok(None) => Ok(None),
        Ok(Some(audiences)) => {
            let wrong = !audiences.is_empty() && !audiences.iter().any(|audience| meets(audience));
            if let Some(symbol) = symbol.filter(|_| wrong) {
                return Err(not_known(symbol));
            }
            Ok(wrong.then(|| format!("the provider takes no token for {}", values())))
        }
        // The provider is not in the snapshot. Tokens of EKS are for STS unless someone chose otherwise, so
        // a condition that takes STS is no sign that something is wrong.
        Err(_) if STS.iter().any(|audience| meets(audience)) => Ok(None),
        Err(unknown) => Err(Unknown::clone(unknown)),
    }
}
