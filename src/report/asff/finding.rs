//! The parts of the AWS Security Finding Format that ekslint fills.

use serde::Serialize;
use std::collections::BTreeMap;

/// A finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AsffFinding<'a> {
    pub(super) schema_version: &'static str,
    pub(super) id: String,
    pub(super) product_arn: String,
    pub(super) product_name: &'static str,
    pub(super) region: &'a str,
    pub(super) generator_id: &'a str,
    pub(super) aws_account_id: &'a str,
    pub(super) created_at: &'a str,
    pub(super) updated_at: &'a str,
    pub(super) title: String,
    pub(super) description: String,
    /// Security Hub takes these two from here; other readers from the finding itself.
    pub(super) finding_provider_fields: ProviderFields,
    pub(super) severity: AsffSeverity,
    pub(super) types: [&'static str; 1],
    pub(super) remediation: AsffRemediation,
    pub(super) resources: Vec<AsffResource<'a>>,
    pub(super) compliance: AsffCompliance<'a>,
    pub(super) record_state: &'static str,
    pub(super) product_fields: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProviderFields {
    pub(super) severity: AsffSeverity,
    pub(super) types: [&'static str; 1],
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AsffSeverity {
    pub(super) label: &'static str,
    /// The word of ekslint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) original: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AsffRemediation {
    pub(super) recommendation: Recommendation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Recommendation {
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AsffCompliance<'a> {
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_requirements: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) status_reasons: Vec<StatusReason<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StatusReason<'a> {
    pub(super) reason_code: &'a str,
    pub(super) description: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AsffResource<'a> {
    #[serde(rename = "Type")]
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) partition: &'a str,
    pub(super) region: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<Details<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Details<'a> {
    pub(super) aws_eks_cluster: EksCluster<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EksCluster<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
}
