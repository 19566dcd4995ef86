//! Which clusters are asked for by name or glob (`--cluster`): the same for live clusters and for files.

use crate::text::{first_names, nearest};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeSet;

/// How many names a message lists.
const NAMED: usize = 5;

/// Names and globs of clusters.
#[derive(Clone, Debug)]
pub struct ClusterChoice {
    patterns: Vec<GlobMatcher>,
}

impl ClusterChoice {
    /// The choice of these patterns; none if there are none: then all clusters are asked for.
    ///
    /// # Errors
    ///
    /// One of them is no glob: in words.
    pub fn of(patterns: &[String]) -> Result<Option<Self>, String> {
        let compile = |pattern: &String| match Glob::new(pattern) {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(error) => Err(format!("--cluster {pattern}: {error}")),
        };
        let patterns = patterns.iter().map(compile).collect::<Result<Vec<_>, _>>()?;
        Ok((!patterns.is_empty()).then_some(Self { patterns }))
    }

    /// The patterns, as written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|pattern| pattern.glob().glob())
    }

    /// Whether a cluster is asked for. One without a name is not.
    pub fn fits(&self, name: Option<&str>) -> bool {
        name.is_some_and(|name| self.patterns.iter().any(|pattern| pattern.is_match(name)))
    }

    /// What is wrong with each pattern that fits none of the clusters that there are: the option, and the rest.
    pub fn unmatched(&self, names: &BTreeSet<String>) -> Vec<(String, String)> {
        let fits_none = |pattern: &&GlobMatcher| !names.iter().any(|name| pattern.is_match(name));
        let patterns = self.patterns.iter().filter(fits_none).map(|pattern| pattern.glob().glob());
        patterns.map(|pattern| (format!("--cluster {pattern}"), fits_nothing(pattern, names))).collect()
    }
}

fn fits_nothing(pattern: &str, names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "there are no clusters".to_owned();
    }
    format!("no cluster has this name{}", hint(pattern, names))
}

/// Which of the names that there are was probably meant by one that none of them is, else which there are.
pub fn hint(pattern: &str, names: &BTreeSet<String>) -> String {
    let hint = nearest(pattern, names.iter().map(String::as_str));
    if !hint.is_empty() || names.is_empty() {
        return hint;
    }
    let listed: Vec<_> = names.iter().collect();
    format!("; there are {}", first_names(&listed, NAMED))
}

#[cfg(test)]
mod tests {
    use super::ClusterChoice;

    fn unmatched(patterns: &[&str], names: &[&str]) -> Vec<String> {
        let patterns: Vec<_> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let choice = ClusterChoice::of(&patterns).expect("globs").expect("some");
        let names = names.iter().map(|&name| name.to_owned()).collect();
        choice.unmatched(&names).into_iter().map(|(option, why)| format!("{option}: {why}")).collect()
    }

    #[test]
    fn a_pattern_that_fits_nothing_names_the_cluster_that_was_meant() {
        assert_eq!(unmatched(&["prod", "st*"], &["prod", "stage"]), [""; 0]);
        assert_eq!(
            unmatched(&["prdo", "prod", "x*"], &["prod", "stage"]),
            [
                "--cluster prdo: no cluster has this name; did you mean `prod`?",
                "--cluster x*: no cluster has this name; there are prod, stage"
            ]
        );
        assert_eq!(unmatched(&["a"], &[]), ["--cluster a: there are no clusters"]);
        assert_eq!(
            unmatched(&["x*"], &["a", "b", "c", "d", "e", "f"]),
            ["--cluster x*: no cluster has this name; there are a, b, c, d, e and 1 more"]
        );
    }

    #[test]
    fn no_pattern_is_no_choice() {
        assert!(ClusterChoice::of(&[]).is_ok_and(|choice| choice.is_none()));
        assert!(ClusterChoice::of(&["[".to_owned()]).is_err_and(|error| error.starts_with("--cluster [: ")));
    }
}
