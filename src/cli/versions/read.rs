//! Reads snapshots, and works out where each cluster stands.

use crate::cli::input::{no_snapshots, unsearched};
use crate::facts::{self, AsOf, FactSet};
use crate::scan::{InputError, read_each};
use crate::snapshot::Snapshot;
use crate::source::Discovered;
use bumpalo::Bump;
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;

/// What reading the inputs gave.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The clusters: whom AWS upgrades first, first.
    pub(super) places: Vec<Place>,
    pub(super) errors: Vec<InputError>,
    pub(super) notices: Vec<String>,
}

/// A cluster, and all facts about its versions. What could not be worked out is `{"unknown": WHY}`.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    pub(super) name: Option<String>,
    arn: Option<String>,
    account: Option<String>,
    region: Option<String>,
    /// The input that it stands in.
    pub(super) file: String,
    /// In NDJSON: its line.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<u32>,
    /// `facts.cluster.version`
    pub(super) version: Value,
    /// By name: `facts.nodegroups[…].version`
    pub(super) nodegroups: Value,
    /// `facts.addons`
    pub(super) addons: Value,
}

/// Reads the inputs in their order.
pub(super) fn all(found: &Discovered, paths: &[PathBuf], as_of: AsOf) -> Read {
    let mut read = Read { errors: unsearched(found).collect(), ..Read::default() };
    let (mut passed_over, mut arena) = (Vec::new(), Bump::new());
    for input in &found.inputs {
        let name = input.name();
        match input.read() {
            Ok(text) => {
                let of = read_each(&name, &text, input.named, &mut arena, |opened, arena| {
                    let place = |snapshot| Place::of(snapshot, &name, opened.document.line, as_of, arena);
                    opened.snapshots.iter().map(place).collect()
                });
                read.places.extend(of.made);
                read.errors.extend(of.errors);
                passed_over.extend(of.skipped.map(|why| (name, why)));
            }
            Err(message) => read.errors.push(InputError { file: name, place: None, message }),
        }
    }
    read.notices.extend(notice(&passed_over));
    if !paths.is_empty() && read.places.is_empty() && read.errors.is_empty() {
        read.errors.push(no_snapshots(paths));
    }
    read.places.sort_by_cached_key(|place| (place.days_left(), place.name.clone()));
    read
}

/// What is said of files that were found in a directory and are no snapshots.
fn notice(passed_over: &[(String, String)]) -> Option<String> {
    let ((file, why), others) = passed_over.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        1 => " and one more file".to_owned(),
        more => format!(" and {more} more files"),
    };
    Some(format!("passed over {file} (it {why}){more}"))
}

impl Place {
    fn of<'s>(
        snapshot: &'s Snapshot<'s>,
        file: &str,
        document: Option<u32>,
        as_of: AsOf,
        arena: &'s Bump,
    ) -> Self {
        let mut wanted = FactSet::default();
        wanted.add("facts.Cluster", "version");
        wanted.add("facts.Nodegroup", "version");
        wanted.add("facts.Facts", "addons");
        let facts = serde_json::to_value(facts::facts(snapshot, as_of, wanted, arena)).unwrap_or_default();
        let identity = snapshot.identity.clone();
        Self {
            name: identity.name,
            arn: identity.arn,
            account: identity.account,
            region: identity.region,
            file: file.to_owned(),
            document,
            version: facts["cluster"]["version"].clone(),
            nodegroups: versions_of(&facts["nodegroups"]),
            addons: facts["addons"].clone(),
        }
    }

    /// The days until AWS upgrades the control plane by itself; those of which that is not known come last.
    fn days_left(&self) -> i64 {
        self.version["daysToForcedUpgrade"].as_i64().unwrap_or(i64::MAX)
    }
}

/// The facts about the version of each node group, without the level between.
fn versions_of(nodegroups: &Value) -> Value {
    match nodegroups {
        Value::Object(groups) if !groups.contains_key("unknown") || groups["unknown"].is_object() => {
            groups.iter().map(|(name, facts)| (name.clone(), facts["version"].clone())).collect()
        }
        unknown => unknown.clone(),
    }
}
