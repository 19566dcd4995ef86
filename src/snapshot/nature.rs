//! What a cluster cannot have by its nature: EKS refuses to answer about it, and nothing is missing.

use super::Section;
use crate::value::Json;

/// What local clusters on Outposts with Amazon EBS do not have, by section:
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts.html>
const NOT_ON_EBS: [&str; 8] = [
    "nodegroups",
    "fargateProfiles",
    "addons",
    "accessEntries",
    "podIdentityAssociations",
    "identityProviderConfigs",
    "insights",
    "capabilities",
];
/// What local clusters on Outposts with instance store do not have: their nodes are self-managed.
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts-instance-store-local-cluster-create.html>
const NOT_ON_INSTANCE_STORE: [&str; 2] = ["nodegroups", "fargateProfiles"];

/// The field of `outpostConfig` that local clusters on instance store have.
pub(super) const ETCD_INSTANCES: &str = "etcdInstanceType";

/// Why a cluster has nothing in a section, if that is so by its nature. A refusal of anything else is one: what such a
/// cluster can have is missing then.
pub(crate) fn why_nothing(section: &Section, cluster: Option<Json<'_>>) -> Option<&'static str> {
    let field = |path: [&str; 2]| cluster?.get_go_cased(path[0])?.get_go_cased(path[1]);
    let object = |name: &str| cluster?.get_go_cased(name).filter(|node| node.as_object().is_some());
    let is_among = |lacks: &[&str]| lacks.contains(&section.name.as_str());
    if section.service.as_deref() == Some("eks") && object("connectorConfig").is_some() {
        return Some("the cluster is connected to EKS and runs elsewhere");
    }
    if object("outpostConfig").is_some() {
        let lacks = match field(["outpostConfig", ETCD_INSTANCES]).filter(|node| !node.is_null()) {
            Some(_) => is_among(&NOT_ON_INSTANCE_STORE),
            None => is_among(&NOT_ON_EBS),
        };
        if lacks {
            return Some("a local cluster of this kind on an Outpost has none");
        }
    }
    let mode = field(["accessConfig", "authenticationMode"]).and_then(|mode| mode.as_str());
    let aws_auth_only = section.name == "accessEntries" && mode == Some("CONFIG_MAP");
    aws_auth_only.then_some("the cluster uses aws-auth only (authentication mode CONFIG_MAP)")
}
