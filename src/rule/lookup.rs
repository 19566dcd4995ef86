//! Finding a rule by what people write for its id: its beginning, a slip of the pen, what another tool calls it.

use super::{Rule, RuleSet};
use crate::text::{first_names, listed, nearest};
use globset::GlobMatcher;
use std::collections::BTreeSet;

/// How many ids a hint names.
const NAMED: usize = 5;

/// What people write for rules: an id, a whole alias of another tool, or a glob over ids.
#[derive(Clone, Debug)]
pub struct RulePattern(GlobMatcher);

/// How a pattern fits a rule. A later one says more about the rule than an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PatternFit {
    /// It is a glob that fits the id.
    ByGlob,
    /// It is what another tool calls the rule.
    ByAlias,
    /// It is the id.
    ById,
}

impl RulePattern {
    /// A glob, or a name that is one without any sign of a glob.
    pub fn new(glob: GlobMatcher) -> Self {
        Self(glob)
    }

    /// As written.
    pub fn text(&self) -> &str {
        self.0.glob().glob()
    }

    /// Whether it fits a rule, and how.
    pub fn fit(&self, rule: &Rule) -> Option<PatternFit> {
        match self.text() {
            id if id == rule.id => Some(PatternFit::ById),
            alias if rule.is_called(alias) => Some(PatternFit::ByAlias),
            _ if self.0.is_match(&rule.id) => Some(PatternFit::ByGlob),
            _ => None,
        }
    }

    /// Whether it fits a rule.
    pub fn fits(&self, rule: &Rule) -> bool {
        self.fit(rule).is_some()
    }
}

impl RuleSet {
    /// Works out the names by which rules can be called besides their ids. What is an id is nothing else: an id always wins.
    pub(super) fn find_other_names(&mut self) {
        let ids: BTreeSet<_> = self.rules.iter().map(|rule| rule.id.clone()).collect();
        for rule in &mut self.rules {
            let of_tool = |alias: &String| alias.split_once(':').map(|(_, name)| name.to_owned());
            let names =
                rule.aliases.iter().flat_map(|alias| std::iter::once(alias.clone()).chain(of_tool(alias)));
            let names: Vec<_> = names.filter(|name| !name.is_empty() && !ids.contains(name)).collect();
            rule.other_names = names;
        }
    }

    /// The rules that a name stands for: the one of that id, else all that another tool calls so.
    pub fn named(&self, name: &str) -> Vec<&Rule> {
        match self.get(name) {
            Some(rule) => vec![rule],
            None => self.rules.iter().filter(|rule| rule.is_called(name)).collect(),
        }
    }

    /// Which rules each of these names stands for, of those that other tools use: a sentence each, and once.
    pub fn alias_notes<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<String> {
        let (mut said, mut notes) = (BTreeSet::new(), Vec::new());
        for name in names.filter(|name| self.get(name).is_none()) {
            let ids: Vec<_> = self.named(name).into_iter().map(|rule| rule.id.clone()).collect();
            if !ids.is_empty() && said.insert(name) {
                notes.push(format!("{name} stands for {}", listed(&ids)));
            }
        }
        notes
    }

    /// The rules whose ids begin so; none for an empty text.
    pub fn beginning(&self, start: &str) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| !start.is_empty() && rule.id.starts_with(start))
    }

    /// What may have been meant by an id that no rule has, as the end of a sentence; empty if nothing is like it.
    pub fn hint(&self, id: &str) -> String {
        if let Some(rule) = self.rules.iter().find(|rule| rule.is_called(id)) {
            return format!("; `{}` covers it", rule.id);
        }
        let names = || self.rules.iter().flat_map(Rule::names);
        if let Some(name) = names().find(|name| name.eq_ignore_ascii_case(id)) {
            return format!("; did you mean `{name}`?");
        }
        let begin: Vec<_> = self.beginning(id).map(|rule| rule.id.as_str()).collect();
        match begin.as_slice() {
            [] => nearest(id, names()),
            [only] => format!("; did you mean `{only}`?"),
            several => {
                format!("; {} ids begin so: {}", several.len(), first_names(several, NAMED))
            }
        }
    }
}

impl Rule {
    /// Whether another tool calls it so, with the name of the tool or without.
    fn is_called(&self, name: &str) -> bool {
        self.other_names.iter().any(|known| known == name)
    }

    /// Its id, and what other tools call it.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.other_names.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSource;
    use proptest::prelude::*;

    fn built_in() -> RuleSet {
        RuleSet::load(&[RuleSource::BuiltIn], false).set
    }

    #[test]
    fn a_beginning_a_slip_and_a_name_elsewhere_are_understood() {
        let set = built_in();
        for (written, hint) in [
            ("endpoint-open", "; did you mean `endpoint-open-to-internet`?"),
            ("endpoint-open-to-intranet", "; did you mean `endpoint-open-to-internet`?"),
            ("CKV_AWS_38", "; `endpoint-open-to-internet` covers it"),
            ("ckv_aws_38", "; did you mean `CKV_AWS_38`?"),
            ("Endpoint-Open-To-Internet", "; did you mean `endpoint-open-to-internet`?"),
            (
                "prowler:eks_cluster_not_publicly_acessible",
                "; did you mean `prowler:eks_cluster_not_publicly_accessible`?",
            ),
            ("x", ""),
            ("", ""),
        ] {
            assert_eq!(set.hint(written), hint, "{written}");
        }
        assert!(set.hint("node").contains(" ids begin so: node"), "{}", set.hint("node"));
    }

    #[test]
    fn a_name_of_another_tool_stands_for_rules_and_an_id_for_one() {
        let set = built_in();
        let ids = |name: &str| set.named(name).into_iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>();
        assert_eq!(ids("CKV_AWS_38"), ["endpoint-open-to-internet"]);
        assert_eq!(ids("checkov:CKV_AWS_38"), ["endpoint-open-to-internet"]);
        assert_eq!(ids("endpoint-open-to-internet"), ["endpoint-open-to-internet"]);
        assert!(ids("security-hub:EKS.1").len() > 1, "{:?}", ids("security-hub:EKS.1"));
        for none in ["", "checkov", "checkov:", "ckv_aws_38", "CKV_AWS", "endpoint-open"] {
            assert!(ids(none).is_empty(), "{none}: {:?}", ids(none));
        }
        let notes =
            set.alias_notes(["CKV_AWS_38", "CKV_AWS_38", "endpoint-open-to-internet", "x"].into_iter());
        assert_eq!(notes, ["CKV_AWS_38 stands for endpoint-open-to-internet"]);
    }

    #[test]
    fn an_id_always_wins_over_an_alias() {
        let rule = |id: &str, alias: &str| {
            let text = format!(
                "id: {id}\ntitle: t\nseverity: low\nsince: 0.1.0\nresource: cluster\nassert: \"true\"\nmessage: m\n\
                 rationale: r\nremediation: {{ text: t }}\naliases: [\"{alias}\"]\n"
            );
            RuleSource::Text(format!("{id}.yaml"), text)
        };
        let set =
            RuleSet::load(&[rule("first-rule", "tool:second-rule"), rule("second-rule", "tool:x")], true).set;
        let pattern = RulePattern::new(globset::Glob::new("second-rule").unwrap().compile_matcher());
        let fits: Vec<_> = set.rules.iter().map(|rule| pattern.fit(rule)).collect();
        assert_eq!(fits, [None, Some(PatternFit::ById)]);
        assert_eq!(set.named("tool:second-rule").len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(text in "\\PC{0,60}") {
            let set = RuleSet::default();
            prop_assert_eq!(set.hint(&text), "");
        }
    }
}
