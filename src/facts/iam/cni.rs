//! The facts of `facts.cluster.cniRoles`: in an IPv6 cluster, whether the VPC CNI may give pods their addresses.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cni-iam-role.html>

use super::Iam;
use super::admission::PolicyRequest;
use super::condition::{KeyContent, Meets};
use super::node_roles::node_roles;
use super::policy::Statement;
use super::rights::{RoleRequest, RoleRights};
use super::tables::ASSIGN_IPV6;
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, not_applicable};
use crate::snapshot::{ClusterType, Unknown};
use crate::value::{Json, Pointer};

/// The service account of the VPC CNI, in `kube-system`.
const SERVICE_ACCOUNT: &str = "aws-node";

/// A role with which the VPC CNI works.
struct CniRole<'t> {
    role: &'t str,
    /// How it gets it, in words.
    way: &'static str,
    place: Pointer,
}

/// The roles, as nodes; none in an IPv4 cluster, where every policy for the CNI is enough.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    let builder = iam.builder;
    let rights = RoleRights::of(iam);
    let node = |found: &CniRole<'t>| {
        let missing = missing(iam, &rights, found.role);
        let reason = match &missing {
            Ok(None) => format!("{} is allowed {ASSIGN_IPV6}", found.role),
            Ok(Some(reason)) => reason.clone(),
            Err(unknown) => unknown.reason.clone(),
        };
        let fields = [
            ("role", Json::Str(found.role)),
            ("way", Json::Str(found.way)),
            ("assignsIpv6", builder.flag(missing.map(|missing| missing.is_none()))),
            ("reason", builder.text(reason)),
        ];
        builder.object_at(found.place.as_str(), fields)
    };
    let roles = roles(iam).map(|(roles, more)| iam.list(roles.iter().map(node), more.as_ref()));
    builder.known(roles)
}

/// The roles that the CNI of an IPv6 cluster works with, and why it may be others: that of the add-on, that of its
/// association, else those of the nodes. A role for its service account that no add-on names may be the one or not.
fn roles<'t>(iam: &Iam<'t>) -> Known<(Vec<CniRole<'t>>, Option<Unknown>)> {
    if iam.view.snapshot.kind == ClusterType::Connected {
        return Err(not_applicable("a connected cluster has no VPC CNI of Amazon EKS"));
    }
    let family = iam.view.cluster()?.optional_text_under(&["kubernetesNetworkConfig", "ipFamily"])?;
    if family != Some("ipv6") {
        return Ok((Vec::new(), None));
    }
    if let Some(role) = of_addon(iam)? {
        return Ok((vec![role], None));
    }
    if let Some(role) = of_association(iam)? {
        return Ok((vec![role], None));
    }
    let (nodes, more) = node_roles(iam)?;
    let of_nodes = nodes.into_iter().filter(|node| node.runs_vpc_cni()).filter_map(|node| {
        Some(CniRole { role: node.role?, way: "the role of the nodes", place: node.place })
    });
    Ok((of_nodes.collect(), of_service_account(iam).or(more)))
}

fn of_addon<'t>(iam: &Iam<'t>) -> Known<Option<CniRole<'t>>> {
    let Some(addon) = iam.view.find("addons", "vpc-cni")? else { return Ok(None) };
    addon.why_incomplete().map_or(Ok(()), Err)?;
    let role = addon.optional_text("serviceAccountRoleArn")?;
    let place = addon.place("serviceAccountRoleArn");
    Ok(role.map(|role| CniRole { role, way: "the role of the add-on", place }))
}

fn of_association<'t>(iam: &Iam<'t>) -> Known<Option<CniRole<'t>>> {
    let section = "podIdentityAssociations";
    for association in iam.view.items(section) {
        if is_of_cni(&association)? {
            let (role, place) = (association.text("roleArn")?, association.place("roleArn"));
            return Ok(Some(CniRole { role, way: "the role of its Pod Identity association", place }));
        }
    }
    iam.view.more(section).map_or(Ok(None), Err)
}

fn is_of_cni(association: &ResourceView<'_>) -> Known<bool> {
    let names = (association.text("namespace")?, association.text("serviceAccount")?);
    Ok(names == ("kube-system", SERVICE_ACCOUNT))
}

/// Why a role that trusts the service account may be the CNI's: the annotation that says so is in Kubernetes.
fn of_service_account(iam: &Iam<'_>) -> Option<Unknown> {
    let (accounts, _) = iam.accounts();
    let own = accounts
        .iter()
        .find(|account| account.namespace == "kube-system" && account.name == SERVICE_ACCOUNT)?;
    let words = format!("the VPC CNI may have the role {}, which trusts its service account", own.role);
    Some(Unknown::undecided(words))
}

/// Why a role may not give addresses; nothing if it may.
fn missing<'t>(iam: &Iam<'t>, rights: &RoleRights<'_, 't>, arn: &str) -> Known<Option<String>> {
    Ok(rights.missing(iam.known_role(arn)?, ASSIGN_IPV6, &Assignment)?.map(|right| right.reason))
}

/// The request for an address on some network interface of a node.
struct Assignment;

/// A network interface whose id and account no policy names.
const INTERFACE: &str = "arn:aws:ec2:any:any:network-interface/any";

impl PolicyRequest for Assignment {
    fn content(&self, _key: &str) -> Known<KeyContent<'_>> {
        Ok(KeyContent::Open)
    }

    fn is_subject_of(&self, statement: &Statement<'_>) -> Meets {
        let Some(resources) = statement.resources else { return Meets::Always };
        // A narrower pattern may hold the interfaces of the nodes.
        let may_be_theirs = |pattern: &str| !resources.negated && pattern.contains(":network-interface/");
        match resources.meet_resource(INTERFACE) {
            Meets::Never if resources.texts.iter().any(may_be_theirs) => Meets::Perhaps,
            meets => meets,
        }
    }
}

impl RoleRequest for Assignment {
    fn target(&self) -> &str {
        "network interfaces"
    }

    fn sends(&self, key: &str) -> String {
        format!("what it sends as {key} is not known")
    }
}
