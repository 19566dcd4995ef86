//! What an output that speaks of URIs calls an input: always a relative URI without a scheme, so
//! that code scanning looks for the file in the repository.

use super::Report;
use crate::engine::Finding;
use crate::source::root::Root;
use crate::value::SourceFileKind;
use std::collections::HashMap;
use std::path::Path;

/// The URIs of all files of a report: its inputs, and those that findings lie in.
pub(super) struct Uris<'a>(HashMap<&'a str, String>);

impl<'a> Uris<'a> {
    /// Makes them.
    pub(super) fn of(report: &Report<'a>) -> Self {
        let inputs = report.scan.inputs.iter().map(|input| (input.name.as_str(), input.kind));
        let findings = report.groups().flat_map(|group| group.findings);
        let locations = findings.flat_map(Finding::locations);
        let located = locations.map(|location| (location.file.name.as_str(), location.file.kind));
        let mut uris = HashMap::new();
        for (name, kind) in inputs.chain(located) {
            uris.entry(name).or_insert_with(|| of(report.root, name, kind));
        }
        Self(uris)
    }

    /// The URI of a file, if that is one of them.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The URI of a file of this kind.
pub(super) fn of(root: &Root, name: &str, kind: SourceFileKind) -> String {
    match kind {
        // Stable wherever the scan runs.
        SourceFileKind::Live => encoded(name),
        SourceFileKind::File | SourceFileKind::PartOfCluster => relative(root, name),
    }
}

/// The relative URI of a file.
pub(super) fn relative(root: &Root, name: &str) -> String {
    // Standard input is no file of the repository, but a result without a file would be refused.
    let path = if name == "<stdin>" { "stdin.json".to_owned() } else { root.relative(Path::new(name)) };
    if path.is_empty() { "unnamed.json".to_owned() } else { encoded(&path) }
}

/// Percent-encodes everything but unreserved characters and the `/` between folders: no colon that
/// would read as a scheme, no query, no fragment.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::relative;
    use crate::source::root::Root;
    use std::path::Path;

    fn uri(name: &str) -> String {
        relative(&Root::find(Some(Path::new("/repo"))), name)
    }

    #[test]
    fn files_are_named_from_the_root() {
        assert_eq!(uri("/repo/fixtures/prod.json"), "fixtures/prod.json");
        assert_eq!(uri("/elsewhere/prod.json"), "elsewhere/prod.json");
        assert_eq!(uri("<stdin>"), "stdin.json");
        assert_eq!(uri("/repo"), "unnamed.json");
    }

    #[test]
    fn nothing_reads_as_a_scheme_a_query_or_a_fragment() {
        assert_eq!(uri("/repo/arn:aws:eks.json"), "arn%3Aaws%3Aeks.json");
        assert_eq!(uri("/repo/a b?c#d%.json"), "a%20b%3Fc%23d%25.json");
        assert_eq!(uri("/repo/팀.json"), "%ED%8C%80.json");
        assert_eq!(uri("https://evil.example/x.json"), "https%3A/evil.example/x.json");
    }

    proptest::proptest! {
        #[test]
        fn every_name_gives_a_relative_uri(name in ".{0,40}") {
            let uri = uri(&name);
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
            proptest::prop_assert!(!uri.is_empty() && uri.chars().all(allowed), "{uri}");
            proptest::prop_assert!(!uri.starts_with('/') && !uri.contains("//"), "{uri}");
            proptest::prop_assert!(uri.split('/').all(|part| part != ".."), "{uri}");
        }
    }
}
