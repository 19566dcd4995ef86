//! What the policies of a role allow together, as far as the tables ask.
//!
//! All Allow statements count, an explicit Deny wins, and a permissions boundary limits:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
//!
//! Conditions: an Allow with a condition is a restricted permission and not counted, except that a
//! condition on `iam:PassedToService` alone leaves passing roles to the services that it names. A Deny
//! with a condition cannot be counted on and is not counted. Policy variables are no wildcards.

use super::policy::{Document, Effect, Patterns, Statement};
use super::symbols::{has_symbol, in_partition, plain};
use super::tables::{ActionSet, Managed, Tables};
use super::wildcard::{covers, is_pattern, matches, matches_some_with};
use crate::facts::known::Known;
use crate::snapshot::{Identity, Unknown};

/// A character that no name has: only a wildcard covers it.
const ANY: &str = "\u{1}";

/// The resources that are asked for in one snapshot.
#[derive(Debug)]
pub(super) struct Targets {
    arns: Vec<String>,
    /// Which of them is the role itself.
    own: usize,
    /// How ARNs of Amazon ECR begin.
    ecr: String,
    partition: String,
}

impl Targets {
    pub(super) fn new(tables: &Tables, identity: &Identity, role: &str) -> Self {
        let role = if has_symbol(role) { "" } else { role };
        let mut arn = role.split(':').skip(1);
        let of_region = || identity.partition().unwrap_or("aws");
        let partition = arn.next().filter(|partition| !partition.is_empty()).unwrap_or_else(of_region);
        let account = arn.nth(2).filter(|account| !account.is_empty()).or(identity.account.as_deref());
        // A part that is not known becomes a character that no name has: then only a pattern that covers
        // every name covers the ARN, and nothing is counted that depends on the part.
        let fill = |template: &String| {
            let value = |name: &str| match name {
                "partition" => Some(partition),
                "account" => Some(account.unwrap_or(ANY)),
                "region" => Some(identity.region.as_deref().unwrap_or(ANY)),
                "cluster" => Some(identity.literal_name().unwrap_or(ANY)),
                "any" => Some(ANY),
                _ => None,
            };
            filled(template, value)
        };
        let own = tables.resources.iter().position(|template| template == "{self}").unwrap_or(usize::MAX);
        let ecr = format!("arn:{partition}:ecr:");
        let partition = partition.to_owned();
        Self { arns: tables.resources.iter().map(fill).collect(), own, ecr, partition }
    }
}

/// A template with values for what stands in braces; names without a value stay as they are.
fn filled<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut text = String::with_capacity(2 * template.len());
    let mut parts = template.split('{');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('}').and_then(|(name, rest)| Some((value(name)?, rest))) {
            Some((value, rest)) => text.extend([value, rest]),
            None => text.extend(["{", part]),
        }
    }
    text
}

/// A statement with what it is about.
#[derive(Debug)]
struct Asked<'t> {
    effect: Effect,
    resources: Option<Patterns<'t>>,
    asks: ActionSet,
}

/// A policy, read once, whatever number of roles has it.
#[derive(Debug, Default)]
pub(super) struct Policy<'t> {
    powers: Grants,
    /// The statements that may be about the role itself.
    own: Vec<Asked<'t>>,
    partition: String,
}

/// Why it is not known what a policy means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PolicyGap {
    /// In words about the document.
    Unread(String),
    /// A symbol decides.
    Symbol(String),
}

/// The most resources of statements about roles themselves: each role that has the policy is
/// compared with them.
const MAX_OWN_RESOURCES: usize = 500;

/// What a policy allows and denies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Grants {
    pub(super) allow: ActionSet,
    pub(super) deny: ActionSet,
    /// What it denies on some resources only.
    pub(super) deny_some: ActionSet,
}

impl<'t> Policy<'t> {
    /// What a document means.
    ///
    /// # Errors
    ///
    /// Why it is not known.
    pub(super) fn of(document: &Document<'t>, tables: &Tables, targets: &Targets) -> Result<Self, PolicyGap> {
        let mut policy = Self { partition: targets.partition.clone(), ..Self::default() };
        let own = tables.of_resource.get(targets.own).copied().unwrap_or_default();
        let mut own_resources = 0;
        for statement in &document.statements {
            let (effect, resources) = (statement.effect, statement.resources);
            if let Some(service) = symbol_passed_to(statement) {
                return Err(PolicyGap::Symbol(service.to_owned()));
            }
            let asked = Asked { effect, resources, asks: asks_of(statement, tables) };
            policy.powers.add(effect, &asked.reach(tables, targets)?);
            // Whether `role/app-*` covers the role itself differs from role to role. A policy may belong to
            // thousands of them, so it is read once, and each role asks only these statements again.
            if asked.asks & own != 0 && !asked.is_everywhere() {
                own_resources += resources.map_or(0, |resources| resources.texts.iter().count());
                policy.own.push(Asked { asks: asked.asks & own, ..asked });
            }
        }
        let words = || format!("has more than {MAX_OWN_RESOURCES} resources that may be roles");
        let too_many = || PolicyGap::Unread(words());
        if own_resources > MAX_OWN_RESOURCES { Err(too_many()) } else { Ok(policy) }
    }

    /// What the table says about a policy that AWS manages.
    pub(super) fn managed(managed: Managed) -> Self {
        let powers = Grants { allow: managed.allow, deny: managed.deny, deny_some: 0 };
        Self { powers, ..Self::default() }
    }

    /// What it means for a role.
    ///
    /// # Errors
    ///
    /// It is not known whether it is about the role.
    pub(super) fn powers(&self, role: &str) -> Result<Grants, PolicyGap> {
        let mut powers = self.powers;
        for statement in &self.own {
            let about = statement
                .resources
                .map_or(Ok(true), |resources| covers_target(&resources, role, &self.partition))?;
            if about {
                powers.add(statement.effect, &Reach { all: statement.asks, some: 0 });
            }
        }
        Ok(powers)
    }
}

impl Grants {
    fn add(&mut self, effect: Effect, reach: &Reach) {
        match effect {
            // To change one repository is enough for a finding, while to be denied one leaves the others.
            Effect::Allow => self.allow |= reach.all | reach.some,
            Effect::Deny => {
                self.deny |= reach.all;
                self.deny_some |= reach.some;
            }
        }
    }
}

/// A symbol that says to which service roles may be passed, if there is one.
fn symbol_passed_to<'t>(statement: &Statement<'t>) -> Option<&'t str> {
    let mut conditions = statement.conditions.iter().filter(|condition| condition.has_symbols);
    let on_service = conditions.find(|condition| condition.is_on("iam:PassedToService"))?;
    on_service.values.iter().copied().find(|value| has_symbol(value))
}

/// What a statement is about, its conditions counted.
fn asks_of(statement: &Statement<'_>, tables: &Tables) -> ActionSet {
    let of = |pattern| tables.asks_of(pattern);
    let covered = statement.actions.texts.iter().map(of).fold(0, |all, asks| all | asks);
    let asks = if statement.actions.negated { tables.all() & !covered } else { covered };
    let mut conditional = tables.all();
    for condition in &statement.conditions {
        let plain = condition.operator.wants_a_value() && condition.is_on("iam:PassedToService");
        conditional &= match (plain, statement.effect) {
            (true, Effect::Allow) => {
                let named = condition.values.iter().map(|value| tables.passed_to(value));
                // Only requests to pass a role have this key. For all others the condition is not met,
                // unless it ends with `IfExists`, which holds where the key is missing:
                // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
                let rest = tables.all() & !tables.asks_of("iam:PassRole");
                let rest = if condition.operator.holds_without_key() { rest } else { 0 };
                named.fold(rest, |all, asks| all | asks)
            }
            // Any other condition depends on the request: its address, its tags, its time. Whoever wrote
            // it restricted the permission, and to count it would report what was already prevented. A
            // Deny under a condition leaves the requests for which that does not hold.
            _ => 0,
        };
    }
    asks & conditional
}

/// What a statement is about on the resources that are asked for, and on some that are not.
struct Reach {
    all: ActionSet,
    some: ActionSet,
}

impl Asked<'_> {
    fn is_everywhere(&self) -> bool {
        self.resources.is_none_or(|resources| resources.cover_everything())
    }

    /// For the resources of the snapshot; the role itself comes later.
    fn reach(&self, tables: &Tables, targets: &Targets) -> Result<Reach, PolicyGap> {
        let Some(resources) = self.resources.filter(|_| self.asks != 0 && !self.is_everywhere()) else {
            return Ok(Reach { all: self.asks, some: 0 });
        };
        let mut reach = Reach { all: 0, some: 0 };
        for (at, asks) in tables.of_resource.iter().enumerate() {
            let asked = asks & self.asks;
            if at != targets.own && asked != 0 {
                let about = covers_target(&resources, &targets.arns[at], &targets.partition)?;
                reach.all |= if about { asked } else { 0 };
            }
        }
        let narrower = tables.repositories() & self.asks & !reach.all;
        if narrower != 0 && covers_some(&resources, targets)? {
            reach.some = narrower;
        }
        Ok(reach)
    }
}

/// Whether a resource is among some. A symbol stands for a text without wildcards, so that it alone is never all of
/// the resources of a sort.
fn covers_target(resources: &Patterns<'_>, target: &str, partition: &str) -> Result<bool, PolicyGap> {
    if resources.symbol().is_none() && !has_symbol(target) {
        return Ok(resources.cover_resource(target));
    }
    let (target, mut unknown) = (in_partition(target, partition), None);
    for pattern in resources.texts.iter() {
        let one = || target.contains(ANY) && !is_pattern(&plain(pattern));
        let about = match has_symbol(pattern) || has_symbol(&target) {
            true => covers(&in_partition(pattern, partition), &target),
            false => Some(matches(pattern, &target, false)),
        };
        match about {
            Some(true) => return Ok(!resources.negated),
            None if !one() => unknown = Some(if has_symbol(pattern) { pattern } else { &target }),
            _ => {}
        }
    }
    unknown.map_or(Ok(resources.negated), |symbol| Err(PolicyGap::Symbol(symbol.to_owned())))
}

/// Whether some repository of Amazon ECR is among them.
fn covers_some(resources: &Patterns<'_>, targets: &Targets) -> Result<bool, PolicyGap> {
    let all = |pattern: &str| pattern.bytes().all(|byte| byte == b'*');
    if resources.negated {
        return Ok(!resources.texts.iter().any(all));
    }
    let mut unknown = None;
    for pattern in resources.texts.iter() {
        let whole = in_partition(pattern, &targets.partition);
        // What is known of it goes up to the first symbol, of which nothing is known.
        let known = if has_symbol(&whole) { whole.split("${").next() } else { None };
        match known {
            Some(known) if targets.ecr.starts_with(known) => unknown = Some(pattern),
            _ if matches_some_with(&whole, &targets.ecr) => return Ok(true),
            _ => {}
        }
    }
    unknown.map_or(Ok(false), |symbol| Err(PolicyGap::Symbol(symbol.to_owned())))
}

/// A policy of a role, or why it is not known.
#[derive(Debug)]
pub(super) struct PolicyOutcome {
    pub(super) powers: Known<Grants>,
    /// Whether it could deny something if it were known.
    pub(super) may_deny: bool,
}

/// What the policies of a role allow: at least, and at most.
#[derive(Debug)]
pub(super) struct EffectivePermissions<'s> {
    sources: &'s [PolicyOutcome],
    /// What is allowed by policies that are known.
    allowed: ActionSet,
    /// Allowed whatever the policies say that are not known.
    at_least: ActionSet,
    /// What is not denied for certain.
    at_most: ActionSet,
    /// What policies may allow, those that are not known included.
    may_allow: ActionSet,
    unknown: Option<Unknown>,
}

impl<'s> EffectivePermissions<'s> {
    /// `more` says why there may be policies that are not among the sources; `boundary` is none
    /// where the role has none.
    pub(super) fn new(
        sources: &'s [PolicyOutcome],
        more: Option<Unknown>,
        boundary: Option<Known<Grants>>,
        tables: &Tables,
    ) -> Self {
        let known = || sources.iter().filter_map(|source| source.powers.as_ref().ok());
        let fold = |field: fn(&Grants) -> ActionSet| known().fold(0, |all, powers| all | field(powers));
        let unknown = sources.iter().find_map(|source| source.powers.clone().err()).or(more.clone());
        let denying = |source: &PolicyOutcome| source.powers.is_err() && source.may_deny;
        let may_deny = more.is_some() || sources.iter().any(denying);
        // A boundary allows nothing by itself, but what it does not allow is denied:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
        // One that is not known may allow everything, or nothing.
        let (inside, maybe_inside) = match &boundary {
            None => (tables.all(), tables.all()),
            Some(Ok(limit)) => (limit.allow & !limit.deny & !limit.deny_some, limit.allow & !limit.deny),
            Some(Err(_)) => (0, tables.all()),
        };
        let allowed = fold(|powers| powers.allow);
        let undenied = !fold(|powers| powers.deny);
        // A single Deny wins over every Allow, so while one policy is unknown nothing is allowed for certain;
        // and that policy may allow anything. A verdict holds only if it is the same at both ends.
        let at_least = if may_deny { 0 } else { undenied & !fold(|powers| powers.deny_some) & inside };
        let at_most = undenied & maybe_inside;
        let may_allow = if unknown.is_some() { tables.all() } else { allowed };
        let unknown = unknown.or(boundary.and_then(Result::err));
        Self { sources, allowed, at_least, at_most, may_allow, unknown }
    }

    fn why(&self) -> Unknown {
        let partial =
            || Unknown::undecided("a Deny is about some of the resources that are allowed".to_owned());
        self.unknown.clone().unwrap_or_else(partial)
    }

    /// The policies that make the role an administrator: they allow all that administrators do, and
    /// something of it is left.
    pub(super) fn administrator(&self, tables: &Tables) -> Known<Vec<usize>> {
        let all = |allowed: ActionSet| tables.administrator.iter().all(|asks| allowed & asks != 0);
        let any = |allowed: ActionSet| tables.administrator.iter().any(|asks| allowed & asks != 0);
        // A Deny on one thing does not make an administrator harmless: the Allows must cover everything
        // that administrators do, and it is enough that something of it is left.
        if all(self.allowed) && any(self.allowed & self.at_least) {
            // A policy that does it alone is the one to detach; only where none does, all share in it.
            let alone = self.contributors(|powers| all(powers.allow) && any(powers.allow & self.at_least));
            let together = || self.contributors(|powers| any(powers.allow));
            return Ok(if alone.is_empty() { together() } else { alone });
        }
        if all(self.may_allow) && any(self.may_allow & self.at_most) {
            Err(self.why())
        } else {
            Ok(Vec::new())
        }
    }

    /// The escalations that are there, by position, each with a policy that takes part in it.
    pub(super) fn escalations(&self, tables: &Tables) -> Known<Vec<(usize, usize)>> {
        let there = |allowed: ActionSet| {
            let all = tables.escalations.iter().enumerate();
            all.filter(move |(_, escalation)| escalation.needs.iter().all(|asks| allowed & asks != 0))
        };
        let found: Vec<_> = there(self.allowed & self.at_least)
            .filter_map(|(at, escalation)| {
                let takes_part =
                    |powers: &Grants| escalation.needs.iter().any(|asks| powers.allow & asks != 0);
                Some((at, *self.contributors(takes_part).first()?))
            })
            .collect();
        // What is sure is reported, whatever else is unknown. Only "none" needs all policies.
        let more = there(self.may_allow & self.at_most).next().is_some();
        if found.is_empty() && more { Err(self.why()) } else { Ok(found) }
    }

    /// The policies that let the role change what is in Amazon ECR, each with the actions.
    pub(super) fn ecr_writes<'a>(&self, tables: &'a Tables) -> Known<Vec<(usize, Vec<&'a str>)>> {
        let mut found = Vec::new();
        for (at, source) in self.sources.iter().enumerate() {
            let Ok(powers) = &source.powers else { continue };
            let allowed = powers.allow & self.at_least;
            let actions = tables.ecr_writes.iter().filter(|(_, asks)| allowed & asks != 0);
            let actions: Vec<_> = actions.map(|(action, _)| action.as_str()).collect();
            if !actions.is_empty() {
                found.push((at, actions));
            }
        }
        let more = self.may_allow & self.at_most & tables.repositories() != 0;
        if found.is_empty() && more { Err(self.why()) } else { Ok(found) }
    }

    fn contributors(&self, takes_part: impl Fn(&Grants) -> bool) -> Vec<usize> {
        let all = self.sources.iter().enumerate();
        let takes_part = |source: &PolicyOutcome| source.powers.as_ref().is_ok_and(&takes_part);
        all.filter(|(_, source)| takes_part(source)).map(|(at, _)| at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::Use;
    use super::super::tables::tables;
    use super::*;
    use crate::value::Json;
    use bumpalo::Bump;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::{Value, json};

    const ROLE: &str = "arn:aws:iam::111122223333:role/app";

    fn statement(effects: &'static [&'static str]) -> impl Strategy<Value = Value> {
        let actions = [
            "*",
            "iam:*",
            "iam:A*",
            "iam:PassRole",
            "iam:CreatePolicyVersion",
            "ec2:RunInstances",
            "eks:*",
            "ecr:*",
            "ecr:PutImage",
            "s3:*",
        ];
        let resources = [
            "*",
            "arn:aws:iam::*:role/*",
            ROLE,
            "arn:aws:ecr:*:*:repository/app",
            "arn:aws:ecr:*:*:repository/*",
            "arn:aws:s3:::a",
        ];
        let conditions = [
            json!({}),
            json!({"StringEquals": {"aws:ResourceTag/a": "b"}}),
            json!({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ];
        let names =
            (select(vec!["Action", "NotAction"]), select(vec!["Resource", "Resource", "NotResource"]));
        let texts = (prop::collection::vec(select(actions.to_vec()), 1..3), select(resources.to_vec()));
        let rest = (select(effects.to_vec()), select(conditions.to_vec()));
        (names, texts, rest).prop_map(|((action, resource), (actions, resources), (effect, conditions))| {
            json!({"Effect": effect, action: actions, resource: resources, "Condition": conditions})
        })
    }

    fn document() -> impl Strategy<Value = Vec<Value>> {
        prop::collection::vec(statement(&["Allow", "Allow", "Deny"]), 0..4)
    }

    fn allows() -> impl Strategy<Value = Vec<Value>> {
        prop::collection::vec(statement(&["Allow"]), 0..4)
    }

    fn powers(statements: &[Value]) -> Grants {
        let (arena, document) = (Bump::new(), json!({"Statement": statements}));
        let document = Json::of(&document, &arena);
        let document = Document::read(document, "", Use::Identity, &arena).expect("a document");
        let targets = Targets::new(tables(), &Identity::default(), ROLE);
        Policy::of(&document, tables(), &targets).expect("a policy").powers(ROLE).expect("known")
    }

    /// A policy as a strategy makes it: what it is, and whether that is known.
    type Made = (Vec<Value>, bool);

    /// Whether there is a finding of each sort; none where it is not known.
    fn verdicts(policies: &[(Made, bool)], boundary: Option<&Made>, know_all: bool) -> [Option<bool>; 3] {
        let known = |(statements, is_known): &Made| match *is_known || know_all {
            true => Ok(powers(statements)),
            false => Err(Unknown::undecided("?".to_owned())),
        };
        let sources: Vec<_> = policies
            .iter()
            .map(|(made, may_deny)| PolicyOutcome { powers: known(made), may_deny: *may_deny })
            .collect();
        let power = EffectivePermissions::new(&sources, None, boundary.map(known), tables());
        let found = |known: Known<usize>| known.ok().map(|count| count > 0);
        [
            found(power.administrator(tables()).map(|found| found.len())),
            found(power.escalations(tables()).map(|found| found.len())),
            found(power.ecr_writes(tables()).map(|found| found.len())),
        ]
    }

    fn of_one(statements: &[Value]) -> [Option<bool>; 3] {
        verdicts(&[((statements.to_vec(), true), true)], None, true)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn an_allow_never_takes_a_permission_away(statements in document(), more in statement(&["Allow"])) {
            let before = of_one(&statements);
            let after = of_one(&[statements, vec![more]].concat());
            for (before, after) in before.into_iter().zip(after) {
                prop_assert!(before != Some(true) || after == Some(true));
            }
        }

        #[test]
        fn a_deny_never_gives_a_permission(statements in document(), more in statement(&["Deny"])) {
            let before = of_one(&statements);
            let after = of_one(&[statements, vec![more]].concat());
            for (before, after) in before.into_iter().zip(after) {
                prop_assert!(before != Some(false) || after == Some(false));
            }
        }

        /// What is not known is what was made: whatever that is, a verdict without it holds with it.
        #[test]
        fn no_verdict_is_refuted_by_what_was_not_known(
            policies in prop::collection::vec(prop_oneof![
                (document(), any::<bool>()).prop_map(|made| (made, true)),
                (allows(), any::<bool>()).prop_map(|made| (made, false)),
            ], 0..4),
            boundary in prop::option::of((document(), any::<bool>())),
        ) {
            let without = verdicts(&policies, boundary.as_ref(), false);
            let with = verdicts(&policies, boundary.as_ref(), true);
            for (without, with) in without.into_iter().zip(with) {
                // A Deny on some resources leaves even the whole undecided.
                prop_assert!(without.is_none() || with == without, "{without:?} {with:?}");
            }
        }

        #[test]
        fn what_is_known_in_full_is_decided_but_for_denials_of_some_repositories(
            policies in prop::collection::vec((document(), Just(true)).prop_map(|made| (made, true)), 0..4),
        ) {
            let [administrator, escalations, _] = verdicts(&policies, None, true);
            prop_assert!(administrator.is_some() && escalations.is_some());
        }
    }

    #[test]
    fn a_policy_about_very_many_roles_is_not_known() {
        let roles: Vec<_> = (0..600).map(|at| format!("arn:aws:iam::111122223333:role/{at}")).collect();
        let (arena, document) =
            (Bump::new(), json!({"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": roles}}));
        let document = Document::read(Json::of(&document, &arena), "", Use::Identity, &arena).expect("read");
        let targets = Targets::new(tables(), &Identity::default(), ROLE);
        assert!(Policy::of(&document, tables(), &targets).is_err());
    }
}
