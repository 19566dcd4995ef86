//! What eksctl refuses although every key is known: keys that exclude each other, and keys that need another one.
//!
//! Written after `pkg/apis/eksctl.io/v1alpha5/validation.go` and `pkg/ctl/cmdutils/configfile.go` of eksctl. Only what is about
//! things that rules read is here. Such a file describes no cluster that can be made, so that the reader has to know.

use super::cluster::{ALL_LOGS, LOG_TYPES};
use super::values::{find, flag, items, place_of, text};
use crate::source::iac::{FileId, Place, TemplateValue, ValueKind};
use crate::text::bounded;
use std::collections::BTreeSet;

/// The most that is told of a document.
const MOST: usize = 20;
/// The lists of node groups.
const LISTS: [&str; 2] = ["managedNodeGroups", "nodeGroups"];
/// Keys that only one of may be there.
const SSH_KEYS: [&str; 3] = ["ssh.publicKeyName", "ssh.publicKeyPath", "ssh.publicKey"];
/// What a launch template of somebody's own says instead of the file.
const OF_LAUNCH_TEMPLATES: [&str; 9] = [
    "ami",
    "instanceType",
    "overrideBootstrapCommand",
    "placement",
    "preBootstrapCommands",
    "securityGroups.attachIDs",
    "ssh.sourceSecurityGroupIds",
    "volumeSize",
    "maxPodsPerNode",
];

/// What eksctl refuses in a document, each with its place.
pub(super) fn by_eksctl(config: &TemplateValue) -> Vec<(Place, String)> {
    let mut refused = Refusals { config, found: Vec::new() };
    refused.endpoints();
    refused.cluster();
    refused.logs();
    let mut names = BTreeSet::new();
    for list in LISTS {
        for group in items(config, list).0.iter().filter(|group| matches!(group.kind, ValueKind::Map(_))) {
            if let Some(name) = text(group, "name")
                && !names.insert(name)
            {
                let name = bounded(name);
                refused.add(find(group, "name"), format!("two node groups with the name {name}"));
            }
            refused.node_group(group, list == LISTS[0]);
        }
    }
    refused.found
}

/// What is refused, while it is looked for.
struct Refusals<'c> {
    config: &'c TemplateValue,
    found: Vec<(Place, String)>,
}

impl<'c> Refusals<'c> {
    fn add(&mut self, at: Option<&TemplateValue>, what: impl Into<String>) {
        if self.found.len() < MOST {
            let place = place_of(at.unwrap_or(self.config), &Place::new(FileId(0), 0..0));
            self.found.push((place, format!("eksctl refuses this file: {}", what.into())));
        }
    }

    fn find(&self, path: &str) -> Option<&'c TemplateValue> {
        find(self.config, path)
    }

    fn is(&self, path: &str, otherwise: bool) -> Option<bool> {
        flag(self.config, path, otherwise).ok()
    }

    fn endpoints(&mut self) {
        let endpoints = self.find("vpc.clusterEndpoints");
        let sets = |key: &str| endpoints.is_some_and(|endpoints| endpoints.get(key).is_some());
        let is_private = self.is("privateCluster.enabled", false) == Some(true);
        if is_private && (sets("publicAccess") || sets("privateAccess")) {
            self.add(endpoints, "`privateCluster.enabled` excludes `vpc.clusterEndpoints`");
        } else if !is_private
            && self.is("vpc.clusterEndpoints.publicAccess", true) == Some(false)
            && self.is("vpc.clusterEndpoints.privateAccess", false) == Some(false)
        {
            self.add(
                endpoints,
                "one of `publicAccess` and `privateAccess` must be true, and `privateAccess` is false where it is not set",
            );
        }
        if is_private && self.find("vpc.id").is_some() && self.find("vpc.subnets.private").is_none() {
            let what = "`privateCluster.enabled` with `vpc.id` needs `vpc.subnets.private`";
            self.add(self.find("privateCluster"), what);
        }
    }

    fn cluster(&mut self) {
        let accounts = self.find("iam.serviceAccounts").filter(|accounts| !accounts.is_unknown());
        if accounts.is_some() && self.is("iam.withOIDC", false) == Some(false) {
            self.add(accounts, "`iam.serviceAccounts` needs `iam.withOIDC: true`");
        }
        let encryption = self.config.get("secretsEncryption").filter(|encryption| !encryption.is_unknown());
        if encryption.is_some() && self.find("secretsEncryption.keyARN").is_none() {
            self.add(encryption, "`secretsEncryption` needs `keyARN`");
        }
        let entries = self.find("accessConfig.accessEntries").filter(|entries| !entries.is_unknown());
        if entries.is_some() && text(self.config, "accessConfig.authenticationMode") == Some("CONFIG_MAP") {
            self.add(entries, "`accessEntries` need the `authenticationMode` API or API_AND_CONFIG_MAP");
        }
        let groups = ["vpc.securityGroup", "vpc.controlPlaneSecurityGroupIDs"].map(|path| self.find(path));
        if let [Some(group), Some(_)] = groups {
            self.add(
                Some(group),
                "`vpc.securityGroup` and `vpc.controlPlaneSecurityGroupIDs` exclude each other",
            );
        }
    }

    fn logs(&mut self) {
        let path = "cloudWatch.clusterLogging.enableTypes";
        for kind in items(self.config, path).0 {
            if let Some(name) = kind.as_str().filter(|name| !is_log_type(name)) {
                let types = LOG_TYPES.join(", ");
                let what = format!("`{}` is no type of logs; there are {types}, and `*`", bounded(name));
                self.add(Some(kind), what);
            }
        }
        let days = self.find("cloudWatch.clusterLogging.logRetentionInDays");
        if days.is_some() && self.find(path).is_none() {
            self.add(days, "`logRetentionInDays` needs `enableTypes`");
        }
    }

    fn node_group(&mut self, group: &TemplateValue, is_managed: bool) {
        let is = |key: &str, otherwise: bool| flag(group, key, otherwise).ok();
        let at = |key: &str| find(group, key);
        let named = || at("name").or(Some(group));
        if self.is("privateCluster.enabled", false) == Some(true)
            && is("privateNetworking", false) == Some(false)
        {
            self.add(named(), "node groups of a private cluster need `privateNetworking: true`");
        }
        if SSH_KEYS.iter().filter(|key| at(key).is_some()).count() > 1 {
            let what = "only one of `publicKeyName`, `publicKeyPath` and `publicKey` may be set";
            self.add(at("ssh"), what);
        }
        if at("volumeKmsKeyID").is_some() && is("volumeEncrypted", false) == Some(false) {
            self.add(at("volumeKmsKeyID"), "`volumeKmsKeyID` needs `volumeEncrypted: true`");
        }
        if at("instanceType").is_some() && at("instanceTypes").is_some() {
            self.add(at("instanceType"), "`instanceType` and `instanceTypes` exclude each other");
        }
        if is_managed && at("launchTemplate").is_some_and(|template| !template.is_unknown()) {
            let both = OF_LAUNCH_TEMPLATES.iter().find_map(|key| Some((*key, at(key)?)));
            let switches = [("ssh.allow", true), ("disableIMDSv1", false), ("disablePodIMDS", true)];
            let both = both.or_else(|| {
                let (key, _) = switches.iter().find(|(key, on)| is(key, !on) == Some(*on))?;
                Some((*key, at(key)?))
            });
            if let Some((key, value)) = both {
                self.add(
                    Some(value),
                    format!("`launchTemplate` excludes `{key}`: the template has to say it"),
                );
            }
        }
    }
}

fn is_log_type(name: &str) -> bool {
    LOG_TYPES.contains(&name) || ALL_LOGS.contains(&name)
}
