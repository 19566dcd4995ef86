//! The facts of `facts.openIDConnectProviders[…]`: which clusters providers are for.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html>

use super::Iam;
use super::oidc::{is_of_eks, issuer_of, only_sts};
use super::uses::{part, text};
use crate::facts::known::Known;
use crate::snapshot::Unknown;
use crate::value::Node;

/// The facts about all providers, by ARN.
pub(super) fn facts<'t>(iam: &Iam<'t, '_>) -> Node<'t> {
    let part = match part(iam.snapshot, "openIDConnectProviders") {
        Ok(part) => part,
        Err(unknown) => return iam.builder.unknown(&unknown),
    };
    let builder = iam.builder;
    let facts = part.items().iter().enumerate().filter_map(|(at, item)| {
        let arn = text(*item, "Arn")?;
        let issuer = issuer_of(arn).unwrap_or_default();
        let audiences = iam.provider(arn).audiences.map(Option::unwrap_or_default);
        let users = users(iam, issuer);
        let stale = users.as_ref().map(|users| is_of_eks(issuer) && users.is_empty()).map_err(Clone::clone);
        let users = users.map(|users| builder.list(users.into_iter().map(Node::Str)));
        let fields = [
            ("issuer", Node::Str(issuer)),
            ("isEks", Node::Bool(is_of_eks(issuer))),
            ("inUseBy", builder.known(users)),
            ("stale", builder.flag(stale)),
            ("onlySts", builder.flag(audiences.map(|audiences| only_sts(&audiences)))),
        ];
        Some((arn, builder.object_at(part.item_pointer(at).as_str(), fields)))
    });
    builder.object(facts.collect::<Vec<_>>())
}

/// The clusters whose issuer it is: at most one exists.
fn users<'t>(iam: &Iam<'t, '_>, issuer: &str) -> Known<Vec<&'t str>> {
    if !is_of_eks(issuer) {
        return Ok(Vec::new());
    }
    if iam.is_own_issuer(issuer) == Ok(true) {
        let cluster = iam.snapshot.cluster().and_then(|cluster| text(cluster, "name"));
        let absent = || Unknown::field_absent("/cluster/name", Some("eks:DescribeCluster".to_owned()));
        return cluster.map(|name| vec![name]).ok_or_else(absent);
    }
    of_region(iam, issuer)?;
    let part = part(iam.snapshot, "regionClusters")?;
    let mut unknown = part.incomplete.clone();
    for cluster in part.items() {
        match text(*cluster, "issuer") {
            Some(known) if known.strip_prefix("https://").unwrap_or(known) == issuer => {
                return Ok(text(*cluster, "name").into_iter().collect());
            }
            // A connected cluster has neither a role nor an issuer.
            None if text(*cluster, "roleArn").is_some() => {
                let name = text(*cluster, "name").unwrap_or_default();
                let words = format!("the issuer of the cluster {name} is not in the snapshot");
                unknown.get_or_insert(Unknown::undecided(words));
            }
            _ => {}
        }
    }
    unknown.map_or(Ok(Vec::new()), Err)
}

/// Fails for issuers of other regions: their clusters are not in the snapshot.
fn of_region(iam: &Iam<'_, '_>, issuer: &str) -> Known<()> {
    let of = issuer.strip_prefix("oidc.eks.").or_else(|| issuer.strip_prefix("oidc-eks."));
    let region = of.and_then(|rest| rest.split('.').next()).unwrap_or_default();
    match iam.snapshot.identity.region.as_deref() {
        Some(own) if own == region => Ok(()),
        _ => Err(Unknown::undecided(format!("the clusters of the region {region} are not in the snapshot"))),
    }
}
