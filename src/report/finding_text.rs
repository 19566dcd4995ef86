//! What several outputs say about a finding in the same words.

use super::{FindingView, paragraphs, printable, printable_lines};
use crate::engine::{Finding, FindingFix};
use crate::rule::Frameworks;
use crate::value::Location;

/// Text of a rule in one line.
pub(super) fn one_line(text: &str) -> String {
    paragraphs(text).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text, cut to a number of UTF-16 code units: no reader counts a character as more than that.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let fits = |c: &char| match left.checked_sub(c.len_utf16()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let kept: String = text.chars().take_while(fits).collect();
    let words = kept.rsplit_once(' ').map_or(kept.as_str(), |(words, _)| words);
    format!("{words}…")
}

/// What to call the resource: its ARN, else its kind and name in a cluster.
pub(super) fn resource(shown: FindingView<'_>) -> String {
    let (resource, cluster) = (&shown.finding.resource, shown.identity());
    let arn = cluster.and_then(|cluster| cluster.arn.as_deref());
    let cluster = arn.unwrap_or_else(|| shown.cluster_name());
    match (&resource.arn, &resource.name) {
        (Some(arn), _) => arn.to_string(),
        (None, Some(name)) if resource.kind != "cluster" => format!("{} {name} of {cluster}", resource.title),
        _ => cluster.to_owned(),
    }
}

/// The place in the form that editors jump to: `file:line:column`.
pub fn place(location: &Location) -> String {
    format!("{}:{}", printable(&location.file.name), location.span.start())
}

/// The command that mends it, if there is one. The lines are the rule's own.
pub(super) fn command(finding: &Finding) -> Option<String> {
    let command = finding.fix.command().map(str::trim).filter(|command| !command.is_empty())?;
    Some(printable_lines(command))
}

/// What fixes a finding, as code.
pub(super) struct FixCode {
    /// Its language, as fences call it.
    pub(super) language: &'static str,
    /// The code.
    pub(super) text: String,
}

/// What fixes a finding, if that is code: commands, or a change of its template.
pub(super) fn fix_code(shown: FindingView<'_>) -> Option<FixCode> {
    match shown.finding.fix {
        FindingFix::Template(language) => {
            let text = printable_lines(shown.rule.remediation.changes.of(language)?.trim_end());
            Some(FixCode { language: language.fence(), text })
        }
        _ => command(shown.finding).map(|text| FixCode { language: "sh", text }),
    }
}

/// The controls of all frameworks, each as `FRAMEWORK CONTROL`.
pub(super) fn requirements(frameworks: &Frameworks) -> Vec<String> {
    let of = |(framework, controls): (&String, &Vec<String>)| {
        controls.iter().map(|control| format!("{framework} {control}")).collect::<Vec<_>>()
    };
    frameworks.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_texts_are_cut_between_words() {
        assert_eq!(shortened("one two three", 13), "one two three");
        assert_eq!(shortened("one two three", 12), "one two…");
        assert_eq!(shortened("🐳🐳🐳", 4), "🐳…");
    }

    proptest::proptest! {
        #[test]
        fn cut_texts_fit(text in "[a 가🐳]{0,60}", most in 1_usize..60) {
            proptest::prop_assert!(shortened(&text, most).encode_utf16().count() <= most);
        }
    }
}
