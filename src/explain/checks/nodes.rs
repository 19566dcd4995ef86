//! Flows A and B: who is connected to a kubelet, and to whom a kubelet is connected.
//!
//! <https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/>,
//! <https://kubernetes.io/docs/tasks/debug/debug-cluster/kubectl-node-debug/>

use super::command::CheckCommand;
use super::endpoint::{EndpointValues, NAMED, NameLeads};
use super::shell::{NodeShell, ShellWay};
use super::{CheckPlace, FlowCheck};
use crate::facts::Verdict;
use crate::facts::known::Known;
use crate::text::first_names;

/// What a connection attempt of curl prints that nobody answers.
const TIMEOUT: &str = "curl: (28), as nothing answers";

/// The nodes that the snapshot does not describe.
pub(super) fn list(is_first: bool) -> FlowCheck {
    let then = match is_first {
        true => "to fill in below",
        false => "with which the commands above show the flows of those that the snapshot does not have",
    };
    let command = CheckCommand::new("kubectl get nodes ")
        .text("-o custom-columns=NAME:.metadata.name,INSTANCE:.spec.providerID");
    let prints = format!("the names of all nodes, and their instance ids behind the last slash, {then}");
    FlowCheck { at: CheckPlace::Anywhere, command, prints }
}

/// Flow A to nodes of which nothing is known.
pub(super) fn to_any_kubelet(endpoint: &EndpointValues) -> Vec<FlowCheck> {
    of_kubelet(endpoint, &NodeShell::unknown(), None)
}

/// Flow B from nodes of which nothing is known.
pub(super) fn from_any_kubelet(endpoint: &EndpointValues) -> Vec<FlowCheck> {
    from_kubelet(endpoint, &NodeShell::unknown(), None, &[])
}

/// Flow A to one of some nodes.
pub(super) fn to_kubelet(
    endpoint: &EndpointValues,
    shell: &NodeShell,
    verdict: &Known<Verdict>,
) -> Vec<FlowCheck> {
    of_kubelet(endpoint, shell, verdict.as_ref().ok().copied())
}

/// Flow B from one of some nodes, which comes from these addresses if it leaves the VPC.
pub(super) fn to_api_server(
    endpoint: &EndpointValues,
    shell: &NodeShell,
    verdict: &Known<Verdict>,
    addresses: &[String],
) -> Vec<FlowCheck> {
    from_kubelet(endpoint, shell, verdict.as_ref().ok().copied(), addresses)
}

fn of_kubelet(endpoint: &EndpointValues, shell: &NodeShell, verdict: Option<Verdict>) -> Vec<FlowCheck> {
    let asked = |what: &str| match verdict {
        Some(Verdict::InVpc) => format!("{what}: the API server gets to port 10250"),
        Some(_) => format!("an error about a timeout of port 10250, not {what}"),
        None => format!("{what} if the API server gets to port 10250, else an error about a timeout"),
    };
    let at = CheckPlace::Anywhere;
    if shell.way == ShellWay::Fargate {
        let command = CheckCommand::new("kubectl --namespace ")
            .word("", &shell.namespace, "")
            .text(" logs --tail=1 ")
            .blank("POD");
        let prints = format!("for a pod of this profile, {}", asked("the last line of its log"));
        return vec![FlowCheck { at, command, prints }];
    }
    let command =
        CheckCommand::new("kubectl get --raw ").word("/api/v1/nodes/", &shell.node, "/proxy/healthz");
    let prints = format!(
        "{}; Forbidden: you may not use nodes/proxy, and kubectl logs of a pod on the node shows the same",
        asked("ok")
    );
    let mut checks = vec![FlowCheck { at, command, prints }];
    checks.extend(enter(endpoint, shell));
    let command = match shell.way {
        ShellWay::Windows => "Get-NetTCPConnection -State Established -LocalPort 10250",
        _ => "ss -tn state established '( sport = :10250 )'",
    };
    let whom = endpoint.owned();
    let prints = match verdict {
        Some(Verdict::InVpc) | None => format!(
            "while kubectl logs -f or exec runs for a pod on the node, peers with {whom}; other private addresses \
             are pods such as metrics-server"
        ),
        Some(_) => format!("no peer with {whom}; other private addresses are pods such as metrics-server"),
    };
    checks.push(FlowCheck { at: CheckPlace::Node, command: CheckCommand::new(command), prints });
    checks
}

fn from_kubelet(
    endpoint: &EndpointValues,
    shell: &NodeShell,
    verdict: Option<Verdict>,
    addresses: &[String],
) -> Vec<FlowCheck> {
    let leads = match verdict {
        Some(Verdict::InVpc) => NameLeads::Private,
        Some(Verdict::LeavesVpc | Verdict::LockedOut) => NameLeads::Public,
        _ => endpoint.inside(),
    };
    if shell.way == ShellWay::Fargate {
        return vec![on_fargate(endpoint, shell, leads)];
    }
    let at = CheckPlace::Node;
    let (resolve, call) = match shell.way {
        ShellWay::Windows => (endpoint.resolve_in_windows(), endpoint.call("curl.exe")),
        _ => (endpoint.resolve(), endpoint.call("curl")),
    };
    let mut checks: Vec<_> = enter(endpoint, shell).into_iter().collect();
    let without_dig = match shell.way {
        ShellWay::Session => "; where dig is missing, getent ahosts does the same",
        _ => "",
    };
    checks.push(FlowCheck {
        at,
        command: resolve,
        prints: format!("{}{without_dig}", endpoint.resolved(leads)),
    });
    checks.push(FlowCheck { at, command: call, prints: answer(verdict, leads) });
    checks.push(FlowCheck { at, command: peers(shell.way), prints: connected(endpoint, verdict, leads) });
    if matches!(verdict, Some(Verdict::LeavesVpc | Verdict::LockedOut)) {
        checks.push(own_address(shell.way, verdict, addresses));
    }
    checks
}

/// The way onto the node.
fn enter(endpoint: &EndpointValues, shell: &NodeShell) -> Option<FlowCheck> {
    let session = || {
        CheckCommand::new("aws ssm start-session --region ")
            .word("", &endpoint.region, "")
            .text(" --target ")
            .word("", &shell.instance, "")
    };
    let pod = || {
        let command = CheckCommand::new("kubectl debug -it --profile=sysadmin --image=");
        let command = match shell.has_way_out {
            true => command.text("public.ecr.aws/amazonlinux/amazonlinux:2023"),
            false => command.blank("IMAGE"),
        };
        command.text(" ").word("node/", &shell.node, "")
    };
    let (command, prints) = match shell.way {
        ShellWay::Fargate => return None,
        ShellWay::Windows => (
            session(),
            "a prompt of PowerShell on the node; TargetNotConnected: Systems Manager does not manage it"
                .to_owned(),
        ),
        ShellWay::Session => (
            session(),
            format!(
                "a prompt on the node; TargetNotConnected: Systems Manager does not manage it, and kubectl debug \
                 node/{} gets into its network",
                shell.node.named()
            ),
        ),
        ShellWay::Bottlerocket => (pod(), in_pod(shell, "Bottlerocket has no shell")),
        ShellWay::AutoMode => (pod(), in_pod(shell, "Auto Mode allows neither SSH nor Session Manager")),
    };
    Some(FlowCheck { at: CheckPlace::Anywhere, command, prints })
}

/// What a pod in the network of a node is good for. An image of AWS's public registry needs a way to the internet.
fn in_pod(shell: &NodeShell, why: &str) -> String {
    let tools = match shell.has_way_out {
        true => "there: dnf install -y bind-utils iproute",
        false => "IMAGE is one with dig, curl and ss from a registry that the node can reach",
    };
    format!(
        "a prompt of a privileged pod in the network of the node, as {why}; {tools}; delete the pod node-debugger-… \
         when you are done"
    )
}

/// Whether the API server answers a node.
fn answer(verdict: Option<Verdict>, leads: NameLeads) -> String {
    match (verdict, leads) {
        (Some(Verdict::InVpc | Verdict::LeavesVpc), _) => "ok".to_owned(),
        (Some(_), NameLeads::Nowhere) => "curl: (6), as the name leads to no address".to_owned(),
        (Some(_), _) => TIMEOUT.to_owned(),
        (None, _) => format!("ok if the node gets there, else {TIMEOUT}"),
    }
}

/// To whom kubelet and kube-proxy are connected.
fn peers(way: ShellWay) -> CheckCommand {
    match way {
        ShellWay::Windows => CheckCommand::new("Get-NetTCPConnection -State Established -RemotePort 443"),
        ShellWay::Session => CheckCommand::new(
            "sudo ss -tnp state established '( dport = :443 )' | grep -E 'kubelet|kube-proxy'",
        ),
        _ => CheckCommand::new("ss -tnp state established '( dport = :443 )' | grep -E 'kubelet|kube-proxy'"),
    }
}

fn connected(endpoint: &EndpointValues, verdict: Option<Verdict>, leads: NameLeads) -> String {
    let older = "is older than the last change of the endpoint, and lasts until they reconnect";
    match (verdict, leads) {
        (Some(Verdict::LockedOut | Verdict::Unreachable | Verdict::Blocked), _) => {
            format!("nothing; a connection that is still there {older}")
        }
        (_, NameLeads::Private) => format!(
            "kubelet and kube-proxy, connected to {}; a connection to a public address {older}",
            endpoint.owned()
        ),
        (_, NameLeads::Public) => format!(
            "kubelet and kube-proxy, connected to public addresses; a connection to a private one {older}"
        ),
        (_, NameLeads::Nowhere | NameLeads::Unknown) => {
            "kubelet and kube-proxy, connected to private addresses: the flow stays in the VPC; to public ones: it \
             leaves it"
                .to_owned()
        }
    }
}

/// The address that a node has towards the internet.
fn own_address(way: ShellWay, verdict: Option<Verdict>, addresses: &[String]) -> FlowCheck {
    let program = if way == ShellWay::Windows { "curl.exe" } else { "curl" };
    let accepted = match verdict {
        Some(Verdict::LockedOut) => "the public endpoint does not accept it",
        _ => "the public endpoint sees it",
    };
    let prints = match addresses {
        [] => format!("the public address of the node or its NAT gateway: {accepted}"),
        [only] => format!("{only}: {accepted}"),
        several => format!("one of {}: {accepted}", first_names(several, NAMED)),
    };
    let command = CheckCommand::new(program).text(" -sS --max-time 5 https://checkip.amazonaws.com");
    FlowCheck { at: CheckPlace::Node, command, prints }
}

/// What a pod on Fargate sees: its kubelet's connections cannot be looked at.
fn on_fargate(endpoint: &EndpointValues, shell: &NodeShell, leads: NameLeads) -> FlowCheck {
    let command =
        CheckCommand::new("kubectl --namespace ").word("", &shell.namespace, "").text(" exec ").blank("POD");
    let prints = format!(
        "in a pod of this profile, {}; Fargate gives no shell on its nodes: the kubelet's connections show only in \
         VPC flow logs",
        endpoint.resolved(leads)
    );
    FlowCheck { at: CheckPlace::Anywhere, command: endpoint.resolve_in_pod(command), prints }
}
