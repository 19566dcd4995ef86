//! For GRC tools: OSCAL assessment results, of NIST SP 800-53 only, as no other framework here has a catalog in OSCAL whose
//! ids its results could name.
//!
//! OSCAL knows two states of a control, satisfied and not satisfied, and ekslint six verdicts. Nothing is written as
//! satisfied that rules did not see whole:
//!
//! | verdict | finding | reviewed controls |
//! |---|---|---|
//! | failed | `not-satisfied`, reason `fail` | yes |
//! | accepted | `not-satisfied`, reason `other`, with a risk for each waived finding | yes |
//! | passed | `satisfied`, reason `pass` | yes |
//! | manual, not evaluated, not applicable | none | no: named in the remarks, each with its reason in a property |
//!
//! Each control of NIST is kind `partly`: settings are a part of it. Where its rules pass, that is seen in observations, and
//! a person has to say whether the control is satisfied. So a report of NIST has no `satisfied` at all, unless an
//! organisation brings its own reading of the framework with controls of the kind `automated`.
//!
//! A rule on a cluster is an observation, whatever it says. The controls that rest on it are its properties `control`, so the
//! observations of a control are found also where it has no finding. A finding names those observations that decide it.
//!
//! All identifiers are UUIDs of version 5: of a cluster, a resource, an observation, a risk and a finding from what it is
//! called, so it stays the same in the next report; of the document and its result from all that is written in it,
//! digests of the inputs included, so the same input gives the same bytes and other input another document.

mod backmatter;
mod context;
mod findings;
mod inventory;
mod markdown;
mod model;
mod observations;
mod observed;
mod reviewed;
mod risks;
mod uuid;
mod words;

use super::ComplianceReport;
use super::counted::{counts, evaluated};
use super::scope::{self, ShownParameter};
use crate::compliance::{ControlVerdict, FrameworkResult};
use crate::policy::ParameterInForce;
use crate::report::totals::plural;
use crate::report::{Report, json_text};
use context::OscalContext;
use model::{
    OSCAL_VERSION, OscalAssessment, OscalAssets, OscalBackMatter, OscalDefinitions, OscalDocument, OscalLink,
    OscalMetadata, OscalPlatform, OscalProperty, OscalResult, OscalTool, OscalToolStatus, OscalUse,
};
use observed::observed;
use std::io::{self, Write};
use uuid::OscalUuid;
use words::{line, midnight, of_oscal, own};

/// The framework whose controls OSCAL has a catalog of.
pub(super) const FRAMEWORK: &str = "nist-800-53-r5";
/// What the program does, in a sentence.
const TOOL: &str = "The compliance linter for Amazon EKS configurations.";

/// Writes the report. There is one framework in it: the command line is held to that.
pub(super) fn write(report: &ComplianceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(result) = report.frameworks.first() else { return Ok(()) };
    let context = OscalContext::new(report);
    let mut document = document(&context, result);
    let content = serde_json::to_string(&document)?;
    document.assessment.uuid = context.uuid("assessment-results", &[&content]);
    document.assessment.results[0].uuid = context.uuid("result", &[&content]);
    json_text::write(&document, out)
}

/// The document; what is identified by all of its content has no identifier yet.
fn document(context: &OscalContext<'_, '_>, result: &FrameworkResult<'_>) -> OscalDocument {
    let (scanned, framework) = (context.report.scanned, result.framework);
    let clusters = plural(scanned.scan.clusters.len(), "cluster");
    OscalDocument {
        assessment: OscalAssessment {
            uuid: OscalUuid::default(),
            metadata: OscalMetadata {
                title: line(&format!("{} on {clusters}", framework.title.en)),
                last_modified: midnight(scanned.as_of),
                version: scanned.as_of.to_string(),
                oscal_version: OSCAL_VERSION,
                links: vec![OscalLink { href: framework.source.clone(), rel: "reference" }],
            },
            import_ap: backmatter::import(context),
            results: [assessed(context, result)],
            back_matter: OscalBackMatter { resources: backmatter::resources(context) },
        },
    }
}

fn assessed(context: &OscalContext<'_, '_>, result: &FrameworkResult<'_>) -> OscalResult {
    let scanned = context.report.scanned;
    let observed = observed(scanned, result);
    OscalResult {
        uuid: OscalUuid::default(),
        title: line(&format!("{} as of {}", result.framework.title.en, scanned.as_of)),
        description: description(result),
        start: midnight(scanned.as_of),
        props: properties(context.report, result),
        local_definitions: OscalDefinitions {
            inventory_items: inventory::items(context, &observed),
            assessment_assets: assets(context),
        },
        reviewed_controls: reviewed::reviewed(scanned, result),
        observations: observed.iter().map(|one| observations::observation(context, one)).collect(),
        risks: risks::risks(context, &observed),
        findings: result.controls.iter().filter_map(|one| findings::finding(context, one)).collect(),
        remarks: incomplete(scanned),
    }
}

/// How much was decided, and how it came out: neither says much without the other.
fn description(result: &FrameworkResult<'_>) -> String {
    let tally = result.tally();
    let counts = counts(&tally, |verdict| verdict.in_words().to_owned());
    let counts = if counts.is_empty() { String::new() } else { format!(" {counts}.") };
    let scope =
        result.framework.scope.as_ref().map_or_else(String::new, |scope| format!(" {}", line(&scope.en)));
    format!("{}{counts}{scope}", evaluated(&tally))
}

/// How many controls became what, and the parameters in force.
fn properties(report: &ComplianceReport<'_>, result: &FrameworkResult<'_>) -> Vec<OscalProperty> {
    let tally = result.tally();
    let count = |verdict: ControlVerdict| OscalProperty {
        class: Some(verdict.as_str()),
        ..own("controls", &tally.count(verdict).to_string())
    };
    let parameter = |parameter| in_force(report, parameter);
    ControlVerdict::ALL.into_iter().map(count).chain(report.parameters.iter().map(parameter)).collect()
}

/// A parameter of a rule, and who says so if that is not the rule.
fn in_force(report: &ComplianceReport<'_>, parameter: &ParameterInForce) -> OscalProperty {
    let ShownParameter { name, value, origin } = scope::parameter(report, parameter);
    let origin = origin.as_deref().map(line);
    OscalProperty { remarks: origin, ..own("parameter", &format!("{name} = {value}")) }
}

/// This program, as what the assessment was made with.
fn assets(context: &OscalContext<'_, '_>) -> OscalAssets {
    let name = env!("CARGO_PKG_NAME");
    let tool = OscalTool {
        uuid: context.tool(),
        kind: "software",
        title: name,
        description: TOOL,
        props: vec![
            of_oscal("version", env!("CARGO_PKG_VERSION")),
            own("rule-set-sha256", &context.report.rules_digest),
        ],
        links: [OscalLink { href: env!("CARGO_PKG_REPOSITORY").to_owned(), rel: "reference" }],
        status: OscalToolStatus { state: "operational" },
    };
    let uuid = context.uuid("platform", &[name, env!("CARGO_PKG_VERSION")]);
    let uses_components = [OscalUse { component_uuid: tool.uuid }];
    OscalAssets {
        assessment_platforms: [OscalPlatform { uuid, title: name, uses_components }],
        components: [tool],
    }
}

/// What could not be read or judged, if there is something.
fn incomplete(scanned: &Report<'_>) -> Option<String> {
    let summary = scanned.summary();
    if scanned.is_complete(&summary) {
        return None;
    }
    let mut lines =
        vec!["Not everything could be read or evaluated; the observations say what, and why.".to_owned()];
    let actions = summary.missing_permissions.keys().chain(summary.failed_calls.keys());
    lines.extend(actions.map(|action| format!("AWS did not answer {}.", line(action))));
    lines.extend(scanned.rule_errors.iter().chain(&scanned.errors).map(|error| line(&error.to_string())));
    Some(lines.join("\n\n"))
}
