//! Who may do everything in a cluster, for people: by access entries, and by the ConfigMap `aws-auth` where it counts.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html>

use super::Listed;
use crate::facts::iam::{MappedPrincipal, masters};
use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::{ClusterType, Unknown, UnknownKind};
use crate::value::Pointer;

/// The policy of EKS that allows everything; its ARN has the partition.
const ADMIN_POLICY: &str = "/AmazonEKSClusterAdminPolicy";

/// Somebody who may do everything in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterAdmin {
    /// The ARN of the role or user.
    pub principal: String,
    /// By what.
    pub way: AdminWay,
    /// Where that is written.
    pub place: Pointer,
}

/// What makes somebody an administrator of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminWay {
    /// An access entry with `AmazonEKSClusterAdminPolicy` on the whole cluster.
    AccessEntry,
    /// `aws-auth`, which puts it into the group `system:masters`.
    AwsAuth,
}

impl AdminWay {
    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::AccessEntry => "access entry with AmazonEKSClusterAdminPolicy",
            Self::AwsAuth => "aws-auth, group system:masters",
        }
    }
}

/// The administrators of a cluster, and why there may be more.
pub(super) fn admins(view: SnapshotView<'_>) -> Listed<ClusterAdmin> {
    let mut all = Listed { items: Vec::new(), more: Vec::new() };
    if view.snapshot.kind == ClusterType::Connected {
        return all;
    }
    // Clusters whose mode is not known may have both.
    let mode = view.cluster().and_then(|cluster| cluster.text_under(&["accessConfig", "authenticationMode"]));
    if mode != Ok("CONFIG_MAP") {
        by_access_entries(view, &mut all);
    }
    match mode {
        Ok("API") => {}
        Ok(mode) => by_aws_auth(view, mode, &mut all),
        Err(unknown) => all.more.push(unknown),
    }
    all.sorted()
}

fn by_access_entries(view: SnapshotView<'_>, all: &mut Listed<ClusterAdmin>) {
    all.more.extend(view.more("accessEntries"));
    for entry in view.items("accessEntries") {
        match admin_policy(&entry) {
            Ok(Some((principal, policy))) => {
                let place = entry.pointer().key("associatedAccessPolicies").index(policy).key("policyArn");
                let principal = principal.to_owned();
                all.items.push(ClusterAdmin { principal, way: AdminWay::AccessEntry, place });
            }
            Ok(None) => {}
            Err(unknown) => all.more.push(unknown),
        }
    }
}

/// The principal of an entry, and which of its policies makes it an administrator; none if none does.
fn admin_policy<'s>(entry: &ResourceView<'s>) -> Known<Option<(&'s str, usize)>> {
    entry.why_incomplete().map_or(Ok(()), Err)?;
    let is_admin = |policy: ObjectView<'s>| {
        let scope = policy.object(&["accessScope"])?;
        let scope = scope.map(|scope| scope.text("type")).transpose()?;
        Ok(scope == Some("cluster") && policy.reference("policyArn")?.ends_with(ADMIN_POLICY))
    };
    let mut unknown = None;
    let policies = entry.objects_or_unknown(&["associatedAccessPolicies", "*"]);
    for (at, policy) in policies.into_iter().enumerate() {
        match policy.and_then(is_admin) {
            Ok(true) => return Ok(Some((entry.text("principalArn")?, at))),
            Ok(false) => {}
            Err(why) => unknown = Some(why),
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// Where `aws-auth` counts. Who created a cluster without access entries is its administrator, and no API says who that was.
fn by_aws_auth(view: SnapshotView<'_>, mode: &str, all: &mut Listed<ClusterAdmin>) {
    if mode == "CONFIG_MAP" {
        let reason = "who created the cluster is its administrator, which AWS APIs do not show".to_owned();
        all.more.push(Unknown { kind: UnknownKind::NotRequested, ..Unknown::undecided(reason) });
    }
    for mapped in masters(view) {
        match mapped {
            Ok(MappedPrincipal { principal, place }) => {
                all.items.push(ClusterAdmin { principal, way: AdminWay::AwsAuth, place });
            }
            Err(unknown) => all.more.push(unknown),
        }
    }
}
