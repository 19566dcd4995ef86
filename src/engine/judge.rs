//! Judges one snapshot by all rules.

mod describe;
mod supersede;
mod trace;

pub use supersede::Superseded;

use super::finding::{Finding, Resource};
use super::identity::Fingerprints;
use super::index::RuleIndex;
use super::limit::FindingLimit;
use super::outcome::Outcome;
use super::settings::{Configured, Override, Settings, settings_for};
use super::trace::{RuleNotRun, RuleToTrace};
use crate::facts::{self, AsOf, FactSet};
use crate::rule::cel::{
    self, EvaluationScope, Expression, Failure, SharedScope, SharedValues, SnapshotValue,
};
use crate::rule::path::{PathItems, Place, ScopePlaces};
use crate::rule::{Check, Loop, LoopItems, Rule, Severity};
use crate::snapshot::{Identity, Part, Snapshot, TemplateSource, Type, Unknown, UnknownKind, schema};
use crate::value::{Json, Pointer, SourceFile};
use bumpalo::Bump;
use chrono::NaiveTime;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The rules of a scan, with their parameters and the day that is taken as today.
#[derive(Debug)]
pub struct Judge<'r> {
    /// The rules; findings name them by position.
    pub rules: Vec<Configured<'r>>,
    /// What is different for some clusters; later ones win.
    pub overrides: Vec<Override<'r>>,
    /// The day to take as today.
    pub as_of: AsOf,
    /// Whether findings carry the command that fixes them.
    pub fixes: bool,
    /// Whether fingerprints leave account ids out.
    pub mask: bool,
    /// The rules whose parts are shown as well; none in a scan.
    pub traced: Vec<RuleToTrace>,
    /// All rules there are: whether a document says anything by itself does not depend on those that run.
    pub all: Vec<Configured<'r>>,
}

/// What all rules say about a cluster.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The cluster.
    pub cluster: Arc<Identity>,
    /// The kind of template that describes it, if one does.
    pub source: Option<TemplateSource>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What is not reported because findings of stronger rules stand for it, in order.
    pub superseded: Vec<Superseded>,
    /// The outcome of each rule, in the order of the rules.
    pub outcomes: Vec<Outcome>,
    /// For each rule that was not evaluated, why, and how often.
    pub unknowns: BTreeMap<(RuleIndex, Unknown), usize>,
    /// Rules that failed.
    pub errors: Vec<RuleError>,
}

impl Judgement {
    /// Says what is known only later in the words of the source: a stack is not applied.
    fn reword(&mut self) {
        let Some(source) = self.source.filter(|source| *source != TemplateSource::Terraform) else { return };
        for ((rule, unknown), count) in std::mem::take(&mut self.unknowns) {
            let reason = source.reworded(&unknown.reason);
            *self.unknowns.entry((rule, Unknown { reason, ..unknown })).or_default() += count;
        }
    }

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

impl<'r> Judge<'r> {
    /// Rules that run the same way for all clusters; findings carry their commands, and nothing is masked.
    pub fn new(rules: Vec<Configured<'r>>, as_of: AsOf) -> Self {
        Self {
            rules,
            overrides: Vec::new(),
            as_of,
            fixes: true,
            mask: false,
            traced: Vec::new(),
            all: Vec::new(),
        }
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

    /// Whether a document says anything by itself: some rule, whether it runs or not, can be evaluated on a resource of it.
    pub fn says_anything<'s>(
        &'s self,
        snapshot: &'s Snapshot<'s>,
        judgement: &Judgement,
        arena: &'s Bump,
    ) -> bool {
        let on_resource = |rule: &Configured<'_>| snapshot.part(rule.rule.resource).is_some();
        let said = |rules: &[Configured<'_>], judgement: &Judgement| {
            let evaluated =
                |(rule, outcome): (&Configured<'_>, &Outcome)| outcome.is_evaluated() && on_resource(rule);
            rules.iter().zip(&judgement.outcomes).any(evaluated)
        };
        let by_others = || {
            let all: Vec<_> = self.all.iter().filter(|rule| on_resource(rule)).cloned().collect();
            let all = Judge { fixes: false, ..Judge::new(all, self.as_of) };
            let judgement = all.judge_each(snapshot, &Arc::default(), arena);
            said(&all.rules, &judgement)
        };
        snapshot.is_of_cluster() || said(&self.rules, judgement) || by_others()
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
        let mut evaluation = self.evaluation(snapshot, file, arena, wanted);
        let settings = settings_for(&self.rules, &self.overrides, &evaluation.cluster, arena);
        for (index, (rule, settings)) in self.rules.iter().zip(settings).enumerate() {
            cel::start_rule();
            evaluation.limit = FindingLimit::default();
            let outcome = evaluation.rule(RuleIndex::new(index), rule, settings);
            evaluation.judgement.outcomes.push(outcome);
        }
        evaluation.judgement.errors.sort();
        evaluation.judgement.errors.dedup();
        evaluation.judgement.cluster = Arc::clone(&evaluation.cluster);
        evaluation.judgement.source = snapshot.source;
        evaluation.judgement.reword();
        evaluation.judgement
    }

    /// An evaluation of a snapshot, for which these facts are worked out.
    fn evaluation<'s>(
        &'s self,
        snapshot: &'s Snapshot<'s>,
        file: &Arc<SourceFile>,
        arena: &'s Bump,
        wanted: FactSet,
    ) -> Evaluation<'s> {
        let facts = facts::facts(snapshot, self.as_of, wanted, arena);
        Evaluation {
            judge: self,
            snapshot,
            file: Arc::clone(file),
            arena,
            facts,
            cluster: Arc::new(snapshot.identity.clone()),
            resources: RefCell::default(),
            fingerprints: Fingerprints::new(self.mask),
            limit: FindingLimit::default(),
            shared: SharedValues::default(),
            judgement: Judgement::default(),
            observed: None,
        }
    }
}

/// Why a rule goes no further.
const TOO_MANY_STEPS: &str = "the rule takes too many steps on this snapshot";

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
    /// Of the rule at hand.
    limit: FindingLimit,
    /// What its expressions share on this snapshot.
    shared: SharedValues<'s>,
    judgement: Judgement,
    /// What each resource gave, if that is taken down.
    observed: Option<Vec<trace::ObservedResource<'s>>>,
}

/// A rule as it runs on a snapshot.
#[derive(Clone, Copy)]
struct RunningRule<'s> {
    index: RuleIndex,
    rule: &'s Rule,
    settings: Settings<'s>,
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
        if !rule.judges_clusters() {
            return Outcome::Off;
        }
        match self.why_not_run(configured, &settings) {
            Some(RuleNotRun::Off) => return Outcome::Off,
            Some(RuleNotRun::NeedsConfiguration(unset)) => {
                self.unknown(index, unset);
                return Outcome::NeedsConfiguration;
            }
            Some(RuleNotRun::KindUnknown(unknown)) => return self.unknown(index, unknown),
            Some(RuleNotRun::OtherKind) => return Outcome::NotApplicable,
            None => {}
        }
        match self.run(RunningRule { index, rule, settings }) {
            Outcome::NotEvaluated if self.needs_running_cluster(index) => Outcome::NotApplicable,
            outcome => outcome,
        }
    }

    /// Why the rule is not evaluated at all.
    fn why_not_run(&self, configured: &'s Configured<'s>, settings: &Settings<'s>) -> Option<RuleNotRun> {
        let rule = configured.rule;
        if !settings.enabled {
            return Some(RuleNotRun::Off);
        }
        if let Some(unset) = configured.unset(settings) {
            return Some(RuleNotRun::NeedsConfiguration(unset));
        }
        match self.snapshot.why_kind_unknown().filter(|_| !rule.is_for_every_cluster()) {
            Some(unknown) => Some(RuleNotRun::KindUnknown(unknown.clone())),
            None => self.is_of_other_kind(rule).then_some(RuleNotRun::OtherKind),
        }
    }

    /// Whether the rule is for clusters of another kind than this one is known to be.
    fn is_of_other_kind(&self, rule: &Rule) -> bool {
        let is_known = rule.is_for_every_cluster() || self.snapshot.why_kind_unknown().is_none();
        is_known && !rule.clusters.contains(&self.snapshot.kind)
    }

    /// Whether all that a rule lacks is what no template has: then it does not apply. The rule is the last one so far.
    fn needs_running_cluster(&self, index: RuleIndex) -> bool {
        let mut own = self.judgement.unknowns.keys().rev().take_while(|(rule, _)| *rule == index);
        own.all(|(_, unknown)| unknown.kind == UnknownKind::NotInTemplate)
    }

    /// Evaluates a rule on its resources.
    fn run(&mut self, running: RunningRule<'s>) -> Outcome {
        let RunningRule { index, rule, settings } = running;
        let Some(part) = self.snapshot.part(rule.resource) else {
            return self.unknown(index, self.snapshot.why_absent(rule.resource));
        };
        self.shared = SharedValues::of_snapshot(&rule.shared, self.shared_scope(rule, settings));
        let section = schema().section(&rule.resource.name);
        if !rule.resource.is_list() {
            return self.resource(running, part.node, section, Place::Part(part));
        }
        let outcome = self.resources(running, part);
        match &part.incomplete {
            Some(unknown) => outcome.max(self.unknown(index, unknown.clone())),
            None => outcome,
        }
    }

    /// Judges each resource of a section, as long as the rule may go on. What is left is told.
    fn resources(&mut self, running: RunningRule<'s>, part: &'s Part<'s>) -> Outcome {
        let RunningRule { index, rule, .. } = running;
        let item = schema().item(schema().section(&rule.resource.name));
        let mut outcome = Outcome::NotApplicable;
        for (at, node) in part.items().iter().enumerate() {
            if self.limit.is_reached() {
                let left = part.items().len() - at;
                return outcome.max(self.unknown_times(index, self.limit.unknown(), left));
            }
            if cel::rule_exhausted() {
                let (left, all) = (part.items().len() - at, part.items().len());
                let cause =
                    format!("{TOO_MANY_STEPS}: {left} of {all} {} are not evaluated", part.section.name);
                let at = Place::Item(part, at).pointer().unwrap_or_default();
                return outcome.max(self.error(rule, &at, cause));
            }
            let place = Place::Item(part, at);
            outcome = outcome.max(self.resource(running, *node, item, place));
        }
        outcome
    }

    fn unknown(&mut self, index: RuleIndex, unknown: Unknown) -> Outcome {
        self.unknown_times(index, unknown, 1)
    }

    fn unknown_times(&mut self, index: RuleIndex, unknown: Unknown, times: usize) -> Outcome {
        let unknown = if self.snapshot.source.is_some() { unknown.in_template() } else { unknown };
        let (unknowns, key) = (&mut self.judgement.unknowns, (index, unknown));
        match unknowns.get_mut(&key) {
            Some(known) => *known += times,
            None => *unknowns.entry((index, self.limit.reason(key.1))).or_default() += times,
        }
        Outcome::NotEvaluated
    }

    fn error(&mut self, rule: &Rule, at: &Pointer, cause: String) -> Outcome {
        self.judgement.errors.push(RuleError { rule: rule.id.clone(), at: at.to_string(), cause });
        Outcome::Error
    }

    fn resource(&mut self, running: RunningRule<'s>, node: Json<'s>, ty: Type, place: Place<'s>) -> Outcome {
        match self.observed {
            None => self.evaluate_resource(running, node, ty, place),
            Some(_) => self.observe(running, node, ty, place),
        }
    }

    /// What a rule sees of a resource.
    fn context(
        &self,
        RunningRule { index, rule, settings }: RunningRule<'s>,
        node: Json<'s>,
        ty: Type,
        place: Place<'s>,
    ) -> ResourceContext<'s> {
        let shared = self.shared_scope(rule, settings);
        let scope = EvaluationScope {
            snapshot: self.snapshot,
            facts: self.facts,
            params: settings.params,
            now: shared.now,
            resource: SnapshotValue::new(node, ty, self.snapshot),
            items: Vec::new(),
            regexes: &rule.regexes,
            shared: self.shared.of_resource(&rule.shared, shared, (node, ty)),
        };
        let places = ScopePlaces { resource: place, items: Vec::new() };
        ResourceContext { index, rule, severity: settings.severity, scope, places }
    }

    fn evaluate_resource(
        &mut self,
        running: RunningRule<'s>,
        node: Json<'s>,
        ty: Type,
        place: Place<'s>,
    ) -> Outcome {
        let RunningRule { index, rule, .. } = running;
        let mut context = self.context(running, node, ty, place);
        if cel::keeps_too_much() {
            self.forget_shared(&mut context);
        }
        match rule.when.as_ref().map(|when| when.test(&context.scope)) {
            Some(Ok(false)) => return Outcome::NotApplicable,
            Some(Err(failure)) => return self.failed(&context, failure),
            Some(Ok(true)) | None => {}
        }
        let mut outcome = Outcome::Pass;
        for check in &rule.checks {
            outcome = outcome.max(self.check(&mut context, check, &check.each));
        }
        match self.limit.take_stopped() {
            Some(unknown) => outcome.max(self.unknown(index, unknown)),
            None => outcome,
        }
    }

    fn shared_scope(&self, rule: &'s Rule, settings: Settings<'s>) -> SharedScope<'s> {
        SharedScope {
            snapshot: self.snapshot,
            facts: self.facts,
            params: settings.params,
            now: self.judge.as_of.date.and_time(NaiveTime::MIN).and_utc(),
            regexes: &rule.regexes,
        }
    }

    /// Gives back the memory of what the rule's expressions share: it is worked out anew when it is asked for again.
    fn forget_shared(&mut self, context: &mut ResourceContext<'s>) {
        let (shared, scope) = (&context.rule.shared, &mut context.scope);
        let seen = SharedScope {
            snapshot: scope.snapshot,
            facts: scope.facts,
            params: scope.params,
            now: scope.now,
            regexes: scope.regexes,
        };
        self.shared = SharedValues::of_snapshot(shared, seen);
        if let Some(resource) = scope.resource.node() {
            scope.shared = self.shared.of_resource(shared, seen, (resource, scope.resource.ty));
        }
    }

    fn failed(&mut self, context: &ResourceContext<'s>, failure: Failure) -> Outcome {
        match failure {
            Failure::Unknown(unknown) => self.unknown(context.index, unknown),
            Failure::Error(cause) => {
                let at = context.places.resource.pointer().unwrap_or_default();
                self.error(context.rule, &at, cause)
            }
        }
    }

    /// Goes through the loops of a check, outermost first, and asserts innermost.
    fn check(&mut self, context: &mut ResourceContext<'s>, check: &'s Check, loops: &'s [Loop]) -> Outcome {
        let Some((first, inner)) = loops.split_first() else { return self.assert(context, check) };
        let items = match self.items(&context.scope, &context.places, first) {
            Ok(items) => items,
            Err(failure) => return self.failed(context, failure),
        };
        let mut outcome = Outcome::Pass;
        for (value, place) in items.iter() {
            if self.limit.stops() {
                return outcome;
            }
            cel::charge_item();
            if cel::rule_exhausted() {
                return outcome.max(self.failed(context, Failure::Error(TOO_MANY_STEPS.to_owned())));
            }
            if let Some(unknown) = why_unknown(&value) {
                outcome = outcome.max(self.unknown(context.index, unknown));
                continue;
            }
            if cel::keeps_too_much() {
                self.forget_shared(context);
            }
            context.scope.items.push(value);
            context.places.items.push(place);
            outcome = outcome.max(self.check(context, check, inner));
            context.scope.items.pop();
            context.places.items.pop();
        }
        match items.incomplete() {
            Some(unknown) => outcome.max(self.unknown(context.index, unknown)),
            None => outcome,
        }
    }

    fn items(
        &self,
        scope: &EvaluationScope<'s>,
        places: &ScopePlaces<'s>,
        each: &'s Loop,
    ) -> Result<PathItems<'s>, Failure> {
        match &each.list {
            LoopItems::Path(path) => {
                let end = path.follow(scope, places);
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
                Ok(PathItems::of(value, end.pointer, end.in_facts))
            }
            LoopItems::Value(expression) => {
                let list = self.loose(scope, expression)?;
                let ty = schema().list_of(each.item);
                Ok(PathItems::loose(list, ty, scope))
            }
        }
    }

    /// A list that an expression makes.
    fn loose(&self, scope: &EvaluationScope<'s>, expression: &Expression) -> Result<Json<'s>, Failure> {
        let value = expression.json(scope)?;
        if !value.is_array() {
            return Err(Failure::Error("`each` gives no list".to_owned()));
        }
        let text = value.to_string();
        // The arena keeps it until the whole input is judged, and the tree that is made of it.
        cel::charge_kept(4 * text.len());
        let text = self.arena.alloc_str(&text);
        Json::parse(text, self.arena).map_err(|error| Failure::Error(error.to_string()))
    }

    fn assert(&mut self, context: &mut ResourceContext<'s>, check: &'s Check) -> Outcome {
        match check.assert.test(&context.scope) {
            Ok(true) => Outcome::Pass,
            Ok(false) if self.limit.stops() => Outcome::NotEvaluated,
            Ok(false) => match self.finding(context, check) {
                Ok(finding) => self.keep(context, finding),
                Err(failure) => self.failed(context, failure),
            },
            Err(failure) => self.failed(context, failure),
        }
    }

    fn keep(&mut self, context: &ResourceContext<'s>, finding: Finding) -> Outcome {
        self.limit.add(&finding);
        self.judgement.findings.push(finding);
        // A message in which something is missing for that says so itself, but not to the summary.
        if cel::take_ran_out() {
            self.failed(context, cel::too_many_steps());
        }
        Outcome::Fail
    }
}

/// Why nothing can be said about an item of a loop, if so.
fn why_unknown(item: &SnapshotValue<'_>) -> Option<Unknown> {
    let is_unknown = item.node().is_none_or(|node| matches!(node, Json::Unknown(_)));
    item.incomplete().filter(|_| is_unknown)
}
