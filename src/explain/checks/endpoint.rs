//! The endpoint of the API server as commands see it: its name, the addresses that the name leads to, and whether it
//! answers there.

use super::command::{CheckCommand, CheckValue, CheckValueKind};
use super::{CheckPlace, FlowCheck};
use crate::facts::EndpointMode;
use crate::facts::flows::Flows;
use crate::facts::known::Known;
use crate::facts::network::Network;
use crate::facts::view::SnapshotView;
use crate::text::first_names;

/// How many addresses a sentence names: EKS makes 2 to 4 interfaces.
pub(super) const NAMED: usize = 4;

/// What is known of the endpoint.
pub(super) struct EndpointValues {
    cluster: CheckValue,
    pub(super) region: CheckValue,
    host: CheckValue,
    dual_stack: bool,
    pub(super) mode: Option<EndpointMode>,
    /// Whether the name leads to the private addresses inside the VPC.
    private_names: Known<bool>,
    /// The private addresses of the control plane's interfaces, where the snapshot has them.
    addresses: Vec<String>,
}

/// To which addresses the name of the endpoint leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameLeads {
    Private,
    Public,
    Nowhere,
    Unknown,
}

impl EndpointValues {
    pub(super) fn of(view: SnapshotView<'_>, network: &Network<'_>, flows: &Flows<'_>) -> Self {
        let identity = &view.snapshot.identity;
        let endpoint = view.cluster().and_then(|cluster| cluster.optional_text("endpoint")).ok().flatten();
        let host = endpoint.map(|url| url.strip_prefix("https://").unwrap_or(url).trim_end_matches('/'));
        let known = flows.endpoint.as_ref().ok();
        let mode = known.and_then(|endpoint| match (endpoint.public, endpoint.private) {
            (true, true) => Some(EndpointMode::PublicAndPrivate),
            (true, false) => Some(EndpointMode::Public),
            (false, true) => Some(EndpointMode::Private),
            (false, false) => None,
        });
        let addresses = network.control_plane.interface_addresses();
        Self {
            cluster: CheckValueKind::Cluster.of(identity.literal_name()),
            region: CheckValueKind::Region.of(identity.region.as_deref()),
            host: CheckValueKind::Host.of(host),
            dual_stack: known.is_some_and(|endpoint| endpoint.dual_stack),
            mode,
            private_names: flows.private_names(),
            addresses: addresses.iter().map(ToString::to_string).collect(),
        }
    }

    /// Where the name leads inside the VPC.
    pub(super) fn inside(&self) -> NameLeads {
        match (self.mode, &self.private_names) {
            (None, _) | (Some(EndpointMode::Private | EndpointMode::PublicAndPrivate), Err(_)) => {
                NameLeads::Unknown
            }
            (Some(EndpointMode::Public), _) | (Some(EndpointMode::PublicAndPrivate), Ok(false)) => {
                NameLeads::Public
            }
            (Some(EndpointMode::Private), Ok(false)) => NameLeads::Nowhere,
            (Some(_), Ok(true)) => NameLeads::Private,
        }
    }

    /// Where it leads outside: with the private endpoint alone, public DNS gives its addresses too.
    pub(super) fn outside(&self) -> NameLeads {
        match self.mode {
            Some(EndpointMode::Private) => NameLeads::Private,
            Some(_) => NameLeads::Public,
            None => NameLeads::Unknown,
        }
    }

    /// The addresses of the interfaces, as a sentence names them.
    pub(super) fn owned(&self) -> String {
        match self.addresses.as_slice() {
            [] => "private addresses of the control plane's interfaces".to_owned(),
            known => {
                format!("private addresses of the control plane's interfaces ({})", first_names(known, NAMED))
            }
        }
    }

    /// That kubectl talks to this cluster.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html>
    pub(super) fn kubeconfig(&self) -> FlowCheck {
        let command = CheckCommand::new("aws eks update-kubeconfig --region ")
            .word("", &self.region, "")
            .text(" --name ")
            .word("", &self.cluster, "");
        let prints = "the context of this cluster, which kubectl uses from then on".to_owned();
        FlowCheck { at: CheckPlace::Anywhere, command, prints }
    }

    /// The control plane's interfaces. All are described as EKS documents it.
    pub(super) fn interfaces(&self) -> FlowCheck {
        let command = CheckCommand::new("aws ec2 describe-network-interfaces --region ")
            .word("", &self.region, "")
            .text(" --filters ");
        let command = match &self.cluster.text {
            Some(_) => command.word("Name=description,Values=Amazon EKS ", &self.cluster, ""),
            None => command.text("'Name=description,Values=Amazon EKS '").word("", &self.cluster, ""),
        };
        let query = " --query 'NetworkInterfaces[].[PrivateIpAddress,SubnetId]' --output text";
        let prints = match self.addresses.as_slice() {
            [] => "the private addresses of the control plane's 2 to 4 interfaces, each with its subnet"
                .to_owned(),
            known => format!(
                "{}, each with its subnet: the control plane's interfaces; other addresses: EKS has replaced the \
                 interfaces since the snapshot, as it does in updates",
                first_names(known, NAMED)
            ),
        };
        FlowCheck { at: CheckPlace::Anywhere, command: command.text(query), prints }
    }

    /// To which addresses the name leads.
    pub(super) fn resolve(&self) -> CheckCommand {
        let command = CheckCommand::new("dig +short ").word("", &self.host, "");
        match self.dual_stack {
            true => command.text(" A ").word("", &self.host, "").text(" AAAA"),
            false => command,
        }
    }

    /// The same in PowerShell.
    pub(super) fn resolve_in_windows(&self) -> CheckCommand {
        CheckCommand::new("Resolve-DnsName ").word("", &self.host, "")
    }

    /// The same in a container that has few programs.
    pub(super) fn resolve_in_pod(&self, command: CheckCommand) -> CheckCommand {
        command.text(" -- getent ahosts ").word("", &self.host, "")
    }

    /// Whether the API server answers. EKS allows health checks without credentials, and nothing else.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-standard.html>
    pub(super) fn call(&self, program: &'static str) -> CheckCommand {
        CheckCommand::new(program).text(" -sSk --max-time 5 ").word("https://", &self.host, "/livez")
    }

    /// What the name prints.
    pub(super) fn resolved(&self, leads: NameLeads) -> String {
        match leads {
            NameLeads::Private => self.owned(),
            NameLeads::Public => "public addresses".to_owned(),
            NameLeads::Nowhere => "no address".to_owned(),
            NameLeads::Unknown => format!(
                "{}: it connects to the private endpoint; public addresses: to the public one",
                self.owned()
            ),
        }
    }
}
