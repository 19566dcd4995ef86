//! The facts of `facts.cluster.nodeRoles`: whether the API server admits the nodes that come with a role. A kubelet
//! that reaches the API server is still refused unless EKS knows its role, by an access entry of the right type or by
//! `aws-auth`.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>

use super::Iam;
use super::aws_auth::{AwsAuth, Mapped};
use super::entries::{self, PrincipalState};
use super::node_sort::{NodeSort, sort_of_instance, sort_of_nodegroup};
use super::uses::{is_outside_groups, profile_of_node, roles_of_profile};
use crate::facts::known::Known;
use crate::facts::network::instances::name_of_cluster;
use crate::facts::network::nodes::{NodeKind, owner};
use crate::facts::view::{ResourceView, SnapshotView, not_applicable};
use crate::snapshot::{ClusterType, Unknown};
use crate::value::{Json, Pointer};
use std::collections::{HashMap, HashSet};

/// Every type that an access entry can have.
const ENTRY_TYPES: [&str; 7] =
    ["STANDARD", "EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX"];

/// The access policy that nodes of Auto Mode need.
/// <https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html#auto-node-access-entry>
const AUTO_NODE_POLICY: &str = ":cluster-access-policy/AmazonEKSAutoNodePolicy";

/// Who has a role as a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NodeUser<'t> {
    /// Nodes that flows begin and end at.
    Placed(NodeKind, &'t str),
    /// The built-in node pools of EKS Auto Mode.
    BuiltInPools,
    /// Hybrid nodes.
    Hybrid,
}

impl NodeUser<'_> {
    /// As people call it.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Placed(kind, name) => format!("{} {name}", kind.title()),
            Self::BuiltInPools => "the built-in node pools of Auto Mode".to_owned(),
            Self::Hybrid => "hybrid nodes".to_owned(),
        }
    }
}

/// A role that nodes of one sort come with.
pub(crate) struct NodeRole<'t> {
    /// Its ARN; none for hybrid nodes, whose roles AWS does not tell.
    pub(crate) role: Option<&'t str>,
    sort: Known<NodeSort>,
    pub(crate) used_by: Vec<NodeUser<'t>>,
    pub(crate) admitted: Known<bool>,
    /// Why, in a sentence about the role.
    pub(crate) reason: String,
    pub(crate) place: Pointer,
}

impl NodeRole<'_> {
    /// Whether the VPC CNI runs on such nodes as pods do: Auto Mode and Fargate have their own.
    pub(super) fn runs_vpc_cni(&self) -> bool {
        matches!(self.sort, Ok(NodeSort::Linux | NodeSort::Windows) | Err(_))
    }
}

/// The roles of nodes, as nodes.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    let builder = iam.builder;
    let node = |found: &NodeRole<'t>| {
        let sort = found.sort.as_ref().map_err(Clone::clone);
        let fields = [
            ("usedBy", builder.texts(found.used_by.iter().map(NodeUser::title))),
            ("entryType", builder.known(sort.map(|sort| Json::Str(sort.entry_type())))),
            ("admitted", builder.flag(found.admitted.clone())),
            ("reason", builder.text(&found.reason)),
        ];
        let role = found.role.map(|role| ("role", Json::Str(role)));
        builder.object_at(found.place.as_str(), role.into_iter().chain(fields))
    };
    let roles = node_roles(iam).map(|(roles, more)| iam.list(roles.iter().map(node), more.as_ref()));
    builder.known(roles)
}

/// The roles of nodes, and why there may be more.
pub(super) fn node_roles<'t>(iam: &Iam<'t>) -> Known<(Vec<NodeRole<'t>>, Option<Unknown>)> {
    if iam.view.snapshot.kind == ClusterType::Connected {
        return Err(not_applicable("nodes of a connected cluster do not come with roles of AWS"));
    }
    // Without the cluster, it may be a connected one.
    iam.view.cluster()?;
    let mut found = Roles::default();
    found.of_nodegroups(iam.view);
    found.of_profiles(iam.view);
    found.of_built_in_pools(iam.view);
    found.of_instances(iam.view);
    let door = Door::of(iam);
    let mut roles: Vec<_> = found.roles.into_iter().map(|comer| door.meets(comer)).collect();
    roles.extend(door.hybrid_nodes());
    Ok((roles, found.more))
}

/// A role that nodes of one sort come with, before it is known whether they are admitted.
struct Comer<'t> {
    role: &'t str,
    sort: Known<NodeSort>,
    used_by: Vec<NodeUser<'t>>,
    place: Pointer,
}

/// The roles that nodes come with.
#[derive(Default)]
struct Roles<'t> {
    roles: Vec<Comer<'t>>,
    /// Where each is, by its ARN and the sort of its nodes, if that is known.
    at: HashMap<(&'t str, Option<NodeSort>), usize>,
    seen: HashSet<(usize, NodeUser<'t>)>,
    more: Option<Unknown>,
}

impl<'t> Roles<'t> {
    fn add(&mut self, role: &'t str, sort: Known<NodeSort>, user: NodeUser<'t>, place: Pointer) {
        let at = *self.at.entry((role, sort.clone().ok())).or_insert(self.roles.len());
        if at == self.roles.len() {
            self.roles.push(Comer { role, sort, used_by: Vec::new(), place });
        }
        if self.seen.insert((at, user)) {
            self.roles[at].used_by.push(user);
        }
    }

    fn may_be_more(&mut self, why: Unknown) {
        self.more.get_or_insert(why);
    }

    fn of_nodegroups(&mut self, view: SnapshotView<'t>) {
        view.more("nodegroups").into_iter().for_each(|why| self.may_be_more(why));
        for group in view.items("nodegroups").filter(|group| !is_going(group)) {
            let user = NodeUser::Placed(NodeKind::Nodegroup, group.key().unwrap_or_default());
            match group.reference(&["nodeRole"]) {
                Ok(role) => self.add(role, sort_of_nodegroup(view, &group), user, group.place("nodeRole")),
                Err(unknown) => self.may_be_more(unknown),
            }
        }
    }

    fn of_profiles(&mut self, view: SnapshotView<'t>) {
        view.more("fargateProfiles").into_iter().for_each(|why| self.may_be_more(why));
        for profile in view.items("fargateProfiles").filter(|profile| !is_going(profile)) {
            let user = NodeUser::Placed(NodeKind::FargateProfile, profile.key().unwrap_or_default());
            let place = profile.place("podExecutionRoleArn");
            match profile.reference(&["podExecutionRoleArn"]) {
                Ok(role) => self.add(role, Ok(NodeSort::Fargate), user, place),
                Err(unknown) => self.may_be_more(unknown),
            }
        }
    }

    fn of_built_in_pools(&mut self, view: SnapshotView<'t>) {
        let role = view.cluster().and_then(|cluster| {
            let config = cluster.object(&["computeConfig"])?;
            let role = config.map(|config| config.optional_reference("nodeRoleArn")).transpose()?.flatten();
            Ok(role.map(|role| (role, cluster.pointer().key("computeConfig").key("nodeRoleArn"))))
        });
        match role {
            Ok(Some((role, place))) => self.add(role, Ok(NodeSort::AutoMode), NodeUser::BuiltInPools, place),
            Ok(None) => {}
            Err(unknown) => self.may_be_more(unknown),
        }
    }

    /// Nodes outside managed node groups, by their instance profiles.
    fn of_instances(&mut self, view: SnapshotView<'t>) {
        view.more("instances").into_iter().for_each(|why| self.may_be_more(why));
        let cluster = name_of_cluster(view);
        let managed: HashSet<_> = view.items("nodegroups").filter_map(|group| group.key()).collect();
        for instance in view.items("instances") {
            match roles_of_instance(view, &instance, &cluster, &managed) {
                Ok(None) => {}
                Ok(Some(roles)) => {
                    let user = NodeUser::Placed(NodeKind::Instance, owner(&instance));
                    let place = instance.pointer().key("IamInstanceProfile").key("Arn");
                    let sort = sort_of_instance(&instance);
                    roles.into_iter().for_each(|role| self.add(role, sort.clone(), user, place.clone()));
                }
                Err(unknown) => self.may_be_more(unknown),
            }
        }
    }
}

/// Whether EKS is about to remove it, and with it what it made for its role.
fn is_going(item: &ResourceView<'_>) -> bool {
    item.optional_text("status") == Ok(Some("DELETING"))
}

/// The roles of an instance that is a node outside managed node groups; none if it is not.
fn roles_of_instance<'t>(
    view: SnapshotView<'t>,
    instance: &ResourceView<'t>,
    cluster: &Known<&str>,
    managed: &HashSet<&str>,
) -> Known<Option<Vec<&'t str>>> {
    if !is_outside_groups(instance, cluster, managed)? {
        return Ok(None);
    }
    roles_of_profile(view, profile_of_node(instance)?).map(Some)
}

/// What stands between a kubelet that reached the API server and the cluster.
struct Door<'i, 't> {
    iam: &'i Iam<'t>,
    mode: Known<&'t str>,
    aws_auth: Known<AwsAuth>,
}

/// What the access entry of a role says.
enum Entry {
    Absent,
    Admits(String),
    Refuses(String),
    /// It does not match the role of today.
    Dead(String),
}

impl<'i, 't> Door<'i, 't> {
    fn of(iam: &'i Iam<'t>) -> Self {
        let cluster = iam.view.cluster();
        let mode = cluster.and_then(|cluster| cluster.text_under(&["accessConfig", "authenticationMode"]));
        Self { iam, mode, aws_auth: AwsAuth::of(iam.view) }
    }

    fn meets(&self, comer: Comer<'t>) -> NodeRole<'t> {
        let answer = self.answer(comer.role, &comer.sort);
        let (admitted, reason) = match answer {
            Ok((admitted, reason)) => (Ok(admitted), reason),
            Err(unknown) => (Err(unknown.clone()), unknown.reason),
        };
        let Comer { role, sort, used_by, place } = comer;
        NodeRole { role: Some(role), sort, used_by, admitted, reason, place }
    }

    /// Whether a role is admitted, and why. The access entry of a role comes before `aws-auth`; which of the two
    /// counts at all, the authentication mode says.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/migrating-access-entries.html>
    fn answer(&self, role: &str, sort: &Known<NodeSort>) -> Known<(bool, String)> {
        let mode = self.mode.as_ref().map_err(Clone::clone);
        if mode == Ok(&"CONFIG_MAP") {
            return self.by_map(role, sort, "");
        }
        let entry = self.entry(role, sort)?;
        let nothing = match &entry {
            Entry::Admits(why) => return Ok((true, why.clone())),
            Entry::Refuses(why) => return Ok((false, why.clone())),
            Entry::Absent => "the cluster has no access entry for it",
            Entry::Dead(why) => why.as_str(),
        };
        match (mode, self.by_map(role, sort, nothing)) {
            (Ok(&"API"), _) => Ok((false, nothing.to_owned())),
            (Ok(&"API_AND_CONFIG_MAP"), mapped) => mapped,
            // Where aws-auth does not help either, it does not matter whether it counts.
            (_, Ok((false, why))) => Ok((false, why)),
            (Err(unknown), _) => Err(unknown),
            (Ok(other), _) => Err(Unknown::undecided(format!("{other} is no known authentication mode"))),
        }
    }

    fn by_map(&self, role: &str, sort: &Known<NodeSort>, before: &str) -> Known<(bool, String)> {
        let and = |text: &str| match before {
            "" => text.to_owned(),
            before => format!("{before}, and {text}"),
        };
        let map = self.aws_auth.as_ref().map_err(Clone::clone)?;
        self.iam.view.literal(role)?;
        let mapped = map.of_role(role, sort)?;
        Ok(match mapped {
            Mapped::AsNode => (true, "aws-auth makes nodes of those who have it".to_owned()),
            Mapped::Not => (false, and("aws-auth does not name it")),
            Mapped::Useless(why) => (false, and(&format!("aws-auth {why}"))),
        })
    }

    fn entry(&self, role: &str, sort: &Known<NodeSort>) -> Known<Entry> {
        let Some(entry) = self.iam.view.find("accessEntries", role)? else { return Ok(Entry::Absent) };
        let entry_type = entry.text("type")?;
        if !ENTRY_TYPES.contains(&entry_type) {
            return Err(Unknown::undecided(format!(
                "the access entry of {role} has the type {entry_type}, of which ekslint knows nothing"
            )));
        }
        if !serves(sort, entry_type)? {
            return Ok(Entry::Refuses(wrong_type(sort, entry_type)));
        }
        if *sort == Ok(NodeSort::AutoMode) && !has_node_policy(&entry)? {
            return Ok(Entry::Refuses(
                "its access entry lacks the access policy AmazonEKSAutoNodePolicy for the whole cluster"
                    .to_owned(),
            ));
        }
        Ok(match entries::state(self.iam, role, &entry)? {
            PrincipalState::Recreated => Entry::Dead(
                "it was made again after its access entry, which does not match it any more".to_owned(),
            ),
            PrincipalState::Missing => Entry::Dead("it does not exist any more".to_owned()),
            PrincipalState::Current => Entry::Admits(format!("its access entry has the type {entry_type}")),
        })
    }

    /// What is known of hybrid nodes, of which AWS tells neither number nor role: without any entry for such nodes,
    /// no role of theirs can be admitted.
    fn hybrid_nodes(&self) -> Option<NodeRole<'t>> {
        let view = self.iam.view;
        let cluster = view.cluster().ok()?;
        let remote = cluster.list_under(&["remoteNetworkConfig", "remoteNodeNetworks"]).ok()?;
        if remote.is_empty() || self.mode != Ok("API") {
            return None;
        }
        let sort = NodeSort::Hybrid;
        let mut entries = view.all_items("accessEntries").ok()?;
        // What cannot be read may be one.
        if entries.any(|entry| entry.text("type").map_or(true, |known| known == sort.entry_type())) {
            return None;
        }
        Some(NodeRole {
            role: None,
            sort: Ok(sort),
            used_by: vec![NodeUser::Hybrid],
            admitted: Ok(false),
            reason: "the cluster has no access entry of the type HYBRID_LINUX".to_owned(),
            place: cluster.pointer().key("remoteNetworkConfig").key("remoteNodeNetworks"),
        })
    }
}

fn wrong_type(sort: &Known<NodeSort>, entry_type: &str) -> String {
    let needed = sort.as_ref().map_or("EC2_LINUX or EC2_WINDOWS", |sort| sort.entry_type());
    // Such kubelets get in, and what makes services work does not.
    let windows = *sort == Ok(NodeSort::Windows) && NodeSort::Linux.is_served_by(entry_type);
    let means = if windows { ", with which kube-proxy on Windows is refused" } else { "" };
    format!("its access entry has the type {entry_type}{means}, and such nodes need {needed}")
}

/// Whether an entry of a type is enough for nodes. Where it is not known whether they run Windows, only a type that
/// is enough for both, or for neither, decides.
fn serves(sort: &Known<NodeSort>, entry_type: &str) -> Known<bool> {
    match sort {
        Ok(sort) => Ok(sort.is_served_by(entry_type)),
        Err(unknown) => {
            let (linux, windows) = (NodeSort::Linux, NodeSort::Windows);
            let answer = linux.is_served_by(entry_type);
            if answer == windows.is_served_by(entry_type) { Ok(answer) } else { Err(unknown.clone()) }
        }
    }
}

fn has_node_policy(entry: &ResourceView<'_>) -> Known<bool> {
    let mut found = false;
    for policy in entry.objects(&["associatedAccessPolicies", "*"])? {
        let policy = policy?;
        if policy.text("policyArn")?.ends_with(AUTO_NODE_POLICY) {
            let scope = policy.object(&["associatedAccessPolicies", "*", "accessScope"])?;
            found |= scope.ok_or_else(|| policy.absent("accessScope"))?.text("type")? == "cluster";
        }
    }
    Ok(found)
}
