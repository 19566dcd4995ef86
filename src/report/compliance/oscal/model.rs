//! Assessment results as OSCAL has them, as far as they are written here.
//! <https://github.com/usnistgov/OSCAL/blob/v1.2.1/src/metaschema/oscal_assessment-common_metaschema.xml> says what each
//! field means, and which values it may have.

use super::uuid::OscalUuid;
use serde::Serialize;

/// The version of OSCAL.
pub(super) const OSCAL_VERSION: &str = "1.2.1";

/// A document.
#[derive(Serialize)]
pub(super) struct OscalDocument {
    #[serde(rename = "assessment-results")]
    pub(super) assessment: OscalAssessment,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalAssessment {
    pub(super) uuid: OscalUuid,
    pub(super) metadata: OscalMetadata,
    pub(super) import_ap: OscalImport,
    pub(super) results: [OscalResult; 1],
    pub(super) back_matter: OscalBackMatter,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalMetadata {
    pub(super) title: String,
    pub(super) last_modified: String,
    pub(super) version: String,
    pub(super) oscal_version: &'static str,
    pub(super) links: Vec<OscalLink>,
}

/// The plan that an assessment follows.
#[derive(Serialize)]
pub(super) struct OscalImport {
    pub(super) href: String,
    pub(super) remarks: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalResult {
    pub(super) uuid: OscalUuid,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) start: String,
    pub(super) props: Vec<OscalProperty>,
    pub(super) local_definitions: OscalDefinitions,
    pub(super) reviewed_controls: OscalReviewedControls,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) observations: Vec<OscalObservation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) risks: Vec<OscalRisk>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<OscalFinding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remarks: Option<String>,
}

/// What was looked at, and with what.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalDefinitions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) inventory_items: Vec<OscalItem>,
    pub(super) assessment_assets: OscalAssets,
}

/// A cluster, or what belongs to one.
#[derive(Serialize)]
pub(super) struct OscalItem {
    pub(super) uuid: OscalUuid,
    pub(super) description: String,
    pub(super) props: Vec<OscalProperty>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalAssets {
    pub(super) components: [OscalTool; 1],
    pub(super) assessment_platforms: [OscalPlatform; 1],
}

#[derive(Serialize)]
pub(super) struct OscalTool {
    pub(super) uuid: OscalUuid,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) props: Vec<OscalProperty>,
    pub(super) links: [OscalLink; 1],
    pub(super) status: OscalToolStatus,
}

#[derive(Serialize)]
pub(super) struct OscalToolStatus {
    pub(super) state: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalPlatform {
    pub(super) uuid: OscalUuid,
    pub(super) title: &'static str,
    pub(super) uses_components: [OscalUse; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalUse {
    pub(super) component_uuid: OscalUuid,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalReviewedControls {
    pub(super) description: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) props: Vec<OscalProperty>,
    pub(super) control_selections: [OscalSelection; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remarks: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalSelection {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) include_controls: Vec<OscalControl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remarks: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalControl {
    pub(super) control_id: String,
}

/// What a rule says on a cluster.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalObservation {
    pub(super) uuid: OscalUuid,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) props: Vec<OscalProperty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) links: Vec<OscalLink>,
    pub(super) methods: [&'static str; 1],
    pub(super) types: Vec<&'static str>,
    pub(super) origins: [OscalOrigin; 1],
    pub(super) subjects: Vec<OscalSubject>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) relevant_evidence: Vec<OscalEvidence>,
    pub(super) collected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remarks: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalSubject {
    pub(super) subject_uuid: OscalUuid,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) props: Vec<OscalProperty>,
}

#[derive(Serialize)]
pub(super) struct OscalEvidence {
    pub(super) href: String,
    pub(super) description: String,
    pub(super) props: Vec<OscalProperty>,
}

#[derive(Serialize)]
pub(super) struct OscalOrigin {
    pub(super) actors: [OscalActor; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalActor {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) actor_uuid: OscalUuid,
}

/// Something wrong that somebody has accepted.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalRisk {
    pub(super) uuid: OscalUuid,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) statement: String,
    pub(super) props: Vec<OscalProperty>,
    pub(super) status: &'static str,
    pub(super) origins: [OscalOrigin; 1],
    pub(super) characterizations: [OscalCharacterization; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deadline: Option<String>,
    pub(super) related_observations: [OscalRelatedObservation; 1],
}

#[derive(Serialize)]
pub(super) struct OscalCharacterization {
    pub(super) origin: OscalOrigin,
    pub(super) facets: [OscalFacet; 1],
}

#[derive(Serialize)]
pub(super) struct OscalFacet {
    pub(super) name: &'static str,
    pub(super) system: &'static str,
    pub(super) value: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalRelatedObservation {
    pub(super) observation_uuid: OscalUuid,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalRelatedRisk {
    pub(super) risk_uuid: OscalUuid,
}

/// What becomes of a control that rules decided.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalFinding {
    pub(super) uuid: OscalUuid,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) props: Vec<OscalProperty>,
    pub(super) origins: [OscalOrigin; 1],
    pub(super) target: OscalTarget,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_observations: Vec<OscalRelatedObservation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_risks: Vec<OscalRelatedRisk>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OscalTarget {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) target_id: String,
    pub(super) status: OscalStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remarks: Option<String>,
}

#[derive(Serialize)]
pub(super) struct OscalStatus {
    pub(super) state: &'static str,
    pub(super) reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct OscalBackMatter {
    pub(super) resources: Vec<OscalResource>,
}

/// The plan, or an input.
#[derive(Serialize)]
pub(super) struct OscalResource {
    pub(super) uuid: OscalUuid,
    pub(super) title: String,
    pub(super) description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) props: Vec<OscalProperty>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rlinks: Vec<OscalResourceLink>,
}

#[derive(Serialize)]
pub(super) struct OscalResourceLink {
    pub(super) href: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<OscalHash>,
}

#[derive(Serialize)]
pub(super) struct OscalHash {
    pub(super) algorithm: &'static str,
    pub(super) value: String,
}

#[derive(Clone, Serialize)]
pub(super) struct OscalProperty {
    pub(super) name: &'static str,
    /// Whose name it is; OSCAL's if it is nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ns: Option<&'static str>,
    pub(super) value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remarks: Option<String>,
}

#[derive(Serialize)]
pub(super) struct OscalLink {
    pub(super) href: String,
    pub(super) rel: &'static str,
}
