//! Modules of the Terraform registry whose sources are built in, so that what calls them is evaluated without `terraform init`
//! and without a network.
//!
//! The sources are evaluated as those in `.terraform/modules` are: what a default or an argument of such a module means is
//! written nowhere else. `tests/registry/generate.py` takes them from their repositories; `NOTICE.md` says of which versions.

mod bundle;
mod called;
mod constraint;

pub(super) use bundle::{BundleTree, NoTree, bundled_number, bundled_paths};

use bundle::{BundledModule, BundledVersion, OtherModule, folder_of, has_files, modules, others};
use called::{CalledSource, CalledVersion};
use constraint::VersionConstraint;
use std::sync::Arc;

/// Sources that a call of a module is evaluated with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BundledSource {
    /// Where they are in the tree.
    pub(super) folder: String,
    /// What is good to know about the choice of the version, if the call may mean another one.
    pub(super) notice: Option<String>,
}

/// How many arguments of a call the sources in a folder do not have.
type UnknownArguments<'c> = dyn Fn(&str) -> usize + 'c;

/// The sources of a module that a call names, if it is one of those that are built in; or why none of its versions will do. Where a
/// call allows several versions, its arguments say which one it was written for: those of another one would be evaluated as if
/// they were not there.
pub(super) fn bundled(
    source: &str,
    version: Option<&str>,
    unknown_arguments: &UnknownArguments<'_>,
) -> Result<Option<BundledSource>, String> {
    let called = CalledSource::parse(source);
    let names = |module: &&BundledModule| called.names(Some(&module.module), &module.repository);
    let Some(module) = modules().iter().find(names) else { return Ok(None) };
    let title = module.title();
    let unknown = |version: &BundledVersion| unknown_arguments(&folder_of(module, version, called.submodule));
    let (chosen, notice) = match (called.version, version) {
        (CalledVersion::InCall, None) | (CalledVersion::Newest, _) => {
            let chosen = best_of(module.versions(), unknown).unwrap_or_else(|| module.newest());
            let notice = format!(
                "does not say its version, and is evaluated with the sources of {}",
                chosen.words(module, module.newest())
            );
            (chosen, Some(notice))
        }
        (CalledVersion::InCall, Some(constraint)) => by_constraint(module, constraint, unknown)?,
        (CalledVersion::Tag(version), _) => by_constraint(module, version, unknown)?,
        (CalledVersion::Other(reference), _) => {
            return Err(format!("{reference} is no version of {title}; write the tag of one, {WAY_OUT}"));
        }
    };
    let folder = folder_of(module, chosen, called.submodule);
    if has_files(&folder) {
        return Ok(Some(BundledSource { folder, notice }));
    }
    Err(match called.submodule {
        "" => format!("{} has no files of its own; call one of its submodules", chosen.title(module)),
        submodule => format!("ekslint does not have {submodule} of {}; {WAY_OUT}", chosen.title(module)),
    })
}

/// The modules of the registry whose sources are built in: the address of each, and its versions in order.
pub fn bundled_modules() -> impl Iterator<Item = (&'static str, Vec<String>)> {
    modules().iter().map(|module| {
        (module.module.as_str(), module.versions().map(|known| known.version.to_string()).collect())
    })
}

/// The types of the resources that a module may make, if it is known; else none, which stands for any.
pub(super) fn kinds_of(source: &str) -> Vec<Arc<str>> {
    let called = CalledSource::parse(source);
    let names = |other: &&OtherModule| called.names(other.module.as_deref(), &other.repository);
    let found = others().iter().find(names);
    found.map(|other| other.kinds.iter().map(|kind| kind.as_str().into()).collect()).unwrap_or_default()
}

/// What to do where the sources of a module are not built in.
const WAY_OUT: &str = "run `terraform init`, or scan the plan";

/// What to call the module that a path of the tree lies in, with its version; none if it is in no bundled module.
pub(super) fn bundled_title(path: &str) -> Option<String> {
    bundle::version_at(path).map(|(module, version)| version.title(module))
}

/// The newest of some versions that has all arguments of a call; if there is none, the newest that lacks the fewest.
fn best_of<'m>(
    versions: impl DoubleEndedIterator<Item = &'m BundledVersion>,
    unknown: impl Fn(&BundledVersion) -> usize,
) -> Option<&'m BundledVersion> {
    let mut best: Option<(usize, &BundledVersion)> = None;
    for version in versions.rev() {
        let count = unknown(version);
        if best.is_none_or(|(least, _)| count < least) {
            best = Some((count, version));
        }
        if count == 0 {
            break;
        }
    }
    best.map(|(_, version)| version)
}

impl BundledVersion {
    /// What it is called, and why it was chosen: it is the newest that may be meant, or an older one.
    fn words(&self, module: &BundledModule, newest: &Self) -> String {
        let for_what = if self.version == newest.version { "" } else { " for the arguments of the call" };
        format!("{}, the newest that ekslint has{for_what}", self.title(module))
    }
}

fn by_constraint(
    module: &'static BundledModule,
    text: &str,
    unknown: impl Fn(&BundledVersion) -> usize,
) -> Result<(&'static BundledVersion, Option<String>), String> {
    let title = module.title();
    let constraint = VersionConstraint::parse(text).ok_or_else(|| {
        format!(
            "its version `{text}` is none that Terraform takes; write one such as \"~> {}\"",
            module.newest().short()
        )
    })?;
    let newest = module.newest();
    let allowed = || module.versions().filter(|version| constraint.allows(&version.version));
    if let (Some(found), Some(newest_allowed)) = (best_of(allowed(), unknown), allowed().next_back()) {
        let what = match constraint.allows(&newest.next_major()) {
            true => Some("any newer version"),
            false => (found.version != newest_allowed.version).then_some("several versions"),
        };
        let notice = what.map(|what| {
            let words = found.words(module, newest_allowed);
            format!("allows {what} ({text}), and is evaluated with the sources of {words}")
        });
        return Ok((found, notice));
    }
    let wanted = constraint.least();
    let same = wanted
        .and_then(|wanted| module.versions().rev().find(|version| version.version.major == wanted.major));
    match same {
        Some(found) => {
            let notice = format!(
                "wants {title} {text}, which ekslint does not have: it is evaluated with the sources of {}; for its own, run `terraform init`",
                found.version
            );
            Ok((found, Some(notice)))
        }
        None => {
            let majors: Vec<_> = module.versions().map(|version| version.version.major.to_string()).collect();
            Err(format!(
                "ekslint does not have {title} {text}: it has the versions {} (the newest is {} of {}); {WAY_OUT}",
                majors.join(", "),
                newest.version,
                newest.date
            ))
        }
    }
}

#[cfg(test)]
mod tests;
