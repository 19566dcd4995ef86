//! The parts of OCSF that ekslint fills. Names are those of the schema.

use crate::report::finding_text::requirements;
use crate::rule::{Frameworks, Rule};
use serde::Serialize;

/// The version of the schema.
const VERSION: &str = "1.8.0";

/// A number of the schema, and its caption.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term(pub(super) u8, pub(super) &'static str);

impl Term {
    pub(super) const UNKNOWN: Self = Self(0, "Unknown");
}

/// A Compliance Finding. Each run creates all of its findings: ekslint keeps no state.
#[derive(Debug, Serialize)]
pub(super) struct Event<'a> {
    #[serde(flatten)]
    class: Class,
    /// Milliseconds since 1970.
    time: i64,
    severity_id: u8,
    severity: &'static str,
    status_id: u8,
    status: &'static str,
    metadata: Metadata,
    #[serde(flatten)]
    body: OcsfFinding<'a>,
}

/// What tells an event from others.
#[derive(Debug, Serialize)]
pub(super) struct OcsfFinding<'a> {
    pub(super) message: &'a str,
    /// Why it is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
    pub(super) compliance: OcsfCompliance<'a>,
    pub(super) finding_info: FindingInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remediation: Option<OcsfRemediation<'a>>,
    pub(super) resources: Vec<ResourceDetails<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cloud: Option<Cloud<'a>>,
    pub(super) unmapped: Unmapped<'a>,
}

#[derive(Debug, Serialize)]
struct Class {
    activity_id: u8,
    activity_name: &'static str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u16,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
}

const CLASS: Class = Class {
    activity_id: 1,
    activity_name: "Create",
    category_uid: 2,
    category_name: "Findings",
    class_uid: 2003,
    class_name: "Compliance Finding",
    type_uid: 200_301,
    type_name: "Compliance Finding: Create",
};

impl<'a> Event<'a> {
    pub(super) fn new(time: i64, severity: Term, status: Term, body: OcsfFinding<'a>) -> Self {
        // The attribute `cloud` belongs to a profile.
        let profiles = body.cloud.iter().map(|_| "cloud").collect();
        Self {
            class: CLASS,
            time,
            severity_id: severity.0,
            severity: severity.1,
            status_id: status.0,
            status: status.1,
            metadata: Metadata { version: VERSION, product: PRODUCT, profiles },
            body,
        }
    }
}

#[derive(Debug, Serialize)]
struct Metadata {
    version: &'static str,
    product: Product,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    profiles: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

const PRODUCT: Product = Product {
    name: env!("CARGO_PKG_NAME"),
    vendor_name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
};

/// What was judged, and how it stands.
#[derive(Debug, Serialize)]
pub(super) struct OcsfCompliance<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desc: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    standards: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<String>,
    status_id: u8,
    status: &'static str,
    status_details: Vec<&'a str>,
}

impl<'a> OcsfCompliance<'a> {
    pub(super) fn new(
        rule: Option<&'a Rule>,
        frameworks: &Frameworks,
        status: Term,
        details: Vec<&'a str>,
    ) -> Self {
        Self {
            control: rule.map(|rule| rule.id.as_str()),
            desc: rule.map(|rule| rule.rationale.trim_end()),
            standards: frameworks.keys().cloned().collect(),
            requirements: requirements(frameworks),
            status_id: status.0,
            status: status.1,
            status_details: details,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct FindingInfo<'a> {
    pub(super) uid: String,
    pub(super) title: &'a str,
    pub(super) desc: &'a str,
    /// The area of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) types: Option<[&'a str; 1]>,
    pub(super) data_sources: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) src_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) analytic: Option<Analytic<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct Analytic<'a> {
    pub(super) uid: &'a str,
    pub(super) name: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) type_id: u8,
}

#[derive(Debug, Serialize)]
pub(super) struct OcsfRemediation<'a> {
    pub(super) desc: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ResourceDetails<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) role_id: u8,
    pub(super) role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cloud_partition: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<Owner<'a>>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Owner<'a> {
    pub(super) account: Account<'a>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Account<'a> {
    uid: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    type_id: u8,
}

impl<'a> Account<'a> {
    pub(super) fn aws(uid: &'a str) -> Self {
        Self { uid, kind: "AWS Account", type_id: 10 }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Cloud<'a> {
    pub(super) provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cloud_partition: Option<&'a str>,
}

/// What OCSF has no attribute for. The names are those of the output `json`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unmapped<'a> {
    pub(super) file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) document: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_column: Option<u32>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) pointer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) awscli: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) precision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) standing: Option<&'static str>,
    /// Why it was not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
}
