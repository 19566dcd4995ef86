//! Whether policy statements let a request through: an Allow must be met, and no Deny.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::condition::{Condition, KeyContent, Meets};
use super::policy::{CLAIMS, Effect, Statement};
use super::symbols::{has_symbol, not_known};
use crate::facts::known::Known;
use crate::snapshot::Unknown;

/// A request as policies see it.
pub(super) trait PolicyRequest {
    /// What it has under a condition key, in lower case.
    fn content(&self, key: &str) -> Known<KeyContent<'_>>;

    /// Whether a statement is about whoever asks, and about what.
    fn is_subject_of(&self, statement: &Statement<'_>) -> Meets;
}

/// What statements say to a request.
#[derive(Debug)]
pub(super) enum Admission<'d, 't> {
    /// Nothing keeps it out for certain. These statements let it in, or may do so.
    Granted(Vec<&'d Statement<'t>>),
    Refused(Refusal<'d, 't>),
}

/// What keeps a request out.
#[derive(Debug)]
pub(super) enum Refusal<'d, 't> {
    /// No statement allows the action.
    NotAllowed,
    /// The one that allows it has this condition.
    Condition(&'d Condition<'t>),
    /// A Deny.
    Denied,
}

/// How far the conditions of a statement are met.
enum ConditionsMet<'d, 't> {
    /// The request may meet them all, or does.
    Met(Meets),
    /// It never meets this one.
    Failed(&'d Condition<'t>),
}

/// What statements say to a request for an action. Not known if what is not known can change that.
pub(super) fn judge<'d, 't: 'd>(
    statements: impl Iterator<Item = &'d Statement<'t>> + Clone,
    action: &str,
    request: &impl PolicyRequest,
) -> Known<Admission<'d, 't>> {
    let about = |effect| {
        let statements = statements.clone();
        let about = statements.filter(move |s| s.effect == effect && s.actions.cover_action(action));
        about.map(|statement| (statement, request.is_subject_of(statement)))
    };
    let mut denial_unknown = None;
    for (statement, about) in about(Effect::Deny).filter(|(_, about)| *about != Meets::Never) {
        match conditions_met(statement, request) {
            Ok(ConditionsMet::Met(Meets::Always)) if about == Meets::Always => {
                return Ok(Admission::Refused(Refusal::Denied));
            }
            Ok(_) => {}
            Err(unknown) => denial_unknown = Some(unknown),
        }
    }
    let (mut granting, mut failed, mut unknown) = (Vec::new(), None, None::<Unknown>);
    for (statement, _) in about(Effect::Allow).filter(|(_, about)| *about != Meets::Never) {
        match conditions_met(statement, request) {
            Ok(ConditionsMet::Met(_)) => granting.push(statement),
            Ok(ConditionsMet::Failed(condition)) => failed = failed.or(Some(condition)),
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    match (granting.is_empty(), unknown, denial_unknown) {
        (true, None, _) => Ok(Admission::Refused(failed.map_or(Refusal::NotAllowed, Refusal::Condition))),
        (false, _, None) => Ok(Admission::Granted(granting)),
        (_, Some(unknown), _) | (_, None, Some(unknown)) => Err(unknown),
    }
}

fn conditions_met<'d, 't>(
    statement: &'d Statement<'t>,
    request: &impl PolicyRequest,
) -> Known<ConditionsMet<'d, 't>> {
    let (mut all, mut unknown) = (Meets::Always, None);
    for condition in &statement.conditions {
        // The keys of tokens begin with an issuer, which requests are compared with.
        let is_claim = CLAIMS.iter().any(|claim| condition.key.ends_with(claim));
        if condition.has_symbols && has_symbol(condition.key) && !is_claim {
            unknown = unknown.or_else(|| Some(not_known(condition.key)));
            continue;
        }
        match request.content(&condition.key.to_ascii_lowercase()) {
            Ok(content) => match condition.met_by(&content) {
                Meets::Never => return Ok(ConditionsMet::Failed(condition)),
                met => all = all.min(met),
            },
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Ok(ConditionsMet::Met(all)), Err)
}

/// Why the trust policy of a role does not allow an action to somebody. `sends` says what they have under a condition key.
pub(super) fn refused(
    refusal: &Refusal<'_, '_>,
    (role, action, who): (&str, &str, &str),
    sends: impl Fn(&str) -> String,
) -> String {
    match refusal {
        Refusal::NotAllowed => format!("the trust policy of {role} does not allow {action} to {who}"),
        Refusal::Denied => format!("a Deny in the trust policy of {role} forbids {action} to {who}"),
        Refusal::Condition(condition) => {
            format!("the trust policy of {role} {}", unmet(condition, &sends(condition.key)))
        }
    }
}

/// A condition in words that is not met, and what the request has instead: `asks for … b, and … sends a`.
pub(super) fn unmet(condition: &Condition<'_>, sends: &str) -> String {
    let Condition { operator, key, values, .. } = condition;
    let shown = values.iter().take(SHOWN).copied().collect::<Vec<_>>().join(" or ");
    let more = if values.len() > SHOWN { " or others" } else { "" };
    if operator.test == super::condition::Test::Null {
        let wants = if shown.eq_ignore_ascii_case("true") { "no" } else { "a" };
        return format!("asks for {wants} value of {key}, and {sends}");
    }
    let not = if operator.negated { "something else than " } else { "" };
    format!("asks for {not}{shown}{more} as {key}, and {sends}")
}

/// How many values of a condition are shown.
const SHOWN: usize = 3;
