//! Nodes with several security groups that have the tag of the cluster. Whatever registers nodes or pods
//! with a load balancer opens one group to it, finds that one by the tag, and gives up where there are two.
//!
//! <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/>

use super::Network;
use super::instances::unnamed_cluster;
use crate::facts::known::Known;
use crate::facts::view::SnapshotView;
use crate::snapshot::Unknown;
use crate::value::Pointer;

/// Groups with the tag that nodes have together.
#[derive(Clone, Debug)]
pub(crate) struct TaggedTogether<'s> {
    /// All of them, the cluster security group first.
    pub(crate) groups: Vec<&'s str>,
    /// The one whose tag is one too many. EKS itself puts it on the cluster security group.
    pub(crate) extra: &'s str,
    /// Titles of the nodes.
    pub(crate) used_by: Vec<String>,
    /// The extra group's tags.
    pub(crate) place: Pointer,
}

/// The groups that nodes have together, each set once, and why there may be more of them.
pub(crate) fn tagged_together<'s>(network: &Network<'s>) -> Known<Vec<Known<TaggedTogether<'s>>>> {
    let view = network.vpc.view;
    let name = view.cluster().and_then(|cluster| cluster.reference(&["name"]));
    let key = format!("kubernetes.io/cluster/{}", name.map_err(|_| unnamed_cluster(view))?);
    view.section("securityGroups")?;
    let may_be = may_be_tagged(view, &key);
    if may_be < 2 && view.more("securityGroups").is_none() {
        return Ok(Vec::new());
    }
    let own = view.vpc_config_id("securityGroups", "clusterSecurityGroupId").ok();
    let mut found: Vec<TaggedTogether<'s>> = Vec::new();
    let mut unknown: Option<Unknown> = None;
    for nodes in &network.nodes {
        let tagged = nodes.security_groups.as_ref().map_err(Clone::clone);
        match tagged.and_then(|groups| tagged_of(view, groups, &key)) {
            Ok(groups) => add(&mut found, view, own, groups, nodes.title()),
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    let more = unknown.or_else(|| network.more.first().cloned()).map(Err);
    Ok(found.into_iter().map(Ok).chain(more).collect())
}

/// How many groups have the tag, or may have it.
fn may_be_tagged(view: SnapshotView<'_>, key: &str) -> usize {
    view.items("securityGroups").filter(|group| group.tag(key) != Ok(None)).count()
}

/// Those of the groups that have the tag. Where the tags of some are not known it does not matter while they
/// cannot make two of them.
fn tagged_of<'s>(view: SnapshotView<'s>, groups: &[&'s str], key: &str) -> Known<Vec<&'s str>> {
    let (mut tagged, mut unknown) = (Vec::new(), Vec::new());
    for id in groups {
        match view.get("securityGroups", id).and_then(|group| group.tag(key)) {
            Ok(Some(_)) => tagged.push(*id),
            Ok(None) => {}
            Err(why) => unknown.push(why),
        }
    }
    match unknown.first() {
        Some(why) if tagged.len() < 2 && tagged.len() + unknown.len() >= 2 => Err(why.clone()),
        _ => Ok(tagged),
    }
}

fn add<'s>(
    found: &mut Vec<TaggedTogether<'s>>,
    view: SnapshotView<'s>,
    own: Option<&'s str>,
    mut groups: Vec<&'s str>,
    title: String,
) {
    groups.sort_by_key(|id| (Some(*id) != own, *id));
    groups.dedup();
    let [_, extra, ..] = groups[..] else { return };
    if let Some(known) = found.iter_mut().find(|known| known.groups == groups) {
        if !known.used_by.contains(&title) {
            known.used_by.push(title);
        }
        return;
    }
    let group = view.get("securityGroups", extra);
    let place = group.map(|group| group.place("Tags")).unwrap_or_default();
    found.push(TaggedTogether { groups, extra, used_by: vec![title], place });
}
