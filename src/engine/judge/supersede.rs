//! One cause, one finding: what a weaker rule says about a resource for which a stronger one speaks is dropped, and
//! remembered as what the stronger finding stands for.

use super::{Judge, Judgement, Outcome};
use crate::engine::{Finding, RuleIndex, Standing};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A finding that is not reported, because another one stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Superseded {
    /// The rule whose finding is reported.
    by: RuleIndex,
    /// What both are about.
    resource: ResourceKey,
    /// The rule whose finding is not.
    pub rule: RuleIndex,
}

/// A resource of a snapshot: its kind, and its position among those of the kind.
type ResourceKey = (&'static str, Option<usize>);

fn resource_of(finding: &Finding) -> ResourceKey {
    (finding.resource.kind, finding.resource.position)
}

impl Judgement {
    /// The rules whose findings a finding stands for.
    pub fn stands_for(&self, finding: &Finding) -> impl Iterator<Item = RuleIndex> + use<'_> {
        let key = (finding.rule, resource_of(finding));
        let from = self.superseded.partition_point(|one| (one.by, one.resource) < key);
        let same = move |one: &&Superseded| (one.by, one.resource) == key;
        self.superseded[from..].iter().take_while(same).map(|one| one.rule)
    }

    /// The rules whose findings stand for this one, which is not reported.
    pub(super) fn spoken_for(&self, finding: &Finding) -> impl Iterator<Item = RuleIndex> + use<'_> {
        let (rule, resource) = (finding.rule, resource_of(finding));
        let of = move |one: &&Superseded| one.rule == rule && one.resource == resource;
        self.superseded.iter().filter(of).map(|one| one.by)
    }

    /// Whether a rule found something of which nothing counts: every finding of its own, or that stands for one of
    /// its own, is waived or in the baseline.
    pub fn is_accepted(&self, rule: RuleIndex) -> bool {
        let speaks =
            |finding: &&Finding| finding.rule == rule || self.stands_for(finding).any(|one| one == rule);
        let mut findings = self.findings.iter().filter(speaks).peekable();
        findings.peek().is_some() && findings.all(|finding| finding.standing != Standing::Open)
    }
}

impl Judge<'_> {
    /// Drops what weaker rules say about a resource for which a stronger one already speaks.
    pub(super) fn drop_superseded(&self, judgement: &mut Judgement) {
        let mut at: HashMap<ResourceKey, BTreeSet<RuleIndex>> = HashMap::new();
        for finding in &judgement.findings {
            at.entry(resource_of(finding)).or_default().insert(finding.rule);
        }
        let mut superseded = Vec::new();
        for (resource, rules) in at.iter().filter(|(_, rules)| rules.len() > 1) {
            let order = SupersedingOrder::of(rules, |by, rule| self.supersedes(by, rule));
            let one = |(by, rule)| Superseded { by, resource: *resource, rule };
            superseded.extend(order.pairs().map(one));
        }
        superseded.sort_unstable();
        let dropped: BTreeSet<_> = superseded.iter().map(|one| (one.rule, one.resource)).collect();
        judgement.findings.retain(|finding| !dropped.contains(&(finding.rule, resource_of(finding))));
        judgement.superseded = superseded;
        self.outcomes_of_superseded(judgement);
    }

    /// Whether a rule names another as weaker.
    fn supersedes(&self, by: RuleIndex, rule: RuleIndex) -> bool {
        self.rule(by).supersedes.contains(&self.rule(rule).id)
    }

    /// A rule all of whose findings others stand for found nothing of its own. What it could not evaluate it still
    /// could not.
    fn outcomes_of_superseded(&self, judgement: &mut Judgement) {
        let reported: BTreeSet<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
        let silent: BTreeSet<_> = judgement.superseded.iter().map(|one| one.rule).collect();
        for rule in silent.difference(&reported) {
            let failed = judgement.errors.iter().any(|error| error.rule == self.rule(*rule).id);
            let unknown = judgement.unknowns.keys().any(|(of, _)| of == rule);
            judgement.outcomes[rule.position()] = match (failed, unknown) {
                (true, _) => Outcome::Error,
                (_, true) => Outcome::NotEvaluated,
                _ => Outcome::Superseded,
            };
        }
    }
}

/// Which of the rules that speak about one resource stand for which others, through any number of steps.
struct SupersedingOrder {
    reached: BTreeMap<RuleIndex, BTreeSet<RuleIndex>>,
}

impl SupersedingOrder {
    fn of(rules: &BTreeSet<RuleIndex>, supersedes: impl Fn(RuleIndex, RuleIndex) -> bool) -> Self {
        let reach = |from: RuleIndex| {
            let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
            while let Some(by) = next.pop() {
                let weaker = rules.iter().copied().filter(|rule| supersedes(by, *rule));
                next.extend(weaker.filter(|rule| reached.insert(*rule)));
            }
            reached
        };
        Self { reached: rules.iter().map(|rule| (*rule, reach(*rule))).collect() }
    }

    /// The rules that remain, each with each that it stands for. Of rules that supersede each other, none is weaker.
    fn pairs(&self) -> impl Iterator<Item = (RuleIndex, RuleIndex)> + '_ {
        let stands = |by: RuleIndex, rule: RuleIndex| {
            self.reached[&by].contains(&rule) && !self.reached[&rule].contains(&by)
        };
        let remains = move |rule: RuleIndex| !self.reached.keys().any(|by| stands(*by, rule));
        let all = self.reached.keys().flat_map(|by| self.reached.keys().map(move |rule| (*by, *rule)));
        all.filter(move |(by, rule)| stands(*by, *rule) && remains(*by))
    }
}
