//! For people: a page a cluster. On the left are the lines and columns of the fields that decide.

use super::group::{FlowGroup, groups};
use super::{ExplainReport, Explained, Which, flows, kind_title};
use crate::explain::{
    Endpoint, EndpointMode, EndpointState, Explanation, Flow, FlowHop, Listed, OpenGroup, Opening,
    RouteTarget, ShuttingEndpoint, SubnetRoute, SupportStatus, UsedSubnet, Verdict, VersionOutlook,
    VpcEndpoint,
};
use crate::report::{Style, cluster_name, printable, wrap};
use crate::snapshot::{ClusterType, Unknown};
use crate::value::addressed::addressed;
use crate::value::{Location, Pointer};
use anstyle::{AnsiColor, Effects};
use chrono::NaiveDate;
use gaps::Gaps;
pub(in crate::report) use gaps::why;
use std::io::{self, Write};

mod checks;
mod gaps;
mod identities;
mod node_roles;
mod pods;

/// How many steps of a flow, and how many lines of a list, are shown.
const SHOWN: usize = 30;
/// The least width of lines and columns.
const GUTTER: usize = 8;

/// Writes the pages.
pub(super) fn write(report: &ExplainReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, explained) in report.clusters.iter().enumerate() {
        let mut page = ExplainText { explained, style, text: String::new(), gaps: Gaps::default() };
        page.cluster(report.flows_only);
        let separator = if at > 0 { "\n\n" } else { "" };
        write!(out, "{separator}{}", page.text)?;
    }
    Ok(())
}

struct ExplainText<'a> {
    explained: &'a Explained,
    style: Style,
    text: String,
    gaps: Gaps,
}

impl<'a> ExplainText<'a> {
    fn explanation(&self) -> &'a Explanation {
        &self.explained.explanation
    }

    fn cluster(&mut self, flows_only: bool) {
        let explanation = self.explanation();
        self.title();
        let top = self.text.len();
        if !flows_only {
            self.paragraph("Cluster", &kind_and_vpc(explanation));
            self.version();
        }
        self.endpoint();
        for (which, all) in flows(explanation) {
            self.flows(which, all);
        }
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
        self.say_what_is_missing(top, flows_only);
    }

    fn title(&mut self) {
        let cluster = &self.explanation().cluster;
        let bold = self.style.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let place = [cluster.region.as_deref(), cluster.account.as_deref()];
        let place: String =
            place.into_iter().flatten().map(|part| format!("  {}", printable(part))).collect();
        self.line(&format!("{bold}{}{bold:#}{place}", printable(cluster_name(cluster))));
        let document = self.explained.document.map_or_else(String::new, |line| format!(", line {line}"));
        let file = format!("{}{document}", printable(&self.explained.file));
        let dim = self.style.paint(Effects::DIMMED, None);
        let others = if self.explained.is_joined { "; other files are named" } else { "" };
        self.line(&format!("{dim}{file} (on the left: its lines and columns{others}){dim:#}"));
        self.line("");
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
                self.line("");
            }
            self.group(group);
            if which == Which::ToApiServer {
                self.admission_of(group.flow);
            }
            self.checks(group.checks);
        }
        if !groups.is_empty() && !all.more.is_empty() {
            self.line("");
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
        self.outcome_line(&word, &rest, color(verdict));
    }

    /// A word in its colour, and the rest.
    fn outcome_line(&mut self, word: &str, rest: &str, color: AnsiColor) {
        let paint = self.style.paint(Effects::BOLD, Some(color));
        let text =
            wrap(&printable(&addressed(&format!("{word}{rest}"))), self.style.text_width(), "  ", "    ");
        let coloured = text.replacen(word, &format!("{paint}{word}{paint:#}"), 1);
        self.line(&coloured);
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

    /// A line that is safe already.
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
        self.gaps.line(line.is_empty());
    }

    fn heading(&mut self, heading: &str) {
        let bold = self.style.paint(Effects::BOLD, None);
        self.open_section(heading, |page| {
            page.line("");
            page.line(&format!("{bold}{heading}{bold:#}"));
        });
    }

    fn indented(&mut self, text: &str) {
        let text = wrap(&printable(&addressed(text)), self.style.text_width(), "  ", "    ");
        self.line(&text);
    }

    /// A text beside its label.
    fn paragraph(&mut self, label: &str, text: &str) {
        let indent = " ".repeat(GUTTER + 4);
        let first = format!("  {label:<width$}", width = GUTTER + 2);
        let text = wrap(&printable(&addressed(text)), self.style.text_width(), &first, &indent);
        self.line(&text);
    }

    /// A text beside its line and column.
    fn place(&mut self, place: Option<&Pointer>, text: &str) {
        let location = self.explained.location(place);
        let at = |location: &Location| format!("{}:{}", location.span.start_line, location.span.start_column);
        let (place, elsewhere) = match location {
            None => (String::new(), String::new()),
            Some(location) if self.explained.is_here(location) => (at(location), String::new()),
            Some(location) => {
                let line = location.file.document.map_or_else(String::new, |line| format!(", line {line}"));
                (String::new(), format!(" ({}:{}{line})", location.file.name, at(location)))
            }
        };
        let text = format!("{text}{elsewhere}");
        let first = format!("  {place:>GUTTER$}  ");
        let indent = " ".repeat(first.len());
        let text = wrap(&printable(&addressed(&text)), self.style.text_width(), &first, &indent);
        let dim = self.style.paint(Effects::DIMMED, None);
        let rest = text.strip_prefix(&first).unwrap_or(&text);
        let first = if place.is_empty() { first } else { format!("{dim}{first}{dim:#}") };
        self.line(&format!("{first}{rest}"));
    }
}

fn color(verdict: &Result<Verdict, Unknown>) -> AnsiColor {
    match verdict {
        Ok(Verdict::InVpc) => AnsiColor::BrightGreen,
        Ok(Verdict::LeavesVpc | Verdict::Accepted) => AnsiColor::Yellow,
        Ok(Verdict::LockedOut | Verdict::Unreachable | Verdict::Blocked) => AnsiColor::BrightRed,
        Err(_) => AnsiColor::BrightBlue,
    }
}

fn color_of_admission(admitted: &Result<bool, Unknown>) -> AnsiColor {
    match admitted {
        Ok(true) => AnsiColor::BrightGreen,
        Ok(false) => AnsiColor::BrightRed,
        Err(_) => AnsiColor::BrightBlue,
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
