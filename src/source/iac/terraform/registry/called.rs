//! Which module the source of a call names: by its address in the registry, or by that of its repository.

use super::bundle::{BundledModule, modules};

/// What the source of a call says beside the module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CalledModuleParts<'s> {
    /// The folder in the module: `modules/karpenter`; empty for the module itself.
    pub(super) submodule: &'s str,
    pub(super) version: CalledVersion<'s>,
}

/// Where the version of a call is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CalledVersion<'s> {
    /// In the argument `version`, if anywhere.
    InCall,
    /// In the source, as a tag of the repository.
    Tag(&'s str),
    /// Nowhere: the newest of the repository is used.
    Newest,
    /// In the source, as something that says no version.
    Other(&'s str),
}

/// Registries that have all of these modules.
const REGISTRIES: [&str; 2] = ["registry.terraform.io/", "registry.opentofu.org/"];
/// How addresses on GitHub begin.
const GITHUB: [&str; 5] =
    ["https://github.com/", "ssh://git@github.com/", "git@github.com:", "git@github.com/", "github.com/"];

/// The module that a source names, if it is built in.
pub(super) fn module_of(source: &str) -> Option<(&'static BundledModule, CalledModuleParts<'_>)> {
    let registered = REGISTRIES.iter().find_map(|host| source.strip_prefix(host)).unwrap_or(source);
    let (address, submodule) = registered.split_once("//").unwrap_or((registered, ""));
    if let Some(module) = modules().iter().find(|module| module.module == address) {
        let parts =
            CalledModuleParts { submodule: submodule.trim_matches('/'), version: CalledVersion::InCall };
        return Some((module, parts));
    }
    let forced = source.strip_prefix("git::").unwrap_or(source);
    let path = GITHUB.iter().find_map(|start| forced.strip_prefix(start))?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (repository, submodule) = path.split_once("//").unwrap_or((path, ""));
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    let module = modules().iter().find(|module| module.repository_path() == Some(repository))?;
    let version = match query.split('&').find_map(|pair| pair.strip_prefix("ref=")) {
        None | Some("" | "HEAD" | "main" | "master") => CalledVersion::Newest,
        Some(reference) => tag(reference),
    };
    Some((module, CalledModuleParts { submodule: submodule.trim_matches('/'), version }))
}

/// What a reference in Git says of a version.
fn tag(reference: &str) -> CalledVersion<'_> {
    let name =
        reference.strip_prefix("refs/tags/").or_else(|| reference.strip_prefix("tags/")).unwrap_or(reference);
    let numbers = name.strip_prefix('v').unwrap_or(name);
    let is_version = numbers.contains('.') && numbers.starts_with(|first: char| first.is_ascii_digit());
    if is_version { CalledVersion::Tag(name) } else { CalledVersion::Other(reference) }
}
