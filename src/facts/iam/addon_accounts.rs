//! Which service accounts add-ons of EKS use, from `rules/data/addon-service-accounts.yaml`.

use serde::Deserialize;
use std::sync::LazyLock;

/// The service accounts through which an add-on calls AWS.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddonAccounts {
    name: String,
    /// Where EKS installs the add-on unless it is told otherwise.
    pub(super) namespace: String,
    pub(super) service_accounts: Vec<String>,
}

#[derive(Deserialize)]
struct AddonAccountsFile {
    addons: Vec<AddonAccounts>,
}

static ACCOUNTS: LazyLock<Vec<AddonAccounts>> = LazyLock::new(|| {
    let text = include_str!("../../../rules/data/addon-service-accounts.yaml");
    let file: AddonAccountsFile = serde_saphyr::from_str(text).expect("an embedded file is valid");
    file.addons
});

/// Those of an add-on, if the table has it.
pub(super) fn of_addon(name: &str) -> Option<&'static AddonAccounts> {
    ACCOUNTS.iter().find(|accounts| accounts.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_addon_stands_once_and_has_an_account() {
        for accounts in &*ACCOUNTS {
            assert_eq!(ACCOUNTS.iter().filter(|other| other.name == accounts.name).count(), 1);
            assert!(!accounts.service_accounts.is_empty() && !accounts.namespace.is_empty());
        }
    }

    /// What the rule about add-ons without a role takes for their service accounts are those of the table.
    #[test]
    fn the_rule_about_identities_names_the_same_accounts() {
        let rule = include_str!("../../../rules/addon/addon-without-own-identity.yaml");
        for accounts in &*ACCOUNTS {
            let mut named = accounts.service_accounts.iter();
            assert!(named.any(|account| rule.contains(&format!("- {}={account}\n", accounts.name))));
        }
    }
}
