//! Explanations out: what is understood about clusters, as text, JSON or a Mermaid diagram.

mod checks;
mod group;
mod json;
mod mermaid;
mod text;
pub mod trace;

use super::Style;
use super::picture::{self, PictureFrame};
use crate::explain::{Explanation, Flow, FlowHop, Identities, Listed, explain};
use crate::facts::AsOf;
use crate::scan::{Opened, Read, located, of_clusters, on_large_stacks, read_content, read_some};
use crate::snapshot::ClusterType;
use crate::source::{Input, InputPart};
use crate::value::position::LineIndex;
use crate::value::{Location, Pointer, Problem, SourceFile};
use bumpalo::Bump;
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

/// Everything that an output can say.
#[derive(Debug, Default)]
pub struct ExplainReport {
    /// The clusters, in the order of the inputs.
    pub clusters: Vec<Explained>,
    /// Whether to show the flows only.
    pub flows_only: bool,
    /// The day that was taken as today.
    pub as_of: chrono::NaiveDate,
    /// Inputs that are no snapshots.
    pub errors: Vec<Problem>,
}

/// What is understood about a cluster, and the lines and columns of that.
#[derive(Debug)]
pub struct Explained {
    file: String,
    document: Option<u32>,
    explanation: Explanation,
    /// Where each place in the snapshot is written: in its file, or in one of those that it was joined from.
    locations: HashMap<Pointer, Location>,
    /// Whether several files describe the cluster.
    is_joined: bool,
}

/// The outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// For programs: versioned
    Json,
    /// A diagram that GitHub draws
    Mermaid,
    /// A picture of a cluster; with `=DIR/` a file for each cluster
    Svg,
}

impl ExplainFormat {
    /// Writes what is understood.
    ///
    /// # Errors
    ///
    /// The output cannot be written to.
    pub fn write(self, report: &ExplainReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => text::write(report, style, out),
            Self::Json => json::write(report, out),
            Self::Mermaid => mermaid::write(report, out),
            Self::Svg => report.clusters.iter().try_for_each(|one| out.write_all(one.picture().as_bytes())),
        }
    }

    /// The name of a format that draws flows, and so shows no rules.
    pub fn drawn(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Json => None,
            Self::Mermaid => Some("mermaid"),
            Self::Svg => Some("svg"),
        }
    }
}

/// Reads inputs and explains their clusters: the name of each input, and what it gave.
pub fn read(inputs: &[Input], as_of: AsOf) -> Vec<(String, Read<Explained>)> {
    let each = |arena: &mut Bump, input: &Input| {
        let name = input.name();
        let read = match input.open() {
            Ok(content) => {
                read_content(content, |part| explained(part.name(&name), part, input.named, as_of, arena))
            }
            Err(message) => Read::failed(Problem::of_file(&name, message)),
        };
        (name, read)
    };
    on_large_stacks(|| inputs.par_iter().map_init(Bump::new, each).collect())
}

fn explained(name: &str, part: &InputPart, named: bool, as_of: AsOf, arena: &mut Bump) -> Read<Explained> {
    let (lines, text) = (OnceCell::new(), part.text());
    read_some(name, text, named, arena, |opened, arena| {
        of_clusters(opened, |snapshot| {
            let explanation = explain(snapshot, as_of, arena);
            let pointers = pointers(&explanation);
            let locations = match part.composed() {
                Some(cluster) => located(cluster, &pointers),
                None => opened.locations(name, &pointers, lines.get_or_init(|| LineIndex::new(text))),
            };
            let locations = pointers.into_iter().cloned().zip(locations).collect();
            Explained {
                file: name.to_owned(),
                document: opened.document.line,
                locations,
                is_joined: part.composed().is_some(),
                explanation,
            }
        })
    })
}

impl Opened<'_> {
    /// Where pointers lead in the file.
    fn locations(&self, name: &str, pointers: &[&Pointer], lines: &LineIndex<'_>) -> Vec<Location> {
        let document = self.document.line;
        let file = Arc::new(SourceFile { document, ..SourceFile::new(name) });
        let location = |(pointer, range): (&&Pointer, _)| Location {
            file: Arc::clone(&file),
            pointer: (*pointer).clone(),
            span: lines.region(&range),
            excerpt: None,
        };
        pointers.iter().zip(self.document.places(pointers)).map(location).collect()
    }
}

impl Explained {
    /// The cluster's name.
    pub fn name(&self) -> Option<&str> {
        self.explanation.cluster.name.as_deref()
    }

    /// Its region, if it is known.
    pub fn region(&self) -> Option<&str> {
        self.explanation.cluster.region.as_deref()
    }

    /// The picture of it, to stand alone.
    pub fn picture(&self) -> String {
        picture::svg(
            &self.explanation,
            &PictureFrame { id_prefix: "ekslint", anchors: None, has_style: true },
        )
    }

    fn location(&self, place: Option<&Pointer>) -> Option<&Location> {
        self.locations.get(place?)
    }

    /// Whether a location is in the file that the page is about.
    fn is_here(&self, location: &Location) -> bool {
        location.file.name == self.file && location.file.document == self.document
    }
}

/// A Mermaid diagram of the flows of one cluster.
pub(super) fn diagram(explanation: &Explanation) -> String {
    mermaid::chart(&[explanation])
}

/// Every place that an explanation names.
fn pointers(explanation: &Explanation) -> Vec<&Pointer> {
    fn of_hops(hops: &[FlowHop]) -> impl Iterator<Item = &Pointer> {
        hops.iter().filter_map(|hop| hop.place.as_ref())
    }
    let mut all: Vec<&Pointer> = Vec::new();
    for (_, flows) in flows(explanation) {
        all.extend(flows.items.iter().flat_map(|flow| of_hops(&flow.hops)));
    }
    let e = explanation;
    all.extend(e.endpoint.iter().flat_map(|endpoint| of_hops(&endpoint.fields)));
    all.extend(e.node_roles.iter().flat_map(|roles| roles.items.iter().map(|role| &role.place)));
    all.extend(e.from_pods.items.iter().map(|way| &way.place));
    all.extend(e.to_pods.items.iter().map(|port| &port.place));
    let hybrid = e.hybrid.iter().flatten().flat_map(|obstacles| &obstacles.items);
    all.extend(hybrid.map(|obstacle| &obstacle.place));
    all.extend(e.version.iter().map(|version| &version.place));
    all.extend(e.scale_out.iter().map(|item| &item.place));
    all.extend(e.vpc_endpoints.iter().flatten().filter_map(|needed| needed.place.as_ref()));
    all.extend(e.shutting_endpoints.iter().flat_map(|all| &all.items).map(|endpoint| &endpoint.place));
    for subnet in e.subnets.iter().flatten() {
        all.push(&subnet.place);
        let routes = [&subnet.default_route, &subnet.default_route_ipv6];
        all.extend(routes.into_iter().flatten().map(|route| &route.place));
    }
    let openings = e.open_groups.iter().flatten().flat_map(|group| group.openings.iter().flatten());
    all.extend(openings.map(|opening| &opening.place));
    all.extend(e.identities.iter().flat_map(Identities::places));
    all.sort();
    all.dedup();
    all
}

/// The flows of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    ToKubelets,
    ToApiServer,
    FromKubectl,
}

impl Which {
    fn letter(self) -> &'static str {
        match self {
            Self::ToKubelets => "A",
            Self::ToApiServer => "B",
            Self::FromKubectl => "C",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::ToKubelets => "API server to kubelet",
            Self::ToApiServer => "kubelet to API server",
            Self::FromKubectl => "kubectl to API server",
        }
    }

    /// Who may be missing from the list.
    fn others(self) -> &'static str {
        if self == Self::FromKubectl { "other sources" } else { "other nodes" }
    }
}

/// The three flows, in their order.
fn flows(explanation: &Explanation) -> [(Which, &Listed<Flow>); 3] {
    [
        (Which::ToKubelets, &explanation.to_kubelets),
        (Which::ToApiServer, &explanation.to_api_server),
        (Which::FromKubectl, &explanation.from_kubectl),
    ]
}

/// The kind of a cluster, as people call it.
fn kind_title(kind: ClusterType) -> &'static str {
    match kind {
        ClusterType::Eks => "Amazon EKS",
        ClusterType::Outpost => "Amazon EKS on an Outpost",
        ClusterType::OutpostInstanceStore => "Amazon EKS on an Outpost with EC2 instance store",
        ClusterType::Connected => "connected",
    }
}

/// The last part of an ARN: the name of a role or a user.
fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
