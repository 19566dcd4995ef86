//! Judges one snapshot by all rules.

use super::Standing;
use super::finding::{Finding, RelatedLocation, Resource};
use super::identity::Fingerprints;
use super::index::RuleIndex;
use super::settings::{Configured, Override, Settings, settings_for};
use crate::facts::{self, AsOf, FactSet};
use crate::rule::cel::{self, EvaluationScope, Expression, Failure, SnapshotValue};
use crate::rule::path::{self, Place, ScopePlaces};
use crate::rule::{Check, Loop, LoopItems, Rule, Severity};
use crate::snapshot::{Identity, Snapshot, Type, Unknown, schema};
use crate::value::{Json, Location, SourceFile};
use bumpalo::Bump;
use chrono::NaiveTime;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The rules of a scan, with their parameters and the day that counts as today.
#[derive(Debug)]
pub struct Judge<'r> {
    /// The rules; findings name them by position.
    pub rules: Vec<Configured<'r>>,
    /// What is different for some clusters; later ones win.
    pub overrides: Vec<Override<'r>>,
    /// The day that counts as today.
    pub as_of: AsOf,
    /// Whether findings carry the command that fixes them.
    pub fixes: bool,
    /// Whether fingerprints leave account ids out.
    pub mask: bool,
}

/// What a rule says about a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is turned off for the cluster, or judges no clusters.
    Off,
    /// It does not apply.
    NotApplicable,
    /// Nothing is wrong.
    Pass,
    /// Something that decides is not known.
    NotEvaluated,
    /// The rule itself failed.
    Error,
    /// Something is wrong.
    Fail,
}

/// What all rules say about a cluster.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The cluster.
    pub cluster: Arc<Identity>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The outcome of each rule, in the order of the rules.
    pub outcomes: Vec<Outcome>,
    /// For each rule that was not evaluated, why, and how often.
    pub unknowns: BTreeMap<(RuleIndex, Unknown), usize>,
    /// Rules that failed.
    pub errors: Vec<RuleError>,
}

impl Judgement {
    /// What a rule says.
    pub fn outcome(&self, rule: RuleIndex) -> Option<Outcome> {
        self.outcomes.get(rule.position()).copied()
    }
}

/// A rule that failed on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleError {
    /// The rule.
    pub rule: String,
    /// The resource, by its pointer.
    pub at: String,
    /// The cause.
    pub cause: String,
}

impl<'r> Judge<'r> {
    /// The rule of that index.
    pub fn rule(&self, index: RuleIndex) -> &'r Rule {
        self.rules.as_slice()[index].rule
    }
}

impl Judge<'_> {
    /// Judges a snapshot that was read from a file. Findings get their lines later, all at once.
    pub fn judge<'s>(
        &'s self,
        snapshot: &'s Snapshot<'s>,
        file: &Arc<SourceFile>,
        arena: &'s Bump,
    ) -> Judgement {
        let mut judgement = self.judge_each(snapshot, file, arena);
        self.drop_superseded(&mut judgement);
        judgement
    }

    /// As [`judge`](Self::judge), but weaker rules speak as well where a stronger one does.
    pub fn judge_each<'s>(
        &'s self,
        snapshot: &'s Snapshot<'s>,
        file: &Arc<SourceFile>,
        arena: &'s Bump,
    ) -> Judgement {
        let wanted =
            self.rules.iter().fold(FactSet::default(), |wanted, rule| wanted.or(rule.rule.reads.facts));
        let facts = facts::facts(snapshot, self.as_of, wanted, arena);
        let mut evaluation = Evaluation {
            judge: self,
            snapshot,
            file: Arc::clone(file),
            arena,
            facts,
            cluster: Arc::new(snapshot.identity.clone()),
            resources: RefCell::default(),
            fingerprints: Fingerprints::new(self.mask),
            judgement: Judgement::default(),
        };
        let settings = settings_for(&self.rules, &self.overrides, &evaluation.cluster, arena);
        for (index, (rule, settings)) in self.rules.iter().zip(settings).enumerate() {
            cel::start_rule();
            let outcome = evaluation.rule(RuleIndex::new(index), rule, settings);
            evaluation.judgement.outcomes.push(outcome);
        }
        evaluation.judgement.errors.sort();
        evaluation.judgement.errors.dedup();
        evaluation.judgement.cluster = Arc::clone(&evaluation.cluster);
        evaluation.judgement
    }

    /// One cause, one finding: drops what weaker rules say about a resource for which a stronger
    /// one already speaks.
    fn drop_superseded(&self, judgement: &mut Judgement) {
        let rule = |finding: &Finding| self.rule(finding.rule);
        let place = |finding: &Finding| (finding.resource.kind, finding.resource.position);
        let mut superseded = HashSet::new();
        for strong in &judgement.findings {
            for weak in &rule(strong).supersedes {
                superseded.insert((weak.as_str(), place(strong)));
            }
        }
        judgement
            .findings
            .retain(|finding| !superseded.contains(&(rule(finding).id.as_str(), place(finding))));
    }
}

/// The resources of a snapshot that were described, by section and position.
type Described = HashMap<(usize, Option<usize>), Arc<Resource>>;

/// The judging of one snapshot.
struct Evaluation<'s> {
    judge: &'s Judge<'s>,
    snapshot: &'s Snapshot<'s>,
    file: Arc<SourceFile>,
    arena: &'s Bump,
    facts: Json<'s>,
    cluster: Arc<Identity>,
    resources: RefCell<Described>,
    fingerprints: Fingerprints,
    judgement: Judgement,
}

/// One resource under judgement.
struct ResourceContext<'s> {
    index: RuleIndex,
    rule: &'s Rule,
    severity: Severity,
    scope: EvaluationScope<'s>,
    places: ScopePlaces<'s>,
}

impl<'s> Evaluation<'s> {
    fn rule(&mut self, index: RuleIndex, configured: &'s Configured<'s>, settings: Settings<'s>) -> Outcome {
        let rule = configured.rule;
        if !settings.enabled || !rule.judges_clusters() {
            return Outcome::Off;
        }
        if let Some(unknown) = self.snapshot.why_kind_unknown().filter(|_| !rule.is_for_every_cluster()) {
            return self.unknown(index, unknown.clone());
        }
        if !rule.clusters.contains(&self.snapshot.kind) {
            return Outcome::NotApplicable;
        }
        if let Some(unset) = configured.unset(&settings) {
            return self.unknown(index, unset);
        }
        let Some(part) = self.snapshot.part(rule.resource) else {
            return self.unknown(index, self.snapshot.why_absent(rule.resource));
        };
        let section = schema().section(&rule.resource.name);
        if !rule.resource.is_list() {
            return self.resource((index, rule, settings), part.node, section, Place::Part(part));
        }
        let item = schema().item(section);
        let mut outcome = Outcome::NotApplicable;
        for (at, node) in part.items().iter().enumerate() {
            let place = Place::Item(part, at);
            outcome = outcome.max(self.resource((index, rule, settings), *node, item, place));
            if cel::rule_exhausted() {
                break;
            }
        }
        match &part.incomplete {
            Some(unknown) => outcome.max(self.unknown(index, unknown.clone())),
            None => outcome,
        }
    }

    fn unknown(&mut self, index: RuleIndex, unknown: Unknown) -> Outcome {
        *self.judgement.unknowns.entry((index, unknown)).or_default() += 1;
        Outcome::NotEvaluated
    }

    fn resource(
        &mut self,
        (index, rule, settings): (RuleIndex, &'s Rule, Settings<'s>),
        node: Json<'s>,
        ty: Type,
        place: Place<'s>,
    ) -> Outcome {
        let scope = EvaluationScope {
            snapshot: self.snapshot,
            facts: self.facts,
            params: settings.params,
            now: self.judge.as_of.date.and_time(NaiveTime::MIN).and_utc(),
            resource: SnapshotValue::new(node, ty, self.snapshot),
            items: Vec::new(),
            regexes: &rule.regexes,
        };
        let places = ScopePlaces { resource: place, items: Vec::new() };
        let mut context = ResourceContext { index, rule, severity: settings.severity, scope, places };
        match rule.when.as_ref().map(|when| when.test(&context.scope)) {
            Some(Ok(false)) => return Outcome::NotApplicable,
            Some(Err(failure)) => return self.failed(&context, failure),
            Some(Ok(true)) | None => {}
        }
        let mut outcome = Outcome::Pass;
        for check in &rule.checks {
            outcome = outcome.max(self.check(&mut context, check, &check.each));
        }
        outcome
    }

    fn failed(&mut self, context: &ResourceContext<'s>, failure: Failure) -> Outcome {
        match failure {
            Failure::Unknown(unknown) => self.unknown(context.index, unknown),
            Failure::Error(cause) => {
                let at = context.places.resource.pointer().unwrap_or_default().to_string();
                self.judgement.errors.push(RuleError { rule: context.rule.id.clone(), at, cause });
                Outcome::Error
            }
        }
    }

    /// Goes through the loops of a check, outermost first, and asserts innermost.
    fn check(&mut self, context: &mut ResourceContext<'s>, check: &'s Check, loops: &'s [Loop]) -> Outcome {
        let Some((first, inner)) = loops.split_first() else { return self.assert(context, check) };
        let (items, more) = match self.items(context, first) {
            Ok(items) => items,
            Err(failure) => return self.failed(context, failure),
        };
        let mut outcome = Outcome::Pass;
        for (value, place) in items {
            cel::charge_rule();
            if cel::rule_exhausted() {
                let cause = "the rule takes too many steps on this snapshot".to_owned();
                return outcome.max(self.failed(context, Failure::Error(cause)));
            }
            let is_unknown = value.node().is_none_or(|node| matches!(node, Json::Unknown(_)));
            if let (true, Some(unknown)) = (is_unknown, value.incomplete()) {
                outcome = outcome.max(self.unknown(context.index, unknown));
                continue;
            }
            context.scope.items.push(value);
            context.places.items.push(place);
            outcome = outcome.max(self.check(context, check, inner));
            context.scope.items.pop();
            context.places.items.pop();
        }
        match more {
            Some(unknown) => outcome.max(self.unknown(context.index, unknown)),
            None => outcome,
        }
    }

    #[expect(clippy::type_complexity, reason = "the items, and why there may be more")]
    fn items(
        &self,
        context: &ResourceContext<'s>,
        each: &'s Loop,
    ) -> Result<(Vec<(SnapshotValue<'s>, Place<'s>)>, Option<Unknown>), Failure> {
        match &each.list {
            LoopItems::Path(path) => {
                let end = path.follow(&context.scope, &context.places);
                let value = end.value?;
                match value.as_ref().map(|value| (value.node(), value.incomplete())) {
                    Some((None, Some(unknown))) => return Err(Failure::Unknown(unknown)),
                    Some((Some(Json::List(_)), _)) | None => {}
                    Some((Some(other), _)) => {
                        let cause = format!("`each` leads to {}, not to a list", other.kind());
                        return Err(Failure::Error(cause));
                    }
                    Some((None, None)) => {}
                }
                Ok(path::items(value, end.pointer, end.in_facts))
            }
            LoopItems::Value(expression) => {
                let list = self.loose(context, expression)?;
                let ty = schema().list_of(each.item);
                Ok((path::loose_items(list, ty, &context.scope), None))
            }
        }
    }

    /// A list that an expression makes.
    fn loose(&self, context: &ResourceContext<'s>, expression: &Expression) -> Result<Json<'s>, Failure> {
        let value = expression.json(&context.scope)?;
        if !value.is_array() {
            return Err(Failure::Error("`each` gives no list".to_owned()));
        }
        let text = self.arena.alloc_str(&value.to_string());
        Json::parse(text, self.arena).map_err(|error| Failure::Error(error.to_string()))
    }

    fn assert(&mut self, context: &mut ResourceContext<'s>, check: &'s Check) -> Outcome {
        match check.assert.test(&context.scope) {
            Ok(true) => Outcome::Pass,
            Ok(false) => {
                let finding = self.finding(context, check);
                self.judgement.findings.push(finding);
                Outcome::Fail
            }
            Err(failure) => self.failed(context, failure),
        }
    }

    fn finding(&self, context: &mut ResourceContext<'s>, check: &Check) -> Finding {
        let resource_place = context.places.resource.pointer().unwrap_or_default();
        let item = || context.places.items.last().and_then(Place::pointer);
        let at = check.at.as_ref().and_then(|at| at.follow(&context.scope, &context.places).pointer);
        let place = at.or_else(item).unwrap_or_else(|| resource_place.clone());
        let key = check.key.as_ref().and_then(|key| key.text(&context.scope).ok()).unwrap_or_default();
        let related = check.related.iter().filter_map(|related| {
            let end = related.at.follow(&context.scope, &context.places);
            // What is related is said only where it is there.
            let pointer = end.pointer.filter(|_| !end.is_lost)?;
            let message = Box::from(related.message.fill(&context.scope).as_str());
            Some(RelatedLocation { message, location: Location::new(Arc::clone(&self.file), pointer) })
        });
        let related = related.collect();
        let command = context.rule.remediation.command.as_ref().filter(|_| self.judge.fixes);
        Finding {
            rule: context.index,
            severity: context.severity,
            standing: Standing::Open,
            // A copy: shrinking a text in place leaves up to half of it unused.
            message: Box::from(check.message.fill(&context.scope).as_str()),
            fingerprint: self.fingerprints.fingerprint(
                &context.rule.id,
                &self.cluster,
                self.snapshot,
                &resource_place,
                &place,
                &key,
            ),
            resource: self.describe(context),
            primary: Location::new(Arc::clone(&self.file), place),
            related,
            fix: command.map(|command| command.fill_shell(&context.scope).into()),
        }
    }

    /// Name and ARN of the resource, made once for all findings of all rules about it.
    fn describe(&self, context: &ResourceContext<'s>) -> Arc<Resource> {
        let (part, position) = match &context.places.resource {
            Place::Part(part) => (Some(*part), None),
            Place::Item(part, at) => (Some(*part), Some(*at)),
            _ => (None, None),
        };
        let section = context.rule.resource;
        let mut known = self.resources.borrow_mut();
        let entry = known.entry((section.index(), position));
        let resource = || {
            let cluster = section.name == "cluster";
            let key = || part?.key_of(position?);
            let name = if cluster { self.cluster.name.clone() } else { key() };
            let arn = if cluster { self.cluster.arn.clone() } else { arn(context) };
            let (name, arn) = (name.map(Into::into), arn.map(Into::into));
            Arc::new(Resource { kind: &section.singular, title: &section.title, name, arn, position })
        };
        Arc::clone(entry.or_insert_with(resource))
    }
}

/// The ARN of the resource, where the API gives one.
fn arn(context: &ResourceContext<'_>) -> Option<String> {
    let node = context.scope.resource_value().node()?;
    let named = format!("{}Arn", context.rule.resource.singular);
    let found = [named.as_str(), "Arn", "arn"].into_iter().find_map(|field| node.get_go_cased(field))?;
    found.as_str().map(str::to_owned)
}
