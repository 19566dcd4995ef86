//! What the options choose: whose credentials, and which clusters.

use super::Options;
use super::connect::CredentialSource;
use super::unread::shortened;
use globset::{Glob, GlobSet, GlobSetBuilder};
use std::collections::BTreeSet;

/// What is wrong with a pattern that no cluster matches.
pub(super) fn unmatched(pattern: &str, names: &BTreeSet<String>) -> String {
    match names.is_empty() {
        true => format!("--cluster {pattern}: there are no clusters"),
        false => {
            let there = shortened(names.iter().cloned());
            format!("--cluster {pattern}: no cluster is called so; there are {there}")
        }
    }
}

/// Whose credentials to use: each role in turn, else each profile, else the default ones.
pub(super) fn sources(options: &Options) -> Vec<CredentialSource> {
    let profile = options.profiles.first().cloned();
    if !options.roles.is_empty() {
        let (external_id, session_name) = (options.external_id.clone(), options.session_name.clone());
        let source = |role: &String| CredentialSource {
            profile: profile.clone(),
            role: Some(role.clone()),
            external_id: external_id.clone(),
            session_name: session_name.clone(),
        };
        return options.roles.iter().map(source).collect();
    }
    match options.profiles.is_empty() {
        true => vec![CredentialSource::default()],
        false => {
            let source = |profile: &String| CredentialSource {
                profile: Some(profile.clone()),
                ..CredentialSource::default()
            };
            options.profiles.iter().map(source).collect()
        }
    }
}

/// Which clusters are asked for; none for all.
pub(super) fn chosen(patterns: &[String]) -> Result<Option<GlobSet>, String> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| format!("--cluster {pattern}: {error}"))?);
    }
    set.build().map(Some).map_err(|error| format!("--cluster: {error}"))
}

/// The names of clusters, if no pattern stands among them: they need no list.
pub(super) fn literals(patterns: &[String]) -> Vec<String> {
    let is_glob = |pattern: &String| pattern.contains(['*', '?', '[', '{', '\\']);
    if patterns.iter().any(is_glob) { Vec::new() } else { patterns.to_vec() }
}
