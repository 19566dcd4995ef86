//! What the options choose: whose credentials, and which clusters.

use super::Options;
use super::connect::CredentialSource;

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

/// The names of clusters, if no pattern stands among them: they need no list.
pub(super) fn literals(patterns: &[String]) -> Vec<String> {
    let is_glob = |pattern: &String| pattern.contains(['*', '?', '[', '{', '\\']);
    if patterns.iter().any(is_glob) { Vec::new() } else { patterns.to_vec() }
}
