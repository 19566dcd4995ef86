//! Flow C: to which addresses the name of the endpoint leads where kubectl runs, and who answers there.

use super::command::CheckCommand;
use super::endpoint::{EndpointValues, NAMED, NameLeads};
use super::{CheckPlace, FlowCheck};
use crate::explain::{Flow, FlowEnd, KubectlFrom};
use crate::facts::{EndpointMode, Verdict};
use crate::text::first_names;

/// The commands for one way of kubectl.
pub(super) fn checks(endpoint: &EndpointValues, flow: &Flow) -> Vec<FlowCheck> {
    let FlowEnd::Kubectl(from) = flow.end else { return Vec::new() };
    let (at, leads) = match from {
        KubectlFrom::Outside => (CheckPlace::Outside, endpoint.outside()),
        KubectlFrom::Inside => (CheckPlace::Inside, endpoint.inside()),
        // Their resolvers may forward the question into the VPC.
        KubectlFrom::Connected if endpoint.mode == Some(EndpointMode::Private) => {
            (CheckPlace::Connected, NameLeads::Private)
        }
        KubectlFrom::Connected => (CheckPlace::Connected, NameLeads::Unknown),
    };
    let verdict = flow.verdict.as_ref().ok().copied();
    let mut prints = endpoint.resolved(leads);
    if from == KubectlFrom::Outside && leads == NameLeads::Private {
        prints.push_str(", which public DNS knows too, but no way leads there from outside");
    }
    let mut checks = vec![
        FlowCheck { at, command: endpoint.resolve(), prints },
        FlowCheck { at, command: endpoint.call("curl"), prints: answer(flow, verdict, leads) },
    ];
    if leads != NameLeads::Private && has_list(flow, verdict) {
        let command = CheckCommand::new("curl -sS --max-time 5 https://checkip.amazonaws.com");
        let prints = "the address that you come from, as the public endpoint sees it".to_owned();
        checks.push(FlowCheck { at, command, prints });
    }
    if !matches!(verdict, Some(Verdict::Blocked | Verdict::Unreachable | Verdict::LockedOut)) {
        let prints = "ok; Unauthorized: the way is open, but EKS does not know your IAM identity".to_owned();
        checks.push(FlowCheck { at, command: CheckCommand::new("kubectl get --raw /livez"), prints });
    }
    checks
}

/// Whether the public endpoint accepts some addresses only, as far as that is known.
fn has_list(flow: &Flow, verdict: Option<Verdict>) -> bool {
    let is_open = flow.addresses.iter().any(|block| block.ends_with("/0"));
    matches!(verdict, Some(Verdict::Accepted | Verdict::LeavesVpc) | None) && !is_open
}

fn answer(flow: &Flow, verdict: Option<Verdict>, leads: NameLeads) -> String {
    let timeout = "curl: (28), as nothing answers";
    match verdict {
        Some(Verdict::Accepted) if !flow.addresses.is_empty() && has_list(flow, verdict) => {
            format!("ok from {}, else {timeout}", first_names(&flow.addresses, NAMED))
        }
        Some(Verdict::Accepted) if flow.end == FlowEnd::Kubectl(KubectlFrom::Connected) => {
            format!("ok from what the security groups admit, if a route leads there, else {timeout}")
        }
        Some(Verdict::Accepted) => "ok".to_owned(),
        Some(Verdict::InVpc) => format!("ok where a security group admits the machine, else {timeout}"),
        Some(Verdict::LeavesVpc) => {
            format!("ok if the machine comes from an accepted address, else {timeout}")
        }
        Some(_) if leads == NameLeads::Nowhere => "curl: (6), as the name leads to no address".to_owned(),
        Some(_) => format!("{timeout}, or curl: (7), as no route leads there"),
        None => format!("ok if the endpoint can be reached, else {timeout}"),
    }
}
