//! What all parts of a document refer to each other by.

use super::model::{OscalActor, OscalOrigin};
use super::uuid::OscalUuid;
use super::words::{midnight, time};
use crate::engine::mask::masked;
use crate::engine::{Finding, Resource};
use crate::report::compliance::ComplianceReport;
use crate::report::uri;
use crate::scan::ClusterScan;
use crate::value::{Location, SourceFile};
use std::collections::BTreeMap;

/// A report, and the names of what is in it.
pub(super) struct OscalContext<'r, 'a> {
    pub(super) report: &'r ComplianceReport<'a>,
    /// What tells each cluster apart from all others of the report.
    clusters: Vec<String>,
}

impl<'r, 'a> OscalContext<'r, 'a> {
    pub(super) fn new(report: &'r ComplianceReport<'a>) -> Self {
        let mut seen = BTreeMap::new();
        let mut key = |cluster: &ClusterScan| {
            let name = cluster.judgement.cluster.unique_name().unwrap_or_default().into_owned();
            // Two descriptions of one cluster are told apart by their order.
            let again = seen.entry(name.clone()).and_modify(|times| *times += 1).or_insert(0_usize);
            if *again == 0 { name } else { format!("{name} {again}") }
        };
        let clusters = report.scanned.scan.clusters.iter().map(&mut key).collect();
        Self { report, clusters }
    }

    /// What identifies a thing. Where accounts are masked, none could be guessed from it.
    pub(super) fn uuid(&self, kind: &str, parts: &[&str]) -> OscalUuid {
        let masked_parts: Vec<_> =
            parts.iter().filter(|_| self.report.mask).map(|part| masked(part)).collect();
        let shown: Vec<&str> = match self.report.mask {
            true => masked_parts.iter().map(AsRef::as_ref).collect(),
            false => parts.to_vec(),
        };
        OscalUuid::of(kind, &shown)
    }

    /// A cluster, by its position.
    pub(super) fn cluster(&self, at: usize) -> OscalUuid {
        self.uuid("cluster", &[self.key(at)])
    }

    /// What belongs to a cluster. It may belong to others as well: then its ARN says so.
    pub(super) fn resource(&self, cluster: usize, resource: &Resource) -> OscalUuid {
        if resource.kind == "cluster" {
            return self.cluster(cluster);
        }
        if let Some(arn) = &resource.arn {
            return self.uuid("resource", &[resource.kind, arn]);
        }
        let position = resource.position.map(|position| position.to_string()).unwrap_or_default();
        let name = resource.name.as_deref().or(resource.address.as_deref()).unwrap_or(&position);
        self.uuid("resource", &[self.key(cluster), resource.kind, name])
    }

    /// What a rule says on a cluster.
    pub(super) fn observation(&self, cluster: usize, rule: &str) -> OscalUuid {
        self.uuid("observation", &[self.key(cluster), rule])
    }

    /// What was found and is accepted.
    pub(super) fn risk(&self, cluster: usize, finding: &Finding) -> OscalUuid {
        self.uuid("risk", &[self.key(cluster), &finding.fingerprint.to_string()])
    }

    /// What becomes of a control on these clusters.
    pub(super) fn finding(&self, control: &str) -> OscalUuid {
        let mut clusters: Vec<_> = self.clusters.iter().map(String::as_str).collect();
        clusters.sort_unstable();
        self.uuid("finding", &[&[control], clusters.as_slice()].concat())
    }

    /// This program.
    pub(super) fn tool(&self) -> OscalUuid {
        self.uuid("tool", &[env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")])
    }

    /// What ekslint says.
    pub(super) fn origin(&self) -> OscalOrigin {
        OscalOrigin { actors: [OscalActor { kind: "tool", actor_uuid: self.tool() }] }
    }

    /// When a cluster was read; of what does not say it, the day that is taken as today.
    pub(super) fn collected(&self, cluster: &ClusterScan) -> String {
        cluster.captured_at.map_or_else(|| midnight(self.report.scanned.as_of), time)
    }

    /// The line of a file.
    pub(super) fn line_of(&self, at: &Location) -> String {
        format!("{}#L{}", self.file(&at.file), at.span.start_line)
    }

    /// A file, as a relative URI.
    pub(super) fn file(&self, file: &SourceFile) -> String {
        uri::of(self.report.scanned.root, &file.name, file.kind)
    }

    fn key(&self, at: usize) -> &str {
        self.clusters.get(at).map_or("", String::as_str)
    }
}
