//! By what was judged, in words.

use super::ComplianceReport;
use crate::policy::{ParameterInForce, SettingOrigin};

/// A parameter: its name with that of its rule, its value, and who said so if it was not the rule.
pub(super) struct ShownParameter {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) origin: Option<String>,
}

/// A parameter that is in force.
pub(super) fn parameter(report: &ComplianceReport<'_>, parameter: &ParameterInForce) -> ShownParameter {
    let value = parameter.value.as_ref();
    ShownParameter {
        name: format!("{}.{}", parameter.rule, parameter.name),
        value: value.map_or_else(|| "not set".to_owned(), ToString::to_string),
        origin: origin(report, parameter),
    }
}

/// What says how a parameter is, if it is not the rule itself.
pub(super) fn origin(report: &ComplianceReport<'_>, parameter: &ParameterInForce) -> Option<String> {
    match parameter.origin {
        SettingOrigin::Rule => None,
        SettingOrigin::Config(place) => Some(format!("{}:{}", report.config, place.start_line)),
        SettingOrigin::CommandLine => Some("command line".to_owned()),
    }
}

/// How many rules judged.
pub(super) fn rules(report: &ComplianceReport<'_>) -> usize {
    report.scanned.rules.iter().filter(|configured| configured.rule.judges_clusters()).count()
}
