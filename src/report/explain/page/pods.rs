//! Pods, add-ons and hybrid nodes, on the page.

use super::{ExplainPage, SHOWN, not_known};
use crate::explain::{CalledPort, EndpointMode, Listed, PodsWay, Verdict};

impl ExplainPage<'_> {
    /// What is on the ways of the flows beside kubelets and kubectl; nothing where that is nothing.
    pub(super) fn pods(&mut self) {
        let explanation = self.explanation();
        let (from, to) = (&explanation.from_pods, &explanation.to_pods);
        if !from.items.is_empty() || !to.items.is_empty() {
            self.heading("Pods");
            self.ways_of_pods(from);
            self.called_ports(to);
        }
        self.hybrid_nodes();
    }

    /// Where all of them get there, one line is enough.
    fn ways_of_pods(&mut self, ways: &Listed<PodsWay>) {
        if ways.items.is_empty() {
            return;
        }
        self.indented("pods to API server, port 443 of the control plane's interfaces");
        let others: Vec<_> = ways.items.iter().filter(|way| way.verdict != Ok(Verdict::InVpc)).collect();
        if others.is_empty() {
            self.place(None, "they get there from all nodes");
        }
        for way in others.iter().take(SHOWN) {
            let verdict = match &way.verdict {
                Ok(verdict) => format!("{}: {}", verdict.title(), way.reason),
                Err(unknown) => not_known(unknown),
            };
            self.place(Some(&way.place), &format!("{} in {}, {verdict}", way.nodes, way.subnet));
        }
        self.left_out(others.len());
        self.checks(&self.explanation().checks.from_pods);
    }

    fn called_ports(&mut self, ports: &Listed<CalledPort>) {
        if ports.items.is_empty() {
            return;
        }
        self.indented("API server to pods of add-ons");
        for port in &ports.items {
            let number =
                port.port.as_ref().map_or_else(|_| "a port".to_owned(), |port| format!("port {port}"));
            let outcome = match &port.reachable {
                Ok(true) => "it gets there on all nodes".to_owned(),
                Ok(false) => format!("blocked: {}", port.reason),
                Err(unknown) => not_known(unknown),
            };
            let text = format!("{}, {number} for {}: {outcome}", port.addon, port.serves);
            self.place(Some(&port.place), &text);
            self.checks(&port.checks);
        }
    }

    fn hybrid_nodes(&mut self) {
        let Ok(Some(obstacles)) = &self.explanation().hybrid else { return };
        self.heading("Hybrid nodes: what the VPC does to their traffic");
        let both =
            self.explanation().endpoint.as_ref().is_ok_and(|e| e.mode == EndpointMode::PublicAndPrivate);
        if both {
            self.indented("both endpoints are on: outside the VPC the name leads to the public one");
        }
        for obstacle in &obstacles.items {
            self.place(Some(&obstacle.place), &obstacle.reason);
        }
        if obstacles.items.is_empty() && obstacles.more.is_empty() {
            self.indented("security groups and routes let it pass");
        }
        for unknown in &obstacles.more {
            self.indented(&not_known(unknown));
        }
    }
}
