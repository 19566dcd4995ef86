//! Shows what the parts of a rule gave. The outcomes are those of the evaluation itself, taken down resource by resource; the
//! parts are evaluated after that, each by itself and with steps of their own, so that asking changes no answer.

use super::{Evaluation, Judge, Judgement, ResourceContext, RunningRule};
use crate::engine::finding::Resource;
use crate::engine::outcome::Outcome;
use crate::engine::settings::settings_for;
use crate::engine::trace::{
    CheckTrace, EachTrace, ExpressionTrace, ItemTrace, ReadTrace, ResourceParts, ResourceTrace, RuleNotRun,
    RuleToTrace, RuleTrace, TracedFailure, TracedFinding,
};
use crate::facts::FactSet;
use crate::rule::cel::{
    self, EvaluationScope, Expression, Failure, SharedScope, SharedValues, SnapshotValue,
};
use crate::rule::path::{Path, Place, ScopePlaces};
use crate::rule::trace::{TracedCheck, TracedExpression, TracedLoop, TracedParts, TracedRead};
use crate::rule::{Check, Loop, LoopItems, Rule, RuleTracePlan};
use crate::snapshot::{Snapshot, Type};
use crate::value::{Json, Location, Pointer, SourceFile};
use bumpalo::Bump;
use std::cell::Cell;
use std::sync::Arc;

/// The parts of so many resources of a rule are shown, and so many items of a loop that did not pass.
const MAX_RESOURCES: usize = 200;
const MAX_ITEMS: usize = 50;
/// So many items of a loop within an expression, where all parts are asked for; else one.
const MAX_INNER_ITEMS: usize = 3;

/// So many expressions and items are kept of a rule on a snapshot: rules and snapshots may come from strangers.
const MAX_KEPT: usize = 20_000;

/// A resource as it was evaluated.
#[derive(Debug)]
pub(super) struct ObservedResource<'s> {
    node: Json<'s>,
    ty: Type,
    place: Place<'s>,
    outcome: Outcome,
    judgement: Judgement,
    resource: Arc<Resource>,
}

impl Judge<'_> {
    /// What the parts of the rules gave that are to be traced. `judgement` is what all rules said.
    pub fn trace<'s>(
        &'s self,
        snapshot: &'s Snapshot<'s>,
        file: &Arc<SourceFile>,
        arena: &'s Bump,
        judgement: &Judgement,
    ) -> Vec<RuleTrace> {
        let one = |traced: &'s RuleToTrace| {
            let mut trace = self.trace_rule(traced, snapshot, file, arena)?;
            trace.outcome = judgement.outcome(traced.rule)?;
            let findings = trace.resources.iter_mut().flat_map(|resource| &mut resource.findings);
            findings
                .for_each(|traced| traced.superseded_by = judgement.spoken_for(&traced.finding).collect());
            Some(trace)
        };
        self.traced.iter().filter_map(one).collect()
    }

    fn trace_rule<'s>(
        &'s self,
        traced: &'s RuleToTrace,
        snapshot: &'s Snapshot<'s>,
        file: &Arc<SourceFile>,
        arena: &'s Bump,
    ) -> Option<RuleTrace> {
        let index = traced.rule;
        let configured = self.rules.get(index.position())?;
        let mut evaluation =
            self.evaluation(snapshot, file, arena, FactSet::default().or(configured.rule.reads.facts));
        let settings = settings_for(&self.rules, &self.overrides, &evaluation.cluster, arena);
        let settings = *settings.get(index.position())?;
        let not_run = match evaluation.why_not_run(configured, &settings) {
            // No value makes it a rule for this cluster.
            Some(RuleNotRun::NeedsConfiguration(_)) if evaluation.is_of_other_kind(configured.rule) => {
                Some(RuleNotRun::OtherKind)
            }
            why => why,
        };
        cel::start_rule();
        evaluation.observed = Some(Vec::new());
        let outcome = evaluation.run(RunningRule { index, rule: configured.rule, settings });
        let observed = evaluation.observed.take().unwrap_or_default();
        let rest = std::mem::take(&mut evaluation.judgement);
        let mut trace = RuleTrace {
            rule: index,
            outcome,
            not_run,
            resources: Vec::new(),
            unknowns: rest.unknowns.into_keys().map(|(_, unknown)| unknown).collect(),
            errors: rest.errors.into_iter().map(|error| error.cause).collect(),
        };
        let is_shown = shown(&observed, traced);
        let running = RunningRule { index, rule: configured.rule, settings };
        trace.resources = evaluation.trace_resources(running, traced, observed, &is_shown);
        for unknown in trace.unknowns_mut() {
            if let Some(unset) = configured.unset_at(&settings, unknown) {
                *unknown = unset;
            }
        }
        Some(trace)
    }
}

/// Of which resources the parts are shown: of those that failed or were not evaluated, and of the first of each other
/// outcome. As evidence, of those that failed or passed.
fn shown(observed: &[ObservedResource<'_>], traced: &RuleToTrace) -> Vec<bool> {
    let (mut seen, mut room) = (Vec::new(), MAX_RESOURCES);
    let one = |resource: &ObservedResource<'_>| {
        let is_plain = matches!(resource.outcome, Outcome::Pass | Outcome::NotApplicable);
        let is_first = !seen.contains(&resource.outcome);
        seen.extend(is_first.then_some(resource.outcome));
        let is_wanted = if traced.as_evidence {
            matches!(resource.outcome, Outcome::Pass | Outcome::Fail)
        } else {
            traced.all || !is_plain || is_first
        };
        let is_shown = room > 0 && is_wanted;
        room -= usize::from(is_shown);
        is_shown
    };
    observed.iter().map(one).collect()
}

impl<'s> Evaluation<'s> {
    /// Evaluates a resource, and takes down what that gave.
    pub(super) fn observe(
        &mut self,
        running: RunningRule<'s>,
        node: Json<'s>,
        ty: Type,
        place: Place<'s>,
    ) -> Outcome {
        let before = std::mem::take(&mut self.judgement);
        let outcome = self.evaluate_resource(running, node, ty, place.clone());
        let judgement = std::mem::replace(&mut self.judgement, before);
        let resource = self.describe(&self.context(running, node, ty, place.clone()));
        let observed = ObservedResource { node, ty, place, outcome, judgement, resource };
        self.observed.get_or_insert_default().push(observed);
        outcome
    }

    fn trace_resources(
        &mut self,
        running: RunningRule<'s>,
        traced: &'s RuleToTrace,
        observed: Vec<ObservedResource<'s>>,
        is_shown: &[bool],
    ) -> Vec<ResourceTrace> {
        // The steps that it takes to show the parts are none of the rule's own.
        cel::start_rule();
        let own = self.shared_scope(running.rule, running.settings);
        self.shared = SharedValues::of_snapshot(&running.rule.shared, own);
        let seen = SharedScope { regexes: &traced.plan.regexes, ..own };
        let shared = SharedValues::of_snapshot(&traced.plan.shared, seen);
        let room = Cell::new(MAX_KEPT);
        let trace = |(one, is_shown): (ObservedResource<'s>, &bool)| {
            let is_shown = *is_shown && room.get() > 0 && !cel::rule_exhausted();
            let tracer = || self.parts_tracer(&one, running, (traced, &room), (seen, &shared));
            let parts = is_shown.then(|| tracer().parts());
            self.trace_of(one, parts)
        };
        observed.into_iter().zip(is_shown).map(trace).collect()
    }

    fn parts_tracer<'e>(
        &'e self,
        one: &ObservedResource<'s>,
        running: RunningRule<'s>,
        (traced, room): (&'s RuleToTrace, &'e Cell<usize>),
        (seen, shared): (SharedScope<'s>, &SharedValues<'s>),
    ) -> PartsTracer<'e, 's> {
        let plan = &traced.plan;
        let scope = EvaluationScope {
            snapshot: self.snapshot,
            facts: seen.facts,
            params: seen.params,
            now: seen.now,
            resource: SnapshotValue::new(one.node, one.ty, self.snapshot),
            items: Vec::new(),
            regexes: &plan.regexes,
            shared: shared.of_resource(&plan.shared, seen, (one.node, one.ty)),
        };
        let places = ScopePlaces { resource: one.place.clone(), items: Vec::new() };
        let own = self.context(running, one.node, one.ty, one.place.clone());
        PartsTracer { evaluation: self, rule: running.rule, traced, plan, own, scope, places, room }
    }

    fn trace_of(&self, one: ObservedResource<'s>, parts: Option<ResourceParts>) -> ResourceTrace {
        let Judgement { findings, unknowns, errors, .. } = one.judgement;
        let finding = |finding| TracedFinding { finding, superseded_by: Vec::new() };
        ResourceTrace {
            resource: one.resource,
            at: self.location(one.place.pointer().unwrap_or_default()),
            outcome: one.outcome,
            findings: findings.into_iter().map(finding).collect(),
            unknowns: unknowns.into_iter().map(|((_, unknown), times)| (unknown, times)).collect(),
            errors: errors.into_iter().map(|error| error.cause).collect(),
            parts,
        }
    }

    fn location(&self, pointer: Pointer) -> Location {
        Location::new(Arc::clone(&self.file), pointer)
    }
}

/// Evaluates the parts of a rule on one resource.
struct PartsTracer<'e, 's> {
    evaluation: &'e Evaluation<'s>,
    rule: &'s Rule,
    traced: &'s RuleToTrace,
    plan: &'s RuleTracePlan,
    /// What the rule itself sees.
    own: ResourceContext<'s>,
    /// What its parts see: the same, and the items of the loops that are parts.
    scope: EvaluationScope<'s>,
    places: ScopePlaces<'s>,
    /// How much more is kept.
    room: &'e Cell<usize>,
}

impl<'s> PartsTracer<'_, 's> {
    fn parts(mut self) -> ResourceParts {
        let (rule, plan) = (self.rule, self.plan);
        let lets = plan.lets.iter().map(|(name, value)| (name.clone(), self.expression(value))).collect();
        let when = plan.when.as_ref().zip(rule.when.as_ref()).map(|(when, own)| self.whole(when, own));
        let goes_on = when.as_ref().is_none_or(|when| when.is(true));
        let checks = rule.checks.iter().zip(&plan.checks).filter(|_| goes_on);
        let checks = checks.map(|(check, traced)| self.check(check, traced, 0)).collect();
        ResourceParts { lets, when, checks }
    }

    /// An expression of the rule, with the value that the rule itself has.
    fn whole(&mut self, traced: &'s TracedExpression, own: &'s Expression) -> ExpressionTrace {
        let value = self.kept(own.shown(&self.own.scope));
        ExpressionTrace { value, ..self.expression(traced) }
    }

    /// What a check gives within so many of its loops.
    fn check(&mut self, check: &'s Check, traced: &'s TracedCheck, depth: usize) -> CheckTrace {
        let (Some(each), Some((name, source))) = (check.each.get(depth), traced.each.get(depth)) else {
            return CheckTrace::Assert(self.whole(&traced.assert, &check.assert));
        };
        let (name, source) = (name.clone(), source.clone());
        let at = each.path().and_then(|path| self.own_place(path));
        let items = match self.evaluation.items(&self.own.scope, &self.own.places, each) {
            Ok(items) => items,
            Err(failed) => {
                let items = Err(failure(failed));
                return CheckTrace::Each(EachTrace {
                    name,
                    source,
                    items,
                    at,
                    shown: Vec::new(),
                    more: None,
                });
            }
        };
        let (mut shown, mut passed, mut all) = (Vec::new(), false, 0);
        for (value, place) in items.iter() {
            all += 1;
            if shown.len() >= MAX_ITEMS || !self.has_room() {
                continue;
            }
            let item = self.item(check, traced, depth, (value, place));
            let passes = item.check.as_ref().is_ok_and(CheckTrace::passes);
            if !passes || !std::mem::replace(&mut passed, true) {
                shown.push(item);
            }
        }
        CheckTrace::Each(EachTrace { name, source, items: Ok(all), at, shown, more: items.incomplete() })
    }

    fn item(
        &mut self,
        check: &'s Check,
        traced: &'s TracedCheck,
        depth: usize,
        (value, place): (SnapshotValue<'s>, Place<'s>),
    ) -> ItemTrace {
        let at = place.pointer().map(|pointer| self.evaluation.location(pointer));
        let text = self.traced.kept(cel::shown(&value));
        if let Some(unknown) = super::why_unknown(&value) {
            return ItemTrace { value: text, at, check: Err(unknown) };
        }
        self.own.scope.items.push(value.same());
        self.own.places.items.push(place.clone());
        self.push(value, place);
        let check = self.check(check, traced, depth + 1);
        self.pop();
        self.own.scope.items.pop();
        self.own.places.items.pop();
        ItemTrace { value: text, at, check: Ok(check) }
    }

    /// A value as it is kept.
    fn kept(&self, value: Result<String, Failure>) -> Result<String, TracedFailure> {
        value.map(|value| self.traced.kept(value)).map_err(failure)
    }

    /// Whether one thing more is kept.
    fn has_room(&self) -> bool {
        let left = self.room.get();
        self.room.set(left.saturating_sub(1));
        left > 0 && !cel::rule_exhausted()
    }

    fn push(&mut self, value: SnapshotValue<'s>, place: Place<'s>) {
        self.scope.items.push(value);
        self.places.items.push(place);
    }

    fn pop(&mut self) {
        self.scope.items.pop();
        self.places.items.pop();
    }

    fn own_place(&self, path: &Path) -> Option<Location> {
        let pointer = path.follow(&self.own.scope, &self.own.places).pointer?;
        Some(self.evaluation.location(pointer))
    }

    fn expression(&mut self, traced: &'s TracedExpression) -> ExpressionTrace {
        let value = self.kept(traced.expression.shown(&self.scope));
        let source = traced.source.clone();
        let reads = traced.reads.iter().map(|read| self.read(read)).collect();
        let whole = ExpressionTrace {
            source,
            value,
            operator: None,
            parts: Vec::new(),
            decides: false,
            reads,
            item: None,
        };
        if !self.has_room() {
            return whole;
        }
        let (operator, parts) = match &traced.parts {
            TracedParts::None => return whole,
            TracedParts::And(parts) => ("&&", self.decided(parts, &whole)),
            TracedParts::Or(parts) => ("||", self.decided(parts, &whole)),
            TracedParts::Not(part) => ("!", vec![self.expression(part)]),
            TracedParts::Choice(parts) => ("?:", self.choice(parts)),
            TracedParts::Loop(inner) => {
                (if inner.is_all { "all" } else { "exists" }, self.inner_loop(inner, &whole))
            }
        };
        ExpressionTrace { operator: Some(operator), parts, ..whole }
    }

    /// The parts of a chain: those decide that gave what the whole gave.
    fn decided(&mut self, parts: &'s [TracedExpression], whole: &ExpressionTrace) -> Vec<ExpressionTrace> {
        let mut parts: Vec<_> = parts.iter().map(|part| self.expression(part)).collect();
        parts.iter_mut().for_each(|part| part.decides = is_alike(part, whole));
        // Where all of them decide, none does more than the others.
        if parts.iter().all(|part| part.decides) {
            parts.iter_mut().for_each(|part| part.decides = false);
        }
        parts
    }

    fn choice(&mut self, parts: &'s [TracedExpression]) -> Vec<ExpressionTrace> {
        let [condition, yes, no] = parts else { return Vec::new() };
        let condition = self.expression(condition);
        let taken = if condition.is(true) { Some(yes) } else { condition.is(false).then_some(no) };
        let taken = taken.map(|part| ExpressionTrace { decides: true, ..self.expression(part) });
        std::iter::once(condition).chain(taken).collect()
    }

    /// The test of a loop for the items that decide.
    fn inner_loop(&mut self, inner: &'s TracedLoop, whole: &ExpressionTrace) -> Vec<ExpressionTrace> {
        let Ok(items) = self.evaluation.items(&self.scope, &self.places, &inner.list) else {
            return Vec::new();
        };
        let most = if self.traced.all { MAX_INNER_ITEMS } else { 1 };
        let (mut shown, mut first) = (Vec::new(), None);
        for (value, place) in items.iter() {
            if shown.len() >= most || !self.has_room() {
                break;
            }
            if super::why_unknown(&value).is_some() {
                continue;
            }
            let item = Some((
                self.traced.kept(format!("{} = {}", inner.variable, cel::shown(&value))),
                place.pointer().map(|pointer| self.evaluation.location(pointer)),
            ));
            self.push(value, place);
            let verdict = self.kept(inner.test.expression.shown(&self.scope));
            let decides = is_same(&verdict, &whole.value);
            if decides && !self.is_usual(inner, whole) {
                shown.push(ExpressionTrace { item, decides: true, ..self.expression(&inner.test) });
            } else if first.is_none() {
                first = Some(ExpressionTrace { item, ..self.expression(&inner.test) });
            }
            self.pop();
        }
        if shown.is_empty() { first.into_iter().collect() } else { shown }
    }

    /// Whether the loop gave what it gives where no single item decides.
    fn is_usual(&self, inner: &TracedLoop, whole: &ExpressionTrace) -> bool {
        whole.is(inner.is_all)
    }

    fn read(&self, read: &'s TracedRead) -> ReadTrace {
        let value = self.kept(read.expression.shown(&self.scope));
        let pointer = read.path.as_ref().and_then(|path| path.follow(&self.scope, &self.places).pointer);
        let at = pointer.map(|pointer| self.evaluation.location(pointer));
        ReadTrace { source: read.source.clone(), value, at }
    }
}

impl Loop {
    fn path(&self) -> Option<&Path> {
        match &self.list {
            LoopItems::Path(path) => Some(path),
            LoopItems::Value(_) => None,
        }
    }
}

fn failure(failure: Failure) -> TracedFailure {
    match failure {
        Failure::Unknown(unknown) => TracedFailure::Unknown(unknown),
        Failure::Error(cause) => TracedFailure::Error(cause),
    }
}

fn is_alike(part: &ExpressionTrace, whole: &ExpressionTrace) -> bool {
    is_same(&part.value, &whole.value)
}

/// Whether two values are the same, or neither is known for the same sort of reason.
fn is_same(a: &Result<String, TracedFailure>, b: &Result<String, TracedFailure>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => a == b,
        (Err(TracedFailure::Unknown(_)), Err(TracedFailure::Unknown(_))) => true,
        (Err(TracedFailure::Error(_)), Err(TracedFailure::Error(_))) => true,
        _ => false,
    }
}
