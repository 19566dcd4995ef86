//! How the VPC CNI of a cluster is set up, as its add-on says.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html>

use crate::facts::known::Known;
use crate::facts::view::SnapshotView;
use crate::snapshot::Unknown;
use crate::value::yaml;
use serde_json::Value;

const CNI: &str = "vpc-cni";

/// How the VPC CNI is set up, as far as its add-on tells.
///
/// Where it is not a managed add-on, or one without settings of its own, its defaults are assumed: what
/// somebody set in the DaemonSet by hand, no AWS API shows.
#[derive(Clone, Debug)]
pub(crate) struct VpcCni {
    /// Custom networking is on.
    pub(crate) is_custom: bool,
    /// Subnet discovery is on.
    pub(super) discovers: bool,
    /// The subnets of its ENIConfigs.
    pub(super) subnets: Known<Vec<String>>,
    /// Major and minor.
    pub(super) version: Option<(u32, u32)>,
}

/// The longest settings that are read; AWS takes far less.
const MOST_BYTES: usize = 256 * 1024;

impl VpcCni {
    pub(crate) fn of(view: SnapshotView<'_>) -> Known<Self> {
        let Some(addon) = view.find("addons", CNI)? else {
            return Ok(Self { is_custom: false, discovers: true, subnets: Ok(Vec::new()), version: None });
        };
        let version = minor_of(addon.text("addonVersion").unwrap_or_default());
        let text = addon.optional_prose("configurationValues")?.unwrap_or_default();
        let invalid = |reason: &str| addon.invalid(&["configurationValues"], reason.to_owned());
        let settings = settings(text).map_err(invalid)?;
        let env = |name: &str| settings.get("env").and_then(|env| env.get(name));
        let is_custom = env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG").is_some_and(is_true);
        // On by default since 1.18.
        let discovers =
            env("ENABLE_SUBNET_DISCOVERY").is_none_or(is_true) && version.is_none_or(|v| v >= (1, 18));
        Ok(Self { is_custom, discovers, subnets: eni_subnets(&settings), version })
    }
}

fn eni_subnets(settings: &Value) -> Known<Vec<String>> {
    let config = settings.get("eniConfig").filter(|config| config.get("create").is_some_and(is_true));
    let by_hand = || {
        Unknown::undecided(
            "the ENIConfigs of vpc-cni are objects of Kubernetes, which AWS APIs do not show".to_owned(),
        )
    };
    let subnets =
        config.and_then(|config| config.get("subnets")).and_then(Value::as_object).ok_or_else(by_hand)?;
    let id = |subnet: &Value| subnet.get("id").and_then(Value::as_str).map(str::to_owned).ok_or_else(by_hand);
    subnets.values().map(id).collect()
}

/// The settings of an add-on: JSON or YAML.
fn settings(text: &str) -> Result<Value, &'static str> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    if text.len() > MOST_BYTES {
        return Err("configurationValues is too long");
    }
    let json = || serde_json::from_str(text).ok();
    json().or_else(|| yaml::bounded(text)).ok_or("configurationValues is neither JSON nor YAML")
}

/// As the CNI reads its environment: <https://pkg.go.dev/strconv#ParseBool>.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => ["1", "t", "true"].contains(&text.to_ascii_lowercase().as_str()),
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    }
}

/// Major and minor of `v1.22.4-eksbuild.3`.
fn minor_of(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_json_or_yaml() {
        let custom = |text: &str| {
            settings(text).map(|settings| {
                let env = settings.get("env").and_then(|env| env.get("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"));
                env.is_some_and(is_true)
            })
        };
        assert_eq!(custom(""), Ok(false));
        assert_eq!(custom("{}"), Ok(false));
        assert_eq!(custom(r#"{"env":{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG":"true"}}"#), Ok(true));
        assert_eq!(custom("env:\n  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: \"true\"\n"), Ok(true));
        assert_eq!(custom("env:\n  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: \"false\"\n"), Ok(false));
        assert!(custom("{").is_err());
        // An alias of YAML can stand for far more than it takes to write.
        assert!(custom("a: &a [x]\nb: [*a, *a, *a]\nc: *a\n").is_ok());
    }

    #[test]
    fn the_subnets_of_eni_configs() {
        let of = |text: &str| eni_subnets(&settings(text).expect("JSON")).ok();
        let two = r#"{"eniConfig":{"create":true,"subnets":{"eu-west-1a":{"id":"subnet-1"},"eu-west-1b":{"id":"subnet-2"}}}}"#;
        assert_eq!(of(two), Some(vec!["subnet-1".to_owned(), "subnet-2".to_owned()]));
        // The chart makes none then; others may be there.
        assert_eq!(of(&two.replace("true", "false")), None);
        assert_eq!(of("{}"), None);
    }

    #[test]
    fn builds_are_compared_by_major_and_minor() {
        assert_eq!(minor_of("v1.22.4-eksbuild.3"), Some((1, 22)));
        assert_eq!(minor_of("1.9.0"), Some((1, 9)));
        assert_eq!(minor_of("latest"), None);
    }
}
