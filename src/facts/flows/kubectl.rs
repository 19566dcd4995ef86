//! kubectl → API server: from where it can be reached. The public endpoint accepts a list of
//! blocks; the private one what the security groups on the control plane's interfaces admit.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::super::known::Known;
use super::super::network::groups::{Direction, Entry, HTTPS};
use super::super::network::vpc::Vpc;
use super::super::network::workers::ControlPlane;
use super::super::view::ResourceView;
use super::endpoint::Endpoint;
use crate::snapshot::Unknown;

/// From where the API server can be reached.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Access<'s> {
    /// From more than half of the internet.
    pub(in crate::facts) from_internet: Known<bool>,
    /// The blocks that the public endpoint accepts, merged; none if it is off.
    pub(in crate::facts) public_ranges: Vec<String>,
    /// Why there may be more of them.
    pub(in crate::facts) more_ranges: Option<Unknown>,
    /// What the groups on the interfaces admit; none if the private endpoint is off.
    pub(in crate::facts) private: Vec<PrivateSource<'s>>,
    /// Why there may be more private sources.
    pub(in crate::facts) more: Option<Unknown>,
}

/// A source that a group admits on 443.
#[derive(Clone, Debug)]
pub(in crate::facts) struct PrivateSource<'s> {
    pub(in crate::facts) group: ResourceView<'s>,
    pub(in crate::facts) entry: Entry<'s>,
}

/// Works it out.
pub(in crate::facts) fn access<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<Endpoint>,
    plane: &ControlPlane<'s>,
) -> Known<Access<'s>> {
    let endpoint = endpoint.as_ref().map_err(Clone::clone)?;
    let ranges = endpoint.accepts.ranges().filter(|_| endpoint.public);
    let (private, more) = if endpoint.private { sources(vpc, plane) } else { (Vec::new(), None) };
    Ok(Access {
        from_internet: if endpoint.public { endpoint.accepts.is_open_to_internet() } else { Ok(false) },
        public_ranges: ranges.map(|range| range.to_string()).collect(),
        more_ranges: endpoint.accepts.more().filter(|_| endpoint.public).cloned(),
        private,
        more,
    })
}

fn sources<'s>(vpc: &Vpc<'s>, plane: &ControlPlane<'s>) -> (Vec<PrivateSource<'s>>, Option<Unknown>) {
    let ids = match &plane.groups {
        Ok(ids) => ids,
        Err(unknown) => return (Vec::new(), Some(unknown.clone())),
    };
    let (mut sources, mut more) = (Vec::new(), None);
    for id in ids {
        let found = vpc.view.get("securityGroups", id);
        match found.and_then(|group| Ok((group, vpc.entries(id, Direction::In)?))) {
            Ok((group, entries)) => {
                let admitted = entries.iter().filter(|entry| entry.is_for(HTTPS)).cloned();
                sources.extend(admitted.map(|entry| PrivateSource { group, entry }));
            }
            Err(unknown) => more = Some(unknown),
        }
    }
    (sources, more)
}
