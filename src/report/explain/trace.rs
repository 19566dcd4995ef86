//! What the parts of rules gave on clusters, as text or JSON: the answer to "why did it not fire".

mod json;
mod text;

use super::ExplainFormat;
use crate::engine::trace::{ExpressionTrace, ResourceTrace, RuleNotRun, RuleTrace, TracedFailure};
use crate::engine::{Outcome, RuleIndex};
use crate::report::{Report, Style};
use crate::scan::ClusterScan;
use crate::snapshot::Unknown;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// A scan with rules whose parts are shown.
#[derive(Debug)]
pub struct RuleTraceReport<'a> {
    /// The scan.
    pub report: Report<'a>,
    /// Why rules are off, for all clusters that are not different.
    pub why_off: BTreeMap<RuleIndex, String>,
}

impl RuleTraceReport<'_> {
    /// Writes what the rules gave. Of diagrams there are none.
    ///
    /// # Errors
    ///
    /// The output cannot be written to.
    pub fn write(&self, format: ExplainFormat, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match format {
            ExplainFormat::Json => json::write(self, out),
            ExplainFormat::Text | ExplainFormat::Mermaid | ExplainFormat::Svg | ExplainFormat::Html => {
                text::write(self, style, out)
            }
        }
    }
}

/// The outcome in one word, as the examples of rules call it.
fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Off => "off",
        Outcome::NotApplicable => "not-applicable",
        Outcome::Pass => "pass",
        Outcome::Superseded => "superseded",
        Outcome::NeedsConfiguration => "needs-configuration",
        Outcome::NotEvaluated => "not-evaluated",
        Outcome::Error => "error",
        Outcome::Fail => "fail",
    }
}

/// The outcome as people say it.
fn outcome_in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Off => "off",
        Outcome::NotApplicable => "not applicable",
        Outcome::Pass => "passed",
        Outcome::Superseded => "superseded",
        Outcome::NeedsConfiguration => "needs configuration",
        Outcome::NotEvaluated => "not evaluated",
        Outcome::Error => "error",
        Outcome::Fail => "with findings",
    }
}

/// What is not known that a rule would need on a cluster, each once.
fn needed(trace: &RuleTrace) -> BTreeSet<&Unknown> {
    let of_resources = trace.resources.iter().flat_map(|resource| resource.unknowns.iter().map(|(of, _)| of));
    // What is missing in a snapshot is no matter where the cluster is of another kind.
    let is_wanted = trace.not_run != Some(RuleNotRun::OtherKind);
    trace.unknowns.iter().chain(of_resources).filter(|_| is_wanted).collect()
}

/// The clusters on which something is not known that the rules would need.
fn lacking<'r>(report: &'r RuleTraceReport<'_>) -> impl Iterator<Item = (&'r ClusterScan, &'r RuleTrace)> {
    let clusters = report.report.scan.clusters.iter();
    let traces = clusters.flat_map(|cluster| cluster.traces.iter().map(move |trace| (cluster, trace)));
    traces.filter(|(_, trace)| !needed(trace).is_empty())
}

/// Whether a resource is one of those that are shown one by one: it neither passed nor does the rule not apply to it.
fn stands_out(resource: &ResourceTrace) -> bool {
    !matches!(resource.outcome, Outcome::Pass | Outcome::NotApplicable)
}

/// A value, or why there is none, in a few words.
fn value_in_words(value: &Result<String, TracedFailure>) -> &str {
    match value {
        Ok(value) => value,
        Err(TracedFailure::Unknown(_)) => "unknown",
        Err(TracedFailure::Error(_)) => "error",
    }
}

/// An expression on one line.
fn on_one_line(source: &str) -> String {
    source.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The parts of an expression that say something about its value: those that decide, where some do.
fn telling(expression: &ExpressionTrace) -> impl Fn(&ExpressionTrace) -> bool + use<> {
    let decides = expression.parts.iter().any(|part| part.decides);
    move |part| part.decides || !decides
}
