//! What the outputs for programs have in common: each is documented once, and means the same in all.

use crate::engine::{Resource, Standing};
use crate::policy::WaiverInfo;
use crate::snapshot::Identity;
use crate::value::{Location, Problem};
use chrono::NaiveDate;
use serde::Serialize;

#[derive(Serialize)]
pub(in crate::report) struct JsonTool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct JsonWaiver<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<NaiveDate>,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
pub(in crate::report) struct JsonResource<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::report) struct JsonLocation<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<u32>,
    pointer: &'a str,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
pub(in crate::report) struct JsonError<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    message: &'a str,
}

#[derive(Serialize)]
pub(in crate::report) struct JsonCluster<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<JsonTemplate<'a>>,
}

/// Where a template describes a cluster.
#[derive(Serialize)]
struct JsonTemplate<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
}

#[derive(Serialize)]
pub(in crate::report) struct JsonMissingPermission<'a> {
    action: &'a str,
    answers: usize,
}

impl JsonTool {
    /// This program.
    pub(in crate::report) fn own() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

impl<'a> JsonWaiver<'a> {
    /// The waiver that gives a finding its standing, if one does.
    pub(in crate::report) fn of(standing: Standing, waivers: &'a [WaiverInfo]) -> Option<Self> {
        let Standing::Waived(at) = standing else { return None };
        let waiver = waivers.get(at.position())?;
        Some(Self {
            reason: &waiver.reason,
            owner: waiver.owner.as_deref(),
            approved_by: waiver.approved_by.as_deref(),
            ticket: waiver.ticket.as_deref(),
            expires: waiver.expires,
            file: &waiver.file,
            line: waiver.line,
        })
    }
}

impl<'a> JsonResource<'a> {
    pub(in crate::report) fn of(resource: &'a Resource) -> Self {
        Self { kind: resource.kind, name: resource.name.as_deref(), arn: resource.arn.as_deref() }
    }
}

impl<'a> JsonLocation<'a> {
    pub(in crate::report) fn of(location: &'a Location) -> Self {
        let Location { file, pointer, span, .. } = location;
        Self {
            file: &file.name,
            document: file.document,
            pointer: pointer.as_str(),
            start_line: span.start_line,
            start_column: span.start_column,
            end_line: span.end_line,
            end_column: span.end_column,
        }
    }
}

impl<'a> JsonError<'a> {
    pub(in crate::report) fn of(problem: &'a Problem) -> Self {
        Self {
            file: &problem.file,
            line: problem.place.map(|place| place.line.max(1)),
            column: problem.place.map(|place| place.column.max(1)),
            rule: problem.rule.as_deref(),
            message: &problem.message,
        }
    }
}

impl<'a> JsonCluster<'a> {
    pub(in crate::report) fn of(cluster: Option<&'a Identity>) -> Self {
        let field = |field: fn(&Identity) -> &Option<String>| field(cluster?).as_deref();
        Self {
            name: field(|cluster| &cluster.name),
            arn: field(|cluster| &cluster.arn),
            account: field(|cluster| &cluster.account),
            region: field(|cluster| &cluster.region),
            template: cluster.and_then(|cluster| cluster.template.as_ref()).map(|template| JsonTemplate {
                address: template.address.as_deref(),
                root: template.root.as_deref(),
                environment: template.environment.as_deref(),
            }),
        }
    }
}

impl<'a> JsonMissingPermission<'a> {
    pub(in crate::report) fn of(action: &'a str, answers: usize) -> Self {
        Self { action, answers }
    }
}
