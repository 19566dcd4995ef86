//! What decides a control on a cluster, in a line: the first place, or the first reason.

use super::shown::words;
use crate::compliance::{ControlOnCluster, ControlVerdict};
use crate::engine::Finding;
use crate::report::finding_text::place;
use crate::report::totals::plural;
use crate::report::{Report, printable};
use crate::rule::Rule;

/// What decides a control on a cluster.
pub(super) enum Deciding<'a> {
    /// What was found, and how it is accepted, if it is.
    Found { finding: &'a Finding, rule: &'a Rule, how: Option<String> },
    /// Why a rule could not judge, and how many more could not.
    Unjudged { rule: &'a Rule, reason: String, more: usize },
}

impl<'a> Deciding<'a> {
    /// What it is; nothing where nobody has to do anything.
    pub(super) fn of(report: &Report<'a>, on: &ControlOnCluster<'a>) -> Option<Self> {
        match on.verdict {
            ControlVerdict::Failed | ControlVerdict::Accepted => {
                let finding = *on.findings().first()?;
                let how = report.how_accepted(finding);
                Some(Self::Found { finding, rule: report.rules[finding.rule].rule, how })
            }
            ControlVerdict::NotEvaluated => {
                let mut evidence =
                    on.evidence.iter().filter(|one| one.says.verdict == ControlVerdict::NotEvaluated);
                let one = evidence.next()?;
                let reason = one.says.reasons.first().map(words).unwrap_or_default();
                Some(Self::Unjudged { rule: report.rules[one.rule].rule, reason, more: evidence.count() })
            }
            _ => None,
        }
    }

    /// In words, for one line.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Found { finding, rule, how } => {
                let how = how.as_ref().map_or_else(String::new, |how| format!(", {}", printable(how)));
                format!("{} {}{how}", place(&finding.primary), rule.id)
            }
            Self::Unjudged { rule, reason, more } => {
                let more = match more {
                    0 => String::new(),
                    more => format!(" (and {})", plural(*more, "more rule")),
                };
                printable(&format!("{}: {reason}{more}", rule.id))
            }
        }
    }
}
