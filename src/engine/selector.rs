//! Which clusters something is meant for: globs over what a cluster is called.

use crate::snapshot::Identity;
use globset::GlobMatcher;

/// Selects clusters. Of each kind that is given, one glob must fit; of tags, all.
#[derive(Clone, Debug, Default)]
pub struct ClusterSelector {
    /// Over the name.
    pub name: Vec<GlobMatcher>,
    /// Over the ARN.
    pub arn: Vec<GlobMatcher>,
    /// Over the account id.
    pub account: Vec<GlobMatcher>,
    /// Over the region.
    pub region: Vec<GlobMatcher>,
    /// Over the values of tags, by key.
    pub tags: Vec<(String, GlobMatcher)>,
}

impl ClusterSelector {
    /// Whether it selects this cluster. What is not known about a cluster fits no glob.
    pub fn fits(&self, cluster: &Identity) -> bool {
        let fits = |globs: &[GlobMatcher], text: Option<&str>| {
            globs.is_empty() || text.is_some_and(|text| globs.iter().any(|glob| glob.is_match(text)))
        };
        let tagged = |(key, glob): &(String, GlobMatcher)| {
            cluster.tags.get(key).is_some_and(|value| glob.is_match(value))
        };
        fits(&self.name, cluster.name.as_deref())
            && fits(&self.arn, cluster.arn.as_deref())
            && fits(&self.account, cluster.account.as_deref())
            && fits(&self.region, cluster.region.as_deref())
            && self.tags.iter().all(tagged)
    }
}

#[cfg(test)]
mod tests {
    use super::ClusterSelector;
    use crate::snapshot::Identity;
    use globset::{Glob, GlobMatcher};

    fn globs(texts: &[&str]) -> Vec<GlobMatcher> {
        texts.iter().map(|text| Glob::new(text).unwrap().compile_matcher()).collect()
    }

    fn prod() -> Identity {
        Identity {
            name: Some("prod-1".to_owned()),
            region: Some("eu-west-1".to_owned()),
            tags: [("env".to_owned(), "production".to_owned())].into(),
            ..Identity::default()
        }
    }

    #[test]
    fn every_kind_must_fit_and_one_glob_of_each() {
        let by_name = ClusterSelector { name: globs(&["dev-*", "prod-*"]), ..Default::default() };
        assert!(by_name.fits(&prod()));
        let also_region = ClusterSelector { region: globs(&["us-*"]), ..by_name };
        assert!(!also_region.fits(&prod()));
        assert!(ClusterSelector::default().fits(&prod()));
    }

    #[test]
    fn what_is_not_known_fits_nothing() {
        let by_account = ClusterSelector { account: globs(&["*"]), ..Default::default() };
        assert!(!by_account.fits(&prod()));
        let tag = |key: &str| ClusterSelector {
            tags: vec![(key.to_owned(), globs(&["prod*"]).remove(0))],
            ..Default::default()
        };
        assert!(tag("env").fits(&prod()) && !tag("Env").fits(&prod()));
    }
}
