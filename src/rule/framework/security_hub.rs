//! What controls of AWS Security Hub are in other frameworks: AWS publishes that for each of them, so that a rule that
//! answers one of its controls answers those too. `rules/data/security-hub.yaml`.

use crate::rule::Frameworks;
use crate::text::NaturalKey;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// How rules name a control of Security Hub among their aliases.
const PREFIX: &str = "security-hub:";

#[derive(Deserialize)]
struct SecurityHubFile {
    controls: Vec<SecurityHubControl>,
}

/// A control of Security Hub.
#[derive(Deserialize)]
struct SecurityHubControl {
    id: String,
    /// The frameworks that it is in, each with its numbers there.
    #[serde(flatten)]
    frameworks: Frameworks,
}

static CONTROLS: LazyLock<BTreeMap<String, Frameworks>> = LazyLock::new(|| {
    let text = include_str!("../../../rules/data/security-hub.yaml");
    let file: SecurityHubFile = serde_saphyr::from_str(text).expect("an embedded file is valid");
    file.controls.into_iter().map(|control| (control.id, control.frameworks)).collect()
});

/// What a rule says of frameworks, and what follows from the controls of Security Hub that it is called after.
pub(in crate::rule) fn through_security_hub(written: &Frameworks, aliases: &[String]) -> Frameworks {
    let mut all = written.clone();
    let controls = aliases.iter().filter_map(|alias| CONTROLS.get(alias.strip_prefix(PREFIX)?));
    for (framework, numbers) in controls.flatten() {
        let known = all.entry(framework.clone()).or_default();
        let new: Vec<_> = numbers.iter().filter(|number| !known.contains(number)).cloned().collect();
        known.extend(new);
        known.sort_by(|a, b| NaturalKey::of(a).cmp(&NaturalKey::of(b)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{RuleSet, RuleSource};

    #[test]
    fn every_control_of_security_hub_that_a_rule_is_called_after_is_in_the_table() {
        let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
        let aliases = loaded.set.rules.iter().flat_map(|rule| &rule.aliases);
        let named: Vec<_> = aliases.filter_map(|alias| alias.strip_prefix(PREFIX)).collect();
        assert!(named.len() > 20, "{named:?}");
        let missing: Vec<_> = named.iter().filter(|id| !CONTROLS.contains_key(**id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn what_a_rule_says_itself_stands_once_and_all_are_in_order() {
        let written =
            Frameworks::from([("pci-dss-4.0.1".to_owned(), vec!["9".to_owned(), "1.4.4".to_owned()])]);
        let all = through_security_hub(&written, &["security-hub:EKS.1".to_owned(), "CKV_AWS_39".to_owned()]);
        assert_eq!(all["aws-fsbp"], ["EKS.1"]);
        assert_eq!(all["pci-dss-4.0.1"], ["1.4.4", "9"]);
        assert!(all["nist-800-53-r5"].contains(&"AC-3".to_owned()));
    }
}
