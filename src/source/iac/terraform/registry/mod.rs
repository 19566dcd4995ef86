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

/// The sources of a module that a call names, if it is one of those that are built in; or why none of its versions will do.
pub(super) fn bundled(source: &str, version: Option<&str>) -> Result<Option<BundledSource>, String> {
    let called = CalledSource::parse(source);
    let names = |module: &&BundledModule| called.names(Some(&module.module), &module.repository);
    let Some(module) = modules().iter().find(names) else { return Ok(None) };
    let title = module.title();
    let (chosen, notice) = match (called.version, version) {
        (CalledVersion::InCall, None) | (CalledVersion::Newest, _) => {
            let newest = module.newest();
            let notice = format!(
                "does not say its version, and is evaluated with the sources of {}, the newest that ekslint has",
                newest.title(module)
            );
            (newest, Some(notice))
        }
        (CalledVersion::InCall, Some(constraint)) => by_constraint(module, constraint)?,
        (CalledVersion::Tag(version), _) => by_constraint(module, version)?,
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

fn by_constraint(
    module: &'static BundledModule,
    text: &str,
) -> Result<(&'static BundledVersion, Option<String>), String> {
    let title = module.title();
    let constraint = VersionConstraint::parse(text).ok_or_else(|| {
        format!(
            "its version `{text}` is none that Terraform takes; write one such as \"~> {}\"",
            module.newest().short()
        )
    })?;
    let newest = module.newest();
    if let Some(found) = module.versions().rev().find(|version| constraint.allows(&version.version)) {
        let notice = constraint.allows(&newest.next_major()).then(|| {
            format!(
                "allows any newer version ({text}), and is evaluated with the sources of {}, the newest that ekslint has",
                found.title(module)
            )
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
