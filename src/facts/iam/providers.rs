//! The facts of `facts.openIDConnectProviders[…]`: which clusters providers are for.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html>

use super::Iam;
use super::oidc::only_sts;
use crate::facts::known::Known;
use crate::snapshot::Unknown;
use crate::value::Json;

/// The facts about all providers, by ARN.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    if let Err(unknown) = iam.view.section("openIDConnectProviders") {
        return iam.builder.unknown(&unknown);
    }
    let builder = iam.builder;
    let facts = iam.view.items("openIDConnectProviders").filter_map(|provider| {
        let arn = provider.key()?;
        let issuer = match iam.issuer_of(arn) {
            Ok(issuer) => issuer.unwrap_or_default(),
            Err(unknown) => return Some((arn, builder.unknown(&unknown))),
        };
        let is_of_eks = iam.is_of_eks(issuer);
        let audiences = iam.provider(arn).audiences.map(Option::unwrap_or_default);
        let users = users(iam, issuer);
        let stale =
            users.as_ref().map_err(Clone::clone).and_then(|users| Ok(is_of_eks.clone()? && users.is_empty()));
        let users = users.map(|users| builder.list(users.into_iter().map(Json::Str)));
        let fields = [
            ("issuer", Json::Str(issuer)),
            ("isEks", builder.flag(is_of_eks)),
            ("inUseBy", builder.known(users)),
            ("stale", builder.flag(stale)),
            ("onlySts", builder.flag(audiences.map(|audiences| only_sts(&audiences)))),
        ];
        Some((arn, builder.object_at(provider.pointer().as_str(), fields)))
    });
    builder.object(facts)
}

/// The clusters whose issuer it is: at most one exists.
fn users<'t>(iam: &Iam<'t>, issuer: &str) -> Known<Vec<&'t str>> {
    if !iam.is_of_eks(issuer)? {
        return Ok(Vec::new());
    }
    if iam.is_own_issuer(issuer) == Ok(true) {
        return Ok(vec![iam.view.cluster()?.reference(&["name"])?]);
    }
    of_region(iam, issuer)?;
    let mut unknown = iam.view.more("regionClusters");
    for cluster in iam.view.items("regionClusters") {
        match cluster.optional_text("issuer") {
            Ok(Some(known)) if known.strip_prefix("https://").unwrap_or(known) == issuer => {
                return Ok(cluster.key().into_iter().collect());
            }
            Ok(Some(_)) => {}
            // A connected cluster has neither a role nor an issuer.
            Ok(None) if cluster.optional("roleArn") == Ok(None) => {}
            Ok(None) => {
                let name = cluster.key().unwrap_or_default();
                let words = format!("the issuer of the cluster {name} is not in the snapshot");
                unknown.get_or_insert(Unknown::undecided(words));
            }
            Err(unread) => {
                unknown.get_or_insert(unread);
            }
        }
    }
    unknown.map_or(Ok(Vec::new()), Err)
}

/// Fails for issuers of other regions: their clusters are not in the snapshot.
fn of_region(iam: &Iam<'_>, issuer: &str) -> Known<()> {
    let of = issuer.strip_prefix("oidc.eks.").or_else(|| issuer.strip_prefix("oidc-eks."));
    let region = of.and_then(|rest| rest.split('.').next()).unwrap_or_default();
    match iam.view.snapshot.identity.region.as_deref() {
        Some(own) if own == region => Ok(()),
        _ => Err(Unknown::undecided(format!("the clusters of the region {region} are not in the snapshot"))),
    }
}
