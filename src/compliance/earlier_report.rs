//! Reads what `ekslint report --format json` wrote at another time. Errors name the field.

use super::ControlVerdict;
use super::earlier::{
    EarlierCluster, EarlierControl, EarlierFramework, EarlierOrigin, EarlierParameter, EarlierState,
};
use super::field::{FieldError, ReportField};
use crate::snapshot::{Identity, TemplateAddress};
use crate::text::nearest_or_all;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The version of reports in JSON: raised when a field goes away or changes its meaning.
pub const REPORT_SCHEMA_VERSION: u32 = 1;

/// The keys that reports are told apart by.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportKeys {
    tool: Option<IgnoredAny>,
    schema_version: Option<IgnoredAny>,
    frameworks: Option<IgnoredAny>,
    findings: Option<IgnoredAny>,
}

/// Reads an older report; nothing where the text is none, such as that of a snapshot.
///
/// # Errors
///
/// It is a report that does not say what became of controls, of another version, or broken: in words.
pub fn read_report(source: &str, text: &str) -> Option<Result<EarlierState, String>> {
    let keys: ReportKeys = serde_json::from_str(text).ok()?;
    (keys.tool.is_some() && keys.schema_version.is_some()).then_some(())?;
    if keys.frameworks.is_none() {
        keys.findings.as_ref()?;
        return Some(Err(format!(
            "{source} is a report of `ekslint scan`, which says nothing of controls: \
             name one of `ekslint report --format json`, or snapshots"
        )));
    }
    let read = || {
        let value: Value = serde_json::from_str(text).map_err(|error| FieldError::new(error.to_string()))?;
        state(source, ReportField::whole(&value))
    };
    Some(read().map_err(|error| format!("{source}: {error}")))
}

fn state(source: &str, report: ReportField<'_>) -> Result<EarlierState, FieldError> {
    let version = report.get("schemaVersion")?;
    let number = version.number()?;
    if number != u64::from(REPORT_SCHEMA_VERSION) {
        return Err(version.error(&format!(
            "is {number}, and this ekslint reads {REPORT_SCHEMA_VERSION}: \
             name the snapshots that the report was made of"
        )));
    }
    let clusters = report.get("clusters")?.list(cluster)?;
    let count = clusters.len();
    let origin = EarlierOrigin::Report {
        as_of: report.get("asOf")?.parsed("a day such as 2026-10-01")?,
        rules_digest: report.get("ruleSet")?.get("sha256")?.text()?.to_owned(),
        parameters: report.get("parameters")?.list(parameter)?,
    };
    Ok(EarlierState {
        source: source.to_owned(),
        origin,
        is_complete: has_none(&report, "errors")? && has_none(&report, "ruleErrors")?,
        clusters,
        frameworks: report.get("frameworks")?.list(|one| framework(one, count))?,
    })
}

fn has_none(report: &ReportField<'_>, list: &str) -> Result<bool, FieldError> {
    Ok(report.get(list)?.list(|_| Ok(()))?.is_empty())
}

fn cluster(field: ReportField<'_>) -> Result<EarlierCluster, FieldError> {
    let text = |name: &str| field.optional(name).map(|field| field.text().map(str::to_owned)).transpose();
    let captured_at = field.optional("capturedAt");
    let template = field.optional("template").map(template).transpose()?;
    let name = text("name")?;
    // What people call a cluster whose name is known only after apply.
    let is_address = |name: &String| template.as_ref().is_some_and(|one| one.address.as_ref() == Some(name));
    let is_renamed = name.as_ref().is_some_and(|name| name.contains("${") || is_address(name));
    let identity = Identity {
        name,
        is_renamed,
        template,
        arn: text("arn")?,
        account: text("account")?,
        region: text("region")?,
        ..Identity::default()
    };
    Ok(EarlierCluster {
        identity,
        file: field.get("file")?.text()?.to_owned(),
        captured_at: captured_at.map(|at| at.parsed("a time such as 2026-10-01T08:00:00Z")).transpose()?,
    })
}

fn template(field: ReportField<'_>) -> Result<TemplateAddress, FieldError> {
    let text = |name: &str| field.optional(name).map(|field| field.text().map(str::to_owned)).transpose();
    Ok(TemplateAddress { address: text("address")?, root: text("root")?, environment: text("environment")? })
}

fn parameter(field: ReportField<'_>) -> Result<EarlierParameter, FieldError> {
    let cluster = field.optional("cluster").map(ReportField::position).transpose()?;
    Ok(EarlierParameter {
        rule: field.get("rule")?.text()?.to_owned(),
        name: field.get("name")?.text()?.to_owned(),
        value: field.optional("value").map(|value| value.value().clone()),
        cluster,
    })
}

fn framework(field: ReportField<'_>, clusters: usize) -> Result<EarlierFramework, FieldError> {
    Ok(EarlierFramework {
        id: field.get("id")?.text()?.to_owned(),
        controls: field.get("controls")?.list(|one| control(one, clusters))?,
    })
}

fn control(field: ReportField<'_>, clusters: usize) -> Result<EarlierControl, FieldError> {
    let on_cluster = |on: ReportField<'_>| {
        let cluster = on.get("cluster")?;
        let position = cluster.clone().position()?;
        if position >= clusters {
            return Err(cluster.error(&format!("is {position}, and the report has {clusters} clusters")));
        }
        Ok((position, verdict(&on.get("verdict")?)?))
    };
    let id = field.get("id")?.text()?.to_owned();
    let verdicts = field.get("clusters")?.list(on_cluster)?.into_iter().collect();
    Ok(EarlierControl { id, verdicts })
}

fn verdict(field: &ReportField<'_>) -> Result<ControlVerdict, FieldError> {
    let name = field.text()?;
    ControlVerdict::named(name).ok_or_else(|| {
        let hint = nearest_or_all(name, &ControlVerdict::ALL.map(ControlVerdict::as_str));
        field.error(&format!("is `{}`, which is no verdict{hint}", crate::text::bounded(name)))
    })
}

#[cfg(test)]
mod tests;
