//! What several tests share.

pub(crate) mod cpu_time;
pub(crate) mod folder;
#[cfg(unix)]
pub(crate) mod git;
pub(crate) mod github_markdown;
#[cfg(unix)]
pub(crate) mod moto;
pub(crate) mod multitool;
pub(crate) mod node;
pub(crate) mod program;
pub(crate) mod python;
pub(crate) mod rules;
pub(crate) mod sample;

/// A cluster that is open to everyone, in one line.
pub(crate) fn open_cluster(name: &str) -> String {
    format!(
        r#"{{"cluster":{{"name":"{name}","resourcesVpcConfig":{{"endpointPublicAccess":true,"publicAccessCidrs":["0.0.0.0/0"]}}}}}}"#
    )
}
