//! A page about a cluster, for people: what is said of it, in order, with the places of the fields that decide. The outputs
//! for people write it each in its way.

use super::group::{FlowGroup, groups};
use super::{Explained, Which, flows, kind_title};
use crate::explain::{
    Endpoint, EndpointMode, EndpointState, Explanation, Flow, FlowHop, Listed, OpenGroup, Opening,
    RouteTarget, ShuttingEndpoint, SubnetRoute, SupportStatus, UsedSubnet, Verdict, VersionOutlook,
    VpcEndpoint,
};
use crate::report::flow_tone::FlowTone;
use crate::snapshot::{ClusterType, Unknown};
use crate::value::{Location, Pointer};
use chrono::NaiveDate;
use gaps::Gaps;
pub(in crate::report) use gaps::why;

mod checks;
mod gaps;
mod identities;
mod node_roles;
mod pods;

/// How many steps of a flow, and how many lines of a list, are shown.
const SHOWN: usize = 30;

/// What is said of a cluster, in order: each output writes it in its way.
#[derive(Debug)]
pub(in crate::report) enum ExplainItem<'a> {
    /// Room between two things.
    Blank,
    /// What follows is about something else.
    Heading(String),
    /// A text beside its label; the label is empty where the one above goes on.
    Labelled(&'static str, String),
    /// A text.
    Plain(String),
    /// A word for what becomes of something, and the rest of the sentence.
    Outcome(OutcomeTone, String, String),
    /// A text, and where that is written.
    Place(Option<&'a Location>, String),
    /// A command to copy, and whether a person has to fill something in.
    Command(String, bool),
    /// What a command prints.
    Prints(String),
}

/// What becomes of something, as it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum OutcomeTone {
    /// It is as it should be.
    Good,
    /// It works, and leaves.
    Leaves,
    /// It does not work.
    Bad,
    /// It is not known.
    Unknown,
}

/// What is said of a cluster.
pub(in crate::report) fn items(
    explained: &Explained,
    flows_only: bool,
    verbose: bool,
) -> Vec<ExplainItem<'_>> {
    let mut page = ExplainPage { explained, verbose, items: Vec::new(), gaps: Gaps::default() };
    page.cluster(flows_only);
    page.items
}

/// The same without what pages say that have a picture: the version, the endpoint and the three flows.
pub(in crate::report) fn items_beside_picture(explained: &Explained) -> Vec<ExplainItem<'_>> {
    let mut page = ExplainPage { explained, verbose: false, items: Vec::new(), gaps: Gaps::default() };
    page.beside_flows(false);
    page.items
}

struct ExplainPage<'a> {
    explained: &'a Explained,
    /// Whether commands are shown.
    verbose: bool,
    items: Vec<ExplainItem<'a>>,
    gaps: Gaps,
}

impl<'a> ExplainPage<'a> {
    fn explanation(&self) -> &'a Explanation {
        &self.explained.explanation
    }

    fn cluster(&mut self, flows_only: bool) {
        let explanation = self.explanation();
        if !flows_only {
            self.paragraph("Cluster", &kind_and_vpc(explanation));
            self.version();
        }
        self.endpoint();
        for (which, all) in flows(explanation) {
            self.flows(which, all);
        }
        self.beside_flows(flows_only);
    }

    /// What comes after the flows, and what is missing of all of it.
    fn beside_flows(&mut self, flows_only: bool) {
        self.pods();
        self.scale_out();
        if !flows_only {
            self.needed_endpoints();
            self.endpoints_in_the_way();
            self.subnets();
            self.open_groups();
            self.identities();
        }
        self.close_section();
        self.say_what_is_missing(flows_only);
    }

    fn version(&mut self) {
        match &self.explanation().version {
            Ok(version) => {
                self.paragraph("Version", &lifecycle(version));
                self.paragraph("", &what_comes(version));
            }
            Err(unknown) => self.paragraph("Version", &not_known(unknown)),
        }
    }

    fn endpoint(&mut self) {
        match &self.explanation().endpoint {
            Ok(endpoint) => {
                self.paragraph("Endpoint", &exposure(endpoint));
                for hop in &endpoint.fields {
                    self.place(hop.place.as_ref(), &format!("{}: {}", hop.id, hop.text));
                }
            }
            Err(unknown) => self.paragraph("Endpoint", &not_known(unknown)),
        }
        self.checks(&self.explanation().checks.cluster);
    }

    fn flows(&mut self, which: Which, all: &Listed<Flow>) {
        self.heading(&format!("{}. {}", which.letter(), which.title()));
        let groups = groups(&all.items);
        if groups.is_empty() && all.more.is_empty() {
            self.indented(
                "no nodes: the snapshot has no node groups, Fargate profiles or instances of this cluster",
            );
        }
        for (at, group) in groups.iter().enumerate() {
            if at > 0 {
                self.blank();
            }
            self.group(group);
            if which == Which::ToApiServer {
                self.admission_of(group.flow);
            }
            self.checks(group.checks);
        }
        if !groups.is_empty() && !all.more.is_empty() {
            self.blank();
            self.indented(which.others());
        }
        self.reasons(&all.more);
        let shared = &self.explanation().checks;
        match which {
            Which::ToKubelets => self.checks(&shared.more_to_kubelets),
            Which::ToApiServer => {
                self.checks(&shared.more_to_api_server);
                self.other_admissions();
            }
            Which::FromKubectl => {}
        }
    }

    fn group(&mut self, group: &FlowGroup<'_>) {
        let place = if group.subnets.is_empty() {
            String::new()
        } else {
            format!(" in {}", group.subnets.join(", "))
        };
        self.indented(&format!("{} {}{place}", group.flow.end.title(), group.flow.name));
        self.verdict(&group.flow.verdict, &group.flow.reason);
        if group.flow.subnet.is_some() && !group.addresses.is_empty() {
            self.indented(&format!("it comes from {}", group.addresses.join(", ")));
        }
        self.hops(&group.hops);
    }

    fn hops(&mut self, hops: &[&FlowHop]) {
        for hop in hops.iter().take(SHOWN) {
            self.place(hop.place.as_ref(), &hop.text);
        }
        self.left_out(hops.len());
    }

    fn left_out(&mut self, all: usize) {
        if all > SHOWN {
            self.place(None, &format!("and {} more, which --format json shows", all - SHOWN));
        }
    }

    /// `stays in the VPC: why`
    fn verdict(&mut self, verdict: &Result<Verdict, Unknown>, reason: &str) {
        let (word, rest) = match verdict {
            Ok(verdict) => (verdict.title().to_owned(), format!(": {reason}")),
            Err(unknown) => ("unknown".to_owned(), format!(": {}", why(unknown))),
        };
        self.outcome_line(&word, &rest, tone(verdict));
    }

    /// A word for what becomes of something, and the rest.
    fn outcome_line(&mut self, word: &str, rest: &str, tone: OutcomeTone) {
        self.put(ExplainItem::Outcome(tone, word.to_owned(), rest.to_owned()));
    }

    fn scale_out(&mut self) {
        if self.explanation().scale_out.is_empty() {
            return;
        }
        self.heading("Works today, and may fail after the next node or the next hour");
        for item in &self.explanation().scale_out {
            let users = item.used_by.join(", ");
            self.place(Some(&item.place), &format!("{}, used by {users}: {}", item.of, item.why));
        }
    }

    fn needed_endpoints(&mut self) {
        self.heading("VPC endpoints for nodes without a way to the internet");
        match &self.explanation().vpc_endpoints {
            Err(unknown) => self.reasons(std::slice::from_ref(unknown)),
            Ok(needed) if needed.is_empty() && self.explanation().to_api_server.items.is_empty() => {
                self.indented("none is needed: there are no nodes");
            }
            Ok(needed) if needed.is_empty() => match self.has_endpoint_in_the_way() {
                true => self
                    .indented("none is needed for a way out, but one that is there is in the way, see below"),
                false => self.indented("none is needed: the routes of all nodes lead to the internet"),
            },
            Ok(needed) => {
                for needed in needed {
                    self.place(needed.place.as_ref(), &endpoint_line(needed));
                }
            }
        }
    }

    fn has_endpoint_in_the_way(&self) -> bool {
        self.explanation().shutting_endpoints.as_ref().is_ok_and(|all| !all.items.is_empty())
    }

    /// Says nothing where there is none.
    fn endpoints_in_the_way(&mut self) {
        let all = match &self.explanation().shutting_endpoints {
            Ok(all) if all.items.is_empty() && all.more.is_empty() => return,
            // Said of the needed ones as well.
            Err(unknown) if self.explanation().vpc_endpoints.as_ref().err() == Some(unknown) => return,
            all => all,
        };
        self.heading("VPC endpoints that block nodes which have another way");
        match all {
            Err(unknown) => self.reasons(std::slice::from_ref(unknown)),
            Ok(all) => {
                for endpoint in &all.items {
                    let ShuttingEndpoint { service, reason, needed_by, place } = endpoint;
                    self.place(Some(place), &format!("{service}: {reason}; needed by {needed_by}"));
                }
                for unknown in &all.more {
                    self.indented(&not_known(unknown));
                }
            }
        }
    }

    fn subnets(&mut self) {
        self.heading("Subnets in use");
        match &self.explanation().subnets {
            Err(unknown) => self.reasons(std::slice::from_ref(unknown)),
            Ok(subnets) if subnets.is_empty() => self.indented("none"),
            Ok(subnets) => {
                for subnet in subnets.iter().take(SHOWN) {
                    self.place(Some(&subnet.place), &subnet_line(subnet));
                }
                self.left_out(subnets.len());
            }
        }
    }

    fn open_groups(&mut self) {
        self.heading("Security groups in use that are open to the internet");
        match &self.explanation().open_groups {
            Err(unknown) => self.reasons(std::slice::from_ref(unknown)),
            Ok(groups) if groups.is_empty() => self.indented("none"),
            Ok(groups) => {
                for group in groups.iter().take(SHOWN) {
                    self.open_group(group);
                }
                self.left_out(groups.len());
            }
        }
    }

    fn open_group(&mut self, group: &OpenGroup) {
        let users = match &group.used_by {
            Ok(users) if users.is_empty() => String::new(),
            Ok(users) => format!(", used by {}", users.join(", ")),
            Err(unknown) => format!(", by whom it is used is {}", not_known(unknown)),
        };
        match &group.openings {
            Ok(openings) => {
                for opening in openings {
                    let text = format!("{}: {}{users}", group.id, opening_line(opening));
                    self.place(Some(&opening.place), &text);
                }
            }
            Err(unknown) => self.place(None, &format!("{}: {}{users}", group.id, not_known(unknown))),
        }
    }

    fn put(&mut self, item: ExplainItem<'a>) {
        let is_empty = matches!(item, ExplainItem::Blank);
        self.items.push(item);
        self.gaps.line(is_empty);
    }

    fn blank(&mut self) {
        self.put(ExplainItem::Blank);
    }

    fn heading(&mut self, heading: &str) {
        self.open_section(heading, |page| {
            page.blank();
            page.put(ExplainItem::Heading(heading.to_owned()));
        });
    }

    fn indented(&mut self, text: &str) {
        self.put(ExplainItem::Plain(text.to_owned()));
    }

    /// A text beside its label.
    fn paragraph(&mut self, label: &'static str, text: &str) {
        self.put(ExplainItem::Labelled(label, text.to_owned()));
    }

    /// A text beside its line and column.
    fn place(&mut self, place: Option<&Pointer>, text: &str) {
        let location = self.explained.location(place);
        self.put(ExplainItem::Place(location, text.to_owned()));
    }
}

fn tone(verdict: &Result<Verdict, Unknown>) -> OutcomeTone {
    match FlowTone::of(verdict) {
        FlowTone::Stays => OutcomeTone::Good,
        FlowTone::Leaves => OutcomeTone::Leaves,
        FlowTone::Stopped => OutcomeTone::Bad,
        FlowTone::Unknown => OutcomeTone::Unknown,
    }
}

fn not_known(unknown: &Unknown) -> String {
    format!("unknown: {}", why(unknown))
}

fn kind_and_vpc(explanation: &Explanation) -> String {
    let kind = kind_title(explanation.kind);
    let more = match explanation.kind {
        ClusterType::Connected => ": registered with EKS Connector, its control plane is not Amazon EKS",
        _ => "",
    };
    let vpc = explanation.vpc.as_ref().map_or_else(String::new, |vpc| format!(", in {vpc}"));
    format!("{kind}{more}{vpc}")
}

/// The version of a cluster in sentences: how long it is supported, and what comes.
pub(in crate::report) fn version_words(explanation: &Explanation) -> Vec<String> {
    match &explanation.version {
        Ok(version) => vec![lifecycle(version), what_comes(version)],
        Err(unknown) => vec![format!("Version {}", not_known(unknown))],
    }
}

/// The endpoint of a cluster in a sentence.
pub(in crate::report) fn endpoint_words(explanation: &Explanation) -> Vec<String> {
    match &explanation.endpoint {
        Ok(endpoint) => vec![format!("Endpoint: {}.", exposure(endpoint))],
        Err(unknown) => vec![format!("Endpoint {}", not_known(unknown))],
    }
}

fn lifecycle(version: &VersionOutlook) -> String {
    let value = &version.value;
    let date = |date: &Result<NaiveDate, Unknown>| match date {
        Ok(date) => date.to_string(),
        Err(unknown) => not_known(unknown),
    };
    let (standard, extended) =
        (date(&version.end_of_standard_support), date(&version.end_of_extended_support));
    match &version.status {
        Ok(SupportStatus::Standard) => {
            format!("Kubernetes {value}: standard support ends on {standard}, extended support on {extended}")
        }
        Ok(SupportStatus::Extended) => {
            format!(
                "Kubernetes {value}: in extended support, which costs extra, since {standard}; it ends on {extended}"
            )
        }
        Ok(SupportStatus::Unsupported) => match &version.end_of_extended_support {
            Ok(extended) => format!("Kubernetes {value}: without support since {extended}"),
            Err(_) => format!("Kubernetes {value}: without support"),
        },
        Ok(SupportStatus::NotYetKnown) => format!("Kubernetes {value}: newer than the calendar of versions"),
        Err(unknown) => format!("Kubernetes {value}: {}", not_known(unknown)),
    }
}

/// What EKS will do with the version by itself.
fn what_comes(version: &VersionOutlook) -> String {
    match &version.forecast {
        Ok(forecast) => forecast.clone(),
        Err(unknown) => {
            format!("When EKS upgrades the control plane by itself is {}", not_known(unknown))
        }
    }
}

fn exposure(endpoint: &Endpoint) -> String {
    let mode = match endpoint.mode {
        EndpointMode::Public => "public only",
        EndpointMode::Private => return "private only".to_owned(),
        EndpointMode::PublicAndPrivate => "public and private",
    };
    let counts = (&endpoint.open_to_internet, &endpoint.ipv4_addresses, &endpoint.ipv6_prefixes64);
    let whom = match counts {
        (Ok(true), ..) => "the public one accepts the whole internet, or nearly".to_owned(),
        (Ok(false), Ok(v4), Ok(v6)) => format!("the public one accepts {}", addresses(*v4, *v6)),
        (Err(unknown), ..) | (_, Err(unknown), _) | (.., Err(unknown)) => {
            format!("whom the public one accepts is {}", not_known(unknown))
        }
    };
    format!("{mode}; {whom}")
}

fn addresses(v4: f64, v6: f64) -> String {
    let count = |count: f64, one: &str, many: &str| match count {
        0.0 => None,
        1.0 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let v4 = count(v4, "IPv4 address", "IPv4 addresses");
    let v6 = count(v6, "IPv6 network of 64 bits", "IPv6 networks of 64 bits");
    let both: Vec<_> = v4.into_iter().chain(v6).collect();
    if both.is_empty() { "nobody".to_owned() } else { both.join(" and ") }
}

fn endpoint_line(needed: &VpcEndpoint) -> String {
    let VpcEndpoint { service, reason, needed_by, .. } = needed;
    match &needed.state {
        Ok(EndpointState::Usable) => format!("{service}: usable; needed by {needed_by}"),
        Ok(state) => format!("{service}: {}, {reason}; needed by {needed_by}", state.as_str()),
        Err(unknown) => format!("{service}: {}; needed by {needed_by}", not_known(unknown)),
    }
}

fn subnet_line(subnet: &UsedSubnet) -> String {
    let public = match &subnet.is_public {
        Ok(true) => "public".to_owned(),
        Ok(false) => "private".to_owned(),
        Err(_) => "public or private".to_owned(),
    };
    let v6 = match &subnet.default_route_ipv6 {
        Ok(route) if route.target != RouteTarget::None => format!(", for IPv6 {}", route_line(route)),
        _ => String::new(),
    };
    let route = match &subnet.default_route {
        Ok(route) => route_line(route),
        Err(unknown) => not_known(unknown),
    };
    let users = match &subnet.used_by {
        Ok(users) => format!("used by {}", users.join(", ")),
        Err(unknown) => format!("by whom it is used is {}", not_known(unknown)),
    };
    format!("{}: {public}, {route}{v6}; {users}", subnet.id)
}

fn route_line(route: &SubnetRoute) -> String {
    let gone = if route.is_blackhole { ", with the state blackhole" } else { "" };
    match route.target {
        RouteTarget::None => "no default route".to_owned(),
        RouteTarget::Several => "routes to several targets for public addresses".to_owned(),
        target => format!("default route to {} {}{gone}", target.title(), route.id),
    }
}

fn opening_line(opening: &Opening) -> String {
    let protocol = if opening.protocol == "-1" { "every protocol" } else { &opening.protocol };
    let ports = match (opening.from_port, opening.to_port) {
        (0, 65535) => "all ports".to_owned(),
        (from, to) if from == to => format!("port {from}"),
        (from, to) => format!("ports {from} to {to}"),
    };
    let doubt = match &opening.from_internet {
        Err(unknown) => format!(" (whether that is the internet is {})", not_known(unknown)),
        Ok(_) => String::new(),
    };
    format!("{protocol}, {ports}, from {}{doubt}", opening.source)
}
