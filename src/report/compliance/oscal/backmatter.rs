//! What the results rest on: the plan, which is the rules, and the inputs with their digests.

use super::context::OscalContext;
use super::model::{OscalHash, OscalImport, OscalResource, OscalResourceLink};
use super::uuid::OscalUuid;
use super::words::{line, own};
use crate::report::compliance::scope::rules;
use crate::report::uri;
use crate::scan::InputDigest;
use crate::value::SourceFileKind;

/// The plan of the assessment. There is none in OSCAL: what is looked at is what the rules say.
pub(super) fn import(context: &OscalContext<'_, '_>) -> OscalImport {
    OscalImport {
        href: format!("#{}", plan(context)),
        remarks: "There is no plan in OSCAL. The rules of ekslint are the plan.".to_owned(),
    }
}

fn plan(context: &OscalContext<'_, '_>) -> OscalUuid {
    context.uuid("plan", &[env!("CARGO_PKG_VERSION"), &context.report.rules_digest])
}

/// The plan, and all inputs.
pub(super) fn resources(context: &OscalContext<'_, '_>) -> Vec<OscalResource> {
    let rules = rules(context.report);
    let plan = OscalResource {
        uuid: plan(context),
        title: "The rules of ekslint".to_owned(),
        description: format!("The {rules} rules of ekslint {}.", env!("CARGO_PKG_VERSION")),
        props: vec![own("rule-set-sha256", &context.report.rules_digest)],
        rlinks: vec![OscalResourceLink { href: env!("CARGO_PKG_REPOSITORY").to_owned(), hashes: Vec::new() }],
    };
    std::iter::once(plan).chain(context.report.inputs().map(|input| resource(context, input))).collect()
}

fn resource(context: &OscalContext<'_, '_>, input: &InputDigest) -> OscalResource {
    let scanned = context.report.scanned;
    let known = scanned.scan.inputs.iter().find(|known| known.name == input.name);
    let kind = known.map_or(SourceFileKind::File, |known| known.kind);
    let description = match input.sha256 {
        Some(_) => "An input that was evaluated.",
        None => "An input that was evaluated. It could not be read again, so it has no digest.",
    };
    let hash = |sha256: &String| OscalHash { algorithm: "SHA-256", value: sha256.clone() };
    OscalResource {
        uuid: context.uuid("input", &[&input.name]),
        title: line(&input.name),
        description: description.to_owned(),
        props: Vec::new(),
        rlinks: vec![OscalResourceLink {
            href: uri::of(scanned.root, &input.name, kind),
            hashes: input.sha256.iter().map(hash).collect(),
        }],
    }
}
