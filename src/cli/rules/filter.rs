//! Which rules are listed: by severity, framework, area, and what they read.

use crate::cli::framework_options::{ChosenFrameworks, FrameworkOptions};
use crate::cli::severity::Word;
use crate::rule::{Loaded, Rule, Severity};
use crate::snapshot::section;
use crate::text::not_known;
use anyhow::bail;
use clap::Args;

/// What a rule must be like to be listed: all that is given, and one of several values.
#[derive(Debug, Args)]
pub(super) struct RuleFilter {
    /// List only rules of this severity and worse
    #[arg(long, value_name = "SEVERITY", help_heading = "Rules")]
    severity: Option<Word<Severity>>,
    #[command(flatten)]
    frameworks: FrameworkOptions,
    /// List only rules of these areas, such as network: the headings of the list
    #[arg(long, value_name = "AREA", value_delimiter = ',', help_heading = "Rules")]
    area: Vec<String>,
    /// List only rules that need these sections of a snapshot, such as nodegroups
    #[arg(long, value_name = "SECTION", value_delimiter = ',', help_heading = "Rules")]
    needs: Vec<String>,
}

impl RuleFilter {
    /// Loads the frameworks that it asks for.
    ///
    /// # Errors
    ///
    /// There is no such framework.
    pub(super) fn frameworks(&self, loaded: &mut Loaded) -> anyhow::Result<ChosenFrameworks> {
        self.frameworks.load(loaded)
    }

    /// The rules that are like this.
    ///
    /// # Errors
    ///
    /// No rule that is known has such an area, or there is no such section.
    pub(super) fn apply<'r>(
        &self,
        rules: Vec<&'r Rule>,
        loaded: &Loaded,
        frameworks: &ChosenFrameworks,
    ) -> anyhow::Result<Vec<&'r Rule>> {
        let set = &loaded.set;
        check("--area", "area", &self.area, set.rules.iter().map(|rule| rule.area.as_str()))?;
        let sections = section::all().iter().map(|section| section.name.as_str());
        check("--needs", "section", &self.needs, sections)?;
        Ok(rules.into_iter().filter(|rule| self.fits(rule, frameworks)).collect())
    }

    fn fits(&self, rule: &Rule, frameworks: &ChosenFrameworks) -> bool {
        let one_of = |wanted: &[String], has: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|value| has(value))
        };
        self.severity.is_none_or(|word| rule.severity >= word.0)
            && (frameworks.is_empty() || frameworks.has(rule))
            && one_of(&self.area, &|name| rule.area == name)
            && one_of(&self.needs, &|name| rule.sections().any(|section| section.name == *name))
    }
}

/// A value that nothing has would list nothing in silence.
fn check<'n>(
    option: &str,
    what: &str,
    values: &[String],
    known: impl Iterator<Item = &'n str>,
) -> anyhow::Result<()> {
    let mut known: Vec<_> = known.collect();
    known.sort_unstable();
    known.dedup();
    match values.iter().find(|value| !known.contains(&value.as_str())) {
        None => Ok(()),
        Some(_) if known.is_empty() => bail!("{option}: no rule here has a {what}"),
        Some(value) => bail!("{option}: {}", not_known(what, value, &known)),
    }
}
