//! Attributes whose value follows from what the template says, as far as no row can say it.

use super::super::template::TemplateResource;
use super::super::value::{TemplateValue, ValueKind};
use super::{network, symbol};

/// Whether resources of a type have such attributes.
pub(super) fn is_for(kind: &str) -> bool {
    matches!(
        kind,
        "aws_default_security_group" | "aws_launch_template" | "aws_kms_alias" | "AWS::EC2::LaunchTemplate"
    )
}

/// What an attribute is the same as.
pub(super) fn value(resource: &TemplateResource, attribute: &str) -> Option<TemplateValue> {
    match (&*resource.kind, attribute) {
        ("aws_default_security_group", "id") => {
            let group = network::default_group_of(resource.values.get("vpc_id")?);
            (!group.is_unknown()).then_some(group)
        }
        // A snapshot has the first version, whichever it will be in the account.
        ("aws_launch_template", "latest_version" | "default_version")
        | ("AWS::EC2::LaunchTemplate", "LatestVersionNumber" | "DefaultVersionNumber") => {
            Some(TemplateValue::text("1", None))
        }
        ("aws_kms_alias", "target_key_arn") => key_arn(resource.values.get("target_key_id")?),
        _ => None,
    }
}

/// The ARN of the key that an alias is for.
fn key_arn(key: &TemplateValue) -> Option<TemplateValue> {
    match &key.kind {
        ValueKind::Symbol(key) => {
            let address = key.resource.as_ref()?;
            let is_key = address.rsplit('.').nth(1) == Some("aws_kms_key") && !address.contains("data.");
            is_key.then(|| symbol(address, "arn"))
        }
        ValueKind::Text(text) if text.starts_with("arn:") => Some(key.clone()),
        _ => None,
    }
}
