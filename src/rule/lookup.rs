//! Finding a rule by what people write for its id: its beginning, a slip of the pen, what another tool calls it.

use super::{Rule, RuleSet};
use crate::text::{first_names, nearest};

/// How many ids a hint names.
const NAMED: usize = 5;

impl RuleSet {
    /// The rules whose ids begin so; none for an empty text.
    pub fn beginning(&self, start: &str) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| !start.is_empty() && rule.id.starts_with(start))
    }

    /// What may have been meant by an id that no rule has, as the end of a sentence; empty if nothing is like it.
    pub fn hint(&self, id: &str) -> String {
        if let Some(rule) = self.rules.iter().find(|rule| rule.is_called(id)) {
            return format!("; `{}` covers it", rule.id);
        }
        let begin: Vec<_> = self.beginning(id).map(|rule| rule.id.as_str()).collect();
        match begin.as_slice() {
            [] => nearest(id, self.rules.iter().map(|rule| rule.id.as_str())),
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
        let is_name = |alias: &String| alias.split_once(':').is_some_and(|(_, of_tool)| of_tool == name);
        self.aliases.iter().any(|alias| alias == name || is_name(alias))
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
            ("x", ""),
            ("", ""),
        ] {
            assert_eq!(set.hint(written), hint, "{written}");
        }
        assert!(set.hint("node").contains(" ids begin so: node"), "{}", set.hint("node"));
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(text in "\\PC{0,60}") {
            let set = RuleSet::default();
            prop_assert_eq!(set.hint(&text), "");
        }
    }
}
