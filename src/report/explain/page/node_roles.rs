//! Whom the API server admits as a node, on the page: beside the flow of the nodes, and below for those that have
//! no flow.

use super::{ExplainPage, OutcomeTone, not_known};
use crate::explain::{Flow, NodeAdmission};
use crate::report::explain::name_of;
use crate::snapshot::Unknown;

impl ExplainPage<'_> {
    /// What nodes meet that got to the API server.
    pub(super) fn admission_of(&mut self, flow: &Flow) {
        let Ok(roles) = &self.explanation().node_roles else { return };
        let about: Vec<_> = roles.items.iter().filter(|role| role.is_about(flow.end, &flow.name)).collect();
        about.iter().for_each(|role| self.admission(role));
        if let ([], [unknown, ..]) = (about.as_slice(), roles.more.as_slice()) {
            self.outcome(&Err(unknown.clone()), "");
        }
    }

    /// The roles of nodes that no flow is shown of.
    pub(super) fn other_admissions(&mut self) {
        let explanation = self.explanation();
        let Ok(roles) = &explanation.node_roles else { return };
        let flows = &explanation.to_api_server.items;
        let shown = |role: &NodeAdmission| flows.iter().any(|flow| role.is_about(flow.end, &flow.name));
        for role in roles.items.iter().filter(|role| !shown(role)) {
            self.blank();
            self.indented(&role.used_by.join(", "));
            self.admission(role);
        }
    }

    fn admission(&mut self, role: &NodeAdmission) {
        let of = role.role.as_deref().map_or_else(String::new, |arn| format!("role {}: ", name_of(arn)));
        self.outcome(&role.admitted, &format!("{of}{}", role.reason));
        self.place(Some(&role.place), role.role.as_deref().unwrap_or("networks of hybrid nodes"));
    }

    /// `refused at the door: why`
    fn outcome(&mut self, admitted: &Result<bool, Unknown>, why: &str) {
        let (word, why) = match admitted {
            Ok(true) => ("admitted", why.to_owned()),
            Ok(false) => ("refused", why.to_owned()),
            Err(unknown) => ("admitted or refused", not_known(unknown)),
        };
        let tone = match admitted {
            Ok(true) => OutcomeTone::Good,
            Ok(false) => OutcomeTone::Bad,
            Err(_) => OutcomeTone::Unknown,
        };
        self.outcome_line(word, &format!(": {why}"), tone);
    }
}
