//! What is understood about a cluster, with the lines of it: what pages about a cluster are made from.

use super::{Explanation, FlowHop, Identities};
use crate::value::{Location, Pointer};
use std::collections::HashMap;

/// What is understood about a cluster, and the lines and columns of that.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The file that describes the cluster.
    pub file: String,
    /// In NDJSON: its line.
    pub document: Option<u32>,
    /// What is understood.
    pub explanation: Explanation,
    /// Where each place in the snapshot is written: in its file, or in one of those that it was joined from.
    pub locations: HashMap<Pointer, Location>,
    /// Whether several files describe the cluster.
    pub is_joined: bool,
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

    /// Where a place is written, if it has lines.
    pub fn location(&self, place: Option<&Pointer>) -> Option<&Location> {
        self.locations.get(place?)
    }

    /// Whether a location is in the file that the page is about.
    pub fn is_here(&self, location: &Location) -> bool {
        location.file.name == self.file && location.file.document == self.document
    }
}

impl Explanation {
    /// Every place that it names, each once.
    pub fn places(&self) -> Vec<&Pointer> {
        let mut all: Vec<&Pointer> = Vec::new();
        for flows in [&self.to_kubelets, &self.to_api_server, &self.from_kubectl] {
            all.extend(flows.items.iter().flat_map(|flow| of_hops(&flow.hops)));
        }
        self.add_cluster(&mut all);
        self.add_network(&mut all);
        all.extend(self.identities.iter().flat_map(Identities::places));
        all.sort();
        all.dedup();
        all
    }

    fn add_cluster<'e>(&'e self, all: &mut Vec<&'e Pointer>) {
        all.extend(self.endpoint.iter().flat_map(|endpoint| of_hops(&endpoint.fields)));
        all.extend(self.node_roles.iter().flat_map(|roles| roles.items.iter().map(|role| &role.place)));
        all.extend(self.from_pods.items.iter().map(|way| &way.place));
        all.extend(self.to_pods.items.iter().map(|port| &port.place));
        let hybrid = self.hybrid.iter().flatten().flat_map(|obstacles| &obstacles.items);
        all.extend(hybrid.map(|obstacle| &obstacle.place));
        all.extend(self.version.iter().map(|version| &version.place));
        all.extend(self.scale_out.iter().map(|item| &item.place));
        all.extend(self.admins.items.iter().map(|admin| &admin.place));
        all.extend(self.nodegroup_versions.iter().flatten().map(|version| &version.place));
        all.extend(self.addon_versions.iter().flatten().map(|version| &version.place));
    }

    fn add_network<'e>(&'e self, all: &mut Vec<&'e Pointer>) {
        all.extend(self.vpc_endpoints.iter().flatten().filter_map(|needed| needed.place.as_ref()));
        all.extend(self.shutting_endpoints.iter().flat_map(|all| &all.items).map(|endpoint| &endpoint.place));
        for subnet in self.subnets.iter().flatten() {
            all.push(&subnet.place);
            let routes = [&subnet.default_route, &subnet.default_route_ipv6];
            all.extend(routes.into_iter().flatten().map(|route| &route.place));
        }
        let openings = self.open_groups.iter().flatten().flat_map(|group| group.openings.iter().flatten());
        all.extend(openings.map(|opening| &opening.place));
    }
}

fn of_hops(hops: &[FlowHop]) -> impl Iterator<Item = &Pointer> {
    hops.iter().filter_map(|hop| hop.place.as_ref())
}
