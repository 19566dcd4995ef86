//! The Availability Zones of a cluster's subnets.
//!
//! An answer of AWS has the id of each zone. A template often has the name alone: in one account each name is one zone, but which id
//! that is, no template says. And of the names that a data source lists, it says only which one of them.

use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::{Unknown, template};

/// The lists of `data.aws_availability_zones`, which have each zone once.
const LISTS: [&str; 2] = [".names", ".zone_ids"];

/// The lists of CloudFormation's function and of eksctl, which have each zone once too.
const FUNCTIONS: [&str; 2] = ["${Fn::GetAZs", "${availability zones of eksctl"];

/// A zone as a subnet names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Zone<'s> {
    text: &'s str,
    is_id: bool,
    is_symbol: bool,
}

impl<'s> Zone<'s> {
    fn of(view: SnapshotView<'s>, subnet: &ResourceView<'s>) -> Known<Self> {
        let id = subnet.optional("AvailabilityZoneId")?;
        // What AWS answers has both; there, a subnet without the id is one of which it is not known.
        let is_id = id.is_some() || !view.snapshot.is_of_template();
        let text = subnet.reference(&[if is_id { "AvailabilityZoneId" } else { "AvailabilityZone" }])?;
        Ok(Self { text, is_id, is_symbol: view.symbol(text).is_some() })
    }

    /// Whether it is a zone of the region, as all are into which EKS puts network interfaces: `use1-az4` or `us-east-1a`, but
    /// neither the Local Zone `usw2-lax1-az1` or `us-west-2-lax-1a` nor a Wavelength Zone.
    fn is_of_region(&self) -> bool {
        let mut parts = self.text.split('-');
        match (self.is_symbol, self.is_id) {
            (true, _) => true,
            (false, true) => parts.count() == 2,
            (false, false) => {
                parts.next_back();
                parts.all(|part| part.bytes().all(|byte| byte.is_ascii_lowercase()))
            }
        }
    }

    /// Whether it is certainly another one.
    fn differs(&self, other: &Self) -> bool {
        match (listed(self.text), listed(other.text)) {
            _ if self.is_id != other.is_id => false,
            (Some((list, at)), Some((other_list, other_at))) if self.is_symbol && other.is_symbol => {
                list == other_list && at != other_at
            }
            _ => !self.is_symbol && !other.is_symbol && self.text != other.text,
        }
    }
}

/// The list of a data source that a symbol is an item of, and which item.
fn listed(symbol: &str) -> Option<(&str, usize)> {
    let (list, at) = symbol.strip_suffix("]}")?.rsplit_once('[')?;
    let is_data = list.contains("data.aws_availability_zones.");
    let is_list = is_data && LISTS.iter().any(|end| list.ends_with(end))
        || FUNCTIONS.iter().any(|start| list.starts_with(start));
    Some((list, at.parse().ok()?)).filter(|_| is_list)
}

/// The zones of the region in which the cluster's subnets are, each once, and why there may be more.
pub(crate) fn of_cluster<'s>(view: SnapshotView<'s>) -> Known<(Vec<&'s str>, Option<Unknown>)> {
    let ids = view.cluster()?.list_under(&["resourcesVpcConfig", "subnetIds"])?;
    let (mut zones, mut more): (Vec<Zone<'s>>, _) = (Vec::new(), None);
    for node in ids {
        let id = view.cluster()?.as_id("subnets", &["resourcesVpcConfig", "subnetIds"], *node);
        match id.and_then(|id| view.get("subnets", id)).and_then(|subnet| Zone::of(view, &subnet)) {
            Ok(zone) if !zone.is_of_region() || zones.contains(&zone) => {}
            Ok(zone) if zones.iter().all(|known| known.differs(&zone)) => zones.push(zone),
            Ok(zone) => {
                more.get_or_insert_with(|| template::not_known(zone.text, ""));
            }
            Err(unknown) => {
                more.get_or_insert(unknown);
            }
        }
    }
    Ok((zones.iter().map(|zone| zone.text).collect(), more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_differ_where_that_is_certain() {
        let zone = |text: &'static str| Zone { text, is_id: false, is_symbol: text.starts_with("${") };
        let names = "${data.aws_availability_zones.x.names[0]}";
        for (one, other, expected) in [
            ("eu-west-1a", "eu-west-1b", true),
            (names, "${data.aws_availability_zones.x.names[1]}", true),
            (names, "${data.aws_availability_zones.y.names[1]}", false),
            (names, "${data.aws_availability_zones.x.names}", false),
            (names, "eu-west-1a", false),
            ("${Fn::GetAZs[0]}", "${Fn::GetAZs[1]}", true),
            ("${Fn::GetAZs[0]}", "${Fn::GetAZs(us-east-1)[1]}", false),
            ("${aws_subnet.a.availability_zone}", "${aws_subnet.b.availability_zone}", false),
        ] {
            assert_eq!(zone(one).differs(&zone(other)), expected, "{one} {other}");
        }
        assert!(!Zone { is_id: true, ..zone("euw1-az1") }.differs(&zone("eu-west-1a")));
        for (text, expected) in
            [("us-gov-west-1a", true), ("us-west-2-lax-1a", false), ("us-east-1-wl1-bos-wlz-1", false)]
        {
            assert_eq!(zone(text).is_of_region(), expected, "{text}");
        }
    }
}
