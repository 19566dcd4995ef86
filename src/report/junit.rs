//! For CI systems: JUnit XML, as Jenkins' schema `junit-10.xsd` has it and GitLab and Azure read
//! it. A cluster is a suite; a rule is a test, and where it finds something, a test for each
//! resource. Suites are written one by one: a crate that holds all tests of all suites until the
//! end would need as much memory as a fleet is large.

mod suite;
mod xml;

use super::unjudged::input_errors;
use super::{FindingGroup, FindingView, Report, printable};
use std::collections::HashMap;
use std::io::{self, Write};
use suite::{Case, Suite, TestOutcome};
use xml::XmlReport;

/// The suite of what belongs to no cluster.
const OWN: &str = env!("CARGO_PKG_NAME");

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let by_group = findings(report);
    let mut names = SuiteNames::of(report);
    let mut document = XmlReport::start(out)?;
    for group in report.groups() {
        let shown = by_group.get(&group.index).map_or(&[][..], Vec::as_slice);
        document.suite(&Suite::of(report, names.name(group), group, shown))?;
    }
    let own = own(report);
    if !own.cases.is_empty() {
        document.suite(&own)?;
    }
    document.end()
}

/// The findings of each group that has some, by its index, those that do not count last.
fn findings<'a>(report: &Report<'a>) -> HashMap<usize, Vec<FindingView<'a>>> {
    let mut by_group = HashMap::<_, Vec<_>>::new();
    for shown in report.findings().chain(report.accepted()) {
        by_group.entry(shown.group.index).or_default().push(shown);
    }
    by_group
}

/// What to call clusters. Readers take tests of one name in suites of one name for one test, so what
/// is in several places is called by the place too.
struct SuiteNames<'a> {
    times: HashMap<&'a str, usize>,
    given: Given,
}

impl<'a> SuiteNames<'a> {
    fn of(report: &Report<'a>) -> Self {
        let mut times = HashMap::new();
        for group in report.groups() {
            *times.entry(plain_name(group)).or_default() += 1;
        }
        Self { times, given: Given::from([(OWN.to_owned(), 1)]) }
    }

    fn name(&mut self, group: FindingGroup<'_>) -> String {
        let plain = plain_name(group);
        let mut name = printable(plain);
        if self.times.get(plain).is_some_and(|times| *times > 1) {
            name.push_str(&format!(" in {}", printable(&group.file.name)));
            name.extend(group.file.document.map(|line| format!(":{line}")));
        }
        unique(name, &mut self.given)
    }
}

fn plain_name(group: FindingGroup<'_>) -> &str {
    group.identity().and_then(|cluster| cluster.arn.as_deref()).unwrap_or_else(|| group.title())
}

/// Names that were given, and how often.
type Given = HashMap<String, usize>;

/// The name, with a number if it was given before.
fn unique(name: String, given: &mut Given) -> String {
    loop {
        let times = given.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 {
            return name;
        }
        let numbered = format!("{name} ({times})");
        if !given.contains_key(&numbered) {
            given.insert(numbered.clone(), 1);
            return numbered;
        }
    }
}

/// What belongs to no cluster: inputs that could not be read, rules that did not load.
fn own(report: &Report<'_>) -> Suite {
    let mut suite = Suite::new(OWN.to_owned());
    for error in input_errors(report) {
        suite.add(printable(&error.file), TestOutcome::Error(printable(&error.to_string())));
    }
    for error in &report.rule_errors {
        let rule = error.rule.as_deref().unwrap_or(&error.file);
        suite.add(printable(rule), TestOutcome::Error(printable(&error.to_string())));
    }
    suite
}

#[cfg(test)]
mod tests {
    use super::{Given, unique};

    #[test]
    fn names_are_given_once() {
        let mut given = Given::new();
        let names = ["a", "a (2)", "a", "b", "a"].map(|name| unique(name.to_owned(), &mut given));
        assert_eq!(names, ["a", "a (2)", "a (3)", "b", "a (4)"]);
    }
}
