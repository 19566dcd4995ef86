//! kubectl → API server: from where it can be reached. The public endpoint accepts a list of
//! blocks; the private one what the security groups on the control plane's interfaces admit.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::endpoint::ApiServerEndpoint;
use crate::facts::known::Known;
use crate::facts::network::connection::{Direction, HTTPS};
use crate::facts::network::control_plane::ControlPlane;
use crate::facts::network::security_groups::{RulePeer, SecurityGroupRule};
use crate::facts::network::vpc::Vpc;
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;

/// From where the API server can be reached.
#[derive(Clone, Debug)]
pub(crate) struct KubectlAccess<'s> {
    /// From more than half of the internet.
    pub(crate) from_internet: Known<bool>,
    /// The blocks that the public endpoint accepts, merged; none if it is off.
    pub(crate) public_ranges: Vec<String>,
    /// Why there may be more of them.
    pub(crate) more_ranges: Option<Unknown>,
    /// What the groups on the interfaces admit; none if the private endpoint is off.
    pub(crate) private: Vec<PrivateSource<'s>>,
    /// Why there may be more private sources.
    pub(crate) more: Option<Unknown>,
}

/// A source that a group admits on 443.
#[derive(Clone, Debug)]
pub(crate) struct PrivateSource<'s> {
    pub(crate) group: ResourceView<'s>,
    pub(crate) rule: SecurityGroupRule<'s>,
    /// Whom the rule names.
    pub(crate) peer: RulePeer<'s>,
}

/// Works it out.
pub(crate) fn access<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<ApiServerEndpoint>,
    control_plane: &ControlPlane<'s>,
) -> Known<KubectlAccess<'s>> {
    let endpoint = endpoint.as_ref().map_err(Clone::clone)?;
    let ranges = endpoint.accepts.union().ranges().filter(|_| endpoint.public);
    let (private, more) = if endpoint.private { sources(vpc, control_plane) } else { (Vec::new(), None) };
    Ok(KubectlAccess {
        from_internet: if endpoint.public { endpoint.accepts.is_open_to_internet() } else { Ok(false) },
        public_ranges: ranges.map(|range| range.to_string()).collect(),
        more_ranges: endpoint.accepts.more().filter(|_| endpoint.public).cloned(),
        private,
        more,
    })
}

fn sources<'s>(vpc: &Vpc<'s>, control_plane: &ControlPlane<'s>) -> (Vec<PrivateSource<'s>>, Option<Unknown>) {
    let ids = match &control_plane.security_groups {
        Ok(ids) => ids,
        Err(unknown) => return (Vec::new(), Some(unknown.clone())),
    };
    let (mut sources, mut more) = (Vec::new(), None);
    for id in ids {
        let found = vpc.view.get("securityGroups", id);
        match found.and_then(|group| Ok((group, vpc.security_group_rules(id, Direction::In)?))) {
            Ok((group, rules)) => {
                let admitting = |rule: &&Known<SecurityGroupRule<'s>>| {
                    rule.as_ref().map_or(true, |rule| rule.is_for(HTTPS))
                };
                for rule in rules.iter().filter(admitting) {
                    match rule.as_ref().and_then(|rule| Ok((rule, rule.peer.as_ref()?))) {
                        Ok((rule, peer)) => {
                            sources.push(PrivateSource { group, rule: rule.clone(), peer: peer.clone() });
                        }
                        Err(unknown) => more = Some(unknown.clone()),
                    }
                }
            }
            Err(unknown) => more = Some(unknown),
        }
    }
    (sources, more)
}
