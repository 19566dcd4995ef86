//! Constructs of the CDK: the paths by which people know the resources that they make.

use super::eval::StackEvaluator;
use super::load::StackLoad;
use serde_json::Value;
use std::collections::HashMap;

/// What the CDK writes beside its templates.
const MANIFEST: &str = "manifest.json";
/// The kind of metadata that holds the logical id of a construct.
const LOGICAL_ID: &str = "aws:cdk:logicalId";

/// The paths of constructs by logical id, as the CDK writes them beside a template; those of which there are two are not known.
pub(super) struct ConstructPaths(HashMap<String, Option<String>>);

impl ConstructPaths {
    /// Those that the manifest beside a template has.
    pub(super) fn beside(load: &StackLoad) -> Self {
        let read = || {
            let (_, file) = crate::source::iac::tree::split_tree_path(load.path());
            let manifest: Value = serde_json::from_str(&load.beside(MANIFEST)?).ok()?;
            let artifacts = manifest.get("artifacts")?.as_object()?;
            let is_it = |artifact: &&Value| {
                artifact.pointer("/properties/templateFile").and_then(Value::as_str) == Some(file)
            };
            let artifact = artifacts.values().find(is_it)?;
            let mut paths = Self(HashMap::new());
            paths.add(artifact.get("metadata"));
            let more = artifact.get("additionalMetadataFile").and_then(Value::as_str);
            let more = more.and_then(|name| serde_json::from_str::<Value>(&load.beside(name)?).ok());
            paths.add(more.as_ref());
            Some(paths)
        };
        read().unwrap_or_else(|| Self(HashMap::new()))
    }

    fn add(&mut self, metadata: Option<&Value>) {
        for (path, entries) in metadata.and_then(Value::as_object).into_iter().flatten() {
            let entries = entries.as_array().into_iter().flatten();
            let ids = entries.filter(|entry| entry.get("type").and_then(Value::as_str) == Some(LOGICAL_ID));
            for id in ids.filter_map(|entry| entry.get("data")?.as_str()) {
                let path = path.trim_start_matches('/').to_owned();
                self.0.entry(id.to_owned()).and_modify(|known| *known = None).or_insert(Some(path));
            }
        }
    }

    /// The path of the construct that a resource is of.
    pub(super) fn of(&self, stack: &StackEvaluator, id: &str) -> Option<String> {
        let node = stack.resources.get(id)?;
        let own = || node.get("Metadata")?.get("aws:cdk:path")?.as_str().map(str::to_owned);
        own().or_else(|| self.0.get(id).cloned().flatten()).filter(|path| !path.is_empty())
    }
}
