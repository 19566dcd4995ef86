//! Checks what a configuration means: against the rules that are loaded.

use super::{Config, ConfigErrors, Located, RuleEntry, SharedList};
use crate::policy::params::{find, no_param, type_in_words};
use crate::rule::{ParamType, Rule, RulePattern, RuleSet};
use crate::text::{bounded, nearest_or_all, not_known};
use crate::value::Problem;
use crate::value::position::LineSpan;
use serde_json::Value;

impl Config {
    /// Checks what it says about rules: that they exist, that they have such parameters, and that
    /// some rule reads the organization's lists.
    ///
    /// # Errors
    ///
    /// All mistakes, in the order of the file.
    pub fn check(&self, set: &RuleSet) -> Result<(), ConfigErrors> {
        let mut check = ConfigCheck { file: self.name(), set, errors: Vec::new() };
        check.layer(&self.organization, &self.rules);
        for cluster in &self.clusters {
            check.layer(&cluster.organization, &cluster.rules);
        }
        for pattern in self.waivers.iter().flat_map(|waiver| &waiver.rules) {
            check.fitting(pattern);
        }
        ConfigErrors::some(check.errors)
    }

    /// Checks that the formats are known.
    ///
    /// # Errors
    ///
    /// All that are not.
    pub fn check_formats(&self, known: &[&str]) -> Result<(), ConfigErrors> {
        let outputs = self.format.iter().flat_map(|format| &format.value);
        let unknown = outputs.filter(|output| !known.contains(&output.format.value.as_str()));
        let error = |format: &Located<String>| {
            let message = not_known("format", &format.value, known);
            Problem::at(self.name(), format.region.start(), format!("format: {message}"))
        };
        ConfigErrors::some(unknown.map(|output| error(&output.format)).collect())
    }
}

struct ConfigCheck<'c> {
    file: String,
    set: &'c RuleSet,
    errors: Vec<Problem>,
}

impl<'c> ConfigCheck<'c> {
    fn wrong(&mut self, region: LineSpan, message: String) {
        self.errors.push(Problem::at(&self.file, region.start(), message));
    }

    fn layer(&mut self, organization: &[SharedList], rules: &[RuleEntry]) {
        for list in organization {
            self.list(&list.name);
        }
        for entry in rules {
            let fitting = self.fitting(&entry.rules);
            for (name, value) in entry.params.iter().filter(|_| !fitting.is_empty()) {
                self.param(&fitting, name, value, entry);
            }
        }
    }

    /// A list must feed a parameter of some rule: else it would change nothing.
    fn list(&mut self, name: &Located<String>) {
        let known: Vec<_> = super::lists(self.set).into_keys().collect();
        if !known.contains(&name.value.as_str()) {
            let hint = nearest_or_all(&name.value, &known);
            let list = bounded(&name.value);
            self.wrong(
                name.region,
                format!("organization: no rule's parameter reads the list `{list}`{hint}"),
            );
        }
    }

    /// The rules that an id, an alias or a glob fits; it must fit one.
    fn fitting(&mut self, pattern: &Located<RulePattern>) -> Vec<&'c Rule> {
        let fitting: Vec<_> = self.set.rules.iter().filter(|rule| pattern.value.fits(rule)).collect();
        if fitting.is_empty() {
            let text = pattern.value.text();
            let hint = self.set.hint(text);
            let message =
                format!("no rule is called `{}`{hint} (`ekslint rules list` shows all)", bounded(text));
            self.wrong(pattern.region, message);
        }
        fitting
    }

    /// A parameter must be one of a rule that the entry is for, and of the type of each that has it.
    fn param(&mut self, rules: &[&Rule], name: &Located<String>, value: &Located<Value>, entry: &RuleEntry) {
        let having: Vec<_> = rules.iter().filter_map(|rule| Some((rule, find(rule, &name.value)?))).collect();
        if having.is_empty() {
            let message = match rules {
                [rule] => no_param(rule, &name.value),
                _ => {
                    let (name, pattern) = (bounded(&name.value), bounded(entry.pattern()));
                    format!("no rule that `{pattern}` fits has a parameter `{name}`")
                }
            };
            self.wrong(name.region, message);
        }
        let wrong = having.iter().find(|(_, param)| ParamType::of(&value.value) != Some(param.ty));
        if let Some((rule, param)) = wrong {
            let needed = type_in_words(param.ty);
            self.wrong(value.region, format!("{}.{}: must be {needed}", rule.id, bounded(&name.value)));
        }
    }
}
